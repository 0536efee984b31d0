//! A home of our own with rows in it, and the console on it.

use crate::broken;
use crate::pty::Pty;
use netsec::error::IoContext;
use netsec::run::{self, RunDir};
use netsec::settings::Home;
use netsec::store::Namespace;
use netsec::{Error, Result, sample};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// The program.
const BINARY: &str = env!("CARGO_BIN_EXE_netsec-tui");
/// The terminal: the size that every analyst has.
pub const SIZE: (u16, u16) = (80, 24);
/// How long anything may take to come up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Rows that are trained on.
const ROWS: u64 = 10_000;
/// The collection of rows that are trained on; the large one has the default name.
const SMALL: &str = "Small";

/// The home.
pub struct Workspace {
    dir: TempDir,
    /// The same home, for the library.
    pub home: Home,
}

impl Workspace {
    /// Fills a home: rows to train on, and as many to browse (the same again when it is 0).
    ///
    /// # Errors
    /// When the rows cannot be written or stored.
    pub fn new(rows: u64) -> Result<Self> {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let dir = tempfile::Builder::new().prefix("terminal-").tempdir_in(target).at("creating", target)?;
        let home = Home::locate(Some(&dir.path().join("home")))?;
        let workspace = Self { dir, home };
        for (name, rows) in [(SMALL, ROWS), ("NetworkData", rows.max(ROWS))] {
            let csv = workspace.scratch().join("rows.csv");
            let mut file = std::fs::File::create(&csv).at("writing", &csv)?;
            sample::write_csv(&mut std::io::BufWriter::new(&mut file), rows, 1, &[])?;
            workspace.netsec(&["push", "--collection", name, &csv.display().to_string()])?;
        }
        Ok(workspace)
    }

    /// A directory that is gone at the end.
    pub fn scratch(&self) -> &Path {
        self.dir.path()
    }

    /// The collection of rows that are trained on.
    ///
    /// # Errors
    /// Never: its name is a good one.
    pub fn small(&self) -> Result<Namespace> {
        Namespace::new("netsec", SMALL)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(BINARY);
        surroundings(&mut command, self.dir.path());
        command.arg("--home").arg(self.home.root());
        command
    }

    fn netsec(&self, arguments: &[&str]) -> Result<()> {
        let output = self.command().args(arguments).output().map_err(broken("netsec-tui cannot be started"))?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::remote(format!("netsec-tui {} failed: {said}", arguments.join(" "))))
    }

    /// Starts the console.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn console(&self, size: (u16, u16)) -> Result<Pty> {
        Pty::start(self.command(), size).map_err(broken("netsec-tui cannot be started"))
    }

    /// Starts a long run. It is cancelled with what is returned.
    ///
    /// # Errors
    /// When the run cannot be started.
    pub fn train(&self) -> Result<Training> {
        self.netsec(&["train", "--detach", "--space", "thorough", "--collection", SMALL])?;
        let newest = run::list(&self.home)?.rows.into_iter().next();
        run::find(&self.home, &newest.ok_or_else(|| Error::internal("the run is not there"))?.id).map(Training)
    }
}

/// A run that is training.
pub struct Training(RunDir);

impl Drop for Training {
    fn drop(&mut self) {
        let _ = self.0.cancel();
        // The processors are free again for what is measured next.
        for _ in 0..500 {
            if !self.0.is_alive() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The surroundings of any program that is measured: nothing of ours but where programs are found.
pub fn surroundings(command: &mut Command, home: &Path) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).env("HOME", home).env("USER", "analyst").env("LANG", "C.UTF-8");
    command.env("TERM", "xterm-256color").current_dir(home);
}

/// Waits for some text.
///
/// # Errors
/// When it does not come up.
pub fn wait(pty: &Pty, what: &str) -> Result<()> {
    pty.wait(PATIENCE, |seen| seen.text().contains(what))
        .map(|_| ())
        .ok_or_else(|| Error::internal(format!("{what:?} does not come up; the screen shows:\n{}", pty.text())))
}

/// Types.
///
/// # Errors
/// When the terminal is gone.
pub fn send(pty: &Pty, keys: &str) -> Result<()> {
    pty.send(keys).map_err(broken("the terminal is gone"))
}
