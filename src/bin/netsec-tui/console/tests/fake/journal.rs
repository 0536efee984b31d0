//! Journals of made-up runs.

use super::report::test_scores;
use super::{RUN, params};
use netsec::event::{DataSummary, Event, Family, JOURNAL_VERSION, Params, Stage, Stamped};
use netsec::run::{Manifest, RunState};
use netsec::training::{FamilySearch, Imputation, Strategy};

/// The space of all families: trials, and whether the search halves.
const WIDE: [(Family, u32, bool); 9] = [
    (Family::LogisticRegression, 16, false),
    (Family::Knn, 14, false),
    (Family::DecisionTree, 48, false),
    (Family::RandomForest, 64, true),
    (Family::AdaBoost, 48, true),
    (Family::GradientBoosting, 192, true),
    (Family::NeuralNetwork, 96, true),
    (Family::NaiveBayes, 8, false),
    (Family::Svm, 30, false),
];

/// The trials of each family in the default space.
pub const STANDARD: [u32; 6] = [3, 6, 12, 4, 8, 8];

/// The parameters of a trial of a small space.
fn plain(trial: u32) -> Params {
    params(&[("learning_rate", 0.05 * f64::from(trial + 1)), ("max_depth", 3.0 + f64::from(trial))])
}

/// A small space: so many trials of each family.
pub fn grid(trials: &[u32]) -> Vec<FamilySearch> {
    let of = |(family, trials): (Family, &u32)| FamilySearch {
        family,
        halving: false,
        trials: (0..*trials).map(plain).collect(),
    };
    Family::ALL.into_iter().zip(trials).map(of).collect()
}

/// Adds an event, so many milliseconds behind the one before.
fn stamp(events: &mut Vec<Stamped>, event: Event, ms: i64) {
    let at = super::super::now() - chrono::TimeDelta::milliseconds(41_000 - ms * events.len() as i64);
    let at = at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    events.push(Stamped { v: JOURNAL_VERSION, seq: events.len() as u64, at, event });
}

/// A run of all families, under way or to its end.
pub fn journal(whole: bool) -> Vec<Stamped> {
    let mut events = Vec::new();
    let mut add = |event: Event| stamp(&mut events, event, 90);
    add(Event::RunStarted { families: Family::ALL[..6].to_vec(), folds: 3 });
    for stage in [Stage::Ingest, Stage::Validate, Stage::Transform] {
        add(Event::StageStarted { stage });
        add(Event::StageFinished { stage, ms: 120, summary: "10,000 rows".to_owned() });
    }
    add(Event::DataSplit {
        data: DataSummary {
            rows: 10_000,
            vectors: 5_210,
            conflicting: 61,
            leak: 0.0,
            unlabelled: 0,
            rejected: 3,
            holdout_vectors: 1_042,
            hash: "ab".to_owned(),
        },
    });
    add(Event::StageStarted { stage: Stage::Train });
    let grid = grid(&STANDARD);
    for (f, FamilySearch { family, trials, .. }) in grid.iter().enumerate() {
        let trials = trials.len();
        add(Event::SearchStarted { family: *family, trials: trials as u32 });
        // The last one but one fails, the last is under way.
        let (done, last) = match (f, whole) {
            (4, _) => (2, true),
            (5, false) => (5, false),
            _ => (trials, true),
        };
        for trial in 0..done {
            let params = plain(trial as u32);
            add(Event::TrialStarted { family: *family, trial: trial as u32, params: params.clone() });
            let base = 0.9 + 0.008 * f as f64 + 0.004 * (trial as f64).sqrt();
            if f == 5 {
                for step in 1..20 {
                    let loss = Some(0.69 * (-0.12 * f64::from(step)).exp() + 0.1);
                    add(Event::Progressed {
                        family: *family,
                        trial: trial as u32,
                        fold: 0,
                        step: step * 10,
                        of: 200,
                        loss,
                    });
                }
            }
            let scores = vec![base - 0.005, base, base + 0.006];
            for (fold, f1) in scores.iter().enumerate() {
                add(Event::FoldScored { family: *family, trial: trial as u32, fold: fold as u32, f1: *f1, ms: 60 });
            }
            add(Event::TrialFinished { family: *family, trial: trial as u32, params, scores, ms: 400 });
        }
        if f == 4 {
            add(Event::FamilyFailed { family: *family, reason: "memory limit of 512 MB reached".to_owned() });
        } else if last {
            add(Event::FamilyFinished {
                family: *family,
                trial: 0,
                params: params(&[]),
                cv_f1: [0.905, 0.916, 0.928, 0.93, 0.0, 0.948][f],
                cv_sd: 0.005,
                fit_ms: 320,
            });
        } else {
            add(Event::TrialStarted {
                family: *family,
                trial: done as u32,
                params: params(&[("learning_rate", 0.1), ("max_depth", 6.0)]),
            });
            add(Event::FoldScored { family: *family, trial: done as u32, fold: 0, f1: 0.946, ms: 60 });
            add(Event::Progressed { family: *family, trial: done as u32, fold: 1, step: 40, of: 200, loss: Some(0.3) });
        }
    }
    if whole {
        for (f, plan) in grid.iter().enumerate().filter(|(f, _)| *f != 4) {
            let family = plan.family;
            add(Event::ModelTested { family, test: test_scores(0.9 + 0.008 * f as f64) });
        }
        add(Event::RunFinished { winner: Family::GradientBoosting });
    }
    events
}

