//! Validation and drift of many rows that are in memory, against the same counts and tests by numpy and scipy.

use crate::generated::Generated;
use crate::python::Server;
use crate::workspace::Workspace;
use crate::{Args, ours, table};
use netsec::dataset::Cells;
use netsec::drift::{Limits, compare};
use netsec::error::IoContext;
use netsec::profile::{Profile, Profiler};
use netsec::schema::{BUILT_IN, Schema};
use netsec::typed::Typed;
use netsec::validation::{Quality, judge};
use netsec::{Error, Result};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// Rows of each side.
const ROWS: usize = 1_000_000;
/// Rows of each side for a quick look.
const QUICK_ROWS: usize = 100_000;
/// Rows that are handed over at a time, as a scan of the embedded store does.
const PIECE: usize = 50_000;
/// How far p-values and distances may be apart.
const EQUAL: f64 = 1e-9;

/// What the other side found.
#[derive(Deserialize)]
struct Theirs {
    seconds: f64,
    vectors: [u64; 2],
    conflicting: [u64; 2],
    columns: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    p: f64,
    js: f64,
}

/// Prints the table.
///
/// # Errors
/// When both sides do not find the same, or rows cannot be written or read.
pub fn measure(args: &Args, workspace: &Workspace, server: &mut Server) -> Result<()> {
    println!("\n## Validation and drift\n");
    let rows = if args.quick { QUICK_ROWS } else { ROWS };
    println!(
        "Generated rows in memory, {} against as many, 31 columns: counts, distinct and contradictory vectors, and each \
         column's chi-square and Jensen-Shannon distance. Median of {}.",
        table::count(rows),
        args.rounds()
    );
    let generated = Generated::write(workspace.scratch(), 2 * rows)?;
    let schema = Schema::parse(BUILT_IN, "built-in schema.yaml")?;
    let codes = std::fs::read(&generated.codes).at("reading", &generated.codes)?;
    let labels = std::fs::read(&generated.labels).at("reading", &generated.labels)?;
    let width = schema.features.len();
    let pieces: Vec<Typed> = codes
        .chunks(PIECE * width)
        .zip(labels.chunks(PIECE))
        .map(|(codes, labels)| {
            let feature = |f: usize| Cells::Levels(codes.iter().skip(f).step_by(width).copied().collect());
            Typed {
                features: (0..width).map(feature).collect(),
                label: labels.to_vec(),
                refused: Vec::new(),
                absent: Vec::new(),
                lines: Vec::new(),
            }
        })
        .collect();
    let profile = |pieces: &[Typed]| -> Profile {
        let mut profiler = Profiler::new(&schema);
        pieces.iter().for_each(|piece| profiler.add(piece));
        profiler.finish()
    };
    let (old, new) = pieces.split_at(rows / PIECE);
    let checks = Quality::load(None)?.checks;
    let mut levels: Vec<u64> = generated.levels().into_iter().map(u64::from).collect();
    levels.push(2);
    let request = json!({"codes": generated.codes, "labels": generated.labels, "rows": rows, "levels": levels});
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..args.rounds() {
        let (seconds, (compared, validations)) = ours::timed(Duration::ZERO, || {
            let profiles = [profile(old), profile(new)];
            let validations = [&profiles[0], &profiles[1]].map(|p| judge(&schema, &p.summary, &checks));
            Ok((compare(&schema, &profiles[0], &profiles[1], &Limits::default()), validations))
        })?;
        let theirs: Theirs = server.ask("drift", request.clone())?;
        let same = compared.columns.values().zip(&theirs.columns).all(|(ours, theirs)| {
            let close = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() <= EQUAL);
            close(ours.p_value, theirs.p) && close(ours.js, theirs.js)
        });
        let counted = validations
            .iter()
            .enumerate()
            .all(|(side, v)| v.vectors == theirs.vectors[side] && v.conflicting_vectors == theirs.conflicting[side]);
        if !same || !counted {
            return Err(Error::internal("both sides do not find the same"));
        }
        own.push(seconds);
        other.push(theirs.seconds);
    }
    let (own, other) = (table::median(own), table::median(other));
    let line = |name: &str, seconds: f64| vec![name.to_owned(), table::time(seconds), table::ratio(own, seconds)];
    table::print(&["By", "seconds", "ratio"], &[line("netsec", own), line("numpy and scipy", other)]);
    Ok(())
}
