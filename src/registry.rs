//! The registry: which model was in use when, and why.
//!
//! Below the registry's place, each model name has
//!
//! ```text
//! NAME/versions/<n>/claim.json       written first: the number is taken
//! NAME/versions/<n>/model.json ...   the bundle's files, written once
//! NAME/versions/<n>/manifest.yaml    written last: the version is complete
//! NAME/ledger/<000001>.json          what happened, in order
//! NAME/aliases/<alias>.json          where the ledger says that an alias is, for other consumers
//! ```
//!
//! The ledger is the truth. Its entries name the manifest of a version by its hash, the manifest the files by theirs, and
//! each entry the one before it: whatever is changed afterwards shows.

mod alias;
mod bundle;
mod cache;
mod collect;
mod draft;
mod gated;
mod handover;
mod ledger;
mod manifest;
mod record;
mod reference;
pub mod runs;
mod selector;
mod verify;
mod version;

pub use bundle::Bundle;
pub use collect::{Collected, collect};
pub use draft::Draft;
pub(crate) use draft::predictor;
pub use gated::{Check, Gate, Outcome, Step};
pub use handover::Handover;
pub use ledger::{Action, Entry, Ledger, until};
pub(crate) use manifest::REFERENCE;
pub use manifest::{BundleManifest, Data, FileHash, Hashes, Holdout, Judged, Made, Scores};
pub(crate) use record::{New, Wanted};
pub use selector::{Selector, Which};
pub use verify::{Verified, repair, verify};
pub use version::Registered;

use crate::object::ObjectStore;
use crate::predict::Predictor;
use crate::schema::Schema;
use crate::{Error, Result, form};
use cache::Cache;
use futures_util::{StreamExt, TryStreamExt, stream};
use manifest::MANIFEST;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Requests that are under way at once.
const AT_ONCE: usize = 8;
/// How long whoever needs a model waits for the ledger, before the one that was read last must do.
const PATIENCE: Duration = Duration::from_secs(10);
/// Beside the models' names, runs are kept under this one.
const RUNS: &str = "runs";

/// What the registry holds of one model name.
#[derive(Debug)]
pub struct Registry {
    store: Arc<dyn ObjectStore>,
    name: String,
    cache: Cache,
    /// The ledger as far as it was read: entries are never changed.
    known: Mutex<Ledger>,
    /// Manifests that the ledger vouches for.
    manifests: Mutex<BTreeMap<u32, BundleManifest>>,
}

impl Registry {
    /// The registry of a model name in a store. Bundles that are fetched are kept below `cache`.
    ///
    /// # Errors
    /// A name that cannot be part of a key.
    pub fn open(store: Arc<dyn ObjectStore>, name: &str, cache: PathBuf) -> Result<Self> {
        check_name(name)?;
        let cache = Cache::new(cache, &store.place(), name);
        Ok(Self { store, name: name.to_owned(), cache, known: Mutex::default(), manifests: Mutex::default() })
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the registry is.
    pub fn place(&self) -> String {
        self.store.place()
    }

    /// The store that it is in.
    pub fn store(&self) -> &dyn ObjectStore {
        self.store.as_ref()
    }

    /// Where bundles are kept and packed on this host.
    pub fn cache(&self) -> &Path {
        self.cache.root()
    }

    /// All model names of the store.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn names(&self) -> Result<Vec<String>> {
        let mut names = self.store.names("").await?;
        names.retain(|name| name != RUNS);
        Ok(names)
    }

    fn key(&self, rest: &str) -> String {
        format!("{}/{rest}", self.name)
    }

    /// All that the registry holds of the name.
    ///
    /// # Errors
    /// When the store cannot be read, or the ledger is damaged.
    pub async fn overview(&self) -> Result<Overview> {
        // The ledger first: a version that it names is complete in the listing.
        let ledger = self.ledger().await?;
        let listed = self.listed().await?;
        let is_complete = |names: &Vec<String>| names.iter().any(|name| name == MANIFEST);
        let (complete, begun): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(_, names)| is_complete(names));
        let versions = stream::iter(complete.into_iter().rev().map(|(n, _)| self.version(n, &ledger)))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let unfinished = stream::iter(begun.into_iter().rev().map(|(n, _)| self.begun(n)))
            .buffered(AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(Overview {
            name: self.name.clone(),
            place: self.place(),
            at: crate::now(),
            versions,
            unfinished: unfinished.into_iter().flatten().collect(),
            stale: self.stale(&ledger).await?,
            ledger,
        })
    }

