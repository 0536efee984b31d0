//! Growing one tree.

use super::bins::Bin;
use super::histogram::{Binned, PIECE, Tables};
use super::rows::{Behind, Room, Rows};
use super::{Criterion, Tree};
use crate::random::Stream;
use rayon::prelude::*;

/// A split must be better than the one before it by more than this share: what differs less differs by the order of
/// the additions only, and the first of equal splits is taken.
const EQUAL: f64 = 1e-12;

/// What a tree is grown from.
pub(in crate::model) struct Growth<'a, P, T> {
    pub(in crate::model) binned: &'a Binned<'a>,
    /// What each row, given by its place in the data set, adds to a histogram.
    pub(in crate::model) payload: P,
    /// The target of each row: a node whose targets are all equal is a leaf.
    pub(in crate::model) target: T,
    pub(in crate::model) criterion: Criterion,
    /// What a row counts by its label, where the payload does not have it yet.
    pub(in crate::model) class_weight: [f64; 2],
    pub(in crate::model) max_depth: u32,
    /// Observed rows that each side of a split must have.
    pub(in crate::model) min_samples_leaf: f64,
}

/// A random choice of features at each node.
pub(in crate::model) struct Sampler {
    /// How many, of those that are not constant there.
    features: usize,
    stream: Stream,
    order: Vec<usize>,
    /// Where the bins of each feature that is being tried start.
    starts: Vec<usize>,
}

impl Sampler {
    pub(in crate::model) fn new(features: usize, stream: Stream) -> Self {
        Self { features, stream, order: Vec::new(), starts: Vec::new() }
    }
}

/// The rows of a leaf, as a range of the rows in node order.
pub(in crate::model) struct LeafRows {
    pub(in crate::model) node: usize,
    pub(in crate::model) start: usize,
    pub(in crate::model) end: usize,
}

/// A grown tree.
#[derive(Default)]
pub(in crate::model) struct Grown {
    pub(in crate::model) tree: Tree,
    pub(in crate::model) leaves: Vec<LeafRows>,
    /// Decrease of the weighted impurity by feature.
    pub(in crate::model) gain: Vec<f64>,
}

impl Grown {
    /// Puts a tree that was grown from the rows that start at `start` in the place of a leaf.
    fn graft(&mut self, node: usize, start: usize, branch: Grown) {
        let base = self.tree.graft(node, branch.tree);
        let place = |own: usize| if own == 0 { node } else { base + own };
        self.leaves.extend(branch.leaves.into_iter().map(|leaf| LeafRows {
            node: place(leaf.node),
            start: start + leaf.start,
            end: start + leaf.end,
        }));
        for (sum, gain) in self.gain.iter_mut().zip(branch.gain) {
            *sum += gain;
        }
    }
}

struct Split<B> {
    feature: usize,
    threshold: u8,
    score: f64,
    left: B,
}

/// A node that is to be split.
struct Pending<B> {
    node: usize,
    start: usize,
    end: usize,
    depth: u32,
    total: B,
    histogram: Option<Vec<B>>,
}

/// Room that is used again from node to node.
#[derive(Default)]
struct Work<B> {
    tables: Tables<B>,
    spare: Vec<Vec<B>>,
    behind: Behind<B>,
}

