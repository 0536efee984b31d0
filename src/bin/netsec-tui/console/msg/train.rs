//! What the Train screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::event::{Family, Params, Stamped};
use netsec::run::{Manifest, Request};
use netsec::training::FamilySearch;
use std::collections::BTreeSet;

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Ask {
    Spaces,
    Start(Request),
    /// Follows one run's journal; the one followed before is let go.
    Follow(String),
}

impl Ask {
    /// The answer where nothing may be changed, if this would change something.
    pub fn refused(&self, why: impl FnOnce() -> Notice) -> Option<Answer> {
        match self {
            Ask::Start(_) => Some(Answer::Started(Err(why()))),
            Ask::Spaces | Ask::Follow(_) => None,
        }
    }
}

/// What was found.
#[derive(Debug)]
pub enum Answer {
    Spaces(Result<Spaces, Notice>),
    Started(Result<String, Notice>),
    /// A run is followed: the last word is the one that it is no longer alive.
    Heard(Result<Box<Heard>, Notice>),
}

/// What a search space tries of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    pub family: Family,
    pub trials: usize,
    /// Fits that the trials take on a fold: those that a longer fit passes through cost none.
    pub fits: usize,
    /// Whether only the better half goes on after each fold.
    pub halving: bool,
}

impl From<&FamilySearch> for Plan {
    fn from(search: &FamilySearch) -> Self {
        let mut fits: Vec<Params> = search.trials.clone();
        if let Some(stage) = search.family.staged_by() {
            for params in &mut fits {
                params.0.remove(stage);
            }
        }
        // Their text orders them; values have no order of their own.
        let fits: BTreeSet<String> = fits.iter().map(Params::to_string).collect();
        Self { family: search.family, trials: search.trials.len(), fits: fits.len(), halving: search.halving }
    }
}

/// The search spaces, by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Spaces {
    pub default: String,
    pub folds: u32,
    pub spaces: Vec<(String, Vec<Plan>)>,
}

/// What a journal said since the last time.
#[derive(Debug)]
pub struct Heard {
    pub events: Vec<Stamped>,
    pub alive: bool,
    pub manifest: Option<Box<Manifest>>,
}