    /// The names of the objects of each version.
    async fn listed(&self) -> Result<BTreeMap<u32, Vec<String>>> {
        let prefix = self.key("versions/");
        let mut versions: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for object in self.store.list(&prefix).await? {
            let rest = object.key.strip_prefix(&prefix).and_then(|rest| rest.split_once('/'));
            if let Some((n, name)) = rest.and_then(|(n, name)| Some((n.parse().ok()?, name))) {
                versions.entry(n).or_default().push(name.to_owned());
            }
        }
        Ok(versions)
    }

    async fn version(&self, n: u32, ledger: &Ledger) -> Result<Version> {
        let aliases = ledger.aliases_of(n).into_iter().map(str::to_owned).collect();
        let retired = ledger.retirement(n).map(|entry| entry.reason.clone());
        let known = lock(&self.manifests).get(&n).cloned();
        let manifest = match known {
            Some(manifest) => Ok(manifest),
            None => match self.manifest(n, ledger.registration(n).map(|entry| entry.manifest.as_str())).await {
                Ok(manifest) => Ok(manifest),
                // One that is damaged does not hide the others.
                Err(e) if e.kind() == crate::Kind::Data || e.kind() == crate::Kind::Config => Err(e.to_string()),
                Err(e) => return Err(e),
            },
        };
        Ok(Version { n, manifest, aliases, retired })
    }

    /// A version's manifest, held against the hash that the ledger has of it.
    async fn manifest(&self, n: u32, known: Option<&str>) -> Result<BundleManifest> {
        let key = self.key(&format!("versions/{n}/{MANIFEST}"));
        let place = format!("{}/{key}", self.place());
        let Some(object) = self.store.get(&key).await? else {
            return Err(Error::data(format!("{place} is missing")).hint("netsec-tui verify tells what else is"));
        };
        let found = crate::files::sha256_hex(&object.content);
        if let Some(known) = known.filter(|known| *known != found) {
            return Err(bundle::other_content(&place, known, &found));
        }
        let manifest = BundleManifest::parse(&object.content, &place)?;
        if (manifest.name.as_str(), manifest.version) != (self.name.as_str(), n) {
            return Err(Error::data(format!("{place}: it is that of {} v{}", manifest.name, manifest.version))
                .hint("it was copied from elsewhere: nothing of it was used"));
        }
        if known.is_some() {
            lock(&self.manifests).insert(n, manifest.clone());
        }
        Ok(manifest)
    }

    /// A version's files on this host, fetched where they are not there yet.
    ///
    /// # Errors
    /// When there is no such version, it cannot be fetched, or it is not what was registered.
    pub async fn bundle(&self, n: u32) -> Result<Bundle> {
        let entry = self.registration(n).await?;
        self.fetch(n, &entry.manifest).await
    }

    /// The bundle that an alias is on.
    ///
    /// # Errors
    /// When the alias is on none, or as [`Registry::bundle`].
    pub async fn held(&self, alias: &str) -> Result<Held> {
        self.named(&Selector { name: None, which: Which::Alias(alias.to_owned()) }).await
    }
}

/// The hash of the manifest of an entry's version.
fn ledger_hash(ledger: &Ledger, entry: &Entry) -> String {
    ledger.registration(entry.version).unwrap_or(entry).manifest.clone()
}

/// A version on this host.
#[derive(Debug)]
pub struct Held {
    /// The bundle.
    pub bundle: Arc<Bundle>,
    /// The entry that moved the alias there, or registered the version where it was named by its number.
    pub entry: Entry,
    /// Where the registry cannot be reached: when it could be last (RFC 3339 in UTC), and why not now.
    pub since: Option<(String, Error)>,
}

