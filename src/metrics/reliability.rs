//! Whether probabilities can be believed: of the rows scored .8, are 80 % positive?

use crate::event::ReliabilityBin;

/// The usual number of bins.
pub const RELIABILITY_BINS: usize = 10;

/// Which of `bins` bins of equal width a probability falls into. A bin holds its upper end, the first one 0 as well.
fn bin_of(probability: f64, bins: usize) -> usize {
    let edges = (1..bins).map(|i| i as f64 / bins as f64);
    edges.take_while(|edge| *edge < probability).count()
}

/// Rows by label (negative, positive) in bins of equal width by probability, lowest first, the empty ones too.
pub fn score_histogram(counts: &[[u32; 2]], probabilities: &[f64], bins: usize) -> Vec<[u64; 2]> {
    let bins = bins.max(1);
    let mut rows = vec![[0; 2]; bins];
    for (n, p) in counts.iter().zip(probabilities) {
        let sum = &mut rows[bin_of(*p, bins)];
        *sum = [sum[0] + u64::from(n[0]), sum[1] + u64::from(n[1])];
    }
    rows
}

/// Rows in bins of equal width by probability, lowest first, the empty ones left out. A bin holds its upper end, the
/// first one 0 as well (Guo, Pleiss, Sun and Weinberger 2017).
pub fn reliability(counts: &[[u32; 2]], probabilities: &[f64], bins: usize) -> Vec<ReliabilityBin> {
    let bins = bins.max(1);
    let edge = |i: usize| i as f64 / bins as f64;
    // Rows, positive rows, sum of the probabilities over rows.
    let mut sums = vec![(0u64, 0u64, 0.0); bins];
    for (n, p) in counts.iter().zip(probabilities) {
        let [negative, positive] = n.map(u64::from);
        let sum = &mut sums[bin_of(*p, bins)];
        sum.0 += negative + positive;
        sum.1 += positive;
        sum.2 += (negative + positive) as f64 * p;
    }
    let filled = sums.iter().enumerate().filter(|(_, sum)| sum.0 > 0);
    filled
        .map(|(i, (rows, positive, sum))| ReliabilityBin {
            low: edge(i),
            high: edge(i + 1),
            rows: *rows,
            mean_probability: sum / *rows as f64,
            positive_share: *positive as f64 / *rows as f64,
        })
        .collect()
}

/// Expected calibration error: the distance of mean probability and positive share over the bins, weighted by rows
/// (Naeini, Cooper and Hauskrecht 2015). 0 to 1; 0 without bins.
pub fn expected_calibration_error(bins: &[ReliabilityBin]) -> f64 {
    let rows: u64 = bins.iter().map(|b| b.rows).sum();
    if rows == 0 {
        return 0.0;
    }
    bins.iter().map(|b| b.rows as f64 * (b.mean_probability - b.positive_share).abs()).sum::<f64>() / rows as f64
}

#[cfg(test)]
mod tests;
