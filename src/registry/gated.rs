//! What the ledger keeps of the gate, and what a registration tells of itself while it is made.

use crate::metrics::Bounded;
use serde::{Deserialize, Serialize};

/// How a challenger fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// There is no champion, and the challenger has the minimum scores.
    First,
    /// Recall or F1 is higher than the champion's by more than chance explains, and neither is lower.
    Better,
    /// Neither is told from the champion's.
    NotDistinguishable,
    /// Recall or F1 is lower by more than chance explains.
    Worse,
    /// There are too few vectors of the positive class to tell.
    TooLittleData,
    /// A check failed that has nothing to do with the champion.
    Unfit,
}

/// Something that is asked of the challenger alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What: `recall`, `f1`, `precision`, `calibration`, `drift`, `validation`.
    pub name: String,
    /// Whether it is fulfilled.
    pub passed: bool,
    /// What was found, and what is asked, in a few words.
    pub detail: String,
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The outcome.
    pub outcome: Outcome,
    /// The outcome explained in one sentence.
    pub sentence: String,
    /// The champion's version; none where there is none.
    pub champion: Option<u32>,
    /// The difference in recall, on the positive rows; none without a champion, or without such rows.
    pub recall: Option<Bounded>,
    /// The difference in F1, on all rows; none without a champion, or without vectors.
    pub f1: Option<Bounded>,
    /// Vectors of the hold-out that neither was trained on; without a champion all of the challenger's own.
    pub vectors: u64,
    /// Those of them with positive rows.
    pub positive_vectors: u64,
    /// Vectors of the hold-out that were left out: the champion may have been trained on them.
    pub left_out: u64,
    /// What is asked of the challenger alone.
    pub checks: Vec<Check>,
}

impl Gate {
    /// Whether the challenger may be promoted without an override.
    pub fn passes(&self) -> bool {
        matches!(self.outcome, Outcome::First | Outcome::Better | Outcome::NotDistinguishable)
    }
}

/// How far a promotion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The bundle is being packed and judged.
    Gate,
    /// So many of so many bytes are uploaded.
    Upload(u64, u64),
    /// The upload is read back, and asked for the same predictions.
    Verify,
    /// The entry is being written into the ledger.
    Record,
}
