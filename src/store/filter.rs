//! Filters: MongoDB's form (`{"Result": -1, "URL_Length": {"$gte": 0}}`) and a short one (`Result=-1 URL_Length>=0`).

use bson::{Bson, Document};
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
    /// Text that contains this, letter case ignored (`~` in the short form).
    Contains(String),
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

    /// Whether a document matches, given its top-level fields.
    pub fn matches(&self, lookup: &dyn Fn(&str) -> Option<Bson>) -> bool {
        match self {
            Filter::And(parts) => parts.iter().all(|p| p.matches(lookup)),
            Filter::Or(parts) => parts.iter().any(|p| p.matches(lookup)),
            Filter::Not(part) => !part.matches(lookup),
            Filter::Field(path, op) => {
                // A field may have a dot in its own name.
                let value = lookup(path).or_else(|| {
                    let mut names = path.split('.');
                    let mut value = names.next().and_then(lookup);
                    for name in names {
                        value = match value {
                            Some(Bson::Document(inner)) => inner.get(name).cloned(),
                            _ => None,
                        };
                    }
                    value
                });
                op.matches(value.as_ref())
            }
        }
    }
}

impl Op {
    fn matches(&self, value: Option<&Bson>) -> bool {
        let equal = |want: &Bson| match (value, want) {
            (None | Some(Bson::Null), Bson::Null) => true,
            (Some(value), want) => compare(value, want) == Some(Ordering::Equal),
            (None, _) => false,
        };
        let order = |want: &Bson| value.and_then(|v| compare(v, want));
        match self {
            Op::Eq(want) => equal(want),
            Op::Ne(want) => !equal(want),
            Op::Lt(want) => order(want) == Some(Ordering::Less),
            Op::Lte(want) => matches!(order(want), Some(Ordering::Less | Ordering::Equal)),
            Op::Gt(want) => order(want) == Some(Ordering::Greater),
            Op::Gte(want) => matches!(order(want), Some(Ordering::Greater | Ordering::Equal)),
            Op::In(wants) => wants.iter().any(equal),
            Op::Nin(wants) => !wants.iter().any(equal),
            Op::Exists(wanted) => value.is_some() == *wanted,
            Op::Contains(part) => match value {
                Some(Bson::String(text)) => text.to_lowercase().contains(&part.to_lowercase()),
                _ => false,
            },
        }
    }
}

/// Orders two values of comparable types; numbers of all types are comparable.
fn compare(a: &Bson, b: &Bson) -> Option<Ordering> {
    let number = |v: &Bson| match v {
        Bson::Int32(v) => Some(f64::from(*v)),
        Bson::Int64(v) => Some(*v as f64),
        Bson::Double(v) => Some(*v),
        _ => None,
    };
    match (a, b) {
        (Bson::Int64(a), Bson::Int64(b)) => Some(a.cmp(b)),
        (Bson::String(a), Bson::String(b)) => Some(a.cmp(b)),
        (Bson::Boolean(a), Bson::Boolean(b)) => Some(a.cmp(b)),
        (Bson::DateTime(a), Bson::DateTime(b)) => Some(a.cmp(b)),
        (Bson::ObjectId(a), Bson::ObjectId(b)) => Some(a.cmp(b)),
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => (a == b).then_some(Ordering::Equal),
        },
    }
}

/// A mistake in a filter's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// Byte position in the text.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at character {}: {}", self.at + 1, self.message)
    }
}

/// Reads a filter in either form. Empty text matches every document.
///
/// # Errors
/// The first mistake and where it is.
pub fn parse_filter(text: &str) -> Result<Filter, FilterError> {
    if text.trim_start().starts_with('{') { parse_json(text) } else { parse_short(text) }
}

fn parse_json(text: &str) -> Result<Filter, FilterError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| {
        let at = text.lines().take(e.line().saturating_sub(1)).map(|l| l.len() + 1).sum::<usize>()
            + e.column().saturating_sub(1);
        let message = e.to_string();
        FilterError {
            at: at.min(text.len()),
            message: message.split(" at line ").next().unwrap_or(&message).to_owned(),
        }
    })?;
    // Where in the text a name stands; good enough to point at.
    let place = |name: &str| text.find(&format!("{name:?}")).unwrap_or(0);
    match Bson::try_from(value) {
        Ok(Bson::Document(document)) => {
            from_document(&document).map_err(|(name, message)| FilterError { at: place(&name), message })
        }
        _ => Err(FilterError { at: 0, message: "a filter is a JSON object".to_owned() }),
    }
}

