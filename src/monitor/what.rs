//! Naming rows: a run, a version, a collection with a time window, a file.

use super::Champion;
use crate::registry::{Bundle, Registry, Selector};
use crate::run::{self, RunDir};
use crate::settings::Home;
use crate::store::{DocumentStore, Namespace, Window};
use crate::{Error, Result};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Some rows.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Those that a run was made from.
    Run(RunDir),
    /// Those that a version of the registry was made from, as its reference tells them.
    Version(Arc<Bundle>),
    /// Those of a collection that were stored within a time window.
    Collection(Namespace, Window),
    /// Those of a file.
    File(PathBuf),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Run(dir) => write!(f, "run {}", dir.id),
            What::Version(bundle) => bundle.fmt(f),
            What::Collection(namespace, window) => {
                write!(f, "{}/{}", namespace.database, namespace.collection)?;
                f.write_str(&window.suffix())
            }
            What::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl What {
    /// Understands, in this order: `champion`; `run ID`; `COLLECTION` or `DATABASE/COLLECTION`, either with `@FROM..TO`
    /// behind it; a run's id or its beginning; the path of a file; a version of the registry (`v3`, an alias as in
    /// `production`, either as `NAME@v3`). The registry is asked only where nothing else has the name.
    ///
    /// # Errors
    /// When nothing of that name is there, the window makes no sense, or the registry cannot be read.
    pub async fn parse(
        text: &str,
        home: &Home,
        store: &dyn DocumentStore,
        database: &str,
        registry: &(dyn Fn() -> Result<Arc<Registry>> + Send + Sync),
    ) -> Result<Self> {
        if text == CHAMPION {
            return match Champion::find(home, &*registry()?).await? {
                Some(champion) => Ok(champion.what()),
                None => Err(no_champion()),
            };
        }
        if let Some(id) = text.strip_prefix("run ") {
            return run::find(home, id.trim()).map(What::Run);
        }
        // A file's name may have an @ as well, and so has a version's.
        let selector = text.parse::<Selector>().ok();
        let whole = Path::new(text).is_file() || selector.as_ref().is_some_and(|s| s.name.is_some());
        let (name, window) = if whole { (text, Window::default()) } else { Window::split(text)? };
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
        match selector {
            Some(selector) => match registry()?.named(&selector).await {
                Ok(held) => Ok(What::Version(held.bundle)),
                // A mistyped name most of the time: what it might have been is said first.
                Err(e) if e.kind() == crate::Kind::User => Err(nothing(text).caused_by(e)),
                Err(e) => Err(e),
            },
            None => Err(nothing(text)),
        }
    }
}

/// What the champion's rows are named by.
pub const CHAMPION: &str = "champion";

/// The error where neither a version is in production nor a run is finished.
pub fn no_champion() -> Error {
    Error::user("there is no champion yet: no version is in production, and no run is finished")
        .hint("netsec-tui train makes one")
}

fn nothing(text: &str) -> Error {
    Error::user(format!("there is no collection, run, file or version {text:?}")).hint(
        "name a collection (COLLECTION, DATABASE/COLLECTION, COLLECTION@FROM..TO), a run, champion, a file, or a version \
         (production, v3)",
    )
}
