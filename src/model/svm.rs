//! A support vector machine (Cortes and Vapnik 1995), fitted by smartcore's LASVM (Bordes, Ertekin, Weston and Bottou
//! 2005), an approximate solver that goes over the rows a few times.
//!
//! Inputs are an indicator for every level of a categorical feature, and the standardized numbers.
//!
//! smartcore takes no weights, and its time grows faster than the square of the rows. So each distinct vector enters
//! once, under the label it counts more for, however often it was observed; above `max_rows`, a seeded sample of them.
//! Class weights are honoured by repeating the vectors of the heavier class.
//!
//! The score is the logistic function of the decision value: above one half exactly on the positive side, but not
//! calibrated as a probability.

use super::{Fit, FitError, require, sigmoid};
use crate::dataset::{Dataset, Row};
use crate::random::Stream;
use serde::{Deserialize, Serialize};
use smartcore::error::Failed;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::svm::svc::{SVC, SVCParameters};
use std::collections::HashMap;

/// Passes over the rows. Two, as the authors advise, may leave the linear kernel far from its optimum; five take twice
/// as long as two and decide no better.
const PASSES: usize = 3;

/// A fitted machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Svm {
    intercept: f64,
    /// Of each support vector; above 0 on the positive side.
    weights: Vec<f64>,
    support: Vectors,
    kept: u32,
    vectors: u32,
}

impl Svm {
    /// The logistic function of the decision value: a score, not a calibrated probability.
    pub fn probability(&self, row: Row<'_>) -> f64 {
        sigmoid(self.decision(row))
    }

    /// How far a row is on the positive side, in margins; below 0 on the negative side.
    pub fn decision(&self, row: Row<'_>) -> f64 {
        let terms = self.weights.iter().enumerate().map(|(i, w)| w * self.support.kernel(row, self.support.row(i)));
        self.intercept + terms.sum::<f64>()
    }

    /// Number of distinct training vectors that were used.
    pub fn kept(&self) -> u32 {
        self.kept
    }

    /// Number of distinct training vectors there were.
    pub fn vectors(&self) -> u32 {
        self.vectors
    }
}

/// Vectors, and how alike two of them are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    kernel: Kernel,
    numeric: Vec<bool>,
    codes: Vec<u8>,
    numbers: Vec<f64>,
}

/// How alike two vectors are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kernel {
    /// The product of their inputs.
    Linear,
    /// `exp(-gamma * squared distance)` of their inputs.
    Rbf {
        /// Above 0.
        gamma: f64,
    },
}

impl Vectors {
    /// The given rows.
    fn of(data: &Dataset, rows: &[usize], kernel: Kernel) -> Self {
        Self {
            kernel,
            numeric: data.numeric.clone(),
            codes: rows.iter().flat_map(|i| data.row(*i).codes).copied().collect(),
            numbers: rows.iter().flat_map(|i| data.row(*i).numbers).copied().collect(),
        }
    }

    fn row(&self, i: usize) -> Row<'_> {
        let (w, m) = (self.numeric.len(), self.numeric.iter().filter(|n| **n).count());
        Row { codes: &self.codes[i * w..(i + 1) * w], numbers: &self.numbers[i * m..(i + 1) * m] }
    }

    fn kernel(&self, a: Row<'_>, b: Row<'_>) -> f64 {
        let levels = || a.codes.iter().zip(b.codes).zip(&self.numeric).filter(|(_, numeric)| !**numeric);
        let numbers = a.numbers.iter().zip(b.numbers);
        match self.kernel {
            Kernel::Linear => {
                let equal = levels().map(|((a, b), _)| u32::from(a == b)).sum::<u32>();
                numbers.fold(f64::from(equal), |sum, (a, b)| sum + a * b)
            }
            Kernel::Rbf { gamma } => {
                // Two different levels differ in two indicators.
                let differing = levels().map(|((a, b), _)| u32::from(a != b)).sum::<u32>();
                let distance = numbers.fold(f64::from(2 * differing), |sum, (a, b)| sum + (a - b) * (a - b));
                (-gamma * distance).exp()
            }
        }
    }
}

