//! Drift put into generated rows: a column of them is shifted, the others stay as they are.

use crate::random::Stream;
use crate::schema::{BUILT_IN, Column, Scalar, Schema, Value, quoted};
use crate::{Error, Result};
use std::fmt;
use std::str::FromStr;

/// What stands for a missing cell.
const NA: &str = "na";
/// The share of rows that is shifted where none is given.
const HALF: f64 = 0.5;

/// A shift of one column of generated rows. As text: `FEATURE=VALUE`, `FEATURE=VALUE:SHARE`, `FEATURE=na`,
/// `FEATURE=na:SHARE`, or `FEATURE=SHARE`, which gives these rows the level after their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    name: String,
    column: usize,
    levels: Vec<String>,
    to: To,
    share: f64,
}

/// What takes a cell's place.
#[derive(Debug, Clone, Copy, PartialEq)]
enum To {
    /// This level.
    Level(usize),
    /// The level after the one it has, the first one after the last or where it has none.
    Next,
    /// Nothing.
    Missing,
}

impl Shift {
    /// The stream that decides which rows are shifted: not the one that draws them, so that they stay the same.
    pub(super) fn stream(&self, seed: u64) -> Stream {
        Stream::new(seed, &["drift", &self.name])
    }

    /// Whether both shift the same column.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.column == other.column
    }

    /// Shifts a row, or leaves it. Every row takes one number, so that fewer rows are a prefix of more.
    pub(super) fn apply(&self, cells: &mut [String], stream: &mut Stream) {
        if stream.unit() >= self.share {
            return;
        }
        let cell = &mut cells[self.column];
        match self.to {
            To::Missing => NA.clone_into(cell),
            To::Level(level) => self.levels[level].clone_into(cell),
            To::Next => {
                let next = self.levels.iter().position(|level| level == cell).map_or(0, |at| at + 1);
                self.levels[next % self.levels.len()].clone_into(cell);
            }
        }
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, levels, to, share, .. } = self;
        match to {
            To::Next => write!(f, "{name}={share}"),
            To::Missing => write!(f, "{name}={NA}:{share}"),
            To::Level(level) => write!(f, "{name}={}:{share}", levels[*level]),
        }
    }
}

impl FromStr for Shift {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let schema = Schema::parse(BUILT_IN, "built-in schema.yaml")?;
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Error::user(format!("{} is not a drift", quoted(text)))
                .hint("write FEATURE=VALUE:SHARE, for example SSLfinal_State=-1:0.3")
        })?;
        let (at, column) = schema.columns().enumerate().find(|(_, c)| c.name == name).ok_or_else(|| {
            let like = schema.columns().map(|c| c.name.as_str()).min_by_key(|like| strangeness(like, name));
            Error::user(format!("generated rows have no column {}", quoted(name))).hint(format!(
                "did you mean {}? the first line of netsec-tui sample names them all",
                like.unwrap_or_default()
            ))
        })?;
        let levels: Vec<String> = column.levels().iter().map(Scalar::to_string).collect();
        let wrong = |what: String| {
            Error::user(format!("the drift of {name}: {what}"))
                .hint(format!("it can be one of {} or {NA}, and the share of rows behind a colon", levels.join(", ")))
        };
        let target = |text: &str| if text == NA { Some(To::Missing) } else { level(column, text).map(To::Level) };
        let (to, share) = match value.split_once(':') {
            Some((to, share)) => {
                let to = target(to).ok_or_else(|| wrong(format!("{} is not a value of it", quoted(to))))?;
                let share = share.parse::<f64>().ok().filter(|s| *s > 0.0 && *s <= 1.0).ok_or_else(|| {
                    wrong(format!("{} is not a share of the rows: above 0, and 1 at most", quoted(share)))
                })?;
                (to, share)
            }
            None => match (target(value), value.parse::<f64>()) {
                (Some(to), _) => (to, HALF),
                (None, Ok(share)) if share > 0.0 && share < 1.0 => (To::Next, share),
                _ => return Err(wrong(format!("{} is neither a value of it nor a share below 1", quoted(value)))),
            },
        };
        Ok(Self { name: name.to_owned(), column: at, levels, to, share })
    }
}

fn level(column: &Column, text: &str) -> Option<usize> {
    match column.parse(text) {
        Ok(Value::Level(code)) => Some(code.into()),
        _ => None,
    }
}

/// How little a name is like what was typed, letter case ignored: whether it does not hold it, then how many letters
/// must be put in, left out or changed.
fn strangeness(name: &str, typed: &str) -> (bool, usize) {
    let (name, typed) = (name.to_ascii_lowercase(), typed.to_ascii_lowercase());
    let b: Vec<char> = typed.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in name.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    (!name.contains(&typed), row[b.len()])
}

#[cfg(test)]
mod tests {
    use super::super::{rows, write_csv};
    use super::*;
    use crate::source::{Cells, Row};

