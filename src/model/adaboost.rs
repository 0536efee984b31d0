//! AdaBoost in its discrete form, SAMME (Zhu, Zou, Rosset and Hastie 2009, algorithm 2) for two classes, with the
//! probabilities that scikit-learn derives from it.

use super::tree::bins::Weighted;
use super::tree::{Binned, Criterion, Grown, Growth, Room, Summed, Tree, to_shares};
use super::{Fit, FitError, require, sigmoid, tree};
use crate::dataset::{Dataset, Encoded};
use serde::{Deserialize, Serialize};

/// A fitted ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdaBoost {
    /// Share of the impurity decrease by feature, the mean over the trees by their weights.
    pub(super) gain: Vec<f64>,
    trees: Vec<Tree>,
    weights: Vec<f64>,
}

impl AdaBoost {
    /// The logistic function of twice the weighted mean vote.
    pub fn probability(&self, codes: &[u8]) -> f64 {
        let (mut votes, mut total) = (0.0, 0.0);
        for (tree, weight) in self.trees.iter().zip(&self.weights) {
            // An even leaf counts as negative.
            votes += if tree.value(codes) > 0.5 { *weight } else { -weight };
            total += weight;
        }
        sigmoid(2.0 * votes / total)
    }

    /// The log-odds as a sum over the trees.
    pub(super) fn summed(&self) -> Summed<'_> {
        let total: f64 = self.weights.iter().sum();
        let say = move |nth: usize, value: f64| {
            let share = 2.0 * self.weights[nth] / total;
            if value > 0.5 { share } else { -share }
        };
        Summed { start: 0.0, trees: &self.trees, say: Box::new(say), log_odds: true }
    }

    /// Probabilities by the first trees, for each of several numbers of trees.
    pub(super) fn staged(&self, rows: &Encoded, stages: &[u32]) -> Vec<Vec<f64>> {
        let totals: Vec<f64> = self
            .weights
            .iter()
            .scan(0.0, |total, weight| {
                *total += weight;
                Some(*total)
            })
            .collect();
        let say = |nth: usize, value: f64| if value > 0.5 { self.weights[nth] } else { -self.weights[nth] };
        tree::staged(&self.trees, rows, stages, say, |trees, votes| sigmoid(2.0 * votes / totals[trees - 1]))
    }

    fn push(&mut self, tree: Tree, weight: f64, gain: &[f64]) {
        for (sum, gain) in self.gain.iter_mut().zip(gain) {
            *sum += weight * gain;
        }
        self.trees.push(tree);
        self.weights.push(weight);
    }
}

/// Parameters of AdaBoost.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    n_estimators: u32,
    learning_rate: f64,
    #[serde(default = "one")]
    max_depth: u32,
}

fn one() -> u32 {
    1
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.n_estimators > 0, "n_estimators must be at least 1")?;
        require(self.max_depth > 0, "max_depth must be at least 1")?;
        require(self.learning_rate > 0.0 && self.learning_rate.is_finite(), "learning_rate must be above 0")
    }
}

/// Fits the ensemble.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<AdaBoost, FitError> {
    let mut weight = data.weights().into_owned();
    let binned = Binned::new(data);
    normalize(&mut weight);
    let mut model = AdaBoost { gain: vec![0.0; data.width()], trees: Vec::new(), weights: Vec::new() };
    let mut room = Room::new();
    let target = |i: usize| f64::from(data.label[i]);
    let mut wrong = vec![false; data.len()];
    for step in 0..params.n_estimators {
        fit.check()?;
        room.take_all(data);
        let growth = Growth {
            binned: &binned,
            payload: |i: usize| Weighted::of(data.weight[i], weight[i], target(i)),
            target,
            criterion: Criterion::Gini,
            class_weight: [1.0; 2],
            max_depth: params.max_depth,
            min_samples_leaf: 1.0,
        };
        let Grown { tree, leaves, mut gain } = growth.grow(&mut room, None);
        for leaf in leaves {
            let positive = tree.leaf(leaf.node) > 0.5;
            for row in &room.rows[leaf.start..leaf.end] {
                wrong[*row as usize] = positive != (data.label[*row as usize] == 1);
            }
        }
        to_shares(&mut gain);
        let error: f64 = wrong.iter().zip(&weight).filter(|(wrong, _)| **wrong).map(|(_, w)| w).sum();
        if error <= 0.0 {
            model.push(tree, 1.0, &gain);
            break;
        }
        if error >= 0.5 {
            // No better than a coin: nothing more can be learned from these weights.
            break;
        }
        let alpha = params.learning_rate * ((1.0 - error) / error).ln();
        let raised = alpha.exp();
        for (w, wrong) in weight.iter_mut().zip(&wrong) {
            *w *= if *wrong { raised } else { 1.0 };
        }
        normalize(&mut weight);
        model.push(tree, alpha, &gain);
        (fit.progress)(step + 1, params.n_estimators, &|| None);
    }
    if model.trees.is_empty() {
        return Err(FitError::Impossible("no tree of this depth is better than a coin".to_owned()));
    }
    to_shares(&mut model.gain);
    Ok(model)
}

fn normalize(weight: &mut [f64]) {
    let total: f64 = weight.iter().sum();
    for w in weight {
        *w /= total;
    }
}
