//! `show`, `cancel`, `logs`.

use super::threshold::{given, line};
use crate::cli::Global;
use crate::context::Context;
use crate::output;
use netsec::calibrate::Method;
use netsec::metrics::THRESHOLD;
use netsec::pipeline::{ModelReport, Report};
use netsec::predict;
use netsec::run::{self, RunRow, describe};
use netsec::{Error, Result};
use serde_json::{Value, json};
use std::process::ExitCode;

/// A run as JSON, without its report.
pub fn summary(row: &RunRow) -> Value {
    let winner = row.winner();
    let mut value = json!({
        "run": row.id,
        "status": row.status,
        "started_at": row.started_at,
        "user": row.user(),
        "host": row.host(),
        "database": row.database,
        "collection": row.collection,
        "window": row.window,
        "space": row.space,
        "folds": row.folds,
        "resampling": row.resampling,
        "seed": row.seed,
        "families": row.families.iter().map(|family| family.name()).collect::<Vec<_>>(),
        "elapsed_ms": row.elapsed_ms,
        "winner": winner.map(|family| family.name()),
        "note": row.note,
        "tags": row.tags,
    });
    if let Some((_, mean, sd)) = row.best.filter(|_| winner.is_some()) {
        value["cv_f1"] = json!(mean);
        value["cv_sd"] = json!(sd);
        value["test_f1"] = json!(row.test.map(|test| test.0));
    }
    if let Some(stage) = row.stopped_after {
        value["stopped_after"] = json!(stage);
    }
    if let Some((reason, hint)) = &row.failure {
        value["reason"] = json!(reason);
        value["hint"] = json!(hint);
    }
    value
}

/// The report as text.
pub fn report_text(report: &Report) -> String {
    let mut text = String::new();
    if let Some(best) = report.models.first() {
        let t = &best.test;
        text += &format!(
            "winner {}: hold-out F1 {:.4} [{:.4} {:.4}], recall {:.4}, precision {:.4} ({} is positive)\n",
            best.family, t.f1, t.f1_ci[0], t.f1_ci[1], t.recall, t.precision, report.positive
        );
    }
    let d = &report.data;
    text += &format!(
        "{} rows, {} vectors, {} conflicting; hold-out {} vectors, leak {:.1} %\n\n",
        d.rows,
        d.vectors,
        d.conflicting,
        d.holdout_vectors,
        d.leak * 100.0
    );
    let head = [
        "family",
        "trials",
        "cv F1",
        "test F1",
        "95 % interval",
        "precision",
        "recall",
        "accuracy",
        "ROC AUC",
        "PR AUC",
        "log loss",
        "Brier",
        "ECE",
        "fit ms",
        "parameters",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let optional = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.4}"));
    for m in &report.models {
        let t = &m.test;
        rows.push(vec![
            m.family.to_string(),
            m.trials.to_string(),
            format!("{:.4} ±{:.4}", m.cv_f1, m.cv_sd),
            format!("{:.4}", t.f1),
            format!("[{:.4} {:.4}]", t.f1_ci[0], t.f1_ci[1]),
            format!("{:.4}", t.precision),
            format!("{:.4}", t.recall),
            format!("{:.4}", t.accuracy),
            optional(t.roc_auc),
            optional(t.pr_auc),
            format!("{:.4}", t.log_loss),
            format!("{:.4}", t.brier),
            // Older reports did not measure it.
            optional((!t.reliability.is_empty()).then_some(t.ece)),
            m.fit_ms.to_string(),
            m.params.to_string(),
        ]);
    }
    text += &output::table(&rows);
    for m in &report.models {
        let c = &m.test.confusion;
        text += &format!(
            "\n{}: {} called {}: {} right, {} wrong; called {}: {} right, {} wrong",
            m.family,
            report.positive,
            report.positive,
            c.true_positive,
            c.false_negative,
            report.negative,
            c.true_negative,
            c.false_positive
        );
    }
    for (family, reason) in &report.failed {
        text += &format!("\n{family}: no model: {reason}");
    }
    text += "\n";
    if let Some(best) = report.models.first() {
        text += &winner_text(best);
    }
    text
}

/// Features that are named.
const TOP: usize = 5;

