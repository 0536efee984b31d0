//! What analysts paste: a CSV row with or without header, `name=value` pairs, a JSON object or a MongoDB document.

use crate::schema::Schema;
use crate::{Error, Result};
use bson::{Bson, Document};

/// One row as pasted: names and texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Name and text of each value that was given.
    pub values: Vec<(String, String)>,
}

impl Record {
    /// The text of a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// Sets the text of a value.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        match self.values.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = text.into(),
            None => self.values.push((name.to_owned(), text.into())),
        }
    }

    /// The record of a document.
    pub fn from_document(document: &Document) -> Self {
        let values = document
            .iter()
            .filter(|(name, _)| *name != "_id" && *name != crate::store::META)
            .map(|(name, value)| {
                let text = match value {
                    Bson::Null => String::new(),
                    Bson::String(text) => text.clone(),
                    Bson::Int32(v) => v.to_string(),
                    Bson::Int64(v) => v.to_string(),
                    Bson::Double(v) => v.to_string(),
                    Bson::Boolean(v) => v.to_string(),
                    other => other.clone().into_relaxed_extjson().to_string(),
                };
                (name.clone(), text)
            })
            .collect();
        Self { values }
    }
}

/// Reads pasted text into records.
///
/// # Errors
/// When no form fits: the message says what was seen and what is understood.
pub fn parse_paste(schema: &Schema, text: &str) -> Result<Vec<Record>> {
    let text = text.trim().trim_start_matches('\u{feff}');
    if text.is_empty() {
        return Err(Error::data("nothing was pasted").hint(forms(schema)));
    }
    if text.starts_with('{') || text.starts_with('[') {
        return json(schema, text);
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    if let Some(record) = pairs(schema, &lines)? {
        return Ok(vec![record]);
    }
    table(schema, &lines)
}

fn forms(schema: &Schema) -> String {
    let n = schema.features.len();
    format!(
        "paste {n} values in schema order (or {} with the target), a header and rows, name=value lines, or JSON",
        n + 1
    )
}

fn json(schema: &Schema, text: &str) -> Result<Vec<Record>> {
    let broken = |e: serde_json::Error| {
        Error::data(format!("line {}, column {}: not JSON", e.line(), e.column())).hint(forms(schema)).caused_by(e)
    };
    let mut records = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>() {
        let items = match value.map_err(broken)? {
            serde_json::Value::Array(items) => items,
            other => vec![other],
        };
        for item in items {
            match Bson::try_from(item) {
                Ok(Bson::Document(document)) => records.push(Record::from_document(&document)),
                _ => return Err(Error::data("JSON, but not an object with fields").hint(forms(schema))),
            }
        }
    }
    Ok(records)
}

/// `name=value` or `name: value`, one a line or several on a line.
fn pairs(schema: &Schema, lines: &[&str]) -> Result<Option<Record>> {
    let split = |text: &str| -> Option<(String, String)> {
        let (name, value) = text.split_once('=').or_else(|| text.split_once(':'))?;
        let unquote = |t: &str| t.trim().trim_matches(['"', '\'']).to_owned();
        Some((unquote(name), unquote(value)))
    };
    if !lines.iter().all(|l| split(l).is_some()) {
        return Ok(None);
    }
    let mut record = Record::default();
    for line in lines {
        // Several pairs on one line; a value with spaces keeps its line to itself.
        let words: Vec<&str> = line.split([' ', ',', ';', '\t', '&']).filter(|w| !w.is_empty()).collect();
        let parts = if words.iter().all(|w| split(w).is_some()) { words } else { vec![*line] };
        for (name, value) in parts.into_iter().filter_map(split) {
            record.set(&name, value.trim_end_matches(','));
        }
    }
    if !record.values.iter().any(|(name, _)| schema.column(name).is_some()) {
        let (name, _) = &record.values[0];
        return Err(Error::data(format!(
            "{} is not a feature of the schema {}",
            crate::schema::quoted(name),
            schema.name
        ))
        .hint(forms(schema)));
    }
    Ok(Some(record))
}

fn table(schema: &Schema, lines: &[&str]) -> Result<Vec<Record>> {
    let delimiter = [',', '\t', ';', ' '].into_iter().find(|d| lines[0].contains(*d)).unwrap_or(',');
    let cells = |line: &str| -> Vec<String> {
        let parts = line.split(delimiter).map(|c| c.trim().trim_matches('"').to_owned());
        if delimiter == ' ' { parts.filter(|c| !c.is_empty()).collect() } else { parts.collect() }
    };
    let first = cells(lines[0]);
    let is_header = first.iter().any(|c| schema.column(c).is_some());
    let n = schema.features.len();
    let names: Vec<String> = if is_header {
        first
    } else if first.len() == n {
        schema.features.iter().map(|c| c.name.clone()).collect()
    } else if first.len() == n + 1 {
        schema.columns().map(|c| c.name.clone()).collect()
    } else {
        return Err(Error::data(format!(
            "the first line has {} values; the schema {} has {n} features",
            first.len(),
            schema.name
        ))
        .hint(forms(schema)));
    };
    let mut records = Vec::new();
    for (i, line) in lines.iter().enumerate().skip(usize::from(is_header)) {
        let row = cells(line);
        if row.len() != names.len() {
            return Err(Error::data(format!(
                "line {} has {} values where {} are expected",
                i + 1,
                row.len(),
                names.len()
            ))
            .hint(forms(schema)));
        }
        records.push(Record { values: names.iter().cloned().zip(row).collect() });
    }
    if records.is_empty() {
        return Err(Error::data("a header without a row").hint(forms(schema)));
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::BUILT_IN;

    fn schema() -> Schema {
        Schema::parse(BUILT_IN, "built-in").unwrap()
    }

    #[test]
    fn every_form_gives_the_same_record() {
        let schema = schema();
        let values: Vec<String> = schema.features.iter().map(|c| c.levels()[0].to_string()).collect();
        let names: Vec<&str> = schema.features.iter().map(|c| c.name.as_str()).collect();
        let pairs: Vec<String> = names.iter().zip(&values).map(|(n, v)| format!("{n}={v}")).collect();
        let json: Vec<String> = names.iter().zip(&values).map(|(n, v)| format!("{n:?}: {v}")).collect();
        let forms = [
            values.join(","),
            values.join("\t"),
            format!("{},{}\n{},{}", names.join(","), "Result", values.join(","), "1"),
            pairs.join("\n"),
            pairs.join(" "),
            format!("{{{}}}", json.join(", ")),
            format!("{},-1\n", values.join(",")),
        ];
        for form in &forms {
            let records = parse_paste(&schema, form).unwrap();
            assert_eq!(records.len(), 1, "{form}");
            for (name, value) in names.iter().zip(&values) {
                assert_eq!(records[0].get(name), Some(value.as_str()), "{form}");
            }
        }
    }

    #[test]
    fn mistakes_say_what_is_understood() {
        let schema = schema();
        for text in ["", "1,2,3", "{\"a\": ", "foo=1", "[1]"] {
            let error = parse_paste(&schema, text).unwrap_err();
            assert!(error.hint_text().is_some_and(|h| h.contains("name=value")), "{text}: {error}");
        }
    }
}
