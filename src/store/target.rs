//! Collections that results are written to.

use super::{CollectionKind, DocumentStore, Namespace, Query};
use crate::{Error, Result};

/// Documents that are looked at.
const PEEKED: usize = 20;

/// Makes sure that a collection is absent, or empty, or holds documents with these fields, which are called `what`.
///
/// # Errors
/// When it holds others, or nothing can be stored in it; when the store cannot be asked.
pub(crate) async fn check_target(
    store: &dyn DocumentStore,
    namespace: &Namespace,
    fields: &[&str],
    what: &str,
) -> Result<()> {
    let there = store.collections(&namespace.database).await?;
    let Some(found) = there.iter().find(|c| c.name == namespace.collection) else { return Ok(()) };
    let way_out = "name a collection of its own with --to; one that is not there is made";
    if found.kind != CollectionKind::Plain {
        return Err(Error::user(format!("{namespace} is no plain collection ({})", found.kind.name())).hint(way_out));
    }
    let query = Query { limit: PEEKED, ..Query::default() };
    for document in store.find(namespace, &query).await?.documents {
        if let Some(field) = fields.iter().find(|field| !document.contains_key(**field)) {
            return Err(Error::user(format!(
                "{namespace} holds documents that are no {what}: one has no field {field}"
            ))
            .hint(way_out));
        }
    }
    Ok(())
}
