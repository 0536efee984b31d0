//! The log of predictions: `predictions/YYYY-MM.jsonl` below the home, only ever appended to.

use super::{Predictor, Record};
use crate::error::IoContext;
use crate::event::Family;
use crate::settings::Home;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::Write;
use std::time::Duration;

/// One prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When, RFC 3339.
    pub at: String,
    /// Who asked.
    pub user: String,
    /// On which host.
    pub host: String,
    /// The model's run.
    pub run: String,
    /// The model's family.
    pub family: Family,
    /// The values as they were given.
    pub input: serde_json::Map<String, serde_json::Value>,
    /// Probability of the positive class.
    pub probability: f64,
    /// The word of the verdict.
    pub verdict: String,
    /// How long scoring took, in microseconds.
    pub latency_us: u64,
}

impl LogEntry {
    /// The entry of a scored row.
    pub fn new(predictor: &Predictor, record: &Record, probability: f64, latency: Duration) -> Self {
        Self {
            at: crate::now(),
            user: crate::who::user(),
            host: crate::who::host(),
            run: predictor.run.clone(),
            family: predictor.family,
            input: record.values.iter().map(|(n, v)| (n.clone(), v.as_str().into())).collect(),
            probability,
            verdict: predictor.schema.label(probability >= predictor.threshold()).to_owned(),
            latency_us: latency.as_micros() as u64,
        }
    }
}

/// Appends entries in one write each, so that several writers do not mix.
///
/// # Errors
/// When the disk refuses them.
pub fn append(home: &Home, entries: &[LogEntry]) -> Result<()> {
    let dir = home.predictions();
    std::fs::create_dir_all(&dir).at("creating", &dir)?;
    let path = dir.join(format!("{}.jsonl", &crate::now()[..7]));
    let mut file = OpenOptions::new().create(true).append(true).open(&path).at("writing", &path)?;
    for entry in entries {
        let mut line = serde_json::to_vec(entry)
            .map_err(|e| Error::internal("a prediction cannot be written as JSON").caused_by(e))?;
        line.push(b'\n');
        file.write_all(&line).at("writing", &path)?;
    }
    Ok(())
}
