//! A world that answers every effect at once and always the same.

use super::super::app::App;
use super::super::load::Notice;
use super::super::msg::*;
use super::super::update::update;
use bson::{Document, doc};
use netsec::event::{Confusion, DataSummary, Event, Family, JOURNAL_VERSION, Params, Stage, Stamped, TestScores};
use netsec::pipeline::{ModelReport, Report};
use netsec::predict::{FeatureUse, Origin, Record, Verdict};
use netsec::push::{Progress, Pushed, Rejection};
use netsec::run::{Manifest, RunState, RunStatus};
use netsec::schema::{BUILT_IN, Schema};
use netsec::store::CollectionInfo;
use netsec::training::{Imputation, Strategy};
use std::sync::Arc;

pub const RUN: &str = "7f3a21bc90ef";

/// What there is in it.
#[derive(Default)]
pub struct World {
    pub rows: u64,
    pub started: bool,
    /// Whether every question fails.
    pub broken: bool,
}

impl World {
    /// Answers effects, and those that the answers ask for.
    pub fn answer(&mut self, app: &mut App, effects: Vec<Effect>) {
        let mut waiting = effects;
        while let Some(effect) = waiting.pop() {
            for (job, answer) in self.answers(effect) {
                waiting.extend(update(app, Msg::Done(job, answer)));
            }
        }
    }

    fn result<T>(&self, value: T) -> Result<T, Notice> {
        if self.broken { Err(failure()) } else { Ok(value) }
    }

    fn answers(&mut self, effect: Effect) -> Vec<(JobId, Answer)> {
        let schema = || Arc::new(schema());
        vec![match effect {
            Effect::Catalog(job) => (job, Answer::Catalog(self.result(catalog(self.rows)))),
            Effect::Fetch(job, ..) => {
                let page = Fetched { documents: documents(40), next: None, schema: schema() };
                (job, Answer::Page(self.result(Box::new(page))))
            }
            Effect::Count(job, ..) => (job, Answer::Count(self.result(self.rows))),
            Effect::Push(job, ..) => {
                let pushed = if self.broken { Err(failure()) } else { Ok(Box::new(pushed())) };
                if !self.broken {
                    self.rows = 10_000;
                }
                let progress = Progress { rows: 10_000, bytes: None };
                return vec![(job, Answer::PushProgress(progress)), (job, Answer::Pushed(pushed))];
            }
            Effect::Spaces(job) => (job, Answer::Spaces(self.result(spaces()))),
            Effect::Start(job, _) => {
                self.started = !self.broken;
                (job, Answer::Started(self.result(RUN.to_owned())))
            }
            Effect::Follow(job, _) => {
                let first = Heard { events: journal(false), alive: true, manifest: Some(Box::new(manifest())) };
                let rest = journal(true).split_off(first.events.len());
                let last = Heard { events: rest, alive: false, manifest: None };
                return vec![
                    (job, Answer::Heard(self.result(Box::new(first)))),
                    (job, Answer::Heard(self.result(Box::new(last)))),
                ];
            }
            Effect::Runs(job) => (job, Answer::Runs(self.result(if self.started { rows() } else { Vec::new() }))),
            Effect::Cancel(job, _) | Effect::Resume(job, _) => (job, Answer::Asked(self.result("asked".to_owned()))),
            Effect::Detail(job, _) => (job, Answer::Detail(self.result(Box::new(detail())))),
            Effect::Model(job, ..) if !self.started => (job, Answer::Model(Err(failure()))),
            Effect::Model(job, ..) => (job, Answer::Model(self.result(Box::new(model())))),
            Effect::Score(job, _, _, input) => {
                let pasted = matches!(input, ScoreInput::Text(_));
                (job, Answer::Scored(self.result(Box::new(scored(pasted)))))
            }
            Effect::Unfollow | Effect::Copy(_) | Effect::Suspend | Effect::Leave => return Vec::new(),
        }]
    }
}

pub fn failure() -> Notice {
    let cause = std::io::Error::new(std::io::ErrorKind::PermissionDenied, "Permission denied (os error 13)");
    netsec::Error::io("reading", std::path::Path::new("/srv/netsec/store"), cause).into()
}

pub fn schema() -> Schema {
    Schema::parse(BUILT_IN, "built-in").unwrap()
}

