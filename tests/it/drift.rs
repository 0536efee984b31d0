//! Validation and drift: through the library on many samples, through the binary as a scheduler would use them.

use crate::support::{Home, text, uci};
use netsec::drift::{Compared, Limits, Verdict, compare};
use netsec::profile::{Profile, Profiler};
use netsec::random::Stream;
use netsec::sample::{self, Shift};
use netsec::schema::{BUILT_IN, Schema};
use netsec::source::{Row, Rows};
use netsec::typed::Typed;

fn schema() -> Schema {
    Schema::parse(BUILT_IN, "schema.yaml").unwrap()
}

fn profile(schema: &Schema, names: &[String], rows: &[Row]) -> Profile {
    let mut profiler = Profiler::new(schema);
    profiler.add(&Typed::of_rows(schema, names, rows));
    profiler.finish()
}

fn generated(schema: &Schema, rows: u64, seed: u64, shifts: &[&str]) -> Profile {
    let shifts: Vec<Shift> = shifts.iter().map(|text| text.parse().unwrap()).collect();
    let mut source = sample::rows(rows, seed, &shifts).unwrap();
    let names = source.columns().to_vec();
    profile(schema, &names, &source.next_chunk(rows as usize).unwrap())
}

fn drifted(compared: &Compared) -> Vec<&str> {
    let found = compared.columns.iter().filter(|(_, column)| column.verdict == Verdict::Drifted);
    found.map(|(name, _)| name.as_str()).collect()
}

#[test]
#[ignore = "needs the UCI rows"]
fn halves_of_the_same_rows_have_not_drifted() {
    let schema = schema();
    let mut source = Rows::open(&uci(), None).unwrap();
    let names = source.columns().to_vec();
    let rows = source.next_chunk(usize::MAX).unwrap();
    let mut stream = Stream::new(1, &["halves"]);
    let (mut false_alarms, mut undecided, mut data_sets, mut tested) = (0, 0, 0, 0);
    for _ in 0..200 {
        let (mut one, mut other) = (Vec::new(), Vec::new());
        stream.pick(rows.len() as u32, rows.len() as u32 / 2, &mut one, &mut other);
        let half = |picked: &[u32]| {
            let own: Vec<Row> = picked.iter().map(|row| rows[*row as usize].clone()).collect();
            profile(&schema, &names, &own)
        };
        let compared = compare(&schema, &half(&one), &half(&other), &Limits::default());
        let found = drifted(&compared).len();
        false_alarms += found;
        undecided += compared.columns.values().filter(|column| column.drift_status.is_none()).count();
        data_sets += usize::from(found * 2 >= compared.columns.len());
        tested += compared.columns.len();
    }
    println!("{false_alarms} of {tested} columns, {data_sets} of 200 data sets, {undecided} undecided");
    assert_eq!(tested, 200 * 31);
    assert!(false_alarms * 100 <= tested, "{false_alarms} of {tested}");
    assert_eq!((data_sets, undecided), (0, 0));
}

#[test]
fn every_shifted_feature_is_found_and_no_other() {
    let schema = schema();
    let reference = generated(&schema, 2_000, 11, &[]);
    let limits = Limits::default();
    assert!(drifted(&compare(&schema, &reference, &generated(&schema, 2_000, 12, &[]), &limits)).is_empty());
    let mut found = 0;
    for (nth, feature) in schema.features.iter().enumerate() {
        let levels = feature.levels().iter().map(|level| format!("{}={level}:0.5", feature.name));
        // The level after its own: where all levels are about as frequent, that moves rows but shifts nothing.
        for shift in levels.chain([format!("{}=0.5", feature.name)]) {
            let current = generated(&schema, 2_000, 100 + nth as u64, &[&shift]);
            let compared = compare(&schema, &reference, &current, &limits);
            let js = compared.columns[&feature.name].js.unwrap();
            found += usize::from(js >= limits.js);
            let expected: &[&str] = if js >= limits.js { &[&feature.name] } else { &[] };
            assert_eq!(drifted(&compared), expected, "{shift}: {js}");
        }
        let current = generated(&schema, 2_000, 300 + nth as u64, &[&format!("{}=na:0.1", feature.name)]);
        assert_eq!(
            drifted(&compare(&schema, &reference, &current, &limits)),
            [&feature.name],
            "missing {}",
            feature.name
        );
    }
    assert!(found >= 70, "{found} of 98 shifts shift anything");
    let three = ["URL_Length=0.4", "SSLfinal_State=-1:0.6", "Result=1:0.3"];
    let compared = compare(&schema, &reference, &generated(&schema, 2_000, 13, &three), &limits);
    assert_eq!(drifted(&compared), ["URL_Length", "SSLfinal_State", "Result"]);
}

