//! What the loop tells the app ([`Msg`]), and what the app asks of the loop ([`Effect`]).

use super::load::Notice;
use bson::Document;
use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;
use netsec::drift::DriftReport;
use netsec::event::{DriftSummary, Family, Params, Stage, Stamped};
use netsec::pipeline::Report;
use netsec::predict::{Choice, Chosen, Record, Verdict};
use netsec::profile::{ColumnProfile, Profile, Values};
use netsec::push::{Progress, Pushed};
use netsec::run::{Manifest, Request, RunEntry, RunStatus};
use netsec::schema::{Column, Schema};
use netsec::statistics::bins;
use netsec::store::{CollectionInfo, Cursor, Filter, Namespace, Query};
use netsec::training::FamilySearch;
use netsec::validation::Validation;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// Tells answers apart: only the one to the latest question counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Msg {
    /// The time, told before anything that depends on it.
    Clock(DateTime<Utc>),
    Key(KeyEvent),
    Paste(String),
    Resize(u16, u16),
    /// A quarter of a second passed while something on the screen runs, or two while only a run elsewhere does.
    Tick,
    Done(JobId, Answer),
}

/// A database as browsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Database {
    pub name: String,
    pub collections: Vec<CollectionInfo>,
}

/// A page of documents with what is needed to show it.
#[derive(Debug, Clone)]
pub struct Fetched {
    pub documents: Vec<Document>,
    pub next: Option<Cursor>,
    pub schema: Arc<Schema>,
}

/// What stands in a field.
#[derive(Debug, Clone)]
pub struct Field {
    pub profile: ColumnProfile,
    /// The levels in the schema's order, or bins of the numbers, each with its rows.
    pub bars: Vec<(String, u64)>,
    /// Different values that were seen.
    pub distinct: u64,
}

/// What the rows of a collection look like, field by field.
#[derive(Debug, Clone)]
pub struct Fields {
    pub schema: Arc<Schema>,
    pub validation: Validation,
    /// The features in the schema's order, then the target.
    pub fields: Vec<Field>,
    /// How many rows the bins of numbers are made of, where these are a random sample.
    pub sampled: Option<u64>,
}

impl Fields {
    pub fn new(schema: Schema, profile: &Profile, validation: Validation) -> Self {
        let field = |(at, (column, profile_of)): (usize, (&Column, &ColumnProfile))| {
            let (bars, distinct) = match &profile_of.values {
                Values::Levels(counts) => {
                    let labels = column.levels().iter().map(ToString::to_string);
                    let seen = counts.iter().filter(|n| **n > 0).count();
                    (labels.zip(counts.iter().copied()).collect(), seen)
                }
                Values::Numbers(_) => {
                    let mut numbers = profile.numbers(at);
                    // Cut as for a comparison, here with itself.
                    let cut = bins(&numbers, &numbers).unwrap_or_default();
                    numbers.dedup();
                    (cut.labels().into_iter().zip(cut.reference).collect(), numbers.len())
                }
            };
            Field { profile: profile_of.clone(), bars, distinct: distinct as u64 }
        };
        let fields = schema.columns().zip(&profile.summary.columns).enumerate().map(field).collect();
        let sampled = profile.is_sampled().then_some(profile.labels.len() as u64);
        Self { schema: Arc::new(schema), validation, fields, sampled }
    }
}

/// What a search space tries of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub family: Family,
    pub trials: usize,
    /// Fits that the trials take on a fold: those that a longer fit passes through cost none.
    pub fits: usize,
    /// Whether only the better half goes on after each fold.
    pub halving: bool,
}

impl From<&FamilySearch> for Plan {
    fn from(search: &FamilySearch) -> Self {
        let mut fits: Vec<Params> = search.trials.clone();
        if let Some(stage) = search.family.staged_by() {
            for params in &mut fits {
                params.0.remove(stage);
            }
        }
        // Their text orders them; values have no order of their own.
        let fits: BTreeSet<String> = fits.iter().map(Params::to_string).collect();
        Self { family: search.family, trials: search.trials.len(), fits: fits.len(), halving: search.halving }
    }
}

/// The search spaces, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Spaces {
    pub default: String,
    pub folds: u32,
    pub spaces: Vec<(String, Vec<Plan>)>,
}

/// What a journal said since the last time.
#[derive(Debug)]
pub struct Heard {
    pub events: Vec<Stamped>,
    pub alive: bool,
    pub manifest: Option<Box<Manifest>>,
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

/// Which rows are held against which, as they are named: none is the champion, and the default collection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sides {
    pub reference: Option<String>,
    pub current: Option<String>,
}

/// A drift report, with the schema that knows what its columns mean.
#[derive(Debug, Clone)]
pub struct Drifted {
    pub report: Arc<DriftReport>,
    pub schema: Arc<Schema>,
}

/// What an effect found. The job's id says which question it answers.
#[derive(Debug)]
pub enum Answer {
    Catalog(Result<Vec<Database>, Notice>),
    Page(Result<Box<Fetched>, Notice>),
    Count(Result<u64, Notice>),
    Fields(Result<Box<Fields>, Notice>),
    PushProgress(Progress),
    Pushed(Result<Box<Pushed>, Notice>),
    Spaces(Result<Spaces, Notice>),
    Started(Result<String, Notice>),
    Heard(Result<Box<Heard>, Notice>),
    Runs(Result<Vec<RunRow>, Notice>),
    /// A run was asked to stop or to go on.
    Asked(Result<String, Notice>),
    Detail(Result<Box<Detail>, Notice>),
    /// The thresholds of a run's models.
    Thresholds(Result<Vec<Chosen>, Notice>),
    /// A model's threshold as it was set.
    Threshold(Result<Box<Chosen>, Notice>),
    Model(Result<Box<ModelInfo>, Notice>),
    Scored(Result<Box<Scored>, Notice>),
    Drift(Result<Drifted, Notice>),
    /// The report that a run has kept.
    RunDrift(Result<Drifted, Notice>),
    /// The files that a drift report was written to.
    Exported(Result<Vec<PathBuf>, Notice>),
}

/// What is to be pushed.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Synthetic rows.
    Sample { rows: u64, seed: u64 },
    /// A file.
    File(String),
}

/// Something to be done outside [`super::update`].
#[derive(Debug, Clone)]
pub enum Effect {
    Catalog(JobId),
    Fetch(JobId, Namespace, Query),
    Count(JobId, Namespace, Filter),
    /// Reads and judges the rows of a collection.
    Fields(JobId, Namespace),
    Push(JobId, Namespace, Source),
    Spaces(JobId),
    Start(JobId, Request),
    /// Follows one run's journal; the one followed before is let go.
    Follow(JobId, String),
    Unfollow,
    Runs(JobId),
    Cancel(JobId, String),
    /// Whether a failed validation is accepted comes last.
    Resume(JobId, String, bool),
    Detail(JobId, String),
    /// Reads the thresholds of a run's models.
    Thresholds(JobId, String, Vec<Family>),
    SetThreshold(JobId, String, Family, Choice),
    /// Loads a model of a run, or of the newest finished one.
    Model(JobId, Option<String>, Option<Family>),
    Score(JobId, String, Family, ScoreInput),
    Drift(JobId, Sides),
    RunDrift(JobId, String),
    Export(JobId, Arc<DriftReport>),
    /// Hands text to the terminal's clipboard.
    Copy(String),
    Suspend,
    Leave,
}
