//! What a version says of itself.

use crate::drift::DriftReport;
use crate::event::{DataSummary, Family, Params, TestScores};
use crate::metrics::Wish;
use crate::store::Window;
use crate::{Error, Result, files};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format of bundles that this version writes, and the only one it reads.
pub const VERSION: u32 = 1;

/// The model's file in a bundle.
pub const MODEL: &str = "model.json";
/// The fitted imputer and encoders.
pub const PREPROCESSOR: &str = "preprocessor.json";
/// The schema of the rows.
pub const SCHEMA: &str = "schema.yaml";
/// The report of the run.
pub const REPORT: &str = "report.json";
/// What the training rows looked like, and some of them.
pub const REFERENCE: &str = "reference.parquet";
/// The files of a bundle beside its manifest, in the order in which they are uploaded.
pub const FILES: [&str; 5] = [PREPROCESSOR, SCHEMA, REPORT, REFERENCE, MODEL];
/// The manifest's own name.
pub const MANIFEST: &str = "manifest.yaml";

/// Tells a file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileHash {
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// The rows that a version is from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The hosts of the MongoDB deployment that they were read from; none for an embedded store.
    pub store: Option<String>,
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
    /// The time in which they were stored.
    pub window: Window,
    /// How many there were.
    pub summary: DataSummary,
}

/// What went into a version, by SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hashes {
    /// The distinct vectors and their label counts.
    pub data: String,
    /// `schema.yaml`.
    pub schema: String,
    /// Seed, folds, hold-out, imputation, calibration, bounds, search spaces.
    pub settings: String,
}

/// How the hold-out was chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// Mixed into the hash of every vector.
    pub salt: String,
    /// The share of the vectors.
    pub share: f64,
}

/// The scores of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// Mean F1 on the folds.
    pub cv_f1: f64,
    /// Its standard deviation.
    pub cv_sd: f64,
    /// Those on the hold-out at the version's threshold, with 95 % intervals.
    pub test: TestScores,
}

/// How the rows were judged before training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Who went on in spite of a failed validation.
    pub accepted_by: Option<String>,
    /// Whether the data set had drifted from the reference of its time; none where that could not be told, or there
    /// was no reference.
    pub drifted: Option<bool>,
    /// What the drift was measured against.
    pub reference: Option<String>,
}

impl Judged {
    /// From the run's own files.
    pub fn new(accepted_by: Option<String>, drift: Option<&DriftReport>) -> Self {
        Self {
            accepted_by,
            drifted: drift.and_then(|report| report.dataset_drift),
            reference: drift.map(|report| report.reference.name.clone()),
        }
    }
}

/// Who made a version, where and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// The login name.
    pub user: String,
    /// The host.
    pub host: String,
    /// RFC 3339 in UTC.
    pub at: String,
}

impl Made {
    /// By whoever runs this, now.
    pub fn now() -> Self {
        Self { user: crate::who::user(), host: crate::who::host(), at: crate::now() }
    }
}

/// A version's manifest: data only, and written last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleManifest {
    /// Format number.
    pub v: u32,
    /// The model's name.
    pub name: String,
    /// The version, from 1.
    pub version: u32,
    /// Names the files: the SHA-256 of their names and hashes. Equal bundles have equal ones.
    pub digest: String,
    /// The family.
    pub family: Family,
    /// The parameters.
    pub params: Params,
    /// The probability from which a row is called positive.
    pub threshold: f64,
    /// What the threshold was chosen for; none for the default one.
    pub wish: Option<Wish>,
    /// The words for the labels: negative, positive.
    pub labels: [String; 2],
    /// The scores.
    pub scores: Scores,
    /// The rows.
    pub data: Data,
    /// What went into it.
    pub hashes: Hashes,
    /// The hold-out.
    pub holdout: Holdout,
    /// The run's seed.
    pub seed: u64,
    /// How the rows were judged.
    pub judged: Judged,
    /// The run.
    pub run: String,
    /// When the run was asked for, and by whom.
    pub trained: Made,
    /// When the version was registered, and by whom.
    pub registered: Made,
    /// The version of netsec that packed it.
    pub netsec: String,
    /// The files beside this one.
    pub files: BTreeMap<String, FileHash>,
}

impl BundleManifest {
    /// Reads a manifest. `place` names it in messages.
    ///
    /// # Errors
    /// When it is not a manifest, of another format, or names other files than a bundle has.
    pub fn parse(text: &[u8], place: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        let manifest: Self = serde_yaml::from_slice(text).map_err(|e| match serde_yaml::from_slice(text) {
            Ok(Versioned { v }) if v != VERSION => {
                let way_out = if v > VERSION { "use the netsec that wrote it" } else { "register the run again" };
                Error::data(format!("{place}: bundle format {v}; this netsec reads format {VERSION}")).hint(way_out)
            }
            _ => crate::settings::yaml_error(place, &e),
        })?;
        if manifest.v != VERSION {
            return Err(Error::data(format!("{place}: bundle format {}; this netsec reads {VERSION}", manifest.v)));
        }
        if !manifest.files.keys().map(String::as_str).eq(sorted(FILES)) {
            return Err(Error::data(format!("{place}: it does not name the files of a bundle"))
                .hint(format!("they are {}", FILES.join(", "))));
        }
        let digest = digest(&manifest.files);
        if digest != manifest.digest {
            return Err(Error::data(format!("{place}: the digest does not fit the hashes of the files"))
                .hint("the manifest was changed after it was written: do not use this version"));
        }
        Ok(manifest)
    }

    /// As it is written.
    ///
    /// # Errors
    /// When it cannot be written as YAML.
    pub fn to_yaml(&self) -> Result<String> {
        serde_yaml::to_string(self)
            .map_err(|e| Error::internal("the bundle's manifest cannot be written as YAML").caused_by(e))
    }
}

fn sorted(mut names: [&'static str; 5]) -> [&'static str; 5] {
    names.sort_unstable();
    names
}

/// Names the files of a bundle: the SHA-256 of a line `HASH  NAME` for each, in order, as `sha256sum` prints them.
pub fn digest(all: &BTreeMap<String, FileHash>) -> String {
    let lines: String = all.iter().map(|(name, of)| format!("{}  {name}\n", of.sha256)).collect();
    files::sha256_hex(lines.as_bytes())
}
