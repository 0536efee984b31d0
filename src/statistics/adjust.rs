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

/// P-values adjusted so that whichever of the tested hypotheses are true, the chance that any of those is refused at
/// `level` by an adjusted p-value of at most `level` is at most `level` (Holm 1979, "A simple sequentially rejective
/// multiple test procedure", Scandinavian Journal of Statistics 6, pages 65-70): the smallest p-value times the number
/// of tests, the next one times one less, and so on, none below the one before, at most 1. For any dependence of the tests.
///
/// Goes in: one p-value, 0 to 1, per test. Comes out: as many, in the same order.
pub fn holm<const TESTS: usize>(p: [f64; TESTS]) -> [f64; TESTS] {
    let mut rising: [usize; TESTS] = std::array::from_fn(|i| i);
    rising.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let (mut adjusted, mut most) = (p, 0.0_f64);
    for (below, i) in rising.into_iter().enumerate() {
        most = most.max(p[i] * (TESTS - below) as f64).min(1.0);
        adjusted[i] = most;
    }
    adjusted
}
