//! The vectors that none of several models was trained on, as each of them reads them.

use crate::dataset::{Cells, VectorHash, Vectors, hash_vector};
use crate::pipeline::read_split;
use crate::run::RunDir;
use crate::schema::{Schema, Value};
use crate::{Error, Result};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A run's two parts. The vectors of all runs are hashed with one salt: what they hold decides whether they are the
/// same, not how their run chose its hold-out.
pub(super) struct Parts {
    schema: Schema,
    train: HashMap<VectorHash, [u32; 2]>,
    test: Vectors,
}

impl Parts {
    /// Reads both parts of a run and hashes them with this salt.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub(super) fn read(dir: &RunDir, schema: &Schema, salt: &str) -> Result<Self> {
        let read = |name: &str| -> Result<Vectors> {
            let mut vectors = read_split(&dir.file(name), schema)?.vectors;
            vectors.hash = (0..vectors.len()).map(|i| hash_vector(schema, salt, &row(&vectors, i))).collect();
            Ok(vectors)
        };
        let train = read("train.parquet")?;
        Ok(Self {
            train: train.hash.into_iter().zip(train.counts).collect(),
            test: read("test.parquet")?,
            schema: schema.clone(),
        })
    }

    /// The labelled vectors of both parts.
    fn all(&self) -> HashMap<VectorHash, [u32; 2]> {
        let test = self.test.hash.iter().copied().zip(self.test.counts.iter().copied());
        self.train.iter().map(|(hash, counts)| (*hash, *counts)).chain(test).collect()
    }
}

/// The values of a vector.
pub(crate) fn row(vectors: &Vectors, i: usize) -> Vec<Value> {
    vectors.columns.iter().map(|cells| cells.get(i)).collect()
}

/// The vectors that no model was trained on.
pub(super) struct Unseen {
    /// As each model reads them: the same vectors in the same order, with the same counts.
    pub(super) sides: Vec<Vectors>,
    /// Vectors of any hold-out that another model was trained on.
    pub(super) left_out: u64,
    /// Vectors of which a side's schema does not know a value.
    pub(super) unknown: Vec<u64>,
    /// Whether all runs read the same labelled vectors.
    pub(super) same_data: bool,
    /// Whether all runs held out the same vectors.
    pub(super) same_holdout: bool,
}

/// Says why rows of one schema cannot be shown to a model of the other. `names` say whose schemas they are.
///
/// # Errors
/// When they have other columns, or call something else positive.
pub(crate) fn check_schemas(names: [&str; 2], [base, new]: [&Schema; 2]) -> Result<()> {
    let [base_name, new_name] = names;
    if !base.has_columns_of(new) {
        let lacks = |a: &Schema, b: &Schema| {
            let all: Vec<String> = a
                .columns()
                .filter(|c| b.column(&c.name).is_none_or(|other| other.kind != c.kind))
                .map(|c| c.name.clone())
                .collect();
            match all.len() {
                0 => "none".to_owned(),
                1..=3 => all.join(", "),
                n => format!("{} and {} more", all[..3].join(", "), n - 3),
            }
        };
        let (only_base, only_new) = (lacks(base, new), lacks(new, base));
        let how = if (only_base.as_str(), only_new.as_str()) == ("none", "none") {
            "the columns stand in another order".to_owned()
        } else {
            format!("only {base_name} has {only_base}, only {new_name} has {only_new}")
        };
        return Err(Error::user(format!(
            "{base_name} and {new_name} have schemas with different columns: no row can be shown to both models"
        ))
        .hint(how));
    }
    if [false, true].iter().any(|label| base.target_value(*label) != new.target_value(*label)) {
        return Err(Error::user(format!("{base_name} and {new_name} do not call the same label positive"))
            .hint(format!("{base_name}: {}, {new_name}: {}", base.positive_label, new.positive_label)));
    }
    Ok(())
}

/// Collects the vectors of all hold-outs without those that any of the models was trained on. `order` has the sides from
/// the oldest run to the newest, whose counts are taken where a vector is in several hold-outs.
pub(super) fn unseen(parts: &[&Parts], order: &[usize]) -> Unseen {
    let held: Vec<HashSet<&VectorHash>> = parts.iter().map(|part| part.test.hash.iter().collect()).collect();
    // By hash, as in the hold-out's file: of one hold-out the resamples are those of the run's report.
    let mut found: BTreeMap<VectorHash, (usize, usize)> = BTreeMap::new();
    let mut left_out = HashSet::new();
    for side in order {
        for (i, hash) in parts[*side].test.hash.iter().enumerate() {
            let others = parts.iter().enumerate().filter(|(other, _)| other != side);
            if others.map(|(_, part)| part).any(|part| part.train.contains_key(hash)) {
                left_out.insert(*hash);
            } else {
                found.insert(*hash, (*side, i));
            }
        }
    }
    let mut sides: Vec<Vectors> = parts.iter().map(|part| Vectors::empty(&part.schema)).collect();
    let mut unknown = vec![0; parts.len()];
    for (hash, (from, i)) in &found {
        let values = row(&parts[*from].test, *i);
        for (side, vectors) in sides.iter_mut().enumerate() {
            vectors.hash.push(*hash);
            vectors.counts.push(parts[*from].test.counts[*i]);
            let own = if side == *from {
                values.clone()
            } else {
                read_by(&parts[side].schema, &parts[*from].schema, &values)
            };
            unknown[side] += u64::from(is_lost(&own, &values));
            vectors.columns.iter_mut().zip(own).for_each(|(cells, value): (&mut Cells, Value)| cells.push(value));
        }
    }
    let first = parts.first().map(|part| part.all());
    Unseen {
        sides,
        left_out: left_out.len() as u64,
        unknown,
        same_data: parts.iter().skip(1).all(|part| Some(part.all()) == first),
        same_holdout: held.windows(2).all(|pair| pair[0] == pair[1]),
    }
}

/// Whether a vector as one schema reads it lacks a value that it has.
pub(crate) fn is_lost(own: &[Value], values: &[Value]) -> bool {
    own.iter().zip(values).any(|(own, value)| *own == Value::Missing && *value != Value::Missing)
}

/// Another schema's row in this one's codes: it may have other levels. What it does not know is missing, as it would be
/// in a row to predict.
pub(crate) fn read_by(own: &Schema, other: &Schema, values: &[Value]) -> Vec<Value> {
    own.features
        .iter()
        .zip(&other.features)
        .zip(values)
        .map(|((own, other), value)| own.recode(other, *value))
        .collect()
}

#[cfg(test)]
mod tests;
