//! Rows typed column by column: the values and the reasons that [`Schema::parse_bson`] gives cell by cell, at the speed
//! of columns.

use crate::dataset::{Cells, Vectors};
use crate::schema::{Column, MISSING, Scalar, Schema, Value};
use crate::source::{self, to_bson};
use crate::store::Batch;
use bson::Bson;
use polars::prelude::{Column as Series, DataType};
use rayon::prelude::*;
use std::collections::HashMap;

/// Texts of a column whose meaning is remembered.
const REMEMBERED: usize = 4_096;

/// A cell that the schema refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The row.
    pub row: usize,
    /// The column: a feature by its position, the target behind them; none when the whole row makes no sense.
    pub column: Option<usize>,
    /// Why, without the column's name.
    pub reason: String,
}

impl Refused {
    /// The reason with the column's name before it.
    pub fn text(&self, schema: &Schema) -> String {
        match self.column.and_then(|at| schema.columns().nth(at)) {
            Some(column) => format!("{}: {}", column.name, self.reason),
            None => self.reason.clone(),
        }
    }
}

/// Some rows, typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    /// The features in schema order. A refused cell is missing here.
    pub features: Vec<Cells>,
    /// The label of each row: 0 negative, 1 positive, [`MISSING`] where there is none.
    pub label: Vec<u8>,
    /// The refused cells, by row, then by column.
    pub refused: Vec<Refused>,
    /// Columns that no row has, by position, the target behind the features.
    pub absent: Vec<usize>,
    /// Where each row stood in its file, as [`source::Row`] has it; empty for rows of a collection.
    pub lines: Vec<u64>,
}

/// The cells of a column, and what is refused of them.
type Parsed = (Cells, Vec<(usize, String)>);

impl Typed {
    /// Types a piece of a collection.
    pub fn of_batch(schema: &Schema, batch: &Batch) -> Self {
        let odd = &batch.odd;
        let each = |column: &Column| -> (Parsed, bool) {
            let series = batch.frame.column(&column.name).ok();
            let (mut cells, mut refused) = match series {
                Some(series) => parse_series(schema, column, series),
                None => (missing(column, batch.frame.height()), Vec::new()),
            };
            let mut seen = series.is_some();
            if !odd.is_empty() {
                refused.retain(|(row, _)| odd.binary_search_by_key(row, |(odd, _)| *odd).is_err());
                for (row, document) in odd {
                    let value = document.get(&column.name);
                    seen |= value.is_some();
                    match schema.parse_bson(column, value.unwrap_or(&Bson::Null)) {
                        Ok(value) => cells.set(*row, value),
                        Err(reason) => {
                            cells.set(*row, Value::Missing);
                            refused.push((*row, reason));
                        }
                    }
                }
            }
            ((cells, refused), seen)
        };
        let columns: Vec<&Column> = schema.columns().collect();
        let parsed: Vec<(Parsed, bool)> = columns.into_par_iter().map(each).collect();
        let absent = parsed.iter().enumerate().filter(|(_, (_, seen))| !seen).map(|(at, _)| at).collect();
        let mut typed = Self::from_columns(parsed.into_iter().map(|(parsed, _)| parsed).collect());
        typed.absent = absent;
        typed
    }

    /// Types rows of a file, given the file's column names.
    pub fn of_rows(schema: &Schema, names: &[String], rows: &[source::Row]) -> Self {
        let columns: Vec<&Column> = schema.columns().collect();
        let parsed: Vec<Parsed> = columns
            .into_par_iter()
            .map(|column| {
                let at = names.iter().position(|name| *name == column.name);
                let mut cells = Cells::of(column);
                let mut refused = Vec::new();
                for (row, own) in rows.iter().enumerate() {
                    let value = match &own.cells {
                        Ok(source::Cells::Positional(texts)) => match at.and_then(|at| texts.get(at)) {
                            Some(text) => schema.parse_cell(column, text),
                            None => Ok(Value::Missing),
                        },
                        Ok(source::Cells::Named(fields)) => match fields.get(&column.name) {
                            Some(value) => schema.parse_bson(column, value),
                            None => Ok(Value::Missing),
                        },
                        Err(_) => Ok(Value::Missing),
                    };
                    cells.push(*value.as_ref().unwrap_or(&Value::Missing));
                    refused.extend(value.err().map(|reason| (row, reason)));
                }
                (cells, refused)
            })
            .collect();
        let mut typed = Self { lines: rows.iter().map(|row| row.line).collect(), ..Self::from_columns(parsed) };
        for (row, own) in rows.iter().enumerate() {
            if let Err(reason) = &own.cells {
                typed.refused.push(Refused { row, column: None, reason: reason.clone() });
            }
        }
        typed.refused.sort_by_key(|refused| (refused.row, refused.column));
        let named = rows.iter().any(|row| matches!(row.cells, Ok(source::Cells::Named(_))));
        let has = |column: &Column| {
            names.contains(&column.name)
                || rows.iter().any(
                    |row| matches!(&row.cells, Ok(source::Cells::Named(fields)) if fields.contains_key(&column.name)),
                )
        };
        if !names.is_empty() || named {
            typed.absent = schema.columns().enumerate().filter(|(_, column)| !has(column)).map(|(at, _)| at).collect();
        }
        typed
    }

