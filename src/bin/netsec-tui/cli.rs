//! The command line.

mod documents;
mod predict;
mod registry;
mod runs;

pub use documents::{Copy, Export, Find, Which};
pub use predict::{Explain, Model, Predict, Predictions, Threshold, ThresholdChoice, Transform};
pub use registry::{Gc, LedgerOf, Models, MoveRun, Promote, Pull, Register, Remark, Rollback, Verify};
pub use runs::{Note, Runs, TableFormat, Tag, Trash, with_tags_removed};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use netsec::event::{Family, Stage};
use netsec::resample::Resampling;
use std::path::PathBuf;

/// The operations console of a phishing-detection team. Without a command it opens the console.
#[derive(Debug, Parser)]
#[command(
    name = "netsec-tui",
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  netsec-tui                                   open the console
  netsec-tui --plain                           the same as questions and answers, for screen readers
  netsec-tui push rows.csv                     store rows in the default collection
  netsec-tui find --filter 'Result=-1'         show documents
  netsec-tui ping --store prod                 tell what is wrong with a connection to MongoDB
  netsec-tui train --seed 1 --json             train, and print the report as JSON
  netsec-tui predict new.csv > scored.csv      score rows with the newest run's winner
  netsec-tui predict --from New --to Scored    score a collection into another one
  netsec-tui predict --url hxxp://example[.]com/a   what a URL's text alone tells
  netsec-tui explain URL_Length=1              tell why a row gets its score
  netsec-tui threshold 7f3a21 --recall 0.95    let a run's winner find 95 % of the positive rows
  netsec-tui promote 7f3a21 --reason retrain   put a run's winner into production, if the gate lets it
  netsec-tui ledger                            what was in production when, and why

Exit codes: 0 ok, 1 failure, 2 usage, 3 the gate refused, 4 drift found, 130 interrupted."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    /// Draw the console at most this often a second (1 to 60), for slow links
    #[arg(long, value_name = "N")]
    pub fps: Option<u32>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub struct Global {
    /// Print exactly one JSON document on standard output; messages go to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Keep everything below this directory (also NETSEC_HOME)
    #[arg(long, global = true, value_name = "DIR", env = "NETSEC_HOME", hide_env_values = true)]
    pub home: Option<PathBuf>,
    /// Read settings from this file, over the user's and those in ./config
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Describe the rows by this schema file instead of the built-in or remembered one
    #[arg(long, global = true, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Read and push documents there: a connection of the settings, embedded, or MONGODB_URI (also NETSEC_STORE)
    #[arg(long, global = true, value_name = "NAME")]
    pub store: Option<String>,
    /// Never ask and never draw, even on a terminal
    #[arg(long, global = true)]
    pub no_input: bool,
    /// Refuse whatever would change stored rows, runs or models (also NETSEC_READ_ONLY)
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Write lines only, for screen readers and terminals that can only append; without a command, ask line by line
    #[arg(long, global = true)]
    pub plain: bool,
    /// Say more on standard error
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Store rows from files: CSV, ARFF, Parquet, JSON lines
    Push(Push),
    /// Show the rows that pushes rejected, or write them to a file
    Rejected(Rejected),
    /// Look at the way to the documents step by step: name, network, TLS, server, user, rights, latency
    Ping,
    /// List the collections of all databases
    Collections,
    /// Show documents: filtered, sorted, counted
    Find(Find),
    /// Write documents to a file: CSV, JSON lines, Parquet
    Export(Export),
    /// Copy a collection from one store to another, and verify the copy
    Copy(Copy),
    /// Write synthetic rows as CSV, drawn from the real data's statistics
    Sample(Sample),
    /// Judge rows before they are trained on: what is missing, refused, repeated, contradictory
    Validate(Validate),
    /// Hold current rows against a reference; exit code 4 on data set drift
    Drift(Drift),
    /// Train, in a process of its own that this command follows
    Train(Train),
    /// List the runs: filtered, sorted, grouped, as a table, CSV, JSON or Markdown
    Runs(Runs),
    /// Show a run and its report
    Show(Run),
    /// Hold one run's model against another's: what differs, and whether one is better
    Compare(Compare),
    /// Show or choose from which probability a run's model calls a row positive
    Threshold(Threshold),
    /// Ask a running run to stop
    Cancel(Run),
    /// Print a run's log
    Logs(Run),
    /// Show, set or remove a run's note
    Note(Note),
    /// Show a run's tags, or give it some and take others away
    Tag(Tag),
    /// Delete runs, so that they can be had back; list or empty the trash
    Trash(Trash),
    /// Take a deleted run out of the trash
    Restore(Run),
    /// Score rows with a finished run's model, as CSV or into a collection; or URLs
    Predict(Predict),
    /// Write the vectors of a run into a collection, as its models saw them
    Transform(Transform),
    /// List what was predicted, newest first
    Predictions(Predictions),
    /// Tell why a row gets its score: what each feature contributes
    Explain(Explain),
    /// List the registry's versions, and what production and the other aliases are on
    Models(Models),
    /// Put a run's model into the registry, as a version of its own
    Register(Register),
    /// Hold a model against the one in production, and put it in its place; exit code 3 when the gate refuses
    Promote(Promote),
    /// Move production back to a version that it was on
    Rollback(Rollback),
    /// Say that a version is not to be promoted any more
    Retire(Remark),
    /// Add something to what the ledger says of a version
    Annotate(Remark),
    /// Show what happened in the registry: who, what, when, why
    Ledger(LedgerOf),
    /// Hold everything in the registry against its hashes
    Verify(Verify),
    /// Write a version's files into a directory
    Pull(Pull),
    /// Remove from the registry what no entry of the ledger needs
    Gc(Gc),
    /// Show paths, settings with where each came from, and versions
    Info,
    /// List the console's keys: view, action, keys, and what they do
    Keys,
    /// Move a run on; started by the others
    #[command(hide = true)]
    Worker(Worker),
}

