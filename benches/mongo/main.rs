//! Pushing to MongoDB and reading from it beside pymongo: the same rows, the same server, in turn, in the same run.
//! `benches/README.md` says what is measured and how to read it.

mod task;
#[path = "../venv.rs"]
mod venv;

use clap::Parser;
use netsec::error::IoContext;
use netsec::form;
use netsec::store::Namespace;
use netsec::{Error, Result, sample};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use task::Done;

const REQUIREMENTS: &str = include_str!("requirements.txt");
const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/mongo/peer.py");
/// The collections: pushed by us, by pymongo, and bare.
const NAMES: [&str; 3] = ["ours", "pymongo", "bare"];

/// Measures push, ingest and the first page on the server of NETSEC_TEST_MONGODB_URI.
#[derive(Debug, Parser)]
#[command(name = "mongo")]
struct Args {
    /// Rows
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// How often each side is measured; medians are shown
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// One round of few rows, to see that everything works
    #[arg(long)]
    quick: bool,
    /// One task of the benchmark, in its own process
    #[arg(long, hide = true)]
    task: Option<String>,
    #[arg(long, hide = true, default_value = "")]
    database: String,
    #[arg(long, hide = true, default_value = "-")]
    file: PathBuf,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let done = tokio::runtime::Runtime::new()
        .map_err(|e| Error::remote("no thread can be started").caused_by(e))
        .and_then(|runtime| {
            runtime.block_on(async {
                match &args.task {
                    Some(task) => alone(&args, task).await,
                    None => measure(&args).await,
                }
            })
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error.chain().join(": "));
            error.hint_text().into_iter().for_each(|hint| eprintln!("  {hint}"));
            ExitCode::FAILURE
        }
    }
}

fn uri() -> Result<String> {
    std::env::var("NETSEC_TEST_MONGODB_URI").map_err(|_| {
        Error::user("NETSEC_TEST_MONGODB_URI is not set")
            .hint("tests/servers/with_mongodb COMMAND starts a server and sets it")
    })
}

/// One task: prints what it took.
async fn alone(args: &Args, task: &str) -> Result<()> {
    let uri = uri()?;
    let [ours, _, bare] = NAMES.map(|name| Namespace::new(&args.database, name));
    let (ours, bare) = (ours?, bare?);
    let done = match task {
        "push" => task::push(&uri, &ours, &args.file).await?,
        "push-bare" => task::push_bare(&uri, &ours, &bare).await?,
        "ingest" => task::ingest(&uri, &ours).await?,
        "ingest-bare" => task::ingest_bare(&uri, &ours).await?,
        _ => return Err(Error::internal("no such task")),
    };
    let text = serde_json::to_string(&done).map_err(|e| Error::internal("it cannot be told").caused_by(e))?;
    println!("{text}");
    Ok(())
}

/// Runs a process and reads what it prints.
fn ask(command: &mut Command) -> Result<Done> {
    let output = command.output().map_err(|e| Error::internal("a task cannot be started").caused_by(e))?;
    if !output.status.success() {
        return Err(Error::remote(format!("a task failed: {}", String::from_utf8_lossy(&output.stderr).trim())));
    }
    serde_json::from_slice(&output.stdout).map_err(|e| Error::internal("a task tells nonsense").caused_by(e))
}

struct Bench {
    uri: String,
    database: String,
    python: PathBuf,
    file: PathBuf,
}

impl Bench {
    fn ours(&self, task: &str) -> Result<Done> {
        let program = std::env::current_exe().at("finding", Path::new("this program"))?;
        ask(Command::new(program).args(["--task", task, "--database", &self.database, "--file"]).arg(&self.file))
    }

    fn pymongo(&self, task: &str, name: &str, argument: &str) -> Result<Done> {
        ask(Command::new(&self.python).args([PEER, task, &self.uri, &self.database, name, argument]))
    }

    /// The import tool of MongoDB, where it is installed: seconds of its process.
    fn mongoimport(&self, name: &str) -> Result<Option<f64>> {
        let begun = Instant::now();
        let mut command = Command::new("mongoimport");
        command.args(["--quiet", "--type", "csv", "--headerline", "--uri", &self.uri, "--db", &self.database]);
        match command.args(["--collection", name, "--file"]).arg(&self.file).status() {
            Ok(status) if status.success() => Ok(Some(begun.elapsed().as_secs_f64())),
            Ok(status) => Err(Error::remote(format!("mongoimport failed: {status}"))),
            Err(_) => Ok(None),
        }
    }

