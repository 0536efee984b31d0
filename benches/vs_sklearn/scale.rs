//! Time and memory of one fit, by number of rows. Each fit has a process of its own.

use crate::families::{lightgbm, like_lightgbm};
use crate::generated::Generated;
use crate::python::{Python, model};
use crate::workspace::Workspace;
use crate::{Args, THREADS, ours, table};
use netsec::dataset::{Dataset, Encoded};
use netsec::error::IoContext;
use netsec::event::Family;
use netsec::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Most rows that are measured more than once.
const REPEATED: usize = 100_000;
/// Most held-out rows that are scored.
const SCORED: usize = 200_000;
/// The same for neighbours, which look at every training row.
const SCORED_BY_NEIGHBOURS: usize = 2_000;

/// One fit of ours, as the benchmark asks itself for it.
#[derive(Serialize, Deserialize)]
struct Request {
    generated: Generated,
    train: usize,
    scored: usize,
    family: Family,
    parameters: Value,
}

/// What a fit took, on either side.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Fitted {
    fit_s: f64,
    f1: f64,
    peak_mib: Option<f64>,
}

/// Training rows and rows that are scored: the first four fifths, and what follows them. Generated rows repeat one of
/// the 2,048 before them at most, so next to none stands on both sides.
fn parts(rows: usize, most_scored: usize) -> (usize, usize) {
    let train = rows / 5 * 4;
    (train, (rows - train).min(most_scored))
}

/// Prints both tables.
///
/// # Errors
/// When a process fails, or the rows cannot be written.
pub fn measure(args: &Args, workspace: &Workspace, python: &Python) -> Result<()> {
    println!("\n## Scale\n");
    println!(
        "Generated rows, the last fifth held out. Median of {} (up to {} rows; above, one measurement); of theirs the \
         faster of one thread and {THREADS}.",
        args.rounds(),
        table::count(REPEATED)
    );
    let mut sizes = vec![10_000, 100_000];
    if !args.quick {
        sizes.push(1_000_000);
    }
    if args.large {
        sizes.push(10_000_000);
    }
    eprintln!("scale: generating rows");
    let most = sizes.iter().copied().max().unwrap_or(0);
    let generated = Generated::write(workspace.scratch(), most)?;
    boosting(args, python, &generated, &sizes)?;
    families(&generated, &sizes)
}

/// Gradient boosting against its two peers.
fn boosting(args: &Args, python: &Python, generated: &Generated, sizes: &[usize]) -> Result<()> {
    let histogram = json!({"max_iter": 100, "early_stopping": false});
    // LightGBM takes single precision as it is; HistGradientBoosting would convert it to double first.
    let peers = [
        ("LightGBM, 100 x 31 leaves", lightgbm(), "float32"),
        (
            "HistGradientBoosting, 100 x 31 leaves",
            model("sklearn.ensemble.HistGradientBoostingClassifier", &histogram),
            "float64",
        ),
    ];
    let mut lines = Vec::new();
    for rows in sizes {
        let mut sides = [(); 3].map(|()| Vec::new());
        for _ in 0..if *rows > REPEATED { 1 } else { args.rounds() } {
            eprintln!("scale: {} rows, gradient boosting", table::count(*rows));
            sides[0].push(ours_alone(generated, *rows, Family::GradientBoosting, like_lightgbm())?);
            for (side, (_, model, dtype)) in sides[1..].iter_mut().zip(&peers) {
                side.push(theirs_alone(python, generated, *rows, model, dtype)?);
            }
        }
        let names = ["netsec, 100 x depth 6", peers[0].0, peers[1].0];
        let ours_s = seconds(&sides[0]);
        for (name, fits) in names.iter().zip(&sides) {
            let Some(last) = fits.last() else { continue };
            lines.push(vec![
                (*name).to_owned(),
                table::count(*rows),
                table::time(seconds(fits)),
                table::ratio(ours_s, seconds(fits)),
                table::memory(last.peak_mib),
                table::f1(last.f1),
            ]);
        }
    }
    table::print(&["Model", "rows", "fit", "ratio to ours", "peak memory", "F1"], &lines);
    Ok(())
}

fn seconds(fits: &[Fitted]) -> f64 {
    table::median(fits.iter().map(|fit| fit.fit_s).collect())
}