    fn table(count: u64, drift: &[&str]) -> Vec<Vec<String>> {
        let drift: Vec<Shift> = drift.iter().map(|text| text.parse().unwrap()).collect();
        let mut out = Vec::new();
        write_csv(&mut out, count, 3, &drift).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    fn place(table: &[Vec<String>], name: &str) -> usize {
        table[0].iter().position(|c| c == name).unwrap()
    }

    /// The share of rows that `of` says yes to, given the cell before and after.
    fn share(name: &str, drift: &str, of: impl Fn(&str, &str) -> bool) -> f64 {
        let (before, after) = (table(10_000, &[]), table(10_000, &[drift]));
        let at = place(&before, name);
        let pairs = before.iter().zip(&after).skip(1);
        pairs.filter(|(b, a)| of(&b[at], &a[at])).count() as f64 / 10_000.0
    }

    #[test]
    fn other_columns_are_the_very_same() {
        let plain = table(3_000, &[]);
        let shifted = table(3_000, &["SSLfinal_State=-1:0.3", "web_traffic=na", "Result=0.1"]);
        let at = ["SSLfinal_State", "web_traffic", "Result"].map(|name| place(&plain, name));
        let changed = |c: usize| plain.iter().zip(&shifted).any(|(a, b)| a[c] != b[c]);
        for (c, name) in plain[0].iter().enumerate() {
            assert_eq!(changed(c), at.contains(&c), "{name}");
        }
        // Nor does it matter what else is shifted.
        let alone = table(3_000, &["web_traffic=na"]);
        assert!(alone.iter().zip(&shifted).all(|(a, b)| a[at[1]] == b[at[1]]));
    }

    #[test]
    fn fewer_rows_are_a_prefix() {
        for drift in ["SSLfinal_State=-1:0.3", "SSLfinal_State=0.2", "SSLfinal_State=na"] {
            assert_eq!(table(400, &[drift])[..101], table(100, &[drift]), "{drift}");
        }
    }

    #[test]
    fn shares_are_as_asked() {
        let near = |share: f64, wanted: f64| assert!((share - wanted).abs() < 0.015, "{share} for {wanted}");
        // Of rows that did not have the value: those that had it do not show.
        for (drift, wanted) in [("SSLfinal_State=0", 0.5), ("SSLfinal_State=0:0.2", 0.2), ("SSLfinal_State=0:1", 1.0)] {
            let others = share("SSLfinal_State", drift, |before, _| before != "0");
            near(share("SSLfinal_State", drift, |before, after| before != "0" && after == "0") / others, wanted);
        }
        near(share("web_traffic", "web_traffic=na:0.3", |before, after| before != "na" && after == "na"), 0.3);
        near(share("web_traffic", "web_traffic=0.3", |before, after| before != after), 0.3);
        let next = |before: &str, after: &str| [("-1", "0"), ("0", "1"), ("1", "-1")].contains(&(before, after));
        near(share("web_traffic", "web_traffic=0.3", next), 0.3);
        near(share("Result", "Result=0.25", |before, after| before != after), 0.25);
        // All rows are all rows, also those whose cell was missing.
        assert_eq!(share("web_traffic", "web_traffic=1:1", |_, after| after == "1"), 1.0);
    }

    #[test]
    fn rows_to_push_are_those_of_the_file_under_a_name_of_their_own() {
        let drift = ["URL_Length=1:0.5".parse().unwrap()];
        let mut generated = rows(50, 3, &drift).unwrap();
        assert_eq!(generated.source(), "sample-3 URL_Length=1:0.5");
        let cells = |row: Row| match row.cells {
            Ok(Cells::Positional(cells)) => cells,
            other => panic!("{other:?}"),
        };
        let rows: Vec<_> = generated.next_chunk(100).unwrap().into_iter().map(cells).collect();
        assert_eq!(rows, table(50, &["URL_Length=1:0.5"])[1..]);
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        for text in ["Redirect=0:0.5", "Redirect=na:0.25", "URL_Length=0.3", "Result=1:1"] {
            assert_eq!(text.parse::<Shift>().unwrap().to_string(), text);
        }
        // A number that is a level is one, and no share.
        for (short, long) in [("Redirect=1", "Redirect=1:0.5"), ("Redirect=na", "Redirect=na:0.5")] {
            assert_eq!(short.parse::<Shift>().unwrap(), long.parse().unwrap());
        }
    }

    #[test]
    fn mistakes_are_named_with_the_way_out() {
        for (text, message, hint) in [
            ("Redirect", "\"Redirect\" is not a drift", "FEATURE=VALUE:SHARE"),
            ("sslFinalState=1", "no column \"sslFinalState\"", "did you mean SSLfinal_State?"),
            ("ssl=1", "no column", "did you mean SSLfinal_State?"),
            ("Domain_registration_length=1", "no column", "did you mean Domain_registeration_length?"),
            ("Redirect=7:0.1", "the drift of Redirect: \"7\" is not a value", "one of 0, 1 or na"),
            ("Redirect=0.3:0.1", "\"0.3\" is not a value", "one of 0, 1 or na"),
            ("Redirect=7", "\"7\" is neither a value of it nor a share", "one of 0, 1 or na"),
            ("Favicon=0", "\"0\" is neither", "one of -1, 1 or na"),
            ("Redirect=", "\"\" is neither", "one of 0, 1 or na"),
            ("Redirect=nan", "\"nan\" is neither", "one of 0, 1 or na"),
            ("Redirect=1:0", "\"0\" is not a share", "behind a colon"),
            ("Redirect=1:1.5", "\"1.5\" is not a share", "behind a colon"),
            ("Redirect=na:nan", "\"nan\" is not a share", "behind a colon"),
            ("Redirect=1:", "\"\" is not a share", "behind a colon"),
        ] {
            let error = text.parse::<Shift>().unwrap_err();
            assert!(error.to_string().contains(message), "{text}: {error}");
            assert!(error.hint_text().unwrap().contains(hint), "{text}: {:?}", error.hint_text());
        }
        let twice: Vec<Shift> = ["Redirect=1", "Redirect=na"].iter().map(|text| text.parse().unwrap()).collect();
        let error = rows(1, 1, &twice).err().unwrap().to_string();
        assert_eq!(error, "Redirect=1:0.5 and Redirect=na:0.5 drift in the same column");
    }
}
