//! `predict`: one line out for each row in, in order, or one document; or what each of some URLs gets.

mod results;

use super::{model, verdict};
use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::predict::{Batch, LogEntry, Predictor, RowKey, ScoredRow, append_log, from_url};
use netsec::source::Rows;
use netsec::{Error, Result};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a call may take that was under way when the end was asked for.
const LAST_CALL: Duration = Duration::from_secs(5);
/// Messages about single rows; the rest is counted.
const SHOWN: u64 = 5;

/// Whether the log of predictions gets them.
fn is_logged(context: &Context, args: &cli::Predict) -> bool {
    if context.settings().read_only && !args.no_log {
        eprintln!("read-only: the predictions are not logged");
    }
    !args.no_log && !context.settings().read_only
}

/// Scores rows.
pub fn predict(context: &Context, global: &cli::Global, args: &cli::Predict) -> Result<ExitCode> {
    let schema = || context.schema(&context.windowed(args.from.as_deref())?.0);
    let predictor = Arc::new(model::chosen(context, &args.model, schema)?);
    if !args.url.is_empty() {
        return urls(context, global, args, &predictor);
    }
    if let Some(to) = &args.to {
        let runtime = super::runtime()?;
        let done = runtime.block_on(results::store(context, global, args, &predictor, to));
        // A pipe that says nothing more is not waited for.
        runtime.shutdown_timeout(LAST_CALL);
        return done;
    }
    let log = is_logged(context, args).then_some(&context.home);
    // A collection is read by its tasks as long as it lives.
    let runtime;
    let mut batch = match &args.from {
        Some(from) => {
            let (namespace, window) = context.windowed(Some(from))?;
            runtime = super::runtime()?;
            runtime.block_on(Batch::of_collection(&predictor, context.store.as_ref(), &namespace, window, log))?
        }
        None => {
            // A pipe by another name is answered row by row as well.
            let piped = is_standard(&args.file) || std::fs::metadata(&args.file).is_ok_and(|m| !m.is_file());
            Batch::open(&predictor, open(&args.file)?, piped, log)?
        }
    };
    print(global, &predictor, &mut batch)
}

fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}

/// The rows of a file, or of standard input.
fn open(file: &Path) -> Result<Rows> {
    if is_standard(file) {
        Rows::from_reader(Box::new(std::io::stdin()), "standard input")
    } else {
        Rows::open(file, None)
    }
}

/// Prints the rows as they are scored.
fn print(global: &cli::Global, predictor: &Predictor, batch: &mut Batch) -> Result<ExitCode> {
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    let unwritable = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Error::remote("standard output cannot be written").caused_by(e),
        other => Error::internal(format!("a row cannot be written as CSV: {other:?}")),
    };
    if !global.json {
        out.write_record(batch.header()).map_err(unwritable)?;
        flush(&mut out)?;
    }
    let (mut odd, mut bad) = (0, 0);
    let mut collected = Vec::new();
    tell(batch.notes());
    while let Some(rows) = batch.next_rows()? {
        tell(batch.notes());
        for row in &rows {
            let key = row.key.to_string();
            for reason in &row.score.out_of_domain {
                odd += 1;
                if odd <= SHOWN {
                    eprintln!("{}: {}: taken as missing", output::clean(&key), output::clean(reason));
                }
            }
            if let Err(reason) = &row.score.outcome {
                bad += 1;
                if bad <= SHOWN {
                    eprintln!("{}: {}: not scored", output::clean(&key), output::clean(reason));
                }
            }
            if global.json {
                collected.push(to_json(predictor, row));
            } else {
                out.write_record(batch.cells(row)).map_err(unwritable)?;
            }
        }
        if !global.json {
            flush(&mut out)?;
        }
    }
    let summary = batch.summary();
    if odd > SHOWN {
        eprintln!("{odd} values in all were outside the schema and taken as missing");
    }
    if bad > 0 {
        eprintln!("{bad} of {} rows were not scored", summary.rows);
    }
    drop(out);
    if global.json {
        let document = json!({"rows": collected, "not_scored": bad, "out_of_domain": odd});
        output::print_json(&model::to_json(predictor, document))?;
    }
    Ok(if bad == summary.rows { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn flush(out: &mut csv::Writer<std::io::StdoutLock<'_>>) -> Result<()> {
    out.flush().map_err(|e| Error::remote("standard output cannot be written").caused_by(e))
}

fn tell(notes: Vec<String>) {
    for note in notes {
        eprintln!("{}", output::clean(&note));
    }
}

fn to_json(predictor: &Predictor, row: &ScoredRow) -> serde_json::Value {
    let mut value = match &row.score.outcome {
        Ok(p) => {
            let positive = *p >= predictor.threshold();
            json!({
                "prediction": predictor.schema.target_value(positive),
                "verdict": predictor.schema.label(positive),
                "probability": p,
                "out_of_domain": row.score.out_of_domain,
            })
        }
        Err(reason) => json!({"error": reason}),
    };
    match &row.key {
        RowKey::Line(line) => value["line"] = json!(line),
        RowKey::Id(id) => value["_id"] = id.clone().into_relaxed_extjson(),
    }
    value
}

/// Scores URLs by what their text tells.
fn urls(context: &Context, global: &cli::Global, args: &cli::Predict, predictor: &Predictor) -> Result<ExitCode> {
    let (mut rows, mut text, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    let mut bad = 0;
    for url in &args.url {
        let record = match from_url(&predictor.schema, url) {
            Ok(record) => record,
            // One of several: the others are answered.
            Err(e) if args.url.len() > 1 => {
                bad += 1;
                output::eprint_error(&e, global.verbose);
                rows.push(json!({"given": url, "error": e.to_string()}));
                continue;
            }
            Err(e) => return Err(e),
        };
        let started = Instant::now();
        let scored = predictor.score(&record)?;
        entries.push(LogEntry::new(predictor, &record, scored.probability, started.elapsed()));
        let near = verdict::near(predictor, &record, args.nearest)?;
        let mut row = verdict::to_json(predictor, &record, &scored);
        row["given"] = json!(url);
        row["features"] = scored.features.iter().map(verdict::feature).collect();
        if let Some(near) = &near {
            row["nearest"] = verdict::nearest(near);
        }
        rows.push(row);
        let near = near.map_or_else(String::new, |near| verdict::neighbours(predictor, &near));
        text.push(verdict::head(predictor, &record, &scored) + &verdict::origins(&scored) + &near);
    }
    if is_logged(context, args) {
        append_log(&context.home, &entries)?;
    }
    if global.json {
        output::print_json(&model::to_json(predictor, json!({"rows": rows, "not_scored": bad})))?;
    } else {
        output::print(&output::clean(&text.join("\n")))?;
    }
    Ok(if entries.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
