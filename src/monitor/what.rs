//! Naming rows: a run, a collection with a time window, a file.

use super::champion;
use crate::run::{self, RunDir};
use crate::settings::Home;
use crate::store::{DocumentStore, Namespace, Window};
use crate::{Error, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, Utc};
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
                let text = |time: Option<DateTime<Utc>>| {
                    time.map_or_else(String::new, |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
                };
                if *window == Window::default() {
                    return Ok(());
                }
                write!(f, "@{}..{}", text(window.from), text(window.to))
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
        let (name, window) = match text.split_once('@') {
            // A file's name may have an @ as well.
            Some((name, window)) if !Path::new(text).is_file() => (name, parse_window(window)?),
            _ => (text, Window::default()),
        };
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
        if window != Window::default() {
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

fn parse_window(text: &str) -> Result<Window> {
    let wrong = |what: String| {
        Error::user(format!("{text:?} is no time window: {what}"))
            .hint("write FROM..TO in UTC, the end exclusive, either may be left out: 2026-11-01..2026-11-08T12:00:00Z")
    };
    let (from, to) = text.split_once("..").ok_or_else(|| wrong("there is no ..".to_owned()))?;
    let time = |text: &str| -> Result<Option<DateTime<Utc>>> {
        if text.is_empty() {
            return Ok(None);
        }
        let date = text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN).and_utc());
        let time = date.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()));
        time.map(Some).ok_or_else(|| wrong(format!("{text:?} is neither a date nor a time")))
    };
    let window = Window { from: time(from)?, to: time(to)? };
    match (window.from, window.to) {
        (Some(from), Some(to)) if from >= to => Err(wrong("it ends before it begins".to_owned())),
        _ => Ok(window),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_understood_and_refused() {
        let window = parse_window("2026-11-01..2026-11-08T12:30:00Z").unwrap();
        assert_eq!(window.from.unwrap().to_rfc3339(), "2026-11-01T00:00:00+00:00");
        assert_eq!(window.to.unwrap().to_rfc3339(), "2026-11-08T12:30:00+00:00");
        assert_eq!(parse_window("2026-11-01..").unwrap().to, None);
        assert_eq!(parse_window("..").unwrap(), Window::default());
        for wrong in ["2026-11-01", "yesterday..", "2026-11-08..2026-11-01", "2026-13-01.."] {
            assert!(parse_window(wrong).is_err(), "{wrong}");
        }
    }
}
