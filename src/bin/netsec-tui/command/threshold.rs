//! `threshold`: shows or chooses from which probability a model calls a row positive.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::metrics::{CurvePoint, Wish};
use netsec::predict::{self, Choice, Chosen};
use netsec::run::{self, RunDir};
use serde_json::json;
use std::process::ExitCode;

/// What the flags ask for; none when they only ask to see it.
fn choice(asked: &cli::ThresholdChoice) -> Option<Choice> {
    let wish = asked.recall.map(Wish::Recall).or(asked.precision.map(Wish::Precision)).map(Choice::Wish);
    wish.or(asked.at.map(Choice::At)).or(asked.default.then_some(Choice::Default))
}

/// Shows or sets it.
pub fn threshold(context: &Context, global: &cli::Global, args: &cli::Threshold) -> Result<ExitCode> {
    let dir = run::find(&context.home, &args.run)?;
    let chosen = match choice(&args.choice) {
        Some(choice) => predict::set_threshold(&dir, args.family, choice)?,
        None => predict::threshold(&dir, args.family)?,
    };
    if global.json {
        output::print_json(&json!({
            "run": dir.id,
            "family": chosen.family,
            "threshold": chosen.threshold,
            "wish": chosen.wish,
            "folds": chosen.folds,
            "holdout": chosen.holdout,
        }))?;
    } else {
        output::print(&format!("{}\n", text(&dir, &chosen)?))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A threshold in words: what it is, and what it gives on the folds and on the hold-out.
fn text(dir: &RunDir, chosen: &Chosen) -> Result<String> {
    let positive = dir.schema()?.positive_label;
    Ok(format!(
        "{} of run {}: {}\n  folds:    {}\n  hold-out: {}",
        chosen.family,
        dir.id,
        line(chosen, &positive),
        given(chosen.folds),
        given(chosen.holdout)
    ))
}

/// From where rows are called positive, and why from there.
pub fn line(chosen: &Chosen, positive: &str) -> String {
    let wish = match chosen.wish {
        Some(Wish::Recall(value)) => format!(", for a recall of {value}"),
        Some(Wish::Precision(value)) => format!(", for a precision of {value}"),
        None => String::new(),
    };
    // The default is written short, a chosen one so that it can be told from its neighbours.
    format!("{} from probability {}{wish}", output::clean(positive), (chosen.threshold * 1e6).round() / 1e6)
}

/// What a threshold gives.
pub fn given(point: Option<CurvePoint>) -> String {
    match point {
        Some(p) => format!("recall {:.4}, precision {:.4}", p.recall, p.precision),
        None => "no row reaches it".to_owned(),
    }
}
