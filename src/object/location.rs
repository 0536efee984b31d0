//! Where a registry is: a directory, or a bucket.

use super::ObjectStore;
use super::local::LocalStore;
use super::s3::{S3Options, S3Store};
use crate::connection::Env;
use crate::settings::{Home, Settings};
use crate::{Error, Result};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where objects are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// Below a directory.
    Directory(PathBuf),
    /// In a bucket of S3, below a prefix, which has no `/` at its ends and may be empty.
    S3 {
        /// The bucket.
        bucket: String,
        /// What all keys begin with.
        prefix: String,
    },
}

impl Location {
    /// Takes `s3://BUCKET/PREFIX` or the path of a directory, which need not be there; a relative one is below the
    /// current directory, and `~` is the home of whoever runs this.
    ///
    /// # Errors
    /// A URL of something else, or a name that no bucket can have.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let wrong = |what: String| {
            Error::user(format!("registry {}: {what}", crate::connection::redact(text)))
                .hint("a registry is s3://BUCKET/PREFIX, or a directory")
        };
        if text.is_empty() {
            return Err(wrong("no place is named".to_owned()));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if !scheme.eq_ignore_ascii_case("s3") {
                return Err(wrong(format!("objects are not kept at {scheme}://")));
            }
            check_bucket(bucket).map_err(&wrong)?;
            let prefix = prefix.trim_matches('/').to_owned();
            if !prefix.is_empty() && super::check_key(&prefix).is_err() {
                let names = "names of letters, digits and ._-=% that do not begin with a dot, joined by /";
                return Err(wrong(format!("the prefix {prefix:?} is not {names}")));
            }
            return Ok(Self::S3 { bucket: bucket.to_owned(), prefix });
        }
        if text.to_ascii_lowercase().starts_with("s3:") {
            return Err(wrong("two slashes are missing".to_owned()));
        }
        let home = || directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let path = match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => home()
                .map(|home| home.join(rest.trim_start_matches('/')))
                .ok_or_else(|| wrong("no home directory is known for ~".to_owned()))?,
            _ => PathBuf::from(text),
        };
        std::path::absolute(&path).map(Self::Directory).map_err(|e| Error::io("resolving", &path, e))
    }

    /// The place that the settings name, else a directory below the home.
    ///
    /// # Errors
    /// As [`Location::parse`].
    pub fn chosen(settings: &Settings, home: &Home) -> Result<Self> {
        match settings.registry.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            Some(text) => Self::parse(text),
            None => Ok(Self::Directory(home.registry())),
        }
    }

    /// Opens it. Nothing is read or asked yet.
    pub fn open(&self, settings: &Settings, env: Env<'_>) -> Arc<dyn ObjectStore> {
        match self {
            Self::Directory(path) => Arc::new(LocalStore::new(path.clone())),
            Self::S3 { bucket, prefix } => {
                let options = S3Options {
                    bucket: bucket.clone(),
                    prefix: prefix.clone(),
                    encryption: settings.s3.encryption(),
                    path_style: settings.s3.path_style(),
                    ..S3Options::default()
                };
                Arc::new(S3Store::new(options, env))
            }
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Holds a name against what S3 allows ("General purpose bucket naming rules" of its user guide).
fn check_bucket(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("no bucket is named".to_owned());
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    let ends = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_fine = (3..=63).contains(&name.len())
        && name.chars().all(plain)
        && name.starts_with(ends)
        && name.ends_with(ends)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err();
    if is_fine {
        return Ok(());
    }
    let rules = "3 to 63 lower-case letters, digits, dots and hyphens, with a letter or a digit at both ends";
    Err(format!("{name:?} is no name of a bucket: {rules}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_and_a_prefix_are_told_from_a_directory() {
        for (text, shown) in [
            ("s3://models", "s3://models"),
            ("s3://models/", "s3://models"),
            (" s3://models/team/netsec/ ", "s3://models/team/netsec"),
            ("S3://my.bucket-1/a%20b=c", "s3://my.bucket-1/a%20b=c"),
            ("/srv/registry", "/srv/registry"),
        ] {
            assert_eq!(Location::parse(text).unwrap().to_string(), shown);
        }
        let bucket = Location::parse("s3://models/team").unwrap();
        assert_eq!(bucket, Location::S3 { bucket: "models".to_owned(), prefix: "team".to_owned() });
        let here = std::env::current_dir().unwrap();
        assert_eq!(Location::parse("a/b").unwrap(), Location::Directory(here.join("a/b")));
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(Location::parse("~/registry").unwrap(), Location::Directory(home.join("registry")));
        assert_eq!(Location::parse("~").unwrap(), Location::Directory(home));
        assert_eq!(Location::parse("~other/x").unwrap(), Location::Directory(here.join("~other/x")));
    }

    #[test]
    fn what_is_no_place_says_what_one_is() {
        for (text, part) in [
            ("", "no place is named"),
            ("gs://bucket/x", "objects are not kept at gs://"),
            ("https://user:pass@host/x", "not kept at https://"),
            ("s3://", "no bucket is named"),
            ("s3:///prefix", "no bucket is named"),
            ("s3:/bucket", "two slashes are missing"),
            ("s3://Bucket", "no name of a bucket"),
            ("s3://ab", "3 to 63"),
            ("s3://my_bucket/x", "no name of a bucket"),
            ("s3://-bucket", "no name of a bucket"),
            ("s3://a..b/x", "no name of a bucket"),
            ("s3://10.0.0.1/x", "no name of a bucket"),
            ("s3://bucket/a b", "the prefix \"a b\""),
            ("s3://bucket/a//b", "the prefix"),
            ("s3://bucket/../b", "the prefix"),
        ] {
            let error = Location::parse(text).unwrap_err();
            assert!(error.to_string().contains(part), "{text}: {error}");
            assert!(error.hint_text().unwrap().contains("s3://BUCKET/PREFIX"), "{text}");
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }
}