pub fn catalog(rows: u64) -> Vec<Database> {
    if rows == 0 {
        return Vec::new();
    }
    let info = |name: &str, documents| CollectionInfo {
        name: name.to_owned(),
        documents: Some(documents),
        bytes: Some(1 << 20),
    };
    vec![Database {
        name: "netsec".to_owned(),
        collections: vec![info("NetworkData", rows), info("NetworkData.rejected", 3)],
    }]
}

pub fn documents(n: usize) -> Vec<Document> {
    let schema = schema();
    (0..n)
        .map(|i| {
            let mut document = Document::new();
            for (f, column) in schema.columns().enumerate() {
                let levels = column.levels();
                document.insert(column.name.clone(), levels[(i * 7 + f * 3) % levels.len()].to_bson());
            }
            document.insert("_id", format!("{i:032x}"));
            document.insert("_netsec", doc! { "source": "sample" });
            document
        })
        .collect()
}

pub fn pushed() -> Pushed {
    Pushed {
        source: "sample".to_owned(),
        read: 10_003,
        inserted: 10_000,
        unchanged: 0,
        rejected: 3,
        first_rejections: vec![Rejection { line: 17, reason: "URL_Length: \"7\" is not one of -1, 0, 1".to_owned() }],
        notes: Vec::new(),
    }
}

pub fn spaces() -> Spaces {
    let grid = |n: [usize; 6]| Family::ALL.into_iter().zip(n).collect::<Vec<_>>();
    Spaces {
        default: "standard".to_owned(),
        folds: 3,
        spaces: vec![("quick".to_owned(), grid([1; 6])), ("standard".to_owned(), grid([3, 6, 12, 4, 8, 8]))],
    }
}

fn params(pairs: &[(&str, f64)]) -> Params {
    Params(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect())
}

pub fn test_scores(f1: f64) -> TestScores {
    TestScores {
        precision: f1 + 0.004,
        recall: f1 - 0.004,
        f1,
        accuracy: f1 + 0.01,
        roc_auc: Some(0.989),
        pr_auc: Some(0.987),
        log_loss: 0.142,
        brier: 0.041,
        f1_ci: [f1 - 0.012, f1 + 0.011],
        confusion: Confusion { true_positive: 812, false_positive: 41, false_negative: 49, true_negative: 1_014 },
    }
}

/// A run of all families, under way or to its end.
pub fn journal(whole: bool) -> Vec<Stamped> {
    let mut events = Vec::new();
    let mut ms = 0;
    let mut add = |event: Event| {
        let at = super::now() - chrono::TimeDelta::milliseconds(41_000 - ms);
        ms += 90;
        let at = at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        events.push(Stamped { v: JOURNAL_VERSION, seq: events.len() as u64, at, event });
    };
    add(Event::RunStarted { families: Family::ALL.to_vec(), folds: 3 });
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
    let spaces = spaces();
    let grid = &spaces.spaces[1].1;
    for (f, (family, trials)) in grid.iter().enumerate() {
        add(Event::SearchStarted { family: *family, trials: *trials as u32 });
        // The last one but one fails, the last is under way.
        let (done, last) = match (f, whole) {
            (4, _) => (2, true),
            (5, false) => (5, false),
            _ => (*trials, true),
        };
        for trial in 0..done {
            let params = params(&[("learning_rate", 0.05 * (trial + 1) as f64), ("max_depth", 3.0 + trial as f64)]);
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
                add(Event::FoldScored { family: *family, trial: trial as u32, fold: fold as u32, f1: *f1 });
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
                cv_f1: 0.9,
                cv_sd: 0.005,
                fit_ms: 320,
            });
        } else {
            add(Event::TrialStarted {
                family: *family,
                trial: done as u32,
                params: params(&[("learning_rate", 0.1), ("max_depth", 6.0)]),
            });
            add(Event::FoldScored { family: *family, trial: done as u32, fold: 0, f1: 0.946 });
            add(Event::Progressed { family: *family, trial: done as u32, fold: 1, step: 40, of: 200, loss: Some(0.3) });
        }
    }
    if whole {
        for (f, family) in Family::ALL.into_iter().enumerate().filter(|(f, _)| *f != 4) {
            add(Event::ModelTested { family, test: test_scores(0.9 + 0.008 * f as f64) });
        }
        add(Event::RunFinished { winner: Family::GradientBoosting });
    }
    events
}

