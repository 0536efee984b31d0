//! What differs between two runs and their models, and nothing else.

use super::{Loaded, Side};
use crate::calibrate::Method;
use crate::event::{DataSummary, Family, TestScores};
use crate::form::{change, count, score, short, signed, time, times, value};
use crate::pipeline::ModelReport;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What: a setting as the manifest names it, a count, a parameter, a score.
    pub what: String,
    /// Its value in the base; `-` where it has none.
    pub base: String,
    /// Its value in the other.
    pub new: String,
    /// By how much, where that means something.
    pub change: Option<String>,
}

/// What the manifest holds beside settings: who and when, and what is told in other lines.
const NO_SETTINGS: [&str; 9] =
    ["v", "run", "started_at", "user", "host", "schema_hash", "data_hash", "search", "accepted_by"];
/// Characters of a hash that tell it from others.
const HASH: usize = 8;

/// What a line tells, and how it is read off.
type Measure<Of, Value> = (&'static str, fn(&Of) -> Value);

/// The lines, collected: what differs, and what is the same.
#[derive(Default)]
struct Lines([Vec<Difference>; 2]);

impl Lines {
    fn text(&mut self, what: &str, [base, new]: [String; 2], change: Option<String>) {
        let same = base == new;
        // What neither has is nothing to tell.
        if !same || base != "-" {
            let change = change.filter(|_| !same);
            self.0[usize::from(same)].push(Difference { what: what.to_owned(), base, new, change });
        }
    }

    fn values(&mut self, what: &str, values: [&Value; 2]) {
        let change = match values.map(Value::as_f64) {
            [Some(base), Some(new)] => Some(change(base, new)),
            _ => None,
        };
        self.text(what, values.map(value), change);
    }

    fn counts(&mut self, what: &str, [base, new]: [u64; 2]) {
        let change = if new < base { format!("-{}", count(base - new)) } else { format!("+{}", count(new - base)) };
        self.text(what, [base, new].map(count), Some(change));
    }

    /// A score with whatever is to stand behind it.
    fn score(&mut self, what: &str, scores: [(Option<f64>, String); 2]) {
        let change = match [scores[0].0, scores[1].0] {
            [Some(base), Some(new)] => Some(signed(new - base)),
            _ => None,
        };
        let texts = scores.map(|(value, more)| match value {
            Some(value) if more.is_empty() => score(value),
            Some(value) => format!("{} {more}", score(value)),
            None => "-".to_owned(),
        });
        self.text(what, texts, change);
    }

    fn times(&mut self, what: &str, [base, new]: [u64; 2]) {
        self.text(what, [base, new].map(time), times(base, new));
    }
}

/// What differs, and what is the same: settings, data, the models and their parameters, scores, times.
pub(super) fn differences(loaded: [&Loaded; 2], sides: [&Side; 2], same_data: bool) -> [Vec<Difference>; 2] {
    let mut lines = Lines::default();
    settings(&mut lines, loaded);
    data(&mut lines, loaded, same_data);
    model(&mut lines, loaded);
    scores(&mut lines, sides.map(|side| &side.test));
    let own = |side: usize| loaded[side].report.model(sides[side].family);
    if let [Some(base), Some(new)] = [own(0), own(1)] {
        lines.times("fit time", [base.fit_ms, new.fit_ms]);
    }
    lines.times("run time", loaded.map(|side| side.state.elapsed_ms(None)));
    lines.0
}

/// The leaves of a tree of settings, by path.
fn leaves(path: &str, of: &Value, found: &mut Vec<(String, Value)>) {
    match of {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, found);
            }
        }
        other => found.push((path.to_owned(), other.clone())),
    }
}

