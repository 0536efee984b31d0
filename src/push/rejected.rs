//! Rows that pushes rejected, read back.

use super::REJECTED;
use crate::Result;
use crate::store::{META, Namespace};
use bson::Document;
use serde::Serialize;

/// A row that a push rejected, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The source it came from.
    pub file: String,
    /// Where it stood there, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
    /// The row, shortened.
    pub text: String,
    /// When it was pushed first.
    pub pushed_at: String,
}

impl From<&Document> for Rejected {
    /// A field that is not there is empty: nobody keeps people from pushing rows of their own to such a collection.
    fn from(document: &Document) -> Self {
        let text = |name: &str| document.get_str(name).unwrap_or_default().to_owned();
        let pushed_at = document.get_document(META).and_then(|meta| meta.get_datetime("pushed_at"));
        Self {
            file: text("file"),
            line: document.get_i64("line").ok().and_then(|line| line.try_into().ok()).unwrap_or_default(),
            reason: text("reason"),
            text: text("text"),
            pushed_at: pushed_at.ok().and_then(|at| at.try_to_rfc3339_string().ok()).unwrap_or_default(),
        }
    }
}

/// Where the rows are kept that pushes to a collection rejected.
///
/// # Errors
/// When the collection's name leaves no room.
pub fn rejected_of(namespace: &Namespace) -> Result<Namespace> {
    Namespace::new(&namespace.database, &format!("{}{REJECTED}", namespace.collection))
}

/// A reason without the value that gave it, so that rows can be counted by it: of `a: "7" is not one of 0, 1` it is
/// `a: … is not one of 0, 1`.
pub fn group(reason: &str) -> String {
    if let Some((what, _)) = reason.split_once(" at line ")
        && what.starts_with("not readable")
    {
        return group(what);
    }
    // The value stands behind the column's name, in quotes; or as a number there or among the first words.
    let quote = reason.find(": \"").map(|at| at + 2);
    if let Some((start, length)) = quote.and_then(|at| Some((at, quoted_length(&reason[at..])?))) {
        return format!("{}…{}", &reason[..start], &reason[start + length..]);
    }
    let mut at = reason.find(": ").map_or(0, |at| at + 2);
    for word in reason[at..].split(' ').take(2) {
        if word.parse::<f64>().is_ok() {
            return format!("{}…{}", &reason[..at], &reason[at + word.len()..]);
        }
        at += word.len() + 1;
    }
    reason.to_owned()
}

/// The length of what [`crate::schema::quoted`] wrote at the beginning of a text.
fn quoted_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    let end = end?.0 + 1;
    let cut = text[end..].strip_prefix("... (").and_then(|rest| rest.find(')')).map_or(0, |at| "... (".len() + at + 1);
    Some(end + cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_without_their_values() {
        let long = crate::schema::quoted(&"x".repeat(90));
        let cut = format!("a: {long} is not a number");
        for (reason, grouped) in [
            ("a: \"7\" is not one of -1, 0, 1", "a: … is not one of -1, 0, 1"),
            ("a: \"x\\\": is \\\\\" is not a number", "a: … is not a number"),
            (cut.as_str(), "a: … is not a number"),
            ("n: 99 is outside 0 to 10", "n: … is outside 0 to 10"),
            ("n: -1.5 is not a whole number", "n: … is not a whole number"),
            ("2 values where the header has 31", "… values where the header has 31"),
            ("byte 12 of the line is not valid UTF-8", "byte … of the line is not valid UTF-8"),
            (
                "not readable as extended JSON: key must be a string at line 1 column 2",
                "not readable as extended JSON: key must be a string",
            ),
            ("the line is longer than 1024 KiB", "the line is longer than 1024 KiB"),
            ("the field \"a\" is missing", "the field \"a\" is missing"),
            ("a: \"torn", "a: \"torn"),
            ("n: ", "n: "),
            ("", ""),
        ] {
            assert_eq!(group(reason), grouped);
        }
    }

    #[test]
    fn documents_of_another_kind_are_read_as_far_as_they_go() {
        let row = Rejected::from(&bson::doc! { "file": "f.csv", "line": -3_i64, "reason": 4, META: "?" });
        assert_eq!((row.file.as_str(), row.line, row.reason.as_str(), row.pushed_at.as_str()), ("f.csv", 0, "", ""));
    }
}
