//! The model families. A fitted model is plain data; its file carries no run id, time or duration, so the same rows
//! and seed give the same bytes.

pub mod adaboost;
pub mod blend;
pub mod forest;
pub mod gradient_boosting;
pub mod knn;
pub mod logistic;
pub mod mlp;
pub mod naive_bayes;
pub mod svm;
pub mod tree;

use crate::calibrate::{Calibration, sigmoid};
use crate::dataset::{Dataset, Encoded, Row};
use crate::error::IoContext;
use crate::event::{Family, Params};
use crate::metrics::{THRESHOLD, Wish};
use crate::resample::{Resampling, resample};
use crate::{Error, Result, files};
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
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

/// Is told how far a fit is.
pub type Progress<'a> = dyn Fn(u32, u32, &dyn Fn() -> Option<f64>) + Sync + 'a;

/// What a fit is told, and whom it tells how far it is.
pub struct Fit<'a> {
    /// The run's seed.
    pub seed: u64,
    /// What the fit is for; gives it a random stream of its own.
    pub purpose: &'a str,
    /// Set when the fit should end early.
    pub stop: &'a AtomicBool,
    /// Called with steps done, steps in all, and what gives the training loss where there is one: it may cost a pass
    /// over the rows.
    pub progress: &'a Progress<'a>,
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

/// Room that scoring a row needs, kept between rows so that none is allocated for each.
#[derive(Debug, Default)]
pub struct Scratch {
    knn: knn::Room,
    mlp: Vec<f32>,
}

/// A fitted model. In its file it stands under its family's name: with the name inside it, a reader would have to hold
/// all of it before knowing what it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Logistic regression.
    LogisticRegression(logistic::Logistic),
    /// K nearest neighbours.
    Knn(knn::Knn),
    /// One tree.
    DecisionTree(tree::DecisionTree),
    /// A random forest.
    RandomForest(forest::Forest),
    /// Boosted trees, discrete.
    #[serde(rename = "adaboost")]
    AdaBoost(adaboost::AdaBoost),
    /// Boosted trees, by gradient.
    GradientBoosting(gradient_boosting::GradientBoosting),
    /// A blend of others.
    Blend(blend::Blend),
    /// A multilayer perceptron.
    NeuralNetwork(mlp::Mlp),
    /// Naive Bayes.
    NaiveBayes(naive_bayes::NaiveBayes),
    /// A support vector machine.
    Svm(svm::Svm),
}

impl Model {
    /// Fits a family. `params` may hold `resampling`, which is applied to `data` first.
    ///
    /// # Errors
    /// When someone asked to stop, or the rows do not allow a model.
    pub fn fit(family: Family, params: &Params, data: &Dataset, fit: &Fit<'_>) -> Result<Self, FitError> {
        let (params, data) = prepare(params, data, fit)?;
        let (params, data) = (&params, data.as_ref());
        Ok(match family {
            Family::LogisticRegression => Model::LogisticRegression(logistic::fit(&read(params)?, data, fit)?),
            Family::Knn => Model::Knn(knn::fit(&read(params)?, data, fit)),
            Family::DecisionTree => Model::DecisionTree(tree::fit(&read(params)?, data, fit)?),
            Family::RandomForest => Model::RandomForest(forest::fit(&read(params)?, data, fit)?),
            Family::AdaBoost => Model::AdaBoost(adaboost::fit(&read(params)?, data, fit)?),
            Family::GradientBoosting => Model::GradientBoosting(gradient_boosting::fit(&read(params)?, data, fit)?),
            Family::NaiveBayes => Model::NaiveBayes(naive_bayes::fit(&read(params)?, data, fit)?),
            Family::Svm => Model::Svm(svm::fit(&read(params)?, data, fit)?),
            Family::Blend => {
                return Err(FitError::Impossible("a blend is made of models that are fitted".to_owned()));
            }
            Family::NeuralNetwork => Model::NeuralNetwork(mlp::fit(&read(params)?, data, fit)?),
        })
    }

