//! What S3 and the way to it say, as errors that name the way out.

use super::S3Store;
use crate::Error;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use std::error::Error as StdError;
use std::fmt;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The right that it takes.
    pub right: &'static str,
    /// A verb in its -ing form.
    pub doing: &'static str,
    /// What it was done to: a key, or the beginning of keys.
    pub key: &'a str,
}

impl Asked<'_> {
    fn writes(&self) -> bool {
        matches!(self.right, "s3:PutObject" | "s3:DeleteObject")
    }
}

/// Why there is no good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// The service refuses.
    Answer(Answer),
    /// There was none in time.
    Silent(String),
    /// The connection could not be made, or broke; or the request could not.
    Link(String),
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    pub status: u16,
    pub code: String,
    pub message: String,
    /// The bucket's region, where the answer tells it.
    pub region: Option<String>,
    /// By which the service finds the request again.
    pub request: Option<String>,
}

impl Failed {
    /// Sorts an error of the SDK.
    pub fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let Some(raw) = error.raw_response() else {
            let text = chain(error);
            let silent = matches!(error, SdkError::TimeoutError(_))
                || matches!(error, SdkError::DispatchFailure(failure) if failure.is_timeout());
            return if silent { Self::Silent(text) } else { Self::Link(text) };
        };
        let status = raw.status().as_u16();
        if raw.status().is_success() {
            // It broke within the answer.
            return Self::Link(chain(error));
        }
        let body = raw.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
        let header = |name: &str| raw.headers().get(name).map(str::to_owned);
        Self::Answer(Answer {
            status,
            // The answer to HEAD has no body.
            code: error.code().unwrap_or(without_body(status)).to_owned(),
            message: error.message().unwrap_or_default().to_owned(),
            region: header("x-amz-bucket-region").or_else(|| element(&body, "Region")),
            request: header("x-amz-request-id"),
        })
    }

    pub fn status(&self) -> u16 {
        if let Self::Answer(answer) = self { answer.status } else { 0 }
    }

    pub fn code(&self) -> &str {
        if let Self::Answer(answer) = self { &answer.code } else { "" }
    }

    /// Whether it may have been done all the same.
    pub fn is_open(&self) -> bool {
        match self {
            // Of others that are overloaded the service says so before it begins.
            Self::Answer(answer) => matches!(answer.status, 500 | 502 | 504),
            Self::Silent(text) | Self::Link(text) => !never_connected(text),
        }
    }
}

/// Whether no connection was made, so that nothing was sent.
fn never_connected(text: &str) -> bool {
    let tells = ["tcp connect error", "dns error", "invalid peer certificate", "HTTP connect timeout", "construct"];
    tells.iter().any(|tell| text.contains(tell))
}

/// The code that goes with a status.
fn without_body(status: u16) -> &'static str {
    match status {
        301 | 307 => "PermanentRedirect",
        403 => "AccessDenied",
        404 => "NotFound",
        412 => "PreconditionFailed",
        503 => "SlowDown",
        _ => "",
    }
}

/// The text of an element that holds no others.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, behind) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = behind.split_once(&format!("</{name}>"))?;
    // It goes into a message.
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-').then(|| text.to_owned())
}

/// All that an error and its causes say.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.iter().any(|before| before.contains(&text)) {
            told.push(text);
        }
        next = cause.source();
    }
    told.join(": ")
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.code.is_empty() { "no code" } else { self.code.as_str() };
        write!(f, "{name} (HTTP {})", self.status)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        self.request.iter().try_for_each(|id| write!(f, " (request {id})"))
    }
}

/// A failure as one of ours. `open`: whether what was to be written may have been written all the same.
pub(super) fn failure(store: &S3Store, asked: Asked<'_>, failed: &Failed, open: bool) -> Error {
    let place = format!("s3://{}/{}", store.bucket(), store.full(asked.key));
    let (what, hint) = match failed {
        Failed::Answer(answer) => refusal(store, asked, &place, answer),
        Failed::Silent(text) if never_connected(text) => (
            format!("{}: {} cannot be reached: it does not answer", asked.doing, store.host()),
            "check the network, the firewall, and the endpoint (AWS_ENDPOINT_URL_S3) if there is one".to_owned(),
        ),
        Failed::Silent(_) => (
            format!("{}: {} has not answered in time", asked.doing, store.host()),
            "the network or the service may be slow; repeat the command".to_owned(),
        ),
        Failed::Link(text) => link(store, asked, text),
    };
    let mut message = format!("{place}: {what}");
    let mut hint = hint;
    if open && asked.writes() {
        message += &format!("; it is not known whether {} was {}", asked.key, past(asked));
        hint += "; done twice, the command finds what it has written before";
    }
    let told = match failed {
        Failed::Answer(answer) => answer.to_string(),
        Failed::Silent(text) | Failed::Link(text) => text.clone(),
    };
    Error::remote(message).hint(hint).caused_by(store.scrub(&told))
}

