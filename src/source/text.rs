//! Lines with a bounded length, and CSV on top of them.

use super::{Cells, Counted, Format, MAX_LINE, Row};
use crate::{Error, Result};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};

/// Most lines that a row with line breaks in its cells may take.
const MAX_LINES: usize = 64;

fn quotes_match(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'"').count() % 2 == 0
}

/// A line of text, or why it is none.
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) text: Result<String, String>,
}

/// Reads lines; one that is too long is skipped to its end without being kept.
pub(super) struct Lines {
    input: BufReader<Counted>,
    number: u64,
    /// Lines that were looked at ahead and belong to later rows.
    ahead: VecDeque<Line>,
}

impl Lines {
    pub(super) fn new(input: BufReader<Counted>) -> Self {
        Self { input, number: 0, ahead: VecDeque::new() }
    }

    pub(super) fn next_line(&mut self, name: &str) -> Result<Option<Line>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        self.read_line(name)
    }

    /// The text of a row that begins with `first`, where a quote is still open: with as many of the next lines as it
    /// takes to close it. None when that does not make `columns` values; then those lines stand for themselves.
    fn close_quotes(&mut self, name: &str, first: &str, columns: usize, delimiter: u8) -> Result<Option<String>> {
        let mut text = first.to_owned();
        let mut taken = Vec::new();
        while taken.len() < MAX_LINES {
            let Some(line) = self.next_line(name)? else { break };
            let piece = line.text.as_ref().ok().filter(|piece| text.len() + piece.len() < MAX_LINE).cloned();
            taken.push(line);
            let Some(piece) = piece else { break };
            text.push('\n');
            text.push_str(&piece);
            if quotes_match(&text) {
                if split(&text, delimiter, b'"').is_ok_and(|cells| cells.len() == columns) {
                    return Ok(Some(text));
                }
                break;
            }
        }
        for line in taken.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Ok(None)
    }

    fn read_line(&mut self, name: &str) -> Result<Option<Line>> {
        let mut bytes = Vec::new();
        let mut long = false;
        let mut ended = false;
        let mut any = false;
        while !ended {
            let buffer = self.input.fill_buf().map_err(|e| {
                Error::data(format!("{name}, after line {}: cannot be read", self.number))
                    .hint("what was stored before stays; repeat the command when the file is readable again")
                    .caused_by(e)
            })?;
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = buffer.iter().position(|b| *b == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            if bytes.len() + piece.len() <= MAX_LINE {
                bytes.extend_from_slice(piece);
            } else {
                long = true;
            }
            let used = end.map_or(buffer.len(), |e| e + 1);
            ended = end.is_some();
            self.input.consume(used);
        }
        if !any {
            return Ok(None);
        }
        self.number += 1;
        let text = if long {
            Err(format!("the line is longer than {} KiB", MAX_LINE >> 10))
        } else {
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
            match String::from_utf8(bytes) {
                Ok(text) if text.contains('\0') => Err("the line holds a NUL byte".to_owned()),
                Ok(text) if self.number == 1 => Ok(text.trim_start_matches('\u{feff}').to_owned()),
                Ok(text) => Ok(text),
                Err(e) => Err(format!("byte {} of the line is not valid UTF-8", e.utf8_error().valid_up_to() + 1)),
            }
        };
        Ok(Some(Line { number: self.number, text }))
    }
}

/// Splits one line of comma-separated values; quotes as in RFC 4180, with `'` as well for ARFF.
pub(super) fn split(line: &str, delimiter: u8, quote: u8) -> Result<Vec<String>, String> {
    // Fast and by far the most common: no quotes.
    if !line.as_bytes().contains(&quote) {
        return Ok(line.split(delimiter as char).map(str::to_owned).collect());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .delimiter(delimiter)
        .quote(quote)
        .flexible(true)
        .from_reader(line.as_bytes());
    let mut records = reader.records();
    match (records.next(), records.next()) {
        (Some(Ok(record)), None) => Ok(record.iter().map(str::to_owned).collect()),
        (Some(Err(e)), _) | (_, Some(Err(e))) => Err(e.to_string()),
        _ => Err("the quotes do not match".to_owned()),
    }
}

/// Types a line of values against a known number of columns.
pub(super) fn row(line: Line, columns: usize, delimiter: u8, quote: u8) -> Row {
    let (cells, text) = match line.text {
        Err(reason) => (Err(reason), String::new()),
        Ok(text) => match split(&text, delimiter, quote) {
            Ok(cells) if cells.len() == columns => (Ok(Cells::Positional(cells)), String::new()),
            Ok(cells) => (Err(format!("{} values where the header has {columns}", cells.len())), text),
            Err(reason) => (Err(reason), text),
        },
    };
    Row { line: line.number, cells, text: super::shorten(&text) }
}

struct Csv {
    lines: Lines,
    name: String,
    columns: usize,
    delimiter: u8,
}

pub(super) fn open_csv(mut lines: Lines, name: &str) -> Result<(Vec<String>, Box<dyn Format>)> {
    let header = loop {
        match lines.next_line(name)? {
            None => {
                return Err(Error::data(format!("{name} holds nothing but blank lines"))
                    .hint("it needs a header line and rows"));
            }
            Some(Line { text: Ok(text), .. }) if text.trim().is_empty() => {}
            Some(Line { text: Ok(text), .. }) => break text,
            Some(Line { number, text: Err(reason) }) => {
                return Err(Error::data(format!("{name}, line {number}: {reason}"))
                    .hint("the first line must be a header of column names"));
            }
        }
    };
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|d| header.bytes().filter(|b| b == d).count()).unwrap_or(b',');
    let columns: Vec<String> = split(&header, delimiter, b'"')
        .map_err(|reason| Error::data(format!("{name}, line 1: {reason}")))?
        .into_iter()
        .map(|c| c.trim().to_owned())
        .collect();
    if let Some(i) = (1..columns.len()).find(|i| columns[..*i].contains(&columns[*i])) {
        return Err(Error::data(format!("{name}: the column {:?} stands twice in the header", columns[i]))
            .hint("rename one of them"));
    }
    let format = Csv { lines, name: name.to_owned(), columns: columns.len(), delimiter };
    Ok((columns, Box::new(format)))
}

impl Format for Csv {
    fn next_row(&mut self) -> Result<Option<Row>> {
        while let Some(line) = self.lines.next_line(&self.name)? {
            if line.text.as_ref().is_ok_and(|text| text.trim().is_empty()) {
                continue;
            }
            let Line { number, text } = line;
            let text = match text {
                Ok(text) if !quotes_match(&text) => self
                    .lines
                    .close_quotes(&self.name, &text, self.columns, self.delimiter)?
                    .ok_or_else(|| "a quote is opened and not closed".to_owned()),
                text => text,
            };
            return Ok(Some(row(Line { number, text }, self.columns, self.delimiter, b'"')));
        }
        Ok(None)
    }
}
