//! Which features a model leans on.

use crate::dataset::Encoded;
use crate::metrics;
use crate::random::Stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, Ordering};

/// Most vectors that are scored per feature and repeat; of more, a random sample of this size. The F1 of so many is
/// known to about .01, and a model that is slow to ask (nearest neighbours) is done in seconds.
pub const MAX_VECTORS: usize = 2_000;

/// What a feature is worth to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Importance {
    /// Its name.
    pub feature: String,
    /// F1 lost when its values are shuffled among the vectors, mean over the repeats. About 0, also below, for a feature
    /// the model can do without; two features that say the same hide each other.
    pub mean: f64,
    /// Its standard deviation over the repeats (n - 1).
    pub sd: f64,
    /// Share of the impurity gain of all splits, 0 to 1, for families made of trees.
    #[serde(default)]
    pub gain: Option<f64>,
}

/// Permutation importance (Breiman 2001, section 10; Fisher, Rudin and Dominici 2019): for each feature, in order, the
/// mean and the standard deviation (n - 1) over `repeats` of the F1 at `threshold` that is lost when the feature's
/// values are shuffled among the vectors. 0 and 0 without vectors or repeats; none when it was stopped before its end.
///
/// `score` is the model's probability of each row, `counts` the rows of each vector by label: negative, positive. It
/// says what a model uses, so it means most on rows that the model was not trained on.
pub fn permutation(
    score: &(dyn Fn(&Encoded) -> Vec<f64> + Sync),
    rows: &Encoded,
    counts: &[[u32; 2]],
    threshold: f64,
    repeats: u32,
    seed: u64,
    stop: &AtomicBool,
) -> Option<Vec<(f64, f64)>> {
    let mut sample: Vec<usize> = (0..rows.len()).collect();
    if sample.len() > MAX_VECTORS {
        Stream::new(seed, &["importance", "sample"]).shuffle(&mut sample);
        sample.truncate(MAX_VECTORS);
    }
    let counts: Vec<[u32; 2]> = sample.iter().map(|i| counts[*i]).collect();
    let untouched = rows.take(&sample);
    let whole = metrics::f1(&counts, &score(&untouched), threshold);
    let of_feature = |feature: usize| {
        let mut shuffled = untouched.clone();
        let mut lost = Vec::with_capacity(repeats as usize);
        for repeat in 0..repeats {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let mut from: Vec<usize> = (0..untouched.len()).collect();
            Stream::new(seed, &["importance", &format!("feature {feature}"), &format!("repeat {repeat}")])
                .shuffle(&mut from);
            shuffled.take_feature(feature, &untouched, &from);
            lost.push(whole - metrics::f1(&counts, &score(&shuffled), threshold));
        }
        Some(metrics::mean_sd(&lost))
    };
    (0..rows.levels.len()).into_par_iter().map(of_feature).collect()
}

#[cfg(test)]
mod tests;
