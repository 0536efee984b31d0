//! A collection as columns: fetched while the piece before is laid out.

use super::columns::Columns;
use super::{MongoStore, failure, query, tally};
use crate::store::{Batch, META, Namespace, Sample, Window};
use crate::{Error, Result};
use bson::{Document, RawDocumentBuf, doc};
use futures_util::stream::{Stream, StreamExt};
use mongodb::error::{Error as Driver, ErrorKind};
use mongodb::options::AggregateOptions;
use mongodb::raw_batch_cursor::{RawBatch, RawBatchCursor};
use mongodb::{ClientSession, Collection};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Documents asked for at once. The server sends 16 MB at most.
const AT_ONCE: u32 = 20_000;
/// Rows of a batch.
const ROWS: usize = 50_000;

impl MongoStore {
    /// Streams fields of the documents in a window. Where the server can, all of them are as they were at one moment;
    /// where it cannot, a number of documents that has changed meanwhile is noted in the last batch.
    pub(super) async fn read_columns(
        &self,
        namespace: &Namespace,
        fields: &[String],
        window: Window,
    ) -> Result<mpsc::Receiver<Result<Batch>>> {
        let (fetched, raw) = mpsc::channel(2);
        let reading = self.reading(namespace, fields, query::window(window)).await?;
        let fetching = tokio::spawn(async move { reading.fetch(&fetched).await });
        Ok(columns_of(raw, fetching, fields))
    }

    /// Streams fields of so many documents: drawn at random, or the first ones where the server cannot draw.
    pub(super) async fn draw(&self, namespace: &Namespace, fields: &[String], most: u32) -> Result<Sample> {
        let (fetched, raw) = mpsc::channel(2);
        let reading = self.reading(namespace, fields, Document::new()).await?;
        let (cursor, is_random) = reading.draw(most).await?;
        let fetching = tokio::spawn(async move { reading.follow(cursor, &fetched).await.map(|_| Vec::new()) });
        Ok(Sample { batches: columns_of(raw, fetching, fields), is_random })
    }

    async fn reading(&self, namespace: &Namespace, fields: &[String], filter: Document) -> Result<Reading> {
        Ok(Reading {
            store: self.clone(),
            collection: self.collection(namespace).await?,
            namespace: namespace.clone(),
            filter,
            projection: projection(fields),
        })
    }
}

/// Lays out what is fetched. `fetching` ends with what is to be noted in the last batch.
fn columns_of(
    raw: mpsc::Receiver<RawBatch>,
    fetching: JoinHandle<Result<Vec<String>>>,
    fields: &[String],
) -> mpsc::Receiver<Result<Batch>> {
    let (out, batches) = mpsc::channel(2);
    let columns = Columns::new(fields);
    let sender = out.clone();
    let laying = tokio::task::spawn_blocking(move || lay_out(raw, columns, &sender));
    tokio::spawn(async move {
        // A worker that panics must not look like the end of the data.
        let panicked = |e| Err(Error::internal("reading the collection panicked").caused_by(e));
        let laid = laying.await.unwrap_or_else(|e| Err(Error::internal("laying out columns panicked").caused_by(e)));
        let fetched = fetching.await.unwrap_or_else(panicked);
        let end = match (fetched, laid) {
            (Err(e), _) | (_, Err(e)) => Err(e),
            (Ok(notes), Ok(mut last)) => {
                last.notes = notes;
                Ok(last)
            }
        };
        let _ = out.send(end).await;
    });
    batches
}

/// The fields as a projection; none where one of them is no plain name, which MongoDB would take for a path.
fn projection(fields: &[String]) -> Option<Document> {
    if fields.iter().any(|field| field.is_empty() || field.contains('.') || field.starts_with('$')) {
        return None;
    }
    let mut wanted: Document = fields.iter().map(|field| (field.clone(), 1.into())).collect();
    wanted.insert("_id", 1);
    if !wanted.contains_key(META) {
        wanted.insert(query::PUSHED_AT, 1);
    }
    Some(wanted)
}

/// Lays documents out as they come, and sends full batches. Returns the last one, which has what is left.
fn lay_out(
    mut raw: mpsc::Receiver<RawBatch>,
    mut columns: Columns,
    out: &mpsc::Sender<Result<Batch>>,
) -> Result<Batch> {
    let broken = |e: String| Error::remote("the server sent what is no document").caused_by(e);
    while let Some(batch) = raw.blocking_recv() {
        for document in batch.doc_slices().map_err(|e| broken(e.to_string()))? {
            let document = document.map_err(|e| broken(e.to_string()))?;
            columns.add(document.as_document().ok_or_else(|| broken("another value".to_owned()))?)?;
            // The receiver is gone when whoever asked has lost interest.
            if columns.len() == ROWS && out.blocking_send(columns.take()).is_err() {
                return columns.take();
            }
        }
    }
    columns.take()
}

