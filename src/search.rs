//! The search over parameters: trials times folds, side by side, each fit with a random stream of its own, so that
//! neither the number of threads nor an interruption changes a byte of the result.
//!
//! Trials that differ only in a parameter that a longer fit passes through (the number of trees, of epochs) share one
//! fit per fold. Where a family's search halves, all trials are scored on the first fold, the better half of them on
//! the second, and so on (successive halving, Jamieson and Talwalkar 2016, with folds as the resource).

mod blend;
mod plan;

use crate::calibrate;
use crate::dataset::{Dataset, Encoded};
use crate::event::{Event, Family, Params};
use crate::metrics::{self, THRESHOLD};
use crate::model::{Fit, FitError, Model, ModelFile, Progress};
use crate::run::{FamilyState, FamilyStatus, Manifest, Recorder, RunDir};
use crate::training::FamilySearch;
use crate::{Error, Result, files};
use plan::{Group, Standing};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
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
    /// The folds that trials are scored on.
    pub folds: &'a [Fold],
    /// The same rows dealt into folds anew: the best trial of each family is scored again on them. The best score of
    /// many trials owes something to luck with the folds, and a family with more trials owes more; here they are compared
    /// without that. What was chosen was chosen on the same rows, so a little optimism is left.
    pub confirm: &'a [Fold],
    /// The whole training part.
    pub whole: &'a Dataset,
    /// What each family's final model answered on the confirming folds, for the blend.
    pub answers: Mutex<BTreeMap<Family, Vec<Vec<f64>>>>,
}

/// Scores of the folds' validation vectors.
type TrialScores<T = Vec<Vec<f64>>> = Result<T, FitError>;

/// A fit: a group of trials on a fold.
struct Job {
    /// Position of the family in `open`.
    family: usize,
    group: Group,
    fold: usize,
}

/// A family whose search is not over.
struct Open<'a> {
    search: &'a FamilySearch,
    standing: Mutex<Standing>,
    /// Jobs of this round that are not done.
    left: AtomicUsize,
}

impl Open<'_> {
    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(|p| p.into_inner())
    }
}

