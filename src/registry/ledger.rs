//! The ledger: who moved which alias to which version, when and why. Entries are numbered from 1 and never changed; what
//! is in use follows from them and from nothing else.

use crate::promote::Gate;
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
    /// The SHA-256 that names the version's files.
    pub digest: String,
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

    /// The entry that retired a version.
    pub fn retirement(&self, version: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.action == Action::Retire && entry.version == version)
    }
}

#[cfg(test)]
mod tests;
