//! One tree engine for trees, forests and both boostings: splits are found on histograms over byte codes
//! (Ke et al. 2017, "LightGBM", section 2.1), the sibling's histogram by subtraction.
//!
//! Split quality is the decrease of the weighted squared error of the target. For labels 0 and 1 that is the decrease
//! of the Gini impurity (Breiman et al. 1984, chapter 4); entropy is the alternative for labels.

pub(super) mod bins;
mod grow;
mod histogram;
mod rows;

pub(super) use grow::{Grown, Growth, Sampler};
pub(super) use histogram::{Binned, PIECE};
pub(super) use rows::Room;

use super::{Fit, FitError, require};
use crate::dataset::{Dataset, Encoded};
use bins::Counts;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Rows that are scored together, so that a tree is read once for many.
pub(super) const BLOCK: usize = 512;

/// A fitted tree.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Lists", into = "Lists")]
pub struct Tree {
    nodes: Vec<Node>,
    /// The mean target of the rows of each leaf; 0 elsewhere.
    value: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Node {
    /// The left child; the right one follows it. 0 in a leaf.
    left: u32,
    /// The feature asked; meaningless in a leaf.
    feature: u16,
    /// Codes up to this one go left; meaningless in a leaf.
    threshold: u8,
}

/// A tree in its file. Nodes stand level by level, each question's two children side by side in the order of the
/// questions, so that their places need not be written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    /// By node, the root first: the feature asked, -1 in a leaf.
    feature: Vec<i32>,
    /// By question: codes up to this one go left.
    threshold: Vec<u8>,
    /// By leaf: the mean target of its rows, in gradient boosting the step.
    value: Vec<f64>,
}

impl From<Tree> for Lists {
    fn from(tree: Tree) -> Self {
        let feature = |n: &Node| if n.left == 0 { -1 } else { i32::from(n.feature) };
        let leaf = |(node, _): &(&Node, f64)| node.left == 0;
        Self {
            feature: tree.nodes.iter().map(feature).collect(),
            threshold: tree.nodes.iter().filter(|n| n.left != 0).map(|n| n.threshold).collect(),
            value: tree.nodes.iter().zip(tree.value).filter(leaf).map(|(_, value)| value).collect(),
        }
    }
}

impl TryFrom<Lists> for Tree {
    type Error = &'static str;

    fn try_from(lists: Lists) -> Result<Self, Self::Error> {
        let asks = |feature: &&i32| **feature >= 0;
        let questions = lists.feature.iter().filter(asks).count();
        let leaves = lists.feature.len() - questions;
        // As many children as questions make, and each has a place behind its parent.
        if lists.feature.len() != 2 * questions + 1 || lists.threshold.len() != questions || lists.value.len() != leaves
        {
            return Err("the lists of a tree do not fit each other");
        }
        let (mut nodes, mut value) = (Vec::with_capacity(lists.feature.len()), Vec::with_capacity(lists.feature.len()));
        let (mut threshold, mut leaf) = (lists.threshold.into_iter(), lists.value.into_iter());
        let mut left = 1;
        for (at, feature) in lists.feature.into_iter().enumerate() {
            match u16::try_from(feature) {
                Ok(feature) if left > at as u32 => {
                    nodes.push(Node { left, feature, threshold: threshold.next().unwrap_or_default() });
                    value.push(0.0);
                    left += 2;
                }
                Err(_) if feature < 0 => {
                    nodes.push(Node::default());
                    value.push(leaf.next().unwrap_or_default());
                }
                _ => return Err("a tree has a node without a parent, or asks for a feature beyond 65,535"),
            }
        }
        Ok(Self { nodes, value })
    }
}

impl Tree {
    /// The value of the leaf that a row falls into.
    pub fn value(&self, codes: &[u8]) -> f64 {
        let mut at = 0;
        loop {
            let node = self.nodes[at];
            if node.left == 0 {
                return self.value[at];
            }
            at = node.left as usize + usize::from(codes[usize::from(node.feature)] > node.threshold);
        }
    }

    /// The feature that a node asks for, the last code that goes left, and the left child, which the right one follows.
    /// None for a leaf.
    pub(crate) fn question(&self, node: usize) -> Option<(usize, u8, usize)> {
        let Node { left, feature, threshold } = self.nodes[node];
        (left != 0).then_some((usize::from(feature), threshold, left as usize))
    }

    /// The value of a leaf.
    pub(crate) fn leaf(&self, node: usize) -> f64 {
        self.value[node]
    }

    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Adds a leaf.
    fn push(&mut self, value: f64) -> usize {
        self.nodes.push(Node::default());
        self.value.push(value);
        self.nodes.len() - 1
    }

    /// Makes a leaf ask a question. Returns its left child.
    fn split(&mut self, node: usize, feature: usize, threshold: u8) -> usize {
        let left = self.push(0.0);
        self.push(0.0);
        self.nodes[node] = Node { left: left as u32, feature: feature as u16, threshold };
        left
    }

