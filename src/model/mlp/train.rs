//! Training a network: mini-batches, AdamW, and an average over the weights of late steps.

use super::Parameters;
use super::net::{Inputs, Net, Scratch};
use crate::dataset::Dataset;
use crate::model::{Fit, FitError, sigmoid};
use crate::random::Stream;

/// How much of the running means of the gradient and of its square is kept at a step (Kingma and Ba 2015, algorithm 1,
/// whose values these are).
const KEPT: [f32; 2] = [0.9, 0.999];
/// Keeps a step finite where there never was a gradient (there as well).
const EPSILON: f32 = 1e-8;
/// How much more late steps count in the average: step `s` of `t` counts about `(s / t)` to this power.
const LATENESS: f64 = 8.0;
/// Rows between two looks at whether the fit should end.
const LOOK_EVERY: usize = 64;
/// Weights beyond this have left every sensible bound; below it no sum of a row can leave the range of `f32`.
const LARGEST: f32 = 1e6;

/// What a network is trained on.
pub(super) struct Rows<'a> {
    data: &'a Dataset,
    inputs: &'a Inputs,
    /// What each row counts; 1 on average.
    weight: Vec<f64>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(data: &'a Dataset, inputs: &'a Inputs) -> Self {
        let mut weight = data.weights().into_owned();
        let mean = weight.iter().sum::<f64>() / weight.len() as f64;
        weight.iter_mut().for_each(|w| *w /= mean);
        Self { data, inputs, weight }
    }
}

/// A network in training.
pub(super) struct Member {
    net: Net,
    /// The average of its weights so far.
    average: Net,
    /// Of the batch at hand.
    gradient: Net,
    /// Running mean of the gradient.
    mean: Net,
    /// Running mean of its square.
    square: Net,
    scratch: Scratch,
    stream: Stream,
    /// The rows, in the order of the next epoch.
    order: Vec<u32>,
    steps: u64,
    /// How much of the running means still is the zero that they started from.
    unlearnt: [f64; 2],
}

/// What a step does to every weight.
#[derive(Clone, Copy)]
struct Step {
    /// The learning rate, corrected for what the running mean of the gradient still lacks.
    rate: f32,
    /// The same correction for the square.
    square: f32,
    /// How much of a weight is taken off.
    decay: f32,
    /// How much the new weights count in the average.
    share: f32,
}

impl Member {
    pub(super) fn new(params: &Parameters, data: &Dataset, mut stream: Stream) -> Self {
        let zero = Net::zero(data, &params.hidden);
        let mut net = zero.clone();
        net.draw(data.width(), &mut stream);
        Self {
            average: net.clone(),
            scratch: net.scratch(),
            net,
            gradient: zero.clone(),
            mean: zero.clone(),
            square: zero,
            stream,
            order: (0..data.len() as u32).collect(),
            steps: 0,
            unlearnt: [1.0; 2],
        }
    }

    /// The network with averaged weights.
    pub(super) fn average(&self) -> &Net {
        &self.average
    }

    /// One pass over the rows in a new order; the mean log loss met on the way.
    pub(super) fn epoch(&mut self, params: &Parameters, rows: &Rows<'_>, fit: &Fit<'_>) -> Result<f64, FitError> {
        self.stream.shuffle(&mut self.order);
        let n = self.order.len();
        // Batches of even size: a few rows left over would make a step as long as a whole batch does.
        let batches = n.div_ceil(params.batch as usize);
        let mut loss = 0.0;
        for batch in 0..batches {
            loss += self.batch(batch * n / batches..(batch + 1) * n / batches, params.dropout, rows, fit)?;
            self.step(params);
        }
        let within = |values: &[f32]| values.iter().all(|v| v.abs() <= LARGEST);
        if !loss.is_finite() || !self.average.layers().all(|layer| within(&layer.weights) && within(&layer.biases)) {
            let reason = "the weights of the network left all bounds: the learning_rate is too high for these rows";
            return Err(FitError::Impossible(reason.to_owned()));
        }
        Ok(loss / n as f64)
    }

