//! What the app asks for, done on tokio; the answers come back as messages.

mod drift;
mod fields;

use super::load::{Notice, Tone};
use super::msg::{
    Answer, Database, Detail, Effect, Fetched, Heard, JobId, ModelInfo, Msg, Plan, RunRow, ScoreInput, Scored, Source,
    Spaces,
};
use crate::context::Context;
use netsec::event::Family;
use netsec::predict::{self, Chosen, LogEntry, Predictor, append_log, parse_paste};
use netsec::push::Pushed;
use netsec::run::{Catalog, Follower, Listing, RunDir, RunStatus};
use netsec::settings::Home;
use netsec::source::Rows;
use netsec::store::{Namespace, Query};
use netsec::{Error, Result, run};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

/// How often a living run's journal is read.
const FOLLOW: Duration = Duration::from_millis(150);

/// The model that was used last: loading one takes longer than scoring with it.
type Loaded = Arc<Mutex<Option<Arc<Predictor>>>>;

/// Does effects.
pub struct Effects {
    context: Context,
    out: UnboundedSender<Msg>,
    follower: Option<JoinHandle<()>>,
    loaded: Loaded,
    known: Arc<Mutex<Catalog>>,
}

impl Effects {
    pub fn new(context: Context, out: UnboundedSender<Msg>) -> Self {
        Self { context, out, follower: None, loaded: Loaded::default(), known: Arc::default() }
    }

    /// Starts an effect. Those that touch the terminal are not done here.
    pub fn run(&mut self, effect: Effect) {
        let context = self.context.clone();
        let home = context.home.clone();
        match effect {
            Effect::Catalog(job) => {
                self.spawn(job, async move { Answer::Catalog(catalog(&context).await.map_err(Notice::from)) });
            }
            Effect::Fetch(job, namespace, query) => self.spawn(job, async move {
                Answer::Page(fetch(&context, &namespace, &query).await.map(Box::new).map_err(Notice::from))
            }),
            Effect::Count(job, namespace, filter) => self.spawn(job, async move {
                Answer::Count(context.store.count(&namespace, &filter).await.map_err(Notice::from))
            }),
            Effect::Fields(job, namespace) => self.spawn(job, async move {
                Answer::Fields(fields::read(&context, namespace).await.map(Box::new).map_err(Notice::from))
            }),
            Effect::Push(job, namespace, source) => {
                let out = self.out.clone();
                self.spawn(job, async move {
                    let progress = move |p| {
                        let _ = out.send(Msg::Done(job, Answer::PushProgress(p)));
                    };
                    Answer::Pushed(
                        push(&context, &namespace, source, &progress).await.map(Box::new).map_err(Notice::from),
                    )
                });
            }
            Effect::Spaces(job) => self.blocking(job, move || spaces(&context), Answer::Spaces),
            Effect::Start(job, request) => self.blocking(
                job,
                move || {
                    let schema = context.schema(&request.namespace)?;
                    let dir = run::create(
                        &context.home,
                        context.settings(),
                        &schema,
                        &context.training()?,
                        &context.quality()?,
                        &request,
                    )?;
                    dir.start_worker(&context.home, None)?;
                    Ok(dir.id)
                },
                Answer::Started,
            ),
            Effect::Follow(job, id) => {
                self.unfollow();
                self.follower = Some(tokio::spawn(follow(home, id, job, self.out.clone())));
            }
            Effect::Unfollow => self.unfollow(),
            Effect::Runs(job) => {
                let known = Arc::clone(&self.known);
                self.blocking(job, move || runs(&home, &known), Answer::Runs);
            }
            Effect::Cancel(job, id) => self.blocking(
                job,
                move || {
                    let dir = run::find(&home, &id)?;
                    dir.cancel()?;
                    Ok(format!("asked run {} to stop; it looks between trials, folds and trees", short(&dir.id)))
                },
                Answer::Asked,
            ),
            Effect::Resume(job, id, accept) => self.blocking(
                job,
                move || {
                    let dir = run::find(&home, &id)?;
                    if accept {
                        dir.accept_validation()?;
                    }
                    dir.start_worker(&home, None)?;
                    Ok(format!("run {} goes on", short(&dir.id)))
                },
                Answer::Asked,
            ),
            Effect::Detail(job, id) => {
                self.blocking(job, move || detail(&run::find(&home, &id)?).map(Box::new), Answer::Detail);
            }
            Effect::Thresholds(job, id, families) => {
                self.blocking(job, move || thresholds(&run::find(&home, &id)?, &families), Answer::Thresholds);
            }
            Effect::SetThreshold(job, id, family, choice) => {
                let loaded = self.loaded.clone();
                self.blocking(
                    job,
                    move || {
                        let chosen = predict::set_threshold(&run::find(&home, &id)?, Some(family), choice)?;
                        // It has the threshold of before.
                        *loaded.lock().unwrap_or_else(PoisonError::into_inner) = None;
                        Ok(Box::new(chosen))
                    },
                    Answer::Threshold,
                );
            }
            Effect::Model(job, id, family) => {
                let loaded = self.loaded.clone();
                self.blocking(job, move || model(&home, id.as_deref(), family, &loaded).map(Box::new), Answer::Model);
            }
            Effect::Score(job, id, family, input) => {
                let loaded = self.loaded.clone();
                self.blocking(job, move || score(&home, &id, family, input, &loaded).map(Box::new), Answer::Scored);
            }
            Effect::Drift(job, sides) => self
                .spawn(job, async move { Answer::Drift(drift::compare(&context, &sides).await.map_err(Notice::from)) }),
            Effect::RunDrift(job, id) => {
                self.blocking(job, move || drift::kept(&run::find(&home, &id)?), Answer::RunDrift);
            }
            Effect::Export(job, report) => {
                self.blocking(job, move || drift::export(&home, &report), Answer::Exported);
            }
            Effect::Copy(_) | Effect::Suspend | Effect::Leave => {}
        }
    }

