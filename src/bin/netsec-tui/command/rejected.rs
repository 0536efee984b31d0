//! `rejected`: the rows that pushes rejected, to be seen and mended.

use super::runtime;
use crate::cli;
use crate::context::Context;
use crate::output::{self, cut, one_line, width};
use netsec::push::{Rejected, group, rejected_of};
use netsec::store::{Namespace, Query};
use netsec::{Error, Result};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

/// Rows fetched at once: each holds a text of up to 2,000 characters.
const PAGE: usize = 2_000;
/// Rows shown to people: the most recent ones.
const SHOWN: usize = 50;
/// Reasons shown to people: the most frequent ones.
const REASONS: usize = 10;

/// What is known of the rows after reading them.
#[derive(Default)]
struct Tally {
    rows: u64,
    reasons: BTreeMap<String, u64>,
    /// The most recent ones, oldest first.
    kept: VecDeque<Rejected>,
}

impl Tally {
    fn add(&mut self, row: Rejected, keep: usize) {
        self.rows += 1;
        *self.reasons.entry(group(&row.reason)).or_default() += 1;
        self.kept.push_back(row);
        if self.kept.len() > keep {
            self.kept.pop_front();
        }
    }

    /// The reasons, most frequent first.
    fn ranked(&self) -> Vec<(&String, u64)> {
        let mut ranked: Vec<_> = self.reasons.iter().map(|(reason, count)| (reason, *count)).collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        ranked
    }
}

