//! `runs`: the table of all runs, filtered, sorted, grouped and written.

use super::runs::summary;
use crate::cli::{Global, Runs, TableFormat};
use crate::context::Context;
use crate::output;
use netsec::form::{count, plural};
use netsec::run::query::{Field, RunFilter};
use netsec::run::table::{self, Format, Group, Sort};
use netsec::run::{self, Listing, RunRow};
use netsec::{Error, Result};
use serde_json::json;
use std::process::ExitCode;

/// Lists runs, newest first unless asked otherwise.
pub fn runs(context: &Context, global: &Global, args: &Runs) -> Result<ExitCode> {
    let filter = RunFilter::parse(&args.filter)?;
    let mut sort = args.sort.iter().map(|key| Sort::parse(key)).collect::<Result<Vec<_>>>()?;
    if sort.is_empty() {
        sort.push(Sort::default());
    }
    let by = args.group.as_deref().map(|name| table::field(name, &Field::GROUPS)).transpose()?;
    let columns = args.columns.iter().map(|name| table::field(name, &Field::ALL)).collect::<Result<Vec<_>>>()?;
    let format = match (args.format, &args.out) {
        (Some(TableFormat::Table), _) => None,
        (Some(TableFormat::Csv), _) => Some(Format::Csv),
        (Some(TableFormat::Json), _) => Some(Format::Json),
        (Some(TableFormat::Md), _) => Some(Format::Markdown),
        (None, Some(path)) => Some(Format::of(path).map_err(|e| e.hint("name one with --format"))?),
        (None, None) => global.json.then_some(Format::Json),
    };

    if global.json && args.out.is_none() && !matches!(format, Some(Format::Json)) {
        return Err(Error::user("--json prints one JSON document, and --format asks for another form")
            .hint("leave one of the two out, or write to a file: --out FILE"));
    }
    let Listing { rows, unreadable } = run::list(&context.home)?;
    for (dir, error) in &unreadable {
        eprintln!("run {} cannot be read: {}", dir.id, output::clean(&error.to_string()));
    }
    let mut shown = table::arrange(&rows, &filter, &sort);
    shown.truncate(args.limit.unwrap_or(usize::MAX));
    let few = shown.len();
    let text = match format {
        None => text(&shown, by, &columns)?,
        Some(Format::Json) => {
            let plain = |row: &RunRow| if columns.is_empty() { summary(row) } else { table::plain(row, &columns) };
            let text = serde_json::to_string_pretty(&table::document(&groups(shown, by), by, &plain));
            text.map_err(|e| Error::internal("the runs cannot be written as JSON").caused_by(e))? + "\n"
        }
        Some(format) => {
            let all: &[Field] = if format == Format::Csv { &Field::ALL } else { &Field::USUAL };
            table::write(&groups(shown, by), by, if columns.is_empty() { all } else { &columns }, format)?
        }
    };
    match &args.out {
        Some(path) => {
            netsec::files::write_atomic(path, text.as_bytes())?;
            if global.json {
                output::print_json(&json!({"file": path.display().to_string(), "runs": few}))?;
            } else {
                output::print(&format!("{} written to {}\n", plural(few as u64, "run"), path.display()))?;
            }
        }
        None if few == 0 && format.is_none() && rows.is_empty() => {
            output::print("no runs yet; netsec-tui train makes one\n")?;
        }
        None => output::print(&output::clean(&text))?,
    }
    if few < rows.len() && format.is_none() {
        eprintln!("{} of {}", count(few as u64), plural(rows.len() as u64, "run"));
    }
    Ok(ExitCode::SUCCESS)
}

fn groups<'a>(rows: Vec<&'a RunRow>, by: Option<Field>) -> Vec<Group<'a>> {
    match by {
        Some(field) => table::group(rows, field),
        None => vec![Group { name: None, rows }],
    }
}

/// The table for a terminal.
fn text(rows: &[&RunRow], by: Option<Field>, columns: &[Field]) -> Result<String> {
    let mut chosen = if columns.is_empty() { Field::USUAL.to_vec() } else { columns.to_vec() };
    if columns.is_empty() && rows.iter().any(|row| !row.tags.is_empty()) {
        chosen.push(Field::Tag);
    }
    // One table over all groups, so that its columns line up from group to group.
    let groups = groups(rows.to_vec(), by);
    let ordered: Vec<&RunRow> = groups.iter().flat_map(|group| group.rows.iter().copied()).collect();
    let lines = output::table(&table::cells(&ordered, &chosen));
    let Some(field) = by else { return Ok(lines) };
    let mut lines = lines.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    for group in &groups {
        let name = group.name.as_deref().unwrap_or("none");
        text += &format!("\n{} {name}: {}\n", field.title(), plural(group.rows.len() as u64, "run"));
        lines.by_ref().take(group.rows.len()).for_each(|line| text += &format!("{line}\n"));
    }
    Ok(text)
}
