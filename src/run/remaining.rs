//! How long a search still takes.

use super::{FamilyState, FamilyStatus, RunState};
use crate::event::Family;
use crate::training::FamilySearch;

/// An estimate of what is still to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// In milliseconds.
    pub ms: u64,
    /// Whether there is more to come that is not known yet: families differ by orders of magnitude, and one of them has
    /// no score so far.
    pub at_least: bool,
}

impl RunState {
    /// What is still to go at `now` (RFC 3339) while the trials of a manifest's `search` run, by what a score of each
    /// family has cost so far. None before the first score and after the end.
    pub fn remaining(&self, now: &str, search: &[FamilySearch]) -> Option<Remaining> {
        let spent: u64 = self.families.iter().map(|f| f.score_ms).sum();
        if spent == 0 || self.ended.is_some() {
            return None;
        }
        let (mut rest, mut at_least) = (0.0, false);
        // A blend is made of answers that are there.
        for own in search.iter().filter(|own| own.family != Family::Blend) {
            let known = self.family(own.family);
            if known.is_some_and(|f| matches!(f.status, FamilyStatus::Done | FamilyStatus::Failed(_))) {
                continue;
            }
            let Some(family) = known.filter(|f| f.scores > 0) else {
                at_least = true;
                continue;
            };
            let each = family.score_ms as f64 / family.scores as f64;
            // At the end its best one is fitted on every fold dealt anew and on all rows. One fit served several trials.
            let fit = each * own.trials.len() as f64 / own.fits().max(1) as f64;
            rest += each * scores_left(family, own, self.folds) + fit * f64::from(self.folds + 1);
        }
        // Fits run side by side: wall time per unit of their time as seen so far.
        let pace = self.elapsed_ms(Some(now)) as f64 / spent as f64;
        Some(Remaining { ms: (rest * pace.min(1.0)) as u64, at_least })
    }
}

/// Scores that a family's search is still to give: of every trial on every fold or, where it halves, of the better half
/// after each.
fn scores_left(family: &FamilyState, search: &FamilySearch, folds: u32) -> f64 {
    let mut going_on = search.trials.len().saturating_sub(family.failed.len());
    let mut left = 0;
    for fold in 0..folds {
        left += going_on.saturating_sub(family.scored_on(fold));
        if search.halving {
            going_on = going_on.div_ceil(2);
        }
    }
    left as f64
}

/// A remaining time that does not jump: it counts down by the clock, and moves towards new estimates little by little.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Countdown {
    left: f64,
    /// When that was, in milliseconds of any clock.
    at: i64,
    /// Whether there is more to come that is not known yet.
    pub at_least: bool,
}

/// Milliseconds in which most of the way to a new estimate is gone.
const SETTLE: f64 = 8_000.0;

impl Countdown {
    /// Begins with a first estimate, at a time in milliseconds.
    pub fn new(now: i64, estimate: Remaining) -> Self {
        Self { left: estimate.ms as f64, at: now, at_least: estimate.at_least }
    }

    /// Takes a new estimate.
    pub fn hear(&mut self, now: i64, estimate: Remaining) {
        let passed = (now - self.at).max(0) as f64;
        let expected = (self.left - passed).max(0.0);
        self.left = expected + (estimate.ms as f64 - expected) * (1.0 - (-passed / SETTLE).exp());
        (self.at, self.at_least) = (now, estimate.at_least);
    }

    /// Milliseconds left, in steps that grow with them: whole seconds up to 20, then 5, from two minutes on 15, from ten
    /// on a minute.
    pub fn left(&self, now: i64) -> u64 {
        let left = (self.left - (now - self.at).max(0) as f64).max(0.0) as u64;
        let step = match left {
            0..=20_000 => 1_000,
            20_001..=120_000 => 5_000,
            120_001..=600_000 => 15_000,
            _ => 60_000,
        };
        left.div_ceil(step) * step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Params, Stamped};

    fn search(trials: u32, halving: bool) -> FamilySearch {
        let trials = (0..trials).map(|n| Params([("k".to_owned(), n.into())].into())).collect();
        FamilySearch { family: Family::Knn, halving, trials }
    }

    /// A run of one family that has scored so many trials on each fold, at 100 ms each, four at a time.
    fn state(scored: &[u32]) -> (RunState, String) {
        let family = Family::Knn;
        let mut events =
            vec![Event::RunStarted { families: vec![family], folds: 3 }, Event::SearchStarted { family, trials: 16 }];
        for (fold, trials) in scored.iter().enumerate() {
            let fold = fold as u32;
            events.extend((0..*trials).map(|trial| Event::FoldScored { family, trial, fold, f1: 0.9, ms: 100 }));
        }
        let stamp = |(seq, event)| Stamped { v: 1, seq, at: "2026-01-01T00:00:00.000Z".to_owned(), event };
        let events: Vec<Stamped> = (0..).zip(events).map(stamp).collect();
        let passed = scored.iter().sum::<u32>() * 25;
        (RunState::replay(&events), format!("2026-01-01T00:00:{:02}.{:03}Z", passed / 1000, passed % 1000))
    }

    #[test]
    fn what_is_left_is_the_scores_to_come_and_the_last_fits() {
        let left = |scored: &[u32], halving| {
            let (state, now) = state(scored);
            state.remaining(&now, &[search(16, halving)]).map(|left| left.ms)
        };
        assert_eq!(left(&[], false), None, "nothing is known before the first score");
        // 16 * 3 - 8 scores and 3 + 1 fits, four at a time.
        assert_eq!(left(&[8], false), Some((40 + 4) * 25));
        assert_eq!(left(&[16, 16, 8], false), Some((8 + 4) * 25));
        // Halving, 16, 8 and 4 trials are scored.
        assert_eq!(left(&[8], true), Some((8 + 8 + 4 + 4) * 25));
        assert_eq!(left(&[16, 8, 4], true), Some(4 * 25));
        let (mut state, now) = state(&[8]);
        state.ended = Some(crate::run::RunStatus::Cancelled);
        assert_eq!(state.remaining(&now, &[search(16, false)]), None);
    }

    #[test]
    fn a_family_without_a_score_makes_it_a_lower_bound() {
        let (state, now) = state(&[8]);
        let other = FamilySearch { family: Family::Svm, ..search(3, false) };
        let left = state.remaining(&now, &[search(16, false), other]).unwrap();
        assert_eq!(left, Remaining { ms: 44 * 25, at_least: true });
        assert!(!state.remaining(&now, &[search(16, false)]).unwrap().at_least);
    }

    #[test]
    fn a_countdown_goes_down_with_the_clock_and_does_not_jump() {
        let about = |ms| Remaining { ms, at_least: false };
        let mut countdown = Countdown::new(0, about(60_000));
        assert_eq!(countdown.left(0), 60_000);
        assert_eq!(countdown.left(3_000), 60_000, "in steps of five seconds");
        assert_eq!(countdown.left(5_000), 55_000);
        // Twice as long all of a sudden: little by little.
        let mut before = countdown.left(0);
        for tick in 1..200 {
            countdown.hear(tick * 200, about(100_000));
            let now = countdown.left(tick * 200);
            assert!(now.abs_diff(before) <= 5_000, "{before} {now}");
            before = now;
        }
        assert!(before >= 90_000, "{before}");
        assert_eq!(countdown.left(10_000_000), 0);
    }
}
