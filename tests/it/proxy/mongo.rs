//! The proxy in front of a server, as the driver sees it.

use super::Proxy;
use bson::{Document, doc, oid::ObjectId};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::{Client, Collection};
use std::time::{Duration, Instant};

/// Without the driver's own repetitions: each fault is seen once.
const PLAIN: &str = "retryReads=false&retryWrites=false&serverSelectionTimeoutMS=5000";

async fn collection(uri: &str) -> Collection<Document> {
    Client::with_uri_str(uri).await.unwrap().database("netsec_test_proxy").collection(&ObjectId::new().to_hex())
}

/// A new collection through the proxy.
async fn through(proxy: &Proxy) -> Collection<Document> {
    collection(&proxy.uri(PLAIN)).await
}

/// How many documents have reached the server.
async fn stored(rows: &Collection<Document>) -> u64 {
    let server = std::env::var("NETSEC_TEST_MONGODB_URI").unwrap();
    let direct = Client::with_uri_str(server).await.unwrap();
    direct.database(&rows.namespace().db).collection::<Document>(rows.name()).count_documents(doc! {}).await.unwrap()
}

async fn find_all(rows: &Collection<Document>) -> Result<usize, Error> {
    let mut cursor = rows.find(doc! {}).batch_size(3).await?;
    let mut found = 0;
    while cursor.advance().await? {
        found += 1;
    }
    Ok(found)
}

async fn with_rows(proxy: &Proxy) -> Collection<Document> {
    let rows = through(proxy).await;
    rows.insert_many((0..10).map(|id| doc! {"_id": id})).await.unwrap();
    rows
}

fn code(error: &Error) -> Option<i32> {
    match &*error.kind {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => Some(write.code),
        _ => None,
    }
}

fn is_network(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. })
}

