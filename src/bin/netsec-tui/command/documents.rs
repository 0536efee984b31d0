//! `collections`, `find` and `export`: the documents as they are stored.

use super::meter::Meter;
use super::or_interrupted;
use crate::cli::{Export, Find, Global, Which};
use crate::context::Context;
use crate::output;
use bson::{Bson, Document};
use netsec::export::{Exported, Format, Progress, Target, View, export as write, text};
use netsec::form;
use netsec::stop::Stop;
use netsec::store::{CollectionKind, META, Namespace, Plan, Query, Stage, parse_filter, parse_sort};
use netsec::{Error, Result};
use serde_json::{Value, json};
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use unicode_width::UnicodeWidthStr;

/// Columns of a cell: a longer value is cut.
const CELL: usize = 40;

/// Lists the collections of all databases.
pub async fn collections(context: &Context, global: &Global) -> Result<ExitCode> {
    let mut all = Vec::new();
    for database in context.store.databases().await? {
        for info in context.store.collections(&database).await? {
            all.push((database.clone(), info));
        }
    }
    if global.json {
        let list: Vec<Value> = all
            .iter()
            .map(|(database, c)| {
                json!({
                    "database": database, "collection": c.name, "kind": kind(c.kind), "documents": c.documents,
                    "bytes": c.bytes,
                })
            })
            .collect();
        output::print_json(&json!({"store": context.store.describe(), "collections": list}))?;
    } else if all.is_empty() {
        output::print("there is no collection yet; netsec-tui push FILE makes one\n")?;
    } else {
        let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), form::count);
        let mut rows = vec![["database", "collection", "documents", "bytes", "kind"].map(str::to_owned).to_vec()];
        rows.extend(all.iter().map(|(database, c)| {
            let [documents, bytes] = [c.documents, c.bytes].map(number);
            vec![database.clone(), c.name.clone(), documents, bytes, kind(c.kind).unwrap_or_default().to_owned()]
        }));
        if all.iter().all(|(_, c)| c.kind == CollectionKind::Plain) {
            rows.iter_mut().for_each(|row| _ = row.pop());
        }
        output::print(&output::table(&rows))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What a collection is, where it is no plain one.
fn kind(kind: CollectionKind) -> Option<&'static str> {
    (kind != CollectionKind::Plain).then(|| kind.name())
}

fn view(context: &Context, which: &Which) -> Result<View> {
    Ok(View {
        namespace: context.namespace(which.collection.as_deref())?,
        filter: parse_filter(which.filter.as_deref().unwrap_or_default())?,
        sort: which.sort.as_deref().map_or_else(|| Ok(Vec::new()), parse_sort)?,
        columns: which.columns.clone(),
    })
}

