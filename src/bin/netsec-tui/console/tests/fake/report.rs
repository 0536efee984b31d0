//! A made-up report.

use super::{RUN, params};
use netsec::calibrate::Method;
use netsec::event::{Confusion, Family, ReliabilityBin, TestScores};
use netsec::importance::Importance;
use netsec::metrics::{CurvePoint, THRESHOLD, threshold_for};
use netsec::pipeline::{ModelReport, Report};
use netsec::predict::{Choice, Chosen};
use netsec::run::RunStatus;

/// A bin of a model that says a little too much in the middle.
fn bin(i: u32) -> ReliabilityBin {
    let (low, high) = (f64::from(i) / 10.0, f64::from(i + 1) / 10.0);
    let mean = low + 0.05;
    let rows = [1_050, 41, 22, 14, 9, 11, 17, 26, 58, 866][i as usize];
    ReliabilityBin { low, high, rows, mean_probability: mean, positive_share: mean - 0.3 * mean * (1.0 - mean) }
}

pub fn test_scores(f1: f64) -> TestScores {
    TestScores {
        threshold: 0.5,
        precision: f1 + 0.004,
        recall: f1 - 0.004,
        f1,
        accuracy: f1 + 0.01,
        roc_auc: Some(0.989),
        pr_auc: Some(0.987),
        log_loss: 0.142,
        brier: 0.041,
        ece: 0.012,
        reliability: (0..10).map(bin).collect(),
        f1_ci: [f1 - 0.012, f1 + 0.011],
        precision_ci: None,
        recall_ci: None,
        confusion: Confusion { true_positive: 812, false_positive: 41, false_negative: 49, true_negative: 1_014 },
    }
}

fn curve(f1: f64) -> Vec<CurvePoint> {
    let point = |i: u32| {
        let recall = f64::from(i) / 200.0;
        let precision = 1.0 - (1.0 - f1) * recall.powi(6) - 0.4 * recall.powi(60);
        CurvePoint { threshold: 1.0 - 0.97 * recall.powi(9), precision, recall }
    };
    (1..=200).map(point).collect()
}

fn importance() -> Vec<Importance> {
    let schema = super::schema();
    let of = |(i, column): (usize, &netsec::schema::Column)| Importance {
        feature: column.name.clone(),
        mean: 0.21 * (-0.45 * i as f64).exp() - 0.001,
        sd: 0.006 / (1.0 + i as f64),
        gain: Some(0.36 * 0.64f64.powi(i as i32)),
    };
    schema.features.iter().enumerate().map(of).collect()
}

/// What a threshold gives on the made-up curve.
pub fn chosen(family: Family, choice: Choice) -> Chosen {
    let curve = curve(0.94);
    let (threshold, wish) = match choice {
        Choice::Default => (THRESHOLD, None),
        Choice::At(at) => (at, None),
        Choice::Wish(wish) => (threshold_for(&curve, wish).map_or(THRESHOLD, |p| p.threshold), Some(wish)),
    };
    let here = curve.iter().take_while(|p| p.threshold >= threshold).last().copied();
    Chosen { family, threshold, wish, folds: here, holdout: here }
}

pub fn report() -> Report {
    let model = |family, f1: f64, trials| ModelReport {
        family,
        params: params(&[("learning_rate", 0.1), ("max_depth", 6.0)]),
        trials,
        cv_f1: f1 + 0.007,
        cv_sd: 0.0062,
        fit_ms: 1_240,
        calibration: (family == Family::GradientBoosting).then_some(Method::Platt),
        kept: (family == Family::Knn).then_some([20_000, 800_000]),
        test: test_scores(f1),
        curve: curve(f1),
        importance: importance(),
    };
    Report {
        run: RUN.to_owned(),
        status: RunStatus::Finished,
        winner: Family::GradientBoosting,
        seed: 1,
        data: super::state(true).data.unwrap(),
        models: vec![
            model(Family::GradientBoosting, 0.94, 8),
            model(Family::RandomForest, 0.924, 4),
            model(Family::DecisionTree, 0.916, 12),
            model(Family::Knn, 0.908, 6),
            model(Family::LogisticRegression, 0.9, 3),
        ],
        failed: vec![(Family::AdaBoost, "memory limit of 512 MB reached".to_owned())],
        positive: "phishing".to_owned(),
        negative: "legitimate".to_owned(),
    }
}

/// The report as an older version wrote it: without what was not measured then.
pub fn old() -> Report {
    let mut report = report();
    for model in &mut report.models {
        (model.curve, model.importance, model.kept, model.calibration) = (Vec::new(), Vec::new(), None, None);
        (model.test.reliability, model.test.ece) = (Vec::new(), 0.0);
    }
    report
}

/// One of all nine families.
pub fn nine() -> Report {
    let mut report = report();
    let first = report.models[0].clone();
    report.models = Family::ALL.into_iter().map(|family| ModelReport { family, ..first.clone() }).collect();
    report.failed = Vec::new();
    // More of them than a rule has room for.
    let long = ["alpha", "dropout", "epochs", "learning_rate", "members", "momentum"];
    report.models[6].params = params(&long.map(|name| (name, 0.25)));
    report
}
