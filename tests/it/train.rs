//! What a run can be asked for: rows of a time window, folds, a way of balancing the classes.

use crate::support::Home;
use netsec::run::RunDir;
use std::time::{Duration, Instant};

fn manifest(home: &Home, run: &str) -> netsec::run::Manifest {
    RunDir { id: run.to_owned(), path: home.root().join("runs").join(run) }.manifest().unwrap()
}

#[test]
fn a_run_takes_the_rows_of_a_time_window_and_keeps_it_when_it_goes_on() {
    let home = Home::new().with_sample(1_200);
    let between = netsec::now();
    std::thread::sleep(Duration::from_millis(5));
    let more = home.ok(&["sample", "--rows", "900", "--seed", "9"]);
    home.ok(&["push", home.file("more.csv", more).to_str().unwrap()]);
    let rows = |args: &[&str]| {
        let common = ["train", "--family", "decision_tree", "--until", "transform"];
        let run = home.json(&[&common, args].concat());
        let run = run["run"].as_str().unwrap().to_owned();
        let text = std::fs::read_to_string(home.root().join("runs").join(&run).join("ingest.json")).unwrap();
        (serde_json::from_str::<serde_json::Value>(&text).unwrap()["rows"].as_u64().unwrap(), run)
    };
    assert_eq!(rows(&[]).0, 2_100);
    assert_eq!(rows(&["--collection", &format!("NetworkData@..{between}")]).0, 1_200);
    let (late, run) = rows(&["--collection", &format!("NetworkData@{between}..")]);
    assert_eq!(late, 900);
    assert_eq!(manifest(&home, &run).window.to_string(), format!("{between}.."));
    let report = home.json(&["train", "--run", &run]);
    assert_eq!(report["data"]["rows"], 900);
    assert_eq!(home.json(&["show", &run])["window"], format!("{between}.."));
    // The data's hash is of the rows that were taken.
    let hashes: Vec<_> = home.json(&["runs"])["runs"].as_array().unwrap().iter().map(|r| r["run"].clone()).collect();
    let hashes: Vec<_> = hashes.iter().map(|run| manifest(&home, run.as_str().unwrap()).data_hash.unwrap()).collect();
    assert!(hashes[0] != hashes[1] && hashes[1] != hashes[2] && hashes[0] != hashes[2], "{hashes:?}");

    let (_, told) = home.fails(&["train", "--collection", "NetworkData@2001-01-01..2002-01-01"]);
    assert!(told.contains("no row that was stored within 2001-01-01T00:00:00Z.."), "{told}");
    let (_, told) = home.fails(&["train", "--collection", "NetworkData@last-week"]);
    assert!(told.contains("no time window"), "{told}");
}

#[test]
fn folds_and_the_way_of_balancing_are_asked_for_and_recorded() {
    let home = Home::new().with_sample(1_200);
    let common = ["train", "--family", "logistic_regression", "--family", "decision_tree"];
    let report = home.json(&[&common[..], &["--folds", "4", "--resampling", "oversample"]].concat());
    for model in report["models"].as_array().unwrap() {
        assert_eq!((&model["params"]["resampling"], &model["calibration"]), (&"oversample".into(), &"platt".into()));
    }
    let run = report["run"].as_str().unwrap();
    let journal = std::fs::read_to_string(home.root().join("runs").join(run).join("events.jsonl")).unwrap();
    let last = journal
        .lines()
        .filter(|line| line.contains("\"fold_scored\""))
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"]["fold"].as_u64().unwrap());
    assert_eq!(last.max(), Some(3));
    let show = home.json(&["show", run]);
    assert_eq!((&show["folds"], &show["resampling"]), (&4.into(), &"oversample".into()));

    let (_, told) = home.fails(&["train", "--folds", "1"]);
    assert!(told.contains("1 folds are not between 2 and 20"), "{told}");
    let (code, told) = home.fails(&["train", "--resampling", "more"]);
    assert!(code == 2 && told.contains("oversample"), "{told}");
    let (code, _) = home.fails(&["train", "--run", run, "--folds", "3"]);
    assert_eq!(code, 2);
}

#[test]
fn a_worker_says_who_it_is_for_whoever_looks_at_the_host() {
    let home = Home::new().with_sample(1_200);
    let run = home.json(&["train", "--detach"])["run"].as_str().unwrap().to_owned();
    let dir = RunDir { id: run.clone(), path: home.root().join("runs").join(&run) };
    let begun = Instant::now();
    let mut gauge = netsec::host::Gauge::default();
    let mut seen = None;
    while dir.is_alive() && seen.is_none() && begun.elapsed() < Duration::from_secs(30) {
        seen = gauge.read(dir.worker().as_ref()).process;
    }
    assert!(seen.is_some_and(|worker| worker.memory > 1_000_000), "{seen:?}");
    while dir.is_alive() && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(dir.worker().is_some(), "the last one is still known by name");
    assert_eq!(gauge.read(dir.worker().as_ref()).process, None);
}
