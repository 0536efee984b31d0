//! Whether one of two models is lower, or higher, than the other by more than chance: the question of a gate, which asks
//! about each direction by itself and must not often refuse a model that is as good.
//!
//! As in [`super::paired_differences`] vectors are resampled and paired, not rows. What is said here has to hold for the
//! few dozen vectors on which two models disagree, some of which stand for many rows. A difference counts where two tests
//! see it, each of which sees too much by itself in some cases:
//!
//! - the *bootstrap*, from which the bounds are: the standard interval with the bootstrap's standard error (Efron and
//!   Tibshirani 1993, "An Introduction to the Bootstrap", chapters 6 and 12), widened by what one more vector on which
//!   the models disagree would add to the variance (after Agresti and Min 2005, "Simple improved confidence intervals
//!   for comparing matched proportions", Statistics in Medicine 24, pages 729-740). Without that, four disagreements
//!   that go one way would be a certainty;
//! - the *exchange test* (a permutation test of pairs; Efron and Tibshirani, chapter 15) gives, vector by vector, each
//!   model's verdict to the other with probability 1/2. Of models that are alike it refuses no more than it says, however
//!   few vectors there are (Phipson and Smyth 2010, "Permutation p-values should never be zero", Statistical Applications
//!   in Genetics and Molecular Biology 9, article 39).
//!
//! Of pairs of equally good models with the row counts of the public data, at a level of 5 %, in 1,000 tries each: 1 %
//! are called worse on 150 vectors, 3 % on 300 and on 870, 4 % on 2,000; 5 to 6 % where one finds vectors with many rows
//! and the other as many rows in vectors of one. Percentile intervals refuse 5 to 6 % and 7 to 11 %. The studentized
//! bootstrap, which should do better on skewed counts, refuses 11 % and 14 % on 150 vectors, and 6 % on 870: it
//! takes a lucky lack of disagreements for precision.

use super::mean_sd;
use super::paired::Tally;
use crate::random::Stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use statrs::function::erf::{erfc, erfc_inv};
use std::collections::HashMap;
use std::f64::consts::SQRT_2;

/// Differences of scores below this are rounding.
const ROUNDING: f64 = 1e-12;
/// Resamples behind a standard error: a few hundred are enough for one (Efron and Tibshirani, section 6.4).
const ENOUGH: usize = 1_000;
/// Two scores, F1 and recall, in this order.
const SCORES: usize = 2;

/// A difference of two scores, new less base (of a gate: challenger less champion), with one-sided bounds. All numbers
/// are finite, the difference and its bounds from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounded {
    /// On the vectors as they are.
    pub value: f64,
    /// The difference is above this, and that of the other score above its own bound, with 95 % confidence (1 - level).
    pub lower: f64,
    /// The difference is below this, and that of the other score below its own bound, with 95 % confidence.
    pub upper: f64,
    /// How likely a difference at least as low would be if the new model were not worse; of this score alone.
    pub p_worse: f64,
    /// How likely a difference at least as high would be if the new model were not better; of this score alone.
    pub p_better: f64,
}

/// The differences of two models' scores, each with one-sided bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneSided {
    /// Of F1 of the positive class, on all vectors.
    pub f1: Bounded,
    /// Of recall, on the vectors with positive rows.
    pub recall: Bounded,
}

/// Vectors that are the same to every sum.
struct Group {
    tally: Tally,
    /// The same with the verdicts of the models exchanged.
    exchanged: Tally,
    times: u32,
}

/// The vectors in groups, and which group each belongs to. The groups stand in the order of the vectors, so that sums
/// of exchanged models are added in the same order.
fn groups(counts: &[[u32; 2]], base: &[bool], new: &[bool]) -> (Vec<Group>, Vec<u32>) {
    let (mut groups, mut known, mut of) = (Vec::<Group>::new(), HashMap::new(), Vec::with_capacity(counts.len()));
    for (counts, (base, new)) in counts.iter().zip(base.iter().zip(new)) {
        let tally = Tally::of(*counts, [*base, *new]);
        let at = *known.entry(tally).or_insert_with(|| {
            groups.push(Group { tally, exchanged: Tally::of(*counts, [*new, *base]), times: 0 });
            groups.len() as u32 - 1
        });
        groups[at as usize].times += 1;
        of.push(at);
    }
    (groups, of)
}

