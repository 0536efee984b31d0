//! One reducer for everything that shows a run: live, replayed, compared, headless.

use super::describe;
use super::family::{DoneTrial, FamilyState, FamilyStatus, RunningTrial};
use crate::event::{DataSummary, DriftSummary, Event, Family, Stage, Stamped};
use crate::metrics::mean_sd;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fmt;

/// Loss points kept per fit. Beyond that every second one is dropped, so a curve keeps its shape.
const LOSS_POINTS: usize = 240;
/// Log lines kept in memory; `worker.log` and the journal have them all.
const LOG_LINES: usize = 400;

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// A worker holds the run's lock.
    Running,
    /// Complete.
    Finished,
    /// Ended with an error.
    Failed,
    /// Ended on request.
    Cancelled,
    /// No end in the journal and no worker: it can be resumed.
    Interrupted,
}

impl RunStatus {
    /// The word shown and written.
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Running => "running",
            RunStatus::Finished => "finished",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
            RunStatus::Interrupted => "interrupted",
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A line of the run's log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogLine {
    /// When, RFC 3339.
    pub at: String,
    /// What.
    pub text: String,
}

/// Everything the journal tells about a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunState {
    /// Number of events applied.
    pub seq: u64,
    /// Time of the first event.
    pub started_at: Option<String>,
    /// Time of the last event.
    pub last_at: Option<String>,
    /// When the current worker began: the start, or the last resumption.
    pub worker_since: Option<String>,
    /// Time spent by earlier workers of this run, in milliseconds.
    pub earlier_ms: u64,
    /// Cross-validation folds.
    pub folds: u32,
    /// The stage under way.
    pub stage: Option<Stage>,
    /// Stages that are over: which, how long in milliseconds, one line about it.
    pub stages: Vec<(Stage, u64, String)>,
    /// Counts of the rows, once they were split.
    pub data: Option<DataSummary>,
    /// How the rows compare with those of the champion of the time.
    pub drift: Option<DriftSummary>,
    /// The families, in order.
    pub families: Vec<FamilyState>,
    /// The winner, once the run is complete.
    pub winner: Option<Family>,
    /// The end in the journal, if there is one; never `Running` or `Interrupted`.
    pub ended: Option<RunStatus>,
    /// The stage after which the run was asked to stop.
    pub stopped_after: Option<Stage>,
    /// Why it failed, and the way out.
    pub failure: Option<(String, Option<String>)>,
    /// How often it was resumed.
    pub resumed: u32,
    /// The last lines of its log.
    pub log: VecDeque<LogLine>,
}

/// Milliseconds from one RFC 3339 time to another; 0 where either cannot be read or the clock went back.
pub fn millis_between(from: &str, to: &str) -> u64 {
    let parse = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
    match (parse(from), parse(to)) {
        (Some(a), Some(b)) => (b - a).num_milliseconds().max(0) as u64,
        _ => 0,
    }
}

