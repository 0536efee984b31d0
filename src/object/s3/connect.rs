//! The client: credentials, region, endpoint and TLS as the AWS tools find them, and a `.env` file besides.

use super::Patience;
use super::failure::chain;
use crate::connection::Env;
use crate::error::IoContext;
use crate::{Error, Result};
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, ProvideCredentials};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How long the credentials are looked for: the AWS chain asks the host it runs on, which may be none of AWS.
const LOOKING: Duration = Duration::from_secs(10);

/// What the environment and a `.env` file say. What is not there is for the AWS chain to find: profiles, single
/// sign-on, the role of the host.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Given {
    keys: Option<Keys>,
    region: Option<String>,
    profile: Option<String>,
    pub endpoint: Option<String>,
    authorities: Option<PathBuf>,
}

#[derive(Clone, PartialEq, Eq)]
struct Keys {
    access: String,
    secret: String,
    token: Option<String>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The keys are secret.
        f.debug_struct("Given")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Given {
    pub fn of(env: Env<'_>) -> Self {
        let value = |names: &[&str]| names.iter().find_map(|name| env(name).filter(|text| !text.is_empty()));
        let keys = value(&["AWS_ACCESS_KEY_ID"]).zip(value(&["AWS_SECRET_ACCESS_KEY"])).map(|(access, secret)| {
            // A token in a file does not belong to a key of the environment.
            let token = match std::env::var("AWS_ACCESS_KEY_ID") {
                Ok(own) if own == access => std::env::var("AWS_SESSION_TOKEN").ok().filter(|text| !text.is_empty()),
                _ => value(&["AWS_SESSION_TOKEN"]),
            };
            Keys { access, secret, token }
        });
        Self {
            keys,
            region: value(&["AWS_REGION", "AWS_DEFAULT_REGION"]),
            profile: value(&["AWS_PROFILE"]),
            endpoint: value(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]),
            authorities: value(&["AWS_CA_BUNDLE"]).map(PathBuf::from),
        }
    }

    /// What must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = self.keys.iter();
        keys.flat_map(|keys| [Some(keys.secret.as_str()), keys.token.as_deref()])
            .flatten()
            .filter(|text| text.len() > 1)
    }

    /// Makes a client. It looks for credentials, and does not ask the service anything.
    pub async fn connect(&self, patience: Patience, path_style: Option<bool>) -> Result<(Client, String)> {
        let config = tokio::time::timeout(LOOKING, self.load(patience)).await.map_err(|_| {
            Error::remote(format!("AWS settings were not found within {} s", LOOKING.as_secs())).hint(HOW)
        })??;
        let region = config.region().map(ToString::to_string);
        let endpoint = self.endpoint.as_deref().or(config.endpoint_url());
        let region = match (region, endpoint) {
            (Some(region), _) => region,
            // A server of one's own has no regions, and signs for this one.
            (None, Some(_)) => "us-east-1".to_owned(),
            (None, None) => {
                return Err(Error::config("no AWS region is known")
                    .hint("set AWS_REGION to the bucket's region, or region in your profile (~/.aws/config)"));
            }
        };
        if let Some(provider) = config.credentials_provider() {
            let found = tokio::time::timeout(LOOKING, provider.provide_credentials()).await;
            match found {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(no_credentials(self.profile.as_deref(), &chain(&error))),
                Err(_) => return Err(no_credentials(self.profile.as_deref(), "no provider has answered in time")),
            }
        }
        let mut own = aws_sdk_s3::config::Builder::from(&config)
            .region(Region::new(region.clone()))
            .force_path_style(path_style.unwrap_or(endpoint.is_some()));
        if let Some(endpoint) = &self.endpoint {
            check_endpoint(endpoint)?;
            own = own.endpoint_url(endpoint);
        }
        Ok((Client::from_conf(own.build()), region))
    }

    async fn load(&self, patience: Patience) -> Result<SdkConfig> {
        let mut trusted = TrustStore::default();
        if let Some(path) = &self.authorities {
            // As the AWS tools do, instead of those that the system trusts.
            trusted = TrustStore::empty().with_pem_certificate(authorities(path)?);
        }
        let context = TlsContext::builder().with_trust_store(trusted).build();
        let context = context.map_err(|e| Error::config("TLS cannot be set up").caused_by(e))?;
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context)
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(patience.connect)
            .operation_attempt_timeout(patience.attempt)
            .operation_timeout(patience.operation)
            .build();
        // Waits are drawn at random below these bounds.
        let retries =
            RetryConfig::standard().with_max_attempts(patience.attempts).with_max_backoff(Duration::from_secs(2));
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .timeout_config(timeouts)
            .retry_config(retries)
            .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(patience.attempt).build());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if let Some(Keys { access, secret, token }) = &self.keys {
            loader = loader.credentials_provider(Credentials::new(access, secret, token.clone(), None, "environment"));
        }
        Ok(loader.load().await)
    }
}

