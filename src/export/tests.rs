use super::*;
use crate::push::push;
use crate::schema::Schema;
use crate::source::Rows;
use crate::store::Query;
use crate::store::embedded::EmbeddedStore;
use crate::store::{META, parse_filter, parse_sort};
use bson::doc;
use std::sync::Mutex;

fn place() -> (tempfile::TempDir, EmbeddedStore, View) {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::new(dir.path().join("store"));
    let namespace = Namespace::new("db", "c").unwrap();
    (dir, store, View { namespace, filter: Filter::default(), sort: Vec::new(), columns: Vec::new() })
}

fn document(i: i64) -> Document {
    let at = bson::DateTime::from_millis(1_700_000_000_000 + i);
    let mut document = doc! { "_id": format!("{i:032x}"), "n": i, "half": i as f64 / 2.0, "even": i % 2 == 0 };
    document.insert("text", if i == 3 { "a \"quoted\",\nline".to_owned() } else { format!("t{i}") });
    document.insert(META, doc! { "source": "t", "pushed_at": at });
    document
}

async fn write(store: &EmbeddedStore, view: &View, path: &Path) -> Result<Exported> {
    let target = Target::File { path: path.to_owned(), over: false };
    export(store, view, Format::of(path)?, &target, &Stop::new(), &|_| {}).await
}

fn files(dir: &Path) -> Vec<String> {
    let names = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|n| n != "store").collect();
    names.sort();
    names
}

#[tokio::test]
async fn csv_has_all_fields_of_all_documents() {
    let (dir, store, view) = place();
    store.insert(&view.namespace, (0..5).map(document).collect()).await.unwrap();
    let odd = doc! { "_id": bson::oid::ObjectId::from_bytes([7; 12]), "late": { "a": [1, null] }, "n": null };
    store.insert(&view.namespace, vec![odd]).await.unwrap();
    let path = dir.path().join("a.csv");
    let done = write(&store, &view, &path).await.unwrap();
    let columns = ["_id", "n", "half", "even", "text", "_netsec.source", "_netsec.pushed_at", "late"];
    assert_eq!((done.rows, done.columns.as_slice()), (6, columns.map(str::to_owned).as_slice()));
    let mut rows = csv::Reader::from_path(&path).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(|r| r.unwrap()).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[3].get(4), Some("a \"quoted\",\nline"));
    let last = ["070707070707070707070707", "", "", "", "", "", "", r#"{"a":[1,null]}"#];
    assert_eq!(rows[5].iter().collect::<Vec<_>>(), last);
    assert_eq!(rows[1].get(6), Some("2023-11-14T22:13:20.001Z"));
    assert_eq!(done.bytes, Some(std::fs::metadata(&path).unwrap().len()));
}

#[tokio::test]
async fn the_view_is_what_is_written() {
    let (dir, store, mut view) = place();
    store.insert(&view.namespace, (0..50).map(document).collect()).await.unwrap();
    view.filter = parse_filter("n>=10 even=true").unwrap();
    view.sort = parse_sort("-n").unwrap();
    view.columns = ["n", "_netsec.source", "absent"].map(str::to_owned).to_vec();
    let csv = dir.path().join("a.csv");
    assert_eq!(write(&store, &view, &csv).await.unwrap().rows, 20);
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(text.starts_with("n,_netsec.source,absent\n48,t,\n46,t,\n"), "{text}");
    let lines = dir.path().join("a.jsonl");
    write(&store, &view, &lines).await.unwrap();
    let text = std::fs::read_to_string(&lines).unwrap();
    assert!(text.starts_with("{\"n\":48,\"_netsec.source\":\"t\"}\n"), "{text}");
    assert_eq!(text.lines().count(), 20);
}

#[tokio::test]
async fn json_lines_and_parquet_come_back_as_they_went() {
    let (dir, store, view) = place();
    let schema = Schema::parse(crate::schema::BUILT_IN, "built-in").unwrap();
    let rows = dir.path().join("rows.csv");
    let mut text = Vec::new();
    crate::sample::write_csv(&mut text, 700, 1, &[]).unwrap();
    std::fs::write(&rows, text).unwrap();
    push(&store, &view.namespace, &schema, Rows::open(&rows, None).unwrap(), &|_| {}).await.unwrap();
    let pushed = store.find(&view.namespace, &Query { limit: 1_000, ..Query::default() }).await.unwrap().documents;
    for name in ["b.jsonl", "b.parquet", "b.csv"] {
        let path = dir.path().join(name);
        assert_eq!(write(&store, &view, &path).await.unwrap().rows, 700, "{name}");
        let copy = Namespace::new("db", &name.replace('.', "-")).unwrap();
        // The same source: the same rows must come to have the same ids.
        push(&store, &copy, &schema, Rows::open(&path, Some("rows.csv")).unwrap(), &|_| {}).await.unwrap();
        let back = store.find(&copy, &Query { limit: 1_000, ..Query::default() }).await.unwrap().documents;
        let own = |d: &Document| -> Document {
            d.iter().filter(|(n, _)| *n != META).map(|(n, v)| (n.clone(), v.clone())).collect()
        };
        assert_eq!(back.iter().map(own).collect::<Vec<_>>(), pushed.iter().map(own).collect::<Vec<_>>(), "{name}");
    }
}

