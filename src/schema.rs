//! `data_schema/schema.yaml`: which columns there are, what may stand in them, which one is the target.
//!
//! Two forms are read. The full one describes each column; the plain one
//! (`columns: [{NAME: int64}, ...]` and `numerical_columns`) is what the Python versions of such projects use: its
//! last column is the target unless `target` names another, -1 is positive and 1 negative unless said otherwise, and
//! its features are numeric with an open range.

mod form;

use crate::error::IoContext;
use crate::{Error, Result};
use bson::Bson;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// The schema that is built into the program: the UCI phishing data.
pub const BUILT_IN: &str = include_str!("../data_schema/schema.yaml");

/// Most levels that a categorical column may have: codes are bytes and one of them means missing.
pub const MAX_LEVELS: usize = 254;

/// The code of a missing value.
pub const MISSING: u8 = u8::MAX;

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueType {
    /// Whole numbers.
    #[serde(alias = "int", alias = "int32", alias = "integer")]
    Int64,
    /// Numbers.
    #[serde(alias = "float", alias = "float32", alias = "double")]
    Float64,
    /// Text.
    #[serde(alias = "str", alias = "object")]
    String,
    /// `true` or `false`.
    #[serde(alias = "boolean")]
    Bool,
}

/// A single value as written in a schema or a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// Text.
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scalar::Bool(v) => write!(f, "{v}"),
            Scalar::Int(v) => write!(f, "{v}"),
            Scalar::Float(v) => write!(f, "{v}"),
            Scalar::Text(v) => f.write_str(v),
        }
    }
}

impl Scalar {
    /// As a document's field.
    pub fn to_bson(&self) -> Bson {
        match self {
            Scalar::Bool(v) => Bson::Boolean(*v),
            Scalar::Int(v) => Bson::Int64(*v),
            Scalar::Float(v) => Bson::Double(*v),
            Scalar::Text(v) => Bson::String(v.clone()),
        }
    }
}

/// What may stand in a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// One of these values.
    Levels(Vec<Scalar>),
    /// A number between these bounds, both inclusive, where given.
    Range(Option<f64>, Option<f64>),
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name, byte for byte as in the data.
    pub name: String,
    /// The type of its values.
    pub kind: ValueType,
    /// What may stand in it.
    pub domain: Domain,
    /// What it means, in one line.
    pub meaning: String,
    /// What each level means, by the level as written; may be empty.
    pub level_meanings: Vec<(String, String)>,
}

/// A cell, typed by its column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Nothing there.
    Missing,
    /// Index into the levels of a categorical column.
    Level(u8),
    /// The value of a numeric column.
    Number(f64),
}

/// A schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its name; models are registered under it.
    pub name: String,
    /// The feature columns, in order.
    pub features: Vec<Column>,
    /// The target column. Its domain has two levels: negative at 0, positive at 1.
    pub target: Column,
    /// The word for a negative row.
    pub negative_label: String,
    /// The word for a positive row.
    pub positive_label: String,
    /// What stands for a missing value in text.
    pub missing: Vec<String>,
    text: String,
}

