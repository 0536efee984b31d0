//! Documents into a file: the view that a filter, a sort and a choice of columns make of a collection, as CSV, JSON
//! lines or Parquet. In a memory that does not grow with the view; and the file is there whole or not at all.

mod columns;
mod writer;

pub use columns::text;

use crate::files::{Unfinished, there_already};
use crate::stop::Stop;
use crate::store::{DocumentStore, Filter, Namespace, Sort};
use crate::{Error, Result};
use bson::Document;
use columns::Survey;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use writer::Writer;

/// A format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A header and a line for each document.
    Csv,
    /// A JSON object (MongoDB's relaxed extended JSON) in each line.
    JsonLines,
    /// Typed columns.
    Parquet,
}

impl Format {
    /// The format that a file's ending names.
    ///
    /// # Errors
    /// When it names none.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        ending.to_ascii_lowercase().parse().map_err(|_: Error| {
            Error::user(format!("the ending of {} names no format", path.display()))
                .hint("end the name with .csv, .jsonl or .parquet, or name the format with --format")
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::JsonLines => "jsonl",
            Format::Parquet => "parquet",
        }
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "csv" => Ok(Format::Csv),
            "jsonl" | "ndjson" => Ok(Format::JsonLines),
            "parquet" => Ok(Format::Parquet),
            _ => Err(Error::user(format!("{text:?} is no format")).hint("csv, jsonl and parquet are known")),
        }
    }
}

/// What of a collection.
#[derive(Debug, Clone)]
pub struct View {
    /// The collection.
    pub namespace: Namespace,
    /// Which documents.
    pub filter: Filter,
    /// In which order; oldest first without one.
    pub sort: Vec<Sort>,
    /// Which fields, by name or path; without any, all that are there.
    pub columns: Vec<String>,
}

/// Where to.
#[derive(Debug, Clone)]
pub enum Target {
    /// A file; over one that is there only where `over` says so.
    File {
        /// Its path.
        path: PathBuf,
        /// Whether it may be there already.
        over: bool,
    },
    /// Standard output; not for Parquet.
    Standard,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Documents written so far; without a total, those that were looked through before the first is written.
    pub done: u64,
    /// Documents to be written.
    pub total: Option<u64>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Documents.
    pub rows: u64,
    /// Bytes, where it is a file.
    pub bytes: Option<u64>,
    /// The columns; none for JSON lines of whole documents.
    pub columns: Vec<String>,
}

/// Writes a view. A file appears under its name when it is whole; when this fails or is dropped, nothing is left of it.
///
/// # Errors
/// A file that is there already, a store or a disk that fails, `stop` when it is set, or a collection that got fields
/// while it was read.
pub async fn export(
    store: &dyn DocumentStore,
    view: &View,
    format: Format,
    target: &Target,
    stop: &Stop,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Exported> {
    let unfinished = match target {
        Target::File { path, over: false } if path.exists() => {
            return Err(there_already(path).hint("choose another name, or add --force"));
        }
        Target::File { path, .. } => Some(Unfinished::begin(path)?),
        Target::Standard if format == Format::Parquet => {
            return Err(Error::user("Parquet is not written to standard output").hint("name a file with --out"));
        }
        Target::Standard => None,
    };
    // A header comes before the first row: the fields must be known by then, and for Parquet their types.
    let survey = match format {
        Format::JsonLines => None,
        Format::Csv if !view.columns.is_empty() => None,
        _ => {
            let mut survey = Survey::new(&view.columns);
            let unsorted = View { sort: Vec::new(), ..view.clone() };
            let rows = |done| progress(Progress { done, total: None });
            let pieces = each_piece(store, &unsorted, stop, &rows, survey, |mut survey, documents| {
                documents.iter().for_each(|document| survey.add(document));
                (survey, Ok(()))
            });
            survey = pieces.await?;
            Some(survey)
        }
    };
    let total = match &survey {
        Some(survey) => survey.rows,
        None => store.count(&view.namespace, &view.filter).await?,
    };
    let (out, name): (Box<dyn std::io::Write + Send>, _) = match (&unfinished, target) {
        (Some(unfinished), Target::File { path, .. }) => (Box::new(unfinished.writer()?), path.display().to_string()),
        _ => (Box::new(std::io::stdout()), "standard output".to_owned()),
    };
    let writer = Writer::new(format, out, name, &view.columns, survey)?;
    let rows = |done| progress(Progress { done, total: Some(total) });
    let writer = each_piece(store, view, stop, &rows, writer, |mut writer: Writer, documents| {
        let written = writer.write(&documents);
        (writer, written)
    });
    let (rows, columns) = in_background(writer.await?, |mut writer| {
        let finished = writer.finish();
        (writer, finished)
    })
    .await
    .map(|writer| (writer.rows, writer.into_columns()))?;
    stop.check()?;
    let mut bytes = None;
    if let (Some(unfinished), Target::File { path, over }) = (unfinished, target) {
        unfinished.finish(*over)?;
        bytes = std::fs::metadata(path).ok().map(|meta| meta.len());
    }
    Ok(Exported { rows, bytes, columns })
}

/// Takes all documents of a view, piece by piece, through `take`, which owns `state` meanwhile: laying out and writing
/// must not hold up other tasks.
async fn each_piece<T: Send + 'static>(
    store: &dyn DocumentStore,
    view: &View,
    stop: &Stop,
    progress: &(dyn Fn(u64) + Send + Sync),
    mut state: T,
    take: impl Fn(T, Vec<Document>) -> (T, Result<()>) + Send + Copy + 'static,
) -> Result<T> {
    let mut pieces = store.documents(&view.namespace, &view.filter, &view.sort).await?;
    let mut done = 0;
    while let Some(documents) = pieces.recv().await {
        stop.check()?;
        let documents = documents?;
        done += documents.len() as u64;
        state = in_background(state, move |state| take(state, documents)).await?;
        progress(done);
    }
    Ok(state)
}

async fn in_background<T: Send + 'static>(
    state: T,
    work: impl FnOnce(T) -> (T, Result<()>) + Send + 'static,
) -> Result<T> {
    let (state, result) = tokio::task::spawn_blocking(move || work(state))
        .await
        .map_err(|e| Error::internal("the writer panicked").caused_by(e))?;
    result.map(|()| state)
}

#[cfg(test)]
mod tests;
