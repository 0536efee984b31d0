use super::*;
use crate::store::{META, parse_filter};
use bson::{Bson, doc};

fn place() -> (tempfile::TempDir, EmbeddedStore, Namespace) {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::new(dir.path().join("store"));
    (dir, store, Namespace::new("db", "c").unwrap())
}

fn document(i: i64) -> Document {
    let at = bson::DateTime::from_millis(1_700_000_000_000 + i);
    doc! { "_id": format!("{i:032x}"), "n": i, "f": i as f64 / 2.0, "s": format!("text {i}"), "b": i % 2 == 0, "z": null,
    META: { "source": "t", "pushed_at": at } }
}

async fn all(store: &EmbeddedStore, namespace: &Namespace) -> Vec<Document> {
    store.find(namespace, &Query { limit: 100_000, ..Query::default() }).await.unwrap().documents
}

#[tokio::test]
async fn documents_come_back_as_they_were() {
    let (_dir, store, namespace) = place();
    let at = bson::DateTime::from_millis(1);
    let mut documents: Vec<Document> = (0..5).map(document).collect();
    // None of these fits the columns that the first ones make.
    documents.push(doc! { "_id": bson::oid::ObjectId::new(), "nested": { "a": [1, 2] } });
    documents.push(doc! { "_id": "x", "n": "text in a number", META: { "source": "t", "pushed_at": at } });
    documents.push(doc! { "_id": "y", "n": 1_i32, "f": 1.0, "s": "", "b": true, "z": null, META: { "source": "t", "pushed_at": at } });
    documents.push(doc! { "_id": "w", "n": 1_i64, "f": 1.0, "s": "", "b": true, "z": 5, META: { "source": "t", "pushed_at": at, "more": 1 } });
    let done = store.insert(&namespace, documents.clone()).await.unwrap();
    assert_eq!(done, Inserted { inserted: 9, unchanged: 0, ..Inserted::default() });
    assert_eq!(all(&store, &namespace).await, documents);
    assert_eq!(store.collections("db").await.unwrap()[0].documents, Some(9));
    assert_eq!(store.databases().await.unwrap(), ["db"]);
}

#[tokio::test]
async fn an_id_is_stored_once_also_by_a_store_that_did_not_write_it() {
    let (dir, store, namespace) = place();
    store.insert(&namespace, vec![document(1), document(2), document(1)]).await.unwrap();
    let other = EmbeddedStore::new(dir.path().join("store"));
    let done = other.insert(&namespace, vec![document(2), document(3)]).await.unwrap();
    assert_eq!(done, Inserted { inserted: 1, unchanged: 1, ..Inserted::default() });
    let done = store.insert(&namespace, vec![document(3), document(4)]).await.unwrap();
    assert_eq!(done, Inserted { inserted: 1, unchanged: 1, ..Inserted::default() });
    assert_eq!(all(&store, &namespace).await.len(), 4);
}