impl<B: Bin, P: Fn(usize) -> B + Sync, T: Fn(usize) -> f64 + Sync> Growth<'_, P, T> {
    /// Grows a tree on the rows of `room`. Afterwards they are in an order in which each leaf's are together.
    pub(in crate::model) fn grow(&self, room: &mut Room<B>, sampler: Option<Sampler>) -> Grown {
        let mut grown = self.grow_unordered(room, sampler);
        let (tree, places) = grown.tree.by_level();
        grown.tree = tree;
        for leaf in &mut grown.leaves {
            leaf.node = places[leaf.node];
        }
        grown
    }

    fn grow_unordered(&self, room: &mut Room<B>, sampler: Option<Sampler>) -> Grown {
        room.fill(self.binned, &self.payload);
        let mut sampler = sampler.filter(|s| s.features < self.binned.width());
        let mut rows = room.all();
        let root = Pending { node: 0, start: 0, end: rows.len(), depth: 0, total: rows.total(), histogram: None };
        // A sampler's stream goes from node to node: such a tree is grown in one go.
        if rows.len() <= PIECE || sampler.is_some() {
            return self.branch(rows, root, 0, &mut sampler).0;
        }
        // Large nodes one after the other, each on all threads; then what they leave side by side.
        let everything = 0..rows.len();
        let (mut grown, small) = self.branch(rows.part(everything), root, PIECE, &mut sampler);
        let mut parts = Vec::with_capacity(small.len());
        let mut rest = rows;
        let mut at = 0;
        for pending in small {
            let (_, own) = rest.split(pending.start - at);
            let (own, behind) = own.split(pending.end - pending.start);
            (rest, at) = (behind, pending.end);
            parts.push((pending, own));
        }
        let branches: Vec<(usize, usize, Grown)> = parts
            .into_par_iter()
            .map(|(pending, own)| {
                let (node, start) = (pending.node, pending.start);
                let root = Pending { node: 0, start: 0, end: own.len(), ..pending };
                (node, start, self.branch(own, root, 0, &mut None).0)
            })
            .collect();
        for (node, start, branch) in branches {
            grown.graft(node, start, branch);
        }
        grown
    }

    /// Grows the tree below a node, but for nodes of up to `least` rows, which it returns in the order of their rows.
    fn branch(
        &self,
        mut rows: Rows<'_, B>,
        root: Pending<B>,
        least: usize,
        sampler: &mut Option<Sampler>,
    ) -> (Grown, Vec<Pending<B>>) {
        let width = self.binned.width();
        let mut grown = Grown { gain: vec![0.0; width], ..Grown::default() };
        let mut work = Work::default();
        let mut small = Vec::new();
        grown.tree.push(0.0);
        let mut pending = vec![root];
        while let Some(mut task) = pending.pop() {
            if task.end - task.start <= least {
                small.push(task);
                continue;
            }
            let mut own = rows.part(task.start..task.end);
            let split = if task.depth >= self.max_depth || self.is_pure(own.rows) {
                None
            } else if let Some(sampler) = sampler {
                self.sampled_split(&own, &task.total, sampler, &mut work)
            } else {
                let bins = task.histogram.get_or_insert_with(|| {
                    let mut bins = work.spare.pop().unwrap_or_default();
                    self.binned.fill(&own, &mut work.tables, &mut bins);
                    bins
                });
                let mut best = None;
                for feature in 0..width {
                    self.best_split(&bins[self.binned.bins(feature)], &task.total, feature, &mut best);
                }
                best
            };
            let Some(split) = split else {
                work.spare.extend(task.histogram);
                // Summed over the rows themselves: what is left of a parent carries the rounding of its sums.
                grown.tree.set_value(task.node, self.value(&own.total()));
                grown.leaves.push(LeafRows { node: task.node, start: task.start, end: task.end });
                continue;
            };
            grown.gain[split.feature] += (split.score - self.score(&task.total)).max(0.0);
            let goes_right = self.binned.above(split.feature, split.threshold);
            let middle = own.part_at(goes_right, &mut work.behind);
            let totals = [split.left, task.total.without(&split.left)];
            let left = grown.tree.split(task.node, split.feature, split.threshold);
            let histograms = self.of_children(own, middle, task.depth + 1, task.histogram, &mut work);
            let sides = [(left, task.start, task.start + middle), (left + 1, task.start + middle, task.end)];
            let children = sides.into_iter().zip(totals).zip(histograms);
            // The left one on top: it is grown first.
            pending.extend(children.rev().map(|(((node, start, end), total), histogram)| Pending {
                node,
                start,
                end,
                depth: task.depth + 1,
                total,
                histogram,
            }));
        }
        (grown, small)
    }

    /// The histograms of both sides of a split, where they will be needed. Only the smaller side is counted; the other
    /// one is what remains of the parent.
    fn of_children(
        &self,
        mut rows: Rows<'_, B>,
        middle: usize,
        depth: u32,
        parent: Option<Vec<B>>,
        work: &mut Work<B>,
    ) -> [Option<Vec<B>>; 2] {
        let Some(mut parent) = parent else { return [None, None] };
        if depth >= self.max_depth {
            work.spare.push(parent);
            return [None, None];
        }
        let left_is_smaller = middle <= rows.len() - middle;
        let fewer = if left_is_smaller { 0..middle } else { middle..rows.len() };
        let mut small = work.spare.pop().unwrap_or_default();
        self.binned.fill(&rows.part(fewer), &mut work.tables, &mut small);
        for (large, small) in parent.iter_mut().zip(&small) {
            *large = large.without(small);
        }
        if left_is_smaller { [Some(small), Some(parent)] } else { [Some(parent), Some(small)] }
    }

    /// The mean target.
    fn value(&self, total: &B) -> f64 {
        let (weight, sum) = total.mass(self.class_weight);
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    fn is_pure(&self, rows: &[u32]) -> bool {
        let Some(first) = rows.first() else { return true };
        let target = (self.target)(*first as usize);
        rows.iter().all(|r| (self.target)(*r as usize) == target)
    }

    /// The part of the split quality that a side contributes; larger is better.
    fn score(&self, side: &B) -> f64 {
        let (weight, sum) = side.mass(self.class_weight);
        match self.criterion {
            Criterion::Gini => sum * sum / weight,
            Criterion::Entropy => {
                let plogp = |x: f64| if x > 0.0 { x * (x / weight).ln() } else { 0.0 };
                plogp(sum) + plogp(weight - sum)
            }
        }
    }

    /// Puts the feature's best split into `best` where it is better.
    fn best_split(&self, histogram: &[B], total: &B, feature: usize, best: &mut Option<Split<B>>) {
        let mut left = B::default();
        for (code, bin) in histogram.iter().enumerate().take(histogram.len().saturating_sub(1)) {
            // `observed` counts rows exactly, so it alone says whether a side is empty.
            if bin.observed() <= 0.0 {
                continue;
            }
            left.add(bin);
            let right = total.without(&left);
            if right.observed() <= 0.0 {
                break;
            }
            if left.observed() < self.min_samples_leaf || right.observed() < self.min_samples_leaf {
                continue;
            }
            let score = self.score(&left) + self.score(&right);
            if score.is_nan() {
                continue;
            }
            if best.as_ref().is_none_or(|b| score - b.score > EQUAL * b.score.abs()) {
                *best = Some(Split { feature, threshold: code as u8, score, left });
            }
        }
    }

    /// The best split among the sampler's features: constant ones do not count, as in scikit-learn.
    fn sampled_split(
        &self,
        rows: &Rows<'_, B>,
        total: &B,
        sampler: &mut Sampler,
        work: &mut Work<B>,
    ) -> Option<Split<B>> {
        let Sampler { features, stream, order, starts } = sampler;
        if order.is_empty() {
            order.extend(0..self.binned.width());
        }
        let mut bins = work.spare.pop().unwrap_or_default();
        let mut best: Option<Split<B>> = None;
        let (mut drawn, mut tried) = (0, 0);
        while drawn < order.len() && tried < *features {
            let first = drawn;
            for _ in 0..(*features - tried).min(order.len() - first) {
                let other = drawn + stream.below(order.len() - drawn);
                order.swap(drawn, other);
                drawn += 1;
            }
            // In one pass over the rows, so that additions to different bins overlap.
            self.binned.fill_some(rows, &order[first..drawn], starts, &mut work.tables, &mut bins);
            for (nth, feature) in order[first..drawn].iter().enumerate() {
                let own = &bins[starts[nth]..starts[nth + 1]];
                if own.iter().filter(|b| b.observed() > 0.0).count() < 2 {
                    continue;
                }
                tried += 1;
                let mut split = None;
                self.best_split(own, total, *feature, &mut split);
                // Of equal splits the first feature's, so that the order of drawing decides nothing.
                if let Some(split) = split
                    && best.as_ref().is_none_or(|b| {
                        let more = split.score - b.score;
                        let equal = EQUAL * b.score.abs();
                        more > equal || (more >= -equal && split.feature < b.feature)
                    })
                {
                    best = Some(split);
                }
            }
        }
        work.spare.push(bins);
        best
    }
}
