use super::*;
use crate::event::{JOURNAL_VERSION, Params};
use serde_json::json;

/// Events one second apart.
fn stamped(events: Vec<Event>) -> Vec<Stamped> {
    events
        .into_iter()
        .enumerate()
        .map(|(i, event)| Stamped {
            v: JOURNAL_VERSION,
            seq: i as u64,
            at: format!("2026-01-01T00:{:02}:{:02}.000Z", i / 60, i % 60),
            event,
        })
        .collect()
}

fn replay(events: Vec<Event>) -> RunState {
    RunState::replay(&stamped(events))
}

fn params(depth: u32) -> Params {
    Params([("max_depth".to_owned(), json!(depth))].into())
}

const DT: Family = Family::DecisionTree;
const GB: Family = Family::GradientBoosting;

fn begun() -> Vec<Event> {
    vec![
        Event::RunStarted { families: vec![DT, GB], folds: 3 },
        Event::StageStarted { stage: Stage::Train },
        Event::SearchStarted { family: DT, trials: 2 },
        Event::SearchStarted { family: GB, trials: 4 },
        Event::TrialStarted { family: DT, trial: 0, params: params(1) },
        Event::FoldScored { family: DT, trial: 0, fold: 0, f1: 0.8, ms: 60 },
        Event::FoldScored { family: DT, trial: 0, fold: 2, f1: 0.9, ms: 60 },
    ]
}

fn finished(family: Family, trial: u32, scores: [f64; 3]) -> Event {
    Event::TrialFinished { family, trial, params: params(trial + 1), scores: scores.to_vec(), ms: 500 }
}

#[test]
fn a_running_trial_shows_its_folds_and_its_loss() {
    let mut events = begun();
    events.push(Event::TrialStarted { family: GB, trial: 0, params: params(4) });
    for step in 1..=1_000 {
        events.push(Event::Progressed {
            family: GB,
            trial: 0,
            fold: 0,
            step,
            of: 1_000,
            loss: Some(1.0 / f64::from(step)),
        });
    }
    let state = replay(events);
    assert_eq!(state.status(true), RunStatus::Running);
    assert_eq!(state.status(false), RunStatus::Interrupted);
    let tree = state.family(DT).unwrap();
    assert_eq!((tree.status.clone(), tree.trials, tree.settled()), (FamilyStatus::Running, 2, 0));
    assert_eq!(tree.running[0].folds, [Some(0.8), None, Some(0.9)]);
    let boosting = &state.family(GB).unwrap().running[0];
    assert_eq!(boosting.step, Some((1_000, 1_000)));
    assert!(boosting.loss.len() <= LOSS_POINTS + 1, "thinned to {}", boosting.loss.len());
    assert_eq!(boosting.loss[0].0, 1, "the beginning of the curve is kept");
}

#[test]
fn the_best_trial_leads_and_ties_go_to_the_earlier_one() {
    let mut events = begun();
    events.push(finished(DT, 1, [0.9, 0.9, 0.9]));
    events.push(finished(DT, 0, [0.9, 0.9, 0.9]));
    events.push(finished(GB, 2, [0.95, 0.9, 0.94]));
    let state = replay(events);
    assert_eq!(state.family(DT).unwrap().best_trial().unwrap().trial, 0);
    assert!(state.family(DT).unwrap().running.is_empty());
    let (family, trial) = state.leader().unwrap();
    assert_eq!((family.family, trial.trial), (GB, 2));
    assert!((trial.mean - 0.93).abs() < 1e-12 && (trial.sd - 0.026_457_513).abs() < 1e-6);
    assert_eq!(state.trial_counts(), (3, 6));
}

#[test]
fn resuming_keeps_what_finished_and_forgets_what_was_under_way() {
    let mut events = begun();
    events.push(finished(DT, 1, [0.9, 0.9, 0.9]));
    events.push(Event::RunCancelled);
    let cancelled = replay(events.clone());
    assert_eq!(cancelled.status(false), RunStatus::Cancelled);
    assert_eq!(cancelled.family(GB).unwrap().status, FamilyStatus::Cancelled);
    let ended_at = cancelled.elapsed_ms(None);
    events.push(Event::RunResumed { user: "u".into(), host: "h".into() });
    let state = replay(events);
    assert_eq!(state.status(true), RunStatus::Running);
    assert_eq!(state.resumed, 1);
    let tree = state.family(DT).unwrap();
    assert!(tree.running.is_empty() && tree.finished(1).is_some() && tree.finished(0).is_none());
    assert_eq!(tree.status, FamilyStatus::Queued);
    assert_eq!(state.elapsed_ms(None), ended_at, "the time between two workers is not counted");
}

#[test]
fn a_trial_that_is_reported_twice_counts_once() {
    let mut events = begun();
    events.push(finished(DT, 0, [0.9, 0.9, 0.9]));
    events.push(finished(DT, 0, [0.1, 0.1, 0.1]));
    let state = replay(events);
    assert_eq!(state.family(DT).unwrap().done.len(), 1);
    assert_eq!(state.family(DT).unwrap().best_trial().unwrap().mean, 0.9);
}

#[test]
fn one_failed_family_does_not_end_the_run() {
    let mut events = begun();
    events.push(finished(DT, 0, [0.99, 0.99, 0.99]));
    events.push(Event::TrialFailed { family: DT, trial: 1, reason: "no".into() });
    events.push(Event::FamilyFailed { family: DT, reason: "no memory".into() });
    events.push(finished(GB, 0, [0.9, 0.9, 0.9]));
    events.push(Event::FamilyFinished { family: GB, trial: 0, params: params(1), cv_f1: 0.9, cv_sd: 0.0, fit_ms: 9 });
    events.push(Event::StageFinished { stage: Stage::Train, ms: 1, summary: String::new() });
    events.push(Event::RunFinished { winner: GB });
    let state = replay(events);
    assert_eq!(state.status(true), RunStatus::Finished, "an end in the journal is the end, lock or no lock");
    assert_eq!(state.family(DT).unwrap().status, FamilyStatus::Failed("no memory".into()));
    assert_eq!(state.leader().unwrap().0.family, GB, "a failed family does not lead");
    assert_eq!((state.winner, state.family(GB).unwrap().fit_ms), (Some(GB), Some(9)));
}

#[test]
fn stopping_after_a_stage_is_neither_an_end_nor_a_failure() {
    let state = replay(vec![
        Event::RunStarted { families: vec![DT], folds: 3 },
        Event::StageStarted { stage: Stage::Ingest },
        Event::StageFinished { stage: Stage::Ingest, ms: 3, summary: "5 rows".into() },
        Event::RunStopped { after: Stage::Ingest },
    ]);
    assert_eq!((state.status(false), state.stopped_after), (RunStatus::Interrupted, Some(Stage::Ingest)));
    assert_eq!(state.stages, [(Stage::Ingest, 3, "5 rows".to_owned())]);
    assert_eq!(state.log.len(), 4);
}

#[test]
fn live_and_replayed_states_are_the_same() {
    let mut events = begun();
    events.push(finished(DT, 0, [0.9, 0.8, 0.7]));
    events.push(Event::RunFailed { reason: "x".into(), hint: Some("y".into()) });
    let events = stamped(events);
    let mut live = RunState::default();
    for event in &events {
        live.apply(event);
        let line = serde_json::to_string(event).unwrap();
        assert_eq!(&serde_json::from_str::<Stamped>(&line).unwrap(), event, "an event survives its line");
    }
    assert_eq!(live, RunState::replay(&events));
    assert_eq!(live.failure, Some(("x".into(), Some("y".into()))));
}
