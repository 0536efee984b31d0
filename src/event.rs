//! What happens in a run, in the past tense. The journal of a run is a list of these.

mod family;

pub use family::Family;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The format number of journal lines that this version writes. Readers refuse a newer one.
pub const JOURNAL_VERSION: u32 = 1;

/// The stages of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reads the collection and collapses equal rows.
    Ingest,
    /// Holds the rows against the schema.
    Validate,
    /// Splits off the hold-out, assigns folds, fits the preprocessor.
    Transform,
    /// Searches each family's parameters and fits its best model.
    Train,
    /// Scores the fitted models on the hold-out.
    Evaluate,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Stage; 5] = [Stage::Ingest, Stage::Validate, Stage::Transform, Stage::Train, Stage::Evaluate];

    /// The name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Ingest => "ingest",
            Stage::Validate => "validate",
            Stage::Transform => "transform",
            Stage::Train => "train",
            Stage::Evaluate => "evaluate",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Stage {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        Stage::ALL.into_iter().find(|s| s.name() == text).ok_or_else(|| {
            crate::Error::user(format!("unknown stage {text:?}"))
                .hint("one of ingest, validate, transform, train, evaluate")
        })
    }
}

/// The parameters of one trial, by name, in a fixed order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(pub BTreeMap<String, Value>);

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (name, value)) in self.0.iter().enumerate() {
            let space = if i == 0 { "" } else { "  " };
            match value {
                Value::String(text) => write!(f, "{space}{name} {text}")?,
                other => write!(f, "{space}{name} {other}")?,
            }
        }
        Ok(())
    }
}

/// What a run was trained on, counted after the hold-out was split off.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DataSummary {
    /// Labelled rows that were read.
    pub rows: u64,
    /// Distinct feature vectors among them.
    pub vectors: u64,
    /// Vectors that stand in the data with both labels.
    pub conflicting: u64,
    /// Share of hold-out rows whose vector is also in the training part, 0 to 1.
    pub leak: f64,
    /// Rows without a target, left out.
    #[serde(default)]
    pub unlabelled: u64,
    /// Rows that the schema refused, left out.
    #[serde(default)]
    pub rejected: u64,
    /// Distinct vectors in the hold-out.
    #[serde(default)]
    pub holdout_vectors: u64,
    /// SHA-256 of the distinct vectors and their label counts.
    #[serde(default)]
    pub hash: String,
}

/// The headline of a drift report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftSummary {
    /// What the rows were held against.
    pub reference: String,
    /// Columns that have drifted.
    pub drifted: u32,
    /// Columns of which that could not be told.
    pub undecided: u32,
    /// All columns.
    pub total: u32,
    /// Whether the data set has drifted; none where that could not be told.
    pub dataset_drift: Option<bool>,
}

impl fmt::Display for DriftSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.dataset_drift {
            Some(true) => "data set drift",
            Some(false) => "no data set drift",
            None => "data set drift cannot be told",
        };
        write!(f, "{word}: {} of {} columns drifted", self.drifted, self.total)?;
        if self.undecided > 0 {
            write!(f, ", {} could not be told", self.undecided)?;
        }
        Ok(())
    }
}

/// Scores on the hold-out. The positive class is the schema's (phishing); rows count as often as they were observed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestScores {
    /// The probability from which a row was called positive.
    #[serde(default = "first_threshold")]
    pub threshold: f64,
    /// Share of the rows called positive that are.
    pub precision: f64,
    /// Share of the positive rows that were called so.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Share of rows called right.
    pub accuracy: f64,
    /// Area under the ROC curve; absent when the hold-out has one class only.
    pub roc_auc: Option<f64>,
    /// Average precision; absent when the hold-out has no positive row.
    pub pr_auc: Option<f64>,
    /// Mean negative log-likelihood, in nats.
    pub log_loss: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Expected calibration error: how far the probabilities are off on average, 0 to 1. It means nothing where
    /// `reliability` is empty: the scores are from before it was measured.
    #[serde(default)]
    pub ece: f64,
    /// Probabilities against what came true.
    #[serde(default)]
    pub reliability: Vec<ReliabilityBin>,
    /// 95 % percentile bootstrap interval of `f1`, resampling vectors.
    pub f1_ci: [f64; 2],
    /// The same of `precision`; none in older reports.
    #[serde(default)]
    pub precision_ci: Option<[f64; 2]>,
    /// The same of `recall`; none in older reports.
    #[serde(default)]
    pub recall_ci: Option<[f64; 2]>,
    /// Rows by truth and verdict.
    pub confusion: Confusion,
}

/// The threshold of scores written before it could be chosen.
fn first_threshold() -> f64 {
    0.5
}

