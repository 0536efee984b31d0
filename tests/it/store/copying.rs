//! Collections on their way from one store to the other.

use super::{Place, document};
use bson::{Document, doc, oid::ObjectId};
use netsec::copy::{Side, copy};
use netsec::store::Filter;

fn side(place: &Place) -> Side<'_> {
    Side { store: place.store.as_ref(), namespace: &place.namespace }
}

fn documents() -> Vec<Document> {
    let mut all: Vec<Document> = (0..7_000).map(document).collect();
    all.extend((0..20).map(|i| doc! { "n": i, "_id": ObjectId::new(), "nested": { "a": [1_i64, 2.5, null, "x"] } }));
    all
}

/// There, and what is there twice; and back, to the same content.
async fn there_and_back(from: Place, to: Place, back: Place) {
    from.insert(documents()).await;
    let first = copy(side(&from), side(&to), &|_| {}).await.unwrap();
    assert_eq!((first.documents, first.inserted, first.unchanged), (7_020, 7_020, 0));
    assert_eq!(to.count().await, 7_020);
    let again = copy(side(&from), side(&to), &|_| {}).await.unwrap();
    assert_eq!((again.inserted, again.unchanged, &again.content), (0, 7_020, &first.content));
    // What the target has besides is its own.
    to.insert(vec![doc! { "_id": "other", "n": 1 }]).await;
    assert_eq!(copy(side(&from), side(&to), &|_| {}).await.unwrap().content, first.content);
    let whole = copy(side(&to), side(&back), &|_| {}).await.unwrap();
    assert_eq!((whole.documents, whole.inserted), (7_021, 7_021));
    assert_ne!(whole.content, first.content);
    assert_eq!(copy(side(&from), side(&back), &|_| {}).await.unwrap().content, first.content);
    let only = Filter::Field("_id".to_owned(), netsec::store::Op::Eq(format!("{:032x}", 5).into()));
    let query = netsec::store::Query { filter: only, limit: 1, ..Default::default() };
    assert_eq!(back.store.find(&back.namespace, &query).await.unwrap().documents, [document(5)]);
    for place in [from, to, back] {
        place.end().await;
    }
}

/// A document of the target that was there before, with another content, is found.
async fn a_difference_is_found(from: Place, to: Place) {
    from.insert((0..10).map(document).collect()).await;
    let mut other = document(7);
    other.insert("n", 7_i32);
    to.insert(vec![other]).await;
    let error = copy(side(&from), side(&to), &|_| {}).await.unwrap_err();
    assert!(error.to_string().starts_with("1 of 10 documents are there under the same _id"), "{error}");
    assert!(error.to_string().contains(&format!("{:032x}", 7)) && error.hint_text().is_some(), "{error}");
    let error = copy(side(&from), side(&from), &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("onto itself"));
    for place in [from, to] {
        place.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn between_two_embedded_stores() {
    // Two stores in two folders say the same of themselves: their collections have different names.
    let mut to = Place::embedded();
    to.namespace = to.beside("copy");
    let mut back = Place::embedded();
    back.namespace = back.beside("back");
    there_and_back(Place::embedded(), to, back).await;
    let mut to = Place::embedded();
    to.namespace = to.beside("copy");
    a_difference_is_found(Place::embedded(), to).await;
}

mod mongo {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs MongoDB"]
    async fn from_the_embedded_store_to_the_server_and_back() {
        let mut back = Place::embedded();
        back.namespace = back.beside("back");
        there_and_back(Place::embedded(), Place::mongo(), back).await;
        a_difference_is_found(Place::embedded(), Place::mongo()).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs MongoDB"]
    async fn from_the_server_to_the_embedded_store_and_back() {
        // A server is one store, however often it is connected to: the databases differ.
        there_and_back(Place::mongo(), Place::embedded(), Place::mongo()).await;
        a_difference_is_found(Place::mongo(), Place::embedded()).await;
    }
}
