//! Our side, and the server's alone: one task in a process of its own, so that memory is the task's.

use bson::{Document, RawDocumentBuf, doc};
use futures_util::{StreamExt, TryStreamExt};
use mongodb::Collection;
use netsec::connection::{Connection, Uri};
use netsec::schema::{self, Schema};
use netsec::source::Rows;
use netsec::store::mongo::MongoStore;
use netsec::store::{DocumentStore, Namespace, Query, Window};
use netsec::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// What a task took and found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    pub seconds: f64,
    /// The most memory that the process had, in bytes.
    pub peak: u64,
    pub rows: u64,
    /// The sum of each column: both sides must have read the same.
    pub sums: BTreeMap<String, i64>,
}

/// The built-in schema, whose columns are read.
pub fn schema() -> Result<Schema> {
    Schema::parse(schema::BUILT_IN, "built-in schema.yaml")
}

/// The store at a URI.
pub fn store(uri: &str) -> Result<MongoStore> {
    let uri = Uri::parse(uri, "the benchmark's URI")?;
    Ok(MongoStore::new(Connection { name: "bench".to_owned(), uri, read_only: false, stable_api: false }))
}

/// A collection by the driver.
pub async fn collection(uri: &str, namespace: &Namespace) -> Result<Collection<RawDocumentBuf>> {
    let client = mongodb::Client::with_uri_str(uri).await.map_err(failed)?;
    Ok(client.database(&namespace.database).collection(&namespace.collection))
}

pub fn failed(error: mongodb::error::Error) -> Error {
    Error::remote("the server fails").caused_by(error.to_string())
}

fn done(begun: Instant, rows: u64, sums: BTreeMap<String, i64>) -> Done {
    let seconds = begun.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Done { seconds, peak: peak.unwrap_or_default() * 1024, rows, sums }
}

/// A push of a file.
pub async fn push(uri: &str, namespace: &Namespace, file: &Path) -> Result<Done> {
    let (store, schema) = (store(uri)?, schema()?);
    store.databases().await?;
    let begun = Instant::now();
    let pushed = netsec::push::push(&store, namespace, &schema, Rows::open(file, None)?, &|_| {}).await?;
    Ok(done(begun, pushed.inserted, BTreeMap::new()))
}

/// The same documents, made before: what the server and the driver take for themselves.
pub async fn push_bare(uri: &str, from: &Namespace, to: &Namespace) -> Result<Done> {
    let (store, target) = (store(uri)?, collection(uri, to).await?);
    let pace = store.pace();
    let found = collection(uri, from).await?.find(doc! {}).batch_size(20_000).await.map_err(failed)?;
    let calls: Vec<Vec<RawDocumentBuf>> =
        found.try_chunks(pace.documents).try_collect().await.map_err(|e| failed(e.1))?;
    // As a push does before its first row.
    store.prepare(to).await?;
    let rows = calls.iter().map(Vec::len).sum::<usize>() as u64;
    let begun = Instant::now();
    let target = &target;
    let inserts = calls.iter().map(|call| async move { target.insert_many(call).ordered(false).await.map_err(failed) });
    let results: Vec<Result<_>> = futures_util::stream::iter(inserts).buffer_unordered(pace.calls).collect().await;
    results.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(done(begun, rows, BTreeMap::new()))
}

/// A collection into columns.
pub async fn ingest(uri: &str, namespace: &Namespace) -> Result<Done> {
    let (store, schema) = (store(uri)?, schema()?);
    store.databases().await?;
    let fields: Vec<String> = schema.columns().map(|column| column.name.clone()).collect();
    let begun = Instant::now();
    let mut batches = store.scan(namespace, &fields, Window::default()).await?;
    let mut frames = Vec::new();
    while let Some(batch) = batches.recv().await {
        frames.push(batch?.frame);
    }
    let mut made = done(begun, frames.iter().map(|frame| frame.height() as u64).sum(), BTreeMap::new());
    for column in frames.iter().flat_map(|frame| frame.columns()) {
        let sum =
            column.i64().map_err(|e| Error::data("a column of no numbers").caused_by(e))?.iter().flatten().sum::<i64>();
        *made.sums.entry(column.name().to_string()).or_default() += sum;
    }
    Ok(made)
}

/// A cursor over the same fields that decodes nothing.
pub async fn ingest_bare(uri: &str, namespace: &Namespace) -> Result<Done> {
    let rows = collection(uri, namespace).await?;
    let mut projection: Document = schema()?.columns().map(|column| (column.name.clone(), 1.into())).collect();
    projection.insert("_id", 0);
    rows.estimated_document_count().await.map_err(failed)?;
    let begun = Instant::now();
    let mut cursor = rows.find(doc! {}).projection(projection).batch_size(20_000).batch().await.map_err(failed)?;
    let mut batches = 0;
    while let Some(batch) = cursor.next().await {
        batch.map_err(failed)?;
        batches += 1;
    }
    Ok(done(begun, batches, BTreeMap::new()))
}

/// The first page, as the Data screen asks for it, and the same question put to the server bare: seconds of each.
pub async fn page(uri: &str, namespace: &Namespace) -> Result<[f64; 2]> {
    let (store, rows) = (store(uri)?, collection(uri, namespace).await?);
    let query = Query { limit: 200, ..Query::default() };
    let begun = Instant::now();
    store.find(namespace, &query).await?;
    let ours = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let mut cursor = rows.find(doc! {}).sort(doc! { "_id": 1 }).limit(201).batch().await.map_err(failed)?;
    while let Some(batch) = cursor.next().await {
        batch.map_err(failed)?;
    }
    Ok([ours, begun.elapsed().as_secs_f64()])
}
