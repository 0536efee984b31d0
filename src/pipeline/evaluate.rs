//! Stage 5: every model is scored on the hold-out, which has chosen nothing.

use crate::calibrate::{Calibration, Method};
use crate::dataset::{Encoded, Vectors};
use crate::event::{DataSummary, Event, Family, Params, TestScores};
use crate::importance::{self, Importance};
use crate::metrics::{self, CurvePoint};
use crate::model::ModelFile;
use crate::preprocess::Preprocessor;
use crate::run::{FamilyStatus, Manifest, Recorder, RunDir, RunStatus};
use crate::schema::Schema;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::sync::atomic::AtomicBool;

/// Bootstrap resamples behind the interval of F1.
const RESAMPLES: usize = 1_000;
/// How often each feature is shuffled.
const REPEATS: u32 = 5;
/// Points of a curve in the report: the whole curve of a hold-out of up to so many vectors.
const CURVE_POINTS: usize = 1_000;

/// What a run found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The run's id.
    pub run: String,
    /// How it ended.
    pub status: RunStatus,
    /// The family with the best cross-validated F1 of the positive class.
    pub winner: Family,
    /// The seed.
    pub seed: u64,
    /// The rows.
    pub data: DataSummary,
    /// The models, best cross-validated F1 first.
    pub models: Vec<ModelReport>,
    /// Families without a model, with the reason.
    #[serde(default)]
    pub failed: Vec<(Family, String)>,
    /// The word for the positive class.
    pub positive: String,
    /// The word for the negative class.
    pub negative: String,
}

/// One model of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Its family.
    pub family: Family,
    /// Its parameters, the best of the trials.
    pub params: Params,
    /// Number of trials that were scored on all folds.
    pub trials: u32,
    /// Mean F1 of the best trial on the rows dealt into folds anew: less optimistic than the score it was chosen by.
    pub cv_f1: f64,
    /// Standard deviation over the folds (n - 1).
    pub cv_sd: f64,
    /// How long the final fit took, in milliseconds.
    pub fit_ms: u64,
    /// How its scores were made into probabilities; none where they are taken as they are.
    #[serde(default)]
    pub calibration: Option<Method>,
    /// For models that keep training rows: how many they keep, of how many.
    #[serde(default)]
    pub kept: Option<[u64; 2]>,
    /// Scores on the hold-out.
    pub test: TestScores,
    /// The precision-recall curve on the hold-out, from the highest threshold to the lowest. It shows what a threshold
    /// gives; thresholds are chosen on the folds.
    #[serde(default)]
    pub curve: Vec<CurvePoint>,
    /// What each feature is worth to the model, measured on the hold-out; the most important first.
    #[serde(default)]
    pub importance: Vec<Importance>,
}

impl Report {
    /// One model of it.
    pub fn model(&self, family: Family) -> Option<&ModelReport> {
        self.models.iter().find(|m| m.family == family)
    }
}

/// What each feature is worth to a model, the most important first; none when it was stopped.
fn importance(
    model: &ModelFile,
    schema: &Schema,
    rows: &Encoded,
    test: &Vectors,
    seed: u64,
    stop: &AtomicBool,
) -> Option<Vec<Importance>> {
    let score = |rows: &Encoded| model.probabilities(rows);
    let lost = importance::permutation(&score, rows, &test.counts, model.threshold, REPEATS, seed, stop)?;
    let gain = |f: usize| model.model.gain().and_then(|g| g.get(f)).copied();
    let mut all: Vec<Importance> = schema
        .features
        .iter()
        .zip(lost)
        .enumerate()
        .map(|(f, (column, (mean, sd)))| Importance { feature: column.name.clone(), mean, sd, gain: gain(f) })
        .collect();
    // Stable: equal ones stay in the order of the schema.
    all.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Some(all)
}

/// Scores every fitted model and writes `report.json`. None when it was stopped before.
///
/// # Errors
/// When no family has a model, or a file cannot be read or written.
pub fn evaluate(dir: &RunDir, manifest: &Manifest, recorder: &Recorder, stop: &AtomicBool) -> Result<Option<Report>> {
    let state = recorder.state();
    let schema = dir.schema()?;
    let test = super::read_split(&dir.file("test.parquet"), &schema)?.vectors;
    let preprocessor: Preprocessor = crate::files::read_json(&dir.file("preprocessor.json"))?;
    let encoded = preprocessor.encode(&test);
    let mut models = Vec::new();
    let mut failed = Vec::new();
    for family in &state.families {
        match (&family.status, family.best_trial().zip(family.cv), family.fit_ms) {
            (FamilyStatus::Done, Some((best, (cv_f1, cv_sd))), Some(fit_ms)) => {
                let model = ModelFile::read(&dir.model(family.family))?;
                let probabilities = model.probabilities(&encoded);
                let Some(importance) = importance(&model, &schema, &encoded, &test, manifest.seed, stop) else {
                    return Ok(None);
                };
                let scores =
                    metrics::test_scores(&test.counts, &probabilities, model.threshold, manifest.seed, RESAMPLES);
                let curve = metrics::precision_recall_curve(&test.counts, &probabilities);
                recorder.emit(Event::ModelTested { family: family.family, test: scores.clone() })?;
                models.push(ModelReport {
                    family: family.family,
                    params: best.params.clone(),
                    trials: family.done.len() as u32,
                    cv_f1,
                    cv_sd,
                    fit_ms,
                    calibration: model.calibration.as_ref().map(Calibration::method),
                    kept: model.model.kept(),
                    test: scores,
                    curve: metrics::thin(&curve, CURVE_POINTS),
                    importance,
                });
            }
            (FamilyStatus::Failed(reason), _, _) => failed.push((family.family, reason.clone())),
            _ => failed.push((family.family, "it was not trained".to_owned())),
        }
    }
    // Stable: of equal scores the earlier family stays first.
    models.sort_by(|a, b| b.cv_f1.total_cmp(&a.cv_f1));
    let Some(winner) = models.first().map(|m| m.family) else {
        let reasons: Vec<_> = failed.iter().map(|(f, r)| format!("{f}: {r}")).collect();
        return Err(Error::data(format!("no family has a model: {}", reasons.join("; "))));
    };
    let report = Report {
        run: dir.id.clone(),
        status: RunStatus::Finished,
        winner,
        seed: manifest.seed,
        data: state.data.clone().unwrap_or_default(),
        models,
        failed,
        positive: schema.positive_label.clone(),
        negative: schema.negative_label.clone(),
    };
    crate::files::write_json(&dir.file("report.json"), &report)?;
    Ok(Some(report))
}
