//! Scoring many rows: from a file or a pipe, in order, one answer for each row in.

use super::{LogEntry, Predictor, Record, append_log};
use crate::error::IoContext;
use crate::schema::Value;
use crate::settings::Home;
use crate::source::{Cells, Row, Rows};
use crate::{Error, Result};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// The columns that are added to a row.
const ANSWERS: [&str; 3] = ["prediction", "verdict", "probability"];
/// Rows scored at once from a file.
const CHUNK: usize = 4_096;

/// A row that was scored, or why it was not.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredRow {
    /// Where it stood: line of a text file, row of a Parquet file, both from 1.
    pub line: u64,
    /// The row.
    pub record: Record,
    /// Probability of the positive class, or why there is none.
    pub outcome: Result<f64, String>,
    /// Values that were taken as missing, and why.
    pub out_of_domain: Vec<String>,
}

/// What became of the rows so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Rows read.
    pub rows: u64,
    /// Those called positive.
    pub positive: u64,
    /// Those that could not be scored.
    pub not_scored: u64,
    /// Values that were taken as missing, as the schema does not allow them.
    pub out_of_domain: u64,
}

/// Rows on their way through a model.
pub struct Batch<'a> {
    predictor: &'a Predictor,
    rows: Rows,
    names: Vec<String>,
    chunk: Vec<Row>,
    size: usize,
    /// Where predictions are logged.
    log: Option<&'a Home>,
    summary: Summary,
}

impl<'a> Batch<'a> {
    /// Begins with the first row or the header. With `one_by_one` each row is answered as it comes, which is what a pipe
    /// wants; otherwise many are scored at once. Predictions are logged below a home, where one is given.
    ///
    /// # Errors
    /// When no column is a feature of the model's schema, or the rows cannot be read.
    pub fn open(predictor: &'a Predictor, mut rows: Rows, one_by_one: bool, log: Option<&'a Home>) -> Result<Self> {
        let size = if one_by_one { 1 } else { CHUNK };
        let chunk = rows.next_chunk(if rows.is_self_describing() { size } else { 0 })?;
        let names: Vec<String> = match chunk.iter().find_map(|row| row.cells.as_ref().ok()) {
            // Objects name their own fields: the first one stands for all.
            Some(Cells::Named(first)) => {
                Record::from_document(first).values.into_iter().map(|(name, _)| name).collect()
            }
            _ if rows.is_self_describing() => predictor.schema.features.iter().map(|c| c.name.clone()).collect(),
            _ => rows.columns().to_vec(),
        };
        if !names.iter().any(|c| predictor.schema.features.iter().any(|f| &f.name == c)) {
            return Err(Error::data(format!(
                "{}: no column is a feature of the model's schema {}",
                rows.name(),
                predictor.schema.name
            ))
            .hint("the first line must be a header of column names"));
        }
        Ok(Self { predictor, rows, names, chunk, size, log, summary: Summary::default() })
    }

