use super::*;
use crate::store::{META, parse_filter};
use bson::doc;

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
async fn names_stay_below_the_folder() {
    let (_dir, store, namespace) = place();
    assert!(store.databases().await.unwrap().is_empty());
    assert!(store.collections("db").await.unwrap().is_empty());
    assert!(store.count(&namespace, &Filter::default()).await.is_err());
    for name in ["", "..", "a/b", ".hidden", "a@b", "$a", "a\nb"] {
        assert!(Namespace::new("db", name).is_err(), "{name:?}");
    }
    // Whatever else MongoDB takes for a name is one here.
    let namespace = Namespace::new("d b", "Straße \\..\\ %41").unwrap();
    store.insert(&namespace, vec![document(1)]).await.unwrap();
    assert!(store.root.join("d%20b").is_dir());
    assert_eq!(store.databases().await.unwrap(), ["d b"]);
    assert_eq!(store.collections("d b").await.unwrap()[0].name, namespace.collection);
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
