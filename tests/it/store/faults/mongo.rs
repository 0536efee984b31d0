//! Each fault as the driver meets it, through a proxy.

use crate::proxy::Proxy;
use crate::store::{connect, database, document};
use bson::{Document, doc};
use netsec::push::{Pushed, push};
use netsec::schema::Schema;
use netsec::source::Rows;
use netsec::stop::Stop;
use netsec::store::{Bounds, DocumentStore, Filter, Namespace, Query, Window};
use netsec::{Error, Result};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SCHEMA: &str = "name: t\ntarget: y\npositive: 1\ncolumns:\n- {name: a, type: int64, values: [-1, 0, 1]}\n\
    - {name: n, type: float64, range: [0, 10000000]}\n- {name: y, type: int64, values: [0, 1]}\n";
/// So many rows take two inserts.
const ROWS: u64 = 5_200;

/// A collection of its own on the real server, reached through a proxy.
struct Place {
    proxy: Proxy,
    namespace: Namespace,
    /// The same collection without the proxy.
    server: Arc<dyn DocumentStore>,
}

impl Place {
    fn new(proxy: Proxy) -> Self {
        let namespace = Namespace::new(&database(), "c").unwrap();
        Self { proxy, namespace, server: connect(&crate::support::mongodb()) }
    }

    /// A store through the proxy, which knows nothing of what happened before.
    fn store(&self) -> Arc<dyn DocumentStore> {
        connect(&self.proxy.uri(""))
    }

    async fn push(&self, store: &dyn DocumentStore, source: &str) -> Result<Pushed> {
        let schema = Schema::parse(SCHEMA, "test").unwrap();
        let text: String = (0..ROWS).map(|i| format!("{},{i},{}\n", i as i64 % 3 - 1, i % 2)).collect();
        let text = format!("a,n,y\n{text}7,1,1\n");
        let rows = Rows::from_reader(Box::new(std::io::Cursor::new(text.into_bytes())), source)?;
        push(store, &self.namespace, &schema, rows, &|_| {}).await
    }

    async fn count(&self, name: &str) -> u64 {
        let namespace = Namespace::new(&self.namespace.database, name).unwrap();
        self.server.count(&namespace, &Filter::default()).await.unwrap_or(0)
    }

    async fn clear(&self) {
        let client = mongodb::Client::with_uri_str(crate::support::mongodb()).await.unwrap();
        client.database(&self.namespace.database).drop().await.unwrap();
    }
}

/// The rows of a scan, or why there are not all of them.
async fn read(store: &dyn DocumentStore, namespace: &Namespace) -> Result<(u64, i64, Vec<String>)> {
    let mut batches = store.scan(namespace, &["n".to_owned()], Window::default()).await?;
    let (mut rows, mut sum, mut notes) = (0, 0, Vec::new());
    while let Some(batch) = batches.recv().await {
        let batch = batch?;
        rows += batch.frame.height() as u64;
        if let Ok(column) = batch.frame.column("n") {
            sum += column.i64().unwrap().iter().flatten().sum::<i64>();
        }
        notes.extend(batch.notes);
    }
    Ok((rows, sum, notes))
}

fn says(error: &Error, words: &[&str]) {
    let told = format!("{error} / {}", error.hint_text().unwrap_or_default());
    assert!(words.iter().all(|word| told.contains(word)), "{words:?} in {told:?}");
    assert!(error.hint_text().is_some(), "{told}");
}

fn refusal(code: i32, name: &str) -> Document {
    doc! { "ok": 0, "code": code, "codeName": name, "errmsg": format!("the server says {name}") }
}

