use super::*;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    counts: Vec<Counts>,
    quantiles: Vec<Quantile>,
    tails: Vec<Tail>,
    numbers: Vec<Numbers>,
    kolmogorov: Vec<Kolmogorov>,
    exact_pairs: Vec<Pair>,
    adjusted: Vec<Adjusted>,
}

#[derive(Deserialize)]
struct Counts {
    name: String,
    reference: Vec<u64>,
    current: Vec<u64>,
    expected: CountsExpected,
}

#[derive(Deserialize)]
struct CountsExpected {
    chi_square: ChiSquareExpected,
    exact: Option<f64>,
    js: f64,
    psi: f64,
}

#[derive(Deserialize)]
struct ChiSquareExpected {
    statistic: f64,
    degrees: u32,
    p_value: f64,
    smallest_expected: f64,
}

#[derive(Deserialize)]
struct Quantile {
    degrees: u32,
    upper_tail: f64,
    statistic: f64,
}

#[derive(Deserialize)]
struct Tail {
    degrees: u32,
    statistic: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct Numbers {
    name: String,
    reference: Sample,
    current: Sample,
    expected: NumbersExpected,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Sample {
    Listed(Vec<f64>),
    Rule { rows: u64, step: u64, start: u64, modulus: u64, divisor: u64 },
}

#[derive(Deserialize)]
struct NumbersExpected {
    statistic: f64,
    p_value: f64,
    exact: bool,
    asymptotic: Option<f64>,
    wasserstein: f64,
    wasserstein_normed: f64,
    bins: BinsExpected,
}

#[derive(Deserialize)]
struct BinsExpected {
    low: Vec<f64>,
    high: Vec<f64>,
    reference: Vec<u64>,
    current: Vec<u64>,
}

#[derive(Deserialize)]
struct Kolmogorov {
    n: f64,
    d: Vec<f64>,
    p: Vec<f64>,
}

#[derive(Deserialize)]
struct Pair {
    n: usize,
    m: usize,
    d: f64,
    p: f64,
}

#[derive(Deserialize)]
struct Adjusted {
    p: Vec<Option<f64>>,
    adjusted: Vec<Option<f64>>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("../../tests/fixtures/statistics.json")).unwrap()
}

impl Sample {
    fn values(&self) -> Vec<f64> {
        match self {
            Sample::Listed(values) => values.clone(),
            Sample::Rule { rows, step, start, modulus, divisor } => {
                let value = |i: u64| ((i * step + start) % modulus) as f64 / *divisor as f64;
                sorted((0..*rows).map(value).collect())
            }
        }
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// To nine digits, also of what is tiny.
fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * b.abs()
}

/// To nine digits after the point.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9
}

#[test]
fn tests_of_counts_are_those_of_scipy() {
    for case in fixture().counts {
        let (name, theirs) = (&case.name, &case.expected.chi_square);
        let ours = chi_square(&case.reference, &case.current).unwrap();
        assert!(near(ours.statistic, theirs.statistic) || theirs.statistic < 1e-20, "{name}: {ours:?}");
        assert!(near(ours.p_value, theirs.p_value), "{name}: {ours:?}, not {}", theirs.p_value);
        assert_eq!(ours.degrees, theirs.degrees, "{name}");
        assert!(near(ours.smallest_expected, theirs.smallest_expected), "{name}: {ours:?}");
        if let Some(theirs) = case.expected.exact {
            let ours = exact(&case.reference, &case.current, 1).unwrap();
            assert!(near(ours.p_value, theirs) && !ours.permuted, "{name}: {ours:?}, not {theirs}");
            assert_eq!(Some(ours), exact(&case.current, &case.reference, 2), "{name}");
        }
    }
}

#[test]
fn distances_of_counts_are_those_of_scipy_and_evidently() {
    for case in fixture().counts {
        let js = js_distance(&case.reference, &case.current).unwrap();
        assert!(close(js, case.expected.js), "{}: {js}, not {}", case.name, case.expected.js);
        let psi = psi(&case.reference, &case.current).unwrap();
        assert!(close(psi, case.expected.psi), "{}: {psi}, not {}", case.name, case.expected.psi);
    }
}

#[test]
fn the_chi_square_distribution_is_that_of_scipy() {
    let fixture = fixture();
    for case in fixture.tails {
        let ours = chi_square_upper_tail(case.statistic, case.degrees);
        assert!(near(ours, case.p_value), "{} {}: {ours}, not {}", case.statistic, case.degrees, case.p_value);
    }
    for case in fixture.quantiles {
        let ours = chi_square_quantile(case.upper_tail, case.degrees);
        assert!(near(ours, case.statistic), "{} {}: {ours}, not {}", case.upper_tail, case.degrees, case.statistic);
    }
    assert_eq!(chi_square_quantile(1.0, 3), 0.0);
    assert_eq!(chi_square_quantile(0.0, 3), f64::INFINITY);
    assert_eq!(chi_square_quantile(0.5, 0), 0.0);
    assert!(chi_square_quantile(f64::NAN, 3).is_nan());
    assert_eq!((chi_square_upper_tail(0.0, 0), chi_square_upper_tail(1.0, 0)), (1.0, 0.0));
}

#[test]
fn tests_of_numbers_are_those_of_scipy() {
    for case in fixture().numbers {
        let (name, theirs) = (&case.name, &case.expected);
        let (x, y) = (case.reference.values(), case.current.values());
        let ours = kolmogorov_smirnov(&x, &y).unwrap();
        assert!(close(ours.statistic, theirs.statistic), "{name}: {ours:?}, not {}", theirs.statistic);
        assert!(close(ours.p_value, theirs.p_value), "{name}: {ours:?}, not {}", theirs.p_value);
        assert!(
            near(ours.p_value, theirs.p_value) || ours.p_value < 1e-250,
            "{name}: {ours:?}, not {}",
            theirs.p_value
        );
        assert_eq!(ours.exact, theirs.exact, "{name}");
        assert_eq!(ks_exact(x.len(), y.len(), ours.statistic).is_some(), theirs.exact, "{name}");
        let asymptotic = ks_asymptotic(x.len(), y.len(), ours.statistic).unwrap();
        assert!(theirs.asymptotic.is_none_or(|p| close(asymptotic, p)), "{name}: {asymptotic}");
    }
}

#[test]
fn distances_of_numbers_are_those_of_scipy() {
    for case in fixture().numbers {
        let (x, y) = (case.reference.values(), case.current.values());
        let ours = [wasserstein(&x, &y).unwrap(), wasserstein_normed(&x, &y).unwrap()];
        let theirs = [case.expected.wasserstein, case.expected.wasserstein_normed];
        assert!(near(ours[0], theirs[0]) && near(ours[1], theirs[1]), "{}: {ours:?}, not {theirs:?}", case.name);
    }
}

#[test]
fn numbers_of_bins_are_short() {
    let texts: Vec<String> = [0.0, 1.0, -12.5, 1234.5678, 0.000_123_4, 1e12, 100.0].into_iter().map(short).collect();
    assert_eq!(texts, ["0", "1", "-12.5", "1235", "0.0001234", "1.000e12", "100"]);
}

#[test]
fn bins_are_those_of_numpy() {
    for case in fixture().numbers {
        let ours = bins(&case.reference.values(), &case.current.values()).unwrap();
        let BinsExpected { low, high, reference, current } = case.expected.bins;
        // To the last bit: a value on an edge must not change sides.
        assert_eq!(ours, Bins { low, high, reference, current }, "{}", case.name);
    }
}

#[test]
fn the_exact_distribution_of_ks_is_that_of_scipy() {
    for Pair { n, m, d, p } in fixture().exact_pairs {
        let ours = ks_exact(n, m, d).unwrap();
        assert!(near(ours, p) || p < 1e-250, "{n} x {m}, {d}: {ours}, not {p}");
        assert_eq!(Some(ours), ks_exact(m, n, d), "{n} x {m}, {d}");
    }
    assert_eq!(ks_exact(0, 4, 0.5), None);
    assert_eq!(ks_exact(4, EXACT_ROWS + 1, 0.5), None);
    assert_eq!(ks_exact(4, 4, f64::NAN), None);
}

#[test]
fn the_asymptotic_distribution_of_ks_is_that_of_scipy() {
    for case in fixture().kolmogorov {
        for (d, p) in case.d.iter().zip(&case.p) {
            let ours = kolmogorov::upper_tail(case.n, *d);
            assert!(close(ours, *p), "{} {d}: {ours}, not {p}", case.n);
            // Where it is not one less something, also of what is tiny.
            assert!(*p > 1e-4 || *p < 1e-290 || (ours - p).abs() <= 1e-8 * p, "{} {d}: {ours}, not {p}", case.n);
        }
    }
    assert_eq!(ks_asymptotic(1, 1, 1.0), Some(0.0));
    assert_eq!(ks_asymptotic(5, 0, 0.5), None);
    assert_eq!(ks_asymptotic(5, 5, f64::NAN), None);
}

#[test]
fn adjusted_p_values_are_those_of_scipy() {
    for case in fixture().adjusted {
        let ours = benjamini_hochberg(&case.p);
        let same = |a: &Option<f64>, b: &Option<f64>| match (a, b) {
            (Some(a), Some(b)) => near(*a, *b),
            (None, None) => true,
            _ => false,
        };
        assert_eq!(ours.len(), case.adjusted.len());
        assert!(ours.iter().zip(&case.adjusted).all(|(a, b)| same(a, b)), "{:?}: {ours:?}", case.p);
    }
}

#[test]
fn holms_adjusted_p_values_are_those_of_r() {
    // p.adjust(p, "holm")
    assert_eq!(holm([0.01, 0.04]), [0.02, 0.04]);
    assert_eq!(holm([0.04, 0.03]), [0.06, 0.06]);
    assert_eq!(holm([0.5, 0.6]), [1.0, 1.0]);
    assert_eq!(holm([0.25, 0.0625, 0.125, 0.25]), [0.5, 0.25, 0.375, 0.5]);
    assert_eq!(holm([]), [0.0; 0]);
}

#[test]
fn there_is_nothing_to_say_of_an_empty_side() {
    for (reference, current) in [(&[][..], &[][..]), (&[0, 0], &[1, 2]), (&[1, 2], &[0, 0]), (&[1, 2], &[1, 2, 3])] {
        assert_eq!(chi_square(reference, current), None);
        assert_eq!(exact(reference, current, 1), None);
        assert_eq!(js_distance(reference, current), None);
        assert_eq!(psi(reference, current), None);
    }
    for (reference, current) in [(&[][..], &[][..]), (&[1.0], &[]), (&[], &[1.0])] {
        assert_eq!(kolmogorov_smirnov(reference, current), None);
        assert_eq!(wasserstein(reference, current), None);
        assert_eq!(wasserstein_normed(reference, current), None);
        assert_eq!(bins(reference, current), None);
    }
}

#[test]
fn what_is_left_of_the_difference_of_shares_keeps_its_digits() {
    // By the leading term, u^2 / (2 ln 2) with u half the difference of the shares over their mean.
    let (reference, current) = ([1_000_000_000, 1_000_000_000], [1_000_000_001, 999_999_999]);
    let js = js_distance(&reference, &current).unwrap();
    // The shares themselves are good to seven digits of their difference.
    assert!((js / (0.5e-9 / (2.0 * std::f64::consts::LN_2).sqrt()) - 1.0).abs() < 1e-6, "{js}");
}

#[test]
fn permutations_come_near_the_exact_p() {
    // Too many tables for one by one; enough rows for the chi-square distribution.
    let reference: Vec<u64> = (0..12).map(|i| 40 + i).collect();
    let current: Vec<u64> = (0..12).map(|i| 60 - 2 * i).collect();
    let drawn = exact(&reference, &current, 7).unwrap();
    assert!(drawn.permuted);
    let p = chi_square(&reference, &current).unwrap().p_value;
    let error = (p * (1.0 - p) / f64::from(PERMUTATIONS)).sqrt();
    assert!((drawn.p_value - p).abs() < 4.0 * error, "{drawn:?}, not {p}");
    assert_eq!(exact(&reference, &current, 7), Some(drawn));
    // Never 0.
    let apart = exact(&[500, 500, 500, 0, 0, 0], &[0, 0, 0, 500, 500, 500], 7).unwrap();
    assert_eq!(apart.p_value, 1.0 / f64::from(PERMUTATIONS + 1));
    // Too many tables and too many rows.
    assert_eq!(exact(&[5_000; 6], &[5_000; 6], 7), None);
}

#[test]
fn few_tables_of_many_rows_are_gone_through() {
    // One row of the rare category: on which side it is is as likely as the side is large.
    let found = exact(&[999_999, 1], &[3_000_000, 0], 1).unwrap();
    assert!(near(found.p_value, 0.25) && !found.permuted, "{found:?}");
    let found = exact(&[1_000_000, 0], &[0, 800_000], 1).unwrap();
    assert_eq!(found, ExactP { p_value: f64::MIN_POSITIVE, permuted: false });
    // One row is dealt: the larger its category, the less it stands out, and only one is larger.
    let (mut one, mut many) = (vec![0; 5_000], vec![3; 5_000]);
    (one[17], many[40]) = (1, 30);
    let found = exact(&one, &many, 1).unwrap();
    assert!(near(found.p_value, 1.0 - 30.0 / 15_028.0) && !found.permuted, "{found:?}");
}

fn counts() -> impl Strategy<Value = (Vec<u64>, Vec<u64>)> {
    let count = prop_oneof![4 => 0_u64..6, 2 => 0_u64..2_000, 1 => 0..=u64::MAX / 4];
    proptest::collection::vec((count.clone(), count), 0..9).prop_map(|pairs| pairs.into_iter().unzip())
}

fn sample() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        (-5_i32..5).prop_map(|v| f64::from(v) / 2.0),
        -100.0..100.0,
        any::<f64>().prop_filter("a number", |v| v.is_finite())
    ];
    proptest::collection::vec(value, 0..60).prop_map(sorted)
}