/// Shows documents, or how many there are.
pub async fn find(context: &Context, global: &Global, args: &Find) -> Result<ExitCode> {
    let view = view(context, &args.which)?;
    let name = view.namespace.to_string();
    if args.count {
        let count = context.store.count(&view.namespace, &view.filter).await?;
        if global.json {
            output::print_json(&json!({"collection": name, "filter": args.which.filter, "count": count}))?;
        } else {
            output::print(&format!("{count}\n"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let query = Query { filter: view.filter, sort: view.sort, after: None, limit: args.limit };
    if args.explain {
        return explain(context, global, args, &view.namespace, &query).await;
    }
    let page = context.store.find(&view.namespace, &query).await?;
    let more = page.next.is_some();
    if global.json {
        let documents: Vec<Value> = page.documents.iter().map(|d| chosen(d, &view.columns)).collect();
        output::print_json(&json!({
            "collection": name, "filter": args.which.filter, "sort": args.which.sort,
            "documents": documents, "more": more,
        }))?;
    } else if page.documents.is_empty() {
        output::print(&format!("no document of {name} matches\n"))?;
    } else {
        output::print(&shown(&page.documents, &view.columns, output::width()))?;
        if more {
            output::print(&format!("the first {}; --limit N shows more\n", form::count(args.limit as u64)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows how documents would be found.
async fn explain(
    context: &Context,
    global: &Global,
    args: &Find,
    namespace: &Namespace,
    query: &Query,
) -> Result<ExitCode> {
    let all = context.store.collections(&namespace.database).await?;
    let Some(info) = all.into_iter().find(|info| info.name == namespace.collection) else {
        return Err(netsec::store::no_collection(namespace));
    };
    let plan = context.store.plan(namespace, query).await?;
    let summary = plan.as_ref().map(|plan| plan.summary(info.documents));
    if global.json {
        let stage = |s: &Stage| json!({"stage": s.name, "index": s.index, "whole": s.whole});
        let told = |plan: &Plan| {
            json!({
                "indexes": plan.indexes(), "reads_all": plan.reads_all(), "sorts": plan.sorts(),
                "stages": plan.stages.iter().map(stage).collect::<Vec<_>>(),
            })
        };
        output::print_json(&json!({
            "collection": namespace.to_string(), "filter": args.which.filter, "sort": args.which.sort,
            "summary": summary, "plan": plan.as_ref().map(told),
        }))?;
    } else if let (Some(plan), Some(summary)) = (&plan, &summary) {
        output::print(&format!("{}\n", output::clean(summary)))?;
        for stage in &plan.stages {
            output::print(&format!("  {}\n", output::clean(&stage.to_string())))?;
        }
    } else {
        output::print(&format!("{} does not tell how it finds documents\n", context.store.describe()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A document as JSON, or the chosen fields of it.
fn chosen(document: &Document, columns: &[String]) -> Value {
    if columns.is_empty() {
        return Bson::Document(document.clone()).into_relaxed_extjson();
    }
    let there = columns.iter().filter_map(|path| {
        Some((path.clone(), netsec::store::value_at(document, path)?.clone().into_relaxed_extjson()))
    });
    Value::Object(there.collect())
}

/// Documents as a table that fits; what has no room is named below it.
fn shown(documents: &[Document], columns: &[String], width: usize) -> String {
    let mut names: Vec<String> = columns.to_vec();
    if names.is_empty() {
        for name in documents.iter().flat_map(Document::keys) {
            if !names.contains(name) && name != "_id" && name != META {
                names.push(name.clone());
            }
        }
    }
    let (mut used, mut fitting) = (0, 0);
    let mut table: Vec<Vec<String>> = vec![Vec::new(); documents.len() + 1];
    for name in &names {
        let cells = documents.iter().map(|d| netsec::store::value_at(d, name).map_or_else(Default::default, text));
        let cells = std::iter::once(name.as_str().into()).chain(cells);
        let cells: Vec<String> = cells.map(|cell: std::borrow::Cow<'_, str>| output::cut(&cell, CELL)).collect();
        used += cells.iter().map(|cell| cell.width()).max().unwrap_or(0) + 2;
        // The last one needs no space behind it.
        if fitting > 0 && used > width + 2 {
            break;
        }
        fitting += 1;
        table.iter_mut().zip(cells).for_each(|(row, cell)| row.push(cell));
    }
    let mut out = output::table(&table);
    if fitting < names.len() {
        let rest = names.len() - fitting;
        out += &format!("{rest} more columns; --columns chooses, --json has all\n");
    }
    out
}

/// Writes documents to a file.
pub async fn export(context: &Context, global: &Global, args: &Export) -> Result<ExitCode> {
    let view = view(context, &args.which)?;
    let standard = args.out == Path::new("-");
    let format = match args.format {
        Some(format) => format,
        None if standard => Format::Csv,
        None => Format::of(&args.out)?,
    };
    if standard && global.json {
        return Err(Error::user("with --json the documents need a file").hint("name one with --out FILE"));
    }
    if standard && std::io::stdout().is_terminal() {
        return Err(Error::user("documents are not written to a terminal: they may hold commands to it")
            .hint("name a file with --out FILE, or look at them with netsec-tui find"));
    }
    let target = if standard { Target::Standard } else { Target::File { path: args.out.clone(), over: args.force } };
    let meter = Meter::new("exporting", "document");
    let progress = |progress: Progress| meter.show(progress.done, progress.total.map(|all| (progress.done, all)));
    let stop = Stop::new();
    let work = write(context.store.as_ref(), &view, format, &target, &stop, &progress);
    let done = or_interrupted(work).await;
    meter.end();
    let Some(done) = done? else {
        eprintln!("interrupted: nothing was written");
        return Ok(ExitCode::from(output::INTERRUPTED));
    };
    tell(global, args, &view, format, &done?)
}

fn tell(global: &Global, args: &Export, view: &View, format: Format, done: &Exported) -> Result<ExitCode> {
    if global.json {
        output::print_json(&json!({
            "collection": view.namespace.to_string(), "filter": args.which.filter, "sort": args.which.sort,
            "format": format.name(), "file": args.out.display().to_string(), "rows": done.rows, "bytes": done.bytes,
            "columns": done.columns,
        }))?;
    } else if let Some(bytes) = done.bytes {
        let documents = if done.rows == 1 { "document" } else { "documents" };
        output::print(&format!(
            "{} {documents} of {} written to {} ({} bytes)\n",
            form::count(done.rows),
            view.namespace,
            output::clean(&args.out.display().to_string()),
            form::count(bytes)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::doc;

    #[test]
    fn documents_fit_the_width_and_hold_no_commands() {
        let documents = [
            doc! { "_id": "1", "host": "a\u{1b}[2J\u{202e}\n", "long": "x".repeat(100), "n": 1, META: { "source": "s" } },
            doc! { "_id": "2", "late": { "a": 1 }, "n": null },
        ];
        for width in [20, 80, 200] {
            let text = shown(&documents, &[], width);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
            assert!(text.lines().take(3).all(|line| line.width() <= width.max(CELL)), "{width}: {text}");
        }
        assert!(shown(&documents, &[], 30).contains("3 more columns"));
        let named = shown(&documents, &["n".to_owned(), "_netsec.source".to_owned(), "late.a".to_owned()], 80);
        assert!(named.starts_with("n  _netsec.source  late.a\n1  s\n"), "{named}");
    }
}
