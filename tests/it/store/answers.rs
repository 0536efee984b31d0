//! What filters and sorts mean: on the server what they mean in the embedded store.

use super::{Place, on_both};
use bson::{Bson, Document, doc};
use netsec::store::{DocumentStore, Namespace, Query, Sort, parse_filter, parse_sort};

on_both! {
    filters_find_what_they_say
}

/// Values of many kinds, in one field.
fn zoo() -> Vec<Document> {
    let day = |n: i64| bson::DateTime::from_millis(1_793_491_200_000 + n * 86_400_000);
    let values: Vec<Bson> = vec![
        Bson::Null,
        (-1_i32).into(),
        0_i64.into(),
        1_i32.into(),
        1_i64.into(),
        1.0.into(),
        1.5.into(),
        "1.50".parse::<bson::Decimal128>().unwrap().into(),
        "".into(),
        "1".into(),
        "paypal-login".into(),
        "PayPal.example".into(),
        "a.b\nend".into(),
        true.into(),
        false.into(),
        day(0).into(),
        day(2).into(),
        vec![Bson::from(1), Bson::from(5)].into(),
        vec![Bson::from("x"), Bson::Null].into(),
        Bson::Array(Vec::new()),
        doc! { "b": 1, "c": [{ "d": 2 }, { "d": 3 }] }.into(),
        doc! { "b": "text" }.into(),
    ];
    let mut documents: Vec<Document> =
        values.into_iter().enumerate().map(|(i, v)| doc! { "_id": i as i32, "v": v, "k": i as i32 % 3 }).collect();
    documents.push(doc! { "_id": 100, "k": 1 });
    documents
}

const FILTERS: [&str; 40] = [
    "v=1",
    "v!=1",
    "v=null",
    "v!=null",
    "v>1",
    "v>=1",
    "v<1",
    "v<=1 k=1",
    "v='1'",
    "v=true",
    "v=2026-11-01",
    "v>=2026-11-02",
    "v~pay",
    "v!~pay",
    "v~.ex",
    "k=1 v>0",
    "v.b=1",
    "v.b=text",
    "v.c.d=3",
    "v.c.d>2",
    "v.c.0.d=2",
    "v.0=1",
    r#"{"v": {"$in": [1, "x", null]}}"#,
    r#"{"v": {"$nin": [1, "x", null]}}"#,
    r#"{"v": {"$exists": true}}"#,
    r#"{"v": {"$exists": false}}"#,
    r#"{"v": {"$not": {"$gt": 1}}}"#,
    r#"{"v": {"$ne": "1"}, "k": {"$in": [0, 2]}}"#,
    r#"{"$or": [{"v": 1}, {"k": 2}]}"#,
    r#"{"$nor": [{"v": 1}, {"k": 2}]}"#,
    r#"{"$and": [{"v": {"$gte": 0}}, {"v": {"$lt": 5}}]}"#,
    r#"{"v": {"$regex": "^pay", "$options": "i"}}"#,
    r#"{"v": {"$regex": "login$"}}"#,
    r#"{"v": {"$regex": "^PayPal\\.example$"}}"#,
    r#"{"v": {"$regex": "b\nend"}}"#,
    r#"{"v": [1, 5]}"#,
    r#"{"v": []}"#,
    r#"{"v": {"b": "text"}}"#,
    r#"{"v": {"$gte": {"$date": "2026-11-01"}}}"#,
    r#"{"_id": {"$gt": 5}, "v": {"$eq": null}}"#,
];

async fn found(store: &dyn DocumentStore, namespace: &Namespace, filter: &str, sort: Vec<Sort>) -> Vec<i32> {
    let filter = parse_filter(filter).unwrap_or_else(|e| panic!("{filter}: {e}"));
    let query = Query { filter, sort, limit: 1_000, ..Query::default() };
    store.find(namespace, &query).await.unwrap().documents.iter().map(|d| d.get_i32("_id").unwrap()).collect()
}

async fn filters_find_what_they_say(place: Place) {
    place.insert(zoo()).await;
    for (filter, expected) in [
        ("v=1", vec![3, 4, 5, 17]),
        ("v=null", vec![0, 18, 100]),
        ("v>1", vec![6, 7, 17]),
        ("v~pay", vec![10, 11]),
        ("v.c.d=3", vec![20]),
        (r#"{"v": {"$exists": false}}"#, vec![100]),
        (r#"{"v": {"$regex": "^pay", "$options": "i"}}"#, vec![10, 11]),
    ] {
        assert_eq!(found(place.store.as_ref(), &place.namespace, filter, Vec::new()).await, expected, "{filter}");
    }
    place.end().await;
}

mod mongo_as_embedded {
    use super::*;

    mod mongo {
        use super::*;

        #[tokio::test(flavor = "multi_thread")]
        #[ignore = "needs MongoDB"]
        async fn every_filter_finds_the_same() {
            let (server, embedded) = (Place::mongo(), Place::embedded());
            server.insert(zoo()).await;
            embedded.insert(zoo()).await;
            for filter in FILTERS {
                let mut here = found(embedded.store.as_ref(), &embedded.namespace, filter, Vec::new()).await;
                let mut there = found(server.store.as_ref(), &server.namespace, filter, Vec::new()).await;
                here.sort_unstable();
                there.sort_unstable();
                assert_eq!(there, here, "{filter}");
                let parsed = parse_filter(filter).unwrap();
                let counts = [
                    embedded.store.count(&embedded.namespace, &parsed).await.unwrap(),
                    server.store.count(&server.namespace, &parsed).await.unwrap(),
                ];
                assert_eq!(counts, [here.len() as u64; 2], "{filter}");
            }
            server.end().await;
        }

        #[tokio::test(flavor = "multi_thread")]
        #[ignore = "needs MongoDB"]
        async fn every_sort_has_the_same_order() {
            let (server, embedded) = (Place::mongo(), Place::embedded());
            server.insert(zoo()).await;
            embedded.insert(zoo()).await;
            for text in ["v", "-v", "k,-v", "-k,v", "-_id"] {
                let sort = || parse_sort(text).unwrap();
                let here = found(embedded.store.as_ref(), &embedded.namespace, "", sort()).await;
                let there = found(server.store.as_ref(), &server.namespace, "", sort()).await;
                assert_eq!(there, here, "{text}");
            }
            server.end().await;
        }
    }
}
