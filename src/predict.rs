//! Scoring rows with a finished model.

mod batch;
mod explain;
mod feed;
mod log;
mod nearest;
mod paste;
mod results;
mod threshold;
mod url;

pub use batch::{Batch, Score, ScoredRow, Summary, to_file};
pub use feed::RowKey;
pub use log::{History, LogEntry, append as append_log, history};
pub use nearest::{Difference, Group, Near, groups};
pub use paste::{Record, parse_paste};
pub use results::{Results, Source, to_collection};
pub use threshold::{Choice, Chosen, set_threshold, threshold};
pub use url::{FromUrl, from_url, looks_like_url};

use crate::dataset::{Cells, VectorHash, Vectors, hash_vector, is_holdout};
use crate::event::Family;
use crate::explain::Background;
use crate::form::count;
use crate::model::{ModelFile, Scratch};
use crate::pipeline;
use crate::preprocess::Preprocessor;
use crate::run::RunDir;
use crate::schema::{Column, Schema, Value};
use crate::{Error, Result};
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A model with everything it needs to score a row.
#[derive(Debug)]
pub struct Predictor {
    /// The run it was trained in.
    pub run: String,
    /// The model's family.
    pub family: Family,
    /// The SHA-256 of the model's file, which holds the threshold too.
    pub hash: String,
    /// The schema of its rows.
    pub schema: Schema,
    preprocessor: Preprocessor,
    model: ModelFile,
    salt: String,
    train: PathBuf,
    holdout: Option<f64>,
    /// The version that it is; none for a run's.
    pub release: Option<Release>,
    /// How much of the vectors is at hand that neighbours and reasons are looked for in; none where all of them are.
    pub sample: Option<Sample>,
    training: OnceLock<Training>,
    /// Held while the training vectors are read: whoever comes meanwhile waits instead of reading them as well.
    reading: Mutex<()>,
    background: OnceLock<Background>,
}

/// What a model is made ready from.
#[derive(Debug)]
pub(crate) struct Parts {
    /// The run it was trained in.
    pub run: String,
    /// Its family.
    pub family: Family,
    /// Its file.
    pub model: PathBuf,
    /// The file of its imputer and encoders.
    pub preprocessor: PathBuf,
    /// The schema of its rows.
    pub schema: Schema,
    /// Mixed into the hash of every vector.
    pub salt: String,
    /// The training vectors, or vectors among which they are.
    pub train: PathBuf,
    /// The share of those that were held out by their hash; none where all of them were trained on.
    pub holdout: Option<f64>,
    /// Which part of the vectors those are; none where they are all.
    pub sample: Option<Sample>,
}

/// The version of the registry that a model is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The model's name.
    pub name: String,
    /// The version, from 1.
    pub version: u32,
    /// The alias that it was asked for by; none where it was by its number.
    pub alias: Option<String>,
    /// The SHA-256 of the version's manifest.
    pub manifest: String,
}

impl fmt::Display for Release {
    /// As in `phishing v4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.name, self.version)
    }
}

/// A random sample of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sample {
    /// How many there are in it.
    pub vectors: u64,
    /// Of how many.
    pub of: u64,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a sample of {} of {} vectors", count(self.vectors), count(self.of))
    }
}

/// What is kept of the training vectors.
#[derive(Debug)]
struct Training {
    /// All of them, in the order of their hashes.
    vectors: Vectors,
}

impl Training {
    /// Rows of a vector by label: negative, positive.
    fn seen(&self, hash: &VectorHash) -> [u32; 2] {
        self.vectors.hash.binary_search(hash).map_or([0; 2], |at| self.vectors.counts[at])
    }
}

/// Where the value of a feature came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It was in the row.
    Given,
    /// It was computed from a URL, for this reason.
    Computed(String),
    /// It was missing and was filled in. The reason why a URL does not tell it, where one was given.
    Imputed(Option<String>),
    /// What was in the row is not allowed, for this reason; it was treated as missing.
    OutOfDomain(String),
}