    /// The columns of the rows and of the answers. Rows that were scored before get new answers, not a second set of
    /// columns.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        self.columns().chain(ANSWERS)
    }

    fn columns(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str).filter(|name| !ANSWERS.contains(name))
    }

    /// The cells of a row, in the order of [`Batch::header`].
    pub fn cells(&self, row: &ScoredRow) -> Vec<String> {
        let given = self.columns().map(|c| row.record.get(c).unwrap_or_default().to_owned());
        let schema = &self.predictor.schema;
        let answer = match &row.outcome {
            Ok(p) => {
                let positive = *p >= self.predictor.threshold();
                [schema.target_value(positive).to_string(), schema.label(positive).to_owned(), p.to_string()]
            }
            Err(_) => [String::new(), "error".to_owned(), String::new()],
        };
        given.chain(answer).collect()
    }

    /// What became of the rows so far.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Bytes read so far and in all, where the source has a size.
    pub fn bytes(&self) -> Option<(u64, u64)> {
        self.rows.bytes()
    }

    /// Scores the next rows, and logs them; none at the end.
    ///
    /// # Errors
    /// When the source cannot be read further, has no row at all, or the log cannot be written.
    pub fn next_rows(&mut self) -> Result<Option<Vec<ScoredRow>>> {
        if self.chunk.is_empty() {
            self.chunk = self.rows.next_chunk(self.size)?;
        }
        if self.chunk.is_empty() {
            return match self.summary.rows {
                0 => Err(Error::data(format!("{} has a header but no rows", self.rows.name()))),
                _ => Ok(None),
            };
        }
        let started = Instant::now();
        let chunk = std::mem::take(&mut self.chunk);
        let scored = score(self.predictor, chunk, &self.names);
        let latency = started.elapsed() / scored.len() as u32;
        let mut entries = Vec::new();
        for row in &scored {
            self.summary.rows += 1;
            self.summary.out_of_domain += row.out_of_domain.len() as u64;
            match &row.outcome {
                Ok(probability) => {
                    self.summary.positive += u64::from(*probability >= self.predictor.threshold());
                    entries.push(LogEntry::new(self.predictor, &row.record, *probability, latency));
                }
                Err(_) => self.summary.not_scored += 1,
            }
        }
        if let Some(home) = self.log {
            append_log(home, &entries)?;
        }
        Ok(Some(scored))
    }
}

fn score(predictor: &Predictor, chunk: Vec<Row>, names: &[String]) -> Vec<ScoredRow> {
    let mut scored = Vec::with_capacity(chunk.len());
    let mut typed: Vec<Vec<Value>> = Vec::with_capacity(chunk.len());
    for row in chunk {
        let record = match row.cells {
            Ok(Cells::Positional(cells)) => Ok(Record::new(names.iter().cloned().zip(cells).collect())),
            Ok(Cells::Named(document)) => Ok(Record::from_document(&document)),
            Err(reason) => Err(reason),
        };
        let (record, outcome) = match record {
            Ok(record) => (record, Ok(0.0)),
            Err(reason) => (Record::default(), Err(reason)),
        };
        let mut out_of_domain = Vec::new();
        if outcome.is_ok() {
            typed.push(predictor.values(&record, &mut out_of_domain));
        }
        scored.push(ScoredRow { line: row.line, record, outcome, out_of_domain });
    }
    let probabilities = predictor.score_rows(&typed);
    for (row, probability) in scored.iter_mut().filter(|s| s.outcome.is_ok()).zip(probabilities) {
        row.outcome = Ok(probability);
    }
    scored
}

/// Scores a file into a CSV file, which is written beside itself and renamed. `step` is told after each part what became
/// of the rows, and the bytes read so far and in all; an error of it ends the batch, and no file is left.
///
/// # Errors
/// What `step` returns; an output that is there already; an input that cannot be read, or a disk that refuses the output.
pub fn to_file(
    predictor: &Predictor,
    input: &Path,
    output: &Path,
    log: Option<&Home>,
    step: &dyn Fn(Summary, Option<(u64, u64)>) -> Result<()>,
) -> Result<Summary> {
    if output.exists() {
        return Err(crate::files::there_already(output));
    }
    let mut batch = Batch::open(predictor, Rows::open(input, None)?, false, log)?;
    crate::files::create(output, |file| {
        let mut out = csv::Writer::from_writer(std::io::BufWriter::new(file));
        out.write_record(batch.header()).map_err(|e| unwritable(e, output))?;
        while let Some(rows) = batch.next_rows()? {
            for row in &rows {
                out.write_record(batch.cells(row)).map_err(|e| unwritable(e, output))?;
            }
            step(batch.summary(), batch.bytes())?;
        }
        let mut inner = out.into_inner().map_err(|e| Error::io("writing", output, e.into_error()))?;
        inner.flush().at("writing", output)
    })?;
    Ok(batch.summary())
}

fn unwritable(error: csv::Error, path: &Path) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(e) => Error::io("writing", path, e),
        other => Error::internal(format!("a row cannot be written as CSV: {other:?}")),
    }
}
