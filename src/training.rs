//! `config/training.yaml`: folds, imputation, and the search spaces of each family.

mod space;

use crate::calibrate::Method;
use crate::error::IoContext;
use crate::event::{Family, Params};
use crate::resample::Resampling;
use crate::{Error, Result, model};
use serde::{Deserialize, Serialize};
use space::Space;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::Path;

/// The search spaces that are built into the program.
pub const BUILT_IN: &str = include_str!("../config/training.yaml");

/// How many cross-validation folds there may be.
pub const FOLDS: RangeInclusive<u32> = 2..=20;

/// How missing values are filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imputation {
    /// The method.
    pub strategy: Strategy,
    /// Nearest vectors asked, for `knn`.
    #[serde(default = "three")]
    pub neighbours: usize,
    /// Most training vectors kept as neighbours; a seeded sample of them on larger data.
    #[serde(default = "five_thousand")]
    pub reference: usize,
}

fn three() -> usize {
    3
}

fn five_thousand() -> usize {
    5_000
}

/// A method of filling missing values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// From the nearest training vectors: their mode (categorical) or mean (numeric).
    Knn,
    /// The training part's mode or mean.
    MostFrequent,
    /// None: missing is a level of its own, in numeric features a bin of its own (and the mean, where a family takes
    /// numbers).
    OwnLevel,
}

/// One family's trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilySearch {
    /// Which family.
    pub family: Family,
    /// Whether only the better half of the trials goes on after each fold.
    #[serde(default)]
    pub halving: bool,
    /// The parameters of each trial.
    pub trials: Vec<Params>,
}

impl FamilySearch {
    /// Fits that the trials take on a fold: one serves all trials that it passes through.
    pub fn fits(&self) -> usize {
        let Some(stage) = self.family.staged_by() else { return self.trials.len() };
        let rest = self.trials.iter().map(|params| {
            let rest: Vec<String> = params
                .0
                .iter()
                .filter(|(name, _)| *name != stage)
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            rest.join(" ")
        });
        rest.collect::<BTreeSet<String>>().len()
    }
}

/// When and how scores are turned into probabilities that can be believed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// Every model is calibrated, not only those whose classes were weighted or resampled.
    #[serde(default)]
    pub always: bool,
}

impl Calibration {
    /// The method for a model with these parameters; none where its scores are left as they are.
    pub fn method_for(&self, params: &Params) -> Option<Method> {
        (self.always || model::distorts(params)).then_some(self.method)
    }
}

/// The parsed file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Cross-validation folds, 2 to 20.
    pub folds: u32,
    /// How missing values are filled.
    pub imputation: Imputation,
    /// Calibration of probabilities.
    #[serde(default)]
    pub calibration: Calibration,
    /// The space used where none is named.
    pub default_space: String,
    spaces: BTreeMap<String, BTreeMap<Family, Space>>,
}

impl Training {
    /// Reads a file, or the built-in one.
    ///
    /// # Errors
    /// When it cannot be read or holds something unknown: the message names file and line, or space and family.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        match path {
            None => Self::parse(BUILT_IN, "built-in training.yaml"),
            Some(path) => {
                let text = std::fs::read_to_string(path).at("reading the search spaces", path)?;
                Self::parse(&text, &path.display().to_string())
            }
        }
    }

    /// Reads it from text; `origin` names it in messages.
    ///
    /// # Errors
    /// As [`Training::load`].
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let training: Self = serde_yaml::from_str(text).map_err(|e| crate::settings::yaml_error(origin, &e))?;
        let hint = "config/training.yaml shows the form of this file";
        let bad = |what: String| Err(Error::config(format!("{origin}: {what}")).hint(hint));
        if !FOLDS.contains(&training.folds) {
            return bad(format!("folds is {}, which is not between 2 and 20", training.folds));
        }
        if training.imputation.neighbours == 0 || training.imputation.reference < training.imputation.neighbours {
            return bad("imputation needs at least one neighbour and a reference of at least that many".to_owned());
        }
        if !training.spaces.contains_key(&training.default_space) {
            return bad(format!("default_space {:?} is not among the spaces", training.default_space));
        }
        for (name, families) in &training.spaces {
            for (family, space) in families {
                let trials = space
                    .check()
                    .and_then(|()| space.extremes().iter().try_for_each(|params| model::check_params(*family, params)));
                if let Err(e) = trials {
                    return bad(format!("space {name}, {family}: {e}"));
                }
            }
        }
        Ok(training)
    }

    /// The names of the spaces, sorted.
    pub fn spaces(&self) -> Vec<&str> {
        self.spaces.keys().map(String::as_str).collect()
    }

    /// The trials of the given families (all of the space without any) in a space. The seed decides what is drawn at
    /// random.
    ///
    /// # Errors
    /// A space that does not exist, or has no trials for a family that was asked for.
    pub fn search(&self, space: &str, families: &[Family], seed: u64) -> Result<Vec<FamilySearch>> {
        let spaces = self.spaces.get(space).ok_or_else(|| {
            Error::user(format!("unknown search space {space:?}")).hint(format!("one of {}", self.spaces().join(", ")))
        })?;
        if let Some(family) = families.iter().find(|f| !spaces.contains_key(f)) {
            let have: Vec<_> = spaces.keys().map(|f| f.name()).collect();
            return Err(Error::user(format!("the space {space} has no trials for {family}"))
                .hint(format!("it has {}; training.yaml can add some", have.join(", "))));
        }
        Ok(spaces
            .iter()
            .filter(|(family, _)| families.is_empty() || families.contains(family))
            .map(|(family, own)| FamilySearch {
                family: *family,
                halving: own.halving,
                trials: own.trials(*family, seed),
            })
            .collect())
    }
}