/// Shows or exports the rows.
pub fn rejected(context: &Context, global: &cli::Global, args: &cli::Rejected) -> Result<ExitCode> {
    let namespace = context.namespace(args.collection.as_deref())?;
    let kept_in = rejected_of(&namespace)?;
    let runtime = runtime()?;
    let collections = runtime.block_on(context.store.collections(&namespace.database))?;
    let there = |name: &str| collections.iter().any(|c| c.name == name);
    let mut tally = Tally::default();
    let keep = match (&args.out, global.json) {
        (Some(_), _) => 0,
        (None, true) => usize::MAX,
        (None, false) => SHOWN,
    };
    let mut read = |take: &mut dyn FnMut(&Rejected) -> Result<()>| {
        if !there(&kept_in.collection) {
            return Ok(());
        }
        each(context, &runtime, &kept_in, &mut |row| {
            take(&row)?;
            tally.add(row, keep);
            Ok(())
        })
    };
    match &args.out {
        Some(path) => export(path, read)?,
        None => read(&mut |_| Ok(()))?,
    }
    if global.json {
        let reasons: serde_json::Map<_, _> = tally.ranked().iter().map(|(r, n)| ((*r).clone(), json!(n))).collect();
        let mut value = json!({"collection": namespace.to_string(), "rejected": tally.rows, "reasons": reasons});
        match &args.out {
            Some(path) => value["file"] = json!(path.display().to_string()),
            None => value["rows"] = json!(tally.kept),
        }
        output::print_json(&value)?;
    } else if tally.rows > 0 {
        output::print(&text(&namespace, &tally, args.out.as_deref()))?;
    } else {
        // A name that was mistyped must not pass for good news.
        let nothing = if there(&namespace.collection) { "" } else { ": there is no such collection" };
        output::print(&format!("no row of {namespace} was rejected{nothing}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads all rows of a collection, page by page, oldest first.
fn each(
    context: &Context,
    runtime: &tokio::runtime::Runtime,
    namespace: &Namespace,
    take: &mut dyn FnMut(Rejected) -> Result<()>,
) -> Result<()> {
    let mut query = Query { limit: PAGE, ..Query::default() };
    loop {
        let page = runtime.block_on(context.store.find(namespace, &query))?;
        page.documents.iter().try_for_each(|document| take(document.into()))?;
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

/// Writes what `read` gives as CSV.
fn export(path: &Path, read: impl FnOnce(&mut dyn FnMut(&Rejected) -> Result<()>) -> Result<()>) -> Result<()> {
    let unwritable = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Error::io("writing", path, e),
        other => Error::internal(format!("a row cannot be written as CSV: {other:?}")),
    };
    netsec::files::replace(path, |file| {
        // The header does not wait for a first row: there may be none.
        let mut out = csv::WriterBuilder::new().has_headers(false).from_writer(file);
        out.write_record(["file", "line", "reason", "text", "pushed_at"]).map_err(unwritable)?;
        read(&mut |row| out.serialize(row).map_err(unwritable))?;
        out.flush().map_err(|e| Error::io("writing", path, e))
    })
}

fn text(namespace: &Namespace, tally: &Tally, out: Option<&Path>) -> String {
    let were = if tally.rows == 1 { "row of {} was" } else { "rows of {} were" }.replace("{}", &namespace.to_string());
    let mut text = format!("{} {were} rejected\n", tally.rows);
    let ranked = tally.ranked();
    let widest = ranked.first().map_or(0, |(_, count)| count.to_string().len());
    for (reason, count) in ranked.iter().take(REASONS) {
        text += &format!("  {count:>widest$}  {}\n", one_line(reason));
    }
    if ranked.len() > REASONS {
        text += &format!("  and {} more reasons\n", ranked.len() - REASONS);
    }
    if let Some(path) = out {
        return text + &format!("written to {}\n", output::clean(&path.display().to_string()));
    }
    text.push('\n');
    text += &output::table(&cells(&tally.kept, width()));
    if tally.rows > SHOWN as u64 {
        text += &format!("the last {SHOWN} of {}; --out FILE writes all of them\n", tally.rows);
    }
    text
}

/// The table: file and line as they are, the rest of the width for reason and row.
fn cells(rows: &VecDeque<Rejected>, width: usize) -> Vec<Vec<String>> {
    let mut table = vec![["file", "line", "reason", "row"].map(str::to_owned).to_vec()];
    for row in rows {
        table.push(vec![cut(&row.file, 30), row.line.to_string(), one_line(&row.reason), one_line(&row.text)]);
    }
    let widest = |column: usize| table.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let left = width.saturating_sub(widest(0) + widest(1) + 3 * 2);
    let reason = widest(2).min((left * 3 / 5).max(20));
    let row = left.saturating_sub(reason).max(10);
    for cells in &mut table {
        cells[2] = cut(&cells[2], reason);
        cells[3] = cut(&cells[3], row);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_to_the_width() {
        let row = |file: &str, reason: &str, text: &str| Rejected {
            file: file.to_owned(),
            line: 1_000_000,
            reason: reason.to_owned(),
            text: text.to_owned(),
            pushed_at: String::new(),
        };
        let long = "日本 \u{1b}[2J\n".repeat(60);
        let rows = VecDeque::from([row("a.csv", "short", &long), row(&long, &long, "1,2"), row("", "", "")]);
        for width in [80, 120, 200] {
            let text = output::table(&cells(&rows, width));
            assert!(text.lines().count() == 4 && !text.contains('\u{1b}'), "{text:?}");
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
        }
        assert_eq!(cells(&rows, 0).len(), 4, "however narrow");
        assert_eq!((cut("abcd", 4), cut("abcde", 4), cut("日本語", 4)), ("abcd".into(), "abc…".into(), "日…".into()));
    }

    #[test]
    fn the_most_recent_rows_are_kept() {
        let mut tally = Tally::default();
        for line in 1..=9 {
            let reason =
                if line % 3 == 0 { "the quotes do not match".to_owned() } else { format!("a: \"{line}\" is odd") };
            let row = Rejected { file: String::new(), line, reason, text: String::new(), pushed_at: String::new() };
            tally.add(row, 2);
        }
        assert_eq!(tally.kept.iter().map(|row| row.line).collect::<Vec<_>>(), [8, 9]);
        let ranked: Vec<_> = tally.ranked().into_iter().map(|(reason, count)| (reason.as_str(), count)).collect();
        assert_eq!(ranked, [("a: … is odd", 6), ("the quotes do not match", 3)]);
    }
}