    /// Puts another tree in the place of a leaf. Its nodes but the root stand behind those that were here; returns
    /// what their positions are shifted by.
    fn graft(&mut self, node: usize, other: Tree) -> usize {
        let base = self.nodes.len() - 1;
        for (own, (question, value)) in other.nodes.into_iter().zip(other.value).enumerate() {
            let left = if question.left == 0 { 0 } else { question.left + base as u32 };
            let question = Node { left, ..question };
            if own == 0 {
                (self.nodes[node], self.value[node]) = (question, value);
            } else {
                self.nodes.push(question);
                self.value.push(value);
            }
        }
        base
    }

    /// The nodes level by level, and the new place of each.
    fn by_level(&self) -> (Self, Vec<usize>) {
        let mut tree =
            Self { nodes: Vec::with_capacity(self.nodes.len()), value: Vec::with_capacity(self.nodes.len()) };
        let mut places = vec![0; self.nodes.len()];
        let mut order = Vec::with_capacity(self.nodes.len());
        order.push(0);
        let mut at = 0;
        while let Some(old) = order.get(at).copied() {
            let node = self.nodes[old];
            places[old] = at;
            tree.value.push(self.value[old]);
            if node.left == 0 {
                tree.nodes.push(node);
            } else {
                tree.nodes.push(Node { left: order.len() as u32, ..node });
                order.extend([node.left as usize, node.left as usize + 1]);
            }
            at += 1;
        }
        (tree, places)
    }

    /// Replaces the value of a leaf.
    pub(super) fn set_value(&mut self, node: usize, value: f64) {
        self.value[node] = value;
    }
}

/// What a tree, by its place in the list, says about the rows that fall into a leaf of this value.
type Say<'a> = Box<dyn Fn(usize, f64) -> f64 + Sync + 'a>;

/// A model's score as a sum over trees.
pub(crate) struct Summed<'a> {
    /// The score before the first tree.
    pub(crate) start: f64,
    pub(crate) trees: &'a [Tree],
    pub(crate) say: Say<'a>,
    /// Whether the score is the log-odds of the positive class; otherwise it is the probability.
    pub(crate) log_odds: bool,
}

impl Summed<'_> {
    /// The score of a row.
    pub(crate) fn score(&self, codes: &[u8]) -> f64 {
        let said = self.trees.iter().enumerate().map(|(nth, tree)| (self.say)(nth, tree.value(codes)));
        self.start + said.sum::<f64>()
    }
}

/// Sums what trees say about rows, in the order of the trees. After as many trees as each of `stages` asks for (or
/// all of them, where there are fewer), `finish` turns that number and each sum into a score.
pub(super) fn staged(
    trees: &[Tree],
    rows: &Encoded,
    stages: &[u32],
    say: impl Fn(usize, f64) -> f64 + Sync,
    finish: impl Fn(usize, f64) -> f64 + Sync,
) -> Vec<Vec<f64>> {
    let mut sums = vec![0.0; rows.len()];
    let mut done = 0;
    stages
        .iter()
        .map(|stage| {
            let until = (*stage as usize).min(trees.len());
            sums.par_chunks_mut(BLOCK).enumerate().for_each(|(block, sums)| {
                for (nth, tree) in trees.iter().enumerate().take(until).skip(done) {
                    for (i, sum) in sums.iter_mut().enumerate() {
                        *sum += say(nth, tree.value(rows.row(block * BLOCK + i).codes));
                    }
                }
            });
            done = until;
            sums.par_iter().with_min_len(BLOCK).map(|sum| finish(until, *sum)).collect()
        })
        .collect()
}

/// A fitted classification tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionTree {
    /// Share of the impurity decrease by feature.
    pub(super) gain: Vec<f64>,
    pub(super) tree: Tree,
}

impl DecisionTree {
    /// The probability, said by one tree.
    pub(super) fn summed(&self) -> Summed<'_> {
        let trees = std::slice::from_ref(&self.tree);
        Summed { start: 0.0, trees, say: Box::new(|_, value| value), log_odds: false }
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
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Result<DecisionTree, FitError> {
    countable(data)?;
    let binned = Binned::new(data);
    let mut room = Room::new();
    room.take_all(data);
    let growth = Growth {
        binned: &binned,
        payload: |i: usize| Counts::of(data.weight[i] as u32, data.label[i]),
        target: |i: usize| f64::from(data.label[i]),
        criterion: params.criterion,
        class_weight: data.class_weight.unwrap_or([1.0; 2]),
        max_depth: params.max_depth.unwrap_or(u32::MAX),
        min_samples_leaf: f64::from(params.min_samples_leaf),
    };
    fit.check()?;
    let Grown { tree, mut gain, .. } = growth.grow(&mut room, None);
    to_shares(&mut gain);
    Ok(DecisionTree { gain, tree })
}

/// Whether the observed rows can be counted.
pub(super) fn countable(data: &Dataset) -> Result<(), FitError> {
    if data.weight.iter().sum::<f64>() < Counts::MOST {
        return Ok(());
    }
    Err(FitError::Impossible(format!("more than {} rows cannot be counted", Counts::MOST)))
}

/// Divides by the sum; nothing happens where that is 0.
pub(super) fn to_shares(gain: &mut [f64]) {
    let total: f64 = gain.iter().sum();
    if total > 0.0 {
        gain.iter_mut().for_each(|g| *g /= total);
    }
}
