//! The tests, column by column.

use super::{Bar, ColumnDrift, Limits, Missing, Test, Verdict};
use crate::profile::{ColumnProfile, Profile, Values};
use crate::schema::{Column, Schema};
use crate::statistics::{
    Bins, benjamini_hochberg, bins, chi_square, chi_square_quantile, exact, js_distance, kolmogorov_smirnov, psi,
    wasserstein_normed,
};
use indexmap::IndexMap;
use rayon::prelude::*;

/// Expected count below which an exact p-value stands beside that of chi-square (Cochran 1954).
const EXPECTED: f64 = 5.0;
/// How much smaller than its limit an effect must be that is significant, before it is said that everything is.
const EVERYTHING: f64 = 0.25;

/// The columns, and what to know about them as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Each column, features first, in the order of the schema.
    pub columns: IndexMap<String, ColumnDrift>,
    /// What to know, in words.
    pub notes: Vec<String>,
}

/// A column before the p-values were corrected.
struct Measured {
    drift: ColumnDrift,
    /// The p-value that counts.
    p: Option<f64>,
    missing_p: Option<f64>,
}

/// Holds current rows against a reference. Both profiles are of this schema.
pub fn compare(schema: &Schema, reference: &Profile, current: &Profile, limits: &Limits) -> Compared {
    let columns: Vec<&Column> = schema.columns().collect();
    let target = columns.len() - 1;
    let mut measured: Vec<Measured> = columns
        .par_iter()
        .enumerate()
        .map(|(at, column)| {
            let limit = if at == target { limits.target_js } else { limits.js };
            let (old, new) = (&reference.summary.columns[at], &current.summary.columns[at]);
            let mut measured = match (&old.values, &new.values) {
                (Values::Levels(old), Values::Levels(new)) => {
                    let labels: Vec<String> = column.levels().iter().map(ToString::to_string).collect();
                    categorical(&labels, old, new, limit, limits.p)
                }
                _ => numeric(&reference.numbers(at), &current.numbers(at), limits.wasserstein, limits.p),
            };
            // A row without a label is no defect: it is only not told apart yet.
            if at != target {
                missing(&mut measured, old, new);
            }
            if let Some(reason) = untestable(old, new, at == target) {
                measured.drift.note = Some(reason);
            }
            measured
        })
        .collect();
    let p = benjamini_hochberg(&measured.iter().map(|m| m.p).collect::<Vec<_>>());
    let missing_p = benjamini_hochberg(&measured.iter().map(|m| m.missing_p).collect::<Vec<_>>());
    for (own, (p, missing_p)) in measured.iter_mut().zip(p.into_iter().zip(missing_p)) {
        own.drift.p_adjusted = p;
        own.drift.missing.p_adjusted = missing_p;
        decide(&mut own.drift, limits);
    }
    let notes = notes(&columns, &measured, limits, [reference.summary.accepted(), current.summary.accepted()]);
    let names = columns.iter().map(|column| column.name.clone());
    Compared { columns: names.zip(measured.into_iter().map(|m| m.drift)).collect(), notes }
}

/// Holds counts of the same levels against each other that are no column of a data set: nothing is corrected.
pub fn compare_counts(
    labels: &[String],
    reference: &[u64],
    current: &[u64],
    limit: f64,
    limits: &Limits,
) -> ColumnDrift {
    let mut measured = categorical(labels, reference, current, limit, limits.p);
    measured.drift.p_adjusted = measured.p;
    decide(&mut measured.drift, limits);
    measured.drift
}

fn blank(test: Test, limit: f64, bars: Vec<Bar>) -> ColumnDrift {
    ColumnDrift {
        drift_status: None,
        verdict: Verdict::Untested,
        test,
        statistic: None,
        p_value: None,
        p_exact: None,
        p_adjusted: None,
        js: None,
        psi: None,
        wasserstein: None,
        limit,
        detectable: None,
        missing: Missing::default(),
        bars,
        note: None,
    }
}

