//! The hold-out that challenger and champion have in common, as each of them reads it.
//!
//! Of the champion only its bundle is at hand, not its training rows. The side of a vector under the champion's salt and
//! share tells as much: what was held out there was not trained on, whatever rows there were.

use crate::Result;
use crate::compare::{check_schemas, is_lost, read_by, row};
use crate::dataset::{Cells, Vectors, hash_vector, is_holdout};
use crate::schema::{Schema, Value};

/// How the champion reads rows, and how it chose its hold-out.
#[derive(Debug, Clone, Copy)]
pub struct ChampionSide<'a> {
    /// What it is called in messages: `version 3`.
    pub name: &'a str,
    /// Its schema.
    pub schema: &'a Schema,
    /// The salt of its vectors' hashes.
    pub salt: &'a str,
    /// The share of the vectors that was held out.
    pub holdout: f64,
}

/// The vectors that neither was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct Common {
    /// As the champion reads them; hashes are those of the challenger.
    pub champion: Vectors,
    /// As the challenger reads them: the same vectors in the same order, with the same counts.
    pub challenger: Vectors,
    /// Vectors of the challenger's hold-out that are left out: the champion may have been trained on them.
    pub left_out: u64,
    /// Vectors with a value that the champion's schema does not know: it takes it as missing.
    pub unknown: u64,
}

/// Finds them among the vectors of the challenger's hold-out, `test`, read by its `schema`. `name` is what it is called
/// in messages: `run 4f2a11`.
///
/// A vector counts as one that the champion may have been trained on by the hash of what the champion reads: a value
/// that its schema does not know was missing to it then too.
///
/// # Errors
/// When the two have different columns, or do not call the same label positive.
pub fn common(champion: &ChampionSide<'_>, name: &str, schema: &Schema, test: &Vectors) -> Result<Common> {
    check_schemas([champion.name, name], [champion.schema, schema])?;
    let mut found = Common {
        champion: Vectors::empty(champion.schema),
        challenger: Vectors::empty(schema),
        left_out: 0,
        unknown: 0,
    };
    for i in 0..test.len() {
        let values = row(test, i);
        let read = read_by(champion.schema, schema, &values);
        let held_out = is_holdout(&hash_vector(champion.schema, champion.salt, &read), champion.holdout);
        if !held_out {
            found.left_out += 1;
            continue;
        }
        found.unknown += u64::from(is_lost(&read, &values));
        for (vectors, values) in [(&mut found.champion, read), (&mut found.challenger, values)] {
            vectors.hash.push(test.hash[i]);
            vectors.counts.push(test.counts[i]);
            vectors.columns.iter_mut().zip(values).for_each(|(cells, value): (&mut Cells, Value)| cells.push(value));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
