//! Objects on their way to S3: conditional, and with their SHA-256.

use super::failure::{Asked, Failed, failure};
use super::{Encryption, Put, S3Store, Tag};
use crate::{Error, Result, files};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::interceptors::FinalizerInterceptorContextRef;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use sha2::{Digest, Sha256};
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a write is tried that another one got in the way of.
pub(super) const CONFLICTS: u32 = 6;

/// When a write is wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Condition<'a> {
    Absent,
    Match(&'a Tag),
}

pub(super) fn asked(key: &str) -> Asked<'_> {
    Asked { right: "s3:PutObject", doing: "writing", key }
}

/// Notes whether one of the attempts at a request may have been carried out although no answer says so.
#[derive(Debug, Clone, Default)]
pub(super) struct Open(Arc<AtomicBool>);

impl Intercept for Open {
    fn name(&self) -> &'static str {
        "Open"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let open = match (context.response(), context.output_or_error()) {
            (Some(response), Some(Err(_))) => matches!(response.status().as_u16(), 200 | 500 | 502 | 504),
            (None, Some(Err(error))) => Failed::Link(format!("{error:?}")).is_open(),
            _ => false,
        };
        self.0.fetch_or(open, Ordering::Relaxed);
        Ok(())
    }
}

impl Open {
    /// Sorts the error that a request ended with.
    pub fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> (Failed, bool)
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let failed = Failed::of(error);
        let open = failed.is_open() || self.0.load(Ordering::Relaxed);
        (failed, open)
    }
}

impl S3Store {
    /// Writes an object in one request. The same content there already counts as done.
    pub(super) async fn put(&self, key: &str, content: Vec<u8>, condition: Condition<'_>) -> Result<Put> {
        let digest = Sha256::digest(&content);
        let (sha256, checksum) = (files::hex(&digest), files::base64(&digest));
        let size = content.len() as u64;
        // Shared, so that another attempt costs no copy.
        let content = aws_sdk_s3::primitives::SdkBody::from(content);
        let (encryption, kms_key) = self.encryption();
        for conflict in 1..=CONFLICTS {
            let open = Open::default();
            let body = content.try_clone().ok_or_else(|| Error::internal("the content cannot be sent twice"))?;
            let request = self.client().await?.put_object().bucket(self.bucket()).key(self.full(key));
            let request = request.body(ByteStream::new(body)).checksum_sha256(&checksum);
            let request = request.set_server_side_encryption(encryption.clone()).set_ssekms_key_id(kms_key.clone());
            let request = match condition {
                Condition::Absent => request.if_none_match("*"),
                Condition::Match(tag) => request.if_match(&tag.0),
            };
            let request = request.customize().interceptor(open.clone()).config_override(self.bounds(size, 1));
            let error = match request.send().await {
                Ok(answer) => return Ok(Put::Done(Tag(answer.e_tag.unwrap_or_default()))),
                Err(error) => error,
            };
            let (failed, open) = open.failed(&error);
            match (failed.status(), failed.code(), condition) {
                (412, ..) | (404, "NoSuchKey", Condition::Match(_)) => {
                    // It may be we who wrote it: an answer was lost, and the SDK has asked again.
                    match self.hash(key).await? {
                        Some((tag, there)) if there == sha256 => return Ok(Put::Done(tag)),
                        None if matches!(condition, Condition::Absent) => {}
                        _ => return Ok(Put::Refused),
                    }
                }
                // Somebody else writes at this very moment.
                (409, ..) => {}
                _ => return Err(failure(self, asked(key), &failed, open)),
            }
            if conflict == CONFLICTS {
                return Err(failure(self, asked(key), &failed, open));
            }
            pause(conflict).await;
        }
        Err(Error::internal("a write was not tried"))
    }

    /// How objects are encrypted, as a request says it.
    pub(super) fn encryption(&self) -> (Option<ServerSideEncryption>, Option<String>) {
        match &self.options.encryption {
            Encryption::Bucket => (None, None),
            Encryption::S3 => (Some(ServerSideEncryption::Aes256), None),
            Encryption::Kms(key) => (Some(ServerSideEncryption::AwsKms), key.clone()),
        }
    }

    /// How long is waited for a request with so many bytes, of which so many are on their way at once.
    pub(super) fn bounds(&self, bytes: u64, at_once: u32) -> aws_sdk_s3::config::Builder {
        let patience = self.options.patience;
        let moving = Duration::from_secs(bytes / patience.slowest.max(1)) * at_once;
        let bounds = TimeoutConfig::builder()
            .connect_timeout(patience.connect)
            .operation_attempt_timeout(patience.attempt + moving)
            .operation_timeout(patience.operation + moving * 2);
        aws_sdk_s3::config::Builder::new().timeout_config(bounds.build())
    }
}

/// Waits a little, and not as long as the others who wait.
pub(super) async fn pause(time: u32) {
    let drawn = std::collections::hash_map::RandomState::new().build_hasher().finish();
    let longest = 50_u64 << time.min(5);
    tokio::time::sleep(Duration::from_millis(10 + drawn % longest)).await;
}
