//! Interventional TreeSHAP (Lundberg et al. 2020, algorithm 3): exact, in one walk for each tree and background row.
//!
//! Against one background row a tree is a simple game. A leaf is reached by those coalitions that hold all features
//! at which the path to it follows the explained row only, and none of those at which it follows the background row
//! only. With `u` features of the first and `v` of the second kind, the leaf's value times `(u - 1)! v! / (u + v)!`
//! is its part of the Shapley value of each of the first, and its value times `- u! (v - 1)! / (u + v)!` that of each
//! of the second. No walk visits more nodes than the tree has.

use super::{Background, Explanation, Method, Scale};
use crate::dataset::Row;
use crate::model::tree::{Summed, Tree};
use rayon::prelude::*;

/// Explains a score that is a sum over trees: Shapley values of a sum are the sums of the Shapley values.
pub(super) fn explain(sum: &Summed<'_>, row: Row<'_>, background: &Background) -> Explanation {
    let width = row.codes.len();
    // Tree by tree, each added in order: the number of threads changes nothing.
    let each: Vec<(f64, Vec<f64>)> = sum
        .trees
        .par_iter()
        .enumerate()
        .map(|(nth, tree)| {
            let say = |value| (sum.say)(nth, value);
            let mut walk = Walk {
                tree,
                say: &say,
                row: row.codes,
                other: row.codes,
                share: 0.0,
                taken: vec![Taken::Neither; width],
                weights: Weights::default(),
                contributions: vec![0.0; width],
            };
            let mut mean = 0.0;
            for (other, share) in background.rows() {
                (walk.other, walk.share) = (other.codes, share);
                walk.below(0, 0, 0);
                mean += share * say(tree.value(other.codes));
            }
            (mean, walk.contributions)
        })
        .collect();
    let (mut base, mut contributions) = (sum.start, vec![0.0; width]);
    for (mean, parts) in each {
        base += mean;
        contributions.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
    }
    Explanation {
        base,
        contributions,
        scale: if sum.log_odds { Scale::LogOdds } else { Scale::Probability },
        output: sum.score(row.codes),
        method: Method::TreeShap,
        exact: true,
        calibrated: false,
        background: background.share.len(),
    }
}

/// Whose value of a feature a path follows, where the two rows part.
#[derive(Clone, Copy, PartialEq)]
enum Taken {
    /// They have not parted at this feature.
    Neither,
    /// The explained row's.
    Own,
    /// The background row's.
    Other,
}

/// The walk through one tree with the explained row and one background row.
struct Walk<'a> {
    tree: &'a Tree,
    say: &'a dyn Fn(f64) -> f64,
    row: &'a [u8],
    other: &'a [u8],
    /// What the background row counts.
    share: f64,
    /// By feature, on the path to the present node.
    taken: Vec<Taken>,
    weights: Weights,
    contributions: Vec<f64>,
}

impl Walk<'_> {
    /// Walks below a node whose path follows the explained row only at `own` features, the background row only at
    /// `other`. Returns what its leaves give to each of the first, and take from each of the second.
    ///
    /// It calls itself where the rows part at a feature for the first time: never deeper than there are features.
    fn below(&mut self, mut node: usize, own: usize, other: usize) -> (f64, f64) {
        loop {
            let Some((feature, threshold, left)) = self.tree.question(node) else {
                if own + other == 0 {
                    // Both rows fall into this leaf.
                    return (0.0, 0.0);
                }
                let value = self.share * (self.say)(self.tree.leaf(node));
                let (give, take) = self.weights.of(own, other);
                return (value * give, value * take);
            };
            let of_row = left + usize::from(self.row[feature] > threshold);
            let of_other = left + usize::from(self.other[feature] > threshold);
            node = match self.taken[feature] {
                _ if of_row == of_other => of_row,
                Taken::Own => of_row,
                Taken::Other => of_other,
                Taken::Neither => {
                    self.taken[feature] = Taken::Own;
                    let with = self.below(of_row, own + 1, other);
                    self.taken[feature] = Taken::Other;
                    let without = self.below(of_other, own, other + 1);
                    self.taken[feature] = Taken::Neither;
                    self.contributions[feature] += with.0 - without.1;
                    return (with.0 + without.0, with.1 + without.1);
                }
            };
        }
    }
}

/// The weights of leaves, kept between walks.
#[derive(Default)]
struct Weights {
    /// By `u`, then `v`.
    known: Vec<Vec<(f64, f64)>>,
}

impl Weights {
    /// `(u - 1)! v! / (u + v)!` and `u! (v - 1)! / (u + v)!`; 0 for what no feature gets.
    fn of(&mut self, u: usize, v: usize) -> (f64, f64) {
        if let Some(weights) = self.known.get(u).and_then(|of_u| of_u.get(v)) {
            return *weights;
        }
        if self.known.len() <= u {
            self.known.resize_with(u + 1, Vec::new);
        }
        for v in self.known[u].len()..=v {
            // 1 / C(u + v, u), a factor at a time: factorials leave the range of doubles first.
            let inverse: f64 = (1..=v).map(|i| i as f64 / (u + i) as f64).product();
            let part = |n: usize| if n > 0 { inverse / n as f64 } else { 0.0 };
            self.known[u].push((part(u), part(v)));
        }
        self.known[u][v]
    }
}
