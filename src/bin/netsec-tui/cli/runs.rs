//! The commands on the table of runs: list, note, tag, delete.

use super::MoveRun;
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// The forms in which runs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableFormat {
    Table,
    Csv,
    Json,
    Md,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A filter is made of terms that all hold: a field, one of = != < <= > >= ~ !~, and a value. ! before a term turns it
round, a|b are alternatives, ~ looks for a part of a text, =none means that there is no value. Fields:
  id started status database collection space seed folds family cv f1 recall trials time user host who tag note drift
  model holdout
family is the winner (the leader of a run that is on), model any family with a model; started takes 2026-11-01 or
2026-11-01T09:30 (UTC), time 90s, 5m or 2h. Runs can be sorted by all of these and grouped by family, collection,
space, status, who, tag and holdout. The best, newest and longest come first: f1:asc turns that round.

Examples:
  netsec-tui runs --filter 'f1>=.94 family=random_forest status=finished'
  netsec-tui runs --filter 'started>=2026-11-01 !tag=old note~monthly' --sort space,f1
  netsec-tui runs --group family --columns id,f1,recall,tag --out runs.md
  netsec-tui runs push 7f3a21                 the whole run, for colleagues on another host
  netsec-tui runs pull 7f3a21")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Runs {
    #[command(subcommand)]
    pub whole: Option<MoveRun>,
    /// List these runs only, as below
    #[arg(long, value_name = "FILTER", default_value = "", hide_default_value = true)]
    pub filter: String,
    /// Sort by these fields, one after the other; :asc or :desc behind one names its direction
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',')]
    pub sort: Vec<String>,
    /// Put runs with the same value together
    #[arg(long, value_name = "FIELD")]
    pub group: Option<String>,
    /// Show these fields
    #[arg(long, value_name = "FIELD,...", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// List so many runs at most
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// How they are written [default: table, or what the ending of --out says]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<TableFormat>,
    /// Write to this file instead of standard output: .csv, .json or .md
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Colleagues who share a home see the same notes and tags. Whoever writes a note last wins; a tag is changed by itself.

Examples:
  netsec-tui note 7f3a21 'monthly retrain, new salt'
  netsec-tui note 7f3a21 --clear")]
pub struct Note {
    /// The run's id, or the beginning of it
    pub run: String,
    /// The new note; without it the present one is shown
    pub text: Option<String>,
    /// Remove the note
    #[arg(long, conflicts_with = "text")]
    pub clear: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  netsec-tui tag 7f3a21 +baseline -old
  netsec-tui runs --filter tag=baseline")]
pub struct Tag {
    /// The run's id, or the beginning of it
    pub run: String,
    /// Tags the run gets: +tag, or tag
    #[arg(value_name = "+TAG")]
    pub tags: Vec<String>,
    /// Tags the run loses: -tag says the same, but for v, h and V, which are options
    #[arg(long, value_name = "TAG")]
    pub remove: Vec<String>,
}

/// The arguments with `-tag` behind the command `tag` written out as `--remove=tag`: to a parser of options a word that
/// begins with a hyphen is nothing else. The short options of every command stay what they are.
pub fn with_tags_removed(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let (mut is_tag, mut is_over) = (false, false);
    args.map(|arg| {
        let word = arg.to_str().unwrap_or_default();
        is_over |= word == "--";
        let removed = word.strip_prefix('-').filter(|tag| !["", "v", "h", "V"].contains(tag) && !tag.starts_with('-'));
        match removed.filter(|_| is_tag && !is_over) {
            Some(tag) => format!("--remove={tag}").into(),
            None => {
                is_tag |= word == "tag";
                arg
            }
        }
    })
    .collect()
}

#[derive(Debug, Args)]
#[command(after_help = "\
A deleted run is moved below runs/.trash in the home; nothing is lost before --empty. A running run is never deleted,
and the newest finished one, whose model is in use as long as no version is in production, with --force only. A version
in production needs no run: the registry has all of it.

Examples:
  netsec-tui trash 7f3a21
  netsec-tui restore 7f3a21
  netsec-tui trash --empty --older-than 30 --yes")]
pub struct Trash {
    /// The runs' ids, or the beginnings of them
    #[arg(required_unless_present_any = ["list", "empty"], conflicts_with_all = ["list", "empty"], value_name = "RUN")]
    pub runs: Vec<String>,
    /// Delete the newest finished run too while no version is in production
    #[arg(long, conflicts_with_all = ["list", "empty"])]
    pub force: bool,
    /// List the runs in the trash
    #[arg(long, conflicts_with = "empty")]
    pub list: bool,
    /// Remove the runs in the trash for good
    #[arg(long)]
    pub empty: bool,
    /// Remove those only that were deleted so many days ago
    #[arg(long, value_name = "DAYS", requires = "empty")]
    pub older_than: Option<u32>,
    /// Do not ask
    #[arg(long, requires = "empty")]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_with_a_hyphen_is_removed() {
        let read = |line: &str| with_tags_removed(line.split(' ').map(OsString::from)).join(&OsString::from(" "));
        assert_eq!(read("n --json tag 7f -old +new -v --home h"), "n --json tag 7f --remove=old +new -v --home h");
        assert_eq!(read("n -v note 7f -- -old"), "n -v note 7f -- -old");
    }
}
