//! A blend: the mean of the probabilities of several fitted models of different families, which err on different rows
//! (Dietterich 2000, "Ensemble methods in machine learning", section 2).

use super::{ModelFile, Scratch, require};
use crate::dataset::{Encoded, Row};
use serde::{Deserialize, Serialize};

/// A fitted blend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blend {
    /// The models as they stand in their own files, the best one first.
    members: Vec<ModelFile>,
}

impl Blend {
    /// Blends models. There is at least one.
    pub fn new(members: Vec<ModelFile>) -> Self {
        Self { members }
    }

    /// The mean probability of a row.
    pub(super) fn probability(&self, row: Row<'_>, scratch: &mut Scratch) -> f64 {
        self.members.iter().map(|m| m.probability(row, scratch)).sum::<f64>() / self.members.len() as f64
    }

    /// The mean probability of many rows.
    pub(super) fn probabilities(&self, rows: &Encoded) -> Vec<f64> {
        mean(&self.members.iter().map(|m| m.probabilities(rows)).collect::<Vec<_>>())
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
