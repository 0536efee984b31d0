//! Filters, sorts and windows in MongoDB's language.

use crate::store::filter::{Filter, Op, Pattern};
use crate::store::order::rank;
use crate::store::{META, Sort, Window};
use bson::oid::ObjectId;
use bson::{Bson, Document, doc};
use chrono::{DateTime, Utc};

/// Where the moment of storing stands in a document of ours.
pub(super) const PUSHED_AT: &str = "_netsec.pushed_at";

/// A filter as MongoDB's query.
pub(super) fn filter(filter: &Filter) -> Document {
    let several = |parts: &[Filter]| Bson::Array(parts.iter().map(|part| self::filter(part).into()).collect());
    match filter {
        Filter::And(parts) if parts.is_empty() => Document::new(),
        Filter::And(parts) => doc! { "$and": several(parts) },
        Filter::Or(parts) if parts.is_empty() => doc! { "$nor": [{}] },
        Filter::Or(parts) => doc! { "$or": several(parts) },
        Filter::Not(part) => doc! { "$nor": [self::filter(part)] },
        Filter::Field(name, op) => doc! { name: operator(op) },
    }
}

fn operator(op: &Op) -> Document {
    match op {
        Op::Eq(value) => doc! { "$eq": value },
        Op::Ne(value) => doc! { "$ne": value },
        Op::Lt(value) => doc! { "$lt": value },
        Op::Lte(value) => doc! { "$lte": value },
        Op::Gt(value) => doc! { "$gt": value },
        Op::Gte(value) => doc! { "$gte": value },
        Op::In(values) => doc! { "$in": values },
        Op::Nin(values) => doc! { "$nin": values },
        Op::Exists(there) => doc! { "$exists": there },
        Op::Text(pattern) => doc! { "$regex": regex(pattern), "$options": if pattern.any_case { "is" } else { "s" } },
    }
}

/// A pattern as a regular expression. `\z`, unlike `$`, is the end also of a text that ends with a line feed.
fn regex(pattern: &Pattern) -> String {
    let mut text = String::new();
    if pattern.start {
        // An index serves a prefix in this form only.
        text.push('^');
    }
    for c in pattern.text.chars() {
        if c.is_ascii_punctuation() {
            text.push('\\');
        }
        text.push(c);
    }
    if pattern.end {
        text.push_str("\\z");
    }
    text
}

/// A sort as MongoDB's; documents that are equal in all fields come by `_id`.
pub(super) fn sort(sort: &[Sort]) -> Document {
    let mut by: Document =
        sort.iter().map(|s| (s.field.clone(), Bson::Int32(if s.descending { -1 } else { 1 }))).collect();
    if !by.contains_key("_id") {
        by.insert("_id", 1);
    }
    by
}

/// The aliases of MongoDB's types, with the rank of each in its order of comparison. Types that MongoDB has given up
/// (symbols, code with scope and the like) are not looked for among `_id`s, and lists cannot be any.
const TYPES: [(u8, &str); 15] = [
    (0, "minKey"),
    (2, "null"),
    (3, "int"),
    (3, "long"),
    (3, "double"),
    (3, "decimal"),
    (4, "string"),
    (5, "object"),
    (7, "binData"),
    (8, "objectId"),
    (9, "bool"),
    (10, "date"),
    (11, "timestamp"),
    (12, "regex"),
    (14, "maxKey"),
];

/// The documents behind an `_id`, also those whose `_id` is of a type that comes later: a comparison alone would
/// leave them out.
pub(super) fn behind(id: &Bson) -> Document {
    let later: Vec<&str> = TYPES.iter().filter(|(of, _)| *of > rank(id)).map(|(_, name)| *name).collect();
    doc! { "$or": [{ "_id": { "$gt": id } }, { "_id": { "$type": later } }] }
}

/// Both conditions.
pub(super) fn both(a: Document, b: Document) -> Document {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b,
        (_, true) => a,
        _ => doc! { "$and": [a, b] },
    }
}

