//! Stage 2: the rows held against the schema (`validation.yaml`).

use super::Ingested;
use crate::dataset::{Cells, Vectors};
use crate::run::{Manifest, RunDir};
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Share of missing cells from which a column is worth a warning.
const MISSING_WARNING: f64 = 0.2;

/// The findings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// `passed`, `warned` or `failed`.
    pub status: String,
    /// Labelled rows.
    pub rows: u64,
    /// Rows without a target.
    pub unlabelled: u64,
    /// Rows that the schema refuses.
    pub rejected: u64,
    /// The refusals, by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Rows that repeat an earlier vector.
    pub duplicate_rows: u64,
    /// Vectors with both labels.
    pub conflicting_vectors: u64,
    /// Rows of the positive class.
    pub positive_rows: u64,
    /// Each feature.
    pub columns: BTreeMap<String, ColumnCheck>,
    /// What is worth a look, in words.
    pub warnings: Vec<String>,
    /// What stops the run, in words.
    pub failures: Vec<String>,
}

/// The findings for one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnCheck {
    /// Share of missing cells over the labelled rows, 0 to 1.
    pub missing: f64,
    /// Distinct values over the distinct vectors.
    pub distinct: u64,
}

fn distinct(cells: &Cells) -> u64 {
    match cells {
        Cells::Levels(codes) => {
            codes.iter().filter(|c| **c != crate::schema::MISSING).collect::<HashSet<_>>().len() as u64
        }
        Cells::Numbers(numbers) => {
            numbers.iter().filter(|v| !v.is_nan()).map(|v| v.to_bits()).collect::<HashSet<_>>().len() as u64
        }
    }
}

/// Checks the snapshot and writes `validation.yaml`.
///
/// # Errors
/// When a check fails: the message says which, the file has them all.
pub fn validate(dir: &RunDir, manifest: &Manifest) -> Result<Validation> {
    let schema = dir.schema()?;
    let ingested: Ingested = files::read_json(&dir.file("ingest.json"))?;
    let vectors: Vectors = super::read_split(&dir.file("snapshot.parquet"), &schema)?.vectors;
    let [negative, positive] = vectors.label_rows();
    let mut warnings = Vec::new();
    let mut failures = Vec::new();
    let mut columns = BTreeMap::new();
    for (column, cells) in schema.features.iter().zip(&vectors.columns) {
        let missing = *ingested.missing.get(&column.name).unwrap_or(&0) as f64 / ingested.rows.max(1) as f64;
        let check = ColumnCheck { missing, distinct: distinct(cells) };
        match check.distinct {
            0 => warnings.push(format!("{} has no value at all", column.name)),
            1 => warnings.push(format!("{} has one value only", column.name)),
            _ if missing > MISSING_WARNING => {
                warnings.push(format!("{} is missing in {:.1} % of the rows", column.name, missing * 100.0))
            }
            _ => {}
        }
        columns.insert(column.name.clone(), check);
    }
    if ingested.rejected > 0 {
        warnings.push(format!("{} rows are refused by the schema and left out", ingested.rejected));
    }
    if ingested.unlabelled > 0 {
        warnings.push(format!("{} rows have no target and are left out", ingested.unlabelled));
    }
    for (label, rows) in [(&schema.positive_label, positive), (&schema.negative_label, negative)] {
        if rows == 0 {
            failures.push(format!("no row is {label}: there is nothing to tell apart"));
        }
    }
    let needed = 4 * manifest.folds as usize;
    if vectors.len() < needed {
        failures.push(format!(
            "{} distinct vectors are too few for {} folds and a hold-out; {needed} are needed",
            vectors.len(),
            manifest.folds
        ));
    }
    let status = match (failures.is_empty(), warnings.is_empty()) {
        (false, _) => "failed",
        (true, false) => "warned",
        (true, true) => "passed",
    };
    let validation = Validation {
        status: status.to_owned(),
        rows: ingested.rows,
        unlabelled: ingested.unlabelled,
        rejected: ingested.rejected,
        reasons: ingested.reasons,
        duplicate_rows: ingested.rows.saturating_sub(vectors.len() as u64),
        conflicting_vectors: vectors.conflicting(),
        positive_rows: positive,
        columns,
        warnings,
        failures,
    };
    let text = serde_yaml::to_string(&validation)
        .map_err(|e| Error::internal("the validation cannot be written as YAML").caused_by(e))?;
    files::write_atomic(&dir.file("validation.yaml"), text.as_bytes())?;
    if let Some(first) = validation.failures.first() {
        return Err(Error::data(format!("validation failed: {first}"))
            .hint(format!("see {}", dir.file("validation.yaml").display())));
    }
    Ok(validation)
}