    /// Fits a family once and scores `rows` after each of the stages: values, ascending, of the parameter that
    /// [`Family::staged_by`] names, whose value in `params` is passed over. The scores at a stage are those of a fit
    /// that ends there. Without stages there is one list of scores.
    ///
    /// # Errors
    /// As [`Model::fit`].
    pub fn staged(
        family: Family,
        params: &Params,
        stages: &[u32],
        data: &Dataset,
        rows: &Encoded,
        fit: &Fit<'_>,
    ) -> Result<Vec<Vec<f64>>, FitError> {
        let (Some(name), Some(last)) = (family.staged_by(), stages.last()) else {
            let model = Self::fit(family, params, data, fit)?;
            fit.check()?;
            return Ok(vec![model.probabilities(rows)]);
        };
        let mut params = params.clone();
        params.0.insert(name.to_owned(), (*last).into());
        if family == Family::NeuralNetwork {
            let (params, data) = prepare(&params, data, fit)?;
            let mut scores = Vec::with_capacity(stages.len());
            mlp::fit_staged(&read(&params)?, stages, &data, fit, &mut |_, net| {
                scores.push(Model::NeuralNetwork(net.clone()).probabilities(rows));
            })?;
            return Ok(scores);
        }
        let model = Self::fit(family, &params, data, fit)?;
        fit.check()?;
        Ok(match &model {
            Model::RandomForest(model) => model.staged(rows, stages),
            Model::AdaBoost(model) => model.staged(rows, stages),
            Model::GradientBoosting(model) => model.staged(rows, stages),
            other => vec![other.probabilities(rows); stages.len()],
        })
    }

    /// The probability of the positive class for a row, 0 to 1.
    pub fn probability(&self, row: Row<'_>, scratch: &mut Scratch) -> f64 {
        match self {
            Model::LogisticRegression(model) => model.probability(row),
            Model::Knn(model) => model.probability(row, &mut scratch.knn),
            Model::DecisionTree(model) => model.tree.value(row.codes),
            Model::RandomForest(model) => model.probability(row.codes),
            Model::AdaBoost(model) => model.probability(row.codes),
            Model::GradientBoosting(model) => model.probability(row.codes),
            Model::NeuralNetwork(model) => model.probability(row, &mut scratch.mlp),
            Model::NaiveBayes(model) => model.probability(row),
            Model::Blend(model) => model.probability(row, scratch),
            Model::Svm(model) => model.probability(row),
        }
    }

    /// The probability of the positive class for many rows, on all threads.
    pub fn probabilities(&self, rows: &Encoded) -> Vec<f64> {
        let whole = |mut stages: Vec<Vec<f64>>| stages.pop().unwrap_or_default();
        match self {
            Model::RandomForest(model) => whole(model.staged(rows, &[u32::MAX])),
            Model::AdaBoost(model) => whole(model.staged(rows, &[u32::MAX])),
            Model::GradientBoosting(model) => whole(model.staged(rows, &[u32::MAX])),
            Model::Blend(model) => model.probabilities(rows),
            _ => {
                let mut scores = vec![0.0; rows.len()];
                scores.par_chunks_mut(tree::BLOCK).enumerate().for_each_init(
                    Scratch::default,
                    |scratch, (block, scores)| {
                        for (i, score) in scores.iter_mut().enumerate() {
                            *score = self.probability(rows.row(block * tree::BLOCK + i), scratch);
                        }
                    },
                );
                scores
            }
        }
    }

    /// For tree models, each feature's share of the impurity decrease.
    pub fn gain(&self) -> Option<&[f64]> {
        match self {
            Model::DecisionTree(model) => Some(&model.gain),
            Model::RandomForest(model) => Some(&model.gain),
            Model::AdaBoost(model) => Some(&model.gain),
            Model::GradientBoosting(model) => Some(&model.gain),
            _ => None,
        }
    }

    /// For tree models, the score as a sum over the trees.
    pub(crate) fn summed(&self) -> Option<tree::Summed<'_>> {
        match self {
            Model::DecisionTree(model) => Some(model.summed()),
            Model::RandomForest(model) => Some(model.summed()),
            Model::AdaBoost(model) => Some(model.summed()),
            Model::GradientBoosting(model) => Some(model.summed()),
            _ => None,
        }
    }

    /// For models that keep training rows: how many they keep, of how many.
    pub fn kept(&self) -> Option<[u64; 2]> {
        match self {
            Model::Knn(model) => Some(model.kept()),
            Model::Svm(model) => Some([model.kept() as u64, model.vectors() as u64]),
            _ => None,
        }
    }
}

/// The format of model files that this version writes, and the only one it reads.
const VERSION: u32 = 3;

/// A model in its file: the fitted model, and what turns its scores into verdicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// Format number.
    pub v: u32,
    /// The parameters it was fitted with.
    pub params: Params,
    /// The probability from which a row is called positive.
    pub threshold: f64,
    /// What the threshold was chosen for; none for the default one.
    pub wish: Option<Wish>,
    /// Turns the model's scores into probabilities; none where they are taken as they are.
    pub calibration: Option<Calibration>,
    /// The model.
    pub model: Model,
}

