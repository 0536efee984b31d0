//! Objects in a directory: a key is a path below it.

use super::{Listed, Moved, Object, ObjectStore, Put, Tag, check_key, check_prefix, other_hash};
use crate::error::IoContext;
use crate::files::{self, Unfinished};
use crate::{Error, Kind, Result};
use async_trait::async_trait;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::UnboundedSender;

/// Held by whoever replaces or removes an object of a folder. No key has a name that begins with a dot.
const LOCK: &str = ".lock";

/// Objects in a directory, which need not be there yet. A tag is the SHA-256 of the content, in hexadecimal.
///
/// Other than on S3, `a` and `a/b` cannot both be objects.
#[derive(Debug, Clone)]
pub struct LocalStore {
    root: PathBuf,
}

impl LocalStore {
    /// The objects below `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root: std::path::absolute(&root).unwrap_or(root) }
    }

    /// Runs file work where it does not hold up other tasks.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce(Self) -> Result<T> + Send + 'static) -> Result<T> {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.check().and_then(|()| work(store))).await.map_err(panicked)?
    }

    /// A file in the directory's place is not an empty directory.
    fn check(&self) -> Result<()> {
        match std::fs::metadata(&self.root) {
            Ok(meta) if !meta.is_dir() => Err(Error::remote(format!("{} is not a directory", self.root.display()))
                .hint("objects are kept in a directory: name another one, or move the file away")),
            Err(e) if !is_absent(&e) => Err(Error::io("reading", &self.root, e)),
            _ => Ok(()),
        }
    }

    /// The same for work that tells how far it is.
    async fn moving<T: Send + 'static>(
        &self,
        moved: Moved<'_>,
        work: impl FnOnce(Self, Progress) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let work =
            tokio::task::spawn_blocking(move || store.check().and_then(|()| work(store, Progress { done: 0, tell })));
        while let Some(bytes) = told.recv().await {
            moved(bytes);
        }
        work.await.map_err(panicked)?
    }

    fn path(&self, key: &str) -> Result<PathBuf> {
        check_key(key)?;
        Ok(self.root.join(key))
    }

    /// Makes a file that is not there yet, and its folder; whether it did.
    fn create(&self, path: &Path, mut fill: impl FnMut(&mut File) -> Result<()>) -> Result<bool> {
        let folder = folder(path);
        let mut tries = 0;
        loop {
            tries += 1;
            if path.is_file() {
                return Ok(false);
            }
            let new: Vec<&Path> = folder.ancestors().take_while(|above| !above.is_dir()).collect();
            let made = std::fs::create_dir_all(folder)
                .at("creating", folder)
                .and_then(|()| files::create(path, &mut fill))
                // The new folders, too, have to survive a power cut.
                .and_then(|()| new.iter().filter_map(|made| made.parent()).try_for_each(files::sync_dir));
            match made {
                Ok(()) => return Ok(true),
                Err(_) if path.is_file() => return Ok(false),
                // Whoever removed the last object in it took the folder away meanwhile, or the object that was in the way.
                Err(e) if tries < 100 && (!folder.exists() || (e.kind() == Kind::User && !path.exists())) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Writes over the content of a tag, as one step.
    fn replace(&self, path: &Path, content: &[u8], tag: &Tag) -> Result<Put> {
        let Some(_lock) = lock(folder(path))? else { return Ok(Put::Refused) };
        let Some(there) = read(path)? else { return Ok(Put::Refused) };
        let new = tag_of(content);
        if there.tag != new {
            if there.tag != *tag {
                return Ok(Put::Refused);
            }
            files::write_atomic(path, content)?;
        }
        Ok(Put::Done(new))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        if !path.is_file() {
            return Ok(());
        }
        let Some(_lock) = lock(folder(path))? else { return Ok(()) };
        match std::fs::remove_file(path) {
            Err(e) if !is_absent(&e) => return Err(Error::io("removing", path, e)),
            _ => self.tidy(folder(path)),
        }
        Ok(())
    }

    /// Removes a folder in which nothing but a lock is left, and those above it. Its lock is held. That it does not
    /// succeed, for somebody has just begun to use the folder again, does not matter.
    fn tidy(&self, emptied: &Path) {
        for folder in emptied.ancestors().take_while(|f| f.starts_with(&self.root) && *f != self.root) {
            let is_held = folder == emptied;
            let lock = if is_held || !is_empty(folder) { None } else { lock(folder).ok().flatten() };
            if !(is_held || lock.is_some()) || !is_empty(folder) {
                return;
            }
            let _ = std::fs::remove_file(folder.join(LOCK));
            if std::fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// The objects in a folder and below, with their paths, in no order, until `each` says stop.
    fn walk(&self, folder: &Path, each: &mut dyn FnMut(String, &Path) -> bool) -> Result<bool> {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) if is_absent(&e) => return Ok(true),
            Err(e) => return Err(Error::io("reading", folder, e)),
        };
        for entry in entries {
            let path = entry.at("reading", folder)?.path();
            let Some(key) = path.strip_prefix(&self.root).ok().and_then(Path::to_str) else { continue };
            // Locks, files on their way, and what netsec has not written.
            if check_key(key).is_err() {
                continue;
            }
            let go_on = if path.is_dir() { self.walk(&path, each)? } else { each(key.to_owned(), &path) };
            if !go_on {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn list_now(&self, prefix: &str) -> Result<Vec<Listed>> {
        let mut listed = Vec::new();
        let (folder, _) = prefix.rsplit_once('/').unwrap_or_default();
        self.walk(&self.root.join(folder), &mut |key, path| {
            // One that is removed meanwhile is not there.
            let meta = key.starts_with(prefix).then(|| std::fs::metadata(path).ok()).flatten();
            if let Some((meta, at)) = meta.and_then(|meta| meta.modified().ok().map(|at| (meta, at))) {
                let at = chrono::DateTime::<chrono::Utc>::from(at).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
                listed.push(Listed { key, size: meta.len(), at });
            }
            true
        })?;
        listed.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(listed)
    }

    fn names_now(&self, prefix: &str) -> Result<Vec<String>> {
        let place = self.root.join(prefix);
        let entries = match std::fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(e) if is_absent(&e) => return Ok(Vec::new()),
            Err(e) => return Err(Error::io("reading", &place, e)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.at("reading", &place)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if check_key(&name).is_ok() && entry.path().is_dir() && !self.walk(&entry.path(), &mut |_, _| false)? {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn upload_now(&self, path: &Path, file: &Path, sha256: &str, mut progress: Progress) -> Result<Put> {
        let created = self.create(path, |to| {
            progress.done = 0;
            let mut from = File::open(file).at("reading", file)?;
            let hash = copy(&mut from, file, to, path, &mut progress)?;
            if hash == sha256 { Ok(()) } else { Err(other_hash(file)) }
        })?;
        let there = if created { Some(sha256.to_owned()) } else { hash_of(path)? };
        let same = there.as_deref() == Some(sha256);
        Ok(if same { Put::Done(Tag(sha256.to_owned())) } else { Put::Refused })
    }
}

#[async_trait]
impl ObjectStore for LocalStore {
    fn place(&self) -> String {
        self.root.display().to_string()
    }

    fn is_remote(&self) -> bool {
        false
    }

    async fn get(&self, key: &str) -> Result<Option<Object>> {
        let path = self.path(key)?;
        self.blocking(move |_| read(&path)).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<Listed>> {
        check_prefix(prefix)?;
        let prefix = prefix.to_owned();
        self.blocking(move |store| store.list_now(&prefix)).await
    }

    async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        check_prefix(prefix)?;
        let prefix = prefix.to_owned();
        self.blocking(move |store| store.names_now(&prefix)).await
    }

    async fn put_if_absent(&self, key: &str, content: &[u8]) -> Result<Put> {
        let (path, content) = (self.path(key)?, content.to_owned());
        self.blocking(move |store| {
            let tag = tag_of(&content);
            let done = store.create(&path, |file| file.write_all(&content).at("writing", &path))?
                || read(&path)?.is_some_and(|there| there.tag == tag);
            Ok(if done { Put::Done(tag) } else { Put::Refused })
        })
        .await
    }

    async fn put_if_match(&self, key: &str, content: &[u8], tag: &Tag) -> Result<Put> {
        let (path, content, tag) = (self.path(key)?, content.to_owned(), tag.clone());
        self.blocking(move |store| store.replace(&path, &content, &tag)).await
    }

    async fn upload(&self, key: &str, file: &Path, sha256: &str, moved: Moved<'_>) -> Result<Put> {
        let (path, file, sha256) = (self.path(key)?, file.to_owned(), sha256.to_owned());
        self.moving(moved, move |store, progress| store.upload_now(&path, &file, &sha256, progress)).await
    }

    async fn download(&self, key: &str, to: &Path, moved: Moved<'_>) -> Result<Option<String>> {
        let (path, to) = (self.path(key)?, to.to_owned());
        self.moving(moved, move |_, mut progress| {
            let Some(mut from) = open(&path)? else { return Ok(None) };
            if to.exists() {
                return Err(files::there_already(&to));
            }
            let unfinished = Unfinished::begin(&to)?;
            let hash = copy(&mut from, &path, &mut unfinished.writer()?, &to, &mut progress)?;
            unfinished.finish(false)?;
            Ok(Some(hash))
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<()> {
        let path = self.path(key)?;
        self.blocking(move |store| store.remove(&path)).await
    }
}

fn panicked(error: tokio::task::JoinError) -> Error {
    Error::internal("the store of objects panicked").caused_by(error)
}

/// Tells how far a copy is.
struct Progress {
    done: u64,
    tell: UnboundedSender<u64>,
}

/// Copies all of a file. The SHA-256 of what was copied.
fn copy(from: &mut File, at: &Path, to: &mut File, into: &Path, progress: &mut Progress) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let bytes = from.read(&mut piece).at("reading", at)?;
        if bytes == 0 {
            return Ok(files::hex(&hasher.finalize()));
        }
        hasher.update(&piece[..bytes]);
        to.write_all(&piece[..bytes]).at("writing", into)?;
        progress.done += bytes as u64;
        if progress.tell.send(progress.done).is_err() {
            return Err(Error::user("nobody waits for the copy any more"));
        }
    }
}

/// The SHA-256 of a file's content; none where there is no file.
fn hash_of(path: &Path) -> Result<Option<String>> {
    let Some(file) = open(path)? else { return Ok(None) };
    files::sha256_of(file).at("reading", path).map(Some)
}

/// An object's file; none where there is no object.
fn open(path: &Path) -> Result<Option<File>> {
    match File::open(path) {
        Ok(file) if file.metadata().is_ok_and(|meta| meta.is_dir()) => Ok(None),
        Ok(file) => Ok(Some(file)),
        Err(e) if is_absent(&e) => Ok(None),
        Err(e) => Err(Error::io("reading", path, e)),
    }
}

fn read(path: &Path) -> Result<Option<Object>> {
    let Some(mut file) = open(path)? else { return Ok(None) };
    let mut content = Vec::new();
    file.read_to_end(&mut content).at("reading", path)?;
    let tag = tag_of(&content);
    Ok(Some(Object { content, tag }))
}

fn tag_of(content: &[u8]) -> Tag {
    Tag(files::sha256_hex(content))
}

/// The folder of an object, which has a name below the root.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether nothing but a lock is in a folder.
fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.all(|e| e.is_ok_and(|e| e.file_name() == LOCK)))
}

/// Waits for the lock of a folder; none where there is no folder.
fn lock(folder: &Path) -> Result<Option<File>> {
    let path = folder.join(LOCK);
    loop {
        let opened = match OpenOptions::new().create(true).truncate(false).write(true).open(&path) {
            // Made by someone else of the group, with a mode that lets others read alone: that is enough to lock it.
            Err(e) if e.kind() == ErrorKind::PermissionDenied && path.exists() => File::open(&path),
            opened => opened,
        };
        let file = match opened {
            Ok(file) => file,
            Err(e) if is_absent(&e) && !folder.is_dir() => return Ok(None),
            Err(e) => return Err(Error::io("locking", &path, e)),
        };
        file.lock().at("locking", &path)?;
        let inode = file.metadata().at("locking", &path)?.ino();
        // Who emptied the folder has removed the lock with it: it would keep nobody out any more.
        if std::fs::metadata(&path).is_ok_and(|meta| meta.ino() == inode) {
            return Ok(Some(file));
        }
    }
}

#[cfg(test)]
mod tests;