impl Schema {
    /// Reads a schema file.
    ///
    /// # Errors
    /// When it cannot be read or is not a schema: the message names file and line.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).at("reading the schema", path)?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads a schema from text; `origin` names it in messages.
    ///
    /// # Errors
    /// When it is not a schema.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let schema = form::read(text, origin)?;
        schema.check(origin)?;
        Ok(schema)
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn check(&self, origin: &str) -> Result<()> {
        if self.features.is_empty() {
            return Err(wrong(origin, "there is no feature beside the target".to_owned()));
        }
        if self.features.len() > u16::MAX as usize {
            return Err(wrong(origin, "there are more than 65,535 features".to_owned()));
        }
        let mut names: Vec<&str> = self.columns().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|w| w[0] == w[1]) {
            return Err(wrong(origin, format!("column {:?} stands twice", pair[0])));
        }
        let taken = ["", "_id", "_vector", "_negative", "_positive", "_fold", "_run", "_split", "_imputed"];
        if let Some(name) = names.iter().find(|n| taken.contains(n) || n.starts_with(crate::store::META)) {
            return Err(wrong(origin, format!("a column is named {name:?}, which is taken")));
        }
        Ok(())
    }

    /// The features, then the target.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        self.features.iter().chain(std::iter::once(&self.target))
    }

    /// Whether both have the same columns of the same types, and the same target.
    pub fn has_columns_of(&self, other: &Self) -> bool {
        let columns = |s: &Self| s.columns().map(|c| (c.name.clone(), c.kind)).collect::<Vec<_>>();
        columns(self) == columns(other)
    }

    /// Whether both have the same columns, with the same levels in the same order.
    pub fn has_levels_of(&self, other: &Self) -> bool {
        self.columns().map(|c| (&c.name, &c.domain)).eq(other.columns().map(|c| (&c.name, &c.domain)))
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns().find(|c| c.name == name)
    }

    /// The target's value for a verdict.
    pub fn target_value(&self, positive: bool) -> &Scalar {
        match &self.target.domain {
            Domain::Levels(levels) => &levels[usize::from(positive)],
            // `from_full` and `from_plain` both give the target levels.
            Domain::Range(..) => unreachable!("a target without levels"),
        }
    }

    /// The word for a verdict.
    pub fn label(&self, positive: bool) -> &str {
        if positive { &self.positive_label } else { &self.negative_label }
    }

    /// Whether a cell's text stands for a missing value.
    pub fn is_missing(&self, text: &str) -> bool {
        let text = text.trim();
        self.missing.iter().any(|m| m == text)
    }

    /// Types a cell's text.
    ///
    /// # Errors
    /// The reason, without file and line, when the text is not of the column's type or outside its domain.
    pub fn parse_cell(&self, column: &Column, text: &str) -> Result<Value, String> {
        if self.is_missing(text) { Ok(Value::Missing) } else { column.parse(text) }
    }

    /// Types a document's field.
    ///
    /// # Errors
    /// The reason, when the value is not of the column's type or outside its domain.
    pub fn parse_bson(&self, column: &Column, value: &Bson) -> Result<Value, String> {
        match value {
            Bson::Null | Bson::Undefined => Ok(Value::Missing),
            Bson::String(text) => self.parse_cell(column, text),
            Bson::Int32(v) => column.place(&Scalar::Int(i64::from(*v))),
            Bson::Int64(v) => column.place(&Scalar::Int(*v)),
            Bson::Double(v) if v.is_nan() => Ok(Value::Missing),
            Bson::Double(v) => column.place(&Scalar::Float(*v)),
            Bson::Boolean(v) => column.place(&Scalar::Bool(*v)),
            Bson::Decimal128(v) => column.parse(&v.to_string()),
            other => Err(format!("{} is not a single value", bson_kind(other))),
        }
    }
}

fn bson_kind(value: &Bson) -> &'static str {
    match value {
        Bson::Document(_) => "a nested document",
        Bson::Array(_) => "a list",
        Bson::ObjectId(_) => "an object id",
        Bson::DateTime(_) => "a date",
        _ => "this type",
    }
}

fn wrong(origin: &str, what: String) -> Error {
    Error::config(format!("{origin}: {what}")).hint("data_schema/schema.yaml shows the form of a schema file")
}

/// Whether two scalars are the same value: 1 and 1.0 are.
fn same(a: &Scalar, b: &Scalar) -> bool {
    match (a, b) {
        (Scalar::Int(a), Scalar::Float(b)) | (Scalar::Float(b), Scalar::Int(a)) => *a as f64 == *b,
        (Scalar::Bool(a), Scalar::Int(b)) | (Scalar::Int(b), Scalar::Bool(a)) => i64::from(*a) == *b,
        _ => a == b,
    }
}

impl Column {
    /// Whether it has levels rather than a range.
    pub fn is_categorical(&self) -> bool {
        matches!(self.domain, Domain::Levels(_))
    }

