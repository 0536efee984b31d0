//! Making a version: its number is claimed, its files are uploaded, its manifest completes it, and the ledger names it.

use super::bundle::{Bundle, check};
use super::draft::Draft;
use super::gated::Step;
use super::ledger::{Action, Entry};
use super::manifest::{BundleManifest, FILES, MANIFEST, Made};
use super::record::{New, Wanted};
use super::{Registry, lock};
use crate::error::IoContext;
use crate::object::Put;
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The first object of a version.
pub(super) const CLAIM: &str = "claim.json";

/// Who took a number, and for which files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    pub v: u32,
    pub digest: String,
    pub made: Made,
}

/// A version of which the ledger knows.
#[derive(Debug, Clone)]
pub struct Registered {
    /// Its entry: an older one, where the registry had the same bundle already.
    pub entry: Entry,
    /// Whether it is new.
    pub is_new: bool,
    /// Its files, read back from the registry.
    pub bundle: Bundle,
}

impl Registry {
    fn version_key(&self, n: u32, name: &str) -> String {
        self.key(&format!("versions/{n}/{name}"))
    }

    async fn claim(&self, n: u32) -> Result<Option<Claim>> {
        let key = self.version_key(n, CLAIM);
        let Some(object) = self.store.get(&key).await? else { return Ok(None) };
        let claim = serde_json::from_slice(&object.content)
            .map_err(|e| Error::data(format!("{}/{key}: the claim cannot be read", self.place())).caused_by(e))?;
        Ok(Some(claim))
    }

    /// A version that was begun, with who began it.
    pub(super) async fn begun(&self, n: u32) -> Result<Option<(u32, Made)>> {
        Ok(self.claim(n).await?.map(|claim| (n, claim.made)))
    }

