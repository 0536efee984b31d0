//! netsec beside scikit-learn, LightGBM, onnxruntime and scipy: the same rows, the same folds, one after the other in the same
//! run. `benches/README.md` says what is measured and how to read it.

mod batch;
mod drift;
mod families;
mod generated;
mod grid;
mod ours;
mod python;
mod scale;
mod split;
mod table;
mod thorough;
#[path = "../venv.rs"]
mod venv;
mod workspace;

use clap::{Parser, ValueEnum};
use netsec::{Error, Result};
use python::Python;
use std::process::ExitCode;
use workspace::Workspace;

/// Threads that either side may use.
const THREADS: usize = 2;
/// Seed of the runs, the models and the generated rows.
const SEED: u64 = 1;

/// Load up to which a machine counts as idle.
const IDLE: f64 = 0.5;

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// One fit and one prediction, family by family
    Families,
    /// A whole grid search against GridSearchCV
    Grid,
    /// The hold-out F1 of a thorough search, over five hold-outs
    Thorough,
    /// Time and memory from ten thousand rows to ten million
    Scale,
    /// Prediction of many rows, also by onnxruntime
    Batch,
    /// Validation and drift of many rows, against numpy and scipy
    Drift,
}

/// Measures netsec against scikit-learn, LightGBM and onnxruntime.
#[derive(Debug, Parser)]
#[command(name = "vs_sklearn")]
struct Args {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// How often each side is measured; the median is shown
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// One round on less data, to see that everything works
    #[arg(long)]
    quick: bool,
    /// Go up to ten million rows in `scale`
    #[arg(long)]
    large: bool,
    /// Measure one fit in this process and print it; the benchmark starts itself with it
    #[arg(long, hide = true, value_name = "JSON")]
    child: Option<String>,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds as usize }
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
    rayon::ThreadPoolBuilder::new()
        .num_threads(THREADS)
        .build_global()
        .map_err(|e| Error::internal("the threads cannot be started").caused_by(e))?;
    if let Some(request) = &args.child {
        return scale::child(request);
    }
    let python = Python::install()?;
    let mut server = python.start()?;
    let workspace = Workspace::new()?;
    let versions = server.versions()?;
    println!("# netsec {} against {versions}\n", env!("CARGO_PKG_VERSION"));
    println!("{}; {THREADS} threads a side; seed {SEED}.", workspace.source());
    if let Some(load) = busy() {
        println!("\n**The machine was busy (load {load:.1}) when this started: the times mislead.**");
    }
    let all = [Part::Families, Part::Grid, Part::Thorough, Part::Scale, Part::Batch, Part::Drift];
    for part in if args.parts.is_empty() { &all[..] } else { &args.parts } {
        match part {
            Part::Families => families::measure(args, &workspace, &mut server)?,
            Part::Grid => grid::measure(args, &workspace, &mut server)?,
            Part::Thorough => thorough::measure(args, &workspace, &mut server)?,
            Part::Scale => scale::measure(args, &workspace, &python)?,
            Part::Batch => batch::measure(args, &workspace, &mut server)?,
            Part::Drift => drift::measure(args, &workspace, &mut server)?,
        }
    }
    Ok(())
}

/// The load of the machine in the last minute, where the system tells it and it is more than an idle one's.
fn busy() -> Option<f64> {
    let load: f64 = std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()?;
    (load > IDLE).then_some(load)
}
