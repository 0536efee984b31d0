//! What the training rows of a version looked like: distributions over all of them, and some of their vectors.

use crate::pipeline::{self, read_split};
use crate::predict::Sample;
use crate::profile::{Profile, Summary};
use crate::random::Stream;
use crate::schema::Schema;
use crate::{Error, Result};
use std::path::Path;

/// Vectors that go into a bundle; a random sample where the run has more.
const VECTORS: usize = 50_000;
/// Under this name the distributions stand in the file's metadata.
const SUMMARY: &str = "netsec.summary";

/// How much of a run's vectors a reference has; none where it has all of them.
pub(super) fn sample(vectors: u64) -> Option<Sample> {
    (vectors > VECTORS as u64).then_some(Sample { vectors: VECTORS as u64, of: vectors })
}

/// Writes the reference of a run's snapshot.
///
/// # Errors
/// When the snapshot cannot be read, or the disk refuses the file.
pub(super) fn write(path: &Path, schema: &Schema, snapshot: &Path) -> Result<()> {
    let all = read_split(snapshot, schema)?.vectors;
    let summary = serde_json::to_string(&Profile::of_vectors(schema, &all).summary)
        .map_err(|e| Error::internal("the summary of the rows cannot be written as JSON").caused_by(e))?;
    let (mut picked, mut others) = (Vec::new(), Vec::new());
    Stream::new(0, &["reference"]).pick(all.len() as u32, VECTORS as u32, &mut picked, &mut others);
    let kept = all.take(&picked.into_iter().map(|row| row as usize).collect::<Vec<_>>());
    pipeline::write_split_noted(path, schema, &kept, &[], vec![(SUMMARY.to_owned(), summary)])
}

/// The profile of the rows that a version is from. Its kept rows are those behind the reference's vectors.
///
/// # Errors
/// When the file is missing or damaged.
pub(super) fn profile(path: &Path, schema: &Schema) -> Result<Profile> {
    let damaged = || Error::data(format!("{}: the summary of the rows is damaged", path.display()));
    let note = pipeline::read_note(path, SUMMARY)?.ok_or_else(damaged)?;
    let summary: Summary = serde_json::from_str(&note).map_err(|e| damaged().caused_by(e))?;
    if summary.columns.len() != schema.columns().count() {
        return Err(damaged());
    }
    let kept = Profile::of_vectors(schema, &read_split(path, schema)?.vectors);
    Ok(Profile { summary, ..kept })
}
