//! ARFF, the form in which the UCI repository publishes the data (Witten and Frank, "Data Mining", 2005, section 2.4):
//! `@relation`, `@attribute NAME TYPE` lines, `@data`, then comma-separated rows; `%` begins a comment, `?` is missing.

use super::text::{Line, Lines, row};
use super::{Cells, Format, Row};
use crate::{Error, Result};

struct Arff {
    lines: Lines,
    name: String,
    columns: usize,
}

pub(super) fn open(mut lines: Lines, name: &str) -> Result<(Vec<String>, Box<dyn Format>)> {
    let mut columns = Vec::new();
    loop {
        let Some(Line { number, text }) = lines.next_line(name)? else {
            return Err(Error::data(format!("{name} has no @data section"))
                .hint("an ARFF file has @attribute lines, then @data, then rows"));
        };
        let text = text.map_err(|reason| Error::data(format!("{name}, line {number}: {reason}")))?;
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if text.is_empty() || text.starts_with('%') || lower.starts_with("@relation") {
            continue;
        } else if lower.starts_with("@data") {
            break;
        } else if lower.starts_with("@attribute") {
            columns.push(attribute(text["@attribute".len()..].trim_start()).ok_or_else(|| {
                Error::data(format!("{name}, line {number}: not an @attribute line"))
                    .hint("it reads @attribute NAME TYPE")
            })?);
        } else {
            return Err(Error::data(format!(
                "{name}, line {number}: {} is not expected before @data",
                crate::schema::quoted(text)
            )));
        }
    }
    if columns.is_empty() {
        return Err(Error::data(format!("{name} has no @attribute lines")));
    }
    let format = Arff { lines, name: name.to_owned(), columns: columns.len() };
    Ok((columns, Box::new(format)))
}

fn attribute(rest: &str) -> Option<String> {
    let name = match rest.chars().next()? {
        quote @ ('\'' | '"') => rest[1..].split(quote).next()?,
        _ => rest.split_whitespace().next()?,
    };
    if name.is_empty() { None } else { Some(name.to_owned()) }
}

impl Format for Arff {
    fn next_row(&mut self) -> Result<Option<Row>> {
        while let Some(line) = self.lines.next_line(&self.name)? {
            if line.text.as_ref().is_ok_and(|t| t.trim().is_empty() || t.trim_start().starts_with('%')) {
                continue;
            }
            let mut row = row(line, self.columns, b',', b'\'');
            if let Ok(Cells::Positional(cells)) = &mut row.cells {
                for cell in cells {
                    let trimmed = cell.trim();
                    // `?` is ARFF's own missing token; schemas need not list it.
                    *cell = if trimmed == "?" { String::new() } else { trimmed.to_owned() };
                }
            }
            return Ok(Some(row));
        }
        Ok(None)
    }
}
