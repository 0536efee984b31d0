//! A read-only session changes nothing that is shared; and the console's keys as settings name them.

use crate::support::{Home, text};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Every file below a directory, with its content.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

#[test]
fn a_read_only_session_changes_nothing() {
    let home = Home::new().with_sample(400);
    let run = home.json(&["train", "--family", "decision_tree"])["run"].as_str().unwrap().to_owned();
    let sample = home.dir.path().join("sample.csv").display().to_string();
    let before = files(&home.root());
    for args in [
        &["push", &sample][..],
        &["train"],
        &["train", "--run", &run],
        &["cancel", &run],
        &["threshold", &run, "--recall", "0.9"],
    ] {
        let (code, said) = home.fails(&[args, &["--read-only"]].concat());
        assert!(code == 1 && said.contains("read-only") && said.contains("hint"), "{args:?}: {said}");
    }
    // By the environment, and by a settings file, as well.
    let output = home.command(&["push", &sample]).env("NETSEC_READ_ONLY", "1").output().unwrap();
    assert!(!output.status.success() && text(&output.stderr).contains("read-only"));
    home.file("settings.yaml", "training: training.yaml\nread_only: true\n");
    assert!(home.fails(&["push", &sample]).1.contains("read-only"));
    // Reading goes on; what is scored is not logged, and it is said.
    for args in [&["runs"][..], &["show", &run], &["threshold", &run], &["logs", &run], &["validate"]] {
        home.ok(args);
    }
    let output = home.run(&["predict", &sample]);
    assert!(output.status.success() && text(&output.stderr).contains("not logged"), "{}", text(&output.stderr));
    let after = files(&home.root());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after);
}

#[test]
fn keys_are_listed_by_the_names_that_settings_know() {
    let home = Home::new();
    let keys = |home: &Home| home.json(&["keys"])["keys"].as_array().unwrap().clone();
    let of = |home: &Home, view: &str, action: &str| {
        let all = keys(home);
        let found = all.iter().find(|b| b["view"] == view && b["action"] == action).unwrap();
        found["keys"].as_array().unwrap().iter().map(|k| k.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(&home, "table", "next-page"), ["n"]);
    home.file("settings.yaml", "console:\n  keys:\n    table.next-page: [n, ctrl-f]\n");
    assert_eq!(of(&home, "table", "next-page"), ["n", "ctrl-f"]);
    // A mistake is told with its line, before anything is drawn.
    home.file("settings.yaml", "console:\n  keys:\n    table.next-page: [j]\n");
    let (code, said) = home.fails(&["keys"]);
    assert!(code == 1 && said.contains("settings.yaml, line 3") && said.contains("j is down in motion"), "{said}");
}
