//! Filling missing values and encoding, fitted on training vectors only. What is fitted is plain data
//! (`preprocessor.json`).

use crate::dataset::{Cells, Encoded, VectorHash, Vectors};
use crate::random::Stream;
use crate::schema::MISSING;
use crate::training::{Imputation, Strategy};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Most bins of a numeric feature.
const MAX_BINS: usize = 255;
/// Neighbours looked at before all of them are.
const NEAREST: usize = 64;

/// A fitted preprocessor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preprocessor {
    /// Format number.
    v: u32,
    features: Vec<FeatureCode>,
    /// Missing values keep a code of their own, behind those of the values.
    own_level: bool,
    neighbours: usize,
    reference: Option<Reference>,
}

/// How one feature is filled where nothing better is known, and encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum FeatureCode {
    /// Codes are the schema's levels.
    Categorical { levels: u16, fill: u8 },
    /// Codes are bins: value `v` has code `n` when exactly `n` edges are below it. Numbers are standardized.
    Numeric { edges: Vec<f64>, fill: f64, mean: f64, sd: f64 },
}

/// Training vectors that are asked for missing values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    rows: usize,
    columns: Vec<ReferenceColumn>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReferenceColumn {
    Levels(Vec<u8>),
    Numbers(Vec<Option<f64>>),
}

impl ReferenceColumn {
    fn known(&self, row: usize) -> bool {
        match self {
            ReferenceColumn::Levels(codes) => codes[row] != MISSING,
            ReferenceColumn::Numbers(numbers) => numbers[row].is_some(),
        }
    }
}

fn mode(codes: &[u8], weight: impl Fn(usize) -> f64, levels: usize) -> u8 {
    let mut sums = vec![0.0; levels.max(1)];
    for (i, code) in codes.iter().enumerate() {
        if *code != MISSING {
            sums[*code as usize] += weight(i);
        }
    }
    // The first of equal sums: the order of the schema's levels.
    let mut best = 0;
    for (code, sum) in sums.iter().enumerate() {
        if *sum > sums[best] {
            best = code;
        }
    }
    best as u8
}

/// Edges halfway between neighbouring values, or between weighted quantiles when there are too many values.
fn edges(values: &[(f64, f64)]) -> Vec<f64> {
    let mut sorted: Vec<(f64, f64)> = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut distinct: Vec<(f64, f64)> = Vec::new();
    for (value, weight) in sorted {
        match distinct.last_mut() {
            Some(last) if last.0 == value => last.1 += weight,
            _ => distinct.push((value, weight)),
        }
    }
    let between = |i: usize| distinct[i].0 / 2.0 + distinct[i + 1].0 / 2.0;
    if distinct.len() <= MAX_BINS {
        return (0..distinct.len().saturating_sub(1)).map(between).collect();
    }
    let total: f64 = distinct.iter().map(|d| d.1).sum();
    let (mut edges, mut seen) = (Vec::new(), 0.0);
    for (i, (_, weight)) in distinct.iter().enumerate().take(distinct.len() - 1) {
        seen += weight;
        if edges.len() + 1 < MAX_BINS && seen >= total * (edges.len() + 1) as f64 / MAX_BINS as f64 {
            edges.push(between(i));
        }
    }
    edges
}

