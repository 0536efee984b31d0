//! Documents on their way into a collection: read while others are being stored, several calls at once.

use super::{DocumentStore, Inserted, Namespace, Pace, weight};
use crate::{Error, Result};
use bson::Document;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A flow of pieces `P` out of which documents are stored, each call with a note `N` of what it holds.
pub(crate) struct Inflow<'a, P, N> {
    store: &'a dyn DocumentStore,
    namespace: &'a Namespace,
    calls: usize,
    pieces: mpsc::Receiver<Result<P>>,
    /// Gone when all is read.
    reading: Option<JoinHandle<()>>,
    under_way: FuturesUnordered<BoxFuture<'a, (Result<Inserted>, N)>>,
}

/// What has happened.
pub(crate) enum Step<P, N> {
    /// A piece was read.
    Read(P),
    /// A call is done.
    Stored(Inserted, N),
}

impl<'a, P: Send + 'static, N: Send + 'a> Inflow<'a, P, N> {
    /// Begins to read. `read` may block: it is not run among the tasks. It sends its pieces, and should end early when
    /// nobody takes them.
    pub fn new(
        store: &'a dyn DocumentStore,
        namespace: &'a Namespace,
        read: impl FnOnce(&mpsc::Sender<Result<P>>) -> Result<()> + Send + 'static,
    ) -> Self {
        let (out, pieces) = mpsc::channel(1);
        let reading = tokio::task::spawn_blocking(move || {
            if let Err(e) = read(&out) {
                let _ = out.blocking_send(Err(e));
            }
        });
        let calls = store.pace().calls;
        Self { store, namespace, calls, pieces, reading: Some(reading), under_way: FuturesUnordered::new() }
    }

    /// Stores documents, while others are read.
    pub fn store(&mut self, documents: Vec<Document>, note: N) {
        let (store, namespace) = (self.store, self.namespace);
        self.under_way.push(Box::pin(async move { (store.insert(namespace, documents).await, note) }));
    }

    /// The next step; none when all is read and stored.
    ///
    /// # Errors
    /// What reading or storing failed with. What was stored before stays.
    pub async fn next(&mut self) -> Result<Option<Step<P, N>>> {
        loop {
            tokio::select! {
                piece = self.pieces.recv(), if self.reading.is_some() && self.under_way.len() < self.calls => {
                    match piece.transpose()? {
                        Some(piece) => return Ok(Some(Step::Read(piece))),
                        None => if let Some(reading) = self.reading.take() {
                            // A reader that panics must not look like the end of the rows.
                            reading.await.map_err(|e| Error::internal("the reader panicked").caused_by(e))?;
                        },
                    }
                }
                Some((done, note)) = self.under_way.next() => return Ok(Some(Step::Stored(done?, note))),
                else => return Ok(None),
            }
        }
    }
}

/// Documents that are gathered for one call.
pub(crate) struct Portion {
    pace: Pace,
    documents: Vec<Document>,
    bytes: usize,
}

impl Portion {
    /// For a store of this pace.
    pub fn new(pace: Pace) -> Self {
        Self { pace, documents: Vec::new(), bytes: 0 }
    }

    /// Adds a document. Gives those before it when it would have been too much with them.
    pub fn add(&mut self, document: Document) -> Option<Vec<Document>> {
        let bytes = weight(&document);
        let is_full = self.documents.len() >= self.pace.documents || self.bytes + bytes > self.pace.bytes;
        let full = (is_full && !self.documents.is_empty()).then(|| self.take());
        self.bytes += bytes;
        self.documents.push(document);
        full
    }

    /// Gives all that are left.
    pub fn take(&mut self) -> Vec<Document> {
        self.bytes = 0;
        std::mem::take(&mut self.documents)
    }
}