impl Search<'_> {
    /// Runs what is not finished yet, and fits each family's best.
    ///
    /// # Errors
    /// When the journal or a model cannot be written.
    pub fn run(&self) -> Result<()> {
        let before = self.recorder.state();
        let mut open = Vec::new();
        let is_done = |family: Family| {
            before.family(family).is_some_and(|f| f.status == FamilyStatus::Done) && self.dir.model(family).is_file()
        };
        let (blends, searches): (Vec<_>, Vec<_>) =
            self.manifest.search.iter().filter(|s| !is_done(s.family)).partition(|s| s.family == Family::Blend);
        for search in searches {
            let known = before.family(search.family);
            self.recorder.emit(Event::SearchStarted { family: search.family, trials: search.trials.len() as u32 })?;
            let standing = Standing::new(search, self.folds.len(), known);
            open.push(Open { search, standing: Mutex::new(standing), left: AtomicUsize::new(0) });
        }
        // A round for each fold; families that do not halve have all of theirs in the first one.
        for round in 0..self.folds.len() {
            let mut jobs = Vec::new();
            for (family, open) in open.iter().enumerate() {
                let folds = match (open.search.halving, round) {
                    (true, _) => round..round + 1,
                    (false, 0) => 0..self.folds.len(),
                    (false, _) => continue,
                };
                let standing = open.standing();
                for fold in folds {
                    let groups = standing.groups(open.search, fold);
                    jobs.extend(groups.into_iter().map(|group| Job { family, group, fold }));
                }
            }
            for job in &jobs {
                open[job.family].left.fetch_add(1, Ordering::Relaxed);
            }
            let last = round + 1 == self.folds.len();
            let over = |family: &Open<'_>| last || !family.search.halving;
            // Families without a job in this round were at this point when the run was interrupted.
            for family in open.iter().filter(|f| (f.search.halving || round == 0) && over(f)) {
                if family.left.load(Ordering::Relaxed) == 0 {
                    self.finish(family.search.family)?;
                }
            }
            self.side_by_side(&jobs, |job| {
                self.work(&open[job.family], &job.group, job.fold)?;
                let family = &open[job.family];
                if family.left.fetch_sub(1, Ordering::AcqRel) == 1 && over(family) && !self.stopped() {
                    self.finish(family.search.family)?;
                }
                Ok(())
            })?;
            if self.stopped() {
                return Ok(());
            }
            for open in open.iter().filter(|f| f.search.halving && !last) {
                let family = open.search.family;
                let (kept, dropped) = open.standing().halve(round);
                if !dropped.is_empty() {
                    let text =
                        format!("{}: the better half, {kept} trials, goes on to fold {}", family.code(), round + 2);
                    self.recorder.emit(Event::Noted { text })?;
                }
                for (trial, scores) in dropped {
                    self.recorder.emit(Event::TrialDropped { family, trial, scores })?;
                }
            }
        }
        // Out of the others, so when they are all there.
        for search in blends {
            self.blend(search)?;
        }
        Ok(())
    }

    fn answers(&self) -> MutexGuard<'_, BTreeMap<Family, Vec<Vec<f64>>>> {
        self.answers.lock().unwrap_or_else(|p| p.into_inner())
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Takes up the jobs in order, on all threads, until they are done, one fails or the search should end.
    fn side_by_side(&self, jobs: &[Job], work: impl Fn(&Job) -> Result<()> + Sync) -> Result<()> {
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if self.stopped() {
                            return;
                        }
                        if let Err(e) = work(job) {
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

    /// Scores a group of trials on a fold, and finishes those that have all their scores now.
    fn work(&self, open: &Open<'_>, group: &Group, fold: usize) -> Result<()> {
        let family = open.search.family;
        let started = Instant::now();
        // One stands for all: the others begin and end with it.
        if let Some(trial) = open.standing().start(group.leader()) {
            self.recorder.emit(Event::TrialStarted {
                family,
                trial,
                params: open.search.trials[trial as usize].clone(),
            })?;
        }
        let scored = guarded(|| {
            let last = Mutex::new(Instant::now());
            let progress = |step: u32, of: u32, loss: &dyn Fn() -> Option<f64>| {
                let mut last = last.lock().unwrap_or_else(|p| p.into_inner());
                if step < of && last.elapsed() < PROGRESS_EVERY {
                    return;
                }
                *last = Instant::now();
                let (trial, fold, loss) = (group.leader(), fold as u32, loss());
                // A report that cannot be written shows at the next event that matters.
                let _ = self.recorder.emit(Event::Progressed { family, trial, fold, step, of, loss });
            };
            let params = &open.search.trials[group.leader() as usize];
            let own = &self.folds[fold];
            let raw = self.raw_scores(family, params, &group.stages(), (own, fold), &progress)?;
            raw.into_iter()
                .map(|raw| {
                    let probabilities = self.believed(family, params, (own, fold), raw)?;
                    Ok(metrics::f1(&own.counts, &probabilities, THRESHOLD))
                })
                .collect::<Result<Vec<f64>, FitError>>()
        });
        let ms = started.elapsed().as_secs_f64() * 1e3 / group.trials.len() as f64;
        match scored {
            Ok(Ok(scores)) => {
                for (member, f1) in group.trials.iter().zip(scores) {
                    let trial = member.trial;
                    self.recorder.emit(Event::FoldScored {
                        family,
                        trial,
                        fold: fold as u32,
                        f1,
                        ms: ms.round() as u64,
                    })?;
                    if let Some((scores, ms)) = open.standing().score(trial, fold, f1, ms) {
                        let params = open.search.trials[trial as usize].clone();
                        self.recorder.emit(Event::TrialFinished { family, trial, params, scores, ms })?;
                    }
                }
            }
            Ok(Err(FitError::Cancelled)) => {}
            Ok(Err(FitError::Impossible(reason))) | Err(reason) => {
                for member in &group.trials {
                    if open.standing().fail(member.trial) {
                        let (trial, reason) = (member.trial, reason.clone());
                        self.recorder.emit(Event::TrialFailed { family, trial, reason })?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The model's own scores of a fold's validation vectors, at each stage.
    fn raw_scores(
        &self,
        family: Family,
        params: &Params,
        stages: &[u32],
        (Fold { train, valid, .. }, fold): (&Fold, usize),
        progress: &Progress<'_>,
    ) -> Result<Vec<Vec<f64>>, FitError> {
        // Not the trial's number: what is fitted depends on the parameters alone.
        let purpose = format!("{family} fold {fold}");
        let fit = Fit { seed: self.manifest.seed, purpose: &purpose, stop: self.stop, progress };
        Model::staged(family, params, stages, train, valid, &fit)
    }

    /// The model's own scores of the confirming folds, each by a fit on the others.
    fn raw_folds(&self, family: Family, params: &Params) -> TrialScores {
        let stages: Vec<u32> = plan::stage(family, params).into_iter().collect();
        let silent = |_: u32, _: u32, _: &dyn Fn() -> Option<f64>| {};
        self.confirm
            .par_iter()
            .enumerate()
            .map(|(nth, fold)| {
                Ok(self.raw_scores(family, params, &stages, (fold, nth), &silent)?.pop().unwrap_or_default())
            })
            .collect()
    }

    /// As [`Self::raw_folds`], as the final model would give them.
    fn believed_folds(&self, family: Family, params: &Params, raw: Vec<Vec<f64>>) -> TrialScores {
        let own = raw.into_iter().zip(self.confirm).enumerate();
        own.map(|(nth, (raw, fold))| self.believed(family, params, (fold, nth), raw)).collect()
    }

    /// F1 of the confirming folds, given the probabilities of each.
    fn confirmed(&self, probabilities: &[Vec<f64>]) -> Vec<f64> {
        let own = self.confirm.iter().zip(probabilities);
        own.map(|(fold, probabilities)| metrics::f1(&fold.counts, probabilities, THRESHOLD)).collect()
    }

    /// The rows of the confirming folds' vectors, fold by fold.
    fn confirm_counts(&self) -> Vec<[u32; 2]> {
        self.confirm.iter().flat_map(|f| f.counts.iter().copied()).collect()
    }

    /// The precision-recall curve of out-of-fold probabilities, given fold by fold.
    fn fold_curve(&self, probabilities: &[f64]) -> Vec<metrics::CurvePoint> {
        let curve = metrics::precision_recall_curve(&self.confirm_counts(), probabilities);
        metrics::thin(&curve, metrics::CURVE_POINTS)
    }

    /// The scores as the final model would give them: calibrated where it will be, by maps that have not seen them.
    fn believed(
        &self,
        family: Family,
        params: &Params,
        (own, fold): (&Fold, usize),
        raw: Vec<f64>,
    ) -> Result<Vec<f64>, FitError> {
        let Some(method) = self.manifest.calibration.method_for(params) else { return Ok(raw) };
        let purpose = format!("{family} fold {fold} calibration");
        calibrate::cross_fitted(method, &own.counts, &raw, self.manifest.seed, &purpose).map_err(FitError::Impossible)
    }

    /// Fits a family's best parameters on the whole training part and writes the model.
    fn finish(&self, family: Family) -> Result<()> {
        let state = self.recorder.state();
        let Some(known) = state.family(family) else { return Ok(()) };
        let Some(best) = known.best_trial() else {
            return self.recorder.emit(Event::FamilyFailed { family, reason: why_none(known) });
        };
        let params = &best.params;
        match guarded(|| self.fit_final(family, params)) {
            Ok(Ok((file, probabilities, fit_ms))) => {
                files::write_json(&self.dir.fold_curve(family), &self.fold_curve(&probabilities.concat()))?;
                files::write_json(&self.dir.model(family), &file)?;
                let (cv_f1, cv_sd) = metrics::mean_sd(&self.confirmed(&probabilities));
                self.answers().insert(family, probabilities);
                let (trial, params) = (best.trial, params.clone());
                self.recorder.emit(Event::FamilyFinished { family, trial, params, cv_f1, cv_sd, fit_ms })
            }
            Ok(Err(FitError::Cancelled)) => Ok(()),
            Ok(Err(FitError::Impossible(reason))) | Err(reason) => {
                self.recorder.emit(Event::FamilyFailed { family, reason })
            }
        }
    }

    /// The final model, the probabilities of the confirming folds, and the milliseconds of the fit.
    fn fit_final(&self, family: Family, params: &Params) -> Result<(ModelFile, Vec<Vec<f64>>, u64), FitError> {
        let silent = |_: u32, _: u32, _: &dyn Fn() -> Option<f64>| {};
        let started = Instant::now();
        let purpose = format!("{family} final");
        let fit = Fit { seed: self.manifest.seed, purpose: &purpose, stop: self.stop, progress: &silent };
        let model = Model::fit(family, params, self.whole, &fit)?;
        let fit_ms = started.elapsed().as_millis() as u64;
        let raw = self.raw_folds(family, params)?;
        let calibration = self.manifest.calibration.method_for(params).map(|method| {
            calibrate::Calibration::fit(method, &self.confirm_counts(), &raw.concat()).map_err(FitError::Impossible)
        });
        let probabilities = self.believed_folds(family, params, raw)?;
        Ok((ModelFile::new(params.clone(), calibration.transpose()?, model), probabilities, fit_ms))
    }
}

fn why_none(known: &FamilyState) -> String {
    known.failed.first().map_or_else(|| "no trial".to_owned(), |(_, reason)| format!("every trial failed: {reason}"))
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
