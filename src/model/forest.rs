//! Random forest (Breiman 2001): trees on bootstrap samples, a random choice of features at each node, averaged.

use super::tree::bins::Counts;
use super::tree::{Binned, Criterion, Growth, Room, Sampler, Summed, Tree, countable, to_shares};
use super::{Fit, FitError, require, tree};
use crate::dataset::{Dataset, Encoded};
use crate::random::Stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU32, Ordering};

/// A fitted forest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forest {
    /// Share of the impurity decrease by feature, the mean over the trees.
    pub(super) gain: Vec<f64>,
    trees: Vec<Tree>,
}

impl Forest {
    /// The mean of the trees' probabilities.
    pub fn probability(&self, codes: &[u8]) -> f64 {
        self.trees.iter().map(|t| t.value(codes)).sum::<f64>() / self.trees.len() as f64
    }

    /// The probability as a sum over the trees.
    pub(super) fn summed(&self) -> Summed<'_> {
        let n = self.trees.len() as f64;
        Summed { start: 0.0, trees: &self.trees, say: Box::new(move |_, value| value / n), log_odds: false }
    }

    /// Probabilities by the first trees, for each of several numbers of trees.
    pub(super) fn staged(&self, rows: &Encoded, stages: &[u32]) -> Vec<Vec<f64>> {
        tree::staged(&self.trees, rows, stages, |_, value| value, |trees, sum| sum / trees as f64)
    }
}

/// How many features are tried at a node.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum MaxFeatures {
    /// `sqrt`, `log2` or `all`.
    Named(String),
    /// A share of the features.
    Share(f64),
}

impl MaxFeatures {
    fn count(&self, width: usize) -> Option<usize> {
        let n = match self {
            MaxFeatures::Named(name) if name == "sqrt" => (width as f64).sqrt() as usize,
            MaxFeatures::Named(name) if name == "log2" => (width as f64).log2() as usize,
            MaxFeatures::Named(name) if name == "all" => width,
            MaxFeatures::Share(share) if *share > 0.0 && *share <= 1.0 => (share * width as f64) as usize,
            _ => return None,
        };
        Some(n.clamp(1, width.max(1)))
    }
}

/// Parameters of a forest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    n_estimators: u32,
    max_features: MaxFeatures,
    #[serde(default = "one")]
    min_samples_leaf: u32,
    #[serde(default)]
    max_depth: Option<u32>,
}

fn one() -> u32 {
    1
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.n_estimators > 0, "n_estimators must be at least 1")?;
        require(self.min_samples_leaf > 0, "min_samples_leaf must be at least 1")?;
        require(self.max_depth != Some(0), "max_depth must be at least 1")?;
        require(
            self.max_features.count(1).is_some(),
            "max_features must be sqrt, log2, all, or a share above 0 and up to 1",
        )
    }
}

/// Fits a forest. Trees are grown side by side; each has a random stream of its own.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<Forest, FitError> {
    let max_features = params
        .max_features
        .count(data.width())
        .ok_or_else(|| FitError::Impossible("max_features is not understood".to_owned()))?;
    // Each observed row by its place in the collapsed data: the bootstrap draws observed rows.
    let observed: Vec<u32> =
        data.weight.iter().enumerate().flat_map(|(i, w)| std::iter::repeat_n(i as u32, *w as usize)).collect();
    countable(data)?;
    let binned = Binned::new(data);
    let done = AtomicU32::new(0);
    let grown = (0..params.n_estimators)
        .into_par_iter()
        .map(|nth| {
            fit.check()?;
            let mut stream = Stream::new(fit.seed, &[fit.purpose, "forest", &nth.to_string()]);
            let mut count = vec![0u32; data.len()];
            for _ in 0..observed.len() {
                count[observed[stream.below(observed.len())] as usize] += 1;
            }
            let mut room = Room::new();
            room.rows.extend((0..data.len() as u32).filter(|r| count[*r as usize] > 0));
            let growth = Growth {
                binned: &binned,
                payload: |i: usize| Counts::of(count[i], data.label[i]),
                target: |i: usize| f64::from(data.label[i]),
                criterion: Criterion::Gini,
                class_weight: data.class_weight.unwrap_or([1.0; 2]),
                max_depth: params.max_depth.unwrap_or(u32::MAX),
                min_samples_leaf: f64::from(params.min_samples_leaf),
            };
            let mut grown = growth.grow(&mut room, Some(Sampler::new(max_features, stream)));
            to_shares(&mut grown.gain);
            (fit.progress)(done.fetch_add(1, Ordering::Relaxed) + 1, params.n_estimators, &|| None);
            Ok((grown.tree, grown.gain))
        })
        .collect::<Result<Vec<_>, FitError>>()?;
    let mut model = Forest { gain: vec![0.0; data.width()], trees: Vec::new() };
    for (tree, gain) in grown {
        for (sum, gain) in model.gain.iter_mut().zip(gain) {
            *sum += gain;
        }
        model.trees.push(tree);
    }
    to_shares(&mut model.gain);
    Ok(model)
}
