//! What the Drift screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::drift::DriftReport;
use netsec::schema::Schema;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    Compare(Sides),
    /// Looks which version is in production.
    Production,
    /// Reads the report that a run has kept.
    Kept(String),
    Export(Arc<DriftReport>),
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    Compared(Result<Drifted, Notice>),
    /// The version in production, as a report's side is called; none without one, or where that is not known.
    Production(Option<String>),
    /// The report that a run has kept.
    Kept(Result<Drifted, Notice>),
    /// The files that a report was written to.
    Exported(Result<Vec<PathBuf>, Notice>),
}

/// Which rows are held against which, as they are named: none is the champion, and the default collection.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sides {
    pub reference: Option<String>,
    pub current: Option<String>,
}

/// A drift report, with the schema that knows what its columns mean.
#[derive(Debug, Clone)]
pub struct Drifted {
    pub report: Arc<DriftReport>,
    pub schema: Arc<Schema>,
    /// The version that was in production then, as a report's side is called.
    pub production: Option<String>,
}
