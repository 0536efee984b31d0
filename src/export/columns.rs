//! The columns of a view: which there are, what they hold, and a document laid out in them.

use crate::store::{META, value_at};
use crate::{Error, Result};
use bson::{Bson, Document};
use indexmap::IndexMap;
use std::borrow::Cow;

/// What all values of a column can be kept as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but null so far.
    Unknown,
    Int,
    /// Whole numbers that a double cannot hold exactly.
    Wide,
    Float,
    Bool,
    Text,
}

impl Kind {
    fn of(value: &Bson) -> Self {
        match value {
            Bson::Null => Kind::Unknown,
            Bson::Int32(_) => Kind::Int,
            Bson::Int64(v) if v.unsigned_abs() <= 1 << 53 => Kind::Int,
            Bson::Int64(_) => Kind::Wide,
            Bson::Double(_) => Kind::Float,
            Bson::Boolean(_) => Kind::Bool,
            _ => Kind::Text,
        }
    }

    /// What holds both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Kind::Unknown, kind) | (kind, Kind::Unknown) => kind,
            (a, b) if a == b => a,
            (Kind::Int, Kind::Wide) | (Kind::Wide, Kind::Int) => Kind::Wide,
            (Kind::Int, Kind::Float) | (Kind::Float, Kind::Int) => Kind::Float,
            _ => Kind::Text,
        }
    }
}

/// The fields of all documents, found by looking at them.
#[derive(Debug)]
pub(super) struct Survey {
    /// In the order in which they were seen first, or were asked for.
    pub columns: IndexMap<String, Kind>,
    /// Whether only these were asked for.
    pub chosen: bool,
    pub rows: u64,
}

impl Survey {
    /// Of the given columns, or of all without any.
    pub fn new(columns: &[String]) -> Self {
        let chosen = !columns.is_empty();
        Self { columns: columns.iter().map(|name| (name.clone(), Kind::Unknown)).collect(), chosen, rows: 0 }
    }

    pub fn add(&mut self, document: &Document) {
        self.rows += 1;
        if self.chosen {
            for (path, kind) in &mut self.columns {
                if let Some(value) = value_at(document, path) {
                    *kind = kind.and(Kind::of(value));
                }
            }
            return;
        }
        for (name, value) in flat(document) {
            match self.columns.get_mut(name.as_ref()) {
                Some(kind) => *kind = kind.and(Kind::of(value)),
                None => {
                    self.columns.insert(name.into_owned(), Kind::of(value));
                }
            }
        }
    }
}

/// The fields of a document; those that netsec adds one by one, other documents in it whole.
fn flat(document: &Document) -> impl Iterator<Item = (Cow<'_, str>, &Bson)> {
    document.iter().flat_map(|(name, value)| match value {
        Bson::Document(inner) if name == META => {
            Box::new(inner.iter().map(|(name, value)| (Cow::Owned(format!("{META}.{name}")), value)))
                as Box<dyn Iterator<Item = _>>
        }
        _ => Box::new(std::iter::once((Cow::Borrowed(name.as_str()), value))),
    })
}

/// The values of a document in the order of the columns. With `all`, each of its fields must have a column.
pub(super) fn cells<'a>(document: &'a Document, columns: &[String], all: bool) -> Result<Vec<Option<&'a Bson>>> {
    let cells: Vec<_> = columns.iter().map(|path| value_at(document, path)).collect();
    if all && cells.iter().flatten().count() != flat(document).count() {
        return Err(changed());
    }
    Ok(cells)
}

/// What is said when a document does not fit what was surveyed.
pub(super) fn changed() -> Error {
    Error::data("the collection got new fields or kinds of values while it was exported").hint("export it again")
}

/// A value as text: what stands in a cell. Null is empty; lists and documents are JSON.
pub fn text(value: &Bson) -> Cow<'_, str> {
    match value {
        Bson::Null => Cow::Borrowed(""),
        Bson::String(text) => Cow::Borrowed(text),
        Bson::Int32(v) => v.to_string().into(),
        Bson::Int64(v) => v.to_string().into(),
        Bson::Double(v) => v.to_string().into(),
        Bson::Boolean(v) => v.to_string().into(),
        Bson::ObjectId(v) => v.to_hex().into(),
        Bson::DateTime(v) => v.try_to_rfc3339_string().unwrap_or_else(|_| v.to_string()).into(),
        other => other.clone().into_relaxed_extjson().to_string().into(),
    }
}
