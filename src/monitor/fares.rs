//! What the champion says of the rows, and how it fares on them.

use super::champion::Champion;
use crate::Result;
use crate::dataset::{Cells, VectorHash, Vectors};
use crate::drift::{ColumnDrift, Estimate, Limits, ModelDrift, Scores, compare_counts};
use crate::metrics;
use crate::predict::Predictor;
use crate::profile::Profile;
use crate::random::Stream;
use crate::schema::{MISSING, Schema};
use std::collections::BTreeMap;

/// Rows that are scored on a side; a random sample where there are more.
const SCORED: usize = 10_000;
/// Bootstrap resamples behind an interval.
const RESAMPLES: usize = 1_000;

/// Rows that the champion has scored.
pub(super) struct Scored {
    /// As the champion reads them.
    rows: Vectors,
    labels: Vec<u8>,
    probabilities: Vec<f64>,
    /// Whether they are a random sample of the side's rows.
    is_sample: bool,
}

impl Scored {
    /// Scores a side's rows. They are of `schema`, whose columns are the champion's, but not always its levels.
    pub(super) fn new(predictor: &Predictor, schema: &Schema, profile: &Profile) -> Self {
        let (mut picked, mut others) = (Vec::new(), Vec::new());
        Stream::new(0, &["scored rows"]).pick(profile.labels.len() as u32, SCORED as u32, &mut picked, &mut others);
        let picked: Vec<usize> = picked.into_iter().map(|row| row as usize).collect();
        let mut rows = profile.kept.take(&picked);
        for ((own, other), cells) in predictor.schema.features.iter().zip(&schema.features).zip(&mut rows.columns) {
            if own.domain != other.domain {
                let mut read = Cells::of(own);
                (0..picked.len()).for_each(|row| read.push(own.recode(other, cells.get(row))));
                *cells = read;
            }
        }
        Self {
            labels: picked.iter().map(|row| profile.labels[*row]).collect(),
            probabilities: predictor.score_vectors(&rows),
            is_sample: profile.summary.accepted() > SCORED as u64,
            rows,
        }
    }
}

/// The verdicts on both sides, as a column of two levels.
pub(super) fn verdicts(predictor: &Predictor, sides: [&Scored; 2], limits: &Limits) -> ColumnDrift {
    let counts = sides.map(|side| {
        let positive = side.probabilities.iter().filter(|p| **p >= predictor.threshold()).count() as u64;
        [side.probabilities.len() as u64 - positive, positive]
    });
    let labels = [predictor.schema.label(false).to_owned(), predictor.schema.label(true).to_owned()];
    let mut column = compare_counts(&labels, &counts[0], &counts[1], limits.target_js, limits);
    if sides.iter().any(|side| side.is_sample) {
        column.note = Some(format!("on a random sample of {SCORED} rows a side"));
    }
    column
}

/// The scores on vectors, given their rows by label.
fn scores(counts: &[[u32; 2]], probabilities: &[f64], threshold: f64) -> Scores {
    let c = metrics::confusion(counts, probabilities, threshold);
    let (precision, recall, f1) =
        metrics::precision_recall_f1(c.true_positive as f64, c.false_positive as f64, c.false_negative as f64);
    let intervals = metrics::intervals(counts, probabilities, threshold, 0, RESAMPLES);
    let estimate = |value: f64, interval: [f64; 2]| Estimate { value, interval };
    Scores {
        rows: counts.iter().map(|n| u64::from(n[0]) + u64::from(n[1])).sum(),
        vectors: counts.len() as u64,
        precision: estimate(precision, intervals[0]),
        recall: estimate(recall, intervals[1]),
        f1: estimate(f1, intervals[2]),
    }
}

/// The scores that are known from training; none where they were found by an older version, or for another threshold.
fn told(champion: &Champion, predictor: &Predictor) -> Result<Option<Scores>> {
    let Some((test, data)) = champion.tested(predictor)? else { return Ok(None) };
    let c = test.confusion;
    let scores = || {
        Some(Scores {
            rows: c.true_positive + c.false_positive + c.false_negative + c.true_negative,
            vectors: data.holdout_vectors,
            precision: Estimate { value: test.precision, interval: test.precision_ci? },
            recall: Estimate { value: test.recall, interval: test.recall_ci? },
            f1: Estimate { value: test.f1, interval: test.f1_ci },
        })
    };
    Ok(if test.threshold == predictor.threshold() { scores() } else { None })
}

/// The champion's scores at training and on the current rows. Left out are those whose vector it was trained on; of a
/// version with more vectors than its bundle has room for, all that are on the training side of its hold-out.
///
/// # Errors
/// When the champion's rows cannot be read.
pub(super) fn fares(champion: &Champion, predictor: &Predictor, current: &Scored) -> Result<ModelDrift> {
    let mut found: BTreeMap<VectorHash, (f64, [u32; 2])> = BTreeMap::new();
    let mut trained_on = 0;
    for (row, label) in current.labels.iter().enumerate().filter(|(_, label)| **label != MISSING) {
        let values: Vec<_> = current.rows.columns.iter().map(|cells| cells.get(row)).collect();
        let hash = predictor.hash_of(&values);
        if predictor.was_trained_on(&hash)? {
            trained_on += 1;
        } else {
            // Equal rows have one score.
            let (_, counts) = found.entry(hash).or_insert((current.probabilities[row], [0, 0]));
            counts[usize::from(*label)] += 1;
        }
    }
    let threshold = predictor.threshold();
    let at_training = match told(champion, predictor)? {
        Some(scores) => scores,
        None => {
            let test = champion.held_out(&predictor.schema)?;
            scores(&test.counts, &predictor.score_vectors(&test), threshold)
        }
    };
    let (probabilities, counts): (Vec<f64>, Vec<[u32; 2]>) = found.into_values().unzip();
    let now = (!counts.is_empty()).then(|| scores(&counts, &probabilities, threshold));
    Ok(ModelDrift {
        run: predictor.run.clone(),
        version: predictor.release.as_ref().map(ToString::to_string),
        family: predictor.family,
        threshold,
        worse: now.is_some_and(|now| now.f1.interval[1] < at_training.f1.interval[0]),
        at_training,
        now,
        trained_on,
    })
}
