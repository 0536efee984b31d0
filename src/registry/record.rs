//! The ledger in the store: read to its end, and written to by whoever is first.

use super::gated::Gate;
use super::ledger::{Action, Entry, Ledger, VERSION};
use super::{AT_ONCE, Registry, lock};
use crate::object::Put;
use crate::{Error, Result, files};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;

/// What is to be recorded. Who, when, and the number are found out when it is.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub action: Action,
    pub version: u32,
    pub alias: Option<String>,
    pub previous: Option<u32>,
    pub reason: String,
    pub run: String,
    pub digest: String,
    pub manifest: String,
    pub gate: Option<Gate>,
    pub overridden: Option<String>,
}

/// What is to be done, given the ledger as it is.
pub(crate) enum Wanted {
    /// This is to be written.
    Write(Box<New>),
    /// It stands there already.
    There(Box<Entry>),
}

impl Registry {
    /// The ledger, to its end.
    ///
    /// # Errors
    /// When the store cannot be read, or an entry is missing, damaged or changed.
    pub async fn ledger(&self) -> Result<Ledger> {
        let prefix = self.key("ledger/");
        let listed = self.store.list(&prefix).await?;
        let mut ledger = lock(&self.known).clone();
        let mut next = Vec::new();
        for (n, object) in (1..).zip(&listed) {
            let wanted = entry_key(&prefix, n);
            if object.key != wanted {
                return Err(Error::data(format!("{}: entry {n} of the ledger is missing", self.place_of(&wanted)))
                    .hint("nothing is promoted before the ledger is whole: bring the entry back from a backup"));
            }
            if n > ledger.last() {
                next.push(wanted);
            }
        }
        if (listed.len() as u32) < ledger.last() {
            return Err(Error::data(format!("{}: the ledger has become shorter", self.place_of(&prefix)))
                .hint("entries were removed: bring them back from a backup"));
        }
        let mut read = stream::iter(next.into_iter().map(|key| self.entry(key))).buffered(AT_ONCE);
        while let Some((place, content)) = read.try_next().await? {
            add(&mut ledger, &place, &content)?;
        }
        drop(read);
        let mut known = lock(&self.known);
        if ledger.last() > known.last() {
            *known = ledger.clone();
        }
        Ok(ledger)
    }

    fn place_of(&self, key: &str) -> String {
        format!("{}/{key}", self.place())
    }

    async fn entry(&self, key: String) -> Result<(String, Vec<u8>)> {
        let place = self.place_of(&key);
        match self.store.get(&key).await? {
            Some(object) => Ok((place, object.content)),
            None => Err(Error::data(format!("{place}: the entry is gone")).hint("bring it back from a backup")),
        }
    }

    /// Writes what `decide` wants, given the ledger as it is when it is written: should another entry come first, it is
    /// asked again. Returns the entry, and whether it is new.
    ///
    /// # Errors
    /// What `decide` returns, or a store that cannot be read or written.
    pub(crate) async fn record(
        &self,
        decide: &(dyn Fn(&Ledger) -> Result<Wanted> + Send + Sync),
    ) -> Result<(Entry, bool)> {
        loop {
            let ledger = self.ledger().await?;
            let new = match decide(&ledger)? {
                Wanted::There(entry) => return Ok((*entry, false)),
                Wanted::Write(new) => new,
            };
            let entry = complete(*new, &ledger);
            let mut content = serde_json::to_vec_pretty(&entry)
                .map_err(|e| Error::internal("the entry cannot be written as JSON").caused_by(e))?;
            content.push(b'\n');
            let key = entry_key(&self.key("ledger/"), entry.n);
            if let Put::Done(_) = self.store.put_if_absent(&key, &content).await? {
                return Ok((entry, true));
            }
        }
    }
}

fn entry_key(prefix: &str, n: u32) -> String {
    format!("{prefix}{n:06}.json")
}

fn complete(new: New, ledger: &Ledger) -> Entry {
    let (user, host, now) = (crate::who::user(), crate::who::host(), crate::now());
    // Clocks differ; the order of the entries is that of what happened.
    let at = ledger.entries.last().map_or(now.clone(), |last| last.at.clone().max(now));
    let n = ledger.last() + 1;
    let own = format!("{user}@{host}/{}/{n}/{at}/{:?}", std::process::id(), std::time::Instant::now());
    Entry {
        v: VERSION,
        n,
        id: files::sha256_hex(own.as_bytes())[..16].to_owned(),
        action: new.action,
        version: new.version,
        alias: new.alias,
        previous: new.previous,
        user,
        host,
        at,
        reason: new.reason,
        run: new.run,
        digest: new.digest,
        manifest: new.manifest,
        before: ledger.head.clone(),
        gate: new.gate,
        overridden: new.overridden,
    }
}

/// Adds an entry as it is stored.
fn add(ledger: &mut Ledger, place: &str, content: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u32,
    }
    let damaged = |what: String| Error::data(format!("{place}: {what}")).hint("bring the entry back from a backup");
    let entry: Entry = match (serde_json::from_slice(content), serde_json::from_slice(content)) {
        (_, Ok(Versioned { v })) if v > VERSION => {
            return Err(Error::data(format!("{place}: ledger format {v}; this netsec reads format {VERSION}"))
                .hint("use a newer netsec"));
        }
        (Ok(entry), _) => entry,
        (Err(e), _) => return Err(damaged("the entry cannot be read".to_owned()).caused_by(e)),
    };
    if entry.n != ledger.last() + 1 {
        return Err(damaged(format!("it says that it is entry {}", entry.n)));
    }
    if entry.before != ledger.head {
        return Err(damaged("the entry before it was changed after this one was written".to_owned()));
    }
    ledger.head = files::sha256_hex(content);
    ledger.entries.push(entry);
    Ok(())
}