/// A file of generated rows in the home.
fn sample_file(home: &Home, name: &str, rows: u32, seed: u32, shifts: &[&str]) -> String {
    let path = home.dir.path().join(name).to_str().unwrap().to_owned();
    let (rows, seed) = (rows.to_string(), seed.to_string());
    let mut args = vec!["sample", "--rows", &rows, "--seed", &seed, "--out", &path];
    shifts.iter().for_each(|shift| args.extend(["--drift", shift]));
    home.ok(&args);
    path
}

#[test]
fn a_scheduler_can_act_on_drift() {
    let home = Home::new().with_sample(2_000);
    let (code, error) = home.fails(&["drift"]);
    assert_eq!(code, 1);
    assert!(error.contains("there is no champion yet") && error.contains("netsec-tui train"), "{error}");
    let report = home.json(&["train", "--seed", "3"]);
    let run = report["run"].as_str().unwrap();

    let same = home.json(&["drift"]);
    assert_eq!((&same["dataset_drift"], &same["share"], &same["total"]), (&false.into(), &0.0.into(), &31.into()));
    assert_eq!(same["reference"]["name"], format!("run {run}"));
    assert_eq!(same["reference"]["hash"], same["current"]["hash"]);
    assert_eq!(same["notes"][0], "both sides are the same rows");
    let f1 = |scores: &serde_json::Value| scores["f1"]["value"].as_f64().unwrap();
    // What it was not trained on is just its hold-out.
    assert_eq!(f1(&same["model"]["at_training"]), f1(&same["model"]["now"]));
    let url = &same["columns"]["URL_Length"];
    assert_eq!((&url["drift_status"], &url["js"], &url["test"]), (&false.into(), &0.0.into(), &"chi_square".into()));
    assert!(url["p_adjusted"].as_f64().is_some() && url["psi"].as_f64().is_some());

    let one = sample_file(&home, "one.csv", 2_000, 9, &["URL_Length=0.5"]);
    let report = home.json(&["drift", "--current", &one]);
    assert_eq!((&report["drifted"], &report["dataset_drift"]), (&1.into(), &false.into()));
    assert_eq!(report["columns"]["URL_Length"]["drift_status"], true);
    assert!(report["prediction"]["drift_status"].is_boolean());

    // A schema with its levels in another order changes nothing: the champion reads rows by its own.
    let turned = home.file("turned.yaml", BUILT_IN.replace("values: [-1, 0, 1]", "values: [1, 0, -1]"));
    let sides = ["drift", "--reference", "NetworkData", "--current", one.as_str()];
    let straight = home.json(&sides);
    let turned = home.json(&[&sides[..], &["--schema", turned.to_str().unwrap()]].concat());
    assert_ne!(straight["columns"]["SSLfinal_State"]["bars"], turned["columns"]["SSLfinal_State"]["bars"]);
    assert_eq!((&straight["model"], &straight["prediction"]), (&turned["model"], &turned["prediction"]));

    let every: Vec<String> = schema().features.iter().map(|feature| format!("{}=0.5", feature.name)).collect();
    let every: Vec<&str> = every.iter().map(String::as_str).collect();
    let all = sample_file(&home, "all.csv", 2_000, 10, &every);
    let (yaml, html) = (home.dir.path().join("drift.yaml"), home.dir.path().join("drift.html"));
    let output = home.run(&[
        "drift",
        "--reference",
        &run[..8],
        "--current",
        &all,
        "--out",
        yaml.to_str().unwrap(),
        "--html",
        html.to_str().unwrap(),
    ]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(text(&output.stdout).starts_with("data set drift: 26 of 31 columns drifted"), "{}", text(&output.stdout));
    assert!(std::fs::read_to_string(&html).unwrap().contains("SSLfinal_State"));
    // As the Python projects read it: the columns at the top.
    let written: serde_json::Value = serde_yaml::from_str(&std::fs::read_to_string(&yaml).unwrap()).unwrap();
    assert_eq!(written["SSLfinal_State"]["drift_status"], true);
    assert!(written["SSLfinal_State"]["p_value"].as_f64().unwrap() < 1e-9);
    let read = netsec::drift::DriftReport::read(&yaml).unwrap().unwrap();
    assert_eq!((read.drifted, read.dataset_drift), (26, Some(true)));

    // Too few rows to tell are no "no".
    let few = sample_file(&home, "few.csv", 15, 11, &[]);
    let output = home.run(&["drift", "--current", &few, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["dataset_drift"].is_null() && report["undecided"].as_u64().unwrap() > 15, "{report}");
}

#[test]
fn a_window_of_a_collection_is_a_side_of_its_own() {
    let home = Home::new().with_sample(1_500);
    let first = netsec::now();
    std::thread::sleep(std::time::Duration::from_millis(5));
    let later = sample_file(&home, "later.csv", 1_500, 9, &["SSLfinal_State=0.5"]);
    home.ok(&["push", &later]);
    let (before, after) = (format!("NetworkData@..{first}"), format!("netsec/NetworkData@{first}.."));
    let report = home.json(&["drift", "--reference", &before, "--current", &after]);
    assert_eq!((&report["reference"]["rows"], &report["current"]["rows"]), (&1_500.into(), &1_500.into()));
    assert_eq!((&report["drifted"], &report["columns"]["SSLfinal_State"]["drift_status"]), (&1.into(), &true.into()));
    assert!(report["model"].is_null() && report["prediction"].is_null());
    let (code, error) = home.fails(&["drift", "--reference", &before, "--current", "NetworkData@yesterday.."]);
    assert_eq!(code, 1);
    assert!(error.contains("\"yesterday\" is neither a date nor a time"), "{error}");
    let (_, error) = home.fails(&["drift", "--reference", &before, "--current", "Nowhere"]);
    assert!(error.contains("there is no collection, run, file or version \"Nowhere\""), "{error}");
}

#[test]
fn a_run_says_how_its_rows_compare_with_the_champion() {
    let home = Home::new().with_sample(1_500);
    let first = home.json(&["train"]);
    let moved = sample_file(&home, "moved.csv", 1_500, 9, &["SSLfinal_State=-1:0.9", "URL_Length=0.9"]);
    home.ok(&["push", &moved]);
    let second = home.json(&["train"]);
    let dir = home.root().join("runs").join(second["run"].as_str().unwrap());
    let drift = netsec::drift::DriftReport::read(&dir.join("drift.yaml")).unwrap().unwrap();
    assert_eq!(drift.reference.name, format!("run {}", first["run"].as_str().unwrap()));
    assert_eq!((drift.drifted, drift.dataset_drift), (2, Some(false)));
    let logs = home.ok(&["logs", second["run"].as_str().unwrap()]);
    assert!(logs.contains("no data set drift: 2 of 31 columns drifted, against run"), "{logs}");
    let earlier = home.root().join("runs").join(first["run"].as_str().unwrap());
    assert!(!earlier.join("drift.yaml").exists());
}

#[test]
fn validate_judges_files_and_collections() {
    let home = Home::new();
    let good = sample_file(&home, "good.csv", 500, 1, &[]);
    assert!(home.ok(&["validate", &good]).contains("validation passed"));
    let mut lines: Vec<String> = std::fs::read_to_string(&good).unwrap().lines().map(str::to_owned).collect();
    for line in lines.iter_mut().skip(1).step_by(5) {
        *line = format!("7{}", &line[line.find(',').unwrap()..]);
    }
    lines[0].push_str(",Extra");
    lines.iter_mut().skip(1).for_each(|line| line.push_str(",1"));
    let bad = home.file("bad.csv", lines.join("\n") + "\n");
    let output = home.run(&["validate", bad.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&found["status"], &found["refused"], &found["rows"]), (&"failed".into(), &100.into(), &500.into()));
    assert_eq!(found["unknown"], serde_json::json!(["Extra"]));
    assert_eq!(found["refused_rows"][1]["line"], 7);
    assert_eq!(found["refused_rows"][1]["reason"], "having_IP_Address: \"7\" is not one of -1, 1");
    assert_eq!(found["columns"]["having_IP_Address"]["refused"], 100);
    home.ok(&["push", &good]);
    let found = home.json(&["validate"]);
    assert_eq!((&found["status"], &found["labelled"]), (&"passed".into(), &500.into()));
}

#[test]
fn a_failed_validation_stops_the_run_until_someone_accepts_it() {
    let home = Home::new();
    home.file("bounds.yaml", "checks: {duplicates: {fail: 0.01}}\n");
    home.file("settings.yaml", "training: training.yaml\nvalidation: bounds.yaml\n");
    let home = home.with_sample(1_500);
    let (code, error) = home.fails(&["train"]);
    assert_eq!(code, 1);
    assert!(error.contains("validation failed:") && error.contains("repeat the vector of another"), "{error}");
    let runs = home.json(&["runs"]);
    let run = runs["runs"][0]["run"].as_str().unwrap().to_owned();
    assert!(error.contains(&format!("netsec-tui train --run {run} --accept")), "{error}");
    let dir = home.root().join("runs").join(&run);
    let yaml = || std::fs::read_to_string(dir.join("validation.yaml")).unwrap();
    assert!(yaml().contains("status: failed") && yaml().contains("accepted_by: null"), "{}", yaml());
    // Resumed without a word it fails again.
    let (_, error) = home.fails(&["train", "--run", &run]);
    assert!(error.contains("validation failed"), "{error}");
    assert_eq!(home.json(&["train", "--run", &run, "--accept"])["status"], "finished");
    assert!(yaml().contains("accepted_by: tester"), "{}", yaml());
    assert!(home.ok(&["logs", &run]).contains("accepted by tester all the same"));
    // From the start.
    assert_eq!(home.json(&["train", "--accept"])["status"], "finished");
}
