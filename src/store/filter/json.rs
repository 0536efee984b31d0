//! JSON as analysts type it, with the place of everything in it: also names without quotes, text in single quotes, a
//! comma too many, and what the MongoDB shell writes (`ObjectId("...")`, `ISODate("...")`, `/text/i`).

use super::FilterError;

/// How deep lists and objects may be nested, as in MongoDB.
const DEEPEST: usize = 100;

/// A value and the byte at which it begins.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub at: usize,
    pub value: Json,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// Each entry with the byte at which its name begins.
    Object(Vec<(usize, String, Node)>),
}

/// Reads a whole text.
pub(super) fn read(text: &str) -> Result<Node, FilterError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let node = reader.value()?;
    reader.spaces();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(FilterError::new(reader.at, "nothing is expected behind the last }", "put it inside the { }")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn spaces(&mut self) {
        self.at = self.text.len() - self.text[self.at..].trim_start().len();
    }

    /// Takes a character if it comes next, behind spaces.
    fn take(&mut self, wanted: char) -> bool {
        self.spaces();
        let there = self.peek() == Some(wanted);
        if there {
            self.at += wanted.len_utf8();
        }
        there
    }

    fn wrong<T>(&self, message: &str, hint: &str) -> Result<T, FilterError> {
        Err(FilterError::new(self.at, message, hint))
    }

    fn value(&mut self) -> Result<Node, FilterError> {
        self.spaces();
        let at = self.at;
        let value = match self.peek() {
            Some('{') => self.nested(Self::object)?,
            Some('[') => self.nested(Self::list)?,
            Some('"' | '\'') => Json::Text(self.text_in_quotes()?),
            Some('/') => self.regex()?,
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number()?,
            Some(c) if c.is_alphabetic() => self.word()?,
            _ => return self.wrong("a value is expected", "a number, \"text\", true, false, null, { } or [ ]"),
        };
        Ok(Node { at, value })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, FilterError>) -> Result<Json, FilterError> {
        if self.depth == DEEPEST {
            return self.wrong("this is nested too deep", "write it with fewer levels");
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Json, FilterError> {
        let mut entries = Vec::new();
        while !self.take('}') {
            let at = self.at;
            let name = match self.peek() {
                Some('"' | '\'') => self.text_in_quotes()?,
                Some(c) if !c.is_whitespace() && !"{}[]:,".contains(c) => {
                    let rest = &self.text[at..];
                    let long = rest.find(|c: char| c.is_whitespace() || "{}[]:,\"'".contains(c));
                    self.at += long.unwrap_or(rest.len());
                    self.text[at..self.at].to_owned()
                }
                None => return self.wrong("the closing } is missing", "close what was opened with {"),
                _ => return self.wrong("a field's name is expected", "write {\"name\": value}"),
            };
            if !self.take(':') {
                return self.wrong("a : is expected", "write {\"name\": value}");
            }
            entries.push((at, name, self.value()?));
            if !self.take(',') && self.peek() != Some('}') {
                return self.wrong("a , or } is expected", "separate with , or close what was opened with {");
            }
        }
        Ok(Json::Object(entries))
    }

    fn list(&mut self) -> Result<Json, FilterError> {
        let mut items = Vec::new();
        while !self.take(']') {
            items.push(self.value()?);
            if !self.take(',') && self.peek() != Some(']') {
                return self.wrong("a , or ] is expected", "separate with , or close what was opened with [");
            }
        }
        Ok(Json::List(items))
    }

    fn text_in_quotes(&mut self) -> Result<String, FilterError> {
        let begin = self.at;
        let mut rest = self.text[begin..].char_indices();
        let quote = rest.next().map(|(_, c)| c);
        let mut text = String::new();
        while let Some((i, c)) = rest.next() {
            if Some(c) == quote {
                self.at = begin + i + 1;
                return Ok(text);
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            match rest.next().map(|(_, c)| c) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('b') => text.push('\u{8}'),
                Some('f') => text.push('\u{c}'),
                Some('u') => {
                    let digits: String = rest.by_ref().take(4).map(|(_, c)| c).collect();
                    match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                        Some(c) => text.push(c),
                        None => {
                            self.at = begin + i;
                            return self.wrong("\\u wants four hexadecimal digits", "or write the character itself");
                        }
                    }
                }
                Some(c) => text.push(c),
                None => break,
            }
        }
        self.wrong("the closing quote is missing", "end the text with the quote that it begins with")
    }

    /// `/text/i`, as `{"$regex": "text", "$options": "i"}`.
    fn regex(&mut self) -> Result<Json, FilterError> {
        let at = self.at;
        let rest = &self.text[at + 1..];
        let mut escaped = false;
        let end = rest.find(|c| {
            let found = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            found
        });
        let Some(end) = end else { return self.wrong("the closing / is missing", "write /text/ or /text/i") };
        let behind = &rest[end + 1..];
        let long = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
        self.at = at + 1 + end + 1 + long;
        let part = |text: &str| Node { at, value: Json::Text(text.to_owned()) };
        let pattern = rest[..end].replace("\\/", "/");
        Ok(Json::Object(vec![
            (at, "$regex".to_owned(), part(&pattern)),
            (at, "$options".to_owned(), part(&behind[..long])),
        ]))
    }

    fn number(&mut self) -> Result<Json, FilterError> {
        let rest = &self.text[self.at..];
        let long = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(rest.len());
        let word = &rest[..long];
        let value = match (word.parse::<i64>(), word.parse::<f64>()) {
            (Ok(v), _) => Json::Int(v),
            (_, Ok(v)) if v.is_finite() => Json::Float(v),
            _ => return self.wrong("this is no number", "put text in quotes"),
        };
        self.at += long;
        Ok(value)
    }

    /// `true`, `false`, `null`, or what the shell writes: `ObjectId("...")`.
    fn word(&mut self) -> Result<Json, FilterError> {
        let at = self.at;
        let rest = &self.text[at..];
        let long = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let word = &rest[..long];
        let extended = match word {
            "true" | "false" => {
                self.at += long;
                return Ok(Json::Bool(word == "true"));
            }
            "null" => {
                self.at += long;
                return Ok(Json::Null);
            }
            "ObjectId" => "$oid",
            "ISODate" | "Date" => "$date",
            "NumberLong" | "NumberInt" => "",
            _ => return self.wrong("this is no value", "put text in quotes"),
        };
        self.at += long;
        if !self.take('(') {
            return self.wrong("a ( is expected", "write it as in the shell: ObjectId(\"...\"), ISODate(\"...\")");
        }
        // A number or a text: nothing is nested in these.
        self.spaces();
        if self.peek().is_some_and(|c| !c.is_ascii_digit() && !matches!(c, '-' | '"' | '\'')) {
            return self
                .wrong("a number or a text in quotes is expected", "write it as in the shell: ObjectId(\"...\")");
        }
        let inner = self.value()?;
        if !self.take(')') {
            return self.wrong("the closing ) is missing", "close what was opened with (");
        }
        match (extended, inner.value) {
            ("", Json::Text(text)) if text.parse::<i64>().is_ok() => Ok(text.parse().map_or(Json::Null, Json::Int)),
            ("", value @ Json::Int(_)) => Ok(value),
            ("", _) => Err(FilterError::new(inner.at, "a whole number is expected", "write NumberLong(5)")),
            (name, value) => Ok(Json::Object(vec![(at, name.to_owned(), Node { at: inner.at, value })])),
        }
    }
}
