//! Draws the pictures of the README: `cargo run --release --example pictures`.
//!
//! Fills a home with the synthetic sample and a few runs, walks through the console in a pseudo-terminal, and writes
//! what its screens show to `.github/pictures`. Rows, seeds and scores are the same each time; run ids, times and the
//! moment at which a live run is caught are not.
//!
//! `-- PROGRAM` takes that program instead of building it.

#[path = "../../tests/it/pty.rs"]
mod pty;
mod svg;
mod walk;

use pty::Pty;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long anything may take to come up.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a screen rests before it is drawn.
const REST: Duration = Duration::from_millis(600);
/// The host in the pictures, so that they are the same on each one.
const HOST: &str = "ip-10-0-1-7";

fn main() -> Result<()> {
    let program = match std::env::args_os().nth(1) {
        Some(program) => PathBuf::from(program).canonicalize()?,
        None => build()?,
    };
    let dir = tempfile::tempdir()?;
    let desk = Desk { program, home: dir.path().join("home"), dir: dir.path().to_owned() };
    walk::walk(&desk)
}

/// Builds the console. It lies beside the directory of this program.
fn build() -> Result<PathBuf> {
    let done = Command::new(env!("CARGO")).args(["build", "--release", "--bin", "netsec-tui"]).status()?;
    if !done.success() {
        return Err("the console cannot be built".into());
    }
    let here = std::env::current_exe()?;
    let target = here.parent().and_then(Path::parent).ok_or("this program is in no target directory")?;
    Ok(target.join("netsec-tui"))
}

/// The program and its home.
pub struct Desk {
    program: PathBuf,
    home: PathBuf,
    dir: PathBuf,
}

impl Desk {
    /// A file beside the home.
    pub fn file(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env_clear().env("PATH", path).env("HOME", &self.dir).env("USER", "analyst").env("LANG", "C.UTF-8");
        command.env("TERM", "xterm-256color").env("COLORTERM", "truecolor").current_dir(&self.dir);
        command.arg("--home").arg(&self.home);
        command
    }

    /// Runs a command to its end, and gives what it prints.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command().args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Opens the console.
    pub fn console(&self, columns: u16, rows: u16) -> Result<Console> {
        Ok(Console(Pty::start(self.command(), (columns, rows))?))
    }
}

/// A console that is open.
pub struct Console(Pty);

impl Console {
    /// Types.
    pub fn keys(&self, keys: &str) -> Result<&Self> {
        self.0.send(keys)?;
        std::thread::sleep(Duration::from_millis(100));
        Ok(self)
    }

    /// Pastes.
    pub fn paste(&self, text: &str) -> Result<&Self> {
        self.0.paste(text)?;
        std::thread::sleep(Duration::from_millis(200));
        Ok(self)
    }

    /// Waits for some text.
    pub fn wait(&self, what: &str) -> Result<&Self> {
        match self.0.wait(PATIENCE, |seen| seen.text().contains(what)) {
            Some(_) => Ok(self),
            None => Err(format!("{what:?} does not come up; the screen shows:\n{}", self.0.text()).into()),
        }
    }

    /// Draws the screen.
    pub fn picture(&self, name: &str, title: &str) -> Result<&Self> {
        std::thread::sleep(REST);
        let seen = self.0.seen();
        let screen = anonymous(seen.screen());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/pictures").join(name).with_extension("svg");
        let text = svg::draw(&screen, title);
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        std::fs::write(&path, &text)?;
        println!("{} ({} kB)", path.display(), text.len().div_ceil(1000));
        drop(seen);
        Ok(self)
    }
}

/// The screen with another host in its header, which ends where it did.
fn anonymous(screen: &vt100::Screen) -> vt100::Screen {
    let (rows, columns) = screen.size();
    let mut copy = vt100::Parser::new(rows, columns, 0);
    copy.process(&screen.contents_formatted());
    let host = netsec::who::host();
    let header = screen.rows(0, columns).next().unwrap_or_default();
    // What stands at the right of it is moved with its look: it may grow to the left.
    if let Some(gap) = header.find(&format!("@{host}")).and_then(|at| header[..at].rfind("      ")) {
        let from = header[..gap].chars().count() + 6;
        let wide = usize::from(columns) - from;
        let look = screen.rows_formatted(from as u16, wide as u16).next().unwrap_or_default();
        let moved = String::from_utf8_lossy(&look).replace(&host, HOST);
        let to = (from + host.chars().count() + 1).saturating_sub(HOST.len()).max(1);
        let blank = " ".repeat(wide);
        copy.process(format!("\x1b[1;{}H\x1b[m{blank}\x1b[1;{to}H{moved}\x1b[m", from + 1).as_bytes());
    }
    copy.screen().clone()
}
