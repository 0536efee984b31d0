//! Precision against recall at every threshold, and the choice of one.

use super::by_score;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Points that a stored curve has at most. Up to as many distinct scores it is whole; beyond, recall is known to one
/// part in as many.
pub const CURVE_POINTS: usize = 20_000;

/// What a threshold gives: rows with a score of at least `threshold` are called positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurvePoint {
    /// The threshold.
    pub threshold: f64,
    /// Share of the rows called positive that are.
    pub precision: f64,
    /// Share of the positive rows that were called so.
    pub recall: f64,
}

impl CurvePoint {
    /// Harmonic mean of precision and recall.
    fn f1(&self) -> f64 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}

/// The precision-recall curve: a point per distinct score, from the highest threshold to the lowest, so that recall
/// never falls. Empty without positive rows, where recall means nothing.
pub fn precision_recall_curve(counts: &[[u32; 2]], probabilities: &[f64]) -> Vec<CurvePoint> {
    let positives: u64 = counts.iter().map(|n| u64::from(n[1])).sum();
    if positives == 0 {
        return Vec::new();
    }
    let (mut tp, mut called) = (0, 0);
    let mut curve = Vec::new();
    for (threshold, [negative, positive]) in by_score(counts, probabilities) {
        tp += positive;
        called += negative + positive;
        // A vector without rows adds nothing to any threshold.
        if negative + positive > 0 {
            let (precision, recall) = (tp as f64 / called as f64, tp as f64 / positives as f64);
            curve.push(CurvePoint { threshold, precision, recall });
        }
    }
    curve
}

/// At most `at_most` points of a curve, for a report that stays small: both ends and the point of the best F1, which
/// are always kept, and between them points evenly by recall, each the best precision at its recall.
pub fn thin(curve: &[CurvePoint], at_most: usize) -> Vec<CurvePoint> {
    let (Some(first), Some(last)) = (curve.first(), curve.last()) else { return Vec::new() };
    if curve.len() <= at_most {
        return curve.to_vec();
    }
    // Of equal ones the first, at the higher threshold.
    let best = (1..curve.len()).fold(0, |best, i| if curve[i].f1() > curve[best].f1() { i } else { best });
    let steps = at_most.saturating_sub(2);
    let between = (1..steps).map(|step| {
        let recall = first.recall + (last.recall - first.recall) * step as f64 / steps as f64;
        // The last recall itself, computed this way, may come out above it.
        curve.partition_point(|p| p.recall < recall).min(curve.len() - 1)
    });
    let kept: BTreeSet<usize> = [0, best, curve.len() - 1].into_iter().chain(between).collect();
    kept.into_iter().map(|i| curve[i]).collect()
}

/// What is asked of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// At least this precision, 0 to 1, with as much recall as it allows.
    Precision(f64),
    /// At least this recall, 0 to 1, with as much precision as it allows.
    Recall(f64),
}

/// The point of a whole curve (not a thinned one) that meets a wish best: of those with the wished recall the one of
/// the highest precision, of those with the wished precision the one of the highest recall; of equal ones the higher
/// threshold. None where no point meets it.
///
/// The threshold lies halfway to the next lower score (0 below the lowest): the verdicts on the curve's own rows are
/// the same, and a new row with nearly the chosen score does not flip by rounding. Precision and recall are those on
/// the curve's own rows, on other rows they come out somewhat different.
pub fn threshold_for(curve: &[CurvePoint], wish: Wish) -> Option<CurvePoint> {
    // Whether a point meets the wish, and what there is to win among those that do.
    let judge = |p: &CurvePoint| match wish {
        Wish::Precision(least) => (p.precision >= least, p.recall),
        Wish::Recall(least) => (p.recall >= least, p.precision),
    };
    let mut chosen: Option<usize> = None;
    for (i, point) in curve.iter().enumerate() {
        let (meets, gain) = judge(point);
        if meets && chosen.is_none_or(|c| gain > judge(&curve[c]).1) {
            chosen = Some(i);
        }
    }
    let at = chosen?;
    let lower = curve.get(at + 1).map_or(0.0, |next| next.threshold);
    let middle = lower + (curve[at].threshold - lower) / 2.0;
    // Between neighbouring doubles there is no middle, and the lower one would let its rows in.
    let threshold = if middle > lower { middle } else { curve[at].threshold };
    Some(CurvePoint { threshold, ..curve[at] })
}

#[cfg(test)]
mod tests;