impl RunState {
    /// Applies a journal from its start.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Stamped>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.apply(event);
        }
        state
    }

    /// How the run stands, given whether a worker holds its lock.
    pub fn status(&self, alive: bool) -> RunStatus {
        match (self.ended, alive) {
            (Some(RunStatus::Finished), _) => RunStatus::Finished,
            // A worker that has just taken up a cancelled or failed run has not said so yet.
            (_, true) => RunStatus::Running,
            (Some(end), false) => end,
            (None, false) => RunStatus::Interrupted,
        }
    }

    /// One family's state.
    pub fn family(&self, family: Family) -> Option<&FamilyState> {
        self.families.iter().find(|f| f.family == family)
    }

    /// The winner or, while there is none, the family with the best trial so far; the earlier family wins a tie.
    pub fn leader(&self) -> Option<(&FamilyState, &DoneTrial)> {
        if let Some(winner) = self.winner.and_then(|w| self.family(w)) {
            return winner.best_trial().map(|trial| (winner, trial));
        }
        let mut best: Option<(&FamilyState, &DoneTrial)> = None;
        for family in &self.families {
            let Some(trial) = family.best_trial() else { continue };
            if matches!(family.status, FamilyStatus::Failed(_)) {
                continue;
            }
            if best.is_none_or(|(_, other)| trial.mean > other.mean) {
                best = Some((family, trial));
            }
        }
        best
    }

    /// Trials over and trials in all, of the families whose search has begun.
    pub fn trial_counts(&self) -> (u32, u32) {
        self.families.iter().fold((0, 0), |(done, all), f| (done + f.settled(), all + f.trials))
    }

    /// Milliseconds worked on until `now` (RFC 3339) or, without it, until the last event.
    pub fn elapsed_ms(&self, now: Option<&str>) -> u64 {
        let end = now.or(self.last_at.as_deref());
        match (&self.worker_since, end) {
            (Some(since), Some(end)) => self.earlier_ms + millis_between(since, end),
            _ => self.earlier_ms,
        }
    }

    /// Applies the next event.
    pub fn apply(&mut self, stamped: &Stamped) {
        self.seq = stamped.seq + 1;
        if self.started_at.is_none() {
            self.started_at = Some(stamped.at.clone());
        }
        self.reduce(stamped);
        self.last_at = Some(stamped.at.clone());
        if let Some(text) = describe(&stamped.event) {
            if self.log.len() == LOG_LINES {
                self.log.pop_front();
            }
            self.log.push_back(LogLine { at: stamped.at.clone(), text });
        }
    }

    fn family_mut(&mut self, family: Family) -> &mut FamilyState {
        let at = match self.families.iter().position(|f| f.family == family) {
            Some(at) => at,
            None => {
                self.families.push(FamilyState::new(family));
                self.families.len() - 1
            }
        };
        &mut self.families[at]
    }

    fn reduce(&mut self, stamped: &Stamped) {
        match &stamped.event {
            Event::RunStarted { families, folds } => {
                self.folds = *folds;
                self.worker_since = Some(stamped.at.clone());
                self.families = families.iter().map(|f| FamilyState::new(*f)).collect();
            }
            Event::RunResumed { .. } => {
                if let (Some(since), Some(last)) = (&self.worker_since, &self.last_at) {
                    self.earlier_ms += millis_between(since, last);
                }
                self.worker_since = Some(stamped.at.clone());
                self.resumed += 1;
                self.ended = None;
                self.failure = None;
                self.stopped_after = None;
                self.stage = None;
                for family in &mut self.families {
                    // What was under way is lost; what finished stays.
                    family.running.clear();
                    if family.status != FamilyStatus::Done {
                        family.status = FamilyStatus::Queued;
                        family.failed.clear();
                    }
                }
            }
            Event::StageStarted { stage } => self.stage = Some(*stage),
            Event::StageFinished { stage, ms, summary } => {
                self.stage = None;
                self.stages.retain(|(s, _, _)| s != stage);
                self.stages.push((*stage, *ms, summary.clone()));
            }
            Event::DataSplit { data } => self.data = Some(data.clone()),
            Event::SearchStarted { family, trials } => {
                let state = self.family_mut(*family);
                state.trials = *trials;
                state.status = FamilyStatus::Running;
            }
            Event::TrialStarted { family, trial, params } => {
                let folds = self.folds as usize;
                let state = self.family_mut(*family);
                state.running.retain(|t| t.trial != *trial);
                state.running.push(RunningTrial {
                    trial: *trial,
                    params: params.clone(),
                    folds: vec![None; folds],
                    step: None,
                    loss: Vec::new(),
                });
            }
            Event::FoldScored { family, trial, fold, f1, ms } => {
                let state = self.family_mut(*family);
                state.scores += 1;
                state.score_ms += ms;
                state.scored.insert((*trial, *fold), *f1);
                if let Some(running) = state.running_mut(*trial) {
                    if let Some(slot) = running.folds.get_mut(*fold as usize) {
                        *slot = Some(*f1);
                    }
                    running.step = None;
                    running.loss.clear();
                }
            }
            Event::Progressed { family, trial, step, of, loss, .. } => {
                if let Some(running) = self.family_mut(*family).running_mut(*trial) {
                    running.step = Some((*step, *of));
                    if let Some(loss) = loss {
                        running.loss.push((*step, *loss));
                        if running.loss.len() > LOSS_POINTS {
                            let mut keep = false;
                            running.loss.retain(|_| {
                                keep = !keep;
                                keep
                            });
                        }
                    }
                }
            }
            Event::TrialFinished { family, trial, params, scores, ms } => {
                let state = self.family_mut(*family);
                state.settle(*trial);
                if state.finished(*trial).is_some() {
                    return;
                }
                let (mean, sd) = mean_sd(scores);
                state.done.push(DoneTrial {
                    trial: *trial,
                    params: params.clone(),
                    scores: scores.clone(),
                    mean,
                    sd,
                    ms: *ms,
                });
                let index = state.done.len() - 1;
                let better = match state.best_trial() {
                    None => true,
                    Some(best) => mean > best.mean || (mean == best.mean && *trial < best.trial),
                };
                if better {
                    state.best = Some(index);
                }
            }
            Event::TrialDropped { family, trial, scores } => {
                let state = self.family_mut(*family);
                state.settle(*trial);
                state.dropped.retain(|(t, _)| t != trial);
                state.dropped.push((*trial, scores.clone()));
            }
            Event::TrialFailed { family, trial, reason } => {
                let state = self.family_mut(*family);
                state.settle(*trial);
                state.failed.retain(|(t, _)| t != trial);
                state.failed.push((*trial, reason.clone()));
            }
            Event::FamilyFinished { family, cv_f1, cv_sd, fit_ms, .. } => {
                let state = self.family_mut(*family);
                state.status = FamilyStatus::Done;
                state.cv = Some((*cv_f1, *cv_sd));
                state.fit_ms = Some(*fit_ms);
            }
            Event::FamilyFailed { family, reason } => {
                let state = self.family_mut(*family);
                state.status = FamilyStatus::Failed(reason.clone());
                state.running.clear();
            }
            Event::ModelTested { family, test } => self.family_mut(*family).test = Some(test.clone()),
            Event::DriftMeasured { drift } => self.drift = Some(drift.clone()),
            Event::Noted { .. } => {}
            Event::RunFinished { winner } => {
                self.winner = Some(*winner);
                self.end(RunStatus::Finished);
            }
            Event::RunStopped { after } => {
                self.stopped_after = Some(*after);
                self.stage = None;
            }
            Event::RunFailed { reason, hint } => {
                self.failure = Some((reason.clone(), hint.clone()));
                self.end(RunStatus::Failed);
            }
            Event::RunCancelled => {
                for family in &mut self.families {
                    if matches!(family.status, FamilyStatus::Queued | FamilyStatus::Running) {
                        family.status = FamilyStatus::Cancelled;
                    }
                }
                self.end(RunStatus::Cancelled);
            }
        }
    }

    fn end(&mut self, status: RunStatus) {
        self.ended = Some(status);
        self.stage = None;
        for family in &mut self.families {
            family.running.clear();
        }
    }
}

#[cfg(test)]
mod tests;
