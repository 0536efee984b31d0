//! Naming a version: by its number, or by an alias that is on it.

use super::{Held, PATIENCE, Registry, check_alias, check_name, ledger_hash, version_number};
use crate::registry::ledger::{Entry, Ledger};
use crate::{Error, Kind, Result, form};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Names a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selector {
    /// The model's name; none for that of the registry it is asked of.
    pub name: Option<String>,
    /// The version.
    pub which: Which,
}

/// A version of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By its number.
    Version(u32),
    /// The one that an alias is on.
    Alias(String),
}

impl FromStr for Selector {
    type Err = Error;

    /// `v3` or an alias (`production`), alone or as `NAME@v3`; `NAME v3`, as messages write it, is understood as well.
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let (name, which) = match text.split_once('@').or_else(|| text.split_once(' ')) {
            Some((name, which)) => (Some(name), which.trim()),
            None => (None, text),
        };
        name.map(check_name).transpose()?;
        let which = match version_number(which) {
            Some(n) => Which::Version(n),
            None => {
                check_alias(which)?;
                Which::Alias(which.to_owned())
            }
        };
        Ok(Self { name: name.map(str::to_owned), which })
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}@")?;
        }
        match &self.which {
            Which::Version(n) => write!(f, "v{n}"),
            Which::Alias(alias) => f.write_str(alias),
        }
    }
}

impl Registry {
    /// What the same store holds of another name.
    ///
    /// # Errors
    /// A name that cannot be part of a key.
    pub fn of_name(&self, name: &str) -> Result<Self> {
        Self::open(Arc::clone(&self.store), name, self.cache.root().to_owned())
    }

    /// The version that is meant, its files on this host.
    ///
    /// # Errors
    /// When there is no such version, it cannot be fetched, or it is not what was registered.
    pub async fn named(&self, selector: &Selector) -> Result<Held> {
        if let Some(name) = selector.name.as_deref().filter(|name| *name != self.name) {
            return Box::pin(self.of_name(name)?.named(&Selector { name: None, ..selector.clone() })).await;
        }
        let (ledger, since) = self.last_known().await?;
        let entry = match &selector.which {
            Which::Version(n) => ledger.registration(*n),
            Which::Alias(alias) => ledger.holder(alias),
        };
        match (entry.cloned(), &selector.which) {
            (Some(entry), _) => self.hold(&ledger, entry, since).await,
            (None, Which::Version(n)) => {
                Err(Error::user(format!("{} has no version {n}", self.name))
                    .hint("netsec-tui models lists the versions"))
            }
            (None, Which::Alias(alias)) => Err(Error::user(format!("no version of {} is in {alias}", self.name))
                .hint(format!("netsec-tui promote RUN --alias {alias} --reason TEXT"))),
        }
    }

    /// The bundle that an alias is on; none where it is on none.
    ///
    /// # Errors
    /// When it cannot be fetched, or is not what was registered; when the registry cannot be reached, and never could be
    /// from this host.
    pub async fn holder(&self, alias: &str) -> Result<Option<Held>> {
        let (ledger, since) = self.last_known().await?;
        match ledger.holder(alias).cloned() {
            Some(entry) => self.hold(&ledger, entry, since).await.map(Some),
            None => Ok(None),
        }
    }

    /// The entry of an alias as far as it is known without asking another host: from a directory itself, else as it was
    /// read last.
    pub async fn at_hand(&self, alias: &str) -> Option<Entry> {
        let read = if self.store.is_remote() { None } else { self.last_known().await.ok().map(|(ledger, _)| ledger) };
        let ledger = read.or_else(|| self.cache.ledger().map(|(ledger, _)| ledger))?;
        ledger.holder(alias).cloned()
    }

    /// The ledger; where the registry cannot be reached, the one that was read last, with when that was and why it is
    /// not read now.
    async fn last_known(&self) -> Result<(Ledger, Option<(String, Error)>)> {
        let read = match tokio::time::timeout(PATIENCE, self.ledger()).await {
            Ok(read) => read,
            Err(_) => Err(Error::remote(format!("{} does not answer", self.place()))
                .hint("try again, or name a run of this host")),
        };
        let known = self.cache.ledger();
        match (read, known) {
            // A file system that is not mounted is an empty directory.
            (Ok(ledger), Some((known, at))) if ledger.last() == 0 && known.last() > 0 => {
                let gone = Error::remote(format!("{} holds nothing of {} any more", self.place(), self.name));
                Ok((known, Some((at, gone))))
            }
            (Ok(ledger), Some((known, _))) if ledger.last() < known.last() => {
                Err(Error::data(format!("{}: the ledger of {} has become shorter", self.place(), self.name))
                    .hint("entries were removed: bring them back from a backup"))
            }
            (Ok(ledger), known) => {
                // What was kept within a minute is as good.
                let is_kept = |(known, at): (Ledger, String)| known.head == ledger.head && form::ago(&at) == form::NOW;
                if !known.is_some_and(is_kept) {
                    self.cache.keep(&ledger);
                }
                Ok((ledger, None))
            }
            // Credentials may have expired as well: only what is damaged is not replaced by what was known of it.
            (Err(e), Some((known, at))) if !matches!(e.kind(), Kind::Data | Kind::Internal) => {
                Ok((known, Some((at, e))))
            }
            (Err(e), _) => Err(e),
        }
    }

    async fn hold(&self, ledger: &Ledger, entry: Entry, since: Option<(String, Error)>) -> Result<Held> {
        let manifest = ledger_hash(ledger, &entry);
        let bundle = match &since {
            None => self.fetch(entry.version, &manifest).await?,
            Some((_, why)) => self.cache.bundle(&manifest).map_err(|e| e.caused_by(why.chain().join(": ")))?,
        };
        Ok(Held { bundle: Arc::new(bundle), entry, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_named_by_number_or_alias() {
        let parsed = |text: &str| text.parse::<Selector>().map(|selector| selector.to_string());
        for (text, shown) in [
            ("v3", "v3"),
            ("production", "production"),
            ("phishing@v3", "phishing@v3"),
            ("phishing@staging", "phishing@staging"),
            ("phishing v4", "phishing@v4"),
            (" v12 ", "v12"),
        ] {
            assert_eq!(parsed(text).unwrap(), shown, "{text}");
        }
        for text in ["", "3", "a/b@v3", "new.csv", "Net@2026-11-01..", "phishing@", "run 7f3a21"] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }
}
