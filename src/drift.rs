//! Drift: whether current rows still look like those of a reference, column by column.
//!
//! A column has drifted when its effect size *and* its corrected p-value say so. Equal rows come in clusters, which
//! makes p-values too small, and with enough rows every difference is significant: neither alone can be believed.

mod compare;
mod page;

pub use compare::{Compared, compare, compare_counts};
pub use page::html;

use crate::event::{DriftSummary, Family};
use crate::{Error, Result, files};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// When a column or a data set counts as drifted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Jensen-Shannon distance (base 2) from which a categorical feature has drifted.
    pub js: f64,
    /// The same for the target and the verdicts.
    pub target_js: f64,
    /// Wasserstein distance, in standard deviations of the reference, from which a numeric feature has drifted.
    pub wasserstein: f64,
    /// Corrected p-value below which a difference is not chance.
    pub p: f64,
    /// Share of drifted columns from which the data set has drifted.
    pub share: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { js: 0.1, target_js: 0.05, wasserstein: 0.1, p: 0.05, share: 0.5 }
    }
}

/// What was found of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It differs by more than chance and by enough to matter.
    Drifted,
    /// It could not be tested.
    Untested,
    /// No difference was found, but one that matters might not have been at these numbers of rows.
    TooSmall,
    /// It does not differ by enough to matter, or by no more than chance.
    Steady,
}

impl Verdict {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Drifted => "drifted",
            Verdict::Untested => "untested",
            Verdict::TooSmall => "too few",
            Verdict::Steady => "steady",
        }
    }
}

/// How a column was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Pearson's chi-square of homogeneity, without Yates' correction.
    ChiSquare,
    /// Kolmogorov and Smirnov's two-sample test.
    KolmogorovSmirnov,
}

/// A value, or a range of values, with how often it occurs on either side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The level, or the range of the bin.
    pub label: String,
    /// Rows of the reference.
    pub reference: u64,
    /// Current rows.
    pub current: u64,
}

/// Missing cells on either side.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Missing {
    /// Rows of the reference without a value.
    pub reference: u64,
    /// Current rows without a value.
    pub current: u64,
    /// Jensen-Shannon distance between having and not having a value.
    pub js: Option<f64>,
    /// Pearson's chi-square p-value of the same, corrected over the columns (Benjamini and Hochberg).
    pub p_adjusted: Option<f64>,
    /// Whether the share of missing cells has drifted: by the limits of the values.
    pub drifted: bool,
}

/// The findings for a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// Whether it has drifted; none where that could not be told.
    pub drift_status: Option<bool>,
    /// The same in more shades.
    pub verdict: Verdict,
    /// The test.
    pub test: Test,
    /// The test's statistic.
    pub statistic: Option<f64>,
    /// Its p-value.
    pub p_value: Option<f64>,
    /// The exact p-value, beside, where expected counts are below 5; it is the one that is corrected then.
    #[serde(default)]
    pub p_exact: Option<f64>,
    /// The p-value corrected over the columns (Benjamini and Hochberg).
    pub p_adjusted: Option<f64>,
    /// Jensen-Shannon distance, base 2, 0 to 1.
    pub js: Option<f64>,
    /// Population stability index.
    pub psi: Option<f64>,
    /// Wasserstein distance in standard deviations of the reference; of a numeric column only.
    #[serde(default)]
    pub wasserstein: Option<f64>,
    /// The effect size from which this column counts as drifted.
    pub limit: f64,
    /// The smallest effect that could have been told from chance at these numbers of rows, were this the only column.
    pub detectable: Option<f64>,
    /// Missing cells.
    pub missing: Missing,
    /// The distributions.
    pub bars: Vec<Bar>,
    /// Why it could not be tested, or what else to know.
    #[serde(default)]
    pub note: Option<String>,
}

impl ColumnDrift {
    /// The effect size that decides.
    pub fn effect(&self) -> Option<f64> {
        match self.test {
            Test::ChiSquare => self.js,
            Test::KolmogorovSmirnov => self.wasserstein,
        }
    }

    /// Shares of the rows without a value, 0 to 1: reference, current.
    pub fn missing_shares(&self) -> [f64; 2] {
        let share = |missing: u64, known: u64| missing as f64 / (missing + known).max(1) as f64;
        let [old, new] = self.known();
        [share(self.missing.reference, old), share(self.missing.current, new)]
    }

    /// Rows with a value: reference, current.
    pub fn known(&self) -> [u64; 2] {
        self.bars.iter().fold([0; 2], |sum, bar| [sum[0] + bar.reference, sum[1] + bar.current])
    }
}

/// One of the two sides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Side {
    /// What it is, as it can be named again: a run, a collection with its window, a file.
    pub name: String,
    /// Rows that were compared.
    pub rows: u64,
    /// Rows among them with a label.
    pub labelled: u64,
    /// Rows that the schema refused, left out.
    pub refused: u64,
    /// Names the rows: the same rows have the same text.
    pub hash: String,
    /// When the first and the last row were stored, or a run was started; RFC 3339.
    pub from: Option<String>,
    /// See `from`.
    pub to: Option<String>,
    /// Rows that distributions of numbers and the verdicts are taken from, when these are a random sample.
    #[serde(default)]
    pub sampled: Option<u64>,
}

