//! `drift`: holds current rows against a reference.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::drift::{ColumnDrift, DriftReport, Estimate, Scores, Side, Verdict};
use netsec::monitor::{self, CHAMPION};
use std::process::ExitCode;

/// Data set drift.
const DRIFT: u8 = 4;
/// The place of the Wasserstein distance in a line.
const WASSERSTEIN: usize = 3;

/// Compares, prints, and says by the exit code whether the data set has drifted.
pub async fn drift(context: &Context, global: &cli::Global, args: &cli::Drift) -> Result<ExitCode> {
    let current = context.rows_of(args.current.as_deref()).await?;
    let schema = context.schema_of(&current)?;
    let champion = context.champion(&schema).await;
    let (reference, champion) = match (args.reference.as_deref().filter(|text| *text != CHAMPION), champion) {
        // Other rows are held against each other also where the champion is not known.
        (Some(text), champion) => (context.rows_of(Some(text)).await?, champion),
        (None, champion) => {
            let champion = champion?.ok_or_else(monitor::no_champion)?;
            (champion.what(), Ok(Some(champion)))
        }
    };
    let limits = context.quality()?.drift;
    let report = monitor::drift(context.store.as_ref(), &schema, [&reference, &current], champion, &limits).await?;
    if let Some(path) = &args.out {
        netsec::files::write_atomic(path, report.to_yaml()?.as_bytes())?;
        eprintln!("wrote {}", path.display());
    }
    if let Some(path) = &args.html {
        netsec::files::write_atomic(path, netsec::drift::html(&report).as_bytes())?;
        eprintln!("wrote {}", path.display());
    }
    if global.json {
        output::print_json(&report)?
    } else {
        output::print(&text(&report))?
    }
    Ok(match report.dataset_drift {
        Some(true) => ExitCode::from(DRIFT),
        Some(false) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

fn side(side: &Side) -> String {
    let day = |time: &Option<String>| time.as_deref().and_then(|t| t.get(..10)).unwrap_or_default().to_owned();
    let (from, to) = (day(&side.from), day(&side.to));
    let when = match (from.as_str(), to.as_str()) {
        ("", _) => String::new(),
        (from, "") => format!(", {from}"),
        (from, to) if from == to => format!(", {from}"),
        (from, to) => format!(", {from} to {to}"),
    };
    let hash = side.hash.get(..8).unwrap_or(&side.hash);
    format!("{}: {} rows, {} labelled{when}, {hash}", side.name, side.rows, side.labelled)
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(String::new, |value| format!("{value:.digits$}"))
}

fn line(name: &str, column: &ColumnDrift) -> Vec<String> {
    let [old, new] = column.missing_shares().map(|share| format!("{:.1} %", 100.0 * share));
    vec![
        column.verdict.word().to_owned(),
        name.to_owned(),
        number(column.js, 3),
        number(column.wasserstein, 3),
        number(column.psi, 3),
        column.p_adjusted.map_or_else(String::new, |p| if p < 0.001 { "<.001".to_owned() } else { format!("{p:.3}") }),
        old,
        new,
        column.note.clone().unwrap_or_default(),
    ]
}

fn scores(scores: &Scores) -> String {
    let one = |e: Estimate| format!("{:.3} [{:.3} {:.3}]", e.value, e.interval[0], e.interval[1]);
    format!(
        "F1 {}, recall {}, precision {}, {} vectors",
        one(scores.f1),
        one(scores.recall),
        one(scores.precision),
        scores.vectors
    )
}

/// The report for people: the answer first, what has drifted before what has not.
fn text(report: &DriftReport) -> String {
    let mut text = format!("{}\n", report.headline());
    text.push_str(&format!("reference  {}\ncurrent    {}\n", side(&report.reference), side(&report.current)));
    if let Some(model) = &report.model {
        let word = if model.worse { "worse than at training" } else { "no worse than can be told" };
        text.push_str(&format!("\nchampion   {}, {}\n", model.name(), model.family));
        text.push_str(&format!("  at training  {}\n", scores(&model.at_training)));
        match &model.now {
            Some(now) => text.push_str(&format!("  now          {}: {word}\n", scores(now))),
            None => text.push_str("  now          no labelled row that it was not trained on\n"),
        }
        if model.trained_on > 0 {
            text.push_str(&format!("  left out     {} rows whose vector it was trained on\n", model.trained_on));
        }
    }
    let head = ["", "column", "JS", "W", "PSI", "p adj", "missing", "now", ""].map(str::to_owned).to_vec();
    let mut rows: Vec<(Verdict, f64, Vec<String>)> = report
        .columns
        .iter()
        .map(|(name, column)| (column.verdict, column.effect().unwrap_or(0.0), line(name, column)))
        .collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let prediction = report.prediction.as_ref().map(|column| line("(the champion's verdicts)", column));
    let mut all: Vec<Vec<String>> =
        std::iter::once(head).chain(prediction).chain(rows.into_iter().map(|(_, _, line)| line)).collect();
    if report.columns.values().all(|column| column.wasserstein.is_none()) {
        // No column of numbers.
        all.iter_mut().for_each(|line| drop(line.remove(WASSERSTEIN)));
    }
    text.push('\n');
    text.push_str(&output::table(&all));
    if !report.notes.is_empty() {
        text.push('\n');
        report.notes.iter().for_each(|note| text.push_str(&format!("· {note}\n")));
    }
    output::clean(&text)
}
