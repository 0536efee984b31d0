//! The directories that netsec keeps things in.

use crate::error::IoContext;
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// Where everything netsec keeps is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    data: PathBuf,
    config: PathBuf,
    cache: PathBuf,
}

impl Home {
    /// The home below one directory (`--home` or `NETSEC_HOME`), or the user's own directories.
    ///
    /// # Errors
    /// When neither is given and the user has no home directory.
    pub fn locate(given: Option<&Path>) -> Result<Self> {
        if let Some(root) = given {
            let root = std::path::absolute(root).at("resolving", root)?;
            return Ok(Self { config: root.clone(), cache: root.join("cache"), data: root });
        }
        let dirs = directories::ProjectDirs::from("", "", "netsec").ok_or_else(|| {
            Error::config("no home directory is known").hint("set HOME, or name a place with --home DIR")
        })?;
        let (data, config, cache) = (dirs.data_dir(), dirs.config_dir(), dirs.cache_dir());
        Ok(Self { data: data.to_owned(), config: config.to_owned(), cache: cache.to_owned() })
    }

    /// The directory that holds everything else.
    pub fn root(&self) -> &Path {
        &self.data
    }

    /// The embedded document store.
    pub fn store(&self) -> PathBuf {
        self.data.join("store")
    }

    /// The runs, one directory each.
    pub fn runs(&self) -> PathBuf {
        self.data.join("runs")
    }

    /// The log of predictions.
    pub fn predictions(&self) -> PathBuf {
        self.data.join("predictions")
    }

    /// The registry, where the settings name no other.
    pub fn registry(&self) -> PathBuf {
        self.data.join("registry")
    }

    /// What can be fetched again.
    pub fn cache(&self) -> PathBuf {
        self.cache.clone()
    }

    /// Drift reports that were exported.
    pub fn reports(&self) -> PathBuf {
        self.data.join("reports")
    }

    /// What the console of one analyst remembers between starts.
    pub fn console(&self, user: &str) -> PathBuf {
        // A name from the environment must not lead elsewhere.
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@') { c } else { '_' };
        self.data.join("console").join(format!("{}.yaml", user.chars().map(plain).collect::<String>()))
    }

    /// Schemas remembered for collections, `<database>/<collection>.yaml`.
    pub fn schemas(&self) -> PathBuf {
        self.data.join("schemas")
    }

    /// The user's settings file. It need not exist.
    pub fn settings_file(&self) -> PathBuf {
        self.config.join("netsec.yaml")
    }
}
