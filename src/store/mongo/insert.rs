//! Adding documents, none lost and none twice, also over a connection that breaks.

use super::{MongoStore, failure};
use crate::store::{Inserted, META, Namespace, Refusal};
use crate::{Error, Result};
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::ErrorKind;
use std::time::{Duration, Instant};

/// How long a call is repeated while the server comes and goes: an election takes some seconds, a restart a minute.
const PERSEVERANCE: Duration = Duration::from_secs(60);
/// Between two tries, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(3)];
/// The largest document that MongoDB takes.
const LARGEST: usize = 16 << 20;
/// DuplicateKey.
const DUPLICATE: i32 = 11_000;

impl MongoStore {
    /// Adds documents by unordered inserts: one that is there already is told by its `_id`, so that a call may be
    /// repeated. What a broken connection left in doubt is found there by the next try.
    pub(super) async fn insert_all(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted> {
        let collection = self.collection(namespace).await?;
        let mut done = Inserted::default();
        let open = encode(documents, &mut done).await?;
        let begun = Instant::now();
        let mut pause = PAUSES[0];
        // Whether an earlier try may have stored some of what is still open.
        let mut in_doubt = false;
        while !open.is_empty() {
            let raw = open.iter().map(|(_, raw)| raw);
            let tried = collection.insert_many(raw).ordered(false).into_future();
            let error = match self.told(tried).await? {
                Ok(_) => {
                    done.inserted += open.len() as u64;
                    break;
                }
                Err(error) => error,
            };
            if let ErrorKind::InsertMany(failed) = error.kind.as_ref()
                && failed.write_concern_error.is_none()
                && let Some(errors) = &failed.write_errors
            {
                let mut there = Vec::new();
                for error in errors {
                    let Some((at, raw)) = open.get(error.index) else { continue };
                    if error.code == DUPLICATE {
                        there.push(raw);
                    } else {
                        let reason = failure::scrub(&error.message, &self.secrets);
                        done.refused.push(Refusal { at: *at, document: decode(raw)?, reason });
                    }
                }
                let own = if in_doubt { self.own(namespace, &there).await? } else { 0 };
                done.unchanged += there.len() as u64 - own;
                done.inserted += (open.len() - errors.len()) as u64 + own;
                break;
            }
            if !failure::is_passing(&error) || begun.elapsed() + pause > PERSEVERANCE {
                return Err(self.failed("storing documents", &error));
            }
            in_doubt = true;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES[1]);
            self.bounds.stop.check()?;
        }
        Ok(done)
    }

    /// How many of these the very push that is under way has stored: they carry its time.
    async fn own(&self, namespace: &Namespace, there: &[&RawDocumentBuf]) -> Result<u64> {
        let at = there.first().and_then(|raw| raw.get_document(META).ok()?.get_datetime("pushed_at").ok());
        let Some(at) = at else { return Ok(0) };
        let id = |raw: &&RawDocumentBuf| Bson::try_from(raw.get("_id").ok()??).ok();
        let ids: Vec<Bson> = there.iter().filter_map(id).collect();
        let filter = doc! { "_id": { "$in": ids }, super::query::PUSHED_AT: at };
        let collection = self.collection(namespace).await?;
        self.wait("counting what was stored", collection.count_documents(filter).into_future()).await
    }
}

/// The documents in BSON, each with its place; those that are too large are refused at once.
async fn encode(documents: Vec<Document>, done: &mut Inserted) -> Result<Vec<(usize, RawDocumentBuf)>> {
    let encode = move || {
        let (mut open, mut refused) = (Vec::with_capacity(documents.len()), Vec::new());
        for (at, document) in documents.into_iter().enumerate() {
            match RawDocumentBuf::try_from(&document) {
                Ok(raw) if raw.as_bytes().len() <= LARGEST => open.push((at, raw)),
                Ok(raw) => {
                    let reason = format!("{} MB are more than the 16 MB of a document", raw.as_bytes().len() >> 20);
                    refused.push(Refusal { at, document, reason });
                }
                Err(e) => refused.push(Refusal { at, document, reason: e.to_string() }),
            }
        }
        (open, refused)
    };
    let (open, refused) = tokio::task::spawn_blocking(encode)
        .await
        .map_err(|e| Error::internal("encoding documents panicked").caused_by(e))?;
    done.refused = refused;
    Ok(open)
}

fn decode(raw: &RawDocumentBuf) -> Result<Document> {
    Document::try_from(raw.as_ref()).map_err(|e| Error::internal("a document cannot be decoded").caused_by(e))
}