/// The rows whose probability lies above `low` and not above `high`; the first bin holds 0 too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Number of rows.
    pub rows: u64,
    /// Their mean probability.
    pub mean_probability: f64,
    /// The share of them that is positive: equal to the mean probability where the model can be believed.
    pub positive_share: f64,
}

/// A confusion matrix in rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confusion {
    /// Positive, called positive.
    pub true_positive: u64,
    /// Negative, called positive.
    pub false_positive: u64,
    /// Positive, called negative.
    pub false_negative: u64,
    /// Negative, called negative.
    pub true_negative: u64,
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A worker began the run.
    RunStarted {
        /// Families to train, in order.
        families: Vec<Family>,
        /// Cross-validation folds.
        folds: u32,
    },
    /// A worker took the run up again after an interruption.
    RunResumed {
        /// Who resumed it.
        user: String,
        /// On which host.
        host: String,
    },
    /// A stage began.
    StageStarted {
        /// Which.
        stage: Stage,
    },
    /// A stage ended and its output is on disk.
    StageFinished {
        /// Which.
        stage: Stage,
        /// How long it took, in milliseconds.
        ms: u64,
        /// One line for people.
        summary: String,
    },
    /// The rows were read and split.
    DataSplit {
        /// The counts.
        data: DataSummary,
    },
    /// The search over one family's parameters began.
    SearchStarted {
        /// Which family.
        family: Family,
        /// Number of trials.
        trials: u32,
    },
    /// A trial began.
    TrialStarted {
        /// Which family.
        family: Family,
        /// Its number in the family's search, from 0.
        trial: u32,
        /// Its parameters.
        params: Params,
    },
    /// A fold of a trial was scored.
    FoldScored {
        /// Which family.
        family: Family,
        /// Which trial.
        trial: u32,
        /// Which fold, from 0.
        fold: u32,
        /// F1 of the positive class on the fold's validation rows.
        f1: f64,
        /// How long its fit took, in milliseconds; its share where the fit served several trials.
        #[serde(default)]
        ms: u64,
    },
    /// A fit moved on; thinned at the source.
    Progressed {
        /// Which family.
        family: Family,
        /// Which trial.
        trial: u32,
        /// Which fold.
        fold: u32,
        /// Steps (trees, iterations) done.
        step: u32,
        /// Steps in all.
        of: u32,
        /// Training loss after that step, where the family has one.
        loss: Option<f64>,
    },
    /// All folds of a trial were scored. Never repeated: a resumed run starts behind it.
    TrialFinished {
        /// Which family.
        family: Family,
        /// Which trial.
        trial: u32,
        /// Its parameters.
        params: Params,
        /// F1 of the positive class by fold.
        scores: Vec<f64>,
        /// How long it took, in milliseconds.
        ms: u64,
    },
    /// A trial was left behind by better ones before all folds were scored. Never repeated.
    TrialDropped {
        /// Which family.
        family: Family,
        /// Which trial.
        trial: u32,
        /// F1 of the positive class of the folds that were scored.
        scores: Vec<f64>,
    },
    /// A trial could not be finished.
    TrialFailed {
        /// Which family.
        family: Family,
        /// Which trial.
        trial: u32,
        /// Why.
        reason: String,
    },
    /// A family's best parameters were fitted on the whole training part and the model is on disk.
    FamilyFinished {
        /// Which family.
        family: Family,
        /// The winning trial.
        trial: u32,
        /// Its parameters.
        params: Params,
        /// Its mean F1 on the rows dealt into folds anew.
        cv_f1: f64,
        /// Their standard deviation (n - 1).
        cv_sd: f64,
        /// How long the final fit took, in milliseconds.
        fit_ms: u64,
    },
    /// A family has no model. The run goes on without it.
    FamilyFailed {
        /// Which family.
        family: Family,
        /// Why.
        reason: String,
    },
    /// A model was scored on the hold-out.
    ModelTested {
        /// Which family.
        family: Family,
        /// The scores.
        test: TestScores,
    },
    /// The rows were held against those of the champion; `drift.yaml` has the report.
    DriftMeasured {
        /// The counts.
        drift: DriftSummary,
    },
    /// Something worth a line in the log.
    Noted {
        /// The line.
        text: String,
    },
    /// The run is complete.
    RunFinished {
        /// The family with the best cross-validated F1.
        winner: Family,
    },
    /// The run was asked to end after a stage; resuming goes on behind it.
    RunStopped {
        /// The last stage that ran.
        after: Stage,
    },
    /// The run ended with an error.
    RunFailed {
        /// What went wrong.
        reason: String,
        /// The way out, where one is known.
        hint: Option<String>,
    },
    /// The run was cancelled.
    RunCancelled,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Format number, [`JOURNAL_VERSION`].
    pub v: u32,
    /// Position in the journal, from 0.
    pub seq: u64,
    /// When, RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// What.
    pub event: Event,
}
