//! One tree engine for trees, forests and both boostings: splits are found on histograms over byte codes
//! (Ke et al. 2017, "LightGBM", section 2.1), the sibling's histogram by subtraction.
//!
//! Split quality is the decrease of the weighted squared error of the target. For labels 0 and 1 that is the decrease
//! of the Gini impurity (Breiman et al. 1984, chapter 4); entropy is the alternative for labels.

use super::{Fit, FitError, require};
use crate::dataset::Dataset;
use crate::random::Stream;
use serde::{Deserialize, Serialize};

/// A fitted tree: parallel lists, one entry per node, the root first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The feature asked; meaningless in a leaf.
    feature: Vec<u16>,
    /// Codes up to this one go left; meaningless in a leaf.
    threshold: Vec<u8>,
    /// The left child; the right one follows it. 0 in a leaf.
    left: Vec<u32>,
    /// The mean target of the node's rows.
    value: Vec<f64>,
}

impl Tree {
    /// The value of the leaf that a row falls into.
    pub fn value(&self, codes: &[u8]) -> f64 {
        let mut node = 0;
        while self.left[node] != 0 {
            let right = codes[self.feature[node] as usize] > self.threshold[node];
            node = self.left[node] as usize + usize::from(right);
        }
        self.value[node]
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.left.len()
    }

    fn push(&mut self, value: f64) -> usize {
        self.feature.push(0);
        self.threshold.push(0);
        self.left.push(0);
        self.value.push(value);
        self.left.len() - 1
    }
}

/// How split quality is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Gini impurity of labels; squared error of other targets.
    Gini,
    /// Entropy of labels.
    #[serde(alias = "log_loss")]
    Entropy,
}

/// Parameters of a single classification tree.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    criterion: Criterion,
    #[serde(default)]
    max_depth: Option<u32>,
    #[serde(default = "one")]
    min_samples_leaf: u32,
}

fn one() -> u32 {
    1
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.max_depth != Some(0), "max_depth must be at least 1")?;
        require(self.min_samples_leaf > 0, "min_samples_leaf must be at least 1")
    }
}

/// Fits a classification tree.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<Tree, FitError> {
    let target: Vec<f64> = data.label.iter().map(|l| f64::from(*l)).collect();
    let mut rows: Vec<u32> = (0..data.len() as u32).collect();
    let mut growth = Growth {
        data,
        target: &target,
        weight: &data.weight,
        observed: &data.weight,
        criterion: params.criterion,
        max_depth: params.max_depth.unwrap_or(u32::MAX),
        min_samples_leaf: f64::from(params.min_samples_leaf),
        sampler: None,
    };
    fit.check()?;
    Ok(growth.grow(&mut rows).0)
}

/// What a tree is grown from.
pub(super) struct Growth<'a> {
    pub(super) data: &'a Dataset,
    /// The target of each row.
    pub(super) target: &'a [f64],
    /// The weight of each row in sums.
    pub(super) weight: &'a [f64],
    /// How often each row was observed, for `min_samples_leaf`.
    pub(super) observed: &'a [f64],
    pub(super) criterion: Criterion,
    pub(super) max_depth: u32,
    pub(super) min_samples_leaf: f64,
    /// Which features are tried at each node; all of them without it.
    pub(super) sampler: Option<Sampler>,
}

/// A random choice of features at each node.
pub(super) struct Sampler {
    /// How many, of those that are not constant there.
    pub(super) features: usize,
    pub(super) stream: Stream,
}

/// The rows of a leaf, as a range of the row list that was grown from.
pub(super) struct LeafRows {
    pub(super) node: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Sums over the rows with one code.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    observed: f64,
    weight: f64,
    sum: f64,
}

impl Bin {
    fn add(&mut self, other: &Bin) {
        self.observed += other.observed;
        self.weight += other.weight;
        self.sum += other.sum;
    }

