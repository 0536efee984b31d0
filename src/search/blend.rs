//! The blend of a run's best families: made when the others are there, out of what they answered on the folds.

use super::{Search, TrialScores, guarded};
use crate::event::{Event, Family, Params};
use crate::model::blend::{Blend, mean};
use crate::model::{FitError, Model, ModelFile, blended_families};
use crate::run::{FamilyState, FamilyStatus};
use crate::training::FamilySearch;
use crate::{Result, files};
use std::time::Instant;

const FAMILY: Family = Family::Blend;

impl Search<'_> {
    /// Scores each number of families on the folds, and blends the final models of the best one.
    pub(super) fn blend(&self, search: &FamilySearch) -> Result<()> {
        let started = Instant::now();
        let state = self.recorder.state();
        let mut ranked: Vec<(&FamilyState, &Params, f64)> = state
            .families
            .iter()
            .filter(|f| f.family != FAMILY && f.status == FamilyStatus::Done)
            .filter_map(|f| Some((f, &f.best_trial()?.params, f.cv?.0)))
            .collect();
        // Stable: of equal ones the earlier family stays first.
        ranked.sort_by(|a, b| b.2.total_cmp(&a.2));
        if ranked.len() < 2 {
            let reason = "fewer than two other families have a model".to_owned();
            return self.recorder.emit(Event::FamilyFailed { family: FAMILY, reason });
        }
        self.recorder.emit(Event::SearchStarted { family: FAMILY, trials: search.trials.len() as u32 })?;
        let wanted = search.trials.iter().filter_map(blended_families).max().unwrap_or(2);
        ranked.truncate(wanted);
        let answers = guarded(|| {
            let of_family = |(state, params, _): &(&FamilyState, &Params, f64)| match self.answers().get(&state.family)
            {
                Some(known) => Ok(known.clone()),
                // Its model was fitted before an interruption.
                None => self.believed_folds(state.family, params, self.raw_folds(state.family, params)?),
            };
            ranked.iter().map(of_family).collect::<TrialScores<Vec<Vec<Vec<f64>>>>>()
        });
        let answers = match answers {
            Ok(Ok(answers)) => answers,
            Ok(Err(FitError::Cancelled)) => return Ok(()),
            Ok(Err(FitError::Impossible(reason))) | Err(reason) => {
                return self.recorder.emit(Event::FamilyFailed { family: FAMILY, reason });
            }
        };
        let blended = |families: usize, fold: usize| {
            mean(&answers[..families].iter().map(|folds| folds[fold].clone()).collect::<Vec<_>>())
        };
        let known = state.family(FAMILY);
        for (trial, params) in search.trials.iter().enumerate() {
            let (family, trial) = (FAMILY, trial as u32);
            if known.is_some_and(|k| k.finished(trial).is_some()) {
                continue;
            }
            self.recorder.emit(Event::TrialStarted { family, trial, params: params.clone() })?;
            let families = blended_families(params).unwrap_or(0);
            if families > answers.len() {
                let reason = format!("only {} other families have a model", answers.len());
                self.recorder.emit(Event::TrialFailed { family, trial, reason })?;
                continue;
            }
            let probabilities: Vec<Vec<f64>> = (0..self.confirm.len()).map(|fold| blended(families, fold)).collect();
            let scores = self.confirmed(&probabilities);
            for (fold, f1) in scores.iter().enumerate() {
                self.recorder.emit(Event::FoldScored { family, trial, fold: fold as u32, f1: *f1, ms: 0 })?;
            }
            let (params, ms) = (params.clone(), started.elapsed().as_millis() as u64);
            self.recorder.emit(Event::TrialFinished { family, trial, params, scores, ms })?;
        }
        let state = self.recorder.state();
        let Some(best) = state.family(FAMILY).and_then(FamilyState::best_trial) else {
            let reason = "no number of families could be blended".to_owned();
            return self.recorder.emit(Event::FamilyFailed { family: FAMILY, reason });
        };
        let families = blended_families(&best.params).unwrap_or(0).min(ranked.len());
        let started = Instant::now();
        let members: Result<Vec<ModelFile>> =
            ranked[..families].iter().map(|(state, ..)| ModelFile::read(&self.dir.model(state.family))).collect();
        let file = ModelFile::new(best.params.clone(), None, Model::Blend(Blend::new(members?)));
        let probabilities: Vec<f64> = (0..self.confirm.len()).flat_map(|fold| blended(families, fold)).collect();
        files::write_json(&self.dir.fold_curve(FAMILY), &self.fold_curve(&probabilities))?;
        files::write_json(&self.dir.model(FAMILY), &file)?;
        self.recorder.emit(Event::FamilyFinished {
            family: FAMILY,
            trial: best.trial,
            params: best.params.clone(),
            cv_f1: best.mean,
            cv_sd: best.sd,
            fit_ms: started.elapsed().as_millis() as u64,
        })
    }
}
