//! Naming rows: a run, a collection with a time window, a file.

use super::champion;
use crate::run::{self, RunDir};
use crate::settings::Home;
use crate::store::{DocumentStore, Namespace, Window};
use crate::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};

/// Some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Those that a run was made from.
    Run(RunDir),
    /// Those of a collection that were stored within a time window.
    Collection(Namespace, Window),
    /// Those of a file.
    File(PathBuf),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Run(dir) => write!(f, "run {}", dir.id),
            What::Collection(namespace, window) => {
                write!(f, "{}/{}", namespace.database, namespace.collection)?;
                f.write_str(&window.suffix())
            }
            What::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl What {
    /// Understands `champion`, a run's id or its beginning (also `run ID`), `COLLECTION`, `DATABASE/COLLECTION`, either
    /// with `@FROM..TO` behind it, or the path of a file; in this order, but a collection before a run's beginning.
    ///
    /// # Errors
    /// When nothing of that name is there, or the window makes no sense.
    pub async fn parse(text: &str, home: &Home, store: &dyn DocumentStore, database: &str) -> Result<Self> {
        if text == "champion" {
            return champion(home).map(What::Run).ok_or_else(|| {
                Error::user("there is no champion yet: no run is finished").hint("netsec-tui train makes one")
            });
        }
        if let Some(id) = text.strip_prefix("run ") {
            return run::find(home, id.trim()).map(What::Run);
        }
        // A file's name may have an @ as well.
        let (name, window) = if Path::new(text).is_file() { (text, Window::default()) } else { Window::split(text)? };
        let namespace = match name.split_once('/') {
            Some((database, collection)) => Namespace::new(database, collection),
            None => Namespace::new(database, name),
        };
        if let Ok(namespace) = namespace {
            let there = store.collections(&namespace.database).await?;
            if there.iter().any(|c| c.name == namespace.collection) {
                return Ok(What::Collection(namespace, window));
            }
        }
        if !window.is_open() {
            return Err(
                Error::user(format!("there is no collection {name}")).hint("only a collection can have a time window")
            );
        }
        if let Ok(dir) = run::find(home, text) {
            return Ok(What::Run(dir));
        }
        if Path::new(text).is_file() {
            return Ok(What::File(PathBuf::from(text)));
        }
        Err(Error::user(format!("there is no collection, run or file {text:?}")).hint(
            "name a collection (COLLECTION, DATABASE/COLLECTION, COLLECTION@FROM..TO), a run, champion, or a file",
        ))
    }
}