#[tokio::test]
async fn parquet_columns_hold_whatever_kinds_there_are() {
    let (dir, store, view) = place();
    let documents = [
        doc! { "_id": "a", "mixed": 1_i64, "number": 1_i64, "wide": 1_i64, "nothing": null },
        doc! { "_id": "b", "mixed": "x", "number": 1.5, "wide": i64::MAX, "nothing": null },
        doc! { "_id": "c", "number": 2_i32, "late": true },
    ];
    store.insert(&view.namespace, documents.to_vec()).await.unwrap();
    let path = dir.path().join("a.parquet");
    write(&store, &view, &path).await.unwrap();
    let mut rows = Rows::open(&path, None).unwrap();
    let rows: Vec<Document> = (rows.next_chunk(10).unwrap().into_iter())
        .map(|row| match row.cells.unwrap() {
            crate::source::Cells::Named(document) => document,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rows[0], doc! { "_id": "a", "mixed": "1", "number": 1.0, "wide": 1_i64, "nothing": null, "late": null });
    assert_eq!(rows[1].get_i64("wide").unwrap(), i64::MAX);
    assert_eq!((rows[2].get_f64("number").unwrap(), rows[2].get_bool("late").unwrap()), (2.0, true));
}

#[tokio::test]
async fn a_file_is_there_whole_or_not_at_all() {
    let (dir, store, view) = place();
    store.insert(&view.namespace, (0..3_000).map(document).collect()).await.unwrap();
    let path = dir.path().join("a.csv");
    std::fs::write(&path, "mine").unwrap();
    let error = write(&store, &view, &path).await.unwrap_err();
    assert!(error.to_string().contains("there already") && error.hint_text().unwrap().contains("--force"), "{error}");
    // Stopped in the middle.
    let (stop, seen) = (Stop::new(), Mutex::new(Vec::new()));
    let progress = |p: Progress| {
        seen.lock().unwrap().push(p);
        if p.total.is_some() {
            stop.set();
        }
    };
    let target = Target::File { path: path.clone(), over: true };
    let error = export(&store, &view, Format::Csv, &target, &stop, &progress).await.unwrap_err();
    assert_eq!(error.to_string(), "stopped");
    assert_eq!(
        (std::fs::read_to_string(&path).unwrap().as_str(), files(dir.path())),
        ("mine", vec!["a.csv".to_owned()])
    );
    let seen = seen.into_inner().unwrap();
    let looked: Vec<u64> = seen.iter().filter(|p| p.total.is_none()).map(|p| p.done).collect();
    assert!(looked.windows(2).all(|p| p[0] < p[1]) && looked.last() == Some(&3_000), "{seen:?}");
    assert_eq!(*seen.last().unwrap(), Progress { done: 500, total: Some(3_000) });
    // Dropped in the middle.
    let never = Stop::new();
    let running = export(&store, &view, Format::Csv, &target, &never, &|_| {});
    assert!(tokio::time::timeout(std::time::Duration::from_micros(500), running).await.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(
        (std::fs::read_to_string(&path).unwrap().as_str(), files(dir.path())),
        ("mine", vec!["a.csv".to_owned()])
    );
    let done = export(&store, &view, Format::Csv, &target, &never, &|_| {}).await.unwrap();
    assert_eq!((done.rows, files(dir.path())), (3_000, vec!["a.csv".to_owned()]));
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3_002, "a header and a line break in a cell");
}

#[tokio::test]
async fn an_empty_view_is_a_file_with_its_header() {
    let (dir, store, mut view) = place();
    store.insert(&view.namespace, vec![document(1)]).await.unwrap();
    view.filter = parse_filter("n>5").unwrap();
    for name in ["a.csv", "a.parquet", "a.jsonl"] {
        assert_eq!(write(&store, &view, &dir.path().join(name)).await.unwrap().rows, 0, "{name}");
    }
    view.columns = vec!["n".to_owned()];
    write(&store, &view, &dir.path().join("b.csv")).await.unwrap();
    assert_eq!(std::fs::read_to_string(dir.path().join("b.csv")).unwrap(), "n\n");
    assert!(Format::of(Path::new("a.xlsx")).unwrap_err().hint_text().unwrap().contains("--format"));
    view.namespace = Namespace::new("db", "absent").unwrap();
    assert!(write(&store, &view, &dir.path().join("c.csv")).await.unwrap_err().to_string().contains("no collection"));
    assert_eq!(files(dir.path()), ["a.csv", "a.jsonl", "a.parquet", "b.csv"]);
}
