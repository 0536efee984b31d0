//! A row as a document: typed by the schema, and named by its content.

use crate::content::Content;
use crate::schema::{Column, Schema, Value, ValueType};
use crate::source::{Row, Rows};
use crate::store::META;
use crate::{Error, Result};
use bson::{Bson, Document};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// For each column of the source, the schema's column; none for fields the schema does not know, which are kept.
pub(super) type Binding<'a> = Vec<(String, Option<&'a Column>)>;

/// What the columns of a source are to the schema.
///
/// # Errors
/// When columns of the schema are missing, or one cannot be a field.
pub(super) fn bind<'a>(schema: &'a Schema, rows: &Rows) -> Result<Binding<'a>> {
    let have = rows.columns();
    let missing: Vec<&str> =
        schema.columns().map(|c| c.name.as_str()).filter(|n| !have.iter().any(|h| h == n)).collect();
    if !rows.is_self_describing() && !missing.is_empty() {
        let shown: Vec<_> = missing.iter().take(5).map(|n| format!("{n:?}")).collect();
        let more = if missing.len() > 5 { format!(" and {} more", missing.len() - 5) } else { String::new() };
        return Err(Error::data(format!(
            "{}: the schema {} wants columns that are not there: {}{more}",
            rows.name(),
            schema.name,
            shown.join(", ")
        ))
        .hint("correct the header, or name another schema with --schema FILE"));
    }
    if let Some(name) = have.iter().find(|h| h.is_empty() || h.starts_with('$')) {
        return Err(Error::data(format!("{}: a column is named {name:?}, which cannot be a field", rows.name()))
            .hint("rename the column"));
    }
    Ok(have.iter().map(|name| (name.clone(), schema.column(name))).collect())
}

/// The fields of a row, or why the schema refuses it.
pub(super) fn document(schema: &Schema, binding: &Binding<'_>, row: &Row) -> Result<Document, String> {
    let mut document = Document::new();
    match &row.cells {
        Ok(crate::source::Cells::Positional(cells)) => {
            for ((name, column), text) in binding.iter().zip(cells).filter(|((name, _), _)| !is_ours(name)) {
                match column {
                    Some(column) => document.insert(name.as_str(), typed_text(schema, column, text)?),
                    None => document.insert(name.as_str(), guess(text)),
                };
            }
        }
        Ok(crate::source::Cells::Named(fields)) => {
            for column in schema.columns() {
                let value =
                    fields.get(&column.name).ok_or_else(|| format!("the field {:?} is missing", column.name))?;
                document.insert(column.name.as_str(), typed(schema, column, value)?);
            }
            for (name, value) in fields {
                if !is_ours(name) && schema.column(name).is_none() {
                    document.insert(name.as_str(), value.clone());
                }
            }
        }
        Err(reason) => return Err(reason.clone()),
    }
    Ok(document)
}

/// Whether a field is made by us: what an export has in it is not the row's own.
pub(super) fn is_ours(name: &str) -> bool {
    name == "_id" || name == META || name.strip_prefix(META).is_some_and(|rest| rest.starts_with('.'))
}

fn typed(schema: &Schema, column: &Column, value: &Bson) -> Result<Bson, String> {
    if let Bson::String(text) = value {
        return typed_text(schema, column, text);
    }
    let placed = schema.parse_bson(column, value);
    stored(column, placed, if let Bson::Int64(v) = value { Some(*v) } else { None })
}

fn typed_text(schema: &Schema, column: &Column, text: &str) -> Result<Bson, String> {
    stored(column, schema.parse_cell(column, text), text.trim().parse().ok())
}

/// A placed value as it is stored; `whole` is it as a whole number, where it was written as one.
fn stored(column: &Column, placed: Result<Value, String>, whole: Option<i64>) -> Result<Bson, String> {
    let placed = placed.map_err(|reason| format!("{}: {reason}", column.name))?;
    Ok(match (placed, whole) {
        // Not by way of a double: those lose whole numbers above 2^53.
        (Value::Number(_), Some(whole)) if column.kind == ValueType::Int64 => Bson::Int64(whole),
        _ => column.scalar(placed).map_or(Bson::Null, |scalar| scalar.to_bson()),
    })
}

fn guess(text: &str) -> Bson {
    let trimmed = text.trim();
    if let Ok(v) = trimmed.parse::<i64>() {
        Bson::Int64(v)
    } else if let Some(v) = trimmed.parse::<f64>().ok().filter(|v| v.is_finite()) {
        Bson::Double(v)
    } else {
        Bson::String(text.to_owned())
    }
}

/// Equal rows of one source are told apart by their number: how often each content has come so far.
#[derive(Debug, Default)]
pub(super) struct Occurrences(HashMap<[u8; 16], u32>);

impl Occurrences {
    /// The `_id` of the next row of this content.
    pub fn identify(&mut self, content: [u8; 16]) -> String {
        let nth = self.0.entry(content).or_insert(0);
        let mut hasher = Sha256::new();
        hasher.update(content);
        hasher.update(nth.to_le_bytes());
        *nth += 1;
        crate::files::hex(&hasher.finalize()[..16])
    }
}

/// A hash of the source's name and the row's content.
pub(super) fn content(source: &str, document: &Document) -> [u8; 16] {
    let mut content = Content::of(source);
    for (name, value) in document {
        content.add(name, value);
    }
    content.name()
}
