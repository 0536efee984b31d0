//! The writers of the formats.

use super::Format;
use super::columns::{Kind, Survey, cells, changed, text};
use crate::store::Values;
use crate::{Error, Result};
use bson::{Bson, Document};
use polars::prelude::{BatchedWriter, DataFrame, ParquetWriter};
use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Where the bytes go.
type Out = Box<dyn Write + Send>;

/// Rows of a Parquet row group, and bytes of text after which one ends earlier.
const GROUP: (usize, usize) = (20_000, 32 << 20);

/// Writes documents in a format.
pub(super) struct Writer {
    /// What is written to, for messages.
    name: String,
    /// None: whole documents.
    columns: Vec<String>,
    /// Whether the columns are all that were seen, rather than those asked for.
    all: bool,
    form: Form,
    /// Documents written.
    pub rows: u64,
}

enum Form {
    Csv(Box<csv::Writer<Out>>),
    Json(BufWriter<Out>),
    Parquet {
        file: Box<BatchedWriter<Out>>,
        kinds: Vec<Kind>,
        pending: Vec<Values<'static>>,
        rows: usize,
        bytes: usize,
    },
}

impl Writer {
    /// Begins the output: writes what comes before the first document.
    pub fn new(format: Format, out: Out, name: String, wanted: &[String], survey: Option<Survey>) -> Result<Self> {
        let all = survey.as_ref().is_some_and(|s| !s.chosen);
        let columns = survey.as_ref().map_or_else(|| wanted.to_vec(), |s| s.columns.keys().cloned().collect());
        let kinds = survey.map_or_else(Vec::new, |s| s.columns.into_values().collect());
        let form = match format {
            Format::JsonLines => Form::Json(BufWriter::new(out)),
            Format::Csv => Form::Csv(Box::new(csv::Writer::from_writer(out))),
            Format::Parquet => {
                let pending = || kinds.iter().map(|kind| values(*kind)).collect();
                let empty = frame(&columns, pending(), 0)?;
                let file = ParquetWriter::new(out)
                    .batched(empty.schema())
                    .map_err(|e| crate::files::parquet_error("writing", Path::new(&name), e))?;
                Form::Parquet { file: Box::new(file), pending: pending(), kinds, rows: 0, bytes: 0 }
            }
        };
        let mut writer = Self { name, columns, all, form, rows: 0 };
        // The header does not wait for a first row: there may be none.
        if let Form::Csv(out) = &mut writer.form
            && !writer.columns.is_empty()
        {
            out.write_record(&writer.columns).map_err(|e| csv_error(&writer.name, e))?;
        }
        Ok(writer)
    }

    /// Adds documents.
    pub fn write(&mut self, documents: &[Document]) -> Result<()> {
        let Self { name, columns, all, form, .. } = self;
        let io = |e: std::io::Error| Error::io("writing", Path::new(name.as_str()), e);
        for document in documents {
            match form {
                Form::Json(out) => {
                    let value = if columns.is_empty() {
                        Bson::Document(document.clone())
                    } else {
                        let cells = cells(document, columns, *all)?;
                        let there = columns.iter().zip(cells).filter_map(|(n, v)| Some((n.clone(), v?.clone())));
                        Bson::Document(there.collect())
                    };
                    serde_json::to_writer(&mut *out, &value.into_relaxed_extjson()).map_err(|e| io(e.into()))?;
                    out.write_all(b"\n").map_err(io)?;
                }
                Form::Csv(out) => {
                    let texts =
                        cells(document, columns, *all)?.into_iter().map(|v| v.map_or_else(Default::default, text));
                    for cell in texts {
                        out.write_field(cell.as_bytes()).map_err(|e| csv_error(name, e))?;
                    }
                    out.write_record(None::<&[u8]>).map_err(|e| csv_error(name, e))?;
                }
                Form::Parquet { file, kinds, pending, rows, bytes } => {
                    for (value, column) in cells(document, columns, *all)?.into_iter().zip(&mut *pending) {
                        *bytes += push(column, value)?;
                    }
                    *rows += 1;
                    if *rows >= GROUP.0 || *bytes >= GROUP.1 {
                        flush(file, columns, kinds, pending, rows, name)?;
                        *bytes = 0;
                    }
                }
            }
        }
        self.rows += documents.len() as u64;
        Ok(())
    }