/// Lets every trial balance the classes in one way, whatever the space says. Trials that are then equal are one. A
/// blend stays as it is: it is made of models that are balanced already.
pub fn resample(search: &mut [FamilySearch], how: Resampling) {
    for own in search.iter_mut().filter(|own| own.family != Family::Blend) {
        for params in &mut own.trials {
            match how {
                Resampling::None => params.0.remove(model::RESAMPLING),
                how => params.0.insert(model::RESAMPLING.to_owned(), how.name().into()),
            };
        }
        let mut seen: Vec<Params> = Vec::with_capacity(own.trials.len());
        own.trials.retain(|params| {
            let is_new = !seen.contains(params);
            if is_new {
                seen.push(params.clone());
            }
            is_new
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_file_is_valid_and_has_the_grids_of_the_python_versions() {
        let training = Training::load(None).unwrap();
        let quick = training.search("quick", &[Family::GradientBoosting], 1).unwrap();
        assert_eq!(quick.len(), 1);
        assert!(!quick[0].trials.is_empty());
        assert!(training.search(&training.default_space, &[], 1).unwrap().len() >= 6);
        let counts: Vec<(Family, usize)> =
            training.search("seed_grid", &[], 1).unwrap().iter().map(|s| (s.family, s.trials.len())).collect();
        assert_eq!(
            counts,
            [
                (Family::LogisticRegression, 1),
                (Family::DecisionTree, 3),
                (Family::RandomForest, 5),
                (Family::AdaBoost, 18),
                (Family::GradientBoosting, 120)
            ]
        );
    }

    #[test]
    fn one_way_of_balancing_makes_trials_that_differed_in_it_one() {
        let training = Training::load(None).unwrap();
        let families = [Family::LogisticRegression, Family::Knn, Family::Blend];
        let mut search = training.search("thorough", &families, 1).unwrap();
        let before: Vec<usize> = search.iter().map(|own| own.trials.len()).collect();
        let ways = |search: &[FamilySearch], nth: usize| -> Vec<Option<String>> {
            let of = |params: &Params| params.0.get("resampling").map(|v| v.as_str().unwrap().to_owned());
            search[nth].trials.iter().map(of).collect()
        };
        resample(&mut search, Resampling::Smote);
        let after: Vec<usize> = search.iter().map(|own| own.trials.len()).collect();
        assert_eq!(after, [before[0] / 2, before[1], before[2]]);
        assert!((0..2).all(|nth| ways(&search, nth).iter().all(|way| way.as_deref() == Some("smote"))));
        assert!(ways(&search, 2).iter().all(Option::is_none));
        resample(&mut search, Resampling::None);
        assert!((0..3).all(|nth| ways(&search, nth).iter().all(Option::is_none)));
        for own in &search {
            own.trials.iter().try_for_each(|params| model::check_params(own.family, params)).unwrap();
        }
    }

    #[test]
    fn mistakes_name_the_place_and_the_family() {
        let error = Training::parse("folds: 3\nfoldz: 4\n", "t.yaml").unwrap_err();
        assert!(error.to_string().starts_with("t.yaml, line 2"), "{error}");
        let text = BUILT_IN.replace("max_depth", "max_dept");
        let error = Training::parse(&text, "t.yaml").unwrap_err().to_string();
        assert!(error.contains("decision_tree") && error.contains("max_dept"), "{error}");
    }
}