impl Command {
    /// Whether it changes what is shared: rows, runs or models. Files of the analyst's own may be written.
    pub fn writes(&self) -> bool {
        match self {
            Self::Push(_) | Self::Copy(_) | Self::Train(_) | Self::Cancel(_) | Self::Worker(_) | Self::Restore(_) => {
                true
            }
            Self::Transform(_) => true,
            Self::Register(_) | Self::Rollback(_) | Self::Retire(_) | Self::Annotate(_) => true,
            Self::Promote(args) => !args.dry_run,
            Self::Verify(args) => args.repair,
            Self::Gc(args) => !args.dry_run,
            Self::Runs(args) => matches!(args.whole, Some(MoveRun::Push { .. } | MoveRun::Pull { run: Some(_) })),
            Self::Models(_) | Self::Ledger(_) | Self::Pull(_) => false,
            Self::Note(args) => args.text.is_some() || args.clear,
            Self::Tag(args) => !args.tags.is_empty() || !args.remove.is_empty(),
            Self::Trash(args) => !args.list,
            Self::Threshold(args) => args.choice.is_any(),
            Self::Predict(args) => args.to.is_some(),
            Self::Rejected(_) | Self::Sample(_) | Self::Validate(_) | Self::Drift(_) | Self::Show(_) => false,
            Self::Ping | Self::Collections | Self::Find(_) | Self::Export(_) | Self::Predictions(_) => false,
            Self::Compare(_) | Self::Logs(_) | Self::Explain(_) | Self::Info | Self::Keys => false,
        }
    }
}

#[derive(Debug, Args)]
pub struct Push {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The collection, or DATABASE/COLLECTION
    #[arg(long, value_name = "NAME")]
    pub collection: Option<String>,
    /// Remember the rows under this source instead of the file's name
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Fail when any row is rejected
    #[arg(long)]
    pub strict: bool,
}

