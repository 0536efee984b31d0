//! A home of our own, with the rows in it: runs are made in it by the program itself.

use crate::split::Split;
use crate::table;
use netsec::error::IoContext;
use netsec::event::Stage;
use netsec::pipeline::Report;
use netsec::run::{self, RunDir, RunState};
use netsec::settings::Home;
use netsec::{Error, Result, sample};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Where the UCI rows are looked for unless `NETSEC_UCI_CSV` says it.
const UCI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/phishing_uci.csv");
/// Rows that stand in for them.
const SUBSTITUTE: u64 = 8_000;

/// The home, and the rows in words.
pub struct Workspace {
    dir: TempDir,
    home: Home,
    source: String,
}

impl Workspace {
    /// Pushes the UCI rows, or generated ones where they are missing.
    ///
    /// # Errors
    /// When the rows cannot be written, read or stored.
    pub fn new() -> Result<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let dir = tempfile::Builder::new().prefix("vs_sklearn-").tempdir_in(target).at("creating", target)?;
        let home = Home::locate(Some(&dir.path().join("home")))?;
        let mut csv = std::env::var_os("NETSEC_UCI_CSV").map_or_else(|| PathBuf::from(UCI), PathBuf::from);
        let source = if csv.is_file() {
            "The UCI rows".to_owned()
        } else {
            csv = dir.path().join("sample.csv");
            let mut file = std::fs::File::create(&csv).at("writing", &csv)?;
            sample::write_csv(&mut std::io::BufWriter::new(&mut file), SUBSTITUTE, crate::SEED, &[])?;
            "GENERATED rows, because the UCI rows are not there (NETSEC_UCI_CSV names them): no result".to_owned()
        };
        let mut workspace = Self { dir, home, source };
        workspace.netsec(&["push".as_ref(), csv.as_os_str()], &[])?;
        let split = workspace.split(None)?;
        workspace.source = format!(
            "{}: {} training rows ({} vectors), {} rows held out ({} vectors)",
            workspace.source,
            table::count(split.train.rows() as usize),
            table::count(split.train.len()),
            table::count(split.test.rows() as usize),
            table::count(split.test.len()),
        );
        Ok(workspace)
    }

    /// The rows in words.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// A directory that is gone at the end.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    fn netsec(&self, arguments: &[&OsStr], environment: &[(&str, &str)]) -> Result<()> {
        let output = Command::new(env!("CARGO_BIN_EXE_netsec-tui"))
            .args(arguments)
            .env("NETSEC_HOME", self.home.root())
            .env("RAYON_NUM_THREADS", crate::THREADS.to_string())
            .envs(environment.iter().copied())
            .output()
            .map_err(|e| Error::internal("netsec-tui cannot be started").caused_by(e))?;
        if output.status.success() {
            return Ok(());
        }
        let words: Vec<_> = arguments.iter().map(|a| a.to_string_lossy()).collect();
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::remote(format!("netsec-tui {} failed: {said}", words.join(" "))))
    }

    /// Makes a run with these arguments of `train`, under this salt or the built-in one.
    fn train(&self, arguments: &[&str], salt: Option<&str>) -> Result<RunDir> {
        let seed = crate::SEED.to_string();
        let all: Vec<&OsStr> = ["train", "--seed", &seed].iter().chain(arguments).map(|a| (*a).as_ref()).collect();
        let environment: Vec<_> = salt.map(|salt| ("NETSEC_SPLIT_SALT", salt)).into_iter().collect();
        self.netsec(&all, &environment)?;
        let newest = run::list(&self.home)?.rows.into_iter().next();
        run::find(&self.home, &newest.ok_or_else(|| Error::internal("the run is not there"))?.id)
    }

    /// The hold-out and the folds of a run under this salt or the built-in one.
    ///
    /// # Errors
    /// When the run fails.
    pub fn split(&self, salt: Option<&str>) -> Result<Split> {
        Split::read(&self.train(&["--until", Stage::Transform.name()], salt)?)
    }

    /// Searches a space. Returns the seconds of the training stage, the report, and how the search went.
    ///
    /// # Errors
    /// When the run fails.
    pub fn search(&self, space: &str, families: &[&str], salt: Option<&str>) -> Result<(f64, Report, RunState)> {
        let chosen = families.iter().flat_map(|family| ["--family", *family]);
        let arguments: Vec<&str> = ["--space", space].into_iter().chain(chosen).collect();
        let dir = self.train(&arguments, salt)?;
        let missing = || Error::internal(format!("run {} has no report", dir.id));
        let state = dir.state()?;
        let train = state.stages.iter().find(|(stage, ..)| *stage == Stage::Train).ok_or_else(missing)?;
        Ok((train.1 as f64 / 1e3, dir.report()?.ok_or_else(missing)?, state))
    }
}
