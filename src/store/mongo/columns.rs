//! Documents in BSON, laid out in columns without making a `Document` of each.

use crate::store::{Batch, META};
use crate::{Error, Result};
use bson::raw::RawBsonRef;
use bson::{Bson, Document, RawDocument};
use chrono::DateTime;
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

/// The largest whole number up to which a double holds every one.
const EXACT: i64 = 1 << 53;

/// The values of a field, document by document. The first value decides the type; what does not fit is kept as a whole
/// document.
#[derive(Debug)]
enum Values {
    /// So many documents without a value; whether one of them had the field.
    Unknown(usize, bool),
    Int(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Bool(Vec<Option<bool>>),
    Text(Vec<Option<String>>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Unknown(rows, _) => *rows,
            Values::Int(values) => values.len(),
            Values::Float(values) => values.len(),
            Values::Bool(values) => values.len(),
            Values::Text(values) => values.len(),
        }
    }

    fn push_missing(&mut self) {
        match self {
            Values::Unknown(rows, _) => *rows += 1,
            Values::Int(values) => values.push(None),
            Values::Float(values) => values.push(None),
            Values::Bool(values) => values.push(None),
            Values::Text(values) => values.push(None),
        }
    }

    /// Adds a value, and says whether the column holds it.
    fn push(&mut self, value: RawBsonRef<'_>) -> bool {
        match (&mut *self, value) {
            (Values::Int(values), RawBsonRef::Int64(v)) => values.push(Some(v)),
            (Values::Int(values), RawBsonRef::Int32(v)) => values.push(Some(v.into())),
            (Values::Float(values), RawBsonRef::Double(v)) => values.push(Some(v)),
            (Values::Float(values), RawBsonRef::Int32(v)) => values.push(Some(v.into())),
            (Values::Float(values), RawBsonRef::Int64(v)) if v.abs() <= EXACT => values.push(Some(v as f64)),
            (Values::Bool(values), RawBsonRef::Boolean(v)) => values.push(Some(v)),
            (Values::Text(values), RawBsonRef::String(v)) => values.push(Some(v.to_owned())),
            (Values::Unknown(rows, there), RawBsonRef::Null) => {
                *rows += 1;
                *there = true;
            }
            (_, RawBsonRef::Null) => self.push_missing(),
            (Values::Unknown(rows, _), value) => {
                let rows = *rows;
                match value {
                    RawBsonRef::Int32(_) | RawBsonRef::Int64(_) => *self = Values::Int(vec![None; rows]),
                    RawBsonRef::Double(_) => *self = Values::Float(vec![None; rows]),
                    RawBsonRef::Boolean(_) => *self = Values::Bool(vec![None; rows]),
                    RawBsonRef::String(_) => *self = Values::Text(vec![None; rows]),
                    _ => {
                        *self = Values::Unknown(rows + 1, true);
                        return false;
                    }
                }
                return self.push(value);
            }
            // Whole numbers and others in one field: all of them are doubles then, as long as nothing is lost.
            (Values::Int(values), RawBsonRef::Double(v)) if values.iter().flatten().all(|v| v.abs() <= EXACT) => {
                let floats = values.iter().map(|v| v.map(|v| v as f64)).chain([Some(v)]).collect();
                *self = Values::Float(floats);
            }
            _ => {
                self.push_missing();
                return false;
            }
        }
        true
    }

    /// Takes back the last value.
    fn pop(&mut self) {
        match self {
            Values::Unknown(rows, _) => *rows -= 1,
            Values::Int(values) => _ = values.pop(),
            Values::Float(values) => _ = values.pop(),
            Values::Bool(values) => _ = values.pop(),
            Values::Text(values) => _ = values.pop(),
        }
    }

    fn column(self, name: &str) -> Option<Column> {
        let name = name.into();
        let series = match self {
            Values::Unknown(_, false) => return None,
            Values::Unknown(rows, true) => Series::new(name, vec![None::<&str>; rows]),
            Values::Int(values) => Series::new(name, values),
            Values::Float(values) => Series::new(name, values),
            Values::Bool(values) => Series::new(name, values),
            Values::Text(values) => Series::new(name, values),
        };
        Some(series.into())
    }
}

/// Columns that documents are added to.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<String>,
    values: Vec<Values>,
    rows: usize,
    odd: Vec<(usize, Document)>,
    /// The `_id`s, where they are wanted.
    ids: Option<Vec<Bson>>,
    /// When the first and the last document were stored, in milliseconds.
    stored: Option<(i64, i64)>,
}

impl Columns {
    /// Of these fields; `_id` may be among them.
    pub fn new(fields: &[String]) -> Self {
        let names: Vec<String> = fields.iter().filter(|name| *name != "_id").cloned().collect();
        let values = names.iter().map(|_| Values::Unknown(0, false)).collect();
        let ids = (names.len() < fields.len()).then(Vec::new);
        Self { names, values, rows: 0, odd: Vec::new(), ids, stored: None }
    }

