//! `predictions`: what was predicted, newest first.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::form::score;
use netsec::predict::history;
use serde_json::json;
use std::process::ExitCode;

/// Most characters that tell a row.
const WIDEST: usize = 80;

/// Lists the log of predictions.
pub fn predictions(context: &Context, global: &cli::Global, args: &cli::Predictions) -> Result<ExitCode> {
    let found = history(&context.home, args.limit, args.find.as_deref().unwrap_or_default())?;
    if global.json {
        output::print_json(&json!({
            "predictions": found.entries, "more": found.more, "unreadable": found.unreadable,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if found.unreadable > 0 {
        eprintln!("{} lines of the log are no predictions and were passed over", found.unreadable);
    }
    if found.entries.is_empty() {
        output::print("no predictions; netsec-tui predict makes some\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = vec![["when", "who", "verdict", "probability", "model", "row"].map(str::to_owned).to_vec()];
    rows.extend(found.entries.iter().map(|entry| {
        vec![
            entry.at.get(..19).unwrap_or(&entry.at).replace('T', " "),
            format!("{}@{}", entry.user, entry.host),
            entry.verdict.clone(),
            score(entry.probability),
            format!("{} {}", entry.family.name(), entry.version.as_ref().unwrap_or(&entry.run)),
            entry.row().chars().take(WIDEST).collect(),
        ]
    }));
    output::print(&output::table(&rows))?;
    if found.more {
        eprintln!("there are more: --limit, --find");
    }
    Ok(ExitCode::SUCCESS)
}
