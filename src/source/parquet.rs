//! Parquet, one row group at a time.

use super::{Cells, Format, Row, Rows};
use crate::{Error, Result};
use bson::{Bson, Document};
use polars::prelude::{AnyValue, ArrowDataType, DataFrame, ParquetReader, SerReader};
use std::fs::File;
use std::sync::Arc;

/// Rows decoded at once.
const SLICE: usize = 20_000;

struct Parquet {
    file: File,
    name: String,
    total: usize,
    next: usize,
    columns: Vec<String>,
    frame: Option<(DataFrame, usize)>,
}

pub(super) fn open(file: File, name: String, source: String) -> Result<Rows> {
    let unreadable = |e: polars::error::PolarsError| {
        Error::data(format!("{name} is not a readable Parquet file"))
            .hint("check that it was copied completely")
            .caused_by(e)
    };
    let mut reader =
        ParquetReader::new(file.try_clone().map_err(|e| Error::data(format!("{name} cannot be read")).caused_by(e))?);
    let total = reader.num_rows().map_err(unreadable)?;
    let fields = reader.schema().map_err(unreadable)?;
    let (readable, others): (Vec<_>, Vec<_>) = fields.iter_values().partition(|f| is_readable(f.dtype()));
    let columns: Vec<String> = readable.iter().map(|f| f.name.to_string()).collect();
    let notes = others
        .iter()
        .map(|f| {
            format!(
                "the column {:?} is left out: {:?} cannot be read; cast it to a number or text",
                f.name.as_str(),
                f.dtype()
            )
        })
        .collect();
    if columns.is_empty() {
        return Err(Error::data(format!("{name} has no column of numbers, text or booleans")));
    }
    let format = Parquet { file, name: name.clone(), total, next: 0, columns: columns.clone(), frame: None };
    Ok(Rows {
        name,
        source,
        columns,
        self_describing: false,
        format: Box::new(format),
        read: Arc::default(),
        size: None,
        notes,
    })
}

/// Whether documents have a type for a column's values.
fn is_readable(kind: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    match kind {
        T::Null | T::Boolean | T::Float32 | T::Float64 | T::Utf8 | T::LargeUtf8 | T::Utf8View => true,
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => true,
        T::Dictionary(_, values, _) => is_readable(values),
        _ => false,
    }
}

impl Format for Parquet {
    fn next_row(&mut self) -> Result<Option<Row>> {
        if self.next == self.total {
            return Ok(None);
        }
        if self.frame.as_ref().is_none_or(|(frame, first)| self.next >= first + frame.height()) {
            let broken = |e: Box<dyn std::error::Error + Send + Sync>| {
                Error::data(format!("{}: row {} cannot be read", self.name, self.next + 1)).caused_by(e)
            };
            let file = self.file.try_clone().map_err(|e| broken(e.into()))?;
            let frame = ParquetReader::new(file)
                .with_columns(Some(self.columns.clone()))
                .with_slice(Some((self.next, SLICE)))
                .finish()
                .map_err(|e| broken(e.into()))?;
            if frame.height() == 0 {
                return Err(Error::data(format!(
                    "{}: {} rows where {} were announced",
                    self.name, self.next, self.total
                )));
            }
            self.frame = Some((frame, self.next));
        }
        let Some((frame, first)) = &self.frame else { return Ok(None) };
        let at = self.next - first;
        let mut document = Document::new();
        let mut reason = None;
        for column in frame.columns() {
            let value = column
                .get(at)
                .map_err(|e| Error::data(format!("{}: row {}", self.name, self.next + 1)).caused_by(e))?;
            match to_bson(&value) {
                Some(value) => {
                    document.insert(column.name().as_str(), value);
                }
                None => reason = Some(format!("{}: values of type {} cannot be read", column.name(), column.dtype())),
            }
        }
        self.next += 1;
        let cells = reason.map_or(Ok(Cells::Named(document)), Err);
        Ok(Some(Row { line: self.next as u64, cells, text: String::new() }))
    }
}

/// A cell of a frame as a document's field; none for types that documents do not have.
pub(crate) fn to_bson(value: &AnyValue<'_>) -> Option<Bson> {
    Some(match value {
        AnyValue::Null => Bson::Null,
        AnyValue::Boolean(v) => Bson::Boolean(*v),
        AnyValue::Int8(v) => Bson::Int64(i64::from(*v)),
        AnyValue::Int16(v) => Bson::Int64(i64::from(*v)),
        AnyValue::Int32(v) => Bson::Int64(i64::from(*v)),
        AnyValue::Int64(v) => Bson::Int64(*v),
        AnyValue::UInt8(v) => Bson::Int64(i64::from(*v)),
        AnyValue::UInt16(v) => Bson::Int64(i64::from(*v)),
        AnyValue::UInt32(v) => Bson::Int64(i64::from(*v)),
        AnyValue::UInt64(v) => i64::try_from(*v).map_or(Bson::Double(*v as f64), Bson::Int64),
        AnyValue::Float32(v) => Bson::Double(f64::from(*v)),
        AnyValue::Float64(v) => Bson::Double(*v),
        // Text, also where it is stored as a dictionary.
        other => Bson::String(other.get_str()?.to_owned()),
    })
}
