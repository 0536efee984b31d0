//! Documents found, counted and written to files by the binary.

use crate::support::{Home, text};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

#[test]
fn documents_are_listed_found_and_counted() {
    let home = Home::new();
    assert!(home.ok(&["collections"]).contains("push"));
    let home = home.with_sample(500);
    let listed = home.json(&["collections"]);
    assert_eq!(listed["collections"][0]["collection"], "NetworkData");
    assert_eq!(listed["collections"][0]["documents"], 500);
    assert!(home.ok(&["collections"]).lines().nth(1).unwrap().starts_with("netsec    NetworkData  500"));

    let all = home.json(&["find", "--count"])["count"].as_u64().unwrap();
    let count = |filter: &str| home.json(&["find", "--count", "--filter", filter])["count"].as_u64().unwrap();
    assert_eq!(all, 500);
    assert_eq!(count("Result=-1") + count(r#"{"Result": {"$ne": -1}}"#), 500);

    let found = home.json(&["find", "--filter", "Result=-1 URL_Length>=0", "--sort", "-SFH,_id", "--limit", "7"]);
    let documents = found["documents"].as_array().unwrap();
    assert_eq!((documents.len(), &found["more"]), (7, &true.into()));
    assert!(documents.iter().all(|d| d["Result"] == -1 && d["URL_Length"].as_i64().unwrap() >= 0));
    let keys: Vec<_> = documents.iter().map(|d| (-d["SFH"].as_i64().unwrap(), d["_id"].as_str().unwrap())).collect();
    assert!(keys.is_sorted(), "{keys:?}");

    let out = home.ok(&["find", "netsec/NetworkData", "--columns", "Result,_netsec.source", "--limit", "2"]);
    assert!(
        out.starts_with("Result  _netsec.source\n") && out.ends_with("the first 2; --limit N shows more\n"),
        "{out}"
    );
    let out = home.ok(&["find"]);
    assert!(out.contains("more columns") && out.lines().all(|l| l.chars().count() <= 120), "{out}");
    assert!(home.ok(&["find", "--filter", "Result=5"]).starts_with("no document of netsec.NetworkData matches"));

    let wrong = home.run(&["find", "--filter", "Result=-1 URL_Length>"]);
    let err = text(&wrong.stderr);
    assert!(!wrong.status.success() && err.contains("at character 22") && err.contains("hint:"), "{err}");
    let wrong = home.run(&["find", "absent"]);
    assert!(text(&wrong.stderr).contains("no collection netsec.absent"));
}

#[test]
fn a_view_is_exported_and_nothing_is_written_over() {
    let home = Home::new().with_sample(500);
    let path = |name: &str| home.dir.path().join(name);
    let csv = path("a.csv");
    let csv = csv.to_str().unwrap();
    let args =
        ["export", "--filter", "Result=-1", "--sort", "-URL_Length", "--columns", "URL_Length,Result", "--out", csv];
    let done = home.json(&args);
    let rows = std::fs::read_to_string(csv).unwrap();
    assert_eq!(done["rows"].as_u64().unwrap() as usize, rows.lines().count() - 1);
    assert!(rows.starts_with("URL_Length,Result\n1,-1\n") && rows.ends_with("-1,-1\n"), "{rows}");
    assert_eq!((&done["format"], &done["bytes"]), (&"csv".into(), &rows.len().into()));

    let again = home.run(&args);
    assert!(!again.status.success() && text(&again.stderr).contains("--force"), "{}", text(&again.stderr));
    home.ok(&[&args[..], &["--force"]].concat());
    let lines = home.ok(&["export", "--format", "jsonl", "--out", "-"]);
    assert_eq!(lines.lines().count(), 500);
    assert!(serde_json::from_str::<serde_json::Value>(lines.lines().next().unwrap()).unwrap()["_netsec"].is_object());

    // What was exported is pushed again: the same rows are there already.
    let parquet = path("all.parquet");
    home.ok(&["export", "--out", parquet.to_str().unwrap()]);
    let pushed = home.json(&["push", parquet.to_str().unwrap(), "--source", "sample.csv"]);
    assert_eq!((&pushed["inserted"], &pushed["unchanged"]), (&0.into(), &500.into()), "{pushed}");

    for wrong in [
        &["export", "--out", "a.xlsx"][..],
        &["export", "--out", "-", "--format", "parquet"],
        &["export", "--out", "-", "--json"],
        &["export", "--out", "nowhere/a.csv"],
        &["export", "--out", "a.csv", "--format", "yaml"],
    ] {
        assert!(!home.run(wrong).status.success(), "{wrong:?}");
    }
}

#[test]
fn an_interrupted_export_leaves_nothing() {
    let home = Home::new().with_sample(100_000);
    let mut child = home.command(&["export", "--sort", "-URL_Length", "--out", "big.parquet"]).spawn().unwrap();
    let begun = |suffix: &str| {
        std::fs::read_dir(home.dir.path()).unwrap().flatten().any(|e| e.file_name().to_string_lossy().contains(suffix))
    };
    let start = Instant::now();
    while !begun(".tmp-") {
        assert!(start.elapsed() < Duration::from_secs(20) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    let pid = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let status = child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(130), None));
    assert!(!begun(".tmp-") && !begun("big"));
}
