//! Stage 1: a collection becomes distinct feature vectors with label counts.

use crate::dataset::{VectorHash, Vectors, hash_vector};
use crate::profile::{Profiler, Summary};
use crate::run::{Manifest, RunDir};
use crate::schema::{MISSING, Schema};
use crate::store::{DocumentStore, META, Namespace, Query};
use crate::typed::Typed;
use crate::{Error, Result};
use rayon::prelude::*;
use std::collections::HashMap;

/// Documents that are looked at for fields that the schema does not know.
const PEEKED: usize = 200;

struct Collector<'a> {
    schema: &'a Schema,
    salt: &'a str,
    index: HashMap<VectorHash, usize>,
    vectors: Vectors,
}

impl Collector<'_> {
    /// Adds the rows that have a label and are not refused.
    fn add(&mut self, rows: &Typed) {
        let accepted = rows.accepted();
        let hashed: Vec<Option<VectorHash>> = (0..rows.len())
            .into_par_iter()
            .map(|row| {
                let wanted = accepted[row] && rows.label[row] != MISSING;
                wanted.then(|| hash_vector(self.schema, self.salt, &rows.row(row)))
            })
            .collect();
        for (row, hash) in hashed.into_iter().enumerate() {
            let Some(hash) = hash else { continue };
            let at = *self.index.entry(hash).or_insert_with(|| {
                self.vectors.hash.push(hash);
                self.vectors.counts.push([0, 0]);
                for (own, cells) in self.vectors.columns.iter_mut().zip(&rows.features) {
                    own.push(cells.get(row));
                }
                self.vectors.hash.len() - 1
            });
            self.vectors.counts[at][usize::from(rows.label[row])] += 1;
        }
    }
}

/// Fields of a collection's first documents that the schema does not know.
///
/// # Errors
/// When the collection cannot be read.
pub(crate) async fn unknown_fields(
    store: &dyn DocumentStore,
    namespace: &Namespace,
    schema: &Schema,
) -> Result<Vec<String>> {
    let query = Query { limit: PEEKED, ..Query::default() };
    let mut unknown: Vec<String> = Vec::new();
    for document in store.find(namespace, &query).await?.documents {
        note_unknown(schema, document.keys(), &mut unknown);
    }
    Ok(unknown)
}

/// Adds the fields that the schema does not know and that are not ours.
pub(crate) fn note_unknown<'a>(schema: &Schema, names: impl Iterator<Item = &'a String>, unknown: &mut Vec<String>) {
    for name in names {
        if name != "_id" && name != META && schema.column(name).is_none() && !unknown.contains(name) {
            unknown.push(name.clone());
        }
    }
}

/// Reads the collection and writes `snapshot.parquet` and the profile of its rows, `ingest.json`.
///
/// # Errors
/// When the collection is not there or cannot be read, or holds no labelled row.
pub async fn ingest(
    dir: &RunDir,
    manifest: &Manifest,
    store: &dyn DocumentStore,
    stop: &dyn Fn() -> bool,
) -> Result<Summary> {
    let schema = dir.schema()?;
    let namespace = Namespace::new(&manifest.database, &manifest.collection)?;
    let fields: Vec<String> = schema.columns().map(|c| c.name.clone()).collect();
    let mut batches = store.scan(&namespace, &fields, manifest.window).await?;
    let mut profiler = Profiler::new(&schema);
    let mut collector =
        Collector { schema: &schema, salt: &manifest.salt, index: HashMap::new(), vectors: Vectors::empty(&schema) };
    let mut notes = Vec::new();
    while let Some(batch) = batches.recv().await {
        let batch = batch?;
        let rows = Typed::of_batch(&schema, &batch);
        notes.extend(batch.notes);
        profiler.add(&rows);
        collector.add(&rows);
        if stop() {
            return Ok(profiler.finish().summary);
        }
    }
    let mut summary = Summary { notes, ..profiler.finish().summary };
    summary.unknown = unknown_fields(store, &namespace, &schema).await?;
    if summary.labelled() == 0 && !manifest.window.is_open() && summary.accepted() + summary.refused == 0 {
        return Err(Error::data(format!("{namespace} holds no row that was stored within {}", manifest.window))
            .hint("the window is in UTC, the end exclusive; without @FROM..TO all rows are taken"));
    }
    if summary.labelled() == 0 {
        let reason = summary
            .reasons
            .iter()
            .next()
            .map_or_else(|| "the rows have no target".to_owned(), |(r, n)| format!("{r} ({n} rows)"));
        return Err(Error::data(format!("{namespace} holds no row to train on: {reason}"))
            .hint("push labelled rows, or name the collection's own schema with --schema FILE"));
    }
    super::write_split(&dir.file("snapshot.parquet"), &schema, &collector.vectors.sorted(), &[])?;
    crate::files::write_json(&dir.file("ingest.json"), &summary)?;
    Ok(summary)
}
