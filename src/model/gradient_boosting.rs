//! Gradient boosting under log loss (Friedman 2001, algorithm 5, "L2_TreeBoost"; subsampling after Friedman 2002):
//! trees on the residuals by squared error, one Newton step in each leaf.

use super::tree::{Criterion, Growth, Tree};
use super::{Fit, FitError, require, sigmoid};
use crate::dataset::Dataset;
use crate::random::Stream;
use serde::{Deserialize, Serialize};

/// Steps between two reports of the training loss, which costs a pass over the rows.
const LOSS_EVERY: u32 = 8;

/// A fitted ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradientBoosting {
    /// Log-odds before the first tree.
    start: f64,
    learning_rate: f64,
    trees: Vec<Tree>,
}

impl GradientBoosting {
    /// The logistic function of the summed log-odds.
    pub fn probability(&self, codes: &[u8]) -> f64 {
        let steps: f64 = self.trees.iter().map(|t| t.value(codes)).sum();
        sigmoid(self.start + self.learning_rate * steps)
    }
}

/// Parameters of gradient boosting.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    n_estimators: u32,
    learning_rate: f64,
    max_depth: u32,
    #[serde(default = "whole")]
    subsample: f64,
    #[serde(default = "one")]
    min_samples_leaf: u32,
}

fn whole() -> f64 {
    1.0
}

fn one() -> u32 {
    1
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.n_estimators > 0, "n_estimators must be at least 1")?;
        require(self.max_depth > 0, "max_depth must be at least 1")?;
        require(self.min_samples_leaf > 0, "min_samples_leaf must be at least 1")?;
        require(self.subsample > 0.0 && self.subsample <= 1.0, "subsample must be above 0 and up to 1")?;
        require(self.learning_rate > 0.0 && self.learning_rate.is_finite(), "learning_rate must be above 0")
    }
}

/// Mean negative log-likelihood of the labels under the log-odds.
fn loss(data: &Dataset, raw: &[f64]) -> f64 {
    let (mut sum, mut total) = (0.0, 0.0);
    for ((raw, label), weight) in raw.iter().zip(&data.label).zip(&data.weight) {
        // ln(1 + e^x) without overflow.
        let softplus = raw.max(0.0) + (-raw.abs()).exp().ln_1p();
        sum += weight * (softplus - f64::from(*label) * raw);
        total += weight;
    }
    sum / total
}

/// Fits the ensemble.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<GradientBoosting, FitError> {
    let total: f64 = data.weight.iter().sum();
    let positive: f64 = data.label.iter().zip(&data.weight).map(|(l, w)| f64::from(*l) * w).sum();
    let start = (positive / (total - positive)).ln();
    let mut raw = vec![start; data.len()];
    let mut residual = vec![0.0; data.len()];
    let mut hessian = vec![0.0; data.len()];
    let mut stream = Stream::new(fit.seed, &[fit.purpose, "gradient boosting"]);
    let mut model = GradientBoosting { start, learning_rate: params.learning_rate, trees: Vec::new() };
    let everyone: Vec<u32> = (0..data.len() as u32).collect();
    let sampled = ((data.len() as f64 * params.subsample) as usize).max(1);
    for step in 0..params.n_estimators {
        fit.check()?;
        for i in 0..data.len() {
            let p = sigmoid(raw[i]);
            residual[i] = f64::from(data.label[i]) - p;
            hessian[i] = p * (1.0 - p);
        }
        let mut rows = everyone.clone();
        if sampled < rows.len() {
            for i in 0..sampled {
                let other = i + stream.below(rows.len() - i);
                rows.swap(i, other);
            }
            rows.truncate(sampled);
            // In row order, so that sums do not depend on the order of drawing.
            rows.sort_unstable();
        }
        let mut growth = Growth {
            data,
            target: &residual,
            weight: &data.weight,
            observed: &data.weight,
            criterion: Criterion::Gini,
            max_depth: params.max_depth,
            min_samples_leaf: f64::from(params.min_samples_leaf),
            sampler: None,
        };
        let (mut tree, leaves) = growth.grow(&mut rows);
        for leaf in leaves {
            let (mut gradient, mut curvature) = (0.0, 0.0);
            for row in &rows[leaf.start..leaf.end] {
                let row = *row as usize;
                gradient += data.weight[row] * residual[row];
                curvature += data.weight[row] * hessian[row];
            }
            tree.set_value(leaf.node, if curvature.abs() < 1e-150 { 0.0 } else { gradient / curvature });
        }
        for (i, raw) in raw.iter_mut().enumerate() {
            *raw += params.learning_rate * tree.value(data.row(i).codes);
        }
        model.trees.push(tree);
        let last = step + 1 == params.n_estimators;
        if last || step % LOSS_EVERY == 0 {
            (fit.progress)(step + 1, params.n_estimators, Some(loss(data, &raw)));
        }
    }
    Ok(model)
}