    /// Registers a bundle: uploads it under a number of its own, reads it back, and records it. The same bundle again
    /// gives the version that it has, and goes on where it was interrupted.
    ///
    /// # Errors
    /// When the store cannot be read or written, or what is read back is not what was uploaded.
    pub async fn register(
        &self,
        draft: &Draft,
        reason: &str,
        tell: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<Registered> {
        let ledger = self.ledger().await?;
        if let Some(entry) = ledger.registered_as(&draft.manifest.digest).cloned() {
            tell(Step::Verify);
            let bundle = self.fetch_anew(entry.version, &entry.manifest).await?;
            return Ok(Registered { entry, is_new: false, bundle });
        }
        let (n, made) = self.take_number(draft, ledger.entries.iter().map(|e| e.version).max().unwrap_or(0)).await?;
        let manifest =
            BundleManifest { name: self.name.clone(), version: n, registered: made, ..draft.manifest.clone() };
        let hash = self.upload(draft, &manifest, tell).await?;
        tell(Step::Verify);
        let bundle = self.fetch_anew(n, &hash).await?;
        same_predictions(draft, &bundle).await?;
        tell(Step::Record);
        let decide = |ledger: &super::Ledger| {
            Ok(match ledger.registration(n) {
                Some(entry) => Wanted::There(Box::new(entry.clone())),
                None => Wanted::Write(Box::new(New {
                    action: Action::Register,
                    version: n,
                    alias: None,
                    previous: None,
                    reason: reason.to_owned(),
                    run: manifest.run.clone(),
                    digest: manifest.digest.clone(),
                    manifest: hash.clone(),
                    gate: None,
                    overridden: None,
                })),
            })
        };
        let (entry, is_new) = self.record(&decide).await?;
        Ok(Registered { entry, is_new, bundle })
    }

    /// The number of a draft: one that was claimed for the same files and not completed, else the next free one.
    async fn take_number(&self, draft: &Draft, last: u32) -> Result<(u32, Made)> {
        let own = Claim { v: 1, digest: draft.manifest.digest.clone(), made: Made::now() };
        let content =
            serde_json::to_vec(&own).map_err(|e| Error::internal("the claim cannot be written").caused_by(e))?;
        let prefix = self.key("versions/");
        let numbers = self.store.names(&prefix).await?;
        let mut numbers: Vec<u32> = numbers.iter().filter_map(|name| name.parse().ok()).collect();
        numbers.sort_unstable();
        for n in &numbers {
            if let Some(claim) = self.claim(*n).await?.filter(|claim| claim.digest == own.digest) {
                return Ok((*n, claim.made));
            }
        }
        let mut n = numbers.last().copied().unwrap_or(0).max(last) + 1;
        loop {
            if let Put::Done(_) = self.store.put_if_absent(&self.version_key(n, CLAIM), &content).await? {
                return Ok((n, own.made));
            }
            // Someone else's; it may be for the same files.
            if let Some(claim) = self.claim(n).await?.filter(|claim| claim.digest == own.digest) {
                return Ok((n, claim.made));
            }
            n += 1;
        }
    }

    /// Uploads the files, and the manifest last. Returns the manifest's hash.
    async fn upload(
        &self,
        draft: &Draft,
        manifest: &BundleManifest,
        tell: &(dyn Fn(Step) + Send + Sync),
    ) -> Result<String> {
        let total = draft.size();
        let mut before = 0;
        tell(Step::Upload(0, total));
        for name in FILES {
            let key = self.version_key(manifest.version, name);
            let of = &manifest.files[name];
            let moved = |n: u64| tell(Step::Upload(before + n, total));
            if self.store.upload(&key, &draft.file(name), &of.sha256, &moved).await? == Put::Refused {
                return Err(Error::data(format!("{}/{key} is there already, with other content", self.place()))
                    .hint("netsec-tui verify tells what is damaged; netsec-tui gc removes what was never completed"));
            }
            before += of.size;
        }
        let text = manifest.to_yaml()?;
        let key = self.version_key(manifest.version, MANIFEST);
        if let Put::Done(_) = self.store.put_if_absent(&key, text.as_bytes()).await? {
            return Ok(files::sha256_hex(text.as_bytes()));
        }
        // Completed by a colleague who registers the same files, or by another netsec before: theirs holds, if it fits.
        let theirs = self.manifest(manifest.version, None).await?;
        if theirs.digest != manifest.digest {
            return Err(Error::data(format!("{}/{key} is for other files", self.place()))
                .hint("netsec-tui verify tells what is damaged"));
        }
        Ok(files::sha256_hex(theirs.to_yaml()?.as_bytes()))
    }

    /// A version's files on this host, whose manifest has this hash; fetched where they are not there yet.
    pub(super) async fn fetch(&self, n: u32, manifest: &str) -> Result<Bundle> {
        match opened(&self.cache.place_of(manifest), manifest).await {
            Ok(bundle) => Ok(bundle),
            Err(_) => self.fetch_anew(n, manifest).await,
        }
    }

    /// As the registry has them now, whatever is on this host.
    pub(super) async fn fetch_anew(&self, n: u32, manifest: &str) -> Result<Bundle> {
        let target = self.cache.place_of(manifest);
        let parent = target.parent().unwrap_or(&target).to_owned();
        std::fs::create_dir_all(&parent).at("creating", &parent)?;
        let part = tempfile::Builder::new().prefix(".fetch-").tempdir_in(&parent).at("creating", &parent)?;
        self.download(n, Some(manifest), part.path()).await?;
        // What stands there already is as good, or damaged.
        if opened(&target, manifest).await.is_err() {
            let _ = std::fs::remove_dir_all(&target);
            match std::fs::rename(part.path(), &target) {
                // A colleague was faster.
                Err(e) if !target.is_dir() => return Err(Error::io("writing", &target, e)),
                _ => {}
            }
        }
        opened(&target, manifest).await
    }

    /// A version's files, as the registry has them now: held against every hash, whatever is on this host.
    ///
    /// # Errors
    /// When there is no such version, or it is not what was registered.
    pub async fn verified(&self, n: u32) -> Result<Bundle> {
        let entry = self.registration(n).await?;
        self.fetch_anew(n, &entry.manifest).await
    }

    /// The entry that registered a version.
    pub(crate) async fn registration(&self, n: u32) -> Result<Entry> {
        self.ledger().await?.registration(n).cloned().ok_or_else(|| {
            Error::user(format!("{} has no version {n}", self.name)).hint("netsec-tui models lists the versions")
        })
    }

    /// Downloads a version into a directory, and holds each file against its hash. `known` is the manifest's.
    pub(super) async fn download(&self, n: u32, known: Option<&str>, into: &Path) -> Result<BundleManifest> {
        // From the store and not from memory: it is written as it is there.
        lock(&self.manifests).remove(&n);
        let manifest = self.manifest(n, known).await?;
        for name in FILES {
            let key = self.version_key(n, name);
            let place = format!("{}/{key}", self.place());
            match self.store.download(&key, &into.join(name), &|_| {}).await? {
                Some(found) => check(&manifest, name, &found, &place)?,
                None => return Err(Error::data(format!("{place} is missing")).hint("netsec-tui verify lists all")),
            }
        }
        let key = self.version_key(n, MANIFEST);
        self.store.download(&key, &into.join(MANIFEST), &|_| {}).await?;
        Ok(manifest)
    }

    /// Writes a version's files into a directory that is not there yet.
    ///
    /// # Errors
    /// When the directory is there, or as [`Registry::bundle`].
    pub async fn pull(&self, n: u32, into: &Path) -> Result<Bundle> {
        let bundle = self.bundle(n).await?;
        if into.exists() {
            return Err(files::there_already(into));
        }
        let parent = into.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(parent).at("creating", parent)?;
        let part = tempfile::Builder::new().prefix(".pull-").tempdir_in(parent).at("creating", parent)?;
        for name in FILES.into_iter().chain([MANIFEST]) {
            let to = part.path().join(name);
            std::fs::copy(bundle.path().join(name), &to).at("writing", &to)?;
        }
        std::fs::rename(part.keep(), into).at("writing", into)?;
        Bundle::open(into)
    }
}

async fn opened(dir: &Path, manifest: &str) -> Result<Bundle> {
    let (dir, manifest) = (dir.to_owned(), manifest.to_owned());
    tokio::task::spawn_blocking(move || Bundle::open_known(&dir, &manifest))
        .await
        .map_err(|e| Error::internal("the reader panicked").caused_by(e))?
}

/// Asks the bundle that was read back for the predictions of the one that was packed.
async fn same_predictions(draft: &Draft, bundle: &Bundle) -> Result<()> {
    let [packed, stored] = [draft.predictor()?, bundle.predictor()?].map(|predictor| {
        let rows = crate::pipeline::read_split(&draft.file(super::manifest::REFERENCE), &predictor.schema);
        rows.map(|rows| predictor.score_vectors(&rows.vectors))
    });
    if packed?.iter().map(|p| p.to_bits()).eq(stored?.iter().map(|p| p.to_bits())) {
        return Ok(());
    }
    Err(Error::internal(format!("v{} predicts otherwise than the model that was packed", bundle.manifest.version))
        .hint("it was not recorded; keep the run and report this"))
}
