//! `push` and `sample`.

use super::meter::Meter;
use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::push::{Progress, Pushed, REJECTED};
use netsec::sample::Shift;
use netsec::schema::Schema;
use netsec::source::Rows;
use netsec::store::Namespace;
use netsec::{Error, Result, sample};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Stores the rows of files.
pub async fn push(context: &Context, global: &cli::Global, args: &cli::Push) -> Result<ExitCode> {
    if args.source.is_some() && args.files.len() > 1 {
        return Err(Error::user("--source names one source, and there are several files").hint("push them one by one"));
    }
    let namespace = context.namespace(args.collection.as_deref())?;
    let schema = context.schema(&namespace)?;
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for file in &args.files {
        let started = Instant::now();
        // One file that cannot be read does not keep the others out.
        match push_one(context, &namespace, &schema, file, args.source.as_deref()).await {
            Ok(pushed) => done.push((pushed, started.elapsed())),
            Err(error) => {
                if !global.json || args.files.len() > 1 {
                    output::eprint_error(&error, global.verbose);
                }
                failed.push((file, error));
            }
        }
    }
    if global.json {
        if args.files.len() == 1
            && let Some((_, error)) = failed.pop()
        {
            return Err(error);
        }
        let files: Vec<_> = done.iter().map(|(p, _)| json(p)).collect();
        let sum = |count: fn(&Pushed) -> u64| done.iter().map(|(p, _)| count(p)).sum::<u64>();
        output::print_json(&serde_json::json!({
            "collection": namespace.to_string(),
            "read": sum(|p| p.read),
            "inserted": sum(|p| p.inserted),
            "unchanged": sum(|p| p.unchanged),
            "rejected": sum(|p| p.rejected),
            "files": files,
            "failed": failed.iter()
                .map(|(file, e)| serde_json::json!({"file": file, "error": output::clean(&e.to_string())})).collect::<Vec<_>>(),
        }))?;
    } else {
        for (p, took) in &done {
            output::print(&format!(
                "{}: {} inserted, {} unchanged, {} rejected of {} rows into {namespace} in {:.1} s\n",
                output::clean(&p.source),
                p.inserted,
                p.unchanged,
                p.rejected,
                p.read,
                took.as_secs_f64()
            ))?;
        }
    }
    let all_rejected = done.iter().any(|(p, _)| p.rejected == p.read);
    let strict = args.strict && done.iter().any(|(p, _)| p.rejected > 0);
    let bad = all_rejected || strict || !failed.is_empty();
    Ok(if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn push_one(
    context: &Context,
    namespace: &Namespace,
    schema: &Schema,
    file: &Path,
    source: Option<&str>,
) -> Result<Pushed> {
    let name = file.display().to_string();
    let meter = Meter::new(&name, "row");
    let progress = |progress: Progress| meter.show(progress.rows, progress.bytes);
    let rows = Rows::open(file, source)?;
    context.remember_schema(namespace, schema).await?;
    let pushed = netsec::push::push(context.store.as_ref(), namespace, schema, rows, &progress).await;
    meter.end();
    if pushed.as_ref().map_or(true, |p| p.rejected == p.read) {
        context.forget_unused_schema(namespace).await?;
    }
    let pushed = pushed?;
    for note in &pushed.notes {
        eprintln!("{}: {}", output::clean(&name), output::clean(note));
    }
    for rejection in &pushed.first_rejections {
        eprintln!("{}, line {}: {}", output::clean(&name), rejection.line, output::clean(&rejection.reason));
    }
    if pushed.rejected > pushed.first_rejections.len() as u64 {
        eprintln!(
            "{}: {} more rejected rows; all are kept in the collection {}{REJECTED}",
            output::clean(&name),
            pushed.rejected - pushed.first_rejections.len() as u64,
            namespace.collection
        );
    }
    Ok(pushed)
}

fn json(pushed: &Pushed) -> serde_json::Value {
    serde_json::json!({
        "source": pushed.source,
        "read": pushed.read,
        "inserted": pushed.inserted,
        "unchanged": pushed.unchanged,
        "rejected": pushed.rejected,
        "first_rejections": pushed.first_rejections.iter()
            .map(|r| serde_json::json!({"line": r.line, "reason": r.reason})).collect::<Vec<_>>(),
        "notes": pushed.notes,
    })
}

/// Writes synthetic rows.
pub fn sample(global: &cli::Global, args: &cli::Sample) -> Result<ExitCode> {
    let drift = args.drift.iter().map(|text| text.parse()).collect::<Result<Vec<Shift>>>()?;
    let write = |out: &mut dyn Write| sample::write_csv(&mut BufWriter::new(out), args.rows, args.seed, &drift);
    match &args.out {
        Some(path) => {
            netsec::files::replace(path, |file| write(file))?;
            if global.json {
                let drift: Vec<_> = drift.iter().map(Shift::to_string).collect();
                output::print_json(
                    &serde_json::json!({"file": path.display().to_string(), "rows": args.rows, "seed": args.seed, "drift": drift}),
                )?;
            }
        }
        None if global.json => return Err(Error::user("with --json the rows need a file").hint("add --out FILE")),
        None => write(&mut std::io::stdout().lock())?,
    }
    Ok(ExitCode::SUCCESS)
}
