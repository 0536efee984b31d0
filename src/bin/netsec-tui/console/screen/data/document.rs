//! Documents as columns, cells and JSON.

use crate::console::clean::clean_short;
use crate::console::widget::table::Column;
use bson::{Bson, Document};
use netsec::schema::Schema;
use netsec::store::META;

/// The columns of a page: those of the schema in its order, then others, then what netsec adds.
pub fn columns(schema: &Schema, documents: &[Document]) -> Vec<Column> {
    let mut names: Vec<&str> = schema.columns().map(|c| c.name.as_str()).collect();
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
            let values = documents.iter().take(50).filter_map(|d| d.get(name)).map(|v| plain(v).chars().count());
            let wide = values.max().unwrap_or(0).clamp(3, most).max(name.chars().count().min(17)) as u16;
            if number { Column::right(name, wide, 0) } else { Column::left(name, wide, 0) }
        })
        .collect()
}

fn is_number(value: &Bson) -> bool {
    matches!(value, Bson::Int32(_) | Bson::Int64(_) | Bson::Double(_) | Bson::Null)
}

/// A value as text, not yet cleaned.
pub fn plain(value: &Bson) -> String {
    match value {
        Bson::String(text) => text.clone(),
        Bson::Null => "null".to_owned(),
        Bson::Int32(v) => v.to_string(),
        Bson::Int64(v) => v.to_string(),
        Bson::Double(v) => v.to_string(),
        Bson::Boolean(v) => v.to_string(),
        Bson::DateTime(v) => v.try_to_rfc3339_string().unwrap_or_else(|_| v.to_string()),
        other => other.clone().into_relaxed_extjson().to_string(),
    }
}

/// A value as shown in a cell.
pub fn cell(value: Option<&Bson>) -> String {
    value.map_or_else(String::new, |v| clean_short(&plain(v), 80))
}

/// A document as JSON.
pub fn json(document: &Document) -> String {
    let value = Bson::Document(document.clone()).into_relaxed_extjson();
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| document.to_string())
}
