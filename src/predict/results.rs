//! Scoring many rows into a collection: a document for each row, under an `_id` that tells row and model.
//!
//! The `_id` is made from the source, what the row is known by there, the values that the model is shown, the run, the
//! family and the model's file. The same batch again adds nothing, one that was cut off is completed by repeating it,
//! and a row that was changed, or another model or threshold, gives a result beside the old one.

use super::batch::{NOT_SCORED, Scored};
use super::{Batch, Predictor, RowKey, Summary};
use crate::content::Content;
use crate::dataset::hash_vector;
use crate::source::Rows;
use crate::store::{CollectionKind, DocumentStore, Inflow, META, Namespace, Portion, Step, Window, check_target};
use crate::{Error, Result};
use bson::{Bson, Document, doc};
use rayon::prelude::*;
use std::sync::Arc;

/// What a result has at least.
const FIELDS: [&str; 6] = ["source", "row", "prediction", "verdict", "run", "model"];

/// Where rows come from.
pub enum Source {
    /// The rows of a collection that were stored within a window.
    Collection(Namespace, Window),
    /// Those of a file or a pipe.
    Rows(Rows),
}

/// How far a batch into a collection is, and at the end what it did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    /// What became of the rows.
    pub summary: Summary,
    /// Rows there are in all, about, where that is known.
    pub total: Option<u64>,
    /// Bytes read so far and in all, where the source has a size.
    pub bytes: Option<(u64, u64)>,
    /// Results added.
    pub inserted: u64,
    /// Results that were there already.
    pub unchanged: u64,
    /// What is to be said of the rows, and what was made in the store, in words.
    pub notes: Vec<String>,
}

/// Scores rows into a collection. What cannot be scored has a document too, with the reason. Memory does not depend on
/// how many rows there are.
///
/// # Errors
/// A target that is the source, or holds something else; rows that cannot be read or have no feature of the model's
/// schema; a store that fails or refuses a result. What was stored before stays.
pub async fn to_collection(
    predictor: &Arc<Predictor>,
    store: &dyn DocumentStore,
    from: Source,
    to: &Namespace,
    progress: &(dyn Fn(&Results) + Send + Sync),
) -> Result<Results> {
    let mut done = Results::default();
    let (source, mut batch) = match from {
        Source::Collection(namespace, window) => {
            if namespace == *to {
                return Err(Error::user(format!("the results of {namespace} cannot go into {namespace} itself"))
                    .hint("name another collection with --to"));
            }
            let there = store.collections(&namespace.database).await?;
            if let Some(found) = there.into_iter().find(|c| c.name == namespace.collection) {
                done.total = found.documents.filter(|_| window.is_open());
                if found.kind == CollectionKind::View {
                    done.notes.push(format!(
                        "{namespace} is a view: of rows with one _id and equal values one result is kept"
                    ));
                }
            }
            let batch = Batch::of_collection(predictor, store, &namespace, window, None).await?;
            (namespace.to_string(), batch)
        }
        Source::Rows(rows) => (rows.source().to_owned(), Batch::open(predictor, rows, false, None)?),
    };
    check_target(store, to, &FIELDS, "results of predictions").await?;
    // Scored before anything is made in the store: rows that have nothing to do with the model leave no trace.
    let (first, mut batch) = tokio::task::spawn_blocking(move || Ok::<_, Error>((batch.next_scored()?, batch)))
        .await
        .map_err(|e| Error::internal("scoring panicked").caused_by(e))??;
    done.notes.extend(store.prepare(to).await?);
    let form = Form::new(predictor.clone(), source);
    let mut portion = Portion::new(store.pace());
    let mut inflow = Inflow::new(store, to, move |out| {
        let send = |documents, batch: &mut Batch| {
            let (summary, bytes, notes) = (batch.summary(), batch.bytes(), batch.notes());
            out.blocking_send(Ok(Read { documents, summary, bytes, notes })).is_ok()
        };
        let mut next = first;
        while let Some(scored) = next {
            for document in form.documents(&scored)? {
                if let Some(full) = portion.add(document)
                    && !send(full, &mut batch)
                {
                    return Ok(());
                }
            }
            next = batch.next_scored()?;
        }
        send(portion.take(), &mut batch);
        Ok(())
    });
    while let Some(step) = inflow.next().await? {
        match step {
            Step::Read(Read { documents, summary, bytes, notes }) => {
                (done.summary, done.bytes) = (summary, bytes);
                done.notes.extend(notes);
                if !documents.is_empty() {
                    inflow.store(documents, ());
                }
            }
            Step::Stored(stored, ()) => {
                done.inserted += stored.inserted;
                done.unchanged += stored.unchanged;
                stored.must_be_whole(to)?;
            }
        }
        progress(&done);
    }
    Ok(done)
}

