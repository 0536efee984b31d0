//! Stage 1: a collection becomes distinct feature vectors with label counts.

use crate::dataset::{VectorHash, Vectors, hash_vector};
use crate::run::{Manifest, RunDir};
use crate::schema::{Column, Schema, Value};
use crate::source::to_bson;
use crate::store::{Batch, DocumentStore, Namespace, Window};
use crate::{Error, Result};
use bson::Bson;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What was read (`ingest.json`); the vectors themselves are in `snapshot.parquet`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ingested {
    /// Labelled rows that were kept.
    pub rows: u64,
    /// Rows without a target.
    pub unlabelled: u64,
    /// Rows with a value that the schema refuses.
    pub rejected: u64,
    /// The refusals, by reason, with how often each occurred; the first 50 that were met.
    pub reasons: BTreeMap<String, u64>,
    /// Missing cells by feature, over the rows that were kept.
    pub missing: BTreeMap<String, u64>,
}

struct Collector<'a> {
    schema: &'a Schema,
    salt: &'a str,
    index: HashMap<VectorHash, usize>,
    vectors: Vectors,
    done: Ingested,
}

impl Collector<'_> {
    /// Adds a row, given the value of each schema column by its position, the target last.
    fn add(&mut self, value_of: &dyn Fn(usize) -> Bson) {
        let typed = |(at, column): (usize, &Column)| {
            self.schema.parse_bson(column, &value_of(at)).map_err(|reason| format!("{}: {reason}", column.name))
        };
        let row: Result<Vec<Value>, String> = self.schema.features.iter().enumerate().map(typed).collect();
        let label = typed((self.schema.features.len(), &self.schema.target));
        match (row, label) {
            (Ok(_), Ok(Value::Missing)) => self.done.unlabelled += 1,
            (Ok(row), Ok(Value::Level(label))) => self.keep(&row, label),
            (Err(reason), _) | (_, Err(reason)) => self.refuse(reason),
            (Ok(_), Ok(Value::Number(_))) => self.refuse("the target is a number".to_owned()),
        }
    }

    fn refuse(&mut self, reason: String) {
        self.done.rejected += 1;
        if self.done.reasons.len() < 50 || self.done.reasons.contains_key(&reason) {
            *self.done.reasons.entry(reason).or_default() += 1;
        }
    }

    fn keep(&mut self, row: &[Value], label: u8) {
        self.done.rows += 1;
        for (column, value) in self.schema.features.iter().zip(row) {
            if *value == Value::Missing {
                *self.done.missing.entry(column.name.clone()).or_default() += 1;
            }
        }
        let hash = hash_vector(self.schema, self.salt, row);
        let at = *self.index.entry(hash).or_insert_with(|| {
            self.vectors.hash.push(hash);
            self.vectors.counts.push([0, 0]);
            for (cells, value) in self.vectors.columns.iter_mut().zip(row) {
                cells.push(*value);
            }
            self.vectors.hash.len() - 1
        });
        self.vectors.counts[at][label as usize] += 1;
    }

    fn add_batch(&mut self, batch: &Batch) {
        let schema = self.schema;
        let columns: Vec<_> = schema.columns().map(|c| batch.frame.column(&c.name).ok()).collect();
        let mut odd = batch.odd.iter().peekable();
        for row in 0..batch.frame.height() {
            match odd.next_if(|(at, _)| *at == row) {
                Some((_, document)) => {
                    let values: Vec<Bson> =
                        schema.columns().map(|c| document.get(&c.name).cloned().unwrap_or(Bson::Null)).collect();
                    self.add(&|at| values[at].clone());
                }
                None => self.add(&|at| {
                    columns[at].and_then(|c| c.get(row).ok()).and_then(|v| to_bson(&v)).unwrap_or(Bson::Null)
                }),
            }
        }
    }
}

/// Reads the collection and writes `snapshot.parquet` and `ingest.json`.
///
/// # Errors
/// When the collection is not there or cannot be read, or holds no labelled row.
pub async fn ingest(
    dir: &RunDir,
    manifest: &Manifest,
    store: &dyn DocumentStore,
    stop: &dyn Fn() -> bool,
) -> Result<Ingested> {
    let schema = dir.schema()?;
    let namespace = Namespace::new(&manifest.database, &manifest.collection)?;
    let fields: Vec<String> = schema.columns().map(|c| c.name.clone()).collect();
    let mut batches = store.scan(&namespace, &fields, Window::default()).await?;
    let mut collector = Collector {
        schema: &schema,
        salt: &manifest.salt,
        index: HashMap::new(),
        vectors: Vectors::empty(&schema),
        done: Ingested::default(),
    };
    while let Some(batch) = batches.recv().await {
        collector.add_batch(&batch?);
        if stop() {
            return Ok(collector.done);
        }
    }
    let Collector { vectors, done, .. } = collector;
    if done.rows == 0 {
        let reason = done
            .reasons
            .iter()
            .next()
            .map_or_else(|| "the rows have no target".to_owned(), |(r, n)| format!("{r} ({n} rows)"));
        return Err(Error::data(format!("{namespace} holds no row to train on: {reason}"))
            .hint("push labelled rows, or name the collection's own schema with --schema FILE"));
    }
    super::write_split(&dir.file("snapshot.parquet"), &schema, &vectors.sorted(), &[])?;
    crate::files::write_json(&dir.file("ingest.json"), &done)?;
    Ok(done)
}
