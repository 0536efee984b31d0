//! The gate's error rates on resampled real rows. Of 500 challengers, gradient boosting and a random forest mixed, as many
//! are refused as worse:
//!
//! | vectors of the hold-out | as good | .03 less recall |
//! |---|---|---|
//! | 300 | 9 | 126 |
//! | 870 (of the public rows) | 13 | 324 |
//! | 1,500 | 17 | 440 |
//! | 2,000 | 15 | 473 |
//! | 3,000 | 27 | 498 |
//! | 4,350 (all public rows) | 18 | 500 |

use super::gate::{Challenger, Drift, Rival, judge};
use super::policy::Policy;
use crate::dataset::{Vectors, assign_folds, hash_vector};
use crate::event::{Family, TestScores};
use crate::metrics::{precision_recall_f1, test_scores};
use crate::model::{Fit, Model};
use crate::preprocess::Preprocessor;
use crate::random::Stream;
use crate::registry::Outcome;
use crate::schema::{BUILT_IN as SCHEMA, Schema, Value};
use crate::training::Training;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const TRIES: u64 = 500;
/// Vectors of the hold-out of the 8,323 public rows, and all of them: the hold-out of some 40,000 such rows.
const SIZES: [usize; 2] = [870, 4_350];
/// What the worse challenger loses of its recall.
const LOSS: f64 = 0.03;

/// The distinct vectors of the public rows, and what two families say of each, fitted on the folds that it is not in.
struct Population {
    counts: Vec<[u32; 2]>,
    verdicts: [Vec<bool>; 2],
}

fn read(schema: &Schema) -> Vectors {
    let path = std::env::var_os("NETSEC_UCI_CSV")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/phishing_uci.csv"), PathBuf::from);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}; set NETSEC_UCI_CSV", path.display()));
    let mut found: BTreeMap<_, (Vec<Value>, [u32; 2])> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut values: Vec<Value> =
            schema.columns().zip(line.split(',')).map(|(column, cell)| column.parse(cell).unwrap()).collect();
        let Some(Value::Level(label)) = values.pop() else { panic!("{line}") };
        let hash = hash_vector(schema, "netsec-1", &values);
        found.entry(hash).or_insert_with(|| (values, [0; 2])).1[usize::from(label)] += 1;
    }
    let (rows, counts): (Vec<_>, Vec<_>) = found.values().cloned().unzip();
    Vectors { hash: found.into_keys().collect(), counts, ..Vectors::from_rows(schema, &rows) }
}

fn population(families: [Family; 2]) -> Population {
    let schema = Schema::parse(SCHEMA, "built-in").unwrap();
    let (all, training) = (read(&schema), Training::load(None).unwrap());
    let levels: Vec<u16> = schema.features.iter().map(|column| column.levels().len() as u16).collect();
    let folds = assign_folds(&all, 5, 1);
    let mut verdicts = [vec![false; all.len()], vec![false; all.len()]];
    for fold in 0..5 {
        let [test, train] =
            [true, false].map(|own| (0..all.len()).filter(|i| (folds[*i] == fold) == own).collect::<Vec<usize>>());
        let rows = all.take(&train);
        let preprocessor = Preprocessor::fit(&rows, &levels, &training.imputation, 1);
        let (data, shown) = (preprocessor.encode(&rows).labelled(&rows.counts), preprocessor.encode(&all.take(&test)));
        for (family, verdicts) in families.into_iter().zip(&mut verdicts) {
            let search = training.search("quick", &[family], 1).unwrap();
            let fit = Fit { seed: 1, purpose: "gate", stop: &AtomicBool::new(false), progress: &|_, _, _| {} };
            let model = Model::fit(family, &search[0].trials[0], &data, &fit).unwrap();
            for (i, probability) in test.iter().zip(model.probabilities(&shown)) {
                verdicts[*i] = probability >= 0.5;
            }
        }
    }
    Population { counts: all.counts, verdicts }
}

