//! One model against several others, and all of them side by side on the vectors that none was trained on.

use super::{Comparison, Entrant, Holdout, Loaded, Parts, SHORT, Unseen, check_pair, newer, pair, unseen, words};
use crate::dataset::Vectors;
use crate::event::{Family, Params, TestScores};
use crate::form;
use crate::importance::Importance;
use crate::metrics::{self, CurvePoint, RocPoint, mean_sd};
use crate::run::FamilyState;
use crate::stop::Stop;
use crate::{Error, Result};
use serde::Serialize;

/// Models that are compared at most, the base among them: more curves than that cannot be told apart.
pub const MOST: usize = 7;
/// Points of a curve at most: about as many as a terminal has dots across.
const POINTS: usize = 200;
/// Bins of the histogram of scores.
const BINS: usize = 20;

/// One trial of a family's search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrialScore {
    /// Its number, from 0.
    pub trial: u32,
    /// Its parameters.
    pub params: Params,
    /// Mean F1 over the folds that it was scored on.
    pub f1: f64,
    /// Their standard deviation (n - 1).
    pub sd: f64,
    /// How many those are: fewer than the run has where the trial was dropped by halving. A mean over fewer folds is
    /// luckier.
    pub folds: u32,
}

/// A family's search in one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Search {
    /// The family.
    pub family: Family,
    /// The scored trials, by number.
    pub trials: Vec<TrialScore>,
    /// The number of the best of those with all folds, the one that the family's model is made of.
    pub best: Option<u32>,
}

impl Search {
    /// Reads it off the journal and the plan: the journal does not repeat the parameters of dropped trials.
    fn of(state: &FamilyState, plan: &[Params]) -> Self {
        let done = state.done.iter().map(|t| TrialScore {
            trial: t.trial,
            params: t.params.clone(),
            f1: t.mean,
            sd: t.sd,
            folds: t.scores.len() as u32,
        });
        let dropped = state.dropped.iter().filter(|(_, scores)| !scores.is_empty()).map(|(trial, scores)| {
            let (f1, sd) = mean_sd(scores);
            let params = plan.get(*trial as usize).cloned().unwrap_or_default();
            TrialScore { trial: *trial, params, f1, sd, folds: scores.len() as u32 }
        });
        let mut trials: Vec<TrialScore> = done.chain(dropped).collect();
        trials.sort_by_key(|t| t.trial);
        Self { family: state.family, trials, best: state.best_trial().map(|t| t.trial) }
    }
}

/// What is drawn of a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curves {
    /// The ROC curve, thinned to its corners.
    pub roc: Vec<RocPoint>,
    /// The precision-recall curve, thinned in the same way.
    pub precision_recall: Vec<CurvePoint>,
    /// Rows by label (negative, positive) in bins of equal width by score, lowest first.
    pub scores: Vec<[u64; 2]>,
    /// The searches of its run's families.
    pub searches: Vec<Search>,
}

/// One model of several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Its run.
    pub run: String,
    /// Its family.
    pub family: Family,
    /// Its scores on the vectors that none of the models was trained on, at its threshold; with the confusion matrix
    /// and the bins of its calibration.
    pub test: TestScores,
    /// What each feature is worth to it, from its run's report: measured on its own hold-out.
    pub importance: Vec<Importance>,
    /// Its curves, where they are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curves: Option<Curves>,
}

/// A base model against others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Several {
    /// Each of the others against the base, on the vectors that neither of the two was trained on.
    pub pairs: Vec<Comparison>,
    /// All models, the base first.
    pub models: Vec<Profile>,
    /// What the models' scores and curves are of.
    pub holdout: Holdout,
    /// The word for the positive class.
    pub positive: String,
    /// The word for the negative class.
    pub negative: String,
    /// What to know of all of them.
    pub notes: Vec<String>,
}

impl Several {
    /// The names of the models: their runs, with the families where a run stands there twice.
    pub fn names(&self) -> Vec<String> {
        let twice = |run: &str| self.models.iter().filter(|m| m.run == run).count() > 1;
        let name = |m: &Profile| {
            let id = form::short(&m.run, SHORT);
            if twice(&m.run) { format!("{id} {}", m.family.code()) } else { id }
        };
        self.models.iter().map(name).collect()
    }

    /// What all comparisons come to in one line; none for a single one, whose headline says it.
    pub fn summary(&self) -> Option<String> {
        words::summary(self)
    }

    /// The arguments of the command that makes the same comparison: `RUN:FAMILY`, the base first.
    pub fn arguments(&self) -> Vec<String> {
        self.models.iter().map(|m| format!("{}:{}", form::short(&m.run, SHORT), m.family.name())).collect()
    }
}

/// Probabilities of the models on the vectors that all have in common.
struct Shared {
    common: Unseen,
    probabilities: Vec<Vec<f64>>,
}

