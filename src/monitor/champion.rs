//! The champion: the version in production, or the newest finished run as long as there is none.

use super::What;
use crate::Result;
use crate::dataset::Vectors;
use crate::event::{DataSummary, TestScores};
use crate::pipeline::read_split;
use crate::predict::Predictor;
use crate::promote::PRODUCTION;
use crate::registry::{Held, Registry};
use crate::run::{self, RunDir};
use crate::schema::Schema;
use crate::settings::Home;
use std::fmt;
use std::sync::Arc;

/// The model in use.
#[derive(Debug, Clone)]
pub enum Champion {
    /// The winner of a run of this home.
    Run(RunDir),
    /// A version of the registry. It needs no run: what it was trained on is known from the sides of its hold-out, what
    /// its rows looked like from its reference.
    Version(Arc<Held>),
}

impl fmt::Display for Champion {
    /// As in `run 7f3a21aa0004`, or `phishing v4 (run 7f3a21aa0004)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Champion::Run(dir) => write!(f, "run {}", dir.id),
            Champion::Version(held) => write!(f, "{} (run {})", held.bundle, self.run()),
        }
    }
}

impl Champion {
    /// The version in production, else the newest finished run; none before the first. Where the registry cannot be
    /// reached, the version is the one that was in production when it could be last.
    ///
    /// # Errors
    /// When it is not known whether a version is in production, or the version is damaged.
    pub async fn find(home: &Home, registry: &Registry) -> Result<Option<Self>> {
        match registry.holder(PRODUCTION).await? {
            Some(held) => Ok(Some(Self::Version(Arc::new(held)))),
            None => Ok(Self::newest(home)),
        }
    }

    /// The newest finished run; none before the first.
    pub fn newest(home: &Home) -> Option<Self> {
        run::newest_finished(home).ok().map(Self::Run)
    }

    /// The id of its run, which need not be in this home.
    pub fn run(&self) -> &str {
        match self {
            Champion::Run(dir) => &dir.id,
            Champion::Version(held) => &held.bundle.manifest.run,
        }
    }

    /// Its rows.
    pub fn what(&self) -> What {
        match self {
            Champion::Run(dir) => What::Run(dir.clone()),
            Champion::Version(held) => What::Version(Arc::clone(&held.bundle)),
        }
    }

    /// How old what is known of it is, where the registry cannot be reached.
    pub fn notice(&self) -> Option<String> {
        match self {
            Champion::Run(_) => None,
            Champion::Version(held) => held.notice(),
        }
    }

    /// The schema of its rows.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn schema(&self) -> Result<Schema> {
        match self {
            Champion::Run(dir) => dir.schema(),
            Champion::Version(held) => held.bundle.schema(),
        }
    }

    /// Its model, ready to score.
    ///
    /// # Errors
    /// When a file of it cannot be read.
    pub fn predictor(&self) -> Result<Predictor> {
        match self {
            Champion::Run(dir) => Predictor::load(dir, None),
            Champion::Version(held) => held.predictor(),
        }
    }

    /// Its scores on its hold-out, and how many rows there were; none where a run has no report.
    pub(super) fn tested(&self, predictor: &Predictor) -> Result<Option<(TestScores, DataSummary)>> {
        Ok(match self {
            Champion::Run(dir) => {
                let report = dir.report()?;
                report.and_then(|report| Some((report.model(predictor.family)?.test.clone(), report.data)))
            }
            Champion::Version(held) => {
                let manifest = &held.bundle.manifest;
                Some((manifest.scores.test.clone(), manifest.data.summary.clone()))
            }
        })
    }

    /// The vectors that were held out from it; of a large version a sample.
    pub(super) fn held_out(&self, schema: &Schema) -> Result<Vectors> {
        match self {
            Champion::Run(dir) => Ok(read_split(&dir.file("test.parquet"), schema)?.vectors),
            Champion::Version(held) => held.bundle.held_out(schema),
        }
    }
}
