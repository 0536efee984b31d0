//! MongoDB's form: what its operators mean.

use super::json::{Json, Node};
use super::{Filter, FilterError, Op, Pattern, all_of, short};
use bson::{Bson, Document};

const OPERATORS: &str =
    "known are $eq $ne $gt $gte $lt $lte $in $nin $exists $not $regex, and around them $and $or $nor";
/// Values that JSON has no form of its own for.
const EXTENDED: [&str; 8] =
    ["$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$binary", "$uuid"];

/// A filter from an object.
pub(super) fn filter(node: &Node) -> Result<Filter, FilterError> {
    let Json::Object(entries) = &node.value else {
        return Err(FilterError::new(node.at, "an object is expected", "write {\"name\": value}"));
    };
    let mut parts = Vec::new();
    for (at, name, value) in entries {
        match name.as_str() {
            "$and" | "$or" | "$nor" => {
                let Json::List(items) = &value.value else {
                    return Err(FilterError::new(
                        value.at,
                        "a list of objects is expected",
                        format!("write {{\"{name}\": [{{...}}, {{...}}]}}"),
                    ));
                };
                if items.is_empty() {
                    return Err(FilterError::new(value.at, "the list is empty", "put objects in it, or leave it out"));
                }
                let inner = items.iter().map(filter).collect::<Result<Vec<_>, _>>()?;
                parts.push(match name.as_str() {
                    "$and" => Filter::And(inner),
                    "$or" => Filter::Or(inner),
                    _ => Filter::Not(Box::new(Filter::Or(inner))),
                });
            }
            operator if operator.starts_with('$') => {
                return Err(FilterError::new(*at, format!("{operator} cannot stand here"), OPERATORS));
            }
            _ => match &value.value {
                Json::Object(inner) if is_comparison(inner) => parts.extend(comparisons(name, inner)?),
                _ => parts.push(Filter::Field(name.clone(), Op::Eq(to_bson(value)?))),
            },
        }
    }
    Ok(all_of(parts))
}

fn is_comparison(entries: &[(usize, String, Node)]) -> bool {
    entries.first().is_some_and(|(_, name, _)| name.starts_with('$') && !EXTENDED.contains(&name.as_str()))
}

fn comparisons(field: &str, entries: &[(usize, String, Node)]) -> Result<Vec<Filter>, FilterError> {
    let mut parts = Vec::new();
    for (at, operator, value) in entries {
        let list = || match &value.value {
            Json::List(items) => items.iter().map(to_bson).collect::<Result<Vec<_>, _>>(),
            _ => Err(FilterError::new(value.at, "a list is expected", format!("write {{\"{operator}\": [1, 2]}}"))),
        };
        let op = match operator.as_str() {
            "$eq" => Op::Eq(to_bson(value)?),
            "$ne" => Op::Ne(to_bson(value)?),
            "$lt" => Op::Lt(to_bson(value)?),
            "$lte" => Op::Lte(to_bson(value)?),
            "$gt" => Op::Gt(to_bson(value)?),
            "$gte" => Op::Gte(to_bson(value)?),
            "$in" => Op::In(list()?),
            "$nin" => Op::Nin(list()?),
            "$exists" => match value.value {
                Json::Bool(there) => Op::Exists(there),
                Json::Int(there) => Op::Exists(there != 0),
                _ => return Err(FilterError::new(value.at, "true or false is expected", "write {\"$exists\": true}")),
            },
            "$regex" => {
                let options = entries.iter().find(|(_, name, _)| name == "$options").map(|(.., node)| node);
                Op::Text(pattern(value, options)?)
            }
            // It belongs to $regex.
            "$options" if entries.iter().any(|(_, name, _)| name == "$regex") => continue,
            "$not" => match &value.value {
                Json::Object(inner) if is_comparison(inner) => {
                    parts.push(Filter::Not(Box::new(Filter::And(comparisons(field, inner)?))));
                    continue;
                }
                _ => {
                    let hint = "write {\"$not\": {\"$gt\": 1}}; $ne is the opposite of a value";
                    return Err(FilterError::new(value.at, "a comparison is expected", hint));
                }
            },
            _ => return Err(FilterError::new(*at, format!("{operator} is not known here"), OPERATORS)),
        };
        parts.push(Filter::Field(field.to_owned(), op));
    }
    Ok(parts)
}

