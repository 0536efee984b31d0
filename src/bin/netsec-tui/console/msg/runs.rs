//! What the Runs screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::compare::Several;
use netsec::event::{DriftSummary, Family, Stage};
use netsec::pipeline::Report;
use netsec::predict::{Choice, Chosen};
use netsec::run::{RunEntry, RunStatus};
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
}

/// A model of a comparison: its run, and its family where that is not the winner's.
pub type Entrant = (String, Option<Family>);

impl Ask {
    /// The answer where nothing may be changed, if this would change something.
    pub fn refused(&self, why: impl FnOnce() -> Notice) -> Option<Answer> {
        match self {
            Ask::Cancel(_) | Ask::Resume(..) => Some(Answer::Asked(Err(why()))),
            Ask::SetThreshold(..) => Some(Answer::Threshold(Err(why()))),
            Ask::List | Ask::Detail(_) | Ask::Thresholds(..) | Ask::Compare(_) | Ask::WriteComparison(..) => None,
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
}

/// A run as a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub id: String,
    pub started_at: String,
    pub status: RunStatus,
    pub who: String,
    pub database: String,
    pub collection: String,
    pub space: String,
    pub seed: u64,
    pub folds: u32,
    /// Runs with the same one are scored on the same hold-out.
    pub holdout: String,
    pub trials: (u32, u32),
    /// The winner, or the leader while the run is on.
    pub best: Option<(Family, f64, f64)>,
    pub test: Option<(f64, [f64; 2])>,
    pub elapsed_ms: u64,
    /// How its rows compared with those of the champion of its time.
    pub drift: Option<DriftSummary>,
    /// Families that have a model.
    pub models: Vec<Family>,
    pub failure: Option<(String, Option<String>)>,
    /// Whether its validation is what has stopped it.
    pub unfit: bool,
}

impl From<&RunEntry> for RunRow {
    fn from(entry: &RunEntry) -> Self {
        let (manifest, state) = (&entry.manifest, &entry.state);
        let best =
            state.winner.and_then(|w| Some((w, state.family(w)?.cv_score()?))).map(|(w, (mean, sd))| (w, mean, sd));
        let leader = state.leader().map(|(family, trial)| (family.family, trial.mean, trial.sd));
        let planned = manifest.search.iter().map(|s| s.trials.len() as u32).sum();
        Self {
            id: entry.dir.id.clone(),
            started_at: manifest.started_at.clone(),
            status: entry.status,
            who: format!("{}@{}", manifest.user, manifest.host),
            database: manifest.database.clone(),
            collection: manifest.collection.clone(),
            space: manifest.space.clone(),
            seed: manifest.seed,
            folds: manifest.folds,
            holdout: manifest.holdout_name(),
            trials: (state.trial_counts().0, planned),
            best: best.or(leader),
            test: state.winner.and_then(|w| state.family(w)?.test.as_ref()).map(|test| (test.f1, test.f1_ci)),
            elapsed_ms: state.elapsed_ms((entry.status == RunStatus::Running).then(netsec::now).as_deref()),
            drift: state.drift.clone(),
            models: state.families.iter().filter(|f| f.test.is_some()).map(|f| f.family).collect(),
            failure: state.failure.clone(),
            // Asked of those only that have not come further.
            unfit: entry.status == RunStatus::Failed
                && !state.stages.iter().any(|(stage, ..)| *stage == Stage::Validate)
                && entry.dir.validation().ok().flatten().is_some_and(|found| found.stops()),
        }
    }
}

/// A run in full.
#[derive(Debug, Clone)]
pub struct Detail {
    pub row: RunRow,
    pub report: Option<Report>,
    pub log: Vec<(String, String)>,
}