fn categorical(labels: &[String], old: &[u64], new: &[u64], limit: f64, level: f64) -> Measured {
    let bars = labels
        .iter()
        .zip(old.iter().zip(new))
        .map(|(label, (old, new))| Bar { label: label.clone(), reference: *old, current: *new })
        .collect();
    let mut drift = blank(Test::ChiSquare, limit, bars);
    let Some(test) = chi_square(old, new) else { return Measured { drift, p: None, missing_p: None } };
    drift.statistic = Some(test.statistic);
    drift.p_value = Some(test.p_value);
    drift.js = js_distance(old, new);
    // A level of the schema that neither side shows is no category here: its stand-in share would count.
    let seen = || old.iter().zip(new).filter(|(old, new)| **old + **new > 0);
    drift.psi = psi(&seen().map(|(old, _)| *old).collect::<Vec<_>>(), &seen().map(|(_, new)| *new).collect::<Vec<_>>());
    if test.smallest_expected < EXPECTED && test.degrees > 0 {
        drift.p_exact = exact(old, new, 0).map(|exact| exact.p_value);
    }
    // Levels that neither side shows might have: the columns of the test are then too few.
    let degrees = (labels.len() as u32).saturating_sub(1).max(1);
    drift.detectable = Some(detectable_js(level, degrees, [old.iter().sum(), new.iter().sum()]));
    let p = drift.p_exact.or(drift.p_value);
    Measured { drift, p, missing_p: None }
}

/// The distance at which chi-square becomes significant at a level. For small differences the divergence is
/// chi-square's statistic over 8 ln 2 and the harmonic number of rows (Lin 1991 gives the expansion's first term).
fn detectable_js(level: f64, degrees: u32, rows: [u64; 2]) -> f64 {
    let share: f64 = rows.iter().map(|n| 1.0 / (*n).max(1) as f64).sum();
    (chi_square_quantile(level, degrees) * share / (8.0 * std::f64::consts::LN_2)).sqrt().min(1.0)
}

fn numeric(old: &[f64], new: &[f64], limit: f64, level: f64) -> Measured {
    let Some((cut, test)) = bins(old, new).zip(kolmogorov_smirnov(old, new)) else {
        let mut drift = blank(Test::KolmogorovSmirnov, limit, Vec::new());
        if !old.is_empty() && !new.is_empty() {
            drift.note = Some("its values lie too far apart to be cut into bins".to_owned());
        }
        return Measured { drift, p: None, missing_p: None };
    };
    let mut drift = blank(Test::KolmogorovSmirnov, limit, bars_of(&cut));
    drift.statistic = Some(test.statistic);
    drift.p_value = Some(test.p_value);
    drift.js = js_distance(&cut.reference, &cut.current);
    drift.psi = psi(&cut.reference, &cut.current);
    drift.wasserstein = wasserstein_normed(old, new);
    // What the test tells from chance, as the shift of a normal distribution: its density is .399 in the middle.
    let share: f64 = [old, new].iter().map(|side| 1.0 / side.len() as f64).sum();
    let distance = ((2.0 / level).ln() / 2.0 * share).sqrt();
    drift.detectable = Some(distance * (2.0 * std::f64::consts::PI).sqrt());
    Measured { drift, p: Some(test.p_value), missing_p: None }
}

fn bars_of(cut: &Bins) -> Vec<Bar> {
    let counts = cut.reference.iter().zip(&cut.current);
    let bar = |(label, (old, new)): (String, (&u64, &u64))| Bar { label, reference: *old, current: *new };
    cut.labels().into_iter().zip(counts).map(bar).collect()
}

fn missing(measured: &mut Measured, old: &ColumnProfile, new: &ColumnProfile) {
    let sides = [[old.known(), old.missing], [new.known(), new.missing]];
    measured.missing_p = chi_square(&sides[0], &sides[1]).map(|test| {
        let small = test.smallest_expected < EXPECTED && test.degrees > 0;
        small.then(|| exact(&sides[0], &sides[1], 0)).flatten().map_or(test.p_value, |exact| exact.p_value)
    });
    measured.drift.missing = Missing {
        reference: old.missing,
        current: new.missing,
        js: js_distance(&sides[0], &sides[1]),
        ..Missing::default()
    };
}

