//! `events.jsonl`: appended by the one worker of a run, followed by anyone.

use crate::error::IoContext;
use crate::event::{Event, JOURNAL_VERSION, Stamped};
use crate::{Error, Result};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// The writing end. Held by the worker alone, under the run's lock.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    inner: Mutex<(File, u64)>,
}

impl Journal {
    /// Opens a journal for appending, cutting off a torn last line first.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds lines of a newer version.
    pub fn open(path: &Path) -> Result<(Self, Vec<Stamped>)> {
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).at("opening the journal", path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).at("reading the journal", path)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        if whole < text.len() {
            file.set_len(whole as u64).at("repairing the journal", path)?;
        }
        let events = parse(&text[..whole], path)?;
        let seq = events.last().map_or(0, |e| e.seq + 1);
        Ok((Self { path: path.to_owned(), inner: Mutex::new((file, seq)) }, events))
    }

    /// Appends an event in one write. When it returns, every reader sees it.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn append(&self, event: Event) -> Result<Stamped> {
        let mut inner = self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (file, seq) = &mut *inner;
        let stamped = Stamped { v: JOURNAL_VERSION, seq: *seq, at: crate::now(), event };
        let mut line = serde_json::to_vec(&stamped)
            .map_err(|e| Error::internal("an event cannot be written as JSON").caused_by(e))?;
        line.push(b'\n');
        let before = file.metadata().at("writing the journal", &self.path)?.len();
        if let Err(e) = file.write_all(&line) {
            // A part of the line may be there: what follows must not be glued to it.
            let _ = file.set_len(before);
            return Err(Error::io("writing the journal", &self.path, e));
        }
        *seq += 1;
        if lifecycle(&stamped.event) {
            file.sync_data().at("writing the journal", &self.path)?;
        }
        Ok(stamped)
    }
}

/// Whether an event must survive a power cut.
fn lifecycle(event: &Event) -> bool {
    !matches!(
        event,
        Event::TrialStarted { .. }
            | Event::FoldScored { .. }
            | Event::Progressed { .. }
            | Event::DriftMeasured { .. }
            | Event::Noted { .. }
            // The scores decide who is dropped: a search that lost it drops the same ones again.
            | Event::TrialDropped { .. }
    )
}

fn parse(text: &[u8], path: &Path) -> Result<Vec<Stamped>> {
    let mut events = Vec::new();
    for (i, line) in text.split(|b| *b == b'\n').enumerate() {
        if line.is_empty() {
            continue;
        }
        events.push(parse_line(line, path, i + 1)?);
    }
    Ok(events)
}

fn parse_line(line: &[u8], path: &Path, number: usize) -> Result<Stamped> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        v: u32,
    }
    let broken = |e: serde_json::Error| {
        Error::data(format!("{}, line {number}: not an event", path.display()))
            .hint("the journal was changed by something else; the run's report, if there is one, is still readable")
            .caused_by(e)
    };
    let versioned: Versioned = serde_json::from_slice(line).map_err(broken)?;
    if versioned.v > JOURNAL_VERSION {
        return Err(Error::data(format!(
            "{}, line {number}: written by a newer netsec (journal version {}, this one reads up to {JOURNAL_VERSION})",
            path.display(),
            versioned.v
        ))
        .hint("use the newer netsec for this run"));
    }
    serde_json::from_slice(line).map_err(broken)
}

/// The reading end: gives whole lines as they come and never a torn one.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    offset: u64,
    line: usize,
}

impl Follower {
    /// Follows a journal from its start. It need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, offset: 0, line: 0 }
    }

    /// The events that were written since the last call.
    ///
    /// # Errors
    /// When the file cannot be read, or holds lines of a newer version.
    pub fn poll(&mut self) -> Result<Vec<Stamped>> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::io("reading the journal", &self.path, e)),
        };
        // Only whole lines are ever behind `offset`: a torn end may be cut off and replaced by a resumed worker.
        file.seek(SeekFrom::Start(self.offset)).at("reading the journal", &self.path)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).at("reading the journal", &self.path)?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let mut events = Vec::new();
        for line in text[..whole].split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            self.line += 1;
            events.push(parse_line(line, &self.path, self.line)?);
        }
        self.offset += whole as u64;
        Ok(events)
    }
}

#[cfg(test)]
mod tests;