/// The kernel as smartcore calls it: a row is the number of a vector. No inputs are copied then, and a negative number
/// asks for one fitted weight, which smartcore does not show: [`ask`]`(i)` is like vector `i` alone.
#[derive(Debug)]
struct ByNumber(Vectors);

impl smartcore::svm::Kernel for ByNumber {
    fn apply(&self, a: &Vec<f64>, b: &Vec<f64>) -> Result<f64, Failed> {
        let (a, b) = (a[0], b[0]);
        if a < 0.0 {
            return Ok(f64::from(u8::from(a == ask(b as usize))));
        }
        Ok(self.0.kernel(self.0.row(a as usize), self.0.row(b as usize)))
    }
}

/// The row that is like one vector alone.
fn ask(vector: usize) -> f64 {
    -1.0 - vector as f64
}

/// Parameters of the machine.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    kernel: KernelName,
    #[serde(rename = "C")]
    c: f64,
    /// Of the rbf kernel; the linear one has none and passes over it.
    #[serde(default)]
    gamma: Gamma,
    /// Most rows to fit: 2,000 take a few seconds.
    #[serde(default = "two_thousand")]
    max_rows: u32,
}

fn two_thousand() -> u32 {
    2_000
}

/// A kernel by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KernelName {
    Rbf,
    Linear,
}

/// How fast likeness falls with the squared distance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Gamma {
    /// `scale`: 1 / (number of inputs * their variance), as in scikit-learn.
    Named(String),
    /// As given.
    Value(f64),
}

impl Default for Gamma {
    fn default() -> Self {
        Gamma::Named("scale".to_owned())
    }
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.c > 0.0 && self.c.is_finite(), "C must be above 0")?;
        require(self.max_rows >= 2, "max_rows must be at least 2")?;
        match &self.gamma {
            Gamma::Named(name) => require(name == "scale", "gamma must be `scale` or above 0"),
            Gamma::Value(gamma) => require(*gamma > 0.0 && gamma.is_finite(), "gamma must be `scale` or above 0"),
        }
    }

    fn kernel(&self, data: &Dataset, rows: &[usize]) -> Kernel {
        match (self.kernel, &self.gamma) {
            (KernelName::Linear, _) => Kernel::Linear,
            (KernelName::Rbf, Gamma::Value(gamma)) => Kernel::Rbf { gamma: *gamma },
            (KernelName::Rbf, Gamma::Named(_)) => Kernel::Rbf { gamma: scale(data, rows) },
        }
    }
}

/// `1 / (number of inputs * variance over all of them)`.
fn scale(data: &Dataset, rows: &[usize]) -> f64 {
    let categorical = |levels: (&u16, &bool)| if *levels.1 { None } else { Some(f64::from(*levels.0)) };
    let indicators: Vec<f64> = data.levels.iter().zip(&data.numeric).filter_map(categorical).collect();
    let inputs = indicators.iter().sum::<f64>() + data.numeric_width() as f64;
    let cells = inputs * rows.len() as f64;
    // One indicator of each categorical feature is 1.
    let ones = (indicators.len() * rows.len()) as f64;
    let numbers = || rows.iter().flat_map(|i| data.row(*i).numbers);
    let mean = (ones + numbers().sum::<f64>()) / cells;
    let variance = (ones + numbers().map(|v| v * v).sum::<f64>()) / cells - mean * mean;
    if variance > 0.0 { 1.0 / (inputs * variance) } else { 1.0 }
}

/// A row of each distinct vector, with the label that the vector counts more for, the positive one if both alike.
fn distinct(data: &Dataset) -> Vec<(usize, u8)> {
    let mut place = HashMap::new();
    let mut vectors: Vec<(usize, [f64; 2])> = Vec::new();
    for (i, weight) in data.weights().iter().copied().enumerate() {
        let row = data.row(i);
        let bits: Vec<u64> = row.numbers.iter().map(|v| (v + 0.0).to_bits()).collect();
        let at = *place.entry((row.codes, bits)).or_insert_with(|| {
            vectors.push((i, [0.0; 2]));
            vectors.len() - 1
        });
        vectors[at].1[data.label[i] as usize] += weight;
    }
    vectors.into_iter().map(|(i, counts)| (i, u8::from(counts[1] >= counts[0]))).collect()
}