fn from_document(document: &Document) -> Result<Filter, (String, String)> {
    let mut parts = Vec::new();
    for (name, value) in document {
        let wrong = |message: &str| Err((name.clone(), message.to_owned()));
        match (name.as_str(), value) {
            ("$and" | "$or" | "$nor", Bson::Array(list)) => {
                let mut inner = Vec::new();
                for item in list {
                    match item {
                        Bson::Document(item) => inner.push(from_document(item)?),
                        _ => return wrong("a list of objects is expected"),
                    }
                }
                parts.push(match name.as_str() {
                    "$and" => Filter::And(inner),
                    "$or" => Filter::Or(inner),
                    _ => Filter::Not(Box::new(Filter::Or(inner))),
                });
            }
            ("$and" | "$or" | "$nor", _) => return wrong("a list of objects is expected"),
            (operator, _) if operator.starts_with('$') => return wrong("this operator is not supported"),
            (_, Bson::Document(ops)) if ops.keys().next().is_some_and(|k| k.starts_with('$')) => {
                for (operator, value) in ops {
                    parts.push(from_operator(name, operator, value)?);
                }
            }
            (_, value) => parts.push(Filter::Field(name.clone(), Op::Eq(value.clone()))),
        }
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
}

fn from_operator(name: &str, operator: &str, value: &Bson) -> Result<Filter, (String, String)> {
    let op = match (operator, value) {
        ("$eq", v) => Op::Eq(v.clone()),
        ("$ne", v) => Op::Ne(v.clone()),
        ("$lt", v) => Op::Lt(v.clone()),
        ("$lte", v) => Op::Lte(v.clone()),
        ("$gt", v) => Op::Gt(v.clone()),
        ("$gte", v) => Op::Gte(v.clone()),
        ("$in", Bson::Array(list)) => Op::In(list.clone()),
        ("$nin", Bson::Array(list)) => Op::Nin(list.clone()),
        ("$exists", Bson::Boolean(v)) => Op::Exists(*v),
        ("$not", Bson::Document(inner)) => {
            let mut parts = Vec::new();
            for (operator, value) in inner {
                parts.push(from_operator(name, operator, value)?);
            }
            return Ok(Filter::Not(Box::new(Filter::And(parts))));
        }
        ("$in" | "$nin", _) => return Err((operator.to_owned(), "a list is expected".to_owned())),
        ("$exists", _) => return Err((operator.to_owned(), "true or false is expected".to_owned())),
        _ => return Err((operator.to_owned(), "this operator is not supported".to_owned())),
    };
    Ok(Filter::Field(name.to_owned(), op))
}

fn parse_short(text: &str) -> Result<Filter, FilterError> {
    let mut parts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start().len();
        if space > 0 {
            at += space;
            continue;
        }
        let name_end = rest.find(|c: char| c.is_whitespace() || "=<>!~".contains(c)).unwrap_or(rest.len());
        let name = &rest[..name_end];
        if name.is_empty() {
            return Err(FilterError { at, message: "a field name is expected".to_owned() });
        }
        let after = &rest[name_end..];
        let Some(operator) = ["!=", ">=", "<=", "==", "=", ">", "<", "~"].into_iter().find(|o| after.starts_with(o))
        else {
            return Err(FilterError { at: at + name_end, message: "one of = != < <= > >= ~ is expected".to_owned() });
        };
        let value_at = at + name_end + operator.len();
        let (value, used) = short_value(&text[value_at..])
            .map_err(|message| FilterError { at: value_at, message: message.to_owned() })?;
        let op = match operator {
            "=" | "==" => Op::Eq(value),
            "!=" => Op::Ne(value),
            ">=" => Op::Gte(value),
            "<=" => Op::Lte(value),
            ">" => Op::Gt(value),
            "<" => Op::Lt(value),
            _ => Op::Contains(match value {
                Bson::String(text) => text,
                other => other.to_string(),
            }),
        };
        parts.push(Filter::Field(name.to_owned(), op));
        at = value_at + used;
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) })
}

/// A value of the short form and the bytes it takes: a number, `true`, `false`, `null`, a word, or text in quotes.
fn short_value(text: &str) -> Result<(Bson, usize), &'static str> {
    if let Some(quote @ ('"' | '\'')) = text.chars().next() {
        let end = text[1..].find(quote).ok_or("the closing quote is missing")?;
        return Ok((Bson::String(text[1..=end].to_owned()), end + 2));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let word = &text[..end];
    let value = match word {
        _ if word.is_empty() || word.starts_with(['=', '<', '>', '!', '~']) => return Err("a value is expected"),
        "true" => Bson::Boolean(true),
        "false" => Bson::Boolean(false),
        "null" | "na" => Bson::Null,
        _ => match (word.parse::<i64>(), word.parse::<f64>()) {
            (Ok(v), _) => Bson::Int64(v),
            (_, Ok(v)) if v.is_finite() => Bson::Double(v),
            _ => Bson::String(word.to_owned()),
        },
    };
    Ok((value, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::doc;

    fn hits(filter: &str, document: &Document) -> bool {
        parse_filter(filter).unwrap().matches(&|name| document.get(name).cloned())
    }

    #[test]
    fn both_forms_match_the_same() {
        let document = doc! { "Result": -1_i64, "URL_Length": 1_i64, "host": "Evil.example", "gone": null };
        for (filter, expected) in [
            ("", true),
            ("Result=-1", true),
            ("Result==-1.0 URL_Length>=0", true),
            ("URL_Length<1", false),
            ("Result!=-1", false),
            ("host~evil", true),
            ("host='Evil.example'", true),
            ("gone=null absent=null", true),
            (r#"{"Result": -1, "URL_Length": {"$gte": 0}}"#, true),
            (r#"{"$or": [{"Result": 1}, {"URL_Length": {"$in": [1, 2]}}]}"#, true),
            (r#"{"absent": {"$exists": true}}"#, false),
            (r#"{"URL_Length": {"$not": {"$gt": 0}}}"#, false),
            (r#"{"$nor": [{"Result": 1}]}"#, true),
        ] {
            assert_eq!(hits(filter, &document), expected, "{filter}");
        }
    }

    #[test]
    fn mistakes_point_at_the_character() {
        for (filter, at) in [
            ("Result", 6),
            ("Result=", 7),
            ("Result=1 =2", 9),
            ("a='x", 2),
            ("a>>0", 2),
            ("a=~b", 2),
            (r#"{"a": {"$foo": 1}}"#, 7),
            (r#"{"a": }"#, 6),
        ] {
            assert_eq!(parse_filter(filter).unwrap_err().at, at, "{filter}");
        }
    }

    #[test]
    fn nested_paths_are_followed() {
        let document = doc! { "_netsec": { "source": "a.csv" } };
        assert!(hits("_netsec.source=a.csv", &document));
        assert_eq!(parse_filter("_netsec.source=a.csv x>1").unwrap().fields(), ["_netsec.source", "_netsec", "x"]);
    }
}
