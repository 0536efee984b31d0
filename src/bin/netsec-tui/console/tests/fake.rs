//! A world that answers every effect at once and always the same.

pub mod compare;
pub mod drift;
pub mod fields;
mod journal;
pub mod models;
mod report;
pub mod verdict;

use super::super::app::App;
use super::super::load::Notice;
use super::super::msg::data::{Database, Fetched};
use super::super::msg::drift::{Drifted, Sides};
use super::super::msg::predict::ModelInfo;
use super::super::msg::runs::{Detail, Edited, RunRow};
use super::super::msg::train::{Heard, Spaces};
use super::super::msg::{self, Answer, Effect, JobId, Msg, data, predict, runs, train};
use super::super::update::update;
use bson::{Document, doc};
use journal::{STANDARD, grid, search};
pub use journal::{journal, manifest, state, wide};
use netsec::event::{Family, Params};
use netsec::host::{Figures, Memory, Usage};
use netsec::predict::Chosen;
use netsec::promote::{Outcome, Step};
use netsec::push::{Progress, Pushed, Rejection};
use netsec::registry::Action;
use netsec::run::trash::Trashed;
use netsec::run::{Hand, RunDir, RunStatus};
use netsec::schema::{BUILT_IN, Schema};
use netsec::store::{CollectionInfo, CollectionKind, Plan, Stage};
pub use report::{chosen, nine, old, report};
use std::path::PathBuf;
use std::sync::Arc;

pub const RUN: &str = "7f3a21bc90ef";

/// What there is in it.
#[derive(Default)]
pub struct World {
    pub rows: u64,
    pub started: bool,
    /// Whether every question fails.
    pub broken: bool,
    /// The runs that were deleted.
    pub trash: Vec<String>,
    /// The threshold that was set.
    pub chosen: Option<Chosen>,
    /// What the gate says; that nothing differs, where none is named.
    pub outcome: Option<Outcome>,
    /// Whether the registry has objects that differ from their hashes.
    pub corrupt: bool,
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

    fn compared(&self, sides: &Sides) -> Result<Drifted, Notice> {
        let wrong = |name: &&String| name.starts_with("nothing");
        if let Some(name) = sides.reference.iter().chain(&sides.current).find(wrong) {
            let error = netsec::Error::user(format!("there is no collection, run or file {name:?}"));
            return Err(error.hint("name a collection, a run, champion, or a file").into());
        }
        if !self.started && sides.reference.is_none() {
            return Err(netsec::monitor::no_champion().into());
        }
        self.result(drift::drifted(drift::report()))
    }

    fn result<T>(&self, value: T) -> Result<T, Notice> {
        if self.broken { Err(failure()) } else { Ok(value) }
    }

    fn answers(&mut self, effect: Effect) -> Vec<(JobId, Answer)> {
        let with = |job, answer: Answer| vec![(job, answer)];
        match effect {
            Effect::Data(job, data::Ask::Push(..)) => {
                let pushed = self.result(Box::new(pushed()));
                if pushed.is_ok() {
                    self.rows = 10_000;
                }
                let progress = Progress { rows: 10_000, bytes: None };
                vec![(job, data::Answer::PushProgress(progress).into()), (job, data::Answer::Pushed(pushed).into())]
            }
            Effect::Train(job, train::Ask::Follow(_)) => {
                let first = Heard { events: journal(false), alive: true, manifest: Some(Box::new(manifest())) };
                let rest = journal(true).split_off(first.events.len());
                let last = Heard { events: rest, alive: false, manifest: None };
                let heard = |heard| (job, train::Answer::Heard(self.result(Box::new(heard))).into());
                vec![heard(first), (job, train::Answer::Host(figures()).into()), heard(last)]
            }
            Effect::Data(job, ask) => with(job, self.data(ask).into()),
            Effect::Drift(job, ask) => with(job, self.drift(ask).into()),
            Effect::Train(job, ask) => with(job, self.train(ask).into()),
            Effect::Runs(job, ask) => with(job, self.runs(ask).into()),
            Effect::Models(job, msg::models::Ask::Promote { reason, .. }) => {
                let (alias, reason) = (netsec::promote::PRODUCTION, reason);
                let steps = [Step::Gate, Step::Upload(20_000, 82_000), Step::Upload(82_000, 82_000), Step::Verify];
                let steps =
                    steps.into_iter().chain([Step::Record]).map(|step| (job, msg::models::Answer::Step(step).into()));
                let done = self.result(models::promoted(alias, &reason));
                steps.chain([(job, msg::models::Answer::Changed(done).into())]).collect()
            }
            Effect::Models(job, ask) => with(job, self.models(ask).into()),
            Effect::Predict(job, ask) => with(job, self.predict(&ask).into()),
            Effect::Unfollow
            | Effect::Stop(_)
            | Effect::Watch(_)
            | Effect::Connect(..)
            | Effect::Switch(_)
            | Effect::Remember(..)
            | Effect::Copy(_)
            | Effect::Notify(..)
            | Effect::Suspend
            | Effect::Leave => Vec::new(),
        }
    }

