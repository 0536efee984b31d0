//! What the app asks for, done on tokio; the answers come back as messages.

mod compare;
mod data;
mod drift;
mod fields;
mod models;
mod predict;
mod runs;
mod store;
mod train;

use super::load::{Notice, Tone};
use super::memory::Memory;
use super::msg::{Answer, Effect, JobId, Msg};
use crate::context::{Context, read_only_connection};
use netsec::Result;
use netsec::predict::Predictor;
use netsec::run::Catalog;
use netsec::stop::Stop;
use netsec::store::{Bounds, DocumentStore};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{AbortHandle, JoinHandle};

/// The model that was used last: loading one takes longer than scoring with it.
type Loaded = Arc<Mutex<Option<Arc<Predictor>>>>;

/// Does effects.
pub struct Effects {
    context: Context,
    out: UnboundedSender<Msg>,
    follower: Option<JoinHandle<()>>,
    watcher: Option<JoinHandle<()>>,
    /// A connection that was opened and is not used yet.
    opened: store::Opened,
    loaded: Loaded,
    known: Arc<Mutex<Catalog>>,
    shelf: models::Shelf,
    /// Which state of the memory was written last.
    written: Arc<Mutex<Option<JobId>>>,
    /// What is under way, and the flags of those that look at one.
    tasks: HashMap<JobId, AbortHandle>,
    stops: HashMap<JobId, Stop>,
}

impl Effects {
    pub fn new(context: Context, out: UnboundedSender<Msg>) -> Self {
        Self {
            shelf: models::Shelf::new(context.clone()),
            context,
            out,
            follower: None,
            watcher: None,
            opened: store::Opened::default(),
            loaded: Loaded::default(),
            known: Arc::default(),
            written: Arc::default(),
            tasks: HashMap::new(),
            stops: HashMap::new(),
        }
    }

    /// Starts an effect. Those that touch the terminal are not done here.
    pub fn run(&mut self, effect: Effect) {
        if let Some(refused) = self.refused(&effect) {
            let _ = self.out.send(refused);
            return;
        }
        match effect {
            Effect::Data(job, ask) => data::run(self, job, ask),
            Effect::Drift(job, ask) => drift::run(self, job, ask),
            Effect::Train(job, ask) => train::run(self, job, ask),
            Effect::Runs(job, ask) => runs::run(self, job, ask),
            Effect::Models(job, ask) => models::run(self, job, ask),
            Effect::Predict(job, ask) => predict::run(self, job, ask),
            Effect::Unfollow => self.unfollow(),
            Effect::Watch(job) => self.watch(job),
            Effect::Connect(job, name) => self.connect(job, name),
            Effect::Switch(job) => self.switch(job),
            Effect::Stop(job) => self.end(job),
            Effect::Remember(job, memory) => self.remember(job, *memory),
            Effect::Copy(_) | Effect::Notify(..) | Effect::Suspend | Effect::Leave => {}
        }
    }

    /// The answer where something is read-only that the effect would change.
    fn refused(&self, effect: &Effect) -> Option<Msg> {
        if self.context.settings().read_only {
            return effect.refused(Notice::read_only);
        }
        let pushes = self.context.place.is_read_only() && matches!(effect, Effect::Data(..));
        let why = || read_only_connection(self.context.place.name()).into();
        if pushes { effect.refused(why) } else { None }
    }

    fn unfollow(&mut self) {
        if let Some(task) = self.follower.take() {
            task.abort();
        }
    }

    /// The flag that a job's work looks at between its steps: what blocks a thread cannot be ended from outside.
    fn stop(&mut self, job: JobId) -> Stop {
        self.stops.entry(job).or_default().clone()
    }

    /// The store, its reads bounded in time and by the job's flag.
    fn bounded(&mut self, job: JobId) -> Arc<dyn DocumentStore> {
        let seconds = self.context.settings().console.query_seconds;
        let stop = self.stop(job);
        self.context.store.bounded(Bounds::seconds(seconds, stop))
    }

    fn end(&mut self, job: JobId) {
        self.shelf.forget(job);
        if let Some(stop) = self.stops.remove(&job) {
            stop.set();
        }
        if let Some(task) = self.tasks.remove(&job) {
            task.abort();
        }
    }

    fn remember(&mut self, job: JobId, memory: Memory) {
        let path = self.context.home.console(&netsec::who::user());
        let written = Arc::clone(&self.written);
        let work = blocking(move || {
            // One after the other, and never an older state over a newer one.
            let mut last = written.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if last.is_some_and(|last| last > job) {
                return Ok(());
            }
            memory.write(&path)?;
            *last = Some(job);
            Ok(())
        });
        let out = self.out.clone();
        tokio::spawn(async move {
            if let Err(notice) = work.await {
                let _ = out.send(Msg::Done(job, Answer::Forgotten(notice)));
            }
        });
    }

    /// A task whose answer is sent, also when it panics.
    fn spawn<A: Into<Answer>>(&mut self, job: JobId, work: impl Future<Output = A> + Send + 'static) {
        self.tasks.retain(|_, task| !task.is_finished());
        // The flag of this one may be there before its task.
        self.stops.retain(|known, _| *known == job || self.tasks.contains_key(known));
        let out = self.out.clone();
        let task = tokio::spawn(async move {
            let answer = work.await.into();
            let _ = out.send(Msg::Done(job, answer));
        });
        self.tasks.insert(job, task.abort_handle());
    }

    /// File work, off the threads that answer keys.
    fn blocking<T: Send + 'static, A: Into<Answer> + 'static>(
        &mut self,
        job: JobId,
        work: impl FnOnce() -> Result<T> + Send + 'static,
        wrap: fn(Result<T, Notice>) -> A,
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