/// A score with its 95 % interval: a percentile bootstrap over vectors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The score.
    pub value: f64,
    /// Lower and upper end of the interval.
    pub interval: [f64; 2],
}

/// How well a model tells rows apart, at its threshold. The positive class is the schema's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Labelled rows.
    pub rows: u64,
    /// Distinct vectors among them.
    pub vectors: u64,
    /// Share of the rows called positive that are.
    pub precision: Estimate,
    /// Share of the positive rows that were called so.
    pub recall: Estimate,
    /// Harmonic mean of both.
    pub f1: Estimate,
}

/// How the champion fares on the current rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelDrift {
    /// Its run.
    pub run: String,
    /// The version that it is, as in `phishing v4`; none for a run's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its family.
    pub family: Family,
    /// The probability from which it calls a row positive.
    pub threshold: f64,
    /// On the hold-out of its run.
    pub at_training: Scores,
    /// On the labelled current rows whose vector it was not trained on; none when there is no such row.
    pub now: Option<Scores>,
    /// Labelled current rows that are left out because it was trained on their vector.
    pub trained_on: u64,
    /// Whether the intervals of F1 lie apart, the current one below.
    pub worse: bool,
}

impl ModelDrift {
    /// What the model is called: `phishing v4 (run 7f3a21)`, or `run 7f3a21`.
    pub fn name(&self) -> String {
        match &self.version {
            Some(version) => format!("{version} (run {})", self.run),
            None => format!("run {}", self.run),
        }
    }
}

/// A drift report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DriftReport {
    /// Format number.
    pub v: u32,
    /// When it was made, RFC 3339.
    pub at: String,
    /// Whether the data set has drifted; none when too many columns could not be tested to tell.
    pub dataset_drift: Option<bool>,
    /// Share of the columns that have drifted.
    pub share: f64,
    /// Columns that have drifted.
    pub drifted: u32,
    /// Columns of which that could not be told.
    pub undecided: u32,
    /// All columns, the target among them.
    pub total: u32,
    /// When something counts as drifted.
    pub limits: Limits,
    /// What the current rows were held against.
    pub reference: Side,
    /// The current rows.
    pub current: Side,
    /// Each column, features first, in the order of the schema.
    pub columns: IndexMap<String, ColumnDrift>,
    /// The target's column.
    pub target: String,
    /// The verdicts of the champion on both sides; none without a champion.
    pub prediction: Option<ColumnDrift>,
    /// How the champion fares on the current rows that carry labels; none without a champion.
    pub model: Option<ModelDrift>,
    /// What to know, in words.
    pub notes: Vec<String>,
}

/// The format number of reports.
pub const VERSION: u32 = 1;

impl DriftReport {
    /// One line: what an analyst wants to know first.
    pub fn headline(&self) -> String {
        format!("{} (a data set has from {:.0} % on)", self.summary(), self.limits.share * 100.0)
    }

    /// The counts.
    pub fn summary(&self) -> DriftSummary {
        DriftSummary {
            reference: self.reference.name.clone(),
            drifted: self.drifted,
            undecided: self.undecided,
            total: self.total,
            dataset_drift: self.dataset_drift,
        }
    }

    /// The report as the Python projects write it: `column: {p_value, drift_status}`, with richer fields beside.
    /// Beside the columns stands one entry, `_report`, with everything else.
    ///
    /// # Errors
    /// When it cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String> {
        let broken = |e: serde_yaml::Error| Error::internal("the drift report cannot be written as YAML").caused_by(e);
        let mut all = serde_yaml::Mapping::new();
        for (name, column) in &self.columns {
            all.insert(name.as_str().into(), serde_yaml::to_value(column).map_err(broken)?);
        }
        let mut rest = serde_yaml::to_value(self).map_err(broken)?;
        if let Some(rest) = rest.as_mapping_mut() {
            rest.remove("columns");
        }
        all.insert(REPORT.into(), rest);
        serde_yaml::to_string(&all).map_err(broken)
    }

    /// Reads what [`to_yaml`](Self::to_yaml) has written; none where there is no file.
    ///
    /// # Errors
    /// When the file is not such a report, or one of a newer version.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let Some(text) = files::read_if_there(path)? else { return Ok(None) };
        let origin = path.display().to_string();
        let wrong = |e: serde_yaml::Error| crate::settings::yaml_error(&origin, &e);
        let mut columns: serde_yaml::Mapping = serde_yaml::from_str(&text).map_err(wrong)?;
        let Some(mut rest) = columns.remove(REPORT) else {
            return Err(Error::data(format!("{origin} is no drift report of netsec")));
        };
        let version = rest.get("v").and_then(serde_yaml::Value::as_u64);
        if version != Some(u64::from(VERSION)) {
            return Err(Error::data(format!("{origin} is a report of another version")).hint("make it again"));
        }
        if let Some(rest) = rest.as_mapping_mut() {
            rest.insert("columns".into(), serde_yaml::Value::Mapping(columns));
        }
        serde_yaml::from_value(rest).map(Some).map_err(wrong)
    }
}

/// The entry of `drift.yaml` that is not a column. No column can be named so: the name is taken.
const REPORT: &str = "_report";
