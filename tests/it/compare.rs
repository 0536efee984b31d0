//! Two runs held against each other, through the binary.

use crate::support::{Home, repository};
use serde_json::Value;

/// Trains these families, and gives the run's id.
fn train(home: &Home, args: &[&str]) -> String {
    home.json(&[&["train"], args].concat())["run"].as_str().unwrap().to_owned()
}

fn difference<'a>(comparison: &'a Value, what: &str) -> &'a Value {
    let all = comparison["differences"].as_array().unwrap();
    all.iter().find(|d| d["what"] == what).unwrap_or_else(|| panic!("{what} is not in {all:?}"))
}

#[test]
fn two_runs_are_compared_on_rows_that_neither_has_seen() {
    let home = Home::new().with_sample(1_500);
    let base = train(&home, &["--family", "decision_tree"]);
    let new = train(&home, &["--family", "random_forest", "--seed", "2"]);
    let c = home.json(&["compare", &base[..8], &new]);
    assert_eq!((&c["base"]["run"], &c["new"]["run"]), (&base.as_str().into(), &new.as_str().into()));
    let holdout = &c["holdout"];
    assert_eq!((&holdout["same_data"], &holdout["same_holdout"]), (&true.into(), &true.into()));
    assert_eq!(holdout["left_out"], 0);
    for (side, run) in [("base", &base), ("new", &new)] {
        let report = home.json(&["show", run]);
        // The same vectors, so the same numbers as in the report.
        assert_eq!(c[side]["test"], report["report"]["models"][0]["test"], "{side}");
        assert_eq!(holdout["vectors"], report["report"]["data"]["holdout_vectors"]);
    }
    let errors = |name: &str| c["errors"][name].as_u64().unwrap();
    let all = ["both_right", "only_base", "only_new", "both_wrong", "ties"].map(errors);
    assert_eq!(all.iter().sum::<u64>(), holdout["vectors"].as_u64().unwrap());
    let f1 = |side: &str| c[side]["test"]["f1"].as_f64().unwrap();
    assert_eq!(c["f1"]["value"].as_f64().unwrap(), f1("new") - f1("base"));
    let (low, high) = (c["f1"]["interval"][0].as_f64().unwrap(), c["f1"]["interval"][1].as_f64().unwrap());
    let verdict = if low > 0.0 {
        "better"
    } else if high < 0.0 {
        "worse"
    } else {
        "not_distinguishable"
    };
    assert_eq!(c["verdict"], verdict);
    let family = difference(&c, "family");
    assert_eq!((&family["base"], &family["new"]), (&"decision_tree".into(), &"random_forest".into()));
    assert_eq!(difference(&c, "seed")["change"], "+1");
    assert_eq!(difference(&c, "families only here")["base"], "DT");
    assert!(c["differences"].as_array().unwrap().iter().all(|d| d["base"] != d["new"]), "{c}");
    // Exchanged, it is the same thing with the other sign.
    let other = home.json(&["compare", &new, &base]);
    assert_eq!(other["f1"]["value"].as_f64().unwrap(), -c["f1"]["value"].as_f64().unwrap());
    assert_eq!(other["errors"]["only_base"], c["errors"]["only_new"]);

    let text = home.ok(&["compare", &base, &new]);
    for part in ["same data, same hold-out", "what differs", "(base)", "test F1", "both right", "McNemar's exact test"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains(c["headline"].as_str().unwrap()), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_run_does_not_differ_from_itself_but_its_families_may() {
    let home = Home::new().with_sample(600);
    let run = train(&home, &["--family", "decision_tree", "--family", "logistic_regression"]);
    let c = home.json(&["compare", &run, &run]);
    assert_eq!((&c["verdict"], &c["errors"]["p_value"]), (&"not_distinguishable".into(), &1.0.into()));
    for score in ["f1", "recall"] {
        assert_eq!(c[score]["value"], 0.0);
        assert_eq!(c[score]["interval"], serde_json::json!([0.0, 0.0]));
    }
    assert_eq!((&c["errors"]["only_base"], &c["errors"]["only_new"]), (&0.into(), &0.into()));
    assert_eq!(c["differences"].as_array().unwrap().len(), 0);
    assert!(c["sentence"].as_str().unwrap().contains("the same verdict"), "{c}");
    assert!(home.ok(&["compare", &run, &run]).contains("\n nothing\n"));

    let families = ["--base-family", "decision_tree", "--new-family", "lr"];
    let c = home.json(&[&["compare", run.as_str(), &run][..], &families].concat());
    assert_eq!(c["new"]["family"], "logistic_regression");
    let settings = ["seed", "space", "rows", "run time", "families only here"];
    assert!(c["differences"].as_array().unwrap().iter().all(|d| !settings.contains(&d["what"].as_str().unwrap())));
    let text = home.ok(&[&["compare", run.as_str(), &run][..], &families].concat());
    assert!(text.starts_with(&format!("── {} LR against {} DT ", &run[..6], &run[..6])), "{text}");
    // A threshold that was chosen since counts.
    home.ok(&["threshold", &run, "--family", "lr", "--at", "0.9"]);
    let c = home.json(&[&["compare", run.as_str(), &run][..], &families].concat());
    assert_eq!(difference(&c, "threshold")["change"], "+.4");
    assert_eq!(c["new"]["test"]["threshold"], 0.9);
}

#[test]
fn hold_outs_that_differ_are_compared_on_what_is_left() {
    let home = Home::new().with_sample(1_200);
    let base = train(&home, &["--family", "decision_tree"]);
    let more = home.file("more.csv", home.ok(&["sample", "--rows", "600", "--seed", "6"]));
    home.ok(&["push", more.to_str().unwrap()]);
    let grown = train(&home, &["--family", "decision_tree"]);
    let c = home.json(&["compare", &base, &grown]);
    // A vector stays on its side: nothing of either hold-out was trained on.
    assert_eq!((&c["holdout"]["same_data"], &c["holdout"]["left_out"]), (&false.into(), &0.into()));
    assert_eq!(difference(&c, "rows")["new"], "1,800");
    let notes = c["notes"].to_string();
    assert!(notes.contains("the data differ") && notes.contains(&grown[..6]), "{notes}");

    home.file("settings.yaml", "training: training.yaml\nsplit: {salt: pepper}\n");
    let salted = train(&home, &["--family", "decision_tree"]);
    let c = home.json(&["compare", &grown, &salted]);
    assert_eq!((&c["holdout"]["same_data"], &c["holdout"]["same_holdout"]), (&true.into(), &false.into()));
    assert!(c["holdout"]["left_out"].as_u64() > c["holdout"]["vectors"].as_u64(), "{c}");
    assert!(c["notes"].to_string().contains("different salts"), "{c}");
    assert!(!c["differences"].as_array().unwrap().iter().any(|d| d["what"] == "data"), "{c}");
    let text = home.ok(&["compare", &grown, &salted]);
    assert!(text.contains("── notes ") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let home = Home::new().with_sample(600);
    let run = train(&home, &["--family", "decision_tree"]);
    let (code, error) = home.fails(&["compare", &run, "zzz"]);
    assert!(code == 1 && error.contains("no run begins with \"zzz\""), "{error}");
    let unfinished = train(&home, &["--until", "transform"]);
    for args in [[run.as_str(), &unfinished], [&unfinished, &run]] {
        let (code, error) = home.fails(&[&["compare"][..], &args].concat());
        assert!(code == 1 && error.contains("has no report yet") && error.contains("hint"), "{error}");
    }
    let (_, error) = home.fails(&["compare", &run, &run, "--new-family", "svm"]);
    assert!(error.contains("has no svm model"), "{error}");
    assert_eq!(home.fails(&["compare", &run]).0, 2);

    let [csv, schema] = ["flows.csv", "flows.yaml"].map(|name| repository("tests/fixtures").join(name));
    home.ok(&["push", csv.to_str().unwrap(), "--collection", "Flows", "--schema", schema.to_str().unwrap()]);
    let flows = train(&home, &["--collection", "Flows", "--family", "decision_tree"]);
    let (code, error) = home.fails(&["compare", &run, &flows]);
    assert!(code == 1 && error.contains("different columns") && error.contains("hint: only"), "{error}");
}

/// How many trials a run has planned for a family.
fn search_of(home: &Home, run: &str, family: &Value) -> usize {
    let manifest = home.json(&["show", run])["manifest"].clone();
    let own = manifest["search"].as_array().unwrap().iter().find(|s| s["family"] == *family).unwrap();
    own["trials"].as_array().unwrap().len()
}

#[test]
fn several_runs_are_held_against_one() {
    let home = Home::new().with_sample(1_500);
    let base = train(&home, &["--family", "decision_tree"]);
    let other = train(&home, &["--family", "random_forest", "--seed", "2"]);
    let two = train(&home, &["--family", "decision_tree", "--family", "logistic_regression", "--seed", "3"]);
    let lr = format!("{}:lr", &two[..8]);
    let all = home.json(&["compare", &base, &other, &lr]);
    // Each pair is what it is alone.
    assert_eq!(all["pairs"][0], home.json(&["compare", &base, &other]));
    assert_eq!(all["pairs"][1], home.json(&["compare", &base, &two, "--new-family", "logistic_regression"]));
    let models = all["models"].as_array().unwrap();
    let named: Vec<_> = models.iter().map(|m| (m["run"].as_str().unwrap(), m["family"].as_str().unwrap())).collect();
    assert_eq!(
        named,
        [(base.as_str(), "decision_tree"), (other.as_str(), "random_forest"), (two.as_str(), "logistic_regression")]
    );
    assert_eq!(models[0]["test"], all["pairs"][0]["base"]["test"]);
    assert!(models.iter().all(|m| m.get("curves").is_none() && !m["importance"].as_array().unwrap().is_empty()));
    assert!(all["notes"].to_string().contains("2 comparisons at 95 %"), "{}", all["notes"]);

    let curves = home.json(&["compare", &base, &other, &lr, "--curves"])["models"].clone();
    for model in curves.as_array().unwrap() {
        let own = &model["curves"];
        let number = |value: &Value| value.as_f64().unwrap();
        let roc: Vec<(f64, f64)> = own["roc"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| (number(&p["false_positive_rate"]), number(&p["true_positive_rate"])))
            .collect();
        assert!(roc.len() <= 200 && roc[0] == (0.0, 0.0) && roc[roc.len() - 1] == (1.0, 1.0), "{roc:?}");
        let area: f64 = roc.windows(2).map(|p| (p[1].0 - p[0].0) * (p[0].1 + p[1].1) / 2.0).sum();
        assert!((area - number(&model["test"]["roc_auc"])).abs() < 1e-3, "{area} {}", model["test"]["roc_auc"]);
        let last = own["precision_recall"].as_array().unwrap().last().unwrap();
        assert_eq!(last["recall"], 1.0);
        let rows: u64 =
            own["scores"].as_array().unwrap().iter().map(|n| n[0].as_u64().unwrap() + n[1].as_u64().unwrap()).sum();
        assert_eq!(rows, all["holdout"]["rows"].as_u64().unwrap());
        for search in own["searches"].as_array().unwrap() {
            let trials = search["trials"].as_array().unwrap();
            let planned = search_of(&home, model["run"].as_str().unwrap(), &search["family"]);
            assert_eq!(trials.len(), planned, "{search}");
            let best = trials.iter().map(|t| number(&t["f1"])).fold(0.0, f64::max);
            let marked = trials.iter().find(|t| t["trial"] == search["best"]).unwrap();
            assert_eq!(number(&marked["f1"]), best);
        }
    }
    assert_eq!(curves[2]["curves"]["searches"].as_array().unwrap().len(), 2);

    let text = home.ok(&["compare", &base, &other, &lr]);
    assert!(text.contains("2 models against") && text.matches("what differs").count() == 2, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn pairs_are_compared_on_more_than_all_have_in_common() {
    let home = Home::new().with_sample(1_200);
    let base = train(&home, &["--family", "decision_tree"]);
    let other = train(&home, &["--family", "decision_tree", "--seed", "2"]);
    home.file("settings.yaml", "training: training.yaml\nsplit: {salt: pepper}\n");
    let salted = train(&home, &["--family", "decision_tree"]);
    let all = home.json(&["compare", &base, &other, &salted]);
    assert_eq!(all["pairs"][0], home.json(&["compare", &base, &other]), "hashed with their own salt");
    assert_eq!(all["pairs"][1], home.json(&["compare", &base, &salted]));
    let vectors = |of: &Value| of["holdout"]["vectors"].as_u64().unwrap();
    assert!(vectors(&all) < vectors(&all["pairs"][0]), "{all}");
    assert!(all["notes"].to_string().contains("that none was trained on"), "{}", all["notes"]);
}

#[test]
fn a_comparison_is_written_as_its_file_is_named() {
    let home = Home::new().with_sample(600);
    let base = train(&home, &["--family", "decision_tree"]);
    let new = train(&home, &["--family", "logistic_regression", "--seed", "2"]);
    let write = |name: &str| {
        let path = home.dir.path().join(name);
        let said = home.ok(&["compare", &base, &new, "--out", path.to_str().unwrap()]);
        assert_eq!(said.trim_end(), path.to_str().unwrap());
        std::fs::read_to_string(path).unwrap()
    };
    let whole: Value = serde_json::from_str(&write("all.json")).unwrap();
    let pair = &whole["pairs"][0];
    assert!(!whole["models"][1]["curves"]["roc"].as_array().unwrap().is_empty());
    let markdown = write("all.md");
    assert!(markdown.starts_with(&format!("# {} against {}\n", &new[..6], &base[..6])), "{markdown}");
    assert!(markdown.contains(pair["headline"].as_str().unwrap()) && markdown.contains("| seed | "), "{markdown}");
    let csv = write("all.csv");
    let lines = pair["differences"].as_array().unwrap().len() + 1;
    assert_eq!(csv.lines().count(), lines, "{csv}");
    assert!(csv.contains(&format!("{},{},seed,", &base[..6], &new[..6])), "{csv}");

    let (code, error) = home.fails(&["compare", &base, &new, "--out", "all.xlsx"]);
    assert!(code == 1 && error.contains("says not what to write") && error.contains(".csv"), "{error}");
    let (_, error) = home.fails(&["compare", &base, &new, &new, "--new-family", "lr"]);
    assert!(error.contains("--new-family is for one other run"), "{error}");
    let (_, error) = home.fails(&["compare", &format!("{base}:lr"), &new, "--base-family", "dt"]);
    assert!(error.contains("name two families"), "{error}");
    let eight = vec![base.as_str(); 8];
    let (_, error) = home.fails(&[&["compare"][..], &eight].concat());
    assert!(error.contains("8 models cannot be compared") && error.contains("1 to 6 others"), "{error}");
}
