//! Documents as `mongosh` prints them: JSON with bare names, single quotes, `ObjectId('...')`, `ISODate('...')` and the
//! like, and commas at the end. They become extended JSON.

use serde_json::{Map, Value, json};

/// Deepest nesting that is read.
const DEEPEST: usize = 100;

/// Where something is wrong, line and column from 1, and what.
pub(super) type Wrong = (usize, usize, String);

/// Reads all documents in a text.
pub(super) fn parse(text: &str) -> Result<Vec<Value>, Wrong> {
    let mut shell = Shell { text, at: 0 };
    let mut values = Vec::new();
    let result = loop {
        shell.space();
        if shell.rest().is_empty() {
            break Ok(());
        }
        match shell.value(0) {
            Ok(value) => values.push(value),
            Err(what) => break Err(what),
        }
        // Between documents.
        shell.space();
        if shell.rest().starts_with([',', ';']) {
            shell.at += 1;
        }
    };
    result.map(|()| values).map_err(|what| {
        let before = &text[..shell.at];
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1, what)
    })
}

struct Shell<'a> {
    text: &'a str,
    /// Always between two characters.
    at: usize,
}

impl<'a> Shell<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a sign, with the space before it.
    fn take(&mut self, sign: char) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("{sign} is expected")) }
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        if depth > DEEPEST {
            return Err("nested too deeply".to_owned());
        }
        self.space();
        match self.rest().chars().next() {
            Some('{') => self.object(depth),
            Some('[') => {
                self.at += 1;
                self.list(']', depth).map(Value::Array)
            }
            Some('"' | '\'') => self.string().map(Value::String),
            Some(c) if c.is_ascii_digit() || "+-.".contains(c) => self.number(),
            Some(c) if is_word(c) => self.named(depth),
            _ => Err("a value is expected".to_owned()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut fields = Map::new();
        loop {
            if self.take('}') {
                return Ok(Value::Object(fields));
            }
            let name = match self.rest().chars().next() {
                Some('"' | '\'') => self.string()?,
                _ => self.word()?.to_owned(),
            };
            self.expect(':')?;
            let value = self.value(depth + 1)?;
            fields.insert(name, value);
            if !self.take(',') {
                self.expect('}')?;
                return Ok(Value::Object(fields));
            }
        }
    }

    /// Values up to a closing sign.
    fn list(&mut self, close: char, depth: usize) -> Result<Vec<Value>, String> {
        let mut values = Vec::new();
        loop {
            if self.take(close) {
                return Ok(values);
            }
            values.push(self.value(depth + 1)?);
            if !self.take(',') {
                self.expect(close)?;
                return Ok(values);
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let quote = self.rest().chars().next().unwrap_or('"');
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.at += i + 1;
                    return Ok(text);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some('u') => {
                        let digits: String = chars.by_ref().take(4).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    Some(c) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err("a text without its closing quote".to_owned())
    }

    fn number(&mut self) -> Result<Value, String> {
        let long = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
        let text = &self.rest()[..long.unwrap_or(self.rest().len())];
        let value = match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(whole), _) => json!(whole),
            (_, Ok(number)) if number.is_finite() => json!(number),
            (_, Ok(number)) => json!({"$numberDouble": if number > 0.0 { "Infinity" } else { "-Infinity" }}),
            _ => return Err("not a number".to_owned()),
        };
        self.at += text.len();
        Ok(value)
    }

    fn word(&mut self) -> Result<&'a str, String> {
        let rest = self.rest();
        let long = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if long == 0 {
            return Err("a name is expected".to_owned());
        }
        self.at += long;
        Ok(&rest[..long])
    }

    /// A word with a meaning, or a value in the words of the shell.
    fn named(&mut self, depth: usize) -> Result<Value, String> {
        let start = self.at;
        let word = self.word()?;
        match word {
            "true" => return Ok(json!(true)),
            "false" => return Ok(json!(false)),
            "null" | "undefined" => return Ok(Value::Null),
            "NaN" | "Infinity" => return Ok(json!({"$numberDouble": word})),
            "new" => return self.value(depth + 1),
            _ => {}
        }
        if !self.take('(') {
            self.at = start;
            return Err("a word without quotes".to_owned());
        }
        let mut inside = self.list(')', depth)?.into_iter();
        let first = inside.next().unwrap_or(Value::Null);
        let text = first.as_str().map_or_else(|| first.to_string(), str::to_owned);
        Ok(match word {
            "ObjectId" => json!({"$oid": text}),
            "ISODate" | "Date" if first.is_string() => json!({"$date": text}),
            "NumberInt" | "Int32" | "NumberLong" | "Long" | "Double" | "NumberDecimal" | "Decimal128" => {
                json!({"$numberDecimal": text})
            }
            _ => Value::String(text),
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}
