//! What the gate says, in words.

use super::gate::Told;
use super::policy::Policy;
use crate::event::TestScores;
use crate::form::{bare, count, plural, score, signed};
use crate::metrics::Bounded;
use crate::registry::{Gate, Outcome};

/// A value and the bound it is held against, with three digits, or as many as tell them apart.
pub(super) fn apart(value: f64, bound: f64) -> [String; 2] {
    let written = |digits: usize| [value, bound].map(|v| bare(&format!("{v:.digits$}")));
    if !value.is_finite() || value == bound {
        return [value, bound].map(score);
    }
    (3..=6).map(written).find(|[value, bound]| value != bound).unwrap_or_else(|| [value, bound].map(score))
}

/// Scores in a list: `a`, `a and b`, `a, b and c`.
fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `95 %`, `99.9 %`.
fn confidence(level: f64) -> String {
    format!("{} % confidence", ((1.0 - level) * 1_000.0).round() / 10.0)
}

/// `recall -.031 (below -.014)` of each of the scores that are told apart. Where only both together tell it of the second
/// one, its own bound does not.
fn told(gate: &Gate, which: [bool; 2], worse: bool) -> Vec<String> {
    let part = |name: &str, of: &Bounded| {
        let (side, bound) = if worse { ("below", of.upper.min(0.0)) } else { ("above", of.lower.max(0.0)) };
        let bound = signed(bound);
        let bound = if bound == "+.000" { "0" } else { &bound };
        format!("{name} {} ({side} {bound})", signed(of.value))
    };
    [("recall", gate.recall), ("F1", gate.f1)]
        .into_iter()
        .zip(which)
        .filter(|(_, told)| *told)
        .filter_map(|((name, of), _)| of.map(|of| part(name, &of)))
        .collect()
}

/// The outcome explained in one sentence. `same` says whether both models give the same verdicts.
pub(super) fn sentence(
    gate: &Gate,
    policy: &Policy,
    positive: &str,
    which: &Told,
    scores: &TestScores,
    same: bool,
) -> String {
    let unseen = if gate.champion.is_some() { "that neither was trained on" } else { "that it was not trained on" };
    let vectors = format!("{} {unseen}", plural(gate.vectors, "vector"));
    let vectors = format!("{vectors}, {} of them {positive}", count(gate.positive_vectors));
    let failed: Vec<String> = gate
        .checks
        .iter()
        .filter(|check| !check.passed)
        .map(|check| format!("{} ({})", if check.name == "f1" { "F1" } else { &check.name }, check.detail))
        .collect();
    let sure = confidence(policy.level);
    match gate.outcome {
        Outcome::Worse => {
            let lower = told(gate, which.worse, true);
            let more = if failed.is_empty() {
                String::new()
            } else {
                format!("; nor does it pass the checks of {}", list(&failed))
            };
            format!("Worse: {} on {vectors}{more}.", with_confidence(&lower, &sure))
        }
        Outcome::Unfit => format!("Unfit: it does not pass the checks of {}.", list(&failed)),
        Outcome::TooLittleData => {
            let left_out = match gate.left_out {
                0 => String::new(),
                n => format!("; {} left out, which one of the two may have been", plural(n, "vector")),
            };
            format!(
                "Too little data: {} {unseen}, at least {} are needed to tell{left_out}.",
                plural(gate.positive_vectors, &format!("{positive} vector")),
                count(policy.positive_vectors)
            )
        }
        Outcome::First => format!(
            "First: there is no champion, and recall {}, F1 {} and precision {} are as high as asked, on {vectors}.",
            score(scores.recall),
            score(scores.f1),
            score(scores.precision)
        ),
        Outcome::Better => {
            format!("Better: {} on {vectors}.", with_confidence(&told(gate, which.better, false), &sure))
        }
        Outcome::NotDistinguishable if same => {
            format!("Not distinguishable: both give the same verdict on all of {vectors}.")
        }
        Outcome::NotDistinguishable => {
            let part = |name: &str, of: Option<Bounded>| {
                of.map(|of| format!("{name} {} ({} to {})", signed(of.value), signed(of.lower), signed(of.upper)))
            };
            let both: Vec<String> = [part("recall", gate.recall), part("F1", gate.f1)].into_iter().flatten().collect();
            format!("Not distinguishable: chance explains {} on {vectors}.", list(&both))
        }
    }
}

/// `recall -.031 (below -.014 with 95 % confidence)`; of both scores it is said once.
fn with_confidence(parts: &[String], sure: &str) -> String {
    match parts {
        [one] => one.strip_suffix(')').map_or_else(|| one.clone(), |open| format!("{open} with {sure})")),
        all => format!("{}, with {sure},", list(all)),
    }
}
