use super::*;
use proptest::prelude::*;

const RESAMPLES: usize = 400;

/// Vectors, and two models that are right on each with these chances, independently of each other.
fn noisy(vectors: usize, right: [f64; 2], seed: u64) -> (Vec<[u32; 2]>, Vec<bool>, Vec<bool>) {
    let mut stream = Stream::new(seed, &["noisy models"]);
    let (mut counts, mut base, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..vectors {
        let positive = stream.unit() < 0.5;
        // Some vectors stand in the data often, as those of the public rows do.
        let rows = if stream.unit() < 0.1 { 8 } else { 1 };
        counts.push(if positive { [0, rows] } else { [rows, 0] });
        base.push(positive == (stream.unit() < right[0]));
        new.push(positive == (stream.unit() < right[1]));
    }
    (counts, base, new)
}

#[test]
fn mcnemar_is_that_of_scipy() {
    // scipy.stats.binomtest(b, b + c, 0.5).pvalue
    let cases = [
        (21, 27, 0.470879013621712),
        (0, 1, 1.0),
        (0, 6, 0.03125),
        (5, 5, 1.0),
        (1, 12, 0.00341796875),
        (3, 40, 3.0213413992896676e-09),
        (300, 420, 8.807756168615114e-06),
        (50_000, 51_000, 0.0016696304559914016),
        (10, 2_000, 0.0),
    ];
    for (b, c, expected) in cases {
        for p in [mcnemar(b, c), mcnemar(c, b)] {
            assert!((p - expected).abs() <= 1e-9 * expected + 1e-300, "{b} {c}: {p} {expected}");
        }
    }
    assert_eq!(mcnemar(0, 0), 1.0);
}

#[test]
fn the_table_counts_vectors_by_their_majority() {
    let counts = [[0, 3], [3, 0], [1, 2], [2, 1], [1, 1], [0, 1]];
    let base = [true, true, true, true, true, false];
    let new = [true, false, false, true, false, false];
    let found = agreement(&counts, &base, &new);
    assert_eq!((found.both_right, found.only_base, found.only_new), (1, 1, 1));
    assert_eq!((found.both_wrong, found.ties, found.p_value), (2, 1, 1.0));
}

#[test]
fn differences_are_those_of_the_scores() {
    let (counts, base, new) = noisy(200, [0.8, 0.9], 3);
    let score = |verdicts: &[bool]| {
        let p: Vec<f64> = verdicts.iter().map(|v| f64::from(u8::from(*v))).collect();
        let c = crate::metrics::confusion(&counts, &p, 0.5);
        precision_recall_f1(c.true_positive as f64, c.false_positive as f64, c.false_negative as f64)
    };
    let found = paired_differences(&counts, &base, &new, 0, RESAMPLES);
    assert_eq!(found.f1.value, score(&new).2 - score(&base).2);
    assert_eq!(found.recall.value, score(&new).1 - score(&base).1);
    for of in [found.f1, found.recall] {
        assert!(of.interval[0] <= of.value && of.value <= of.interval[1], "{of:?}");
    }
}

#[test]
fn a_model_does_not_differ_from_itself() {
    let (counts, base, _) = noisy(300, [0.9, 0.9], 1);
    assert_eq!(paired_differences(&counts, &base, &base, 0, RESAMPLES), PairedDifferences::default());
    let found = agreement(&counts, &base, &base);
    assert_eq!((found.only_base, found.only_new, found.p_value), (0, 0, 1.0));
}

#[test]
fn a_worse_model_is_found_and_an_exchange_changes_the_signs_only() {
    let (counts, base, new) = noisy(400, [0.95, 0.8], 2);
    let one = paired_differences(&counts, &base, &new, 0, RESAMPLES);
    assert!(one.f1.interval[1] < 0.0 && one.recall.interval[1] < 0.0, "{one:?}");
    assert!(agreement(&counts, &base, &new).p_value < 1e-6);
    let other = paired_differences(&counts, &new, &base, 0, RESAMPLES);
    for (one, other) in [(one.f1, other.f1), (one.recall, other.recall)] {
        assert_eq!((other.value, other.interval), (-one.value, [-one.interval[1], -one.interval[0]]));
    }
    let [one, other] = [agreement(&counts, &base, &new), agreement(&counts, &new, &base)];
    assert_eq!((one.only_base, one.only_new, one.p_value), (other.only_new, other.only_base, other.p_value));
}

#[test]
fn repeated_rows_make_no_difference_more_certain() {
    let (once, base, new) = noisy(300, [0.9, 0.88], 4);
    let often: Vec<[u32; 2]> = once.iter().map(|n| n.map(|n| n * 10)).collect();
    let [one, other] = [&once, &often].map(|counts| paired_differences(counts, &base, &new, 0, RESAMPLES));
    assert_eq!(one, other);
    assert_eq!(agreement(&once, &base, &new), agreement(&often, &base, &new));
}

#[test]
fn equally_good_models_are_rarely_told_apart() {
    // As many vectors as the hold-out of the public data has.
    let tries = 300;
    let apart = (0..tries).filter(|seed| {
        let (counts, base, new) = noisy(870, [0.92, 0.92], 1_000 + seed);
        let [low, high] = paired_differences(&counts, &base, &new, *seed, RESAMPLES).f1.interval;
        low > 0.0 || high < 0.0
    });
    let apart = apart.count();
    assert!((3..=21).contains(&apart), "{apart} of {tries}: 5 % are expected");
}

proptest! {
    #[test]
    fn any_vectors_give_finite_numbers(
        vectors in proptest::collection::vec((0u32..4, 0u32..4, any::<bool>(), any::<bool>()), 0..20),
        resamples in 0usize..30,
    ) {
        let counts: Vec<[u32; 2]> = vectors.iter().map(|v| [v.0, v.1]).collect();
        let base: Vec<bool> = vectors.iter().map(|v| v.2).collect();
        let new: Vec<bool> = vectors.iter().map(|v| v.3).collect();
        let found = paired_differences(&counts, &base, &new, 7, resamples);
        for of in [found.f1, found.recall] {
            prop_assert!(of.interval[0] <= of.interval[1]);
            prop_assert!([of.value, of.interval[0], of.interval[1]].iter().all(|v| (-1.0..=1.0).contains(v)));
        }
        let table = agreement(&counts, &base, &new);
        let all = table.both_right + table.only_base + table.only_new + table.both_wrong + table.ties;
        prop_assert_eq!(all, vectors.len() as u64);
        prop_assert!((0.0..=1.0).contains(&table.p_value));
    }
}