    /// The observed rows of distinct vectors: each as often as it was seen, with its label.
    pub fn of_vectors(vectors: &Vectors) -> Self {
        let mut rows = Vec::new();
        let mut label = Vec::new();
        for (at, counts) in vectors.counts.iter().enumerate() {
            for (value, n) in counts.iter().enumerate() {
                rows.extend(std::iter::repeat_n(at, *n as usize));
                label.extend(std::iter::repeat_n(value as u8, *n as usize));
            }
        }
        let features = vectors.columns.iter().map(|cells| cells.take(&rows)).collect();
        Self { features, label, refused: Vec::new(), absent: Vec::new(), lines: Vec::new() }
    }

    fn from_columns(mut parsed: Vec<Parsed>) -> Self {
        let mut refused: Vec<Refused> = Vec::new();
        for (at, (_, own)) in parsed.iter_mut().enumerate() {
            refused.extend(own.drain(..).map(|(row, reason)| Refused { row, column: Some(at), reason }));
        }
        refused.sort_by_key(|refused| (refused.row, refused.column));
        let label = match parsed.pop() {
            Some((Cells::Levels(codes), _)) => codes,
            // A schema's target has levels.
            Some((Cells::Numbers(numbers), _)) => vec![MISSING; numbers.len()],
            None => Vec::new(),
        };
        Self {
            features: parsed.into_iter().map(|(cells, _)| cells).collect(),
            label,
            refused,
            absent: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Number of rows, with the refused ones.
    pub fn len(&self) -> usize {
        self.label.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.label.is_empty()
    }

    /// The features of a row.
    pub fn row(&self, row: usize) -> Vec<Value> {
        self.features.iter().map(|cells| cells.get(row)).collect()
    }

    /// For each row, whether the schema takes it.
    pub fn accepted(&self) -> Vec<bool> {
        let mut accepted = vec![true; self.len()];
        for refused in &self.refused {
            accepted[refused.row] = false;
        }
        accepted
    }
}

fn missing(column: &Column, rows: usize) -> Cells {
    match Cells::of(column) {
        Cells::Levels(_) => Cells::Levels(vec![MISSING; rows]),
        Cells::Numbers(_) => Cells::Numbers(vec![f64::NAN; rows]),
    }
}

/// Collects the cells of a column.
struct Collect {
    cells: Cells,
    refused: Vec<(usize, String)>,
    row: usize,
}

impl Collect {
    fn push(&mut self, value: Result<Value, String>) {
        match value {
            Ok(value) => self.cells.push(value),
            Err(reason) => {
                self.cells.push(Value::Missing);
                self.refused.push((self.row, reason));
            }
        }
        self.row += 1;
    }
}

/// Types a column of a frame: its cells, a refused one missing, and the refused ones by row.
pub(crate) fn parse_series(schema: &Schema, column: &Column, series: &Series) -> Parsed {
    let mut collect = Collect { cells: Cells::of(column), refused: Vec::new(), row: 0 };
    let series = series.as_materialized_series();
    match series.dtype() {
        DataType::Int64 if column.is_categorical() => {
            if let Ok(values) = series.i64() {
                let small = small_levels(column);
                for value in values.iter() {
                    let known = value.and_then(|v| small.get(usize::try_from(v.checked_add(128)?).ok()?).copied());
                    collect.push(match (value, known) {
                        (None, _) => Ok(Value::Missing),
                        (_, Some(code)) if code != MISSING => Ok(Value::Level(code)),
                        (Some(v), _) => column.place(&Scalar::Int(v)),
                    });
                }
            }
        }
        DataType::Int64 => {
            if let Ok(values) = series.i64() {
                values.iter().for_each(|v| {
                    collect.push(v.map_or(Ok(Value::Missing), |v| column.place(&Scalar::Int(v))));
                });
            }
        }
        DataType::Float64 => {
            if let Ok(values) = series.f64() {
                values.iter().for_each(|v| {
                    let value = v.filter(|v| !v.is_nan());
                    collect.push(value.map_or(Ok(Value::Missing), |v| column.place(&Scalar::Float(v))));
                });
            }
        }
        DataType::Boolean => {
            if let Ok(values) = series.bool() {
                values.iter().for_each(|v| {
                    collect.push(v.map_or(Ok(Value::Missing), |v| column.place(&Scalar::Bool(v))));
                });
            }
        }
        DataType::String => {
            if let Ok(values) = series.str() {
                let mut known: HashMap<&str, Result<Value, String>> = HashMap::new();
                for text in values.iter() {
                    let Some(text) = text else {
                        collect.push(Ok(Value::Missing));
                        continue;
                    };
                    if known.len() < REMEMBERED {
                        let value = known.entry(text).or_insert_with(|| schema.parse_cell(column, text));
                        collect.push(value.clone());
                    } else {
                        collect.push(known.get(text).cloned().unwrap_or_else(|| schema.parse_cell(column, text)));
                    }
                }
            }
        }
        _ => {
            for row in 0..series.len() {
                let value = series.get(row).ok().and_then(|v| to_bson(&v)).unwrap_or(Bson::Null);
                collect.push(schema.parse_bson(column, &value));
            }
        }
    }
    (collect.cells, collect.refused)
}

/// The codes of the whole numbers from -128 to 127; [`MISSING`] where a number is no level.
fn small_levels(column: &Column) -> Vec<u8> {
    (-128..128)
        .map(|v| match column.place(&Scalar::Int(v)) {
            Ok(Value::Level(code)) => code,
            _ => MISSING,
        })
        .collect()
}

#[cfg(test)]
mod tests;
