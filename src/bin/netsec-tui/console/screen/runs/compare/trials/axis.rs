//! The axes of parallel coordinates: where a value stands, and which bands can be chosen.

use super::Trial;
use crate::console::format::score;
use netsec::compare::TrialScore;
use netsec::form;
use serde_json::Value;
use std::collections::BTreeSet;

/// Values up to which each has a place and a band of its own.
const FEW: usize = 8;
/// Bands of an axis with more values.
const BANDS: usize = 5;
/// How many times the smallest value the largest is where an axis goes by orders of magnitude.
const WIDE: f64 = 50.0;

/// How values are placed.
#[derive(Debug)]
enum Scale {
    /// One after the other, in order.
    Ranks(Vec<String>),
    /// Numbers between these ends, or between their logarithms.
    Between { ends: (f64, f64), log: bool },
}

/// An axis.
#[derive(Debug)]
pub struct Axis {
    pub name: String,
    /// The parameter; the score without one.
    parameter: Option<String>,
    scale: Scale,
}

/// A place between values, in a few characters.
fn number(value: f64) -> String {
    match value.abs() {
        size if size < 0.001 && size > 0.0 => format!("{value:.0e}"),
        size if size < 10.0 => score(value),
        _ => format!("{value:.0}"),
    }
}

/// The axes of these trials: the parameters in which they differ, and the score as the last one.
pub fn of(trials: &[Trial<'_>]) -> Vec<Axis> {
    let names: BTreeSet<&String> = trials.iter().flat_map(|t| t.trial.params.0.keys()).collect();
    let mut axes: Vec<Axis> = names.into_iter().filter_map(|name| parameter(trials, name)).collect();
    let scores = trials.iter().map(|t| t.trial.f1);
    let ends = scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let scale = Scale::Between { ends, log: false };
    axes.push(Axis { name: "F1".to_owned(), parameter: None, scale });
    axes
}

/// The axis of a parameter; none where all trials have the same value.
fn parameter(trials: &[Trial<'_>], name: &str) -> Option<Axis> {
    let values: Vec<&Value> = trials.iter().filter_map(|t| t.trial.params.0.get(name)).collect();
    let mut ranks: Vec<(Option<f64>, String)> = Vec::new();
    for value in &values {
        let own = (value.as_f64(), form::value(value));
        if !ranks.contains(&own) {
            ranks.push(own);
        }
    }
    if ranks.len() < 2 {
        return None;
    }
    let numbers: Option<Vec<f64>> = ranks.iter().map(|(number, _)| *number).collect();
    let scale = match numbers {
        Some(numbers) if ranks.len() > FEW => {
            let ends =
                numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
            Scale::Between { ends, log: ends.0 > 0.0 && ends.1 / ends.0 >= WIDE }
        }
        _ => {
            // Numbers before words.
            ranks.sort_by(|a, b| {
                match (a.0, b.0) {
                    (Some(a), Some(b)) => a.total_cmp(&b),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                }
                .then_with(|| a.1.cmp(&b.1))
            });
            Scale::Ranks(ranks.into_iter().map(|(_, text)| text).collect())
        }
    };
    Some(Axis { name: name.to_owned(), parameter: Some(name.to_owned()), scale })
}

impl Axis {
    /// Where a trial crosses the axis, 0 at its foot to 1 at its top; none where it has no such parameter.
    pub fn place(&self, trial: &TrialScore) -> Option<f64> {
        let value = match &self.parameter {
            None => return Some(self.between(trial.f1)),
            Some(name) => trial.params.0.get(name)?,
        };
        match &self.scale {
            Scale::Ranks(ranks) => {
                let own = form::value(value);
                let at = ranks.iter().position(|rank| *rank == own)?;
                Some(at as f64 / (ranks.len() - 1).max(1) as f64)
            }
            Scale::Between { .. } => value.as_f64().map(|v| self.between(v)),
        }
    }

    fn between(&self, value: f64) -> f64 {
        let Scale::Between { ends: (low, high), log } = &self.scale else { return 0.5 };
        let share = if *log { (value / low).ln() / (high / low).ln() } else { (value - low) / (high - low) };
        // All at one value stand in the middle.
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
    }

    /// How many bands there are.
    pub fn bands(&self) -> usize {
        match &self.scale {
            Scale::Ranks(ranks) => ranks.len(),
            Scale::Between { .. } => BANDS,
        }
    }

    /// The band that a trial goes through, from 0 at the foot.
    pub fn band(&self, trial: &TrialScore) -> Option<usize> {
        let place = self.place(trial)?;
        Some(match &self.scale {
            Scale::Ranks(ranks) => (place * (ranks.len() - 1) as f64).round() as usize,
            Scale::Between { .. } => ((place * BANDS as f64) as usize).min(BANDS - 1),
        })
    }

    /// Where a band's middle is; its outer ends for the lowest and the highest.
    pub fn middle(&self, band: usize) -> f64 {
        band as f64 / (self.bands() - 1).max(1) as f64
    }

    /// A band in words: its value, or the ends of its values.
    pub fn label(&self, band: usize) -> String {
        match &self.scale {
            Scale::Ranks(ranks) => ranks.get(band).cloned().unwrap_or_default(),
            Scale::Between { ends: (low, high), log } => {
                let edge = |i: usize| {
                    let share = i as f64 / BANDS as f64;
                    if *log { low * (high / low).powf(share) } else { low + (high - low) * share }
                };
                format!("{} to {}", number(edge(band)), number(edge(band + 1)))
            }
        }
    }

    /// What stands at the foot and at the top.
    pub fn ends(&self) -> [String; 2] {
        match &self.scale {
            Scale::Ranks(ranks) => [ranks.first(), ranks.last()].map(|rank| rank.cloned().unwrap_or_default()),
            Scale::Between { ends, .. } => [ends.0, ends.1].map(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use netsec::event::Params;

    fn trial(trial: u32, f1: f64, params: &[(&str, Value)]) -> TrialScore {
        let params = Params(params.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect());
        TrialScore { trial, params, f1, sd: 0.0, folds: 3 }
    }

    fn axes(all: &[TrialScore]) -> Vec<Axis> {
        let trials: Vec<Trial<'_>> =
            all.iter().map(|trial| Trial { model: 0, trial, whole: true, best: false }).collect();
        of(&trials)
    }

    #[test]
    fn values_stand_in_order_and_what_is_the_same_has_no_axis() {
        let all = [
            trial(0, 0.8, &[("depth", 10.into()), ("kind", "b".into()), ("seed", 1.into())]),
            trial(1, 0.9, &[("depth", 3.into()), ("kind", "a".into()), ("seed", 1.into())]),
            trial(2, 1.0, &[("depth", 9.into()), ("seed", 1.into())]),
        ];
        let axes = axes(&all);
        assert_eq!(axes.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["depth", "kind", "F1"]);
        assert_eq!(all.each_ref().map(|t| axes[0].place(t)), [Some(1.0), Some(0.0), Some(0.5)]);
        assert_eq!(all.each_ref().map(|t| axes[1].place(t)), [Some(1.0), Some(0.0), None]);
        assert_eq!(all.each_ref().map(|t| axes[0].band(t)), [Some(2), Some(0), Some(1)]);
        assert_eq!((axes[0].bands(), axes[0].label(2)), (3, "10".to_owned()));
        let place = axes[2].place(&all[1]).unwrap();
        assert!((place - 0.5).abs() < 1e-9);
        assert_eq!((axes[2].band(&all[2]), axes[2].label(4)), (Some(4), ".960 to 1.000".to_owned()));
    }

    #[test]
    fn many_numbers_go_by_orders_of_magnitude() {
        let all: Vec<TrialScore> =
            (0..12).map(|i| trial(i, 0.5, &[("C", (10f64.powi(i as i32 - 6)).into())])).collect();
        let axes = axes(&all);
        let place = |i: usize| axes[0].place(&all[i]).unwrap();
        assert!((place(1) - place(0) - (place(11) - place(10))).abs() < 1e-9);
        assert_eq!((axes[0].band(&all[0]), axes[0].band(&all[11])), (Some(0), Some(4)));
        // One score only stands in the middle.
        assert_eq!(axes[1].place(&all[3]), Some(0.5));
    }
}