impl ModelFile {
    /// A model with the default threshold.
    pub fn new(params: Params, calibration: Option<Calibration>, model: Model) -> Self {
        Self { v: VERSION, params, threshold: THRESHOLD, wish: None, calibration, model }
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// When it cannot be read, or was written by another version of netsec.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(path, &std::fs::read(path).at("reading", path)?)
    }

    /// As [`ModelFile::read`], with the SHA-256 of the file: it tells models apart, and thresholds of one model.
    ///
    /// # Errors
    /// As [`ModelFile::read`].
    pub fn read_hashed(path: &Path) -> Result<(Self, String)> {
        let content = std::fs::read(path).at("reading", path)?;
        Ok((Self::parse(path, &content)?, files::sha256_hex(&content)))
    }

    fn parse(path: &Path, content: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        files::parse_json::<Self>(path, content).map_err(|error| match files::parse_json(path, content) {
            Ok(Versioned { v }) if v != VERSION => {
                let way_out = if v > VERSION { "use the netsec that wrote it" } else { "train again" };
                Error::data(format!("{}: model format {v}; this netsec reads format {VERSION}", path.display()))
                    .hint(way_out)
            }
            _ => error,
        })
    }

    /// The probability of the positive class for a row, 0 to 1.
    pub fn probability(&self, row: Row<'_>, scratch: &mut Scratch) -> f64 {
        self.believed(self.model.probability(row, scratch))
    }

    /// The probability of the positive class for many rows, on all threads.
    pub fn probabilities(&self, rows: &Encoded) -> Vec<f64> {
        let mut scores = self.model.probabilities(rows);
        if self.calibration.is_some() {
            scores.iter_mut().for_each(|score| *score = self.believed(*score));
        }
        scores
    }

    fn believed(&self, score: f64) -> f64 {
        self.calibration.as_ref().map_or(score, |c| c.apply(score))
    }
}

/// The name of the parameter that every family takes.
pub(crate) const RESAMPLING: &str = "resampling";

fn resampling(params: &Params) -> Result<Resampling, String> {
    match params.0.get(RESAMPLING) {
        None => Ok(Resampling::None),
        Some(value) => serde_json::from_value(value.clone()).map_err(|e| format!("{RESAMPLING}: {e}")),
    }
}

/// Whether a model with these parameters is shown other class shares than the rows have, so that its scores are no
/// probabilities until they are calibrated.
pub fn distorts(params: &Params) -> bool {
    resampling(params).is_ok_and(Resampling::distorts)
}

fn without_resampling(params: &Params) -> Params {
    let mut own = params.clone();
    own.0.remove(RESAMPLING);
    own
}

/// The family's own parameters, and the rows as it is to see them.
fn prepare<'a>(params: &Params, data: &'a Dataset, fit: &Fit<'_>) -> Result<(Params, Cow<'a, Dataset>), FitError> {
    if !data.has_both_labels() {
        return Err(FitError::Impossible("the training rows have one label only".to_owned()));
    }
    let how = resampling(params).map_err(FitError::Impossible)?;
    let data = resample(data, how, fit.seed, fit.purpose).map_err(FitError::Impossible)?;
    fit.check()?;
    Ok((without_resampling(params), data))
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
    resampling(params)?;
    let params = &without_resampling(params);
    match family {
        Family::LogisticRegression => parse::<logistic::Parameters>(params)?.check(),
        Family::Knn => parse::<knn::Parameters>(params)?.check(),
        Family::DecisionTree => parse::<tree::Parameters>(params)?.check(),
        Family::RandomForest => parse::<forest::Parameters>(params)?.check(),
        Family::AdaBoost => parse::<adaboost::Parameters>(params)?.check(),
        Family::GradientBoosting => parse::<gradient_boosting::Parameters>(params)?.check(),
        Family::NaiveBayes => parse::<naive_bayes::Parameters>(params)?.check(),
        Family::Svm => parse::<svm::Parameters>(params)?.check(),
        Family::NeuralNetwork => parse::<mlp::Parameters>(params)?.check(),
        Family::Blend => parse::<blend::Parameters>(params)?.check(),
    }
}

/// How many families a blend with these parameters takes.
pub(crate) fn blended_families(params: &Params) -> Option<usize> {
    parse::<blend::Parameters>(params).ok().map(|p| p.families as usize)
}

/// Turns a condition into a reason.
fn require(condition: bool, what: &str) -> Result<(), String> {
    if condition { Ok(()) } else { Err(what.to_owned()) }
}

#[cfg(test)]
mod tests;
