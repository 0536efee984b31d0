//! The real data, where it is at hand.

use crate::support::{Home, models, uci};

/// The built-in search spaces instead of the quick ones.
fn home() -> Home {
    let home = Home::new();
    home.file("settings.yaml", "");
    home
}

#[test]
#[ignore = "needs the UCI rows"]
fn the_winner_reaches_its_score_on_rows_it_never_saw() {
    let home = home();
    let path = uci();
    let pushed = home.json(&["push", path.to_str().unwrap()]);
    assert_eq!((&pushed["inserted"], &pushed["rejected"]), (&8_323.into(), &0.into()));
    let report = home.json(&["train", "--seed", "1", "--space", "seed_grid"]);
    assert_eq!(report["data"]["leak"], 0.0);
    assert_eq!(report["models"].as_array().unwrap().len(), 5);
    let best = &report["models"][0];
    assert_eq!(best["family"], report["winner"]);
    assert!(best["test"]["f1"].as_f64().unwrap() >= 0.93, "{best}");
    let again = home.json(&["train", "--seed", "1", "--space", "seed_grid"]);
    let bytes = |report: &serde_json::Value| models(&home, report["run"].as_str().unwrap());
    assert_eq!(bytes(&report), bytes(&again));
    let out = home.ok(&["predict", path.to_str().unwrap()]);
    assert_eq!(out.lines().count(), 8_324);
}
