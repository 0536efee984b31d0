use super::*;
use bson::{Document, doc};

fn hits(filter: &str, document: &Document) -> bool {
    parse_filter(filter).unwrap_or_else(|e| panic!("{filter}: {e}")).matches(&|name| document.get(name).cloned())
}

#[test]
fn both_forms_match_the_same() {
    let document = doc! { "Result": -1_i64, "URL_Length": 1_i64, "host": "Evil.example", "gone": null, "a b": 2 };
    for (filter, expected) in [
        ("", true),
        ("{}", true),
        ("Result=-1", true),
        ("Result = -1   URL_Length >= 0", true),
        ("Result==-1.0 URL_Length>=0", true),
        ("URL_Length<1", false),
        ("Result!=-1", false),
        ("host~evil", true),
        ("host!~evil", false),
        ("absent!~evil", true),
        ("host='Evil.example'", true),
        ("'a b'=2", true),
        ("gone=null absent=null", true),
        (r#"{"Result": -1, "URL_Length": {"$gte": 0}}"#, true),
        (r#"{Result: -1, 'URL_Length': {$gt: 0, $lt: 2,},}"#, true),
        (r#"{"Result": {"$ne": -1}}"#, false),
        (r#"{"Result": {"$eq": -1, "$lte": -1}}"#, true),
        (r#"{"$or": [{"Result": 1}, {"URL_Length": {"$in": [1, 2]}}]}"#, true),
        (r#"{"$and": [{"Result": -1}, {"URL_Length": {"$nin": [1, 2]}}]}"#, false),
        (r#"{"absent": {"$exists": true}}"#, false),
        (r#"{"gone": {"$exists": 1}}"#, true),
        (r#"{"URL_Length": {"$not": {"$gt": 0}}}"#, false),
        (r#"{"$nor": [{"Result": 1}]}"#, true),
        (r#"{"host": {"$regex": "^evil\\.", "$options": "i"}}"#, true),
        (r#"{"host": {"$regex": "^evil"}}"#, false),
        (r#"{"host": /\.EXAMPLE$/i}"#, true),
        (r#"{"host": {"$not": /example/}}"#, false),
        (r#"{"host": "Ev\u0069l.example"}"#, true),
    ] {
        assert_eq!(hits(filter, &document), expected, "{filter}");
    }
}

#[test]
fn what_is_looked_for_in_text_is_what_was_written() {
    let document = doc! { "version": "1.1", "host": "null.example", "phone": "+7" };
    for (filter, expected) in
        [("version~1.10", false), ("version~1.1", true), ("host~na", false), ("host~null", true), ("phone~007", false)]
    {
        assert_eq!(hits(filter, &document), expected, "{filter}");
        assert_eq!(hits(&filter.replace('~', "!~"), &document), !expected, "not {filter}");
    }
}

#[test]
fn numbers_are_one_kind_wherever_they_stand() {
    let price: bson::Decimal128 = "7.5".parse().unwrap();
    let document = doc! { "ports": [80, 443], "meta": { "a": 1 }, "price": price };
    for (filter, expected) in [
        (r#"{"ports": [80, 443]}"#, true),
        (r#"{"ports": [80]}"#, false),
        (r#"{"ports": {"$ne": [80, 443]}}"#, false),
        (r#"{"meta": {"a": 1.0}}"#, true),
        (r#"{"meta": {"b": 1}}"#, false),
        ("price>5 price<=7.5", true),
        ("price=7.5", true),
    ] {
        assert_eq!(hits(filter, &document), expected, "{filter}");
    }
}

#[test]
fn an_operator_where_a_value_is_expected_is_refused() {
    for filter in [r#"{"host": {"$in": [/evil/]}}"#, r#"{"a": {"$eq": {"$gt": 5}}}"#, r#"{"host": {"$ne": /x/}}"#] {
        let error = parse_filter(filter).unwrap_err();
        assert!(error.message.ends_with("is no value"), "{filter}: {error}");
    }
    let deep = format!("{{a:{}", "Date(".repeat(100_000));
    assert!(parse_filter(&deep).is_err());
    assert!(parse_filter(r#"{a: ISODate( "2026-11-01" )}"#).is_ok());
}

#[test]
fn times_and_object_ids_are_read_in_every_form() {
    let id = "65424f0c0c0c0c0c0c0c0c0c";
    let document = doc! {
        "_id": bson::oid::ObjectId::parse_str(id).unwrap(),
        "at": bson::DateTime::parse_rfc3339_str("2026-11-01T12:00:00Z").unwrap(),
        "day": "2026-11-01",
        "n": 5_000_000_000_i64,
    };
    for (filter, expected) in [
        (format!("_id={id}"), true),
        (format!("_id!={id}"), false),
        (format!(r#"{{"_id": {{"$oid": "{id}"}}}}"#), true),
        (format!(r#"{{_id: ObjectId("{id}")}}"#), true),
        (format!(r#"{{"_id": {{"$in": [{{"$oid": "{id}"}}]}}}}"#), true),
        ("at>=2026-11-01 at<2026-11-02T00:00:00Z".to_owned(), true),
        ("at>2026-11-02".to_owned(), false),
        ("day=2026-11-01".to_owned(), true),
        (r#"{"at": {"$gte": {"$date": "2026-11-01"}}}"#.to_owned(), true),
        (r#"{"at": {"$lt": {"$date": "2026-11-01T12:00:00Z"}}}"#.to_owned(), false),
        (r#"{"at": {"$lt": {"$date": {"$numberLong": "1893456000000"}}}}"#.to_owned(), true),
        (r#"{at: {$gt: ISODate("2026-10-31T00:00:00Z")}}"#.to_owned(), true),
        (r#"{"n": {"$numberLong": "5000000000"}}"#.to_owned(), true),
        ("{n: NumberLong(5000000000)}".to_owned(), true),
    ] {
        assert_eq!(hits(&filter, &document), expected, "{filter}");
    }
}

#[test]
fn lists_match_by_their_items() {
    let document = doc! { "tags": ["a", "b"], "hosts": [{ "port": 80 }, { "port": 443 }] };
    for (filter, expected) in [
        ("tags=a", true),
        ("tags!=a", false),
        ("tags=c", false),
        ("tags~B", true),
        (r#"{"tags": ["a", "b"]}"#, true),
        ("hosts.port>100", true),
        ("hosts.port>500", false),
        ("hosts.1.port=443", true),
        ("hosts.0.port=443", false),
        (r#"{"hosts.port": {"$exists": false}}"#, false),
    ] {
        assert_eq!(hits(filter, &document), expected, "{filter}");
    }
}

#[test]
fn mistakes_point_at_the_character_and_say_the_way_out() {
    for (filter, at, part) in [
        ("Result", 6, "comparison"),
        ("Result=", 7, "value"),
        ("Result=1 =2", 9, "name"),
        ("Result=1 and x=2", 12, "behind and"),
        ("a='x", 2, "quote"),
        ("a>>0", 2, "value"),
        ("größe=1 b", 9, "comparison"),
        (r#"{"a": {"$foo": 1}}"#, 7, "$foo"),
        (r#"{"a": }"#, 6, "value"),
        (r#"{"a": 1"#, 7, "}"),
        (r#"{"a" 1}"#, 5, ":"),
        (r#"{"ü": 1, "b" 2}"#, 13, ":"),
        (r#"{"a": 1} x"#, 9, "behind"),
        (r#"{"a": evil}"#, 6, "no value"),
        (r#"{"a": 1x}"#, 6, "number"),
        (r#"{"a": "x}"#, 6, "quote"),
        (r#"{"a": 1, "a": {"$in": 5}}"#, 22, "list"),
        (r#"{"$or": {"a": 1}}"#, 8, "list"),
        (r#"{"$or": []}"#, 8, "empty"),
        (r#"{"$where": "1"}"#, 1, "$where"),
        (r#"{"a": {"$exists": "yes"}}"#, 18, "true or false"),
        (r#"{"a": {"$not": 5}}"#, 15, "comparison"),
        (r#"{"a": {"$oid": "xyz"}}"#, 15, "$oid"),
        (r#"{"a": {"$date": "soon"}}"#, 16, "$date"),
        (r#"{"a": {"$regex": "a.*b"}}"#, 17, "."),
        (r#"{"a": /x/g}"#, 6, "option"),
        (r#"{"a": [1, 2}"#, 11, "]"),
        ("{1: 2, [", 7, "name"),
    ] {
        let error = parse_filter(filter).unwrap_err();
        assert_eq!(error.at, at, "{filter}: {error}");
        assert!(error.message.contains(part) && !error.hint.is_empty(), "{filter}: {error:?}");
    }
    let deep = "{a:".repeat(100_000);
    assert!(parse_filter(&deep).unwrap_err().message.contains("deep"));
}

#[test]
fn any_text_is_read_or_refused() {
    use proptest::prelude::*;
    proptest!(|(text in r#"[{}\[\]:,$"'/\\a-z0-9=<>!~ .é-]{0,40}"#)| {
        for text in [text.clone(), format!("{{{text}")] {
            if let Err(error) = parse_filter(&text) {
                prop_assert!(error.at <= text.chars().count(), "{text}: {error}");
            }
        }
    });
}

#[test]
fn nested_paths_are_followed() {
    let document = doc! { "_netsec": { "source": "a.csv" } };
    assert!(hits("_netsec.source=a.csv", &document));
    assert_eq!(parse_filter("_netsec.source=a.csv x>1").unwrap().fields(), ["_netsec.source", "_netsec", "x"]);
}
