//! Two models on the same vectors: whether their scores differ by more than chance.
//!
//! `counts` are the rows of each distinct vector by label (negative, positive); `base` and `new` say of each vector
//! whether that model calls it positive. Vectors are resampled and paired, not rows: equal rows are one observation
//! repeated, and taken for many they would make any difference look certain.

use super::precision_recall_f1;
use crate::random::Stream;
use rayon::prelude::*;
use serde::Serialize;
use statrs::function::factorial::ln_binomial;

/// A difference of two scores, `new` less `base`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PairedDifference {
    /// On the vectors as they are.
    pub value: f64,
    /// Its 95 % interval.
    pub interval: [f64; 2],
}

/// The difference of two models' scores.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct PairedDifferences {
    /// Of F1 of the positive class, on all vectors.
    pub f1: PairedDifference,
    /// Of recall, on the vectors with positive rows.
    pub recall: PairedDifference,
}

/// Which of two models is right on how many vectors. A model is right on a vector when it calls it what most of its
/// rows are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Agreement {
    /// Vectors that both call right.
    pub both_right: u64,
    /// Vectors that only `base` calls right.
    pub only_base: u64,
    /// Vectors that only `new` calls right.
    pub only_new: u64,
    /// Vectors that both call wrong.
    pub both_wrong: u64,
    /// Vectors left out: they carry both labels equally often, so that no verdict is right.
    pub ties: u64,
    /// The p-value of McNemar's exact test, see [`mcnemar`].
    pub p_value: f64,
}

/// Rows that the scores are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Tally {
    pub(super) positive: u64,
    /// Positive rows that each model calls so.
    pub(super) found: [u64; 2],
    /// Rows that each model calls positive.
    pub(super) called: [u64; 2],
}

impl Tally {
    /// Of one vector.
    pub(super) fn of(counts: [u32; 2], verdicts: [bool; 2]) -> Self {
        let [negative, positive] = counts.map(u64::from);
        let when = |n: u64| verdicts.map(|verdict| if verdict { n } else { 0 });
        Self { positive, found: when(positive), called: when(positive + negative) }
    }

    /// Adds another so many times.
    pub(super) fn add(&mut self, other: &Self, times: u64) {
        self.positive += times * other.positive;
        for side in 0..2 {
            self.found[side] += times * other.found[side];
            self.called[side] += times * other.called[side];
        }
    }

    /// The differences of F1 and recall, new less base.
    pub(super) fn differences(&self) -> [f64; 2] {
        let [base, new] = [0, 1].map(|side| {
            let found = self.found[side];
            let (wrong, lost) = (self.called[side] - found, self.positive - found);
            precision_recall_f1(found as f64, wrong as f64, lost as f64)
        });
        [new.2 - base.2, new.1 - base.1]
    }
}

/// The differences of F1 and recall, each with its 95 % paired percentile bootstrap interval: both models are scored on
/// the same resampled vectors, so that what makes a sample hard for both cancels out (Efron and Tibshirani 1993, "An
/// Introduction to the Bootstrap", chapters 8 and 13). Exchanging the models changes the signs and nothing else.
///
/// With few vectors, or few that carry most of the rows, percentile intervals are a little too narrow: of pairs of equally
/// good models with the row counts of the public data, 7 % are told apart on 870 vectors and 8 % on 300, instead of 5 %.
/// [`agreement`] counts every vector once and errs to the other side.
///
/// All zero without vectors; without resamples an interval is its value.
pub fn paired_differences(
    counts: &[[u32; 2]],
    base: &[bool],
    new: &[bool],
    seed: u64,
    resamples: usize,
) -> PairedDifferences {
    let tallies: Vec<Tally> =
        counts.iter().zip(base.iter().zip(new)).map(|(n, (base, new))| Tally::of(*n, [*base, *new])).collect();
    let total = |tallies: &mut dyn Iterator<Item = &Tally>| {
        tallies.fold(Tally::default(), |mut sum, tally| {
            sum.add(tally, 1);
            sum
        })
    };
    let observed = total(&mut tallies.iter()).differences();
    // A stream for each resample: the intervals are the same on any number of threads.
    let drawn: Vec<[f64; 2]> = (0..resamples)
        .into_par_iter()
        .map(|nth| {
            let mut stream = Stream::new(seed, &["paired differences", &nth.to_string()]);
            total(&mut (0..tallies.len()).map(|_| &tallies[stream.below(tallies.len())])).differences()
        })
        .collect();
    let difference = |score: usize| {
        let mut all: Vec<f64> = drawn.iter().map(|differences| differences[score]).collect();
        all.sort_by(f64::total_cmp);
        // Counted from both ends alike: the interval of the exchanged models is this one mirrored.
        let last = all.len().saturating_sub(1);
        let cut = (last as f64 * 0.025).round() as usize;
        let at = |place: usize| all.get(place).copied().unwrap_or(observed[score]);
        PairedDifference { value: observed[score], interval: [at(cut), at(last - cut)] }
    };
    PairedDifferences { f1: difference(0), recall: difference(1) }
}

/// Which model is right where, and the p-value of McNemar's exact test.
pub fn agreement(counts: &[[u32; 2]], base: &[bool], new: &[bool]) -> Agreement {
    let mut found = Agreement::default();
    for ([negative, positive], (base, new)) in counts.iter().zip(base.iter().zip(new)) {
        let label = positive > negative;
        let place = match (positive == negative, *base == label, *new == label) {
            (true, _, _) => &mut found.ties,
            (_, true, true) => &mut found.both_right,
            (_, true, false) => &mut found.only_base,
            (_, false, true) => &mut found.only_new,
            (_, false, false) => &mut found.both_wrong,
        };
        *place += 1;
    }
    found.p_value = mcnemar(found.only_base, found.only_new);
    found
}

/// McNemar's test, two-sided, in its exact form: the probability of a split of the discordant pairs at least as uneven,
/// if either model were as likely to be the right one; 1 where there are none (McNemar 1947, "Note on the sampling error
/// of the difference between correlated proportions or percentages", Psychometrika 12, pages 153-157; the binomial
/// probability instead of his chi-square).
pub fn mcnemar(only_base: u64, only_new: u64) -> f64 {
    let (fewer, pairs) = (only_base.min(only_new), only_base + only_new);
    if only_base == only_new {
        return 1.0;
    }
    // From the largest term of the lower tail downwards: each is known from the one before.
    let mut term = (ln_binomial(pairs, fewer) - pairs as f64 * std::f64::consts::LN_2).exp();
    let mut tail = 0.0;
    for k in (0..=fewer).rev() {
        tail += term;
        if term < tail * f64::EPSILON {
            break;
        }
        term *= k as f64 / (pairs - k + 1) as f64;
    }
    (2.0 * tail).min(1.0)
}

#[cfg(test)]
mod tests;
