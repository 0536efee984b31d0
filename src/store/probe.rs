//! Looking at a store step by step, so that what is wrong is told apart from what works.

use crate::{Error, Result};
use serde::Serialize;
use std::time::Instant;
use tokio::sync::mpsc;

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Passed,
    /// It works, and something about it should be known.
    Warned,
    /// There was nothing to try.
    Skipped,
    /// It does not work; the later steps make no sense.
    Failed,
}

impl Outcome {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Warned => "warning",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// What one step found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Probe {
    /// What was looked at, in a word or two.
    pub name: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// What was found, in lines; of a failure first what went wrong, then why.
    pub detail: Vec<String>,
    /// The way out, where one is known.
    pub hint: Option<String>,
    /// How long it took.
    pub milliseconds: f64,
}

/// What a step found, and what the next ones need of it.
pub(super) struct Found<T> {
    outcome: Outcome,
    detail: Vec<String>,
    hint: Option<String>,
    value: T,
}

impl<T> Found<T> {
    pub fn passed(detail: Vec<String>, value: T) -> Self {
        Self { outcome: Outcome::Passed, detail, hint: None, value }
    }

    pub fn skipped(why: impl Into<String>, value: T) -> Self {
        Self { outcome: Outcome::Skipped, detail: vec![why.into()], hint: None, value }
    }

    /// The same, with a warning: the lines of an error, and its way out.
    pub fn warned(mut self, warning: &Error) -> Self {
        self.outcome = Outcome::Warned;
        self.detail.extend(warning.chain());
        self.hint = warning.hint_text().map(str::to_owned);
        self
    }
}

/// Takes a step and says what it found. Nothing when it failed.
pub(super) async fn take<T>(
    out: &mpsc::Sender<Probe>,
    name: &'static str,
    work: impl Future<Output = Result<Found<T>>>,
) -> Option<T> {
    let begun = Instant::now();
    let result = work.await;
    let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
    let (outcome, detail, hint, value) = match result {
        Ok(found) => (found.outcome, found.detail, found.hint, Some(found.value)),
        Err(e) => (Outcome::Failed, e.chain(), e.hint_text().map(str::to_owned), None),
    };
    // Whoever does not listen any more has seen enough.
    out.send(Probe { name, outcome, detail, hint, milliseconds }).await.ok()?;
    value
}