    fn unfollow(&mut self) {
        if let Some(task) = self.follower.take() {
            task.abort();
        }
    }

    /// A task whose answer is sent, also when it panics.
    fn spawn(&self, job: JobId, work: impl Future<Output = Answer> + Send + 'static) {
        let out = self.out.clone();
        tokio::spawn(async move {
            let answer = work.await;
            let _ = out.send(Msg::Done(job, answer));
        });
    }

    /// File work, off the threads that answer keys.
    fn blocking<T: Send + 'static>(
        &self,
        job: JobId,
        work: impl FnOnce() -> Result<T> + Send + 'static,
        wrap: fn(Result<T, Notice>) -> Answer,
    ) {
        self.spawn(job, async move { wrap(blocking(work).await) });
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T, Notice> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Notice::from),
        Err(panic) => {
            Err(Notice::new(Tone::Bad, format!("a background task failed: {panic}")).hint("this is a defect of netsec"))
        }
    }
}

fn short(id: &str) -> &str {
    id.get(..6).unwrap_or(id)
}

async fn catalog(context: &Context) -> Result<Vec<Database>> {
    let mut databases = Vec::new();
    for name in context.store.databases().await? {
        let collections = context.store.collections(&name).await?;
        databases.push(Database { name, collections });
    }
    Ok(databases)
}

async fn fetch(context: &Context, namespace: &Namespace, query: &Query) -> Result<Fetched> {
    let schema = Arc::new(context.schema(namespace)?);
    let page = context.store.find(namespace, query).await?;
    Ok(Fetched { documents: page.documents, next: page.next, schema })
}

async fn push(
    context: &Context,
    namespace: &Namespace,
    source: Source,
    progress: &(dyn Fn(netsec::push::Progress) + Send + Sync),
) -> Result<Pushed> {
    let schema = context.schema(namespace)?;
    let opened = tokio::task::spawn_blocking(move || match source {
        Source::Sample { rows, seed } => netsec::sample::rows(rows, seed, &[]),
        Source::File(path) => Rows::open(&expand(&path), None),
    });
    let rows = opened.await.map_err(|e| Error::internal("the reader panicked").caused_by(e))??;
    context.remember_schema(namespace, &schema).await?;
    let pushed = netsec::push::push(context.store.as_ref(), namespace, &schema, rows, progress).await;
    if pushed.as_ref().map_or(true, |p| p.rejected == p.read) {
        context.forget_unused_schema(namespace).await?;
    }
    pushed
}

/// A path as typed: quotes from a drag and drop, and the home directory.
fn expand(path: &str) -> PathBuf {
    let path = path.trim().trim_matches(['\'', '"']);
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}

fn spaces(context: &Context) -> Result<Spaces> {
    let training = context.training()?;
    let mut spaces = Vec::new();
    for name in training.spaces() {
        spaces.push((name.to_owned(), training.search(name, &[], 1)?.iter().map(Plan::from).collect()));
    }
    Ok(Spaces { default: training.default_space.clone(), folds: training.folds, spaces })
}

fn runs(home: &Home, known: &Mutex<Catalog>) -> Result<Vec<RunRow>> {
    let Listing { entries, unreadable } = known.lock().unwrap_or_else(PoisonError::into_inner).list(home)?;
    let mut rows: Vec<RunRow> = entries.iter().map(RunRow::from).collect();
    // What cannot be read is shown too, with the reason: a run never just disappears.
    rows.extend(unreadable.into_iter().map(|(dir, error)| RunRow {
        id: dir.id,
        started_at: String::new(),
        status: RunStatus::Failed,
        who: String::new(),
        database: String::new(),
        collection: "unreadable".to_owned(),
        space: String::new(),
        seed: 0,
        folds: 0,
        holdout: Default::default(),
        trials: (0, 0),
        best: None,
        test: None,
        elapsed_ms: 0,
        drift: None,
        models: Vec::new(),
        failure: Some((error.to_string(), error.hint_text().map(str::to_owned))),
        unfit: false,
    }));
    Ok(rows)
}

