//! The trash: runs that were deleted and can be had back. A run's directory moves as a whole, by one rename, to
//! `runs/.trash`; nothing is lost before [`empty`].

use super::RunDir;
use super::catalog::{dirs_in, one_of};
use super::notes::Hand;
use crate::error::IoContext;
use crate::monitor::Champion;
use crate::settings::Home;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// A run in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trashed {
    /// Its directory, in the trash.
    pub dir: RunDir,
    /// Who deleted it, and when; none where that was not written.
    pub by: Option<Hand>,
    /// What it was: collection and space. Empty where its manifest cannot be read.
    pub what: String,
}

/// Says in a trashed run who deleted it.
const MARK: &str = "trashed.yaml";

fn trash(home: &Home) -> PathBuf {
    home.runs().join(".trash")
}

fn living(dir: &RunDir) -> Error {
    Error::user(format!("run {} is running: it is not deleted", dir.id))
        .hint(format!("netsec-tui cancel {} stops it", dir.id))
}

/// Whether [`discard`] takes a run.
///
/// # Errors
/// A run that is running, or without `force` the newest finished one.
pub fn may_be_discarded(home: &Home, dir: &RunDir, force: bool) -> Result<()> {
    if dir.is_alive() {
        return Err(living(dir));
    }
    if !force && Champion::newest(home).is_some_and(|champion| champion.run() == dir.id) {
        let what = "is the champion as long as no version is in production: its model is in use, it is not deleted";
        return Err(Error::user(format!("run {} {what}", dir.id)).hint(format!(
            "promote it first, or netsec-tui trash --force {}: the newest finished run before it takes its place then",
            dir.id
        )));
    }
    Ok(())
}

/// Moves a run to the trash. `force` deletes the newest finished one too, for when a version is in production, whose
/// bundle needs no run, or for when its model is given up; a living run is never deleted.
///
/// # Errors
/// A run that is running, or without `force` the newest finished one; a disk that refuses it.
pub fn discard(home: &Home, dir: &RunDir, force: bool) -> Result<()> {
    may_be_discarded(home, dir, force)?;
    // Held over the move, so that no worker begins in between.
    let lock = dir.lock().map_err(|e| if dir.is_alive() { living(dir) } else { e })?;
    let root = trash(home);
    std::fs::create_dir_all(&root).at("creating", &root)?;
    let hand = serde_yaml::to_string(&Hand::own())
        .map_err(|e| Error::internal("who deletes cannot be written as YAML").caused_by(e))?;
    crate::files::write_atomic(&dir.file(MARK), hand.as_bytes())?;
    let moved = move_to(&dir.path, &root.join(&dir.id));
    if moved.is_err() {
        let _ = std::fs::remove_file(dir.file(MARK));
    }
    drop(lock);
    moved
}

/// Moves a directory to where nothing is yet.
fn move_to(from: &Path, to: &Path) -> Result<()> {
    if to.symlink_metadata().is_ok() {
        return Err(Error::user(format!("{} is there already", to.display())).hint("move it away first"));
    }
    match std::fs::read_link(from) {
        // A run on another disk: from elsewhere, a relative link would lead elsewhere.
        Ok(target) if target.is_relative() => {
            let whole = from.parent().unwrap_or(Path::new(".")).join(target);
            std::os::unix::fs::symlink(whole, to).at("moving", from)?;
            std::fs::remove_file(from).at("moving", from)?;
        }
        _ => std::fs::rename(from, to).at("moving", from)?,
    }
    for dir in [from, to].into_iter().filter_map(Path::parent) {
        crate::files::sync_dir(dir)?;
    }
    Ok(())
}

/// Who deleted a run, and when, where that is known.
fn mark(dir: &RunDir) -> Option<Hand> {
    let text = std::fs::read_to_string(dir.file(MARK)).ok()?;
    serde_yaml::from_str(&text).ok()
}

/// The runs in the trash, those deleted last first.
///
/// # Errors
/// When the trash cannot be read.
pub fn trashed(home: &Home) -> Result<Vec<Trashed>> {
    let mut all: Vec<Trashed> = dirs_in(&trash(home))?
        .into_iter()
        .map(|dir| {
            let by = mark(&dir);
            let what = dir.manifest().map(|m| format!("{} · {}", m.collection, m.space)).unwrap_or_default();
            Trashed { dir, by, what }
        })
        .collect();
    let key = |run: &Trashed| (run.by.as_ref().map(|by| by.at.clone()), run.dir.id.clone());
    all.sort_by_key(|run| std::cmp::Reverse(key(run)));
    Ok(all)
}

/// Takes a run, named by its id or the beginning of it, out of the trash.
///
/// # Errors
/// When none or several match, or a run of that id is there.
pub fn restore(home: &Home, prefix: &str) -> Result<RunDir> {
    let dir = one_of(dirs_in(&trash(home))?, prefix, "deleted run", "netsec-tui trash --list lists them")?;
    let path = home.runs().join(&dir.id);
    move_to(&dir.path, &path)?;
    let restored = RunDir { id: dir.id, path };
    let _ = std::fs::remove_file(restored.file(MARK));
    Ok(restored)
}

/// The runs in the trash that were deleted at least so many days ago; all of them without.
///
/// # Errors
/// When the trash cannot be read.
pub fn older_than(home: &Home, days: Option<u32>) -> Result<Vec<Trashed>> {
    let mut all = trashed(home)?;
    if let Some(days) = days {
        // Nothing is older than time itself.
        let Some(limit) = chrono::Utc::now().checked_sub_signed(chrono::Duration::days(i64::from(days))) else {
            return Ok(Vec::new());
        };
        let old = |at: &str| chrono::DateTime::parse_from_rfc3339(at).is_ok_and(|at| at <= limit);
        // One of which the day is not known stays: it is asked for by emptying the whole trash.
        all.retain(|run| run.by.as_ref().is_some_and(|by| old(&by.at)));
    }
    Ok(all)
}

/// What a run in the trash is called while it is being removed.
const GOING: &str = ".going-";

/// Removes runs from the trash for good.
///
/// # Errors
/// When the disk refuses it; those before the refused one are gone.
pub fn empty(home: &Home, runs: &[Trashed]) -> Result<()> {
    let root = trash(home);
    for Trashed { dir, by, .. } in runs {
        // Somebody may have had it back since it was listed, and perhaps deleted it again: that is not what was asked.
        if mark(dir) != *by {
            continue;
        }
        // Renamed first: half a run must not look like one.
        let going = root.join(format!("{GOING}{}", dir.id));
        unless_gone(std::fs::rename(&dir.path, &going)).at("removing", &dir.path)?;
    }
    // Those as well that somebody who was interrupted has left.
    let Ok(entries) = std::fs::read_dir(&root) else { return Ok(()) };
    for entry in entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(GOING)) {
        let path = entry.path();
        // A run that was moved to another disk is a link here: the link is what was deleted.
        let is_link = path.symlink_metadata().is_ok_and(|meta| meta.is_symlink());
        let gone = if is_link { std::fs::remove_file(&path) } else { std::fs::remove_dir_all(&path) };
        unless_gone(gone).at("removing", &path)?;
    }
    Ok(())
}

/// What somebody else has removed at the same time is removed.
fn unless_gone(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
