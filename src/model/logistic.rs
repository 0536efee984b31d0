//! Logistic regression with an L2 penalty, fitted by Newton's method on the collapsed, weighted rows
//! (Hastie, Tibshirani and Friedman 2009, section 4.4.1).
//!
//! What is minimized is scikit-learn's: `C * sum of weighted log losses + |coefficients|² / 2`, the intercept free.

use super::{Fit, FitError, require, sigmoid};
use crate::dataset::{Dataset, Row};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Most Newton steps; a handful is usual.
const STEPS: u32 = 100;
/// Largest gradient entry, per unit of total weight, at which the fit is done.
const TOLERANCE: f64 = 1e-8;
/// Shortest step, as a share of Newton's, that is tried.
const SHORTEST: f64 = 1e-8;
/// Rows are summed up in so many pieces, or in pieces of `LEAST` rows where there are few.
const PIECES: usize = 32;
const LEAST: usize = 512;

/// A fitted model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logistic {
    intercept: f64,
    coefficients: Vec<f64>,
    columns: Columns,
}

/// How a row becomes inputs: an indicator for each level but the first of a categorical feature, then the numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    /// First input of each feature; none for numeric ones.
    start: Vec<Option<u32>>,
    /// Inputs before the numbers.
    indicators: u32,
}

impl Columns {
    fn of(data: &Dataset) -> Self {
        let (start, indicators) = data.indicators(1);
        Self { start, indicators }
    }

    /// Calls `each` with the inputs of a row that are not zero.
    fn inputs(&self, row: Row<'_>, mut each: impl FnMut(usize, f64)) {
        for (start, code) in self.start.iter().zip(row.codes) {
            if let (Some(start), true) = (start, *code > 0) {
                each(*start as usize + *code as usize - 1, 1.0);
            }
        }
        for (i, value) in row.numbers.iter().enumerate() {
            each(self.indicators as usize + i, *value);
        }
    }
}

impl Logistic {
    /// The logistic function of the linear score.
    pub fn probability(&self, row: Row<'_>) -> f64 {
        let mut score = self.intercept;
        self.columns.inputs(row, |i, value| score += self.coefficients[i] * value);
        sigmoid(score)
    }

    /// The intercept, and what each feature, in order, adds to it: the log-odds in parts. The indicators of a
    /// categorical feature are one part.
    pub(crate) fn parts(&self, row: Row<'_>) -> (f64, Vec<f64>) {
        let mut numbers = row.numbers.iter().zip(self.coefficients.iter().skip(self.columns.indicators as usize));
        let part = |(start, code): (&Option<u32>, &u8)| match start {
            Some(start) if *code > 0 => self.coefficients[*start as usize + usize::from(*code) - 1],
            Some(_) => 0.0,
            None => numbers.next().map_or(0.0, |(value, coefficient)| coefficient * value),
        };
        (self.intercept, self.columns.start.iter().zip(row.codes).map(part).collect())
    }

    #[cfg(test)]
    pub(super) fn weights(&self) -> (f64, &[f64]) {
        (self.intercept, &self.coefficients)
    }
}

/// Parameters of the regression.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    #[serde(rename = "C")]
    c: f64,
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.c > 0.0 && self.c.is_finite(), "C must be above 0")
    }
}

/// The objective, its gradient and the lower triangle of its second derivatives, at some weights (intercept last).
struct Slopes {
    value: f64,
    gradient: Vec<f64>,
    hessian: Vec<f64>,
}

impl Slopes {
    /// The rows' part, pieces of rows at a time, added in order: the number of threads changes nothing.
    fn at(beta: &[f64], data: &Dataset, weight: &[f64], columns: &Columns, c: f64) -> Self {
        let n = beta.len();
        let size = data.len().div_ceil(PIECES).max(LEAST);
        let pieces: Vec<Slopes> = (0..data.len().div_ceil(size))
            .into_par_iter()
            .map(|piece| {
                let mut part = Slopes { value: 0.0, gradient: vec![0.0; n], hessian: vec![0.0; n * n] };
                let mut row = Vec::with_capacity(n);
                for (i, weight) in weight.iter().enumerate().skip(piece * size).take(size) {
                    row.clear();
                    // Inputs come in ascending order, the intercept stands behind them all.
                    columns.inputs(data.row(i), |j, x| row.push((j, x)));
                    row.push((n - 1, 1.0));
                    part.add(&row, beta, c * weight, f64::from(data.label[i]));
                }
                part
            })
            .collect();
        let penalized = &beta[..n - 1];
        let mut all = Slopes {
            value: penalized.iter().map(|b| b * b).sum::<f64>() / 2.0,
            gradient: penalized.iter().copied().chain([0.0]).collect(),
            hessian: vec![0.0; n * n],
        };
        for j in 0..n - 1 {
            all.hessian[j * n + j] = 1.0;
        }
        for part in pieces {
            all.value += part.value;
            all.gradient.iter_mut().zip(part.gradient).for_each(|(a, b)| *a += b);
            all.hessian.iter_mut().zip(part.hessian).for_each(|(a, b)| *a += b);
        }
        all
    }

