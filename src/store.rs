//! Where documents live: one interface over the embedded store and, later, MongoDB.

mod bounds;
pub mod embedded;
mod filter;
mod order;
mod part;
mod sort;
mod window;

pub use bounds::Bounds;
pub use filter::{Filter, FilterError, Op, Pattern, parse_filter};
pub use order::value_at;
pub(crate) use part::Values;
pub use sort::{Sort, parse_sort};
pub use window::Window;

use crate::Result;
use async_trait::async_trait;
use bson::Document;
use chrono::{DateTime, Utc};
use polars::frame::DataFrame;
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The field that says where a document came from and when it was stored: `{source, pushed_at}`.
pub const META: &str = "_netsec";

/// A collection in a database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Namespace {
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
}

impl Namespace {
    /// Names a collection.
    ///
    /// # Errors
    /// A name that is empty, too long, begins with a dot, or holds anything but letters, digits, `_`, `-` and `.`:
    /// names become folders in the embedded store.
    pub fn new(database: &str, collection: &str) -> Result<Self> {
        for name in [database, collection] {
            let fits = !name.is_empty()
                && name.len() <= 120
                && !name.starts_with('.')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
            if !fits {
                return Err(crate::Error::user(format!("{name:?} is not a usable name"))
                    .hint("use up to 120 letters, digits, _, - and dots, not beginning with a dot"));
            }
        }
        Ok(Self { database: database.to_owned(), collection: collection.to_owned() })
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.database, self.collection)
    }
}

/// A collection as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionInfo {
    /// Its name.
    pub name: String,
    /// Number of documents, where the store knows it without a scan.
    pub documents: Option<u64>,
    /// Size on disk in bytes, where the store knows it.
    pub bytes: Option<u64>,
}

/// Where a page ends. What is inside is the store's own affair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(crate) String);

/// Which documents to fetch.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Which documents.
    pub filter: Filter,
    /// By which fields, the first one first; oldest first without any, and among documents that are equal in all.
    pub sort: Vec<Sort>,
    /// Behind which one; from the start without it. Belongs to the query with the same filter and sort.
    pub after: Option<Cursor>,
    /// How many at most.
    pub limit: usize,
}

/// Some documents, in the order that was asked for.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The documents.
    pub documents: Vec<Document>,
    /// Where to go on; none when this page is the last.
    pub next: Option<Cursor>,
}

/// What an insert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inserted {
    /// Documents added.
    pub inserted: u64,
    /// Documents whose `_id` was there already.
    pub unchanged: u64,
}

/// A piece of a collection, column by column.
#[derive(Debug)]
pub struct Batch {
    /// The wanted fields as columns, one row a document. A field that no document of the piece has is missing here.
    pub frame: DataFrame,
    /// Rows (index into `frame`) whose values the columns cannot hold, as whole documents. They override `frame`.
    pub odd: Vec<(usize, Document)>,
    /// When the first and the last document of the piece were stored, where that is known.
    pub stored: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// A place for documents. All calls may be dropped at any time without harm.
#[async_trait]
pub trait DocumentStore: Send + Sync {
    /// One word for the console's header: `embedded`, or the host.
    fn describe(&self) -> String;

    /// The same documents, with every later read held to these bounds: a count, the finding of a page, a whole scan.
    /// A read that runs into them fails, and says how long it looked.
    fn bounded(&self, bounds: Bounds) -> Arc<dyn DocumentStore>;

    /// The databases, sorted.
    async fn databases(&self) -> Result<Vec<String>>;

    /// The collections of a database, sorted. A database that is not there has none.
    async fn collections(&self, database: &str) -> Result<Vec<CollectionInfo>>;

    /// How many documents match.
    async fn count(&self, namespace: &Namespace, filter: &Filter) -> Result<u64>;

    /// A page of matching documents, sorted, else oldest first.
    async fn find(&self, namespace: &Namespace, query: &Query) -> Result<Page>;

    /// Adds documents, each with its `_id`; those whose `_id` is there already are left alone. Either all of a
    /// call's documents are stored or, after a failure, none.
    async fn insert(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted>;

    /// Streams the given fields of all documents in a window, piece by piece.
    async fn scan(
        &self,
        namespace: &Namespace,
        fields: &[String],
        window: Window,
    ) -> Result<mpsc::Receiver<Result<Batch>>>;
}
