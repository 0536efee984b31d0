//! What `predict --url` and `explain` say of one row: its verdict, where each value came from, and the training rows
//! that are nearest.

use crate::output;
use netsec::Result;
use netsec::predict::{FeatureUse, Near, Origin, Predictor, Record, Verdict, groups};
use serde_json::{Value, json};

/// A feature as JSON.
pub fn feature(feature: &FeatureUse) -> Value {
    json!({
        "name": feature.name,
        "value": feature.value,
        "meaning": feature.meaning,
        "origin": feature.origin.name(),
        "reason": feature.origin.reason(),
    })
}

/// A verdict as JSON; its features are for the caller to add to.
pub fn to_json(predictor: &Predictor, record: &Record, verdict: &Verdict) -> Value {
    let mut value = json!({
        "prediction": predictor.schema.target_value(verdict.positive),
        "verdict": predictor.schema.label(verdict.positive),
        "probability": verdict.probability,
        "threshold": verdict.threshold,
        "seen": counts(verdict.seen.map(u64::from)),
        "sample": predictor.sample,
    });
    if let Some(from) = &record.url {
        value["url"] = json!(from.url);
        value["remarks"] = json!(from.remarks);
    }
    value
}

fn counts([negative, positive]: [u64; 2]) -> Value {
    json!({"negative": negative, "positive": positive})
}

/// The nearest training vectors as JSON.
pub fn nearest(near: &[Near]) -> Value {
    near.iter()
        .map(|near| {
            let differs: Vec<Value> = (near.differs.iter())
                .map(|d| json!({"name": d.feature, "here": d.here, "there": (!d.there.is_empty()).then_some(&d.there)}))
                .collect();
            json!({"distance": near.differs.len(), "differs": differs, "seen": counts(near.counts.map(u64::from))})
        })
        .collect()
}

/// The first lines: the verdict, by which model, from which URL, how sure the values are.
pub fn head(predictor: &Predictor, record: &Record, verdict: &Verdict) -> String {
    let schema = &predictor.schema;
    let mut text = format!(
        "{}, probability {:.4} (from {} on it is {}); {} of {}\n",
        schema.label(verdict.positive),
        verdict.probability,
        (verdict.threshold * 1e6).round() / 1e6,
        schema.label(true),
        predictor.family,
        predictor.name()
    );
    if let Some(from) = &record.url {
        text = format!("{}\n{text}", from.url);
        for remark in &from.remarks {
            text.push_str(&format!("· {remark}\n"));
        }
        let n = verdict.origins();
        let all = verdict.features.len();
        text.push_str(&format!("· {} of {all} features are computed from the URL", n.computed));
        text.push_str(&match n.imputed {
            0 => "\n".to_owned(),
            n => format!("; {n} are not known and are filled in: read the probability with care\n"),
        });
    }
    let [negative, positive] = verdict.seen;
    if negative + positive > 0 {
        let (no, yes) = (schema.label(false), schema.label(true));
        text.push_str(&format!(
            "· seen {} times in {}: {yes} {positive}, {no} {negative}\n",
            negative + positive,
            training(predictor)
        ));
    }
    text
}

/// Where vectors are looked for.
fn training(predictor: &Predictor) -> String {
    predictor.sample.map_or_else(|| "training".to_owned(), |sample| sample.to_string())
}

/// The computed features, and what the others would need.
pub fn origins(verdict: &Verdict) -> String {
    let mut rows = vec![["feature", "value", "meaning", "why"].map(str::to_owned).to_vec()];
    let mut needs: Vec<(&str, Vec<&str>)> = Vec::new();
    for feature in &verdict.features {
        match &feature.origin {
            Origin::Computed(reason) => rows.push(vec![
                feature.name.clone(),
                format!("{:>5}", feature.value),
                feature.meaning.clone(),
                reason.clone(),
            ]),
            Origin::Imputed(Some(reason)) => match needs.iter_mut().find(|(needed, _)| needed == reason) {
                Some((_, names)) => names.push(&feature.name),
                None => needs.push((reason, vec![&feature.name])),
            },
            _ => {}
        }
    }
    let mut text = format!("\n{}", output::table(&rows));
    for (reason, names) in needs {
        text.push_str(&format!("· imputed, {reason}: {}\n", names.join(", ")));
    }
    text
}

/// The nearest training vectors, those together that differ in the same features.
pub fn neighbours(predictor: &Predictor, near: &[Near]) -> String {
    let (no, yes) = (predictor.schema.label(false), predictor.schema.label(true));
    let mut rows = vec![vec![
        format!("nearest in {}", training(predictor)),
        String::new(),
        format!("{yes:>10}"),
        format!("{no:>10}"),
    ]];
    for group in groups(near) {
        let differ = match group.features.len() {
            0 => "the same".to_owned(),
            1 => "1 differs".to_owned(),
            n => format!("{n} differ"),
        };
        let [negative, positive] = group.counts;
        rows.push(vec![differ, group.features.join(", "), format!("{positive:>10}"), format!("{negative:>10}")]);
    }
    format!("\n{}", output::table(&rows))
}

/// The `k` nearest, where they are asked for.
pub fn near(predictor: &Predictor, record: &Record, k: Option<usize>) -> Result<Option<Vec<Near>>> {
    k.map(|k| predictor.nearest(record, k)).transpose()
}