pub fn manifest() -> Manifest {
    Manifest {
        v: 1,
        run: RUN.to_owned(),
        started_at: "2026-11-18T14:02:00.000Z".to_owned(),
        user: "user".to_owned(),
        host: "ip-10-0-1-7".to_owned(),
        version: "0.1.0".to_owned(),
        database: "netsec".to_owned(),
        collection: "NetworkData".to_owned(),
        schema_hash: "ab".to_owned(),
        data_hash: None,
        seed: 1,
        folds: 3,
        salt: "netsec-1".to_owned(),
        holdout: 0.2,
        imputation: Imputation { strategy: Strategy::Knn, neighbours: 3, reference: 5000 },
        space: "standard".to_owned(),
        search: Vec::new(),
    }
}

pub fn state(whole: bool) -> RunState {
    RunState::replay(&journal(whole))
}

pub fn row(id: &str, status: RunStatus) -> RunRow {
    let finished = status == RunStatus::Finished;
    RunRow {
        id: id.to_owned(),
        started_at: "2026-11-18T14:02:00.000Z".to_owned(),
        status,
        who: "user@ip-10-0-1-7".to_owned(),
        database: "netsec".to_owned(),
        collection: "NetworkData".to_owned(),
        space: "standard".to_owned(),
        seed: 1,
        folds: 3,
        holdout: "netsec/NetworkData/0.2/netsec-1".to_owned(),
        trials: (if finished { 41 } else { 20 }, 41),
        best: Some((Family::GradientBoosting, 0.9471, 0.0062)),
        test: finished.then_some((0.94, [0.928, 0.951])),
        elapsed_ms: 41_000,
        models: if finished { vec![Family::GradientBoosting, Family::RandomForest] } else { Vec::new() },
        failure: (status == RunStatus::Failed)
            .then(|| ("the disk is full".to_owned(), Some("free some space".to_owned()))),
    }
}

pub fn rows() -> Vec<RunRow> {
    vec![
        row(RUN, RunStatus::Finished),
        RunRow {
            started_at: "2026-11-17T09:12:00.000Z".to_owned(),
            seed: 2,
            ..row("5be0c4aa0001", RunStatus::Interrupted)
        },
        RunRow { started_at: "2026-11-16T22:40:00.000Z".to_owned(), ..row("9c01d2aa0002", RunStatus::Failed) },
        RunRow { test: Some((0.931, [0.919, 0.943])), ..row("aa12beaa0003", RunStatus::Finished) },
    ]
}

pub fn report() -> Report {
    let model = |family, f1: f64, trials| ModelReport {
        family,
        params: params(&[("learning_rate", 0.1), ("max_depth", 6.0)]),
        trials,
        cv_f1: f1 + 0.007,
        cv_sd: 0.0062,
        fit_ms: 1_240,
        test: test_scores(f1),
    };
    Report {
        run: RUN.to_owned(),
        status: RunStatus::Finished,
        winner: Family::GradientBoosting,
        seed: 1,
        data: state(true).data.unwrap(),
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

pub fn detail() -> Detail {
    let log = state(true).log.into_iter().map(|l| (l.at, l.text)).collect();
    Detail { row: row(RUN, RunStatus::Finished), report: Some(report()), log }
}

pub fn model() -> ModelInfo {
    ModelInfo {
        run: RUN.to_owned(),
        family: Family::GradientBoosting,
        winner: Family::GradientBoosting,
        families: vec![Family::GradientBoosting, Family::RandomForest],
        schema: Arc::new(schema()),
    }
}

pub fn scored(pasted: bool) -> Scored {
    let schema = schema();
    let features = schema
        .features
        .iter()
        .enumerate()
        .map(|(i, column)| {
            let value = column.levels()[0].to_string();
            FeatureUse {
                name: column.name.clone(),
                meaning: column.level_meaning(&value).unwrap_or("").to_owned(),
                value,
                origin: match i {
                    3 | 7 => Origin::Imputed,
                    5 => Origin::OutOfDomain("\"7\" is not one of -1, 1".to_owned()),
                    _ => Origin::Given,
                },
            }
        })
        .collect();
    let values = schema.features.iter().map(|c| (c.name.clone(), c.levels()[0].to_string())).collect();
    Scored {
        verdict: Verdict { probability: 0.981, positive: true, threshold: 0.5, features, seen: [1, 13] },
        record: Record { values },
        ignored: 0,
        unlogged: None,
        pasted,
    }
}
