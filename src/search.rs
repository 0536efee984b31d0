//! Trials times folds: scored side by side, each with a random stream of its own, so that neither the number of
//! threads nor an interruption changes a byte of the result.

use crate::dataset::{Dataset, Encoded};
use crate::event::{Event, Family, Params};
use crate::metrics;
use crate::model::{Fit, FitError, Model, ModelFile};
use crate::run::{FamilyStatus, Manifest, Recorder, RunDir};
use crate::{Error, Result, files};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Least time between two progress events of a fit.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// One fold: fitted on `train`, scored on `valid`.
#[derive(Debug)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Dataset,
    /// Vectors to score.
    pub valid: Encoded,
    /// Their rows by label: negative, positive.
    pub counts: Vec<[u32; 2]>,
}

/// A search over the families and trials of a manifest.
pub struct Search<'a> {
    /// Where models go.
    pub dir: &'a RunDir,
    /// What to try.
    pub manifest: &'a Manifest,
    /// Who is told.
    pub recorder: &'a Recorder,
    /// Set when the search should end early.
    pub stop: &'a AtomicBool,
    /// The folds.
    pub folds: &'a [Fold],
    /// The whole training part.
    pub whole: &'a Dataset,
}

struct Job<'a> {
    family: Family,
    trial: u32,
    params: &'a Params,
}

/// What is left of a family.
struct Left {
    family: Family,
    trials: AtomicUsize,
}

impl Search<'_> {
    /// Runs every trial that is not finished yet, and fits each family's best.
    ///
    /// # Errors
    /// When the journal or a model cannot be written.
    pub fn run(&self) -> Result<()> {
        let before = self.recorder.state();
        let mut jobs = Vec::new();
        let mut left = Vec::new();
        for search in &self.manifest.search {
            let known = before.family(search.family);
            if known.is_some_and(|f| f.status == FamilyStatus::Done) && self.dir.model(search.family).is_file() {
                continue;
            }
            self.recorder.emit(Event::SearchStarted { family: search.family, trials: search.trials.len() as u32 })?;
            let open: Vec<Job<'_>> = search
                .trials
                .iter()
                .enumerate()
                .map(|(trial, params)| Job { family: search.family, trial: trial as u32, params })
                .filter(|job| known.is_none_or(|f| f.finished(job.trial).is_none()))
                .collect();
            left.push(Left { family: search.family, trials: AtomicUsize::new(open.len()) });
            jobs.extend(open);
        }
        // Families without an open trial only lack their final fit.
        for rest in left.iter().filter(|l| l.trials.load(Ordering::Relaxed) == 0) {
            self.finish(rest.family)?;
        }
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if self.stop.load(Ordering::Relaxed) {
                            return;
                        }
                        if let Err(e) = self.work(job, &left) {
                            // Without a journal nothing that follows would count.
                            self.stop.store(true, Ordering::Relaxed);
                            failure.lock().unwrap_or_else(|p| p.into_inner()).get_or_insert(e);
                            return;
                        }
                    }
                });
            }
        });
        match failure.into_inner().unwrap_or_else(|p| p.into_inner()) {
            Some(e) => Err(e),
            None => Ok(()),
        }
    }

    fn work(&self, job: &Job<'_>, left: &[Left]) -> Result<()> {
        let started = Instant::now();
        self.recorder.emit(Event::TrialStarted { family: job.family, trial: job.trial, params: job.params.clone() })?;
        match guarded(|| self.score(job)) {
            Ok(Ok(scores)) => self.recorder.emit(Event::TrialFinished {
                family: job.family,
                trial: job.trial,
                params: job.params.clone(),
                scores,
                ms: started.elapsed().as_millis() as u64,
            })?,
            Ok(Err(TrialError::Journal(e))) => return Err(e),
            Ok(Err(TrialError::Fit(FitError::Cancelled))) => return Ok(()),
            Ok(Err(TrialError::Fit(FitError::Impossible(reason)))) | Err(reason) => {
                self.recorder.emit(Event::TrialFailed { family: job.family, trial: job.trial, reason })?;
            }
        }
        if let Some(rest) = left.iter().find(|l| l.family == job.family)
            && rest.trials.fetch_sub(1, Ordering::AcqRel) == 1
        {
            self.finish(job.family)?;
        }
        Ok(())
    }

    /// F1 of a trial on each fold.
    fn score(&self, job: &Job<'_>) -> Result<Vec<f64>, TrialError> {
        let mut scores = Vec::with_capacity(self.folds.len());
        for (nth, fold) in self.folds.iter().enumerate() {
            let last = Mutex::new(Instant::now());
            let progress = |step: u32, of: u32, loss: Option<f64>| {
                let mut last = last.lock().unwrap_or_else(|p| p.into_inner());
                if step < of && last.elapsed() < PROGRESS_EVERY {
                    return;
                }
                *last = Instant::now();
                // A report that cannot be written shows at the next event that matters.
                let _ = self.recorder.emit(Event::Progressed {
                    family: job.family,
                    trial: job.trial,
                    fold: nth as u32,
                    step,
                    of,
                    loss,
                });
            };
            let purpose = format!("{} trial {} fold {nth}", job.family, job.trial);
            let fit = Fit { seed: self.manifest.seed, purpose: &purpose, stop: self.stop, progress: &progress };
            let model = Model::fit(job.family, job.params, &fold.train, &fit).map_err(TrialError::Fit)?;
            let mut probabilities = Vec::with_capacity(fold.valid.len());
            for i in 0..fold.valid.len() {
                if i % 256 == 0 {
                    fit.check().map_err(TrialError::Fit)?;
                }
                probabilities.push(model.probability(fold.valid.row(i)));
            }
            let f1 = metrics::f1(&fold.counts, &probabilities);
            scores.push(f1);
            self.recorder
                .emit(Event::FoldScored { family: job.family, trial: job.trial, fold: nth as u32, f1 })
                .map_err(TrialError::Journal)?;
        }
        Ok(scores)
    }

    /// Fits a family's best parameters on the whole training part and writes the model.
    fn finish(&self, family: Family) -> Result<()> {
        let state = self.recorder.state();
        let Some(known) = state.family(family) else { return Ok(()) };
        let Some(best) = known.best_trial() else {
            let reason = known.failed.first().map_or_else(|| "no trial".to_owned(), |(_, reason)| reason.clone());
            return self.recorder.emit(Event::FamilyFailed { family, reason: format!("every trial failed: {reason}") });
        };
        let started = Instant::now();
        let purpose = format!("{family} final");
        let fit = Fit { seed: self.manifest.seed, purpose: &purpose, stop: self.stop, progress: &|_, _, _| {} };
        match guarded(|| Model::fit(family, &best.params, self.whole, &fit)) {
            Ok(Ok(model)) => {
                let fit_ms = started.elapsed().as_millis() as u64;
                files::write_json(&self.dir.model(family), &ModelFile { v: 1, params: best.params.clone(), model })?;
                self.recorder.emit(Event::FamilyFinished {
                    family,
                    trial: best.trial,
                    params: best.params.clone(),
                    cv_f1: best.mean,
                    cv_sd: best.sd,
                    fit_ms,
                })
            }
            Ok(Err(FitError::Cancelled)) => Ok(()),
            Ok(Err(FitError::Impossible(reason))) | Err(reason) => {
                self.recorder.emit(Event::FamilyFailed { family, reason })
            }
        }
    }
}

enum TrialError {
    Fit(FitError),
    Journal(Error),
}

/// Runs a fit; a panic in it is a reason, not the end of the run.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|t| (*t).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "without a message".to_owned());
        format!("it panicked: {text}")
    })
}
