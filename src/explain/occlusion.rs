//! One feature at a time, replaced by the background's values: for models whose Shapley values have no short way.

use super::{Background, Explanation, Method, Scale};
use crate::dataset::Encoded;
use crate::model::Model;
use rayon::prelude::*;

/// Explains the probability of any model.
pub(super) fn explain(model: &Model, row: &Encoded, background: &Background) -> Explanation {
    let probability = |rows: &Encoded| model.probabilities(rows);
    let output = probability(row).first().copied().unwrap_or_default();
    let contributions = (0..row.levels.len())
        .into_par_iter()
        .map(|feature| {
            let values = values(feature, background);
            let from: Vec<usize> = values.iter().map(|(at, _)| *at).collect();
            let mut replaced = row.take(&vec![0; from.len()]);
            replaced.take_feature(feature, &background.rows, &from);
            // The mean of differences, not the difference of means: it is exactly 0 where nothing changes.
            probability(&replaced).iter().zip(&values).map(|(p, (_, share))| share * (output - p)).sum()
        })
        .collect();
    let scores = probability(&background.rows);
    Explanation {
        base: scores.iter().zip(&background.share).map(|(p, share)| p * share).sum(),
        contributions,
        scale: Scale::Probability,
        output,
        method: Method::Occlusion,
        exact: false,
        calibrated: false,
        background: background.share.len(),
    }
}

/// The values of a feature in the background: the first row that has each, and the share of all that have it. Most
/// features have a few levels, so a few rows are scored instead of a hundred.
fn values(feature: usize, background: &Background) -> Vec<(usize, f64)> {
    let rows = &background.rows;
    let nth = rows.numeric[..feature].iter().filter(|n| **n).count();
    let value = |at: usize| {
        let row = rows.row(at);
        (row.codes[feature], rows.numeric[feature].then(|| row.numbers[nth].to_bits()))
    };
    let mut values: Vec<(usize, f64)> = Vec::new();
    for (at, share) in background.share.iter().enumerate() {
        match values.iter_mut().find(|(first, _)| value(*first) == value(at)) {
            Some((_, sum)) => *sum += share,
            None => values.push((at, *share)),
        }
    }
    values
}
