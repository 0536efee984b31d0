//! The hold-out and the folds of a run, for both sides.

use crate::ours;
use netsec::dataset::{Dataset, Encoded, Vectors};
use netsec::error::IoContext;
use netsec::event::Family;
use netsec::pipeline::read_split;
use netsec::preprocess::Preprocessor;
use netsec::run::RunDir;
use netsec::schema::{Scalar, Schema};
use netsec::{Error, Result, files};
use serde_json::{Value, json};
use std::path::Path;

/// A run's two sides, as its `transform` stage left them.
///
/// Missing values, which the UCI rows do not have, are filled by the preprocessor of the whole training part, for both
/// sides of the benchmark and on the folds too.
pub struct Split {
    /// The columns.
    pub schema: Schema,
    preprocessor: Preprocessor,
    /// Distinct vectors of the training part.
    pub train: Vectors,
    folds: Vec<u32>,
    /// Distinct vectors of the hold-out.
    pub test: Vectors,
}

/// Observed rows to be scored.
pub struct Scored {
    /// The rows, encoded.
    pub rows: Encoded,
    /// 1 is positive.
    pub labels: Vec<u8>,
}

impl Split {
    /// Reads what a run's `transform` stage left.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn read(dir: &RunDir) -> Result<Self> {
        let schema = dir.schema()?;
        let train = read_split(&dir.file("train.parquet"), &schema)?;
        let test = read_split(&dir.file("test.parquet"), &schema)?.vectors;
        let preprocessor = files::read_json(&dir.file("preprocessor.json"))?;
        Ok(Self { schema, preprocessor, train: train.vectors, folds: train.folds, test })
    }

    /// The training part, as models are fitted on it.
    pub fn dataset(&self) -> Dataset {
        self.preprocessor.encode(&self.train).labelled(&self.train.counts)
    }

    /// The hold-out, as observed rows.
    pub fn holdout(&self) -> Scored {
        self.observed(&self.test).0
    }

    /// The folds: what is fitted on, and what is scored.
    pub fn folds(&self) -> Vec<(Dataset, Scored)> {
        let count = self.folds.iter().max().map_or(0, |last| last + 1);
        (0..count)
            .map(|fold| {
                let (valid, train): (Vec<usize>, Vec<usize>) =
                    (0..self.train.len()).partition(|i| self.folds[*i] == fold);
                let (valid, train) = (self.train.take(&valid), self.train.take(&train));
                (self.preprocessor.encode(&train).labelled(&train.counts), self.observed(&valid).0)
            })
            .collect()
    }

    /// Mean F1 of a model over the folds.
    ///
    /// # Errors
    /// When a fit fails.
    pub fn cross_validate(&self, family: Family, parameters: &Value) -> Result<f64> {
        let folds = self.folds();
        let mut sum = 0.0;
        for (train, valid) in &folds {
            let model = ours::fit(family, parameters, train)?;
            sum += ours::f1(&valid.labels, &ours::predict(&model, &valid.rows));
        }
        Ok(sum / folds.len() as f64)
    }

    /// Vectors as the rows that were observed, and which vector each row is.
    fn observed(&self, vectors: &Vectors) -> (Scored, Vec<usize>) {
        let (mut of, mut labels) = (Vec::new(), Vec::new());
        for (i, counts) in vectors.counts.iter().enumerate() {
            for (label, count) in counts.iter().enumerate() {
                of.extend(std::iter::repeat_n(i, *count as usize));
                labels.extend(std::iter::repeat_n(label as u8, *count as usize));
            }
        }
        (Scored { rows: self.preprocessor.encode(&vectors.take(&of)), labels }, of)
    }

    /// Writes both parts for `load` of `server.py`, as observed rows, and gives its arguments.
    ///
    /// # Errors
    /// When a file cannot be written, or a level is no number.
    pub fn write(&self, name: &str, scratch: &Path) -> Result<Value> {
        let dir = scratch.join(name);
        std::fs::create_dir_all(&dir).at("creating", &dir)?;
        let values = values(&self.schema)?;
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            std::fs::write(&path, bytes).at("writing", &path)
        };
        let numbers = |rows: &Encoded| -> Vec<u8> {
            (0..rows.len())
                .flat_map(|i| rows.row(i).codes.iter().zip(&values).flat_map(|(c, v)| v[*c as usize].to_ne_bytes()))
                .collect()
        };
        let (train, of) = self.observed(&self.train);
        let test = self.holdout();
        write("train.f64", &numbers(&train.rows))?;
        write("train_label.u8", &train.labels)?;
        write("train_fold.u8", &of.iter().map(|i| self.folds[*i] as u8).collect::<Vec<_>>())?;
        write("test.f64", &numbers(&test.rows))?;
        write("test_label.u8", &test.labels)?;
        Ok(json!({"split": name, "directory": dir, "width": values.len()}))
    }
}

/// The number behind each code of each feature.
///
/// # Errors
/// When a level is no number.
pub fn values(schema: &Schema) -> Result<Vec<Vec<f64>>> {
    let number = |scalar: &Scalar| match scalar {
        Scalar::Int(v) => Ok(*v as f64),
        Scalar::Float(v) => Ok(*v),
        Scalar::Bool(v) => Ok(f64::from(u8::from(*v))),
        Scalar::Text(text) => Err(Error::data(format!("{text:?} is no number"))),
    };
    schema.features.iter().map(|column| column.levels().iter().map(number).collect()).collect()
}
