//! Which runs are meant: `f1>=.94 family=random_forest status=finished|failed !tag=old note~monthly`.
//!
//! Terms stand side by side and all hold. A term is a field, one of `= != > >= < <= ~ !~` and a value; `!` before it
//! turns it round. Values beside each other, `a|b`, are alternatives. Text is compared without regard to letter case,
//! `~` looks for a part of it; `=none` means that a run has no such value, and a run without one is neither more
//! nor less than anything. A number is equal when it is with the digits that are given: `.943` is `.9434`.

mod field;

pub use field::{Field, Kind, Value};

use super::RunRow;
use crate::event::Family;
use crate::store::FilterError;
use chrono::{NaiveDate, NaiveDateTime};

/// Which runs are meant. The default means all of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunFilter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
struct Term {
    field: Field,
    inverse: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// Equal to one of these.
    Any(Vec<Want>),
    /// Holds one of these, in lower case.
    Contains(Vec<String>),
    /// At least, or less than, this.
    From(f64),
    Below(f64),
    /// More than, or at most, this.
    Above(f64),
    UpTo(f64),
}

/// A value that is asked for.
#[derive(Debug, Clone, PartialEq)]
enum Want {
    /// That there is none.
    None,
    /// In lower case.
    Text(String),
    /// What begins so, in lower case.
    Prefix(String),
    /// From the first number on, below the second.
    Span(f64, f64),
}

impl RunFilter {
    /// Reads a filter. Empty text means all runs.
    ///
    /// # Errors
    /// The first mistake, where it is, and what is allowed there.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut terms = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let blank = rest.len() - rest.trim_start().len();
            if blank > 0 {
                at += blank;
                continue;
            }
            let (term, used) = term(rest).map_err(|Mistake(by, message, hint)| FilterError {
                at: text[..at + by].chars().count(),
                message,
                hint,
            })?;
            terms.push(term);
            at += used;
        }
        Ok(Self { terms })
    }

    /// Whether every run is meant.
    pub fn is_all(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a run is meant.
    pub fn matches(&self, row: &RunRow) -> bool {
        self.terms.iter().all(|term| term.matches(row))
    }
}

impl Term {
    fn matches(&self, row: &RunRow) -> bool {
        let value = self.field.value(row);
        let ordered = |holds: &dyn Fn(f64) -> bool| matches!(value, Some(Value::Number(v)) if holds(v));
        let holds = match &self.test {
            Test::Any(wants) => wants.iter().any(|want| want.is(value.as_ref())),
            Test::Contains(parts) => {
                let has = |text: &str| parts.iter().any(|part| text.to_lowercase().contains(part));
                match &value {
                    Some(Value::Text(text)) => has(text),
                    Some(Value::Words(words)) => words.iter().any(|word| has(word)),
                    _ => false,
                }
            }
            Test::From(limit) => ordered(&|v| v >= *limit),
            Test::Below(limit) => ordered(&|v| v < *limit),
            Test::Above(limit) => ordered(&|v| v > *limit),
            Test::UpTo(limit) => ordered(&|v| v <= *limit),
        };
        holds != self.inverse
    }
}

impl Want {
    fn is(&self, value: Option<&Value<'_>>) -> bool {
        match (self, value) {
            (Want::None, value) => value.is_none(),
            (Want::Text(want), Some(Value::Text(text))) => text.to_lowercase() == *want,
            (Want::Text(want), Some(Value::Words(words))) => words.iter().any(|word| word.to_lowercase() == *want),
            (Want::Prefix(want), Some(Value::Text(text))) => text.to_lowercase().starts_with(want.as_str()),
            (Want::Span(from, until), Some(Value::Number(value))) => value >= from && value < until,
            _ => false,
        }
    }
}

/// How far into the term, in bytes; what is wrong there, and what is allowed.
struct Mistake(usize, String, String);

const OPERATORS: [&str; 9] = ["!=", "!~", ">=", "<=", "==", "=", ">", "<", "~"];