    fn add(&mut self, row: &[(usize, f64)], beta: &[f64], weight: f64, label: f64) {
        let n = self.gradient.len();
        let score: f64 = row.iter().map(|(j, x)| beta[*j] * x).sum();
        // One exponential serves the loss and the probability, without overflow on either side.
        let tail = (-score.abs()).exp();
        let q = if score >= 0.0 { 1.0 / (1.0 + tail) } else { tail / (1.0 + tail) };
        self.value += weight * (score.max(0.0) + tail.ln_1p() - label * score);
        let slope = weight * (q - label);
        let curve = weight * q * (1.0 - q);
        for (at, (j, x)) in row.iter().enumerate() {
            self.gradient[*j] += slope * x;
            // Inputs ascend, so what stands before this one is in the lower triangle.
            let line = &mut self.hessian[j * n..=j * n + j];
            let scaled = curve * x;
            for (k, y) in &row[..=at] {
                if let Some(entry) = line.get_mut(*k) {
                    *entry += scaled * y;
                }
            }
        }
    }
}

/// Fits the regression.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<Logistic, FitError> {
    let columns = Columns::of(data);
    let weight = data.weights();
    let p = columns.indicators as usize + data.numeric_width();
    let total: f64 = weight.iter().sum();
    let mut beta = vec![0.0; p + 1];
    let mut here = Slopes::at(&beta, data, &weight, &columns, params.c);
    for step in 0..STEPS {
        fit.check()?;
        if here.gradient.iter().all(|g| g.abs() <= TOLERANCE * total) {
            break;
        }
        let mut hessian = here.hessian.clone();
        // Against a flat direction when the classes are separable and the intercept alone is unpenalized.
        hessian[p * (p + 1) + p] += 1e-12 * total;
        let direction = solve(hessian, &here.gradient)
            .ok_or_else(|| FitError::Impossible("the normal equations are singular".to_owned()))?;
        let mut scale = 1.0;
        loop {
            let next: Vec<f64> = beta.iter().zip(&direction).map(|(b, d)| b - scale * d).collect();
            let there = Slopes::at(&next, data, &weight, &columns, params.c);
            // At the optimum the value moves by rounding only.
            if there.value <= here.value * (1.0 + 1e-14) || scale < SHORTEST {
                (beta, here) = (next, there);
                break;
            }
            fit.check()?;
            scale /= 2.0;
        }
        (fit.progress)(step + 1, STEPS, &|| Some(here.value / (params.c * total)));
        if scale < SHORTEST {
            break;
        }
    }
    let intercept = beta.pop().unwrap_or(0.0);
    Ok(Logistic { intercept, coefficients: beta, columns })
}

/// Solves `A x = b` for a symmetric, positive definite `A` given by its lower triangle (Cholesky).
fn solve(mut a: Vec<f64>, b: &[f64]) -> Option<Vec<f64>> {
    let n = b.len();
    for j in 0..n {
        for k in 0..=j {
            let dot: f64 = (0..k).map(|m| a[j * n + m] * a[k * n + m]).sum();
            let rest = a[j * n + k] - dot;
            if k < j {
                a[j * n + k] = rest / a[k * n + k];
            } else if rest > 0.0 {
                a[j * n + j] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut x = b.to_vec();
    for j in 0..n {
        let dot: f64 = (0..j).map(|m| a[j * n + m] * x[m]).sum();
        x[j] = (x[j] - dot) / a[j * n + j];
    }
    for j in (0..n).rev() {
        let dot: f64 = (j + 1..n).map(|m| a[m * n + j] * x[m]).sum();
        x[j] = (x[j] - dot) / a[j * n + j];
    }
    Some(x)
}
