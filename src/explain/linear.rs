//! The parts of a linear score against their means.

use super::{Background, Explanation, Method, Scale};
use crate::dataset::Row;
use crate::model::logistic::Logistic;

/// Explains the log-odds of a logistic regression.
pub(super) fn explain(model: &Logistic, row: Row<'_>, background: &Background) -> Explanation {
    let (intercept, parts) = model.parts(row);
    let mut means = vec![0.0; parts.len()];
    for (row, share) in background.rows() {
        for (mean, part) in means.iter_mut().zip(model.parts(row).1) {
            *mean += share * part;
        }
    }
    Explanation {
        base: intercept + means.iter().sum::<f64>(),
        contributions: parts.iter().zip(&means).map(|(part, mean)| part - mean).collect(),
        scale: Scale::LogOdds,
        output: intercept + parts.iter().sum::<f64>(),
        method: Method::Coefficients,
        exact: true,
        calibrated: false,
        background: background.share.len(),
    }
}