proptest! {
    #[test]
    fn any_counts_are_compared((reference, current) in counts(), seed in any::<u64>()) {
        let chi = chi_square(&reference, &current);
        let some = [&reference, &current].iter().all(|side| side.iter().any(|n| *n > 0));
        prop_assert_eq!(chi.is_some(), some);
        if let Some(chi) = chi {
            prop_assert!((0.0..=1.0).contains(&chi.p_value) && chi.statistic >= 0.0 && chi.smallest_expected > 0.0);
        }
        if let Some(found) = exact(&reference, &current, seed) {
            prop_assert!(found.p_value > 0.0 && found.p_value <= 1.0);
        }
        let js = js_distance(&reference, &current);
        prop_assert_eq!(js, js_distance(&current, &reference));
        prop_assert!(js.is_none_or(|js| (0.0..=1.0).contains(&js)));
        prop_assert_eq!(js.is_some(), some);
        prop_assert!(psi(&reference, &current).is_none_or(|psi| psi >= 0.0));
    }

    #[test]
    fn any_numbers_are_compared(reference in sample(), current in sample()) {
        let some = !reference.is_empty() && !current.is_empty();
        let ks = kolmogorov_smirnov(&reference, &current);
        prop_assert_eq!(ks.is_some(), some);
        if let Some(ks) = ks {
            prop_assert!((0.0..=1.0).contains(&ks.statistic) && (0.0..=1.0).contains(&ks.p_value));
            let asymptotic = ks_asymptotic(reference.len(), current.len(), ks.statistic).unwrap();
            prop_assert!((0.0..=1.0).contains(&asymptotic));
        }
        prop_assert!(wasserstein(&reference, &current).is_none_or(|w| w >= 0.0));
        prop_assert!(wasserstein_normed(&reference, &current).is_none_or(|w| w >= 0.0));
        if let Some(bins) = bins(&reference, &current) {
            prop_assert_eq!(bins.reference.iter().sum::<u64>(), reference.len() as u64);
            prop_assert_eq!(bins.current.iter().sum::<u64>(), current.len() as u64);
            prop_assert!(bins.low.len() == bins.high.len() && bins.low.len() == bins.reference.len());
            prop_assert!(bins.low.iter().zip(&bins.high).all(|(low, high)| low <= high));
        }
    }

    #[test]
    fn the_tail_of_ks_is_a_probability_and_falls(n in 1_u32..3_000, d in 0.0..=1.0, more in 0.0..0.1) {
        let p = kolmogorov::upper_tail(f64::from(n), d);
        prop_assert!((0.0..=1.0).contains(&p));
        // But for the seams between methods.
        prop_assert!(kolmogorov::upper_tail(f64::from(n), d + more) <= p + 1e-6);
    }

    #[test]
    fn exact_tails_of_ks_fall(n in 1_usize..80, m in 1_usize..80, d in 0.0..=1.0, more in 0.0..=1.0) {
        let p = ks_exact(n, m, d).unwrap();
        prop_assert!((0.0..=1.0).contains(&p));
        prop_assert!(ks_exact(n, m, d + (1.0 - d) * more).unwrap() <= p * (1.0 + 1e-12));
    }

    #[test]
    fn adjusted_p_values_are_no_smaller_and_keep_their_order(
        p in proptest::collection::vec(proptest::option::of(0.0..=1.0), 0..40),
    ) {
        let adjusted = benjamini_hochberg(&p);
        prop_assert_eq!(adjusted.len(), p.len());
        let both: Vec<(f64, f64)> = p.iter().zip(&adjusted).filter_map(|(p, a)| Some(((*p)?, (*a)?))).collect();
        prop_assert_eq!(both.len(), p.iter().flatten().count());
        prop_assert!(both.iter().all(|(p, a)| p <= a && *a <= 1.0));
        prop_assert!(both.iter().all(|x| both.iter().all(|y| x.0 > y.0 || x.1 <= y.1)));
    }
}
