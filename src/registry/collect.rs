//! Removing what no entry of the ledger needs.

use super::Registry;
use super::ledger::{Action, Ledger};
use super::manifest::MANIFEST;
use super::version::CLAIM;
use crate::Result;
use crate::object::Listed;
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

/// How old something unfinished must be: younger, it may be under way.
const LEAST_AGE: Duration = Duration::hours(24);

/// A version that is not needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// Its number. It is not given to another one.
    pub version: u32,
    /// Why it is not needed.
    pub reason: String,
    /// Its objects.
    pub objects: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
}

/// Removes the files of versions that no entry of the ledger needs, or lists them with `dry`: those that were begun more
/// than a day ago and never recorded, and retired ones that no alias was ever on. The claims stay, so that no number is
/// given twice.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn collect(registry: &Registry, dry: bool) -> Result<Vec<Collected>> {
    let ledger = registry.ledger().await?;
    let prefix = registry.key("versions/");
    let mut found: Vec<Collected> = Vec::new();
    let objects = registry.store.list(&prefix).await?;
    let versions: std::collections::BTreeSet<u32> =
        objects.iter().filter_map(|object| number(&object.key, &prefix)).collect();
    for version in versions {
        let own: Vec<_> = objects
            .iter()
            .filter(|object| number(&object.key, &prefix) == Some(version))
            .filter(|object| !object.key.ends_with(&format!("/{CLAIM}")))
            .collect();
        let last = own.iter().map(|object| object.at.as_str()).max().unwrap_or_default();
        let Some(reason) = needless(&ledger, version, last).filter(|_| !own.is_empty()) else { continue };
        if !dry {
            // The manifest first: without it nobody takes the rest for a version.
            let is_manifest = |object: &&&Listed| object.key.ends_with(MANIFEST);
            let rest = own.iter().filter(|object| !is_manifest(object));
            for object in own.iter().filter(is_manifest).chain(rest) {
                registry.store.delete(&object.key).await?;
            }
        }
        let bytes = own.iter().map(|object| object.size).sum();
        found.push(Collected { version, reason, objects: own.len() as u64, bytes });
    }
    Ok(found)
}

fn number(key: &str, prefix: &str) -> Option<u32> {
    key.strip_prefix(prefix)?.split_once('/')?.0.parse().ok()
}

/// Why a version is not needed, whose last object was written at a time.
fn needless(ledger: &Ledger, version: u32, last: &str) -> Option<String> {
    if ledger.registration(version).is_none() {
        let age = Utc::now().signed_duration_since(last.parse::<DateTime<Utc>>().ok()?);
        return (age > LEAST_AGE).then(|| "begun, and never recorded in the ledger".to_owned());
    }
    let retired = ledger.retirement(version)?;
    let moved = |action| matches!(action, Action::Promote | Action::Rollback);
    let held = ledger.entries.iter().any(|entry| entry.version == version && moved(entry.action));
    (!held).then(|| format!("retired ({}), and no alias was ever on it", retired.reason))
}
