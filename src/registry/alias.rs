//! Pointers for other consumers: where each alias is, in one small object. They follow from the ledger, and are put right
//! from it whenever something is written.

use super::Registry;
use super::ledger::Ledger;
use crate::object::{Put, Tag};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Where an alias is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pointer {
    v: u32,
    name: String,
    alias: String,
    version: u32,
    /// The directory of the version, from the registry's place on.
    path: String,
    /// The SHA-256 of the version's manifest.
    manifest: String,
    /// The ledger's entry that moved it there.
    entry: u32,
    user: String,
    host: String,
    at: String,
}

impl Registry {
    /// Where the ledger says that an alias is; none where it is nowhere.
    fn pointer(&self, alias: &str, ledger: &Ledger) -> Option<Vec<u8>> {
        let entry = ledger.holder(alias)?;
        let pointer = Pointer {
            v: 1,
            name: self.name.clone(),
            alias: alias.to_owned(),
            version: entry.version,
            path: self.key(&format!("versions/{}", entry.version)),
            manifest: entry.manifest.clone(),
            entry: entry.n,
            user: entry.user.clone(),
            host: entry.host.clone(),
            at: entry.at.clone(),
        };
        let mut text = serde_json::to_vec_pretty(&pointer).ok()?;
        text.push(b'\n');
        Some(text)
    }

    async fn stored(&self, alias: &str) -> Result<Option<(Vec<u8>, Tag)>> {
        let object = self.store.get(&self.key(&format!("aliases/{alias}.json"))).await?;
        Ok(object.map(|object| (object.content, object.tag)))
    }

    /// The aliases whose pointers are not where the ledger says.
    pub(super) async fn stale(&self, ledger: &Ledger) -> Result<Vec<String>> {
        let mut stale = Vec::new();
        for alias in ledger.aliases() {
            let stored = self.stored(alias).await?.map(|(content, _)| content);
            if stored != self.pointer(alias, ledger) {
                stale.push(alias.to_owned());
            }
        }
        Ok(stale)
    }

    /// Puts all pointers where the ledger says, and returns those that were elsewhere.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(crate) async fn point(&self) -> Result<Vec<String>> {
        let mut moved = Vec::new();
        let mut tries = 0;
        loop {
            let ledger = self.ledger().await?;
            let Some(alias) = self.stale(&ledger).await?.into_iter().next() else { return Ok(moved) };
            let Some(content) = self.pointer(&alias, &ledger) else { return Ok(moved) };
            let key = self.key(&format!("aliases/{alias}.json"));
            let put = match self.stored(&alias).await? {
                // What is there may be newer than the ledger that was read.
                Some((there, _)) if entry_of(&there) > ledger.last() => Put::Refused,
                Some((_, tag)) => self.store.put_if_match(&key, &content, &tag).await?,
                None => self.store.put_if_absent(&key, &content).await?,
            };
            match put {
                Put::Done(_) => moved.push(alias),
                // A colleague was faster: what they wrote is looked at anew.
                Put::Refused => tries += 1,
            }
            if tries > 20 {
                return Err(Error::remote(format!("the pointer {key} is being rewritten all the time"))
                    .hint("the ledger is right; netsec-tui verify --repair puts the pointer right"));
            }
        }
    }
}

/// The number of the entry that a pointer was made from; 0 where it cannot be read.
fn entry_of(content: &[u8]) -> u32 {
    serde_json::from_slice::<Pointer>(content).map_or(0, |pointer| pointer.entry)
}
