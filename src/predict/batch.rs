//! Scoring many rows: from a file, a pipe or a collection, in order, one answer for each row in.

use super::feed::{CHUNK, Feed, Piece, RowKey, columns, foreign};
use super::{LogEntry, Predictor, Record, append_log};
use crate::dataset::{Cells, Vectors};
use crate::error::IoContext;
use crate::schema::MISSING;
use crate::settings::Home;
use crate::source::Rows;
use crate::store::{DocumentStore, Namespace, Window};
use crate::typed::Typed;
use crate::{Error, Result};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The columns that are added to a row.
const ANSWERS: [&str; 3] = ["prediction", "verdict", "probability"];
/// Why a row is not scored that has nothing to be scored by.
const NO_FEATURE: &str = "no feature of the model's schema has a value in it";

/// A row that was scored, or why it was not.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoredRow {
    /// What it is known by.
    pub key: RowKey,
    /// The row.
    pub record: Record,
    /// What became of it.
    pub score: Score,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
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
pub struct Batch {
    predictor: Arc<Predictor>,
    feed: Feed,
    names: Vec<String>,
    /// Where predictions are logged.
    log: Option<Home>,
    summary: Summary,
    notes: Vec<String>,
}

/// Some rows, scored.
pub(super) struct Scored {
    pub piece: Piece,
    pub typed: Typed,
    pub scores: Vec<Score>,
    /// How long typing and scoring took.
    pub took: Duration,
}

impl Batch {
    /// Begins with the first row or the header. With `one_by_one` each row is answered as it comes, which is what a pipe
    /// wants; otherwise many are scored at once. Predictions are logged below a home, where one is given.
    ///
    /// # Errors
    /// When no column is a feature of the model's schema, or the rows cannot be read.
    pub fn open(predictor: &Arc<Predictor>, mut rows: Rows, one_by_one: bool, log: Option<&Home>) -> Result<Self> {
        let at_once = if one_by_one { 1 } else { CHUNK };
        let ahead = rows.next_chunk(if rows.is_self_describing() { at_once } else { 0 })?;
        let schema = &predictor.schema;
        let names = columns(schema, &rows, &ahead);
        if !names.iter().any(|c| schema.features.iter().any(|f| &f.name == c)) {
            return Err(foreign(rows.name(), schema, "the first line must be a header of column names"));
        }
        let notes = rows.notes().to_vec();
        Ok(Self::new(predictor, Feed::File { rows, ahead, at_once }, names, log, notes))
    }

    /// Begins to read the rows of a collection that were stored within a window. Its columns are the `_id` and those of
    /// the model's schema.
    ///
    /// # Errors
    /// When the collection is not there or cannot be read.
    pub async fn of_collection(
        predictor: &Arc<Predictor>,
        store: &dyn DocumentStore,
        namespace: &Namespace,
        window: Window,
        log: Option<&Home>,
    ) -> Result<Self> {
        let names: Vec<String> =
            std::iter::once("_id".to_owned()).chain(predictor.schema.columns().map(|c| c.name.clone())).collect();
        let batches = store.scan(namespace, &names, window).await?;
        let name = format!("{namespace}{}", window.suffix());
        Ok(Self::new(predictor, Feed::Collection { name, batches, rest: None }, names, log, Vec::new()))
    }

    fn new(predictor: &Arc<Predictor>, feed: Feed, names: Vec<String>, log: Option<&Home>, notes: Vec<String>) -> Self {
        Self { predictor: predictor.clone(), feed, names, log: log.cloned(), summary: Summary::default(), notes }
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
        let answer = match &row.score.outcome {
            Ok(p) => {
                let positive = *p >= self.predictor.threshold();
                [schema.target_value(positive).to_string(), schema.label(positive).to_owned(), p.to_string()]
            }
            Err(_) => [String::new(), NOT_SCORED.to_owned(), String::new()],
        };
        given.chain(answer).collect()
    }

    /// What became of the rows so far.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Bytes read so far and in all, where the source has a size.
    pub fn bytes(&self) -> Option<(u64, u64)> {
        match &self.feed {
            Feed::File { rows, .. } => rows.bytes(),
            Feed::Collection { .. } => None,
        }
    }

