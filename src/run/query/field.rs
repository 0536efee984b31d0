//! What can be told of a run: the columns of a table, and what it is filtered, sorted and grouped by.

use crate::event::Family;
use crate::form;
use crate::run::RunRow;
use chrono::DateTime;
use serde_json::{Value as Json, json};
use std::borrow::Cow;

/// Something that can be told of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Field {
    Id,
    Started,
    Status,
    Database,
    Collection,
    Space,
    Seed,
    Folds,
    Family,
    Cv,
    F1,
    Recall,
    Trials,
    Time,
    User,
    Host,
    Who,
    Tag,
    Note,
    Drift,
    Model,
    Holdout,
}

/// How a field's values are written and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, letter case ignored.
    Text,
    /// The beginning of an id.
    Prefix,
    /// A number.
    Number,
    /// A point in time.
    Time,
    /// A length of time.
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A family, by name or code.
    Family,
}

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// A number; times and lengths of time in milliseconds.
    Number(f64),
    /// Several words, of which one is enough.
    Words(Vec<&'a str>),
}

const STATUS: &[&str] = &["running", "finished", "failed", "cancelled", "interrupted"];

impl Field {
    /// All of them, in the order in which they are named and shown.
    pub const ALL: [Field; 22] = [
        Field::Id,
        Field::Started,
        Field::Status,
        Field::Database,
        Field::Collection,
        Field::Space,
        Field::Seed,
        Field::Folds,
        Field::Family,
        Field::Cv,
        Field::F1,
        Field::Recall,
        Field::Trials,
        Field::Time,
        Field::User,
        Field::Host,
        Field::Who,
        Field::Tag,
        Field::Note,
        Field::Drift,
        Field::Model,
        Field::Holdout,
    ];

    /// What a table shows first, where nothing else is asked for.
    pub const USUAL: [Field; 9] = [
        Field::Id,
        Field::Started,
        Field::Status,
        Field::Collection,
        Field::Space,
        Field::Seed,
        Field::Family,
        Field::Cv,
        Field::F1,
    ];

    /// What runs can be grouped by.
    pub const GROUPS: [Field; 7] =
        [Field::Family, Field::Collection, Field::Space, Field::Status, Field::Who, Field::Tag, Field::Holdout];

    /// Its name in filters and options, how it is compared, and what it is.
    fn told(self) -> (&'static str, Kind, &'static str) {
        match self {
            Field::Id => ("id", Kind::Prefix, "the beginning of the run's id"),
            Field::Started => ("started", Kind::Time, "when, UTC: 2026-11-01, 2026-11-01T09:30"),
            Field::Status => ("status", Kind::Word(STATUS), "how it stands"),
            Field::Database => ("database", Kind::Text, "the database"),
            Field::Collection => ("collection", Kind::Text, "the collection"),
            Field::Space => ("space", Kind::Text, "the search space"),
            Field::Seed => ("seed", Kind::Number, "the seed"),
            Field::Folds => ("folds", Kind::Number, "cross-validation folds"),
            Field::Family => ("family", Kind::Family, "the winner, or the leader while the run is on"),
            Field::Cv => ("cv", Kind::Number, "its cross-validated F1"),
            Field::F1 => ("f1", Kind::Number, "the winner's F1 on the hold-out"),
            Field::Recall => ("recall", Kind::Number, "the winner's recall on the hold-out"),
            Field::Trials => ("trials", Kind::Number, "trials that are over"),
            Field::Time => ("time", Kind::Duration, "time worked: 90s, 5m, 2h"),
            Field::User => ("user", Kind::Text, "who asked for it"),
            Field::Host => ("host", Kind::Text, "the host"),
            Field::Who => ("who", Kind::Text, "user@host"),
            Field::Tag => ("tag", Kind::Text, "one of its tags"),
            Field::Note => ("note", Kind::Text, "its note"),
            Field::Drift => ("drift", Kind::Word(&["yes", "no"]), "whether the rows differ from the champion's"),
            Field::Model => ("model", Kind::Family, "a family that it has a model of"),
            Field::Holdout => ("holdout", Kind::Text, "the hold-out it is scored on"),
        }
    }

