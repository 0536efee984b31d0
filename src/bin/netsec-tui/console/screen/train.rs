//! Screen 3, Train: the launch form, then the run as it goes.
//!
//! The form becomes the live view when a run starts, and comes back with `N`. The live view is any run's: one that
//! another analyst started, or one that ended last week.

mod answer;
mod charts;
pub mod command;
pub mod form;
pub mod launch;
pub mod live;
pub mod panes;
pub mod zoom;

pub use answer::answer;
pub use launch::{Form, collection, typed};

use crate::console::app::{App, Decision, Overlay};
use crate::console::format::short_id;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Tone};
use crate::console::msg::train::Ask;
use crate::console::msg::{Effect, JobId};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use netsec::event::{Event, Family, Stamped};
use netsec::run::{Manifest, RunState, RunStatus};
use std::collections::HashMap;

/// What the live view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Showing {
    #[default]
    All,
    Zoom,
    Log,
}

/// A run that is followed.
#[derive(Debug)]
pub struct Live {
    pub id: String,
    pub job: JobId,
    pub manifest: Option<Box<Manifest>>,
    pub state: RunState,
    pub alive: bool,
    /// Whether the journal was read at least once.
    pub heard: bool,
    pub failed: Option<Notice>,
    pub cursor: Cursor,
    /// Whether the analyst chose the family; before that it is the leader.
    pub chosen: bool,
    pub trials: Cursor,
    pub log: Cursor,
    pub showing: Showing,
    /// The last whole loss curve of each family: the reducer drops it with the fold.
    pub curves: HashMap<Family, Vec<(u32, f64)>>,
}

impl Live {
    pub fn new(id: String, job: JobId) -> Self {
        Self {
            id,
            job,
            manifest: None,
            state: RunState::default(),
            alive: true,
            heard: false,
            failed: None,
            cursor: Cursor::default(),
            chosen: false,
            trials: Cursor::default(),
            log: Cursor::default(),
            showing: Showing::All,
            curves: HashMap::new(),
        }
    }

    pub fn status(&self) -> RunStatus {
        self.state.status(self.alive)
    }

    /// Applies an event, keeping the loss curve that it is about to drop.
    pub fn apply(&mut self, stamped: &Stamped) {
        if let Event::FoldScored { family, trial, .. } = &stamped.event {
            let running = self.state.family(*family).and_then(|f| f.running.iter().find(|t| t.trial == *trial));
            if let Some(curve) = running.map(|t| &t.loss).filter(|loss| loss.len() > 2) {
                self.curves.insert(*family, curve.clone());
            }
        }
        self.state.apply(stamped);
    }

    pub fn selected(&self) -> Option<&netsec::run::FamilyState> {
        self.state.families.get(self.cursor.at)
    }

