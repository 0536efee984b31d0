//! A store that fails at a request of the test's choice, as a server does that goes away.

use async_trait::async_trait;
use netsec::object::{Listed, Moved, Object, ObjectStore, Put, Tag};
use netsec::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// From the n-th request on, nothing works; the n-th itself is carried out before that, or not.
#[derive(Debug)]
pub struct Cutting {
    inner: Arc<dyn ObjectStore>,
    from: usize,
    carried_out: bool,
    seen: AtomicUsize,
}

impl Cutting {
    /// The first request is 1.
    pub fn new(inner: Arc<dyn ObjectStore>, from: usize, carried_out: bool) -> Arc<Self> {
        Arc::new(Self { inner, from, carried_out, seen: AtomicUsize::new(0) })
    }

    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }

    async fn through<T>(&self, work: impl Future<Output = Result<T>> + Send) -> Result<T> {
        let nth = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        if nth == self.from && self.carried_out {
            work.await?;
        } else if nth < self.from {
            return work.await;
        }
        Err(Error::remote("the server has gone away"))
    }
}

#[async_trait]
impl ObjectStore for Cutting {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn is_remote(&self) -> bool {
        true
    }

    async fn get(&self, key: &str) -> Result<Option<Object>> {
        self.through(self.inner.get(key)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>> {
        self.through(self.inner.list(prefix)).await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        self.through(self.inner.names(prefix)).await
    }

    async fn put_if_absent(&self, key: &str, content: &[u8]) -> Result<Put> {
        self.through(self.inner.put_if_absent(key, content)).await
    }

    async fn put_if_match(&self, key: &str, content: &[u8], tag: &Tag) -> Result<Put> {
        self.through(self.inner.put_if_match(key, content, tag)).await
    }

    async fn upload(&self, key: &str, file: &Path, sha256: &str, moved: Moved<'_>) -> Result<Put> {
        self.through(self.inner.upload(key, file, sha256, moved)).await
    }

    async fn download(&self, key: &str, to: &Path, moved: Moved<'_>) -> Result<Option<String>> {
        self.through(self.inner.download(key, to, moved)).await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        self.through(self.inner.delete(key)).await
    }
}
