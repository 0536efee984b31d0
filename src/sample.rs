//! Synthetic rows drawn from class-conditional frequency tables (`Network_Data/profile.yaml`): first the label, then
//! each feature given the label and one other feature.

mod drift;

pub use drift::Shift;

use crate::random::Stream;
use crate::source::Rows;
use crate::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Write;

/// The frequency tables that are built into the program.
const PROFILE: &str = include_str!("../Network_Data/profile.yaml");
/// The schema's column order; the profile's order is that of the dependencies.
const SCHEMA: &str = crate::schema::BUILT_IN;

/// Share of rows that repeat an earlier row.
const DUPLICATES: f64 = 0.18;
/// Share of those repetitions that carry the other label.
const CONFLICTS: f64 = 0.015;
/// Share of cells that are missing.
const MISSING: f64 = 0.004;
/// How many earlier rows a repetition may choose from: bounded, so that any number of rows takes the same memory.
const RECENT: usize = 2_048;

#[derive(Deserialize)]
struct Profile {
    target: String,
    positive: i64,
    prior: BTreeMap<i64, f64>,
    order: Vec<String>,
    features: BTreeMap<String, Feature>,
    #[allow(dead_code)]
    source: String,
}

#[derive(Deserialize)]
struct Feature {
    values: Vec<i64>,
    parent: Option<String>,
    table: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    result: i64,
    given: Option<i64>,
    p: Vec<f64>,
}

/// An endless stream of rows.
struct Generator {
    stream: Stream,
    labels: [(i64, f64); 2],
    /// In the order of the dependencies: column in the output, values, parent's column, and for each label and
    /// parent value the cumulative shares.
    features: Vec<Drawn>,
    width: usize,
    recent: Vec<Vec<i64>>,
    drawn: usize,
    drift: Vec<(Shift, Stream)>,
}

struct Drawn {
    column: usize,
    values: Vec<i64>,
    parent: Option<usize>,
    tables: BTreeMap<(i64, Option<i64>), Vec<f64>>,
}

/// The sample's columns, in the order of the built-in schema.
fn columns() -> Result<Vec<String>> {
    let schema = crate::schema::Schema::parse(SCHEMA, "built-in schema.yaml")?;
    Ok(schema.columns().map(|c| c.name.clone()).collect())
}

impl Generator {
    fn new(seed: u64, drift: &[Shift]) -> Result<Self> {
        for (i, shift) in drift.iter().enumerate() {
            if let Some(other) = drift[..i].iter().find(|other| other.meets(shift)) {
                return Err(Error::user(format!("{other} and {shift} drift in the same column"))
                    .hint("leave one of them out: which of them comes last would decide"));
            }
        }
        let defect = |what: &str| Error::internal(format!("built-in profile.yaml: {what}"));
        let profile: Profile = serde_yaml::from_str(PROFILE).map_err(|e| defect("not readable").caused_by(e))?;
        let columns = columns()?;
        let place = |name: &str| columns.iter().position(|c| c == name).ok_or_else(|| defect(name));
        let mut features = Vec::new();
        for name in &profile.order {
            let feature = profile.features.get(name).ok_or_else(|| defect(name))?;
            let tables = feature.table.iter().map(|line| {
                let total: f64 = line.p.iter().sum();
                let mut sum = 0.0;
                let cumulative = line.p.iter().map(|p| {
                    sum += p / total;
                    sum
                });
                ((line.result, line.given), cumulative.collect())
            });
            features.push(Drawn {
                column: place(name)?,
                values: feature.values.clone(),
                parent: feature.parent.as_deref().map(place).transpose()?,
                tables: tables.collect(),
            });
        }
        let share = *profile.prior.get(&profile.positive).ok_or_else(|| defect("no prior"))?;
        let other = *profile.prior.keys().find(|k| **k != profile.positive).ok_or_else(|| defect("one label"))?;
        if place(&profile.target)? != columns.len() - 1 || features.len() != columns.len() - 1 {
            return Err(defect("its columns are not the schema's"));
        }
        Ok(Self {
            stream: Stream::new(seed, &["sample"]),
            labels: [(profile.positive, share), (other, 1.0 - share)],
            features,
            width: columns.len(),
            recent: Vec::new(),
            drawn: 0,
            drift: drift.iter().map(|shift| (shift.clone(), shift.stream(seed))).collect(),
        })
    }