    async fn drop(&self, name: &str) -> Result<()> {
        let rows = task::collection(&self.uri, &Namespace::new(&self.database, name)?).await?;
        // A server may refuse to drop what is not there.
        if rows.estimated_document_count().await.map_err(task::failed)? > 0 {
            rows.drop().await.map_err(task::failed)?;
        }
        Ok(())
    }
}

async fn measure(args: &Args) -> Result<()> {
    let (rows, rounds) = if args.quick { (20_000, 1) } else { (args.rows, args.rounds) };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = target.join(format!("mongo-{rows}.csv"));
    netsec::files::replace(&file, |file| sample::write_csv(&mut std::io::BufWriter::new(file), rows, 1, &[]))?;
    let database = format!("netsec_bench_{}", std::process::id());
    let bench = Bench { uri: uri()?, database, python: venv::install("mongo", REQUIREMENTS)?, file };
    let fields: Vec<String> = task::schema()?.columns().map(|column| column.name.clone()).collect();
    let file = bench.file.display().to_string();

    let (mut push, mut ingest): ([Vec<Done>; 3], [Vec<Done>; 3]) = Default::default();
    let mut imports = Vec::new();
    for _ in 0..rounds {
        for name in NAMES {
            bench.drop(name).await?;
        }
        push[0].push(bench.ours("push")?);
        push[1].push(bench.pymongo("push", "pymongo", &file)?);
        push[2].push(bench.ours("push-bare")?);
        bench.drop("bare").await?;
        bench.drop("pymongo").await?;
        imports.extend(bench.mongoimport("pymongo")?);
        bench.drop("pymongo").await?;
        ingest[0].push(bench.ours("ingest")?);
        // The very collection that we have read.
        ingest[1].push(bench.pymongo("ingest", "ours", &fields.join(","))?);
        ingest[2].push(bench.ours("ingest-bare")?);
    }
    for (ours, theirs) in ingest[0].iter().zip(&ingest[1]) {
        if (ours.rows, &ours.sums) != (theirs.rows, &theirs.sums) || ours.rows != rows {
            return Err(Error::internal(format!("both sides read other rows: {ours:?} and {theirs:?}")));
        }
    }
    if push[0].iter().chain(&push[1]).any(|done| done.rows != rows) {
        return Err(Error::internal("a push is not whole"));
    }
    println!("{} rows of {} columns, {rounds} rounds, medians\n", form::count(rows), fields.len());
    table("push", &push);
    match imports.is_empty() {
        true => println!("mongoimport is not installed\n"),
        false => println!("mongoimport: {:.2} s\n", median(imports)),
    }
    table("ingest", &ingest);

    let namespace = Namespace::new(&bench.database, "ours")?;
    let mut pages = Vec::new();
    for _ in 0..if args.quick { 3 } else { 5 } {
        pages.push(task::page(&bench.uri, &namespace).await?);
    }
    let [ours, bare] = [0, 1].map(|side| median(pages.iter().map(|page| page[side]).collect()) * 1e3);
    println!("first page of {}: {ours:.1} ms, of which the server's own {bare:.1} ms", form::count(rows));
    bench.drop("ours").await
}

fn table(name: &str, [ours, theirs, bare]: &[Vec<Done>; 3]) {
    let of = |all: &[Done]| median(all.iter().map(|done| done.seconds).collect());
    let peak = |all: &[Done]| format!("{} MB", all.iter().map(|done| done.peak).max().unwrap_or_default() >> 20);
    let server = of(bare);
    println!("| {name} | seconds | without the server's {server:.2} s | peak memory |\n|---|--:|--:|--:|");
    for (side, all) in [("netsec", ours), ("pymongo and pandas", theirs)] {
        println!("| {side} | {:.2} | {:.2} | {} |", of(all), of(all) - server, peak(all));
    }
    let own = (of(ours) - server).max(1e-3);
    println!("| ratio | {:.2}x | {:.2}x | |\n", of(theirs) / of(ours), (of(theirs) - server) / own);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
