//! Rows from files: CSV, ARFF, Parquet, JSON lines; from a pipe; from the sample generator.

mod arff;
mod json;
mod parquet;
mod text;

pub(crate) use parquet::to_bson;

use crate::error::IoContext;
use crate::{Error, Result};
use bson::Document;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Longest line taken as one row. A longer one is refused, not read into memory.
pub const MAX_LINE: usize = 1 << 20;

/// The cells of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// In the order of [`Rows::columns`].
    Positional(Vec<String>),
    /// By name.
    Named(Document),
}

/// One row of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where it stood: line of a text file, row of a Parquet file, both from 1.
    pub line: u64,
    /// Its cells, or why it has none.
    pub cells: Result<Cells, String>,
    /// The text it was read from, shortened, where it has no cells.
    pub text: String,
}

impl Row {
    /// The row as text for people, shortened.
    pub fn excerpt(&self) -> String {
        let text = match &self.cells {
            Ok(Cells::Positional(cells)) => cells.join(","),
            Ok(Cells::Named(fields)) => fields.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" "),
            Err(_) => self.text.clone(),
        };
        shorten(&text)
    }
}

fn shorten(text: &str) -> String {
    const LIMIT: usize = 2_000;
    if text.chars().count() <= LIMIT { text.to_owned() } else { text.chars().take(LIMIT).chain(['…']).collect() }
}

/// A reader of one format.
trait Format: Send {
    /// The next row; none at the end.
    fn next_row(&mut self) -> Result<Option<Row>>;
}

/// A stream of rows.
pub struct Rows {
    name: String,
    source: String,
    columns: Vec<String>,
    self_describing: bool,
    format: Box<dyn Format>,
    read: Arc<AtomicU64>,
    size: Option<u64>,
    notes: Vec<String>,
}

impl Rows {
    /// Opens a file. Its ending names the format (`.csv`, `.arff`, `.parquet`, `.jsonl`, `.ndjson`, `.json`); without a
    /// known one its beginning does. `source` replaces the file's name as the rows' source.
    ///
    /// # Errors
    /// When the file is missing, a directory, empty, binary, or its header cannot be read.
    pub fn open(path: &Path, source: Option<&str>) -> Result<Self> {
        let name = path.display().to_string();
        let meta = std::fs::metadata(path).at("reading", path)?;
        if meta.is_dir() {
            return Err(Error::data(format!("{name} is a directory")).hint("name the files in it"));
        }
        let file = File::open(path).at("reading", path)?;
        let base = path.file_name().map_or_else(|| name.clone(), |n| n.to_string_lossy().into_owned());
        let source = source.map_or(base, str::to_owned);
        let ending = path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        if ending.as_deref() == Some("parquet") {
            return parquet::open(file, name, source);
        }
        let size = if meta.is_file() { Some(meta.len()) } else { None };
        Self::text(Box::new(file), name, source, ending.as_deref(), size)
    }

    /// Rows from a stream of text, for example standard input.
    ///
    /// # Errors
    /// When it is empty, binary, or its header cannot be read.
    pub fn from_reader(reader: Box<dyn Read + Send>, name: &str) -> Result<Self> {
        Self::text(reader, name.to_owned(), name.to_owned(), None, None)
    }

    fn text(
        reader: Box<dyn Read + Send>,
        name: String,
        source: String,
        ending: Option<&str>,
        size: Option<u64>,
    ) -> Result<Self> {
        let read = Arc::new(AtomicU64::new(0));
        let mut input = BufReader::with_capacity(1 << 16, Counted { inner: reader, read: Arc::clone(&read) });
        let unreadable = |e: std::io::Error| Error::data(format!("{name} cannot be read")).caused_by(e);
        let start = input.fill_buf().map_err(unreadable)?;
        if start.is_empty() {
            return Err(Error::data(format!("{name} is empty")).hint("it needs a header line and rows"));
        }
        if start.starts_with(b"PAR1") {
            return Err(Error::data(format!("{name} is a Parquet file")).hint("give it the ending .parquet"));
        }
        if start.contains(&0) {
            return Err(
                Error::data(format!("{name} is a binary file")).hint("CSV, ARFF, Parquet and JSON lines can be read")
            );
        }
        let first = start.iter().copied().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xef | 0xbb | 0xbf));
        let kind = match ending {
            Some("csv" | "tsv" | "txt") => "csv",
            Some("arff") => "arff",
            Some("jsonl" | "ndjson" | "json") => "json",
            _ => match first {
                Some(b'{' | b'[') => "json",
                Some(b'@' | b'%') => "arff",
                _ => "csv",
            },
        };
        let lines = text::Lines::new(input);
        let (columns, format): (Vec<String>, Box<dyn Format>) = match kind {
            "arff" => arff::open(lines, &name)?,
            "json" => (Vec::new(), json::open(lines, &name)?),
            _ => text::open_csv(lines, &name)?,
        };
        Ok(Self { name, source, columns, self_describing: kind == "json", format, read, size, notes: Vec::new() })
    }

    /// Rows made by a generator.
    pub(crate) fn generated(
        source: &str,
        columns: Vec<String>,
        rows: impl Iterator<Item = Vec<String>> + Send + 'static,
    ) -> Self {
        struct Generated<I>(I, u64);
        impl<I: Iterator<Item = Vec<String>> + Send> Format for Generated<I> {
            fn next_row(&mut self) -> Result<Option<Row>> {
                self.1 += 1;
                Ok(self.0.next().map(|cells| Row {
                    // The header is line 1 of the file that `sample` writes.
                    line: self.1 + 1,
                    cells: Ok(Cells::Positional(cells)),
                    text: String::new(),
                }))
            }
        }
        Self {
            name: source.to_owned(),
            source: source.to_owned(),
            columns,
            self_describing: false,
            format: Box::new(Generated(rows, 0)),
            read: Arc::default(),
            size: None,
            notes: Vec::new(),
        }
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name under which its rows are stored.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The columns, in order; empty when every row names its own.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What of the source is not read, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether every row names its own fields.
    pub fn is_self_describing(&self) -> bool {
        self.self_describing
    }

    /// Bytes read so far and in all, where the source has a size.
    pub fn bytes(&self) -> Option<(u64, u64)> {
        self.size.map(|size| (self.read.load(Ordering::Relaxed).min(size), size))
    }

    /// The next row; none at the end.
    ///
    /// # Errors
    /// When the source cannot be read further. A row that makes no sense is not an error but a row without cells.
    pub fn next_row(&mut self) -> Result<Option<Row>> {
        self.format.next_row()
    }

    /// The next rows, `limit` at most; none at the end.
    ///
    /// # Errors
    /// As [`Rows::next_row`].
    pub fn next_chunk(&mut self, limit: usize) -> Result<Vec<Row>> {
        let mut chunk = Vec::new();
        while chunk.len() < limit {
            match self.next_row()? {
                Some(row) => chunk.push(row),
                None => break,
            }
        }
        Ok(chunk)
    }
}

struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

#[cfg(test)]
mod tests;
