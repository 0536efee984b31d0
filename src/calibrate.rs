//! Scores made into probabilities that can be believed: a map fitted on scores of rows that the model has not seen.
//!
//! `counts` are the observed rows of each distinct feature vector by label (negative, positive), `scores` the model's
//! probabilities of those vectors, 0 to 1. Everything is weighted by rows.

use crate::metrics::by_score;
use crate::random::Stream;
use serde::{Deserialize, Serialize};

/// Scores are kept this far from 0 and 1 before their log-odds are taken. A tree, a forest and the nearest neighbours
/// do answer 0 and 1, whose log-odds are infinite; and no labelled rows tell a probability of one in a million from
/// none, while a single wrong row out there would pull the whole slope down.
const CLAMP: f64 = 1e-6;
/// Most Newton steps of Platt scaling; a handful is usual.
const STEPS: u32 = 100;
/// Gradient, per row, at which Platt scaling is done.
const TOLERANCE: f64 = 1e-11;
/// Shortest step, as a share of Newton's, that is tried.
const SHORTEST: f64 = 1e-10;

/// How scores are made into probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A logistic curve: two numbers, fits well on few rows.
    #[default]
    Platt,
    /// Any rising curve: follows the rows wherever they lead, and wants a thousand or more of them.
    Isotonic,
}

/// A fitted map from score to probability. It never falls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum Calibration {
    /// The logistic function of `slope` times the score's log-odds plus `intercept`. Slope 1 and intercept 0 change
    /// nothing.
    Platt {
        /// Above 0; below 1 where the scores were too sure of themselves.
        slope: f64,
        /// In log-odds; above 0 where the scores were too low.
        intercept: f64,
    },
    /// Straight lines between knots; level outside of them.
    Isotonic {
        /// The knots' scores, rising.
        scores: Vec<f64>,
        /// The knots' probabilities, never falling.
        probabilities: Vec<f64>,
    },
}

impl Calibration {
    /// Fits the map. The scores must be of rows that the model was not trained on: on its own rows a model is always
    /// sure and mostly right.
    ///
    /// # Errors
    /// The reason, when the rows have one label only, a score is not a number, or the probability would not rise with
    /// the score.
    pub fn fit(method: Method, counts: &[[u32; 2]], scores: &[f64]) -> Result<Self, String> {
        if scores.iter().any(|s| s.is_nan()) {
            return Err("a score is not a number".to_owned());
        }
        if (0..2).any(|label| counts.iter().all(|n| n[label] == 0)) {
            return Err("the rows have one label only".to_owned());
        }
        match method {
            Method::Platt => platt(counts, scores),
            Method::Isotonic => isotonic(counts, scores),
        }
    }

    /// The method it was fitted by.
    pub fn method(&self) -> Method {
        match self {
            Calibration::Platt { .. } => Method::Platt,
            Calibration::Isotonic { .. } => Method::Isotonic,
        }
    }

    /// The probability of the positive class at a score, 0 to 1.
    pub fn apply(&self, score: f64) -> f64 {
        match self {
            Calibration::Platt { slope, intercept } => sigmoid(slope * log_odds(score) + intercept),
            Calibration::Isotonic { scores, probabilities } => {
                let right = scores.partition_point(|s| *s <= score);
                let knot = |i: usize| Some((*scores.get(i)?, *probabilities.get(i)?));
                match (right.checked_sub(1).and_then(knot), knot(right)) {
                    // Rounding must not lift the end of a line above the next knot.
                    (Some((x0, y0)), Some((x1, y1))) => (y0 + (y1 - y0) * ((score - x0) / (x1 - x0))).min(y1),
                    (Some((_, y)), None) | (None, Some((_, y))) => y,
                    // No fit leaves no knots; a file may.
                    (None, None) => score,
                }
            }
        }
    }
}

/// The logistic function.
pub(crate) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn log_odds(score: f64) -> f64 {
    let p = score.clamp(CLAMP, 1.0 - CLAMP);
    (p / (1.0 - p)).ln()
}

/// Platt scaling (Platt 1999): the logistic curve of most likelihood, its targets drawn in from 0 and 1 as by one more
/// row of each label, found by Newton's method with backtracking (Lin, Lin and Weng 2007, algorithm 1).
fn platt(counts: &[[u32; 2]], scores: &[f64]) -> Result<Calibration, String> {
    // Log-odds, rows, positive rows after smoothing.
    let [negatives, positives] = counts.iter().fold([0.0; 2], |n, c| [n[0] + f64::from(c[0]), n[1] + f64::from(c[1])]);
    let (low, high) = (1.0 / (negatives + 2.0), (positives + 1.0) / (positives + 2.0));
    let points: Vec<(f64, f64, f64)> = counts
        .iter()
        .zip(scores)
        .map(|(n, s)| {
            let [negative, positive] = n.map(f64::from);
            (log_odds(*s), negative + positive, low * negative + high * positive)
        })
        .collect();
    if points.iter().all(|p| p.0 == points[0].0) {
        return Err("all scores are equal".to_owned());
    }
    let rows = negatives + positives;
    // Mean cross-entropy in nats, without overflow at either side.
    let loss = |slope: f64, intercept: f64| {
        let sum = points.iter().fold(0.0, |sum, (x, n, t)| {
            let z = slope * x + intercept;
            sum + n * (z.max(0.0) + (-z.abs()).exp().ln_1p()) - t * z
        });
        sum / rows
    };
    let (mut slope, mut intercept) = (0.0, ((positives + 1.0) / (negatives + 1.0)).ln());
    let mut value = loss(slope, intercept);
    'newton: for _ in 0..STEPS {
        // Gradient and Hessian by slope (a) and intercept (b).
        let (mut a, mut b, mut aa, mut ab, mut bb) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (x, n, t) in &points {
            let p = sigmoid(slope * x + intercept);
            let (pull, curve) = ((n * p - t) / rows, n * p * (1.0 - p) / rows);
            a += pull * x;
            b += pull;
            aa += curve * x * x;
            ab += curve * x;
            bb += curve;
        }
        if a.abs().max(b.abs()) < TOLERANCE {
            break;
        }
        // A trace on the diagonal, so that it can be inverted where all probabilities are next to 0 or 1.
        let (aa, bb) = (aa + 1e-12, bb + 1e-12);
        let determinant = aa * bb - ab * ab;
        let (step_a, step_b) = (-(bb * a - ab * b) / determinant, -(aa * b - ab * a) / determinant);
        let mut share = 1.0;
        loop {
            let next = loss(slope + share * step_a, intercept + share * step_b);
            if next <= value {
                (slope, intercept, value) = (slope + share * step_a, intercept + share * step_b, next);
                break;
            }
            share /= 2.0;
            if share < SHORTEST {
                // The loss is convex: what rounding hides from here on is not worth a step.
                break 'newton;
            }
        }
    }
    if slope > 0.0 && slope.is_finite() && intercept.is_finite() {
        Ok(Calibration::Platt { slope, intercept })
    } else {
        Err("the higher the score, the fewer rows are positive".to_owned())
    }
}

