//! Other terminal programs: whichever of them are installed.

use crate::broken;
use crate::ours;
use crate::pty::Pty;
use netsec::Result;
use netsec::error::IoContext;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs, by name.
const NAMES: [&str; 4] = ["htop", "btop", "top", "less"];

/// A program to compare with.
pub struct Rival {
    /// Its name.
    pub name: &'static str,
    /// The key that moves its selection, or its text; none where it has neither.
    pub key: Option<&'static str>,
    program: PathBuf,
    home: PathBuf,
}

impl Rival {
    /// Those that are installed. `less` gets a file of this many lines.
    ///
    /// # Errors
    /// When their files cannot be written.
    pub fn installed(scratch: &Path, lines: u64) -> Result<Vec<Self>> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut found = Vec::new();
        for name in NAMES {
            let Some(program) = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file()) else {
                continue;
            };
            let home = scratch.join(name);
            std::fs::create_dir_all(&home).at("creating", &home)?;
            let key = match name {
                "htop" | "btop" => Some("\x1b[B"),
                "less" => Some("j"),
                _ => None,
            };
            found.push(Self { name, key, program, home });
        }
        if let Some(less) = found.iter().find(|r| r.name == "less") {
            let path = less.home.join("lines");
            let mut file = std::io::BufWriter::new(std::fs::File::create(&path).at("writing", &path)?);
            (0..lines).try_for_each(|n| writeln!(file, "line {n} of a long file")).at("writing", &path)?;
        }
        Ok(found)
    }

    /// Those that are not.
    pub fn missing(installed: &[Self]) -> Vec<&'static str> {
        NAMES.into_iter().filter(|name| installed.iter().all(|rival| rival.name != *name)).collect()
    }

    /// Starts it as its users do; `still` as rarely updated as it can be, so that what it writes answers a key.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, still: bool) -> Result<Pty> {
        let mut command = Command::new(&self.program);
        ours::surroundings(&mut command, &self.home);
        match self.name {
            "htop" if still => {
                command.args(["-d", "100"]);
            }
            "btop" => {
                let dir = self.home.join(".config/btop");
                std::fs::create_dir_all(&dir).at("creating", &dir)?;
                let every = if still { 60_000 } else { 2_000 };
                let path = dir.join("btop.conf");
                std::fs::write(&path, format!("update_ms = {every}\n")).at("writing", &path)?;
                command.arg("--utf-force");
            }
            "less" => {
                command.arg(self.home.join("lines"));
            }
            _ => {}
        }
        Pty::start(command, ours::SIZE).map_err(broken(format!("{} cannot be started", self.name)))
    }
}