/// Every message of a push cut, one after the other: no row is lost, none is doubled, and the numbers are true.
async fn pushes_survive_every_cut(proxy: Proxy) {
    let place = Place::new(proxy);
    let mut n = 0;
    loop {
        n += 1;
        place.clear().await;
        let store = place.store();
        // The connection is there before the fault is.
        store.databases().await.unwrap();
        place.proxy.cut_nth_message(n);
        let first = place.push(store.as_ref(), "f.csv").await;
        let passed = place.proxy.messages();
        place.proxy.cut_nth_message(usize::MAX);
        let before = place.count("c").await;
        match &first {
            Ok(pushed) => {
                assert_eq!((pushed.read, pushed.inserted, pushed.unchanged), (ROWS + 1, ROWS, 0), "cut {n}");
                assert_eq!((before, place.count("c.rejected").await), (ROWS, 1), "cut {n}");
            }
            Err(e) => says(e, &["127.0.0.1"]),
        }
        let again = place.push(store.as_ref(), "f.csv").await.unwrap();
        assert_eq!((again.inserted, again.unchanged), (ROWS - before, before), "cut {n}");
        assert_eq!((place.count("c").await, place.count("c.rejected").await), (ROWS, 1), "cut {n}");
        if passed < n {
            assert!(n > 8, "{n} messages are too few for a push");
            break;
        }
    }
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_push_over_a_connection_that_is_cut_anywhere() {
    pushes_survive_every_cut(Proxy::to_mongodb()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_push_to_a_replica_set_over_a_connection_that_is_cut_anywhere() {
    let place = Place::new(Proxy::to_mongodb().as_replica_set());
    let store = place.store();
    store.databases().await.unwrap();
    place.proxy.on("insert").skip(1).cut_after();
    let pushed = place.push(store.as_ref(), "f.csv").await.unwrap();
    assert_eq!(pushed.inserted + pushed.unchanged, ROWS);
    assert_eq!(place.count("c").await, ROWS);
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_push_waits_for_a_new_primary() {
    let place = Place::new(Proxy::to_mongodb());
    for (code, name) in [
        (10107, "NotWritablePrimary"),
        (189, "PrimarySteppedDown"),
        (11600, "InterruptedAtShutdown"),
        (91, "ShutdownInProgress"),
    ] {
        place.clear().await;
        let store = place.store();
        place.proxy.on("insert").skip(1).times(2).reply(refusal(code, name));
        let pushed = place.push(store.as_ref(), "f.csv").await.unwrap();
        assert_eq!((pushed.inserted, pushed.unchanged, place.count("c").await), (ROWS, 0, ROWS), "{name}");
        place.proxy.calm();
    }
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_push_goes_on_when_the_server_is_back() {
    let place = Place::new(Proxy::to_mongodb());
    let store = place.store();
    store.databases().await.unwrap();
    place.proxy.on("insert").skip(1).cut_before();
    let pushing = place.push(store.as_ref(), "f.csv");
    let away = async {
        while place.proxy.seen("insert") < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        place.proxy.down();
        tokio::time::sleep(Duration::from_secs(3)).await;
        place.proxy.up();
    };
    let (pushed, ()) = tokio::join!(pushing, away);
    assert_eq!((pushed.unwrap().inserted, place.count("c").await), (ROWS, ROWS));
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn rows_that_the_server_refuses_are_kept_with_its_reason() {
    let place = Place::new(Proxy::to_mongodb());
    let store = place.store();
    // As a collection with a validator answers.
    place.proxy.on("insert").times(1).reply_after(doc! {
        "ok": 1, "n": 4_999,
        "writeErrors": [{ "index": 3, "code": 121, "errmsg": "Document failed validation" }],
    });
    let pushed = place.push(store.as_ref(), "f.csv").await.unwrap();
    assert_eq!((pushed.inserted, pushed.unchanged, pushed.rejected), (ROWS - 1, 0, 2));
    let refused: Vec<_> = pushed.first_rejections.iter().filter(|r| r.reason.starts_with("the store")).collect();
    assert_eq!(refused[0].reason, "the store refused it: Document failed validation");
    // The fourth row of whichever call came first: several are under way at once.
    assert!(refused.len() == 1 && [5, 5_005].contains(&refused[0].line), "{refused:?}");
    assert_eq!(place.count("c.rejected").await, 2);
    place.clear().await;
}

/// Every message of a scan cut: all rows come, or an error; never some rows as if they were all.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_scan_over_a_connection_that_is_cut_anywhere() {
    let place = Place::new(Proxy::to_mongodb());
    let rows = 45_000_u64;
    for start in (0..rows as i64).step_by(9_000) {
        place.server.insert(&place.namespace, (start..start + 9_000).map(document).collect()).await.unwrap();
    }
    let whole = (rows, (rows * (rows - 1) / 2) as i64, Vec::new());
    let (mut n, mut failed) = (0, 0);
    loop {
        n += 1;
        let store = place.store();
        store.databases().await.unwrap();
        place.proxy.cut_nth_message(n);
        let read = read(store.as_ref(), &place.namespace).await;
        let passed = place.proxy.messages();
        match read {
            Ok(read) => assert_eq!(read, whole, "cut {n}"),
            Err(e) => {
                failed += 1;
                says(&e, &["connection broke", "ping"]);
            }
        }
        if passed < n {
            break;
        }
    }
    // A find is repeated by the driver; a cursor that is cut off is not.
    assert!(n > 6 && failed >= 2, "{failed} of {n}");
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_cursor_that_the_server_ends_is_no_end_of_the_rows() {
    let place = Place::new(Proxy::to_mongodb());
    for start in (0..45_000).step_by(9_000) {
        place.server.insert(&place.namespace, (start..start + 9_000).map(document).collect()).await.unwrap();
    }
    for (code, name, words) in [
        (43, "CursorNotFound", "ended the reading"),
        (237, "CursorKilled", "ended the reading"),
        (11600, "InterruptedAtShutdown", "no primary"),
        (50, "MaxTimeMSExpired", "time limit"),
        (13, "Unauthorized", "no right"),
    ] {
        place.proxy.on("getMore").skip(1).reply(refusal(code, name));
        let error = read(place.store().as_ref(), &place.namespace).await.unwrap_err();
        says(&error, &[words]);
        assert!(error.chain().join(" ").contains(name), "{error:?}");
        place.proxy.calm();
    }
    // A collection that another program changes meanwhile is told of.
    let store = place.store();
    let mut batches = store.scan(&place.namespace, &["n".to_owned()], Window::default()).await.unwrap();
    place.proxy.on("count").reply(doc! { "ok": 1, "n": 44_000 });
    let mut notes = Vec::new();
    while let Some(batch) = batches.recv().await {
        notes.extend(batch.unwrap().notes);
    }
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("45,000 documents were read, 44,000 are there now"), "{notes:?}");
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_set_with_snapshots_is_read_at_one_moment() {
    let place = Place::new(Proxy::to_mongodb().as_replica_set());
    place.server.insert(&place.namespace, (0..100).map(document).collect()).await.unwrap();
    let whole = (100, 4_950, Vec::new());
    assert_eq!(read(place.store().as_ref(), &place.namespace).await.unwrap(), whole);
    let levels = |proxy: &Proxy| -> Vec<bool> {
        let finds = proxy.commands().into_iter().filter(|(name, _)| name == "find");
        finds
            .map(|(_, find)| {
                find.get_document("readConcern").is_ok_and(|c| c.get_str("level").is_ok_and(|l| l == "snapshot"))
            })
            .collect()
    };
    assert_eq!(levels(&place.proxy), [true]);
    // A view has none: it is read as it is.
    place.proxy.on("find").reply(refusal(246, "SnapshotUnavailable"));
    assert_eq!(read(place.store().as_ref(), &place.namespace).await.unwrap(), whole);
    assert_eq!(levels(&place.proxy), [true, true, false]);
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn every_refusal_has_its_message() {
    let place = Place::new(Proxy::to_mongodb());
    place.server.insert(&place.namespace, (0..10).map(document).collect()).await.unwrap();
    let query = Query { limit: 5, ..Query::default() };
    for (code, name, words) in [
        (13, "Unauthorized", ["looking for documents", "no right"]),
        (18, "AuthenticationFailed", ["refuses the user name or the password", "authSource"]),
        (50, "MaxTimeMSExpired", ["time limit", "narrow"]),
        (10107, "NotWritablePrimary", ["no primary", "repeat"]),
        (9999, "SomethingElse", ["looking for documents failed", "ping"]),
    ] {
        place.proxy.on("find").always().reply(refusal(code, name));
        let error = place.store().find(&place.namespace, &query).await.unwrap_err();
        says(&error, &words);
        assert!(error.chain().join(" ").contains(name), "the server's own words stay: {error:?}");
        place.proxy.calm();
    }
    place.proxy.on("insert").reply_after(doc! {
        "ok": 1, "n": 1, "writeConcernError": { "code": 64, "codeName": "WriteConcernTimeout", "errmsg": "waiting for replication timed out" },
    });
    let error = place.store().insert(&place.namespace, vec![document(77)]).await.unwrap_err();
    says(&error, &["not confirmed", "w="]);
    // It is there all the same, and told so by the next try.
    assert_eq!(place.store().insert(&place.namespace, vec![document(77)]).await.unwrap().unchanged, 1);
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_silent_server_is_not_waited_for_for_ever() {
    let place = Place::new(Proxy::to_mongodb());
    place.server.insert(&place.namespace, (0..10).map(document).collect()).await.unwrap();
    let store = place.store();
    store.ping().await.unwrap();
    let bounded = store.bounded(Bounds { within: Some(Duration::from_secs(2)), stop: Stop::new() });
    let query = Query { limit: 5, ..Query::default() };
    assert_eq!(bounded.find(&place.namespace, &query).await.unwrap().documents.len(), 5);
    let (_, find) = place.proxy.commands().into_iter().rfind(|(name, _)| name == "find").unwrap();
    assert_eq!(find.get_i64("maxTimeMS").or_else(|_| find.get_i32("maxTimeMS").map(i64::from)).unwrap(), 2_000);

    place.proxy.frozen(true);
    let began = Instant::now();
    says(&store.ping().await.unwrap_err(), &["has not answered for 1.3 s"]);
    assert!(began.elapsed() < Duration::from_secs(2));
    // Nothing is wrong with the filter.
    says(&bounded.find(&place.namespace, &query).await.unwrap_err(), &["has not answered for"]);
    says(&bounded.count(&place.namespace, &Filter::default()).await.unwrap_err(), &["has not answered for"]);
    says(&read(bounded.as_ref(), &place.namespace).await.unwrap_err(), &["has not answered for"]);
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    place.proxy.frozen(false);
    store.ping().await.unwrap();
    assert_eq!(bounded.count(&place.namespace, &Filter::default()).await.unwrap(), 10);

    // Half a connection: the answer never comes, but others do.
    place.proxy.on("find").silence();
    says(&bounded.find(&place.namespace, &query).await.unwrap_err(), &["not done after 2 s"]);
    place.proxy.on("find").half_close();
    // The driver repeats what it reads.
    assert_eq!(bounded.find(&place.namespace, &query).await.unwrap().documents.len(), 5);
    place.proxy.on("count").delay(Duration::from_millis(300));
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_slow_server_is_waited_for_as_long_as_it_lives() {
    let place = Place::new(Proxy::to_mongodb());
    place.server.insert(&place.namespace, (0..10).map(document).collect()).await.unwrap();
    let store = place.store();
    // Longer than it takes to be asked whether it is still there.
    place.proxy.on("aggregate").delay(Duration::from_secs(12));
    assert_eq!(store.count(&place.namespace, &Filter::default()).await.unwrap(), 10);
    place.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MongoDB"]
async fn a_server_that_is_not_there_is_told_from_one_that_refuses() {
    let place = Place::new(Proxy::to_mongodb());
    place.proxy.down();
    let began = Instant::now();
    says(&place.store().databases().await.unwrap_err(), &["nothing listens there", "port"]);
    assert!(began.elapsed() < Duration::from_secs(7));
    says(&connect("mongodb://no-such-host.invalid").databases().await.unwrap_err(), &["name", "resolved"]);
    let secret = connect("mongodb://ana:geheim@127.0.0.1:1/?badOption");
    let error = secret.databases().await.unwrap_err();
    assert!(!format!("{error:?} {:?}", error.chain()).contains("geheim"), "{error:?}");
}