impl Shared {
    /// A model's probabilities on vectors of a pair: known where they are those of all.
    fn score(&self, at: usize, of: &Loaded, vectors: &Vectors) -> Vec<f64> {
        let all = &self.common.sides[at];
        if all.hash == vectors.hash && all.columns == vectors.columns {
            return self.probabilities[at].clone();
        }
        of.predictor.score_vectors(vectors)
    }
}

/// Holds several models against the first of `entrants`, the base: each of them alone, and all side by side.
///
/// # Errors
/// As [`compare`](super::compare); for fewer than two models or more than [`MOST`].
pub fn several(entrants: &[Entrant], stop: &Stop) -> Result<Several> {
    if !(2..=MOST).contains(&entrants.len()) {
        return Err(Error::user(format!("{} cannot be compared", form::plural(entrants.len() as u64, "model")))
            .hint(format!("a base and 1 to {} others", MOST - 1)));
    }
    let mut loaded = Vec::with_capacity(entrants.len());
    for entrant in entrants {
        stop.check()?;
        loaded.push(Loaded::read(entrant)?);
        check_pair(&loaded[0], &loaded[loaded.len() - 1])?;
    }
    let mut order: Vec<usize> = (0..loaded.len()).collect();
    // Stable: of runs of one moment, and of two families of one run, the one named later is the newer.
    order.sort_by(|a, b| loaded[*a].manifest.started_at.cmp(&loaded[*b].manifest.started_at));
    let salt = &loaded[order[order.len() - 1]].manifest.salt;
    let read = |side: usize, salt: &str| {
        stop.check()?;
        Parts::read(&entrants[side].dir, &loaded[side].predictor.schema, salt)
    };
    let parts = (0..loaded.len()).map(|side| read(side, salt)).collect::<Result<Vec<Parts>>>()?;
    let common = unseen(&parts.iter().collect::<Vec<_>>(), &order);
    let mut shared = Shared { probabilities: Vec::with_capacity(loaded.len()), common };
    for (side, of) in loaded.iter().enumerate() {
        stop.check()?;
        shared.probabilities.push(of.predictor.score_vectors(&shared.common.sides[side]));
    }
    let mut pairs = Vec::with_capacity(loaded.len() - 1);
    for other in 1..loaded.len() {
        let both = [&loaded[0], &loaded[other]];
        let at = [0, other];
        let score = |side: usize, vectors: &Vectors| shared.score(at[side], both[side], vectors);
        // Hashed as for the pair alone, its numbers are the same as there.
        let own = &both[newer(both)].manifest.salt;
        pairs.push(if own == salt {
            pair(both, [&parts[0], &parts[other]], &score, stop)?
        } else {
            pair(both, [&read(0, own)?, &read(other, own)?], &score, stop)?
        });
    }
    let mut models = Vec::with_capacity(loaded.len());
    for (of, (vectors, probabilities)) in loaded.iter().zip(shared.common.sides.iter().zip(&shared.probabilities)) {
        stop.check()?;
        models.push(profile(of, &vectors.counts, probabilities));
    }
    let mut all = Several {
        holdout: Holdout::of(&shared.common),
        positive: loaded[0].report.positive.clone(),
        negative: loaded[0].report.negative.clone(),
        notes: Vec::new(),
        pairs,
        models,
    };
    all.notes = words::notes_of_all(&all);
    Ok(all)
}

fn profile(of: &Loaded, counts: &[[u32; 2]], probabilities: &[f64]) -> Profile {
    let roc = metrics::roc_curve(counts, probabilities);
    let precision_recall = metrics::precision_recall_curve(counts, probabilities);
    let [roc_at, recall_at] = [
        roc.iter().map(|p| (p.false_positive_rate, p.true_positive_rate)).collect::<Vec<_>>(),
        precision_recall.iter().map(|p| (p.recall, p.precision)).collect(),
    ]
    .map(|points| metrics::corners(&points, POINTS));
    let plan = |family: Family| {
        let own = of.manifest.search.iter().find(|s| s.family == family);
        own.map_or(&[][..], |search| search.trials.as_slice())
    };
    let family = of.predictor.family;
    Profile {
        run: of.predictor.run.clone(),
        family,
        test: of.test(counts, probabilities),
        importance: of.report.model(family).map_or_else(Vec::new, |m| m.importance.clone()),
        curves: Some(Curves {
            roc: roc_at.into_iter().map(|i| roc[i]).collect(),
            precision_recall: recall_at.into_iter().map(|i| precision_recall[i]).collect(),
            scores: metrics::score_histogram(counts, probabilities, BINS),
            searches: of.state.families.iter().map(|f| Search::of(f, plan(f.family))).collect(),
        }),
    }
}
