//! Rows on their way from a source to the store: read, typed and named, in pieces of the store's size.

use super::Rejection;
use super::row::{self, Occurrences};
use crate::schema::Schema;
use crate::source::{Row, Rows};
use crate::store::{META, Pace, weight};
use crate::{Error, Result};
use bson::{Document, doc};
use rayon::prelude::*;
use tokio::sync::mpsc;

/// Some rows, ready to be stored.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Those that the schema takes.
    pub documents: Vec<Document>,
    /// Where each of them stood.
    pub lines: Vec<u64>,
    /// Those that it refuses, each with its text.
    pub rejected: Vec<(Rejection, String)>,
    /// Bytes read so far and in all, where the source has a size.
    pub bytes: Option<(u64, u64)>,
}

impl Chunk {
    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.rejected.is_empty()
    }
}

/// Reads a source to its end.
pub(super) struct Reader {
    pub schema: Schema,
    pub rows: Rows,
    pub pace: Pace,
    pub pushed_at: bson::DateTime,
}

impl Reader {
    /// Sends the rows piece by piece until there are no more, or nobody takes them.
    pub fn read(&mut self, out: &mpsc::Sender<Result<Chunk>>) -> Result<()> {
        let source = self.rows.source().to_owned();
        let binding = row::bind(&self.schema, &self.rows)?;
        let mut occurrences = Occurrences::default();
        let mut any = false;
        loop {
            let rows = self.rows.next_chunk(self.pace.documents)?;
            if rows.is_empty() {
                break;
            }
            any = true;
            let typed: Vec<_> = rows
                .par_iter()
                .map(|row: &Row| {
                    let document = row::document(&self.schema, &binding, row)?;
                    Ok::<_, String>((row::content(&source, &document), weight(&document), document))
                })
                .collect();
            let mut chunk = Chunk::default();
            let mut bytes = 0;
            for (row, typed) in rows.iter().zip(typed) {
                match typed {
                    Ok((content, weight, mut document)) => {
                        if bytes + weight > self.pace.bytes && !self.send(&mut chunk, out) {
                            return Ok(());
                        }
                        bytes = if chunk.is_empty() { weight } else { bytes + weight };
                        document.insert("_id", occurrences.identify(content));
                        document.insert(META, doc! { "source": &source, "pushed_at": self.pushed_at });
                        chunk.documents.push(document);
                        chunk.lines.push(row.line);
                    }
                    Err(reason) => chunk.rejected.push((Rejection { line: row.line, reason }, row.excerpt())),
                }
            }
            if !self.send(&mut chunk, out) {
                return Ok(());
            }
        }
        if any {
            return Ok(());
        }
        Err(Error::data(format!("{} has a header but no rows", self.rows.name())).hint("nothing was stored"))
    }

    /// Whether someone took it.
    fn send(&self, chunk: &mut Chunk, out: &mpsc::Sender<Result<Chunk>>) -> bool {
        let full = Chunk { bytes: self.rows.bytes(), ..std::mem::take(chunk) };
        full.is_empty() || out.blocking_send(Ok(full)).is_ok()
    }
}
