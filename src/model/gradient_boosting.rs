//! Gradient boosting under log loss (Friedman 2001, algorithm 5, "L2_TreeBoost"; subsampling after Friedman 2002):
//! trees on the residuals by squared error, one Newton step in each leaf.

use super::tree::bins::{Bin, Observed, Weighted};
use super::tree::{Binned, Criterion, Grown, Growth, PIECE, Room, Summed, Tree, to_shares};
use super::{Fit, FitError, require, sigmoid, tree};
use crate::dataset::{Dataset, Encoded};
use crate::random::Stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// A fitted ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradientBoosting {
    /// Log-odds before the first tree.
    start: f64,
    learning_rate: f64,
    /// Share of the squared-error decrease by feature.
    pub(super) gain: Vec<f64>,
    trees: Vec<Tree>,
}

impl GradientBoosting {
    /// The logistic function of the summed log-odds.
    pub fn probability(&self, codes: &[u8]) -> f64 {
        let steps: f64 = self.trees.iter().map(|t| t.value(codes)).sum();
        sigmoid(self.start + self.learning_rate * steps)
    }

    /// The log-odds as a sum over the trees.
    pub(super) fn summed(&self) -> Summed<'_> {
        let say = |_, value: f64| self.learning_rate * value;
        Summed { start: self.start, trees: &self.trees, say: Box::new(say), log_odds: true }
    }

    /// Probabilities by the first trees, for each of several numbers of trees.
    pub(super) fn staged(&self, rows: &Encoded, stages: &[u32]) -> Vec<Vec<f64>> {
        let finish = |_, steps: f64| sigmoid(self.start + self.learning_rate * steps);
        tree::staged(&self.trees, rows, stages, |_, value| value, finish)
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
fn loss(data: &Dataset, weight: &[f64], raw: &[f64]) -> f64 {
    let piece = |start: usize| {
        let (mut sum, mut total) = (0.0, 0.0);
        for i in start..(start + PIECE).min(raw.len()) {
            // ln(1 + e^x) without overflow.
            let softplus = raw[i].max(0.0) + (-raw[i].abs()).exp().ln_1p();
            sum += weight[i] * (softplus - f64::from(data.label[i]) * raw[i]);
            total += weight[i];
        }
        (sum, total)
    };
    let pieces: Vec<_> = (0..raw.len().div_ceil(PIECE)).into_par_iter().map(|i| piece(i * PIECE)).collect();
    let (sum, total) = pieces.into_iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    sum / total
}

/// Fits the ensemble.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<GradientBoosting, FitError> {
    match data.class_weight {
        None => boost(params, data, fit, |i, residual| Observed::of(data.weight[i], residual)),
        Some(_) => {
            let weight = data.weights();
            boost(params, data, fit, |i, residual| Weighted::of(data.weight[i], weight[i], residual))
        }
    }
}

fn boost<B: Bin>(
    params: &Parameters,
    data: &Dataset,
    fit: &Fit<'_>,
    payload_of: impl Fn(usize, f64) -> B + Sync,
) -> Result<GradientBoosting, FitError> {
    let weight = data.weights();
    let total: f64 = weight.iter().sum();
    let positive: f64 = data.label.iter().zip(weight.iter()).map(|(l, w)| f64::from(*l) * w).sum();
    let start = (positive / (total - positive)).ln();
    let binned = Binned::new(data);
    let rate = params.learning_rate;
    let mut raw = vec![start; data.len()];
    let mut residual = vec![0.0; data.len()];
    let everyone = data.len() as u32;
    let sampled = ((data.len() as f64 * params.subsample) as u32).max(1);
    let mut stream = Stream::new(fit.seed, &[fit.purpose, "gradient boosting"]);
    let mut room = Room::new();
    // The rows that a step leaves out.
    let mut others = Vec::new();
    let mut model = GradientBoosting { start, learning_rate: rate, gain: vec![0.0; data.width()], trees: Vec::new() };
    for step in 0..params.n_estimators {
        fit.check()?;
        raw.par_iter().zip(&mut residual).enumerate().with_min_len(PIECE).for_each(|(i, (raw, residual))| {
            *residual = f64::from(data.label[i]) - sigmoid(*raw);
        });
        if sampled < everyone {
            stream.pick(everyone, sampled, &mut room.rows, &mut others);
        } else {
            room.take_all(data);
        }
        let growth = Growth {
            binned: &binned,
            payload: |i: usize| payload_of(i, residual[i]),
            target: |i: usize| residual[i],
            criterion: Criterion::Gini,
            class_weight: [1.0; 2],
            max_depth: params.max_depth,
            min_samples_leaf: f64::from(params.min_samples_leaf),
        };
        let Grown { mut tree, leaves, gain } = growth.grow(&mut room, None);
        for leaf in leaves {
            let rows = &room.rows[leaf.start..leaf.end];
            let (mut gradient, mut curvature) = (0.0, 0.0);
            for row in rows {
                let row = *row as usize;
                let r = residual[row];
                gradient += weight[row] * r;
                // p (1 - p), whichever label the residual is of.
                curvature += weight[row] * r.abs() * (1.0 - r.abs());
            }
            let value = if curvature.abs() < 1e-150 { 0.0 } else { gradient / curvature };
            tree.set_value(leaf.node, value);
            for row in rows {
                raw[*row as usize] += rate * value;
            }
        }
        for row in &others {
            raw[*row as usize] += rate * tree.value(data.row(*row as usize).codes);
        }
        for (sum, gain) in model.gain.iter_mut().zip(gain) {
            *sum += gain;
        }
        model.trees.push(tree);
        (fit.progress)(step + 1, params.n_estimators, &|| Some(loss(data, &weight, &raw)));
    }
    to_shares(&mut model.gain);
    Ok(model)
}
