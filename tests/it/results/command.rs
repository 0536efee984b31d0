//! `predict --to` and `transform --to`, as their users see them.

use crate::support::{Home, text};
use serde_json::Value;
use std::io::Write;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

fn counts(done: &Value) -> [u64; 3] {
    ["rows", "inserted", "unchanged"].map(|name| done[name].as_u64().unwrap())
}

/// A home with some rows and a finished run, whose documents are where the environment says.
struct Trained {
    home: Home,
    run: String,
}

impl Trained {
    fn new(home: Home) -> Self {
        let home = home.with_sample(500);
        let run = home.json(&["train", "--family", "decision_tree"])["run"].as_str().unwrap().to_owned();
        Self { home, run }
    }
}

fn a_collection_is_scored_and_a_run_written(trained: &Trained) {
    let home = &trained.home;
    let done = home.json(&["predict", "--from", "NetworkData", "--to", "Scored"]);
    assert_eq!((counts(&done), &done["not_scored"]), ([500, 500, 0], &0.into()));
    let again = home.ok(&["predict", "--from", "NetworkData@2020-01-01..", "--to", "Scored"]);
    assert!(again.contains("0 inserted, 500 unchanged of 500 results"), "{again}");
    let sample = home.dir.path().join("sample.csv").display().to_string();
    assert_eq!(counts(&home.json(&["predict", &sample, "--to", "Scored"])), [500, 500, 0]);
    assert_eq!(home.json(&["find", "Scored", "--count", "--filter", "source=sample.csv"])["count"], 500);
    assert_eq!(home.json(&["predictions"])["predictions"], serde_json::json!([]), "the collection is the record");

    // As the file form has it: the same rows, the same probabilities.
    let sorted = |out: String| {
        let mut rows: Vec<String> = out.lines().skip(1).map(|l| l.rsplit(',').next().unwrap().to_owned()).collect();
        rows.sort();
        rows
    };
    let of_collection = sorted(home.ok(&["predict", "--from", "NetworkData", "--no-log"]));
    assert_eq!((of_collection.len(), &of_collection), (500, &sorted(home.ok(&["predict", &sample, "--no-log"]))));

    let done = home.json(&["transform", &trained.run, "--to", "Transformed"]);
    assert_eq!(done["vectors"], done["inserted"]);
    let again = home.json(&["transform", &trained.run, "--to", "Transformed"]);
    assert_eq!((&again["inserted"], &again["unchanged"]), (&0.into(), &done["vectors"]));

    for (args, what) in [
        (&["predict", "--from", "NetworkData", "--to", "NetworkData"][..], "itself"),
        (&["predict", "--from", "NetworkData", "--to", "Transformed"], "no results"),
        (&["predict", "--from", "Nothing", "--to", "New"], "there is no collection"),
        (&["predict", "--from", "Transformed", "--to", "New", "--read-only"], "read-only"),
        (&["transform", &trained.run, "--to", "New", "--read-only"], "read-only"),
        (&["transform", &trained.run, "--to", "Scored"], "no transformed data"),
    ] {
        let (code, error) = home.fails(args);
        assert!(code == 1 && error.contains(what) && error.contains("hint: "), "{args:?}: {error}");
    }
    // Nothing of a row can be scored: each says why, and the exit code does.
    let bad = home.file("bad.csv", "URL_Length,port\n1\n,\n");
    let output = home.run(&["predict", bad.to_str().unwrap(), "--to", "Bad", "--json"]);
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &done["not_scored"], &done["inserted"]), (Some(1), &2.into(), &2.into()));
}

fn a_batch_that_is_killed_is_completed(trained: &Trained) {
    let home = &trained.home;
    let path = home.dir.path().join("rows.csv").display().to_string();
    home.ok(&["sample", "--rows", "60000", "--out", &path]);
    home.ok(&["push", &path, "--collection", "Rows"]);
    for wait in [100, 250, 500] {
        let mut command = home.command(&["predict", "--from", "Rows", "--to", "Scored"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let [rows, inserted, unchanged] = counts(&home.json(&["predict", "--from", "Rows", "--to", "Scored"]));
    assert_eq!((rows, inserted + unchanged), (60_000, 60_000));
    assert_eq!(counts(&home.json(&["predict", "--from", "Rows", "--to", "Scored"])), [60_000, 0, 60_000]);
    assert_eq!(home.json(&["find", "Scored", "--count"])["count"], 60_000);
}

#[test]
fn collections_are_scored_and_runs_written() {
    a_collection_is_scored_and_a_run_written(&Trained::new(Home::new()));
}

#[test]
fn a_killed_batch_is_completed() {
    a_batch_that_is_killed_is_completed(&Trained::new(Home::new()));
}

/// Waits for its end, but not for ever.
fn ended(mut child: Child) -> std::process::Output {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn an_interrupted_batch_keeps_what_is_stored_and_says_how_to_go_on() {
    let trained = Trained::new(Home::new());
    let home = &trained.home;
    let rows = home.ok(&["sample", "--rows", "30000"]);
    let mut command = home.command(&["predict", "--to", "Scored", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The pipe stays open: it would wait for more.
    let mut input = child.stdin.take().unwrap();
    input.write_all(rows.as_bytes()).unwrap();
    let begun = Instant::now();
    while home.run(&["find", "Scored", "--count"]).stdout.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing is stored");
        std::thread::sleep(Duration::from_millis(50));
    }
    let status = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let output = ended(child);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{error}");
    assert!(error.contains("interrupted") && error.contains("the same command goes on"), "{error}");
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(done["interrupted"], true);
    drop(input);
    let stored = home.json(&["find", "Scored", "--count"])["count"].as_u64().unwrap();
    let mut command = home.command(&["predict", "--to", "Scored", "--json"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(rows.as_bytes()).unwrap();
    let done: Value = serde_json::from_slice(&ended(child).stdout).unwrap();
    assert_eq!(counts(&done), [30_000, 30_000 - stored, stored]);
}

mod mongo {
    use super::{Home, Trained};

    /// The same, with the documents on the server.
    fn on_the_server(check: impl FnOnce(&Trained)) {
        let uri = crate::support::mongodb();
        let database = crate::store::database();
        let home = Home::new();
        home.file("connection", &uri);
        use std::os::unix::fs::PermissionsExt;
        let file = home.dir.path().join("connection");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let settings = format!(
            "training: training.yaml\ndatabase: {database}\nstore: server\nconnections:\n  server:\n    uri_file: {}\n",
            file.display()
        );
        home.file("settings.yaml", settings);
        let trained = Trained::new(home);
        check(&trained);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let client = mongodb::Client::with_uri_str(uri).await.unwrap();
            client.database(&database).drop().await.unwrap();
        });
    }

    #[test]
    #[ignore = "needs MongoDB"]
    fn collections_are_scored_and_runs_written() {
        on_the_server(super::a_collection_is_scored_and_a_run_written);
    }

    #[test]
    #[ignore = "needs MongoDB"]
    fn a_killed_batch_is_completed() {
        on_the_server(super::a_batch_that_is_killed_is_completed);
    }
}