/// Results that go into one call, and how far the batch was then.
struct Read {
    documents: Vec<Document>,
    summary: Summary,
    bytes: Option<(u64, u64)>,
    notes: Vec<String>,
}

/// What all results of a batch share.
struct Form {
    predictor: Arc<Predictor>,
    source: String,
    content: Content,
    at: bson::DateTime,
    at_text: String,
}

impl Form {
    fn new(predictor: Arc<Predictor>, source: String) -> Self {
        let mut content = Content::of(&source);
        for (name, text) in [("run", &predictor.run), ("model", &predictor.hash)] {
            content.add(name, &Bson::String(text.clone()));
        }
        content.add("family", &Bson::String(predictor.family.to_string()));
        let now = chrono::Utc::now();
        let at_text = now.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        Self { predictor, source, content, at: bson::DateTime::from_millis(now.timestamp_millis()), at_text }
    }

    /// The results of some rows.
    fn documents(&self, scored: &Scored) -> Result<Vec<Document>> {
        (0..scored.scores.len()).into_par_iter().map(|row| self.document(scored, row)).collect()
    }

    fn document(&self, scored: &Scored, row: usize) -> Result<Document> {
        let key = scored.piece.key(row);
        if key == RowKey::Id(Bson::Null) {
            return Err(Error::data(format!("a row of {} has no _id to keep its result by", self.source))
                .hint("let the view keep the _id of its rows, or write the results as CSV: leave out --to"));
        }
        let Predictor { run, family, hash, schema, release, .. } = self.predictor.as_ref();
        let key = key.to_bson();
        let mut content = self.content.clone();
        content.add("row", &key);
        // Not salted: this hash is no side of a split.
        content.add_bytes(&hash_vector(schema, "", &scored.typed.row(row)));
        let score = &scored.scores[row];
        let (prediction, verdict, probability, error) = match &score.outcome {
            Ok(probability) => {
                let positive = *probability >= self.predictor.threshold();
                let prediction = schema.target_value(positive).to_bson();
                (prediction, schema.label(positive), Bson::Double(*probability), Bson::Null)
            }
            Err(reason) => (Bson::Null, NOT_SCORED, Bson::Null, Bson::String(reason.clone())),
        };
        let missing = match score.out_of_domain.as_slice() {
            [] => Bson::Null,
            reasons => Bson::Array(reasons.iter().map(|reason| Bson::String(reason.clone())).collect()),
        };
        Ok(doc! {
            "_id": content.id(),
            "source": &self.source,
            "row": key,
            "prediction": prediction,
            "verdict": verdict,
            "probability": probability,
            "error": error,
            "taken_as_missing": missing,
            "run": run,
            "family": family.name(),
            "version": release.as_ref().map_or(Bson::Null, |release| Bson::String(release.to_string())),
            "threshold": self.predictor.threshold(),
            "model": hash,
            "netsec": env!("CARGO_PKG_VERSION"),
            "at": &self.at_text,
            META: { "source": &self.source, "pushed_at": self.at },
        })
    }
}
