//! One network: what it says of a row, and how its loss on a row changes with each weight (Rumelhart, Hinton and
//! Williams 1986).

use crate::dataset::{Dataset, Row};
use crate::random::Stream;
use serde::{Deserialize, Serialize};

/// Standard deviations from the mean at which a number is cut off: one wild value must not drown all other inputs.
const FARTHEST: f64 = 10.0;
/// Sums that a dot product keeps side by side, so that the compiler may take them at once without changing a bit.
const LANES: usize = 8;

/// How a row becomes inputs: an indicator for each level of a categorical feature, then the numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inputs {
    /// First input of each feature; none for numeric ones.
    start: Vec<Option<u32>>,
    /// Inputs before the numbers.
    indicators: u32,
}

impl Inputs {
    pub(super) fn of(data: &Dataset) -> Self {
        let (start, indicators) = data.indicators(0);
        Self { start, indicators }
    }

    /// Calls `each` with every input of a row that is not zero, and its value if that is a number: others are 1.
    fn each(&self, row: Row<'_>, mut each: impl FnMut(usize, Option<f32>)) {
        for (start, code) in self.start.iter().zip(row.codes) {
            if let Some(start) = start {
                each(*start as usize + *code as usize, None);
            }
        }
        for (i, number) in row.numbers.iter().enumerate() {
            each(self.indicators as usize + i, Some(number.clamp(-FARTHEST, FARTHEST) as f32));
        }
    }
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layer {
    /// Input by input, its weights to each unit.
    pub(super) weights: Vec<f32>,
    /// One for each unit.
    pub(super) biases: Vec<f32>,
}

impl Layer {
    fn zero(inputs: usize, units: usize) -> Self {
        Self { weights: vec![0.0; inputs * units], biases: vec![0.0; units] }
    }

    fn units(&self) -> usize {
        self.biases.len()
    }

    /// The weights of an input.
    fn of(&self, input: usize) -> &[f32] {
        &self.weights[input * self.units()..(input + 1) * self.units()]
    }

    fn of_mut(&mut self, input: usize) -> &mut [f32] {
        let units = self.units();
        &mut self.weights[input * units..(input + 1) * units]
    }
}

/// The layers of a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Net {
    /// From the inputs on; at least one. Units say what comes in where that is above 0, and 0 elsewhere.
    pub(super) hidden: Vec<Layer>,
    /// A single unit: the log-odds.
    pub(super) output: Layer,
}

/// Room for the work on one row.
pub(super) struct Scratch {
    /// What each hidden unit says, layer by layer.
    active: Vec<f32>,
    /// How the loss changes with what comes into each of them.
    slope: Vec<f32>,
}

impl Net {
    /// A network of zeros.
    pub(super) fn zero(data: &Dataset, hidden: &[u32]) -> Self {
        let mut inputs = data.levels.iter().zip(&data.numeric).map(|(l, n)| if *n { 1 } else { usize::from(*l) }).sum();
        let hidden = hidden
            .iter()
            .map(|units| {
                let layer = Layer::zero(inputs, *units as usize);
                inputs = layer.units();
                layer
            })
            .collect();
        Self { hidden, output: Layer::zero(inputs, 1) }
    }

    /// Draws weights whose spread lets what the units say neither grow nor fade from layer to layer (He et al. 2015,
    /// section 2.2, here uniform). Of the indicators of a feature one is on: it counts as a single input.
    pub(super) fn draw(&mut self, features: usize, stream: &mut Stream) {
        let mut inputs = features;
        for layer in self.layers_mut() {
            let limit = (6.0 / inputs.max(1) as f64).sqrt();
            for weight in &mut layer.weights {
                *weight = ((2.0 * stream.unit() - 1.0) * limit) as f32;
            }
            inputs = layer.units();
        }
    }

    pub(super) fn layers(&self) -> impl Iterator<Item = &Layer> {
        self.hidden.iter().chain([&self.output])
    }

