//! What may be meant by the beginning of a word in a filter: a field's name, one of its levels, an operator.

/// A field and the values that it can have, where these are known.
pub type Known = (String, Vec<String>);

const OPERATORS: [&str; 10] = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$regex"];
const JOINS: [&str; 3] = ["$and", "$or", "$nor"];

/// What may stand in place of the word before the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Offers {
    /// Characters of the word that is typed already.
    pub typed: usize,
    pub options: Vec<String>,
}

/// The place of a word.
#[derive(Debug, PartialEq)]
enum Place {
    Name,
    /// A value of this field.
    Value(String),
    Operator,
}

/// What may be meant, given the text before the cursor.
pub fn offers(before: &str, fields: &[Known]) -> Offers {
    let json = before.trim_start().starts_with('{');
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '-');
    let start = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last().map_or(before.len(), |(i, _)| i);
    let (lead, word) = before.split_at(start);
    let quoted = lead.ends_with(['"', '\'']);
    let place = if json { place_in_json(lead) } else { place_in_short(lead) };
    let all: Vec<String> = match &place {
        Place::Name if word.starts_with('$') => JOINS.map(str::to_owned).to_vec(),
        Place::Name => fields.iter().map(|(name, _)| written(name, json, quoted)).collect(),
        Place::Operator => OPERATORS.map(str::to_owned).to_vec(),
        Place::Value(field) => {
            let levels = fields.iter().find(|(name, _)| name == field).map_or(&[][..], |(_, levels)| levels);
            levels.iter().map(|level| written_value(level, json, quoted)).collect()
        }
    };
    let low = word.to_lowercase();
    let bare = |option: &str| option.trim_start_matches('"').to_lowercase();
    let mut options: Vec<String> = all.iter().filter(|o| bare(o).starts_with(&low)).cloned().collect();
    if options.is_empty() && !low.is_empty() {
        options = all.into_iter().filter(|o| bare(o).contains(&low)).collect();
    }
    Offers { typed: word.chars().count(), options }
}

/// A name as it must be written there.
fn written(name: &str, json: bool, quoted: bool) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if quoted || (plain && !json) || (plain && !name.contains('-')) { name.to_owned() } else { format!("\"{name}\"") }
}

fn written_value(level: &str, json: bool, quoted: bool) -> String {
    let bare = level.parse::<f64>().is_ok() || matches!(level, "true" | "false" | "null");
    let plain = !json && !level.contains(char::is_whitespace) && !level.is_empty();
    if quoted || bare || plain { level.to_owned() } else { format!("\"{level}\"") }
}

fn place_in_short(lead: &str) -> Place {
    const SIGNS: [char; 5] = ['=', '<', '>', '!', '~'];
    let lead = lead.trim_end_matches(['"', '\'']);
    // Spaces may stand around the comparison.
    match lead.trim_end().strip_suffix(SIGNS) {
        Some(rest) => {
            let name = rest.trim_end_matches(SIGNS).trim_end();
            let start = name.rfind(char::is_whitespace).map_or(0, |i| i + 1);
            Place::Value(name[start..].trim_matches(['"', '\'']).to_owned())
        }
        None => Place::Name,
    }
}

/// Goes through the brackets that are open, each with the name that a value is expected for.
fn place_in_json(lead: &str) -> Place {
    let mut open: Vec<(char, Option<String>)> = Vec::new();
    let mut token = String::new();
    let mut quote = None;
    for c in lead.chars() {
        if quote.is_some() {
            if quote == Some(c) {
                quote = None;
            } else {
                token.push(c);
            }
            continue;
        }
        match c {
            '"' | '\'' => quote = Some(c),
            '{' | '[' => open.push((c, None)),
            '}' | ']' => {
                open.pop();
            }
            ':' => {
                if let Some((_, name)) = open.last_mut() {
                    *name = Some(std::mem::take(&mut token));
                }
            }
            ',' => {
                if let Some(('{', name)) = open.last_mut() {
                    *name = None;
                }
            }
            c if c.is_whitespace() => continue,
            c => {
                token.push(c);
                continue;
            }
        }
        if c != '"' && c != '\'' {
            token.clear();
        }
    }
    let field = || open.iter().rev().filter_map(|(_, name)| name.as_deref()).find(|name| !name.starts_with('$'));
    match open.last() {
        Some(('[', _)) | Some(('{', Some(_))) => match field() {
            Some(name) => Place::Value(name.to_owned()),
            None => Place::Name,
        },
        _ => {
            let parent = open.len().checked_sub(2).and_then(|i| open[i].1.as_deref());
            if parent.is_some_and(|name| !name.starts_with('$')) { Place::Operator } else { Place::Name }
        }
    }
}

/// What all options begin with.
pub fn common(options: &[String]) -> String {
    let Some(first) = options.first() else { return String::new() };
    let shared = |other: &String| first.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let most = options.iter().map(shared).min().unwrap_or(0);
    first.chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(before: &str) -> String {
        let fields = [
            ("URL_Length".to_owned(), ["-1", "0", "1"].map(str::to_owned).to_vec()),
            ("URL_of_Anchor".to_owned(), Vec::new()),
            ("Result".to_owned(), ["legit", "phishing"].map(str::to_owned).to_vec()),
            ("_netsec.source".to_owned(), Vec::new()),
            ("two words".to_owned(), Vec::new()),
        ];
        offers(before, &fields).options.join(" ")
    }

    #[test]
    fn names_levels_and_operators_are_offered_where_they_belong() {
        for (before, expected) in [
            ("url", "URL_Length URL_of_Anchor"),
            ("Result=legit URL_L", "URL_Length"),
            ("anch", "URL_of_Anchor"),
            ("_netsec.s", "_netsec.source"),
            ("two", "\"two words\""),
            ("URL_Length>=", "-1 0 1"),
            ("URL_Length != -", "-1"),
            ("Result=p", "phishing"),
            ("Result=\"p", "phishing"),
            ("URL_of_Anchor=", ""),
            ("absent=", ""),
            ("{", "URL_Length URL_of_Anchor Result _netsec.source \"two words\""),
            ("{\"Res", "Result"),
            ("{\"Result\": \"p", "phishing"),
            ("{Result: ", "\"legit\" \"phishing\""),
            ("{\"URL_Length\": ", "-1 0 1"),
            ("{\"URL_Length\": {", "$eq $ne $gt $gte $lt $lte $in $nin $exists $regex"),
            ("{\"URL_Length\": {\"$g", "$gt $gte"),
            ("{\"URL_Length\": {\"$in\": [0, ", "-1 0 1"),
            ("{\"URL_Length\": {\"$gt\": 0}, \"Res", "Result"),
            ("{\"$or\": [{\"Res", "Result"),
            ("{\"$o", "$or"),
            ("{\"a:b\": 1, Res", "Result"),
        ] {
            assert_eq!(offered(before), expected, "{before}");
        }
    }

    #[test]
    fn what_is_typed_and_what_is_common_are_told_in_characters() {
        let known = [("größe".to_owned(), Vec::new()), ("größer".to_owned(), Vec::new())];
        let found = offers("x=1 grö", &known);
        assert_eq!((found.typed, common(&found.options).as_str()), (3, "größe"));
        assert_eq!(common(&[]), "");
    }
}
