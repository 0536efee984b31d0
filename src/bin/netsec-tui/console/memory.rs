//! What an analyst's console remembers between starts.

use super::screen::train::Launch;
use netsec::error::IoContext;
use netsec::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// All of it, by screen. A key that is not known is passed over: an older console reads a newer one's file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    pub data: Data,
    pub train: Launch,
    pub runs: super::screen::runs::columns::Remembered,
}

/// What is remembered of the Data screen, by collection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Data {
    /// Filters that were applied, oldest first.
    pub queries: BTreeMap<String, Vec<String>>,
    /// Columns that are hidden.
    pub hidden: BTreeMap<String, Vec<String>>,
}

impl Memory {
    /// Reads it; nothing is remembered where there is no file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(Error::io("reading", path, e)),
        };
        serde_yaml::from_str(&text).map_err(|e| {
            netsec::settings::yaml_error(&path.display().to_string(), &e)
                .hint("mend it, or delete it: it holds what the console remembers, such as old queries")
        })
    }

    /// Writes it, beside and renamed.
    pub fn write(&self, path: &Path) -> Result<()> {
        let dir = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir).at("creating", dir)?;
        let text = serde_yaml::to_string(self).map_err(|e| Error::internal("memory has no YAML form").caused_by(e))?;
        files::write_atomic(path, text.as_bytes())
    }
}
