//! Whether probabilities can be believed: of the rows scored .8, are 80 % positive?

use crate::event::ReliabilityBin;

/// The usual number of bins.
pub const RELIABILITY_BINS: usize = 10;

/// Rows in bins of equal width by probability, lowest first, the empty ones left out. A bin holds its upper end, the
/// first one 0 as well (Guo, Pleiss, Sun and Weinberger 2017).
pub fn reliability(counts: &[[u32; 2]], probabilities: &[f64], bins: usize) -> Vec<ReliabilityBin> {
    let bins = bins.max(1);
    let edges: Vec<f64> = (0..=bins).map(|i| i as f64 / bins as f64).collect();
    // Rows, positive rows, sum of the probabilities over rows.
    let mut sums = vec![(0u64, 0u64, 0.0); bins];
    for (n, p) in counts.iter().zip(probabilities) {
        let [negative, positive] = n.map(u64::from);
        let sum = &mut sums[edges[1..bins].partition_point(|edge| edge < p)];
        sum.0 += negative + positive;
        sum.1 += positive;
        sum.2 += (negative + positive) as f64 * p;
    }
    let filled = sums.iter().enumerate().filter(|(_, sum)| sum.0 > 0);
    filled
        .map(|(i, (rows, positive, sum))| ReliabilityBin {
            low: edges[i],
            high: edges[i + 1],
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
