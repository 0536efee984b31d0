//! What the Predict screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::event::Family;
use netsec::predict::{Record, Verdict};
use netsec::schema::Schema;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Loads a model of a run, or of the newest finished one.
    Model(Option<String>, Option<Family>),
    Score(String, Family, ScoreInput),
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    Model(Result<Box<ModelInfo>, Notice>),
    Scored(Result<Box<Scored>, Notice>),
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
    /// A pasted row with a value changed by hand; it is not.
    Record(Record),
}

/// A scored row.
#[derive(Debug, Clone)]
pub struct Scored {
    pub verdict: Verdict,
    /// The row as scored.
    pub record: Record,
    /// Rows behind the first one in the paste.
    pub ignored: usize,
    /// Why the log does not have it.
    pub unlogged: Option<Notice>,
    /// Whether it was pasted, rather than changed by hand.
    pub pasted: bool,
}
