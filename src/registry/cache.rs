//! What is kept of the registry on this host: bundles by the hash of their manifest, and the ledger as it was read last.

use super::bundle::Bundle;
use super::ledger::{Entry, Ledger};
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Directories below the cache home.
#[derive(Debug, Clone)]
pub(super) struct Cache {
    root: PathBuf,
    /// The ledger of this registry and name.
    ledger: PathBuf,
}

/// A ledger in its file.
#[derive(Serialize, Deserialize)]
struct Kept {
    at: String,
    head: String,
    entries: Vec<Entry>,
}

impl Cache {
    pub(super) fn new(root: PathBuf, place: &str, name: &str) -> Self {
        let of = files::sha256_hex(format!("{place}\n{name}").as_bytes());
        Self { ledger: root.join("ledgers").join(format!("{}.json", &of[..16])), root }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the bundle with this manifest is, or would be.
    pub(super) fn place_of(&self, manifest: &str) -> PathBuf {
        self.root.join("bundles").join(manifest)
    }

    /// The bundle with this manifest.
    pub(super) fn bundle(&self, manifest: &str) -> Result<Bundle> {
        let dir = self.place_of(manifest);
        if !dir.is_dir() {
            return Err(Error::user("the registry cannot be reached, and the version was never fetched to this host")
                .hint("predict with a run of this host: --run RUN"));
        }
        Bundle::open_known(&dir, manifest)
    }

    /// Keeps the ledger for when it cannot be read. What cannot be kept is missed only then.
    pub(super) fn keep(&self, ledger: &Ledger) {
        let kept = Kept { at: crate::now(), head: ledger.head.clone(), entries: ledger.entries.clone() };
        if let Some(dir) = self.ledger.parent()
            && std::fs::create_dir_all(dir).is_ok()
        {
            let _ = files::write_json(&self.ledger, &kept);
        }
    }

    /// The ledger as it was read last, and when.
    pub(super) fn ledger(&self) -> Option<(Ledger, String)> {
        let kept: Kept = files::read_json(&self.ledger).ok()?;
        Some((Ledger { entries: kept.entries, head: kept.head }, kept.at))
    }
}
