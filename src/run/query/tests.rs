use super::*;
use crate::error::Error;
use crate::event::DriftSummary;
use crate::run::{RunDir, RunStatus};

/// A finished run.
pub fn run(id: &str) -> RunRow {
    let dir = RunDir { id: id.to_owned(), path: id.into() };
    RunRow {
        started_at: "2026-11-02T09:30:15.500Z".to_owned(),
        status: RunStatus::Finished,
        who: "ana@example.org@host-1".to_owned(),
        database: "netsec".to_owned(),
        collection: "NetworkData".to_owned(),
        space: "quick".to_owned(),
        seed: 1,
        folds: 3,
        trials: (6, 6),
        best: Some((Family::RandomForest, 0.9434, 0.006)),
        test: Some((0.9466, [0.931, 0.955])),
        recall: Some(0.951),
        elapsed_ms: 61_500,
        drift: Some(DriftSummary {
            reference: "run 5be0c4".to_owned(),
            drifted: 2,
            undecided: 0,
            total: 31,
            dataset_drift: Some(false),
        }),
        models: vec![Family::RandomForest, Family::Knn],
        failure: None,
        note: Some("Monthly retrain".to_owned()),
        tags: vec!["baseline".to_owned(), "v2".to_owned()],
        ..RunRow::unreadable(&dir, &Error::user("not read"))
    }
}

fn means(filter: &str, row: &RunRow) -> bool {
    RunFilter::parse(filter).unwrap_or_else(|e| panic!("{filter}: {e}")).matches(row)
}

#[test]
fn terms_mean_what_they_say() {
    let row = run("7f3a21bc90ef");
    for (filter, expected) in [
        ("", true),
        ("f1>=0.94 family=random_forest status=finished seed=1", true),
        ("f1>=.94 family=RF", true),
        ("f1>.9466", false),
        ("f1<=.9466", true),
        ("f1=.947", true),
        ("f1=.946", false),
        ("f1!=.946", true),
        ("seed=1|2", true),
        ("seed=2|3", false),
        ("id=7f3a", true),
        ("id=f3a", false),
        ("id~F3A", true),
        ("status=failed|finished", true),
        ("!status=finished", false),
        ("state!=finished", false),
        ("!status!=finished", true),
        ("user=ana@example.org host=host-1", true),
        ("who~ANA", true),
        ("tag=baseline tag=V2", true),
        ("tag=base", false),
        ("tag~base", true),
        ("tag!=old", true),
        ("tag=none", false),
        ("note~monthly", true),
        ("note~'monthly retrain'", true),
        ("note=\"monthly retrain\"", true),
        ("note!~weekly", true),
        ("drift=no", true),
        ("drift=yes|none", false),
        ("model=knn", true),
        ("started>=2026-11-01", true),
        ("started=2026-11-02", true),
        ("started>2026-11-02", false),
        ("started<=2026-11-02 started>2026-11-01", true),
        ("started<2026-11-02", false),
        ("started=2026-11-02T09:30", true),
        ("started>2026-11-02T09:30:14", true),
        ("time>1m time<2m time=61s", true),
        ("recall>.95", true),
    ] {
        assert_eq!(means(filter, &row), expected, "{filter}");
    }
}

#[test]
fn what_a_run_does_not_have_is_no_number() {
    let row = RunRow { test: None, best: None, note: None, drift: None, ..run("5be0c4aa0001") };
    for (filter, expected) in [
        ("f1>0", false),
        ("f1<1", false),
        ("f1=none", true),
        ("f1!=none", false),
        ("!f1>=.9", true),
        ("family=none note=none drift=none", true),
        ("note~x", false),
    ] {
        assert_eq!(means(filter, &row), expected, "{filter}");
    }
}

#[test]
fn mistakes_point_at_the_character_and_name_what_is_allowed() {
    for (filter, at, hint) in [
        ("f2>=.9", 0, "unknown field \"f2\", one of id, started"),
        ("seed=1 !what=3", 8, "unknown field \"what\""),
        ("seed=1 =3", 7, "a field is expected"),
        ("f1", 2, "expected after f1, one of = != < <= > >="),
        ("f1~.9", 2, "expected after f1, one of = != < <= > >="),
        ("status>failed", 6, "expected after status, one of = != ~ !~"),
        ("f1>=", 4, "a value is expected, a number"),
        ("f1>=high", 4, "\"high\" is no value of f1, a number"),
        ("f1=.9|x", 6, "\"x\" is no value of f1, a number"),
        ("f1>=.9|.8", 6, "a|b goes with"),
        ("status=done", 7, "\"done\" is no value of status, one of running, finished"),
        ("family=rf|tree", 10, "\"tree\" is no value of family, one of logistic_regression"),
        ("drift=maybe", 6, "one of yes, no"),
        ("started>=yesterday", 9, "2026-11-01"),
        ("time>5x", 5, "90s, 5m, 2h"),
        ("note~'x", 5, "the closing quote is missing"),
        ("tag=a|", 6, "a value is expected"),
        ("note~ä f2=1", 7, "unknown field"),
    ] {
        let e = RunFilter::parse(filter).expect_err(filter);
        assert_eq!(e.at, at, "{filter}: {e}");
        assert!(format!("{}, {}", e.message, e.hint).contains(hint), "{filter}: {e:?}");
    }
}

#[test]
fn the_end_of_a_filter_is_completed() {
    let rows = [run("7f3a21bc90ef"), RunRow { tags: vec!["old".to_owned()], ..run("5be0c4aa0001") }];
    for (text, start, words) in [
        ("sta", 0, &["started", "status"][..]),
        ("seed=1 !fam", 8, &["family"]),
        ("status=f", 7, &["finished", "failed"]),
        ("status=finished|i", 16, &["interrupted"]),
        ("tag=", 4, &["baseline", "old", "v2"]),
        ("family=r", 7, &["random_forest"]),
        ("space=quick", 6, &["quick"]),
        ("what=x", 6, &[]),
    ] {
        let found = complete(text, &rows);
        assert_eq!((found.start, found.words), (start, words.iter().map(|w| (*w).to_owned()).collect()), "{text}");
    }
    assert_eq!(complete("seed=1 ", &rows).words.len(), Field::ALL.len());
}

#[test]
fn each_field_has_a_name_of_its_own_and_as_many_values_as_keys() {
    let row = run("7f3a21bc90ef");
    for field in Field::ALL {
        assert_eq!(Field::named(field.name()), Some(field));
        assert_eq!(field.plain(&row).len(), field.keys().len(), "{}", field.name());
        assert!(!field.help().is_empty());
    }
}
