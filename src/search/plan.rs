//! Which trials share a fit, which scores are there, and who goes on after a round.

use crate::event::{Family, Params};
use crate::run::FamilyState;
use crate::training::FamilySearch;

/// A trial in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its number.
    pub trial: u32,
    /// Its stage, where the family has stages.
    pub stage: Option<u32>,
}

/// Trials that one fit serves, by stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Never empty.
    pub trials: Vec<Member>,
}

impl Group {
    /// The trial with the longest fit.
    pub fn leader(&self) -> u32 {
        self.trials.last().map_or(0, |m| m.trial)
    }

    /// The stages, ascending; none where the family has none.
    pub fn stages(&self) -> Vec<u32> {
        self.trials.iter().filter_map(|m| m.stage).collect()
    }
}

/// The value of the parameter that the family's fits pass through.
pub fn stage(family: Family, params: &Params) -> Option<u32> {
    let value = params.0.get(family.staged_by()?)?.as_u64()?;
    u32::try_from(value).ok()
}

/// Puts trials that differ in their stage only together, in the order of their first ones.
fn group(search: &FamilySearch, trials: impl Iterator<Item = u32>) -> Vec<Group> {
    let mut groups: Vec<(Params, Group)> = Vec::new();
    for trial in trials {
        let mut params = search.trials[trial as usize].clone();
        let stage = stage(search.family, &params);
        if let (Some(_), Some(name)) = (stage, search.family.staged_by()) {
            params.0.remove(name);
        }
        let member = Member { trial, stage };
        match groups.iter_mut().find(|(p, _)| stage.is_some() && *p == params) {
            Some((_, group)) => group.trials.push(member),
            None => groups.push((params, Group { trials: vec![member] })),
        }
    }
    groups
        .into_iter()
        .map(|(_, mut group)| {
            group.trials.sort_by_key(|m| (m.stage, m.trial));
            group
        })
        .collect()
}

/// How a trial stands.
#[derive(Debug, Clone, Default)]
struct Trial {
    scores: Vec<Option<f64>>,
    ms: f64,
    started: bool,
    failed: bool,
    dropped: bool,
}

/// How the trials of a family stand.
#[derive(Debug)]
pub struct Standing {
    trials: Vec<Trial>,
}

impl Standing {
    /// From what the journal knows.
    pub fn new(search: &FamilySearch, folds: usize, known: Option<&FamilyState>) -> Self {
        let mut trials = vec![Trial { scores: vec![None; folds], ..Trial::default() }; search.trials.len()];
        if let Some(state) = known {
            let finished = state.done.iter().map(|t| (t.trial, &t.scores));
            for (trial, scores) in finished.chain(state.dropped.iter().map(|(t, scores)| (*t, scores))) {
                if let Some(trial) = trials.get_mut(trial as usize) {
                    for (slot, f1) in trial.scores.iter_mut().zip(scores) {
                        *slot = Some(*f1);
                    }
                }
            }
            for (trial, _) in &state.dropped {
                if let Some(trial) = trials.get_mut(*trial as usize) {
                    trial.dropped = true;
                }
            }
            for ((trial, fold), f1) in &state.scored {
                if let Some(slot) = trials.get_mut(*trial as usize).and_then(|t| t.scores.get_mut(*fold as usize)) {
                    *slot = Some(*f1);
                }
            }
            let over = |trial: u32| {
                state.finished(trial).is_some() || state.dropped.iter().any(|(dropped, _)| *dropped == trial)
            };
            for (_, trial) in trials.iter_mut().enumerate().filter(|(i, _)| !over(*i as u32)) {
                // All scores but no end: killed between the two. The last fold is scored again, and the trial ends.
                if trial.scores.iter().all(Option::is_some)
                    && let Some(last) = trial.scores.last_mut()
                {
                    *last = None;
                }
            }
        }
        Self { trials }
    }

    /// The fits that a fold needs.
    pub fn groups(&self, search: &FamilySearch, fold: usize) -> Vec<Group> {
        let open = |t: &&(usize, &Trial)| !t.1.failed && !t.1.dropped && t.1.scores[fold].is_none();
        group(search, self.trials.iter().enumerate().filter(|t| open(&t)).map(|(i, _)| i as u32))
    }

    /// The trial, where it is seen for the first time.
    pub fn start(&mut self, trial: u32) -> Option<u32> {
        let own = self.trials.get_mut(trial as usize)?;
        (!std::mem::replace(&mut own.started, true)).then_some(trial)
    }

    /// Notes a score. Gives all of them and the milliseconds they took once every fold has one.
    pub fn score(&mut self, trial: u32, fold: usize, f1: f64, ms: f64) -> Option<(Vec<f64>, u64)> {
        let own = self.trials.get_mut(trial as usize)?;
        own.scores[fold] = Some(f1);
        own.ms += ms;
        let scores: Option<Vec<f64>> = own.scores.iter().copied().collect();
        scores.map(|scores| (scores, own.ms as u64))
    }

    /// Notes that a trial failed. Whether that is new.
    pub fn fail(&mut self, trial: u32) -> bool {
        self.trials.get_mut(trial as usize).is_some_and(|own| !std::mem::replace(&mut own.failed, true))
    }

