//! From verdicts and probabilities to scores. The positive class is the schema's (phishing).

mod curve;
mod one_sided;
mod paired;
mod reliability;
mod roc;

pub use curve::{CURVE_POINTS, CurvePoint, Wish, precision_recall_curve, thin, threshold_for};
pub use one_sided::{Bounded, OneSided, one_sided_differences};
pub use paired::{Agreement, PairedDifference, PairedDifferences, agreement, mcnemar, paired_differences};
pub use reliability::{RELIABILITY_BINS, expected_calibration_error, reliability, score_histogram};
pub use roc::{RocPoint, corners, roc_curve};

use crate::event::{Confusion, TestScores};
use crate::random::Stream;

/// The probability from which a row is called positive where no other was chosen.
pub const THRESHOLD: f64 = 0.5;

/// Mean and standard deviation (n - 1) of scores; 0 for the latter when there is one.
pub fn mean_sd(scores: &[f64]) -> (f64, f64) {
    if scores.is_empty() {
        return (0.0, 0.0);
    }
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    if scores.len() < 2 {
        return (mean, 0.0);
    }
    let var = scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, var.sqrt())
}

/// Precision, recall and F1 of the positive class from weighted counts; 0 where nothing was there to count.
pub fn precision_recall_f1(tp: f64, fp: f64, fn_: f64) -> (f64, f64, f64) {
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    (ratio(tp, tp + fp), ratio(tp, tp + fn_), ratio(2.0 * tp, 2.0 * tp + fp + fn_))
}

/// F1 of the positive class at a threshold. `counts` has the rows of each vector by label: negative, positive.
pub fn f1(counts: &[[u32; 2]], probabilities: &[f64], threshold: f64) -> f64 {
    let c = confusion(counts, probabilities, threshold);
    precision_recall_f1(c.true_positive as f64, c.false_positive as f64, c.false_negative as f64).2
}

/// Rows by truth and verdict: those with a probability of at least `threshold` are called positive.
pub fn confusion(counts: &[[u32; 2]], probabilities: &[f64], threshold: f64) -> Confusion {
    let mut c = Confusion::default();
    for (n, p) in counts.iter().zip(probabilities) {
        let [negative, positive] = n.map(u64::from);
        if *p >= threshold {
            c.true_positive += positive;
            c.false_positive += negative;
        } else {
            c.false_negative += positive;
            c.true_negative += negative;
        }
    }
    c
}

/// Distinct scores, highest first, with the rows at each: negative, positive.
pub(crate) fn by_score(counts: &[[u32; 2]], scores: &[f64]) -> Vec<(f64, [u64; 2])> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut groups: Vec<(f64, [u64; 2])> = Vec::new();
    for i in order {
        let [negative, positive] = counts[i].map(u64::from);
        match groups.last_mut() {
            Some((score, rows)) if *score == scores[i] => *rows = [rows[0] + negative, rows[1] + positive],
            _ => groups.push((scores[i], [negative, positive])),
        }
    }
    groups
}

/// Area under the ROC curve by the trapezoidal rule; none when a class is missing.
pub fn roc_auc(counts: &[[u32; 2]], probabilities: &[f64]) -> Option<f64> {
    let (mut tp, mut fp, mut area) = (0.0, 0.0, 0.0);
    for (_, rows) in by_score(counts, probabilities) {
        let [negative, positive] = rows.map(|n| n as f64);
        area += negative * (tp + positive / 2.0);
        tp += positive;
        fp += negative;
    }
    if tp > 0.0 && fp > 0.0 { Some(area / (tp * fp)) } else { None }
}

/// Average precision: precision at each distinct score, weighted by the gain in recall; none without positive rows.
pub fn average_precision(counts: &[[u32; 2]], probabilities: &[f64]) -> Option<f64> {
    let (mut tp, mut all, mut sum) = (0.0, 0.0, 0.0);
    for (_, rows) in by_score(counts, probabilities) {
        let [negative, positive] = rows.map(|n| n as f64);
        tp += positive;
        all += positive + negative;
        if all > 0.0 {
            sum += positive * tp / all;
        }
    }
    if tp > 0.0 { Some(sum / tp) } else { None }
}