    /// The gradient of the mean loss of some rows, named by their places in the order; the sum of their losses.
    pub(super) fn batch(
        &mut self,
        places: std::ops::Range<usize>,
        dropout: f64,
        rows: &Rows<'_>,
        fit: &Fit<'_>,
    ) -> Result<f64, FitError> {
        for layer in self.gradient.layers_mut() {
            layer.weights.fill(0.0);
            layer.biases.fill(0.0);
        }
        // Sixteen random bits decide on a unit. Those that are kept speak louder, so that the next layer hears as much
        // as it will without dropout (Srivastava et al. 2014, section 10).
        let kept = ((1.0 - dropout) * 65_536.0).round().max(1.0);
        let louder = (65_536.0 / kept) as f32;
        let stream = &mut self.stream;
        let mut drop = |units: &mut [f32]| {
            for four in units.chunks_mut(4) {
                let mut bits = stream.bits();
                for unit in four {
                    *unit = if (bits & 0xffff) < kept as u64 { *unit * louder } else { 0.0 };
                    bits >>= 16;
                }
            }
        };
        let mut loss = 0.0;
        for (nth, i) in self.order[places.clone()].iter().enumerate() {
            if nth % LOOK_EVERY == 0 {
                fit.check()?;
            }
            let i = *i as usize;
            let row = rows.data.row(i);
            let active = self.scratch.active();
            let score = f64::from(if dropout > 0.0 {
                self.net.log_odds(rows.inputs, row, active, &mut drop)
            } else {
                self.net.log_odds(rows.inputs, row, active, |_| {})
            });
            let label = f64::from(rows.data.label[i]);
            // ln(1 + e^x) without overflow.
            let softplus = score.max(0.0) + (-score.abs()).exp().ln_1p();
            loss += rows.weight[i] * (softplus - label * score);
            let slope = rows.weight[i] * (sigmoid(score) - label) / places.len() as f64;
            self.net.backward(rows.inputs, row, slope as f32, louder, &mut self.scratch, &mut self.gradient);
        }
        Ok(loss)
    }

    /// A step of AdamW against the gradient (Loshchilov and Hutter 2019, algorithm 2), biases without decay.
    ///
    /// The averaging is Shamir and Zhang's (2013, section 4, "polynomial-decay averaging"): it settles the noise of the
    /// steps as a falling learning rate would, but without knowing how many are to come.
    fn step(&mut self, params: &Parameters) {
        self.steps += 1;
        for (unlearnt, kept) in self.unlearnt.iter_mut().zip(KEPT) {
            *unlearnt *= f64::from(kept);
        }
        let step = Step {
            rate: (params.learning_rate / (1.0 - self.unlearnt[0])) as f32,
            square: (1.0 / (1.0 - self.unlearnt[1])) as f32,
            decay: (params.learning_rate * params.alpha) as f32,
            share: ((LATENESS + 1.0) / (self.steps as f64 + LATENESS)) as f32,
        };
        let layers = self
            .net
            .layers_mut()
            .zip(self.average.layers_mut())
            .zip(self.mean.layers_mut())
            .zip(self.square.layers_mut())
            .zip(self.gradient.layers());
        for ((((layer, average), mean), square), gradient) in layers {
            step.take(
                &mut layer.weights,
                &mut average.weights,
                &mut mean.weights,
                &mut square.weights,
                &gradient.weights,
            );
            let step = Step { decay: 0.0, ..step };
            step.take(&mut layer.biases, &mut average.biases, &mut mean.biases, &mut square.biases, &gradient.biases);
        }
    }

    #[cfg(test)]
    pub(super) fn gradient(&self) -> &Net {
        &self.gradient
    }
}

impl Step {
    fn take(self, values: &mut [f32], average: &mut [f32], mean: &mut [f32], square: &mut [f32], gradient: &[f32]) {
        let all = values.iter_mut().zip(average).zip(mean).zip(square).zip(gradient);
        for ((((value, average), mean), square), gradient) in all {
            *mean += (1.0 - KEPT[0]) * (gradient - *mean);
            *square += (1.0 - KEPT[1]) * (gradient * gradient - *square);
            *value -= self.decay * *value + self.rate * *mean / ((*square * self.square).sqrt() + EPSILON);
            *average += self.share * (*value - *average);
        }
    }
}
