//! One Parquet part of an embedded collection: typed columns, and whole documents in raw BSON where those would lose
//! something.

use super::META;
use crate::error::IoContext;
use crate::source::to_bson;
use crate::{Error, Result};
use bson::{Bson, Document, doc};
use polars::prelude::{AnyValue, Column, DataFrame, NamedFrom, ParquetReader, ParquetWriter, SerReader, Series};
use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

pub(super) const ID: &str = "_id";
pub(super) const SOURCE: &str = "_netsec.source";
pub(super) const PUSHED_AT: &str = "_netsec.pushed_at";
pub(super) const RAW: &str = "_netsec.raw";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Int,
    Float,
    Text,
    Bool,
}

fn kind(value: &Bson) -> Option<Kind> {
    match value {
        Bson::Int64(_) => Some(Kind::Int),
        Bson::Double(_) => Some(Kind::Float),
        Bson::String(_) => Some(Kind::Text),
        Bson::Boolean(_) => Some(Kind::Bool),
        _ => None,
    }
}

/// The text of an `_id`, for looking up duplicates.
pub(super) fn id_text(id: &Bson) -> String {
    match id {
        Bson::String(text) => text.clone(),
        other => other.clone().into_relaxed_extjson().to_string(),
    }
}

/// Source and time of a document whose metadata is exactly what the columns hold.
fn meta(document: &Document) -> Option<(&str, i64)> {
    let meta = document.get_document(META).ok()?;
    if meta.len() != 2 {
        return None;
    }
    Some((meta.get_str("source").ok()?, meta.get_datetime("pushed_at").ok()?.timestamp_millis()))
}

/// When a document was stored: what a push has noted, else the time in an ObjectId, as other programs leave it.
fn stored_at((document, meta): (&Document, &Option<(&str, i64)>)) -> Option<i64> {
    let noted = || document.get_document(META).ok()?.get_datetime("pushed_at").ok().map(|at| at.timestamp_millis());
    match document.get(ID) {
        _ if meta.is_some() => meta.map(|meta| meta.1),
        Some(Bson::ObjectId(id)) if !document.contains_key(META) => Some(id.timestamp().timestamp_millis()),
        _ => noted(),
    }
}

fn fields(document: &Document) -> impl Iterator<Item = (&String, &Bson)> {
    document.iter().filter(|(name, _)| *name != ID && *name != META)
}

/// The values of one field, document by document.
pub(crate) enum Values<'a> {
    Int(Vec<Option<i64>>),
    Float(Vec<Option<f64>>),
    Bool(Vec<Option<bool>>),
    Text(Vec<Option<Cow<'a, str>>>),
}

impl<'a> Values<'a> {
    fn new(kind: Option<Kind>, rows: usize) -> Self {
        match kind {
            Some(Kind::Int) => Values::Int(Vec::with_capacity(rows)),
            Some(Kind::Float) => Values::Float(Vec::with_capacity(rows)),
            Some(Kind::Bool) => Values::Bool(Vec::with_capacity(rows)),
            // A field that is null throughout is kept as text without a value.
            Some(Kind::Text) | None => Values::Text(Vec::with_capacity(rows)),
        }
    }

    fn push(&mut self, value: Option<&'a Bson>) {
        match self {
            Values::Int(values) => values.push(value.and_then(Bson::as_i64)),
            Values::Float(values) => values.push(value.and_then(Bson::as_f64)),
            Values::Bool(values) => values.push(value.and_then(Bson::as_bool)),
            Values::Text(values) => values.push(value.and_then(Bson::as_str).map(Cow::Borrowed)),
        }
    }

    /// They as a column.
    pub(crate) fn column(self, name: &str) -> Column {
        let name = name.into();
        match self {
            Values::Int(values) => Series::new(name, values),
            Values::Float(values) => Series::new(name, values),
            Values::Bool(values) => Series::new(name, values),
            Values::Text(values) => Series::new(name, values),
        }
        .into()
    }
}

/// Lays documents out as a frame.
pub(super) fn to_frame(documents: &[Document]) -> Result<DataFrame> {
    let internal = |e: Box<dyn std::error::Error + Send + Sync>| {
        Error::internal("documents cannot be laid out in columns").caused_by(e)
    };
    // The first document decides which fields there are and in which order; the first value of a field its type.
    let names: Vec<&String> = documents
        .first()
        .map(|d| fields(d).map(|(n, _)| n).filter(|n| !n.starts_with("_netsec.")).collect())
        .unwrap_or_default();
    // Nearly all documents have these fields in this order: they are gone through once, without looking up a name.
    let aligned: Vec<bool> = documents.iter().map(|d| fields(d).map(|(n, _)| n).eq(names.iter().copied())).collect();
    let mut kinds: Vec<Option<Kind>> = vec![None; names.len()];
    for (document, aligned) in documents.iter().zip(&aligned) {
        if kinds.iter().all(Option::is_some) {
            break;
        }
        for (i, (_, value)) in fields(document).enumerate().filter(|_| *aligned) {
            kinds[i] = kinds[i].or_else(|| kind(value));
        }
    }
    let metas: Vec<Option<(&str, i64)>> = documents.iter().map(meta).collect();
    let mut values: Vec<Values<'_>> = kinds.iter().map(|k| Values::new(*k, documents.len())).collect();
    let mut raw: Vec<Option<Vec<u8>>> = Vec::with_capacity(documents.len());
    for ((document, aligned), meta) in documents.iter().zip(&aligned).zip(&metas) {
        let mut fits = *aligned && meta.is_some() && matches!(document.get(ID), Some(Bson::String(_)));
        if *aligned {
            for ((_, value), (column, wanted)) in fields(document).zip(values.iter_mut().zip(&kinds)) {
                fits &= matches!(value, Bson::Null) || (kind(value).is_some() && kind(value) == *wanted);
                column.push(Some(value));
            }
        } else {
            for (name, column) in names.iter().zip(&mut values) {
                column.push(document.get(name));
            }
        }
        raw.push(if fits { None } else { Some(document.to_vec().map_err(|e| internal(e.into()))?) });
    }
    let ids: Vec<String> = documents.iter().map(|d| d.get(ID).map_or_else(String::new, id_text)).collect();
    let mut columns = vec![
        Column::from(Series::new(ID.into(), ids)),
        Series::new(SOURCE.into(), metas.iter().map(|m| m.map(|m| m.0)).collect::<Vec<_>>()).into(),
        Series::new(PUSHED_AT.into(), documents.iter().zip(&metas).map(stored_at).collect::<Vec<_>>()).into(),
    ];
    columns.extend(names.iter().zip(values).map(|(name, values)| values.column(name)));
    columns.push(Series::new(RAW.into(), raw.iter().map(|r| r.as_deref()).collect::<Vec<Option<&[u8]>>>()).into());
    DataFrame::new(documents.len(), columns).map_err(|e| internal(e.into()))
}

