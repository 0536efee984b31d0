//! Vectors in Parquet: readable values, one column a feature, and label counts.

use crate::dataset::{Cells, Vectors};
use crate::error::IoContext;
use crate::schema::{Column as SchemaColumn, Scalar, Schema, ValueType};
use crate::typed::parse_series;
use crate::{Error, Result};
use polars::prelude::{
    Column, DataFrame, KeyValueMetadata, NamedFrom, ParquetReader, ParquetWriter, SerReader, Series,
};
use std::fs::File;
use std::path::Path;

pub(super) const VECTOR: &str = "_vector";
pub(super) const NEGATIVE: &str = "_negative";
pub(super) const POSITIVE: &str = "_positive";
pub(super) const FOLD: &str = "_fold";

/// Vectors as read back.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitPart {
    /// The vectors, as observed.
    pub vectors: Vectors,
    /// The fold of each vector; empty for the hold-out.
    pub folds: Vec<u32>,
}

fn values(column: &SchemaColumn, cells: &Cells) -> Column {
    let scalars = (0..cells.len()).map(|row| column.scalar(cells.get(row)));
    let name = column.name.as_str().into();
    match column.kind {
        ValueType::Int64 => Series::new(
            name,
            scalars.map(|s| if let Some(Scalar::Int(v)) = s { Some(v) } else { None }).collect::<Vec<_>>(),
        ),
        ValueType::Float64 => Series::new(
            name,
            scalars
                .map(|s| match s {
                    Some(Scalar::Float(v)) => Some(v),
                    Some(Scalar::Int(v)) => Some(v as f64),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
        ValueType::Bool => Series::new(
            name,
            scalars.map(|s| if let Some(Scalar::Bool(v)) = s { Some(v) } else { None }).collect::<Vec<_>>(),
        ),
        ValueType::String => Series::new(name, scalars.map(|s| s.map(|s| s.to_string())).collect::<Vec<_>>()),
    }
    .into()
}

/// Writes vectors, with their folds where they have some.
///
/// # Errors
/// When the disk refuses them.
pub fn write_split(path: &Path, schema: &Schema, vectors: &Vectors, folds: &[u32]) -> Result<()> {
    write_split_noted(path, schema, vectors, folds, Vec::new())
}

/// As [`write_split`], with notes in the file's metadata: names and texts.
pub(crate) fn write_split_noted(
    path: &Path,
    schema: &Schema,
    vectors: &Vectors,
    folds: &[u32],
    notes: Vec<(String, String)>,
) -> Result<()> {
    let mut columns: Vec<Column> =
        vec![Series::new(VECTOR.into(), vectors.hash.iter().map(|h| crate::files::hex(h)).collect::<Vec<_>>()).into()];
    columns.extend(schema.features.iter().zip(&vectors.columns).map(|(c, cells)| values(c, cells)));
    let counts = |label: usize| vectors.counts.iter().map(|c| i64::from(c[label])).collect::<Vec<_>>();
    columns.push(Series::new(NEGATIVE.into(), counts(0)).into());
    columns.push(Series::new(POSITIVE.into(), counts(1)).into());
    if !folds.is_empty() {
        columns.push(Series::new(FOLD.into(), folds.iter().map(|f| i64::from(*f)).collect::<Vec<_>>()).into());
    }
    let mut frame = DataFrame::new(vectors.len(), columns)
        .map_err(|e| Error::internal("vectors cannot be laid out in columns").caused_by(e))?;
    crate::files::replace(path, |file| {
        ParquetWriter::new(&mut *file)
            .with_key_value_metadata((!notes.is_empty()).then(|| KeyValueMetadata::from_static(notes)))
            .finish(&mut frame)
            .map(|_| ())
            .map_err(|e| crate::files::parquet_error("writing", path, e))
    })
}

/// A note of a file's metadata; none where it has none of that name.
///
/// # Errors
/// When the file is missing or damaged.
pub(crate) fn read_note(path: &Path, name: &str) -> Result<Option<String>> {
    let mut reader = ParquetReader::new(File::open(path).at("reading", path)?);
    let metadata = reader.get_metadata().map_err(|e| crate::files::parquet_error("reading", path, e))?;
    let mut notes = metadata.key_value_metadata().iter().flatten();
    Ok(notes.find(|note| note.key == name).and_then(|note| note.value.clone()))
}

/// Reads vectors back.
///
/// # Errors
/// When the file is missing or not what was written.
pub fn read_split(path: &Path, schema: &Schema) -> Result<SplitPart> {
    read_split_rows(path, schema, None)
}

/// Reads some of them back: so many from a row on; all of them without a range.
pub(super) fn read_split_rows(path: &Path, schema: &Schema, rows: Option<(usize, usize)>) -> Result<SplitPart> {
    let broken = |what: &str| Error::data(format!("{}: {what}", path.display())).hint("train again");
    let frame = ParquetReader::new(File::open(path).at("reading", path)?)
        .with_slice(rows)
        .finish()
        .map_err(|e| broken("damaged").caused_by(e))?;
    let column = |name: &str| frame.column(name).map_err(|e| broken("a column is missing").caused_by(e));
    let ints = |name: &str| -> Result<Vec<u32>> {
        let values = column(name)?.i64().map_err(|e| broken("a column has another type").caused_by(e))?;
        Ok(values.iter().map(|v| v.unwrap_or(0) as u32).collect())
    };
    let mut vectors = Vectors::empty(schema);
    for hash in column(VECTOR)?.str().map_err(|e| broken("a column has another type").caused_by(e))?.iter() {
        let number =
            hash.and_then(|h| u128::from_str_radix(h, 16).ok()).ok_or_else(|| broken("a vector's hash is damaged"))?;
        vectors.hash.push(number.to_be_bytes());
    }
    vectors.counts = ints(NEGATIVE)?.into_iter().zip(ints(POSITIVE)?).map(|(n, p)| [n, p]).collect();
    for (feature, cells) in schema.features.iter().zip(&mut vectors.columns) {
        let (read, refused) = parse_series(schema, feature, column(&feature.name)?);
        if let Some((_, reason)) = refused.first() {
            return Err(broken(&format!("{}: {reason}", feature.name)));
        }
        *cells = read;
    }
    let folds = if frame.column(FOLD).is_ok() { ints(FOLD)? } else { Vec::new() };
    Ok(SplitPart { vectors, folds })
}