fn settings(lines: &mut Lines, loaded: [&Loaded; 2]) {
    // Read from the manifest as it is written: a setting that is added to it is compared from then on.
    let all = loaded.map(|side| {
        let mut found = Vec::new();
        leaves("", &serde_json::to_value(&side.manifest).unwrap_or_default(), &mut found);
        found.retain(|(path, _)| !NO_SETTINGS.contains(&path.as_str()));
        found
    });
    for (path, base) in &all[0] {
        let new = all[1].iter().find(|(other, _)| other == path).map_or(&Value::Null, |(_, value)| value);
        let name = match path.as_str() {
            "holdout" => "hold-out share",
            "version" => "netsec version",
            // The file that they stand in has no such level.
            path => path.strip_prefix("quality.").unwrap_or(path),
        };
        lines.values(name, [base, new]);
    }
    let trials = loaded.map(|side| side.manifest.search.iter().map(|s| s.trials.len() as u64).sum::<u64>());
    let [base, new] = loaded.map(|side| &side.manifest.search);
    if trials[0] == trials[1] && base != new {
        lines.text("trials", [count(trials[0]), format!("{}, others", count(trials[1]))], None);
    } else {
        lines.counts("trials", trials);
    }
    let families = loaded.map(|side| side.report.models.iter().map(|m| m.family).collect::<BTreeSet<Family>>());
    let only = |side: usize| {
        let own: Vec<&str> = families[side].difference(&families[1 - side]).map(|f| f.code()).collect();
        if own.is_empty() { "-".to_owned() } else { own.join(" ") }
    };
    lines.text("families only here", [only(0), only(1)], None);
}

fn data(lines: &mut Lines, loaded: [&Loaded; 2], same_data: bool) {
    lines.text("schema", loaded.map(|side| short(&side.manifest.schema_hash, HASH)), None);
    let of = loaded.map(|side| &side.report.data);
    // Another salt gives the same vectors another hash.
    if !same_data {
        lines.text("data", of.map(|data| short(&data.hash, HASH)), None);
    }
    let measures: [Measure<DataSummary, u64>; 6] = [
        ("rows", |d| d.rows),
        ("vectors", |d| d.vectors),
        ("conflicting vectors", |d| d.conflicting),
        ("rows without label", |d| d.unlabelled),
        ("rejected rows", |d| d.rejected),
        ("hold-out vectors", |d| d.holdout_vectors),
    ];
    for (what, measure) in measures {
        lines.counts(what, of.map(measure));
    }
}

fn model(lines: &mut Lines, loaded: [&Loaded; 2]) {
    let families = loaded.map(|side| side.predictor.family);
    lines.text("family", families.map(|f| f.to_string()), None);
    let own = |side: usize| loaded[side].report.model(families[side]);
    let [Some(base), Some(new)] = [own(0), own(1)] else { return };
    let names: BTreeSet<&String> = base.params.0.keys().chain(new.params.0.keys()).collect();
    for name in names {
        // Of different families, a parameter of one name may mean different things: the line above says whose it is.
        let what = if base.family == new.family { format!("{} {name}", base.family.code()) } else { name.clone() };
        let values = [base, new].map(|model| model.params.0.get(name).unwrap_or(&Value::Null));
        lines.values(&what, values);
    }
    let method = |model: &ModelReport| {
        let name = match model.calibration {
            Some(Method::Platt) => "platt",
            Some(Method::Isotonic) => "isotonic",
            None => "none",
        };
        name.to_owned()
    };
    lines.text("calibrated", [base, new].map(method), None);
    let thresholds = loaded.map(|side| Value::from(side.predictor.threshold()));
    lines.values("threshold", [&thresholds[0], &thresholds[1]]);
    lines.score("cv F1", [base, new].map(|model| (Some(model.cv_f1), format!("±{}", score(model.cv_sd)))));
}

fn scores(lines: &mut Lines, tests: [&TestScores; 2]) {
    let interval = |ci: Option<[f64; 2]>| ci.map_or_else(String::new, |[a, b]| format!("[{} {}]", score(a), score(b)));
    lines.score("test F1", tests.map(|t| (Some(t.f1), interval(Some(t.f1_ci)))));
    lines.score("recall", tests.map(|t| (Some(t.recall), interval(t.recall_ci))));
    lines.score("precision", tests.map(|t| (Some(t.precision), interval(t.precision_ci))));
    let measures: [Measure<TestScores, Option<f64>>; 6] = [
        ("accuracy", |t| Some(t.accuracy)),
        ("ROC AUC", |t| t.roc_auc),
        ("PR AUC", |t| t.pr_auc),
        ("log loss", |t| Some(t.log_loss)),
        ("Brier", |t| Some(t.brier)),
        ("ECE", |t| Some(t.ece)),
    ];
    for (what, measure) in measures {
        lines.score(what, tests.map(|t| (measure(t), String::new())));
    }
}
