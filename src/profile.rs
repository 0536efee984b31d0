//! What the rows of a collection, a file or a run look like: distributions, missing cells, repeated vectors. Gathered
//! in one pass, in memory that does not grow with the rows.

mod distinct;

use distinct::Distinct;

use crate::dataset::{Cells, VectorHash, Vectors};
use crate::random::Stream;
use crate::schema::{Column, MISSING, Schema, Value};
use crate::typed::Typed;
use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows that are kept as they are: from them come the distributions of numbers and the predictions. More rows than
/// these are a random sample of all.
pub const KEPT: usize = 50_000;
/// Refused rows that are kept with their reason.
pub const REFUSED_KEPT: usize = 1_000;
/// Different reasons that are counted one by one.
const REASONS: usize = 50;

/// Where the values of a numeric column lie.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Numbers {
    /// How many there are.
    pub count: u64,
    /// The smallest one.
    pub low: f64,
    /// The largest one.
    pub high: f64,
}

impl Numbers {
    fn add(&mut self, value: f64) {
        self.count += 1;
        if self.count == 1 {
            (self.low, self.high) = (value, value);
        }
        self.low = self.low.min(value);
        self.high = self.high.max(value);
    }
}

/// The values of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Of a categorical one: rows by level, in the order of the schema.
    Levels(Vec<u64>),
    /// Of a numeric one.
    Numbers(Numbers),
}

/// One column over the accepted rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Rows without a value.
    pub missing: u64,
    /// Cells that the schema refuses, over all rows.
    pub refused: u64,
    /// Whether any row had the column at all.
    pub present: bool,
    /// What is there.
    pub values: Values,
}

impl ColumnProfile {
    /// Of no row yet.
    pub(crate) fn new(column: &Column) -> Self {
        let values = if column.is_categorical() {
            Values::Levels(vec![0; column.levels().len()])
        } else {
            Values::Numbers(Numbers::default())
        };
        Self { missing: 0, refused: 0, present: false, values }
    }

    /// Number of rows with a value.
    pub fn known(&self) -> u64 {
        match &self.values {
            Values::Levels(levels) => levels.iter().sum(),
            Values::Numbers(numbers) => numbers.count,
        }
    }

    /// Whether all values are the same one.
    pub fn is_constant(&self) -> bool {
        match &self.values {
            Values::Levels(levels) => levels.iter().filter(|n| **n > 0).count() == 1,
            Values::Numbers(numbers) => numbers.count > 0 && numbers.low == numbers.high,
        }
    }

    /// Counts a value of so many rows.
    pub(crate) fn count(&mut self, value: Value, rows: u64) {
        match (&mut self.values, value) {
            (Values::Levels(levels), Value::Level(code)) => levels[usize::from(code)] += rows,
            (Values::Numbers(numbers), Value::Number(value)) if rows > 0 => {
                numbers.add(value);
                numbers.count += rows - 1;
            }
            (_, Value::Missing) => self.missing += rows,
            // A value is of its column.
            _ => {}
        }
    }

    fn add(&mut self, cells: &Cells, accepted: &[bool]) {
        match (&mut self.values, cells) {
            (Values::Levels(levels), Cells::Levels(codes)) => {
                let mut counts = [0u64; 256];
                for (code, accepted) in codes.iter().zip(accepted) {
                    counts[usize::from(*code)] += u64::from(*accepted);
                }
                levels.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
                self.missing += counts[usize::from(MISSING)];
            }
            (Values::Numbers(numbers), Cells::Numbers(values)) => {
                for value in values.iter().zip(accepted).filter(|(_, accepted)| **accepted).map(|(value, _)| *value) {
                    if value.is_nan() { self.missing += 1 } else { numbers.add(value) }
                }
            }
            // Both were made from the same schema.
            _ => {}
        }
    }
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// Its line in a text file; elsewhere its place among all rows, from 1.
    pub row: u64,
    /// Why.
    pub reason: String,
}

/// Rows as a whole, in numbers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// The features in schema order, then the target. Distributions are those of the accepted rows.
    pub columns: Vec<ColumnProfile>,
    /// Rows read.
    pub rows: u64,
    /// Rows that the schema refuses; the others are accepted.
    pub refused: u64,
    /// The refusals by reason; the first ones that were met, and the rest together.
    pub reasons: BTreeMap<String, u64>,
    /// The first refused rows.
    pub refused_rows: Vec<RefusedRow>,
    /// Distinct feature vectors among the accepted rows.
    pub vectors: u64,
    /// Those that were seen with both labels.
    pub conflicting: u64,
    /// Whether these two are exact. Estimates are off by a few thousandths.
    pub exact: bool,
    /// Names the content: the same accepted rows, in any order, give the same text.
    pub content: String,
    /// When the first and the last row were stored, where that is known.
    #[serde(skip)]
    pub stored: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Columns that the schema does not know, as far as they were seen.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// What should be known of how the rows were read, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Summary {
    /// Rows that the schema takes.
    pub fn accepted(&self) -> u64 {
        self.rows - self.refused
    }

    /// Accepted rows by label: negative, positive.
    pub fn labels(&self) -> [u64; 2] {
        match self.columns.last().map(|target| &target.values) {
            Some(Values::Levels(levels)) => [levels[0], levels[1]],
            _ => [0, 0],
        }
    }

    /// Accepted rows with a label.
    pub fn labelled(&self) -> u64 {
        self.labels().iter().sum()
    }
}

/// Rows as a whole: numbers, and some of the rows themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The numbers.
    pub summary: Summary,
    /// Accepted rows, all of them or a random sample of [`KEPT`]; not collapsed, not hashed.
    pub kept: Vectors,
    /// Their labels; [`MISSING`] where there is none.
    pub labels: Vec<u8>,
}