fn untestable(old: &ColumnProfile, new: &ColumnProfile, is_target: bool) -> Option<String> {
    let what = if is_target { "label" } else { "value" };
    let side = |profile: &ColumnProfile, name: &str| {
        (profile.known() == 0).then(|| {
            if profile.present {
                format!("no {name} row has a {what}")
            } else {
                format!("the {name} rows lack the column")
            }
        })
    };
    match (side(old, "reference"), side(new, "current")) {
        (Some(old), Some(new)) => Some(format!("{old}; {new}")),
        (old, new) => old.or(new),
    }
}

fn decide(drift: &mut ColumnDrift, limits: &Limits) {
    let is_beyond = |effect: Option<f64>, limit: f64| effect.is_some_and(|effect| effect >= limit);
    let is_significant = |p: Option<f64>| p.is_some_and(|p| p < limits.p);
    drift.missing.drifted = is_beyond(drift.missing.js, limits.js) && is_significant(drift.missing.p_adjusted);
    let beyond = is_beyond(drift.effect(), drift.limit);
    drift.verdict = if (beyond && is_significant(drift.p_adjusted)) || drift.missing.drifted {
        Verdict::Drifted
    } else if drift.p_adjusted.is_none() || drift.effect().is_none() {
        Verdict::Untested
    } else if beyond || drift.detectable.is_none_or(|detectable| detectable > drift.limit) {
        Verdict::TooSmall
    } else {
        Verdict::Steady
    };
    drift.drift_status = match drift.verdict {
        Verdict::Drifted => Some(true),
        Verdict::Steady => Some(false),
        Verdict::Untested | Verdict::TooSmall => None,
    };
    if drift.missing.drifted {
        let [old, new] = drift.missing_shares().map(|share| 100.0 * share);
        let text = format!("missing in {old:.1} % of the reference, in {new:.1} % now");
        drift.note = Some(drift.note.take().map_or(text.clone(), |note| format!("{note}; {text}")));
    }
}

fn notes(columns: &[&Column], measured: &[Measured], limits: &Limits, rows: [u64; 2]) -> Vec<String> {
    let mut notes = Vec::new();
    let of = |verdict: Verdict| {
        let names = columns.iter().zip(measured).filter(move |(_, m)| m.drift.verdict == verdict);
        names.map(|(column, _)| column.name.as_str()).collect::<Vec<_>>()
    };
    let named = |names: &[&str]| {
        let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
        format!("{}{more}", names.iter().take(3).copied().collect::<Vec<_>>().join(", "))
    };
    let untested = of(Verdict::Untested);
    if !untested.is_empty() {
        notes.push(format!("could not be tested: {}", named(&untested)));
    }
    let detectable = |m: &Measured| Some((m.drift.detectable?, m.drift.limit));
    let features = &measured[..measured.len().saturating_sub(1)];
    let small = of(Verdict::TooSmall);
    if !small.is_empty() {
        let worst = measured.iter().filter_map(detectable).map(|(d, _)| d).fold(0.0, f64::max);
        notes.push(format!(
            "too few rows to tell ({} and {}): {}; only a difference of {worst:.2} and more could be told from chance",
            rows[0],
            rows[1],
            named(&small)
        ));
    }
    let everything = features.iter().filter_map(detectable).all(|(d, limit)| d < EVERYTHING * limit);
    if everything && !features.is_empty() && features.iter().any(|m| m.drift.detectable.is_some()) {
        let least = features.iter().filter_map(detectable).map(|(d, _)| d).fold(f64::INFINITY, f64::min);
        notes.push(format!(
            "so many rows that a difference of {least:.3} is significant already: look at the effect sizes (limit {})",
            limits.js
        ));
    }
    notes
}

#[cfg(test)]
mod tests;
