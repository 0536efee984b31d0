//! Stage 4: each family's trials are scored on the folds; the best parameters are fitted on the whole training part.

use super::transform::levels;
use crate::dataset::{Dataset, Encoded, assign_folds};
use crate::preprocess::Preprocessor;
use crate::run::{Manifest, Recorder, RunDir};
use crate::search::{Fold, Search};
use crate::{Error, Result, files};
use rayon::prelude::*;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Searches and fits; models go to `models/<family>.json`. Trials that the journal has as finished are not repeated.
///
/// # Errors
/// When a file or the journal cannot be written. A family that fails is recorded, not an error.
pub fn train(dir: &RunDir, manifest: &Manifest, recorder: &Recorder, stop: &AtomicBool) -> Result<()> {
    let schema = dir.schema()?;
    let split = super::read_split(&dir.file("train.parquet"), &schema)?;
    let preprocessor: Preprocessor = files::read_json(&dir.file("preprocessor.json"))?;
    let vectors = &split.vectors;
    if split.folds.len() != vectors.len() {
        return Err(Error::data("train.parquet has no folds").hint("train again"));
    }
    let levels = levels(&schema);
    // Fitted inside each fold: what a fold is scored on has no part in filling or scaling.
    let folds_of = |assigned: &[u32]| -> Vec<Fold> {
        (0..manifest.folds)
            .into_par_iter()
            .map(|fold| {
                let (valid, train): (Vec<usize>, Vec<usize>) = (0..vectors.len()).partition(|i| assigned[*i] == fold);
                let (valid, train) = (vectors.take(&valid), vectors.take(&train));
                let fitted = Preprocessor::fit(&train, &levels, &manifest.imputation, manifest.seed);
                let encoded: Encoded = fitted.encode(&valid);
                Fold { train: fitted.encode(&train).labelled(&train.counts), valid: encoded, counts: valid.counts }
            })
            .collect()
    };
    let folds = folds_of(&split.folds);
    // The same rows dealt anew. Too little data for that is enough for the first folds only.
    let mut confirm = folds_of(&assign_folds(vectors, manifest.folds, !manifest.seed));
    if confirm.iter().any(|fold| (0..2).any(|label| fold.counts.iter().filter(|c| c[label] > 0).count() < 2)) {
        confirm = folds_of(&split.folds);
    }
    if stop.load(Ordering::Relaxed) {
        return Ok(());
    }
    let whole: Dataset = preprocessor.encode(vectors).labelled(&vectors.counts);
    Search { dir, manifest, recorder, stop, folds: &folds, confirm: &confirm, whole: &whole, answers: Mutex::default() }
        .run()
}
