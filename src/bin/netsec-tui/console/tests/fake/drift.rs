//! A made-up drift report: one with every verdict in it.

use super::{RUN, schema};
use crate::console::msg::drift::Drifted;
use netsec::drift::{
    Bar, ColumnDrift, DriftReport, Estimate, Limits, Missing, ModelDrift, Scores, Side, Test, VERSION, Verdict,
    compare_counts,
};
use netsec::event::{DriftSummary, Family};
use std::sync::Arc;

fn counts(labels: &[String], old: &[u64], new: &[u64], limit: f64) -> ColumnDrift {
    let mut found = compare_counts(labels, old, new, limit, &Limits::default());
    if found.verdict == Verdict::Untested {
        found.note = Some("no current row has a label".to_owned());
    }
    found
}

/// Counts of a column's levels; every few columns have another story.
fn column(at: usize, labels: &[String]) -> ColumnDrift {
    let n = labels.len();
    let total = |all: u64, tilt: f64| -> Vec<u64> {
        let weight = |i: usize| 1.0 + i as f64 + if i == 0 { tilt } else { 0.0 };
        let sum: f64 = (0..n).map(weight).sum();
        (0..n).map(|i| (all as f64 * weight(i) / sum).round() as u64).collect()
    };
    let base = 0.3 * (at % 5) as f64;
    let (old, new) = match at {
        6 => (total(8_323, base), total(1_204, base + 3.0)),
        14 => (total(8_323, base), total(1_204, base + 1.4)),
        // Hardly any rows with a value.
        20 => (total(8_323, base), total(19, base)),
        // The labels are not there yet.
        30 => (total(8_323, base), vec![0; n]),
        _ => (total(8_323, base), total(1_204, base + 0.04 * (at % 4) as f64)),
    };
    let mut found = counts(labels, &old, &new, 0.1);
    if at == 9 {
        found.missing = Missing { reference: 12, current: 160, js: Some(0.213), p_adjusted: Some(3e-9), drifted: true };
        found.verdict = Verdict::Drifted;
        found.drift_status = Some(true);
        found.note = Some("missing in 0.1 % of the reference, in 11.7 % now".to_owned());
    }
    found
}

/// A numeric column, as no column of the built-in schema is.
fn number() -> ColumnDrift {
    let bars = (0..8u64).map(|i| Bar {
        label: format!("{} to {}", 25 * i, 25 * (i + 1)),
        reference: [120, 1_310, 2_660, 2_201, 1_240, 560, 180, 52][i as usize],
        current: [4, 90, 260, 330, 270, 160, 70, 20][i as usize],
    });
    ColumnDrift {
        drift_status: Some(true),
        verdict: Verdict::Drifted,
        test: Test::KolmogorovSmirnov,
        statistic: Some(0.187),
        p_value: Some(1e-12),
        p_exact: None,
        p_adjusted: Some(3e-12),
        js: Some(0.176),
        psi: Some(0.291),
        wasserstein: Some(0.412),
        limit: 0.1,
        detectable: Some(0.093),
        missing: Missing::default(),
        bars: bars.collect(),
        note: None,
    }
}

fn scores(f1: f64, rows: u64) -> Scores {
    let around = |value: f64| Estimate { value, interval: [value - 0.019, value + 0.016] };
    Scores { rows, vectors: rows * 3 / 4, precision: around(f1 + 0.004), recall: around(f1 - 0.004), f1: around(f1) }
}

/// The report of the built-in schema's columns.
pub fn report() -> DriftReport {
    let (schema, limits) = (schema(), Limits::default());
    let columns: indexmap::IndexMap<String, ColumnDrift> = schema
        .columns()
        .enumerate()
        .map(|(at, c)| (c.name.clone(), column(at, &c.levels().iter().map(ToString::to_string).collect::<Vec<_>>())))
        .collect();
    let of = |status: Option<bool>| columns.values().filter(|c| c.drift_status == status).count() as u32;
    let (drifted, undecided, total) = (of(Some(true)), of(None), columns.len() as u32);
    let words = ["legitimate", "phishing"].map(str::to_owned);
    DriftReport {
        v: VERSION,
        at: "2026-11-18T14:02:11.120Z".to_owned(),
        dataset_drift: Some(false),
        share: f64::from(drifted) / f64::from(total),
        drifted,
        undecided,
        total,
        limits,
        reference: Side {
            name: format!("run {RUN}"),
            rows: 8_323,
            labelled: 8_323,
            refused: 0,
            hash: "3fa2b1c4d5e6f708".to_owned(),
            from: Some("2026-11-11T09:12:00.000Z".to_owned()),
            to: None,
            sampled: None,
        },
        current: Side {
            name: "netsec/NetworkData@2026-11-01T00:00:00Z..".to_owned(),
            rows: 1_204,
            labelled: 0,
            refused: 3,
            hash: "9c01d2ab77fe0011".to_owned(),
            from: Some("2026-11-01T00:12:44Z".to_owned()),
            to: Some("2026-11-18T13:58:02Z".to_owned()),
            sampled: None,
        },
        target: schema.target.name.clone(),
        prediction: Some(counts(&words, &[4_611, 3_712], &[702, 502], limits.target_js)),
        model: Some(ModelDrift {
            run: RUN.to_owned(),
            version: None,
            family: Family::GradientBoosting,
            threshold: 0.5,
            at_training: scores(0.94, 1_139),
            now: None,
            trained_on: 0,
            worse: false,
        }),
        columns,
        notes: vec![
            "could not be tested: Result".to_owned(),
            "too few rows to tell (8323 and 1204): RightClick; only a difference of 0.29 and more could be told \
             from chance"
                .to_owned(),
            "3 rows of netsec/NetworkData@2026-11-01T00:00:00Z.. are refused by the schema and left out".to_owned(),
        ],
    }
}

/// A report with a numeric column in it, a worse champion, and most columns drifted.
pub fn worse() -> DriftReport {
    let mut report = report();
    report.columns.insert("bytes_of_page".to_owned(), number());
    report.dataset_drift = Some(true);
    (report.drifted, report.undecided, report.total) = (19, 0, 32);
    report.columns.insert(report.target.clone(), column(0, &["-1", "1"].map(str::to_owned)));
    report.current.labelled = 1_120;
    if let Some(model) = &mut report.model {
        (model.now, model.trained_on, model.worse) = (Some(scores(0.871, 721)), 399, true);
    }
    report.notes = Vec::new();
    report
}

/// A report without a champion that says nothing for certain.
pub fn untold() -> DriftReport {
    let mut report = report();
    (report.prediction, report.model, report.dataset_drift, report.undecided) = (None, None, None, 29);
    report.columns.retain(|_, column| column.missing == Missing::default());
    report.current.rows = 19;
    report
}

pub fn drifted(report: DriftReport) -> Drifted {
    Drifted { report: Arc::new(report), schema: Arc::new(schema()), production: None }
}

pub fn summary(drifted: u32, dataset_drift: Option<bool>) -> DriftSummary {
    let reference = "run aa12beaa0003".to_owned();
    DriftSummary { reference, drifted, undecided: 0, total: 31, dataset_drift }
}

/// The labels are there, and tell no difference.
pub fn steady() -> DriftReport {
    let mut report = worse();
    (report.dataset_drift, report.drifted) = (Some(false), 4);
    if let Some(model) = &mut report.model {
        (model.now, model.worse) = (Some(scores(0.931, 721)), false);
    }
    report
}