pub fn manifest() -> Manifest {
    Manifest {
        store: None,
        v: 1,
        run: RUN.to_owned(),
        started_at: "2026-11-18T14:02:00.000Z".to_owned(),
        user: "user".to_owned(),
        host: "ip-10-0-1-7".to_owned(),
        version: "0.1.0".to_owned(),
        database: "netsec".to_owned(),
        collection: "NetworkData".to_owned(),
        window: Default::default(),
        schema_hash: "ab".to_owned(),
        data_hash: None,
        seed: 1,
        folds: 3,
        salt: "netsec-1".to_owned(),
        holdout: 0.2,
        imputation: Imputation { strategy: Strategy::Knn, neighbours: 3, reference: 5000 },
        calibration: netsec::training::Calibration::default(),
        quality: Default::default(),
        accepted_by: None,
        space: "standard".to_owned(),
        resampling: None,
        search: grid(&STANDARD),
    }
}

pub fn state(whole: bool) -> RunState {
    RunState::replay(&journal(whole))
}

/// What is tried in the space of all families.
pub fn search() -> Vec<FamilySearch> {
    let trial = |trial: u32| {
        params(&[
            ("learning_rate", 0.02 + 0.003 * f64::from(trial / 6)),
            ("max_depth", 4.0 + f64::from(trial / 6 % 5)),
            ("n_estimators", 100.0 * f64::from(trial % 6 + 1)),
        ])
    };
    let of = |(family, trials, halving)| FamilySearch { family, halving, trials: (0..trials).map(trial).collect() };
    WIDE.into_iter().map(of).collect()
}

/// A run of all nine families, fold by fold: some are done, some have dropped the worse half, one waits, one has
/// not begun.
pub fn wide() -> (Vec<Stamped>, Manifest) {
    let mut events = Vec::new();
    let mut add = |event: Event| stamp(&mut events, event, 20);
    let search = search();
    add(Event::RunStarted { families: Family::ALL.to_vec(), folds: 3 });
    add(Event::StageStarted { stage: Stage::Train });
    for (f, own) in search.iter().enumerate().take(8) {
        let (family, trials) = (own.family, own.trials.len() as u32);
        add(Event::SearchStarted { family, trials });
        // A wave that rises: neighbours are alike, none is equal.
        let f1 = |trial: u32, fold: u32| {
            0.9 + 0.004 * f as f64 + 0.012 * (f64::from(trial) * 0.37).sin() + 0.003 * f64::from(fold)
        };
        // Folds that are over, and trials scored on the next one.
        let (over, more) = [(3, 0), (3, 0), (3, 0), (3, 0), (0, 48), (1, 40), (0, 31), (3, 0)][f];
        let mut left: Vec<u32> = (0..trials).collect();
        for fold in 0..3 {
            let scored = if fold < over {
                left.len()
            } else if fold == over {
                more
            } else {
                0
            };
            for trial in left.iter().take(scored).copied() {
                let params = own.trials[trial as usize].clone();
                if fold == 0 && trial % 6 == 5 {
                    add(Event::TrialStarted { family, trial, params: params.clone() });
                }
                add(Event::FoldScored { family, trial, fold, f1: f1(trial, fold), ms: 60 });
                if fold == 2 {
                    let scores = (0..3).map(|fold| f1(trial, fold)).collect();
                    add(Event::TrialFinished { family, trial, params, scores, ms: 60 });
                }
            }
            if own.halving && fold < over && fold < 2 {
                left.sort_by(|a, b| f1(*b, 0).total_cmp(&f1(*a, 0)));
                let kept = left.len().div_ceil(2);
                let text = format!("{}: the better half, {kept} trials, goes on to fold {}", family.code(), fold + 2);
                add(Event::Noted { text });
                for trial in left.split_off(left.len().div_ceil(2)) {
                    let scores = (0..=fold).map(|fold| f1(trial, fold)).collect();
                    add(Event::TrialDropped { family, trial, scores });
                }
                left.sort_unstable();
            }
        }
        if over == 3 {
            let params = own.trials[0].clone();
            add(Event::FamilyFinished { family, trial: 0, params, cv_f1: f1(0, 0), cv_sd: 0.005, fit_ms: 320 });
        }
    }
    let manifest = Manifest { space: "wide".to_owned(), search, ..manifest() };
    (events, manifest)
}
