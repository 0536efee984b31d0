//! The console beside other terminal programs, each in a pseudo-terminal: bytes, processor time and milliseconds.
//! `benches/README.md` says what is measured and how to read it.

mod figure;
mod measure;
mod ours;
#[path = "../../tests/it/pty.rs"]
mod pty;
mod rival;

use clap::{Parser, ValueEnum};
use figure::Figures;
use netsec::{Error, Result};
use ours::Workspace;
use rival::Rival;
use std::process::ExitCode;
use std::time::Duration;

/// Load up to which a machine counts as idle.
const IDLE: f64 = 0.5;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Bytes and processor time while nothing happens
    Idle,
    /// Bytes a second while a run is watched
    Live,
    /// Frames and bytes of ten thousand events at once
    Flood,
    /// From the start to the first frame
    Start,
    /// From a key to what it changes, while a run is training
    Key,
}

impl Part {
    const ALL: [Part; 5] = [Part::Idle, Part::Live, Part::Flood, Part::Start, Part::Key];
}

/// Measures the console in a pseudo-terminal, beside htop, btop, top and less where they are installed.
#[derive(Debug, Parser)]
#[command(name = "terminal")]
struct Args {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Ten seconds instead of a minute and fewer rows, to see that everything works
    #[arg(long)]
    quick: bool,
    /// Print one JSON document instead of tables
    #[arg(long)]
    json: bool,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    fn either<T>(&self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }

    /// How long an idle program is watched.
    fn idle(&self) -> Duration {
        Duration::from_secs(self.either(10, 60))
    }

    /// How long a run is watched.
    fn live(&self) -> Duration {
        Duration::from_secs(self.either(10, 30))
    }

    /// How often each program is started.
    fn starts(&self) -> usize {
        self.either(5, 30)
    }

    /// How many keys are pressed.
    fn keys(&self) -> usize {
        self.either(50, 500)
    }

    /// Rows of the collection that is browsed.
    fn rows(&self) -> u64 {
        self.either(20_000, 1_000_000)
    }
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {}", e.chain().join("\n  "));
            if let Some(hint) = e.hint_text() {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let parts = if args.parts.is_empty() { &Part::ALL[..] } else { &args.parts };
    let load = load();
    let workspace = Workspace::new(if parts.contains(&Part::Key) { args.rows() } else { 0 })?;
    let rivals = Rival::installed(workspace.scratch(), args.rows())?;
    let mut figures = Figures::new(load.filter(|load| *load > IDLE), Rival::missing(&rivals));
    for part in parts {
        match part {
            Part::Idle => measure::idle(args, &workspace, &rivals, &mut figures)?,
            Part::Live => measure::live(args, &workspace, &mut figures)?,
            Part::Flood => measure::flood(&workspace, &mut figures)?,
            Part::Start => measure::start(args, &workspace, &rivals, &mut figures)?,
            Part::Key => measure::key(args, &workspace, &rivals, &mut figures)?,
        }
    }
    if args.json {
        println!("{:#}", figures.to_json());
    } else {
        print!("{}", figures.to_markdown());
    }
    Ok(())
}

/// The load of the machine in the last minute, where the system tells it.
fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// A failure of the terminal or of the program in it.
fn broken(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Error {
    let what = what.into();
    move |e| Error::remote(what).caused_by(e)
}
