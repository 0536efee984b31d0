//! Objects by key: the registry's storage. A directory and S3 behave alike.
//!
//! Keys are names joined by `/`, below the place that a store was opened at.

pub mod local;
mod location;
pub mod s3;

pub use location::Location;

use crate::{Error, Result};
use async_trait::async_trait;
use std::fmt;
use std::path::Path;

/// Tells one content of an object from another: the ETag of S3, the SHA-256 of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(pub String);

/// An object with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub content: Vec<u8>,
    /// Tells this content from another.
    pub tag: Tag,
}

/// An object without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last written, RFC 3339 in UTC.
    pub at: String,
}

/// What a conditional write came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// The object holds what was to be written.
    Done(Tag),
    /// The condition did not hold: nothing was changed.
    Refused,
}

/// Is told how many bytes of a file were moved so far.
pub type Moved<'a> = &'a (dyn Fn(u64) + Send + Sync);

/// Objects by key.
#[async_trait]
pub trait ObjectStore: fmt::Debug + Send + Sync {
    /// Where it is, for messages: `s3://BUCKET/PREFIX`, or a directory. Without secrets.
    fn place(&self) -> String;

    /// Whether it is on another host.
    fn is_remote(&self) -> bool;

    /// A small object; none where there is no such key.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn get(&self, key: &str) -> Result<Option<Object>>;

    /// All objects whose keys begin so, in the order of their keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn list(&self, prefix: &str) -> Result<Vec<Listed>>;

    /// The names directly below a prefix (which ends in `/`, or is empty) that have objects below them, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn names(&self, prefix: &str) -> Result<Vec<String>>;

    /// Writes a small object where there is none of that key. One that holds this very content already counts as done:
    /// an answer may have been lost, and the request repeated. Who must know that they were the ones gives the content
    /// something of their own.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_if_absent(&self, key: &str, content: &[u8]) -> Result<Put>;

    /// Writes a small object over the content of this tag. As with [`ObjectStore::put_if_absent`], the same content
    /// counts as done.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn put_if_match(&self, key: &str, content: &[u8], tag: &Tag) -> Result<Put>;

    /// Writes a file of any size where there is none of that key, whole or not at all. `sha256` is that of its content,
    /// in hexadecimal: the store refuses content that arrives otherwise. As with [`ObjectStore::put_if_absent`], the
    /// same content counts as done.
    ///
    /// # Errors
    /// When the file cannot be read, has another hash, or the store cannot be written.
    async fn upload(&self, key: &str, file: &Path, sha256: &str, moved: Moved<'_>) -> Result<Put>;

    /// Writes an object of any size into a file that is not there yet, in pieces. The SHA-256 of what was read, in
    /// hexadecimal; none where there is no such key.
    ///
    /// # Errors
    /// When the store cannot be read, or the file not written.
    async fn download(&self, key: &str, to: &Path, moved: Moved<'_>) -> Result<Option<String>>;

    /// Removes an object. One that is not there counts as done.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn delete(&self, key: &str) -> Result<()>;
}

/// Holds a key against what both stores can keep: names of letters, digits and `._-=%` that do not begin with a dot,
/// joined by `/`.
///
/// # Errors
/// When a name in it is empty, begins with a dot, or holds anything else.
pub fn check_key(key: &str) -> Result<()> {
    if key.split('/').all(is_name) { Ok(()) } else { Err(Error::internal(format!("{key:?} is no key of an object"))) }
}

/// Holds the beginning of keys against the same: its last name may be cut off.
fn check_prefix(prefix: &str) -> Result<()> {
    let (names, cut) = prefix.rsplit_once('/').map_or((None, prefix), |(names, cut)| (Some(names), cut));
    let fine = names.is_none_or(|names| names.split('/').all(is_name)) && (cut.is_empty() || is_name(cut));
    if fine { Ok(()) } else { Err(Error::internal(format!("no key of an object begins with {prefix:?}"))) }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '=' | '%');
    // A dot begins what a store hides: locks, and files on their way.
    !name.is_empty() && !name.starts_with('.') && name.chars().all(plain)
}

/// That a file is not what its hash was taken of.
fn other_hash(file: &Path) -> Error {
    Error::data(format!("{} has changed since its SHA-256 was taken; it was not stored", file.display()))
        .hint("nothing may write to a file while it is stored; repeat the command")
}
