//! Validation: whether rows are fit to be trained on. Bounds stand in `config/validation.yaml`.

use crate::drift::Limits;
use crate::error::IoContext;
use crate::profile::Summary;
use crate::schema::Schema;
use crate::{Error, Result};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The bounds that are built into the program.
pub const BUILT_IN: &str = include_str!("../config/validation.yaml");

/// Bounds on a measured value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Beyond it there is a warning.
    #[serde(default)]
    pub warn: Option<f64>,
    /// Beyond it the rows are not trained on.
    #[serde(default)]
    pub fail: Option<f64>,
}

/// The bounds of each check.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Share of the rows without a value, in any feature.
    pub missing: Bounds,
    /// Share of the rows that the schema refuses.
    pub refused: Bounds,
    /// Share of the rows without a target.
    pub unlabelled: Bounds,
    /// Number of features with one value only.
    pub constant: Bounds,
    /// Number of columns that the schema does not know.
    pub unknown: Bounds,
    /// Share of the rows that repeat another's vector.
    pub duplicates: Bounds,
    /// Share of the distinct vectors that carry both labels.
    pub conflicts: Bounds,
    /// Share of the rarer label among the labelled rows: the bound is the least, not the most.
    pub minority: Bounds,
}

/// The parsed file.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// When rows are not fit to be trained on.
    #[serde(default)]
    pub checks: Checks,
    /// When rows have drifted.
    #[serde(default)]
    pub drift: Limits,
}

impl Quality {
    /// Reads a file, or the built-in one.
    ///
    /// # Errors
    /// When it cannot be read, or holds something unknown or a share that is none: the message names the place.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        match path {
            None => Self::parse(BUILT_IN, "built-in validation.yaml"),
            Some(path) => {
                let text = std::fs::read_to_string(path).at("reading the bounds of validation", path)?;
                Self::parse(&text, &path.display().to_string())
            }
        }
    }

    fn parse(text: &str, origin: &str) -> Result<Self> {
        let quality: Self = serde_yaml::from_str(text).map_err(|e| crate::settings::yaml_error(origin, &e))?;
        let Checks { missing, refused, unlabelled, constant, unknown, duplicates, conflicts, minority } =
            quality.checks;
        let shares = [
            ("missing", missing),
            ("refused", refused),
            ("unlabelled", unlabelled),
            ("duplicates", duplicates),
            ("conflicts", conflicts),
            ("minority", minority),
        ];
        let Limits { js, target_js, wasserstein, p, share } = quality.drift;
        let wrong = shares
            .into_iter()
            .flat_map(|(name, bounds)| {
                [(format!("checks.{name}.warn"), bounds.warn), (format!("checks.{name}.fail"), bounds.fail)]
            })
            .chain(
                [("js", js), ("target_js", target_js), ("p", p), ("share", share)]
                    .map(|(n, v)| (format!("drift.{n}"), Some(v))),
            )
            .find(|(_, value)| value.is_some_and(|value| !(0.0..=1.0).contains(&value)))
            .or_else(|| {
                [("checks.constant", constant), ("checks.unknown", unknown)]
                    .into_iter()
                    .flat_map(|(name, bounds)| {
                        [(format!("{name}.warn"), bounds.warn), (format!("{name}.fail"), bounds.fail)]
                    })
                    .chain([("drift.wasserstein".to_owned(), Some(wasserstein))])
                    .find(|(_, value)| value.is_some_and(|value| value.is_nan() || value < 0.0))
            });
        match wrong {
            Some((name, value)) => Err(Error::config(format!(
                "{origin}: {name} is {}, which is no {}",
                value.unwrap_or_default(),
                if name.contains("constant") || name.contains("unknown") { "count" } else { "share from 0 to 1" }
            ))
            .hint("config/validation.yaml shows the form of the file")),
            None => Ok(quality),
        }
    }
}

/// How a validation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to say.
    Passed,
    /// Worth a look.
    Warned,
    /// Not fit to be trained on.
    Failed,
}

impl Status {
    /// The word shown and written.
    pub fn word(self) -> &'static str {
        match self {
            Status::Passed => "passed",
            Status::Warned => "passed with warnings",
            Status::Failed => "failed",
        }
    }
}

