//! The commands of the registry.

use clap::{Args, Subcommand};
use netsec::event::Family;
use std::path::PathBuf;

/// What every command of the registry takes.
#[derive(Debug, Args)]
pub struct Of {
    /// The model's name in the registry [default: the schema's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A version is a bundle of files that never changes: the model with its threshold, imputer and encoders, the schema, the
report, what the training rows looked like, and a manifest with the SHA-256 of each. The same bundle again gives the
version that it has, and goes on where it was interrupted.

Examples:
  netsec-tui register 7f3a21
  netsec-tui register 7f3a21 --family random_forest --name phishing-eu")]
pub struct Register {
    /// The run's id, or the beginning of it
    pub run: String,
    /// The model of this family instead of the winner's
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<Family>,
    /// Why; the ledger keeps it
    #[arg(long, value_name = "TEXT", default_value = "registered by hand")]
    pub reason: String,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The challenger is held against the version that the alias is on, on vectors that neither was trained on. It is promoted
where it is better, and where the two cannot be told apart; where it is worse, unfit, or there are too few vectors to
tell, it is refused with exit code 3. What is asked of it stands in config/promotion.yaml. The first one has no rival and
passes on its own scores. --override promotes in spite of a refusal; the ledger keeps the text.

Headless, --yes stands for the typed name of the model.

Examples:
  netsec-tui promote 7f3a21 --reason 'monthly retrain'
  netsec-tui promote v4 --alias staging --reason 'shadow test' --yes
  netsec-tui promote 7f3a21 --dry-run --json                      what the gate says, and nothing else")]
pub struct Promote {
    /// A run (its id, or the beginning of it), or a version: v4
    #[arg(value_name = "RUN|vN")]
    pub what: String,
    /// The alias that is moved
    #[arg(long, value_name = "NAME", default_value = netsec::promote::PRODUCTION)]
    pub alias: String,
    /// The model of this family instead of the run's winner
    #[arg(long, value_name = "FAMILY")]
    pub family: Option<Family>,
    /// Why; the ledger keeps it
    #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
    pub reason: Option<String>,
    /// Promote in spite of a refusal, for this reason
    #[arg(long = "override", value_name = "TEXT")]
    pub overridden: Option<String>,
    /// Say what the gate says, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask for the model's name
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --to it leads back to the version that the alias was on before the present one; again, to the one before that.

Examples:
  netsec-tui rollback --reason 'false alarms since noon'
  netsec-tui rollback --to v2 --reason 'the last one without drift' --yes")]
pub struct Rollback {
    /// The alias that is moved
    #[arg(long, value_name = "NAME", default_value = netsec::promote::PRODUCTION)]
    pub alias: String,
    /// To this version, which the alias was on
    #[arg(long, value_name = "vN")]
    pub to: Option<String>,
    /// Why; the ledger keeps it
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Do not ask for the model's name
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netsec-tui retire v3 --reason 'trained on mislabelled rows'
  netsec-tui annotate v4 --reason 'audited by the risk team'")]
pub struct Remark {
    /// The version
    #[arg(value_name = "vN")]
    pub version: String,
    /// What the ledger is to keep
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
pub struct Models {
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netsec-tui ledger                          newest first
  netsec-tui ledger --at 2026-11-03T18:00    what each alias was on then (UTC)")]
pub struct LedgerOf {
    /// What was in use at this time: 2026-11-03 (the end of that day) or 2026-11-03T18:00, UTC
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// At most this many entries
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Every object of every complete version is read and held against its hash, and the ledger against itself. What an
interrupted registration or a lost race left behind is listed, and is no error.

Exit codes: 0 all is as it was registered, 1 it is not.")]
pub struct Verify {
    /// Put the pointers of the aliases where the ledger says
    #[arg(long)]
    pub repair: bool,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netsec-tui pull production ./champion
  netsec-tui pull v2 /srv/models/v2")]
pub struct Pull {
    /// An alias, or a version: v4
    #[arg(value_name = "ALIAS|vN")]
    pub what: String,
    /// The directory, which is not there yet
    pub dir: PathBuf,
    #[command(flatten)]
    pub of: Of,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Not needed are versions that were begun more than a day ago and never recorded in the ledger, and retired ones that no
alias was ever on. Their numbers are not given to others.")]
pub struct Gc {
    /// List what would be removed
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub of: Of,
}

/// What may be done with whole runs.
#[derive(Debug, Subcommand)]
pub enum MoveRun {
    /// Copy a run that has ended into the registry's storage, whole and verified
    Push {
        /// The run's id, or the beginning of it
        run: String,
    },
    /// Copy a run from the registry's storage to this home; without one, list those that are there
    Pull {
        /// The run's id, or the beginning of it
        run: Option<String>,
    },
}
