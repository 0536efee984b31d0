//! Whole run directories in the object store: for colleagues on another host, and as a backup.

use super::RUNS;
use crate::error::IoContext;
use crate::object::{ObjectStore, Put};
use crate::run::{RunDir, RunStatus};
use crate::settings::Home;
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::manifest::{FileHash, Made};

/// Written last: which files a run has in the store, and their hashes.
const INDEX: &str = "index.json";
/// What only means something on the host of the run.
const LOCAL: [&str; 2] = ["lock", "cancel"];

/// The files of a run in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Format number.
    pub v: u32,
    /// The run.
    pub run: String,
    /// Who pushed it, and when.
    pub pushed: Made,
    /// The files by their path in the run's directory.
    pub files: BTreeMap<String, FileHash>,
}

/// A run that was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// The run.
    pub run: String,
    /// Its files.
    pub files: u64,
    /// Their size together, in bytes.
    pub bytes: u64,
    /// Whether all of it was there already.
    pub already: bool,
}

fn key(run: &str, rest: &str) -> String {
    format!("{RUNS}/{run}/{rest}")
}

/// Copies the directory of a run that has ended into the store. Files are kept by their content, so that a run that was
/// annotated since is pushed again beside what is there; the index, written last, names what it is now. `tell` is told
/// bytes done and in all.
///
/// # Errors
/// When the run is running, or the store cannot be written.
pub async fn push(store: &dyn ObjectStore, dir: &RunDir, tell: &(dyn Fn(u64, u64) + Send + Sync)) -> Result<Moved> {
    if dir.status()? == RunStatus::Running {
        return Err(Error::user(format!("run {} is running", dir.id)).hint("push it when it has ended"));
    }
    let files = hashed(&dir.path)?;
    let bytes: u64 = files.values().map(|file| file.size).sum();
    let index_key = key(&dir.id, INDEX);
    let there = store.get(&index_key).await?;
    let known: Option<Index> = there.as_ref().and_then(|object| serde_json::from_slice(&object.content).ok());
    if known.as_ref().is_some_and(|index| index.files == files) {
        return Ok(Moved { run: dir.id.clone(), files: files.len() as u64, bytes, already: true });
    }
    let mut done = 0;
    tell(0, bytes);
    for (name, of) in &files {
        let key = key(&dir.id, &format!("files/{}", of.sha256));
        store.upload(&key, &dir.path.join(name), &of.sha256, &|n| tell(done + n, bytes)).await?;
        done += of.size;
    }
    let index = Index { v: 1, run: dir.id.clone(), pushed: Made::now(), files };
    let content = serde_json::to_vec_pretty(&index)
        .map_err(|e| Error::internal("the index cannot be written as JSON").caused_by(e))?;
    let put = match &there {
        Some(object) => store.put_if_match(&index_key, &content, &object.tag).await?,
        None => store.put_if_absent(&index_key, &content).await?,
    };
    match put {
        Put::Done(_) => Ok(Moved { run: dir.id.clone(), files: index.files.len() as u64, bytes, already: false }),
        Put::Refused => Err(Error::user(format!("a colleague pushed run {} at the same time", dir.id))
            .hint("look whether theirs is the same: netsec-tui runs push again says so")),
    }
}

/// Copies a run from the store to this host, and holds each file against its hash. A run that is here already stays as
/// it is.
///
/// # Errors
/// When there is no such run, it is here with other files, or what arrives is not what was pushed.
pub async fn pull(
    store: &dyn ObjectStore,
    home: &Home,
    run: &str,
    tell: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<Moved> {
    let run = find(store, run).await?;
    let index_key = key(&run, INDEX);
    let place = format!("{}/{index_key}", store.place());
    let Some(object) = store.get(&index_key).await? else {
        return Err(Error::data(format!("{place}: the run was never pushed whole")).hint("push it again"));
    };
    let index: Index = serde_json::from_slice(&object.content)
        .map_err(|e| Error::data(format!("{place}: the index cannot be read")).caused_by(e))?;
    if index.v != 1 || index.run != run || index.files.keys().any(|name| !is_inside(name)) {
        return Err(Error::data(format!("{place}: it is not the index of this run")).hint("push the run again"));
    }
    let bytes = index.files.values().map(|file| file.size).sum();
    let target = home.runs().join(&run);
    let moved = |already| Moved { run: run.clone(), files: index.files.len() as u64, bytes, already };
    if target.exists() {
        if hashed(&target)? == index.files {
            return Ok(moved(true));
        }
        return Err(Error::user(format!("run {run} is here already, with other files"))
            .hint("it may have been annotated since; move it away to have the one from the registry"));
    }
    std::fs::create_dir_all(home.runs()).at("creating", &home.runs())?;
    // What begins with a dot is no run yet.
    let part = tempfile::Builder::new().prefix(".pull-").tempdir_in(home.runs()).at("creating", &home.runs())?;
    let mut done = 0;
    tell(0, bytes);
    for (name, of) in &index.files {
        let to = part.path().join(name);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).at("creating", parent)?;
        }
        let key = key(&run, &format!("files/{}", of.sha256));
        let found = store.download(&key, &to, &|n| tell(done + n, bytes)).await?;
        if found.as_deref() != Some(&of.sha256) {
            let what = if found.is_some() { "has other content than was pushed" } else { "is missing" };
            return Err(Error::data(format!("{}/{key} ({name}) {what}", store.place())).hint("push the run again"));
        }
        done += of.size;
    }
    std::fs::rename(part.keep(), &target).at("writing", &target)?;
    Ok(moved(false))
}

/// The runs in the store.
///
/// # Errors
/// When it cannot be read.
pub async fn list(store: &dyn ObjectStore) -> Result<Vec<String>> {
    store.names(&format!("{RUNS}/")).await
}

async fn find(store: &dyn ObjectStore, prefix: &str) -> Result<String> {
    let mut found: Vec<String> = list(store).await?.into_iter().filter(|run| run.starts_with(prefix)).collect();
    match (found.pop(), found.len()) {
        (Some(run), 0) if !prefix.is_empty() => Ok(run),
        (Some(_), more) => Err(Error::user(format!("{} runs in {} begin with {prefix:?}", more + 1, store.place()))
            .hint("give more of the id")),
        (None, _) => Err(Error::user(format!("no run in {} begins with {prefix:?}", store.place()))
            .hint("netsec-tui runs push RUN puts one there")),
    }
}

/// Whether a path stays in the directory that it is joined to.
fn is_inside(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// The files of a run by their path, with their hashes.
fn hashed(dir: &Path) -> Result<BTreeMap<String, FileHash>> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).at("listing", &next)? {
            let path = entry.at("listing", &next)?.path();
            let name = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().into_owned();
            let own = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if path.is_dir() {
                open.push(path);
            } else if !LOCAL.contains(&name.as_str()) && !own.starts_with('.') {
                let size = std::fs::metadata(&path).at("reading", &path)?.len();
                let sha256 = files::sha256_of(File::open(&path).at("reading", &path)?).at("reading", &path)?;
                found.insert(name, FileHash { size, sha256 });
            }
        }
    }
    Ok(found)
}
