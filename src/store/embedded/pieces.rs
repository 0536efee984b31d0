//! All documents of a query, page after page.

use super::EmbeddedStore;
use crate::Result;
use crate::store::weight::weight;
use crate::store::{DocumentStore, Namespace, Query};
use bson::Document;
use tokio::sync::mpsc;

/// Documents of the first page, and of a page at most.
const PAGES: [usize; 2] = [500, 5_000];
/// Sorting goes through the whole collection for every page.
const SORTED_PAGE: usize = 20_000;
/// Bytes from which a page is heavy.
const HEAVY: usize = 32 << 20;

/// Sends the pages of a query until there are no more, or nobody takes them.
pub(super) async fn send(
    store: EmbeddedStore,
    namespace: Namespace,
    mut query: Query,
    out: mpsc::Sender<Result<Vec<Document>>>,
) {
    query.limit = if query.sort.is_empty() { PAGES[0] } else { SORTED_PAGE };
    loop {
        let page = match store.find(&namespace, &query).await {
            Ok(page) => page,
            Err(e) => {
                let _ = out.send(Err(e)).await;
                return;
            }
        };
        let weight: usize = page.documents.iter().map(weight).sum();
        query.limit = match weight {
            w if w > HEAVY => (query.limit / 4).max(1),
            w if w < HEAVY / 4 && query.sort.is_empty() => (query.limit * 2).min(PAGES[1]),
            _ => query.limit,
        };
        if out.send(Ok(page.documents)).await.is_err() || page.next.is_none() {
            return;
        }
        query.after = page.next;
    }
}