impl Preprocessor {
    /// Fits on training vectors, weighted by how often each was observed. `levels` has the number of levels of each
    /// categorical feature, in order; numeric ones are not looked up in it.
    pub fn fit(train: &Vectors, levels: &[u16], imputation: &Imputation, seed: u64) -> Self {
        let weight = |i: usize| f64::from(train.counts[i][0] + train.counts[i][1]);
        let mut features: Vec<FeatureCode> = train
            .columns
            .iter()
            .zip(levels)
            .map(|(cells, levels)| match cells {
                Cells::Levels(codes) => {
                    FeatureCode::Categorical { levels: *levels, fill: mode(codes, weight, *levels as usize) }
                }
                Cells::Numbers(numbers) => {
                    let (fill, sd) = moments(numbers, weight);
                    FeatureCode::Numeric { edges: Vec::new(), fill, mean: fill, sd }
                }
            })
            .collect();
        let reference = match imputation.strategy {
            Strategy::MostFrequent | Strategy::OwnLevel => None,
            Strategy::Knn => Some(Reference::sample(train, imputation.reference, seed)),
        };
        let mut fitted = Self {
            v: 1,
            features: features.clone(),
            own_level: imputation.strategy == Strategy::OwnLevel,
            neighbours: imputation.neighbours,
            reference,
        };
        if !features.iter().any(|f| matches!(f, FeatureCode::Numeric { .. })) {
            return fitted;
        }
        // Bins and scale are those of the filled values: that is what the models are shown.
        let filled = fitted.impute(train);
        for (feature, cells) in features.iter_mut().zip(&filled.columns) {
            if let (FeatureCode::Numeric { edges: bins, mean, sd, .. }, Cells::Numbers(numbers)) = (feature, cells) {
                (*mean, *sd) = moments(numbers, weight);
                let weighted: Vec<_> = numbers.iter().enumerate().map(|(i, v)| (*v, weight(i))).collect();
                *bins = edges(&weighted);
            }
        }
        fitted.features = features;
        fitted
    }

    /// Fills the missing values.
    pub fn impute(&self, vectors: &Vectors) -> Vectors {
        let holes: Vec<(usize, Vec<usize>)> = (0..vectors.len())
            .filter_map(|row| {
                let missing: Vec<usize> =
                    (0..vectors.columns.len()).filter(|f| vectors.columns[*f].is_missing(row)).collect();
                if missing.is_empty() { None } else { Some((row, missing)) }
            })
            .collect();
        let mut filled = vectors.clone();
        let values: Vec<Vec<f64>> = holes.par_iter().map(|(row, missing)| self.fill(vectors, *row, missing)).collect();
        for ((row, missing), values) in holes.iter().zip(values) {
            for (feature, value) in missing.iter().zip(values) {
                match &mut filled.columns[*feature] {
                    Cells::Levels(codes) => codes[*row] = value as u8,
                    Cells::Numbers(numbers) => numbers[*row] = value,
                }
            }
        }
        filled
    }

    /// The values that the models are shown: filled in, but where missing is a level of its own.
    pub fn shown(&self, vectors: &Vectors) -> Vectors {
        if self.own_level { vectors.clone() } else { self.impute(vectors) }
    }

    /// The values for the missing features of one row; levels as their codes.
    fn fill(&self, vectors: &Vectors, row: usize, missing: &[usize]) -> Vec<f64> {
        let fallback = |feature: usize| match &self.features[feature] {
            FeatureCode::Categorical { fill, .. } => f64::from(*fill),
            FeatureCode::Numeric { fill, .. } => *fill,
        };
        let Some(reference) = &self.reference else { return missing.iter().map(|f| fallback(*f)).collect() };
        let scales = self.scales();
        // Among the nearest few there are nearly always enough that know the missing features.
        let mut near = reference.nearest(vectors, row, &scales, Some(NEAREST));
        let knowing =
            |near: &[(f64, usize)], f: usize| near.iter().filter(|(_, d)| reference.columns[f].known(*d)).count();
        if near.len() == NEAREST && missing.iter().any(|f| knowing(&near, *f) < self.neighbours) {
            near = reference.nearest(vectors, row, &scales, None);
        }
        missing
            .iter()
            .map(|feature| {
                let column = &reference.columns[*feature];
                let donors =
                    near.iter().map(|(_, donor)| *donor).filter(|donor| column.known(*donor)).take(self.neighbours);
                match column {
                    ReferenceColumn::Levels(codes) => {
                        let donors: Vec<u8> = donors.map(|d| codes[d]).collect();
                        let votes = |code: u8| donors.iter().filter(|d| **d == code).count();
                        // Most votes; of equal ones the level of the nearest donor.
                        let mut best: Option<u8> = None;
                        for code in &donors {
                            if best.is_none_or(|b| votes(*code) > votes(b)) {
                                best = Some(*code);
                            }
                        }
                        best.map_or_else(|| fallback(*feature), f64::from)
                    }
                    ReferenceColumn::Numbers(numbers) => {
                        let donors: Vec<f64> = donors.filter_map(|d| numbers[d]).collect();
                        if donors.is_empty() {
                            fallback(*feature)
                        } else {
                            donors.iter().sum::<f64>() / donors.len() as f64
                        }
                    }
                }
            })
            .collect()
    }

