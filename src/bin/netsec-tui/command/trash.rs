//! `trash` and `restore`: runs that are deleted, had back, and removed for good.

use super::confirm;
use crate::cli::{Global, Run, Trash};
use crate::context::Context;
use crate::output;
use netsec::form::plural;
use netsec::run::trash::{self, Trashed};
use netsec::run::{self, RunDir};
use netsec::{Error, Result};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Moves runs to the trash, lists what is there, or empties it.
pub fn trash(context: &Context, global: &Global, args: &Trash) -> Result<ExitCode> {
    if args.list {
        return list(context, global);
    }
    if args.empty {
        return empty(context, global, args);
    }
    // All are found, and may be deleted, before the first is moved: a mistyped id moves none.
    let mut dirs: Vec<(RunDir, bool)> = Vec::new();
    let runtime = super::runtime()?;
    for id in &args.runs {
        let dir = run::find(&context.home, id)?;
        // A version in production needs no run.
        let force = args.force || runtime.block_on(context.has_production(&dir));
        trash::may_be_discarded(&context.home, &dir, force)?;
        if dirs.iter().all(|(other, _)| other.id != dir.id) {
            dirs.push((dir, force));
        }
    }
    for (dir, force) in &dirs {
        trash::discard(&context.home, dir, *force)?;
        if !global.json {
            output::print(&format!("run {} is in the trash; netsec-tui restore {0} has it back\n", dir.id))?;
        }
    }
    if global.json {
        output::print_json(&json!({"trashed": dirs.iter().map(|(dir, _)| &dir.id).collect::<Vec<_>>()}))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn told(run: &Trashed) -> Value {
    let by = run.by.as_ref();
    json!({"run": run.dir.id, "what": run.what, "who": by.map(|by| &by.who), "at": by.map(|by| &by.at)})
}

fn list(context: &Context, global: &Global) -> Result<ExitCode> {
    let all = trash::trashed(&context.home)?;
    if global.json {
        output::print_json(&json!({"trash": all.iter().map(told).collect::<Vec<_>>()}))?;
    } else if all.is_empty() {
        output::print("the trash is empty\n")?;
    } else {
        let mut rows = vec![["run", "deleted", "by", "what"].map(str::to_owned).to_vec()];
        for run in all {
            let (at, who) = run.by.map_or_else(Default::default, |by| (by.at, by.who));
            let at = at.get(..16).unwrap_or(&at).replace('T', " ");
            rows.push(vec![run.dir.id, at, who, run.what]);
        }
        output::print(&output::table(&rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn empty(context: &Context, global: &Global, args: &Trash) -> Result<ExitCode> {
    let runs = trash::older_than(&context.home, args.older_than)?;
    let what = plural(runs.len() as u64, "run");
    if !runs.is_empty() && !args.yes && !confirm::removal(global, &what)? {
        return Err(Error::user("nothing was removed"));
    }
    trash::empty(&context.home, &runs)?;
    if global.json {
        output::print_json(&json!({"removed": runs.iter().map(|run| &run.dir.id).collect::<Vec<_>>()}))?;
    } else {
        output::print(&format!("{what} removed for good\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a run out of the trash.
pub fn restore(context: &Context, global: &Global, args: &Run) -> Result<ExitCode> {
    let dir = trash::restore(&context.home, &args.run)?;
    if global.json {
        output::print_json(&json!({"restored": dir.id}))?;
    } else {
        output::print(&format!("run {} is back\n", dir.id))?;
    }
    Ok(ExitCode::SUCCESS)
}
