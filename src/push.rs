//! Rows from files into a collection: typed, held to the schema, stored once.

mod rejected;

pub use rejected::{Rejected, group, rejected_of};

use crate::schema::{Column, Schema, Value, ValueType};
use crate::source::{Row, Rows};
use crate::store::{DocumentStore, META, Namespace};
use crate::{Error, Result};
use bson::{Bson, Document, doc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Documents stored in one call.
const BATCH: usize = 20_000;

/// Rejected rows are stored in the collection of this name behind the one that was pushed to.
pub const REJECTED: &str = ".rejected";

/// A row that the schema refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Where it stood: line of a text file, row of a Parquet file, both from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// What a push did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pushed {
    /// The source's name.
    pub source: String,
    /// Rows read.
    pub read: u64,
    /// Rows added.
    pub inserted: u64,
    /// Rows that were there already.
    pub unchanged: u64,
    /// Rows that the schema refused; kept in the `.rejected` collection.
    pub rejected: u64,
    /// The first few of them.
    pub first_rejections: Vec<Rejection>,
    /// What of the source is not read, in words.
    pub notes: Vec<String>,
}

/// How far a push is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Rows read so far.
    pub rows: u64,
    /// Bytes read so far and in all, where the source has a size.
    pub bytes: Option<(u64, u64)>,
}

/// Pushes rows into a collection. The same rows under the same source name add nothing; a grown file adds what is
/// new; a push that was killed is completed by repeating it.
///
/// # Errors
/// When the source cannot be read, lacks columns of the schema, or the store refuses the rows. What was stored
/// before stays.
pub async fn push(
    store: &dyn DocumentStore,
    namespace: &Namespace,
    schema: &Schema,
    mut rows: Rows,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Pushed> {
    let rejected_to = rejected_of(namespace)?;
    let mut pushed = Pushed { source: rows.source().to_owned(), notes: rows.notes().to_vec(), ..Pushed::default() };
    let binding = bind(schema, &rows)?;
    let mut occurrences: HashMap<[u8; 16], u32> = HashMap::new();
    let pushed_at = bson::DateTime::now();
    let mut kept = Vec::with_capacity(BATCH);
    let mut refused = Vec::new();
    loop {
        // Reading is file work: it must not hold up the runtime's other tasks.
        let (back, chunk) = tokio::task::spawn_blocking(move || {
            let chunk = rows.next_chunk(BATCH);
            (rows, chunk)
        })
        .await
        .map_err(|e| Error::internal("the reader panicked").caused_by(e))?;
        rows = back;
        let chunk = chunk?;
        let last = chunk.is_empty();
        for row in chunk {
            pushed.read += 1;
            let typed = row.cells.as_ref().map_err(Clone::clone).and_then(|_| document(schema, &binding, &row));
            match typed {
                Ok(mut document) => {
                    let id = identify(&pushed.source, &document, &mut occurrences);
                    document.insert("_id", id);
                    document.insert(META, doc! { "source": &pushed.source, "pushed_at": pushed_at });
                    kept.push(document);
                }
                Err(reason) => {
                    pushed.rejected += 1;
                    if pushed.first_rejections.len() < 5 {
                        pushed.first_rejections.push(Rejection { line: row.line, reason: reason.clone() });
                    }
                    let mut document = doc! {
                        "file": &pushed.source, "line": row.line as i64, "reason": reason, "text": row.excerpt(),
                    };
                    let id = identify(&pushed.source, &document, &mut occurrences);
                    document.insert("_id", id);
                    document.insert(META, doc! { "source": &pushed.source, "pushed_at": pushed_at });
                    refused.push(document);
                }
            }
        }
        if kept.len() >= BATCH || (last && !kept.is_empty()) {
            let done = store.insert(namespace, std::mem::take(&mut kept)).await?;
            pushed.inserted += done.inserted;
            pushed.unchanged += done.unchanged;
        }
        if refused.len() >= BATCH || (last && !refused.is_empty()) {
            store.insert(&rejected_to, std::mem::take(&mut refused)).await?;
        }
        progress(Progress { rows: pushed.read, bytes: rows.bytes() });
        if last {
            break;
        }
    }
    if pushed.read == 0 {
        return Err(Error::data(format!("{} has a header but no rows", rows.name())).hint("nothing was stored"));
    }
    Ok(pushed)
}

/// For each column of the source, the schema's column; none for fields the schema does not know, which are kept.
type Binding<'a> = Vec<(String, Option<&'a Column>)>;

fn bind<'a>(schema: &'a Schema, rows: &Rows) -> Result<Binding<'a>> {
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

fn document(schema: &Schema, binding: &Binding<'_>, row: &Row) -> Result<Document, String> {
    let mut document = Document::new();
    match &row.cells {
        Ok(crate::source::Cells::Positional(cells)) => {
            for ((name, column), text) in binding.iter().zip(cells).filter(|((name, _), _)| !is_ours(name)) {
                match column {
                    Some(column) => document.insert(name.as_str(), typed(schema, column, &Bson::String(text.clone()))?),
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
fn is_ours(name: &str) -> bool {
    name == "_id" || name == META || name.strip_prefix(META).is_some_and(|rest| rest.starts_with('.'))
}

fn typed(schema: &Schema, column: &Column, value: &Bson) -> Result<Bson, String> {
    let placed = schema.parse_bson(column, value).map_err(|reason| format!("{}: {reason}", column.name))?;
    Ok(match placed {
        // Not by way of a double: those lose whole numbers above 2^53.
        Value::Number(_) if column.kind == ValueType::Int64 => match value {
            Bson::Int64(v) => Bson::Int64(*v),
            Bson::String(text) if let Ok(v) = text.trim().parse() => Bson::Int64(v),
            _ => column.scalar(placed).map_or(Bson::Null, |scalar| scalar.to_bson()),
        },
        placed => column.scalar(placed).map_or(Bson::Null, |scalar| scalar.to_bson()),
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

/// The `_id`: the source's name, the row's content, and its number among equal rows of this source.
fn identify(source: &str, document: &Document, occurrences: &mut HashMap<[u8; 16], u32>) -> String {
    let mut hasher = Sha256::new();
    hasher.update((source.len() as u64).to_le_bytes());
    hasher.update(source.as_bytes());
    for (name, value) in document {
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hash_value(&mut hasher, value);
    }
    let content = first_half(&hasher.finalize());
    let nth = occurrences.entry(content).or_insert(0);
    let mut hasher = Sha256::new();
    hasher.update(content);
    hasher.update(nth.to_le_bytes());
    *nth += 1;
    crate::files::hex(&first_half(&hasher.finalize()))
}

/// Feeds a value with its type and, where it has one, its length, so that no two values look alike.
fn hash_value(hasher: &mut Sha256, value: &Bson) {
    let text = |hasher: &mut Sha256, tag: u8, text: &str| {
        hasher.update([tag]);
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    match value {
        Bson::Null => hasher.update([0]),
        Bson::Boolean(v) => hasher.update([1, u8::from(*v)]),
        Bson::Int64(v) => {
            hasher.update([2]);
            hasher.update(v.to_le_bytes());
        }
        Bson::Double(v) => {
            hasher.update([3]);
            hasher.update(v.to_bits().to_le_bytes());
        }
        Bson::String(v) => text(hasher, 4, v),
        other => text(hasher, 5, &other.clone().into_canonical_extjson().to_string()),
    }
}

fn first_half(digest: &[u8]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

#[cfg(test)]
mod tests;
