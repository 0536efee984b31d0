//! Looking at documents: a page of them, their number, all of them in order.

use super::{MongoStore, query};
use crate::store::{Cursor, Filter, Namespace, Page, Query, Sort};
use crate::{Error, Result};
use bson::{Bson, Document, RawDocumentBuf};
use futures_util::stream::{StreamExt, TryStreamExt};
use mongodb::raw_batch_cursor::RawBatch;
use tokio::sync::mpsc;

/// Documents fetched at once where all are wanted. The server sends 16 MB at most.
const AT_ONCE: u32 = 2_000;

impl MongoStore {
    /// A page. Without a sort it begins behind an `_id`, which an index finds at once. With one it begins behind so
    /// many documents, as far as the server has to go through them in any case.
    pub(super) async fn page(&self, namespace: &Namespace, query: &Query) -> Result<Page> {
        let mut filter = query::filter(&query.filter);
        let mut skip = 0;
        match &query.after {
            Some(cursor) if query.sort.is_empty() => filter = query::both(filter, query::behind(&parse_id(&cursor.0)?)),
            Some(cursor) => skip = cursor.0.parse().map_err(|_| foreign_cursor())?,
            None => {}
        }
        let collection = self.collection(namespace).await?;
        // One more than asked for tells whether there is a next page.
        let wanted = query.limit.saturating_add(1);
        let find = collection
            .find(filter)
            .with_options(self.find_options())
            .sort(query::sort(&query.sort))
            .skip(skip)
            .limit(i64::try_from(wanted).unwrap_or(i64::MAX))
            .batch_size(u32::try_from(wanted).unwrap_or(u32::MAX))
            .allow_disk_use(true);
        let found = async { find.await?.try_collect::<Vec<RawDocumentBuf>>().await };
        let mut documents = decode(&self.wait("looking for documents", found).await?)?;
        if documents.is_empty() && query.after.is_none() {
            self.must_exist(namespace).await?;
        }
        let mut page = Page { documents: Vec::new(), next: None };
        if documents.len() > query.limit {
            documents.truncate(query.limit);
            let behind = if query.sort.is_empty() {
                documents.last().and_then(|d| d.get("_id")).map(|id| id.clone().into_canonical_extjson().to_string())
            } else {
                Some((skip + query.limit as u64).to_string())
            };
            page.next = behind.map(Cursor);
        }
        page.documents = documents;
        Ok(page)
    }

    pub(super) async fn count_matching(&self, namespace: &Namespace, filter: &Filter) -> Result<u64> {
        let collection = self.collection(namespace).await?;
        let count = collection.count_documents(query::filter(filter)).with_options(self.count_options());
        let count = self.wait("counting", count.into_future()).await?;
        if count == 0 {
            self.must_exist(namespace).await?;
        }
        Ok(count)
    }

    pub(super) async fn stream(
        &self,
        namespace: &Namespace,
        filter: &Filter,
        sort: &[Sort],
    ) -> Result<mpsc::Receiver<Result<Vec<Document>>>> {
        let collection = self.collection(namespace).await?;
        let find = collection
            .find(query::filter(filter))
            .with_options(self.find_options())
            .batch_size(AT_ONCE)
            .allow_disk_use(true);
        // In the order of `_id` a large collection would be read in leaps.
        let find = if sort.is_empty() { find } else { find.sort(query::sort(sort)) };
        let mut cursor = self.wait("reading documents", find.batch()).await?;
        let (out, pieces) = mpsc::channel(1);
        let store = self.clone();
        let namespace = namespace.clone();
        tokio::spawn(async move {
            let mut any = false;
            loop {
                let next = store.wait("reading documents", async { cursor.next().await.transpose() }).await;
                let piece = match next {
                    Ok(Some(batch)) => store.decoded(batch).await,
                    Ok(None) if any => return,
                    // Whether there is nothing in it, or it is not there.
                    Ok(None) => match store.must_exist(&namespace).await {
                        Ok(()) => return,
                        Err(e) => Err(e),
                    },
                    Err(e) => Err(e),
                };
                if piece.as_ref().is_ok_and(Vec::is_empty) {
                    continue;
                }
                let failed = piece.is_err();
                any = true;
                if out.send(piece).await.is_err() || failed {
                    return;
                }
            }
        });
        Ok(pieces)
    }

    /// The documents of a batch, decoded where it does not hold up other tasks.
    async fn decoded(&self, batch: RawBatch) -> Result<Vec<Document>> {
        let hosts = self.hosts.clone();
        let decode = move || {
            let broken = |e: String| Error::remote(format!("{hosts} sent what is no document")).caused_by(e);
            let mut documents = Vec::new();
            for document in batch.doc_slices().map_err(|e| broken(e.to_string()))? {
                let document = document.map_err(|e| broken(e.to_string()))?;
                let document = document.as_document().ok_or_else(|| broken("another value".to_owned()))?;
                documents.push(Document::try_from(document).map_err(|e| broken(e.to_string()))?);
            }
            Ok(documents)
        };
        tokio::task::spawn_blocking(decode)
            .await
            .map_err(|e| Error::internal("decoding documents panicked").caused_by(e))?
    }
}

fn decode(raw: &[RawDocumentBuf]) -> Result<Vec<Document>> {
    let broken = |e: bson::error::Error| Error::remote("the server sent what is no document").caused_by(e.to_string());
    raw.iter().map(|document| Document::try_from(document.as_ref()).map_err(broken)).collect()
}

fn foreign_cursor() -> Error {
    Error::internal("a cursor of another query")
}

fn parse_id(text: &str) -> Result<Bson> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|_| foreign_cursor())?;
    Bson::try_from(value).map_err(|_| foreign_cursor())
}
