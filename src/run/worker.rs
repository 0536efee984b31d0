//! The worker: the one process that moves a run on.

use super::{Journal, Manifest, RunDir, RunState, RunStatus};
use crate::connection::Place;
use crate::error::IoContext;
use crate::event::{Event, Stage, Stamped};
use crate::monitor::{self, Champion};
use crate::pipeline;
use crate::registry::{self, Handover, Registry};
use crate::settings::Home;
use crate::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often the worker looks for a `cancel` file.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long what is under way may take to stop by itself.
const GRACE: Duration = Duration::from_millis(50);
/// How long the registry may take to send the champion.
const PATIENCE: Duration = Duration::from_secs(60);
/// Room kept free for the last events of a run whose disk fills up, in bytes.
const RESERVE: usize = 32 * 1024;

/// The journal together with the state it amounts to.
#[derive(Debug)]
pub struct Recorder {
    journal: Journal,
    state: Mutex<RunState>,
}

impl Recorder {
    /// Goes on from a journal and the events already in it.
    pub fn new(journal: Journal, events: &[Stamped]) -> Self {
        Self { journal, state: Mutex::new(RunState::replay(events)) }
    }

    /// Writes an event, then applies it: nothing is believed that is not on disk.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn emit(&self, event: Event) -> Result<()> {
        // Held over both steps, so that events are applied in the order in which they were written.
        let mut state = self.state.lock().unwrap_or_else(|p| p.into_inner());
        let stamped = self.journal.append(event)?;
        state.apply(&stamped);
        Ok(())
    }

    /// Writes that the run was cancelled, unless it has ended already, and ends the process. What is under way is
    /// lost, as after a kill; what is in the journal stays.
    fn give_up(&self) -> ! {
        // Held to the end: nothing is written behind it.
        let state = self.state.lock().unwrap_or_else(|p| p.into_inner());
        if state.ended.is_none() {
            let _ = self.journal.append(Event::RunCancelled);
        }
        std::process::exit(0)
    }

    /// The state so far.
    pub fn state(&self) -> RunState {
        self.state.lock().unwrap_or_else(|p| p.into_inner()).clone()
    }
}

/// How a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Finished,
    Stopped,
    Cancelled,
}

/// Moves a run on to its end, or to the end of `until`. Called in the worker's process.
///
/// # Errors
/// What stopped the run; it is in the journal too, where the disk allowed it.
pub fn work(home: &Home, id: &str, until: Option<Stage>) -> Result<()> {
    let dir = super::find(home, id)?;
    let before = std::time::SystemTime::now();
    let _lock = dir.lock()?;
    // A cancel file from before is not meant for this worker; one written since the lock was taken is.
    let cancel = dir.file("cancel");
    if std::fs::metadata(&cancel).and_then(|m| m.modified()).is_ok_and(|at| at < before) {
        let _ = std::fs::remove_file(&cancel);
    }
    for place in [dir.path.clone(), dir.file("models")] {
        crate::files::remove_leftovers(&place);
    }
    let (journal, events) = Journal::open(&dir.journal())?;
    let recorder = Arc::new(Recorder::new(journal, &events));
    let state = recorder.state();
    if state.ended == Some(RunStatus::Finished) {
        return Err(Error::user(format!("run {id} is finished")).hint(format!("netsec-tui show {id}")));
    }
    let reserve = dir.file("reserve");
    std::fs::write(&reserve, vec![b' '; RESERVE]).at("writing", &reserve)?;
    let stop = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|e| Error::remote("no thread can be started").caused_by(e))?;
    runtime.spawn(watch(dir.file("cancel"), reserve.clone(), Arc::clone(&stop), Arc::clone(&recorder)));
    let stages = AssertUnwindSafe(|| stages(home, &dir, &recorder, &stop, until, &runtime));
    let result = catch_unwind(stages).unwrap_or_else(|_| {
        Err(Error::internal("a stage panicked").hint(format!("netsec-tui logs {id} shows where; please report it")))
    });
    // Whatever comes now must find room.
    let _ = std::fs::remove_file(&reserve);
    match result {
        Ok(End::Cancelled) => recorder.emit(Event::RunCancelled),
        Ok(End::Finished | End::Stopped) => Ok(()),
        Err(e) => {
            let reason = e.chain().join(": ");
            recorder.emit(Event::RunFailed { reason, hint: e.hint_text().map(str::to_owned) })?;
            Err(e)
        }
    }
}

/// Sets `stop` when the cancel file appears or the process is asked to end, and ends what does not stop in time.
async fn watch(cancel: PathBuf, reserve: PathBuf, stop: Arc<AtomicBool>, recorder: Arc<Recorder>) {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    let asked = async {
        while !cancel.exists() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        () = terminated => {}
        () = asked => {}
    }
    stop.store(true, Ordering::Relaxed);
    tokio::time::sleep(GRACE).await;
    let _ = std::fs::remove_file(&reserve);
    recorder.give_up()
}

