//! Whether the store can be reached, and what is asked again once it can.

use super::app::App;
use super::gate::Dirty;
use super::load::{Notice, Tone};
use super::msg::store::Store;
use super::msg::{Effect, JobId};
use super::screen::{data, drift};
use chrono::{DateTime, Utc};

/// Whether the store can be reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// It has not answered yet.
    Unknown,
    Up,
    Down {
        since: DateTime<Utc>,
        why: Notice,
    },
}

impl Link {
    /// At first: what is on this host is there.
    pub fn of(store: &Store) -> Self {
        if store.remote { Link::Unknown } else { Link::Up }
    }

    /// Why it cannot be reached, if it cannot.
    pub fn why(&self) -> Option<&Notice> {
        match self {
            Link::Down { why, .. } => Some(why),
            Link::Unknown | Link::Up => None,
        }
    }
}

/// Takes what the watch over the store has found. It tells only what is new.
pub fn heard(app: &mut App, job: JobId, reached: Result<(), Notice>) -> Vec<Effect> {
    if job != app.watch {
        return Vec::new();
    }
    let away_since = match app.link {
        Link::Down { since, .. } => Some(since),
        Link::Unknown | Link::Up => None,
    };
    let link = match reached {
        Ok(()) => Link::Up,
        Err(why) => Link::Down { since: away_since.unwrap_or(app.now), why },
    };
    if link == app.link {
        return Vec::new();
    }
    app.mark(Dirty::Data);
    app.link = link;
    match away_since {
        Some(since) if app.link == Link::Up => {
            let away = super::format::clock((app.now - since).num_milliseconds().max(0) as u64);
            app.say(Tone::Good, format!("{} is back after {away}", app.around.store.place));
            // What was asked of it meanwhile has failed, or waits on a connection that may be dead.
            let mut effects = data::recover(app);
            effects.extend(drift::recover(app));
            effects
        }
        _ => Vec::new(),
    }
}