    /// The levels of a categorical column; empty for a numeric one.
    pub fn levels(&self) -> &[Scalar] {
        match &self.domain {
            Domain::Levels(levels) => levels,
            Domain::Range(..) => &[],
        }
    }

    /// A typed value as a scalar; none when missing.
    pub fn scalar(&self, value: Value) -> Option<Scalar> {
        match value {
            Value::Missing => None,
            Value::Level(code) => self.levels().get(code as usize).cloned(),
            Value::Number(v) if self.kind == ValueType::Int64 => Some(Scalar::Int(v as i64)),
            Value::Number(v) => Some(Scalar::Float(v)),
        }
    }

    /// A value of another schema's column as this one has it; missing where this one does not know it.
    pub fn recode(&self, other: &Column, value: Value) -> Value {
        other.scalar(value).and_then(|scalar| self.place(&scalar).ok()).unwrap_or(Value::Missing)
    }

    /// What a level means, where the schema says so.
    pub fn level_meaning(&self, text: &str) -> Option<&str> {
        self.level_meanings.iter().find(|(level, _)| level == text).map(|(_, meaning)| meaning.as_str())
    }

    /// Types text that is not missing.
    ///
    /// # Errors
    /// The reason, when the text is not of the column's type or outside its domain.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let scalar = match self.kind {
            ValueType::String => Scalar::Text(text.to_owned()),
            ValueType::Bool => match text {
                "true" | "True" | "TRUE" | "1" => Scalar::Bool(true),
                "false" | "False" | "FALSE" | "0" => Scalar::Bool(false),
                _ => return Err(format!("{} is not true or false", quoted(text))),
            },
            ValueType::Int64 => match text.parse::<i64>() {
                Ok(v) => Scalar::Int(v),
                Err(_) => match text.parse::<f64>() {
                    Ok(v) if v.fract() == 0.0 && v.abs() < 9e15 => Scalar::Int(v as i64),
                    Ok(v) if v.is_finite() => return Err(format!("{} is not a whole number", quoted(text))),
                    _ => return Err(format!("{} is not a number", quoted(text))),
                },
            },
            ValueType::Float64 => match text.parse::<f64>() {
                Ok(v) if v.is_finite() => Scalar::Float(v),
                _ => return Err(format!("{} is not a finite number", quoted(text))),
            },
        };
        self.place(&scalar)
    }

    /// Finds a scalar's place in the domain.
    ///
    /// # Errors
    /// The reason, when it has none.
    pub fn place(&self, scalar: &Scalar) -> Result<Value, String> {
        match &self.domain {
            Domain::Levels(levels) => match levels.iter().position(|l| same(l, scalar)) {
                Some(code) => Ok(Value::Level(code as u8)),
                None => {
                    let allowed: Vec<_> = levels.iter().take(8).map(Scalar::to_string).collect();
                    let more = if levels.len() > 8 { ", ..." } else { "" };
                    Err(format!("{} is not one of {}{more}", quoted(&scalar.to_string()), allowed.join(", ")))
                }
            },
            Domain::Range(low, high) => {
                let number = match scalar {
                    Scalar::Int(v) => *v as f64,
                    Scalar::Float(v) => *v,
                    Scalar::Bool(v) => f64::from(u8::from(*v)),
                    Scalar::Text(text) => return Err(format!("{} is not a number", quoted(text))),
                };
                if self.kind == ValueType::Int64 && number.fract() != 0.0 {
                    return Err(format!("{number} is not a whole number"));
                }
                if !number.is_finite() {
                    return Err("it is not a finite number".to_owned());
                }
                if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
                    let bound = |b: &Option<f64>| b.map_or("open".to_owned(), |b| b.to_string());
                    return Err(format!("{number} is outside {} to {}", bound(low), bound(high)));
                }
                Ok(Value::Number(number))
            }
        }
    }
}

/// Text in quotes, shortened to what a message can hold.
pub fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    if short.len() < text.len() { format!("{:?}... ({} bytes)", short, text.len()) } else { format!("{short:?}") }
}

#[cfg(test)]
mod tests;
