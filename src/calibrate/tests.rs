use super::*;
use proptest::prelude::*;
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
    query: Vec<f64>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    platt: Line,
    isotonic: Knots,
}

#[derive(Deserialize)]
struct Line {
    slope: f64,
    intercept: f64,
}

#[derive(Deserialize)]
struct Knots {
    scores: Vec<f64>,
    probabilities: Vec<f64>,
    answers: Vec<f64>,
}

fn cases() -> Vec<(Vec<[u32; 2]>, Case)> {
    let fixture: Fixture = serde_json::from_str(include_str!("../../tests/fixtures/calibration.json")).unwrap();
    assert!(fixture.cases.len() > 4);
    let with_counts = |c: Case| (c.negative.iter().zip(&c.positive).map(|(n, p)| [*n, *p]).collect(), c);
    fixture.cases.into_iter().map(with_counts).collect()
}

fn near(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0))
}

#[test]
fn platt_scaling_is_that_of_scikit_learn() {
    for (counts, case) in cases() {
        let Calibration::Platt { slope, intercept } = Calibration::fit(Method::Platt, &counts, &case.p).unwrap() else {
            panic!("another method")
        };
        let theirs = &case.expected.platt;
        assert!(
            near(&[slope, intercept], &[theirs.slope, theirs.intercept], 1e-6),
            "{}: {slope} {intercept}, not {} {}",
            case.name,
            theirs.slope,
            theirs.intercept
        );
    }
}

#[test]
fn isotonic_regression_is_that_of_scikit_learn() {
    for (counts, case) in cases() {
        let map = Calibration::fit(Method::Isotonic, &counts, &case.p).unwrap();
        let theirs = &case.expected.isotonic;
        let Calibration::Isotonic { scores, probabilities } = &map else { panic!("another method") };
        assert_eq!(scores, &theirs.scores, "{}", case.name);
        assert!(near(probabilities, &theirs.probabilities, 1e-14), "{}: {probabilities:?}", case.name);
        let answers: Vec<f64> = case.query.iter().map(|q| map.apply(*q)).collect();
        assert!(near(&answers, &theirs.answers, 1e-12), "{}: {answers:?}", case.name);
    }
}

#[test]
fn probabilities_that_are_right_already_stay() {
    // A hundred thousand rows at each of nine scores, as many of them positive as the score says.
    let scores: Vec<f64> = (1..10).map(|i| f64::from(i) / 10.0).collect();
    let counts: Vec<[u32; 2]> = (1..10).map(|i| [100_000 - 10_000 * i, 10_000 * i]).collect();
    for method in [Method::Platt, Method::Isotonic] {
        let map = Calibration::fit(method, &counts, &scores).unwrap();
        for score in &scores {
            assert!((map.apply(*score) - score).abs() < 1e-5, "{method:?} {score} {}", map.apply(*score));
        }
    }
}

#[test]
fn no_probability_is_0_or_1() {
    // The scores tell the labels apart, and some are 0 and 1.
    let (counts, scores) = ([[40, 0], [10, 0], [0, 10], [0, 38]], [0.0, 0.2, 0.9, 1.0]);
    for method in [Method::Platt, Method::Isotonic] {
        let map = Calibration::fit(method, &counts, &scores).unwrap();
        let ends = [map.apply(0.0), map.apply(1.0)];
        assert!(0.0 < ends[0] && ends[0] <= 0.01 && 0.99 <= ends[1] && ends[1] < 1.0, "{map:?} {ends:?}");
    }
    let map = Calibration::fit(Method::Isotonic, &counts, &scores).unwrap();
    assert_eq!([map.apply(0.0), map.apply(1.0)], [0.01, 0.99]);
}

#[test]
fn what_cannot_be_calibrated_says_why() {
    for method in [Method::Platt, Method::Isotonic] {
        let reason = |counts: &[[u32; 2]], scores: &[f64]| Calibration::fit(method, counts, scores).unwrap_err();
        assert_eq!(reason(&[], &[]), "the rows have one label only");
        assert_eq!(reason(&[[3, 0], [1, 0]], &[0.1, 0.2]), "the rows have one label only");
        assert_eq!(reason(&[[3, 0], [0, 1]], &[0.1, f64::NAN]), "a score is not a number");
    }
    let reason = |method, scores: &[f64]| Calibration::fit(method, &[[3, 1], [1, 3]], scores).unwrap_err();
    assert_eq!(reason(Method::Platt, &[0.4, 0.4]), "all scores are equal");
    assert_eq!(reason(Method::Platt, &[0.6, 0.4]), "the higher the score, the fewer rows are positive");
    assert_eq!(reason(Method::Isotonic, &[0.4, 0.4]), "the probability does not rise with the score");
    assert_eq!(reason(Method::Isotonic, &[0.6, 0.4]), "the probability does not rise with the score");
}

