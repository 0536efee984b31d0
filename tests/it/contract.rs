//! The headless contract: commands, flags, JSON, exit codes.

use crate::support::{BINARY, Home, models, text};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

#[test]
fn push_train_show_predict() {
    let home = Home::new().with_sample(1_500);
    let report = home.json(&["train", "--seed", "3"]);
    assert_eq!(report["status"], "finished");
    assert_eq!(report["seed"], 3);
    assert_eq!(report["data"]["rows"], 1_500);
    assert_eq!(report["data"]["leak"], 0.0);
    assert!(report["data"]["vectors"].as_u64().unwrap() < 1_500 && report["data"]["conflicting"].as_u64().is_some());
    let list = report["models"].as_array().unwrap();
    assert_eq!(list.len(), 8);
    for model in list {
        for key in ["family", "params", "trials", "cv_f1", "cv_sd", "fit_ms"] {
            assert!(!model[key].is_null(), "{key}");
        }
        for key in
            ["threshold", "precision", "recall", "f1", "accuracy", "roc_auc", "pr_auc", "log_loss", "brier", "ece"]
        {
            assert!(model["test"][key].as_f64().is_some(), "{key}");
        }
        assert_eq!(model["test"]["f1_ci"].as_array().unwrap().len(), 2);
        assert!(!model["test"]["reliability"].as_array().unwrap().is_empty());
        assert_eq!(model["importance"].as_array().unwrap().len(), 30);
        let curve = model["curve"].as_array().unwrap();
        assert_eq!(curve.last().unwrap()["recall"], 1.0);
        // Resampled in every trial of that space, so its scores are no probabilities until they are calibrated.
        assert_eq!(model["calibration"] == "platt", model["params"].get("resampling").is_some_and(|r| r != "none"));
        assert!(model["family"] != "decision_tree" || model["calibration"] == "platt");
        assert_eq!(
            model["importance"][0]["gain"].is_null(),
            !model["params"].to_string().contains("n_estimators") && model["family"] != "decision_tree"
        );
        assert_eq!(model["kept"].is_null(), model["family"] != "knn");
    }
    let best =
        list.iter().max_by(|a, b| a["cv_f1"].as_f64().unwrap().total_cmp(&b["cv_f1"].as_f64().unwrap())).unwrap();
    assert_eq!(report["winner"], best["family"]);

    let run = report["run"].as_str().unwrap();
    let runs = home.json(&["runs"]);
    assert_eq!(runs["runs"][0]["run"], run);
    assert_eq!(runs["runs"][0]["status"], "finished");
    let show = home.json(&["show", &run[..6]]);
    assert_eq!(show["report"]["models"], report["models"]);
    for name in [
        "manifest.yaml",
        "events.jsonl",
        "validation.yaml",
        "train.parquet",
        "test.parquet",
        "report.json",
        "preprocessor.json",
    ] {
        assert!(home.root().join("runs").join(run).join(name).is_file(), "{name}");
    }
    assert!(home.ok(&["show", run]).contains("phishing is positive"));
    assert!(home.ok(&["logs", run]).contains("finished, winner"));

    let csv = home.ok(&["sample", "--rows", "40", "--seed", "77"]);
    let input = home.file("new.csv", &csv);
    let out = home.ok(&["predict", input.to_str().unwrap()]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 41);
    assert_eq!(lines[0], format!("{},prediction,verdict,probability", csv.lines().next().unwrap()));
    for (line, given) in lines.iter().zip(csv.lines()).skip(1) {
        let rest = line.strip_prefix(given).unwrap_or_else(|| panic!("{line}"));
        let cells: Vec<&str> = rest[1..].split(',').collect();
        let probability: f64 = cells[2].parse().unwrap();
        assert_eq!((cells[0], cells[1]), if probability >= 0.5 { ("-1", "phishing") } else { ("1", "legitimate") });
    }
    let other = home.json(&["predict", "--run", run, "--family", "decision_tree", input.to_str().unwrap()]);
    assert_eq!(other["family"], "decision_tree");
    assert_eq!(other["rows"].as_array().unwrap().len(), 40);
    let log = std::fs::read_dir(home.root().join("predictions")).unwrap().next().unwrap().unwrap().path();
    let log = std::fs::read_to_string(log).unwrap();
    assert_eq!(log.lines().count(), 80);
    let first: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!((&first["user"], &first["run"]), (&"tester".into(), &run.into()));
}

#[test]
fn one_seed_gives_the_same_bytes_whatever_the_thread_count() {
    let home = Home::new().with_sample(800);
    let train = |seed: &str, threads: &str| {
        let output =
            home.command(&["train", "--json", "--seed", seed]).env("RAYON_NUM_THREADS", threads).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        models(&home, report["run"].as_str().unwrap())
    };
    let first = train("1", "1");
    assert_eq!(first.len(), 2 * 8, "a model and a curve for each family");
    assert_eq!(first, train("1", "3"));
    assert_ne!(first, train("2", "1"));
}

