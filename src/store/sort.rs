//! The order of a query's documents.

use super::order::{any_kind, reach};
use crate::{Error, Result};
use bson::Bson;
use std::cmp::Ordering;
use std::fmt;

/// A field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort {
    /// The field's name, or a path with dots.
    pub field: String,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.field)
    }
}

/// Reads fields to sort by, separated by commas, those with a `-` before them the largest first.
///
/// # Errors
/// When a name is missing, or there twice.
pub fn parse_sort(text: &str) -> Result<Vec<Sort>> {
    let mut sort: Vec<Sort> = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (descending, field) = part.strip_prefix('-').map_or((false, part), |rest| (true, rest.trim()));
        if field.is_empty() || sort.iter().any(|s| s.field == field) {
            return Err(Error::user(format!("cannot sort by {text:?}"))
                .hint("name fields, each once, - before one for the largest first: -URL_Length,Result"));
        }
        sort.push(Sort { field: field.to_owned(), descending });
    }
    Ok(sort)
}

/// The fields to be looked at: names as written, and the first part of those with dots.
pub(super) fn fields(sort: &[Sort]) -> Vec<String> {
    let parts = |field: &str| [field.to_owned(), field.split('.').next().unwrap_or(field).to_owned()];
    sort.iter().flat_map(|s| parts(&s.field)).collect()
}

/// A value in the order of its field.
#[derive(Debug, Clone)]
struct Ranked {
    value: Bson,
    descending: bool,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = any_kind(&self.value, &other.value);
        if self.descending { order.reverse() } else { order }
    }
}

/// Where a row of the embedded store stands in a sorted query: by its values, then by its place (part and row).
#[derive(Debug, Clone)]
pub(super) struct Key {
    values: Vec<Ranked>,
    pub place: (u64, usize),
}

impl Key {
    /// The key of a row, given its top-level fields. A list is as small as its smallest item, or, largest first, as
    /// large as its largest; an empty one is smaller than null, and a field that is not there is null.
    pub fn new(sort: &[Sort], lookup: &dyn Fn(&str) -> Option<Bson>, place: (u64, usize)) -> Self {
        let values = sort.iter().map(|by| {
            let reached = reach(&by.field, lookup).into_iter().flat_map(|value| match value {
                Bson::Array(items) if items.is_empty() => vec![Bson::Undefined],
                Bson::Array(items) => items,
                value => vec![value],
            });
            let ranked = reached.map(|value| Ranked { value, descending: by.descending });
            ranked.min().unwrap_or_else(|| Ranked { value: Bson::Null, descending: by.descending })
        });
        Self { values: values.collect(), place }
    }

    /// Reads a key that was written with `to_string`.
    pub fn parse(text: &str, sort: &[Sort]) -> Result<Self> {
        let read = || {
            let mut parts = text.splitn(3, ':');
            let place = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let values: serde_json::Value = serde_json::from_str(parts.next()?).ok()?;
            let Bson::Array(values) = Bson::try_from(values).ok()? else { return None };
            if values.len() != sort.len() {
                return None;
            }
            let values =
                values.into_iter().zip(sort).map(|(value, by)| Ranked { value, descending: by.descending }).collect();
            Some(Self { values, place })
        };
        read().ok_or_else(|| Error::internal("a cursor of another query"))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = Bson::Array(self.values.iter().map(|v| v.value.clone()).collect());
        write!(f, "{}:{}:{}", self.place.0, self.place.1, values.into_canonical_extjson())
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.values.cmp(&other.values).then(self.place.cmp(&other.place))
    }
}

/// Equal and ordered as [`Ord`] has it.
macro_rules! by_order {
    ($($kind:ty),*) => {$(
        impl PartialOrd for $kind {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }
        impl PartialEq for $kind {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other) == Ordering::Equal
            }
        }
        impl Eq for $kind {}
    )*};
}
by_order!(Ranked, Key);

#[cfg(test)]
mod tests {
    use super::*;
    use bson::doc;

    #[test]
    fn a_sort_is_read_as_it_is_written() {
        let sort = parse_sort("-URL_Length, _netsec.source").unwrap();
        assert_eq!(sort.iter().map(ToString::to_string).collect::<Vec<_>>(), ["-URL_Length", "_netsec.source"]);
        assert_eq!(fields(&sort), ["URL_Length", "URL_Length", "_netsec.source", "_netsec"]);
        for wrong in ["", "-", "a,,b", "a,-a"] {
            assert!(parse_sort(wrong).unwrap_err().hint_text().is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn a_key_comes_back_as_it_was_written() {
        let sort = parse_sort("a,-b").unwrap();
        let document = doc! { "a": f64::NAN, "b": ["x", bson::DateTime::from_millis(5), "y: \u{1b}"] };
        let key = Key::new(&sort, &|name| document.get(name).cloned(), (3, 14));
        assert_eq!(key.values[1].value, Bson::DateTime(bson::DateTime::from_millis(5)), "the largest of a list");
        let back = Key::parse(&key.to_string(), &sort).unwrap();
        assert_eq!((back.cmp(&key), back.place), (Ordering::Equal, (3, 14)));
        assert!(Key::parse("3:14", &sort).is_err() && Key::parse("3:14:[1]", &sort).is_err());
    }
}
