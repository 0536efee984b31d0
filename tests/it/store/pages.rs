//! Documents page by page, sorted and not.

use super::{Place, document, on_both};
use bson::{Bson, Document};
use netsec::store::{DocumentStore, Namespace, Query, parse_filter, parse_sort};

on_both! {
    pages_follow_each_other_across_filters
    ids_of_every_type_have_their_page
    sorted_pages_follow_each_other
    all_documents_come_in_order
}

/// All pages of a query, of which each but the last was full.
async fn paged(store: &dyn DocumentStore, namespace: &Namespace, mut query: Query) -> Vec<Document> {
    let mut seen = Vec::new();
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

fn numbers(documents: &[Document]) -> Vec<i64> {
    documents.iter().map(|d| d.get_i64("n").unwrap()).collect()
}

async fn pages_follow_each_other_across_filters(place: Place) {
    for start in [0, 10, 20] {
        place.insert((start..start + 10).map(document).collect()).await;
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
        assert_eq!(place.store.count(&place.namespace, &filter).await.unwrap(), expected);
        // Also where the last page is just full.
        for limit in [4, 5, 100] {
            let query = Query { filter: filter.clone(), limit, ..Query::default() };
            let seen = numbers(&paged(place.other.as_ref(), &place.namespace, query).await);
            assert_eq!(seen.len() as u64, expected);
            assert!(seen.windows(2).all(|w| w[0] < w[1]), "{seen:?}");
        }
    }
    place.end().await;
}

async fn ids_of_every_type_have_their_page(place: Place) {
    let ids: Vec<Bson> = vec![
        Bson::Int32(-3),
        Bson::Int64(5),
        Bson::Double(2.5),
        "a".into(),
        "b".into(),
        bson::doc! { "x": 1 }.into(),
        bson::oid::ObjectId::from_bytes([1; 12]).into(),
        bson::oid::ObjectId::from_bytes([2; 12]).into(),
        false.into(),
        true.into(),
        bson::DateTime::from_millis(0).into(),
    ];
    place.insert(ids.iter().map(|id| bson::doc! { "_id": id.clone() }).collect()).await;
    for limit in 1..ids.len() + 1 {
        let query = Query { limit, ..Query::default() };
        let seen = paged(place.store.as_ref(), &place.namespace, query).await;
        assert_eq!(seen.len(), ids.len(), "{limit} a page: {seen:?}");
        assert!(ids.iter().all(|id| seen.iter().any(|document| document["_id"] == *id)));
    }
    place.end().await;
}

async fn sorted_pages_follow_each_other(place: Place) {
    let mixed = |i: i64| {
        let mut document = document(i);
        // Many are equal; some have another kind of value, some none.
        match i % 7 {
            0 => document.insert("k", "text"),
            1 => None,
            _ => document.insert("k", i % 5),
        };
        document
    };
    for start in [0, 20, 40] {
        place.insert((start..start + 20).map(mixed).collect()).await;
    }
    // Null and what is not there first, then numbers, then text; the largest first the other way round.
    let rank = |d: &Document| match d.get("k") {
        None => (0, 0),
        Some(Bson::Int64(v)) => (1, *v),
        _ => (2, 0),
    };
    for (text, descending) in [("k", false), ("-k", true)] {
        let sort = parse_sort(text).unwrap();
        let query = Query { sort, limit: 7, filter: parse_filter("n>=3").unwrap(), ..Query::default() };
        let seen = paged(place.store.as_ref(), &place.namespace, query).await;
        let mut expected: Vec<Document> = (3..60).map(mixed).collect();
        expected.sort_by(|a, b| if descending { rank(b).cmp(&rank(a)) } else { rank(a).cmp(&rank(b)) });
        assert_eq!(seen, expected, "{text}");
    }
    let sort = parse_sort("-_netsec.pushed_at,s").unwrap();
    let seen = paged(place.store.as_ref(), &place.namespace, Query { sort, limit: 60, ..Query::default() }).await;
    assert_eq!(numbers(&seen), (0..60).rev().collect::<Vec<_>>());
    place.end().await;
}

async fn all_documents_come_in_order(place: Place) {
    let long = "x".repeat(20_000);
    let large = |i: i64| {
        let mut document = document(i);
        document.insert("text", long.as_str());
        document
    };
    // More than fits into one answer of a server.
    for start in (0..2_000).step_by(500) {
        place.insert((start..start + 500).map(large).collect()).await;
    }
    for (sort, filter, expected) in [
        ("n", "", (0..2_000).collect::<Vec<i64>>()),
        ("-n", "n<1500", (0..1_500).rev().collect()),
        ("", "", (0..2_000).collect()),
    ] {
        let sort = if sort.is_empty() { Vec::new() } else { parse_sort(sort).unwrap() };
        let filter = parse_filter(filter).unwrap();
        let mut pieces = place.store.documents(&place.namespace, &filter, &sort).await.unwrap();
        let mut seen = Vec::new();
        while let Some(piece) = pieces.recv().await {
            let piece = piece.unwrap();
            assert!(piece.len() <= 2_000);
            seen.extend(numbers(&piece));
        }
        if sort.is_empty() {
            seen.sort_unstable();
        }
        assert_eq!(seen, expected);
    }
    place.end().await;
}