    /// Its name in filters and options.
    pub fn name(self) -> &'static str {
        self.told().0
    }

    /// How its values are compared.
    pub fn kind(self) -> Kind {
        self.told().1
    }

    /// What it is.
    pub fn help(self) -> &'static str {
        self.told().2
    }

    /// What stands over its column.
    pub fn title(self) -> &'static str {
        match self {
            Field::Id => "run",
            Field::Family => "winner",
            Field::Cv => "cv F1",
            Field::F1 => "test F1",
            Field::Who => "by",
            Field::Tag => "tags",
            Field::Model => "models",
            other => other.name(),
        }
    }

    /// The field of that name; `state` is another word for status.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "state" { "status" } else { name };
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Whether a sorted column has the greatest first unless asked otherwise: the best, the newest, the longest.
    pub fn is_greatest_first(self) -> bool {
        matches!(self.kind(), Kind::Number | Kind::Time | Kind::Duration) && self != Field::Seed && self != Field::Folds
    }

    /// A run's value; none where it has none.
    pub fn value(self, row: &RunRow) -> Option<Value<'_>> {
        let text = |text: &'static str| Some(Value::Text(Cow::Borrowed(text)));
        let number = |value: f64| Some(Value::Number(value));
        let some = |text: &'_ str| (!text.is_empty()).then(|| Value::Text(Cow::Owned(text.to_owned())));
        match self {
            Field::Id => Some(Value::Text(Cow::Borrowed(&row.id))),
            Field::Started => number(DateTime::parse_from_rfc3339(&row.started_at).ok()?.timestamp_millis() as f64),
            Field::Status => text(row.status.name()),
            Field::Database => some(&row.database),
            Field::Collection => some(&row.collection),
            Field::Space => some(&row.space),
            Field::Seed => number(row.seed as f64),
            Field::Folds => number(f64::from(row.folds)),
            Field::Family => text(row.best?.0.name()),
            Field::Cv => number(row.best?.1),
            Field::F1 => number(row.test?.0),
            Field::Recall => number(row.recall?),
            Field::Trials => number(f64::from(row.trials.0)),
            Field::Time => number(row.elapsed_ms as f64),
            Field::User => some(row.user()),
            Field::Host => some(row.host()),
            Field::Who => some(&row.who),
            Field::Tag => (!row.tags.is_empty()).then(|| Value::Words(row.tags.iter().map(String::as_str).collect())),
            Field::Note => row.note.as_deref().and_then(some),
            Field::Drift => text(if row.drift.as_ref()?.dataset_drift? { "yes" } else { "no" }),
            Field::Model => {
                (!row.models.is_empty()).then(|| Value::Words(row.models.iter().map(|f| f.name()).collect()))
            }
            Field::Holdout => some(&row.holdout),
        }
    }

    /// A run's value as it stands in a table; empty where it has none.
    pub fn text(self, row: &RunRow) -> String {
        match self {
            Field::Started => row.started_at.get(..16).unwrap_or(&row.started_at).replace('T', " "),
            Field::Seed => row.seed.to_string(),
            Field::Family => row.best.map_or_else(String::new, |(family, ..)| family.code().to_owned()),
            Field::Cv => row.best.map_or_else(String::new, |(_, mean, sd)| format!("{mean:.4} ±{sd:.4}")),
            Field::F1 => row.test.map_or_else(String::new, |(f1, [low, high])| format!("{f1:.4} [{low:.4} {high:.4}]")),
            Field::Recall => row.recall.map_or_else(String::new, |recall| format!("{recall:.4}")),
            Field::Trials => format!("{}/{}", row.trials.0, row.trials.1),
            Field::Time => form::time(row.elapsed_ms),
            Field::Model => row.models.iter().map(|family| family.code()).collect::<Vec<_>>().join(" "),
            _ => match self.value(row) {
                None => String::new(),
                Some(Value::Text(text)) => text.replace('\n', " "),
                Some(Value::Number(value)) => value.to_string(),
                Some(Value::Words(words)) => words.join(" "),
            },
        }
    }

    /// The names under which other programs find its values.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Field::Id => &["run"],
            Field::Started => &["started_at"],
            Field::Status => &["status"],
            Field::Database => &["database"],
            Field::Collection => &["collection"],
            Field::Space => &["space"],
            Field::Seed => &["seed"],
            Field::Folds => &["folds"],
            Field::Family => &["family"],
            Field::Cv => &["cv_f1", "cv_sd"],
            Field::F1 => &["test_f1", "test_f1_low", "test_f1_high"],
            Field::Recall => &["test_recall"],
            Field::Trials => &["trials", "trials_planned"],
            Field::Time => &["elapsed_ms"],
            Field::User => &["user"],
            Field::Host => &["host"],
            Field::Who => &["who"],
            Field::Tag => &["tags"],
            Field::Note => &["note"],
            Field::Drift => &["dataset_drift", "drifted_columns"],
            Field::Model => &["models"],
            Field::Holdout => &["holdout"],
        }
    }

    /// A run's values for other programs, as many as there are [`Field::keys`].
    pub fn plain(self, row: &RunRow) -> Vec<Json> {
        match self {
            Field::Started => vec![json!(row.started_at)],
            Field::Seed => vec![json!(row.seed)],
            Field::Folds => vec![json!(row.folds)],
            Field::Cv => vec![json!(row.best.map(|b| b.1)), json!(row.best.map(|b| b.2))],
            Field::F1 => {
                let [low, high] = [0, 1].map(|end| row.test.map(|test| test.1[end]));
                vec![json!(row.test.map(|test| test.0)), json!(low), json!(high)]
            }
            Field::Trials => vec![json!(row.trials.0), json!(row.trials.1)],
            Field::Time => vec![json!(row.elapsed_ms)],
            Field::Tag => vec![json!(row.tags)],
            Field::Drift => {
                let drift = row.drift.as_ref();
                vec![json!(drift.and_then(|d| d.dataset_drift)), json!(drift.map(|d| d.drifted))]
            }
            Field::Model => vec![json!(row.models.iter().map(|family| family.name()).collect::<Vec<_>>())],
            _ => vec![match self.value(row) {
                None => Json::Null,
                Some(Value::Text(text)) => json!(text),
                Some(Value::Number(value)) => json!(value),
                Some(Value::Words(words)) => json!(words),
            }],
        }
    }

    /// Values that complete what is typed: the words of the field, or those that the runs have.
    pub fn words(self, rows: &[RunRow]) -> Vec<String> {
        let mut words: Vec<String> = match self.kind() {
            Kind::Word(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Kind::Family => Family::ALL.iter().map(|family| family.name().to_owned()).collect(),
            Kind::Text if self != Field::Note => {
                let mut seen: Vec<String> = rows
                    .iter()
                    .filter_map(|row| self.value(row))
                    .flat_map(|value| match value {
                        Value::Text(text) => vec![text.into_owned()],
                        Value::Words(words) => words.into_iter().map(str::to_owned).collect(),
                        Value::Number(_) => Vec::new(),
                    })
                    .collect();
                seen.sort();
                seen.dedup();
                seen
            }
            _ => Vec::new(),
        };
        // What begins a quotation or ends a value would have to be quoted.
        words.retain(|word| !word.contains(|c: char| c.is_whitespace() || "|\"'".contains(c)));
        words
    }
}
