//! Rows on their way to a model, from a file, a pipe or a collection, piece by piece.

use super::Record;
use crate::schema::Schema;
use crate::source::{Cells, Row, Rows};
use crate::store::Batch;
use crate::typed::Typed;
use crate::{Error, Result};
use bson::{Bson, Document};
use polars::prelude::Column;
use std::fmt;
use tokio::sync::mpsc;

/// What a row is known by.
#[derive(Debug, Clone, PartialEq)]
pub enum RowKey {
    /// Where it stood: line of a text file, row of a Parquet file, both from 1.
    Line(u64),
    /// The `_id` of its document.
    Id(Bson),
}

impl RowKey {
    /// As a document's field.
    pub fn to_bson(&self) -> Bson {
        match self {
            Self::Line(line) => Bson::Int64(i64::try_from(*line).unwrap_or(i64::MAX)),
            Self::Id(id) => id.clone(),
        }
    }
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Id(id) => write!(f, "_id {}", crate::export::text(id)),
        }
    }
}

/// Where rows come from.
pub(super) enum Feed {
    /// From a file or a pipe, so many at once, with those that were read already.
    File { rows: Rows, ahead: Vec<Row>, at_once: usize },
    /// From a collection, as its store sends them, with what is left of the last batch.
    Collection { name: String, batches: mpsc::Receiver<Result<Batch>>, rest: Option<Batch> },
}

/// Rows handed over at once at most.
pub(super) const CHUNK: usize = 4_096;

impl Feed {
    /// What it is called in messages.
    pub fn name(&self) -> &str {
        match self {
            Self::File { rows, .. } => rows.name(),
            Self::Collection { name, .. } => name,
        }
    }

    /// The next rows; none at the end. Blocks.
    pub fn next(&mut self) -> Result<Option<Piece>> {
        match self {
            Self::File { rows, ahead, at_once } => {
                let read = if ahead.is_empty() { rows.next_chunk(*at_once)? } else { std::mem::take(ahead) };
                Ok((!read.is_empty()).then_some(Piece::Rows(read)))
            }
            Self::Collection { batches, rest, .. } => loop {
                let Some(mut batch) =
                    rest.take().map_or_else(|| batches.blocking_recv().transpose(), |b| Ok(Some(b)))?
                else {
                    return Ok(None);
                };
                if batch.frame.height() > CHUNK {
                    let first = split(&mut batch);
                    *rest = Some(batch);
                    return Ok(Some(Piece::Batch(first)));
                }
                // Of a part that lies outside the window nothing is left.
                if batch.frame.height() > 0 || !batch.notes.is_empty() {
                    return Ok(Some(Piece::Batch(batch)));
                }
            },
        }
    }
}

/// Takes the first rows out of a batch. What is to be said of it stays with the last ones.
fn split(batch: &mut Batch) -> Batch {
    let (frame, rest) = batch.frame.split_at(CHUNK as i64);
    let mut later = batch.odd.split_off(batch.odd.partition_point(|(row, _)| *row < CHUNK));
    later.iter_mut().for_each(|(row, _)| *row -= CHUNK);
    let ids = batch.ids.drain(..CHUNK.min(batch.ids.len())).collect();
    let odd = std::mem::replace(&mut batch.odd, later);
    batch.frame = rest;
    Batch { frame, odd, ids, stored: batch.stored, notes: Vec::new() }
}

/// Some rows as they came.
pub(super) enum Piece {
    /// Of a file.
    Rows(Vec<Row>),
    /// Of a collection.
    Batch(Batch),
}

impl Piece {
    /// They typed, given a file's column names.
    pub fn typed(&self, schema: &Schema, names: &[String]) -> Typed {
        match self {
            Self::Rows(rows) => Typed::of_rows(schema, names, rows),
            Self::Batch(batch) => Typed::of_batch(schema, batch),
        }
    }

    /// What a row is known by.
    pub fn key(&self, row: usize) -> RowKey {
        match self {
            Self::Rows(rows) => RowKey::Line(rows[row].line),
            Self::Batch(batch) => RowKey::Id(batch.ids.get(row).cloned().unwrap_or(Bson::Null)),
        }
    }

    /// What is to be said of how they were read.
    pub fn notes(&mut self) -> Vec<String> {
        match self {
            Self::Rows(_) => Vec::new(),
            Self::Batch(batch) => std::mem::take(&mut batch.notes),
        }
    }

    /// The rows as names and texts: what stands in these columns.
    pub fn records(self, names: &[String]) -> Vec<Record> {
        match self {
            Self::Rows(rows) => rows.into_iter().map(|row| record(row, names)).collect(),
            Self::Batch(batch) => {
                let columns: Vec<Option<&Column>> = names.iter().map(|name| batch.frame.column(name).ok()).collect();
                let mut odd = batch.odd.iter().peekable();
                (0..batch.frame.height())
                    .map(|row| {
                        let whole = odd.next_if(|(at, _)| *at == row).map(|(_, document)| document);
                        let value = |name: &String, column: &Option<&Column>| match (whole, column) {
                            _ if name == "_id" => batch.ids.get(row).cloned(),
                            (Some(document), _) => document.get(name).cloned(),
                            (None, column) => {
                                column.and_then(|c| c.get(row).ok()).and_then(|v| crate::source::to_bson(&v))
                            }
                        };
                        let text = |value: Option<Bson>| {
                            value.map_or_else(String::new, |value| crate::export::text(&value).into_owned())
                        };
                        let values = names.iter().zip(&columns).map(|(n, c)| (n.clone(), text(value(n, c)))).collect();
                        Record::new(values)
                    })
                    .collect()
            }
        }
    }
}

fn record(row: Row, names: &[String]) -> Record {
    match row.cells {
        Ok(Cells::Positional(cells)) => Record::new(names.iter().cloned().zip(cells).collect()),
        Ok(Cells::Named(document)) => Record::from_document(&document),
        Err(_) => Record::default(),
    }
}

/// The columns of a file's rows, as far as its first rows tell them.
pub(super) fn columns(schema: &Schema, rows: &Rows, ahead: &[Row]) -> Vec<String> {
    let named =
        |document: &Document| Record::from_document(document).values.into_iter().map(|(name, _)| name).collect();
    match ahead.iter().find_map(|row| row.cells.as_ref().ok()) {
        // Objects name their own fields: the first one stands for all.
        Some(Cells::Named(first)) => named(first),
        _ if rows.is_self_describing() => schema.features.iter().map(|c| c.name.clone()).collect(),
        _ => rows.columns().to_vec(),
    }
}

/// An error of rows that have nothing to do with a model.
pub(super) fn foreign(name: &str, schema: &Schema, hint: &str) -> Error {
    Error::data(format!("{name}: no column is a feature of the model's schema {}", schema.name)).hint(hint)
}
