//! What analysts paste: a CSV row with or without header, `name=value` pairs, a JSON object, a MongoDB document as
//! `mongoexport` or `mongosh` print it, or URLs.

mod shell;

use super::url::{FromUrl, from_url, looks_like_url};
use crate::schema::Schema;
use crate::{Error, Result};
use bson::{Bson, Document};

/// One row as pasted: names and texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Name and text of each value that was given.
    pub values: Vec<(String, String)>,
    /// Why a value is what it is, or why there is none, where it was computed.
    reasons: Vec<(String, String)>,
    /// The URL that values were computed from.
    pub url: Option<FromUrl>,
}

impl Record {
    /// A row of names and texts.
    pub fn new(values: Vec<(String, String)>) -> Self {
        Self { values, ..Self::default() }
    }

    /// The text of a value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }

    /// Why a value was computed as it is, or could not be.
    pub fn reason(&self, name: &str) -> Option<&str> {
        self.reasons.iter().find(|(n, _)| n == name).map(|(_, reason)| reason.as_str())
    }

    /// Sets a computed value.
    pub(super) fn compute(&mut self, name: &str, text: String, reason: String) {
        self.set(name, text);
        self.explain(name, reason);
    }

    /// Says why a value is not known.
    pub(super) fn explain(&mut self, name: &str, reason: String) {
        self.reasons.push((name.to_owned(), reason));
    }

    /// Sets the text of a value. It is given now, and no longer computed.
    pub fn set(&mut self, name: &str, text: impl Into<String>) {
        self.reasons.retain(|(n, _)| n != name);
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
                    Bson::Decimal128(v) => v.to_string(),
                    other => other.clone().into_relaxed_extjson().to_string(),
                };
                (name.clone(), text)
            })
            .collect();
        Self::new(values)
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
    if looks_like_url(lines[0]) {
        let read = |(i, line): (usize, &&str)| {
            from_url(schema, line).map_err(|e| {
                let hint = e.hint_text().unwrap_or_default().to_owned();
                if lines.len() == 1 { e } else { Error::data(format!("line {}: {e}", i + 1)).hint(hint) }
            })
        };
        return lines.iter().enumerate().map(read).collect();
    }
    if let Some(record) = pairs(schema, &lines)? {
        return Ok(vec![record]);
    }
    table(schema, &lines)
}

fn forms(schema: &Schema) -> String {
    let n = schema.features.len();
    format!(
        "paste {n} values in schema order (or {} with the target), a header and rows, name=value lines, JSON, or a URL",
        n + 1
    )
}

fn json(schema: &Schema, text: &str) -> Result<Vec<Record>> {
    let read = serde_json::Deserializer::from_str(text).into_iter().collect::<Result<Vec<serde_json::Value>, _>>();
    let values = match read {
        Ok(values) => values,
        // What mongosh prints is nearly JSON. Of two complaints the one further on knows better what was meant.
        Err(e) => shell::parse(text).map_err(|wrong| {
            let (line, column, what) = wrong.max((e.line(), e.column(), "not JSON".to_owned()));
            Error::data(format!("line {line}, column {column}: {what}")).hint(forms(schema)).caused_by(e)
        })?,
    };
    let mut records = Vec::new();
    for value in values {
        let items = match value {
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
        records.push(Record::new(names.iter().cloned().zip(row).collect()));
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
    fn documents_are_read_as_every_tool_prints_them() {
        let schema = schema();
        for text in [
            r#"{"_id": {"$oid": "65a000000000000000000001"}, "URL_Length": {"$numberInt": "-1"}, "port": {"$numberLong": "1"}}"#,
            r#"{"_id": "x", "URL_Length": {"$numberDecimal": "-1"}, "port": 1.0, "at": {"$date": "2026-01-02T03:04:05Z"}}"#,
            "{\n  _id: ObjectId('65a000000000000000000001'),\n  URL_Length: -1,\n  port: Long('1'),\n  \
             at: ISODate('2026-01-02T03:04:05.000Z'),\n}",
            "[\n  { URL_Length: NumberInt(-1), 'port': NumberLong(\"1\"), tags: [ 'a', \"b\" ], none: null },\n]",
            "{ URL_Length: Int32(-1), port: Decimal128('1'), _netsec: { source: 'a', pushed_at: new Date(0) } }",
        ] {
            let records = parse_paste(&schema, text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(records.len(), 1, "{text}");
            for (name, value) in [("URL_Length", -1), ("port", 1)] {
                let column = schema.column(name).unwrap();
                let typed = schema.parse_cell(column, records[0].get(name).unwrap());
                assert_eq!(column.scalar(typed.unwrap()).unwrap().to_string(), value.to_string(), "{text}: {name}");
            }
        }
    }

    #[test]
    fn urls_are_computed_one_a_line() {
        let schema = schema();
        let records = parse_paste(&schema, "hxxp://a-b[.]example/\n\n  https://c.example/x\n").unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records[0].get("Prefix_Suffix"), Some("-1"));
        assert_eq!(records[0].reason("Prefix_Suffix"), Some("hyphen in \"a-b\""));
        let mut changed = records[0].clone();
        changed.set("Prefix_Suffix", "1");
        assert_eq!(changed.reason("Prefix_Suffix"), None, "what is set by hand is given");
        let error = parse_paste(&schema, "https://a.example/\nwhat is this").unwrap_err();
        assert!(error.to_string().starts_with("line 2: "), "{error}");
    }

    #[test]
    fn mistakes_say_what_is_understood() {
        let schema = schema();
        for text in
            ["", "1,2,3", "{\"a\": ", "foo=1", "[1]", "{a: }", "{a: b c}", "{a: 'b}", "{a: ISODate(}", "{a: f(", "[["]
        {
            let error = parse_paste(&schema, text).unwrap_err();
            assert!(error.hint_text().is_some_and(|h| h.contains("name=value")), "{text}: {error}");
        }
    }
}
