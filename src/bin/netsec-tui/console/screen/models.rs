//! Screen 5, Models: what is in production, what was, and what takes its place.
//!
//! ```text
//! ── production: v4 since 2026-11-18 09:12 by user@ip-10-0-1-7 ───────────────────
//!  GB ★ 7f3a21  F1 .947 [.935 .958]  recall .951   drift none    verified ✓ 14:02
//! ── 4 versions ──────────────────────────────────────────────────────────────────
//! ▌v4  GB ★  7f3a21  .947 [.935 .958]  .951  production  2026-11-18 09:10
//! ── ledger ──────────────────────────────────────────────────────────────────────
//!  000012 promote   v4 → production  user  2026-11-18 09:12  monthly retrain
//! ```

mod act;
mod answer;
mod begin;
pub mod change;
pub mod check;
mod date;
mod detail;
mod flow;
mod gate;
mod ledger;
mod versions;
pub mod view;

pub use act::perform;
pub use answer::answer;
pub use begin::challenge;

use crate::console::app::{App, Screen};
use crate::console::format::clock;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Pane};
use crate::console::msg::models::Ask;
use crate::console::msg::{Effect, JobId};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use change::{Change, Stage};
use check::Check;
use chrono::{DateTime, Utc};
use crossterm::event::KeyEvent;
use date::Question;
use netsec::registry::{Entry, Overview};
use std::cell::Cell;
use std::time::Duration;

/// How often the registry is read while the screen is open and nothing happens.
pub const IDLE: Duration = Duration::from_secs(30);

/// Which list has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    #[default]
    Versions,
    Ledger,
}

/// What stands beside the lists, or in their place where there is no room, and has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aside {
    /// The selected version or entry in full.
    Detail,
    Verified,
    Change,
}

/// The field that entries are searched with.
#[derive(Debug)]
pub struct Find {
    pub input: Input,
    /// Whether keys are text.
    pub typing: bool,
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct ModelsScreen {
    /// What was read last stays when the registry goes away.
    pub overview: Pane<Box<Overview>>,
    /// When it was asked for last.
    asked: Option<DateTime<Utc>>,
    pub focus: Focus,
    pub versions: Cursor,
    /// The selected version: it stays selected while others come.
    pub version: Option<u32>,
    pub ledger: Cursor,
    /// The selected entry.
    pub entry: Option<u32>,
    pub find: Option<Find>,
    pub question: Option<Question>,
    /// What was in use at a time that was asked for.
    pub told: Option<String>,
    pub open: Option<Aside>,
    /// The first line shown of what is read in full.
    pub reading: Cursor,
    /// How many lines there are, as drawn.
    pub lines: Cell<usize>,
    pub check: Check,
    /// The one change that is asked for, under way, or has ended and was not put away.
    pub change: Option<Change>,
}

impl ModelsScreen {
    pub fn is_lively(&self) -> bool {
        self.overview.is_loading()
            || self.check.found.job.is_some()
            || self.change.as_ref().is_some_and(|change| change.job.is_some())
    }

    /// The jobs that are under way here: a change, and a verification.
    pub fn jobs(&self) -> [Option<JobId>; 2] {
        let going = self.change.as_ref().filter(|change| matches!(change.stage, Stage::Going(_)));
        [going.and_then(|change| change.job), self.check.found.job]
    }

    /// Why what is shown could not be read, or not be read again.
    pub fn away(&self) -> Option<&Notice> {
        self.overview.missed.as_ref().or_else(|| self.overview.failed())
    }

    /// Puts the cursors where the selected version and entry are now.
    fn follow_selected(&mut self) {
        let rows: Vec<u32> = versions::rows(self).iter().map(versions::Row::n).collect();
        let at = self.version.and_then(|n| rows.iter().position(|row| *row == n));
        self.versions.at = at.unwrap_or(self.versions.at).min(rows.len().saturating_sub(1));
        self.version = rows.get(self.versions.at).copied();
        let listed: Vec<u32> = ledger::listed(self).iter().map(|entry| entry.n).collect();
        let at = self.entry.and_then(|n| listed.iter().position(|found| *found == n));
        self.ledger.at = at.unwrap_or(self.ledger.at).min(listed.len().saturating_sub(1));
        // The newest one is not held on to: newer ones come.
        self.entry = listed.get(self.ledger.at).copied().filter(|_| self.ledger.at > 0);
    }

    /// The selected entry.
    fn current_entry(&self) -> Option<&Entry> {
        ledger::listed(self).get(self.ledger.at).copied()
    }