impl Origin {
    /// Its name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Origin::Given => "given",
            Origin::Computed(_) => "computed",
            Origin::Imputed(_) => "imputed",
            Origin::OutOfDomain(_) => "out_of_domain",
        }
    }

    /// Why it is so, where there is more to say.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Origin::Given | Origin::Imputed(None) => None,
            Origin::Computed(reason) | Origin::Imputed(Some(reason)) | Origin::OutOfDomain(reason) => Some(reason),
        }
    }
}

/// How many features of a row have each origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origins {
    /// They were in the row.
    pub given: usize,
    /// They were computed from a URL.
    pub computed: usize,
    /// They were missing and were filled in.
    pub imputed: usize,
    /// They were not allowed, and were filled in.
    pub out_of_domain: usize,
}

/// One feature of a scored row.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureUse {
    /// The feature's name.
    pub name: String,
    /// The value that the model was shown.
    pub value: String,
    /// What the feature, or this level of it, means.
    pub meaning: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// The answer for one row.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Probability of the positive class (phishing), 0 to 1.
    pub probability: f64,
    /// Whether that reaches the threshold.
    pub positive: bool,
    /// The threshold.
    pub threshold: f64,
    /// The features, in schema order.
    pub features: Vec<FeatureUse>,
    /// How often this very vector stood in the training part, or in the sample of it that is at hand
    /// ([`Predictor::sample`]), by label: negative, positive.
    pub seen: [u32; 2],
}

impl Verdict {
    /// Features by origin.
    pub fn origins(&self) -> Origins {
        let mut n = Origins::default();
        for feature in &self.features {
            *match feature.origin {
                Origin::Given => &mut n.given,
                Origin::Computed(_) => &mut n.computed,
                Origin::Imputed(_) => &mut n.imputed,
                Origin::OutOfDomain(_) => &mut n.out_of_domain,
            } += 1;
        }
        n
    }
}

/// The family that is meant: the given one, which must have a model, or the winner.
pub(crate) fn family_of(dir: &RunDir, family: Option<Family>) -> Result<Family> {
    let report = dir.report()?.ok_or_else(|| {
        Error::user(format!("run {} has no report yet", dir.id))
            .hint(format!("netsec-tui train --run {} finishes it", dir.id))
    })?;
    let family = family.unwrap_or(report.winner);
    if !dir.model(family).is_file() {
        let have: Vec<_> = report.models.iter().map(|m| m.family.name()).collect();
        return Err(
            Error::user(format!("run {} has no {family} model", dir.id)).hint(format!("it has {}", have.join(", ")))
        );
    }
    Ok(family)
}

impl Predictor {
    /// Loads a model of a finished run: the winner, or the given family.
    ///
    /// # Errors
    /// When the run is not finished, or the family has no model in it, or a file cannot be read.
    pub fn load(dir: &RunDir, family: Option<Family>) -> Result<Self> {
        let family = family_of(dir, family)?;
        Self::of_parts(Parts {
            run: dir.id.clone(),
            family,
            model: dir.model(family),
            preprocessor: dir.file("preprocessor.json"),
            schema: dir.schema()?,
            salt: dir.manifest()?.salt,
            train: dir.file("train.parquet"),
            holdout: None,
            sample: None,
        })
    }