    /// By which each numeric feature's differences are divided. Among numbers alone they count as they are (as
    /// scikit-learn has it); beside categorical features, where a difference counts 1, in standard deviations.
    fn scales(&self) -> Vec<f64> {
        let mixed = self.features.iter().any(|f| matches!(f, FeatureCode::Categorical { .. }));
        self.features
            .iter()
            .map(|f| match f {
                FeatureCode::Numeric { sd, .. } if mixed => *sd,
                _ => 1.0,
            })
            .collect()
    }

    /// The bin that a number of a numeric feature falls into: above the first bound, up to the second. All numbers for
    /// a categorical one.
    pub fn bin(&self, feature: usize, number: f64) -> (f64, f64) {
        let edges = match self.features.get(feature) {
            Some(FeatureCode::Numeric { edges, .. }) => edges.as_slice(),
            _ => &[],
        };
        let code = edges.partition_point(|e| *e < number);
        let low = code.checked_sub(1).map_or(f64::NEG_INFINITY, |below| edges[below]);
        (low, edges.get(code).copied().unwrap_or(f64::INFINITY))
    }

    /// Fills and encodes vectors.
    pub fn encode(&self, vectors: &Vectors) -> Encoded {
        let filled = self.impute(vectors);
        let rows = vectors.len();
        let width = self.features.len();
        let mut codes = vec![0u8; rows * width];
        let numeric: Vec<bool> = self.features.iter().map(|f| matches!(f, FeatureCode::Numeric { .. })).collect();
        let numeric_width = numeric.iter().filter(|n| **n).count();
        let mut numbers = vec![0.0; rows * numeric_width];
        let mut nth = 0;
        for (f, (feature, cells)) in self.features.iter().zip(&filled.columns).enumerate() {
            match (feature, cells) {
                (FeatureCode::Categorical { levels, .. }, Cells::Levels(column)) => {
                    for (row, code) in column.iter().enumerate() {
                        codes[row * width + f] = *code;
                    }
                    self.mark_missing(&vectors.columns[f], *levels as u8, f, &mut codes);
                }
                (FeatureCode::Numeric { edges, mean, sd, .. }, Cells::Numbers(column)) => {
                    for (row, value) in column.iter().enumerate() {
                        codes[row * width + f] = edges.partition_point(|e| e < value) as u8;
                        numbers[row * numeric_width + nth] = (value - mean) / sd;
                    }
                    self.mark_missing(&vectors.columns[f], edges.len() as u8 + 1, f, &mut codes);
                    nth += 1;
                }
                // The schema of a run is frozen beside its preprocessor.
                _ => unreachable!("a feature that changed its kind"),
            }
        }
        let levels = self
            .features
            .iter()
            .map(|f| match f {
                FeatureCode::Categorical { levels, .. } => *levels,
                FeatureCode::Numeric { edges, .. } => edges.len() as u16 + 1,
            })
            .map(|levels| levels + u16::from(self.own_level))
            .collect();
        Encoded::new(levels, numeric, codes, numbers, rows)
    }
}

impl Preprocessor {
    /// Gives the missing values of a feature the code behind all others, where they have one.
    fn mark_missing(&self, observed: &Cells, code: u8, feature: usize, codes: &mut [u8]) {
        if !self.own_level {
            return;
        }
        for (row, codes) in codes.chunks_exact_mut(self.features.len()).enumerate() {
            if observed.is_missing(row) {
                codes[feature] = code;
            }
        }
    }
}

