//! Screen 3, Train: the launch form, then the run as it goes.
//!
//! The form becomes the live view when a run starts, and comes back with `N`. The live view is any run's: one that
//! another analyst started, or one that ended last week.

mod answer;
pub mod attach;
mod charts;
pub mod command;
pub mod form;
mod host;
pub mod launch;
pub mod live;
pub mod panes;
mod plan;
mod trial;
pub mod zoom;

pub use answer::{answer, runs_changed};
pub use launch::{Form, Launch, collection, pasted, typed};

use crate::console::app::{App, Decision, Overlay};
use crate::console::format::short_id;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Tone};
use crate::console::msg::train::Ask;
use crate::console::msg::{Effect, JobId};
use crate::console::notify::Notify;
use crate::console::update::motion;
use crate::console::widget::Cursor;
use netsec::event::{Event, Family, Stamped};
use netsec::host::Figures;
use netsec::run::{Countdown, FamilyStatus, Manifest, RunState, RunStatus};
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
    /// The trial that is looked at in the zoom: it stays while others arrive.
    pub picked: Option<u32>,
    /// Whether left and right go along the stages of one fit instead of along the trials.
    pub by_stage: bool,
    pub log: Cursor,
    pub showing: Showing,
    /// The last whole loss curve of each family: the reducer drops it with the fold.
    pub curves: HashMap<Family, Vec<(u32, f64)>>,
    /// What the host and the worker are using; none before the first look.
    pub figures: Option<Figures>,
    pub countdown: Option<Countdown>,
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
            picked: None,
            by_stage: false,
            log: Cursor::default(),
            showing: Showing::All,
            curves: HashMap::new(),
            figures: None,
            countdown: None,
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
    pub attach: Option<attach::Choice>,
    /// How the terminal tells that a run has ended.
    pub notify: Notify,
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
        None if app.train.form.field().types() => Context::FormText,
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
    app.train.attach = None;
    follow(app, id)
}

