use super::*;
use crate::metrics::{confusion, precision_recall_f1};
use proptest::prelude::*;

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
    curve: Columns,
}

#[derive(Deserialize)]
struct Columns {
    threshold: Vec<f64>,
    precision: Vec<f64>,
    recall: Vec<f64>,
}

#[test]
fn the_curve_is_that_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../../tests/fixtures/calibration.json")).unwrap();
    for case in &fixture.cases {
        let counts: Vec<[u32; 2]> = case.negative.iter().zip(&case.positive).map(|(n, p)| [*n, *p]).collect();
        let curve = precision_recall_curve(&counts, &case.p);
        let theirs = &case.expected.curve;
        assert_eq!(curve.iter().map(|p| p.threshold).collect::<Vec<_>>(), theirs.threshold, "{}", case.name);
        for (i, point) in curve.iter().enumerate() {
            assert!((point.precision - theirs.precision[i]).abs() < 1e-12, "{}: {point:?}", case.name);
            assert!((point.recall - theirs.recall[i]).abs() < 1e-12, "{}: {point:?}", case.name);
        }
    }
}

#[test]
fn the_threshold_lies_below_its_score_and_above_the_next() {
    let counts = [[0, 6], [1, 1], [1, 2], [5, 1]];
    let curve = precision_recall_curve(&counts, &[0.9, 0.7, 0.5, 0.2]);
    let at = |wish| threshold_for(&curve, wish).map(|p| (p.threshold, p.precision, p.recall));
    // Precision by point 1, 7/8, 9/11, 10/17; recall .6, .7, .9, 1.
    assert_eq!(at(Wish::Precision(0.99)), Some((0.7 + (0.9 - 0.7) / 2.0, 1.0, 0.6)));
    assert_eq!(at(Wish::Precision(0.8)), Some((0.5 - 0.3 / 2.0, 9.0 / 11.0, 0.9)));
    assert_eq!(at(Wish::Recall(0.65)), Some((0.5 + (0.7 - 0.5) / 2.0, 0.875, 0.7)));
    assert_eq!(at(Wish::Recall(1.0)), Some((0.1, 10.0 / 17.0, 1.0)));
    assert_eq!(at(Wish::Recall(1.1)), None);
    assert_eq!(threshold_for(&curve[1..], Wish::Precision(0.99)), None);
    // Next to each other there is nothing in between: the score itself, never the one below.
    let (low, high) = (0.5f64, 0.5f64.next_up());
    let close = precision_recall_curve(&[[0, 1], [1, 0]], &[high, low]);
    assert_eq!(threshold_for(&close, Wish::Precision(1.0)).map(|p| p.threshold), Some(high));
    assert_eq!(
        threshold_for(&precision_recall_curve(&[[1, 1]], &[0.0]), Wish::Recall(1.0)).map(|p| p.threshold),
        Some(0.0)
    );
}

#[test]
fn of_equal_points_the_higher_threshold_is_chosen() {
    // Precision 1, 1/2, 2/12; recall .5, .5, 1: the first two meet the wish with the same recall.
    let curve = precision_recall_curve(&[[0, 1], [1, 0], [9, 1]], &[0.9, 0.7, 0.2]);
    assert_eq!(threshold_for(&curve, Wish::Precision(0.4)).map(|p| p.threshold), Some(0.7 + (0.9 - 0.7) / 2.0));
    // Precision 1/2 twice.
    let flat = precision_recall_curve(&[[1, 1], [1, 1]], &[0.9, 0.3]);
    assert_eq!(threshold_for(&flat, Wish::Recall(0.5)).map(|p| p.recall), Some(0.5));
}

#[test]
fn without_positive_rows_there_is_no_curve() {
    assert!(precision_recall_curve(&[[1, 0], [2, 0]], &[0.2, 0.4]).is_empty());
    assert!(precision_recall_curve(&[], &[]).is_empty());
    assert!(thin(&[], 10).is_empty());
    assert_eq!(threshold_for(&[], Wish::Recall(0.0)), None);
}

proptest! {
    #[test]
    fn curves_hold_what_they_promise(
        rows in proptest::collection::vec(((0u32..4, 0u32..4), 0u32..=200), 1..150),
        wished in 0.0f64..=1.0,
        at_most in 3usize..40,
    ) {
        let (counts, scores): (Vec<[u32; 2]>, Vec<f64>) =
            rows.into_iter().map(|((n, p), s)| ([n, p], f64::from(s) / 200.0)).unzip();
        let curve = precision_recall_curve(&counts, &scores);
        prop_assert!(curve.windows(2).all(|p| p[0].threshold > p[1].threshold && p[0].recall <= p[1].recall));
        let at = |threshold: f64| {
            let c = confusion(&counts, &scores, threshold);
            precision_recall_f1(c.true_positive as f64, c.false_positive as f64, c.false_negative as f64)
        };
        for point in &curve {
            let (precision, recall, f1) = at(point.threshold);
            prop_assert_eq!((precision, recall), (point.precision, point.recall));
            prop_assert!((f1 - point.f1()).abs() < 1e-12);
        }

        // The verdicts on these rows are those that were promised, and no other point meets the wish better.
        for wish in [Wish::Precision(wished), Wish::Recall(wished)] {
            let meets = |p: &&CurvePoint| match wish {
                Wish::Precision(least) => p.precision >= least,
                Wish::Recall(least) => p.recall >= least,
            };
            let Some(chosen) = threshold_for(&curve, wish) else {
                prop_assert!(!curve.iter().any(|p| meets(&p)));
                continue;
            };
            prop_assert!(meets(&&chosen));
            let (precision, recall, _) = at(chosen.threshold);
            prop_assert_eq!((precision, recall), (chosen.precision, chosen.recall));
            for point in curve.iter().filter(meets) {
                match wish {
                    Wish::Precision(_) => prop_assert!(point.recall <= chosen.recall),
                    Wish::Recall(_) => prop_assert!(point.precision <= chosen.precision),
                }
            }
        }

        let kept = thin(&curve, at_most);
        prop_assert!(kept.len() <= at_most && (curve.len() > at_most || kept == curve));
        prop_assert_eq!((kept.first(), kept.last()), (curve.first(), curve.last()));
        prop_assert!(kept.windows(2).all(|p| p[0].threshold > p[1].threshold));
        let best = |points: &[CurvePoint]| points.iter().map(CurvePoint::f1).fold(0.0, f64::max);
        prop_assert_eq!(best(&kept), best(&curve));
    }
}

#[test]
fn a_thinned_curve_is_even_in_recall() {
    let n = 5_000;
    let counts: Vec<[u32; 2]> = (0..n).map(|i| if i % 2 == 0 { [0, 1] } else { [1, 0] }).collect();
    let scores: Vec<f64> = (0..n).map(|i| 1.0 - f64::from(i) / f64::from(n)).collect();
    let curve = precision_recall_curve(&counts, &scores);
    let kept = thin(&curve, 101);
    assert!(kept.len() >= 100, "{}", kept.len());
    assert!(kept.windows(2).all(|p| p[1].recall - p[0].recall < 0.0111), "{kept:?}");
}
