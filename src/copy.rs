//! A collection copied from one store to another, and verified there.

use crate::store::{DocumentStore, Filter, Inflow, META, Namespace, Portion, Step};
use crate::{Error, Result, form};
use bson::{Bson, Document};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use xxhash_rust::xxh3::xxh3_128;

/// A collection in a store.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// The store.
    pub store: &'a dyn DocumentStore,
    /// The collection.
    pub namespace: &'a Namespace,
}

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Documents copied, or verified.
    pub done: u64,
    /// Documents in all.
    pub total: u64,
    /// Whether they are being verified by now.
    pub verifying: bool,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// Documents of the source. As many were found in the target with the same content.
    pub documents: u64,
    /// Those that were added.
    pub inserted: u64,
    /// Those whose `_id` was there already.
    pub unchanged: u64,
    /// SHA-256 of the source's documents, whatever their order: the same for the copy.
    pub content: String,
    /// What was made in the target, in words.
    pub notes: Vec<String>,
}

/// A document by its `_id` and its content: 32 bytes for each are kept until the copy is verified.
type Mark = (u128, u128);

/// Copies all documents, each with its `_id`, and reads them back. What is there already stays; a copy that was cut is
/// completed by repeating it. Other documents of the target are left alone.
///
/// # Errors
/// A store that fails or refuses a document, or a target that afterwards has not all of the documents as they are in
/// the source, for example because it held others with the same `_id`.
pub async fn copy(from: Side<'_>, to: Side<'_>, progress: &(dyn Fn(Progress) + Send + Sync)) -> Result<Copied> {
    if from.namespace == to.namespace && from.store.describe() == to.store.describe() {
        return Err(Error::user(format!("{} cannot be copied onto itself", from.namespace)).hint("name another target"));
    }
    let total = from.store.count(from.namespace, &Filter::default()).await?;
    let mut copied = Copied { notes: to.store.prepare(to.namespace).await?, ..Copied::default() };
    let mut pieces = from.store.documents(from.namespace, &Filter::default(), &[]).await?;
    let pace = to.store.pace();
    let mut inflow = Inflow::new(to.store, to.namespace, move |out| {
        let mut portion = Portion::new(pace);
        while let Some(piece) = pieces.blocking_recv() {
            for document in piece? {
                if let Some(full) = portion.add(document)
                    && !send(full, out)
                {
                    return Ok(());
                }
            }
        }
        send(portion.take(), out);
        Ok(())
    });
    let mut marks: Vec<Mark> = Vec::new();
    let mut done = 0;
    while let Some(step) = inflow.next().await? {
        match step {
            Step::Read((documents, own)) => {
                marks.extend(own);
                let many = documents.len() as u64;
                inflow.store(documents, many);
            }
            Step::Stored(stored, many) => {
                stored.must_be_whole(to.namespace)?;
                copied.inserted += stored.inserted;
                copied.unchanged += stored.unchanged;
                done += many;
                progress(Progress { done, total: total.max(done), verifying: false });
            }
        }
    }
    marks.sort_unstable();
    copied.documents = marks.len() as u64;
    copied.content = content(&marks);
    verify(to, &marks, progress).await?;
    Ok(copied)
}

/// Marks documents and hands them over. Says whether someone took them.
fn send(documents: Vec<Document>, out: &mpsc::Sender<Result<(Vec<Document>, Vec<Mark>)>>) -> bool {
    if documents.is_empty() {
        return true;
    }
    let marks = documents.par_iter().map(mark).collect();
    out.blocking_send(Ok((documents, marks))).is_ok()
}

/// A document's mark. Where `_id` and the note of the push stand in it does not matter: servers move the one, the
/// embedded store the other.
fn mark(document: &Document) -> Mark {
    let hash = |document: &Document| xxh3_128(&document.to_vec().unwrap_or_default());
    let id = Document::from_iter([("_id".to_owned(), document.get("_id").cloned().unwrap_or(Bson::Null))]);
    let fields = document.iter().filter(|(name, _)| *name != "_id" && *name != META);
    let mut content: Document = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    content.extend(document.get(META).map(|meta| (META.to_owned(), meta.clone())));
    (hash(&id), hash(&content))
}

fn content(marks: &[Mark]) -> String {
    let mut hasher = Sha256::new();
    for (id, content) in marks {
        hasher.update(id.to_le_bytes());
        hasher.update(content.to_le_bytes());
    }
    crate::files::hex(&hasher.finalize())
}

/// Reads the target: all documents of the source must be in it, as they are there.
async fn verify(to: Side<'_>, marks: &[Mark], progress: &(dyn Fn(Progress) + Send + Sync)) -> Result<()> {
    let total = marks.len() as u64;
    if total == 0 {
        return Ok(());
    }
    let mut pieces = to.store.documents(to.namespace, &Filter::default(), &[]).await?;
    let (mut same, mut other) = (0, 0);
    let mut example = None;
    while let Some(piece) = pieces.recv().await {
        let piece = piece?;
        let found: Vec<Mark> = piece.par_iter().map(mark).collect();
        for (document, (id, content)) in piece.iter().zip(found) {
            let Ok(at) = marks.binary_search_by_key(&id, |(id, _)| *id) else { continue };
            if marks[at].1 == content {
                same += 1;
            } else {
                other += 1;
                example.get_or_insert_with(|| document.get("_id").map_or_else(String::new, ToString::to_string));
            }
        }
        progress(Progress { done: same + other, total, verifying: true });
    }
    if other > 0 {
        let example = example.unwrap_or_default();
        return Err(Error::data(format!(
            "{} of {total} documents are there under the same _id with another content, for example {example}",
            form::count(other),
        ))
        .hint(format!("{} held them before: copy into a collection of its own", to.namespace)));
    }
    if same < total {
        return Err(Error::remote(format!(
            "{} of {total} documents are not in {} after all",
            form::count(total - same),
            to.namespace
        ))
        .hint("someone may have deleted them meanwhile; the same copy again adds them"));
    }
    Ok(())
}
