//! Documents as columns, cells, lines and JSON. However long a value is, no more of it is looked at than is shown.

use crate::console::clean::{clean, clean_short};
use crate::console::format::bytes;
use crate::console::widget::table::Column;
use bson::{Bson, Document};
use netsec::export::text;
use netsec::form::count;
use netsec::schema::Schema;
use netsec::store::META;
use unicode_width::UnicodeWidthChar;

/// Characters of a cell.
const CELL: usize = 80;
/// What a document is shown with at most: characters of a text, items of a list, levels, lines.
const TEXT: usize = 500;
const ITEMS: usize = 200;
const LEVELS: usize = 32;
const LINES: usize = 5_000;

/// The columns of a page by importance: the label, the features in the schema's order, others, then what netsec adds.
pub fn columns(schema: &Schema, documents: &[Document]) -> Vec<Column> {
    let mut names: Vec<&str> =
        std::iter::once(&schema.target).chain(&schema.features).map(|c| c.name.as_str()).collect();
    names.retain(|name| documents.iter().any(|d| d.contains_key(name)));
    for document in documents {
        for name in document.keys() {
            if !names.contains(&name.as_str()) && name != "_id" && name != META {
                names.push(name);
            }
        }
    }
    for name in ["_id", META] {
        if documents.iter().any(|d| d.contains_key(name)) {
            names.push(name);
        }
    }
    // A few columns may be wide; of many, each is kept short.
    let most = if names.len() <= 8 { 60 } else { 24 };
    names
        .into_iter()
        .map(|name| {
            let number = documents.iter().take(20).filter_map(|d| d.get(name)).all(is_number);
            let values = documents.iter().take(50).map(|d| crate::console::widget::width(&cell(d.get(name))));
            let title = crate::console::widget::width(&clean_short(name, CELL)).min(17);
            let wide = values.max().unwrap_or(0).clamp(3, most).max(title) as u16;
            if number { Column::right(name, wide, 0) } else { Column::left(name, wide, 0) }
        })
        .collect()
}

fn is_number(value: &Bson) -> bool {
    matches!(value, Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Null)
}

/// A value as text to be copied.
pub fn plain(value: &Bson) -> String {
    if *value == Bson::Null { "null".to_owned() } else { text(value).into_owned() }
}

/// A value as shown in a cell.
pub fn cell(value: Option<&Bson>) -> String {
    let Some(value) = value else { return String::new() };
    match value {
        Bson::String(text) => clean_short(text, CELL),
        Bson::Document(_) | Bson::Array(_) | Bson::Binary(_) => {
            let mut out = String::new();
            brief(value, &mut out);
            clean_short(&out, CELL)
        }
        other => clean_short(&plain(other), CELL),
    }
}

/// The beginning of a value as JSON in one line: at least as much as a cell shows, and little more.
fn brief(value: &Bson, out: &mut String) {
    // Four bytes are the most that a character takes.
    let full = |out: &String| out.len() > CELL * 4;
    match value {
        Bson::Document(inner) => {
            out.push('{');
            for (nth, (name, value)) in inner.iter().enumerate() {
                if full(out) {
                    return;
                }
                out.push_str(if nth > 0 { "," } else { "" });
                out.push_str(&quoted(name, CELL));
                out.push(':');
                brief(value, out);
            }
            out.push('}');
        }
        Bson::Array(items) => {
            out.push('[');
            for (nth, value) in items.iter().enumerate() {
                if full(out) {
                    return;
                }
                out.push_str(if nth > 0 { "," } else { "" });
                brief(value, out);
            }
            out.push(']');
        }
        Bson::String(text) => out.push_str(&quoted(text, CELL)),
        Bson::Binary(binary) => out.push_str(&format!("binary, {}", bytes(binary.bytes.len() as u64))),
        other => out.push_str(&plain(other)),
    }
}

/// Text as JSON has it, `most` characters of it.
fn quoted(text: &str, most: usize) -> String {
    let end = text.char_indices().nth(most).map_or(text.len(), |(i, _)| i);
    serde_json::to_string(&text[..end]).unwrap_or_default()
}

/// A document as JSON.
pub fn json(document: &Document) -> String {
    let value = Bson::Document(document.clone()).into_relaxed_extjson();
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| document.to_string())
}

/// The values of a document as a line of CSV.
pub fn csv(document: &Document, columns: &[Column]) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    let values = columns.iter().map(|c| document.get(&c.title).map_or_else(Default::default, text));
    let written = out.write_record(values.map(|value| value.into_owned().into_bytes()));
    let line = written.ok().and_then(|()| out.into_inner().ok()).unwrap_or_default();
    String::from_utf8_lossy(&line).trim_end_matches('\n').to_owned()
}

/// A document as lines of at most `wide` columns, cleaned. What is long is cut, with its size.
pub fn lines(document: &Document, wide: usize) -> Vec<String> {
    let mut out = Lines { wide, lines: Vec::new() };
    out.fields(document, 0);
    if out.is_full() {
        out.lines.push(format!("… more than {} lines; e exports all", count(LINES as u64)));
    }
    out.lines
}

struct Lines {
    wide: usize,
    lines: Vec<String>,
}

impl Lines {
    fn is_full(&self) -> bool {
        self.lines.len() >= LINES
    }

    fn fields(&mut self, document: &Document, level: usize) {
        self.push(level, "{");
        let last = document.len().saturating_sub(1);
        for (nth, (name, value)) in document.iter().enumerate() {
            if self.is_full() {
                return;
            }
            let comma = if nth < last { "," } else { "" };
            self.value(&format!("{}: ", quoted(name, CELL)), value, comma, level + 1);
        }
        self.push(level, "}");
    }

