//! `transform`: the vectors of a run into a collection.

use super::meter::Meter;
use super::or_interrupted;
use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::form::count;
use netsec::pipeline::{Published, publish};
use netsec::{Result, run};
use serde_json::json;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// Writes them.
pub async fn transform(context: &Context, global: &cli::Global, args: &cli::Transform) -> Result<ExitCode> {
    let dir = run::find(&context.home, &args.run)?;
    let to = context.namespace(Some(&args.to))?;
    let meter = Meter::new(format!("run {} into {to}", dir.id), "vector");
    let last = Mutex::new(Published::default());
    let progress = |done: &Published| {
        meter.show(done.vectors, done.total.map(|total| (done.vectors, total)));
        last.lock().unwrap_or_else(PoisonError::into_inner).clone_from(done);
    };
    let done = or_interrupted(publish(&dir, context.store.as_ref(), &to, &progress)).await;
    meter.end();
    let done = done?.transpose()?;
    let is_interrupted = done.is_none();
    let done = done.unwrap_or_else(|| last.into_inner().unwrap_or_else(PoisonError::into_inner));
    for note in &done.notes {
        eprintln!("{}", output::clean(note));
    }
    if global.json {
        output::print_json(&json!({
            "run": dir.id, "to": to.to_string(), "vectors": done.vectors, "inserted": done.inserted,
            "unchanged": done.unchanged, "interrupted": is_interrupted,
        }))?;
    }
    if is_interrupted {
        eprintln!("{}", output::stays(done.inserted + done.unchanged, &to));
        return Ok(ExitCode::from(output::INTERRUPTED));
    }
    if !global.json {
        output::print(&format!(
            "run {}: {} inserted, {} unchanged of {} vectors into {to} in {:.1} s\n",
            dir.id,
            count(done.inserted),
            count(done.unchanged),
            count(done.vectors),
            meter.elapsed().as_secs_f64()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
