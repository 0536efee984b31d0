//! What a search costs, and what it tries.

use netsec::event::{Family, Params};
use netsec::training::FamilySearch;
use serde_json::Value;

/// What a search costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub trials: usize,
    /// Fits over all folds. Those that a longer fit passes through cost none; and where a search halves there are fewer.
    pub fits: usize,
    /// Whether only the better half goes on after each fold.
    pub halving: bool,
}

impl Plan {
    pub fn of<'a>(search: impl Iterator<Item = &'a FamilySearch>, folds: u32) -> Self {
        let none = Self { trials: 0, fits: 0, halving: false };
        search.fold(none, |sum, own| Self {
            trials: sum.trials + own.trials.len(),
            // A blend is made of what others answered.
            fits: sum.fits + if own.family == Family::Blend { 0 } else { own.fits() * folds as usize },
            halving: sum.halving || own.halving,
        })
    }
}

/// Different values of a parameter that are listed; of more only the ends are told.
const LISTED: usize = 8;

/// The values that trials try, by parameter: `.05 .1 .2`, or `.031 to .148, 40 values`.
pub fn tried(trials: &[Params]) -> Vec<(String, String)> {
    let mut names: Vec<&String> = trials.iter().flat_map(|params| params.0.keys()).collect();
    names.sort();
    names.dedup();
    let told = names.into_iter().map(|name| {
        let mut values: Vec<&Value> = Vec::new();
        for value in trials.iter().filter_map(|params| params.0.get(name)) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let numbers: Vec<f64> = values.iter().filter_map(|value| value.as_f64()).collect();
        let text = if values.len() > LISTED && numbers.len() == values.len() {
            let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
            let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            format!("{} to {}, {} values", number(low), number(high), values.len())
        } else {
            values.into_iter().map(value).collect::<Vec<_>>().join("  ")
        };
        (name.clone(), text)
    });
    told.collect()
}

/// A parameter's value as short text: `.05`, `sqrt`, `any`.
pub fn value(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace('_', " "),
        Value::Null => "any".to_owned(),
        Value::Number(own) => own.as_f64().map_or_else(|| own.to_string(), number),
        other => other.to_string(),
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        return value.to_string();
    }
    let text = format!("{value:.4}");
    text.trim_start_matches('0').trim_end_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&str, Value)]) -> Params {
        Params(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn values_are_listed_once_and_many_numbers_by_their_ends() {
        let trials: Vec<Params> = (0..20)
            .map(|n| params(&[("rate", (0.01 * f64::from(n + 1)).into()), ("depth", (n % 3).into())]))
            .chain([params(&[("how", Value::Null)])])
            .collect();
        let expected = [("depth", "0  1  2"), ("how", "any"), ("rate", ".01 to .2, 20 values")];
        assert_eq!(tried(&trials), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn trials_that_one_fit_passes_through_cost_one_fit_a_fold() {
        let of = |family, halving| FamilySearch {
            family,
            halving,
            trials: (0..12)
                .map(|n| params(&[("n_estimators", (n % 4).into()), ("max_depth", (n / 4).into())]))
                .collect(),
        };
        let search = [of(Family::RandomForest, true), of(Family::Knn, false), of(Family::Blend, false)];
        assert_eq!(Plan::of(search.iter(), 3), Plan { trials: 36, fits: 9 + 36, halving: true });
    }
}
