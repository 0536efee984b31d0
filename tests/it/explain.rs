//! Why a row got its score, through the binary.

use crate::support::{Home, text};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const ROW: &str = "-1,1,1,1,-1,-1,-1,-1,-1,1,1,-1,1,-1,1,-1,-1,-1,0,1,1,1,1,-1,-1,-1,-1,1,1,-1";

fn sum(why: &Value) -> f64 {
    let features = why["features"].as_array().unwrap();
    why["base"].as_f64().unwrap() + features.iter().map(|f| f["contribution"].as_f64().unwrap()).sum::<f64>()
}

#[test]
fn a_row_is_explained_by_every_family_of_a_run() {
    let home = Home::new().with_sample(600);
    let report = home.json(&["train", "--seed", "2"]);
    for model in report["models"].as_array().unwrap() {
        let family = model["family"].as_str().unwrap();
        let why = home.json(&["explain", "--family", family, ROW]);
        assert_eq!((&why["family"], &why["run"]), (&model["family"], &report["run"]));
        assert_eq!(why["features"].as_array().unwrap().len(), 30, "{family}");
        assert_eq!(why["background"], 100, "{family}");
        let (method, scale) = match family {
            "logistic_regression" => ("coefficients", "log_odds"),
            "adaboost" | "gradient_boosting" => ("tree_shap", "log_odds"),
            "decision_tree" | "random_forest" => ("tree_shap", "probability"),
            _ => ("occlusion", "probability"),
        };
        assert_eq!((&why["method"], &why["scale"]), (&method.into(), &scale.into()), "{family}");
        assert_eq!(why["exact"], method != "occlusion");
        assert_eq!(why["calibrated"], !model["calibration"].is_null());
        let (output, probability) = (why["output"].as_f64().unwrap(), why["probability"].as_f64().unwrap());
        if method != "occlusion" {
            assert!((sum(&why) - output).abs() < 1e-9, "{family}: {} {output}", sum(&why));
        }
        if why["calibrated"] == false {
            let said = if scale == "log_odds" { 1.0 / (1.0 + (-output).exp()) } else { output };
            assert!((said - probability).abs() < 1e-9, "{family}: {said} {probability}");
        }
        // What predict says of the same row.
        let csv = home.ok(&["sample", "--rows", "1", "--seed", "1"]);
        let header = csv.lines().next().unwrap().trim_end_matches(",Result").to_owned();
        let file = home.file("row.csv", format!("{header}\n{ROW}\n"));
        let predicted = home.json(&["predict", "--no-log", "--family", family, file.to_str().unwrap()]);
        assert!((predicted["rows"][0]["probability"].as_f64().unwrap() - probability).abs() < 1e-12, "{family}");
        assert_eq!((&predicted["rows"][0]["verdict"]), &why["verdict"], "{family}");
        assert_eq!(why, home.json(&["explain", "--family", family, ROW]), "the same each time");
    }
}

#[test]
fn what_is_shown_is_what_was_given() {
    let home = Home::new().with_sample(500);
    home.ok(&["train", "--family", "gradient_boosting"]);
    let why = home.json(&["explain", "SSLfinal_State=-1 URL_Length=7 having_At_Symbol=?"]);
    let feature = |name: &str| {
        why["features"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("{name}"))
    };
    assert_eq!(feature("SSLfinal_State")["origin"], "given");
    assert_eq!(feature("SSLfinal_State")["value"], "-1");
    assert_eq!(feature("web_traffic")["origin"], "imputed");
    assert!(feature("web_traffic")["value"].as_str().is_some_and(|v| !v.is_empty()));
    assert_eq!(feature("URL_Length")["origin"], "out_of_domain");
    assert_eq!(feature("URL_Length")["reason"], "\"7\" is not one of -1, 0, 1");
    assert!((sum(&why) - why["output"].as_f64().unwrap()).abs() < 1e-9);

    let out = home.ok(&["explain", "--top", "3", "SSLfinal_State=-1 URL_Length=7"]);
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].contains(", probability 0.") && lines[0].contains("gradient_boosting of run"), "{out}");
    assert!(lines[2].starts_with("feature ") && lines[2].ends_with("legitimate | phishing"), "{out}");
    assert!(lines[3..6].iter().all(|line| line.contains(" | ") || line.ends_with(" |")), "{out}");
    assert!(lines[3].contains("############"), "the first one is the largest: {out}");
    assert!(
        lines[6].starts_with("27 more ") && lines[7].starts_with("base ") && lines[8].starts_with("score "),
        "{out}"
    );
    // The numbers on the screen add up too, but for their rounding.
    let shown = |line: &&str| line.split_whitespace().find_map(|w| w.parse::<f64>().ok().filter(|_| w.contains('.')));
    let numbers: Vec<f64> = lines[3..9].iter().filter_map(shown).collect();
    assert_eq!(numbers.len(), 6, "{out}");
    assert!((numbers[..5].iter().sum::<f64>() - numbers[5]).abs() < 4e-4, "{out}");
    assert!(out.contains("· URL_Length: \"7\" is not one of -1, 0, 1: taken as missing"), "{out}");
    assert!(out.contains("Exact Shapley values (TreeSHAP) of the log-odds of phishing"), "{out}");
    assert!(lines.iter().all(|line| line.chars().count() <= 120), "{out}");
}

#[test]
fn a_row_comes_from_standard_input_and_there_is_one() {
    let home = Home::new().with_sample(400);
    let (code, error) = home.fails(&["explain", ROW]);
    assert!(code == 1 && error.contains("no") && error.contains("hint:"), "{error}");
    home.ok(&["train", "--family", "knn"]);
    let piped = |input: &str, args: &[&str]| {
        let mut child = home
            .command(&[&["explain"], args].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let output = piped(&format!("{ROW}\n"), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    assert!(out.contains("20 more") && out.contains("at most, each") && out.contains("Occlusion: "), "{out}");
    assert_eq!(out, text(&piped(ROW, &["-"]).stdout));
    assert_eq!(out, home.ok(&["explain", ROW]));

    let output = piped(&format!("{ROW}\n{ROW}\n"), &[]);
    assert!(!output.status.success() && text(&output.stderr).contains("there are 2 rows"), "{}", text(&output.stderr));
    for (row, reason) in [("1,2,3", "has 3 values"), ("colour=red", "is not a feature"), ("", "nothing was pasted")] {
        let (code, error) = home.fails(&["explain", row]);
        assert!(code == 1 && error.contains(reason) && error.contains("hint:"), "{row}: {error}");
    }
    let (code, error) = home.fails(&["explain", "--family", "svm", ROW]);
    assert!(code == 1 && error.contains("has no svm model"), "{error}");
}
