//! The receiver operating characteristic, and curves thinned to what can be shown.

use super::by_score;
use serde::{Deserialize, Serialize};
use std::collections::BinaryHeap;

/// What a threshold gives: rows with a score of at least `threshold` are called positive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocPoint {
    /// The threshold; none at the first point, where no row is called positive.
    pub threshold: Option<f64>,
    /// Share of the negative rows that were called positive: false alarms.
    pub false_positive_rate: f64,
    /// Share of the positive rows that were called so: recall.
    pub true_positive_rate: f64,
}

/// The ROC curve: from the corner where nothing is called positive a point per distinct score, highest first, to the
/// corner where everything is. The area below its straight lines is [`roc_auc`](super::roc_auc). Empty when a class is
/// missing.
pub fn roc_curve(counts: &[[u32; 2]], probabilities: &[f64]) -> Vec<RocPoint> {
    let groups = by_score(counts, probabilities);
    let [negatives, positives] = [0, 1].map(|label| groups.iter().map(|(_, rows)| rows[label]).sum::<u64>());
    if negatives == 0 || positives == 0 {
        return Vec::new();
    }
    let (mut fp, mut tp) = (0, 0);
    let mut curve = vec![RocPoint { threshold: None, false_positive_rate: 0.0, true_positive_rate: 0.0 }];
    for (threshold, [negative, positive]) in groups {
        fp += negative;
        tp += positive;
        if negative + positive > 0 {
            curve.push(RocPoint {
                threshold: Some(threshold),
                false_positive_rate: fp as f64 / negatives as f64,
                true_positive_rate: tp as f64 / positives as f64,
            });
        }
    }
    curve
}

/// A stretch of a curve, and its point farthest from the straight line between its ends.
struct Stretch {
    distance: f64,
    ends: (usize, usize),
    farthest: usize,
}

impl Stretch {
    fn of(points: &[(f64, f64)], ends: (usize, usize)) -> Self {
        let ((ax, ay), (bx, by)) = (points[ends.0], points[ends.1]);
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx.hypot(dy);
        let mut stretch = Self { distance: 0.0, ends, farthest: ends.0 };
        for (i, (x, y)) in points.iter().enumerate().take(ends.1).skip(ends.0 + 1) {
            let (px, py) = (x - ax, y - ay);
            let distance = if length > 0.0 { (dx * py - dy * px).abs() / length } else { px.hypot(py) };
            if distance > stretch.distance {
                (stretch.distance, stretch.farthest) = (distance, i);
            }
        }
        stretch
    }
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Stretch {}

impl PartialOrd for Stretch {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Stretch {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        // Of equal ones the earlier.
        self.distance.total_cmp(&other.distance).then(other.ends.cmp(&self.ends))
    }
}

/// Which points of a curve to keep, at most `at_most` of them, so that it looks the same: both ends, then again and
/// again the point that lies farthest from the curve of those kept (Ramer 1972; Douglas and Peucker 1973). Points on a
/// straight line between others are left out whatever there is room for: a corner never is while they are not.
pub fn corners(points: &[(f64, f64)], at_most: usize) -> Vec<usize> {
    if points.len() < 2 || at_most < 2 {
        return (0..points.len().min(at_most)).collect();
    }
    let last = points.len() - 1;
    let mut kept = vec![0, last];
    let mut open = BinaryHeap::from([Stretch::of(points, (0, last))]);
    while kept.len() < at_most {
        let Some(stretch) = open.pop().filter(|s| s.distance > 0.0) else { break };
        kept.push(stretch.farthest);
        for ends in [(stretch.ends.0, stretch.farthest), (stretch.farthest, stretch.ends.1)] {
            open.push(Stretch::of(points, ends));
        }
    }
    kept.sort_unstable();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::roc_auc;
    use crate::random::Stream;

    /// The area below straight lines.
    fn area(curve: &[RocPoint]) -> f64 {
        let trapezoid = |pair: &[RocPoint]| {
            let wide = pair[1].false_positive_rate - pair[0].false_positive_rate;
            wide * (pair[0].true_positive_rate + pair[1].true_positive_rate) / 2.0
        };
        curve.windows(2).map(trapezoid).sum()
    }

    /// Vectors of a model that is right more often than not, some with the same score.
    fn scored(n: usize) -> (Vec<[u32; 2]>, Vec<f64>) {
        let mut stream = Stream::new(7, &["roc"]);
        let vector = |i: usize| if i.is_multiple_of(3) { [0, 1 + (i % 2) as u32] } else { [1, 0] };
        let counts: Vec<[u32; 2]> = (0..n).map(vector).collect();
        let score = |n: &[u32; 2], noise: usize| (noise as f64 / 200.0 + f64::from(u8::from(n[1] > 0)) * 0.4).min(1.0);
        let scores = counts.iter().map(|n| score(n, stream.below(120))).collect();
        (counts, scores)
    }

    #[test]
    fn the_curve_goes_from_corner_to_corner_and_has_the_area() {
        let curve = roc_curve(&[[0, 2], [1, 1], [3, 0], [0, 0]], &[0.9, 0.5, 0.2, 0.1]);
        let points: Vec<_> = curve.iter().map(|p| (p.threshold, p.false_positive_rate, p.true_positive_rate)).collect();
        let two_thirds = 2.0 / 3.0;
        assert_eq!(
            points,
            [(None, 0.0, 0.0), (Some(0.9), 0.0, two_thirds), (Some(0.5), 0.25, 1.0), (Some(0.2), 1.0, 1.0)]
        );
        let (counts, scores) = scored(500);
        assert!((area(&roc_curve(&counts, &scores)) - roc_auc(&counts, &scores).unwrap()).abs() < 1e-12);
        for one_class in [[[1, 0], [2, 0]], [[0, 1], [0, 2]]] {
            assert!(roc_curve(&one_class, &[0.1, 0.2]).is_empty());
        }
        assert!(roc_curve(&[], &[]).is_empty());
    }

    #[test]
    fn corners_stay_and_straight_points_go() {
        let stairs = [(0.0, 0.0), (0.0, 0.2), (0.0, 0.7), (0.1, 0.7), (0.2, 0.7), (0.2, 1.0), (0.6, 1.0), (1.0, 1.0)];
        assert_eq!(corners(&stairs, 100), [0, 2, 4, 5, 7]);
        assert_eq!(corners(&stairs, 3), [0, 5, 7], "the largest corner first");
        assert_eq!(corners(&stairs, 1), [0]);
        assert_eq!([corners(&stairs, 0), corners(&[], 5), corners(&[(1.0, 1.0)], 5)], [vec![], vec![], vec![0]]);
        // Points on one spot have nothing between them.
        assert_eq!(corners(&[(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)], 9), [0, 1, 2]);
    }

    #[test]
    fn a_thinned_curve_has_nearly_the_same_area() {
        let (counts, scores) = scored(4_000);
        let scores: Vec<f64> = scores.iter().enumerate().map(|(i, s)| s - i as f64 * 1e-7).collect();
        let whole = roc_curve(&counts, &scores);
        let points: Vec<_> = whole.iter().map(|p| (p.false_positive_rate, p.true_positive_rate)).collect();
        let kept = corners(&points, 200);
        assert!(whole.len() > 3_000 && kept.len() <= 200, "{} {}", whole.len(), kept.len());
        assert!(kept.windows(2).all(|pair| pair[0] < pair[1]));
        let thinned: Vec<RocPoint> = kept.into_iter().map(|i| whole[i]).collect();
        assert!((area(&whole) - area(&thinned)).abs() < 1e-3);
    }
}
