//! `config/training.yaml`: folds, imputation, and the search spaces of each family.

use crate::error::IoContext;
use crate::event::{Family, Params};
use crate::{Error, Result, model};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The search spaces that are built into the program.
pub const BUILT_IN: &str = include_str!("../config/training.yaml");

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
}

/// One family's trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilySearch {
    /// Which family.
    pub family: Family,
    /// The parameters of each trial.
    pub trials: Vec<Params>,
}

/// The parsed file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Cross-validation folds, 2 to 20.
    pub folds: u32,
    /// How missing values are filled.
    pub imputation: Imputation,
    /// The space used where none is named.
    pub default_space: String,
    spaces: BTreeMap<String, BTreeMap<Family, BTreeMap<String, Vec<Value>>>>,
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
        if !(2..=20).contains(&training.folds) {
            return bad(format!("folds is {}, which is not between 2 and 20", training.folds));
        }
        if training.imputation.neighbours == 0 || training.imputation.reference < training.imputation.neighbours {
            return bad("imputation needs at least one neighbour and a reference of at least that many".to_owned());
        }
        if !training.spaces.contains_key(&training.default_space) {
            return bad(format!("default_space {:?} is not among the spaces", training.default_space));
        }
        for (space, families) in &training.spaces {
            for (family, grid) in families {
                for params in expand(grid) {
                    if let Err(e) = model::check_params(*family, &params) {
                        return bad(format!("space {space}, {family}: {e}"));
                    }
                }
            }
        }
        Ok(training)
    }

    /// The names of the spaces, sorted.
    pub fn spaces(&self) -> Vec<&str> {
        self.spaces.keys().map(String::as_str).collect()
    }

    /// The trials of the given families (all of the space without any) in a space.
    ///
    /// # Errors
    /// A space that does not exist, or has no grid for a family that was asked for.
    pub fn search(&self, space: &str, families: &[Family]) -> Result<Vec<FamilySearch>> {
        let grids = self.spaces.get(space).ok_or_else(|| {
            Error::user(format!("unknown search space {space:?}")).hint(format!("one of {}", self.spaces().join(", ")))
        })?;
        if let Some(family) = families.iter().find(|f| !grids.contains_key(f)) {
            return Err(
                Error::user(format!("the space {space} has no grid for {family}")).hint("add one to training.yaml")
            );
        }
        Ok(grids
            .iter()
            .filter(|(family, _)| families.is_empty() || families.contains(family))
            .map(|(family, grid)| FamilySearch { family: *family, trials: expand(grid) })
            .collect())
    }
}

/// Every combination of a grid's values; the last name varies fastest.
fn expand(grid: &BTreeMap<String, Vec<Value>>) -> Vec<Params> {
    let mut all = vec![Params::default()];
    for (name, values) in grid {
        all = all
            .into_iter()
            .flat_map(|params| {
                values.iter().map(move |value| {
                    let mut params = params.clone();
                    params.0.insert(name.clone(), value.clone());
                    params
                })
            })
            .collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_file_is_valid_and_its_grids_expand() {
        let training = Training::load(None).unwrap();
        let search = training.search("quick", &[Family::GradientBoosting]).unwrap();
        assert_eq!(search.len(), 1);
        assert!(!search[0].trials.is_empty());
        assert_eq!(training.search(&training.default_space, &[]).unwrap().len(), Family::ALL.len());
    }

    #[test]
    fn a_grid_expands_to_every_combination_once() {
        let grid = BTreeMap::from([
            ("a".to_owned(), vec![1.into(), 2.into()]),
            ("b".to_owned(), vec!["x".into(), "y".into(), "z".into()]),
        ]);
        let all = expand(&grid);
        assert_eq!(all.len(), 6);
        assert_eq!(all[1].to_string(), "a 1  b y");
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