/// Follows a run's journal from its beginning; the list of runs stays where it is open.
pub fn follow(app: &mut App, id: &str) -> Vec<Effect> {
    let job = app.job();
    let mut live = Live::new(id.to_owned(), job);
    // The same run again keeps the view.
    if let Some(before) = app.train.live.take().filter(|l| l.id == id) {
        (live.showing, live.cursor, live.chosen) = (before.showing, before.cursor, before.chosen);
        (live.picked, live.by_stage) = (before.picked, before.by_stage);
    }
    app.train.live = Some(live);
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
    let form = &mut app.train.form;
    if form.field().types() {
        // Up to where keys are commands again.
        form.cursor.at = form.fields().iter().position(|field| field.types()).map_or(0, |at| at.saturating_sub(1));
        return Some(Vec::new());
    }
    if form.cursor.at > 0 {
        form.cursor.at = 0;
        return Some(Vec::new());
    }
    None
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if action == Action::Attach {
        app.train.attach = match app.train.attach.take() {
            Some(_) => None,
            None => Some(attach::Choice::default()),
        };
        return super::runs::refresh(app);
    }
    if app.train.attach.is_some() {
        return attach::perform(app, action);
    }
    match action {
        Action::Notify => {
            app.train.notify = app.train.notify.next();
            let text = match app.train.notify {
                Notify::Off => "the end of a run is told on the screen only",
                Notify::Bell => "the bell rings when a run ends, until the console is left",
                Notify::Osc9 => "a notification is sent when a run ends, until the console is left (OSC 9)",
            };
            app.say(Tone::Plain, text);
            Vec::new()
        }
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

/// Gives the whole screen to the selected family.
fn zoom_in(live: &mut Live) {
    live.showing = if live.showing == Showing::Zoom { Showing::All } else { Showing::Zoom };
    live.trials = Cursor::default();
    (live.picked, live.by_stage) = (None, false);
    live.chosen = true;
}

fn perform_live(app: &mut App, action: Action) -> Vec<Effect> {
    let columns = panes::columns(app.size) as isize;
    let Some(live) = &mut app.train.live else { return Vec::new() };
    let families = live.state.families.len();
    match action {
        Action::Open => return open(app),
        Action::Zoom if families > 0 => zoom_in(live),
        Action::Log => {
            live.showing = if live.showing == Showing::Log { Showing::All } else { Showing::Log };
            live.log.at = live.state.log.len().saturating_sub(1);
        }
        Action::Pane if families > 0 => {
            live.cursor.at = (live.cursor.at + 1) % families;
            live.chosen = true;
            (live.picked, live.trials) = (None, Cursor::default());
        }
        Action::Cancel => {
            let (id, status) = (live.id.clone(), live.status());
            confirm_cancel(app, &id, status);
        }
        Action::Resume => {
            let (id, status) = (live.id.clone(), live.status());
            return super::runs::resume(app, &id, status);
        }
        Action::Stages if live.showing == Showing::Zoom => {
            if let Err(why) = zoom::turn(live) {
                app.say(Tone::Plain, why);
            }
        }
        action => match live.showing {
            Showing::Zoom => zoom::walk(live, action),
            Showing::Log => {
                let len = live.state.log.len();
                if let Some(by) = motion(action, &live.log, len) {
                    live.log.step(by, len);
                }
            }
            Showing::All => {
                // In a grid, up and down go by rows of panes.
                let by = match action {
                    Action::Left => Some(-1),
                    Action::Right => Some(1),
                    Action::Up | Action::Down => motion(action, &live.cursor, families).map(|by| by * columns),
                    action => motion(action, &live.cursor, families),
                };
                let inside =
                    |by: &isize| columns == 1 || live.cursor.at.checked_add_signed(*by).is_some_and(|at| at < families);
                if let Some(by) = by.filter(|by| inside(by) || by.unsigned_abs() > columns.unsigned_abs()) {
                    live.cursor.step(by, families);
                    live.chosen = true;
                }
            }
        },
    }
    Vec::new()
}

/// Tells why the selected family, trial or the run failed, or opens the report.
fn open(app: &mut App) -> Vec<Effect> {
    let Some(live) = &app.train.live else { return Vec::new() };
    if let Some(notice) = reason(live) {
        app.overlay = Some(Overlay::Reason(notice));
        return Vec::new();
    }
    let (id, status) = (live.id.clone(), live.status());
    if status == RunStatus::Finished {
        return super::runs::open_report(app, &id);
    }
    app.say(Tone::Plain, format!("the report is written when the run is finished; it is {status}"));
    Vec::new()
}

/// Why what is selected has failed; none where it has not.
pub fn reason(live: &Live) -> Option<Notice> {
    if live.showing == Showing::Zoom
        && let Some(notice) = zoom::reason(live)
    {
        return Some(notice);
    }
    let family = live.selected().filter(|_| live.chosen);
    if let Some((family, FamilyStatus::Failed(why))) = family.map(|family| (family, &family.status)) {
        let log = if live.showing == Showing::Zoom { "" } else { "l shows the log, " };
        let mut notice = Notice::bad(format!("{}: {why}", family.family))
            .hint(format!("the other families go on without it; {log}x cancels the run"));
        notice.chain.push(notice.headline.clone());
        let trials = family.failed.iter().map(|(trial, why)| format!("trial {}: {why}", trial + 1));
        notice.chain.extend(trials.map(|line| crate::console::clean::clean(&line)));
        return Some(notice);
    }
    let (why, hint) = live.state.failure.as_ref().filter(|_| live.status() == RunStatus::Failed)?;
    let notice = Notice::bad(why);
    Some(hint.as_ref().map_or(notice.clone(), |hint| notice.hint(hint)))
}

/// Asks before a run is cancelled: it may be a colleague's.
pub fn confirm_cancel(app: &mut App, id: &str, status: RunStatus) {
    if status != RunStatus::Running {
        app.say(Tone::Plain, format!("run {} is not running: it is {status}", short_id(id)));
        return;
    }
    let row = app.runs.rows.ready().and_then(|rows| rows.iter().find(|row| row.id == id));
    let whose = row.map(|row| attach::whose(app, &row.who)).filter(|whose| whose != "you");
    let of = whose.map_or_else(String::new, |whose| format!(" of {whose}"));
    app.overlay = Some(Overlay::Confirm {
        question: format!("Cancel run {}{of}?", short_id(id)),
        detail: "finished trials are kept; R takes the run up again".to_owned(),
        decision: Decision::CancelRun(id.to_owned()),
    });
}
