//! Our side: the only place that calls the library's models.

use netsec::dataset::{Dataset, Encoded};
use netsec::event::{Family, Params};
use netsec::metrics;
use netsec::model::{Fit, FitError, Model};
use netsec::{Error, Result};
use serde_json::Value;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Short actions are repeated for at least this long, and their mean is taken; the Python side does the same.
const LEAST: Duration = Duration::from_millis(50);

/// Mean seconds of an action that is repeated while it is short, and its last result.
///
/// # Errors
/// The action's.
pub fn timed<T>(least: Duration, mut action: impl FnMut() -> Result<T>) -> Result<(f64, T)> {
    let (start, mut runs) = (Instant::now(), 0);
    loop {
        let result = action()?;
        runs += 1;
        let spent = start.elapsed();
        if spent >= least {
            return Ok((spent.as_secs_f64() / f64::from(runs), result));
        }
    }
}

/// As [`timed`], for actions that may be short.
///
/// # Errors
/// The action's.
pub fn timed_short<T>(action: impl FnMut() -> Result<T>) -> Result<(f64, T)> {
    timed(LEAST, action)
}

/// Fits a model.
///
/// # Errors
/// When the parameters are not those of the family, or the rows allow no model.
pub fn fit(family: Family, parameters: &Value, data: &Dataset) -> Result<Model> {
    let failed = |reason: String| Error::internal(format!("{family}: {reason}"));
    let params: Params = serde_json::from_value(parameters.clone()).map_err(|e| failed(e.to_string()))?;
    let stop = AtomicBool::new(false);
    let fit = Fit { seed: crate::SEED, purpose: "bench", stop: &stop, progress: &|_, _, _| {} };
    Model::fit(family, &params, data, &fit).map_err(|e| match e {
        FitError::Impossible(reason) => failed(reason),
        FitError::Cancelled => failed("cancelled".to_owned()),
    })
}

/// The probabilities of the positive class.
pub fn predict(model: &Model, rows: &Encoded) -> Vec<f64> {
    model.probabilities(rows)
}

/// F1 of the positive class.
pub fn f1(labels: &[u8], probabilities: &[f64]) -> f64 {
    let counts: Vec<[u32; 2]> = labels.iter().map(|l| if *l == 1 { [0, 1] } else { [1, 0] }).collect();
    metrics::f1(&counts, probabilities, metrics::THRESHOLD)
}
