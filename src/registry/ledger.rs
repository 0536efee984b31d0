//! The ledger: who moved which alias to which version, when and why. Entries are numbered from 1 and never changed; what
//! is in use follows from them and from nothing else.

use super::gated::Gate;
use crate::{Error, Result};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The format of entries that this version writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// What an entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A version became complete.
    Register,
    /// An alias was moved to a version that had passed the gate, or in spite of it.
    Promote,
    /// An alias was moved back to a version that it had been on.
    Rollback,
    /// A version is not to be promoted any more.
    Retire,
    /// Something was said of a version.
    Annotate,
}

impl Action {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Action::Register => "register",
            Action::Promote => "promote",
            Action::Rollback => "rollback",
            Action::Retire => "retire",
            Action::Annotate => "annotate",
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Format number.
    pub v: u32,
    /// Its number, from 1.
    pub n: u32,
    /// Its own: two analysts who do the same at once write two entries.
    pub id: String,
    /// What happened.
    pub action: Action,
    /// The version.
    pub version: u32,
    /// The alias that was moved; none where none was.
    pub alias: Option<String>,
    /// The version that the alias was on before; none where there was none.
    pub previous: Option<u32>,
    /// Who did it.
    pub user: String,
    /// On which host.
    pub host: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Why.
    pub reason: String,
    /// The run that the version is from.
    pub run: String,
    /// The SHA-256 that names the version's files, see [`super::BundleManifest::digest`].
    pub digest: String,
    /// The SHA-256 of the version's manifest.
    pub manifest: String,
    /// The SHA-256 of the entry before this one, as it is stored; empty in the first one. A changed entry shows.
    pub before: String,
    /// How the gate judged; none where it was not asked.
    pub gate: Option<Gate>,
    /// Why the gate's refusal was overridden; none where it was not.
    #[serde(rename = "override")]
    pub overridden: Option<String>,
}

/// The whole ledger, in order, without gaps.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Ledger {
    /// The entries; the first has the number 1.
    pub entries: Vec<Entry>,
    /// The SHA-256 of the last one, as it is stored; empty without any.
    #[serde(skip)]
    pub head: String,
}

impl Ledger {
    /// The number of the last entry; 0 without any.
    pub fn last(&self) -> u32 {
        self.entries.len() as u32
    }

    /// The versions that an alias was moved to, and that a rollback leads back through: the last one is in use. A
    /// rollback takes off whatever stands above the version that it leads to.
    fn stack<'a>(&'a self, alias: &str, until: Option<&str>) -> Vec<&'a Entry> {
        let mut stack: Vec<&Entry> = Vec::new();
        let moves = self.entries.iter().filter(|entry| entry.alias.as_deref() == Some(alias));
        for entry in moves.take_while(|entry| until.is_none_or(|until| entry.at.as_str() <= until)) {
            match entry.action {
                Action::Promote => stack.push(entry),
                Action::Rollback => {
                    let below = stack.iter().rposition(|one| one.version == entry.version);
                    stack.truncate(below.unwrap_or(stack.len()));
                    stack.push(entry);
                }
                Action::Register | Action::Retire | Action::Annotate => {}
            }
        }
        stack
    }

    /// The entry that moved the alias to where it is.
    pub fn holder(&self, alias: &str) -> Option<&Entry> {
        self.stack(alias, None).pop()
    }

    /// The entry that had moved the alias to where it was at a time, RFC 3339 in UTC.
    pub fn holder_at(&self, alias: &str, at: &str) -> Option<&Entry> {
        self.stack(alias, Some(at)).pop()
    }

    /// The version that a rollback without a named one leads to.
    pub fn before(&self, alias: &str) -> Option<u32> {
        let mut stack = self.stack(alias, None);
        let now = stack.pop()?.version;
        stack.into_iter().rev().map(|entry| entry.version).find(|version| *version != now)
    }

    /// Whether the alias has ever been on a version.
    pub fn has_held(&self, alias: &str, version: u32) -> bool {
        self.entries.iter().any(|entry| entry.alias.as_deref() == Some(alias) && entry.version == version)
    }

    /// The aliases that are in use, in order.
    pub fn aliases(&self) -> BTreeSet<&str> {
        self.entries.iter().filter_map(|entry| entry.alias.as_deref()).collect()
    }

    /// The aliases that are on a version, in order.
    pub fn aliases_of(&self, version: u32) -> Vec<&str> {
        let on = |alias: &&str| self.holder(alias).is_some_and(|entry| entry.version == version);
        self.aliases().into_iter().filter(on).collect()
    }

    /// The entry that registered a version.
    pub fn registration(&self, version: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.action == Action::Register && entry.version == version)
    }

    /// The entry that registered a bundle, by its digest.
    pub fn registered_as(&self, digest: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.action == Action::Register && entry.digest == digest)
    }

    /// The entry that retired a version.
    pub fn retirement(&self, version: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.action == Action::Retire && entry.version == version)
    }
}

/// Understands a time in UTC: a day (`2026-11-03`, its end is meant), a minute (`2026-11-03T18:00`, its end is meant), or
/// RFC 3339. As entries have it.
///
/// # Errors
/// When it is none of them.
pub fn until(text: &str) -> Result<String> {
    let text = text.trim().replace(' ', "T");
    let day = text.parse::<NaiveDate>().ok().and_then(|day| day.and_hms_milli_opt(23, 59, 59, 999));
    let minute = || NaiveDateTime::parse_from_str(&format!("{text}:59.999"), "%Y-%m-%dT%H:%M:%S%.3f").ok();
    let exact = || DateTime::parse_from_rfc3339(&text).ok().map(|time| time.naive_utc());
    let time = day.or_else(minute).or_else(exact).filter(|time| (0..=9999).contains(&time.year()));
    time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).ok_or_else(|| {
        Error::user(format!("{text:?} is neither a day nor a time"))
            .hint("write 2026-11-03, 2026-11-03T18:00 or 2026-11-03T18:00:00Z: in UTC")
    })
}

#[cfg(test)]
mod tests;