    pub(super) fn layers_mut(&mut self) -> impl Iterator<Item = &mut Layer> {
        self.hidden.iter_mut().chain([&mut self.output])
    }

    /// Hidden units in all.
    pub(super) fn units(&self) -> usize {
        self.hidden.iter().map(Layer::units).sum()
    }

    pub(super) fn scratch(&self) -> Scratch {
        Scratch { active: vec![0.0; self.units()], slope: vec![0.0; self.units()] }
    }

    /// The log-odds of a row. Each hidden unit leaves what it says in `active`; `alter` may change that, layer by
    /// layer, before the next one hears it.
    pub(super) fn log_odds(
        &self,
        inputs: &Inputs,
        row: Row<'_>,
        active: &mut [f32],
        mut alter: impl FnMut(&mut [f32]),
    ) -> f32 {
        let (mut before, mut rest): (&[f32], &mut [f32]) = (&[], active);
        for (nth, layer) in self.hidden.iter().enumerate() {
            let (own, further) = rest.split_at_mut(layer.units());
            own.copy_from_slice(&layer.biases);
            if nth == 0 {
                inputs.each(row, |input, number| match number {
                    None => add(own, layer.of(input)),
                    Some(number) => add_scaled(own, number, layer.of(input)),
                });
            } else {
                for (input, value) in before.iter().enumerate().filter(|(_, value)| **value > 0.0) {
                    add_scaled(own, *value, layer.of(input));
                }
            }
            for value in own.iter_mut() {
                *value = value.max(0.0);
            }
            alter(own);
            (before, rest) = (own, further);
        }
        self.output.biases[0] + dot(before, &self.output.weights)
    }

    /// Adds to `gradient` how the loss on a row changes with each weight, after `log_odds` has left in `scratch` what
    /// the hidden units say. `slope` is how the loss changes with the log-odds, `scale` by what `log_odds` was made to
    /// multiply the units that still speak.
    pub(super) fn backward(
        &self,
        inputs: &Inputs,
        row: Row<'_>,
        slope: f32,
        scale: f32,
        scratch: &mut Scratch,
        gradient: &mut Net,
    ) {
        let Scratch { active, slope: slopes } = scratch;
        // The units of the layer at hand are those from `start` on, and `slopes` ends with them.
        let mut start = active.len() - self.output.weights.len();
        let mut slopes = &mut slopes[..];
        let own = slopes[start..].iter_mut().zip(&active[start..]);
        let output = gradient.output.weights.iter_mut().zip(&self.output.weights);
        for ((own, value), (sum, weight)) in own.zip(output) {
            *sum += slope * value;
            let full = slope * scale * weight;
            *own = if *value > 0.0 { full } else { 0.0 };
        }
        gradient.output.biases[0] += slope;
        for nth in (1..self.hidden.len()).rev() {
            let (layer, onto) = (&self.hidden[nth], &mut gradient.hidden[nth]);
            let (rest, above) = slopes.split_at_mut(start);
            add(&mut onto.biases, above);
            start -= self.hidden[nth - 1].units();
            for (unit, (own, value)) in rest[start..].iter_mut().zip(&active[start..]).enumerate() {
                *own = 0.0;
                if *value > 0.0 {
                    add_scaled(onto.of_mut(unit), *value, above);
                    *own = scale * dot(layer.of(unit), above);
                }
            }
            slopes = rest;
        }
        let above = &*slopes;
        let first = &mut gradient.hidden[0];
        add(&mut first.biases, above);
        inputs.each(row, |input, number| match number {
            None => add(first.of_mut(input), above),
            Some(number) => add_scaled(first.of_mut(input), number, above),
        });
    }
}

impl Scratch {
    /// Room for what the hidden units say.
    pub(super) fn active(&mut self) -> &mut [f32] {
        &mut self.active
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

fn add_scaled(sums: &mut [f32], scale: f32, values: &[f32]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += scale * value;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; LANES];
    for (a, b) in a_chunks.zip(b_chunks) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}
