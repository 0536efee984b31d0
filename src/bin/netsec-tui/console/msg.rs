//! What the loop tells the app ([`Msg`]), and what the app asks of the loop ([`Effect`]). Each screen has its own
//! questions and answers.

pub mod data;
pub mod drift;
pub mod models;
pub mod predict;
pub mod runs;
pub mod store;
pub mod train;

use super::memory::Memory;
use super::notify::Notify;
use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;

/// Tells answers apart: only the one to the latest question counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Msg {
    /// The time, told before anything that depends on it.
    Clock(DateTime<Utc>),
    Key(KeyEvent),
    Paste(String),
    Resize(u16, u16),
    /// A quarter of a second passed while something on the screen runs, or two while only a run elsewhere does.
    Tick,
    /// How far a background job is: what is done, and of how much where that is known.
    Progress(JobId, u64, Option<u64>),
    Done(JobId, Answer),
}

/// What an effect found. The job's id says which question it answers.
#[derive(Debug)]
pub enum Answer {
    Data(data::Answer),
    Drift(drift::Answer),
    Train(train::Answer),
    Runs(runs::Answer),
    Models(models::Answer),
    Predict(predict::Answer),
    /// Whether the store can be reached: told when that changes.
    Reached(Result<(), super::load::Notice>),
    /// Another connection was opened.
    Connected(Result<Box<store::Store>, super::load::Notice>),
    /// What the console remembers could not be written.
    Forgotten(super::load::Notice),
}

/// Each screen's answers are answers.
macro_rules! from_screen {
    ($($variant:ident $module:ident),*) => {
        $(impl From<$module::Answer> for Answer {
            fn from(answer: $module::Answer) -> Self {
                Self::$variant(answer)
            }
        })*
    };
}
from_screen!(Data data, Drift drift, Train train, Runs runs, Models models, Predict predict);

/// Something to be done outside [`super::update`].
#[derive(Debug, Clone)]
pub enum Effect {
    Data(JobId, data::Ask),
    Drift(JobId, drift::Ask),
    Train(JobId, train::Ask),
    Runs(JobId, runs::Ask),
    Models(JobId, models::Ask),
    Predict(JobId, predict::Ask),
    /// Lets go of the run that is followed.
    Unfollow,
    /// Watches over the store: whether it can be reached. One watch at a time.
    Watch(JobId),
    /// Opens another connection, beside the present one.
    Connect(JobId, String),
    /// Works on the connection that was opened for a question.
    Switch(JobId),
    /// Ends what is being done for a question: no answer comes.
    Stop(JobId),
    /// Writes down what the console remembers between starts.
    Remember(JobId, Box<Memory>),
    /// Hands text to the terminal's clipboard.
    Copy(String),
    /// Lets the terminal tell that something has ended.
    Notify(Notify, String),
    Suspend,
    Leave,
}

impl Effect {
    /// The answer in a read-only console, where the effect would change what is shared; none where it may be done.
    pub fn refused(&self, why: impl Fn() -> super::load::Notice) -> Option<Msg> {
        let why = &why;
        let (job, answer) = match self {
            Effect::Data(job, ask) => (job, ask.refused(why).map(Answer::from)),
            Effect::Train(job, ask) => (job, ask.refused(why).map(Answer::from)),
            Effect::Runs(job, ask) => (job, ask.refused(why).map(Answer::from)),
            Effect::Models(job, ask) => (job, ask.refused(why).map(Answer::from)),
            // Reading and scoring, and files of the analyst's own.
            Effect::Drift(..) | Effect::Predict(..) | Effect::Remember(..) => return None,
            Effect::Watch(_) | Effect::Connect(..) | Effect::Switch(_) => return None,
            Effect::Unfollow | Effect::Stop(_) | Effect::Copy(_) | Effect::Notify(..) => return None,
            Effect::Suspend | Effect::Leave => return None,
        };
        answer.map(|answer| Msg::Done(*job, answer))
    }
}