    fn data(&self, ask: data::Ask) -> data::Answer {
        use data::{Answer, Ask};
        match ask {
            Ask::Catalog => Answer::Catalog(self.result(catalog(self.rows))),
            Ask::Fetch(..) => {
                let page = Fetched { documents: documents(40), next: None, schema: Arc::new(schema()) };
                Answer::Page(self.result(Box::new(page)))
            }
            Ask::Count(..) => Answer::Count(self.result(self.rows)),
            Ask::Plan(..) => Answer::Plan(self.result(Some(plan()))),
            Ask::Fields(..) => Answer::Fields(self.result(Box::new(fields::warned()))),
            Ask::Export(view, path) => {
                let exported = netsec::export::Exported { rows: self.rows, bytes: Some(1_234), columns: Vec::new() };
                Answer::Exported(self.result(super::super::screen::data::saved(&view.namespace, &path, &exported)))
            }
            Ask::Push(..) => unreachable!("it has several answers"),
        }
    }

    fn drift(&self, ask: msg::drift::Ask) -> msg::drift::Answer {
        use msg::drift::{Answer, Ask};
        match ask {
            Ask::Compare(sides) => Answer::Compared(self.compared(&sides)),
            Ask::Production => Answer::Production(None),
            Ask::Kept(_) => Answer::Kept(self.result(drift::drifted(drift::worse()))),
            Ask::Export(_) => {
                let path = PathBuf::from("/srv/netsec/reports/drift-2026-11-18-140211.yaml");
                Answer::Exported(self.result(vec![path]))
            }
        }
    }

    fn train(&mut self, ask: train::Ask) -> train::Answer {
        use train::{Answer, Ask};
        match ask {
            Ask::Spaces => Answer::Spaces(self.result(spaces())),
            Ask::Start(_) => {
                self.started = !self.broken;
                Answer::Started(self.result(RUN.to_owned()))
            }
            Ask::Follow(_) => unreachable!("it has several answers"),
        }
    }

    fn runs(&mut self, ask: runs::Ask) -> runs::Answer {
        use runs::{Answer, Ask};
        match ask {
            Ask::List => {
                let mut all = if self.started { rows() } else { Vec::new() };
                all.retain(|run| !self.trash.contains(&run.id));
                Answer::List(self.result(all))
            }
            Ask::Bin => Answer::Bin(self.result(self.trash.iter().map(|id| trashed(id)).collect())),
            Ask::Note(..) | Ask::Tags(..) | Ask::Export { .. } => Answer::Edited(self.result(Edited {
                text: "written down".to_owned(),
                deleted: Vec::new(),
                restored: Vec::new(),
            })),
            Ask::Trash(ids) => {
                self.trash.extend(ids.iter().cloned());
                let text = "in the trash · u has it back".to_owned();
                Answer::Edited(self.result(Edited { text, deleted: ids, restored: Vec::new() }))
            }
            Ask::Restore(ids) => {
                self.trash.retain(|id| !ids.contains(id));
                let text = "back".to_owned();
                Answer::Edited(self.result(Edited { text, deleted: Vec::new(), restored: ids }))
            }
            Ask::Cancel(_) | Ask::Resume(..) => Answer::Asked(self.result("asked".to_owned())),
            Ask::Compare(entrants) => Answer::Compared(self.result(Arc::new(compare::several(&entrants)))),
            Ask::WriteComparison(_, path) => {
                Answer::ComparisonWritten(self.result(PathBuf::from("/srv/netsec/reports").join(path)))
            }
            Ask::Detail(_) => Answer::Detail(self.result(Box::new(detail()))),
            Ask::Thresholds(..) => Answer::Thresholds(self.result(self.chosen.iter().cloned().collect())),
            Ask::SetThreshold(_, family, choice) => {
                let set = chosen(family, choice);
                if !self.broken {
                    self.chosen = Some(set.clone());
                }
                Answer::Threshold(self.result(Box::new(set)))
            }
        }
    }

