//! The embedded store: a collection is a directory of Parquet parts, `ROOT/DATABASE/COLLECTION/part-N-ROWS.parquet`.
//!
//! Parts are only ever added, each written beside itself and renamed under the collection's lock, so a reader sees
//! whole parts and needs no lock, and two writers lose nothing.

use super::part::{self, ID, PUSHED_AT, RAW};
use super::{Batch, CollectionInfo, Cursor, DocumentStore, Filter, Inserted, Namespace, Page, Query, Window};
use crate::error::IoContext;
use crate::{Error, Result};
use async_trait::async_trait;
use bson::Document;
use chrono::{DateTime, Utc};
use polars::prelude::{ChunkCompareIneq, DataFrame};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// Rows decoded at once while scanning.
const SLICE: usize = 50_000;

/// A document store in a directory.
#[derive(Debug, Clone)]
pub struct EmbeddedStore {
    root: PathBuf,
    known: Arc<Mutex<HashMap<Namespace, Known>>>,
}

/// The ids of the parts that were read so far.
#[derive(Debug, Default)]
struct Known {
    parts: HashSet<u64>,
    ids: HashSet<u128>,
}

#[derive(Debug, Clone)]
struct Part {
    number: u64,
    rows: u64,
    path: PathBuf,
}

impl EmbeddedStore {
    /// A store in this directory. It is created by the first insert.
    pub fn new(root: PathBuf) -> Self {
        Self { root, known: Arc::default() }
    }

    fn dir(&self, namespace: &Namespace) -> PathBuf {
        self.root.join(&namespace.database).join(&namespace.collection)
    }

    /// Runs file work where it does not hold up other tasks.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(Self) -> Result<T> + Send + 'static) -> Result<T> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(store))
            .await
            .map_err(|e| Error::internal("the embedded store panicked").caused_by(e))?
    }

    fn insert_now(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted> {
        let dir = self.dir(namespace);
        std::fs::create_dir_all(&dir).at("creating", &dir)?;
        let lock = dir.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&lock).at("locking", &lock)?;
        file.lock().at("locking", &lock)?;
        let parts = parts(&dir)?;
        let mut all = self.known.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let known = all.entry(namespace.clone()).or_default();
        if known.parts.iter().any(|n| !parts.iter().any(|p| p.number == *n)) {
            // Someone removed parts by hand: what they held may be pushed again.
            *known = Known::default();
        }
        for part in &parts {
            if !known.parts.contains(&part.number) {
                let frame = part::read(&part.path, Some(&[ID.to_owned()]), None)?;
                let ids = frame.column(ID).and_then(|c| c.str().cloned()).map_err(|e| {
                    Error::data(format!("{} is not a part of a collection", part.path.display())).caused_by(e)
                })?;
                known.ids.extend(ids.iter().flatten().map(key));
                known.parts.insert(part.number);
            }
        }
        let before = documents.len() as u64;
        let mut fresh = HashSet::new();
        let new: Vec<Document> = documents
            .into_iter()
            .filter(|document| {
                let id = document.get(ID).map_or_else(String::new, part::id_text);
                let key = key(&id);
                !known.ids.contains(&key) && fresh.insert(key)
            })
            .collect();
        if !new.is_empty() {
            crate::files::remove_leftovers(&dir);
            let number = parts.last().map_or(1, |p| p.number + 1);
            part::write(&dir.join(format!("part-{number:08}-{}.parquet", new.len())), &new)?;
            known.ids.extend(fresh);
            known.parts.insert(number);
        }
        Ok(Inserted { inserted: new.len() as u64, unchanged: before - new.len() as u64 })
    }

    fn find_now(&self, namespace: &Namespace, query: &Query) -> Result<Page> {
        let parts = self.parts_of(namespace)?;
        let (first_part, first_row) = match &query.after {
            None => (0, 0),
            Some(cursor) => parse_cursor(cursor)?,
        };
        let mut page = Page::default();
        for part in parts.iter().filter(|p| p.number >= first_part) {
            let start = if part.number == first_part { first_row } else { 0 };
            let wanted = query.limit + 1 - page.documents.len();
            let rows = matching(part, &query.filter, start, wanted)?;
            let (Some(low), Some(high)) = (rows.first(), rows.last()) else { continue };
            let frame = part::read(&part.path, None, Some((*low, high - low + 1)))?;
            for row in &rows {
                if page.documents.len() == query.limit {
                    // One more than asked for was looked for: it is where the next page begins.
                    page.next = Some(Cursor(format!("{}:{row}", part.number)));
                    return Ok(page);
                }
                page.documents.push(part::document(&frame, row - low)?);
            }
        }
        Ok(page)
    }

    fn count_now(&self, namespace: &Namespace, filter: &Filter) -> Result<u64> {
        let mut count = 0;
        for part in self.parts_of(namespace)? {
            count += if filter.is_all() { part.rows } else { matching(&part, filter, 0, usize::MAX)?.len() as u64 };
        }
        Ok(count)
    }

    fn parts_of(&self, namespace: &Namespace) -> Result<Vec<Part>> {
        let dir = self.dir(namespace);
        if !dir.is_dir() {
            return Err(Error::user(format!("there is no collection {namespace}"))
                .hint("netsec-tui push FILE --collection NAME makes one"));
        }
        parts(&dir)
    }
}

