//! One suite for every document store: the embedded one, and MongoDB over the wire.

mod answers;
mod copying;
mod faults;
mod pages;
mod reading;
mod writing;

use bson::{Document, doc};
use netsec::connection::{Connection, Uri};
use netsec::store::embedded::EmbeddedStore;
use netsec::store::mongo::MongoStore;
use netsec::store::{DocumentStore, Filter, META, Namespace};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A store with an empty collection of its own.
pub struct Place {
    pub store: Arc<dyn DocumentStore>,
    pub namespace: Namespace,
    /// A second store on the same documents, which has written none of them.
    pub other: Arc<dyn DocumentStore>,
    _dir: tempfile::TempDir,
    server: Option<String>,
}

impl Place {
    pub fn embedded() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = || Arc::new(EmbeddedStore::new(dir.path().join("store"))) as Arc<dyn DocumentStore>;
        let (store, other) = (open(), open());
        Self { store, other, namespace: Namespace::new("db", "c").unwrap(), _dir: dir, server: None }
    }

    pub fn mongo() -> Self {
        let uri = crate::support::mongodb();
        let namespace = Namespace::new(&database(), "c").unwrap();
        let (store, other) = (connect(&uri), connect(&uri));
        Self { store, other, namespace, _dir: tempfile::tempdir().unwrap(), server: Some(uri) }
    }

    /// Another collection of the same database.
    pub fn beside(&self, name: &str) -> Namespace {
        Namespace::new(&self.namespace.database, name).unwrap()
    }

    pub async fn insert(&self, documents: Vec<Document>) {
        let wanted = documents.len() as u64;
        let done = self.store.insert(&self.namespace, documents).await.unwrap();
        assert_eq!((done.inserted, done.refused), (wanted, Vec::new()));
    }

    pub async fn count(&self) -> u64 {
        self.store.count(&self.namespace, &Filter::default()).await.unwrap()
    }

    /// Leaves nothing on the server.
    pub async fn end(self) {
        if let Some(uri) = self.server {
            let client = mongodb::Client::with_uri_str(uri).await.unwrap();
            client.database(&self.namespace.database).drop().await.unwrap();
        }
    }
}

/// A name that no other test has.
pub fn database() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("netsec_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

pub fn connect(uri: &str) -> Arc<dyn DocumentStore> {
    let uri = Uri::parse(uri, "test").unwrap();
    Arc::new(MongoStore::new(Connection { name: "test".to_owned(), uri, read_only: false, stable_api: false }))
}

/// A document as a push makes them.
pub fn document(i: i64) -> Document {
    let at = bson::DateTime::from_millis(1_700_000_000_000 + i);
    doc! { "_id": format!("{i:032x}"), "n": i, "f": i as f64 / 2.0, "s": format!("text {i}"), "b": i % 2 == 0, "z": null,
    META: { "source": "t", "pushed_at": at } }
}

/// Each test on both stores.
macro_rules! on_both {
    ($($case:ident)*) => {
        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case(crate::store::Place::embedded()).await;
            })*
        }
        mod mongo {
            $(#[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs MongoDB"]
            async fn $case() {
                super::$case(crate::store::Place::mongo()).await;
            })*
        }
    };
}
pub(crate) use on_both;
