use super::*;
use crate::metrics::paired_differences;
use proptest::prelude::*;

const RESAMPLES: usize = 399;
const LEVEL: f64 = 0.05;

/// Vectors, and two models that are right on each with these chances, independently of each other. Some vectors stand
/// in the data often, as those of the public rows do.
fn noisy(vectors: usize, right: [f64; 2], seed: u64) -> (Vec<[u32; 2]>, Vec<bool>, Vec<bool>) {
    let mut stream = Stream::new(seed, &["noisy models"]);
    let (mut counts, mut base, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..vectors {
        let positive = stream.unit() < 0.5;
        let rows = if stream.unit() < 0.1 { 8 } else { 1 };
        counts.push(if positive { [0, rows] } else { [rows, 0] });
        base.push(positive == (stream.unit() < right[0]));
        new.push(positive == (stream.unit() < right[1]));
    }
    (counts, base, new)
}

fn test(counts: &[[u32; 2]], base: &[bool], new: &[bool]) -> OneSided {
    one_sided_differences(counts, base, new, 7, RESAMPLES, LEVEL)
}

#[test]
fn differences_are_those_of_the_two_sided_comparison() {
    let (counts, base, new) = noisy(200, [0.8, 0.9], 3);
    let found = test(&counts, &base, &new);
    let paired = paired_differences(&counts, &base, &new, 0, 1);
    assert_eq!((found.f1.value, found.recall.value), (paired.f1.value, paired.recall.value));
    for of in [found.f1, found.recall] {
        assert!(of.lower < of.value && of.value < of.upper, "{of:?}");
    }
}

#[test]
fn a_model_is_neither_worse_nor_better_than_itself() {
    let (counts, base, _) = noisy(300, [0.9, 0.9], 1);
    let found = test(&counts, &base, &base);
    for of in [found.f1, found.recall] {
        assert_eq!((of.value, of.p_worse, of.p_better), (0.0, 1.0, 1.0));
        // As far as one or two of some 150 vectors might move it.
        assert!(of.lower == -of.upper && of.upper > 0.005 && of.upper < 0.02, "{of:?}");
    }
}

#[test]
fn a_model_that_is_wrong_wherever_the_other_is_right_is_worse_without_a_doubt() {
    let counts: Vec<[u32; 2]> = (0..40).map(|i| if i % 2 == 0 { [0, 2] } else { [1, 0] }).collect();
    let right: Vec<bool> = counts.iter().map(|n| n[1] > 0).collect();
    let wrong: Vec<bool> = right.iter().map(|right| !right).collect();
    let found = test(&counts, &right, &wrong);
    let least = 1.0 / (RESAMPLES + 1) as f64;
    for of in [found.f1, found.recall] {
        assert_eq!((of.value, of.lower, of.p_worse, of.p_better), (-1.0, -1.0, least, 1.0));
        assert!(of.upper < -0.85, "{of:?}");
    }
}

#[test]
fn a_few_disagreements_are_no_certainty() {
    // Four vectors lost and none found: a coin falls so one time in sixteen.
    let counts = vec![[0, 1]; 400];
    let base = vec![true; 400];
    let new: Vec<bool> = (0..400).map(|i| i >= 4).collect();
    let found = test(&counts, &base, &new).recall;
    assert!((found.p_worse - 1.0 / 16.0).abs() < 0.03 && found.upper >= 0.0, "{found:?}");
    let new: Vec<bool> = (0..400).map(|i| i >= 12).collect();
    let found = test(&counts, &base, &new).recall;
    assert!(found.p_worse < 0.01 && found.upper < 0.0, "{found:?}");
}

#[test]
fn the_numbers_are_the_same_on_any_number_of_threads() {
    let (counts, base, new) = noisy(300, [0.9, 0.85], 2);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| test(&counts, &base, &new))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn equally_good_models_are_rarely_called_worse() {
    let tries = 300;
    let worse = (0..tries).filter(|seed| {
        let (counts, base, new) = noisy(300, [0.92, 0.92], 1_000 + seed);
        let found = one_sided_differences(&counts, &base, &new, *seed, RESAMPLES, LEVEL);
        found.recall.upper < 0.0 || found.f1.upper < 0.0
    });
    let worse = worse.count();
    assert!((2..=20).contains(&worse), "{worse} of {tries}: 5 % at most are expected");
}

fn any_models() -> impl Strategy<Value = Vec<(u32, u32, bool, bool)>> {
    proptest::collection::vec((0u32..4, 0u32..4, any::<bool>(), any::<bool>()), 0..30)
}

type Models = (Vec<[u32; 2]>, Vec<bool>, Vec<bool>);

fn models(vectors: &[(u32, u32, bool, bool)]) -> Models {
    let counts = vectors.iter().map(|v| [v.0, v.1]).collect();
    (counts, vectors.iter().map(|v| v.2).collect(), vectors.iter().map(|v| v.3).collect())
}

proptest! {
    #[test]
    fn any_vectors_give_finite_numbers(vectors in any_models(), resamples in 0usize..60, level in 0.001..0.5) {
        let (counts, base, new) = models(&vectors);
        let found = one_sided_differences(&counts, &base, &new, 7, resamples, level);
        for of in [found.f1, found.recall] {
            prop_assert!(of.lower <= of.value && of.value <= of.upper, "{:?}", of);
            prop_assert!([of.value, of.lower, of.upper].iter().all(|v| (-1.0..=1.0).contains(v)), "{:?}", of);
            prop_assert!([of.p_worse, of.p_better].iter().all(|p| *p > 0.0 && *p <= 1.0), "{:?}", of);
        }
    }

    #[test]
    fn an_exchange_of_the_models_changes_the_signs_only(vectors in any_models()) {
        let (counts, base, new) = models(&vectors);
        let [one, other] = [test(&counts, &base, &new), test(&counts, &new, &base)];
        for (one, other) in [(one.f1, other.f1), (one.recall, other.recall)] {
            prop_assert_eq!((one.value, one.lower, one.upper), (-other.value, -other.upper, -other.lower));
            prop_assert_eq!((one.p_worse, one.p_better), (other.p_better, other.p_worse));
        }
    }

    #[test]
    fn a_larger_level_has_closer_bounds_and_the_same_p_values(vectors in any_models(), a in 0.01..0.3, b in 0.01..0.3) {
        let (counts, base, new) = models(&vectors);
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let [strict, loose] = [low, high].map(|level| one_sided_differences(&counts, &base, &new, 7, RESAMPLES, level));
        for (strict, loose) in [(strict.f1, loose.f1), (strict.recall, loose.recall)] {
            prop_assert!(strict.lower <= loose.lower && loose.upper <= strict.upper, "{:?} {:?}", strict, loose);
            prop_assert_eq!((strict.p_worse, strict.p_better), (loose.p_worse, loose.p_better));
        }
    }

    #[test]
    fn a_bound_is_beyond_zero_where_the_p_value_is_below_half_the_level(vectors in any_models()) {
        let (counts, base, new) = models(&vectors);
        let found = test(&counts, &base, &new);
        for of in [found.f1, found.recall] {
            prop_assert_eq!(of.upper < 0.0, of.p_worse <= LEVEL / 2.0, "{:?}", of);
            prop_assert_eq!(of.lower > 0.0, of.p_better <= LEVEL / 2.0, "{:?}", of);
        }
    }
}