/// A reading under way.
struct Reading {
    store: MongoStore,
    collection: Collection<RawDocumentBuf>,
    namespace: Namespace,
    filter: Document,
    projection: Option<Document>,
}

impl Reading {
    /// Hands over all batches. Returns what is to be noted.
    async fn fetch(&self, out: &mpsc::Sender<RawBatch>) -> Result<Vec<String>> {
        let mut session = self.snapshot().await?;
        if let Some(session) = &mut session {
            let begun = self.store.told(self.find().session(&mut *session).batch()).await?;
            match begun {
                Ok(mut cursor) => {
                    self.follow(cursor.stream(session), out).await?;
                    return Ok(Vec::new());
                }
                // A view, a server that has no snapshots after all: it is read as it is.
                Err(e) if no_snapshot(&e) => {}
                Err(e) => return Err(self.store.failed("reading documents", &e)),
            }
        }
        let cursor = self.store.wait("reading documents", self.find().batch()).await?;
        let rows = self.follow(cursor, out).await?;
        self.changes(rows).await
    }

    fn find(&self) -> mongodb::action::Find<'_, RawDocumentBuf> {
        let options = self.store.find_options();
        let find = self.collection.find(self.filter.clone()).with_options(options).batch_size(AT_ONCE);
        match &self.projection {
            Some(projection) => find.projection(projection.clone()),
            None => find,
        }
    }

    /// Begins to read so many documents; whether they are drawn at random comes with them.
    async fn draw(&self, most: u32) -> Result<(RawBatchCursor, bool)> {
        // The first stage: there the server draws without going through all documents.
        let mut pipeline = vec![doc! { "$sample": { "size": i64::from(most) } }];
        pipeline.extend(self.projection.iter().map(|projection| doc! { "$project": projection }));
        let options = AggregateOptions::builder()
            .allow_disk_use(true)
            .batch_size(AT_ONCE)
            .max_time(self.store.bounds.within)
            .build();
        match self.store.told(self.collection.aggregate(pipeline).with_options(options).batch()).await? {
            Ok(cursor) => Ok((cursor, true)),
            Err(e) if tally::is_unable(&e) => {
                let first = self.find().limit(most.into()).batch();
                Ok((self.store.wait("reading documents", first).await?, false))
            }
            Err(e) => Err(self.store.failed("drawing a sample", &e)),
        }
    }

    /// A session in which everything is read as it was at one moment, where the server has such.
    async fn snapshot(&self) -> Result<Option<ClientSession>> {
        if !self.store.facts().await?.has_snapshots() {
            return Ok(None);
        }
        let session = self.store.client().await?.start_session().snapshot(true);
        Ok(self.store.told(session.into_future()).await?.ok())
    }

    /// Hands over batches to the end. Returns the number of documents.
    async fn follow(
        &self,
        mut batches: impl Stream<Item = Result<RawBatch, Driver>> + Unpin + Send,
        out: &mpsc::Sender<RawBatch>,
    ) -> Result<u64> {
        let mut rows = 0;
        while let Some(batch) = self.store.wait("reading documents", async { batches.next().await.transpose() }).await?
        {
            let documents = batch.doc_slices().map_err(|e| self.store.failed("reading documents", &e))?;
            rows += documents.into_iter().count() as u64;
            if out.send(batch).await.is_err() {
                return Ok(rows);
            }
        }
        if rows == 0 {
            self.store.must_exist(&self.namespace).await?;
        }
        Ok(rows)
    }

    /// Whether another number of documents is there now than was read. What was changed in place is not noticed.
    async fn changes(&self, rows: u64) -> Result<Vec<String>> {
        let now = if self.filter.is_empty() {
            // The server keeps this number.
            self.store.wait("counting", self.collection.estimated_document_count().into_future()).await?
        } else {
            let options = self.store.count_options();
            let count = self.collection.count_documents(self.filter.clone()).with_options(options);
            self.store.wait("counting", count.into_future()).await?
        };
        if now == rows {
            return Ok(Vec::new());
        }
        let [rows, now] = [rows, now].map(crate::form::count);
        Ok(vec![format!(
            "{} changed while it was read: {rows} documents were read, {now} are there now",
            self.namespace
        )])
    }
}

/// Whether the server refuses to read at one moment, and nothing else.
fn no_snapshot(error: &Driver) -> bool {
    match error.kind.as_ref() {
        ErrorKind::SessionsNotSupported | ErrorKind::IncompatibleServer { .. } => true,
        // InvalidOptions, NotAReplicaSet, CommandNotSupported, CommandNotSupportedOnView, SnapshotUnavailable, and
        // IllegalOperation: what servers and stages say that have none.
        _ => matches!(failure::code(error), Some(20 | 72 | 115 | 123 | 166 | 246)),
    }
}
