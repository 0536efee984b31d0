//! Where documents live: one interface over the embedded store and MongoDB.

mod bounds;
pub mod embedded;
mod filter;
mod inflow;
pub mod mongo;
mod order;
mod part;
mod plan;
mod probe;
mod sort;
mod tally;
mod target;
mod weight;
mod window;

pub use bounds::Bounds;
pub use filter::{Filter, FilterError, Op, Pattern, parse_filter};
pub(crate) use inflow::{Inflow, Portion, Step};
pub use order::value_at;
pub(crate) use part::Values;
pub use plan::{Plan, Stage};
pub use probe::{Outcome, Probe};
pub use sort::{Sort, parse_sort};
pub use tally::{Plain, Tally, Wanted};
pub(crate) use target::check_target;
pub(crate) use weight::weight;
pub use window::Window;

use crate::Result;
use async_trait::async_trait;
use bson::{Bson, Document};
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
    /// A name that is empty or too long, begins with a dot, or holds `/`, `@`, `$` or a control character: MongoDB
    /// refuses some of these, and `DATABASE/COLLECTION@FROM..TO` must stay readable.
    pub fn new(database: &str, collection: &str) -> Result<Self> {
        for name in [database, collection] {
            let fits = !name.is_empty()
                && name.len() <= 120
                && !name.starts_with('.')
                && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '@' | '$'));
            if !fits {
                return Err(crate::Error::user(format!("{name:?} is not a usable name"))
                    .hint("use up to 120 characters, none of them / @ $, not beginning with a dot"));
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

/// What is said of a collection that is not there.
pub fn no_collection(namespace: &Namespace) -> crate::Error {
    crate::Error::user(format!("there is no collection {namespace}"))
        .hint("netsec-tui push FILE --collection NAME makes one")
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
    /// What it is, where it is no plain collection.
    pub kind: CollectionKind,
}

/// What a collection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CollectionKind {
    /// Documents, as they were put there.
    #[default]
    Plain,
    /// What a query of other collections gives.
    View,
    /// The newest documents only, as many as fit.
    Capped,
    /// Measurements over time, stored in buckets.
    TimeSeries,
    /// Files, or pieces of files.
    GridFs,
}

impl CollectionKind {
    /// Its name: nothing for a plain collection.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::View => "view",
            Self::Capped => "capped",
            Self::TimeSeries => "time series",
            Self::GridFs => "GridFS",
        }
    }
}

/// Where a page ends. What is inside is the store's own affair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub(crate) String);

/// Which documents to fetch.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Which documents.
    pub filter: Filter,
    /// By which fields, the first one first; in the store's own order without any, and among documents that are equal
    /// in all. The store's own order is the same each time: that of storing in the embedded store, that of `_id` in
    /// MongoDB.
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
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inserted {
    /// Documents added.
    pub inserted: u64,
    /// Documents whose `_id` was there already.
    pub unchanged: u64,
    /// Documents that the store refused, one by one.
    pub refused: Vec<Refusal>,
}

impl Inserted {
    /// Makes sure that no document was refused, where each is as good as the others.
    ///
    /// # Errors
    /// Why the first one was.
    pub(crate) fn must_be_whole(&self, namespace: &Namespace) -> Result<()> {
        let Some(refusal) = self.refused.first() else { return Ok(()) };
        Err(crate::Error::remote(format!("{namespace} refuses a document: {}", refusal.reason))
            .hint("look at the validation rules of the collection; what was stored before stays"))
    }
}

/// A document that a store refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Its place in the call.
    pub at: usize,
    /// The document.
    pub document: Document,
    /// Why.
    pub reason: String,
}

/// How documents are best handed to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Documents in a call, at most.
    pub documents: usize,
    /// Bytes in a call, about, at most.
    pub bytes: usize,
    /// Calls under way at once.
    pub calls: usize,
}

