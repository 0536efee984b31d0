//! A multilayer perceptron: one or two hidden layers of rectified units, log loss, trained by AdamW on mini-batches
//! (Goodfellow, Bengio and Courville 2016, chapters 6 to 8), or several that differ in their random streams and vote
//! (Hansen and Salamon 1990, "Neural network ensembles").
//!
//! Nothing in training depends on how many epochs are to come, so a longer fit passes through every shorter one.

mod net;
mod train;

use super::{Fit, FitError, require, sigmoid};
use crate::dataset::{Dataset, Row};
use crate::random::Stream;
use net::{Inputs, Net};
use serde::{Deserialize, Serialize};
use train::{Member, Rows};

/// Most units of a hidden layer.
const WIDEST: u32 = 1024;

/// A fitted model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mlp {
    inputs: Inputs,
    members: Vec<Net>,
}

impl Mlp {
    /// The probability of the positive class for a row: the mean of those of the members. `scratch` is room to work
    /// in; what is in it does not matter, and one that is handed in again spares an allocation.
    pub fn probability(&self, row: Row<'_>, scratch: &mut Vec<f32>) -> f64 {
        let mut sum = 0.0;
        for net in &self.members {
            scratch.resize(net.units(), 0.0);
            sum += sigmoid(f64::from(net.log_odds(&self.inputs, row, scratch, |_| {})));
        }
        sum / self.members.len() as f64
    }
}

/// Parameters of the perceptron.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Units of each hidden layer: one or two numbers.
    hidden: Vec<u32>,
    /// Passes over the rows.
    epochs: u32,
    /// Length of a step.
    learning_rate: f64,
    /// Weight decay: each step takes `learning_rate * alpha` of every weight off it.
    alpha: f64,
    /// Share of the hidden units left out at a row in training.
    #[serde(default)]
    dropout: f64,
    /// Most rows to a step.
    #[serde(default = "sixty_four")]
    batch: u32,
    /// Networks that are averaged.
    #[serde(default = "one")]
    members: u32,
}

fn sixty_four() -> u32 {
    64
}

fn one() -> u32 {
    1
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(matches!(self.hidden.len(), 1 | 2), "hidden must be a list of one or two numbers of units")?;
        require(
            self.hidden.iter().all(|units| (1..=WIDEST).contains(units)),
            &format!("hidden must have 1 to {WIDEST} units in a layer"),
        )?;
        require(self.epochs > 0, "epochs must be at least 1")?;
        require(self.learning_rate > 0.0 && self.learning_rate.is_finite(), "learning_rate must be above 0")?;
        require(
            self.alpha >= 0.0 && self.learning_rate * self.alpha < 1.0,
            "alpha must be at least 0, and below 1 when multiplied with learning_rate",
        )?;
        require(self.dropout >= 0.0 && self.dropout < 1.0, "dropout must be at least 0 and below 1")?;
        require(self.batch > 0, "batch must be at least 1")?;
        require(self.members > 0, "members must be at least 1")
    }
}

/// Fits the model.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<Mlp, FitError> {
    let mut fitted = None;
    fit_staged(params, &[params.epochs], data, fit, &mut |_, model| fitted = Some(model.clone()))?;
    fitted.ok_or_else(|| FitError::Impossible("there was no epoch to train for".to_owned()))
}

/// Fits the model for as many epochs as the last of `stages`, which ascend, and calls `each` at every stage with its
/// place among them and the model as it stands: to the byte the one that [`fit`] gives with so many epochs. The epochs
/// in `params` are not looked at.
pub(super) fn fit_staged(
    params: &Parameters,
    stages: &[u32],
    data: &Dataset,
    fit: &Fit<'_>,
    each: &mut dyn FnMut(usize, &Mlp),
) -> Result<(), FitError> {
    let inputs = Inputs::of(data);
    let rows = Rows::new(data, &inputs);
    let mut members: Vec<Member> = (0..params.members)
        .map(|nth| {
            let stream = Stream::new(fit.seed, &[fit.purpose, "neural network", &format!("member {nth}")]);
            Member::new(params, data, stream)
        })
        .collect();
    let epochs = stages.last().copied().unwrap_or(0);
    let mut done = 0;
    for (nth, stage) in stages.iter().enumerate() {
        while done < *stage {
            let mut loss = 0.0;
            for member in &mut members {
                loss += member.epoch(params, &rows, fit)?;
            }
            done += 1;
            (fit.progress)(done, epochs, &|| Some(loss / members.len() as f64));
        }
        let members = members.iter().map(|member| member.average().clone()).collect();
        each(nth, &Mlp { inputs: inputs.clone(), members });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