    /// Writes what comes behind the last document.
    pub fn finish(&mut self) -> Result<()> {
        let Self { name, columns, form, .. } = self;
        let io = |e: std::io::Error| Error::io("writing", Path::new(name.as_str()), e);
        match form {
            Form::Csv(out) => out.flush().map_err(io),
            Form::Json(out) => out.flush().map_err(io),
            Form::Parquet { file, kinds, pending, rows, .. } => {
                if *rows > 0 {
                    flush(file, columns, kinds, pending, rows, name)?;
                }
                let finished = file.finish().map(|_| ());
                finished.map_err(|e| crate::files::parquet_error("writing", Path::new(name.as_str()), e))
            }
        }
    }

    /// The columns that were written.
    pub fn into_columns(self) -> Vec<String> {
        self.columns
    }
}

fn csv_error(name: &str, error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => Error::io("writing", Path::new(name), e),
        other => Error::internal(format!("a document cannot be written as CSV: {other:?}")),
    }
}

fn frame(columns: &[String], values: Vec<Values<'static>>, rows: usize) -> Result<DataFrame> {
    let columns = columns.iter().zip(values).map(|(name, values)| values.column(name)).collect();
    DataFrame::new(rows, columns).map_err(|e| Error::internal("documents cannot be laid out").caused_by(e))
}

fn flush(
    file: &mut BatchedWriter<Out>,
    columns: &[String],
    kinds: &[Kind],
    pending: &mut [Values<'static>],
    rows: &mut usize,
    name: &str,
) -> Result<()> {
    let values = pending.iter_mut().zip(kinds).map(|(column, kind)| std::mem::replace(column, values(*kind))).collect();
    let frame = frame(columns, values, std::mem::take(rows))?;
    file.write_batch(&frame).map_err(|e| crate::files::parquet_error("writing", Path::new(name), e))
}

/// The values of a column that are not written yet.
fn values(kind: Kind) -> Values<'static> {
    match kind {
        Kind::Int | Kind::Wide => Values::Int(Vec::new()),
        Kind::Float => Values::Float(Vec::new()),
        Kind::Bool => Values::Bool(Vec::new()),
        // A field that is null throughout is kept as text without a value.
        Kind::Text | Kind::Unknown => Values::Text(Vec::new()),
    }
}

/// Adds a value; returns the bytes of text that it takes.
fn push(column: &mut Values<'static>, value: Option<&Bson>) -> Result<usize> {
    let value = value.filter(|v| **v != Bson::Null);
    let mut bytes = 8;
    match (column, value) {
        (Values::Int(values), None) => values.push(None),
        (Values::Int(values), Some(Bson::Int32(v))) => values.push(Some(i64::from(*v))),
        (Values::Int(values), Some(Bson::Int64(v))) => values.push(Some(*v)),
        (Values::Float(values), None) => values.push(None),
        (Values::Float(values), Some(Bson::Int32(v))) => values.push(Some(f64::from(*v))),
        (Values::Float(values), Some(Bson::Int64(v))) => values.push(Some(*v as f64)),
        (Values::Float(values), Some(Bson::Double(v))) => values.push(Some(*v)),
        (Values::Bool(values), None) => values.push(None),
        (Values::Bool(values), Some(Bson::Boolean(v))) => values.push(Some(*v)),
        (Values::Text(values), value) => {
            let text = value.map(|v| text(v).into_owned());
            bytes = text.as_ref().map_or(0, String::len);
            values.push(text.map(Cow::Owned));
        }
        _ => return Err(changed()),
    }
    Ok(bytes)
}