/// Reads a term and the bytes it takes.
fn term(text: &str) -> Result<(Term, usize), Mistake> {
    let inverse = text.starts_with('!');
    let start = usize::from(inverse);
    let name = name_of(&text[start..]);
    let field = Field::named(name).ok_or_else(|| {
        let what = if name.is_empty() { "a field is expected".to_owned() } else { format!("unknown field {name:?}") };
        Mistake(start, what, format!("one of {}", Field::ALL.map(Field::name).join(", ")))
    })?;
    let mut at = start + name.len();
    let operator = OPERATORS.into_iter().find(|o| text[at..].starts_with(o)).filter(|o| suits(field, o));
    let operator = operator.ok_or_else(|| {
        Mistake(at, format!("a comparison is expected after {name}"), format!("one of {}", operators(field)))
    })?;
    at += operator.len();
    let mut values: Vec<(usize, String)> = Vec::new();
    loop {
        let (value, used) = value(&text[at..]).map_err(|message| Mistake(at, message.to_owned(), allowed(field)))?;
        values.push((at, value));
        at += used;
        if !text[at..].starts_with('|') {
            break;
        }
        if operator.starts_with(['<', '>']) {
            let what = "alternatives have no order".to_owned();
            return Err(Mistake(at, what, "a|b goes with = != ~ !~".to_owned()));
        }
        at += 1;
    }
    let test = test(field, operator, values)?;
    Ok((Term { field, inverse: inverse != operator.starts_with('!'), test }, at))
}

fn name_of(text: &str) -> &str {
    &text[..text.find(|c: char| c.is_whitespace() || "=<>!~|".contains(c)).unwrap_or(text.len())]
}

/// The operators that a field goes with.
fn operators(field: Field) -> &'static str {
    match field.kind() {
        Kind::Number | Kind::Time | Kind::Duration => "= != < <= > >=",
        _ => "= != ~ !~",
    }
}

fn suits(field: Field, operator: &str) -> bool {
    operator == "==" || operators(field).split(' ').any(|o| o == operator)
}

/// A value and the bytes it takes: a word, or text in quotes.
fn value(text: &str) -> Result<(String, usize), &'static str> {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let end = text[1..].find(quote).ok_or("the closing quote is missing")?;
        return Ok((text[1..=end].to_owned(), end + 2));
    }
    let end = text.find(|c: char| c.is_whitespace() || c == '|').unwrap_or(text.len());
    match &text[..end] {
        "" => Err("a value is expected"),
        word => Ok((word.to_owned(), end)),
    }
}

fn test(field: Field, operator: &str, values: Vec<(usize, String)>) -> Result<Test, Mistake> {
    if operator.ends_with('~') {
        return Ok(Test::Contains(values.into_iter().map(|(_, text)| text.to_lowercase()).collect()));
    }
    if let Some((at, text)) = values.first().filter(|_| operator.starts_with(['<', '>'])) {
        // Of a day it is the first moment that counts, or the one after the last.
        let (exact, from, until) = number(field, text).ok_or_else(|| not_one(field, *at, text))?;
        let is_time = field.kind() == Kind::Time;
        return Ok(match operator {
            ">=" => Test::From(if is_time { from } else { exact }),
            "<" => Test::Below(if is_time { from } else { exact }),
            ">" if is_time => Test::From(until),
            "<=" if is_time => Test::Below(until),
            ">" => Test::Above(exact),
            _ => Test::UpTo(exact),
        });
    }
    let wants = values.into_iter().map(|(at, text)| want(field, &text).ok_or_else(|| not_one(field, at, &text)));
    Ok(Test::Any(wants.collect::<Result<_, _>>()?))
}

/// A value that is none of the field's.
fn not_one(field: Field, at: usize, text: &str) -> Mistake {
    Mistake(at, format!("{text:?} is no value of {}", field.name()), allowed(field))
}

/// What a field's values look like.
fn allowed(field: Field) -> String {
    match field.kind() {
        Kind::Word(words) => format!("one of {}", words.join(", ")),
        Kind::Family => format!("one of {}", Family::ALL.map(|family| family.name()).join(", ")),
        Kind::Time => "a day or a time, UTC: 2026-11-01, 2026-11-01T09:30".to_owned(),
        Kind::Duration => "a length of time: 90s, 5m, 2h".to_owned(),
        Kind::Number => "a number: .94, 3".to_owned(),
        Kind::Text | Kind::Prefix => "a word, or text in quotes".to_owned(),
    }
}