    /// Makes a model ready.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn of_parts(parts: Parts) -> Result<Self> {
        let (model, hash) = ModelFile::read_hashed(&parts.model)?;
        Ok(Self {
            run: parts.run,
            family: parts.family,
            preprocessor: crate::files::read_json(&parts.preprocessor)?,
            model,
            hash,
            salt: parts.salt,
            schema: parts.schema,
            train: parts.train,
            holdout: parts.holdout,
            release: None,
            sample: parts.sample,
            training: OnceLock::new(),
            reading: Mutex::default(),
            background: OnceLock::new(),
        })
    }

    /// Reads the training vectors ahead of whoever needs them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read_training(&self) -> Result<()> {
        self.training().map(|_| ())
    }

    /// The training vectors, read when they are first asked for: scoring many rows never does.
    fn training(&self) -> Result<&Training> {
        if let Some(training) = self.training.get() {
            return Ok(training);
        }
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(training) = self.training.get() {
            return Ok(training);
        }
        let mut vectors = pipeline::read_split(&self.train, &self.schema)?.vectors;
        if let Some(share) = self.holdout {
            let trained: Vec<usize> = (0..vectors.len()).filter(|i| !is_holdout(&vectors.hash[*i], share)).collect();
            vectors = vectors.take(&trained);
        }
        // They are written so; a file from elsewhere may not be.
        let vectors = if vectors.hash.is_sorted() { vectors } else { vectors.sorted() };
        Ok(self.training.get_or_init(|| Training { vectors }))
    }

    /// Whether the model was trained on a vector, by its salted hash. Where only a sample of the training vectors is at
    /// hand, every vector of their side of the hold-out counts as one of them.
    ///
    /// # Errors
    /// When the training vectors cannot be read.
    pub(crate) fn was_trained_on(&self, hash: &VectorHash) -> Result<bool> {
        match (self.sample, self.holdout) {
            (Some(_), Some(share)) => Ok(!is_holdout(hash, share)),
            _ => Ok(self.training()?.vectors.hash.binary_search(hash).is_ok()),
        }
    }

    /// The salted hash by which a vector of the model's columns is known.
    pub(crate) fn hash_of(&self, values: &[Value]) -> VectorHash {
        hash_vector(&self.schema, &self.salt, values)
    }

    /// What the model is called in messages: `phishing v4 (run 7f3a21)`, or `run 7f3a21`.
    pub fn name(&self) -> String {
        match &self.release {
            Some(release) => format!("{release} (run {})", self.run),
            None => format!("run {}", self.run),
        }
    }

    /// The probability from which a row is called positive.
    pub fn threshold(&self) -> f64 {
        self.model.threshold
    }

    /// Scores vectors of the model's columns. Returns the probabilities of the positive class.
    pub fn score_vectors(&self, vectors: &Vectors) -> Vec<f64> {
        self.model.probabilities(&self.preprocessor.encode(vectors))
    }

    /// The typed values of a record, in schema order, and where each came from.
    fn typed(&self, record: &Record) -> Result<(Vec<Value>, Vec<Origin>)> {
        let known = self.schema.features.iter().filter(|c| record.get(&c.name).is_some()).count();
        if known == 0 {
            return Err(Error::data("no feature of the model's schema is among the given values").hint(format!(
                "paste a row of {} values in schema order, name=value lines, a JSON object, or a URL",
                self.schema.features.len()
            )));
        }
        let typed = |column: &Column| {
            let reason = record.reason(&column.name).map(str::to_owned);
            match record.get(&column.name).map(|text| self.schema.parse_cell(column, text)) {
                None | Some(Ok(Value::Missing)) => (Value::Missing, Origin::Imputed(reason)),
                Some(Ok(value)) => (value, reason.map_or(Origin::Given, Origin::Computed)),
                Some(Err(reason)) => (Value::Missing, Origin::OutOfDomain(reason)),
            }
        };
        Ok(self.schema.features.iter().map(typed).unzip())
    }

    /// Scores one row and tells where each value came from.
    ///
    /// # Errors
    /// When the record names no feature of the schema, or the training vectors cannot be read.
    pub fn score(&self, record: &Record) -> Result<Verdict> {
        let (values, origins) = self.typed(record)?;
        let vectors = Vectors::from_rows(&self.schema, std::slice::from_ref(&values));
        let hash = hash_vector(&self.schema, &self.salt, &values);
        let seen = self.training()?.seen(&hash);
        let imputed = self.preprocessor.impute(&vectors);
        let encoded = self.preprocessor.encode(&vectors);
        let probability = self.model.probability(encoded.row(0), &mut Scratch::default());
        let threshold = self.model.threshold;
        let features = self
            .schema
            .features
            .iter()
            .zip(origins)
            .enumerate()
            .map(|(f, (column, origin))| {
                let value = match &imputed.columns[f] {
                    Cells::Levels(codes) => {
                        column.scalar(Value::Level(codes[0])).map_or_else(String::new, |s| s.to_string())
                    }
                    Cells::Numbers(numbers) => crate::schema::Scalar::Float(numbers[0]).to_string(),
                };
                let meaning = column.level_meaning(&value).unwrap_or(&column.meaning).to_owned();
                FeatureUse { name: column.name.clone(), value, meaning, origin }
            })
            .collect();
        Ok(Verdict { probability, positive: probability >= threshold, threshold, features, seen })
    }
}
