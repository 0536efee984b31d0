//! A comparison in words.

use super::{Comparison, SHORT, Several, Unseen, Verdict};
use crate::form::{plural, score, short, signed};
use crate::metrics::PairedDifference;
use crate::run::Manifest;

/// The usual level of a test, that of the 95 % intervals.
const LEVEL: f64 = 0.05;
/// Vectors below which it is said that they are few: the interval of F1 is then some .05 wide to either side.
const FEW: u64 = 100;

fn difference(of: &PairedDifference) -> String {
    format!("{} ({} to {})", signed(of.value), signed(of.interval[0]), signed(of.interval[1]))
}

/// The verdict and the differences in one line.
pub(super) fn headline(c: &Comparison) -> String {
    let word = match c.verdict {
        Verdict::Better => "Better",
        Verdict::Worse => "Worse",
        Verdict::NotDistinguishable => "Not distinguishable",
    };
    if c.holdout.vectors == 0 {
        return format!("{word}: there is no vector that neither model was trained on");
    }
    format!("{word}: F1 {}, recall {}", difference(&c.f1), difference(&c.recall))
}

/// What the verdict means.
pub(super) fn sentence(c: &Comparison, same_verdicts: bool) -> String {
    let vectors = plural(c.holdout.vectors, "vector");
    let [base, new] = c.names();
    let [low, high] = c.f1.interval;
    let lead = |winner: &str, loser: &str, least: f64| {
        format!(
            "On {vectors} that neither was trained on, {winner} has a higher F1 than {loser}, by more than chance \
             explains: by {} at least, with 95 % confidence.",
            score(least)
        )
    };
    match c.verdict {
        _ if c.holdout.vectors == 0 => {
            "Nothing can be said of them: train both with one salt, and compare again.".into()
        }
        Verdict::Better => lead(&new, &base, low),
        Verdict::Worse => lead(&base, &new, -high),
        Verdict::NotDistinguishable if same_verdicts => {
            format!("Both give the same verdict on all {vectors}: it makes no difference which is used.")
        }
        Verdict::NotDistinguishable => {
            let recall = match c.recall.interval {
                [low, _] if low > 0.0 => format!(" The recall of {new} is higher by more than chance, though."),
                [_, high] if high < 0.0 => format!(" The recall of {new} is lower by more than chance, though."),
                _ => String::new(),
            };
            format!(
                "On {vectors} that neither was trained on, chance explains the difference in F1: its interval includes \
                 0, and nothing here says that either is the better one.{recall}"
            )
        }
    }
}

/// What to know beside the verdict.
pub(super) fn notes(c: &Comparison, common: &Unseen, manifests: [&Manifest; 2], newer: usize) -> Vec<String> {
    let ids = manifests.map(|manifest| short(&manifest.run, SHORT));
    let mut notes = Vec::new();
    if manifests[0].salt != manifests[1].salt {
        notes.push(format!(
            "the hold-outs were drawn with different salts, so most of each is training data of the other; unseen by \
             both: {}",
            plural(c.holdout.vectors, "vector")
        ));
    }
    if !c.holdout.same_data {
        notes.push(format!(
            "the data differ: a vector that both held out counts with the labels of {}, the newer run",
            ids[newer]
        ));
    }
    if c.holdout.left_out > 0 {
        notes.push(format!(
            "left out: {} of one hold-out that the other trained on",
            plural(c.holdout.left_out, "vector")
        ));
    }
    for (side, id) in ids.iter().enumerate().filter(|(side, _)| common.unknown[*side] > 0) {
        notes.push(format!(
            "{} hold a value that the schema of {id} does not know: its model takes it as missing",
            plural(common.unknown[side], "vector")
        ));
    }
    if c.holdout.vectors > 0 {
        let rows = common.sides[0].label_rows();
        if rows.contains(&0) {
            let label = if rows[1] == 0 { "positive" } else { "negative" };
            notes.push(format!("no {label} row is among these vectors: the scores say little"));
        }
        if c.holdout.vectors < FEW {
            notes.push("with so few vectors only a large difference would show".to_owned());
        }
        let test = c.errors.p_value < LEVEL;
        if test != (c.verdict != Verdict::NotDistinguishable) {
            let says = if test { "sees a difference in errors" } else { "sees no difference in errors" };
            notes.push(format!("McNemar's test {says}: it counts each vector once, F1 as often as it was observed"));
        }
    }
    notes
}

/// What all of several comparisons come to, in one line: none for a single one, whose headline says it.
pub(super) fn summary(all: &Several) -> Option<String> {
    if all.pairs.len() < 2 {
        return None;
    }
    let of = |verdict: Verdict| all.pairs.iter().filter(|pair| pair.verdict == verdict).count();
    let parts =
        [(Verdict::Better, "better"), (Verdict::Worse, "worse"), (Verdict::NotDistinguishable, "not distinguishable")]
            .into_iter()
            .filter(|(verdict, _)| of(*verdict) > 0)
            .map(|(verdict, word)| format!("{} {word}", of(verdict)))
            .collect::<Vec<_>>();
    let base = all.names().swap_remove(0);
    Some(format!("{} against {base}: {}", plural(all.pairs.len() as u64, "model"), parts.join(", ")))
}

/// What to know of several comparisons beside the notes of each.
pub(super) fn notes_of_all(all: &Several) -> Vec<String> {
    let mut notes = Vec::new();
    let vectors = all.holdout.vectors;
    if vectors == 0 {
        notes.push("there is no vector that none of the models was trained on: there are no curves".to_owned());
    } else if all.pairs.iter().any(|pair| pair.holdout.vectors != vectors) {
        notes.push(format!(
            "scores and curves of all models are on {} that none was trained on; each pair is compared on what it has \
             in common, which is more",
            plural(vectors, "vector")
        ));
    }
    if all.pairs.len() > 1 {
        notes.push(format!(
            "{} at 95 %: about one in 20 of equal models is told apart by chance alone",
            plural(all.pairs.len() as u64, "comparison")
        ));
    }
    notes
}
