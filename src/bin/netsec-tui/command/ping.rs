//! `ping`: looks at the way to the documents, step by step.

use crate::cli::Global;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::store::{Outcome, Probe};
use serde_json::json;
use std::process::ExitCode;
use tokio::sync::mpsc;

/// Takes the steps, and prints each as soon as it is done.
pub async fn ping(context: &Context, global: &Global) -> Result<ExitCode> {
    let namespace = context.namespace(None)?;
    let (out, mut steps) = mpsc::channel(1);
    let looking = async {
        // Dropped at the end: that is how the printer knows.
        let out = out;
        context.store.diagnose(&namespace, &out).await;
    };
    let printing = async {
        let mut all: Vec<Probe> = Vec::new();
        while let Some(step) = steps.recv().await {
            if !global.json {
                output::print(&text(&step))?;
            }
            all.push(step);
        }
        Ok::<_, netsec::Error>(all)
    };
    let ((), all) = tokio::join!(looking, printing);
    let all = all?;
    let passed = all.iter().all(|step| step.outcome != Outcome::Failed);
    if global.json {
        output::print_json(&json!({ "connection": context.place.name(), "ok": passed, "steps": cleaned(all) }))?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Names and messages of servers may hold anything.
fn cleaned(steps: Vec<Probe>) -> Vec<Probe> {
    let clean = |text: String| output::clean(&text);
    let each = |step: Probe| Probe {
        detail: step.detail.into_iter().map(clean).collect(),
        hint: step.hint.map(clean),
        ..step
    };
    steps.into_iter().map(each).collect()
}

/// A step in lines: what, how, how long, what was found; then why, and the way out.
fn text(step: &Probe) -> String {
    let mut lines = step.detail.iter();
    let first = lines.next().map_or(String::new(), |line| output::one_line(line));
    let mut text = format!(
        "{:<11} {:<8} {:>9}  {first}\n",
        step.name,
        step.outcome.name(),
        format!("{:.1} ms", step.milliseconds)
    );
    for line in lines {
        text += &format!("{:<31} {}\n", "", output::one_line(line));
    }
    if let Some(hint) = &step.hint {
        text += &format!("{:<31} hint: {}\n", "", output::one_line(hint));
    }
    text
}