/// Whether the winner's probabilities can be believed, what it keeps, and what it leans on.
fn winner_text(model: &ModelReport) -> String {
    let mut text = String::new();
    if !model.test.reliability.is_empty() {
        let method = match model.calibration {
            Some(Method::Platt) => "calibrated (platt)",
            Some(Method::Isotonic) => "calibrated (isotonic)",
            None => "not calibrated",
        };
        text +=
            &format!("\nprobabilities of {}: off by {:.4} on average (ECE), {method}\n", model.family, model.test.ece);
    }
    if let Some([kept, of]) = model.kept {
        text += &format!("{} keeps {kept} of {of} rows\n", model.family);
    }
    if !model.importance.is_empty() {
        let head = ["feature", "F1 lost when shuffled", "share of gain"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(model.importance.iter().take(TOP).map(|i| {
            let gain = i.gain.map_or_else(String::new, |g| format!("{:.1} %", g * 100.0));
            vec![i.feature.clone(), format!("{:+.4} ±{:.4}", i.mean, i.sd), gain]
        }));
        text += &format!("\n{}", output::table(&rows));
    }
    text
}

/// Shows one run.
pub fn show(context: &Context, global: &Global, prefix: &str) -> Result<ExitCode> {
    let entry = run::entry(&run::find(&context.home, prefix)?)?;
    let report = entry.dir.report()?;
    if global.json {
        let mut value = summary(&RunRow::from(&entry));
        value["report"] = json!(report);
        value["scored_on_holdout"] = json!(run::list(&context.home)?.scored_on_holdout_of(&entry.manifest));
        value["manifest"] = json!(entry.manifest);
        output::print_json(&value)?;
        return Ok(ExitCode::SUCCESS);
    }
    let m = &entry.manifest;
    let mut text = format!(
        "run {}: {}\n{}.{}, space {}, seed {}, {} folds, by {}@{} at {}\n",
        entry.dir.id, entry.status, m.database, m.collection, m.space, m.seed, m.folds, m.user, m.host, m.started_at
    );
    let row = RunRow::from(&entry);
    if !row.tags.is_empty() {
        text += &format!("tags: {}\n", row.tags.join(" "));
    }
    if let Some(note) = &row.note {
        text += &format!("note: {}\n", output::clean(note));
    }
    if let Some((reason, hint)) = &entry.state.failure {
        text += &format!("failed: {}\n", output::clean(reason));
        if let Some(hint) = hint {
            text += &format!("hint: {}\n", output::clean(hint));
        }
    }
    match report {
        Some(report) => {
            let scored = run::list(&context.home)?.scored_on_holdout_of(m);
            text += &format!("{scored} finished runs are scored on this hold-out\n{}", report_text(&report));
            // A run of an older version has no folds' curve to tell it from.
            if let Ok(chosen) = predict::threshold(&entry.dir, None)
                && chosen.threshold != THRESHOLD
            {
                text += &format!(
                    "\nthreshold of {}: {}; hold-out {}\n",
                    chosen.family,
                    line(&chosen, &report.positive),
                    given(chosen.holdout)
                );
            }
        }
        None => {
            for (stage, ms, line) in &entry.state.stages {
                text += &format!("{stage}: {} ({ms} ms)\n", output::clean(line));
            }
            let (over, all) = entry.state.trial_counts();
            text += &format!("{over} of {all} trials\n");
            if entry.status != run::RunStatus::Running {
                text += &format!("netsec-tui train --run {} goes on with it\n", entry.dir.id);
            }
        }
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Asks a run to stop.
pub fn cancel(context: &Context, global: &Global, prefix: &str) -> Result<ExitCode> {
    let dir = run::find(&context.home, prefix)?;
    dir.cancel()?;
    if global.json {
        output::print_json(&json!({"run": dir.id, "asked": "cancel"}))?;
    } else {
        output::print(&format!("asked run {} to stop\n", dir.id))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a run's log: its journal in words, then what its worker printed.
pub fn logs(context: &Context, global: &Global, prefix: &str) -> Result<ExitCode> {
    let dir = run::find(&context.home, prefix)?;
    let events = run::Follower::new(dir.journal()).poll()?;
    let lines: Vec<(String, String)> =
        events.iter().filter_map(|e| Some((e.at.clone(), describe(&e.event)?))).collect();
    let path = dir.worker_log();
    let worker = match std::fs::read(&path) {
        Ok(text) => String::from_utf8_lossy(&text).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(Error::io("reading", &path, e)),
    };
    if global.json {
        let log: Vec<_> = lines.iter().map(|(at, text)| json!({"at": at, "text": text})).collect();
        output::print_json(&json!({"run": dir.id, "log": log, "worker": worker}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text: String = lines.iter().map(|(at, line)| format!("{at}  {}\n", output::clean(line))).collect();
    if !worker.trim().is_empty() {
        text += &format!("\nprinted by the worker:\n{}\n", output::clean(worker.trim_end()));
    }
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
