//! The runs of a home: found by id, listed, kept in memory once they are finished.

use super::{Manifest, RunDir, RunState, RunStatus};
use crate::error::IoContext;
use crate::settings::Home;
use crate::{Error, Result};
use std::collections::{HashMap, VecDeque};

/// A run as listed.
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
    let mut found: Vec<RunDir> = dirs(home)?.into_iter().filter(|d| d.id.starts_with(prefix)).collect();
    match (found.pop(), found.len()) {
        (Some(dir), 0) if !prefix.is_empty() => Ok(dir),
        (Some(_), more) => {
            Err(Error::user(format!("{} runs begin with {prefix:?}", more + 1)).hint("give more of the id"))
        }
        (None, _) => Err(Error::user(format!("no run begins with {prefix:?}")).hint("netsec-tui runs lists them")),
    }
}

fn dirs(home: &Home) -> Result<Vec<RunDir>> {
    let root = home.runs();
    let entries = match std::fs::read_dir(&root) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("listing", &root, e)),
    };
    let mut dirs = Vec::new();
    for entry in entries {
        let entry = entry.at("listing", &root)?;
        let path = entry.path();
        if let (Some(id), true) = (entry.file_name().to_str(), path.join("manifest.yaml").is_file()) {
            dirs.push(RunDir { id: id.to_owned(), path });
        }
    }
    Ok(dirs)
}

/// All runs, newest first.
#[derive(Debug, Default)]
pub struct Listing {
    /// Those that could be read. Their states come without the log.
    pub entries: Vec<RunEntry>,
    /// Those that could not, with the reason.
    pub unreadable: Vec<(RunDir, Error)>,
}

/// Lists runs again and again without replaying those that are finished: they no longer change.
#[derive(Debug, Default)]
pub struct Catalog {
    finished: HashMap<String, RunEntry>,
}

impl Listing {
    /// How many finished runs were scored on the same hold-out: the more there are, the less an unseen score means.
    pub fn scored_on_holdout_of(&self, manifest: &Manifest) -> usize {
        let name = manifest.holdout_name();
        let same = |r: &&RunEntry| r.status == RunStatus::Finished && r.manifest.holdout_name() == name;
        self.entries.iter().filter(same).count()
    }
}

impl Catalog {
    /// All runs, newest first.
    ///
    /// # Errors
    /// When the runs directory cannot be read.
    pub fn list(&mut self, home: &Home) -> Result<Listing> {
        let mut listing = Listing::default();
        for dir in dirs(home)? {
            if let Some(known) = self.finished.get(&dir.id) {
                listing.entries.push(known.clone());
                continue;
            }
            match entry(&dir) {
                Ok(mut entry) => {
                    entry.state.log = VecDeque::new();
                    if entry.status == RunStatus::Finished {
                        self.finished.insert(dir.id, entry.clone());
                    }
                    listing.entries.push(entry);
                }
                Err(e) => listing.unreadable.push((dir, e)),
            }
        }
        listing.entries.sort_by(|a, b| (&b.manifest.started_at, &b.dir.id).cmp(&(&a.manifest.started_at, &a.dir.id)));
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

/// One run as listed.
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
        dirs(home)?.into_iter().filter_map(|dir| Some((dir.manifest().ok()?.started_at, dir))).collect();
    dirs.sort_by(|a, b| (&b.0, &b.1.id).cmp(&(&a.0, &a.1.id)));
    dirs.into_iter()
        .map(|(_, dir)| dir)
        .find(|dir| dir.status().is_ok_and(|status| status == RunStatus::Finished))
        .ok_or_else(|| Error::user("there is no finished run yet").hint("netsec-tui train makes one"))
}
