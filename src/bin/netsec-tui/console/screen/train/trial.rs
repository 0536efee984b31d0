//! One trial among those of its family: what it scored, and which others share its fit.

use super::Live;
use netsec::event::Params;
use netsec::metrics::mean_sd;
use netsec::run::FamilyState;

/// The parameters of a trial: the manifest has all of them, the journal those that have begun.
pub fn params<'a>(live: &'a Live, family: &'a FamilyState, trial: u32) -> Option<&'a Params> {
    let planned = live.manifest.as_ref().and_then(|m| m.search.iter().find(|s| s.family == family.family));
    let planned = planned.and_then(|own| own.trials.get(trial as usize));
    let running = || family.running.iter().find(|t| t.trial == trial).map(|t| &t.params);
    planned.or_else(|| family.finished(trial).map(|t| &t.params)).or_else(running)
}

/// The scores of a trial, as far as it has them.
pub fn scores(family: &FamilyState, trial: u32) -> Vec<f64> {
    ended(family, trial)
        .unwrap_or_else(|| family.scored.range((trial, 0)..=(trial, u32::MAX)).map(|(_, f1)| *f1).collect())
}

/// The scores of a trial fold by fold, up to the first fold without one.
fn by_fold(family: &FamilyState, trial: u32) -> Vec<f64> {
    ended(family, trial).unwrap_or_else(|| (0..).map_while(|fold| family.scored.get(&(trial, fold)).copied()).collect())
}

/// The scores of a trial that is over.
fn ended(family: &FamilyState, trial: u32) -> Option<Vec<f64>> {
    let dropped = || family.dropped.iter().find(|(dropped, _)| *dropped == trial).map(|(_, scores)| scores.clone());
    family.finished(trial).map(|done| done.scores.clone()).or_else(dropped)
}

/// The stages of a fit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stages {
    /// The stage (trees, epochs), its trial, and the trial's mean score, in order.
    pub points: Vec<(u32, u32, f64)>,
    /// How many folds the means are over: those on which all of them were scored, so that they can be compared.
    pub folds: usize,
}

/// The scored trials that one fit serves together with this one; none where the family has no stages.
pub fn stages(live: &Live, family: &FamilyState, trial: u32) -> Stages {
    let Some(name) = family.family.staged_by() else { return Stages::default() };
    let split = |params: &Params| {
        let mut rest = params.clone();
        let stage = rest.0.remove(name).and_then(|value| value.as_u64()).and_then(|stage| u32::try_from(stage).ok());
        stage.map(|stage| (stage, rest))
    };
    let Some((_, own)) = params(live, family, trial).and_then(split) else { return Stages::default() };
    let mut found: Vec<(u32, u32, Vec<f64>)> = (0..family.trials)
        .filter_map(|other| {
            let (stage, rest) = split(params(live, family, other)?)?;
            let scores = by_fold(family, other);
            (rest == own && !scores.is_empty()).then_some((stage, other, scores))
        })
        .collect();
    found.sort_by_key(|(stage, ..)| *stage);
    let folds = found.iter().map(|(.., scores)| scores.len()).min().unwrap_or(0);
    let mean = |scores: &[f64]| scores[..folds].iter().sum::<f64>() / folds as f64;
    Stages { points: found.iter().map(|(stage, trial, scores)| (*stage, *trial, mean(scores))).collect(), folds }
}

/// The mean score of a trial over the folds that it was scored on.
pub fn mean(family: &FamilyState, trial: u32) -> Option<f64> {
    let scores = scores(family, trial);
    (!scores.is_empty()).then(|| mean_sd(&scores).0)
}
