//! A time window over the moments at which documents were stored.

use crate::{Error, Result};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A time window over `_netsec.pushed_at`, the end exclusive. In files it is `FROM..TO`, and null where it is open at
/// both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(into = "Option<String>", try_from = "Option<String>")]
pub struct Window {
    /// First moment in it.
    pub from: Option<DateTime<Utc>>,
    /// First moment behind it.
    pub to: Option<DateTime<Utc>>,
}

impl Window {
    /// Whether every document is in it, also one that does not say when it was stored.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// A collection's name and the window behind it, from `NAME` or `NAME@FROM..TO`.
    ///
    /// # Errors
    /// When what stands behind the `@` is no time window.
    pub fn split(text: &str) -> Result<(&str, Self)> {
        match text.split_once('@') {
            Some((name, window)) => Ok((name, window.parse()?)),
            None => Ok((text, Self::default())),
        }
    }

    /// What stands behind a collection's name: `@FROM..TO`, or nothing where the window is open at both ends.
    pub fn suffix(&self) -> String {
        if self.is_open() { String::new() } else { format!("@{self}") }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |time: Option<DateTime<Utc>>| {
            time.map_or_else(String::new, |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        };
        write!(f, "{}..{}", text(self.from), text(self.to))
    }
}

impl FromStr for Window {
    type Err = Error;

    /// `FROM..TO`, dates or times in UTC, either of which may be left out.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = |what: String| {
            Error::user(format!("{text:?} is no time window: {what}")).hint(
                "write FROM..TO in UTC, the end exclusive, either may be left out: 2026-11-01..2026-11-08T12:00:00Z",
            )
        };
        let (from, to) = text.split_once("..").ok_or_else(|| wrong("there is no ..".to_owned()))?;
        let time = |text: &str| -> Result<Option<DateTime<Utc>>> {
            if text.is_empty() {
                return Ok(None);
            }
            let date = text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN).and_utc());
            let time = date.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()));
            let time = time.ok_or_else(|| wrong(format!("{text:?} is neither a date nor a time")))?;
            // RFC 3339 has no others, so that what is written down can be read again.
            match time.year() {
                0..=9999 => Ok(Some(time)),
                year => Err(wrong(format!("the year {year} is out of range"))),
            }
        };
        let window = Window { from: time(from)?, to: time(to)? };
        match (window.from, window.to) {
            (Some(from), Some(to)) if from >= to => Err(wrong("it ends before it begins".to_owned())),
            _ => Ok(window),
        }
    }
}

impl From<Window> for Option<String> {
    fn from(window: Window) -> Self {
        (!window.is_open()).then(|| window.to_string())
    }
}

impl TryFrom<Option<String>> for Window {
    type Error = Error;

    fn try_from(text: Option<String>) -> Result<Self> {
        text.map_or_else(|| Ok(Self::default()), |text| text.parse())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_understood_and_refused() {
        let window: Window = "2026-11-01..2026-11-08T12:30:00Z".parse().unwrap();
        assert_eq!(window.from.unwrap().to_rfc3339(), "2026-11-01T00:00:00+00:00");
        assert_eq!("2026-11-01..".parse::<Window>().unwrap().to, None);
        assert!("..".parse::<Window>().unwrap().is_open());
        for wrong in ["2026-11-01", "yesterday..", "2026-11-08..2026-11-01", "2026-13-01.."] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_window_comes_back_from_its_text_and_from_a_file() {
        let (name, window) = Window::split("NetworkData@2026-11-01..2026-11-08T12:30:00Z").unwrap();
        assert_eq!(name, "NetworkData");
        assert_eq!(window.suffix(), "@2026-11-01T00:00:00Z..2026-11-08T12:30:00Z");
        assert_eq!(window.to_string().parse::<Window>().unwrap(), window);
        for window in [window, Window::default()] {
            let text = serde_yaml::to_string(&window).unwrap();
            assert_eq!(serde_yaml::from_str::<Window>(&text).unwrap(), window, "{text}");
        }
        assert_eq!(Window::split("NetworkData").unwrap(), ("NetworkData", Window::default()));
        assert!(Window::split("NetworkData@soon").is_err());
    }
}