    /// Documents so far.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Adds a document.
    pub fn add(&mut self, document: &RawDocument) -> Result<()> {
        let broken =
            |e: bson::error::Error| Error::remote("the server sent what is no document").caused_by(e.to_string());
        let mut is_odd = false;
        let mut expected = 0;
        let mut at = None;
        for element in document {
            let (name, value) = element.map_err(broken)?;
            let name = name.as_str();
            // Nearly all documents have the fields in the order in which they are asked for.
            let place = if self.names.get(expected).is_some_and(|next| next == name) {
                Some(expected)
            } else {
                self.names.iter().position(|known| known == name)
            };
            if let Some(place) = place {
                expected = place + 1;
                // A name that is there twice: the document decides which one counts.
                if self.values[place].len() > self.rows {
                    self.values[place].pop();
                    is_odd = true;
                }
                is_odd |= !self.values[place].push(value);
            } else if name == "_id" {
                if let RawBsonRef::ObjectId(id) = value {
                    at = at.or(Some(id.timestamp().timestamp_millis()));
                }
                if let Some(ids) = &mut self.ids {
                    ids.push(Bson::try_from(value).map_err(broken)?);
                }
            } else if name == META
                && let RawBsonRef::Document(meta) = value
                && let Ok(pushed_at) = meta.get_datetime("pushed_at")
            {
                at = Some(pushed_at.timestamp_millis());
            }
        }
        self.rows += 1;
        for values in self.values.iter_mut().filter(|values| values.len() < self.rows) {
            values.push_missing();
        }
        if let Some(ids) = self.ids.as_mut().filter(|ids| ids.len() < self.rows) {
            ids.push(Bson::Null);
        }
        if is_odd {
            self.odd.push((self.rows - 1, Document::try_from(document).map_err(broken)?));
        }
        if let Some(at) = at {
            self.stored = Some(self.stored.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
        }
        Ok(())
    }

    /// The documents so far as a batch; none are left.
    pub fn take(&mut self) -> Result<Batch> {
        let mut fields = self.names.clone();
        fields.extend(self.ids.as_ref().map(|_| "_id".to_owned()));
        let full = std::mem::replace(self, Self::new(&fields));
        let columns = full.names.iter().zip(full.values).filter_map(|(name, values)| values.column(name)).collect();
        let frame = DataFrame::new(full.rows, columns)
            .map_err(|e| Error::internal("documents cannot be laid out in columns").caused_by(e))?;
        let stored = full.stored.and_then(|(first, last)| {
            DateTime::from_timestamp_millis(first).zip(DateTime::from_timestamp_millis(last))
        });
        Ok(Batch { frame, odd: full.odd, ids: full.ids.unwrap_or_default(), stored, notes: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::{RawDocumentBuf, doc};
    use polars::prelude::DataType;

    fn batch(documents: &[Document], fields: &[&str]) -> Batch {
        let mut columns = Columns::new(&fields.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>());
        for document in documents {
            columns.add(&RawDocumentBuf::try_from(document).unwrap()).unwrap();
        }
        columns.take().unwrap()
    }

    #[test]
    fn values_of_one_type_become_a_column_and_others_whole_documents() {
        let documents = [
            doc! { "_id": 1, "a": 1_i32, "b": "x", "c": null },
            doc! { "_id": "two", "b": "y", "a": 2_i64, "d": true },
            doc! { "_id": 3, "a": "three", "b": ["z"], "c": null },
            doc! { "_id": 4, "a": null },
        ];
        let batch = batch(&documents, &["a", "b", "c", "d", "e", "_id"]);
        assert_eq!(batch.frame.height(), 4);
        let a: Vec<Option<i64>> = batch.frame.column("a").unwrap().i64().unwrap().iter().collect();
        assert_eq!(a, [Some(1), Some(2), None, None]);
        assert_eq!(batch.frame.column("c").unwrap().null_count(), 4, "null throughout, and there");
        assert!(batch.frame.column("e").is_err(), "no document has it");
        assert_eq!(batch.odd, [(2, documents[2].clone())]);
        assert_eq!(batch.ids, [Bson::Int32(1), "two".into(), Bson::Int32(3), Bson::Int32(4)]);
    }

    #[test]
    fn whole_numbers_and_doubles_share_a_column_unless_that_would_lose_something() {
        let mixed = batch(&[doc! { "a": 1 }, doc! { "a": 1.5 }, doc! { "a": 2_i64 }], &["a"]);
        assert_eq!(mixed.frame.column("a").unwrap().dtype(), &DataType::Float64);
        assert!(mixed.odd.is_empty());
        let large = batch(&[doc! { "a": i64::MAX }, doc! { "a": 1.5 }], &["a"]);
        assert_eq!(large.frame.column("a").unwrap().dtype(), &DataType::Int64);
        assert_eq!(large.odd.len(), 1);
    }

    #[test]
    fn the_time_of_storing_is_noted_or_in_the_object_id() {
        let id = bson::oid::ObjectId::parse_str("65f0a1b20000000000000000").unwrap();
        let noted = bson::DateTime::from_millis(1_700_000_000_123);
        let batch = batch(&[doc! { "_id": id }, doc! { "_id": id, META: { "pushed_at": noted } }], &[]);
        let (first, last) = batch.stored.unwrap();
        assert_eq!(first.timestamp_millis(), 1_700_000_000_123);
        assert_eq!(last.timestamp_millis(), id.timestamp().timestamp_millis());
        assert_eq!(batch.frame.height(), 2);
    }
}
