//! One suite for every store of objects: a directory, and S3 over the wire.

mod moving;
mod reading;
mod s3;
mod writing;

use crate::http_proxy::{self, HttpProxy};
use netsec::object::local::LocalStore;
use netsec::object::{ObjectStore, Put, Tag};
use std::path::PathBuf;
use std::sync::Arc;

/// An empty store of its own.
pub struct Place {
    pub store: Arc<dyn ObjectStore>,
    /// A second one on the same objects.
    pub other: Arc<dyn ObjectStore>,
    pub dir: tempfile::TempDir,
    /// Through which the stores come to the server.
    pub proxy: Option<HttpProxy>,
}

impl Place {
    pub fn local() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let open = || Arc::new(LocalStore::new(dir.path().join("objects"))) as Arc<dyn ObjectStore>;
        Self { store: open(), other: open(), dir, proxy: None }
    }

    pub fn s3() -> Self {
        let (proxy, prefix) = (HttpProxy::to_s3(), http_proxy::prefix());
        let (store, other) = (proxy.store(&prefix), proxy.store(&prefix));
        Self { store, other, dir: tempfile::tempdir().unwrap(), proxy: Some(proxy) }
    }

    /// Writes a file beside the store. Its path and its SHA-256.
    pub fn file(&self, name: &str, content: &[u8]) -> (PathBuf, String) {
        let path = self.dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        (path, netsec::files::sha256_hex(content))
    }

    pub async fn put(&self, key: &str, content: &str) -> Tag {
        done(self.store.put_if_absent(key, content.as_bytes()).await.unwrap())
    }

    pub async fn text(&self, key: &str) -> Option<String> {
        self.other.get(key).await.unwrap().map(|object| String::from_utf8(object.content).unwrap())
    }

    pub async fn keys(&self, prefix: &str) -> Vec<String> {
        self.other.list(prefix).await.unwrap().into_iter().map(|object| object.key).collect()
    }

    /// Leaves nothing on a server.
    pub async fn end(self) {
        self.proxy.iter().for_each(HttpProxy::calm);
        for key in self.keys("").await {
            self.store.delete(&key).await.unwrap();
        }
    }
}

/// The tag of a write that was done.
pub fn done(put: Put) -> Tag {
    match put {
        Put::Done(tag) => tag,
        Put::Refused => panic!("the write was refused"),
    }
}

/// Each test on both stores.
macro_rules! on_both {
    ($($case:ident)*) => {
        mod local {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                super::$case(crate::object::Place::local()).await;
            })*
        }
        mod s3 {
            $(#[tokio::test(flavor = "multi_thread")]
            #[ignore = "needs S3"]
            async fn $case() {
                super::$case(crate::object::Place::s3()).await;
            })*
        }
    };
}
pub(crate) use on_both;