#[tokio::test]
async fn pages_follow_each_other_across_parts_and_filters() {
    let (_dir, store, namespace) = place();
    for start in [0, 10, 20] {
        store.insert(&namespace, (start..start + 10).map(document).collect()).await.unwrap();
    }
    for (filter, expected) in [
        ("", 30),
        ("b=true", 15),
        ("n>=5 n<25", 20),
        ("s='text 7'", 1),
        ("n>99", 0),
        ("_netsec.source=t f<1", 2),
        ("_netsec.pushed_at>=2023-11-14T22:13:20.005Z", 25),
    ] {
        let filter = parse_filter(filter).unwrap();
        assert_eq!(store.count(&namespace, &filter).await.unwrap(), expected);
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let query = Query { filter: filter.clone(), after: after.take(), limit: 4, ..Query::default() };
            let page = store.find(&namespace, &query).await.unwrap();
            seen.extend(page.documents.iter().map(|d| d.get_i64("n").unwrap()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len() as u64, expected);
        assert!(seen.windows(2).all(|w| w[0] < w[1]), "{seen:?}");
    }
}

#[tokio::test]
async fn torn_and_foreign_files_are_never_seen() {
    let (_dir, store, namespace) = place();
    store.insert(&namespace, vec![document(1)]).await.unwrap();
    let dir = store.dir(&namespace);
    std::fs::write(dir.join(".tmp-abc"), b"half a part").unwrap();
    std::fs::write(dir.join("notes.txt"), b"hello").unwrap();
    assert_eq!(all(&store, &namespace).await.len(), 1);
    store.insert(&namespace, vec![document(2)]).await.unwrap();
    assert_eq!(all(&store, &namespace).await.len(), 2);
    assert!(!dir.join(".tmp-abc").exists(), "a writer clears what a killed one left");
    assert!(dir.join("notes.txt").exists());
}

#[tokio::test]
async fn a_damaged_part_is_named() {
    let (_dir, store, namespace) = place();
    store.insert(&namespace, vec![document(1)]).await.unwrap();
    let part = parts(&store.dir(&namespace)).unwrap().remove(0);
    std::fs::write(&part.path, b"PAR1 nonsense PAR1").unwrap();
    let error = store.find(&namespace, &Query { limit: 1, ..Query::default() }).await.unwrap_err();
    assert!(error.to_string().contains("part-00000001") && error.hint_text().is_some(), "{error}");
}

#[tokio::test]
async fn a_scan_streams_the_wanted_fields_in_the_window() {
    let (_dir, store, namespace) = place();
    store.insert(&namespace, (0..6).map(document).collect()).await.unwrap();
    store.insert(&namespace, vec![doc! { "_id": "odd", "n": "five" }]).await.unwrap();
    let fields = ["n".to_owned(), "absent".to_owned()];
    let mut batches = store.scan(&namespace, &fields, Window::default()).await.unwrap();
    let (mut rows, mut odd) = (0, 0);
    while let Some(batch) = batches.recv().await {
        let batch = batch.unwrap();
        assert!(batch.frame.column("s").is_err());
        rows += batch.frame.height();
        odd += batch.odd.len();
    }
    assert_eq!((rows, odd), (7, 1));
    let time = |ms: i64| chrono::DateTime::from_timestamp_millis(1_700_000_000_000 + ms);
    let window = Window { from: time(1), to: time(4) };
    let mut batches = store.scan(&namespace, &fields, window).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = batches.recv().await {
        rows += batch.unwrap().frame.height();
    }
    assert_eq!(rows, 3, "the end is exclusive, and what has no time is in no window");
}

#[tokio::test]
async fn what_is_not_there_says_how_to_make_it() {
    let (_dir, store, namespace) = place();
    assert!(store.databases().await.unwrap().is_empty());
    assert!(store.collections("db").await.unwrap().is_empty());
    let error = store.count(&namespace, &Filter::default()).await.unwrap_err();
    assert!(error.hint_text().unwrap().contains("push"), "{error}");
    for name in ["", "..", "a/b", ".hidden", "a@b", "$a", "a\nb"] {
        assert!(Namespace::new("db", name).is_err(), "{name:?}");
    }
    // Whatever else MongoDB takes for a name is one here, and stays below the store's folder.
    let namespace = Namespace::new("d b", "Straße \\..\\ %41").unwrap();
    store.insert(&namespace, vec![document(1)]).await.unwrap();
    assert_eq!(store.databases().await.unwrap(), ["d b"]);
    assert_eq!(store.collections("d b").await.unwrap()[0].name, namespace.collection);
}

#[test]
fn many_writers_lose_nothing() {
    let (dir, store, namespace) = place();
    std::thread::scope(|scope| {
        for writer in 0..4i64 {
            let (root, namespace) = (dir.path().join("store"), namespace.clone());
            scope.spawn(move || {
                let store = EmbeddedStore::new(root);
                for batch in 0..5 {
                    // Half of each batch is the writer's own, half is everyone's.
                    let own = (0..10).map(|i| document(1_000 * (writer + 1) + batch * 10 + i));
                    let shared = (0..10).map(|i| document(batch * 10 + i));
                    store.insert_now(&namespace, own.chain(shared).collect()).unwrap();
                }
            });
        }
    });
    let rows: u64 = parts(&store.dir(&namespace)).unwrap().iter().map(|p| p.rows).sum();
    assert_eq!(rows, 4 * 50 + 50);
}

#[tokio::test]
async fn a_scan_never_passes_a_short_part_off_as_whole() {
    let (_dir, store, namespace) = place();
    store.insert(&namespace, (0..6).map(document).collect()).await.unwrap();
    let part = parts(&store.dir(&namespace)).unwrap().remove(0).path;
    std::fs::rename(&part, part.with_file_name("part-00000001-9.parquet")).unwrap();
    let mut batches = store.scan(&namespace, &["n".to_owned()], Window::default()).await.unwrap();
    let error = batches.recv().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("fewer rows"), "{error}");
}

