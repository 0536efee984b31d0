//! A table of runs: which of them, in which order, in which groups, with which columns, and how it is written.

use super::RunRow;
use super::query::{Field, RunFilter, Value};
use crate::form::inert;
use crate::{Error, Result};
use serde_json::{Map, json};
use std::cmp::Ordering;
use std::path::Path;

/// A column to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// Which.
    pub field: Field,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self::by(Field::Started)
    }
}

impl Sort {
    /// In the direction that is meant where none is named: the best, newest and longest first, text from a to z.
    pub fn by(field: Field) -> Self {
        Self { field, descending: field.is_greatest_first() }
    }

    /// Reads `f1`, `f1:asc` or `f1:desc`.
    ///
    /// # Errors
    /// An unknown field or direction.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, direction) = text.split_once(':').unwrap_or((text, ""));
        let field = field(name, &Field::ALL)?;
        let descending = match direction {
            "" => field.is_greatest_first(),
            "asc" => false,
            "desc" => true,
            other => return Err(Error::user(format!("unknown direction {other:?}")).hint("one of asc, desc")),
        };
        Ok(Self { field, descending })
    }

    fn key(self, row: &RunRow) -> Option<Key> {
        Some(match self.field.value(row)? {
            Value::Number(value) => Key::Number(value),
            Value::Text(text) => Key::Text(text.to_lowercase()),
            Value::Words(words) => Key::Text(words.join(" ").to_lowercase()),
        })
    }

    fn compare(self, a: &Option<Key>, b: &Option<Key>) -> Ordering {
        let order = match (a, b) {
            // A run without a value is last either way.
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Greater,
            (_, None) => return Ordering::Less,
            (Some(Key::Number(a)), Some(Key::Number(b))) => a.total_cmp(b),
            (Some(Key::Text(a)), Some(Key::Text(b))) => a.cmp(b),
            _ => Ordering::Equal,
        };
        if self.descending { order.reverse() } else { order }
    }
}

/// What a run is sorted by, made once a run.
enum Key {
    Number(f64),
    Text(String),
}

/// A field by its name, among those that are allowed.
///
/// # Errors
/// Another name; the hint has all that are allowed.
pub fn field(name: &str, allowed: &[Field]) -> Result<Field> {
    Field::named(name.trim()).filter(|field| allowed.contains(field)).ok_or_else(|| {
        let names: Vec<_> = allowed.iter().map(|field| field.name()).collect();
        Error::user(format!("unknown column {name:?}")).hint(format!("one of {}", names.join(", ")))
    })
}

/// The runs that a filter means, in order. Runs that are equal in all that is sorted by stay in the order in which they
/// came.
pub fn arrange<'a>(rows: &'a [RunRow], filter: &RunFilter, sort: &[Sort]) -> Vec<&'a RunRow> {
    let found = rows.iter().filter(|row| filter.matches(row));
    let mut keyed: Vec<(Vec<Option<Key>>, &RunRow)> =
        found.map(|row| (sort.iter().map(|sort| sort.key(row)).collect(), row)).collect();
    keyed.sort_by(|(a, _), (b, _)| {
        let orders = sort.iter().zip(a.iter().zip(b)).map(|(sort, (a, b))| sort.compare(a, b));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    keyed.into_iter().map(|(_, row)| row).collect()
}

/// Runs that have something in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    /// What they have in common; none where they have no such value.
    pub name: Option<String>,
    /// The runs, in the order in which they came.
    pub rows: Vec<&'a RunRow>,
}

/// Puts arranged runs into groups. The group of the first run comes first, so that the best stays on top.
pub fn group<'a>(rows: Vec<&'a RunRow>, by: Field) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for row in rows {
        let name = by.value(row).map(|value| match value {
            Value::Text(text) => text.into_owned(),
            Value::Words(words) => words.join(" "),
            Value::Number(_) => by.text(row),
        });
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { name, rows: vec![row] }),
        }
    }
    groups
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values with a header; numbers with all their digits.
    Csv,
    /// One JSON document.
    Json,
    /// A table in Markdown.
    Markdown,
}