#[test]
fn a_map_reads_back_as_it_was_written() {
    for (counts, case) in cases() {
        for method in [Method::Platt, Method::Isotonic] {
            let map = Calibration::fit(method, &counts, &case.p).unwrap();
            let text = serde_json::to_string(&map).unwrap();
            assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), map, "{text}");
        }
    }
    assert!(serde_json::from_str::<Calibration>(r#"{"method": "platt", "slope": 1, "intercept": 0, "x": 1}"#).is_err());
    let empty = Calibration::Isotonic { scores: Vec::new(), probabilities: Vec::new() };
    assert_eq!(empty.apply(0.3), 0.3);
}

#[test]
fn every_vector_is_calibrated_by_rows_of_the_other_half() {
    let counts: Vec<[u32; 2]> =
        (0..60).map(|i| if i % 3 == 0 { [0, 1 + i % 4] } else { [1 + i % 2, i % 5 / 4] }).collect();
    let scores: Vec<f64> =
        (0..60u32).map(|i| f64::from(i * 7 % 60 + if i % 3 == 0 { 40 } else { 0 }) / 100.0).collect();
    for method in [Method::Platt, Method::Isotonic] {
        let before = cross_fitted(method, &counts, &scores, 5, "t").unwrap();
        assert_eq!(before, cross_fitted(method, &counts, &scores, 5, "t").unwrap());
        assert_ne!(before, cross_fitted(method, &counts, &scores, 6, "t").unwrap());
        // The labels of a vector do not reach its own probability, nor those of its half.
        let second = halves(&counts, 5, "t");
        let mut other = counts.clone();
        for (n, _) in other.iter_mut().zip(&second).filter(|(_, second)| **second) {
            *n = n.map(|n| n * 3);
        }
        let after = cross_fitted(method, &other, &scores, 5, "t").unwrap();
        let moved = |half: bool| (0..60).any(|i| second[i] == half && before[i] != after[i]);
        assert!(!moved(true) && moved(false), "{method:?}");
    }
    let lone = [[1, 0], [2, 0], [0, 5]];
    let reason = cross_fitted(Method::Platt, &lone, &[0.1, 0.2, 0.9], 1, "t").unwrap_err();
    assert_eq!(reason, "in one half of the vectors the rows have one label only");
}

/// Vectors with their rows and scores, ties among them, both labels present.
fn observed() -> impl Strategy<Value = (Vec<[u32; 2]>, Vec<f64>)> {
    proptest::collection::vec(((0u32..5, 0u32..5), 0u32..=30), 2..60)
        .prop_map(|rows| rows.into_iter().map(|((n, p), s)| ([n, p], f64::from(s) / 30.0)).unzip())
        .prop_filter("both labels", |(counts, _): &(Vec<[u32; 2]>, Vec<f64>)| {
            (0..2).all(|label| counts.iter().any(|n| n[label] > 0))
        })
}

proptest! {
    #[test]
    fn pooled_shares_rise_and_keep_the_mean((counts, scores) in observed()) {
        let blocks = pool(&counts, &scores);
        for pair in blocks.windows(2) {
            prop_assert!(pair[0].share() < pair[1].share() && pair[0].high < pair[1].low);
        }
        // Rows by label, and so the weighted mean, are those that went in, block by block.
        for block in &blocks {
            let inside = |s: f64| block.low <= s && s <= block.high;
            let rows = counts.iter().zip(&scores).filter(|(_, s)| inside(**s)).fold([0, 0], |sum, (n, _)| {
                [sum[0] + u64::from(n[0]), sum[1] + u64::from(n[1])]
            });
            prop_assert_eq!(rows, block.rows);
        }
        let all = |label: usize| counts.iter().map(|n| u64::from(n[label])).sum::<u64>();
        let kept = |label: usize| blocks.iter().map(|b| b.rows[label]).sum::<u64>();
        prop_assert_eq!([all(0), all(1)], [kept(0), kept(1)]);
    }

    #[test]
    fn a_map_keeps_the_order_of_scores((counts, scores) in observed(), more in proptest::collection::vec(0.0f64..=1.0, 50)) {
        for method in [Method::Platt, Method::Isotonic] {
            let Ok(map) = Calibration::fit(method, &counts, &scores) else { continue };
            let mut asked: Vec<f64> = scores.iter().chain(&more).copied().collect();
            asked.sort_by(f64::total_cmp);
            let answers: Vec<f64> = asked.iter().map(|s| map.apply(*s)).collect();
            prop_assert!(answers.windows(2).all(|p| p[0] <= p[1]), "{:?} {:?}", map, answers);
            prop_assert!(answers.iter().all(|p| (0.0..=1.0).contains(p)), "{:?} {:?}", map, answers);
        }
    }

    #[test]
    fn the_halves_are_alike((counts, _) in observed(), seed in 0u64..100) {
        let second = halves(&counts, seed, "t");
        for kind in [[true, true], [true, false], [false, true]] {
            let of = |half: bool| (0..counts.len()).filter(|i| second[*i] == half && counts[*i].map(|n| n > 0) == kind).count();
            prop_assert!(of(true).abs_diff(of(false)) <= 1);
        }
    }
}
