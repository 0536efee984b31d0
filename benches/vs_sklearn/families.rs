//! One fit on the training part and one prediction of the hold-out, family by family.

use crate::python::{Server, model};
use crate::split::Split;
use crate::workspace::Workspace;
use crate::{Args, THREADS, ours, table};
use netsec::Result;
use netsec::event::Family;
use serde::Deserialize;
use serde_json::{Value, json};

/// A model of ours and the one it is held against.
pub struct Pair {
    /// What both are.
    pub name: &'static str,
    /// Our family.
    pub family: Family,
    /// Our parameters.
    pub ours: Value,
    /// Their model, for `build` of `server.py`.
    pub theirs: Value,
}

fn pair(name: &'static str, family: Family, ours: Value, class: &str, theirs: Value) -> Pair {
    Pair { name, family, ours, theirs: model(class, &theirs) }
}

/// Gradient boosting as scikit-learn has it by default.
pub fn boosting() -> Pair {
    pair(
        "gradient boosting, 100 x depth 3",
        Family::GradientBoosting,
        json!({"n_estimators": 100, "learning_rate": 0.1, "max_depth": 3}),
        "sklearn.ensemble.GradientBoostingClassifier",
        json!({}),
    )
}

/// A forest as scikit-learn has it by default.
pub fn forest() -> Pair {
    pair(
        "random forest, 100",
        Family::RandomForest,
        json!({"n_estimators": 100, "max_features": "sqrt"}),
        "sklearn.ensemble.RandomForestClassifier",
        json!({}),
    )
}

/// scikit-learn's gradient boosting in the size that scores well on these rows.
pub fn deep_boosting() -> Value {
    let params = json!({"n_estimators": 400, "max_depth": 6, "learning_rate": 0.1, "subsample": 0.8});
    model("sklearn.ensemble.GradientBoostingClassifier", &params)
}

/// LightGBM with its defaults: 100 trees of 31 leaves.
pub fn lightgbm() -> Value {
    model("lightgbm.LGBMClassifier", &json!({}))
}

/// Our gradient boosting beside LightGBM's defaults: as many trees, of a depth that gives about the same F1.
pub fn like_lightgbm() -> Value {
    json!({"n_estimators": 100, "learning_rate": 0.1, "max_depth": 6})
}

fn pairs() -> Vec<Pair> {
    vec![
        pair(
            "decision tree, gini",
            Family::DecisionTree,
            json!({"criterion": "gini"}),
            "sklearn.tree.DecisionTreeClassifier",
            json!({}),
        ),
        forest(),
        pair(
            "AdaBoost, 50 stumps",
            Family::AdaBoost,
            json!({"n_estimators": 50, "learning_rate": 1.0}),
            "sklearn.ensemble.AdaBoostClassifier",
            json!({}),
        ),
        boosting(),
        Pair {
            name: "gradient boosting, 400 x depth 6",
            family: Family::GradientBoosting,
            ours: json!({"n_estimators": 400, "learning_rate": 0.1, "max_depth": 6, "subsample": 0.8}),
            theirs: deep_boosting(),
        },
        pair(
            "logistic regression, C 1",
            Family::LogisticRegression,
            json!({"C": 1.0}),
            "sklearn.linear_model.LogisticRegression",
            json!({}),
        ),
        pair(
            "k nearest neighbours, k 5",
            Family::Knn,
            json!({"k": 5, "weights": "uniform"}),
            "sklearn.neighbors.KNeighborsClassifier",
            json!({}),
        ),
        Pair {
            name: "LightGBM, 100 x 31 leaves (ours: gradient boosting, 100 x depth 6)",
            family: Family::GradientBoosting,
            ours: like_lightgbm(),
            theirs: lightgbm(),
        },
    ]
}

/// An answer of `fit` in `server.py`.
#[derive(Deserialize)]
pub struct Fitted {
    fit_s: f64,
    predict_s: f64,
    /// F1 on the hold-out.
    pub f1: f64,
}

#[derive(Deserialize)]
struct Scored {
    f1: f64,
}

/// Prints the table.
///
/// # Errors
/// When a fit fails on either side.
pub fn measure(args: &Args, workspace: &Workspace, server: &mut Server) -> Result<()> {
    println!("\n## Families\n");
    println!("Median of {}, ours and theirs in turn; of theirs the faster of one thread and {THREADS}.", args.rounds());
    let split = workspace.split(None)?;
    server.ask::<Value>("load", split.write("families", workspace.scratch())?)?;
    let mut rows = Vec::new();
    for pair in pairs() {
        eprintln!("families: {}", pair.name);
        rows.push(row(&pair, &split, server, args.rounds())?);
    }
    table::print(
        &[
            "Model",
            "fit, ours",
            "theirs",
            "ratio",
            "predict, ours",
            "theirs",
            "ratio",
            "cv F1, ours",
            "theirs",
            "test F1, ours",
            "theirs",
        ],
        &rows,
    );
    Ok(())
}

fn row(pair: &Pair, split: &Split, server: &mut Server, rounds: usize) -> Result<Vec<String>> {
    let (data, holdout) = (split.dataset(), split.holdout());
    let request = json!({"split": "families", "model": pair.theirs, "threads": THREADS});
    // Scored first: it warms both sides up.
    let cv = split.cross_validate(pair.family, &pair.ours)?;
    let their_cv: Scored = server.ask("cross_validate", request.clone())?;
    let (mut fit, mut predict, mut f1) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()], [0.0; 2]);
    for _ in 0..rounds {
        let (fit_s, fitted) = ours::timed_short(|| ours::fit(pair.family, &pair.ours, &data))?;
        let (predict_s, probabilities) = ours::timed_short(|| Ok(ours::predict(&fitted, &holdout.rows)))?;
        let theirs: Fitted = server.ask("fit", request.clone())?;
        fit[0].push(fit_s);
        fit[1].push(theirs.fit_s);
        predict[0].push(predict_s);
        predict[1].push(theirs.predict_s);
        f1 = [ours::f1(&holdout.labels, &probabilities), theirs.f1];
    }
    let [fit, predict] = [fit, predict].map(|sides| sides.map(table::median));
    let times = |[ours, theirs]: [f64; 2]| [table::time(ours), table::time(theirs), table::ratio(ours, theirs)];
    let scores = [cv, their_cv.f1, f1[0], f1[1]].map(table::f1);
    Ok([pair.name.to_owned()].into_iter().chain(times(fit)).chain(times(predict)).chain(scores).collect())
}
