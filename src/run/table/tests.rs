use super::*;
use crate::event::Family;
use crate::run::RunStatus;
use crate::run::query::tests::run;

fn rows() -> Vec<RunRow> {
    vec![
        RunRow { started_at: "2026-11-04T08:00:00.000Z".to_owned(), ..run("aa") },
        RunRow { status: RunStatus::Failed, test: None, best: None, recall: None, tags: Vec::new(), ..run("bb") },
        RunRow { test: Some((0.95, [0.94, 0.96])), best: Some((Family::Knn, 0.9, 0.01)), ..run("cc") },
        RunRow { test: Some((0.95, [0.94, 0.96])), note: Some("a|b\nc,\"d\"".to_owned()), ..run("dd") },
    ]
}

fn ids(rows: &[&RunRow]) -> String {
    rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn runs_are_sorted_with_those_without_a_value_last() {
    let rows = rows();
    for (sort, expected) in [
        ("f1", "cc dd aa bb"),
        ("f1:asc", "aa cc dd bb"),
        ("f1:desc id:desc", "dd cc aa bb"),
        ("status", "bb aa cc dd"),
        ("started:asc", "bb cc dd aa"),
    ] {
        let sort: Vec<Sort> = sort.split(' ').map(|key| Sort::parse(key).unwrap()).collect();
        assert_eq!(ids(&arrange(&rows, &RunFilter::default(), &sort)), expected, "{sort:?}");
    }
    let filter = RunFilter::parse("f1>.9 !id=c").unwrap();
    assert_eq!(ids(&arrange(&rows, &filter, &[Sort::by(Field::Id)])), "aa dd");
    assert_eq!(Sort::parse("f2").unwrap_err().to_string(), "unknown column \"f2\"");
    assert!(Sort::parse("f1:up").unwrap_err().hint_text().unwrap().contains("asc, desc"));
}

#[test]
fn the_group_of_the_first_run_comes_first() {
    let rows = rows();
    let sorted = arrange(&rows, &RunFilter::default(), &[Sort::by(Field::F1)]);
    let groups = group(sorted, Field::Family);
    let told: Vec<_> = groups.iter().map(|g| (g.name.as_deref(), ids(&g.rows))).collect();
    assert_eq!(
        told,
        [(Some("knn"), "cc".to_owned()), (Some("random_forest"), "dd aa".to_owned()), (None, "bb".to_owned())]
    );
    let tagged = group(rows.iter().collect(), Field::Tag);
    assert_eq!(tagged[0].name.as_deref(), Some("baseline v2"));
}

#[test]
fn a_table_is_written_in_each_format() {
    let rows = rows();
    let chosen = vec![&rows[1], &rows[3]];
    let groups = [Group { name: Some("one".to_owned()), rows: chosen.clone() }];
    let columns = [Field::Id, Field::Status, Field::F1, Field::Tag, Field::Note];
    assert_eq!(
        write(&groups, None, &columns, Format::Csv).unwrap(),
        "run,status,test_f1,test_f1_low,test_f1_high,tags,note\n\
         bb,failed,,,,,Monthly retrain\n\
         dd,finished,0.95,0.94,0.96,baseline v2,\"a|b\nc,\"\"d\"\"\"\n"
    );
    assert_eq!(
        write(&groups, Some(Field::Space), &columns, Format::Markdown).unwrap(),
        "**space: one**\n\n\
         | run | status | test F1 | tags | note |\n\
         | --- | --- | --- | --- | --- |\n\
         | bb | failed |  |  | Monthly retrain |\n\
         | dd | finished | 0.9500 [0.9400 0.9600] | baseline v2 | a\\|b c,\"d\" |\n"
    );
    let text = write(&groups, Some(Field::Space), &columns, Format::Json).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["group_by"], "space");
    assert_eq!(value["groups"][0]["runs"][1]["test_f1_high"], 0.96);
    assert_eq!(value["groups"][0]["runs"][0]["tags"], json!([]));
    // Without a run there is still a header.
    assert_eq!(write(&[], None, &[Field::Id], Format::Csv).unwrap(), "run\n");
    assert_eq!(write(&[], None, &[Field::Id], Format::Json).unwrap(), "{\n  \"runs\": []\n}\n");
}

#[test]
fn the_ending_names_the_format() {
    assert_eq!(Format::of(Path::new("a/b.MD")).unwrap(), Format::Markdown);
    assert!(Format::of(Path::new("runs.txt")).unwrap_err().hint_text().unwrap().contains(".csv"));
}
