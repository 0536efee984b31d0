//! Logistic regression with an L2 penalty, fitted by Newton's method on the collapsed, weighted rows
//! (Hastie, Tibshirani and Friedman 2009, section 4.4.1).
//!
//! What is minimized is scikit-learn's: `C * sum of weighted log losses + |coefficients|² / 2`, the intercept free.

use super::{Fit, FitError, require, sigmoid};
use crate::dataset::{Dataset, Row};
use serde::{Deserialize, Serialize};

/// Most Newton steps; a handful is usual.
const STEPS: u32 = 100;
/// Largest gradient entry, per unit of total weight, at which the fit is done.
const TOLERANCE: f64 = 1e-9;

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
        let mut indicators = 0;
        let start = data
            .levels
            .iter()
            .zip(&data.numeric)
            .map(|(levels, numeric)| {
                if *numeric {
                    return None;
                }
                let start = indicators;
                indicators += u32::from(levels.saturating_sub(1));
                Some(start)
            })
            .collect();
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

/// The objective at the given weights (intercept last).
fn objective(data: &Dataset, inputs: &[Vec<(u32, f64)>], c: f64, beta: &[f64]) -> f64 {
    let p = beta.len() - 1;
    let mut sum = beta[..p].iter().map(|b| b * b).sum::<f64>() / 2.0;
    for (i, row) in inputs.iter().enumerate() {
        let score = row.iter().map(|(j, x)| beta[*j as usize] * x).sum::<f64>() + beta[p];
        let softplus = score.max(0.0) + (-score.abs()).exp().ln_1p();
        sum += c * data.weight[i] * (softplus - f64::from(data.label[i]) * score);
    }
    sum
}

/// Fits the regression.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<Logistic, FitError> {
    let columns = Columns::of(data);
    let inputs: Vec<Vec<(u32, f64)>> = (0..data.len())
        .map(|i| {
            let mut row = Vec::new();
            columns.inputs(data.row(i), |j, x| row.push((j as u32, x)));
            row
        })
        .collect();
    let p = columns.indicators as usize + data.numeric_width();
    let total: f64 = data.weight.iter().sum();
    let mut beta = vec![0.0; p + 1];
    let mut value = objective(data, &inputs, params.c, &beta);
    for step in 0..STEPS {
        fit.check()?;
        let mut gradient: Vec<f64> = beta[..p].iter().copied().chain([0.0]).collect();
        // Lower triangle, row by row.
        let mut hessian = vec![0.0; (p + 1) * (p + 1)];
        for j in 0..p {
            hessian[j * (p + 1) + j] = 1.0;
        }
        for (i, row) in inputs.iter().enumerate() {
            let score = row.iter().map(|(j, x)| beta[*j as usize] * x).sum::<f64>() + beta[p];
            let q = sigmoid(score);
            let weight = params.c * data.weight[i];
            let slope = weight * (q - f64::from(data.label[i]));
            let curve = weight * q * (1.0 - q);
            // Inputs come in ascending order, the intercept stands behind them all.
            let entries = || row.iter().copied().chain([(p as u32, 1.0)]);
            for (j, x) in entries() {
                gradient[j as usize] += slope * x;
                for (k, y) in entries().take_while(|(k, _)| *k <= j) {
                    hessian[j as usize * (p + 1) + k as usize] += curve * x * y;
                }
            }
        }
        if gradient.iter().all(|g| g.abs() <= TOLERANCE * total) {
            break;
        }
        // Against a flat direction when the classes are separable and the intercept alone is unpenalized.
        hessian[p * (p + 1) + p] += 1e-12 * total;
        let direction = solve(hessian, &gradient)
            .ok_or_else(|| FitError::Impossible("the normal equations are singular".to_owned()))?;
        let mut scale = 1.0;
        loop {
            let next: Vec<f64> = beta.iter().zip(&direction).map(|(b, d)| b - scale * d).collect();
            let next_value = objective(data, &inputs, params.c, &next);
            if next_value <= value || scale < 1e-8 {
                (beta, value) = (next, next_value);
                break;
            }
            scale /= 2.0;
        }
        (fit.progress)(step + 1, STEPS, Some(value / (params.c * total)));
        if scale < 1e-8 {
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
