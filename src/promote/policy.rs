//! What is asked of a challenger: `config/promotion.yaml`.

use crate::error::IoContext;
use crate::{Error, Result};
use serde::de::{Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// The policy that is built into the program.
pub const BUILT_IN: &str = include_str!("../../config/promotion.yaml");

/// Scores that a challenger has at least, 0 to 1, on the hold-out of its run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Minimum {
    /// F1 of the positive class.
    #[serde(deserialize_with = "share")]
    pub f1: f64,
    /// Share of the positive rows that it calls so.
    #[serde(deserialize_with = "share")]
    pub recall: f64,
    /// Share of the rows it calls positive that are.
    #[serde(deserialize_with = "share")]
    pub precision: f64,
}

impl Default for Minimum {
    fn default() -> Self {
        Self { f1: 0.88, recall: 0.85, precision: 0.85 }
    }
}

/// The parsed file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// How often a challenger that is no worse may be refused, .001 to .2; for recall and F1 taken together.
    #[serde(deserialize_with = "level")]
    pub level: f64,
    /// Resamples behind the bounds and the p-values, 2,000 to 100,000.
    #[serde(deserialize_with = "resamples")]
    pub resamples: usize,
    /// Vectors with positive rows below which nothing is said.
    #[serde(deserialize_with = "vectors")]
    pub positive_vectors: u64,
    /// Scores that the challenger has at least.
    pub minimum: Minimum,
    /// Greatest expected calibration error, 0 to 1.
    #[serde(deserialize_with = "share")]
    pub ece: f64,
    /// Whether a challenger is refused whose training rows had drifted from the champion's.
    pub refuse_drift: bool,
    /// Whether a challenger is refused whose rows failed validation and were accepted by someone.
    pub refuse_override: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            level: 0.05,
            resamples: 4_000,
            positive_vectors: 100,
            minimum: Minimum::default(),
            ece: 0.08,
            refuse_drift: true,
            refuse_override: true,
        }
    }
}

impl Policy {
    /// Reads a file, or the built-in one.
    ///
    /// # Errors
    /// When it cannot be read, or holds an unknown key or a value that cannot be: the message names file and line.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        match path {
            None => Self::parse(BUILT_IN, "built-in promotion.yaml"),
            Some(path) => {
                let text = std::fs::read_to_string(path).at("reading what is asked of a challenger", path)?;
                Self::parse(&text, &path.display().to_string())
            }
        }
    }

    /// Reads it from text; `origin` names it in messages.
    ///
    /// # Errors
    /// As [`Policy::load`].
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        // An empty file asks for nothing else than the built-in one.
        let read: Option<Self> = serde_yaml::from_str(text).map_err(|e| -> Error {
            crate::settings::yaml_error(origin, &e).hint("config/promotion.yaml shows the form of the file")
        })?;
        Ok(read.unwrap_or_default())
    }
}

/// A number within bounds. It is checked while it is read: what is said of it then names its line.
struct Within {
    from: f64,
    to: f64,
    what: &'static str,
}

impl Visitor<'_> for Within {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {} to {}", self.what, self.from, self.to)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<f64, E> {
        let fits = (self.from..=self.to).contains(&value);
        if fits { Ok(value) } else { Err(E::invalid_value(Unexpected::Float(value), &self)) }
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<f64, E> {
        let fits = (self.from..=self.to).contains(&(value as f64));
        if fits { Ok(value as f64) } else { Err(E::invalid_value(Unexpected::Unsigned(value), &self)) }
    }
}

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    from.deserialize_f64(Within { from: 0.0, to: 1.0, what: "a share" })
}

fn level<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    from.deserialize_f64(Within { from: 0.001, to: 0.2, what: "a level" })
}

fn resamples<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    // So many, and no fewer, that half of the smallest level can be reached.
    from.deserialize_u64(Within { from: 2_000.0, to: 100_000.0, what: "a number" }).map(|n| n as usize)
}

fn vectors<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    from.deserialize_u64(Within { from: 1.0, to: 1e9, what: "a number" }).map(|n| n as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_is_what_is_asked_without_one() {
        assert_eq!(Policy::load(None).unwrap(), Policy::default());
        assert_eq!(Policy::parse("# nothing\n", "p.yaml").unwrap(), Policy::default());
    }

    #[test]
    fn a_file_changes_what_it_names_and_nothing_else() {
        let text = "minimum: {recall: 1}\nrefuse_drift: false\npositive_vectors: 30\n";
        let policy = Policy::parse(text, "p.yaml").unwrap();
        let expected = Policy {
            minimum: Minimum { recall: 1.0, ..Minimum::default() },
            refuse_drift: false,
            positive_vectors: 30,
            ..Policy::default()
        };
        assert_eq!(policy, expected);
    }

    #[test]
    fn mistakes_name_the_file_the_line_and_the_way_out() {
        for (text, place, part) in [
            ("level: 0.05\nresample: 4000\n", "line 2", "resample"),
            ("minimum:\n  f1: 0.9\n  recal: 0.9\n", "line 3", "recal"),
            ("minimum:\n  f1: 0.9\n  recall: 90\n", "line 3", "a share from 0 to 1"),
            ("level: 0.05\nece: -0.1\n", "line 2", "a share from 0 to 1"),
            ("ece: .nan\n", "line 1", "a share from 0 to 1"),
            ("level: 0.5\n", "line 1", "a level from 0.001 to 0.2"),
            ("\nresamples: 10\n", "line 2", "a number from 2000 to 100000"),
            ("positive_vectors: 0\n", "line 1", "a number from 1"),
            ("positive_vectors: 0.5\n", "line 1", "positive_vectors"),
            ("refuse_drift: 2\n", "line 1", "refuse_drift"),
            ("level: 0.05\nlevel: 0.01\n", "line", "level"),
        ] {
            let error = Policy::parse(text, "p.yaml").unwrap_err();
            let message = error.to_string();
            assert!(message.starts_with("p.yaml, ") && message.contains(place) && message.contains(part), "{message}");
            assert!(error.hint_text().is_some_and(|hint| hint.contains("promotion.yaml")), "{error:?}");
        }
        let missing = Policy::load(Some(Path::new("/nowhere/p.yaml"))).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/p.yaml"), "{missing}");
    }
}