    fn models(&self, ask: msg::models::Ask) -> msg::models::Answer {
        use msg::models::{Answer, Ask};
        match ask {
            Ask::Read if self.started => Answer::Read(self.result(Box::new(models::overview()))),
            Ask::Read => Answer::Read(self.result(Box::new(models::empty()))),
            Ask::Consider(challenger, alias) => {
                let outcome = self.outcome.unwrap_or(Outcome::NotDistinguishable);
                Answer::Considered(self.result(Box::new(models::judgement(&challenger, &alias, outcome))))
            }
            Ask::Promote { .. } => unreachable!("it has several answers"),
            Ask::Rollback { alias, to, reason } => {
                Answer::Changed(self.result(models::rolled_back(&alias, to, &reason)))
            }
            Ask::Retire(n, why) => Answer::Changed(self.result(models::noted(Action::Retire, n, &why))),
            Ask::Annotate(n, text) => Answer::Changed(self.result(models::noted(Action::Annotate, n, &text))),
            Ask::Verify => Answer::Verified(self.result(models::checked(self.corrupt))),
        }
    }

    fn predict(&self, ask: &predict::Ask) -> predict::Answer {
        use predict::{Answer, Ask};
        match ask {
            Ask::Model(..) if !self.started => Answer::Model(Err(failure())),
            Ask::Model(..) => Answer::Model(self.result(Box::new(model()))),
            Ask::Score(_, _, input) => Answer::Scored(self.result(Box::new(verdict::scored(input)))),
            Ask::Why(_, family, record) => Answer::Why(self.result(Box::new(verdict::why(*family, record)))),
            Ask::Near(_, _, record) => Answer::Near(self.result(verdict::near(record))),
            Ask::Past(words) => Answer::Past(self.result(verdict::past(words))),
            Ask::Batch { output, .. } => Answer::Batched(self.result(Box::new(verdict::batched(output)))),
        }
    }
}

/// Through an index that does not narrow the filter.
pub fn plan() -> Plan {
    let stage =
        |name: &str, index: Option<&str>| Stage { name: name.to_owned(), index: index.map(str::to_owned), whole: true };
    Plan { stages: vec![stage("IXSCAN", Some("_id_")), stage("FETCH", None)], filtered: true }
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
        kind: CollectionKind::Plain,
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

/// A small space, the default one of six families, and one of all that halves.
pub fn spaces() -> Spaces {
    let named = |name: &str, search| (name.to_owned(), search);
    Spaces {
        default: "standard".to_owned(),
        folds: 3,
        spaces: vec![named("quick", grid(&[1; 6])), named("standard", grid(&STANDARD)), named("wide", search())],
    }
}

/// What a busy host is using.
pub fn figures() -> Figures {
    Figures {
        cpu: Some(0.968),
        memory: Some(Memory { used: 3_100_000_000, total: 24_700_000_000 }),
        process: Some(Usage { cpu: Some(0.91), memory: 212_000_000 }),
    }
}

/// Whole numbers are such, as those that a file holds.
pub fn params(pairs: &[(&str, f64)]) -> Params {
    let value = |v: f64| if v.fract() == 0.0 { (v as i64).into() } else { v.into() };
    Params(pairs.iter().map(|(n, v)| ((*n).to_owned(), value(*v))).collect())
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
        recall: finished.then_some(0.951),
        families: vec![Family::RandomForest, Family::GradientBoosting],
        window: Default::default(),
        resampling: None,
        stopped_after: None,
        note: None,
        tags: Vec::new(),
        elapsed_ms: 41_000,
        drift: finished.then(|| drift::summary(2, Some(false))),
        models: if finished { vec![Family::GradientBoosting, Family::RandomForest] } else { Vec::new() },
        failure: (status == RunStatus::Failed)
            .then(|| ("the disk is full".to_owned(), Some("free some space".to_owned()))),
        unfit: false,
    }
}

pub fn rows() -> Vec<RunRow> {
    vec![
        row(RUN, RunStatus::Finished),
        RunRow {
            started_at: "2026-11-17T09:12:00.000Z".to_owned(),
            seed: 2,
            drift: Some(drift::summary(19, Some(true))),
            ..row("5be0c4aa0001", RunStatus::Interrupted)
        },
        RunRow {
            started_at: "2026-11-16T22:40:00.000Z".to_owned(),
            drift: Some(drift::summary(4, None)),
            ..row("9c01d2aa0002", RunStatus::Failed)
        },
        RunRow { test: Some((0.931, [0.919, 0.943])), drift: None, ..row("aa12beaa0003", RunStatus::Finished) },
    ]
}

fn trashed(id: &str) -> Trashed {
    let dir = RunDir { id: id.to_owned(), path: PathBuf::from("/srv/netsec/runs/.trash").join(id) };
    let by = Hand { who: "ana@ip-10-0-1-7".to_owned(), at: "2026-11-18T13:40:00.000Z".to_owned() };
    Trashed { dir, by: Some(by), what: "NetworkData · standard".to_owned() }
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
        hash: "f00d".to_owned(),
        release: None,
        sample: None,
        note: None,
    }
}
