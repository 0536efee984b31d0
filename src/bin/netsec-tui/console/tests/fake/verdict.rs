//! Verdicts and what speaks for them.

use super::super::super::msg::predict::{Batched, ScoreInput, Scored};
use super::{RUN, schema};
use netsec::event::Family;
use netsec::explain::{Explanation, Method, Scale};
use netsec::predict::{
    Difference, FeatureUse, History, LogEntry, Near, Origin, Record, Summary, Verdict, from_url, looks_like_url,
};
use std::path::PathBuf;

/// A row with the first level of each feature, two missing, and one that is refused.
pub fn record() -> Record {
    let schema = schema();
    let values = schema.features.iter().enumerate().map(|(i, c)| {
        let text = match i {
            3 | 7 => String::new(),
            5 => "7".to_owned(),
            _ => c.levels()[0].to_string(),
        };
        (c.name.clone(), text)
    });
    Record::new(values.collect())
}

/// The rows of a text: URLs are computed, everything else is the one row, as many times as it has lines.
fn rows(text: &str) -> Vec<Record> {
    text.lines().map(|line| if looks_like_url(line) { from_url(&schema(), line).unwrap() } else { record() }).collect()
}

/// The more features are at their first level, the more it is phishing.
pub fn scored(input: &ScoreInput) -> Scored {
    let rows = match input {
        ScoreInput::Text(text) => rows(text),
        ScoreInput::Row(_) | ScoreInput::Changed(_) => Vec::new(),
    };
    let record = match input {
        ScoreInput::Text(_) => rows.first().cloned().unwrap_or_else(record),
        ScoreInput::Row(record) | ScoreInput::Changed(record) => record.clone(),
    };
    let schema = schema();
    let features: Vec<FeatureUse> = schema
        .features
        .iter()
        .map(|column| {
            let text = record.get(&column.name).unwrap_or_default();
            let reason = record.reason(&column.name).map(str::to_owned);
            let first = column.levels()[0].to_string();
            let (value, origin) = match schema.parse_cell(column, text) {
                Err(reason) => (first, Origin::OutOfDomain(reason)),
                Ok(_) if text.is_empty() => (first, Origin::Imputed(reason)),
                Ok(_) => (text.to_owned(), reason.map_or(Origin::Given, Origin::Computed)),
            };
            let meaning = column.level_meaning(&value).unwrap_or("").to_owned();
            FeatureUse { name: column.name.clone(), meaning, value, origin }
        })
        .collect();
    let bad = features.iter().zip(&schema.features).filter(|(f, c)| f.value == c.levels()[0].to_string()).count();
    let probability = (bad as f64 / features.len() as f64 - 0.019).max(0.0);
    let verdict = Verdict {
        probability,
        positive: probability >= 0.5,
        threshold: 0.5,
        seen: if bad == features.len() { [1, 13] } else { [0, 0] },
        features,
    };
    let pasted = !matches!(input, ScoreInput::Changed(_));
    Scored { verdict, record, rows, unlogged: None, pasted }
}

/// Contributions that fall off, to both sides; not exact for KNN.
pub fn why(family: Family, record: &Record) -> Explanation {
    let schema = schema();
    let of = |(i, column): (usize, &netsec::schema::Column)| {
        let size = 2.31 / (1.0 + (i * 7 % 30) as f64);
        let first = column.levels()[0].to_string();
        let turned = record.get(&column.name).is_some_and(|v| !v.is_empty() && v != "7" && v != first);
        if turned != i.is_multiple_of(4) { -size } else { size }
    };
    let contributions: Vec<f64> = schema.features.iter().enumerate().map(of).collect();
    let exact = family != Family::Knn;
    Explanation {
        base: -0.207,
        output: contributions.iter().sum::<f64>() - 0.207,
        contributions,
        scale: if exact { Scale::LogOdds } else { Scale::Probability },
        method: if exact { Method::TreeShap } else { Method::Occlusion },
        exact,
        calibrated: exact,
        background: 100,
    }
}

pub fn near(record: &Record) -> Vec<Near> {
    let differs = |names: &[&str]| {
        let one = |name: &&str| Difference {
            feature: (*name).to_owned(),
            here: record.get(name).filter(|v| !v.is_empty()).unwrap_or("-1").to_owned(),
            there: "1".to_owned(),
        };
        names.iter().map(one).collect()
    };
    vec![
        Near { differs: differs(&[]), counts: [1, 13] },
        Near { differs: differs(&["web_traffic"]), counts: [0, 9] },
        Near { differs: differs(&["having_At_Symbol"]), counts: [2, 0] },
        Near { differs: differs(&["web_traffic", "Google_Index"]), counts: [1, 3] },
        Near { differs: differs(&["SSLfinal_State", "URL_of_Anchor", "Request_URL"]), counts: [1204, 12] },
    ]
}

fn entry(n: usize, url: Option<&str>) -> LogEntry {
    LogEntry {
        at: format!("2026-11-18T13:{:02}:07.000Z", 59 - n),
        user: "user".to_owned(),
        host: "ip-10-0-1-7".to_owned(),
        run: RUN.to_owned(),
        family: Family::GradientBoosting,
        version: None,
        url: url.map(str::to_owned),
        input: [("SSLfinal_State", "-1"), ("URL_Length", "1")]
            .map(|(n, v)| (n.to_owned(), v.into()))
            .into_iter()
            .collect(),
        probability: if n.is_multiple_of(2) { 0.9812 } else { 0.0413 },
        verdict: if n.is_multiple_of(2) { "phishing" } else { "legitimate" }.to_owned(),
        latency_us: 812,
    }
}

pub fn past(words: &str) -> History {
    let all = [entry(0, Some("http://paypal.com.secure-login.example/a?b=c")), entry(1, None), entry(2, None)];
    let entries = all.into_iter().filter(|e| e.verdict.contains(words) || e.text().contains(words)).collect();
    History { entries, unreadable: usize::from(words.is_empty()), more: false }
}

pub fn batched(output: &str) -> Batched {
    let summary = Summary { rows: 12_288, positive: 5_301, not_scored: 4, out_of_domain: 12 };
    Batched { output: PathBuf::from(output), summary }
}
