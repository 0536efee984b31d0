//! Collections as columns, and reads that are called off.

use super::{Place, document, on_both};
use bson::{Bson, Document, doc, oid::ObjectId};
use netsec::stop::Stop;
use netsec::store::{Batch, Bounds, Filter, META, Namespace, Query, Window, parse_filter, parse_sort};
use std::time::Duration;

on_both! {
    a_scan_streams_the_wanted_fields_in_the_window
    values_of_every_type_are_read_as_the_schema_reads_them
    what_other_programs_wrote_is_read_and_windowed_too
    a_field_may_have_any_name
    a_read_is_called_off
}

async fn scan(place: &Place, fields: &[&str], window: Window) -> Vec<Batch> {
    let fields: Vec<String> = fields.iter().map(|f| (*f).to_owned()).collect();
    let mut batches = place.other.scan(&place.namespace, &fields, window).await.unwrap();
    let mut all = Vec::new();
    while let Some(batch) = batches.recv().await {
        all.push(batch.unwrap());
    }
    all
}

fn rows(batches: &[Batch]) -> usize {
    batches.iter().map(|b| b.frame.height()).sum()
}

async fn a_scan_streams_the_wanted_fields_in_the_window(place: Place) {
    place.insert((0..6).map(document).collect()).await;
    place.insert(vec![doc! { "_id": "odd", "n": "five" }]).await;
    let batches = scan(&place, &["n", "absent"], Window::default()).await;
    assert!(batches.iter().all(|b| b.frame.column("s").is_err() && b.ids.is_empty() && b.notes.is_empty()));
    assert_eq!((rows(&batches), batches.iter().map(|b| b.odd.len()).sum::<usize>()), (7, 1));
    let time = |ms: i64| chrono::DateTime::from_timestamp_millis(1_700_000_000_000 + ms);
    for (from, to, expected) in [(time(1), time(4), 3), (None, time(4), 4), (time(1), None, 5), (time(9), None, 0)] {
        let batches = scan(&place, &["n"], Window { from, to }).await;
        assert_eq!(rows(&batches), expected, "the end is exclusive, and what has no time is in no window");
        let stored: Vec<_> = batches.iter().filter_map(|b| b.stored).collect();
        assert!(stored.iter().all(|(first, last)| from.is_none_or(|from| *first >= from) && first <= last));
        assert_eq!(stored.is_empty(), expected == 0);
    }
    let batches = scan(&place, &["_id", "n"], Window::default()).await;
    let mut ids: Vec<String> = batches.iter().flat_map(|b| &b.ids).map(|id| id.as_str().unwrap().to_owned()).collect();
    ids.sort();
    let mut expected: Vec<String> = (0..6).map(|i| format!("{i:032x}")).collect();
    expected.push("odd".to_owned());
    assert_eq!(ids, expected);
    place.end().await;
}

const SCHEMA: &str = "name: t\ntarget: y\npositive: 1\ncolumns:\n- {name: a, type: int64, values: [-1, 0, 1]}\n\
    - {name: n, type: float64, range: [0, 10]}\n- {name: y, type: int64, values: [0, 1]}\n";

async fn values_of_every_type_are_read_as_the_schema_reads_them(place: Place) {
    let schema = netsec::schema::Schema::parse(SCHEMA, "test").unwrap();
    let values: Vec<Bson> = vec![
        1_i32.into(),
        1_i64.into(),
        1.0.into(),
        "1".into(),
        " 1 ".into(),
        "1.0".into(),
        "1.00".parse::<bson::Decimal128>().unwrap().into(),
        true.into(),
        Bson::Null,
        "na".into(),
        "".into(),
        f64::NAN.into(),
        7_i32.into(),
        "x".into(),
        2.5.into(),
        i64::MAX.into(),
        vec![Bson::from(1)].into(),
        doc! { "v": 1 }.into(),
        ObjectId::new().into(),
        bson::DateTime::from_millis(0).into(),
    ];
    let mut documents: Vec<Document> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        documents
            .push(doc! { "_id": format!("{i:03}"), "a": value.clone(), "n": value.clone(), "y": 1, "extra": i as i64 });
    }
    documents.push(doc! { "_id": "900", "y": 0 });
    place.insert(documents.clone()).await;
    // What each cell is, taken by itself.
    let mut expected: Vec<(String, String, String)> = documents
        .iter()
        .map(|d| {
            let cell = |name: &str| {
                let column = schema.column(name).unwrap();
                format!("{:?}", schema.parse_bson(column, d.get(name).unwrap_or(&Bson::Null)))
            };
            (d.get_str("_id").unwrap().to_owned(), cell("a"), cell("n"))
        })
        .collect();
    expected.sort();
    let mut read = Vec::new();
    for batch in scan(&place, &["a", "n", "y", "_id"], Window::default()).await {
        let typed = netsec::typed::Typed::of_batch(&schema, &batch);
        for (row, id) in batch.ids.iter().enumerate() {
            let cell = |column: usize| {
                let refused = typed.refused.iter().find(|r| r.row == row && r.column == Some(column));
                match refused {
                    Some(refused) => format!("{:?}", Err::<(), _>(refused.reason.clone())),
                    None => format!("{:?}", Ok::<_, String>(typed.features[column].get(row))),
                }
            };
            read.push((id.as_str().unwrap().to_owned(), cell(0), cell(1)));
        }
    }
    read.sort();
    assert_eq!(read, expected);
    place.end().await;
}

