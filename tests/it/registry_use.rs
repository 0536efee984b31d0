//! What is done with the version in production: predictions, explanations, drift, and runs that are not needed any more.

use crate::support::{Home, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A home whose settings name a registry beside it.
fn home() -> Home {
    let home = Home::new();
    home.file("settings.yaml", "training: training.yaml\nregistry: models\n");
    home.with_sample(1_500)
}

fn registry(home: &Home) -> PathBuf {
    home.dir.path().join("models")
}

fn train(home: &Home, seed: &str) -> String {
    home.json(&["train", "--family", "decision_tree", "--seed", seed])["run"].as_str().unwrap().to_owned()
}

fn promote(home: &Home, run: &str, alias: &str) {
    // The sample is too small to tell two models apart.
    home.ok(&["promote", run, "--alias", alias, "--reason", "a test", "--override", "a test", "--yes"]);
}

fn rows(home: &Home) -> String {
    home.dir.path().join("sample.csv").to_str().unwrap().to_owned()
}

fn succeeds(output: &Output) -> (String, String) {
    assert!(output.status.success(), "{}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

/// The files of the bundles on this host.
fn cached(home: &Home, name: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, name: &str, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => walk(&path, name, found),
                false if path.file_name().is_some_and(|file| file == name) => found.push(path),
                false => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(&home.root(), name, &mut found);
    found.retain(|path| path.parent().and_then(Path::parent).is_some_and(|dir| dir.ends_with("bundles")));
    found
}

/// Changes a file without changing its size.
fn spoil(path: &Path) {
    let mut content = std::fs::read(path).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    std::fs::write(path, content).unwrap();
}

#[test]
fn the_version_in_production_predicts_until_another_model_is_named() {
    let home = home();
    let first = train(&home, "1");
    let rows = rows(&home);
    let before = succeeds(&home.run(&["predict", &rows]));
    assert!(before.1.contains(&format!("model: run {first}, decision_tree, the newest finished run")), "{}", before.1);
    assert_eq!(home.json(&["predict", &rows])["model"], Value::Null);

    promote(&home, &first, "production");
    let second = train(&home, "2");
    let (out, err) = succeeds(&home.run(&["predict", &rows]));
    assert!(err.contains(&format!("model: phishing v1 (run {first}), decision_tree, in production")), "{err}");
    // It is the very model, and CSV has nothing but the answers.
    assert_eq!(out, before.0);
    let json = home.json(&["predict", &rows]);
    let model = &json["model"];
    assert_eq!((&model["name"], &model["version"]), (&"phishing".into(), &1.into()));
    assert_eq!((&model["alias"], &json["run"]), (&"production".into(), &first.as_str().into()));
    assert_eq!(model["manifest"].as_str().unwrap().len(), 64);

    promote(&home, &second, "staging");
    for (name, version, alias) in [
        ("staging", 2, Value::from("staging")),
        ("v2", 2, Value::Null),
        ("phishing@v1", 1, Value::Null),
        ("phishing@production", 1, "production".into()),
    ] {
        let model = &home.json(&["predict", &rows, "--no-log", "--model", name])["model"];
        assert_eq!((&model["version"], &model["alias"]), (&version.into(), &alias), "{name}");
    }
    assert_eq!(home.json(&["predict", &rows, "--no-log", "--run", &second])["model"], Value::Null);

    let why = home.json(&["explain", "SSLfinal_State=-1"]);
    assert_eq!((&why["model"]["version"], &why["sample"]), (&1.into(), &Value::Null));
    let why = home.ok(&["explain", "SSLfinal_State=-1", "--model", "v2"]);
    assert!(why.contains(&format!("decision_tree of phishing v2 (run {second})")), "{why}");

    let logged = &home.json(&["predictions", "--limit", "1"])["predictions"][0];
    assert_eq!((&logged["version"], &logged["run"]), (&"phishing v1".into(), &first.as_str().into()));
    home.ok(&["predict", &rows, "--to", "Scored"]);
    let found: Value = home.json(&["find", "Scored", "--limit", "1"]);
    assert!(found.to_string().contains("phishing v1"), "{found}");

    for (args, part) in [
        (&["--model", "v9"][..], "phishing has no version 9"),
        (&["--model", "other@production"], "no version of other is in production"),
        (&["--model", "canary"], "no version of phishing is in canary"),
        (&["--model", "a/b"], "cannot be an alias"),
        (&["--family", "random_forest"], "has no random_forest model: it is decision_tree"),
    ] {
        let (code, err) = home.fails(&[&["predict", &rows], args].concat());
        assert!(code == 1 && err.contains(part), "{args:?}: {err}");
    }
    assert_eq!(home.fails(&["predict", &rows, "--model", "v1", "--run", &first]).0, 2);
}

#[test]
fn without_the_registry_the_model_that_is_known_predicts_and_a_damaged_one_never() {
    let home = home();
    let first = train(&home, "1");
    promote(&home, &first, "production");
    let rows = rows(&home);
    let predict = ["predict", &rows, "--no-log"];
    let answers = home.ok(&predict);

    // What is on this host is damaged: it is fetched again.
    for path in cached(&home, "model.json") {
        spoil(&path);
    }
    assert_eq!(home.ok(&predict), answers);

    let (there, away) = (registry(&home), home.dir.path().join("away"));
    std::fs::rename(&there, &away).unwrap();
    let (out, err) = succeeds(&home.run(&predict));
    assert_eq!(out, answers);
    assert!(err.contains("the registry cannot be reached (") && err.contains("v1 was in production just now"), "{err}");
    let json = home.json(&predict);
    assert_eq!(json["model"]["version"], 1);
    succeeds(&home.run(&["predict", &rows, "--no-log", "--model", "v1"]));

    // Nothing else takes the place of a damaged model.
    let files = cached(&home, "model.json");
    assert_eq!(files.len(), 1);
    spoil(&files[0]);
    let (_, err) = home.fails(&predict);
    assert!(err.contains("its content is not what was registered"), "{err}");
    std::fs::remove_dir_all(files[0].parent().unwrap()).unwrap();
    let (_, err) = home.fails(&predict);
    assert!(err.contains("never fetched to this host") && err.contains("--run RUN"), "{err}");
    home.ok(&["predict", &rows, "--no-log", "--run", &first]);

    // A registry whose bundle is damaged is not used either.
    std::fs::rename(&away, &there).unwrap();
    spoil(&there.join("phishing/versions/1/model.json"));
    let (_, err) = home.fails(&predict);
    assert!(err.contains("its content is not what was registered"), "{err}");
}

#[test]
fn rows_are_held_against_the_version_in_production_whose_run_may_go() {
    let home = home();
    let first = train(&home, "1");
    let by_run = home.json(&["drift"]);
    let (_, err) = home.fails(&["trash", &first]);
    assert!(err.contains("as long as no version is in production"), "{err}");
    promote(&home, &first, "production");
    home.ok(&["trash", &first]);
    home.ok(&["trash", "--empty", "--yes"]);

    let by_version = home.json(&["drift"]);
    assert_eq!(by_version["reference"]["name"], "phishing v1");
    for field in ["rows", "labelled", "hash"] {
        assert_eq!(by_version["reference"][field], by_run["reference"][field], "{field}");
    }
    assert_eq!(by_version["columns"], by_run["columns"]);
    assert_eq!(by_version["prediction"], by_run["prediction"]);
    assert_eq!(by_version["model"]["version"], "phishing v1");
    for field in ["run", "at_training", "now", "trained_on"] {
        assert_eq!(by_version["model"][field], by_run["model"][field], "{field}");
    }
    for name in ["v1", "production", "phishing@v1", "phishing v1"] {
        let report = home.json(&["drift", "--reference", name, "--current", "NetworkData"]);
        assert_eq!(report["reference"]["name"], "phishing v1", "{name}");
    }
    let text = home.ok(&["drift"]);
    assert!(text.contains(&format!("champion   phishing v1 (run {first}), decision_tree")), "{text}");

    // A worker is handed over the registry that these settings name.
    let second = train(&home, "2");
    let drift = home.root().join("runs").join(&second).join("drift.yaml");
    assert_eq!(netsec::drift::DriftReport::read(&drift).unwrap().unwrap().reference.name, "phishing v1");
    home.ok(&["trash", &second]);
}

/// Runs it with a registry where nothing listens.
fn unreachable(home: &Home, args: &[&str]) -> Output {
    let mut command = home.command(args);
    command.env("NETSEC_REGISTRY", "s3://models/team").env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1");
    command.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b").env("AWS_REGION", "us-east-1");
    command.output().unwrap()
}

#[test]
fn a_run_notes_that_the_registry_is_away_and_goes_on() {
    let home = home();
    let (out, _) = succeeds(&unreachable(&home, &["train", "--family", "decision_tree", "--json"]));
    let run = serde_json::from_str::<Value>(&out).unwrap()["run"].as_str().unwrap().to_owned();
    let noted = home.ok(&["logs", &run]);
    assert!(noted.contains("the champion is not known: s3://models/team"), "{noted}");
    // Nobody knows whether a version is in production: no other model takes its place.
    let rows = rows(&home);
    let output = unreachable(&home, &["predict", &rows]);
    assert!(!output.status.success() && output.stdout.is_empty(), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("s3://models/team"), "{}", text(&output.stderr));
    succeeds(&unreachable(&home, &["predict", &rows, "--run", &run]));

    promote(&home, &run, "production");
    home.ok(&["predict", &rows]);
    std::fs::rename(registry(&home), home.dir.path().join("away")).unwrap();
    let second = train(&home, "2");
    let noted = home.ok(&["logs", &second]);
    assert!(noted.contains("the registry cannot be reached (") && noted.contains("v1 was in production"), "{noted}");
    let drift = home.root().join("runs").join(&second).join("drift.yaml");
    assert_eq!(netsec::drift::DriftReport::read(&drift).unwrap().unwrap().reference.name, "phishing v1");
}