/// The differences of F1 and recall, each with one-sided bounds and the p-values of both directions.
///
/// `counts` are the rows of each distinct vector by label (negative, positive), `base` and `new` the models' verdicts on
/// them. `level`, above 0 and below 1, is the chance of a wrong bound that both scores share, each having half of it
/// (Bonferroni, the first step of Holm's procedure): an upper bound is below 0 exactly when `p_worse` is at most
/// `level / 2`, a lower one above 0 when `p_better` is. A p-value is the larger one of the bootstrap's and the exchange
/// test's; where the latter sees nothing, a bound reaches to 0 at least.
///
/// Exchanging the models changes the signs and nothing else. The same on any number of threads. Without vectors all
/// differences and bounds are 0.
pub fn one_sided_differences(
    counts: &[[u32; 2]],
    base: &[bool],
    new: &[bool],
    seed: u64,
    resamples: usize,
    level: f64,
) -> OneSided {
    let (groups, of) = groups(counts, base, new);
    let times: Vec<u32> = groups.iter().map(|group| group.times).collect();
    let total = total(&groups, &times);
    let observed = total.differences();
    // A stream for each resample: the numbers are the same on any number of threads.
    let drawn: Vec<[f64; SCORES]> = (0..resamples.min(ENOUGH))
        .into_par_iter()
        .map(|nth| {
            let mut stream = Stream::new(seed, &["one-sided differences", &nth.to_string()]);
            let mut times = vec![0; groups.len()];
            for _ in 0..of.len() {
                times[of[stream.below(of.len())] as usize] += 1;
            }
            self::total(&groups, &times).differences()
        })
        .collect();
    let exchanged = exchanged(&groups, seed, resamples);
    let one = worth_of_one(&total, counts);
    let difference = |score: usize| {
        let of = |all: &[[f64; SCORES]]| all.iter().map(|differences| differences[score]).collect::<Vec<f64>>();
        let (_, error) = mean_sd(&of(&drawn));
        bounded(observed[score], error.hypot(one[score]), &of(&exchanged), level / SCORES as f64)
    };
    OneSided { f1: difference(0), recall: difference(1) }
}

fn total(groups: &[Group], times: &[u32]) -> Tally {
    let mut total = Tally::default();
    for (group, times) in groups.iter().zip(times) {
        total.add(&group.tally, u64::from(*times));
    }
    total
}

/// What a vector of average rows adds to F1 and recall, or takes, when the verdict on it changes; for F1 about so.
fn worth_of_one(total: &Tally, counts: &[[u32; 2]]) -> [f64; SCORES] {
    let rows: u64 = counts.iter().flatten().map(|n| u64::from(*n)).sum();
    let positive = counts.iter().filter(|n| n[1] > 0).count();
    let called = (total.called[0] + total.called[1]) as f64 / 2.0;
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    [ratio(ratio(rows as f64, counts.len() as f64), total.positive as f64 + called), ratio(1.0, positive as f64)]
}

/// The differences after each vector's verdicts were given to the other model with probability 1/2.
fn exchanged(groups: &[Group], seed: u64, resamples: usize) -> Vec<[f64; SCORES]> {
    let (alike, discordant): (Vec<&Group>, Vec<&Group>) =
        groups.iter().partition(|group| group.tally == group.exchanged);
    let mut agreed = Tally::default();
    alike.iter().for_each(|group| agreed.add(&group.tally, u64::from(group.times)));
    (0..resamples)
        .into_par_iter()
        .map(|nth| {
            let mut stream = Stream::new(seed, &["exchanged verdicts", &nth.to_string()]);
            let mut total = agreed;
            for group in &discordant {
                // A coin for each vector, 64 at a time.
                let coins = |from: u32| (stream.bits() >> (64 - (group.times - from).min(64))).count_ones();
                let exchanged: u32 = (0..group.times).step_by(64).map(coins).sum();
                total.add(&group.tally, u64::from(group.times - exchanged));
                total.add(&group.exchanged, u64::from(exchanged));
            }
            total.differences()
        })
        .collect()
}

/// A difference with its widened standard error, and the differences of exchanged verdicts.
fn bounded(value: f64, error: f64, exchanged: &[f64], level: f64) -> Bounded {
    // The observation counts as one of them: so no p-value is 0, and none is too small.
    let p = |as_far: usize| (1 + as_far) as f64 / (1 + exchanged.len()) as f64;
    let exchange = [
        p(exchanged.iter().filter(|other| **other <= value + ROUNDING).count()),
        p(exchanged.iter().filter(|other| **other >= value - ROUNDING).count()),
    ];
    // The normal distribution below and above what was found.
    let tail = |value: f64| if error > 0.0 { erfc(-value / error / SQRT_2) / 2.0 } else { 1.0 };
    let width = SQRT_2 * erfc_inv(2.0 * level) * error;
    let (mut lower, mut upper) = (value - width, value + width);
    if exchange[0] > level {
        upper = upper.max(0.0);
    }
    if exchange[1] > level {
        lower = lower.min(0.0);
    }
    Bounded {
        value,
        lower: lower.max(-1.0),
        upper: upper.min(1.0),
        p_worse: exchange[0].max(tail(value)),
        p_better: exchange[1].max(tail(-value)),
    }
}

#[cfg(test)]
mod tests;
