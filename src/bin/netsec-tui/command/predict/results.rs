//! `predict --to`: the results into a collection.

use super::{open, tell};
use crate::cli;
use crate::command::meter::Meter;
use crate::command::or_interrupted;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::form::{count, plural, share};
use netsec::predict::{Predictor, Results, Source, to_collection};
use netsec::store::{Namespace, Window};
use serde_json::json;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

/// Scores rows into a collection.
pub async fn store(
    context: &Context,
    global: &cli::Global,
    args: &cli::Predict,
    predictor: &Arc<Predictor>,
    to: &str,
) -> Result<ExitCode> {
    let to = context.namespace(Some(to))?;
    let (from, name) = match &args.from {
        Some(from) => {
            let (namespace, window) = context.windowed(Some(from))?;
            let name = named(&namespace, window);
            (Source::Collection(namespace, window), name)
        }
        None => {
            let rows = open(&args.file)?;
            let name = rows.name().to_owned();
            (Source::Rows(rows), name)
        }
    };
    let meter = Meter::new(format!("{name} into {to}"), "row");
    let last = Mutex::new(Results::default());
    let progress = |done: &Results| {
        let rows = done.summary.rows;
        meter.show(rows, done.total.map(|total| (rows, total)).or(done.bytes));
        last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(done);
    };
    let done = or_interrupted(to_collection(predictor, context.store.as_ref(), from, &to, &progress)).await;
    meter.end();
    let done = done?.transpose()?;
    let is_interrupted = done.is_none();
    let done = done.unwrap_or_else(|| last.into_inner().unwrap_or_else(PoisonError::into_inner));
    tell(done.notes);
    let n = done.summary;
    if global.json {
        output::print_json(&json!({
            "from": name, "to": to.to_string(), "run": predictor.run, "family": predictor.family,
            "threshold": predictor.threshold(), "model": predictor.hash,
            "version": predictor.release.as_ref().map(ToString::to_string), "rows": n.rows, "positive": n.positive,
            "not_scored": n.not_scored, "out_of_domain": n.out_of_domain, "inserted": done.inserted,
            "unchanged": done.unchanged, "interrupted": is_interrupted,
        }))?;
    }
    if is_interrupted {
        eprintln!("{}", output::stays(done.inserted + done.unchanged, &to));
        return Ok(ExitCode::from(output::INTERRUPTED));
    }
    if n.not_scored > 0 {
        eprintln!("{} of {} rows were not scored; `error` tells why", count(n.not_scored), count(n.rows));
    }
    if n.out_of_domain > 0 {
        eprintln!(
            "{} outside the schema taken as missing; `taken_as_missing` has them",
            plural(n.out_of_domain, "value")
        );
    }
    if !global.json {
        let part = if n.rows > 0 { n.positive as f64 / n.rows as f64 } else { 0.0 };
        output::print(&output::clean(&format!(
            "{name}: {} inserted, {} unchanged of {} results into {to} in {:.1} s; {} {} ({})\n",
            count(done.inserted),
            count(done.unchanged),
            count(n.rows),
            meter.elapsed().as_secs_f64(),
            count(n.positive),
            predictor.schema.label(true),
            share(part)
        )))?;
    }
    Ok(if n.not_scored == n.rows { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn named(namespace: &Namespace, window: Window) -> String {
    format!("{namespace}{}", window.suffix())
}
