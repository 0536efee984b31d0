//! Screen 2, Drift: whether the rows still look like those of a reference, column by column.
//!
//! ```text
//! ── drift ─────────────────────────────────────────────────── made today 14:02 ──
//!  ● no data set drift   2 of 31 columns   8,323 → 1,204 rows   (from 50 % on)
//! ── 31 columns ──────────────────────────────────────────────── drifted first ──
//! ▌▲ drifted   SSLfinal_State     .214  <.001   .310   -1  32 →  58 %
//! ```

mod act;
mod answer;
pub mod command;
mod detail;
pub mod history;
mod list;
mod prompt;
pub mod view;

pub use act::perform;
pub use answer::answer;

use crate::console::app::App;
use crate::console::keymap::Context;
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::drift::{Ask, Drifted, Sides};
use crate::console::msg::runs::RunRow;
use crate::console::msg::{Effect, JobId};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crossterm::event::KeyEvent;
use list::{Order, Pick};
use netsec::monitor::no_champion;
use netsec::run::RunStatus;
use netsec::store::{CollectionInfo, Namespace};
use prompt::Prompt;
use std::cell::Cell;
use std::path::PathBuf;

/// The report that a run has kept, in place of the present one.
#[derive(Debug)]
pub struct Past {
    pub id: String,
    pub pane: Pane<Drifted>,
}

/// The field that columns are searched with.
#[derive(Debug)]
pub struct Find {
    pub input: Input,
    /// Whether keys are text.
    pub typing: bool,
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct DriftScreen {
    pub live: Pane<Drifted>,
    /// What the analyst asked for.
    pub sides: Sides,
    /// The list of runs with a report of their own.
    pub history: Option<Cursor>,
    pub past: Option<Past>,
    pub order: Order,
    pub find: Option<Find>,
    pub cursor: Cursor,
    /// The selected column: it stays selected while reports arrive and columns are searched.
    pub pick: Option<Pick>,
    /// The first line shown of the selected column, while that has the focus.
    pub reading: Option<Cursor>,
    /// How many lines there are, as drawn.
    pub lines: Cell<usize>,
    pub prompt: Option<Prompt>,
    pub export: Pane<Vec<PathBuf>>,
    /// The version in production, as a report's side is called; none without one, or where that is not known.
    pub production: Option<String>,
    /// The question which one that is.
    pub asked: Option<JobId>,
}

impl DriftScreen {
    /// The pane of the report that is shown.
    pub fn pane(&self) -> &Pane<Drifted> {
        self.past.as_ref().map_or(&self.live, |past| &past.pane)
    }

    pub fn is_lively(&self) -> bool {
        self.pane().is_loading() || self.prompt.as_ref().is_some_and(|p| p.asked.is_some())
    }

    /// The part of a name that columns are searched for.
    pub fn wanted(&self) -> String {
        self.find.as_ref().map(|find| find.input.text().trim().to_lowercase()).unwrap_or_default()
    }

    /// Whether the list of runs is on the screen.
    pub fn lists_runs(&self) -> bool {
        self.history.is_some() && self.past.is_none()
    }

    /// Puts the cursor where the selected column is now.
    pub fn follow_selected(&mut self) {
        let picks: Vec<Pick> = self.rows().into_iter().map(|row| row.pick).collect();
        let at = self.pick.as_ref().and_then(|pick| picks.iter().position(|p| p == pick));
        self.cursor.at = at.unwrap_or(self.cursor.at);
        self.cursor.step(0, picks.len());
    }

    /// Remembers what the cursor stands on.
    fn remember_selected(&mut self) {
        self.pick = self.rows().into_iter().nth(self.cursor.at).map(|row| row.pick);
    }
}

/// Whether there is another champion since, whose rows would be the reference now: another version in production, or
/// without one a newer finished run.
pub fn is_stale(app: &App) -> bool {
    let drift = &app.drift;
    let newest = app.runs.rows.ready().and_then(|rows| rows.iter().find(|run| run.status == RunStatus::Finished));
    let champion = drift.production.clone().or_else(|| newest.map(|run| format!("run {}", run.id)));
    let is_default = drift.past.is_none() && drift.sides.reference.is_none();
    match (drift.live.ready(), champion) {
        (Some(drifted), Some(champion)) if is_default => drifted.report.reference.name != champion,
        _ => false,
    }
}

/// What a first report lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    Rows,
    Champion,
}

/// What is missing where there is no report, if that is known: nothing failed then, it is only too early.
pub fn lack(app: &App) -> Option<Lack> {
    let (drift, around) = (&app.drift, &app.around.store.namespace);
    if drift.past.is_some() || drift.live.failed().is_none() {
        return None;
    }
    let is_there = |(database, info): &(&str, &CollectionInfo)| {
        *database == around.database && info.name == around.collection && info.documents != Some(0)
    };
    let no_rows = app.data.catalog.ready().is_some() && !app.data.collections().iter().any(is_there);
    if drift.sides.current.is_none() && opened(app).is_none() && no_rows {
        return Some(Lack::Rows);
    }
    let finished = |rows: &Vec<RunRow>| rows.iter().any(|run| run.status == RunStatus::Finished);
    let none_finished = app.runs.rows.ready().is_some_and(|rows| !finished(rows));
    // A registry that is in the way of knowing is a failure.
    let no_champion = drift.live.failed().is_some_and(|notice| notice.headline == no_champion().to_string());
    (drift.sides.reference.is_none() && none_finished && no_champion).then_some(Lack::Champion)
}