    /// What is to be said of the rows and of how they were read; none of it is said twice.
    pub fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Scores the next rows, and logs them; none at the end. Blocks: it is not to be called by a task.
    ///
    /// # Errors
    /// When the source cannot be read further, has no row at all, or the log cannot be written.
    pub fn next_rows(&mut self) -> Result<Option<Vec<ScoredRow>>> {
        let Some(Scored { piece, scores, took, .. }) = self.next_scored()? else { return Ok(None) };
        let latency = took / scores.len().max(1) as u32;
        let keys: Vec<RowKey> = (0..scores.len()).map(|row| piece.key(row)).collect();
        let rows: Vec<ScoredRow> = keys
            .into_iter()
            .zip(piece.records(&self.names))
            .zip(scores)
            .map(|((key, record), score)| ScoredRow { key, record, score })
            .collect();
        if let Some(home) = &self.log {
            let scored = rows.iter().filter_map(|row| row.score.outcome.as_ref().ok().map(|p| (row, *p)));
            let entries: Vec<LogEntry> =
                scored.map(|(row, p)| LogEntry::new(&self.predictor, &row.record, p, latency)).collect();
            append_log(home, &entries)?;
        }
        Ok(Some(rows))
    }

    /// Scores the next rows; none at the end.
    pub(super) fn next_scored(&mut self) -> Result<Option<Scored>> {
        let Some(mut piece) = self.feed.next()? else {
            return match self.summary.rows {
                0 => Err(self.nothing()),
                _ => Ok(None),
            };
        };
        self.notes.append(&mut piece.notes());
        let started = Instant::now();
        let schema = &self.predictor.schema;
        let typed = piece.typed(schema, &self.names);
        let features = schema.features.len();
        if let (Piece::Batch(_), 0, false) = (&piece, self.summary.rows, typed.is_empty())
            && (0..features).all(|f| typed.absent.contains(&f))
        {
            return Err(foreign(self.feed.name(), schema, "name another collection, or another model with --run RUN"));
        }
        let scores = self.predictor.score_typed(&typed);
        let took = started.elapsed();
        for score in &scores {
            self.summary.rows += 1;
            self.summary.out_of_domain += score.out_of_domain.len() as u64;
            match score.outcome {
                Ok(probability) => self.summary.positive += u64::from(probability >= self.predictor.threshold()),
                Err(_) => self.summary.not_scored += 1,
            }
        }
        Ok(Some(Scored { piece, typed, scores, took }))
    }

    fn nothing(&self) -> Error {
        match &self.feed {
            Feed::File { rows, .. } => Error::data(format!("{} has a header but no rows", rows.name())),
            Feed::Collection { name, .. } => Error::data(format!("{name} holds no row"))
                .hint("a window is in UTC, the end exclusive; without @FROM..TO all rows are taken"),
        }
    }
}

/// The verdict of a row that could not be scored.
pub(super) const NOT_SCORED: &str = "error";

impl Predictor {
    /// Scores typed rows.
    fn score_typed(&self, typed: &Typed) -> Vec<Score> {
        let vectors = Vectors::of_columns(typed.features.clone());
        let mut scores: Vec<Score> = self
            .score_vectors(&vectors)
            .into_iter()
            .map(|probability| Score { outcome: Ok(probability), out_of_domain: Vec::new() })
            .collect();
        for refused in &typed.refused {
            let score = &mut scores[refused.row];
            match refused.column {
                None => score.outcome = Err(refused.reason.clone()),
                // What the row says of the target is not asked.
                Some(column) if column >= self.schema.features.len() => {}
                Some(_) => score.out_of_domain.push(refused.text(&self.schema)),
            }
        }
        let mut known = vec![false; typed.len()];
        for cells in &typed.features {
            match cells {
                Cells::Levels(codes) => {
                    known.iter_mut().zip(codes).for_each(|(known, code)| *known |= *code != MISSING);
                }
                Cells::Numbers(numbers) => {
                    known.iter_mut().zip(numbers).for_each(|(known, number)| *known |= !number.is_nan());
                }
            }
        }
        for (score, known) in scores.iter_mut().zip(known) {
            // Filling in all of it would be no prediction.
            if !known && score.out_of_domain.is_empty() && score.outcome.is_ok() {
                score.outcome = Err(NO_FEATURE.to_owned());
            }
        }
        scores
    }
}

/// Scores a file into a CSV file, which is written beside itself and renamed. `step` is told after each part what became
/// of the rows, and the bytes read so far and in all; an error of it ends the batch, and no file is left.
///
/// # Errors
/// What `step` returns; an output that is there already; an input that cannot be read, or a disk that refuses the output.
pub fn to_file(
    predictor: &Arc<Predictor>,
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
