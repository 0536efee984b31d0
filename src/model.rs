//! The model families. A fitted model is plain data; its file carries no run id, time or duration, so the same rows
//! and seed give the same bytes.

pub mod adaboost;
pub mod forest;
pub mod gradient_boosting;
pub mod knn;
pub mod logistic;
pub mod tree;

use crate::dataset::{Dataset, Row};
use crate::event::{Family, Params};
use crate::{Result, files};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a model could not be fitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FitError {
    /// Someone asked to stop.
    Cancelled,
    /// The rows or the parameters do not allow it, for this reason.
    Impossible(String),
}

/// What a fit is told, and whom it tells how far it is.
pub struct Fit<'a> {
    /// The run's seed.
    pub seed: u64,
    /// What the fit is for; gives it a random stream of its own.
    pub purpose: &'a str,
    /// Set when the fit should end early.
    pub stop: &'a AtomicBool,
    /// Called with steps done, steps in all, and the training loss where there is one.
    pub progress: &'a (dyn Fn(u32, u32, Option<f64>) + Sync),
}

impl Fit<'_> {
    /// Ends the fit if it should end.
    ///
    /// # Errors
    /// [`FitError::Cancelled`] when someone asked to stop.
    pub fn check(&self) -> Result<(), FitError> {
        if self.stop.load(Ordering::Relaxed) { Err(FitError::Cancelled) } else { Ok(()) }
    }
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Model {
    /// Logistic regression.
    LogisticRegression(logistic::Logistic),
    /// K nearest neighbours.
    Knn(knn::Knn),
    /// One tree.
    DecisionTree(tree::Tree),
    /// A random forest.
    RandomForest(forest::Forest),
    /// Boosted trees, discrete.
    #[serde(rename = "adaboost")]
    AdaBoost(adaboost::AdaBoost),
    /// Boosted trees, by gradient.
    GradientBoosting(gradient_boosting::GradientBoosting),
}

impl Model {
    /// Fits a family.
    ///
    /// # Errors
    /// When someone asked to stop, or the rows do not allow a model.
    pub fn fit(family: Family, params: &Params, data: &Dataset, fit: &Fit<'_>) -> Result<Self, FitError> {
        if !data.has_both_labels() {
            return Err(FitError::Impossible("the training rows have one label only".to_owned()));
        }
        Ok(match family {
            Family::LogisticRegression => Model::LogisticRegression(logistic::fit(&read(params)?, data, fit)?),
            Family::Knn => Model::Knn(knn::fit(&read(params)?, data)),
            Family::DecisionTree => Model::DecisionTree(tree::fit(&read(params)?, data, fit)?),
            Family::RandomForest => Model::RandomForest(forest::fit(&read(params)?, data, fit)?),
            Family::AdaBoost => Model::AdaBoost(adaboost::fit(&read(params)?, data, fit)?),
            Family::GradientBoosting => Model::GradientBoosting(gradient_boosting::fit(&read(params)?, data, fit)?),
        })
    }

    /// The probability of the positive class for a row, 0 to 1.
    pub fn probability(&self, row: Row<'_>) -> f64 {
        match self {
            Model::LogisticRegression(model) => model.probability(row),
            Model::Knn(model) => model.probability(row),
            Model::DecisionTree(model) => model.value(row.codes),
            Model::RandomForest(model) => model.probability(row.codes),
            Model::AdaBoost(model) => model.probability(row.codes),
            Model::GradientBoosting(model) => model.probability(row.codes),
        }
    }
}

/// A model in its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Format number.
    pub v: u32,
    /// The parameters it was fitted with.
    pub params: Params,
    /// The model.
    pub model: Model,
}

impl ModelFile {
    /// Reads a model file.
    ///
    /// # Errors
    /// When it cannot be read, or was written by a newer netsec.
    pub fn read(path: &Path) -> Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        let Versioned { v } = files::read_json(path)?;
        if v != 1 {
            return Err(crate::Error::data(format!(
                "{}: model format {v}; this netsec reads format 1",
                path.display()
            ))
            .hint("use the netsec that wrote it"));
        }
        files::read_json(path)
    }
}

fn read<T: DeserializeOwned>(params: &Params) -> Result<T, FitError> {
    parse(params).map_err(FitError::Impossible)
}

fn parse<T: DeserializeOwned>(params: &Params) -> Result<T, String> {
    let map = params.0.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    serde_json::from_value(serde_json::Value::Object(map)).map_err(|e| e.to_string())
}

/// Holds parameters against what a family knows.
///
/// # Errors
/// The reason, when a name is unknown or a value does not fit.
pub fn check_params(family: Family, params: &Params) -> Result<(), String> {
    match family {
        Family::LogisticRegression => parse::<logistic::Parameters>(params)?.check(),
        Family::Knn => parse::<knn::Parameters>(params)?.check(),
        Family::DecisionTree => parse::<tree::Parameters>(params)?.check(),
        Family::RandomForest => parse::<forest::Parameters>(params)?.check(),
        Family::AdaBoost => parse::<adaboost::Parameters>(params)?.check(),
        Family::GradientBoosting => parse::<gradient_boosting::Parameters>(params)?.check(),
    }
}

/// Turns a condition into a reason.
fn require(condition: bool, what: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(what.to_owned()) }
}

/// The logistic function.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests;
