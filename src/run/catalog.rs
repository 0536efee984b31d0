//! The runs of a home: found by id, listed, kept in memory as long as their files stay the same.

use super::{Manifest, RunDir, RunRow, RunState, RunStatus};
use crate::error::IoContext;
use crate::settings::Home;
use crate::{Error, Result};
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::Path;
use std::time::SystemTime;

/// A run with everything its journal tells.
#[derive(Debug, Clone)]
pub struct RunEntry {
    /// Its directory.
    pub dir: RunDir,
    /// Its manifest.
    pub manifest: Manifest,
    /// Its journal, replayed.
    pub state: RunState,
    /// How it stands.
    pub status: RunStatus,
}

/// Finds a run by its id or the beginning of it.
///
/// # Errors
/// When none or several match.
pub fn find(home: &Home, prefix: &str) -> Result<RunDir> {
    one_of(dirs_in(&home.runs())?, prefix, "run", "netsec-tui runs lists them")
}

/// The one directory whose id begins so.
pub(super) fn one_of(dirs: Vec<RunDir>, prefix: &str, noun: &str, hint: &str) -> Result<RunDir> {
    let mut found: Vec<RunDir> = dirs.into_iter().filter(|d| d.id.starts_with(prefix)).collect();
    match (found.pop(), found.len()) {
        (Some(dir), 0) if !prefix.is_empty() => Ok(dir),
        (Some(_), more) => {
            Err(Error::user(format!("{} {noun}s begin with {prefix:?}", more + 1)).hint("give more of the id"))
        }
        (None, _) => Err(Error::user(format!("no {noun} begins with {prefix:?}")).hint(hint)),
    }
}

/// The run directories in a directory: the home's runs, or its trash.
pub(super) fn dirs_in(root: &Path) -> Result<Vec<RunDir>> {
    let entries = match std::fs::read_dir(root) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("listing", root, e)),
    };
    let mut dirs = Vec::new();
    for entry in entries {
        let entry = entry.at("listing", root)?;
        let path = entry.path();
        // What begins with a dot is no run: the trash, and what is being removed from it.
        if let Some(id) = entry.file_name().to_str().filter(|id| !id.starts_with('.'))
            && path.join("manifest.yaml").is_file()
        {
            dirs.push(RunDir { id: id.to_owned(), path });
        }
    }
    Ok(dirs)
}

/// All runs, newest first.
#[derive(Debug, Default)]
pub struct Listing {
    /// Those that could be read.
    pub rows: Vec<RunRow>,
    /// Those that could not, with the reason.
    pub unreadable: Vec<(RunDir, Error)>,
}

/// Lists runs again and again without replaying the journals that have not changed.
#[derive(Debug, Default)]
pub struct Catalog {
    known: HashMap<String, Known>,
}

/// A row, and the files it was made of.
#[derive(Debug)]
struct Known {
    row: RunRow,
    journal: Option<Stamp>,
    notes: Option<Stamp>,
}

/// Tells a file from what it was: length and time of the last change. None where there is no file.
type Stamp = (u64, SystemTime);

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.len(), meta.modified().ok()?))
}

impl Known {
    fn read(dir: &RunDir) -> Result<Self> {
        // Stamped before they are read: what is written in between is seen the next time.
        let (journal, notes) = (stamp(&dir.journal()), stamp(&dir.notes_file()));
        Ok(Self { row: RunRow::from(&entry(dir)?), journal, notes })
    }

    /// Whether the journal tells what it told. Nothing is appended to that of a finished run, and only a worker
    /// appends to another.
    fn holds(&self, dir: &RunDir) -> bool {
        match self.row.status {
            RunStatus::Finished => true,
            RunStatus::Running => false,
            // Asked in this order, what a worker wrote last is never missed.
            _ => !dir.is_alive() && stamp(&dir.journal()) == self.journal,
        }
    }

    /// What was noted may change at any time.
    fn refresh_notes(&mut self, dir: &RunDir) {
        let now = stamp(&dir.notes_file());
        if now != self.notes {
            self.notes = now;
            self.row.annotate(dir);
        }
    }
}

impl Listing {
    /// How many finished runs were scored on the same hold-out: the more there are, the less an unseen score means.
    pub fn scored_on_holdout_of(&self, manifest: &Manifest) -> usize {
        let name = manifest.holdout_name();
        self.rows.iter().filter(|r| r.status == RunStatus::Finished && r.holdout == name).count()
    }

    /// All of them as rows, the unreadable ones last.
    pub fn into_rows(self) -> Vec<RunRow> {
        let Self { mut rows, unreadable } = self;
        rows.extend(unreadable.iter().map(|(dir, error)| RunRow::unreadable(dir, error)));
        rows
    }
}

impl Catalog {
    /// All runs, newest first.
    ///
    /// # Errors
    /// When the runs directory cannot be read.
    pub fn list(&mut self, home: &Home) -> Result<Listing> {
        let mut listing = Listing::default();
        let mut before = std::mem::take(&mut self.known);
        let dirs: Vec<_> = dirs_in(&home.runs())?.into_iter().map(|dir| (before.remove(&dir.id), dir)).collect();
        // Side by side: the first time, hundreds of journals may have to be read.
        let read = |(known, dir): (Option<Known>, RunDir)| match known.filter(|known| known.holds(&dir)) {
            Some(mut known) => {
                known.refresh_notes(&dir);
                (dir, Ok(known))
            }
            None => {
                let known = Known::read(&dir);
                (dir, known)
            }
        };
        for (dir, known) in dirs.into_par_iter().map(read).collect::<Vec<_>>() {
            match known {
                Ok(known) => {
                    listing.rows.push(known.row.clone());
                    self.known.insert(dir.id, known);
                }
                Err(e) => listing.unreadable.push((dir, e)),
            }
        }
        listing.rows.sort_by(|a, b| (&b.started_at, &b.id).cmp(&(&a.started_at, &a.id)));
        Ok(listing)
    }
}

/// All runs, newest first.
///
/// # Errors
/// When the runs directory cannot be read.
pub fn list(home: &Home) -> Result<Listing> {
    Catalog::default().list(home)
}

/// One run with everything its journal tells.
///
/// # Errors
/// When its manifest or journal cannot be read.
pub fn entry(dir: &RunDir) -> Result<RunEntry> {
    let manifest = dir.manifest()?;
    let alive = dir.is_alive();
    let state = dir.state()?;
    let status = state.status(alive);
    Ok(RunEntry { dir: dir.clone(), manifest, state, status })
}

/// The newest finished run. Journals are replayed only until it is found.
///
/// # Errors
/// When there is none.
pub fn newest_finished(home: &Home) -> Result<RunDir> {
    let mut dirs: Vec<(String, RunDir)> =
        dirs_in(&home.runs())?.into_iter().filter_map(|dir| Some((dir.manifest().ok()?.started_at, dir))).collect();
    dirs.sort_by(|a, b| (&b.0, &b.1.id).cmp(&(&a.0, &a.1.id)));
    dirs.into_iter()
        .map(|(_, dir)| dir)
        .find(|dir| dir.status().is_ok_and(|status| status == RunStatus::Finished))
        .ok_or_else(|| Error::user("there is no finished run yet").hint("netsec-tui train makes one"))
}

#[cfg(test)]
mod tests;
