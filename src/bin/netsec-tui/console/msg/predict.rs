//! What the Predict screen asks for, and what it is told.

use crate::console::clean::clean;
use crate::console::format::short_id;
use crate::console::load::Notice;
use netsec::event::Family;
use netsec::explain::Explanation;
use netsec::predict::{History, Near, Record, Release, Sample, Summary, Verdict};
use netsec::schema::Schema;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Loads a model, of a family where one is meant; without a source the champion's.
    Model(Option<Source>, Option<Family>),
    Score(Source, Family, ScoreInput),
    /// What each feature contributes.
    Why(Source, Family, Record),
    /// The nearest training rows.
    Near(Source, Family, Record),
    /// The predictions that have these words.
    Past(String),
    /// Scores a file into another one.
    Batch {
        source: Source,
        family: Family,
        input: String,
        output: String,
    },
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    Model(Result<Box<ModelInfo>, Notice>),
    Scored(Result<Box<Scored>, Notice>),
    Why(Result<Box<Explanation>, Notice>),
    Near(Result<Vec<Near>, Notice>),
    Past(Result<History, Notice>),
    Batched(Result<Box<Batched>, Notice>),
}

/// Where a model is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A run of this home, by its id.
    Run(String),
    /// A version of the registry, by the model's name and its number.
    Version(String, u32),
}

/// A model that is ready to score.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    /// Its run, which for a version need not be in this home.
    pub run: String,
    pub family: Family,
    pub winner: Family,
    pub families: Vec<Family>,
    pub schema: Arc<Schema>,
    /// The SHA-256 of its file, which holds the threshold too.
    pub hash: String,
    /// The version that it is; none for a run's.
    pub release: Option<Release>,
    /// How much of its training vectors is at hand; none where all of them are.
    pub sample: Option<Sample>,
    /// What is to be said of how it was chosen: the registry cannot be reached.
    pub note: Option<String>,
}

impl ModelInfo {
    /// What it is called: `phishing v4 (run 7f3a21)`, or `run 7f3a21`.
    pub fn name(&self) -> String {
        let run = short_id(&self.run);
        match &self.release {
            Some(release) => format!("{} (run {run})", clean(&release.to_string())),
            None => format!("run {run}"),
        }
    }

    /// Where it is from.
    pub fn source(&self) -> Source {
        match &self.release {
            Some(release) => Source::Version(release.name.clone(), release.version),
            None => Source::Run(self.run.clone()),
        }
    }
}

/// What is scored.
#[derive(Debug, Clone, PartialEq)]
pub enum ScoreInput {
    /// Text as pasted; it is logged.
    Text(String),
    /// One of the rows that were pasted; it is logged.
    Row(Record),
    /// A row with a value changed by hand; it is not.
    Changed(Record),
}

/// A scored row.
#[derive(Debug, Clone)]
pub struct Scored {
    pub verdict: Verdict,
    /// The row as scored.
    pub record: Record,
    /// All rows of the paste, where this is the first of them.
    pub rows: Vec<Record>,
    /// Why the log does not have it.
    pub unlogged: Option<Notice>,
    /// Whether it is as it was pasted, rather than changed by hand.
    pub pasted: bool,
}

/// A file that was scored.
#[derive(Debug, Clone)]
pub struct Batched {
    pub output: PathBuf,
    pub summary: Summary,
}
