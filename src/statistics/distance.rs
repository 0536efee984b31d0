//! How far two samples are apart.

use super::steps;

/// Share that stands for none at all in [`psi`], unless some share is as small.
const NO_SHARE: f64 = 1e-4;
/// Least spread of the reference that [`wasserstein_normed`] divides by.
const LEAST_SPREAD: f64 = 1e-3;

/// Each count as a share of all; `None` when all are 0.
fn shares(counts: &[u64]) -> Option<Vec<f64>> {
    let rows: f64 = counts.iter().map(|n| *n as f64).sum();
    (rows > 0.0).then(|| counts.iter().map(|n| *n as f64 / rows).collect())
}

/// Jensen-Shannon distance of two lists of counts of the same categories: the square root of the divergence (Lin 1991,
/// "Divergence measures based on the Shannon entropy", IEEE Transactions on Information Theory 37, pages 145-151) to
/// base 2, which is a metric (Endres and Schindelin 2003, "A new metric for probability distributions", IEEE
/// Transactions on Information Theory 49, pages 1858-1860). 0 where the shares are equal, 1 where no category is common.
///
/// `None` when a side has no rows or the lengths differ.
pub fn js_distance(reference: &[u64], current: &[u64]) -> Option<f64> {
    if reference.len() != current.len() {
        return None;
    }
    let (p, q) = (shares(reference)?, shares(current)?);
    // With m the mean share and u the difference over the sum, p ln(p/m) + q ln(q/m) is m times this; unlike that, it
    // is never below 0, and it keeps its digits where the shares are almost equal.
    let bend = |u: f64| {
        if u >= 1.0 {
            return 2.0 * std::f64::consts::LN_2;
        }
        let square = u * u;
        if u < 0.01 {
            return square * (1.0 + square * (1.0 / 6.0 + square * (1.0 / 15.0 + square / 28.0)));
        }
        (1.0 + u) * u.ln_1p() + (1.0 - u) * (-u).ln_1p()
    };
    let both = p.iter().zip(&q).filter(|(p, q)| *p + *q > 0.0);
    let divergence: f64 = both.map(|(p, q)| (p + q) / 2.0 * bend((p - q).abs() / (p + q))).sum();
    Some((divergence / (2.0 * std::f64::consts::LN_2)).sqrt().min(1.0))
}

/// Population stability index of two lists of counts of the same categories, as Evidently has it: the sum of
/// `(r - c) ln(r / c)` over the shares `r` of the reference and `c` of the current sample. 0 where they are equal,
/// without upper bound. Shares of 0 are taken as 0.0001, or as a millionth of the side's least share above 0 where that
/// is 0.0001 or less; the others stay as they are.
///
/// `None` when a side has no rows or the lengths differ.
pub fn psi(reference: &[u64], current: &[u64]) -> Option<f64> {
    if reference.len() != current.len() {
        return None;
    }
    let filled = |counts| {
        let mut shares = shares(counts)?;
        let least = shares.iter().copied().filter(|s| *s > 0.0).fold(f64::INFINITY, f64::min);
        let stand_in = if least <= NO_SHARE { least / 1e6 } else { NO_SHARE };
        shares.iter_mut().filter(|s| **s <= 0.0).for_each(|s| *s = stand_in);
        Some(shares)
    };
    let (r, c) = (filled(reference)?, filled(current)?);
    Some(r.iter().zip(&c).map(|(r, c)| (r - c) * (r / c).ln()).sum())
}

/// Wasserstein-1 (earth mover's) distance of two sorted samples, in the unit of the values: the area between their
/// empirical distribution functions (Vallender 1974, "Calculation of the Wasserstein distance between probability
/// distributions on the line", Theory of Probability and its Applications 18, pages 784-786).
///
/// `None` when a side is empty, or the distance is not a finite number.
pub fn wasserstein(reference: &[f64], current: &[f64]) -> Option<f64> {
    if reference.is_empty() || current.is_empty() {
        return None;
    }
    let (n, m) = (reference.len() as f64, current.len() as f64);
    let (mut area, mut before) = (0.0, None);
    for (value, i, j) in steps(reference, current) {
        if let Some((last, height)) = before.replace((value, (i as f64 / n - j as f64 / m).abs()))
            && height > 0.0
        {
            area += height * (value - last);
        }
    }
    Some(area).filter(|area: &f64| area.is_finite())
}

/// [`wasserstein`] in standard deviations (n, not n - 1) of the reference, each at least 0.001, as Evidently has it:
/// without a unit, so that one limit serves all columns.
///
/// `None` when a side is empty, or the distance or the spread is not a finite number.
pub fn wasserstein_normed(reference: &[f64], current: &[f64]) -> Option<f64> {
    let distance = wasserstein(reference, current)?;
    let n = reference.len() as f64;
    let mean = reference.iter().sum::<f64>() / n;
    let spread = (reference.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    spread.is_finite().then(|| distance / spread.max(LEAST_SPREAD))
}
