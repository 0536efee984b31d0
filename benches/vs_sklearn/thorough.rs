//! How good the models are in the end: the winner of our thorough search, over several hold-outs.

use crate::families::{Fitted, deep_boosting, lightgbm};
use crate::python::Server;
use crate::workspace::Workspace;
use crate::{Args, THREADS, table};
use netsec::{Error, Result};
use serde_json::{Value, json};

/// The space of ours.
const SPACE: &str = "thorough";
/// Salts, each of which makes another hold-out.
const SALTS: [&str; 5] = ["netsec-1", "netsec-2", "netsec-3", "netsec-4", "netsec-5"];

/// Prints the table.
///
/// # Errors
/// When a run or a fit fails.
pub fn measure(args: &Args, workspace: &Workspace, server: &mut Server) -> Result<()> {
    println!("\n## Thorough\n");
    println!(
        "F1 on the hold-out. Ours is the winner by cross-validated F1; theirs are fitted with the settings named, \
         chosen by nothing."
    );
    let salts = if args.quick { &SALTS[..1] } else { &SALTS[..] };
    let (mut rows, mut all) = (Vec::new(), [(); 4].map(|()| Vec::new()));
    for salt in salts {
        eprintln!("thorough: salt {salt}");
        let (seconds, report, _) = workspace.search(SPACE, &[], Some(salt))?;
        let winner = report.model(report.winner).ok_or_else(|| Error::internal("the winner has no scores"))?;
        server.ask::<Value>("load", workspace.split(Some(salt))?.write(salt, workspace.scratch())?)?;
        let mut test = |model: Value| -> Result<f64> {
            let request = json!({"split": salt, "model": model, "threads": THREADS});
            Ok(server.ask::<Fitted>("fit", request)?.f1)
        };
        let values = [winner.test.f1, test(deep_boosting())?, test(lightgbm())?, seconds];
        all.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        rows.push(row(salt, report.winner.name(), values));
    }
    let mean = all.map(|column| column.iter().sum::<f64>() / column.len() as f64);
    rows.push(row("mean", "", mean));
    table::print(
        &["Salt", "our winner", "ours", "scikit-learn, 400 x depth 6", "LightGBM", "training stage, ours"],
        &rows,
    );
    Ok(())
}

fn row(salt: &str, winner: &str, [ours, boosting, lightgbm, seconds]: [f64; 4]) -> Vec<String> {
    vec![
        salt.to_owned(),
        winner.to_owned(),
        table::f1(ours),
        table::f1(boosting),
        table::f1(lightgbm),
        table::time(seconds),
    ]
}