    /// The version that an action is about: the selected one, or that of the selected entry.
    fn meant(&self) -> Option<u32> {
        match self.focus {
            Focus::Versions => versions::rows(self).get(self.versions.at).map(versions::Row::n),
            Focus::Ledger => self.current_entry().map(|entry| entry.version),
        }
    }
}

pub fn context(app: &App) -> Context {
    let models = &app.models;
    if models.question.is_some() {
        return Context::LedgerDate;
    }
    match (models.open, &models.change) {
        (Some(Aside::Change), Some(change)) => match change.stage {
            Stage::Alias => Context::Aliases,
            Stage::Override | Stage::Reason | Stage::Name => Context::ChangeText,
            _ => Context::Change,
        },
        (Some(Aside::Verified), _) => Context::Verified,
        (None, _) if models.find.as_ref().is_some_and(|find| find.typing) => Context::LedgerFind,
        _ => match models.focus {
            Focus::Versions => Context::Versions,
            Focus::Ledger => Context::Ledger,
        },
    }
}

/// Whether an action does something now.
pub fn applies(app: &App, action: Action) -> bool {
    let models = &app.models;
    let overview = models.overview.ready();
    match (context(app), action) {
        (Context::Versions | Context::Ledger, Action::Back) => models.open.is_some() || back_clears(models),
        (Context::Versions | Context::Ledger, Action::Open) => models.open.is_none() && detail::is_there(app),
        (Context::Versions, Action::Promote) => models.meant().is_some(),
        (_, Action::Rollback) => begin::rollback_of(app).is_ok(),
        (Context::Ledger, Action::Filter) | (_, Action::OnDate) => {
            overview.is_some_and(|overview| overview.ledger.last() > 0)
        }
        (_, Action::Verify | Action::Pane) if app.focus() != Context::Verified => overview.is_some(),
        (_, Action::Cancel) => models.check.found.job.is_some(),
        (Context::Change, action) => models.change.as_ref().is_some_and(|change| change.applies(action)),
        _ => true,
    }
}

fn back_clears(models: &ModelsScreen) -> bool {
    models.find.is_some() || models.told.is_some()
}

pub fn entered(app: &mut App) -> Vec<Effect> {
    read(app)
}

/// What `r` does: reads the registry; the gate is asked again by its own key.
pub fn refresh(app: &mut App) -> Vec<Effect> {
    read(app)
}

/// Reads the registry, unless that is being done.
fn read(app: &mut App) -> Vec<Effect> {
    if app.models.overview.job.is_some() { Vec::new() } else { reread(app) }
}

/// Reads the registry after a change: what is on its way may have been read before it.
fn reread(app: &mut App) -> Vec<Effect> {
    let (job, before) = (app.job(), app.models.overview.job);
    app.models.overview.refresh(job, app.now);
    app.models.asked = Some(app.now);
    before.map(Effect::Stop).into_iter().chain([Effect::Models(job, Ask::Read)]).collect()
}

/// Reads the registry now and then while it is looked at.
pub fn tick(app: &mut App) -> Vec<Effect> {
    let idle = app.models.asked.is_none_or(|at| (app.now - at).to_std().is_ok_and(|since| since >= IDLE));
    if app.screen == Screen::Models && idle { read(app) } else { Vec::new() }
}

pub fn failure(app: &App) -> Option<&Notice> {
    let models = &app.models;
    let change = models.change.as_ref().and_then(Change::failed);
    match models.open {
        Some(Aside::Change) => change,
        Some(Aside::Verified) => models.check.found.failed(),
        _ => models.away().or(change).or_else(|| models.check.found.failed()),
    }
}

/// Whether a failure stands where the lists would.
pub fn is_blocked(app: &App) -> bool {
    app.models.open.is_none() && app.models.overview.failed().is_some()
}

/// A job was stopped from the list of jobs: no answer comes.
pub fn stopped(app: &mut App, job: JobId, notice: &Notice) -> Vec<Effect> {
    if app.models.check.found.job == Some(job) {
        app.models.check.found.stop("v verifies again");
        return Vec::new();
    }
    match &mut app.models.change {
        Some(change) if change.job == Some(job) => {
            let hint = "the ledger says what is in use; the same again finishes what was begun";
            change.fail(notice.clone().hint(hint));
            reread(app)
        }
        _ => Vec::new(),
    }
}

/// The text field that keys go to.
fn field(app: &mut App) -> Option<&mut Input> {
    match context(app) {
        Context::LedgerDate => app.models.question.as_mut().map(Question::field),
        Context::LedgerFind => app.models.find.as_mut().map(|find| &mut find.input),
        Context::ChangeText => app.models.change.as_mut().and_then(Change::field),
        _ => None,
    }
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(input) = field(app) {
        input.key(key);
    }
    app.models.follow_selected();
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(input) = field(app) {
        input.paste(text);
    }
    app.models.follow_selected();
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let models = &mut app.models;
    if models.question.take().is_some() {
        return Some(Vec::new());
    }
    match models.open {
        Some(Aside::Change) => return Some(change::back(app)),
        Some(Aside::Detail | Aside::Verified) => {
            models.open = None;
            return Some(Vec::new());
        }
        None => {}
    }
    if models.find.take().is_some() || models.told.take().is_some() {
        models.follow_selected();
        return Some(Vec::new());
    }
    None
}

/// How long ago the registry was read: `3m 10s`.
fn age(app: &App) -> Option<String> {
    let at = DateTime::parse_from_rfc3339(&app.models.overview.ready()?.at).ok()?;
    Some(clock((app.now - at.to_utc()).num_milliseconds().max(0) as u64))
}
