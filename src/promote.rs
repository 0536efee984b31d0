//! Promotion: a challenger is held against the champion, uploaded, verified, and recorded.

mod consider;
mod gate;
mod holdout;
mod moves;
mod policy;
#[cfg(test)]
mod uci;
mod words;

pub use crate::metrics::Bounded;
pub use crate::registry::{Check, Gate, Outcome, Step};
pub use consider::{Considered, consider};
pub use moves::{annotate, promote, refusal, retire, rollback};
pub use policy::{BUILT_IN, Minimum, Policy};

use crate::event::Family;
use crate::registry::{Entry, Scores};
use crate::run::RunDir;
use serde::Serialize;

/// The alias of the model that is in use.
pub const PRODUCTION: &str = "production";

/// What is to be promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// The winner of a finished run, or its model of a family.
    Run(RunDir, Option<Family>),
    /// A version of the registry.
    Version(u32),
}

/// A challenger in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    /// Its run.
    pub run: String,
    /// Its family.
    pub family: Family,
    /// Its version; none where it is not registered yet.
    pub version: Option<u32>,
    /// Its scores.
    pub scores: Scores,
}

/// A challenger, and what the gate says of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// The model's name: what is typed to confirm.
    pub name: String,
    /// The alias that is to be moved.
    pub alias: String,
    /// The challenger.
    pub subject: Subject,
    /// The version that the alias is on; none where it is on none.
    pub champion: Option<u32>,
    /// What the gate says.
    pub gate: Gate,
}

/// A promotion that was made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promoted {
    /// The version.
    pub version: u32,
    /// The entry that made it so: an older one, where the alias was there already.
    pub entry: Entry,
    /// Whether the alias was there already: nothing was recorded.
    pub already: bool,
    /// What should be known beside that.
    pub notes: Vec<String>,
}
