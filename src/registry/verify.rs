//! Looking at all that the registry holds.

use super::ledger::Ledger;
use super::manifest::{FILES, MANIFEST};
use super::version::CLAIM;
use super::{AT_ONCE, Registry};
use crate::{Error, Kind, Result};
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use serde::Serialize;
use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Complete versions that were looked at.
    pub versions: u32,
    /// Objects that were read and held against their hashes.
    pub objects: u64,
    /// Entries of the ledger that were read.
    pub entries: u32,
    /// What is not as it was registered.
    pub problems: Vec<String>,
    /// What an interrupted registration or a lost race left behind. It does no harm.
    pub leftovers: Vec<String>,
    /// Aliases whose pointers for other consumers are not where the ledger says.
    pub stale: Vec<String>,
}

/// Reads every object of every complete version, and holds it against its hash; and the ledger against itself. `tell` is
/// told how many versions of how many are done.
///
/// # Errors
/// When the store cannot be read. What is damaged is no error, but a problem.
pub async fn verify(registry: &Registry, tell: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<Verified> {
    let mut found = Verified::default();
    let ledger = match registry.ledger_anew().await {
        Ok(ledger) => ledger,
        Err(e) => {
            found.problems.push(problem(e)?);
            Ledger::default()
        }
    };
    found.entries = ledger.last();
    found.stale = registry.stale(&ledger).await?;
    let listed = registry.listed().await?;
    let (complete, begun): (BTreeMap<_, _>, BTreeMap<_, _>) =
        listed.into_iter().partition(|(_, names)| names.iter().any(|name| name == MANIFEST));
    for (n, names) in &begun {
        if ledger.registration(*n).is_some() && ledger.retirement(*n).is_none() {
            found.problems.push(format!("v{n}: its manifest is missing"));
        } else {
            let who = registry.begun(*n).await?.map_or(String::new(), |(_, made)| {
                format!(", begun by {}@{} on {}", made.user, made.host, made.at.get(..10).unwrap_or(&made.at))
            });
            let objects = crate::form::plural(names.len() as u64, "object");
            found.leftovers.push(format!("v{n}: never completed ({objects}{who})"));
        }
    }
    let missing = ledger.entries.iter().map(|entry| entry.version).collect::<std::collections::BTreeSet<_>>();
    let is_listed = |n: &&u32| complete.contains_key(n) || begun.contains_key(n);
    for n in missing.iter().filter(|n| !is_listed(n) && ledger.retirement(**n).is_none()) {
        found.problems.push(format!("v{n}: the ledger names it, and it is not there"));
    }
    let total = complete.len() as u64;
    let mut done = 0;
    tell(done, total);
    let mut checked =
        stream::iter(complete.into_iter().map(|(n, names)| whole(registry, &ledger, n, names).boxed())).buffered(2);
    while let Some((objects, problems, leftovers)) = checked.try_next().await? {
        found.objects += objects;
        found.problems.extend(problems);
        found.leftovers.extend(leftovers);
        done += 1;
        tell(done, total);
    }
    drop(checked);
    found.versions = total as u32;
    Ok(found)
}

/// What is damaged is told; what cannot be read at all ends the look.
fn problem(error: Error) -> Result<String> {
    if matches!(error.kind(), Kind::Data | Kind::Config) { Ok(error.to_string()) } else { Err(error) }
}

/// One version: objects that are whole, what is damaged, what is left over.
async fn whole(
    registry: &Registry,
    ledger: &Ledger,
    n: u32,
    names: Vec<String>,
) -> Result<(u64, Vec<String>, Vec<String>)> {
    let entry = ledger.registration(n);
    let (mut problems, mut leftovers) = (Vec::new(), Vec::new());
    if entry.is_none() {
        leftovers.push(format!("v{n}: complete, but not in the ledger: registering the same run again records it"));
    }
    for name in names.iter().filter(|name| !FILES.contains(&name.as_str()) && *name != MANIFEST && *name != CLAIM) {
        problems.push(format!("v{n}: {name} does not belong there"));
    }
    let manifest = match registry.manifest(n, entry.map(|entry| entry.manifest.as_str())).await {
        Ok(manifest) => manifest,
        Err(e) => {
            problems.push(format!("v{n}: {}", problem(e)?));
            return Ok((0, problems, leftovers));
        }
    };
    let checks = (0..FILES.len()).map(|i| async move {
        let name = FILES[i];
        let key = registry.key(&format!("versions/{n}/{name}"));
        Ok::<_, Error>((name, registry.hash_of(&key).await?))
    });
    let mut checks = stream::iter(checks).buffered(AT_ONCE);
    let mut objects = 1;
    while let Some((name, hash)) = checks.try_next().await? {
        match hash {
            None => problems.push(format!("v{n}: {name} is missing")),
            Some(hash) if manifest.files.get(name).is_some_and(|of| of.sha256 == hash) => objects += 1,
            Some(_) => problems.push(format!("v{n}: the content of {name} is not what was registered")),
        }
    }
    Ok((objects, problems, leftovers))
}

impl Registry {
    /// The ledger, read anew from its first entry on.
    async fn ledger_anew(&self) -> Result<Ledger> {
        *super::lock(&self.known) = Ledger::default();
        self.ledger().await
    }

    /// The hash of an object's content; none where it is not there. Its size may be any.
    async fn hash_of(&self, key: &str) -> Result<Option<String>> {
        use crate::error::IoContext;
        std::fs::create_dir_all(self.cache.root()).at("creating", self.cache.root())?;
        let dir = tempfile::Builder::new()
            .prefix(".verify-")
            .tempdir_in(self.cache.root())
            .at("creating", self.cache.root())?;
        self.store.download(key, &dir.path().join("object"), &|_| {}).await
    }
}

/// Puts the pointers of all aliases where the ledger says. Returns those that were elsewhere.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn repair(registry: &Registry) -> Result<Vec<String>> {
    registry.point().await
}
