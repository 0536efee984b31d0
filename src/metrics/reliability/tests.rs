use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    negative: Vec<u32>,
    positive: Vec<u32>,
    p: Vec<f64>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    reliability: Columns,
    ece: f64,
}

#[derive(Deserialize)]
struct Columns {
    low: Vec<f64>,
    rows: Vec<u64>,
    mean_probability: Vec<f64>,
    positive_share: Vec<f64>,
}

#[test]
fn the_bins_are_those_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../../tests/fixtures/calibration.json")).unwrap();
    for case in &fixture.cases {
        let counts: Vec<[u32; 2]> = case.negative.iter().zip(&case.positive).map(|(n, p)| [*n, *p]).collect();
        let bins = reliability(&counts, &case.p, RELIABILITY_BINS);
        let theirs = &case.expected.reliability;
        assert_eq!(bins.iter().map(|b| b.low).collect::<Vec<_>>(), theirs.low, "{}", case.name);
        assert_eq!(bins.iter().map(|b| b.rows).collect::<Vec<_>>(), theirs.rows, "{}", case.name);
        for (i, bin) in bins.iter().enumerate() {
            assert!((bin.high - bin.low - 0.1).abs() < 1e-12);
            assert!((bin.mean_probability - theirs.mean_probability[i]).abs() < 1e-12, "{}: {bin:?}", case.name);
            assert!((bin.positive_share - theirs.positive_share[i]).abs() < 1e-12, "{}: {bin:?}", case.name);
        }
        let ece = expected_calibration_error(&bins);
        assert!((ece - case.expected.ece).abs() < 1e-12, "{}: {ece}", case.name);
    }
}

#[test]
fn nothing_observed_is_nothing_wrong() {
    assert!(reliability(&[[0, 0]], &[0.4], 10).is_empty());
    assert_eq!(expected_calibration_error(&[]), 0.0);
    // Sure and wrong is as wrong as it gets.
    assert_eq!(expected_calibration_error(&reliability(&[[3, 0], [0, 2]], &[1.0, 0.0], 10)), 1.0);
}

#[test]
fn scores_are_counted_by_label_where_reliability_counts_them() {
    let counts = [[3, 0], [1, 1], [0, 2], [0, 4], [5, 0]];
    let probabilities = [0.0, 0.2, 0.21, 1.0, 0.5];
    let bins = score_histogram(&counts, &probabilities, 5);
    assert_eq!(bins, [[4, 1], [0, 2], [5, 0], [0, 0], [0, 4]]);
    for bin in reliability(&counts, &probabilities, 5) {
        let nth = (bin.low * 5.0).round() as usize;
        assert_eq!(bin.rows, bins[nth].iter().sum::<u64>());
        assert!((bin.positive_share * bin.rows as f64 - bins[nth][1] as f64).abs() < 1e-9);
    }
    assert_eq!(score_histogram(&[[1, 2]], &[0.4], 0), [[1, 2]]);
}