fn want(field: Field, text: &str) -> Option<Want> {
    let lower = text.to_lowercase();
    match field.kind() {
        _ if lower == "none" => Some(Want::None),
        Kind::Text => Some(Want::Text(lower)),
        Kind::Prefix => Some(Want::Prefix(lower)),
        Kind::Word(words) => words.contains(&lower.as_str()).then_some(Want::Text(lower)),
        Kind::Family => lower.parse::<Family>().ok().map(|family| Want::Text(family.name().to_owned())),
        Kind::Number | Kind::Time | Kind::Duration => {
            number(field, text).map(|(_, from, until)| Want::Span(from, until))
        }
    }
}

/// The number that a text stands for, and the span of those that are written so.
fn number(field: Field, text: &str) -> Option<(f64, f64, f64)> {
    match field.kind() {
        Kind::Time => time(text),
        Kind::Duration => duration(text),
        _ => plain(text),
    }
}

/// A number with or without the zero before the point.
fn plain(text: &str) -> Option<(f64, f64, f64)> {
    let exact: f64 = text.parse().ok().filter(|v: &f64| v.is_finite())?;
    let digits = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let half = 0.5 / 10_f64.powi(digits as i32);
    // Numbers without a fraction are counts, seeds and the like.
    if digits == 0 { Some((exact, exact, exact.next_up())) } else { Some((exact, exact - half, exact + half)) }
}

/// A length of time in milliseconds.
fn duration(text: &str) -> Option<(f64, f64, f64)> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 1.0,
        "s" | "" => 1e3,
        "m" => 60e3,
        "h" => 3600e3,
        _ => return None,
    };
    let (exact, ..) = plain(digits).filter(|(exact, ..)| *exact >= 0.0)?;
    // As clocks count: 1m is all of the second minute, 1.5h six minutes.
    let decimals = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    Some((exact * unit, exact * unit, (exact + 10_f64.powi(-(decimals as i32))) * unit))
}

/// A time in milliseconds since 1970: a day, or a time of a day to the minute or second.
fn time(text: &str) -> Option<(f64, f64, f64)> {
    let text = text.trim_end_matches('Z').replace('T', " ");
    let (start, length) = if let Ok(day) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
        (day.and_hms_opt(0, 0, 0)?, 86_400e3)
    } else if let Ok(minute) = NaiveDateTime::parse_from_str(&format!("{text}:00"), "%Y-%m-%d %H:%M:%S") {
        (minute, 60e3)
    } else {
        (NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").ok()?, 1e3)
    };
    let from = start.and_utc().timestamp_millis() as f64;
    Some((from, from, from + length))
}

/// What can stand at the end of a text that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins that is completed, in bytes.
    pub start: usize,
    /// What it can be, in order.
    pub words: Vec<String>,
}

/// Completes the end of a filter: names of fields, then their values as far as they are known.
pub fn complete(text: &str, rows: &[RunRow]) -> Completion {
    let term_at =
        text.rfind(char::is_whitespace).map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let start = term_at + usize::from(text[term_at..].starts_with('!'));
    let name = name_of(&text[start..]);
    let after = &text[start + name.len()..];
    let begin = |words: Vec<String>, start: usize| {
        let typed = text[start..].to_lowercase();
        let words = words.into_iter().filter(|word| word.to_lowercase().starts_with(&typed)).collect();
        Completion { start, words }
    };
    if after.is_empty() {
        return begin(Field::ALL.iter().map(|field| field.name().to_owned()).collect(), start);
    }
    let found = Field::named(name).zip(OPERATORS.into_iter().find(|o| after.starts_with(o)));
    let Some((field, operator)) = found else { return Completion { start: text.len(), words: Vec::new() } };
    let values = start + name.len() + operator.len();
    begin(field.words(rows), text[values..].rfind('|').map_or(values, |at| values + at + 1))
}

#[cfg(test)]
pub(super) mod tests;
