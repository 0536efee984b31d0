//! P-values of many tests.

/// P-values adjusted so that those at most `q` have a false discovery rate of at most `q` (Benjamini and Hochberg 1995,
/// "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57, pages 289-300): the smallest
/// `p * tests / rank` among the p-values at least as large, at most 1. For tests that are independent or positively
/// dependent.
///
/// Goes in: one p-value, 0 to 1, per test; `None` where nothing was tested. Comes out: as many, in the same order;
/// what was not tested stays `None` and does not count as a test.
pub fn benjamini_hochberg(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut falling: Vec<(usize, f64)> = p.iter().enumerate().filter_map(|(i, p)| Some((i, (*p)?))).collect();
    falling.sort_by(|a, b| b.1.total_cmp(&a.1));
    let tests = falling.len();
    let (mut adjusted, mut least) = (vec![None; p.len()], 1.0_f64);
    for (above, (i, p)) in falling.into_iter().enumerate() {
        least = least.min(p * (tests as f64 / (tests - above) as f64));
        adjusted[i] = Some(least.max(0.0));
    }
    adjusted
}
