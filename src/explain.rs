//! Why a row got its score: what each feature contributes.
//!
//! The contributions are held against a background, some training vectors. What is *exact* are the Shapley values
//! (Shapley 1953) of this game: the players are the features; a coalition's worth is the score, averaged over the
//! background, of a row that has the explained row's values for the features in the coalition and the background
//! vector's values for all others. That is the interventional game (Janzing, Minorics and Blöbaum 2020, "Feature
//! relevance quantification in explainable AI"): it asks what the *model* does with the values, and combines values
//! that may never stand together in real rows. It says nothing about causes outside of the model.
//!
//! Exact within that game does not mean that the background is all of the training part: another sample would shift
//! the base and with it the contributions.

mod linear;
mod occlusion;
mod tree;

use crate::dataset::{Encoded, Row, Vectors};
use crate::model::Model;
use serde::{Deserialize, Serialize};

/// Most vectors of a background. The error of a mean over so many is about a tenth of the spread, more where a few of
/// them carry most rows; and the largest models are explained while one waits.
pub const MAX_BACKGROUND: usize = 100;

/// What contributions are measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The natural logarithm of the odds of the positive class.
    LogOdds,
    /// The probability of the positive class.
    Probability,
}

/// How contributions are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Interventional TreeSHAP (Lundberg et al. 2020, "From local explanations to global understanding with
    /// explainable AI for trees", Nature Machine Intelligence 2, algorithm 3).
    TreeShap,
    /// Coefficient times the value's distance from the background's mean: for a linear score that *is* the Shapley
    /// value (Štrumbelj and Kononenko 2014, section 3).
    Coefficients,
    /// What the probability changes by, in the mean, when the value is replaced by those of the background, one
    /// feature at a time (after Zeiler and Fergus 2014, section 4.2). Features that stand in for each other all look
    /// unimportant.
    Occlusion,
}

/// What each feature contributes to the score of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// The mean score of the background.
    pub base: f64,
    /// One for each feature, in schema order; above 0 where it speaks for the positive class.
    pub contributions: Vec<f64>,
    /// What base, contributions and output are measured in.
    pub scale: Scale,
    /// The row's score. Where the explanation is exact, base and contributions add up to it.
    pub output: f64,
    /// How the contributions were found.
    pub method: Method,
    /// Whether the contributions are the Shapley values, to rounding, rather than something like them.
    pub exact: bool,
    /// Whether the model's scores are calibrated afterwards. What is explained is the score before that.
    pub calibrated: bool,
    /// How many training vectors the row was held against.
    pub background: usize,
}

/// Training vectors that a row is held against.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    rows: Encoded,
    /// The share of each row in means.
    share: Vec<f64>,
}

impl Background {
    /// From encoded vectors and their rows by label, each vector weighted by its rows. None where there are no rows.
    pub fn new(rows: Encoded, counts: &[[u32; 2]]) -> Option<Self> {
        let of = |counts: &[u32; 2]| f64::from(counts[0]) + f64::from(counts[1]);
        let total: f64 = counts.iter().map(of).sum();
        (total > 0.0).then(|| Self { rows, share: counts.iter().map(|n| of(n) / total).collect() })
    }

    /// The rows and the share of each.
    fn rows(&self) -> impl Iterator<Item = (Row<'_>, f64)> {
        self.share.iter().enumerate().map(|(i, share)| (self.rows.row(i), *share))
    }
}

/// Vectors for a background: [`MAX_BACKGROUND`] of them, evenly spaced. In vectors that are sorted by their hashes,
/// which have nothing to do with their values, that is as good as drawing them, and the same vectors each time.
pub fn sample(vectors: &Vectors) -> Vectors {
    let n = vectors.len().min(MAX_BACKGROUND);
    vectors.take(&(0..n).map(|i| i * vectors.len() / n).collect::<Vec<_>>())
}

/// Explains the score of the only row in `row`, before any calibration, which is for the caller to tell of.
pub fn explain(model: &Model, row: &Encoded, background: &Background) -> Explanation {
    match (model, model.summed()) {
        (_, Some(sum)) => tree::explain(&sum, row.row(0), background),
        (Model::LogisticRegression(model), None) => linear::explain(model, row.row(0), background),
        (model, None) => occlusion::explain(model, row, background),
    }
}

#[cfg(test)]
mod tests;
