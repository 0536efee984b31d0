//! Objects in an S3 bucket.

mod connect;
mod failure;
mod read;
mod send;
mod upload;

use super::{Listed, Moved, Object, ObjectStore, Put, Tag, check_key, check_prefix};
use crate::connection::Env;
use crate::{Error, Result};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::DateTimeFormat;
use connect::Given;
use failure::{Asked, Failed, failure};
use send::Condition;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// How the service encrypts what it is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Encryption {
    /// As the bucket says.
    #[default]
    Bucket,
    /// With keys of S3 (SSE-S3).
    S3,
    /// With a key of the Key Management Service (SSE-KMS): this one, else that of the account.
    Kms(Option<String>),
}

/// How long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the answer to one request for something small.
    pub attempt: Duration,
    /// For all attempts together.
    pub operation: Duration,
    /// How often a request is made at most.
    pub attempts: u32,
    /// Bytes a second that a link has at least: what is large is waited for accordingly.
    pub slowest: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(4),
            operation: Duration::from_secs(13),
            attempts: 4,
            slowest: 128 << 10,
        }
    }
}

/// Where the objects are, and how they are kept there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct S3Options {
    /// The bucket.
    pub bucket: String,
    /// What all keys begin with, without a `/` at its end; may be empty.
    pub prefix: String,
    /// How objects are encrypted.
    pub encryption: Encryption,
    /// Whether the bucket stands in the path (`HOST/BUCKET`) instead of the host's name. Without it, it does where an
    /// endpoint is given.
    pub path_style: Option<bool>,
    /// How long is waited.
    pub patience: Patience,
}

/// Objects in a bucket, below a prefix. The tag is the ETag.
#[derive(Debug, Clone)]
pub struct S3Store {
    options: Arc<S3Options>,
    given: Arc<Given>,
    /// Made on first use, with the region.
    client: Arc<OnceCell<(Client, String)>>,
}

impl S3Store {
    /// The objects that the options name. `env` looks up the variables of the AWS tools (`AWS_ACCESS_KEY_ID`,
    /// `AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`, ...); what it does not know the AWS chain looks for, on
    /// first use. Nothing is asked yet.
    pub fn new(options: S3Options, env: Env<'_>) -> Self {
        Self { options: Arc::new(options), given: Arc::new(Given::of(env)), client: Arc::default() }
    }

    async fn client(&self) -> Result<&Client> {
        let made = self.client.get_or_try_init(|| self.given.connect(self.options.patience, self.options.path_style));
        made.await.map(|(client, _)| client)
    }

    fn bucket(&self) -> &str {
        &self.options.bucket
    }

    fn region(&self) -> &str {
        self.client.get().map_or("?", |(_, region)| region)
    }

    /// Who is spoken to, for messages.
    fn host(&self) -> String {
        match &self.given.endpoint {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("S3 ({})", self.region()),
        }
    }

    /// A key, or the beginning of one, as the bucket has it.
    fn full(&self, key: &str) -> String {
        if self.options.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.options.prefix) }
    }

    /// A key of the bucket as it is here.
    fn own<'a>(&self, full: &'a str) -> Option<&'a str> {
        full.strip_prefix(&self.full(""))
    }

    /// A text without what is secret.
    fn scrub(&self, text: &str) -> String {
        self.given.secrets().fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// An error of the SDK as one of ours.
    fn failed<E>(&self, asked: Asked<'_>, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let failed = Failed::of(error);
        let open = failed.is_open();
        failure(self, asked, &failed, open)
    }

    /// All keys that begin so, or the names up to the next `/` behind that.
    async fn list_all(&self, prefix: &str, delimiter: Option<&str>) -> Result<(Vec<Listed>, Vec<String>)> {
        check_prefix(prefix)?;
        let asked = Asked { right: "s3:ListBucket", doing: "listing", key: prefix };
        let full = self.full(prefix);
        let (mut objects, mut names, mut next) = (Vec::new(), Vec::new(), None);
        loop {
            let request = self.client().await?.list_objects_v2().bucket(self.bucket()).prefix(&full);
            let page = request.set_delimiter(delimiter.map(str::to_owned)).set_continuation_token(next).send().await;
            let page = page.map_err(|e| self.failed(asked, &e))?;
            for object in page.contents() {
                let key = object.key().and_then(|key| self.own(key)).filter(|key| check_key(key).is_ok());
                let at = object.last_modified().and_then(|at| at.fmt(DateTimeFormat::DateTime).ok());
                // Others may keep something else in the bucket.
                if let (Some(key), Some(at)) = (key, at) {
                    let size = object.size().unwrap_or_default().max(0).cast_unsigned();
                    objects.push(Listed { key: key.to_owned(), size, at });
                }
            }
            let below = page.common_prefixes().iter().filter_map(|common| common.prefix()?.strip_prefix(&full));
            names
                .extend(below.map(|name| name.trim_end_matches('/').to_owned()).filter(|name| check_key(name).is_ok()));
            next = page.next_continuation_token().map(str::to_owned);
            if next.is_none() {
                return Ok((objects, names));
            }
        }
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    fn place(&self) -> String {
        super::Location::S3 { bucket: self.bucket().to_owned(), prefix: self.options.prefix.clone() }.to_string()
    }

    fn is_remote(&self) -> bool {
        true
    }

    async fn get(&self, key: &str) -> Result<Option<Object>> {
        check_key(key)?;
        self.read_whole(key).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>> {
        Ok(self.list_all(prefix, None).await?.0)
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        Ok(self.list_all(prefix, Some("/")).await?.1)
    }

    async fn put_if_absent(&self, key: &str, content: &[u8]) -> Result<Put> {
        check_key(key)?;
        self.put(key, content.to_owned(), Condition::Absent).await
    }

    async fn put_if_match(&self, key: &str, content: &[u8], tag: &Tag) -> Result<Put> {
        check_key(key)?;
        self.put(key, content.to_owned(), Condition::Match(tag)).await
    }

    async fn upload(&self, key: &str, file: &Path, sha256: &str, moved: Moved<'_>) -> Result<Put> {
        check_key(key)?;
        self.upload_file(key, file, sha256, moved).await
    }

    async fn download(&self, key: &str, to: &Path, moved: Moved<'_>) -> Result<Option<String>> {
        check_key(key)?;
        self.read_into(key, to, moved).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        check_key(key)?;
        let asked = Asked { right: "s3:DeleteObject", doing: "removing", key };
        let request = self.client().await?.delete_object().bucket(self.bucket()).key(self.full(key));
        request.send().await.map(drop).map_err(|e| self.failed(asked, &e))
    }
}