/// How credentials can be given.
pub(super) const HOW: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, sign in (aws sso login), \
                   or run on a host with a role";

fn no_credentials(profile: Option<&str>, told: &str) -> Error {
    let where_from = profile.map_or_else(String::new, |profile| format!(" (profile {profile})"));
    Error::remote(format!("no AWS credentials were found{where_from}")).hint(HOW).caused_by(told.to_owned())
}

fn check_endpoint(url: &str) -> Result<()> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains('@') => Ok(()),
        // It may hold a password: it is not repeated.
        _ => Err(Error::config("the endpoint of S3 (AWS_ENDPOINT_URL_S3) is no URL of a server")
            .hint("it is http://HOST[:PORT] or https://HOST[:PORT]")),
    }
}

/// The certificates in a PEM file. Held against the format here: the library below gives up the whole program.
fn authorities(path: &std::path::Path) -> Result<Vec<u8>> {
    let pem = std::fs::read(path).at("reading AWS_CA_BUNDLE", path)?;
    let text = String::from_utf8_lossy(&pem);
    let bad = || {
        Error::config(format!("AWS_CA_BUNDLE: {} holds no certificates that can be read", path.display()))
            .hint("it is a PEM file: -----BEGIN CERTIFICATE----- ...")
    };
    let mut clean = String::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        let (inner, _) = block.split_once("-----END CERTIFICATE-----").ok_or_else(bad)?;
        let joined: String = inner.split_whitespace().collect();
        let der = bson::Binary::from_base64(&joined, None).map_err(|_| bad())?.bytes;
        // A sequence whose length is that of the rest.
        let fits = matches!(der.as_slice(), [0x30, 0x82, high, low, rest @ ..]
            if rest.len() == usize::from(*high) << 8 | usize::from(*low));
        if !fits {
            return Err(bad());
        }
        clean += &format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", inner.trim());
    }
    if clean.is_empty() { Err(bad()) } else { Ok(clean.into_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(variables: &[(&str, &str)]) -> Given {
        Given::of(&|name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn variables_of_the_aws_tools_count() {
        let given = given(&[
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_REGION", ""),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", "http://every-service"),
            ("AWS_ENDPOINT_URL_S3", "http://s3"),
        ]);
        assert_eq!((given.region.as_deref(), given.endpoint.as_deref()), (Some("eu-west-1"), Some("http://s3")));
        assert_eq!(given.secrets().collect::<Vec<_>>(), ["secret", "token"]);
    }

    #[test]
    fn half_a_pair_of_keys_is_left_to_the_chain() {
        assert!(given(&[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SESSION_TOKEN", "token")]).keys.is_none());
    }

    #[test]
    fn a_bundle_of_certificates_is_held_against_its_format() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        // The frame of a certificate: a sequence of 256 bytes.
        let der = [&[0x30, 0x82, 1, 0][..], &[7; 256]].concat();
        let block = |der: &[u8]| {
            let text = crate::files::base64(der);
            format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
        };
        std::fs::write(&path, format!("# ours\n{}and\n{}", block(&der), block(&der))).unwrap();
        assert_eq!(String::from_utf8(authorities(&path).unwrap()).unwrap(), block(&der).repeat(2));
        for bad in
            ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA", &block(&der[..200]), &block(&der).replace('=', "?")]
        {
            std::fs::write(&path, bad).unwrap();
            let error = authorities(&path).unwrap_err();
            assert!(error.to_string().contains("AWS_CA_BUNDLE") && error.to_string().contains("ca.pem"), "{error}");
        }
        let error = authorities(&dir.path().join("no.pem")).unwrap_err();
        assert!(error.to_string().contains("AWS_CA_BUNDLE") && error.to_string().contains("no.pem"), "{error}");
    }
}