fn past(asked: Asked<'_>) -> &'static str {
    if asked.right == "s3:DeleteObject" { "removed" } else { "written" }
}

/// What a refusal means.
fn refusal(store: &S3Store, asked: Asked<'_>, place: &str, answer: &Answer) -> (String, String) {
    let bucket = store.bucket();
    let told = answer.message.to_ascii_lowercase();
    let (what, hint) = match answer.code.as_str() {
        code if code.starts_with("KMS.") || told.contains("kms:") || told.contains("kms key") => (
            format!("{}: the key of the Key Management Service cannot be used", asked.doing),
            "check s3.kms_key, and that you may use it (kms:GenerateDataKey to write, kms:Decrypt to read)".to_owned(),
        ),
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "Forbidden" => {
            let listing = "without s3:ListBucket, S3 says so too of what is not there";
            let policy = "a bucket's policy may also ask for encryption: see s3.encryption";
            let besides = if asked.writes() { policy } else { listing };
            (
                format!("access denied: {} on {place} is not allowed to you", asked.right),
                format!("have it allowed for this bucket and prefix; {besides}"),
            )
        }
        "NoSuchBucket" => (
            format!("there is no bucket {bucket}"),
            "check the name (registry: s3://BUCKET/PREFIX), and the endpoint if there is one".to_owned(),
        ),
        "PermanentRedirect"
        | "IllegalLocationConstraintException"
        | "AuthorizationHeaderMalformed"
        | "TemporaryRedirect" => match &answer.region {
            Some(region) => (
                format!("the bucket {bucket} is in the region {region}, not in {}", store.region()),
                format!("set AWS_REGION={region}"),
            ),
            None => (
                format!("the bucket {bucket} is not in the region {}", store.region()),
                "set AWS_REGION to the bucket's region: aws s3api get-bucket-location tells it".to_owned(),
            ),
        },
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired" => (
            "your AWS credentials have expired".to_owned(),
            "sign in again (aws sso login), or renew the AWS_ variables".to_owned(),
        ),
        "InvalidToken" => (
            "the session token (AWS_SESSION_TOKEN) is not accepted".to_owned(),
            "it must belong to the access key; leave it out for keys that do not expire".to_owned(),
        ),
        "RequestTimeTooSkewed" => (
            "the clock of this host is too far from that of S3".to_owned(),
            "set the clock: timedatectl set-ntp true, or ask whoever runs the host".to_owned(),
        ),
        "InvalidAccessKeyId" => (
            "the access key is not known there".to_owned(),
            "check AWS_ACCESS_KEY_ID or the profile, and that the endpoint is the one it was made for".to_owned(),
        ),
        "SignatureDoesNotMatch" => (
            "the secret access key does not belong to the access key".to_owned(),
            "check AWS_SECRET_ACCESS_KEY or the profile: both keys must come from the same pair".to_owned(),
        ),
        "BadDigest" | "XAmzContentChecksumMismatch" | "XAmzContentSHA256Mismatch" | "InvalidDigest" => (
            format!("{}: what arrived is not what was sent, by its SHA-256; it was refused", asked.doing),
            "repeat the command; if it happens again, look for what changes data on the way".to_owned(),
        ),
        "SlowDown" | "ServiceUnavailable" | "Throttling" | "RequestLimitExceeded" | "TooManyRequests" => (
            format!("{}: S3 asks to slow down, also after several tries", asked.doing),
            "wait a minute, and repeat the command".to_owned(),
        ),
        "NoSuchUpload" => (
            format!("{}: someone has ended the upload from outside", asked.doing),
            "a lifecycle rule of the bucket may end uploads too early; repeat the command".to_owned(),
        ),
        "NotImplemented" => (
            format!("{}: this server cannot do what is needed", asked.doing),
            "it must know conditional writes (If-None-Match, If-Match) and SHA-256 checksums, as S3 does".to_owned(),
        ),
        "InternalError" => (
            format!("{}: S3 failed, also after several tries", asked.doing),
            "wait a minute, and repeat the command".to_owned(),
        ),
        _ => (
            format!("{} was refused", asked.doing),
            "check bucket, endpoint and credentials; aws s3 ls with the same settings tells more".to_owned(),
        ),
    };
    (what, hint)
}

/// Why nothing came back.
fn link(store: &S3Store, asked: Asked<'_>, text: &str) -> (String, String) {
    let host = store.host();
    let tells: [(&[&str], &str, &str); 7] = [
        (&["credential", "identity"], "no AWS credentials were found", super::connect::HOW),
        (
            &["UnknownIssuer", "CaUsedAsEndEntity", "BadSignature"],
            "its certificate is signed by an authority that is not trusted",
            "name that authority's file in AWS_CA_BUNDLE (PEM)",
        ),
        (
            &["not valid for name", "NotValidForName"],
            "its certificate is for another name",
            "write the host in AWS_ENDPOINT_URL_S3 as its certificate names it",
        ),
        (&["certificate expired", "Expired"], "its certificate has expired", "renew it, and check the clocks"),
        (&["invalid peer certificate"], "its certificate is refused", "look at it with openssl s_client -connect HOST"),
        (
            &["dns error", "failed to lookup address"],
            "the name cannot be resolved",
            "check the region, the endpoint (AWS_ENDPOINT_URL_S3) and the network",
        ),
        (
            &["Connection refused"],
            "nothing listens there",
            "check the endpoint (AWS_ENDPOINT_URL_S3), and that the server runs",
        ),
    ];
    match tells.into_iter().find(|(words, ..)| words.iter().any(|word| text.contains(word))) {
        Some((["credential", ..], what, hint)) => (what.to_owned(), hint.to_owned()),
        Some((_, what, hint)) => (format!("{host} cannot be reached: {what}"), hint.to_owned()),
        None if never_connected(text) => {
            (format!("{host} cannot be reached"), "check the endpoint and the network".to_owned())
        }
        None => (format!("{}: the connection to {host} broke", asked.doing), "repeat the command".to_owned()),
    }
}

#[cfg(test)]
mod tests;
