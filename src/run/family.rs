//! What a run's journal tells about one family's search.

use crate::event::{Family, Params, TestScores};
use std::collections::BTreeMap;

/// How a family stands.
#[derive(Debug, Clone, PartialEq)]
pub enum FamilyStatus {
    /// Not begun.
    Queued,
    /// Trials are running, or the final fit is.
    Running,
    /// Its model is on disk.
    Done,
    /// It has no model, for this reason.
    Failed(String),
    /// The run was cancelled before its model was fitted.
    Cancelled,
}

/// A trial that is running.
#[derive(Debug, Clone, PartialEq)]
pub struct RunningTrial {
    /// Its number.
    pub trial: u32,
    /// Its parameters.
    pub params: Params,
    /// Fold scores so far, by fold.
    pub folds: Vec<Option<f64>>,
    /// Steps done and steps in all of the fold being fitted.
    pub step: Option<(u32, u32)>,
    /// Training loss by step of the fold being fitted, thinned to a bounded number.
    pub loss: Vec<(u32, f64)>,
}

/// A trial whose folds are all scored.
#[derive(Debug, Clone, PartialEq)]
pub struct DoneTrial {
    /// Its number.
    pub trial: u32,
    /// Its parameters.
    pub params: Params,
    /// F1 by fold.
    pub scores: Vec<f64>,
    /// Mean of the fold scores.
    pub mean: f64,
    /// Their standard deviation (n - 1).
    pub sd: f64,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// One family's search.
#[derive(Debug, Clone, PartialEq)]
pub struct FamilyState {
    /// Which.
    pub family: Family,
    /// How it stands.
    pub status: FamilyStatus,
    /// Number of trials, once the search has begun.
    pub trials: u32,
    /// Trials with all folds scored, in the order in which they finished.
    pub done: Vec<DoneTrial>,
    /// Trials that were left behind before all folds were scored, with the scores they have.
    pub dropped: Vec<(u32, Vec<f64>)>,
    /// Trials that failed, with the reason.
    pub failed: Vec<(u32, String)>,
    /// Scores of trials that are not over, by trial and fold.
    pub scored: BTreeMap<(u32, u32), f64>,
    /// Number of scores of trials on folds.
    pub scores: u64,
    /// How long their fits took together, in milliseconds.
    pub score_ms: u64,
    /// Trials under way.
    pub running: Vec<RunningTrial>,
    /// Index in `done` of the best mean score; the earlier trial number wins a tie.
    pub best: Option<usize>,
    /// Mean and standard deviation of the best trial's F1 on the rows dealt into folds anew.
    pub cv: Option<(f64, f64)>,
    /// How long the final fit took, in milliseconds.
    pub fit_ms: Option<u64>,
    /// Hold-out scores of the final model.
    pub test: Option<TestScores>,
}

impl FamilyState {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            status: FamilyStatus::Queued,
            trials: 0,
            done: Vec::new(),
            dropped: Vec::new(),
            failed: Vec::new(),
            scored: BTreeMap::new(),
            scores: 0,
            score_ms: 0,
            running: Vec::new(),
            best: None,
            cv: None,
            fit_ms: None,
            test: None,
        }
    }

    /// The best trial so far.
    pub fn best_trial(&self) -> Option<&DoneTrial> {
        self.best.map(|i| &self.done[i])
    }

    /// Mean and standard deviation of the best trial's F1: on fresh folds once its model is fitted, on
    /// those of the search until then.
    pub fn cv_score(&self) -> Option<(f64, f64)> {
        self.cv.or(self.best_trial().map(|t| (t.mean, t.sd)))
    }

    /// Trials that are over: finished, dropped or failed.
    pub fn settled(&self) -> u32 {
        (self.done.len() + self.dropped.len() + self.failed.len()) as u32
    }

    /// Trials that have a score on a fold, be they over or not.
    pub fn scored_on(&self, fold: u32) -> usize {
        let open = self.scored.keys().filter(|(_, scored)| *scored == fold).count();
        let dropped = self.dropped.iter().filter(|(_, scores)| scores.len() > fold as usize).count();
        open + dropped + self.done.len()
    }

    /// The finished trial with this number.
    pub fn finished(&self, trial: u32) -> Option<&DoneTrial> {
        self.done.iter().find(|t| t.trial == trial)
    }

    /// Forgets what is only known of a trial that is not over.
    pub(super) fn settle(&mut self, trial: u32) {
        self.running.retain(|t| t.trial != trial);
        self.scored.retain(|(t, _), _| *t != trial);
    }

    pub(super) fn running_mut(&mut self, trial: u32) -> Option<&mut RunningTrial> {
        self.running.iter_mut().find(|t| t.trial == trial)
    }
}
