use super::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    y: Vec<u8>,
    w: Vec<u32>,
    p: Vec<f64>,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    precision: f64,
    recall: f64,
    f1: f64,
    accuracy: f64,
    roc_auc: Option<f64>,
    average_precision: Option<f64>,
    log_loss: f64,
    brier: f64,
}

fn counts(case: &Case) -> Vec<[u32; 2]> {
    case.y.iter().zip(&case.w).map(|(y, w)| if *y == 1 { [0, *w] } else { [*w, 0] }).collect()
}

fn f1_of(counts: &[[u32; 2]], p: &[f64], threshold: f64, seed: u64, resamples: usize) -> [f64; 2] {
    intervals(counts, p, threshold, seed, resamples)[2]
}

#[test]
fn scores_are_those_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../tests/fixtures/metrics.json")).unwrap();
    assert!(fixture.cases.len() > 5);
    for case in &fixture.cases {
        let scores = test_scores(&counts(case), &case.p, THRESHOLD, 1, 10);
        let e = &case.expected;
        let pairs = [
            ("precision", Some(scores.precision), Some(e.precision)),
            ("recall", Some(scores.recall), Some(e.recall)),
            ("f1", Some(scores.f1), Some(e.f1)),
            ("accuracy", Some(scores.accuracy), Some(e.accuracy)),
            ("roc_auc", scores.roc_auc, e.roc_auc),
            ("pr_auc", scores.pr_auc, e.average_precision),
            ("log_loss", Some(scores.log_loss), Some(e.log_loss)),
            ("brier", Some(scores.brier), Some(e.brier)),
        ];
        for (name, ours, theirs) in pairs {
            match (ours, theirs) {
                (None, None) => {}
                (Some(a), Some(b)) => {
                    assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{}: {name} {a} {b}", case.name)
                }
                other => panic!("{}: {name} {other:?}", case.name),
            }
        }
    }
}

#[test]
fn the_interval_holds_the_score_and_depends_on_the_seed_only() {
    let counts: Vec<[u32; 2]> = (0..300).map(|i| if i % 3 == 0 { [0, 2] } else { [1, 0] }).collect();
    let p: Vec<f64> =
        (0..300).map(|i| if i % 3 == 0 { 0.9 - f64::from(i % 30) / 40.0 } else { f64::from(i % 7) / 10.0 }).collect();
    let score = f1(&counts, &p, THRESHOLD);
    let [low, high] = f1_of(&counts, &p, THRESHOLD, 1, 500);
    assert!(low < score && score < high && high - low < 0.2, "{low} {score} {high}");
    assert_eq!([low, high], f1_of(&counts, &p, THRESHOLD, 1, 500));
    assert_ne!([low, high], f1_of(&counts, &p, THRESHOLD, 2, 500));
}

#[test]
fn the_interval_resamples_vectors_not_rows() {
    // The same vectors observed ten times as often carry no more information.
    let p: Vec<f64> = (0..60).map(|i| f64::from(i % 10) / 10.0).collect();
    let once: Vec<[u32; 2]> = (0..60).map(|i| if i % 2 == 0 { [1, 0] } else { [0, 1] }).collect();
    let often: Vec<[u32; 2]> = once.iter().map(|c| c.map(|n| n * 10)).collect();
    assert_eq!(f1_of(&once, &p, THRESHOLD, 4, 400), f1_of(&often, &p, THRESHOLD, 4, 400));
}

#[test]
fn verdicts_follow_the_threshold() {
    let (counts, p) = ([[2, 1], [1, 4]], [0.3, 0.6]);
    assert_eq!(confusion(&counts, &p, 0.3).false_positive, 3);
    assert_eq!(confusion(&counts, &p, 0.31).false_positive, 1);
    assert_eq!(f1(&counts, &p, 0.7), 0.0);
    let scores = test_scores(&counts, &p, 0.7, 1, 10);
    assert_eq!((scores.threshold, scores.recall, scores.f1_ci), (0.7, 0.0, [0.0, 0.0]));
}

#[test]
fn scores_from_before_there_was_a_choice_of_threshold_are_read() {
    let scores = test_scores(&[[2, 1], [1, 4]], &[0.3, 0.6], 0.6, 1, 10);
    let mut old = serde_json::to_value(&scores).unwrap();
    assert_eq!(serde_json::from_value::<TestScores>(old.clone()).unwrap(), scores);
    for name in ["threshold", "ece", "reliability"] {
        old.as_object_mut().unwrap().remove(name).unwrap();
    }
    let read: TestScores = serde_json::from_value(old).unwrap();
    assert_eq!((read.threshold, read.reliability.len()), (0.5, 0));
}
