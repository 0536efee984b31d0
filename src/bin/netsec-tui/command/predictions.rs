//! `predictions`: what was predicted, newest first.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::form::score;
use netsec::predict::{LogEntry, history};
use serde_json::json;
use std::process::ExitCode;

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
            format!("{} {}", entry.family.name(), entry.run),
            row(entry),
        ]
    }));
    output::print(&output::table(&rows))?;
    if found.more {
        eprintln!("there are more: --limit, --find");
    }
    Ok(ExitCode::SUCCESS)
}

/// The row in a few words: its URL, or the first of its values.
fn row(entry: &LogEntry) -> String {
    const SHOWN: usize = 3;
    if let Some(url) = &entry.url {
        return url.chars().take(60).collect();
    }
    let value = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let first: Vec<String> = entry.input.iter().take(SHOWN).map(|(name, v)| format!("{name}={}", value(v))).collect();
    let more = entry.input.len().saturating_sub(SHOWN);
    if more > 0 { format!("{} and {more} more", first.join(" ")) } else { first.join(" ") }
}
