//! Killed at any moment, a run loses nothing that was finished.

use crate::support::{BINARY, Home, models};
use netsec::event::Event;
use netsec::random::Stream;
use netsec::run::Follower;
use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often a worker is killed.
const KILLS: usize = 50;

/// Reads the journal, and gives how often each trial was finished.
fn finished(home: &Home, run: &str) -> HashMap<(String, u32), u32> {
    let path = home.root().join("runs").join(run).join("events.jsonl");
    let mut trials = HashMap::new();
    for (i, stamped) in Follower::new(path).poll().unwrap().into_iter().enumerate() {
        assert_eq!(stamped.seq, i as u64, "no event is lost or doubled");
        if let Event::TrialFinished { family, trial, .. } | Event::TrialDropped { family, trial, .. } = stamped.event {
            *trials.entry((family.to_string(), trial)).or_insert(0) += 1;
        }
    }
    trials
}

#[test]
fn fifty_kills_lose_nothing_and_repeat_nothing() {
    let home = Home::new().with_sample(500);
    let whole = home.json(&["train", "--space", "slow"]);
    let expected = models(&home, whole["run"].as_str().unwrap());
    let mut stream = Stream::new(1, &["kills"]);
    let mut kills = 0;
    while kills < KILLS {
        let started = home.json(&["train", "--space", "slow", "--until", "validate"]);
        let run = started["run"].as_str().unwrap().to_owned();
        let mut before = HashMap::new();
        loop {
            let mut worker = Command::new(BINARY)
                .args(["worker", &run, "--home"])
                .arg(home.root())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_millis(20 + stream.below(180) as u64));
            let ended = worker.try_wait().unwrap();
            if let Some(status) = ended {
                assert!(status.success(), "{status}");
                break;
            }
            worker.kill().unwrap();
            worker.wait().unwrap();
            kills += 1;
            let after = finished(&home, &run);
            assert!(after.values().all(|n| *n == 1), "a finished trial was trained again: {after:?}");
            assert!(before.keys().all(|t| after.contains_key(t)), "a finished trial was lost");
            before = after;
            // Killed behind its last event, a run is finished.
            let status = home.json(&["show", &run])["status"].clone();
            assert!(status == "interrupted" || status == "finished", "{status}");
            if status == "finished" {
                break;
            }
            if kills == KILLS {
                home.ok(&["train", "--run", &run]);
                break;
            }
        }
        assert_eq!(home.json(&["show", &run])["status"], "finished");
        assert!(finished(&home, &run).values().all(|n| *n == 1));
        assert_eq!(models(&home, &run), expected, "an interrupted run ends with the same bytes");
    }
}

/// A fit that does not look whether it should stop is ended with its worker.
#[test]
fn a_fit_that_cannot_be_interrupted_is_cancelled_too() {
    let home = Home::new().with_sample(6_000);
    let id = home.ok(&["train", "--detach", "--space", "stubborn"]).trim().to_owned();
    let journal = home.root().join("runs").join(&id).join("events.jsonl");
    while !std::fs::read_to_string(&journal).is_ok_and(|text| text.contains("trial_started")) {
        std::thread::sleep(Duration::from_millis(5));
    }
    home.ok(&["cancel", &id]);
    crate::contract::wait_for(&home, &id, "cancelled");
    // It goes on from there, and is as stubborn as before.
    let resumed = home.ok(&["train", "--detach", "--run", &id]);
    assert_eq!(resumed.trim(), id);
    home.ok(&["cancel", &id]);
    crate::contract::wait_for(&home, &id, "cancelled");
}

#[test]
fn only_one_worker_moves_a_run() {
    let home = Home::new().with_sample(400);
    let id = home.ok(&["train", "--detach", "--space", "endless"]).trim().to_owned();
    crate::contract::wait_for(&home, &id, "running");
    let (code, error) = home.fails(&["train", "--run", &id]);
    assert!(code == 1 && error.contains("is running already"), "{error}");
    let (code, error) = home.fails(&["worker", &id]);
    assert!(code == 1 && error.contains("is running already"), "{error}");
    home.ok(&["cancel", &id]);
    crate::contract::wait_for(&home, &id, "cancelled");
}

#[test]
fn a_push_that_is_killed_is_completed_by_repeating_it() {
    let home = Home::new();
    let path = home.dir.path().join("rows.csv");
    home.ok(&["sample", "--rows", "60000", "--out", path.to_str().unwrap()]);
    for wait in [50, 150, 300] {
        let mut child = home
            .command(&["push", path.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let last = home.json(&["push", path.to_str().unwrap()]);
    assert_eq!(last["inserted"].as_u64().unwrap() + last["unchanged"].as_u64().unwrap(), 60_000);
    let again = home.json(&["push", path.to_str().unwrap()]);
    assert_eq!((&again["inserted"], &again["unchanged"]), (&0.into(), &60_000.into()));
}