    fn value(&mut self, name: &str, value: &Bson, comma: &str, level: usize) {
        match value {
            Bson::Document(inner) if inner.is_empty() => self.push(level, &format!("{name}{{}}{comma}")),
            Bson::Array(items) if items.is_empty() => self.push(level, &format!("{name}[]{comma}")),
            Bson::Document(_) | Bson::Array(_) if level >= LEVELS => {
                self.push(level, &format!("{name}… deeper than {LEVELS} levels; e exports it whole{comma}"));
            }
            Bson::Document(inner) => {
                self.push(level, &format!("{name}{{"));
                let last = inner.len() - 1;
                for (nth, (name, value)) in inner.iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    let comma = if nth < last { "," } else { "" };
                    self.value(&format!("{}: ", quoted(name, CELL)), value, comma, level + 1);
                }
                self.push(level, &format!("}}{comma}"));
            }
            Bson::Array(items) => {
                self.push(level, &format!("{name}["));
                let last = items.len() - 1;
                for (nth, value) in items.iter().take(ITEMS).enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.value("", value, if nth < last { "," } else { "" }, level + 1);
                }
                if items.len() > ITEMS {
                    let rest = count((items.len() - ITEMS) as u64);
                    self.push(level + 1, &format!("… {rest} more; e exports them"));
                }
                self.push(level, &format!("]{comma}"));
            }
            Bson::String(text) => {
                let cut = text.char_indices().nth(TEXT).is_some();
                let rest =
                    if cut { format!(" … {} in all; e exports it", bytes(text.len() as u64)) } else { String::new() };
                self.push(level, &format!("{name}{}{rest}{comma}", quoted(text, TEXT)));
            }
            Bson::Binary(binary) => {
                let size = bytes(binary.bytes.len() as u64);
                self.push(level, &format!("{name}binary, {size}; e exports it{comma}"));
            }
            other => self.push(level, &format!("{name}{}{comma}", other.clone().into_relaxed_extjson())),
        }
    }

    /// Adds a text, in pieces where it is too long for a line.
    fn push(&mut self, level: usize, text: &str) {
        let room = self.wide.max(8);
        // However deep, half of the width is left for the text.
        let indent = (level * 2).min(room / 2);
        let mut piece = " ".repeat(indent);
        let mut used = indent;
        for c in clean(text).chars() {
            let w = c.width().unwrap_or(0);
            if used + w > room {
                self.lines.push(std::mem::replace(&mut piece, " ".repeat((indent + 2).min(room / 2))));
                used = piece.len();
            }
            used += w;
            piece.push(c);
        }
        self.lines.push(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::widget::width;
    use bson::doc;

    fn hostile() -> Document {
        let mut deep = doc! { "end": 1 };
        for _ in 0..300 {
            deep = doc! { "d": deep };
        }
        doc! {
            "escape": "\u{1b}[2J\u{1b}]52;c;AAAA\u{7}", "bidi": "a\u{202e}b\u{2066}c", "hidden": "a\u{200b}b\u{feff}",
            "\u{1b}name": 1, "wide": "日本語".repeat(50), "deep": deep, "long": "x".repeat(10 << 20),
            "list": (0..1_000).collect::<Vec<i32>>(), "empty": {}, "none": [],
            "binary": bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: vec![0; 5_000] },
        }
    }

    #[test]
    fn whatever_a_document_holds_is_cut_and_cleaned() {
        let document = hostile();
        for wide in [1, 20, 78] {
            let lines = lines(&document, wide);
            assert!(lines.iter().all(|line| *line == clean(line) && width(line) <= wide.max(8)), "{wide}");
            assert!(lines.len() <= LINES + 1);
        }
        let text = lines(&document, 2_000).join("\n");
        for part in
            ["10.5 MB in all", "800 more", "deeper than 32 levels", "binary, 5.0 kB", "\"empty\": {}", "\\u001b[2J"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        for (name, value) in &document {
            let cell = cell(Some(value));
            assert!(cell == clean(&cell) && cell.chars().count() <= CELL + 1, "{name}: {cell}");
        }
        assert_eq!(cell(document.get("escape")), "·[2J·]52;c;AAAA·");
    }

    #[test]
    fn a_document_reads_as_json() {
        let document =
            doc! { "a": 1, "b": { "c": [true, null, { "d": "x\"y" }] }, "e": bson::DateTime::from_millis(0) };
        let lines = lines(&document, 60);
        let json: serde_json::Value = serde_json::from_str(&lines.join("\n")).unwrap();
        assert_eq!(json, Bson::Document(document.clone()).into_relaxed_extjson());
        assert_eq!(
            csv(&document, &[Column::left("a", 3, 0), Column::left("b", 3, 0), Column::left("z", 3, 0)]),
            r#"1,"{""c"":[true,null,{""d"":""x\""y""}]}","#
        );
    }

    #[test]
    fn a_page_of_huge_values_is_laid_out_at_once() {
        let schema = Schema::parse(netsec::schema::BUILT_IN, "built-in").unwrap();
        let documents: Vec<Document> = (0..200)
            .map(|i| {
                if i % 20 == 0 {
                    hostile()
                } else {
                    doc! { "long": i }
                }
            })
            .collect();
        let begun = std::time::Instant::now();
        let columns = columns(&schema, &documents);
        for document in &documents {
            for column in &columns {
                cell(document.get(&column.title));
            }
        }
        assert!(begun.elapsed() < std::time::Duration::from_millis(100), "{:?}", begun.elapsed());
    }
}