/// How often each vector enters the fit: by its class weight over the lesser one, and at most `most` in all.
fn copies(label: &[u8], by_label: [f64; 2], most: u32, mut stream: Stream) -> Vec<u32> {
    let mut order: Vec<usize> = (0..label.len()).collect();
    stream.shuffle(&mut order);
    let classes = [0, 1].map(|l| order.iter().copied().filter(|i| label[*i] == l).collect::<Vec<usize>>());
    let lesser = by_label[0].min(by_label[1]);
    let wanted = [0, 1].map(|l| classes[l].len() as f64 * by_label[l] / lesser);
    let share = (f64::from(most) / (wanted[0] + wanted[1])).min(1.0);
    let mut copies = vec![0; label.len()];
    for (class, wanted) in classes.iter().zip(wanted) {
        // A whole number may have come out a little below itself; and no class may go missing.
        let rows = ((wanted * share + 1e-6) as usize).max(1);
        for (n, i) in class.iter().enumerate() {
            copies[*i] = ((n + 1) * rows / class.len() - n * rows / class.len()) as u32;
        }
    }
    copies
}

/// Fits the machine. smartcore cannot be interrupted: a stop shows before and after.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<Svm, FitError> {
    fit.check()?;
    let (rows, label): (Vec<usize>, Vec<u8>) = distinct(data).into_iter().unzip();
    if !label.contains(&0) || !label.contains(&1) {
        return Err(FitError::Impossible("all training vectors count more for the same label".to_owned()));
    }
    let by_label = data.class_weight.unwrap_or([1.0; 2]);
    let copies = copies(&label, by_label, params.max_rows, Stream::new(fit.seed, &[fit.purpose, "svm", "sample"]));
    let kept: Vec<usize> = (0..rows.len()).filter(|i| copies[*i] > 0).collect();
    let kept_rows: Vec<usize> = kept.iter().map(|i| rows[*i]).collect();
    let kernel = params.kernel(data, &kept_rows);
    // By copy: which of the kept vectors, and its label.
    let entries = || kept.iter().enumerate().flat_map(|(n, i)| (0..copies[*i]).map(move |_| (n, *i)));
    let impossible = |e: Failed| FitError::Impossible(e.to_string());
    let column = |numbers: Vec<f64>| DenseMatrix::new(numbers.len(), 1, numbers, false).map_err(impossible);

    let x = column(entries().map(|(n, _)| n as f64).collect())?;
    let y: Vec<u8> = entries().map(|(_, i)| label[i]).collect();
    let questions = column((0..=kept.len()).map(ask).collect())?;
    let parameters = SVCParameters::default()
        // The lesser class weight: copies are relative to it.
        .with_c(params.c * by_label[0].min(by_label[1]))
        .with_epoch(PASSES)
        .with_kernel(ByNumber(Vectors::of(data, &kept_rows, kernel)))
        .with_seed(Some(Stream::new(fit.seed, &[fit.purpose, "svm"]).bits()));
    let machine = SVC::fit(&x, &y, &parameters).map_err(impossible)?;
    fit.check()?;
    // The last question is like no vector: what is left is the intercept.
    let mut answers = machine.decision_function(&questions).map_err(impossible)?;
    let intercept = answers.pop().unwrap_or(0.0);
    let weighted = answers.iter().map(|a| a - intercept).zip(&kept_rows).filter(|(w, _)| *w != 0.0);
    let (weights, support): (Vec<f64>, Vec<usize>) = weighted.unzip();
    Ok(Svm {
        intercept,
        weights,
        support: Vectors::of(data, &support, kernel),
        kept: kept.len() as u32,
        vectors: rows.len() as u32,
    })
}

#[cfg(test)]
mod tests;
