//! How values compare: within a kind for filters, across all kinds for sorting.

use bson::{Bson, Document};
use std::cmp::Ordering;

/// The value at a name, or at a path with dots through documents.
pub fn value_at<'a>(document: &'a Document, path: &str) -> Option<&'a Bson> {
    if let Some(value) = document.get(path) {
        return Some(value);
    }
    let (name, rest) = path.split_once('.')?;
    value_at(document.get_document(name).ok()?, rest)
}

/// The values that a path leads to, given a document's top-level fields: none where nothing is there, several where
/// it leads through a list.
pub(super) fn reach(path: &str, lookup: &dyn Fn(&str) -> Option<Bson>) -> Vec<Bson> {
    // A field may have a dot in its own name.
    if let Some(value) = lookup(path) {
        return vec![value];
    }
    let Some((name, rest)) = path.split_once('.') else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(value) = lookup(name) {
        descend(&value, rest, &mut found);
    }
    found
}

fn descend(value: &Bson, path: &str, found: &mut Vec<Bson>) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let mut take = |value: &Bson| match rest {
        None => found.push(value.clone()),
        Some(rest) => descend(value, rest, found),
    };
    match value {
        Bson::Document(inner) => {
            if let Some(value) = inner.get(name) {
                take(value);
            }
        }
        Bson::Array(items) => match name.parse::<usize>() {
            Ok(nth) => {
                if let Some(value) = items.get(nth) {
                    take(value);
                }
            }
            Err(_) => items.iter().filter(|i| matches!(i, Bson::Document(_))).for_each(|i| descend(i, path, found)),
        },
        _ => {}
    }
}

fn number(value: &Bson) -> Option<f64> {
    match value {
        Bson::Int32(v) => Some(f64::from(*v)),
        Bson::Int64(v) => Some(*v as f64),
        Bson::Double(v) => Some(*v),
        Bson::Decimal128(v) => v.to_string().parse().ok(),
        _ => None,
    }
}

/// Orders two values of one kind; numbers of all types are one. None for values that cannot be compared.
pub(super) fn same_kind(a: &Bson, b: &Bson) -> Option<Ordering> {
    match (a, b) {
        (Bson::Int64(a), Bson::Int64(b)) => Some(a.cmp(b)),
        (Bson::String(a), Bson::String(b)) => Some(a.cmp(b)),
        (Bson::Boolean(a), Bson::Boolean(b)) => Some(a.cmp(b)),
        (Bson::DateTime(a), Bson::DateTime(b)) => Some(a.cmp(b)),
        (Bson::ObjectId(a), Bson::ObjectId(b)) => Some(a.cmp(b)),
        // What stands in lists and documents is compared as it would be by itself: 80 is 80, of whatever type.
        (Bson::Array(a), Bson::Array(b)) => {
            let same = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b));
            same.then_some(Ordering::Equal)
        }
        (Bson::Document(a), Bson::Document(b)) => {
            let same = a.len() == b.len() && a.iter().zip(b).all(|((m, a), (n, b))| m == n && is_same(a, b));
            same.then_some(Ordering::Equal)
        }
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => (a == b).then_some(Ordering::Equal),
        },
    }
}

fn is_same(a: &Bson, b: &Bson) -> bool {
    same_kind(a, b) == Some(Ordering::Equal)
}

/// Orders any two values as MongoDB does: by kind, then within it. What has no order of its own is ordered by its text.
pub(super) fn any_kind(a: &Bson, b: &Bson) -> Ordering {
    let by_value = || match (a, b) {
        (Bson::Document(a), Bson::Document(b)) => {
            let pairs = a
                .iter()
                .zip(b)
                .map(|((m, a), (n, b))| rank(a).cmp(&rank(b)).then(m.cmp(n)).then_with(|| any_kind(a, b)));
            first_unequal(pairs).then(a.len().cmp(&b.len()))
        }
        (Bson::Array(a), Bson::Array(b)) => {
            first_unequal(a.iter().zip(b).map(|(a, b)| any_kind(a, b))).then(a.len().cmp(&b.len()))
        }
        _ => match (number(a), number(b)) {
            // What is no number comes before those that are.
            (Some(x), Some(y)) if x.is_nan() || y.is_nan() => y.is_nan().cmp(&x.is_nan()),
            _ => same_kind(a, b).unwrap_or_else(|| a.to_string().cmp(&b.to_string())),
        },
    };
    rank(a).cmp(&rank(b)).then_with(by_value)
}

fn first_unequal(mut orders: impl Iterator<Item = Ordering>) -> Ordering {
    orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// The kinds in MongoDB's order of comparison.
pub(super) fn rank(value: &Bson) -> u8 {
    match value {
        Bson::MinKey => 0,
        Bson::Undefined => 1,
        Bson::Null => 2,
        Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Decimal128(_) => 3,
        Bson::String(_) | Bson::Symbol(_) => 4,
        Bson::Document(_) => 5,
        Bson::Array(_) => 6,
        Bson::Binary(_) => 7,
        Bson::ObjectId(_) => 8,
        Bson::Boolean(_) => 9,
        Bson::DateTime(_) => 10,
        Bson::Timestamp(_) => 11,
        Bson::RegularExpression(_) => 12,
        Bson::MaxKey => 14,
        _ => 13,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::{doc, oid::ObjectId};

    #[test]
    fn every_kind_has_its_place() {
        let sorted = [
            Bson::Undefined,
            Bson::Null,
            Bson::Double(f64::NAN),
            Bson::Double(-1.5),
            Bson::Int64(2),
            Bson::Int32(3),
            "a".into(),
            "b".into(),
            doc! { "a": 1 }.into(),
            doc! { "a": 1, "b": 0 }.into(),
            doc! { "a": "0" }.into(),
            Bson::Array(vec![1.into()]),
            Bson::Array(vec![1.into(), 2.into()]),
            Bson::Array(vec![3.into()]),
            ObjectId::from_bytes([0; 12]).into(),
            false.into(),
            true.into(),
            bson::DateTime::from_millis(0).into(),
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(any_kind(a, b), i.cmp(&j), "{a} and {b}");
            }
        }
        assert_eq!(any_kind(&Bson::Int32(2), &Bson::Double(2.0)), Ordering::Equal);
    }

    #[test]
    fn a_path_leads_through_documents_and_lists() {
        let document = doc! { "a": { "b": 1, "c": [{ "d": 2 }, { "d": 3 }, 4] }, "a.b": 5 };
        let reached = |path: &str| reach(path, &|name| document.get(name).cloned());
        assert_eq!(reached("a.b"), [Bson::Int32(5)], "a name with a dot comes first");
        assert_eq!(reached("a.c.d"), [Bson::Int32(2), Bson::Int32(3)]);
        assert_eq!(reached("a.c.2"), [Bson::Int32(4)]);
        assert!(reached("a.x").is_empty() && reached("x.b").is_empty() && reached("a.c.9").is_empty());
    }
}