/// The documents that were stored in a window: by what a push has noted, and where there is no note by the time in an
/// ObjectId, which has whole seconds.
pub(super) fn window(window: Window) -> Document {
    let (mut noted, mut made) = (Document::new(), Document::new());
    if let Some(from) = window.from {
        noted.insert("$gte", time(from));
        made.insert("$gte", first_at(from));
    }
    if let Some(to) = window.to {
        noted.insert("$lt", time(to));
        made.insert("$lt", first_at(to));
    }
    if noted.is_empty() {
        return Document::new();
    }
    // An open end would let other types in.
    if window.from.is_none() {
        noted.insert("$gte", bson::DateTime::MIN);
        made.insert("$gte", ObjectId::from_bytes([0; 12]));
    }
    doc! { "$or": [{ PUSHED_AT: noted }, { META: { "$exists": false }, "_id": made }] }
}

fn time(at: DateTime<Utc>) -> bson::DateTime {
    bson::DateTime::from_millis(at.timestamp_millis())
}

/// The smallest ObjectId of a moment, rounded up to whole seconds: what was made within the second before is earlier.
fn first_at(at: DateTime<Utc>) -> ObjectId {
    let seconds = at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0);
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&u32::try_from(seconds.max(0)).unwrap_or(u32::MAX).to_be_bytes());
    ObjectId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::parse_filter;

    fn asked(text: &str) -> Document {
        filter(&parse_filter(text).unwrap())
    }

    #[test]
    fn filters_say_the_same_in_mongodbs_language() {
        assert_eq!(asked(""), doc! {});
        assert_eq!(asked("a=1"), doc! { "a": { "$eq": 1_i64 } });
        assert_eq!(asked("a>=1 b!=x"), doc! { "$and": [{ "a": { "$gte": 1_i64 } }, { "b": { "$ne": "x" } }] });
        assert_eq!(asked(r#"{"a": {"$not": {"$gt": 1}}}"#), doc! { "$nor": [{ "$and": [{ "a": { "$gt": 1_i64 } }] }] });
        assert_eq!(asked(r#"{"a": {"$regex": "^1\\.5$"}}"#), doc! { "a": { "$regex": r"^1\.5\z", "$options": "s" } });
    }

    #[test]
    fn a_window_is_of_noted_times_or_of_object_ids() {
        let window: Window = "2026-11-01..".parse().unwrap();
        let id = ObjectId::parse_str("69054f800000000000000000").unwrap();
        assert_eq!(id.timestamp(), bson::DateTime::parse_rfc3339_str("2025-11-01T00:08:32Z").unwrap());
        let from = bson::DateTime::parse_rfc3339_str("2026-11-01T00:00:00Z").unwrap();
        let first = first_at(window.from.unwrap());
        assert_eq!(first.timestamp(), from);
        let expected = doc! { "$or": [
            { "_netsec.pushed_at": { "$gte": from } },
            { "_netsec": { "$exists": false }, "_id": { "$gte": first } },
        ] };
        assert_eq!(self::window(window), expected);
        assert_eq!(self::window(Window::default()), doc! {});
        let within: Window = "2026-11-01T00:00:00.5Z..".parse().unwrap();
        assert_eq!(first_at(within.from.unwrap()).timestamp().timestamp_millis(), from.timestamp_millis() + 1_000);
    }

    #[test]
    fn behind_an_id_are_the_larger_ones_and_those_of_later_types() {
        let or = behind(&"x".into());
        let branches = or.get_array("$or").unwrap();
        assert_eq!(branches[0], Bson::Document(doc! { "_id": { "$gt": "x" } }));
        let later = branches[1].as_document().unwrap().get_document("_id").unwrap().get_array("$type").unwrap();
        assert!(
            later.contains(&"objectId".into()) && !later.contains(&"string".into()) && !later.contains(&"int".into())
        );
    }
}