    /// Drops the worse half by the mean of the folds up to `round`; of equal ones the later trial. Gives how many go
    /// on, and those that were not dropped before an interruption already, with their scores so far.
    pub fn halve(&mut self, round: usize) -> (usize, Vec<(u32, Vec<f64>)>) {
        let mut ranked: Vec<(usize, f64, Vec<f64>)> = Vec::new();
        for (i, trial) in self.trials.iter().enumerate().filter(|(_, t)| !t.failed) {
            // Who was dropped in an earlier round lacks a score of this one.
            let scores: Option<Vec<f64>> = trial.scores[..=round].iter().copied().collect();
            if let Some(scores) = scores {
                ranked.push((i, scores.iter().sum::<f64>(), scores));
            }
        }
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let keep = ranked.len().div_ceil(2);
        let mut dropped = Vec::new();
        for (i, _, scores) in ranked.into_iter().skip(keep) {
            if !std::mem::replace(&mut self.trials[i].dropped, true) {
                dropped.push((i as u32, scores));
            }
        }
        (keep, dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::run::RunState;
    use serde_json::json;

    fn search(trials: &[serde_json::Value]) -> FamilySearch {
        let params = |v: &serde_json::Value| {
            Params(v.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect())
        };
        FamilySearch { family: Family::GradientBoosting, halving: true, trials: trials.iter().map(params).collect() }
    }

    fn four() -> FamilySearch {
        search(&[
            json!({"n_estimators": 64, "max_depth": 3}),
            json!({"n_estimators": 8, "max_depth": 3}),
            json!({"n_estimators": 8, "max_depth": 6}),
            json!({"max_depth": 6}),
        ])
    }

    #[test]
    fn trials_that_differ_in_their_stage_share_a_fit() {
        let standing = Standing::new(&four(), 3, None);
        let groups = standing.groups(&four(), 0);
        assert_eq!(groups.len(), 3);
        assert_eq!((groups[0].leader(), groups[0].stages()), (0, vec![8, 64]));
        assert_eq!((groups[1].leader(), groups[1].stages()), (2, vec![8]));
        // Without a stage there is nothing to share, and the family's fit says what is missing.
        assert_eq!((groups[2].leader(), groups[2].stages()), (3, vec![]));
    }

    #[test]
    fn the_better_half_goes_on_and_nothing_is_dropped_twice() {
        let mut standing = Standing::new(&four(), 3, None);
        for (trial, f1) in [(0, 0.5), (1, 0.9), (2, 0.7), (3, 0.7)] {
            assert_eq!(standing.score(trial, 0, f1, 1.0), None);
        }
        assert_eq!(standing.halve(0), (2, vec![(3, vec![0.7]), (0, vec![0.5])]));
        assert_eq!(standing.halve(0), (2, vec![]));
        let open: Vec<u32> = standing.groups(&four(), 1).iter().map(Group::leader).collect();
        assert_eq!(open, [1, 2]);
        standing.score(1, 1, 0.1, 1.0);
        standing.score(2, 1, 0.6, 1.0);
        // By the mean of both folds.
        assert_eq!(standing.halve(1), (1, vec![(1, vec![0.9, 0.1])]));
        assert_eq!(standing.score(2, 2, 0.8, 2.0), Some((vec![0.7, 0.6, 0.8], 4)));
    }

    #[test]
    fn failed_trials_are_not_ranked() {
        let mut standing = Standing::new(&four(), 2, None);
        assert!(standing.fail(1));
        assert!(!standing.fail(1));
        for trial in [0, 2, 3] {
            standing.score(trial, 0, f64::from(trial), 1.0);
        }
        assert_eq!(standing.halve(0), (2, vec![(0, vec![0.0])]));
    }

    #[test]
    fn what_the_journal_has_is_not_fitted_again() {
        let mut known = RunState::default();
        let mut seq = 0;
        let mut tell = |event| {
            known.apply(&crate::event::Stamped { v: 1, seq, at: "2026-01-01T00:00:00.000Z".to_owned(), event });
            seq += 1;
        };
        let family = Family::GradientBoosting;
        tell(Event::RunStarted { families: vec![family], folds: 2 });
        tell(Event::TrialFinished { family, trial: 0, params: Params::default(), scores: vec![0.9, 0.8], ms: 1 });
        tell(Event::TrialDropped { family, trial: 1, scores: vec![0.1] });
        tell(Event::FoldScored { family, trial: 2, fold: 0, f1: 0.5, ms: 1 });
        // Killed between its last score and its end.
        tell(Event::FoldScored { family, trial: 3, fold: 0, f1: 0.5, ms: 1 });
        tell(Event::FoldScored { family, trial: 3, fold: 1, f1: 0.5, ms: 1 });
        let mut standing = Standing::new(&four(), 2, known.family(family));
        let open = |standing: &Standing, fold| -> Vec<u32> {
            standing.groups(&four(), fold).iter().map(Group::leader).collect()
        };
        assert_eq!(open(&standing, 0), Vec::<u32>::new());
        assert_eq!(open(&standing, 1), [2, 3]);
        assert_eq!(
            standing.halve(0),
            (2, vec![(3, vec![0.5])]),
            "trial 1 was dropped before, and of equal ones the later"
        );
    }
}