/// Mean negative log-likelihood in nats. Probabilities are kept away from 0 and 1 by the spacing of doubles at 1, as
/// scikit-learn does.
pub fn log_loss(counts: &[[u32; 2]], probabilities: &[f64]) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    for (n, p) in counts.iter().zip(probabilities) {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        sum -= f64::from(n[0]) * (1.0 - p).ln() + f64::from(n[1]) * p.ln();
        rows += f64::from(n[0] + n[1]);
    }
    if rows > 0.0 { sum / rows } else { 0.0 }
}

/// Mean squared error of the probability.
pub fn brier(counts: &[[u32; 2]], probabilities: &[f64]) -> f64 {
    let (mut sum, mut rows) = (0.0, 0.0);
    for (n, p) in counts.iter().zip(probabilities) {
        sum += f64::from(n[0]) * p * p + f64::from(n[1]) * (1.0 - p) * (1.0 - p);
        rows += f64::from(n[0] + n[1]);
    }
    if rows > 0.0 { sum / rows } else { 0.0 }
}

/// The 95 % percentile bootstrap intervals of precision, recall and F1 at a threshold (Efron and Tibshirani 1993,
/// chapter 13). Vectors are drawn, not rows: equal rows are one observation repeated.
pub fn intervals(
    counts: &[[u32; 2]],
    probabilities: &[f64],
    threshold: f64,
    seed: u64,
    resamples: usize,
) -> [[f64; 2]; 3] {
    let called: Vec<(f64, f64, f64)> = counts
        .iter()
        .zip(probabilities)
        .map(|(n, p)| {
            let [negative, positive] = n.map(f64::from);
            if *p >= threshold { (positive, negative, 0.0) } else { (0.0, 0.0, positive) }
        })
        .collect();
    if called.is_empty() {
        return [[0.0, 0.0]; 3];
    }
    let mut stream = Stream::new(seed, &["f1 interval"]);
    let mut scores = [(); 3].map(|()| Vec::with_capacity(resamples));
    for _ in 0..resamples {
        let (mut tp, mut fp, mut fn_) = (0.0, 0.0, 0.0);
        for _ in 0..called.len() {
            let drawn = called[stream.below(called.len())];
            tp += drawn.0;
            fp += drawn.1;
            fn_ += drawn.2;
        }
        let (precision, recall, f1) = precision_recall_f1(tp, fp, fn_);
        scores.iter_mut().zip([precision, recall, f1]).for_each(|(all, score)| all.push(score));
    }
    scores.map(|mut all| {
        all.sort_by(f64::total_cmp);
        let at = |q: f64| all[((all.len() - 1) as f64 * q).round() as usize];
        [at(0.025), at(0.975)]
    })
}

/// All scores of a model on a hold-out; precision, recall, F1, its interval and the confusion matrix at `threshold`.
pub fn test_scores(
    counts: &[[u32; 2]],
    probabilities: &[f64],
    threshold: f64,
    seed: u64,
    resamples: usize,
) -> TestScores {
    let c = confusion(counts, probabilities, threshold);
    let (precision, recall, f1) =
        precision_recall_f1(c.true_positive as f64, c.false_positive as f64, c.false_negative as f64);
    let rows = (c.true_positive + c.false_positive + c.false_negative + c.true_negative) as f64;
    let reliability = reliability(counts, probabilities, RELIABILITY_BINS);
    let [precision_ci, recall_ci, f1_ci] = intervals(counts, probabilities, threshold, seed, resamples);
    TestScores {
        threshold,
        precision,
        recall,
        f1,
        accuracy: if rows > 0.0 { (c.true_positive + c.true_negative) as f64 / rows } else { 0.0 },
        roc_auc: roc_auc(counts, probabilities),
        pr_auc: average_precision(counts, probabilities),
        log_loss: log_loss(counts, probabilities),
        brier: brier(counts, probabilities),
        ece: expected_calibration_error(&reliability),
        reliability,
        f1_ci,
        precision_ci: Some(precision_ci),
        recall_ci: Some(recall_ci),
        confusion: c,
    }
}

#[cfg(test)]
mod tests;