impl Population {
    /// Recall and F1 of both models.
    fn scores(&self) -> [(f64, f64); 2] {
        [0, 1].map(|side: usize| {
            let mut sums = [0.0; 3];
            for (n, positive) in self.counts.iter().zip(&self.verdicts[side]) {
                let [negative_rows, positive_rows] = n.map(f64::from);
                let own = if *positive { [positive_rows, negative_rows, 0.0] } else { [0.0, 0.0, positive_rows] };
                sums.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
            }
            let (_, recall, f1) = precision_recall_f1(sums[0], sums[1], sums[2]);
            (recall, f1)
        })
    }

    /// Draws a hold-out, and judges a challenger on it that is as good as the champion by construction: on each vector
    /// either has the verdict of one of the two models with probability 1/2, and the other that of the other. It loses
    /// `loss` of its recall on top: so many of the positive vectors that it finds, drawn at random. Returns whether it
    /// is worse, whether it is better, and on how many vectors the two differ.
    fn try_one(&self, vectors: usize, loss: f64, seed: u64, scores: &TestScores) -> [u64; 3] {
        let mut stream = Stream::new(seed, &["gate", &vectors.to_string(), &loss.to_string()]);
        let recall = self.scores().iter().map(|(recall, _)| recall / 2.0).sum::<f64>();
        let (mut counts, mut champion, mut challenger) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..vectors {
            let i = stream.below(self.counts.len());
            let other = stream.below(2);
            counts.push(self.counts[i]);
            champion.push(self.verdicts[other][i]);
            let found = self.verdicts[1 - other][i];
            let lost = self.counts[i][1] > 0 && stream.unit() < loss / recall;
            challenger.push(found && !lost);
        }
        let differ = champion.iter().zip(&challenger).filter(|(a, b)| a != b).count();
        let rival = Rival { version: 1, counts: &counts, champion: &champion, challenger: &challenger, left_out: 0 };
        let own = Challenger { scores, vectors: 1, positive_vectors: 1, accepted_by: None, drift: Drift::None };
        let policy = Policy { resamples: 999, ..Policy::default() };
        let gate = judge(&policy, "phishing", &own, Some(&rival));
        [u64::from(gate.outcome == Outcome::Worse), u64::from(gate.outcome == Outcome::Better), differ as u64]
    }

    /// Of so many tries: how many were refused as worse, how many were better, and how many vectors differed on average.
    fn tries(&self, vectors: usize, loss: f64) -> [u64; 3] {
        let scores = test_scores(&[[0, 1], [1, 0]], &[1.0, 0.0], 0.5, 1, 1);
        let sum = |a: [u64; 3], b: [u64; 3]| [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
        let all = (0..TRIES).into_par_iter().map(|seed| self.try_one(vectors, loss, seed, &scores));
        let [worse, better, differ] = all.reduce(|| [0; 3], sum);
        println!(
            "{vectors} vectors, {loss} less: {worse} worse, {better} better of {TRIES}; {} differ",
            differ / TRIES
        );
        [worse, better, differ / TRIES]
    }
}

#[test]
#[ignore = "needs the UCI rows"]
fn an_equal_challenger_is_rarely_refused_and_one_with_three_points_less_recall_nearly_always() {
    let population = population([Family::GradientBoosting, Family::RandomForest]);
    println!("recall and F1: {:?}", population.scores());
    for vectors in SIZES {
        let [worse, better, _] = population.tries(vectors, 0.0);
        assert!(worse <= TRIES / 20, "{worse} of {TRIES} equal challengers are refused on {vectors} vectors");
        assert!(better <= TRIES / 20, "{better} of {TRIES} equal challengers are called better on {vectors} vectors");
    }
    let [small, large] = SIZES.map(|vectors| population.tries(vectors, LOSS)[0]);
    assert!(large >= TRIES * 19 / 20, "only {large} of {TRIES} worse challengers are refused");
    // On the hold-out of the public rows three points are some thirteen vectors: that is seen more often than not, and
    // twice as much nearly always.
    assert!(small >= TRIES / 2, "only {small} of {TRIES} worse challengers are refused on a small hold-out");
    let lost = population.tries(SIZES[0], 2.0 * LOSS)[0];
    assert!(lost >= TRIES * 19 / 20, "only {lost} of {TRIES} much worse challengers are refused on a small hold-out");
}