#[derive(Debug, Args)]
pub struct Rejected {
    /// The collection that was pushed to, or DATABASE/COLLECTION
    #[arg(long, value_name = "NAME")]
    pub collection: Option<String>,
    /// Write all of them to this file, as CSV
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A drift replaces values of one column after the rows are drawn: all other cells are the same with and without it.
  FEATURE=VALUE:SHARE    this share of the rows (0 to 1) gets the value; half of them without :SHARE
  FEATURE=na:SHARE       this share of the rows loses the value; half of them without :SHARE
  FEATURE=SHARE          this share of the rows gets the level after its own, the first one after the last
The label can drift too.

Examples:
  netsec-tui sample --rows 1000 --seed 7 > rows.csv
  netsec-tui sample --rows 1000 --seed 7 --drift SSLfinal_State=-1:0.3 --drift web_traffic=na:0.1 > drifted.csv")]
pub struct Sample {
    /// How many rows
    #[arg(long, default_value_t = 10_000)]
    pub rows: u64,
    /// Which rows: the same seed gives the same ones
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Shift the values of a column, as below; may be repeated for other columns
    #[arg(long, value_name = "FEATURE=...")]
    pub drift: Vec<String>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Validate {
    /// A file of rows: CSV, ARFF, Parquet, JSON lines
    #[arg(value_name = "FILE", conflicts_with = "collection")]
    pub file: Option<PathBuf>,
    /// The collection, or DATABASE/COLLECTION, with @FROM..TO for a time window
    #[arg(long, value_name = "NAME")]
    pub collection: Option<String>,
    /// Write the findings to this file, as YAML
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
WHAT is, in this order: `champion` (the version in production; before the first promotion the newest finished run), a
collection (COLLECTION, DATABASE/COLLECTION, either with @FROM..TO for the rows stored in that time, UTC, the end
exclusive), a run's id or its beginning, a file, or a version of the registry (`production`, `staging`, `v3`, or
NAME@v3).

Examples:
  netsec-tui drift                                                  the default collection against the champion
  netsec-tui drift --current NetworkData@2026-11-01..               what came in since then
  netsec-tui drift --reference 7f3a21 --current new.csv --json      a file against a run's rows
  netsec-tui drift --reference v3 --current production              one version's rows against another's
  netsec-tui drift --html drift.html                                a report for colleagues

Exit codes: 0 no data set drift, 4 data set drift, 1 failure, also when drift could not be told.")]
pub struct Drift {
    /// What current rows are held against [default: champion]
    #[arg(long, value_name = "WHAT")]
    pub reference: Option<String>,
    /// The current rows [default: the default collection]
    #[arg(long, value_name = "WHAT")]
    pub current: Option<String>,
    /// Write the report to this file, as YAML
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write the report to this file, as one HTML page with the distributions drawn
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netsec-tui train                                          the default collection and search space
  netsec-tui train --family gb --family rf --space quick    two families, one trial each
  netsec-tui train --collection NetworkData@2026-10-01..    the rows stored since then
  netsec-tui train --resampling class_weights --folds 5     balance the classes in every trial
  netsec-tui train --run 7f3a21                             go on with an interrupted run")]
pub struct Train {
    /// The collection, or DATABASE/COLLECTION, with @FROM..TO for the rows stored in that time
    #[arg(long, value_name = "NAME")]
    pub collection: Option<String>,
    /// Train this family only; may be repeated
    #[arg(long = "family", value_name = "FAMILY")]
    pub families: Vec<Family>,
    /// The search space of config/training.yaml
    #[arg(long, value_name = "NAME")]
    pub space: Option<String>,
    /// Cross-validation folds, 2 to 20 [default: as config/training.yaml says]
    #[arg(long, value_name = "N")]
    pub folds: Option<u32>,
    /// Balance the classes this way in every trial [default: as the search space says]
    #[arg(long, value_name = "HOW", value_parser = resampling())]
    pub resampling: Option<Resampling>,
    /// Seed of folds, sampling and models [default: 1]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Go on with this run, as its manifest has it
    #[arg(long, value_name = "RUN", conflicts_with_all = ["collection", "families", "space", "folds", "resampling", "seed"])]
    pub run: Option<String>,
    /// Stop after this stage: ingest, validate, transform, train, evaluate
    #[arg(long, value_name = "STAGE")]
    pub until: Option<Stage>,
    /// Go on in spite of a failed validation; the run records who said so
    #[arg(long)]
    pub accept: bool,
    /// Return at once; the run goes on
    #[arg(long)]
    pub detach: bool,
}

/// Understands a way of balancing, and lists them all where it does not.
fn resampling() -> impl TypedValueParser<Value = Resampling> {
    PossibleValuesParser::new(Resampling::ALL.map(Resampling::name)).try_map(|name| name.parse::<Resampling>())
}

#[derive(Debug, Args)]
pub struct Run {
    /// The run's id, or the beginning of it
    pub run: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Both models of a pair are scored on the vectors that neither was trained on. They differ only if the 95 % interval of
the difference in F1 leaves out 0. The exit code is 0 whatever the verdict; with --json it is `verdict`: better, worse
or not_distinguishable. A run stands for its winner, RUN:FAMILY for its model of that family.

With more than two models, or with --curves, the JSON document has `pairs`, each of the others against the base, and
`models`, all of them side by side on the vectors that none was trained on.

Examples:
  netsec-tui compare 5be0c4 7f3a21                       is the winner of 7f3a21 better than that of 5be0c4?
  netsec-tui compare 7f3a21:dt 7f3a21:rf                 two families of one run
  netsec-tui compare 5be0c4 7f3a21 9c01d2 --out new.md   two against one, as a file (.md, .csv or .json)
  netsec-tui compare 5be0c4 7f3a21 --curves --json       with the points of the curves and all trials")]
pub struct Compare {
    /// The run that the others are held against: its id, or the beginning of it
    #[arg(value_name = "BASE[:FAMILY]")]
    pub base: String,
    /// The other runs, 6 at most
    #[arg(value_name = "RUN[:FAMILY]", required = true)]
    pub new: Vec<String>,
    /// The base's model of this family instead of its winner
    #[arg(long, value_name = "FAMILY")]
    pub base_family: Option<Family>,
    /// The other's model of this family instead of its winner
    #[arg(long, value_name = "FAMILY")]
    pub new_family: Option<Family>,
    /// Add ROC and precision-recall points, histograms of scores, and every trial to the JSON document
    #[arg(long)]
    pub curves: bool,
    /// Write the comparison into this file, by its ending as JSON with curves, Markdown or CSV
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Worker {
    /// The run's id
    pub run: String,
    /// The last stage to run
    #[arg(long)]
    pub until: Option<Stage>,
}