/// A regular expression that is plain text, with `^` before it or `$` behind it.
fn pattern(node: &Node, options: Option<&Node>) -> Result<Pattern, FilterError> {
    let Json::Text(text) = &node.value else {
        return Err(FilterError::new(node.at, "text is expected", "write {\"$regex\": \"text\"}"));
    };
    let any_case = match options.map(|node| (node.at, &node.value)) {
        None => false,
        Some((_, Json::Text(options))) if options.chars().all(|c| c == 'i') => !options.is_empty(),
        Some((at, _)) => {
            return Err(FilterError::new(at, "only the option i is known", "write \"i\", or leave it out"));
        }
    };
    let (start, text) = text.strip_prefix('^').map_or((false, text.as_str()), |rest| (true, rest));
    let mut plain = String::new();
    let mut end = false;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek().is_some_and(char::is_ascii_punctuation) => plain.extend(rest.next()),
            '$' if rest.peek().is_none() => end = true,
            '\\' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => {
                return Err(FilterError::new(
                    node.at,
                    format!("of regular expressions only text, ^ and $ are known, not {c}"),
                    format!("write \\{c} for the character itself, or $or of several"),
                ));
            }
            c => plain.push(c),
        }
    }
    Ok(Pattern { text: plain, start, end, any_case })
}

fn to_bson(node: &Node) -> Result<Bson, FilterError> {
    Ok(match &node.value {
        Json::Null => Bson::Null,
        Json::Bool(v) => Bson::Boolean(*v),
        Json::Int(v) => Bson::Int64(*v),
        Json::Float(v) => Bson::Double(*v),
        Json::Text(v) => Bson::String(v.clone()),
        Json::List(items) => Bson::Array(items.iter().map(to_bson).collect::<Result<_, _>>()?),
        Json::Object(entries) => {
            let extended = entries.first().filter(|(_, name, _)| EXTENDED.contains(&name.as_str()));
            if let Some((_, name, value)) = extended {
                return special(name, value, entries.len());
            }
            // Taken for a document, it would match nothing, and nobody would know why.
            if let Some((at, name, _)) = entries.iter().find(|(_, name, _)| name.starts_with('$')) {
                let hint = "a value is expected here; regular expressions and comparisons stand beside a field";
                return Err(FilterError::new(*at, format!("{name} is no value"), hint));
            }
            let mut document = Document::new();
            for (_, name, value) in entries {
                document.insert(name.clone(), to_bson(value)?);
            }
            Bson::Document(document)
        }
    })
}

/// A value in MongoDB's extended JSON.
fn special(name: &str, node: &Node, entries: usize) -> Result<Bson, FilterError> {
    let hint = match name {
        "$oid" => "an object id has 24 hexadecimal digits",
        "$date" => "write a day, 2026-11-01, or a moment, 2026-11-01T12:00:00Z",
        _ => "see MongoDB's extended JSON",
    };
    let wrong = || FilterError::new(node.at, format!("this is no {name}"), hint);
    if let ("$date", 1, Json::Text(text)) = (name, entries, &node.value) {
        return short::time(text).map(Bson::DateTime).ok_or_else(wrong);
    }
    if let ("$date", 1, Json::Int(ms)) = (name, entries, &node.value) {
        return Ok(Bson::DateTime(bson::DateTime::from_millis(*ms)));
    }
    let value = serde_json::json!({ name: to_bson(node)?.into_relaxed_extjson() });
    match Bson::try_from(value) {
        Ok(Bson::Document(_)) | Err(_) => Err(wrong()),
        Ok(value) if entries == 1 => Ok(value),
        Ok(_) => Err(wrong()),
    }
}