/// Weighted mean and standard deviation of the known values; 0 and 1 where there are none or they are all equal.
fn moments(numbers: &[f64], weight: impl Fn(usize) -> f64) -> (f64, f64) {
    let known = || numbers.iter().enumerate().filter(|(_, v)| !v.is_nan());
    let total: f64 = known().map(|(i, _)| weight(i)).sum();
    if total <= 0.0 {
        return (0.0, 1.0);
    }
    // Numbers whose square would leave the range of doubles are brought down first.
    let largest = known().map(|(_, v)| v.abs()).fold(0.0, f64::max);
    let unit = if largest > 1e100 { largest } else { 1.0 };
    let mean = known().map(|(i, v)| weight(i) / total * (v / unit)).sum::<f64>();
    let variance = known().map(|(i, v)| weight(i) / total * (v / unit - mean).powi(2)).sum::<f64>();
    (mean * unit, if variance > 0.0 { variance.sqrt() * unit } else { 1.0 })
}

impl Reference {
    fn sample(train: &Vectors, cap: usize, seed: u64) -> Self {
        let mut rows: Vec<usize> = (0..train.len()).collect();
        if rows.len() > cap {
            Stream::new(seed, &["imputation"]).shuffle(&mut rows);
            rows.truncate(cap);
        }
        // In the order of their hashes, which then breaks ties without being stored.
        rows.sort_unstable_by_key(|r| -> VectorHash { train.hash[*r] });
        let kept = train.take(&rows);
        let columns = kept
            .columns
            .into_iter()
            .map(|cells| match cells {
                Cells::Levels(codes) => ReferenceColumn::Levels(codes),
                Cells::Numbers(numbers) => {
                    ReferenceColumn::Numbers(numbers.into_iter().map(|v| (!v.is_nan()).then_some(v)).collect())
                }
            })
            .collect();
        Self { rows: rows.len(), columns }
    }

    /// The `first` vectors (all without a number) that share a known feature with the row, nearest first, ties in the
    /// order of their hashes.
    ///
    /// The distance is scikit-learn's `nan_euclidean_distances`: the squared differences over the features known on
    /// both sides, scaled up by the share of those. A categorical difference counts 1.
    fn nearest(&self, vectors: &Vectors, row: usize, scales: &[f64], first: Option<usize>) -> Vec<(f64, usize)> {
        let mut differing = vec![0u16; self.rows];
        let mut shared = vec![0u16; self.rows];
        let mut squares = vec![0.0f64; self.rows];
        for (f, column) in self.columns.iter().enumerate() {
            match (column, &vectors.columns[f]) {
                (ReferenceColumn::Levels(reference), Cells::Levels(own)) if own[row] != MISSING => {
                    let own = own[row];
                    // Without branches, so that the compiler takes many at a time.
                    for ((code, differing), shared) in reference.iter().zip(&mut differing).zip(&mut shared) {
                        let known = *code != MISSING;
                        *shared += u16::from(known);
                        *differing += u16::from(known & (*code != own));
                    }
                }
                (ReferenceColumn::Numbers(reference), Cells::Numbers(own)) if !own[row].is_nan() => {
                    for (i, value) in reference.iter().enumerate() {
                        if let Some(value) = value {
                            shared[i] += 1;
                            squares[i] += ((value - own[row]) / scales[f]).powi(2);
                        }
                    }
                }
                _ => {}
            }
        }
        let all = self.columns.len() as f64;
        let mut near: Vec<(f64, usize)> = (0..self.rows)
            .filter(|i| shared[*i] > 0)
            .map(|i| ((squares[i] + f64::from(differing[i])) * all / f64::from(shared[i]), i))
            .collect();
        let order = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if let Some(first) = first.filter(|n| *n < near.len()) {
            near.select_nth_unstable_by(first, order);
            near.truncate(first);
        }
        near.sort_unstable_by(order);
        near
    }
}

#[cfg(test)]
mod tests;