/// Writes documents as a part: beside itself, synced, renamed.
pub(super) fn write(path: &Path, documents: &[Document]) -> Result<()> {
    let mut frame = to_frame(documents)?;
    crate::files::replace(path, |file| {
        ParquetWriter::new(&mut *file)
            .finish(&mut frame)
            .map(|_| ())
            .map_err(|e| crate::files::parquet_error("writing", path, e))
    })
}

/// Reads some columns of a part (all without a list), some rows of it (all without a range).
pub(super) fn read(path: &Path, columns: Option<&[String]>, rows: Option<(usize, usize)>) -> Result<DataFrame> {
    let damaged = |e: polars::error::PolarsError| {
        Error::data(format!("{} is damaged", path.display()))
            .hint("restore it from a backup, or move it away and push its source again")
            .caused_by(e)
    };
    let open = || File::open(path).at("reading", path);
    let wanted = match columns {
        None => None,
        Some(columns) => {
            let schema = ParquetReader::new(open()?).schema().map_err(damaged)?;
            Some(columns.iter().filter(|c| schema.contains(c)).cloned().collect::<Vec<_>>())
        }
    };
    ParquetReader::new(open()?).with_columns(wanted).with_slice(rows).finish().map_err(damaged)
}

/// The document at a row of a frame that holds all columns.
pub(super) fn document(frame: &DataFrame, row: usize) -> Result<Document> {
    if let Some(document) = raw(frame, row)? {
        return Ok(document);
    }
    let mut document = Document::new();
    let (mut source, mut pushed_at) = (Bson::Null, Bson::Null);
    for column in frame.columns() {
        let value = cell(column, row);
        match column.name().as_str() {
            SOURCE => source = value,
            PUSHED_AT => pushed_at = as_time(value),
            RAW => {}
            name => {
                document.insert(name, value);
            }
        }
    }
    document.insert(META, doc! { "source": source, "pushed_at": pushed_at });
    Ok(document)
}

fn as_time(value: Bson) -> Bson {
    value.as_i64().map_or(Bson::Null, |ms| Bson::DateTime(bson::DateTime::from_millis(ms)))
}

fn cell(column: &Column, row: usize) -> Bson {
    column.get(row).ok().and_then(|v| to_bson(&v)).unwrap_or(Bson::Null)
}

/// The whole document of a row that the columns cannot hold.
pub(super) fn raw(frame: &DataFrame, row: usize) -> Result<Option<Document>> {
    let Ok(column) = frame.column(RAW) else { return Ok(None) };
    let bytes = match column.get(row) {
        Ok(AnyValue::Binary(bytes)) => bytes.to_vec(),
        Ok(AnyValue::BinaryOwned(bytes)) => bytes,
        _ => return Ok(None),
    };
    Document::from_reader(bytes.as_slice())
        .map(Some)
        .map_err(|e| Error::data("a stored document is damaged").caused_by(e))
}

/// A top-level field of a row, for filters.
pub(super) fn lookup(frame: &DataFrame, row: usize, name: &str) -> Option<Bson> {
    if name == META {
        let source = frame.column(SOURCE).map_or(Bson::Null, |c| cell(c, row));
        let pushed_at = frame.column(PUSHED_AT).map_or(Bson::Null, |c| as_time(cell(c, row)));
        return Some(Bson::Document(doc! { "source": source, "pushed_at": pushed_at }));
    }
    // The columns of the metadata are not fields: what they hold is reached through it.
    let column = frame.column(name).ok().filter(|_| !name.starts_with("_netsec."));
    column.map(|c| cell(c, row))
}

/// The columns that must be read to look up these fields.
pub(super) fn columns_for(fields: &[String]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        if !columns.iter().any(|c| c == name) {
            columns.push(name.to_owned());
        }
    };
    for field in fields {
        if field == META {
            [SOURCE, PUSHED_AT].into_iter().for_each(&mut add);
        } else if !field.starts_with("_netsec.") {
            add(field);
        }
    }
    add(RAW);
    columns
}