impl Held {
    /// Its model, ready to score.
    ///
    /// # Errors
    /// When a file of it cannot be read.
    pub fn predictor(&self) -> Result<Predictor> {
        let mut predictor = self.bundle.predictor()?;
        if let Some(release) = &mut predictor.release {
            release.alias.clone_from(&self.entry.alias);
        }
        Ok(predictor)
    }

    /// How old what is known of it is, where the registry cannot be reached.
    pub fn notice(&self) -> Option<String> {
        let (at, why) = self.since.as_ref()?;
        let n = self.entry.version;
        let known = match &self.entry.alias {
            Some(alias) => format!("v{n} was in {alias} {}", form::ago(at)),
            None => format!("v{n} is as it was fetched; the ledger was read {}", form::ago(at)),
        };
        Some(format!("the registry cannot be reached ({}): {known}", why.chain().join(": ")))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The name of a schema's model: that of the schema, with a hyphen for whatever cannot be part of a key.
pub fn name_of(schema: &Schema) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    let name: String = schema.name.trim().chars().map(plain).collect();
    if check_name(&name).is_ok() { name } else { format!("model-{name}") }
}

/// Holds a model's name against what can be part of a key.
///
/// # Errors
/// When it is empty, or holds anything but letters, digits, `.`, `_` and `-`.
pub fn check_name(name: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let fine = name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(plain) && name != RUNS;
    if fine {
        return Ok(());
    }
    Err(Error::user(format!("{name:?} cannot be the name of a model"))
        .hint(format!("letters, digits, . _ and -, a letter or digit first, and not {RUNS:?}")))
}

/// The number of a version that is written `v4`; none for anything else.
pub fn version_number(text: &str) -> Option<u32> {
    text.strip_prefix('v')?.parse().ok().filter(|n| *n > 0)
}

/// Understands a version: `v4`, or `4`.
///
/// # Errors
/// When it is neither.
pub fn parse_version(text: &str) -> Result<u32> {
    version_number(text)
        .or_else(|| text.parse().ok().filter(|n| *n > 0))
        .ok_or_else(|| Error::user(format!("{text:?} is no version")).hint("write v4; netsec-tui models lists them"))
}

/// Holds an alias against what can be one.
///
/// # Errors
/// When it is empty, looks like a version, or holds anything but small letters, digits, `_` and `-`.
pub fn check_alias(alias: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let is_version = alias.strip_prefix('v').unwrap_or(alias).parse::<u32>().is_ok();
    if alias.starts_with(|c: char| c.is_ascii_lowercase()) && alias.chars().all(plain) && !is_version {
        return Ok(());
    }
    Err(Error::user(format!("{alias:?} cannot be an alias"))
        .hint("small letters, digits, _ and -, as in production or staging; v3 is a version"))
}

/// A version as the registry lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its number, from 1.
    pub n: u32,
    /// What its manifest says, or why that cannot be read.
    pub manifest: Result<BundleManifest, String>,
    /// The aliases that are on it.
    pub aliases: Vec<String>,
    /// Why it was retired; none where it was not.
    pub retired: Option<String>,
}

/// All that the registry holds of a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The model's name.
    pub name: String,
    /// Where the registry is.
    pub place: String,
    /// When it was read, RFC 3339 in UTC.
    pub at: String,
    /// The complete versions, newest first.
    pub versions: Vec<Version>,
    /// Versions that were begun and are not complete, with who began them and when.
    pub unfinished: Vec<(u32, Made)>,
    /// What happened, in order.
    pub ledger: Ledger,
    /// Aliases whose pointer for other consumers is not where the ledger says.
    pub stale: Vec<String>,
}

impl Overview {
    /// A version.
    pub fn version(&self, n: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.n == n)
    }

    /// The version that an alias is on, with the entry that moved it there.
    pub fn holder(&self, alias: &str) -> Option<(&Version, &Entry)> {
        let entry = self.ledger.holder(alias)?;
        Some((self.version(entry.version)?, entry))
    }
}
