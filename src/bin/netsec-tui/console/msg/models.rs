//! What the Models screen asks for, and what it is told.

use super::JobId;
use crate::console::clean::clean;
use crate::console::format::short_id;
use crate::console::load::Notice;
use crate::context::Context;
use netsec::event::Family;
use netsec::promote::{Judgement, Promoted, Step};
use netsec::registry::{Entry, Overview, Verified};

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    /// Reads all that the registry holds.
    Read,
    /// Holds a challenger against whatever the alias is on. What was packed for it is kept for the job.
    Consider(Challenger, String),
    /// Moves the alias to the challenger of this question.
    Promote {
        judged: JobId,
        reason: String,
        overridden: Option<String>,
    },
    Rollback {
        alias: String,
        to: u32,
        reason: String,
    },
    Retire(u32, String),
    Annotate(u32, String),
    /// Holds every object against every hash.
    Verify,
}

/// What is to be promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenger {
    /// A finished run's winner, or its model of a family.
    Run(String, Option<Family>),
    Version(u32),
}

impl Challenger {
    /// In words: `v4`, `run 9c01d2`.
    pub fn name(&self) -> String {
        match self {
            Challenger::Run(id, None) => format!("run {}", short_id(id)),
            Challenger::Run(id, Some(family)) => format!("run {} {}", short_id(id), family.code()),
            Challenger::Version(n) => format!("v{n}"),
        }
    }
}

impl Ask {
    /// The answer where nothing may be changed, if this would change something.
    pub fn refused(&self, why: impl FnOnce() -> Notice) -> Option<Answer> {
        match self {
            Ask::Promote { .. } | Ask::Rollback { .. } | Ask::Retire(..) | Ask::Annotate(..) => {
                Some(Answer::Changed(Err(why())))
            }
            Ask::Read | Ask::Consider(..) | Ask::Verify => None,
        }
    }
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    Read(Result<Box<Overview>, Notice>),
    Considered(Result<Box<Judgement>, Notice>),
    /// How far a change is.
    Step(Step),
    Changed(Result<Changed, Notice>),
    Verified(Result<Verified, Notice>),
}

/// What was changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Changed {
    /// An alias was moved.
    Moved(Box<Promoted>),
    /// An entry was written.
    Noted(Box<Entry>),
}

impl Changed {
    pub fn entry(&self) -> &Entry {
        match self {
            Changed::Moved(promoted) => &promoted.entry,
            Changed::Noted(entry) => entry,
        }
    }

    /// What should be known beside the entry.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Changed::Moved(promoted) => promoted.notes.iter().map(|note| clean(note)).collect(),
            Changed::Noted(_) => Vec::new(),
        }
    }
}

/// Where the registry is, in a word.
pub fn place(context: &Context) -> &'static str {
    match context.objects() {
        Ok(objects) if objects.place().starts_with("s3://") => "s3",
        Ok(_) => "local",
        // Why not is told where it is read.
        Err(_) => "?",
    }
}