/// Neighbouring scores that share one probability.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Block {
    low: f64,
    high: f64,
    /// Rows by label: negative, positive.
    rows: [u64; 2],
}

impl Block {
    fn share(&self) -> f64 {
        self.rows[1] as f64 / (self.rows[0] + self.rows[1]) as f64
    }
}

/// Blocks of scores whose positive shares rise, lowest first, by pooling neighbours that do not (pool adjacent
/// violators): the rising step function of least squared error.
fn pool(counts: &[[u32; 2]], scores: &[f64]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (score, rows) in by_score(counts, scores).into_iter().rev() {
        if rows == [0, 0] {
            continue;
        }
        let mut block = Block { low: score, high: score, rows };
        // Counts are whole, so the odds are compared without rounding.
        let odds = |a: &Block, b: &Block| u128::from(a.rows[1]) * u128::from(b.rows[0]);
        while let Some(last) = blocks.pop_if(|last| odds(last, &block) >= odds(&block, last)) {
            block.low = last.low;
            block.rows = [block.rows[0] + last.rows[0], block.rows[1] + last.rows[1]];
        }
        blocks.push(block);
    }
    blocks
}

/// Isotonic regression (Zadrozny and Elkan 2002) with straight lines between the blocks. Probabilities are kept within
/// 1 / (n + 2) of 0 and 1, n being all rows: a pure block says that the other label is rare, not that it is
/// impossible, and one row of it would make the log loss infinite.
fn isotonic(counts: &[[u32; 2]], scores: &[f64]) -> Result<Calibration, String> {
    let blocks = pool(counts, scores);
    if blocks.len() < 2 {
        return Err("the probability does not rise with the score".to_owned());
    }
    let rows: u64 = blocks.iter().map(|b| b.rows[0] + b.rows[1]).sum();
    let least = 1.0 / (rows as f64 + 2.0);
    let (mut scores, mut probabilities) = (Vec::new(), Vec::new());
    for block in &blocks {
        let probability = block.share().clamp(least, 1.0 - least);
        scores.push(block.low);
        probabilities.push(probability);
        if block.high > block.low {
            scores.push(block.high);
            probabilities.push(probability);
        }
    }
    Ok(Calibration::Isotonic { scores, probabilities })
}

/// The calibrated probability of every vector, by a map that has not seen it: the vectors are dealt into two halves,
/// and each half is calibrated by the map fitted on the other. `purpose` gives the deal a random stream of its own.
///
/// # Errors
/// The reason, when no map can be fitted on one of the halves, as where it lacks a label.
pub fn cross_fitted(
    method: Method,
    counts: &[[u32; 2]],
    scores: &[f64],
    seed: u64,
    purpose: &str,
) -> Result<Vec<f64>, String> {
    let second = halves(counts, seed, purpose);
    let fit_on = |half: bool| {
        let (counts, scores): (Vec<[u32; 2]>, Vec<f64>) =
            (0..counts.len()).filter(|i| second[*i] == half).map(|i| (counts[i], scores[i])).unzip();
        Calibration::fit(method, &counts, &scores).map_err(|reason| format!("in one half of the vectors {reason}"))
    };
    let (of_first, of_second) = (fit_on(false)?, fit_on(true)?);
    let probability = |(score, second): (&f64, &bool)| if *second { &of_first } else { &of_second }.apply(*score);
    Ok(scores.iter().zip(&second).map(probability).collect())
}

/// Whether each vector is in the second half. Vectors that carry the same labels are dealt out in turn, so that both
/// halves get as many of each kind, give or take one.
fn halves(counts: &[[u32; 2]], seed: u64, purpose: &str) -> Vec<bool> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    Stream::new(seed, &["calibration halves", purpose]).shuffle(&mut order);
    let mut second = vec![false; counts.len()];
    // Those with both labels first: where their number is odd, the half that got fewer is served first from then on.
    let mut next = false;
    for kind in [[true, true], [true, false], [false, true]] {
        let mut turn = next;
        for i in order.iter().filter(|i| counts[**i].map(|n| n > 0) == kind) {
            second[*i] = turn;
            turn = !turn;
        }
        if kind == [true, true] {
            next = turn;
        }
    }
    second
}

#[cfg(test)]
mod tests;