    fn without(&self, other: &Bin) -> Bin {
        Bin { observed: self.observed - other.observed, weight: self.weight - other.weight, sum: self.sum - other.sum }
    }

    /// The part of the split quality that this side contributes; larger is better.
    fn score(&self, criterion: Criterion) -> f64 {
        match criterion {
            Criterion::Gini => self.sum * self.sum / self.weight,
            Criterion::Entropy => {
                let plogp = |x: f64| if x > 0.0 { x * (x / self.weight).ln() } else { 0.0 };
                plogp(self.sum) + plogp(self.weight - self.sum)
            }
        }
    }
}

struct Split {
    feature: usize,
    threshold: u8,
    score: f64,
}

struct Pending {
    node: usize,
    start: usize,
    end: usize,
    depth: u32,
    histogram: Option<Vec<Bin>>,
}

impl Growth<'_> {
    /// Grows a tree on the given rows, which are reordered so that each leaf's rows are together.
    pub(super) fn grow(&mut self, rows: &mut [u32]) -> (Tree, Vec<LeafRows>) {
        let width = self.data.width();
        let mut offset = Vec::with_capacity(width + 1);
        let mut bins = 0;
        for levels in &self.data.levels {
            offset.push(bins);
            bins += *levels as usize;
        }
        offset.push(bins);
        let all_features = self.sampler.as_ref().is_none_or(|s| s.features >= width);
        let mut tree = Tree::default();
        let mut leaves = Vec::new();
        let mut scratch = Vec::with_capacity(rows.len());
        let mut order: Vec<usize> = (0..width).collect();
        let root = tree.push(self.mean(rows));
        let mut pending = vec![Pending { node: root, start: 0, end: rows.len(), depth: 0, histogram: None }];
        while let Some(task) = pending.pop() {
            let own = &mut rows[task.start..task.end];
            let leaf = LeafRows { node: task.node, start: task.start, end: task.end };
            if task.depth >= self.max_depth || self.is_pure(own) {
                leaves.push(leaf);
                continue;
            }
            let (histogram, split) = if all_features {
                let histogram = task.histogram.unwrap_or_else(|| self.histogram(own, &offset, bins));
                let split = (0..width)
                    .filter_map(|f| self.best_split(&histogram[offset[f]..offset[f + 1]], f))
                    .reduce(|best, split| if split.score > best.score { split } else { best });
                (Some(histogram), split)
            } else {
                (None, self.sampled_split(own, &mut order))
            };
            let Some(split) = split else {
                leaves.push(leaf);
                continue;
            };
            let middle = self.partition(own, &split, &mut scratch);
            let (left_rows, right_rows) = own.split_at(middle);
            let left = tree.push(self.mean(left_rows));
            let right = tree.push(self.mean(right_rows));
            tree.feature[task.node] = split.feature as u16;
            tree.threshold[task.node] = split.threshold;
            tree.left[task.node] = left as u32;
            // Only the smaller side is counted; the other one is what remains of the parent.
            let (left_histogram, right_histogram) = match histogram {
                Some(parent) if task.depth + 1 < self.max_depth => {
                    let left_is_smaller = left_rows.len() <= right_rows.len();
                    let small = self.histogram(if left_is_smaller { left_rows } else { right_rows }, &offset, bins);
                    let large: Vec<Bin> = parent.iter().zip(&small).map(|(p, s)| p.without(s)).collect();
                    if left_is_smaller { (Some(small), Some(large)) } else { (Some(large), Some(small)) }
                }
                _ => (None, None),
            };
            let middle = task.start + middle;
            let depth = task.depth + 1;
            pending.push(Pending { node: right, start: middle, end: task.end, depth, histogram: right_histogram });
            pending.push(Pending { node: left, start: task.start, end: middle, depth, histogram: left_histogram });
        }
        (tree, leaves)
    }

    fn mean(&self, rows: &[u32]) -> f64 {
        let (mut weight, mut sum) = (0.0, 0.0);
        for row in rows {
            let row = *row as usize;
            weight += self.weight[row];
            sum += self.weight[row] * self.target[row];
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    fn is_pure(&self, rows: &[u32]) -> bool {
        let Some(first) = rows.first() else { return true };
        rows.iter().all(|r| self.target[*r as usize] == self.target[*first as usize])
    }

    fn bin(&self, row: usize) -> Bin {
        let weight = self.weight[row];
        Bin { observed: self.observed[row], weight, sum: weight * self.target[row] }
    }

    fn histogram(&self, rows: &[u32], offset: &[usize], bins: usize) -> Vec<Bin> {
        let width = self.data.width();
        let mut histogram = vec![Bin::default(); bins];
        for row in rows {
            let row = *row as usize;
            let bin = self.bin(row);
            let codes = &self.data.codes[row * width..(row + 1) * width];
            for (code, start) in codes.iter().zip(offset) {
                histogram[start + *code as usize].add(&bin);
            }
        }
        histogram
    }

    /// The best split among the sampler's features: constant ones do not count, as in scikit-learn.
    fn sampled_split(&mut self, rows: &[u32], order: &mut [usize]) -> Option<Split> {
        let width = self.data.width();
        let mut sampler = self.sampler.take()?;
        let mut best: Option<Split> = None;
        let mut tried = 0;
        let mut histogram = Vec::new();
        for i in 0..width {
            if tried == sampler.features {
                break;
            }
            order.swap(i, i + sampler.stream.below(width - i));
            let feature = order[i];
            histogram.clear();
            histogram.resize(self.data.levels[feature] as usize, Bin::default());
            for row in rows {
                let row = *row as usize;
                histogram[self.data.codes[row * width + feature] as usize].add(&self.bin(row));
            }
            if histogram.iter().filter(|b| b.observed > 0.0).count() < 2 {
                continue;
            }
            tried += 1;
            if let Some(split) = self.best_split(&histogram, feature)
                && best
                    .as_ref()
                    .is_none_or(|b| split.score > b.score || (split.score == b.score && split.feature < b.feature))
            {
                best = Some(split);
            }
        }
        self.sampler = Some(sampler);
        best
    }

    fn best_split(&self, histogram: &[Bin], feature: usize) -> Option<Split> {
        let mut total = Bin::default();
        for bin in histogram {
            total.add(bin);
        }
        let mut left = Bin::default();
        let mut best: Option<Split> = None;
        for (code, bin) in histogram.iter().enumerate().take(histogram.len().saturating_sub(1)) {
            // `observed` counts rows exactly, so it alone says whether a side is empty.
            if bin.observed <= 0.0 {
                continue;
            }
            left.add(bin);
            let right = total.without(&left);
            if left.observed < self.min_samples_leaf || right.observed < self.min_samples_leaf {
                continue;
            }
            if left.weight <= 0.0 || right.weight <= 0.0 || right.observed <= 0.0 {
                continue;
            }
            let score = left.score(self.criterion) + right.score(self.criterion);
            if best.as_ref().is_none_or(|b| score > b.score) {
                best = Some(Split { feature, threshold: code as u8, score });
            }
        }
        best
    }

    /// Puts the rows that go left first, both sides in their old order. Returns how many those are.
    fn partition(&self, rows: &mut [u32], split: &Split, scratch: &mut Vec<u32>) -> usize {
        let width = self.data.width();
        scratch.clear();
        let mut left = 0;
        for i in 0..rows.len() {
            let row = rows[i];
            if self.data.codes[row as usize * width + split.feature] <= split.threshold {
                rows[left] = row;
                left += 1;
            } else {
                scratch.push(row);
            }
        }
        rows[left..].copy_from_slice(scratch);
        left
    }
}

impl Tree {
    /// Replaces the value of a leaf.
    pub(super) fn set_value(&mut self, node: usize, value: f64) {
        self.value[node] = value;
    }
}