/// The findings for a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ColumnCheck {
    /// Whether any row has the column.
    pub present: bool,
    /// Share of the accepted rows without a value, 0 to 1.
    pub missing: f64,
    /// Cells that the schema refuses.
    pub refused: u64,
    /// Whether all values are the same one.
    pub constant: bool,
}

/// The findings (`validation.yaml`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// How it ended.
    pub status: Status,
    /// Rows read.
    pub rows: u64,
    /// Rows that can be trained on: accepted, with a label.
    pub labelled: u64,
    /// Accepted rows without a target.
    pub unlabelled: u64,
    /// Rows that the schema refuses.
    pub refused: u64,
    /// The refusals, by reason.
    pub reasons: BTreeMap<String, u64>,
    /// Accepted rows that repeat another's vector.
    pub duplicate_rows: u64,
    /// Distinct vectors.
    pub vectors: u64,
    /// Distinct vectors with both labels.
    pub conflicting_vectors: u64,
    /// Whether the counts of vectors are exact; beyond a million of them they are estimates.
    pub exact: bool,
    /// Labelled rows of the positive class.
    pub positive_rows: u64,
    /// Each column, features first, in the order of the schema.
    pub columns: IndexMap<String, ColumnCheck>,
    /// Columns that the schema does not know.
    pub unknown: Vec<String>,
    /// What is worth a look, in words.
    pub warnings: Vec<String>,
    /// What speaks against training, in words.
    pub failures: Vec<String>,
    /// Who went on in spite of the failures.
    #[serde(default)]
    pub accepted_by: Option<String>,
}

struct Findings {
    warnings: Vec<String>,
    failures: Vec<String>,
}

impl Findings {
    /// Files a sentence about a value that is beyond its bounds.
    fn above(&mut self, value: f64, bounds: Bounds, text: impl FnOnce() -> String) {
        self.file(bounds.fail.is_some_and(|b| value > b), bounds.warn.is_some_and(|b| value > b), text);
    }

    fn below(&mut self, value: f64, bounds: Bounds, text: impl FnOnce() -> String) {
        self.file(bounds.fail.is_some_and(|b| value < b), bounds.warn.is_some_and(|b| value < b), text);
    }