async fn within<T>(milliseconds: u64, what: impl IntoFuture<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_millis(milliseconds), what).await.ok()
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn what_no_rule_names_passes() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    assert_eq!(find_all(&rows).await.unwrap(), 10);
    assert_eq!((proxy.seen("insert"), proxy.seen("find"), proxy.seen("GETMORE")), (1, 1, 3));
    assert_eq!(proxy.messages(), 10, "five commands and their answers; no handshake");
    let (_, find) = proxy.commands().into_iter().find(|(name, _)| name == "find").unwrap();
    assert_eq!(find.get_i32("batchSize").unwrap(), 3);
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_reply_is_what_the_driver_takes_for_the_servers() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    proxy.on("find").skip(1).reply(doc! {"ok": 0, "code": 50, "codeName": "MaxTimeMSExpired", "errmsg": "too slow"});
    assert_eq!(find_all(&rows).await.unwrap(), 10);
    assert_eq!(code(&find_all(&rows).await.unwrap_err()), Some(50));
    assert_eq!(find_all(&rows).await.unwrap(), 10);

    proxy.on("*").times(2).reply(doc! {"ok": 0, "code": 13, "codeName": "Unauthorized", "errmsg": "not you"});
    assert_eq!(code(&rows.insert_one(doc! {"_id": 10}).await.unwrap_err()), Some(13));
    assert_eq!(code(&find_all(&through(&proxy).await).await.unwrap_err()), Some(13), "a new client still gets in");
    assert_eq!(stored(&rows).await, 10);

    proxy.on("find").always().cut_before();
    proxy.calm();
    assert_eq!(find_all(&rows).await.unwrap(), 10);
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_reply_after_tells_of_a_failure_of_what_has_happened() {
    let proxy = Proxy::to_mongodb();
    let rows = through(&proxy).await;
    let failed = doc! {"index": 0, "code": 64, "errmsg": "waiting for replication timed out"};
    proxy.on("insert").reply_after(doc! {"ok": 1, "n": 1, "writeErrors": [failed]});
    assert_eq!(code(&rows.insert_one(doc! {"_id": 1}).await.unwrap_err()), Some(64));
    assert_eq!(stored(&rows).await, 1);
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_delay_holds_the_answer_back() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    proxy.on("find").delay(Duration::from_millis(300));
    let start = Instant::now();
    assert_eq!(find_all(&rows).await.unwrap(), 10);
    assert!(start.elapsed() >= Duration::from_millis(300));

    // The proxy does not outlive its test for a delay.
    proxy.on("find").delay(Duration::from_secs(600));
    assert!(within(100, find_all(&rows)).await.is_none());
    drop(proxy);
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_cut_is_a_network_error_before_or_after_the_fact() {
    let proxy = Proxy::to_mongodb();
    let rows = through(&proxy).await;
    proxy.on("insert").cut_before();
    assert!(is_network(&rows.insert_one(doc! {"_id": 1}).await.unwrap_err()));
    assert_eq!(stored(&rows).await, 0);

    proxy.on("insert").cut_after();
    assert!(is_network(&rows.insert_one(doc! {"_id": 1}).await.unwrap_err()));
    assert_eq!(stored(&rows).await, 1);

    for bytes in [0, 7, 30] {
        proxy.on("find").cut_within(bytes);
        assert!(is_network(&find_all(&rows).await.unwrap_err()), "{bytes}");
    }
    assert_eq!(find_all(&rows).await.unwrap(), 1);
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_half_closed_connection_is_seen_and_a_silent_one_is_not() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    proxy.on("find").half_close();
    assert!(is_network(&within(10_000, find_all(&rows)).await.unwrap().unwrap_err()));

    // The driver looks at the server anew before it uses it again.
    assert_eq!(find_all(&rows).await.unwrap(), 10);
    proxy.on("find").silence();
    assert!(within(300, find_all(&rows)).await.is_none());
    assert_eq!(within(10_000, find_all(&rows)).await.unwrap().unwrap(), 10, "another connection speaks");
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_rule_can_answer_by_what_is_asked() {
    let proxy = Proxy::to_mongodb();
    let rows = through(&proxy).await;
    proxy.on("insert").always().run(|insert| {
        let documents = insert.get_array("documents").unwrap();
        (documents.len() > 1).then(|| doc! {"ok": 1, "n": documents.len() as i32})
    });
    rows.insert_many([doc! {"_id": 1}, doc! {"_id": 2}]).await.unwrap();
    rows.insert_one(doc! {"_id": 3}).await.unwrap();
    assert_eq!(stored(&rows).await, 1, "two were only said to be stored");
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn every_message_can_be_cut_until_none_is_left() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    for n in 1.. {
        proxy.cut_nth_message(n);
        let found = find_all(&rows).await;
        if proxy.messages() < n {
            assert_eq!(found.unwrap(), 10);
            assert_eq!(n, 9, "a find, three getMores, and their answers");
            break;
        }
        assert!(is_network(&found.unwrap_err()), "{n}");
    }
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn a_server_that_is_down_comes_up_again() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    proxy.down();
    proxy.down();
    assert!(find_all(&rows).await.is_err());
    assert!(std::net::TcpStream::connect(proxy.addr()).is_err());
    let impatient = collection(&proxy.uri("serverSelectionTimeoutMS=300")).await;
    assert!(matches!(*find_all(&impatient).await.unwrap_err().kind, ErrorKind::ServerSelection { .. }));
    proxy.up();
    proxy.up();
    assert_eq!(find_all(&rows).await.unwrap(), 10);
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn what_is_frozen_thaws() {
    let proxy = Proxy::to_mongodb();
    let rows = with_rows(&proxy).await;
    proxy.frozen(true);
    assert!(std::net::TcpStream::connect(proxy.addr()).is_ok());
    assert!(within(300, rows.insert_one(doc! {"_id": 10})).await.is_none());
    assert_eq!(stored(&rows).await, 10);
    proxy.frozen(false);
    assert!(within(10_000, find_all(&rows)).await.unwrap().is_ok());
    // A late message arrives, too.
    let deadline = Instant::now() + Duration::from_secs(10);
    while stored(&rows).await < 11 {
        assert!(Instant::now() < deadline);
    }

    proxy.frozen(true);
    assert!(within(300, find_all(&rows)).await.is_none());
    // Frozen connections do not keep the proxy.
    drop(proxy);
}

#[tokio::test]
#[ignore = "needs MongoDB"]
async fn handshakes_can_be_meant() {
    let proxy = Proxy::to_mongodb();
    proxy.on("*").handshakes_too().always().cut_before();
    let rows = collection(&proxy.uri("serverSelectionTimeoutMS=300")).await;
    assert!(matches!(*find_all(&rows).await.unwrap_err().kind, ErrorKind::ServerSelection { .. }));
    assert!(proxy.commands().iter().all(|(command, _)| super::is_handshake(command)));
    assert!(proxy.seen("ismaster") > 0);

    proxy.calm();
    let tomorrow = doc! {
        "ok": 1, "ismaster": true, "isWritablePrimary": true,
        "minWireVersion": 900, "maxWireVersion": 901, "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000,
    };
    proxy.on("isMaster").always().reply(tomorrow);
    let error = find_all(&collection(&proxy.uri("serverSelectionTimeoutMS=2000")).await).await.unwrap_err();
    assert!(error.to_string().contains("900"), "{error}");
}

/// The driver's own way of repeating a write: with a session, under one number.
#[tokio::test]
#[ignore = "needs MongoDB"]
async fn before_a_replica_set_the_driver_repeats_writes() {
    let proxy = Proxy::to_mongodb().as_replica_set();
    let rows = collection(&proxy.uri("retryWrites=true&serverSelectionTimeoutMS=5000")).await;
    proxy.on("insert").cut_before();
    rows.insert_one(doc! {"_id": 1}).await.unwrap();
    assert_eq!((proxy.seen("insert"), stored(&rows).await), (2, 1));

    proxy.on("insert").cut_after();
    let repeated = rows.insert_one(doc! {"_id": 2}).await;
    assert_eq!((proxy.seen("insert"), stored(&rows).await), (4, 2));
    // A real primary knows the number again; a server that only looks like one finds the document there.
    if let Err(error) = repeated {
        assert_eq!(code(&error), Some(11000));
    }

    let inserts: Vec<_> = proxy.commands().into_iter().filter(|(command, _)| command == "insert").collect();
    for pair in inserts.chunks(2) {
        for key in ["txnNumber", "lsid"] {
            assert_eq!(pair[0].1.get(key).unwrap(), pair[1].1.get(key).unwrap());
        }
    }

    proxy.on("insert").reply(doc! {
        "ok": 0, "code": 189, "codeName": "PrimarySteppedDown", "errmsg": "elections", "errorLabels": ["RetryableWriteError"],
    });
    rows.insert_one(doc! {"_id": 3}).await.unwrap();
    assert_eq!((proxy.seen("insert"), stored(&rows).await), (6, 3));
}