/// A piece of a collection, column by column.
#[derive(Debug)]
pub struct Batch {
    /// The wanted fields as columns, one row a document. A field that no document of the piece has is missing here.
    pub frame: DataFrame,
    /// Rows (index into `frame`) whose values the columns cannot hold, as whole documents. They override `frame`.
    pub odd: Vec<(usize, Document)>,
    /// The `_id` of each row, where it was asked for.
    pub ids: Vec<Bson>,
    /// When the first and the last document of the piece were stored, where that is known.
    pub stored: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// What whoever uses the rows should know of how they were read, in words.
    pub notes: Vec<String>,
}

/// Some documents of a collection.
#[derive(Debug)]
pub struct Sample {
    /// They, piece by piece, as a scan has them.
    pub batches: mpsc::Receiver<Result<Batch>>,
    /// Whether they were drawn at random; they are the first ones otherwise.
    pub is_random: bool,
}

/// A place for documents. All calls may be dropped at any time without harm.
#[async_trait]
pub trait DocumentStore: Send + Sync {
    /// One word for the console's header: `embedded`, or the host.
    fn describe(&self) -> String;

    /// How documents are best handed to [`DocumentStore::insert`].
    fn pace(&self) -> Pace;

    /// Whether it is on another host, so that it may go away and come back.
    fn is_remote(&self) -> bool;

    /// Whether it answers, in a second or so.
    async fn ping(&self) -> Result<()>;

    /// Looks at the way to the documents step by step, and sends each step as soon as it is done. The first that fails
    /// is the last. Rights are those on `namespace`. Nothing is written.
    async fn diagnose(&self, namespace: &Namespace, steps: &mpsc::Sender<Probe>);

    /// The same documents, with every later read held to these bounds: a count, the finding of a page, a whole scan.
    /// A read that runs into them fails, and says how long it looked.
    fn bounded(&self, bounds: Bounds) -> Arc<dyn DocumentStore>;

    /// The databases, sorted.
    async fn databases(&self) -> Result<Vec<String>>;

    /// The collections of a database, sorted. A database that is not there has none.
    async fn collections(&self, database: &str) -> Result<Vec<CollectionInfo>>;

    /// How many documents match.
    async fn count(&self, namespace: &Namespace, filter: &Filter) -> Result<u64>;

    /// A page of matching documents.
    async fn find(&self, namespace: &Namespace, query: &Query) -> Result<Page>;

    /// How the first page of a query would be found; none where the store does not tell. Nothing is read for it.
    async fn plan(&self, namespace: &Namespace, query: &Query) -> Result<Option<Plan>>;

    /// All matching documents, in pieces of bounded size; without a sort in the order in which they are read fastest.
    async fn documents(
        &self,
        namespace: &Namespace,
        filter: &Filter,
        sort: &[Sort],
    ) -> Result<mpsc::Receiver<Result<Vec<Document>>>>;

    /// Makes what a collection that is written to should have, and says in words what was made.
    async fn prepare(&self, namespace: &Namespace) -> Result<Vec<String>>;

    /// Adds documents, each with its `_id`; those whose `_id` is there already are left alone. After a failure some
    /// may be stored: the same call again adds the others.
    async fn insert(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted>;

    /// Streams the given fields of all documents in a window, piece by piece. The `_id` is among them when it is named.
    /// After an error nothing more comes; without one the rows are all there are.
    async fn scan(
        &self,
        namespace: &Namespace,
        fields: &[String],
        window: Window,
    ) -> Result<mpsc::Receiver<Result<Batch>>>;

    /// Counts the values of fields in the documents of a window, where the store does that by itself; none where it
    /// does not, and the documents have to be read.
    async fn tally(&self, namespace: &Namespace, wanted: &[Wanted], window: Window) -> Result<Option<Vec<Tally>>>;

    /// Streams the given fields of so many documents at most, drawn at random where the store can. None where all of
    /// them are read as quickly.
    async fn sample(&self, namespace: &Namespace, fields: &[String], most: u32) -> Result<Option<Sample>>;
}
