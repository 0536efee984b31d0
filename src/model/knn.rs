//! K nearest neighbours. A categorical difference counts 1, a numeric one its square in standard deviations.
//!
//! Rows count as often as they were observed. Where several rows share the distance of the k-th neighbour, they share
//! its vote in proportion, so the answer does not depend on the order of the rows.

use super::require;
use crate::dataset::{Dataset, Row};
use serde::{Deserialize, Serialize};

/// A fitted model: the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knn {
    k: u32,
    weights: Weights,
    numeric: Vec<bool>,
    codes: Vec<u8>,
    numbers: Vec<f64>,
    label: Vec<u8>,
    count: Vec<f64>,
}

/// How neighbours vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Weights {
    /// All alike.
    Uniform,
    /// By the inverse of their distance; rows at distance 0, where there are any, decide alone.
    Distance,
}

/// Parameters of the neighbours.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    k: u32,
    weights: Weights,
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.k > 0, "k must be at least 1")
    }
}

/// Keeps the rows.
pub(super) fn fit(params: &Parameters, data: &Dataset) -> Knn {
    Knn {
        k: params.k,
        weights: params.weights,
        numeric: data.numeric.clone(),
        codes: data.codes.clone(),
        numbers: data.numbers.clone(),
        label: data.label.clone(),
        count: data.weight.clone(),
    }
}

impl Knn {
    /// The share of positive votes among the k nearest rows.
    pub fn probability(&self, row: Row<'_>) -> f64 {
        let mut near: Vec<(f64, u32)> = (0..self.label.len()).map(|i| (self.distance(row, i), i as u32)).collect();
        // Every row has a count of at least one, so the k nearest observed rows are among the k nearest entries.
        let k = (self.k as usize).min(near.len());
        let boundary = near.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0)).1.0;
        near.retain(|n| n.0 <= boundary);
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut left = f64::from(self.k);
        let (mut votes, mut total) = (0.0, 0.0);
        let mut at = 0;
        while at < near.len() && left > 0.0 {
            let distance = near[at].0;
            let end = at + near[at..].iter().take_while(|n| n.0 == distance).count();
            let (mut rows, mut positive) = (0.0, 0.0);
            for (_, i) in &near[at..end] {
                rows += self.count[*i as usize];
                positive += self.count[*i as usize] * f64::from(self.label[*i as usize]);
            }
            let taken = rows.min(left);
            let weight = match self.weights {
                Weights::Uniform => 1.0,
                Weights::Distance if distance == 0.0 => return positive / rows,
                // Above 0 also where the distance is beyond the range of doubles.
                Weights::Distance => (1.0 / distance.sqrt()).max(f64::MIN_POSITIVE),
            };
            votes += weight * taken * positive / rows;
            total += weight * taken;
            left -= taken;
            at = end;
        }
        votes / total
    }

    /// The squared distance to a training row.
    fn distance(&self, row: Row<'_>, i: usize) -> f64 {
        let width = self.numeric.len();
        let own = &self.codes[i * width..(i + 1) * width];
        let numeric_width = row.numbers.len();
        let differing = if numeric_width == 0 {
            row.codes.iter().zip(own).map(|(a, b)| u32::from(a != b)).sum::<u32>()
        } else {
            row.codes.iter().zip(own).zip(&self.numeric).map(|((a, b), n)| u32::from(a != b && !n)).sum::<u32>()
        };
        let numbers = &self.numbers[i * numeric_width..(i + 1) * numeric_width];
        f64::from(differing) + row.numbers.iter().zip(numbers).map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
    }
}