#[test]
fn predict_answers_line_by_line_in_a_pipe() {
    let home = Home::new().with_sample(400);
    home.ok(&["train", "--family", "decision_tree"]);
    let mut child =
        home.command(&["predict"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut to = child.stdin.take().unwrap();
    let mut from = BufReader::new(child.stdout.take().unwrap());
    let csv = home.ok(&["sample", "--rows", "3", "--seed", "9"]);
    let mut rows = csv.lines();
    writeln!(to, "{}", rows.next().unwrap()).unwrap();
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    assert!(line.ends_with("prediction,verdict,probability\n"));
    for row in rows {
        writeln!(to, "{row}").unwrap();
        // The answer comes before the next row is written and before the input ends.
        line.clear();
        from.read_line(&mut line).unwrap();
        assert!(line.starts_with(row), "{line}");
    }
    drop(to);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let mut child = Command::new(BINARY)
        .args(["sample", "--rows", "10000000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut from = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    drop(from);
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn stages_can_be_run_one_after_the_other() {
    let home = Home::new().with_sample(400);
    let first = home.json(&["train", "--until", "ingest"]);
    let run = first["run"].as_str().unwrap().to_owned();
    assert_eq!((&first["status"], &first["stopped_after"]), (&"interrupted".into(), &"ingest".into()));
    let dir = home.root().join("runs").join(&run);
    assert!(dir.join("snapshot.parquet").is_file() && !dir.join("validation.yaml").exists());
    home.ok(&["train", "--run", &run, "--until", "transform"]);
    assert!(dir.join("train.parquet").is_file() && dir.join("validation.yaml").is_file());
    let report = home.json(&["train", "--run", &run]);
    assert_eq!((&report["status"], &report["run"]), (&"finished".into(), &run.as_str().into()));
    let (code, error) = home.fails(&["train", "--run", &run]);
    assert!(code == 1 && error.contains("is finished"), "{error}");
    let log = home.ok(&["logs", &run]);
    assert_eq!(log.matches("ingest started").count(), 1, "{log}");
}

#[test]
fn a_detached_run_can_be_cancelled_and_resumed() {
    let home = Home::new().with_sample(600);
    let id = home.ok(&["train", "--detach", "--space", "endless"]).trim().to_owned();
    wait_for(&home, &id, "running");
    let started = Instant::now();
    home.ok(&["cancel", &id]);
    wait_for(&home, &id, "cancelled");
    assert!(started.elapsed() < Duration::from_secs(5));
    let (code, error) = home.fails(&["cancel", &id]);
    assert!(code == 1 && error.contains("is not running"), "{error}");
    let again = home.ok(&["train", "--run", &id, "--detach"]);
    assert_eq!(again.trim(), id);
    wait_for(&home, &id, "running");
    home.ok(&["cancel", &id]);
    wait_for(&home, &id, "cancelled");
}

/// A foreground training that does not end by itself.
fn endless(home: &Home) -> Child {
    let mut command = home.command(&["train", "--space", "endless", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn ctrl_c_cancels_the_run_and_exits_with_130() {
    let home = Home::new().with_sample(600);
    let child = endless(&home);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let runs = home.json(&["runs"]);
        if runs["runs"][0]["status"] == "running" {
            break;
        }
        assert!(Instant::now() < deadline, "{runs}");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Its handler is set when it begins to follow, just after the worker has taken the lock.
    std::thread::sleep(Duration::from_millis(500));
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["status"], "cancelled");
}

pub fn wait_for(home: &Home, run: &str, status: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let now = home.json(&["show", run]);
        if now["status"] == status {
            return;
        }
        assert!(Instant::now() < deadline, "still {}", now["status"]);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn usage_errors_exit_with_2() {
    let home = Home::new();
    for args in [
        &["push"][..],
        &["train", "--family", "oracle"],
        &["train", "--run", "abc", "--seed", "4"],
        &["train", "--run", "abc", "--collection", "x"],
        &["train", "--until", "lunch"],
        &["fly"],
        &["sample", "--rows", "many"],
        &["--schema", "x.yaml", "train", "--run", "abc"],
    ] {
        assert_eq!(home.fails(args).0, 2, "{args:?}");
    }
    let output = home.run(&["fly", "--json"]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(value["error"].as_str().unwrap().contains("fly"), "{value}");
}

#[test]
fn without_a_terminal_it_prints_text_and_never_draws() {
    let home = Home::new();
    let out = home.ok(&[]);
    assert!(out.contains("store") && !out.contains('\x1b'), "{out}");
    let info = home.json(&["info"]);
    assert_eq!(info["settings"]["collection"]["value"], "NetworkData");
    assert_eq!(info["settings"]["collection"]["origin"], "built-in");
    assert!(info["settings"]["training"]["origin"].as_str().unwrap().ends_with("settings.yaml, line 1"));
}

#[test]
fn a_failure_with_json_is_one_document_too() {
    let home = Home::new();
    let output = home.run(&["show", "nothing", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(value["error"].as_str().unwrap().contains("no run begins with"));
}

#[test]
fn a_family_that_fails_does_not_end_the_run() {
    let home = Home::new().with_sample(400);
    // A tree that needs more rows in a leaf than there are cannot be boosted: every vote is a coin.
    home.file(
        "training.yaml",
        "folds: 3\nimputation: {strategy: most_frequent}\ndefault_space: s\nspaces:\n  s:\n    decision_tree: {criterion: [gini]}\n    \
         adaboost: {n_estimators: [4], learning_rate: [1.0]}\n    knn: {k: [4000000000], weights: [uniform]}\n",
    );
    let report = home.json(&["train"]);
    assert_eq!(report["status"], "finished");
    assert!(report["models"].as_array().unwrap().len() >= 2);
}

#[test]
fn ctrl_c_at_once_is_a_request_too() {
    let home = Home::new().with_sample(600);
    for wait in [60, 100, 150] {
        let child = endless(&home);
        // Its first word is the run's id: from then on there is a run to cancel.
        std::thread::sleep(Duration::from_millis(wait));
        assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        if output.status.code() == Some(130) {
            let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(summary["status"], "cancelled");
        }
        let runs = home.json(&["runs"]);
        assert!(runs["runs"].as_array().unwrap().iter().all(|r| r["status"] != "running"), "{runs}");
    }
}

#[test]
fn scored_rows_can_be_scored_again_and_objects_keep_their_fields() {
    let home = Home::new().with_sample(400);
    home.ok(&["train", "--family", "decision_tree"]);
    let csv = home.file("rows.csv", home.ok(&["sample", "--rows", "5", "--seed", "8"]));
    let once = home.ok(&["predict", csv.to_str().unwrap()]);
    let scored = home.file("scored.csv", &once);
    assert_eq!(home.ok(&["predict", scored.to_str().unwrap()]), once);
    let lines = home.file("rows.jsonl", "{\"url\": \"http://a\", \"SSLfinal_State\": -1}\n{\"url\": \"http://b\"}\n");
    let out = home.ok(&["predict", lines.to_str().unwrap()]);
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows[0], "url,SSLfinal_State,prediction,verdict,probability");
    assert!(rows[1].starts_with("http://a,-1,") && rows[2].starts_with("http://b,,"), "{out}");
    let late = home.file("late.jsonl", "{broken\n{\"SSLfinal_State\": -1}\n");
    let out = home.command(&["predict"]).stdin(std::fs::File::open(late).unwrap()).output().unwrap();
    assert_eq!(text(&out.stdout).lines().count(), 3, "{}", text(&out.stderr));
}

#[test]
fn a_threshold_is_chosen_on_the_folds_and_used_from_then_on() {
    let home = Home::new().with_sample(800);
    let report = home.json(&["train", "--family", "logistic_regression", "--family", "decision_tree"]);
    let run = report["run"].as_str().unwrap();
    let shown = home.json(&["threshold", run]);
    assert_eq!((&shown["threshold"], &shown["wish"]), (&0.5.into(), &Value::Null));
    assert_eq!((&shown["run"], &shown["family"]), (&run.into(), &report["winner"]));
    for side in ["folds", "holdout"] {
        for key in ["threshold", "precision", "recall"] {
            assert!(shown[side][key].as_f64().is_some(), "{side} {key}: {shown}");
        }
    }

    let set = home.json(&["threshold", &run[..8], "--family", "lr", "--recall", "0.99"]);
    assert_eq!((&set["family"], &set["wish"]["recall"]), (&"logistic_regression".into(), &0.99.into()));
    assert!(set["folds"]["recall"].as_f64().unwrap() >= 0.99, "{set}");
    assert_eq!(home.json(&["threshold", run, "--family", "lr"]), set);
    let threshold = set["threshold"].as_f64().unwrap();
    assert!(threshold < 0.5, "{threshold}");

    let csv = home.file("rows.csv", home.ok(&["sample", "--rows", "60", "--seed", "77"]));
    let scored = home.json(&["predict", "--run", run, "--family", "lr", csv.to_str().unwrap()]);
    assert_eq!(scored["threshold"], set["threshold"]);
    for row in scored["rows"].as_array().unwrap() {
        let positive = row["probability"].as_f64().unwrap() >= threshold;
        assert_eq!(row["verdict"] == "phishing", positive, "{row}");
    }

    let text = home.ok(&["threshold", run, "--family", "lr"]);
    assert!(text.contains("for a recall of 0.99") && text.contains("hold-out"), "{text}");
    home.ok(&["threshold", run, "--at", "0.4"]);
    let show = home.ok(&["show", run]);
    assert!(show.contains("phishing from probability 0.4") && show.contains("F1 lost when shuffled"), "{show}");
    home.ok(&["threshold", run, "--default"]);
    assert!(!home.ok(&["show", run]).contains("from probability"));

    for wrong in [&["--recall", "0.9", "--default"][..], &["--recall", "0.9", "--at", "0.4"], &["--at", "high"]] {
        assert_eq!(home.fails(&[&["threshold", run], wrong].concat()).0, 2, "{wrong:?}");
    }
    let (code, error) = home.fails(&["threshold", run, "--recall", "1.5"]);
    assert!(code == 1 && error.contains("not between 0 and 1"), "{error}");
    let (code, error) = home.fails(&["threshold", run, "--family", "svm"]);
    assert!(code == 1 && error.contains("no svm model"), "{error}");
}
