//! The short form: `Result=-1 URL_Length>=0 host~"evil"`.

use super::{Filter, FilterError, Op, Pattern, all_of};
use bson::oid::ObjectId;
use bson::{Bson, DateTime};

/// Longer ones first: `>=` begins with `>`.
const OPERATORS: [&str; 9] = ["!=", "!~", ">=", "<=", "==", "=", ">", "<", "~"];

/// Reads comparisons that are joined by spaces.
pub(super) fn read(text: &str) -> Result<Filter, FilterError> {
    let mut parts = Vec::new();
    let mut at = skip_spaces(text, 0);
    while at < text.len() {
        let (name, end) = name(text, at)?;
        let sign_at = skip_spaces(text, end);
        let Some(operator) = OPERATORS.into_iter().find(|o| text[sign_at..].starts_with(o)) else {
            return Err(FilterError::new(
                end,
                format!("a comparison is expected behind {name}"),
                "one of = != < <= > >= ~ !~, then a value: URL_Length>=0",
            ));
        };
        let value_at = skip_spaces(text, sign_at + operator.len());
        let (written, values, end) = value(text, value_at, sign_at + operator.len())?;
        parts.push(comparison(&name, operator, written, values));
        at = skip_spaces(text, end);
    }
    Ok(all_of(parts))
}

fn skip_spaces(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

/// Text in quotes and where it ends; none without a quote.
fn quoted(text: &str, at: usize) -> Result<Option<(String, usize)>, FilterError> {
    let Some(quote @ ('"' | '\'')) = text[at..].chars().next() else { return Ok(None) };
    match text[at + 1..].find(quote) {
        Some(long) => Ok(Some((text[at + 1..at + 1 + long].to_owned(), at + long + 2))),
        None => Err(FilterError::new(at, "the closing quote is missing", format!("end the text with {quote}"))),
    }
}

fn name(text: &str, at: usize) -> Result<(String, usize), FilterError> {
    if let Some(quoted) = quoted(text, at)? {
        return Ok(quoted);
    }
    let end = text[at..].find(|c: char| c.is_whitespace() || "=<>!~".contains(c)).map_or(text.len(), |long| at + long);
    if end == at {
        return Err(FilterError::new(at, "a field's name is expected", "write name, comparison, value: Result=-1"));
    }
    Ok((text[at..end].to_owned(), end))
}

/// A value as written, what it may mean, and where it ends: a number, `true`, `false`, `null`, a word, or text in quotes. A word that
/// reads as a time or as an object id is that as well as text: both are stored as either.
fn value(text: &str, at: usize, behind: usize) -> Result<(String, Vec<Bson>, usize), FilterError> {
    if let Some((text, end)) = quoted(text, at)? {
        return Ok((text.clone(), vec![Bson::String(text)], end));
    }
    let end = text[at..].find(char::is_whitespace).map_or(text.len(), |long| at + long);
    let word = &text[at..end];
    if word.is_empty() || word.starts_with(['=', '<', '>', '!', '~']) {
        return Err(FilterError::new(
            behind,
            "a value is expected",
            "a number, true, false, null, a word, or \"text\"",
        ));
    }
    let mut values = vec![match word {
        "true" => Bson::Boolean(true),
        "false" => Bson::Boolean(false),
        "null" | "na" => Bson::Null,
        _ => match (word.parse::<i64>(), word.parse::<f64>()) {
            (Ok(v), _) => Bson::Int64(v),
            (_, Ok(v)) if v.is_finite() => Bson::Double(v),
            _ => Bson::String(word.to_owned()),
        },
    }];
    if let Some(time) = time(word) {
        values.push(Bson::DateTime(time));
    }
    if let (24, Ok(id)) = (word.len(), ObjectId::parse_str(word)) {
        values.push(Bson::ObjectId(id));
    }
    Ok((word.to_owned(), values, end))
}

/// A day (`2026-11-01`, its first moment, UTC) or a moment (RFC 3339).
pub(super) fn time(text: &str) -> Option<DateTime> {
    let day = text.len() == 10;
    let whole = if day { format!("{text}T00:00:00Z") } else { text.to_owned() };
    DateTime::parse_rfc3339_str(whole).ok()
}

fn comparison(name: &str, operator: &str, written: String, values: Vec<Bson>) -> Filter {
    let field = |op| Filter::Field(name.to_owned(), op);
    // What is looked for in text is what was written: `~1.10` is not 1.1.
    let found = |text| field(Op::Text(Pattern { text, start: false, end: false, any_case: true }));
    let one = |value: Bson| {
        let op = match operator {
            "!=" => Op::Ne(value),
            ">=" => Op::Gte(value),
            "<=" => Op::Lte(value),
            ">" => Op::Gt(value),
            "<" => Op::Lt(value),
            _ => Op::Eq(value),
        };
        field(op)
    };
    match operator {
        "~" => found(written),
        "!~" => Filter::Not(Box::new(found(written))),
        "!=" => all_of(values.into_iter().map(one).collect()),
        _ if values.len() == 1 => all_of(values.into_iter().map(one).collect()),
        _ => Filter::Or(values.into_iter().map(one).collect()),
    }
}
