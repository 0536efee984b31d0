//! The two forms of a schema file.

use super::{Column, Domain, MAX_LEVELS, Scalar, Schema, ValueType, same, wrong};
use crate::Result;
use serde::Deserialize;

/// Reads a schema in either form.
pub(super) fn read(text: &str, origin: &str) -> Result<Schema> {
    let invalid = |e: serde_yaml::Error| {
        crate::settings::yaml_error(origin, &e).hint("data_schema/schema.yaml shows the form of a schema file")
    };
    let value: serde_yaml::Value = serde_yaml::from_str(text).map_err(invalid)?;
    let plain = value
        .get("columns")
        .and_then(|c| c.get(0))
        .is_some_and(|first| first.get("name").is_none() && first.as_mapping().is_some_and(|m| m.len() == 1));
    if plain {
        serde_yaml::from_str::<Plain>(text).map_err(invalid)?.build(text, origin)
    } else {
        serde_yaml::from_str::<Full>(text).map_err(invalid)?.build(text, origin)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Full {
    name: String,
    target: String,
    positive: Scalar,
    #[serde(default)]
    labels: serde_yaml::Mapping,
    #[serde(default = "default_missing")]
    missing: Vec<String>,
    columns: Vec<FullColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullColumn {
    name: String,
    #[serde(rename = "type")]
    kind: ValueType,
    #[serde(default)]
    values: Vec<Scalar>,
    #[serde(default)]
    range: Option<[Option<f64>; 2]>,
    #[serde(default)]
    meaning: String,
    #[serde(default)]
    levels: serde_yaml::Mapping,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plain {
    columns: Vec<std::collections::BTreeMap<String, ValueType>>,
    #[serde(default)]
    numerical_columns: Vec<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    positive: Option<Scalar>,
    #[serde(default)]
    negative: Option<Scalar>,
}

fn default_missing() -> Vec<String> {
    vec!["na".to_owned(), String::new()]
}

fn yaml_text(value: &serde_yaml::Value) -> String {
    serde_yaml::to_string(value).unwrap_or_default().trim().trim_matches('\'').trim_matches('"').to_owned()
}

impl Full {
    fn build(self, text: &str, origin: &str) -> Result<Schema> {
        let full = self;
        let mut features = Vec::new();
        let mut target = None;
        for column in full.columns {
            let column = column.build(origin)?;
            if column.name == full.target { target = Some(column) } else { features.push(column) }
        }
        let mut target =
            target.ok_or_else(|| wrong(origin, format!("the target {:?} is not among the columns", full.target)))?;
        let Domain::Levels(levels) = &target.domain else {
            return Err(wrong(origin, format!("the target {:?} needs `values` with its two labels", target.name)));
        };
        let Some(positive) = levels.iter().position(|l| same(l, &full.positive)) else {
            return Err(wrong(
                origin,
                format!("the positive label {} is not among the target's values", full.positive),
            ));
        };
        if levels.len() != 2 {
            return Err(wrong(origin, format!("the target has {} values; two are supported", levels.len())));
        }
        let ordered = vec![levels[1 - positive].clone(), levels[positive].clone()];
        let word = |level: &Scalar, fallback: &str| {
            full.labels
                .iter()
                .find(|(key, _)| yaml_text(key) == level.to_string())
                .map_or_else(|| fallback.to_owned(), |(_, value)| yaml_text(value))
        };
        let (negative_label, positive_label) = (word(&ordered[0], "negative"), word(&ordered[1], "positive"));
        target.domain = Domain::Levels(ordered);
        Ok(Schema {
            name: full.name,
            features,
            target,
            negative_label,
            positive_label,
            missing: full.missing,
            text: text.to_owned(),
        })
    }
}

impl Plain {
    fn build(self, text: &str, origin: &str) -> Result<Schema> {
        let plain = self;
        let mut columns: Vec<Column> = Vec::new();
        for (i, entry) in plain.columns.into_iter().enumerate() {
            let mut entry = entry.into_iter();
            let (Some((name, kind)), None) = (entry.next(), entry.next()) else {
                return Err(wrong(origin, format!("column {} is not one `NAME: type` pair", i + 1)));
            };
            columns.push(Column {
                name,
                kind,
                domain: Domain::Range(None, None),
                meaning: String::new(),
                level_meanings: Vec::new(),
            });
        }
        for name in &plain.numerical_columns {
            if !columns.iter().any(|c| &c.name == name) {
                return Err(wrong(origin, format!("numerical_columns names {name:?}, which is not among the columns")));
            }
        }
        let at = match &plain.target {
            None => columns.len().saturating_sub(1),
            Some(name) => columns
                .iter()
                .position(|c| &c.name == name)
                .ok_or_else(|| wrong(origin, format!("the target {name:?} is not among the columns")))?,
        };
        if columns.is_empty() {
            return Err(wrong(origin, "there are no columns".to_owned()));
        }
        let mut target = columns.remove(at);
        target.domain =
            Domain::Levels(vec![plain.negative.unwrap_or(Scalar::Int(1)), plain.positive.unwrap_or(Scalar::Int(-1))]);
        if let Some(column) = columns.iter().find(|c| c.kind == ValueType::String) {
            return Err(wrong(
                origin,
                format!("column {:?} is text: give it in the full form, with its `values`", column.name),
            ));
        }
        Ok(Schema {
            name: plain.name.unwrap_or_else(|| "model".to_owned()),
            features: columns,
            target,
            negative_label: "negative".to_owned(),
            positive_label: "positive".to_owned(),
            missing: default_missing(),
            text: text.to_owned(),
        })
    }
}

impl FullColumn {
    fn build(self, origin: &str) -> Result<Column> {
        let name = self.name;
        let domain = match (self.values.is_empty(), self.range) {
            (false, Some(_)) => return Err(wrong(origin, format!("column {name:?} has both values and a range"))),
            (false, None) => {
                if self.values.len() > MAX_LEVELS {
                    return Err(wrong(origin, format!("column {name:?} has more than {MAX_LEVELS} values")));
                }
                for (i, value) in self.values.iter().enumerate() {
                    if self.values[..i].iter().any(|other| same(other, value)) {
                        return Err(wrong(origin, format!("column {name:?} lists {value} twice")));
                    }
                    let fits = matches!(
                        (self.kind, value),
                        (ValueType::Int64, Scalar::Int(_))
                            | (ValueType::Float64, Scalar::Int(_) | Scalar::Float(_))
                            | (ValueType::String, Scalar::Text(_))
                            | (ValueType::Bool, Scalar::Bool(_))
                    );
                    if !fits {
                        return Err(wrong(origin, format!("column {name:?}: the value {value} is not of its type")));
                    }
                }
                Domain::Levels(self.values)
            }
            (true, _) if self.kind == ValueType::Bool => Domain::Levels(vec![Scalar::Bool(false), Scalar::Bool(true)]),
            (true, _) if self.kind == ValueType::String => {
                return Err(wrong(origin, format!("column {name:?} is text and needs `values`")));
            }
            (true, None) => Domain::Range(None, None),
            (true, Some([low, high])) => {
                if let (Some(low), Some(high)) = (low, high)
                    && low > high
                {
                    return Err(wrong(origin, format!("column {name:?}: the range begins above its end")));
                }
                Domain::Range(low, high)
            }
        };
        let level_meanings = self.levels.iter().map(|(k, v)| (yaml_text(k), yaml_text(v))).collect();
        Ok(Column { name, kind: self.kind, domain, meaning: self.meaning, level_meanings })
    }
}
