//! The trials of one family in a search space: a grid, or draws from it.

use crate::event::{Family, Params};
use crate::random::Stream;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is tried of a family.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Space {
    /// Draws at random; without it every combination of the values is a trial.
    draws: Option<u32>,
    /// Whether only the better half of the trials goes on after each fold.
    #[serde(default)]
    pub(super) halving: bool,
    /// The choices for each parameter.
    #[serde(flatten)]
    choices: BTreeMap<String, Choices>,
}

/// What a parameter may be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Choices {
    /// One of these.
    Values(Vec<Value>),
    /// Between two numbers.
    Range(Range),
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Range {
    /// Any number between two is as likely.
    Between([f64; 2]),
    /// Any order of magnitude is as likely.
    LogBetween([f64; 2]),
}

impl Range {
    fn ends(self) -> [f64; 2] {
        match self {
            Range::Between(ends) | Range::LogBetween(ends) => ends,
        }
    }

    /// The number at a share of the way, to three significant digits.
    fn at(self, share: f64) -> f64 {
        let [low, high] = self.ends();
        let value = match self {
            Range::Between(_) => low + share * (high - low),
            Range::LogBetween(_) => (low.ln() + share * (high.ln() - low.ln())).exp(),
        };
        format!("{value:.2e}").parse().unwrap_or(value)
    }
}

impl Space {
    /// Holds the form against what can be expanded.
    pub(super) fn check(&self) -> Result<(), String> {
        for (name, choices) in &self.choices {
            match choices {
                Choices::Values(values) if values.is_empty() => return Err(format!("{name} has no values")),
                Choices::Values(_) => {}
                Choices::Range(_) if self.draws.is_none() => {
                    return Err(format!("{name} is a range, which needs draws: how many are tried"));
                }
                Choices::Range(range) => {
                    let [low, high] = range.ends();
                    let logarithm = matches!(range, Range::LogBetween(_)) && low <= 0.0;
                    if low.is_nan() || high.is_nan() || low >= high || logarithm {
                        return Err(format!(
                            "{name}: the range must go from a lower to a higher number, above 0 for log_between"
                        ));
                    }
                }
            }
        }
        if self.draws == Some(0) { Err("draws must be at least 1".to_owned()) } else { Ok(()) }
    }

    /// Every combination of listed values and of the ends of ranges: if these are allowed, so is what lies between.
    pub(super) fn extremes(&self) -> Vec<Params> {
        let lists = self.choices.iter().map(|(name, choices)| match choices {
            Choices::Values(values) => (name.clone(), values.clone()),
            Choices::Range(range) => (name.clone(), range.ends().iter().map(|v| Value::from(*v)).collect()),
        });
        expand(&lists.collect())
    }

    /// The trials. A draw takes every value of the parameter that one fit serves: they cost nothing more.
    pub(super) fn trials(&self, family: Family, seed: u64) -> Vec<Params> {
        let Some(draws) = self.draws else {
            return self.extremes();
        };
        let mut stream = Stream::new(seed, &["search", family.name()]);
        let staged = family.staged_by();
        let mut all: Vec<Params> = Vec::new();
        for _ in 0..draws {
            let lists = self.choices.iter().map(|(name, choices)| {
                let drawn = match choices {
                    Choices::Values(values) if staged == Some(name) => values.clone(),
                    Choices::Values(values) => vec![values[stream.below(values.len())].clone()],
                    Choices::Range(range) => vec![Value::from(range.at(stream.unit()))],
                };
                (name.clone(), drawn)
            });
            for params in expand(&lists.collect()) {
                // The same drawn twice is tried once.
                if !all.contains(&params) {
                    all.push(params);
                }
            }
        }
        all
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

    fn space(text: &str) -> Space {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn a_grid_expands_to_every_combination_once() {
        let all = space("{a: [1, 2], b: [x, y, z]}").trials(Family::Knn, 1);
        assert_eq!(all.len(), 6);
        assert_eq!(all[1].to_string(), "a 1  b y");
    }

    #[test]
    fn draws_stay_in_range_take_all_stages_and_depend_on_the_seed() {
        let own = space(
            "{draws: 50, halving: true, n_estimators: [100, 200], learning_rate: {log_between: [0.01, 0.3]}, \
             subsample: {between: [0.5, 1.0]}, max_depth: [4, 6]}",
        );
        own.check().unwrap();
        let all = own.trials(Family::GradientBoosting, 1);
        assert_eq!(all.len(), 100);
        for pair in all.chunks(2) {
            let rate = pair[0].0["learning_rate"].as_f64().unwrap();
            assert!((0.01..=0.3).contains(&rate), "{rate}");
            assert_eq!(pair[0].0["learning_rate"], pair[1].0["learning_rate"]);
            assert_eq!([&pair[0].0["n_estimators"], &pair[1].0["n_estimators"]], [100, 200]);
        }
        let low = all.iter().filter(|p| p.0["learning_rate"].as_f64().unwrap() < 0.055).count();
        assert!((30..=70).contains(&low), "half of the draws lie below the geometric mean: {low}");
        assert_eq!(all, own.trials(Family::GradientBoosting, 1));
        assert_ne!(all, own.trials(Family::GradientBoosting, 2));
    }

    #[test]
    fn a_range_needs_draws_and_a_lower_end() {
        assert!(space("{a: {between: [1, 2]}}").check().unwrap_err().contains("draws"));
        assert!(space("{draws: 3, a: {between: [2, 1]}}").check().is_err());
        assert!(space("{draws: 3, a: {log_between: [0, 1]}}").check().is_err());
        assert!(space("{draws: 0, a: [1]}").check().is_err());
        assert!(space("{a: []}").check().is_err());
    }
}
