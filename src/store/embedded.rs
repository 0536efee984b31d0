//! The embedded store: a collection is a directory of Parquet parts, `ROOT/DATABASE/COLLECTION/part-N-ROWS.parquet`.
//!
//! Parts are only ever added, each written beside itself and renamed under the collection's lock, so a reader sees
//! whole parts and needs no lock, and two writers lose nothing.

mod check;
mod pieces;
mod read;

use super::bounds::{SetWhenLeft, Watch};
use super::part::{self, ID, PUSHED_AT, RAW};
use super::{
    Batch, Bounds, CollectionInfo, CollectionKind, Cursor, DocumentStore, Filter, Inserted, Namespace, Pace, Page,
    Plan, Probe, Query, Sample, Sort, Tally, Wanted, Window,
};
use crate::error::IoContext;
use crate::stop::Stop;
use crate::{Error, Result};
use async_trait::async_trait;
use bson::Document;
use read::{documents_at, each_match, send_part, sorted};
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
    bounds: Bounds,
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
        Self { root, known: Arc::default(), bounds: Bounds::default() }
    }

    fn dir(&self, namespace: &Namespace) -> PathBuf {
        self.root
            .join(crate::files::safe_name(&namespace.database))
            .join(crate::files::safe_name(&namespace.collection))
    }

    /// Runs file work where it does not hold up other tasks.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(Self) -> Result<T> + Send + 'static) -> Result<T> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || work(store))
            .await
            .map_err(|e| Error::internal("the embedded store panicked").caused_by(e))?
    }

    /// Runs a read, watched: it ends by its bounds, or when the answer is not waited for any more.
    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self, &Watch) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let left = Stop::new();
        let _guard = SetWhenLeft(left.clone());
        self.blocking(move |store| work(&store, &Watch::new(store.bounds.clone(), left))).await
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
        let inserted = new.len() as u64;
        Ok(Inserted { inserted, unchanged: before - inserted, refused: Vec::new() })
    }

    fn find_now(&self, namespace: &Namespace, query: &Query, watch: &Watch) -> Result<Page> {
        let parts = self.parts_of(namespace)?;
        if !query.sort.is_empty() {
            return sorted(&parts, query, watch);
        }
        let (first_part, first_row) = match &query.after {
            None => (0, 0),
            Some(cursor) => parse_cursor(&cursor.0)?,
        };
        let mut page = Page::default();
        for part in parts.iter().filter(|p| p.number >= first_part) {
            let start = if part.number == first_part { first_row } else { 0 };
            let wanted = query.limit + 1 - page.documents.len();
            let mut rows = Vec::new();
            each_match(part, &query.filter, &[], start, watch, &mut |row, _| {
                rows.push(row);
                Ok(rows.len() < wanted)
            })?;
            if page.documents.len() + rows.len() > query.limit {
                // One more than asked for was looked for: it is where the next page begins.
                page.next = rows.pop().map(|row| Cursor(format!("{}:{row}", part.number)));
            }
            page.documents.extend(documents_at(part, &rows, watch)?);
            if page.next.is_some() {
                break;
            }
        }
        Ok(page)
    }

    fn count_now(&self, namespace: &Namespace, filter: &Filter, watch: &Watch) -> Result<u64> {
        let mut count = 0;
        for part in self.parts_of(namespace)? {
            if filter.is_all() {
                count += part.rows;
                continue;
            }
            each_match(&part, filter, &[], 0, watch, &mut |_, _| {
                count += 1;
                Ok(true)
            })?;
        }
        Ok(count)
    }

    fn parts_of(&self, namespace: &Namespace) -> Result<Vec<Part>> {
        let dir = self.dir(namespace);
        if !dir.is_dir() {
            return Err(super::no_collection(namespace));
        }
        parts(&dir)
    }
}

fn parse_cursor(cursor: &str) -> Result<(u64, usize)> {
    cursor
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

#[async_trait]
impl DocumentStore for EmbeddedStore {
    fn describe(&self) -> String {
        "embedded".to_owned()
    }

    async fn diagnose(&self, _: &Namespace, steps: &mpsc::Sender<Probe>) {
        self.steps(steps).await;
    }

    fn bounded(&self, bounds: Bounds) -> Arc<dyn DocumentStore> {
        Arc::new(Self { bounds, ..self.clone() })
    }

    /// Every call writes a part: few large ones are read faster than many small ones.
    fn pace(&self) -> Pace {
        Pace { documents: 20_000, bytes: usize::MAX, calls: 1 }
    }

    fn is_remote(&self) -> bool {
        false
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn databases(&self) -> Result<Vec<String>> {
        self.blocking(|store| Ok(folders(&store.root)?.iter().map(|name| crate::files::name_of(name)).collect())).await
    }

    async fn collections(&self, database: &str) -> Result<Vec<CollectionInfo>> {
        let database = database.to_owned();
        self.blocking(move |store| {
            let root = store.root.join(crate::files::safe_name(&database));
            let mut all = Vec::new();
            for name in folders(&root)? {
                let parts = parts(&root.join(&name))?;
                let bytes = parts.iter().filter_map(|p| std::fs::metadata(&p.path).ok()).map(|m| m.len()).sum();
                all.push(CollectionInfo {
                    name: crate::files::name_of(&name),
                    kind: CollectionKind::Plain,
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
        self.reading(move |store, watch| store.count_now(&namespace, &filter, watch)).await
    }

    async fn find(&self, namespace: &Namespace, query: &Query) -> Result<Page> {
        let (namespace, query) = (namespace.clone(), query.clone());
        self.reading(move |store, watch| store.find_now(&namespace, &query, watch)).await
    }

    /// It has no indexes to choose from.
    async fn plan(&self, _: &Namespace, _: &Query) -> Result<Option<Plan>> {
        Ok(None)
    }

    async fn documents(
        &self,
        namespace: &Namespace,
        filter: &Filter,
        sort: &[Sort],
    ) -> Result<mpsc::Receiver<Result<Vec<Document>>>> {
        self.parts_of(namespace)?;
        let (out, pieces) = mpsc::channel(1);
        let query = Query { filter: filter.clone(), sort: sort.to_vec(), ..Query::default() };
        tokio::spawn(pieces::send(self.clone(), namespace.clone(), query, out));
        Ok(pieces)
    }

    /// The first insert makes all that is needed.
    async fn prepare(&self, _: &Namespace) -> Result<Vec<String>> {
        Ok(Vec::new())
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
        let bounds = self.bounds.clone();
        let reading = tokio::task::spawn_blocking(move || {
            // Whoever has left is noticed by the closed channel.
            let watch = Watch::new(bounds, Stop::new());
            for part in &parts {
                match send_part(part, &columns, window, &watch, &sender) {
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

    /// Reading the columns is as quick.
    async fn tally(&self, _: &Namespace, _: &[Wanted], _: Window) -> Result<Option<Vec<Tally>>> {
        Ok(None)
    }

    async fn sample(&self, _: &Namespace, _: &[String], _: u32) -> Result<Option<Sample>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
