//! How models are kept in S3.

use crate::object::s3::Encryption;
use serde::{Deserialize, Deserializer, Serialize};

/// The section `s3`. Where the service is and who asks comes from the AWS variables and profiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3Settings {
    /// `none` (as the bucket says), `sse-s3` or `kms`.
    pub encryption: String,
    /// The key's id, alias or ARN, with `kms`; without it that of the account.
    pub kms_key: Option<String>,
    /// Whether the bucket stands in the path instead of the host's name: `true`, `false`, or `auto`: where an endpoint
    /// is given.
    #[serde(deserialize_with = "word")]
    pub path_style: String,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self { encryption: "none".to_owned(), kms_key: None, path_style: "auto".to_owned() }
    }
}

impl S3Settings {
    /// How objects are encrypted.
    pub fn encryption(&self) -> Encryption {
        match self.encryption.as_str() {
            "sse-s3" => Encryption::S3,
            "kms" => Encryption::Kms(self.kms_key.clone()),
            _ => Encryption::Bucket,
        }
    }

    /// Whether the bucket stands in the path; none where the endpoint decides.
    pub fn path_style(&self) -> Option<bool> {
        self.path_style.parse().ok()
    }
}

/// A word, also where YAML takes it for a switch.
fn word<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "one of auto, true, false")]
    enum Written {
        Switch(bool),
        Word(String),
    }
    Ok(match Written::deserialize(from)? {
        Written::Switch(on) => on.to_string(),
        Written::Word(word) => word,
    })
}
