//! Filters: MongoDB's form (`{"Result": -1, "URL_Length": {"$gte": 0}}`) and a short one (`Result=-1 URL_Length>=0`).

mod json;
mod mongo;
mod short;

use super::order::{reach, same_kind};
use bson::Bson;
use std::cmp::Ordering;
use std::fmt;

/// Which documents are meant. The default matches every document.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these; every document when there are none.
    And(Vec<Filter>),
    /// At least one of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A comparison of one field; its name may be a path with dots.
    Field(String, Op),
}

/// A comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// Equal; null also matches a field that is not there.
    Eq(Bson),
    /// Not equal.
    Ne(Bson),
    /// Less than.
    Lt(Bson),
    /// Less than or equal.
    Lte(Bson),
    /// Greater than.
    Gt(Bson),
    /// Greater than or equal.
    Gte(Bson),
    /// Equal to one of these.
    In(Vec<Bson>),
    /// Equal to none of these.
    Nin(Vec<Bson>),
    /// Whether the field is there.
    Exists(bool),
    /// Text in which this is found.
    Text(Pattern),
}

/// A piece of text to be found in text: what of regular expressions is needed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The piece.
    pub text: String,
    /// Whether the text begins with it.
    pub start: bool,
    /// Whether the text ends with it.
    pub end: bool,
    /// Whether upper and lower case are the same.
    pub any_case: bool,
}

impl Pattern {
    fn is_in(&self, text: &str) -> bool {
        let find = |text: &str, part: &str| match (self.start, self.end) {
            (true, true) => text == part,
            (true, false) => text.starts_with(part),
            (false, true) => text.ends_with(part),
            (false, false) => text.contains(part),
        };
        if self.any_case { find(&text.to_lowercase(), &self.text.to_lowercase()) } else { find(text, &self.text) }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Filter::And(Vec::new())
    }
}

impl Filter {
    /// Whether every document matches.
    pub fn is_all(&self) -> bool {
        matches!(self, Filter::And(parts) if parts.iter().all(Filter::is_all))
    }

    /// The fields it may look at: names as written, and the first part of those with dots.
    pub fn fields(&self) -> Vec<String> {
        let mut fields = Vec::new();
        self.collect(&mut fields);
        fields
    }

    fn collect(&self, fields: &mut Vec<String>) {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|p| p.collect(fields)),
            Filter::Not(part) => part.collect(fields),
            Filter::Field(name, _) => {
                for field in [name.as_str(), name.split('.').next().unwrap_or(name)] {
                    if !fields.iter().any(|f| f == field) {
                        fields.push(field.to_owned());
                    }
                }
            }
        }
    }

    /// Whether a document matches, given its top-level fields. A list matches also when one of its items does.
    pub fn matches(&self, lookup: &dyn Fn(&str) -> Option<Bson>) -> bool {
        match self {
            Filter::And(parts) => parts.iter().all(|p| p.matches(lookup)),
            Filter::Or(parts) => parts.iter().any(|p| p.matches(lookup)),
            Filter::Not(part) => !part.matches(lookup),
            Filter::Field(path, op) => op.matches(&reach(path, lookup)),
        }
    }
}

impl Op {
    /// Whether the values that a path leads to fulfil it: none where the field is not there.
    fn matches(&self, values: &[Bson]) -> bool {
        let any = |test: &dyn Fn(&Bson) -> bool| {
            values.iter().any(|value| {
                test(value)
                    || match value {
                        Bson::Array(items) => items.iter().any(test),
                        _ => false,
                    }
            })
        };
        let equal = |want: &Bson| {
            (values.is_empty() && *want == Bson::Null) || any(&|v| same_kind(v, want) == Some(Ordering::Equal))
        };
        let order = |want: &Bson, good: &[Ordering]| any(&|v| same_kind(v, want).is_some_and(|o| good.contains(&o)));
        match self {
            Op::Eq(want) => equal(want),
            Op::Ne(want) => !equal(want),
            Op::Lt(want) => order(want, &[Ordering::Less]),
            Op::Lte(want) => order(want, &[Ordering::Less, Ordering::Equal]),
            Op::Gt(want) => order(want, &[Ordering::Greater]),
            Op::Gte(want) => order(want, &[Ordering::Greater, Ordering::Equal]),
            Op::In(wants) => wants.iter().any(equal),
            Op::Nin(wants) => !wants.iter().any(equal),
            Op::Exists(wanted) => values.is_empty() != *wanted,
            Op::Text(pattern) => any(&|value| match value {
                Bson::String(text) => pattern.is_in(text),
                _ => false,
            }),
        }
    }
}

/// A mistake in a filter's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// Where it is: characters before it.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
    /// The way out.
    pub hint: String,
}

impl FilterError {
    /// A mistake at a byte of the text, until [`parse_filter`] counts characters.
    fn new(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at character {}: {}", self.at + 1, self.message)
    }
}

impl From<FilterError> for crate::Error {
    fn from(error: FilterError) -> Self {
        crate::Error::user(format!("the filter is wrong {error}")).hint(error.hint)
    }
}

/// Reads a filter in either form. Empty text matches every document.
///
/// # Errors
/// The first mistake and where it is.
pub fn parse_filter(text: &str) -> Result<Filter, FilterError> {
    let read = if text.trim_start().starts_with('{') {
        json::read(text).and_then(|node| mongo::filter(&node))
    } else {
        short::read(text)
    };
    read.map_err(|error| FilterError { at: text.char_indices().take_while(|(i, _)| *i < error.at).count(), ..error })
}

/// One part as it is, several as all of them.
fn all_of(mut parts: Vec<Filter>) -> Filter {
    if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) }
}

#[cfg(test)]
mod tests;
