//! AdaBoost in its discrete form, SAMME (Zhu, Zou, Rosset and Hastie 2009, algorithm 2) for two classes, with the
//! probabilities that scikit-learn derives from it.

use super::tree::{Criterion, Growth, Tree};
use super::{Fit, FitError, require, sigmoid};
use crate::dataset::Dataset;
use serde::{Deserialize, Serialize};

/// A fitted ensemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdaBoost {
    trees: Vec<Tree>,
    weights: Vec<f64>,
}

/// The class a tree votes for; an even leaf counts as negative.
fn votes_positive(tree: &Tree, codes: &[u8]) -> bool {
    tree.value(codes) > 0.5
}

impl AdaBoost {
    /// The logistic function of twice the weighted mean vote.
    pub fn probability(&self, codes: &[u8]) -> f64 {
        let (mut votes, mut total) = (0.0, 0.0);
        for (tree, weight) in self.trees.iter().zip(&self.weights) {
            votes += if votes_positive(tree, codes) { *weight } else { -weight };
            total += weight;
        }
        sigmoid(2.0 * votes / total)
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
    let target: Vec<f64> = data.label.iter().map(|l| f64::from(*l)).collect();
    let mut weight = data.weight.clone();
    normalize(&mut weight);
    let mut model = AdaBoost { trees: Vec::new(), weights: Vec::new() };
    for step in 0..params.n_estimators {
        fit.check()?;
        let mut rows: Vec<u32> = (0..data.len() as u32).collect();
        let mut growth = Growth {
            data,
            target: &target,
            weight: &weight,
            observed: &data.weight,
            criterion: Criterion::Gini,
            max_depth: params.max_depth,
            min_samples_leaf: 1.0,
            sampler: None,
        };
        let tree = growth.grow(&mut rows).0;
        let wrong: Vec<bool> =
            (0..data.len()).map(|i| votes_positive(&tree, data.row(i).codes) != (data.label[i] == 1)).collect();
        let error: f64 = wrong.iter().zip(&weight).filter(|(wrong, _)| **wrong).map(|(_, w)| w).sum();
        if error <= 0.0 {
            model.trees.push(tree);
            model.weights.push(1.0);
            break;
        }
        if error >= 0.5 {
            // No better than a coin: nothing more can be learned from these weights.
            break;
        }
        let alpha = params.learning_rate * ((1.0 - error) / error).ln();
        for (w, wrong) in weight.iter_mut().zip(&wrong) {
            if *wrong {
                *w *= alpha.exp();
            }
        }
        normalize(&mut weight);
        model.trees.push(tree);
        model.weights.push(alpha);
        (fit.progress)(step + 1, params.n_estimators, None);
    }
    if model.trees.is_empty() {
        return Err(FitError::Impossible("no tree of this depth is better than a coin".to_owned()));
    }
    Ok(model)
}

fn normalize(weight: &mut [f64]) {
    let total: f64 = weight.iter().sum();
    for w in weight {
        *w /= total;
    }
}
