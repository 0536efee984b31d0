//! Kolmogorov's and Smirnov's test of two samples of numbers.

use super::kolmogorov::upper_tail;
use super::steps;

/// Most rows a side may have for [`kolmogorov_smirnov`] to give the exact p-value.
pub const EXACT_ROWS: usize = 10_000;
/// Probabilities below this are taken as 0: what comes after would be slow (subnormal) numbers, and no p-value anyone
/// reads.
const NOTHING: f64 = 1e-290;

/// A two-sided, two-sample Kolmogorov-Smirnov test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KolmogorovSmirnov {
    /// Largest distance between the two empirical distribution functions, 0 to 1.
    pub statistic: f64,
    /// Probability of a statistic at least as large if both sides came from one continuous distribution, 0 to 1. Where
    /// values are tied, it is larger than it need be: the test is conservative.
    pub p_value: f64,
    /// Whether the p-value is [`ks_exact`]'s, or [`ks_asymptotic`]'s.
    pub exact: bool,
}

/// The two-sided Kolmogorov-Smirnov test of two sorted samples. The p-value is exact where each side has at most
/// [`EXACT_ROWS`], as in `scipy.stats.ks_2samp`. `None` when a side is empty.
pub fn kolmogorov_smirnov(reference: &[f64], current: &[f64]) -> Option<KolmogorovSmirnov> {
    let (n, m) = (reference.len(), current.len());
    if n == 0 || m == 0 {
        return None;
    }
    // In units of 1 / (n m) the distance is a whole number.
    let (wide_n, wide_m) = (n as u128, m as u128);
    let gap = steps(reference, current).map(|(_, i, j)| (i as u128 * wide_m).abs_diff(j as u128 * wide_n)).max()?;
    let statistic = gap as f64 / (n as f64 * m as f64);
    let exact = ks_exact(n, m, statistic);
    let p_value = exact.or_else(|| ks_asymptotic(n, m, statistic))?;
    Some(KolmogorovSmirnov { statistic, p_value, exact: exact.is_some() })
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The exact probability, 0 to 1, that samples of `n` and `m` rows from one continuous distribution have a two-sided
/// Kolmogorov-Smirnov statistic of at least `statistic`, which is rounded to the nearest that such samples can have.
/// Probabilities below about 1e-290 come out as 0.
///
/// A pair of samples is a path on the lattice from (0, 0) to (n, m), all as likely; the statistic is reached where it
/// leaves a band around the diagonal (Hodges 1958, "The significance probability of the Smirnov two-sample test",
/// Arkiv för Matematik 3, pages 469-486). The chance of having left it, given that the path goes through a point, is
/// the mean of that of the two points before, weighted by their share of the paths. Nothing is ever subtracted, so small
/// probabilities are as exact as large ones. Takes time in proportion to the points in the band, at most `n` times `m`.
///
/// `None` when a side has no rows or more than [`EXACT_ROWS`], or the statistic is not a number from 0 to 1.
pub fn ks_exact(n: usize, m: usize, statistic: f64) -> Option<f64> {
    if !(1..=EXACT_ROWS).contains(&n) || !(1..=EXACT_ROWS).contains(&m) || !(0.0..=1.0).contains(&statistic) {
        return None;
    }
    let common = greatest_common_divisor(n, m);
    // A point (i, j) is outside where |i right - j up| is at least `limit`.
    let (right, up) = ((m / common) as i64, (n / common) as i64);
    let limit = (statistic * (n * (m / common)) as f64).round() as i64;
    if limit == 0 {
        return Some(1.0);
    }
    // Along the diagonals i + j = sum: the points of one depend on those of the one before only, not on each other.
    // The place of j is j + 1; every place outside of the band, if looked at, has to hold 1.
    let mut before = vec![1.0; m + 3];
    let mut now = before.clone();
    let heights: Vec<f64> = (0..=m).map(|j| j as f64).collect();
    before[1] = 0.0;
    for sum in 1..=n + m {
        let along = sum as i64 * right;
        let low = ((along - limit).div_euclid(right + up) + 1).max(sum as i64 - n as i64).max(0);
        let high = (along + limit - 1).div_euclid(right + up).min(m.min(sum) as i64);
        if low > high {
            return Some(1.0);
        }
        let (low, high) = (low as usize, high as usize);
        let (total, share) = (sum as f64, 1.0 / sum as f64);
        let below = &before[low..=high];
        let left = &before[low + 1..=high + 1];
        let heights = &heights[low..=high];
        for (((p, below), left), j) in now[low + 1..=high + 1].iter_mut().zip(below).zip(left).zip(heights) {
            let mean = (left * (total - j) + below * j) * share;
            *p = if mean < NOTHING { 0.0 } else { mean };
        }
        (now[low], now[high + 2]) = (1.0, 1.0);
        std::mem::swap(&mut before, &mut now);
    }
    Some(before[m + 1].min(1.0))
}

/// The approximate probability, 0 to 1, that samples of `n` and `m` rows from one continuous distribution have a
/// two-sided Kolmogorov-Smirnov statistic of at least `statistic`: that of one sample of `n m / (n + m)` rows, rounded
/// to the nearest whole number (half to even) but at least 1, as `scipy.stats.ks_2samp(method="asymp")` does.
///
/// `None` when a side has no rows or the statistic is not a number.
pub fn ks_asymptotic(n: usize, m: usize, statistic: f64) -> Option<f64> {
    if n == 0 || m == 0 || statistic.is_nan() {
        return None;
    }
    let (n, m) = (n as f64, m as f64);
    Some(upper_tail((n * m / (n + m)).round_ties_even().max(1.0), statistic))
}