/// Our other families, once each.
fn families(generated: &Generated, sizes: &[usize]) -> Result<()> {
    let families = [
        ("decision tree", Family::DecisionTree, json!({"criterion": "gini"})),
        ("random forest, 16", Family::RandomForest, json!({"n_estimators": 16, "max_features": "sqrt"})),
        ("AdaBoost, 50 stumps", Family::AdaBoost, json!({"n_estimators": 50, "learning_rate": 1.0})),
        ("logistic regression", Family::LogisticRegression, json!({"C": 1.0})),
        ("k nearest neighbours, k 5", Family::Knn, json!({"k": 5, "weights": "uniform"})),
    ];
    let mut lines = Vec::new();
    for (name, family, parameters) in families {
        for rows in sizes {
            eprintln!("scale: {} rows, {name}", table::count(*rows));
            let fit = ours_alone(generated, *rows, family, parameters.clone())?;
            lines.push(vec![
                name.to_owned(),
                table::count(*rows),
                table::time(fit.fit_s),
                table::time(fit.fit_s / parts(*rows, SCORED).0 as f64 * 1e6),
                table::memory(fit.peak_mib),
                table::f1(fit.f1),
            ]);
        }
    }
    table::print(&["Our family", "rows", "fit", "per million trained on", "peak memory", "F1"], &lines);
    Ok(())
}

fn theirs_alone(python: &Python, generated: &Generated, rows: usize, model: &Value, dtype: &str) -> Result<Fitted> {
    let (train, scored) = parts(rows, SCORED);
    let request = json!({
        "codes": generated.codes, "labels": generated.labels, "values": generated.values,
        "train": train, "scored": scored, "model": model, "dtype": dtype,
    });
    let mut fits = Vec::new();
    for threads in 1..=THREADS {
        let mut request = request.clone();
        request["threads"] = json!(threads);
        fits.push(python.start()?.ask::<Fitted>("scale", request)?);
    }
    // On few rows, or on a busy machine, threads that wait for each other lose: the faster fit counts.
    let fastest = fits.into_iter().min_by(|a, b| a.fit_s.total_cmp(&b.fit_s));
    fastest.ok_or_else(|| Error::internal("nothing was measured"))
}

fn ours_alone(generated: &Generated, rows: usize, family: Family, parameters: Value) -> Result<Fitted> {
    let most = if family == Family::Knn { SCORED_BY_NEIGHBOURS } else { SCORED };
    let (train, scored) = parts(rows, most);
    let request = Request { generated: generated.clone(), train, scored, family, parameters };
    let text = json(serde_json::to_string(&request))?;
    let program =
        std::env::current_exe().map_err(|e| Error::internal("the path of this program is not known").caused_by(e))?;
    let output = Command::new(&program).arg("--child").arg(text).output().at("starting", &program)?;
    if !output.status.success() {
        return Err(Error::remote(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    json(serde_json::from_slice(&output.stdout))
}

fn json<T>(result: serde_json::Result<T>) -> Result<T> {
    result.map_err(|e| Error::internal("a measurement's own messages are not understood").caused_by(e))
}

/// Measures one fit in this process and prints it.
///
/// # Errors
/// When the rows cannot be read, or the fit fails.
pub fn child(request: &str) -> Result<()> {
    let Request { generated, train, scored, family, parameters } = json(serde_json::from_str(request))?;
    let levels = generated.levels();
    let (width, numeric) = (levels.len(), vec![false; levels.len()]);
    // As they were observed, not collapsed as a run has them: both sides get the same number of rows.
    let data = Dataset {
        levels: levels.clone(),
        numeric: numeric.clone(),
        codes: read(&generated.codes, 0, train * width)?,
        label: read(&generated.labels, 0, train)?,
        weight: vec![1.0; train],
        ..Dataset::default()
    };
    let (fit_s, model) = ours::timed(Duration::ZERO, || ours::fit(family, &parameters, &data))?;
    let peak_mib = peak_mib();
    drop(data);
    let codes = read(&generated.codes, train * width, scored * width)?;
    let labels = read(&generated.labels, train, scored)?;
    let rows = Encoded::new(levels, numeric, codes, Vec::new(), scored);
    let f1 = ours::f1(&labels, &ours::predict(&model, &rows));
    println!("{}", json(serde_json::to_string(&Fitted { fit_s, f1, peak_mib }))?);
    Ok(())
}

fn read(path: &Path, start: usize, length: usize) -> Result<Vec<u8>> {
    let mut file = File::open(path).at("reading", path)?;
    file.seek(SeekFrom::Start(start as u64)).at("reading", path)?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).at("reading", path)?;
    Ok(bytes)
}

/// Peak memory of this process, where the system tells it. The other side reads the same.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}