/// All pages of a query, and whether each but the last was full.
async fn paged(store: &dyn DocumentStore, namespace: &Namespace, query: Query) -> Vec<Document> {
    let (mut seen, mut query) = (Vec::new(), query);
    loop {
        let page = store.find(namespace, &query).await.unwrap();
        assert!(page.next.is_none() || page.documents.len() == query.limit);
        seen.extend(page.documents);
        query.after = page.next;
        if query.after.is_none() {
            return seen;
        }
    }
}

#[tokio::test]
async fn sorted_pages_follow_each_other_and_equal_rows_stay_in_their_order() {
    let (_dir, store, namespace) = place();
    let mixed = |i: i64| {
        let mut document = document(i);
        // Many are equal; some have another kind of value, and are stored whole.
        document.insert("k", if i % 7 == 0 { Bson::String("text".to_owned()) } else { Bson::Int64(i % 5) });
        document
    };
    for start in [0, 20, 40] {
        store.insert(&namespace, (start..start + 20).map(mixed).collect()).await.unwrap();
    }
    for (text, descending) in [("k", false), ("-k", true)] {
        let sort = crate::store::parse_sort(text).unwrap();
        let query = Query { sort, limit: 7, filter: parse_filter("n>=3").unwrap(), ..Query::default() };
        let seen = paged(&store, &namespace, query).await;
        let mut expected: Vec<Document> = (3..60).map(mixed).collect();
        expected.sort_by(|a, b| {
            let order = crate::store::order::any_kind(&a["k"], &b["k"]);
            if descending { order.reverse() } else { order }
        });
        assert_eq!(seen, expected, "{text}");
    }
    let sort = crate::store::parse_sort("-_netsec.pushed_at,s").unwrap();
    let seen = paged(&store, &namespace, Query { sort, limit: 60, ..Query::default() }).await;
    assert_eq!(seen.len(), 60);
    assert!(seen.windows(2).all(|w| w[0].get_i64("n").unwrap() > w[1].get_i64("n").unwrap()));
}

#[tokio::test]
async fn a_read_ends_by_its_bounds_and_says_so() {
    let (_dir, store, namespace) = place();
    store.insert(&namespace, (0..2_000).map(document).collect()).await.unwrap();
    let filter = parse_filter("s~absent").unwrap();
    let query = Query { filter: filter.clone(), limit: 1, ..Query::default() };
    let sorted = Query { sort: crate::store::parse_sort("s").unwrap(), limit: 1, ..Query::default() };

    let late = store.bounded(Bounds { within: Some(std::time::Duration::ZERO), stop: Stop::new() });
    for error in [
        late.count(&namespace, &filter).await.unwrap_err(),
        late.find(&namespace, &query).await.unwrap_err(),
        late.find(&namespace, &sorted).await.unwrap_err(),
        late.scan(&namespace, &["n".to_owned()], Window::default()).await.unwrap().recv().await.unwrap().unwrap_err(),
    ] {
        assert!(error.to_string().starts_with("not done after 1 s"), "{error}");
        assert!(error.hint_text().unwrap().contains("query_seconds"), "{error:?}");
    }
    assert_eq!(late.count(&namespace, &Filter::default()).await.unwrap(), 2_000, "what needs no reading is told");

    let stop = Stop::new();
    let stopped = store.bounded(Bounds { within: None, stop: stop.clone() });
    assert_eq!(stopped.count(&namespace, &filter).await.unwrap(), 0);
    stop.set();
    assert_eq!(stopped.count(&namespace, &filter).await.unwrap_err().to_string(), "stopped");
    assert_eq!(store.count(&namespace, &filter).await.unwrap(), 0, "the store itself is as it was");
}

#[tokio::test]
async fn a_slow_filter_is_stopped_within_a_part_and_tells_the_rows() {
    let (_dir, store, namespace) = place();
    store.insert(&namespace, (0..2_000).map(document).collect()).await.unwrap();
    let part = parts(&store.dir(&namespace)).unwrap().remove(0);
    let within = std::time::Duration::from_millis(5);
    let watch = Watch::new(Bounds { within: Some(within), stop: Stop::new() }, Stop::new());
    let mut rows = 0;
    let error = each_match(&part, &Filter::default(), &["n".to_owned()], 0, &watch, &mut |_, _| {
        rows += 1;
        std::thread::sleep(std::time::Duration::from_micros(100));
        Ok(true)
    })
    .unwrap_err();
    assert!(rows < 2_000, "{rows}");
    assert!(error.to_string().ends_with(" rows"), "{error}");
    let left = Stop::new();
    drop(SetWhenLeft(left.clone()));
    assert!(Watch::new(Bounds::default(), left).check().is_err(), "nobody waits for it");
}