    fn file(&mut self, fails: bool, warns: bool, text: impl FnOnce() -> String) {
        match (fails, warns) {
            (true, _) => self.failures.push(text()),
            (false, true) => self.warnings.push(text()),
            (false, false) => {}
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn list(names: &[&str]) -> String {
    let more = if names.len() > 5 { format!(" and {} more", names.len() - 5) } else { String::new() };
    format!("{}{more}", names.iter().take(5).copied().collect::<Vec<_>>().join(", "))
}

/// Judges rows by their profile.
pub fn judge(schema: &Schema, profile: &Summary, checks: &Checks) -> Validation {
    let mut found = Findings { warnings: Vec::new(), failures: Vec::new() };
    let accepted = profile.accepted();
    let of_rows = |n: u64| n as f64 / profile.rows.max(1) as f64;
    let of_accepted = |n: u64| n as f64 / accepted.max(1) as f64;
    if profile.rows == 0 {
        found.failures.push("there is no row".to_owned());
    }
    let mut columns = IndexMap::new();
    let names: Vec<&str> = schema.columns().map(|column| column.name.as_str()).collect();
    let mut absent = Vec::new();
    let mut constant = Vec::new();
    for (at, (name, column)) in names.iter().zip(&profile.columns).enumerate() {
        let check = ColumnCheck {
            present: column.present,
            missing: of_accepted(column.missing),
            refused: column.refused,
            constant: column.is_constant(),
        };
        columns.insert((*name).to_owned(), check);
        if !column.present && profile.rows > 0 {
            absent.push(*name);
        } else if at < schema.features.len() {
            found.above(check.missing, checks.missing, || {
                format!("{name} is missing in {} of the rows", percent(check.missing))
            });
            if check.constant {
                constant.push(*name);
            }
        }
    }
    if !absent.is_empty() {
        found.failures.insert(0, format!("no row has the column {}", list(&absent)));
    }
    found.above(constant.len() as f64, checks.constant, || format!("one value only: {}", list(&constant)));
    found.above(profile.unknown.len() as f64, checks.unknown, || {
        format!("not in the schema: {}", list(&profile.unknown.iter().map(String::as_str).collect::<Vec<_>>()))
    });
    found.above(of_rows(profile.refused), checks.refused, || {
        let most = profile.reasons.iter().max_by_key(|(_, n)| **n);
        let most = most.map_or_else(String::new, |(reason, n)| format!("; most often ({n}) {reason}"));
        format!("{} rows ({}) are refused by the schema{most}", profile.refused, percent(of_rows(profile.refused)))
    });
    let labelled = profile.labelled();
    let unlabelled = accepted - labelled;
    found.above(of_accepted(unlabelled), checks.unlabelled, || {
        format!("{unlabelled} rows ({}) have no target and are left out", percent(of_accepted(unlabelled)))
    });
    let (vectors, conflicting) = (profile.vectors, profile.conflicting);
    let duplicates = accepted - vectors;
    found.above(of_accepted(duplicates), checks.duplicates, || {
        format!("{} of the rows repeat the vector of another", percent(of_accepted(duplicates)))
    });
    let conflicts = conflicting as f64 / vectors.max(1) as f64;
    found.above(conflicts, checks.conflicts, || {
        format!("{conflicting} vectors ({}) carry both labels", percent(conflicts))
    });
    let [negative, positive] = profile.labels();
    if labelled > 0 {
        let rarer = schema.label(positive < negative);
        let share = negative.min(positive) as f64 / labelled as f64;
        if negative.min(positive) == 0 {
            found.failures.push(format!("no row is {rarer}: there is nothing to tell apart"));
        } else {
            found.below(share, checks.minority, || format!("only {} of the labelled rows are {rarer}", percent(share)));
        }
    } else if accepted > 0 {
        found.failures.push("no row has a target".to_owned());
    }
    let Findings { warnings, failures } = found;
    Validation {
        status: status(&warnings, &failures),
        rows: profile.rows,
        labelled,
        unlabelled,
        refused: profile.refused,
        reasons: profile.reasons.clone(),
        duplicate_rows: duplicates,
        vectors,
        conflicting_vectors: conflicting,
        exact: profile.exact,
        positive_rows: positive,
        columns,
        unknown: profile.unknown.clone(),
        warnings,
        failures,
        accepted_by: None,
    }
}

fn status(warnings: &[String], failures: &[String]) -> Status {
    match (failures.is_empty(), warnings.is_empty()) {
        (false, _) => Status::Failed,
        (true, false) => Status::Warned,
        (true, true) => Status::Passed,
    }
}

impl Validation {
    /// Reads what a run has found; none before it has looked.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        let Some(text) = crate::files::read_if_there(path)? else { return Ok(None) };
        serde_yaml::from_str(&text).map(Some).map_err(|e| crate::settings::yaml_error(&path.display().to_string(), &e))
    }

    /// Adds a failure.
    pub fn fail(&mut self, what: String) {
        self.failures.push(what);
        self.status = status(&self.warnings, &self.failures);
    }

    /// Whether it stops a run.
    pub fn stops(&self) -> bool {
        self.status == Status::Failed && self.accepted_by.is_none()
    }

    /// One page for people: what was found, and why it stops a run where it does.
    pub fn page(&self) -> String {
        let mut lines = vec![format!("validation {}", self.status.word())];
        lines.extend(self.failures.iter().map(|text| format!("  ✗ {text}")));
        lines.extend(self.warnings.iter().map(|text| format!("  ▲ {text}")));
        if let Some(who) = &self.accepted_by {
            lines.push(format!("  accepted by {who}"));
        }
        let about = if self.exact { "" } else { "about " };
        lines.push(format!(
            "rows {}: {} labelled, {} unlabelled, {} refused",
            self.rows, self.labelled, self.unlabelled, self.refused
        ));
        lines.push(format!(
            "distinct vectors {about}{}: {about}{} with both labels; {about}{} rows repeat another's vector",
            self.vectors, self.conflicting_vectors, self.duplicate_rows
        ));
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        if !reasons.is_empty() {
            lines.push("refused because".to_owned());
            lines.extend(reasons.iter().take(10).map(|(reason, n)| format!("  {n:>8}  {reason}")));
            if reasons.len() > 10 {
                lines.push(format!("  and {} more reasons", reasons.len() - 10));
            }
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests;
