//! Naive Bayes on the codes (Hastie, Tibshirani and Friedman 2009, section 6.6.3; scikit-learn's `CategoricalNB`):
//! within a class each feature has its own distribution over its codes, and the features are taken as independent.
//! The rows are counted by smartcore.
//!
//! A numeric feature enters by the bin of its value. Bins are many and each holds few rows, so what such a feature
//! says is noisy on small data; smoothing dampens it.

use super::{Fit, FitError, require, sigmoid};
use crate::dataset::{Dataset, Row};
use serde::{Deserialize, Serialize};
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::naive_bayes::categorical::{CategoricalNB, CategoricalNBParameters};

/// A fitted model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NaiveBayes {
    /// Log probability of each label.
    prior: [f64; 2],
    /// By feature, code and label: log probability of the code among the rows of the label.
    features: Vec<Vec<[f64; 2]>>,
}

impl NaiveBayes {
    /// The posterior probability of the positive class. Close to 0 or 1 where dependent features repeat each other.
    pub fn probability(&self, row: Row<'_>) -> f64 {
        let mut score = self.prior[1] - self.prior[0];
        for (levels, code) in self.features.iter().zip(row.codes) {
            let [negative, positive] = levels[*code as usize];
            score += positive - negative;
        }
        sigmoid(score)
    }
}

/// Parameters of naive Bayes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Rows added to every code of every class (Lidstone smoothing).
    alpha: f64,
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.alpha > 0.0 && self.alpha.is_finite(), "alpha must be above 0")
    }
}

/// Counts the rows. A class weight counts in the prior alone: it says how much a class matters, not how its rows look.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<NaiveBayes, FitError> {
    fit.check()?;
    // smartcore takes no weights: a row goes in as often as it was observed.
    let (mut codes, mut label) = (Vec::new(), Vec::new());
    for i in 0..data.len() {
        for _ in 0..data.weight[i] as u64 {
            codes.extend_from_slice(data.row(i).codes);
            label.push(data.label[i]);
        }
    }
    let counted = DenseMatrix::new(label.len(), data.width(), codes, false)
        .and_then(|x| CategoricalNB::fit(&x, &label, CategoricalNBParameters::default().with_alpha(params.alpha)))
        .map_err(|e| FitError::Impossible(e.to_string()))?;
    fit.check()?;
    let rows = [counted.class_count()[0] as f64, counted.class_count()[1] as f64];
    let by_label = data.class_weight.unwrap_or([1.0; 2]);
    let mass = [rows[0] * by_label[0], rows[1] * by_label[1]];
    // smartcore's own probabilities end at the highest code of these rows; the levels are the schema's.
    let feature = |(counts, levels): (&Vec<Vec<usize>>, &u16)| {
        let log = |label: usize, code: usize| {
            let count = counts[label].get(code).map_or(0.0, |n| *n as f64);
            ((count + params.alpha) / (rows[label] + params.alpha * f64::from(*levels))).ln()
        };
        (0..*levels as usize).map(|code| [log(0, code), log(1, code)]).collect()
    };
    Ok(NaiveBayes {
        prior: mass.map(|m| (m / (mass[0] + mass[1])).ln()),
        features: counted.category_count().iter().zip(&data.levels).map(feature).collect(),
    })
}

#[cfg(test)]
mod tests;
