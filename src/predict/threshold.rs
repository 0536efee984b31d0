//! The probability from which a model calls a row positive: chosen on the folds, stored with the model.

use crate::event::Family;
use crate::metrics::{CurvePoint, THRESHOLD, Wish, threshold_for};
use crate::model::ModelFile;
use crate::run::RunDir;
use crate::{Error, Result, files};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Choice {
    /// The threshold that meets a wish on the folds.
    Wish(Wish),
    /// This one.
    At(f64),
    /// The default one.
    Default,
}

/// A model's threshold, and what it gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// The model's family.
    pub family: Family,
    /// The threshold.
    pub threshold: f64,
    /// What it was chosen for.
    pub wish: Option<Wish>,
    /// Precision and recall there on the out-of-fold probabilities, which chose it; none above the highest of them.
    pub folds: Option<CurvePoint>,
    /// Precision and recall there on the hold-out, which did not; none above its highest probability.
    pub holdout: Option<CurvePoint>,
}

/// What a threshold gives on a curve: its last point that is not below it.
fn on(curve: &[CurvePoint], threshold: f64) -> Option<CurvePoint> {
    curve.iter().take_while(|p| p.threshold >= threshold).last().copied()
}

/// The threshold that a finished run's model has: the winner's, or the given family's.
///
/// # Errors
/// When the run has no report, the family no model in it, or a file cannot be read.
pub fn threshold(dir: &RunDir, family: Option<Family>) -> Result<Chosen> {
    let (family, file) = model(dir, family)?;
    describe(dir, family, &file)
}

/// Stores a threshold with a finished run's model.
///
/// # Errors
/// As [`threshold`]; a value that is not between 0 and 1; a wish that no threshold meets, with what can be had.
pub fn set_threshold(dir: &RunDir, family: Option<Family>, choice: Choice) -> Result<Chosen> {
    let (family, mut file) = model(dir, family)?;
    let share = |name: &str, value: f64| {
        if (0.0..=1.0).contains(&value) {
            return Ok(());
        }
        Err(Error::user(format!("a {name} of {value} is not between 0 and 1")).hint("0.95 is 95 %"))
    };
    (file.threshold, file.wish) = match choice {
        Choice::Default => (THRESHOLD, None),
        Choice::At(threshold) => {
            share("threshold", threshold)?;
            (threshold, None)
        }
        Choice::Wish(wish) => {
            let (name, value) = match wish {
                Wish::Precision(value) => ("precision", value),
                Wish::Recall(value) => ("recall", value),
            };
            share(name, value)?;
            let curve: Vec<CurvePoint> = files::read_json(&dir.fold_curve(family))?;
            let point = threshold_for(&curve, wish).ok_or_else(|| {
                let best = curve.iter().map(|p| p.precision).fold(0.0, f64::max);
                Error::user(format!("no threshold gives the {family} model a {name} of {value} on the folds"))
                    .hint(format!("its highest precision is {best:.4}"))
            })?;
            (point.threshold, Some(wish))
        }
    };
    // Told first: what cannot be told is not stored.
    let chosen = describe(dir, family, &file)?;
    files::write_json(&dir.model(family), &file)?;
    Ok(chosen)
}

fn model(dir: &RunDir, family: Option<Family>) -> Result<(Family, ModelFile)> {
    let family = super::family_of(dir, family)?;
    Ok((family, ModelFile::read(&dir.model(family))?))
}

fn describe(dir: &RunDir, family: Family, file: &ModelFile) -> Result<Chosen> {
    let folds: Vec<CurvePoint> = files::read_json(&dir.fold_curve(family))?;
    let report = dir.report()?;
    let holdout = report.as_ref().and_then(|r| r.model(family)).and_then(|m| on(&m.curve, file.threshold));
    Ok(Chosen { family, threshold: file.threshold, wish: file.wish, folds: on(&folds, file.threshold), holdout })
}