pub fn context(app: &App) -> Context {
    let drift = &app.drift;
    if drift.prompt.is_some() {
        Context::Sides
    } else if drift.lists_runs() {
        Context::History
    } else if drift.find.as_ref().is_some_and(|find| find.typing) {
        Context::Find
    } else if drift.reading.is_some() {
        Context::Column
    } else {
        Context::Drift
    }
}

/// The collection that is open on the Data screen, where it is one of rows.
fn opened(app: &App) -> Option<String> {
    let open = app.data.open.as_ref().map(|open| &open.namespace)?;
    (!open.collection.ends_with(netsec::push::REJECTED)).then(|| named(open))
}

/// A collection as it can be named again.
fn named(namespace: &Namespace) -> String {
    format!("{}/{}", namespace.database, namespace.collection)
}

/// Compares, unless that was done or is being done: a report stays until it is asked for again. Whether it is still that
/// of the champion is looked at.
pub fn entered(app: &mut App) -> Vec<Effect> {
    if app.drift.live.ready().is_none() {
        return compare(app);
    }
    let job = app.job();
    app.drift.asked = Some(job);
    vec![Effect::Drift(job, Ask::Production)]
}

/// Compares again, or reads a run's report again.
pub fn refresh(app: &mut App) -> Vec<Effect> {
    match app.drift.past.as_ref().map(|past| past.id.clone()) {
        Some(id) => open_past(app, id),
        None => compare(app),
    }
}

fn compare(app: &mut App) -> Vec<Effect> {
    // Millions of rows take a while: one comparison at a time.
    if app.drift.live.job.is_some() {
        return Vec::new();
    }
    let job = app.job();
    let sides = resolved(app, app.drift.sides.clone());
    app.drift.live.refresh(job, app.now);
    vec![Effect::Drift(job, Ask::Compare(sides))]
}

/// Compares again, where that failed because the store was away.
pub fn recover(app: &mut App) -> Vec<Effect> {
    let live = &mut app.drift.live;
    if !live.is_cut_off() {
        return Vec::new();
    }
    let before = live.job.take().map(Effect::Stop);
    before.into_iter().chain(compare(app)).collect()
}

/// Forgets what was asked of a store that is left. The reports that runs have kept stay.
pub fn forget(app: &mut App) -> Vec<Effect> {
    let drift = std::mem::take(&mut app.drift);
    let prompted = drift.prompt.as_ref().and_then(Prompt::running);
    app.drift = DriftScreen { history: drift.history, past: drift.past, ..DriftScreen::default() };
    [drift.live.job, prompted, drift.asked].into_iter().flatten().map(Effect::Stop).collect()
}

/// Ends the comparison that is under way.
fn stop(app: &mut App) -> Vec<Effect> {
    match app.drift.live.stop("r compares again") {
        Some(job) => vec![Effect::Stop(job)],
        None => {
            app.say(Tone::Plain, "nothing is being compared");
            Vec::new()
        }
    }
}

/// The same with the current rows named: those that are shown stay, whatever is opened elsewhere by now.
fn resolved(app: &App, sides: Sides) -> Sides {
    let shown = || app.drift.live.ready().map(|drifted| drifted.report.current.name.clone());
    Sides { current: sides.current.or_else(shown).or_else(|| opened(app)), ..sides }
}

/// Shows the report that a run has kept.
fn open_past(app: &mut App, id: String) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let pane = match app.drift.past.take() {
        Some(past) if past.id == id => past.pane,
        _ => Pane::default(),
    };
    let past = app.drift.past.insert(Past { id: id.clone(), pane });
    past.pane.refresh(job, now);
    vec![Effect::Drift(job, Ask::Kept(id))]
}

pub fn failure(app: &App) -> Option<&Notice> {
    let prompt = app.drift.prompt.as_ref().and_then(|prompt| prompt.error.as_ref());
    prompt.or_else(|| app.drift.pane().failed()).or_else(|| app.drift.export.failed())
}

/// Whether a failure stands where the report would.
pub fn is_blocked(app: &App) -> bool {
    !app.drift.lists_runs() && app.drift.pane().failed().is_some() && lack(app).is_none()
}

/// Whether `esc` leads somewhere.
pub fn has_level(app: &App) -> bool {
    app.drift.past.is_some() || app.drift.find.is_some()
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(prompt) = &mut app.drift.prompt {
        prompt.input.key(key);
        prompt.changed();
    } else if let Some(find) = &mut app.drift.find {
        find.input.key(key);
        app.drift.follow_selected();
    }
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(prompt) = &mut app.drift.prompt {
        prompt.input.paste(text);
        prompt.changed();
    } else if let Some(find) = &mut app.drift.find {
        find.input.paste(text);
        app.drift.follow_selected();
    }
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let drift = &mut app.drift;
    if let Some(prompt) = drift.prompt.take() {
        return Some(prompt.running().map(Effect::Stop).into_iter().collect());
    }
    if drift.lists_runs() {
        drift.history = None;
        return Some(Vec::new());
    }
    let typing = drift.find.as_ref().is_some_and(|find| find.typing);
    if !typing && drift.reading.take().is_some() {
        return Some(Vec::new());
    }
    if drift.find.take().is_some() || drift.past.take().is_some() {
        drift.follow_selected();
        return Some(Vec::new());
    }
    None
}
