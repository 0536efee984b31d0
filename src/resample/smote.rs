//! SMOTE (Chawla, Bowyer, Hall and Kegelmeyer 2002, "SMOTE: synthetic minority over-sampling technique", JAIR 16).
//!
//! A synthetic row is made from a seed, any vector of the minority, and its nearest neighbours of the same label. The
//! details are those of imbalanced-learn, the features choose the form:
//!
//! - all numeric, SMOTE: a point on the line from the seed to one of the neighbours.
//! - all categorical, SMOTE-N: neighbours by the value difference metric; each feature has the level that most of the
//!   seed and its neighbours have, of equally frequent ones the lowest. One seed always gives the same row.
//! - mixed, SMOTE-NC: a categorical difference counts the median of the standard deviations of the minority's numeric
//!   features, squared; numeric values are on the line, categorical ones those of most of the neighbours (without the
//!   seed), drawn from equally frequent ones.

use super::neighbours::{Metric, Points};
use super::{distinct, label_rows, minority};
use crate::dataset::Dataset;
use crate::random::Stream;
use rayon::prelude::*;
use std::borrow::Cow;

/// Neighbours of a seed.
const NEIGHBOURS: usize = 5;
/// Most vectors among which neighbours are searched. A larger minority is represented by a random sample of as many,
/// the same for every seed; the seeds are still drawn from all of it.
const REFERENCE: usize = 20_000;

/// Adds as many synthetic rows to the minority of distinct vectors as it has observed rows less.
///
/// # Errors
/// When the minority has one vector only.
pub(super) fn smote<'a>(data: Cow<'a, Dataset>, seed: u64, purpose: &str) -> Result<Cow<'a, Dataset>, String> {
    let counts = label_rows(&data);
    let lacking = (counts[0] - counts[1]).abs() as usize;
    if lacking == 0 {
        return Ok(data);
    }
    let label = minority(&data);
    let rows: Vec<u32> = (0..data.len() as u32).filter(|i| data.label[*i as usize] == label).collect();
    if rows.len() < 2 {
        return Err("SMOTE needs neighbours, and the smaller class has one distinct vector only".to_owned());
    }
    let mut stream = Stream::new(seed, &[purpose, "smote"]);
    let seeds: Vec<u32> = (0..lacking).map(|_| rows[stream.below(rows.len())]).collect();
    let mut asked = seeds.clone();
    asked.sort_unstable();
    asked.dedup();
    let k = NEIGHBOURS.min(rows.len() - 1);
    let metric = metric(&data, &rows);
    let points = Points::new(&data, metric, reference(rows, seed, purpose));
    let near: Vec<Vec<u32>> = asked.par_iter().map(|row| points.nearest(*row, k)).collect();
    let bins = Bins::of(&data);
    let mut more = data.as_ref().clone();
    for seed in seeds {
        let near = &near[asked.partition_point(|row| *row < seed)];
        synthesize(&data, &bins, seed, near, &mut stream, &mut more);
        more.label.push(label);
        more.weight.push(1.0);
    }
    Ok(distinct(Cow::Owned(more)))
}

/// The distance by which the neighbours of these rows are searched.
pub(super) fn metric(data: &Dataset, rows: &[u32]) -> Metric {
    if data.numeric_width() == 0 { Metric::value_difference(data) } else { Metric::Difference(penalty(data, rows)) }
}

/// What a categorical difference counts in SMOTE-NC, squared: the median, over the numeric features, of the standard
/// deviation of these rows.
fn penalty(data: &Dataset, rows: &[u32]) -> f64 {
    let n = rows.len() as f64;
    let mut deviations: Vec<f64> = (0..data.numeric_width())
        .map(|nth| {
            let values = || rows.iter().map(|row| data.row(*row as usize).numbers[nth]);
            let mean = values().sum::<f64>() / n;
            (values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
        })
        .collect();
    deviations.sort_unstable_by(f64::total_cmp);
    let middle = deviations.len() / 2;
    let median = if deviations.len() % 2 == 1 {
        deviations[middle]
    } else {
        (deviations[middle - 1] + deviations[middle]) / 2.0
    };
    median * median
}

/// The rows among which neighbours are searched, ascending.
fn reference(mut rows: Vec<u32>, seed: u64, purpose: &str) -> Vec<u32> {
    if rows.len() > REFERENCE {
        Stream::new(seed, &[purpose, "smote reference"]).shuffle(&mut rows);
        rows.truncate(REFERENCE);
        rows.sort_unstable();
    }
    rows
}

/// Appends the codes and numbers of one synthetic row.
fn synthesize(data: &Dataset, bins: &Bins, seed: u32, near: &[u32], stream: &mut Stream, more: &mut Dataset) {
    let nominal = data.numeric_width() == 0;
    let own = data.row(seed as usize);
    let other = data.row(near[stream.below(near.len())] as usize);
    let step = stream.unit();
    let mut nth = 0;
    for feature in 0..data.width() {
        if data.numeric[feature] {
            let (a, b) = (own.numbers[nth], other.numbers[nth]);
            // Rounding must not carry the value past its neighbour.
            let value = (a + step * (b - a)).max(a.min(b)).min(a.max(b));
            more.numbers.push(value);
            more.codes.push(bins.code(nth, value));
            nth += 1;
        } else {
            let voters = near.iter().chain(nominal.then_some(&seed));
            let tied = most_frequent(voters.map(|row| data.row(*row as usize).codes[feature]).collect());
            more.codes.push(if nominal { tied[0] } else { tied[stream.below(tied.len())] });
        }
    }
}

/// The most frequent of these codes, ascending where there are several.
fn most_frequent(mut codes: Vec<u8>) -> Vec<u8> {
    codes.sort_unstable();
    let most = codes.chunk_by(|a, b| a == b).map(<[u8]>::len).max();
    codes.chunk_by(|a, b| a == b).filter(|run| Some(run.len()) == most).map(|run| run[0]).collect()
}

/// The codes of numbers.
///
/// Only the preprocessor knows where the bins of a feature end, but it lets them end halfway between neighbouring
/// training values, the halfway point in the lower bin. So a number has the code of the nearest number in the fold, of
/// two equally near ones the lower one's.
pub(super) struct Bins(Vec<Vec<(f64, u8)>>);

impl Bins {
    pub(super) fn of(data: &Dataset) -> Self {
        let numeric = data.numeric.iter().enumerate().filter(|(_, numeric)| **numeric);
        let known = numeric.enumerate().map(|(nth, (feature, _))| {
            let rows = (0..data.len()).map(|i| data.row(i));
            let mut known: Vec<(f64, u8)> = rows.map(|row| (row.numbers[nth], row.codes[feature])).collect();
            known.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            known.dedup_by_key(|k| k.0);
            known
        });
        Self(known.collect())
    }

    pub(super) fn code(&self, nth: usize, value: f64) -> u8 {
        let known = &self.0[nth];
        let above = known.partition_point(|k| k.0 < value).min(known.len() - 1);
        let below = above.saturating_sub(1);
        if value - known[below].0 <= known[above].0 - value { known[below].1 } else { known[above].1 }
    }
}