    fn fresh(&mut self) -> Vec<i64> {
        let label = if self.stream.unit() < self.labels[0].1 { self.labels[0].0 } else { self.labels[1].0 };
        let mut row = vec![0; self.width];
        row[self.width - 1] = label;
        for feature in &self.features {
            let given = feature.parent.map(|p| row[p]);
            let u = self.stream.unit();
            let at = feature
                .tables
                .get(&(label, given))
                .map_or(0, |shares| shares.iter().position(|s| u < *s).unwrap_or(feature.values.len() - 1));
            row[feature.column] = feature.values[at];
        }
        row
    }
}

impl Iterator for Generator {
    type Item = Vec<String>;

    fn next(&mut self) -> Option<Vec<String>> {
        let mut row = if !self.recent.is_empty() && self.stream.unit() < DUPLICATES {
            let at = self.stream.below(self.recent.len());
            let mut row = self.recent[at].clone();
            if self.stream.unit() < CONFLICTS {
                let label = &mut row[self.width - 1];
                *label = if *label == self.labels[0].0 { self.labels[1].0 } else { self.labels[0].0 };
            }
            row
        } else {
            self.fresh()
        };
        if self.recent.len() < RECENT {
            self.recent.push(row.clone());
        } else {
            self.recent[self.drawn % RECENT].clone_from(&row);
        }
        self.drawn += 1;
        let label = row.pop()?;
        let mut cells: Vec<String> = row
            .into_iter()
            .map(|v| if self.stream.unit() < MISSING { "na".to_owned() } else { v.to_string() })
            .collect();
        cells.push(label.to_string());
        for (shift, stream) in &mut self.drift {
            shift.apply(&mut cells, stream);
        }
        Some(cells)
    }
}

/// `count` synthetic rows, ready to be pushed. The same seed gives the same rows, and fewer rows are a prefix of more;
/// columns without drift are the same with and without it in the others.
///
/// # Errors
/// When a column drifts twice, or the built-in tables are broken.
pub fn rows(count: u64, seed: u64, drift: &[Shift]) -> Result<Rows> {
    let generator = Generator::new(seed, drift)?;
    // Rows that drift are another source: under the name of the others those that stayed would count as there already.
    let source = drift.iter().fold(format!("sample-{seed}"), |name, shift| format!("{name} {shift}"));
    Ok(Rows::generated(&source, columns()?, generator.take(usize::try_from(count).unwrap_or(usize::MAX))))
}

/// Writes `count` synthetic rows as CSV, in constant memory: those of [`rows`].
///
/// # Errors
/// When a column drifts twice, or the output refuses the rows.
pub fn write_csv(out: &mut dyn Write, count: u64, seed: u64, drift: &[Shift]) -> Result<()> {
    let unwritable = |e: std::io::Error| Error::remote("the sample cannot be written").caused_by(e);
    let mut generator = Generator::new(seed, drift)?;
    writeln!(out, "{}", columns()?.join(",")).map_err(unwritable)?;
    for _ in 0..count {
        if let Some(row) = generator.next() {
            writeln!(out, "{}", row.join(",")).map_err(unwritable)?;
        }
    }
    out.flush().map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(count: u64, seed: u64) -> String {
        let mut out = Vec::new();
        write_csv(&mut out, count, seed, &[]).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_committed_sample_is_what_the_generator_writes() {
        assert!(
            text(10_000, 1) == include_str!("../Network_Data/phishing_sample.csv"),
            "run: netsec-tui sample --rows 10000 --seed 1"
        );
    }

    #[test]
    fn fewer_rows_are_a_prefix_and_seeds_differ() {
        let more = text(300, 7);
        assert!(more.starts_with(&text(100, 7)));
        assert!(!more.starts_with(&text(100, 8)));
    }

    #[test]
    fn duplicates_conflicts_and_missing_cells_occur_in_realistic_shares() {
        let text = text(10_000, 1);
        let mut labels: BTreeMap<&str, std::collections::BTreeSet<&str>> = BTreeMap::new();
        let mut cells = 0;
        for line in text.lines().skip(1) {
            let (vector, label) = line.rsplit_once(',').unwrap();
            labels.entry(vector).or_default().insert(label);
            cells += vector.split(',').filter(|c| *c == "na").count();
        }
        let conflicting = labels.values().filter(|l| l.len() > 1).count();
        assert!((10..80).contains(&conflicting), "{conflicting}");
        assert!((5_000..9_000).contains(&labels.len()), "{}", labels.len());
        assert!((800..1_600).contains(&cells), "{cells}");
    }
}