impl Format {
    /// The format of a file, from the ending of its name.
    ///
    /// # Errors
    /// Another ending.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_lowercase();
        match ending.as_str() {
            "csv" => Ok(Format::Csv),
            "json" => Ok(Format::Json),
            "md" | "markdown" => Ok(Format::Markdown),
            _ => Err(Error::user(format!("{}: the ending does not name a format", path.display()))
                .hint("one of .csv, .json, .md")),
        }
    }
}

/// Writes groups of runs with these columns. `by` names what they are grouped by; without it the groups are written as
/// one table.
pub fn write(groups: &[Group<'_>], by: Option<Field>, columns: &[Field], format: Format) -> Result<String> {
    match format {
        Format::Csv => csv(groups, columns),
        Format::Markdown => Ok(markdown(groups, by, columns)),
        Format::Json => {
            let text = serde_json::to_string_pretty(&document(groups, by, &|row| plain(row, columns)))
                .map_err(|e| Error::internal("the table cannot be written as JSON").caused_by(e))?;
            Ok(text + "\n")
        }
    }
}

/// A run as an object with these columns.
pub fn plain(row: &RunRow, columns: &[Field]) -> serde_json::Value {
    let pairs = columns.iter().flat_map(|field| field.keys().iter().zip(field.plain(row)));
    serde_json::Value::Object(pairs.map(|(name, value)| ((*name).to_owned(), value)).collect::<Map<_, _>>())
}

/// The groups as one JSON document, each run as `one` has it: `{"runs": [...]}` or, where they are grouped,
/// `{"group_by": ..., "groups": [{"group": ..., "runs": [...]}]}`.
pub fn document(
    groups: &[Group<'_>],
    by: Option<Field>,
    one: &dyn Fn(&RunRow) -> serde_json::Value,
) -> serde_json::Value {
    let runs = |group: &Group<'_>| group.rows.iter().map(|row| one(row)).collect::<Vec<_>>();
    match by {
        None => json!({ "runs": groups.iter().flat_map(runs).collect::<Vec<_>>() }),
        Some(field) => {
            let groups: Vec<_> = groups.iter().map(|g| json!({"group": g.name, "runs": runs(g)})).collect();
            json!({ "group_by": field.name(), "groups": groups })
        }
    }
}

fn csv(groups: &[Group<'_>], columns: &[Field]) -> Result<String> {
    let broken = |e: &dyn std::fmt::Display| Error::internal(format!("the table cannot be written as CSV: {e}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().flat_map(|field| field.keys())).map_err(|e| broken(&e))?;
    for row in groups.iter().flat_map(|group| &group.rows) {
        let cells = columns.iter().flat_map(|field| field.plain(row)).map(|value| match value {
            serde_json::Value::Null => String::new(),
            // Notes and names are free text.
            serde_json::Value::String(text) => inert(&text),
            serde_json::Value::Array(words) => {
                inert(&words.iter().filter_map(|word| word.as_str()).collect::<Vec<_>>().join(" "))
            }
            other => other.to_string(),
        });
        writer.write_record(cells).map_err(|e| broken(&e))?;
    }
    let bytes = writer.into_inner().map_err(|e| broken(&e))?;
    String::from_utf8(bytes).map_err(|e| broken(&e))
}

/// The cells of a table of text, the titles first.
pub fn cells(rows: &[&RunRow], columns: &[Field]) -> Vec<Vec<String>> {
    let titles = columns.iter().map(|field| field.title().to_owned()).collect();
    let texts = rows.iter().map(|row| columns.iter().map(|field| field.text(row)).collect());
    std::iter::once(titles).chain(texts).collect()
}

fn markdown(groups: &[Group<'_>], by: Option<Field>, columns: &[Field]) -> String {
    let line = |cells: &[String]| {
        let escaped: Vec<_> = cells.iter().map(|cell| cell.replace('\\', "\\\\").replace('|', "\\|")).collect();
        format!("| {} |\n", escaped.join(" | "))
    };
    let mut text = String::new();
    for group in groups {
        if let Some(field) = by {
            let name = group.name.as_deref().unwrap_or("none");
            text += &format!("{}**{}: {name}**\n\n", if text.is_empty() { "" } else { "\n" }, field.title());
        }
        for (at, row) in cells(&group.rows, columns).iter().enumerate() {
            text += &line(row);
            if at == 0 {
                text += &line(&vec!["---".to_owned(); columns.len()]);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests;
