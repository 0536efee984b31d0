//! A second data set, with its own schema and no change to the code.

use crate::support::{Home, repository};

#[test]
fn network_flows_are_pushed_trained_and_predicted() {
    let home = Home::new();
    let csv = repository("tests/fixtures/flows.csv");
    let schema = repository("tests/fixtures/flows.yaml");
    let (csv, schema) = (csv.to_str().unwrap(), schema.to_str().unwrap());
    let pushed = home.json(&["push", csv, "--collection", "Flows", "--schema", schema]);
    assert_eq!((&pushed["inserted"], &pushed["rejected"]), (&600.into(), &0.into()));
    // The collection remembers its schema.
    let report = home.json(&["train", "--collection", "Flows"]);
    assert_eq!(report["positive"], "attack");
    let best = &report["models"][0];
    assert!(best["test"]["f1"].as_f64().unwrap() > 0.8, "{best}");
    let out = home.ok(&["predict", csv]);
    let line = out.lines().nth(1).unwrap();
    assert!(line.contains(",attack,attack,") || line.contains(",benign,benign,"), "{line}");
    let wrong = out
        .lines()
        .skip(1)
        .filter(|l| !l.contains(",attack,attack,attack,") && !l.contains(",benign,benign,benign,"))
        .count();
    assert!(wrong < 60, "{wrong} of 600 rows, most of them trained on");
}

#[test]
fn the_plain_schema_of_the_python_versions_serves() {
    let home = Home::new();
    let csv = home.ok(&["sample", "--rows", "500", "--seed", "4"]);
    let names: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let columns: String = names.iter().map(|n| format!("  - {n}: int64\n")).collect();
    let numerical: String = names.iter().map(|n| format!("  - {n}\n")).collect();
    let schema = home.file("plain.yaml", format!("columns:\n{columns}\nnumerical_columns:\n{numerical}"));
    let rows = home.file("rows.csv", &csv);
    home.ok(&["push", rows.to_str().unwrap(), "--collection", "Plain", "--schema", schema.to_str().unwrap()]);
    let report = home.json(&["train", "--collection", "Plain"]);
    assert!(report["models"][0]["test"]["f1"].as_f64().unwrap() > 0.75, "{}", report["models"][0]);
}
