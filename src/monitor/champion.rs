//! What the champion says of the rows, and how it fares on them.

use crate::Result;
use crate::dataset::{VectorHash, Vectors, hash_vector};
use crate::drift::{ColumnDrift, Estimate, Limits, ModelDrift, Scores, compare_counts};
use crate::metrics;
use crate::pipeline::{self, Report};
use crate::predict::Predictor;
use crate::profile::Profile;
use crate::random::Stream;
use crate::run::RunDir;
use crate::schema::MISSING;
use std::collections::{BTreeMap, HashSet};

/// Rows that are scored on a side; a random sample where there are more.
const SCORED: usize = 10_000;
/// Bootstrap resamples behind an interval.
const RESAMPLES: usize = 1_000;

/// Rows to score, by their place among the rows kept.
fn drawn(profile: &Profile) -> Vec<usize> {
    let (mut picked, mut others) = (Vec::new(), Vec::new());
    Stream::new(0, &["scored rows"]).pick(profile.labels.len() as u32, SCORED as u32, &mut picked, &mut others);
    picked.into_iter().map(|row| row as usize).collect()
}

/// The verdicts on both sides, as a column of two levels.
pub(super) fn verdicts(predictor: &Predictor, sides: [&Profile; 2], limits: &Limits) -> ColumnDrift {
    let counts = sides.map(|profile| {
        let probabilities = predictor.score_vectors(&profile.kept.take(&drawn(profile)));
        let positive = probabilities.iter().filter(|p| **p >= predictor.threshold()).count() as u64;
        [probabilities.len() as u64 - positive, positive]
    });
    let labels = [predictor.schema.label(false).to_owned(), predictor.schema.label(true).to_owned()];
    let mut column = compare_counts(&labels, &counts[0], &counts[1], limits.target_js, limits);
    if sides.iter().any(|profile| profile.summary.accepted() > SCORED as u64) {
        column.note = Some(format!("on a random sample of {SCORED} rows a side"));
    }
    column
}

fn scores(vectors: &Vectors, predictor: &Predictor) -> Scores {
    let probabilities = predictor.score_vectors(vectors);
    let threshold = predictor.threshold();
    let c = metrics::confusion(&vectors.counts, &probabilities, threshold);
    let (precision, recall, f1) =
        metrics::precision_recall_f1(c.true_positive as f64, c.false_positive as f64, c.false_negative as f64);
    let intervals = metrics::intervals(&vectors.counts, &probabilities, threshold, 0, RESAMPLES);
    let estimate = |value: f64, interval: [f64; 2]| Estimate { value, interval };
    Scores {
        rows: vectors.rows(),
        vectors: vectors.len() as u64,
        precision: estimate(precision, intervals[0]),
        recall: estimate(recall, intervals[1]),
        f1: estimate(f1, intervals[2]),
    }
}

/// The scores that the run's report tells; none where it was written by an older version, or for another threshold.
fn told(report: &Report, predictor: &Predictor) -> Option<Scores> {
    let test = &report.model(predictor.family)?.test;
    let c = test.confusion;
    (test.threshold == predictor.threshold()).then_some(Scores {
        rows: c.true_positive + c.false_positive + c.false_negative + c.true_negative,
        vectors: report.data.holdout_vectors,
        precision: Estimate { value: test.precision, interval: test.precision_ci? },
        recall: Estimate { value: test.recall, interval: test.recall_ci? },
        f1: Estimate { value: test.f1, interval: test.f1_ci },
    })
}

/// The champion's scores at training and on the current rows.
///
/// # Errors
/// When the champion's rows cannot be read.
pub(super) fn fares(dir: &RunDir, predictor: &Predictor, current: &Profile) -> Result<ModelDrift> {
    let salt = dir.manifest()?.salt;
    let own = &predictor.schema;
    let trained: HashSet<VectorHash> =
        pipeline::read_split(&dir.file("train.parquet"), own)?.vectors.hash.into_iter().collect();
    let mut counts: BTreeMap<VectorHash, (usize, [u32; 2])> = BTreeMap::new();
    let mut trained_on = 0;
    for row in drawn(current).into_iter().filter(|row| current.labels[*row] != MISSING) {
        let values: Vec<_> = current.kept.columns.iter().map(|cells| cells.get(row)).collect();
        let hash = hash_vector(own, &salt, &values);
        if trained.contains(&hash) {
            trained_on += 1;
        } else {
            counts.entry(hash).or_insert((row, [0, 0])).1[usize::from(current.labels[row])] += 1;
        }
    }
    let rows: Vec<usize> = counts.values().map(|(row, _)| *row).collect();
    let mut vectors = current.kept.take(&rows);
    vectors.hash = counts.keys().copied().collect();
    vectors.counts = counts.values().map(|(_, counts)| *counts).collect();
    let at_training = match dir.report()?.and_then(|report| told(&report, predictor)) {
        Some(scores) => scores,
        None => scores(&pipeline::read_split(&dir.file("test.parquet"), own)?.vectors, predictor),
    };
    let now = (!vectors.is_empty()).then(|| scores(&vectors, predictor));
    Ok(ModelDrift {
        run: dir.id.clone(),
        family: predictor.family,
        threshold: predictor.threshold(),
        worse: now.is_some_and(|now| now.f1.interval[1] < at_training.f1.interval[0]),
        at_training,
        now,
        trained_on,
    })
}