fn detail(dir: &RunDir) -> Result<Detail> {
    let entry = run::entry(dir)?;
    let report = dir.report()?.filter(|_| entry.status == RunStatus::Finished);
    let log = entry.state.log.iter().map(|l| (l.at.clone(), l.text.clone())).collect();
    Ok(Detail { row: RunRow::from(&entry), report, log })
}

/// The thresholds of models that have one that can be told: a run of an older version has kept no folds' curve.
fn thresholds(dir: &RunDir, families: &[Family]) -> Result<Vec<Chosen>> {
    Ok(families.iter().filter_map(|family| predict::threshold(dir, Some(*family)).ok()).collect())
}

fn load(home: &Home, id: &str, family: Option<Family>, loaded: &Loaded) -> Result<Arc<Predictor>> {
    let mut slot = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(predictor) = slot.as_ref().filter(|p| p.run == id && Some(p.family) == family) {
        return Ok(predictor.clone());
    }
    let predictor = Arc::new(Predictor::load(&run::find(home, id)?, family)?);
    *slot = Some(predictor.clone());
    Ok(predictor)
}

fn model(home: &Home, id: Option<&str>, family: Option<Family>, loaded: &Loaded) -> Result<ModelInfo> {
    let dir = match id {
        Some(id) => run::find(home, id)?,
        None => run::newest_finished(home)?,
    };
    let predictor = load(home, &dir.id, family, loaded)?;
    let report = dir.report()?;
    Ok(ModelInfo {
        run: dir.id.clone(),
        family: predictor.family,
        winner: report.as_ref().map_or(predictor.family, |r| r.winner),
        families: report.map_or_else(Vec::new, |r| r.models.iter().map(|m| m.family).collect()),
        schema: Arc::new(predictor.schema.clone()),
    })
}

fn score(home: &Home, id: &str, family: Family, input: ScoreInput, loaded: &Loaded) -> Result<Scored> {
    let predictor = load(home, id, Some(family), loaded)?;
    let (record, ignored, pasted) = match input {
        ScoreInput::Record(record) => (record, 0, false),
        ScoreInput::Text(text) => {
            let mut records = parse_paste(&predictor.schema, &text)?;
            if records.is_empty() {
                return Err(Error::data("there is no row in what was pasted"));
            }
            let first = records.remove(0);
            (first, records.len(), true)
        }
    };
    let begun = Instant::now();
    let verdict = predictor.score(&record)?;
    let latency = begun.elapsed();
    // What was asked is logged; playing with values is not.
    let unlogged = pasted
        .then(|| append_log(home, &[LogEntry::new(&predictor, &record, verdict.probability, latency)]))
        .and_then(Result::err)
        .map(Notice::from);
    Ok(Scored { verdict, record, ignored, unlogged, pasted })
}

/// Reads a run's journal as it grows. Ends with the worker: a run without one does not move.
async fn follow(home: Home, id: String, job: JobId, out: UnboundedSender<Msg>) {
    let found = blocking(move || {
        let dir = run::find(&home, &id)?;
        let manifest = Box::new(dir.manifest()?);
        Ok((dir, manifest))
    });
    let (dir, manifest) = match found.await {
        Ok(found) => found,
        Err(notice) => {
            let _ = out.send(Msg::Done(job, Answer::Heard(Err(notice))));
            return;
        }
    };
    let mut manifest = Some(manifest);
    let mut follower = Follower::new(dir.journal());
    loop {
        let dir = dir.clone();
        let polled = blocking(move || {
            // Asked in this order, what a worker wrote last is never missed.
            let alive = dir.is_alive();
            let events = follower.poll()?;
            Ok((follower, events, alive))
        });
        let alive = match polled.await {
            Ok((back, events, alive)) => {
                follower = back;
                if manifest.is_some() || !events.is_empty() || !alive {
                    let heard = Box::new(Heard { events, alive, manifest: manifest.take() });
                    let _ = out.send(Msg::Done(job, Answer::Heard(Ok(heard))));
                }
                alive
            }
            Err(notice) => {
                let _ = out.send(Msg::Done(job, Answer::Heard(Err(notice))));
                return;
            }
        };
        if !alive || out.is_closed() {
            return;
        }
        tokio::time::sleep(FOLLOW).await;
    }
}