fn stages(
    home: &Home,
    dir: &RunDir,
    recorder: &Recorder,
    stop: &AtomicBool,
    until: Option<Stage>,
    runtime: &tokio::runtime::Runtime,
) -> Result<End> {
    let mut manifest = dir.manifest()?;
    let before = recorder.state();
    if before.started_at.is_none() {
        let families = manifest.search.iter().map(|s| s.family).collect();
        recorder.emit(Event::RunStarted { families, folds: manifest.folds })?;
    } else {
        recorder.emit(Event::RunResumed { user: crate::who::user(), host: crate::who::host() })?;
    }
    for stage in Stage::ALL {
        if stop.load(Ordering::Relaxed) {
            return Ok(End::Cancelled);
        }
        if !before.stages.iter().any(|(done, _, _)| *done == stage) {
            recorder.emit(Event::StageStarted { stage })?;
            let started = Instant::now();
            let summary = match stage {
                Stage::Ingest => {
                    let store =
                        Place::handed_over(manifest.store.as_deref(), &|name| std::env::var(name).ok())?.open(home);
                    let halt = || stop.load(Ordering::Relaxed);
                    let done = runtime.block_on(pipeline::ingest(dir, &manifest, store.as_ref(), &halt))?;
                    for text in &done.notes {
                        recorder.emit(Event::Noted { text: text.clone() })?;
                    }
                    let (labelled, accepted) = (done.labelled(), done.accepted());
                    format!("{labelled} rows, {} unlabelled, {} refused", accepted - labelled, done.refused)
                }
                Stage::Validate => {
                    let done = pipeline::validate(dir, &manifest)?;
                    if let Some(who) = &done.accepted_by {
                        let text = format!("accepted by {who} all the same: {}", done.failures.join("; "));
                        recorder.emit(Event::Noted { text })?;
                    }
                    measure_drift(home, dir, &manifest, recorder, runtime)?;
                    let mut summary = done.status.word().to_owned();
                    if !done.warnings.is_empty() {
                        summary = format!("{summary}: {}", done.warnings.join("; "));
                    }
                    summary
                }
                Stage::Transform => {
                    let done = pipeline::transform(dir, &manifest)?;
                    manifest.data_hash = Some(done.data.hash.clone());
                    dir.write_manifest(&manifest)?;
                    let summary =
                        format!("{} vectors to train on, {} held out", done.train_vectors, done.data.holdout_vectors);
                    recorder.emit(Event::DataSplit { data: done.data })?;
                    summary
                }
                Stage::Train => {
                    pipeline::train(dir, &manifest, recorder, stop)?;
                    let state = recorder.state();
                    let models = state.families.iter().filter(|f| f.fit_ms.is_some()).count();
                    format!("{models} of {} families have a model", state.families.len())
                }
                Stage::Evaluate => {
                    let Some(report) = pipeline::evaluate(dir, &manifest, recorder, stop)? else {
                        return Ok(End::Cancelled);
                    };
                    let test = report.models.first().map_or(0.0, |m| m.test.f1);
                    format!("winner {}, hold-out F1 {test:.4}", report.winner)
                }
            };
            if stop.load(Ordering::Relaxed) && stage != Stage::Evaluate {
                return Ok(End::Cancelled);
            }
            recorder.emit(Event::StageFinished { stage, ms: started.elapsed().as_millis() as u64, summary })?;
        }
        if until == Some(stage) && stage != Stage::Evaluate {
            recorder.emit(Event::RunStopped { after: stage })?;
            return Ok(End::Stopped);
        }
    }
    let report = dir.report()?.ok_or_else(|| Error::internal("the run ended without a report"))?;
    recorder.emit(Event::RunFinished { winner: report.winner })?;
    Ok(End::Finished)
}

/// Holds the rows against the champion's. A run does not end because that is not possible.
fn measure_drift(
    home: &Home,
    dir: &RunDir,
    manifest: &Manifest,
    recorder: &Recorder,
    runtime: &tokio::runtime::Runtime,
) -> Result<()> {
    let note = |what: &str, e: &Error| {
        let text = format!("{what}: {}", e.chain().join(": "));
        recorder.emit(Event::Noted { text })
    };
    let found = match runtime.block_on(champion(home, dir)) {
        Ok(found) => found,
        Err(e) => return note("drift was not measured, the champion is not known", &e),
    };
    let Some(champion) = found.filter(|champion| champion.run() != dir.id) else { return Ok(()) };
    if let Some(text) = champion.notice() {
        recorder.emit(Event::Noted { text })?;
    }
    let measured = monitor::drift_of_run(dir, &champion, &manifest.quality.drift).and_then(|report| match report {
        None => Ok(None),
        Some(report) => {
            crate::files::write_atomic(&dir.file("drift.yaml"), report.to_yaml()?.as_bytes())?;
            Ok(Some(report.summary()))
        }
    });
    match measured {
        Ok(Some(drift)) => recorder.emit(Event::DriftMeasured { drift }),
        Ok(None) => Ok(()),
        Err(e) => note("drift could not be measured", &e),
    }
}

/// The champion in the registry that was handed over to this worker.
async fn champion(home: &Home, dir: &RunDir) -> Result<Option<Champion>> {
    let store = Handover::open(home, &|name| std::env::var(name).ok())?;
    let registry = Registry::open(store, &registry::name_of(&dir.schema()?), home.cache())?;
    tokio::time::timeout(PATIENCE, Champion::find(home, &registry)).await.unwrap_or_else(|_| {
        Err(Error::remote(format!("{} has not sent it within {} s", registry.place(), PATIENCE.as_secs())))
    })
}
