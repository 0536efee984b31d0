//! `predict`: one line out for each row in, in order.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::predict::{LogEntry, Predictor, Record, append_log};
use netsec::schema::Value;
use netsec::source::{Cells, Row, Rows};
use netsec::{Error, Result, run};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Rows scored at once from a file; from a pipe each row is answered as it comes.
const CHUNK: usize = 4_096;
/// The columns that are added.
const ANSWERS: [&str; 3] = ["prediction", "verdict", "probability"];
/// Messages about single rows; the rest is counted.
const SHOWN: u64 = 5;

/// A row that was scored, or why it was not.
struct Scored {
    line: u64,
    record: Record,
    outcome: Result<f64, String>,
    out_of_domain: Vec<String>,
}

/// Scores rows.
pub fn predict(context: &Context, global: &cli::Global, args: &cli::Predict) -> Result<ExitCode> {
    let dir = match &args.run {
        Some(prefix) => run::find(&context.home, prefix)?,
        None => run::newest_finished(&context.home)?,
    };
    let predictor = Predictor::load(&dir, args.family)?;
    let standard_input = args.file == Path::new("-");
    // A pipe by another name is answered row by row as well.
    let piped = standard_input || std::fs::metadata(&args.file).is_ok_and(|m| !m.is_file());
    let mut rows = if standard_input {
        Rows::from_reader(Box::new(std::io::stdin()), "standard input")?
    } else {
        Rows::open(&args.file, None)?
    };
    for note in rows.notes() {
        eprintln!("{}", output::clean(note));
    }
    let size = if piped { 1 } else { CHUNK };
    let mut chunk = rows.next_chunk(if rows.is_self_describing() { size } else { 0 })?;
    let names: Vec<String> = match chunk.iter().find_map(|row| row.cells.as_ref().ok()) {
        // Objects name their own fields: the first one stands for all.
        Some(Cells::Named(first)) => Record::from_document(first).values.into_iter().map(|(name, _)| name).collect(),
        _ if rows.is_self_describing() => predictor.schema.features.iter().map(|c| c.name.clone()).collect(),
        _ => rows.columns().to_vec(),
    };
    if !names.iter().any(|c| predictor.schema.features.iter().any(|f| &f.name == c)) {
        return Err(Error::data(format!(
            "{}: no column is a feature of the model's schema {}",
            rows.name(),
            predictor.schema.name
        ))
        .hint("the first line must be a header of column names"));
    }
    // Rows that were scored before get new answers, not a second set of columns.
    let columns: Vec<&String> = names.iter().filter(|name| !ANSWERS.contains(&name.as_str())).collect();
    let mut out = csv::Writer::from_writer(std::io::stdout().lock());
    let unwritable = |e: csv::Error| match e.into_kind() {
        csv::ErrorKind::Io(e) => Error::remote("standard output cannot be written").caused_by(e),
        other => Error::internal(format!("a row cannot be written as CSV: {other:?}")),
    };
    if !global.json {
        out.write_record(columns.iter().map(|c| c.as_str()).chain(ANSWERS)).map_err(unwritable)?;
        flush(&mut out)?;
    }
    let (mut total, mut bad, mut odd) = (0u64, 0u64, 0u64);
    let mut collected = Vec::new();
    loop {
        if chunk.is_empty() {
            chunk = rows.next_chunk(size)?;
        }
        if chunk.is_empty() {
            break;
        }
        let started = Instant::now();
        let scored = score(&predictor, std::mem::take(&mut chunk), &names);
        let latency = started.elapsed() / scored.len() as u32;
        let mut log = Vec::new();
        for row in &scored {
            total += 1;
            for reason in &row.out_of_domain {
                odd += 1;
                if odd <= SHOWN {
                    eprintln!("line {}: {}: taken as missing", row.line, output::clean(reason));
                }
            }
            match &row.outcome {
                Ok(_) if args.no_log => {}
                Ok(probability) => log.push(LogEntry::new(&predictor, &row.record, *probability, latency)),
                Err(reason) => {
                    bad += 1;
                    if bad <= SHOWN {
                        eprintln!("line {}: {}: not scored", row.line, output::clean(reason));
                    }
                }
            }
            if global.json {
                collected.push(to_json(&predictor, row));
            } else {
                let answer = answer(&predictor, &row.outcome);
                let cells = columns.iter().map(|c| row.record.get(c).unwrap_or(""));
                out.write_record(cells.chain(answer.iter().map(String::as_str))).map_err(unwritable)?;
            }
        }
        if !args.no_log {
            append_log(&context.home, &log)?;
        }
        if !global.json {
            flush(&mut out)?;
        }
    }
    if total == 0 {
        return Err(Error::data(format!("{} has a header but no rows", rows.name())));
    }
    if odd > SHOWN {
        eprintln!("{odd} values in all were outside the schema and taken as missing");
    }
    if bad > 0 {
        eprintln!("{bad} of {total} rows were not scored");
    }
    drop(out);
    if global.json {
        output::print_json(&json!({
            "run": predictor.run, "family": predictor.family, "threshold": predictor.threshold(),
            "rows": collected, "not_scored": bad, "out_of_domain": odd,
        }))?;
    }
    Ok(if bad == total { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn flush(out: &mut csv::Writer<std::io::StdoutLock<'_>>) -> Result<()> {
    out.flush().map_err(|e| Error::remote("standard output cannot be written").caused_by(e))
}

fn score(predictor: &Predictor, chunk: Vec<Row>, columns: &[String]) -> Vec<Scored> {
    let mut scored = Vec::with_capacity(chunk.len());
    let mut typed: Vec<Vec<Value>> = Vec::with_capacity(chunk.len());
    for row in chunk {
        let record = match row.cells {
            Ok(Cells::Positional(cells)) => Ok(Record { values: columns.iter().cloned().zip(cells).collect() }),
            Ok(Cells::Named(document)) => Ok(Record::from_document(&document)),
            Err(reason) => Err(reason),
        };
        let (record, outcome) = match record {
            Ok(record) => (record, Ok(0.0)),
            Err(reason) => (Record::default(), Err(reason)),
        };
        let mut out_of_domain = Vec::new();
        if outcome.is_ok() {
            typed.push(predictor.values(&record, &mut out_of_domain));
        }
        scored.push(Scored { line: row.line, record, outcome, out_of_domain });
    }
    let probabilities = predictor.score_rows(&typed);
    for (row, probability) in scored.iter_mut().filter(|s| s.outcome.is_ok()).zip(probabilities) {
        row.outcome = Ok(probability);
    }
    scored
}

fn answer(predictor: &Predictor, outcome: &Result<f64, String>) -> [String; 3] {
    match outcome {
        Ok(p) => {
            let positive = *p >= predictor.threshold();
            [
                predictor.schema.target_value(positive).to_string(),
                predictor.schema.label(positive).to_owned(),
                p.to_string(),
            ]
        }
        Err(_) => [String::new(), "error".to_owned(), String::new()],
    }
}

fn to_json(predictor: &Predictor, row: &Scored) -> serde_json::Value {
    match &row.outcome {
        Ok(p) => {
            let positive = *p >= predictor.threshold();
            json!({
                "line": row.line,
                "prediction": predictor.schema.target_value(positive),
                "verdict": predictor.schema.label(positive),
                "probability": p,
                "out_of_domain": row.out_of_domain,
            })
        }
        Err(reason) => json!({"line": row.line, "error": reason}),
    }
}
