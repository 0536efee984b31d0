//! Stage 2: the rows judged (`validation.yaml`).

use crate::profile::Summary;
use crate::run::{Manifest, RunDir};
use crate::validation::{Status, Validation, judge};
use crate::{Error, Result, files};

/// Judges what was read and writes `validation.yaml`.
///
/// # Errors
/// When a check fails and that was not accepted, or when there is nothing to train on: the message says why, the file
/// has all findings.
pub fn validate(dir: &RunDir, manifest: &Manifest) -> Result<Validation> {
    let schema = dir.schema()?;
    let summary: Summary = files::read_json(&dir.file("ingest.json"))?;
    let mut validation = judge(&schema, &summary, &manifest.quality.checks);
    // Nobody can accept these: there would be no model.
    let [negative, positive] = summary.labels();
    let needed = 4 * u64::from(manifest.folds);
    let vectors = summary.vectors.min(summary.labelled());
    let hopeless = if vectors < needed {
        validation.fail(format!(
            "{} distinct vectors are too few for {} folds and a hold-out; {needed} are needed",
            vectors, manifest.folds
        ));
        true
    } else {
        negative == 0 || positive == 0
    };
    if validation.status == Status::Failed && !hopeless {
        validation.accepted_by.clone_from(&manifest.accepted_by);
    }
    let text = serde_yaml::to_string(&validation)
        .map_err(|e| Error::internal("the validation cannot be written as YAML").caused_by(e))?;
    let path = dir.file("validation.yaml");
    files::write_atomic(&path, text.as_bytes())?;
    if validation.stops() {
        let way_out = if hopeless {
            "push more rows".to_owned()
        } else {
            format!("correct the rows, or go on all the same: netsec-tui train --run {} --accept", dir.id)
        };
        return Err(Error::data(format!("validation failed: {}", validation.failures.join("; "))).hint(way_out));
    }
    Ok(validation)
}
