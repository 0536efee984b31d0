//! What the Runs screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::compare::Several;
use netsec::event::Family;
use netsec::pipeline::Report;
use netsec::predict::{Choice, Chosen};
use netsec::run::Retag;
pub use netsec::run::RunRow;
use netsec::run::trash::Trashed;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    List,
    Cancel(String),
    /// Whether a failed validation is accepted comes last.
    Resume(String, bool),
    Detail(String),
    /// Reads the thresholds of a run's models.
    Thresholds(String, Vec<Family>),
    SetThreshold(String, Family, Choice),
    /// Holds models against the first of them.
    Compare(Vec<Entrant>),
    /// Writes a comparison into a file, as its ending says.
    WriteComparison(Arc<Several>, PathBuf),
    /// Sets a run's note; an empty one is none.
    Note(String, String),
    Tags(String, Retag),
    /// Writes the table to a file that is not there yet.
    Export {
        path: String,
        text: String,
        rows: usize,
    },
    /// Moves runs to the trash: all of them, or none.
    Trash(Vec<String>),
    Restore(Vec<String>),
    /// Lists the trash.
    Bin,
}

/// A model of a comparison: its run, and its family where that is not the winner's.
pub type Entrant = (String, Option<Family>);

impl Ask {
    /// The answer where nothing may be changed, if this would change something.
    pub fn refused(&self, why: impl FnOnce() -> Notice) -> Option<Answer> {
        match self {
            Ask::Cancel(_) | Ask::Resume(..) => Some(Answer::Asked(Err(why()))),
            Ask::SetThreshold(..) => Some(Answer::Threshold(Err(why()))),
            Ask::Note(..) | Ask::Tags(..) | Ask::Trash(_) | Ask::Restore(_) => Some(Answer::Edited(Err(why()))),
            // A file of the analyst's own may be written.
            Ask::List | Ask::Detail(_) | Ask::Thresholds(..) | Ask::Bin | Ask::Export { .. } => None,
            Ask::Compare(_) | Ask::WriteComparison(..) => None,
        }
    }
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    List(Result<Vec<RunRow>, Notice>),
    /// A run was asked to stop or to go on.
    Asked(Result<String, Notice>),
    Detail(Result<Box<Detail>, Notice>),
    /// The thresholds of a run's models.
    Thresholds(Result<Vec<Chosen>, Notice>),
    /// A model's threshold as it was set.
    Threshold(Result<Box<Chosen>, Notice>),
    Compared(Result<Arc<Several>, Notice>),
    ComparisonWritten(Result<PathBuf, Notice>),
    Edited(Result<Edited, Notice>),
    Bin(Result<Vec<Trashed>, Notice>),
}

/// What was changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// In words.
    pub text: String,
    /// The runs that are in the trash now, and those that are back.
    pub deleted: Vec<String>,
    pub restored: Vec<String>,
}

/// A run in full.
#[derive(Debug, Clone)]
pub struct Detail {
    pub row: RunRow,
    pub report: Option<Report>,
    pub log: Vec<(String, String)>,
}
