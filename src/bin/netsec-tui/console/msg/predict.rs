//! What the Predict screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::event::Family;
use netsec::explain::Explanation;
use netsec::predict::{History, Near, Record, Summary, Verdict};
use netsec::schema::Schema;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Loads a model of a run, or of the newest finished one.
    Model(Option<String>, Option<Family>),
    Score(String, Family, ScoreInput),
    /// What each feature contributes.
    Why(String, Family, Record),
    /// The nearest training rows.
    Near(String, Family, Record),
    /// The predictions that have these words.
    Past(String),
    /// Scores a file into another one.
    Batch {
        run: String,
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

/// A model that is ready to score.
#[derive(Debug, Clone)]
pub struct ModelInfo {
    pub run: String,
    pub family: Family,
    pub winner: Family,
    pub families: Vec<Family>,
    pub schema: Arc<Schema>,
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