async fn what_other_programs_wrote_is_read_and_windowed_too(place: Place) {
    let made = |seconds: u32, n: u8| {
        let mut bytes = [n; 12];
        bytes[..4].copy_from_slice(&seconds.to_be_bytes());
        ObjectId::from_bytes(bytes)
    };
    let day = 1_700_000_000_u32;
    // As insert_many of a data frame leaves them.
    place.insert((0..10).map(|i| doc! { "_id": made(day + u32::from(i), i), "n": i32::from(i) }).collect()).await;
    place.insert(vec![document(500)]).await;
    let at = |seconds: u32| chrono::DateTime::from_timestamp(i64::from(seconds), 0);
    let window = Window { from: at(day + 3), to: at(day + 8) };
    let batches = scan(&place, &["n", "_id"], window).await;
    assert_eq!(rows(&batches), 5);
    let (first, last) = batches.iter().find_map(|b| b.stored).unwrap();
    assert_eq!((first.timestamp(), last.timestamp()), (i64::from(day) + 3, i64::from(day) + 7));
    assert!(batches.iter().flat_map(|b| &b.ids).all(|id| matches!(id, Bson::ObjectId(_))));
    // The one of ours was stored half a second behind the first of theirs.
    let batches = scan(&place, &["n"], Window { from: at(day), to: at(day + 1) }).await;
    assert_eq!(rows(&batches), 2);
    let query = Query { limit: 100, ..Query::default() };
    assert_eq!(place.store.find(&place.namespace, &query).await.unwrap().documents.len(), 11);
    place.end().await;
}

async fn a_field_may_have_any_name(place: Place) {
    let names = ["with space", "ñ", "a.b", "Result"];
    place.insert((0..3).map(|i| doc! { "_id": i, "with space": i, "ñ": i, "Result": -1, "other": 0 }).collect()).await;
    let batches = scan(&place, &names, Window::default()).await;
    assert_eq!(rows(&batches), 3);
    let typed = |name: &str| {
        batches
            .iter()
            .map(|b| {
                b.frame.column(name).map_or(0, |c| c.len() - c.null_count())
                    + b.odd.iter().filter(|(_, d)| d.contains_key(name)).count()
            })
            .sum::<usize>()
    };
    assert_eq!(names.map(typed), [3, 3, 0, 3]);
    place.end().await;
}

async fn a_read_is_called_off(place: Place) {
    place.insert((0..2_000).map(document).collect()).await;
    let filter = parse_filter("s~absent").unwrap();
    let query = Query { filter: filter.clone(), limit: 1, ..Query::default() };
    let sorted = Query { sort: parse_sort("s").unwrap(), limit: 1, ..Query::default() };
    let stop = Stop::new();
    let bounded = place.store.bounded(Bounds { within: Some(Duration::from_secs(60)), stop: stop.clone() });
    let namespace: &Namespace = &place.namespace;
    assert_eq!(bounded.count(namespace, &filter).await.unwrap(), 0);
    stop.set();
    assert_eq!(bounded.count(namespace, &filter).await.unwrap_err().to_string(), "stopped");
    assert_eq!(bounded.find(namespace, &query).await.unwrap_err().to_string(), "stopped");
    assert_eq!(bounded.find(namespace, &sorted).await.unwrap_err().to_string(), "stopped");
    let mut batches = bounded.scan(namespace, &["n".to_owned()], Window::default()).await.unwrap();
    assert_eq!(batches.recv().await.unwrap().unwrap_err().to_string(), "stopped");
    assert!(batches.recv().await.is_none(), "nothing comes behind an error");
    assert_eq!(place.store.count(namespace, &Filter::default()).await.unwrap(), 2_000, "the store itself is as it was");
    assert!(document(1).contains_key(META));
    place.end().await;
}
