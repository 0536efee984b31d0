//! Documents on their way in.

use super::{Place, document, on_both};
use bson::{Bson, Document, doc};
use netsec::store::{Filter, META, Namespace};

on_both! {
    documents_come_back_as_they_were
    an_id_is_stored_once_also_by_a_store_that_did_not_write_it
    many_writers_lose_nothing
    what_is_not_there_says_how_to_make_it
    collections_are_listed_with_their_size
    what_is_written_to_is_prepared_once
}

async fn all(place: &Place) -> Vec<Document> {
    let mut pieces = place.store.documents(&place.namespace, &Filter::default(), &[]).await.unwrap();
    let mut documents = Vec::new();
    while let Some(piece) = pieces.recv().await {
        documents.extend(piece.unwrap());
    }
    documents.sort_by_key(|d| d["_id"].to_string());
    documents
}

async fn documents_come_back_as_they_were(place: Place) {
    let at = bson::DateTime::from_millis(1);
    let meta = doc! { "source": "t", "pushed_at": at };
    let mut documents: Vec<Document> = (0..5).map(document).collect();
    // None of these fits the columns that the first ones make.
    documents.push(doc! { "_id": bson::oid::ObjectId::new(), "nested": { "a": [1, 2] } });
    documents.push(doc! { "_id": "x", "n": "text in a number", META: &meta });
    documents.push(doc! { "_id": "y", "n": 1_i32, "f": 1.0, "s": "", "b": true, "z": null, META: &meta });
    documents.push(doc! { "_id": "w", "z": 5, META: { "source": "t", "pushed_at": at, "more": 1 } });
    documents
        .push(doc! { "_id": 7_i32, "f": -0.0, "inf": f64::INFINITY, "s": "line\nfeed \u{1b} ñ 😀", "": "no name" });
    documents.push(doc! { "_id": { "a": 1, "b": "c" }, "list": [null, [1_i64, 2.5], {}], "empty": {} });
    documents.push(doc! {
        "_id": 8_i64,
        "decimal": "1.50".parse::<bson::Decimal128>().unwrap(),
        "bytes": bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: vec![0, 1, 255] },
        "when": bson::DateTime::from_millis(-1),
        "stamp": bson::Timestamp { time: 1, increment: 2 },
        "pattern": bson::Regex { pattern: bson::raw::CString::try_from("^a").unwrap(), options: bson::raw::CString::try_from("i").unwrap() },
        "large": i64::MAX,
    });
    place.insert(documents.clone()).await;
    documents.sort_by_key(|d| d["_id"].to_string());
    assert_eq!(all(&place).await, documents);
    assert_eq!(place.count().await, documents.len() as u64);
    place.end().await;
}

async fn an_id_is_stored_once_also_by_a_store_that_did_not_write_it(place: Place) {
    let counts = |done: netsec::store::Inserted| (done.inserted, done.unchanged, done.refused.len());
    let namespace = &place.namespace;
    let done = place.store.insert(namespace, vec![document(1), document(2), document(1)]).await.unwrap();
    assert_eq!(counts(done), (2, 1, 0));
    let done = place.other.insert(namespace, vec![document(2), document(3)]).await.unwrap();
    assert_eq!(counts(done), (1, 1, 0));
    let done = place.store.insert(namespace, vec![document(3), document(4)]).await.unwrap();
    assert_eq!(counts(done), (1, 1, 0));
    assert_eq!(counts(place.store.insert(namespace, Vec::new()).await.unwrap()), (0, 0, 0));
    assert_eq!(all(&place).await, (1..5).map(document).collect::<Vec<_>>());
    // What is there stays as it is.
    let mut changed = document(1);
    changed.insert("n", 99_i64);
    assert_eq!(counts(place.store.insert(namespace, vec![changed]).await.unwrap()), (0, 1, 0));
    assert_eq!(all(&place).await[0], document(1));
    place.end().await;
}

async fn many_writers_lose_nothing(place: Place) {
    let tasks: Vec<_> = (0..4_i64)
        .map(|writer| {
            let store = if writer % 2 == 0 { place.store.clone() } else { place.other.clone() };
            let namespace = place.namespace.clone();
            tokio::spawn(async move {
                let mut inserted = 0;
                for batch in 0..5 {
                    // Half of each batch is the writer's own, half is everyone's.
                    let own = (0..10).map(|i| document(1_000 * (writer + 1) + batch * 10 + i));
                    let shared = (0..10).map(|i| document(batch * 10 + i));
                    inserted += store.insert(&namespace, own.chain(shared).collect()).await.unwrap().inserted;
                }
                inserted
            })
        })
        .collect();
    let mut inserted = 0;
    for task in tasks {
        inserted += task.await.unwrap();
    }
    assert_eq!(inserted, 4 * 50 + 50, "each document is someone's");
    assert_eq!(place.count().await, inserted);
    place.end().await;
}

async fn what_is_not_there_says_how_to_make_it(place: Place) {
    let absent = Namespace::new(&super::database(), "c").unwrap();
    assert!(!place.store.databases().await.unwrap().contains(&absent.database));
    assert!(place.store.collections(&absent.database).await.unwrap().is_empty());
    let query = netsec::store::Query { limit: 1, ..Default::default() };
    let window = netsec::store::Window::default();
    let scan = match place.store.scan(&absent, &["n".to_owned()], window).await {
        Ok(mut batches) => batches.recv().await.unwrap().map(|_| ()),
        Err(e) => Err(e),
    };
    let stream = match place.store.documents(&absent, &Filter::default(), &[]).await {
        Ok(mut pieces) => pieces.recv().await.map_or(Ok(()), |piece| piece.map(|_| ())),
        Err(e) => Err(e),
    };
    for error in [
        place.store.count(&absent, &Filter::default()).await.unwrap_err(),
        place.store.find(&absent, &query).await.unwrap_err(),
        scan.unwrap_err(),
        stream.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), format!("there is no collection {absent}"));
        assert!(error.hint_text().unwrap().contains("push"), "{error}");
    }
    place.end().await;
}

async fn collections_are_listed_with_their_size(place: Place) {
    place.insert((0..30).map(document).collect()).await;
    let odd = place.beside("Straße .1 %41");
    place.store.insert(&odd, vec![document(1)]).await.unwrap();
    assert!(place.store.databases().await.unwrap().contains(&place.namespace.database));
    let listed = place.other.collections(&place.namespace.database).await.unwrap();
    let told: Vec<_> = listed.iter().map(|c| (c.name.as_str(), c.documents)).collect();
    assert_eq!(told, [("Straße .1 %41", Some(1)), ("c", Some(30))]);
    assert!(listed[1].bytes.is_some_and(|bytes| bytes > 100) && listed[1].kind.name().is_empty(), "{listed:?}");
    assert_eq!(place.other.count(&odd, &Filter::default()).await.unwrap(), 1);
    place.end().await;
}

async fn what_is_written_to_is_prepared_once(place: Place) {
    let made = place.store.prepare(&place.namespace).await.unwrap();
    assert_eq!(made.is_empty(), !place.store.is_remote(), "{made:?}");
    assert!(made.iter().all(|note| note.contains("_netsec.pushed_at")), "{made:?}");
    place.insert(vec![document(1)]).await;
    assert_eq!(place.other.prepare(&place.namespace).await.unwrap(), Vec::<String>::new());
    assert_eq!(all(&place).await[0].get("_id"), Some(&Bson::from(format!("{:032x}", 1))));
    place.end().await;
}
