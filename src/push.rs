//! Rows from files into a collection: typed, held to the schema, stored once.

mod reader;
mod rejected;
mod row;

pub use rejected::{Rejected, group, rejected_of};

use crate::Result;
use crate::schema::Schema;
use crate::source::{Cells, Row, Rows};
use crate::store::{DocumentStore, Inflow, Inserted, META, Namespace, Step};
use bson::{Document, doc};
use reader::{Chunk, Reader};
use row::Occurrences;

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
    /// Rows that the schema or the store refused; kept in the `.rejected` collection.
    pub rejected: u64,
    /// The first few of them.
    pub first_rejections: Vec<Rejection>,
    /// What of the source is not read, and what was made in the store, in words.
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

impl Progress {
    /// The share of 1 that is read, where the source has a size.
    pub fn part(&self) -> Option<f64> {
        self.bytes.filter(|(_, all)| *all > 0).map(|(read, all)| read as f64 / all as f64)
    }
}

/// Pushes rows into a collection. The same rows under the same source name add nothing; a grown file adds what is
/// new; a push that was killed is completed by repeating it. Rows are read while others are on their way.
///
/// # Errors
/// When the source cannot be read, lacks columns of the schema, or the store fails. What was stored before stays.
pub async fn push(
    store: &dyn DocumentStore,
    namespace: &Namespace,
    schema: &Schema,
    rows: Rows,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Pushed> {
    row::bind(schema, &rows)?;
    let pushed = Pushed { source: rows.source().to_owned(), notes: rows.notes().to_vec(), ..Pushed::default() };
    let mut tally = Tally::new(pushed, rejected_of(namespace)?);
    tally.pushed.notes.extend(store.prepare(namespace).await?);
    let pace = store.pace();
    let mut reader = Reader { schema: schema.clone(), rows, pace, pushed_at: tally.pushed_at };
    let mut inflow = Inflow::new(store, namespace, move |out| reader.read(out));
    while let Some(step) = inflow.next().await? {
        match step {
            Step::Read(Chunk { documents, lines, rejected, bytes }) => {
                tally.pushed.read += (documents.len() + rejected.len()) as u64;
                for (rejection, text) in rejected {
                    tally.reject(rejection, text);
                }
                if !documents.is_empty() {
                    inflow.store(documents, lines);
                }
                progress(Progress { rows: tally.pushed.read, bytes });
            }
            Step::Stored(done, lines) => tally.add(done, &lines),
        }
        if tally.rejected.len() >= pace.documents {
            tally.keep_rejected(store).await?;
        }
    }
    tally.keep_rejected(store).await?;
    Ok(tally.pushed)
}

/// What has become of the rows so far.
struct Tally {
    pushed: Pushed,
    pushed_at: bson::DateTime,
    occurrences: Occurrences,
    rejected_to: Namespace,
    /// Rejected rows that are still to be kept.
    rejected: Vec<Document>,
}

impl Tally {
    fn new(pushed: Pushed, rejected_to: Namespace) -> Self {
        let pushed_at = bson::DateTime::now();
        Self { pushed, pushed_at, occurrences: Occurrences::default(), rejected_to, rejected: Vec::new() }
    }

    fn add(&mut self, done: Inserted, lines: &[u64]) {
        self.pushed.inserted += done.inserted;
        self.pushed.unchanged += done.unchanged;
        for refusal in done.refused {
            let row: Document = refusal.document.into_iter().filter(|(name, _)| !row::is_ours(name)).collect();
            let line = lines.get(refusal.at).copied().unwrap_or_default();
            let reason = format!("the store refused it: {}", refusal.reason);
            let text = Row { line, cells: Ok(Cells::Named(row)), text: String::new() }.excerpt();
            self.reject(Rejection { line, reason }, text);
        }
    }

    fn reject(&mut self, rejection: Rejection, text: String) {
        self.pushed.rejected += 1;
        let mut document = doc! {
            "file": &self.pushed.source, "line": rejection.line as i64, "reason": &rejection.reason, "text": text,
        };
        let content = row::content(&self.pushed.source, &document);
        document.insert("_id", self.occurrences.identify(content));
        document.insert(META, doc! { "source": &self.pushed.source, "pushed_at": self.pushed_at });
        self.rejected.push(document);
        if self.pushed.first_rejections.len() < 5 {
            self.pushed.first_rejections.push(rejection);
        }
    }

    async fn keep_rejected(&mut self, store: &dyn DocumentStore) -> Result<()> {
        if self.rejected.is_empty() {
            return Ok(());
        }
        let rejected = std::mem::take(&mut self.rejected);
        store.insert(&self.rejected_to, rejected).await?.must_be_whole(&self.rejected_to)
    }
}

#[cfg(test)]
mod tests;