    /// The loss curve to show: of the fit under way once it has a shape, else the last whole one.
    pub fn curve(&self, family: Family) -> &[(u32, f64)] {
        let now = self.state.family(family).and_then(|f| f.running.iter().map(|t| &t.loss).max_by_key(|l| l.len()));
        let before = self.curves.get(&family);
        match (now, before) {
            (Some(now), Some(before)) if now.len() < 12 => before,
            (Some(now), _) if now.len() > 2 => now,
            (_, before) => before.map_or(&[], Vec::as_slice),
        }
    }
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct TrainScreen {
    pub form: Form,
    pub live: Option<Live>,
    /// The list of runs to watch.
    pub attach: Option<Cursor>,
}

impl TrainScreen {
    pub fn is_lively(&self) -> bool {
        let live = self.live.as_ref().is_some_and(|l| l.status() == RunStatus::Running && l.failed.is_none());
        live || self.form.starting.is_loading() || self.form.spaces.is_loading()
    }
}

pub fn context(app: &App) -> Context {
    if app.train.attach.is_some() {
        return Context::Attach;
    }
    match &app.train.live {
        Some(live) => match live.showing {
            Showing::All => Context::Live,
            Showing::Zoom => Context::Zoom,
            Showing::Log => Context::Log,
        },
        None if app.train.form.cursor.at + 1 == app.train.form.rows() => Context::Seed,
        None => Context::Form,
    }
}

pub fn entered(app: &mut App) -> Vec<Effect> {
    let mut effects = Vec::new();
    if app.train.form.spaces.ready().is_none() && app.train.form.spaces.job.is_none() {
        let job = app.job();
        app.train.form.spaces.refresh(job, app.now);
        effects.push(Effect::Train(job, Ask::Spaces));
    }
    // A run that somebody started before, or elsewhere, is what one comes here to see.
    if app.train.live.is_none() {
        let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
        if let Some(id) = rows.iter().find(|r| r.status == RunStatus::Running).map(|r| r.id.clone()) {
            effects.extend(attach(app, &id));
        }
    }
    effects
}

pub fn refresh(app: &mut App) -> Vec<Effect> {
    match app.train.live.as_ref().map(|l| l.id.clone()) {
        Some(id) => attach(app, &id),
        None => {
            let job = app.job();
            app.train.form.spaces.refresh(job, app.now);
            vec![Effect::Train(job, Ask::Spaces)]
        }
    }
}

pub fn failure(app: &App) -> Option<&Notice> {
    let live = app.train.live.as_ref();
    live.and_then(|l| l.failed.as_ref())
        .or_else(|| app.train.form.starting.failed())
        .or_else(|| app.train.form.spaces.failed())
}

/// Follows a run from its first event.
pub fn attach(app: &mut App, id: &str) -> Vec<Effect> {
    let job = app.job();
    let mut live = Live::new(id.to_owned(), job);
    // The same run again keeps the view.
    if let Some(before) = app.train.live.take().filter(|l| l.id == id) {
        (live.showing, live.cursor, live.chosen) = (before.showing, before.cursor, before.chosen);
    }
    app.train.live = Some(live);
    app.train.attach = None;
    vec![Effect::Train(job, Ask::Follow(id.to_owned()))]
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    if app.train.attach.take().is_some() {
        return Some(Vec::new());
    }
    if let Some(live) = &mut app.train.live {
        if live.showing != Showing::All {
            live.showing = Showing::All;
            return Some(Vec::new());
        }
        app.train.live = None;
        return Some(vec![Effect::Unfollow]);
    }
    if app.train.form.cursor.at > 0 {
        app.train.form.cursor.at = 0;
        return Some(Vec::new());
    }
    None
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if action == Action::Attach {
        app.train.attach = match app.train.attach.take() {
            Some(_) => None,
            None => Some(Cursor::default()),
        };
        return super::runs::refresh(app);
    }
    if app.train.attach.is_some() {
        return perform_attach(app, action);
    }
    match action {
        Action::CopyCommand => match command::line(app) {
            Some(line) => app.copy("the command", line),
            None => Vec::new(),
        },
        Action::NewRun => {
            app.train.live = None;
            vec![Effect::Unfollow]
        }
        action if app.train.live.is_some() => perform_live(app, action),
        action => launch::perform(app, action),
    }
}

fn perform_attach(app: &mut App, action: Action) -> Vec<Effect> {
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let Some(cursor) = &mut app.train.attach else { return Vec::new() };
    if action == Action::Open {
        let chosen = rows.get(cursor.at).map(|r| r.id.clone());
        return chosen.map_or_else(Vec::new, |id| attach(app, &id));
    }
    if let Some(by) = motion(action, cursor, rows.len()) {
        cursor.step(by, rows.len());
    }
    Vec::new()
}

fn perform_live(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(live) = &mut app.train.live else { return Vec::new() };
    let families = live.state.families.len();
    match action {
        Action::Open if live.status() == RunStatus::Finished => {
            let id = live.id.clone();
            return super::runs::open_report(app, &id);
        }
        Action::Open => {
            let word = live.status();
            app.say(Tone::Plain, format!("the report is written when the run is finished; it is {word}"));
        }
        Action::Zoom if families > 0 => {
            live.showing = if live.showing == Showing::Zoom { Showing::All } else { Showing::Zoom };
            live.trials = Cursor::default();
            live.chosen = true;
        }
        Action::Log => {
            live.showing = if live.showing == Showing::Log { Showing::All } else { Showing::Log };
            live.log.at = live.state.log.len().saturating_sub(1);
        }
        Action::Pane if families > 0 => {
            live.cursor.at = (live.cursor.at + 1) % families;
            live.chosen = true;
        }
        Action::Cancel => return ask_cancel(app),
        Action::Resume => {
            let (id, status) = (live.id.clone(), live.status());
            return super::runs::resume(app, &id, status);
        }
        action => {
            live.chosen = true;
            let (cursor, len) = match live.showing {
                Showing::All => (&mut live.cursor, families),
                Showing::Zoom => {
                    let len = live.selected().map_or(0, |f| zoom::len(live, f));
                    (&mut live.trials, len)
                }
                Showing::Log => (&mut live.log, live.state.log.len()),
            };
            if let Some(by) = motion(action, cursor, len) {
                cursor.step(by, len);
            }
        }
    }
    Vec::new()
}

fn ask_cancel(app: &mut App) -> Vec<Effect> {
    let Some(live) = &app.train.live else { return Vec::new() };
    let (id, status) = (live.id.clone(), live.status());
    confirm_cancel(app, &id, status);
    Vec::new()
}

/// Asks before a run is cancelled: it may be a colleague's.
pub fn confirm_cancel(app: &mut App, id: &str, status: RunStatus) {
    if status != RunStatus::Running {
        app.say(Tone::Plain, format!("run {} is not running: it is {status}", short_id(id)));
        return;
    }
    app.overlay = Some(Overlay::Confirm {
        question: format!("Cancel run {}?", short_id(id)),
        detail: "finished trials are kept; R takes the run up again".to_owned(),
        decision: Decision::CancelRun(id.to_owned()),
    });
}
