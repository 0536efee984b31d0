use super::*;
use crate::dataset::Cells;
use crate::profile::Profiler;
use crate::schema::{MISSING, Value};
use crate::typed::{Refused, Typed};

fn schema() -> Schema {
    let text = "
name: small
target: Label
positive: 1
labels: {0: clean, 1: phishing}
columns:
- {name: A, type: int64, values: [0, 1]}
- {name: B, type: int64, values: [0, 1]}
- {name: Label, type: int64, values: [0, 1]}
";
    Schema::parse(text, "small.yaml").unwrap()
}

/// Judges rows of two features and a label by the built-in bounds.
fn judged(rows: &[[u8; 3]], change: impl Fn(&mut Typed, &mut Summary)) -> Validation {
    let schema = schema();
    let cells = |at: usize| {
        let mut cells = Cells::of(&schema.features[at]);
        rows.iter().for_each(|row| {
            cells.push(if row[at] == MISSING { Value::Missing } else { Value::Level(row[at]) });
        });
        cells
    };
    let label = rows.iter().map(|row| row[2]).collect();
    let mut typed =
        Typed { features: vec![cells(0), cells(1)], label, refused: Vec::new(), absent: Vec::new(), lines: Vec::new() };
    change(&mut typed, &mut Summary::default());
    let mut profiler = Profiler::new(&schema);
    profiler.add(&typed);
    let mut summary = profiler.finish().summary;
    change(&mut typed, &mut summary);
    judge(&schema, &summary, &Quality::load(None).unwrap().checks)
}

const GOOD: [[u8; 3]; 4] = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]];

#[test]
fn good_rows_pass() {
    let validation = judged(&GOOD, |_, _| {});
    assert_eq!((validation.status, &validation.warnings, &validation.failures), (Status::Passed, &vec![], &vec![]));
    assert_eq!((validation.labelled, validation.vectors, validation.positive_rows), (4, 4, 2));
}

#[test]
fn each_check_says_what_it_found() {
    let failures = |rows: &[[u8; 3]]| judged(rows, |_, _| {}).failures.join("; ");
    let warnings = |rows: &[[u8; 3]]| judged(rows, |_, _| {}).warnings.join("; ");
    assert_eq!(failures(&[]), "there is no row");
    assert_eq!(failures(&[[0, 0, 0], [1, 1, 0]]), "no row is phishing: there is nothing to tell apart");
    assert_eq!(failures(&[[0, 0, MISSING], [1, 1, MISSING]]), "no row has a target");
    assert_eq!(warnings(&[[0, 0, 0], [0, 1, 1]]), "one value only: A");
    assert_eq!(warnings(&[GOOD[0], GOOD[1], GOOD[2], [1, MISSING, 0]]), "B is missing in 25.0 % of the rows");
    let mut rows = vec![[0, MISSING, 0]; 9];
    rows.extend([[1, 1, 1]]);
    assert_eq!(failures(&rows), "B is missing in 90.0 % of the rows");
    assert_eq!(
        warnings(&[GOOD[0], GOOD[1], GOOD[2], [1, 1, MISSING]]),
        "1 rows (25.0 %) have no target and are left out"
    );
    // Two of four vectors carry both labels: more than the three tenths that fail.
    let mut rows = GOOD.to_vec();
    rows.extend([[0, 0, 1], [0, 1, 0]]);
    assert_eq!(failures(&rows), "2 vectors (50.0 %) carry both labels");
}

#[test]
fn refused_rows_absent_and_unknown_columns_are_named() {
    let refused = judged(&GOOD, |typed, _| {
        typed.refused = vec![Refused { row: 3, column: Some(1), reason: "\"x\" is not a number".to_owned() }];
    });
    assert_eq!(refused.status, Status::Failed);
    assert_eq!(
        refused.failures,
        ["1 rows (25.0 %) are refused by the schema; most often (1) B: \"x\" is not a number"]
    );
    assert!(refused.page().contains("refused because\n         1  B: \"x\" is not a number"), "{}", refused.page());
    let absent = judged(&GOOD, |typed, _| typed.absent = vec![0]);
    assert_eq!(absent.failures, ["no row has the column A"]);
    let unknown = judged(&GOOD, |_, summary| summary.unknown = vec!["Extra".to_owned()]);
    assert_eq!((unknown.status, unknown.warnings), (Status::Warned, vec!["not in the schema: Extra".to_owned()]));
}

#[test]
fn bounds_are_checked_when_they_are_read() {
    let wrong = |text: &str| Quality::parse(text, "bounds.yaml").unwrap_err().to_string();
    assert_eq!(
        wrong("checks: {missing: {warn: 20}}"),
        "bounds.yaml: checks.missing.warn is 20, which is no share from 0 to 1"
    );
    assert_eq!(wrong("checks: {constant: {fail: -1}}"), "bounds.yaml: checks.constant.fail is -1, which is no count");
    assert!(
        wrong("checks: {mising: {warn: 0.2}}").starts_with("bounds.yaml, line 1"),
        "{}",
        wrong("checks: {mising: {}}")
    );
    assert_eq!(
        wrong("drift: {js: 0.1, target_js: 0.05, wasserstein: 0.1, p: 2, share: 0.5}"),
        "bounds.yaml: drift.p is 2, which is no share from 0 to 1"
    );
    assert_eq!(Quality::load(None).unwrap().drift, Limits::default());
}