fn parse_cursor(cursor: &Cursor) -> Result<(u64, usize)> {
    cursor
        .0
        .split_once(':')
        .and_then(|(part, row)| Some((part.parse().ok()?, row.parse().ok()?)))
        .ok_or_else(|| Error::internal("a cursor of another store"))
}

fn key(id: &str) -> u128 {
    if id.len() == 32
        && let Ok(key) = u128::from_str_radix(id, 16)
    {
        return key;
    }
    let mut half = [0; 16];
    half.copy_from_slice(&Sha256::digest(id.as_bytes())[..16]);
    u128::from_be_bytes(half)
}

/// The parts of a collection, in order. Anything else in the directory is not looked at.
fn parts(dir: &Path) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    for entry in std::fs::read_dir(dir).at("listing", dir)? {
        let entry = entry.at("listing", dir)?;
        let name = entry.file_name();
        let numbers = name.to_str().and_then(|n| n.strip_prefix("part-")?.strip_suffix(".parquet")?.split_once('-'));
        if let Some((number, rows)) = numbers
            && let (Ok(number), Ok(rows)) = (number.parse(), rows.parse())
        {
            parts.push(Part { number, rows, path: entry.path() });
        }
    }
    parts.sort_by_key(|p| p.number);
    Ok(parts)
}

/// Rows of a part that match, from `start`, `limit` at most.
fn matching(part: &Part, filter: &Filter, start: usize, limit: usize) -> Result<Vec<usize>> {
    let total = part.rows as usize;
    if filter.is_all() {
        return Ok((start..total).take(limit).collect());
    }
    let columns = part::columns_for(&filter.fields());
    let mut rows = Vec::new();
    let mut from = start;
    while from < total && rows.len() < limit {
        let frame = part::read(&part.path, Some(&columns), Some((from, SLICE)))?;
        for row in 0..frame.height() {
            let hit = match part::raw(&frame, row)? {
                Some(document) => filter.matches(&|name| document.get(name).cloned()),
                None => filter.matches(&|name| part::lookup(&frame, row, name)),
            };
            if hit {
                rows.push(from + row);
                if rows.len() == limit {
                    break;
                }
            }
        }
        from += SLICE;
    }
    Ok(rows)
}

/// Sub-directories that hold something, sorted.
fn folders(dir: &Path) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io("listing", dir, e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.at("listing", dir)?;
        if let (true, Some(name)) = (entry.path().is_dir(), entry.file_name().to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn window_mask(frame: DataFrame, window: Window) -> Result<DataFrame> {
    if window == Window::default() {
        return Ok(frame);
    }
    let broken = |e: polars::error::PolarsError| Error::data("a part without times").caused_by(e);
    let times = frame.column(PUSHED_AT).and_then(|c| c.i64().cloned()).map_err(broken)?;
    let mut mask = times.gt_eq(window.from.map_or(i64::MIN, |t| t.timestamp_millis()));
    if let Some(to) = window.to {
        mask = mask & times.lt(to.timestamp_millis());
    }
    frame.filter(&mask).map_err(broken)
}

/// When the first and the last row of a frame were stored.
fn stored(frame: &DataFrame) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let times = frame.column(PUSHED_AT).ok()?.i64().ok()?;
    let (first, last) = times.iter().flatten().fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(t), b.max(t)));
    DateTime::from_timestamp_millis(first).zip(DateTime::from_timestamp_millis(last)).filter(|_| first <= last)
}

