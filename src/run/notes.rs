//! What analysts note about a run: one note and short tags, in `notes.yaml` beside its journal.
//!
//! The file may be edited by several people at once. Each edit is read, changed and written under a lock, so that an
//! edit of the note does not undo one of the tags, nor one tag another: the last writer of a field wins, and no more.

use super::RunDir;
use crate::error::IoContext;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::OpenOptions;

/// Most characters of a note.
pub const LONGEST_NOTE: usize = 2_000;
/// Most characters of a tag.
pub const LONGEST_TAG: usize = 24;
/// Most tags of a run.
const MOST_TAGS: usize = 16;
/// Format number of the file.
const VERSION: u32 = 1;

/// What was noted about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notes {
    /// Format number of the file.
    pub v: u32,
    /// The note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The tags by name, each with who gave it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, Hand>,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What was noted.
    pub text: String,
    /// Who wrote it last.
    pub by: Hand,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hand {
    /// `user@host`.
    pub who: String,
    /// RFC 3339.
    pub at: String,
}

impl Hand {
    /// Whoever runs this program, now.
    pub(super) fn own() -> Self {
        Self { who: format!("{}@{}", crate::who::user(), crate::who::host()), at: crate::now() }
    }
}

impl Default for Notes {
    fn default() -> Self {
        Self { v: VERSION, note: None, tags: BTreeMap::new() }
    }
}

impl Notes {
    /// What was noted about a run; nothing where there is no file.
    ///
    /// # Errors
    /// When the file is there and cannot be read as this version's.
    pub fn read(dir: &RunDir) -> Result<Self> {
        let path = dir.notes_file();
        let Some(text) = crate::files::read_if_there(&path)? else { return Ok(Self::default()) };
        let notes: Self =
            serde_yaml::from_str(&text).map_err(|e| crate::settings::yaml_error(&path.display().to_string(), &e))?;
        if notes.v > VERSION {
            return Err(Error::data(format!("{}: written by a newer netsec", path.display()))
                .hint("use the newer netsec for this run's notes"));
        }
        Ok(notes)
    }
}

/// Tags that are given to a run and taken from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retag {
    /// Those it gets.
    pub add: Vec<String>,
    /// Those it loses. One that it does not have is no mistake.
    pub remove: Vec<String>,
}

impl Retag {
    /// Reads changes as they are written: `+baseline -old`; a word without a sign is given too.
    ///
    /// # Errors
    /// A word that is no tag.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut change = Self::default();
        for word in words.into_iter().flat_map(str::split_whitespace) {
            match word.strip_prefix('-') {
                Some(tag) => change.remove.push(tag_name(tag)?),
                None => change.add.push(tag_name(word.strip_prefix('+').unwrap_or(word))?),
            }
        }
        Ok(change)
    }

    /// What makes the tags of a run exactly those that are written, signs or not.
    ///
    /// # Errors
    /// A word that is no tag.
    pub fn to(present: &[String], words: &str) -> Result<Self> {
        let wanted = Self::parse([words])?.add;
        let remove = present.iter().filter(|tag| !wanted.contains(tag)).cloned().collect();
        Ok(Self { add: wanted.into_iter().filter(|tag| !present.contains(tag)).collect(), remove })
    }
}

/// A tag's name, checked.
fn tag_name(text: &str) -> Result<String> {
    let good = |c: char| c.is_alphanumeric() || "._:/-".contains(c);
    let fits = text.chars().count() <= LONGEST_TAG && text.chars().all(good);
    if !fits || !text.starts_with(char::is_alphanumeric) {
        return Err(Error::user(format!("{text:?} is no tag")).hint(format!(
            "a tag is one word of at most {LONGEST_TAG} letters, digits and . _ : / -, and begins with a letter or digit"
        )));
    }
    Ok(text.to_owned())
}

impl RunDir {
    /// What was noted about the run.
    pub fn notes_file(&self) -> std::path::PathBuf {
        self.file("notes.yaml")
    }

    /// Sets the note, or removes it. Returns what stands in the file then.
    ///
    /// # Errors
    /// A note that is too long, a file that cannot be read, or a disk that refuses it.
    pub fn set_note(&self, text: Option<&str>) -> Result<Notes> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let length = text.map_or(0, |text| text.chars().count());
        if length > LONGEST_NOTE {
            return Err(Error::user(format!("the note has {length} characters"))
                .hint(format!("a note has {LONGEST_NOTE} at most")));
        }
        // No command to a terminal is kept that would have to be kept from it ever after.
        let plain = text.map(|text| text.chars().filter(|c| !c.is_control() || *c == '\n').collect());
        self.edit_notes(|notes| {
            notes.note = plain.map(|text| Note { text, by: Hand::own() });
            Ok(())
        })
    }

    /// Gives the run tags and takes others from it. Returns what stands in the file then.
    ///
    /// # Errors
    /// Too many tags, a file that cannot be read, or a disk that refuses it.
    pub fn retag(&self, change: &Retag) -> Result<Notes> {
        self.edit_notes(|notes| {
            change.remove.iter().for_each(|tag| drop(notes.tags.remove(tag)));
            for tag in &change.add {
                notes.tags.entry(tag.clone()).or_insert_with(Hand::own);
            }
            if notes.tags.len() > MOST_TAGS {
                return Err(Error::user(format!("the run would have {} tags", notes.tags.len()))
                    .hint(format!("a run has {MOST_TAGS} at most")));
            }
            Ok(())
        })
    }

    /// Reads, changes and writes the file as one step.
    fn edit_notes(&self, change: impl FnOnce(&mut Notes) -> Result<()>) -> Result<Notes> {
        let path = self.file("notes.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).at("locking", &path)?;
        lock.lock().at("locking", &path)?;
        let mut notes = Notes::read(self)?;
        change(&mut notes)?;
        let text = serde_yaml::to_string(&notes)
            .map_err(|e| Error::internal("the notes cannot be written as YAML").caused_by(e))?;
        crate::files::write_atomic(&self.notes_file(), text.as_bytes())?;
        Ok(notes)
    }
}
