//! Stage 3: the hold-out is split off, folds are assigned, the preprocessor is fitted on the training part.

use crate::dataset::{assign_folds, is_holdout};
use crate::event::DataSummary;
use crate::preprocess::Preprocessor;
use crate::profile::Summary;
use crate::run::{Manifest, RunDir};
use crate::schema::Schema;
use crate::{Error, Result, files};
use std::collections::HashSet;

/// What was split.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformed {
    /// The counts.
    pub data: DataSummary,
    /// Vectors in the training part.
    pub train_vectors: usize,
}

/// Number of codes of each categorical feature; 0 for numeric ones.
pub(super) fn levels(schema: &Schema) -> Vec<u16> {
    schema.features.iter().map(|c| c.levels().len() as u16).collect()
}

/// Writes `train.parquet`, `test.parquet` and `preprocessor.json`.
///
/// # Errors
/// When a side lacks a label, or a file cannot be read or written.
pub fn transform(dir: &RunDir, manifest: &Manifest) -> Result<Transformed> {
    let schema = dir.schema()?;
    let summary: Summary = files::read_json(&dir.file("ingest.json"))?;
    let all = super::read_split(&dir.file("snapshot.parquet"), &schema)?.vectors;
    let (test, train): (Vec<usize>, Vec<usize>) =
        (0..all.len()).partition(|i| is_holdout(&all.hash[*i], manifest.holdout));
    let (test, train) = (all.take(&test), all.take(&train));
    for (side, vectors) in [("hold-out", &test), ("training part", &train)] {
        let rows = vectors.label_rows();
        if rows.contains(&0) {
            let absent = schema.label(rows[1] == 0);
            return Err(
                Error::data(format!("no row of the {side} is {absent}: the data is too small")).hint("push more rows")
            );
        }
    }
    let folds = assign_folds(&train, manifest.folds, manifest.seed);
    for fold in 0..manifest.folds {
        for (label, word) in [(0, &schema.negative_label), (1, &schema.positive_label)] {
            if !folds.iter().zip(&train.counts).any(|(f, c)| *f == fold && c[label] > 0) {
                let have = train.counts.iter().filter(|c| c[label] > 0).count();
                return Err(Error::data(format!(
                    "{have} {word} vectors are too few for {} folds: fold {} has none",
                    manifest.folds,
                    fold + 1
                ))
                .hint("push more rows, or lower `folds` in training.yaml"));
            }
        }
    }
    // Measured on the values themselves: a mistake in hashing or splitting would show here.
    let known: HashSet<Vec<u64>> = (0..train.len()).map(|i| train.values(i)).collect();
    let leaked: u64 = (0..test.len())
        .filter(|i| known.contains(&test.values(*i)))
        .map(|i| u64::from(test.counts[i][0] + test.counts[i][1]))
        .sum();
    let data = DataSummary {
        rows: all.rows(),
        vectors: all.len() as u64,
        conflicting: all.conflicting(),
        leak: leaked as f64 / test.rows() as f64,
        unlabelled: summary.accepted() - summary.labelled(),
        rejected: summary.refused,
        holdout_vectors: test.len() as u64,
        hash: all.content_hash(),
    };
    let preprocessor = Preprocessor::fit(&train, &levels(&schema), &manifest.imputation, manifest.seed);
    super::write_split(&dir.file("train.parquet"), &schema, &train, &folds)?;
    super::write_split(&dir.file("test.parquet"), &schema, &test, &[])?;
    files::write_json(&dir.file("preprocessor.json"), &preprocessor)?;
    Ok(Transformed { data, train_vectors: train.len() })
}
