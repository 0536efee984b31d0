//! What the Train screen asks for, and what it is told.

use crate::console::load::Notice;
use netsec::event::Stamped;
use netsec::host::Figures;
use netsec::run::{Manifest, Request};
use netsec::training::FamilySearch;

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
    /// What the host and the worker of the followed run are using.
    Host(Figures),
}

/// The search spaces, by name, with what they try of each family.
#[derive(Debug, Clone, PartialEq)]
pub struct Spaces {
    pub default: String,
    pub folds: u32,
    pub spaces: Vec<(String, Vec<FamilySearch>)>,
}

/// What a journal said since the last time.
#[derive(Debug)]
pub struct Heard {
    pub events: Vec<Stamped>,
    pub alive: bool,
    pub manifest: Option<Box<Manifest>>,
}
