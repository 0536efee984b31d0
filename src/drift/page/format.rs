//! How text and numbers stand on the page: numbers as the console writes them.

use crate::form::{self, bare};
use chrono::{DateTime, Utc};

pub(super) use crate::form::{count, plural};

/// What stands where there is no number.
pub(super) const NONE: &str = "–";

/// Text from data, fit for an element and for a quoted attribute. Whatever cannot be seen, or would reorder what
/// stands around it, is shown as a replacement character.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in raw.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c if is_hidden(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// As [`text`], cut off at `most` characters: a level may be a whole document.
pub(super) fn short_text(raw: &str, most: usize) -> String {
    let mut out = text(&raw.chars().take(most).collect::<String>());
    if raw.chars().nth(most).is_some() {
        out.push('…');
    }
    out
}

/// A score or an effect: `.943`.
pub(super) fn score(value: f64) -> String {
    if value.is_finite() { form::score(value) } else { NONE.to_owned() }
}

/// A number as it was set: `.1`.
pub(super) fn setting(value: f64) -> String {
    bare(&value.to_string())
}

/// See [`score`].
pub(super) fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| NONE.to_owned(), score)
}

/// A threshold: as many digits as it takes not to look like 0 or 1.
pub(super) fn threshold(value: f64) -> String {
    if !(value > 0.0 && value < 1.0) {
        return score(value);
    }
    let texts = (3..8).map(|digits| format!("{value:.digits$}"));
    let telling = texts.into_iter().find(|text| text.starts_with('0') && text.chars().any(|c| c != '0' && c != '.'));
    bare(&telling.unwrap_or_else(|| value.to_string()))
}

/// A p-value: `.012`, or `<.001`, escaped.
pub(super) fn p(value: Option<f64>) -> String {
    match value {
        Some(p) if p < 0.001 => "&lt;.001".to_owned(),
        Some(p) => score(p),
        None => NONE.to_owned(),
    }
}

/// A share of 1: `12.4 %`; none at all is `0 %`.
pub(super) fn share(value: Option<f64>) -> String {
    match value {
        Some(value) if (value * 100.0).is_finite() => form::share(value),
        _ => NONE.to_owned(),
    }
}

/// A part of a whole; none of nothing.
pub(super) fn part(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A time in UTC to the minute, escaped; what is no time stays as it is.
pub(super) fn time(at: &str) -> String {
    match DateTime::parse_from_rfc3339(at) {
        Ok(time) => time.with_timezone(&Utc).format("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => text(at),
    }
}