fn send_part(part: &Part, columns: &[String], window: Window, out: &mpsc::Sender<Result<Batch>>) -> Result<bool> {
    let mut from = 0;
    while from < part.rows as usize {
        let frame = part::read(&part.path, Some(columns), Some((from, SLICE)))?;
        if frame.height() != SLICE.min(part.rows as usize - from) {
            return Err(Error::data(format!("{} holds fewer rows than its name says", part.path.display()))
                .hint("restore it from a backup, or move it away and push its source again"));
        }
        let frame = window_mask(frame, window)?;
        let mut odd = Vec::new();
        for row in 0..frame.height() {
            if let Some(document) = part::raw(&frame, row)? {
                odd.push((row, document));
            }
        }
        let frame = frame.drop(RAW).unwrap_or(frame);
        // The receiver is gone when whoever asked has lost interest.
        if out.blocking_send(Ok(Batch { stored: stored(&frame), frame, odd })).is_err() {
            return Ok(false);
        }
        from += SLICE;
    }
    Ok(true)
}

#[async_trait]
impl DocumentStore for EmbeddedStore {
    fn describe(&self) -> String {
        "embedded".to_owned()
    }

    async fn databases(&self) -> Result<Vec<String>> {
        self.blocking(|store| folders(&store.root)).await
    }

    async fn collections(&self, database: &str) -> Result<Vec<CollectionInfo>> {
        let database = database.to_owned();
        self.blocking(move |store| {
            let root = store.root.join(database);
            let mut all = Vec::new();
            for name in folders(&root)? {
                let parts = parts(&root.join(&name))?;
                let bytes = parts.iter().filter_map(|p| std::fs::metadata(&p.path).ok()).map(|m| m.len()).sum();
                all.push(CollectionInfo {
                    name,
                    documents: Some(parts.iter().map(|p| p.rows).sum()),
                    bytes: Some(bytes),
                });
            }
            Ok(all)
        })
        .await
    }

    async fn count(&self, namespace: &Namespace, filter: &Filter) -> Result<u64> {
        let (namespace, filter) = (namespace.clone(), filter.clone());
        self.blocking(move |store| store.count_now(&namespace, &filter)).await
    }

    async fn find(&self, namespace: &Namespace, query: &Query) -> Result<Page> {
        let (namespace, query) = (namespace.clone(), query.clone());
        self.blocking(move |store| store.find_now(&namespace, &query)).await
    }

    async fn insert(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted> {
        let namespace = namespace.clone();
        self.blocking(move |store| store.insert_now(&namespace, documents)).await
    }

    async fn scan(
        &self,
        namespace: &Namespace,
        fields: &[String],
        window: Window,
    ) -> Result<mpsc::Receiver<Result<Batch>>> {
        let parts = self.parts_of(namespace)?;
        let mut columns = fields.to_vec();
        columns.extend([PUSHED_AT.to_owned(), RAW.to_owned()]);
        let (out, batches) = mpsc::channel(2);
        let sender = out.clone();
        let reading = tokio::task::spawn_blocking(move || {
            for part in &parts {
                match send_part(part, &columns, window, &sender) {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(e) => {
                        let _ = sender.blocking_send(Err(e));
                        return;
                    }
                }
            }
        });
        // A reader that panics must not look like the end of the data.
        tokio::spawn(async move {
            if let Err(e) = reading.await {
                let _ = out.send(Err(Error::internal("reading the collection panicked").caused_by(e))).await;
            }
        });
        Ok(batches)
    }
}

#[cfg(test)]
mod tests;
