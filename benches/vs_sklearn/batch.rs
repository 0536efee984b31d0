//! Prediction of many rows that are in memory, by the model of either side and by onnxruntime.

use crate::families::{Pair, boosting, forest};
use crate::generated::Generated;
use crate::python::Server;
use crate::workspace::Workspace;
use crate::{Args, THREADS, ours, table};
use netsec::Result;
use netsec::dataset::Encoded;
use netsec::error::IoContext;
use netsec::metrics::THRESHOLD;
use netsec::model::Model;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Rows to predict.
const ROWS: usize = 10_000_000;
/// Rows of a quick look.
const QUICK_ROWS: usize = 1_000_000;
/// What predicts on the other side.
const ENGINES: [&str; 2] = ["scikit-learn", "onnxruntime"];

/// An answer of `batch_predict` in `server.py`.
#[derive(Deserialize)]
struct Predicted {
    seconds: f64,
    f1: f64,
}

/// What an engine did.
struct Engine {
    seconds: f64,
    f1: f64,
    verdicts: Vec<u8>,
}

/// Prints the table.
///
/// # Errors
/// When a model cannot be fitted or converted, or the rows cannot be written.
pub fn measure(args: &Args, workspace: &Workspace, server: &mut Server) -> Result<()> {
    println!("\n## Batch prediction\n");
    let rows = if args.quick { QUICK_ROWS } else { ROWS };
    println!("{} generated rows in memory; models of the training part.", table::count(rows));
    println!(
        "Theirs once with one thread and once with {THREADS}, the faster counts; ours before and after, the median."
    );
    let split = workspace.split(None)?;
    server.ask::<Value>("load", split.write("batch", workspace.scratch())?)?;
    eprintln!("batch: generating rows");
    let generated = Generated::write(workspace.scratch(), rows)?;
    let codes = std::fs::read(&generated.codes).at("reading", &generated.codes)?;
    let labels = std::fs::read(&generated.labels).at("reading", &generated.labels)?;
    let levels = generated.levels();
    let numeric = vec![false; levels.len()];
    let encoded = Encoded::new(levels, numeric, codes, Vec::new(), rows);
    let mut lines = Vec::new();
    for pair in [boosting(), forest()] {
        eprintln!("batch: {}", pair.name);
        let model = ours::fit(pair.family, &pair.ours, &split.dataset())?;
        server.ask::<Value>(
            "batch_prepare",
            json!({
                "split": "batch", "model": pair.theirs, "codes": generated.codes, "labels": generated.labels,
                "values": generated.values, "rows": rows,
            }),
        )?;
        let before = own(&model, &encoded, &labels)?;
        let mut engines = Vec::new();
        for name in ENGINES {
            engines.push((name, ask(name, server, workspace.scratch())?));
        }
        let after = own(&model, &encoded, &labels)?;
        engines.insert(0, ("netsec", Engine { seconds: table::median(vec![before.seconds, after.seconds]), ..after }));
        lines.extend(report(&pair, rows, &engines));
    }
    table::print(&["Model", "by", "rows a second", "ratio", "F1", "same verdict as ours", "as scikit-learn"], &lines);
    Ok(())
}

fn own(model: &Model, rows: &Encoded, labels: &[u8]) -> Result<Engine> {
    let (seconds, p) = ours::timed(Duration::ZERO, || Ok(ours::predict(model, rows)))?;
    let verdicts = p.iter().map(|p| u8::from(*p >= THRESHOLD)).collect();
    Ok(Engine { seconds, f1: ours::f1(labels, &p), verdicts })
}

fn ask(name: &str, server: &mut Server, scratch: &Path) -> Result<Engine> {
    let verdicts = scratch.join("verdicts.u8");
    let request = json!({"engine": name, "threads": THREADS, "verdicts": verdicts});
    let Predicted { seconds, f1 } = server.ask("batch_predict", request)?;
    Ok(Engine { seconds, f1, verdicts: std::fs::read(&verdicts).at("reading", &verdicts)? })
}

/// One line for each engine; ours is the first, scikit-learn the second.
fn report(pair: &Pair, rows: usize, engines: &[(&str, Engine)]) -> Vec<Vec<String>> {
    let same = |a: &Engine, b: &Engine| {
        let equal = a.verdicts.iter().zip(&b.verdicts).filter(|(a, b)| a == b).count();
        format!("{:.2} %", equal as f64 * 100.0 / rows as f64)
    };
    let line = |(name, engine): &(&str, Engine)| {
        vec![
            pair.name.to_owned(),
            (*name).to_owned(),
            table::count((rows as f64 / engine.seconds) as usize),
            table::ratio(engines[0].1.seconds, engine.seconds),
            table::f1(engine.f1),
            same(engine, &engines[0].1),
            same(engine, &engines[1].1),
        ]
    };
    engines.iter().map(line).collect()
}
