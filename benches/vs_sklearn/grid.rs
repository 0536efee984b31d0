//! A whole grid search: the space `seed_grid` as a run trains it, against GridSearchCV on the same folds.

use crate::python::{Server, model};
use crate::workspace::Workspace;
use crate::{Args, table};
use netsec::event::Family;
use netsec::{Error, Result};
use serde::Deserialize;
use serde_json::{Value, json};

/// The space of ours that has the same grid.
const SPACE: &str = "seed_grid";
/// Largest difference of cross-validated F1 that counts as the same.
const SAME: f64 = 0.005;

/// Their grids, with the family that has the same in our space.
fn grids() -> Vec<(Family, &'static str, Value)> {
    let trees = json!([8, 16, 32, 64, 128, 256]);
    vec![
        (
            Family::RandomForest,
            "sklearn.ensemble.RandomForestClassifier",
            json!({"n_estimators": [8, 16, 32, 128, 256]}),
        ),
        (
            Family::DecisionTree,
            "sklearn.tree.DecisionTreeClassifier",
            json!({"criterion": ["gini", "entropy", "log_loss"]}),
        ),
        (
            Family::GradientBoosting,
            "sklearn.ensemble.GradientBoostingClassifier",
            json!({
                "learning_rate": [0.1, 0.05, 0.01, 0.001],
                "subsample": [0.6, 0.7, 0.75, 0.85, 0.9],
                "n_estimators": trees,
            }),
        ),
        (
            Family::AdaBoost,
            "sklearn.ensemble.AdaBoostClassifier",
            json!({"learning_rate": [0.1, 0.01, 0.001], "n_estimators": trees}),
        ),
        (Family::LogisticRegression, "sklearn.linear_model.LogisticRegression", json!({})),
    ]
}

/// An answer of `grid` in `server.py`.
#[derive(Deserialize)]
struct Searched {
    seconds: f64,
    trials: usize,
    f1: f64,
    test_f1: f64,
}

/// Prints the table.
///
/// # Errors
/// When a search fails on either side.
pub fn measure(args: &Args, workspace: &Workspace, server: &mut Server) -> Result<()> {
    println!("\n## Grid search\n");
    let mut grids = grids();
    if args.quick {
        grids.retain(|(family, ..)| [Family::DecisionTree, Family::AdaBoost].contains(family));
        println!("QUICK: two families only.");
    }
    println!("Theirs once (n_jobs=1), ours before and after it, as the training stage of a run; the median is shown.");
    server.ask::<Value>("load", workspace.split(None)?.write("grid", workspace.scratch())?)?;
    let families: Vec<&str> = grids.iter().map(|(family, ..)| family.name()).collect();
    let (before, report, state) = workspace.search(SPACE, &families, None)?;
    let (mut rows, mut total, mut trials, mut apart) = (Vec::new(), 0.0, [0, 0], Vec::new());
    for (family, class, grid) in &grids {
        eprintln!("grid: {family}, theirs");
        let request = json!({"split": "grid", "model": model(class, &json!({})), "grid": grid, "threads": 1});
        let theirs: Searched = server.ask("grid", request)?;
        let missing = || Error::internal(format!("{SPACE} has left no model of {family}"));
        let ours = report.model(*family).ok_or_else(missing)?;
        // On the folds of the search, which are theirs too; the report's score is of other folds.
        let best = state.family(*family).and_then(|f| f.best_trial()).ok_or_else(missing)?.mean;
        total += theirs.seconds;
        trials[0] += ours.trials as usize;
        trials[1] += theirs.trials;
        let difference = best - theirs.f1;
        if difference < -SAME {
            apart.push(family.name());
        }
        rows.push(vec![
            family.to_string(),
            format!("{} / {}", ours.trials, theirs.trials),
            table::time(theirs.seconds),
            table::f1(best),
            table::f1(theirs.f1),
            table::difference(difference),
            table::f1(ours.test.f1),
            table::f1(theirs.test_f1),
        ]);
    }
    let (after, ..) = workspace.search(SPACE, &families, None)?;
    let header =
        ["Family", "trials, ours / theirs", "theirs", "cv F1, ours", "theirs", "difference", "test F1, ours", "theirs"];
    table::print(&header, &rows);
    let ours = table::median(vec![before, after]);
    table::print(
        &["Whole search", "trials", "seconds", "ratio"],
        &[
            vec!["GridSearchCV".to_owned(), trials[1].to_string(), table::time(total), String::new()],
            vec![format!("netsec, {SPACE}"), trials[0].to_string(), table::time(ours), table::ratio(ours, total)],
        ],
    );
    match apart[..] {
        [] => println!("\nThe best cross-validated F1 of every family is within {SAME} of theirs, or better."),
        _ => println!("\nMORE THAN {SAME} BELOW theirs in cross-validated F1: {}.", apart.join(", ")),
    }
    Ok(())
}
