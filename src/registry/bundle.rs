//! A version's files on this host: verified when they are fetched, and again whenever they are loaded.

use super::draft::predictor;
use super::manifest::{BundleManifest, FILES, FileHash, MANIFEST, REFERENCE, SCHEMA};
use super::reference;
use crate::dataset::{Vectors, is_holdout};
use crate::error::IoContext;
use crate::pipeline::read_split;
use crate::predict::{Predictor, Release};
use crate::profile::Profile;
use crate::schema::Schema;
use crate::{Error, Result, files};
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A version whose files are all there and have the hashes that its manifest names.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    dir: PathBuf,
    /// Its manifest.
    pub manifest: BundleManifest,
    /// The SHA-256 of the manifest's file.
    pub hash: String,
}

impl fmt::Display for Bundle {
    /// As in `phishing v4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.manifest.name, self.manifest.version)
    }
}

impl Bundle {
    /// Opens the bundle in a directory, wherever it came from: of a pull, or of the cache.
    ///
    /// # Errors
    /// When a file is missing or has another hash, or the manifest is of another format. Nothing of it is used then.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let text = std::fs::read(&path).at("reading", &path)?;
        let manifest = BundleManifest::parse(&text, &path.display().to_string())?;
        for name in FILES {
            let path = dir.join(name);
            let file = File::open(&path).at("reading", &path)?;
            check(&manifest, name, &files::sha256_of(file).at("reading", &path)?, &path.display().to_string())?;
        }
        Ok(Self { dir: dir.to_owned(), manifest, hash: files::sha256_hex(&text) })
    }

    /// As [`Bundle::open`], with a manifest of this hash.
    pub(super) fn open_known(dir: &Path, manifest: &str) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let found = files::sha256_of(File::open(&path).at("reading", &path)?).at("reading", &path)?;
        if found != manifest {
            return Err(other_content(&path.display().to_string(), manifest, &found));
        }
        Self::open(dir)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The schema of its rows.
    ///
    /// # Errors
    /// When it is not valid.
    pub fn schema(&self) -> Result<Schema> {
        Schema::read(&self.dir.join(SCHEMA))
    }

    /// Its model, ready to score.
    ///
    /// # Errors
    /// When a file of it cannot be read.
    pub fn predictor(&self) -> Result<Predictor> {
        let mut predictor = predictor(&self.dir, &self.manifest)?;
        predictor.release = Some(Release {
            name: self.manifest.name.clone(),
            version: self.manifest.version,
            alias: None,
            manifest: self.hash.clone(),
        });
        Ok(predictor)
    }

    /// The vectors of the reference that were held out, with the rows behind them.
    ///
    /// # Errors
    /// When the reference is damaged.
    pub(crate) fn held_out(&self, schema: &Schema) -> Result<Vectors> {
        let all = read_split(&self.dir.join(REFERENCE), schema)?.vectors;
        let share = self.manifest.holdout.share;
        let out: Vec<usize> = (0..all.len()).filter(|row| is_holdout(&all.hash[*row], share)).collect();
        Ok(all.take(&out))
    }

    /// What its training rows looked like, those of its hold-out among them.
    ///
    /// # Errors
    /// When the reference is damaged.
    pub fn reference(&self) -> Result<Profile> {
        reference::profile(&self.dir.join(REFERENCE), &self.schema()?)
    }
}

/// Holds the hash of a file's content against the manifest's.
pub(super) fn check(manifest: &BundleManifest, name: &str, found: &str, place: &str) -> Result<()> {
    match manifest.files.get(name) {
        Some(FileHash { sha256, .. }) if sha256 == found => Ok(()),
        Some(FileHash { sha256, .. }) => Err(other_content(place, sha256, found)),
        None => Err(Error::data(format!("{place}: the manifest does not name it"))),
    }
}

pub(super) fn other_content(place: &str, wanted: &str, found: &str) -> Error {
    let short = |hash: &str| hash.get(..12).unwrap_or(hash).to_owned();
    Error::data(format!(
        "{place}: its content is not what was registered (SHA-256 {}... instead of {}...)",
        short(found),
        short(wanted)
    ))
    .hint("nothing of it was used; netsec-tui verify tells what else is damaged")
}