impl Profile {
    /// Of the rows behind distinct vectors.
    pub fn of_vectors(schema: &Schema, vectors: &Vectors) -> Self {
        let mut profiler = Profiler::new(schema);
        profiler.add(&Typed::of_vectors(vectors));
        profiler.finish()
    }

    /// Whether the rows kept are a sample.
    pub fn is_sampled(&self) -> bool {
        self.summary.accepted() > self.labels.len() as u64
    }

    /// The values of a numeric feature among the rows kept, sorted; empty for a categorical one.
    pub fn numbers(&self, feature: usize) -> Vec<f64> {
        let Some(Cells::Numbers(values)) = self.kept.columns.get(feature) else { return Vec::new() };
        let mut values: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

/// Makes a profile, piece by piece.
#[derive(Debug)]
pub struct Profiler<'a> {
    schema: &'a Schema,
    profile: Profile,
    distinct: Distinct,
    content: u128,
    accepted: usize,
    stream: Stream,
}

impl<'a> Profiler<'a> {
    /// Of no row yet.
    pub fn new(schema: &'a Schema) -> Self {
        let summary = Summary { columns: schema.columns().map(ColumnProfile::new).collect(), ..Summary::default() };
        Self {
            schema,
            profile: Profile { summary, kept: Vectors::empty(schema), labels: Vec::new() },
            distinct: Distinct::default(),
            content: 0,
            accepted: 0,
            stream: Stream::new(0, &["profile"]),
        }
    }

    /// Adds rows.
    pub fn add(&mut self, rows: &Typed) {
        let accepted = rows.accepted();
        let target = Cells::Levels(rows.label.clone());
        let cells: Vec<&Cells> = rows.features.iter().chain(std::iter::once(&target)).collect();
        let summary = &mut self.profile.summary;
        summary.columns.par_iter_mut().zip(cells).for_each(|(own, cells)| own.add(cells, &accepted));
        if !rows.is_empty() {
            for (at, column) in summary.columns.iter_mut().enumerate() {
                column.present |= !rows.absent.contains(&at);
            }
        }
        self.refuse(rows);
        self.profile.summary.rows += rows.len() as u64;
        let hashes: Vec<u128> =
            (0..rows.len()).into_par_iter().with_min_len(1 << 12).map(|row| hash(rows, row)).collect();
        for row in (0..rows.len()).filter(|row| accepted[*row]) {
            let (vector, label) = (hashes[row], rows.label[row]);
            self.distinct.add(vector, label);
            // A sum, as the order of rows does not matter.
            self.content = self.content.wrapping_add(vector.rotate_left(1 + u32::from(label.min(2))));
            self.keep(rows, row);
        }
    }

    /// Takes note of when rows were stored.
    pub fn note_time(&mut self, first: DateTime<Utc>, last: DateTime<Utc>) {
        let stored = &mut self.profile.summary.stored;
        *stored = Some(stored.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
    }

    /// The profile of the rows so far.
    pub fn finish(mut self) -> Profile {
        let summary = &mut self.profile.summary;
        summary.exact = self.distinct.is_exact();
        summary.vectors = self.distinct.vectors().min(summary.accepted());
        summary.conflicting = self.distinct.conflicting();
        summary.content = format!("{:032x}", self.content);
        self.profile
    }

    fn refuse(&mut self, rows: &Typed) {
        let summary = &mut self.profile.summary;
        let mut last = None;
        for cell in &rows.refused {
            if let Some(column) = cell.column {
                summary.columns[column].refused += 1;
            }
            // A row is refused once, for the first of its cells.
            if last.replace(cell.row) == Some(cell.row) {
                continue;
            }
            summary.refused += 1;
            let reason = cell.text(self.schema);
            let known = summary.reasons.contains_key(&reason) || summary.reasons.len() < REASONS;
            let counted = if known { reason.clone() } else { "other reasons".to_owned() };
            *summary.reasons.entry(counted).or_default() += 1;
            if summary.refused_rows.len() < REFUSED_KEPT {
                let row = rows.lines.get(cell.row).copied().unwrap_or(summary.rows + cell.row as u64 + 1);
                summary.refused_rows.push(RefusedRow { row, reason });
            }
        }
    }

    /// Keeps a row, so that each of the rows so far is kept with the same chance (Vitter 1985, algorithm R).
    fn keep(&mut self, rows: &Typed, row: usize) {
        self.accepted += 1;
        let Profile { kept, labels, .. } = &mut self.profile;
        if labels.len() < KEPT {
            labels.push(rows.label[row]);
            kept.hash.push(VectorHash::default());
            kept.counts.push([0, 0]);
            kept.columns.iter_mut().zip(&rows.features).for_each(|(own, cells)| own.push(cells.get(row)));
            return;
        }
        let at = self.stream.below(self.accepted);
        if at < KEPT {
            labels[at] = rows.label[row];
            kept.columns.iter_mut().zip(&rows.features).for_each(|(own, cells)| own.set(at, cells.get(row)));
        }
    }
}

/// A hash of a row's feature values; the same across pieces of one schema.
fn hash(rows: &Typed, row: usize) -> u128 {
    let mut bytes = Vec::with_capacity(rows.features.len() * 2);
    for cells in &rows.features {
        match cells {
            Cells::Levels(codes) => bytes.push(codes[row]),
            // One zero, one way to be missing.
            Cells::Numbers(values) if values[row].is_nan() => bytes.extend(u64::MAX.to_le_bytes()),
            Cells::Numbers(values) => bytes.extend((values[row] + 0.0).to_bits().to_le_bytes()),
        }
    }
    xxhash_rust::xxh3::xxh3_128(&bytes)
}

#[cfg(test)]
mod tests;
