//! JSON lines: one object a line, plain or extended JSON (as `mongoexport` writes it).

use super::text::Lines;
use super::{Cells, Format, Row};
use crate::{Error, Result};
use bson::{Bson, Document};

struct Json {
    lines: Lines,
    name: String,
    first: Option<Row>,
}

pub(super) fn open(lines: Lines, name: &str) -> Result<Box<dyn Format>> {
    let mut json = Json { lines, name: name.to_owned(), first: None };
    json.first = json.read()?;
    if let Some(Row { cells: Err(_), text, .. }) = &json.first
        && (text.trim() == "{" || text.trim_start().starts_with('['))
    {
        return Err(Error::data(format!("{name} is JSON, but not one object a line"))
            .hint("jq -c '.[]' FILE (or jq -c . FILE) writes it so"));
    }
    if json.first.is_none() {
        return Err(
            Error::data(format!("{name} holds nothing but blank lines")).hint("it needs one JSON object a line")
        );
    }
    Ok(Box::new(json))
}

impl Json {
    fn read(&mut self) -> Result<Option<Row>> {
        while let Some(line) = self.lines.next_line(&self.name)? {
            let (cells, text) = match line.text {
                Ok(text) if text.trim().is_empty() => continue,
                Ok(text) => (parse(&text), text),
                Err(reason) => (Err(reason), String::new()),
            };
            let text = if cells.is_ok() { String::new() } else { super::shorten(&text) };
            return Ok(Some(Row { line: line.number, cells: cells.map(Cells::Named), text }));
        }
        Ok(None)
    }
}

/// Reads one JSON object.
pub(super) fn parse(text: &str) -> Result<Document, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| {
        // serde_json counts lines too; here there is one.
        let text = e.to_string();
        format!("not JSON: {}", text.replace("line 1 ", ""))
    })?;
    if !value.is_object() {
        return Err("not a JSON object; one object a line is expected".to_owned());
    }
    match Bson::try_from(value) {
        Ok(Bson::Document(document)) => Ok(document),
        Ok(_) => Err("not a JSON object with fields".to_owned()),
        Err(e) => Err(format!("not readable as extended JSON: {e}")),
    }
}

impl Format for Json {
    fn next_row(&mut self) -> Result<Option<Row>> {
        match self.first.take() {
            Some(row) => Ok(Some(row)),
            None => self.read(),
        }
    }
}
