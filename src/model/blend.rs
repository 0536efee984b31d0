//! A blend: the mean of the probabilities of several fitted models of different families, which err on different rows
//! (Dietterich 2000, "Ensemble methods in machine learning", section 2).

use super::{Model, Scratch, require};
use crate::calibrate::Calibration;
use crate::dataset::{Encoded, Row};
use serde::{Deserialize, Serialize};

/// A fitted blend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blend {
    /// The best model first.
    members: Vec<Member>,
}

/// One of the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// Turns its scores into probabilities; none where they are taken as they are.
    pub calibration: Option<Calibration>,
    /// The model.
    pub model: Model,
}

impl Member {
    fn believed(&self, score: f64) -> f64 {
        self.calibration.as_ref().map_or(score, |c| c.apply(score))
    }
}

impl Blend {
    /// Blends models. There is at least one.
    pub fn new(members: Vec<Member>) -> Self {
        Self { members }
    }

    /// The mean probability of a row.
    pub(super) fn probability(&self, row: Row<'_>, scratch: &mut Scratch) -> f64 {
        let sum: f64 = self.members.iter().map(|m| m.believed(m.model.probability(row, scratch))).sum();
        sum / self.members.len() as f64
    }

    /// The mean probability of many rows.
    pub(super) fn probabilities(&self, rows: &Encoded) -> Vec<f64> {
        let each: Vec<Vec<f64>> = self
            .members
            .iter()
            .map(|m| m.model.probabilities(rows).into_iter().map(|score| m.believed(score)).collect())
            .collect();
        mean(&each)
    }
}

/// The mean of several models' probabilities of the same rows, row by row.
pub(crate) fn mean(each: &[Vec<f64>]) -> Vec<f64> {
    let rows = each.first().map_or(0, Vec::len);
    (0..rows).map(|row| each.iter().map(|p| p[row]).sum::<f64>() / each.len() as f64).collect()
}

/// Parameters of a blend.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// How many families, the best ones by cross-validated F1.
    pub(crate) families: u32,
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.families > 1, "families must be at least 2")
    }
}
