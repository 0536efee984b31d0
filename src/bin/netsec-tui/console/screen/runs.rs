//! Screen 4, Runs: all runs as a table, one run as a report.

mod answer;
pub mod bin;
pub mod columns;
pub mod compare;
pub mod edit;
pub mod facet;
pub mod filter;
pub mod look;
pub mod report;
pub mod threshold;
pub mod view;

pub use answer::answer;

use crate::console::app::{App, Decision, Overlay, Screen};
use crate::console::clean::clean;
use crate::console::format::short_id;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::models::Challenger;
use crate::console::msg::predict::Source;
use crate::console::msg::runs::{Ask, Detail, RunRow};
use crate::console::update::{go, motion};
use crate::console::widget::Cursor;
use compare::Compare;
use crossterm::event::KeyEvent;
use facet::Facet;
use look::{Line, Look};
use netsec::event::Family;
use netsec::predict::Chosen;
use netsec::run::RunStatus;
use netsec::run::query::Field;
use netsec::run::table::Sort;
use threshold::Prompt;

/// A run's report.
#[derive(Debug, Default)]
pub struct OpenReport {
    pub id: String,
    pub detail: Pane<Box<Detail>>,
    pub cursor: Cursor,
    /// What is shown of the selected model where there is no room for all.
    pub facet: Facet,
    /// The models' present thresholds: they may have been changed since the report was written.
    pub thresholds: Pane<Vec<Chosen>>,
    /// A threshold that is being set.
    pub setting: Pane<Box<Chosen>>,
    pub prompt: Option<Prompt>,
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct RunsScreen {
    /// The runs that were marked, in the order in which they were.
    pub marked: Vec<String>,
    /// The run that others are held against.
    pub baseline: Option<String>,
    /// All runs, newest first. The header, the first steps and the model choice read them too.
    pub rows: Pane<Vec<RunRow>>,
    pub cursor: Cursor,
    /// The selected run: it stays selected while rows arrive.
    pub selected: Option<String>,
    pub look: Look,
    pub report: Option<OpenReport>,
    pub compare: Option<Compare>,
    /// The runs that are being cancelled or resumed.
    pub asked: Pane<String>,
}

impl RunsScreen {
    pub fn is_lively(&self) -> bool {
        let look = &self.look;
        let changes = look.edited.is_loading() || look.bin.as_ref().is_some_and(|bin| bin.list.is_loading());
        self.rows.is_loading()
            || changes
            || self.compare.as_ref().is_some_and(|c| c.found.job.is_some() || c.writing.is_loading())
            || self.report.as_ref().is_some_and(|r| r.detail.is_loading() || r.setting.is_loading())
    }

    /// The run that an action is about.
    pub fn current(&self) -> Option<&RunRow> {
        match &self.report {
            Some(report) => self.rows.ready()?.iter().find(|r| r.id == report.id),
            None => self.line().and_then(|line| line.run()),
        }
    }
}

pub fn context(app: &App) -> Context {
    match &app.runs.compare {
        Some(compare) if compare.prompt.is_some() => return Context::ComparisonFile,
        Some(_) => return Context::Compare,
        None => {}
    }
    let look = &app.runs.look;
    if look.prompt.is_some() {
        return Context::RunText;
    }
    match &app.runs.report {
        Some(report) if report.prompt.is_some() => Context::Threshold,
        Some(_) => Context::Report,
        None if look.bin.is_some() => Context::Trash,
        None if look.bar.is_some() => Context::RunFilter,
        None if look.choosing.is_some() => Context::Columns,
        None => Context::Runs,
    }
}

/// Lists the runs again, unless that is being done.
pub fn refresh(app: &mut App) -> Vec<Effect> {
    if app.runs.rows.job.is_some() {
        return Vec::new();
    }
    let job = app.job();
    app.runs.rows.refresh(job, app.now);
    vec![Effect::Runs(job, Ask::List)]
}

/// Lists the runs again after a change: a list that is on its way may have been made before it.
pub fn reread(app: &mut App) -> Vec<Effect> {
    let job = app.job();
    app.runs.rows.refresh(job, app.now);
    vec![Effect::Runs(job, Ask::List)]
}

/// What `ctrl-r` fetches beside the list.
pub fn reload(app: &mut App) -> Vec<Effect> {
    if let Some(effects) = compare::reload(app) {
        return effects;
    }
    match app.runs.report.as_ref().map(|r| r.id.clone()) {
        Some(id) => load_detail(app, &id),
        None => bin::refresh(app),
    }
}

/// While a run is on, its row moves: once a second where it is seen, less often for the header.
pub fn tick(app: &mut App) -> Vec<Effect> {
    let seen = app.screen == Screen::Runs;
    let slow = app.pulse().is_some_and(|p| p.as_millis() > 1000);
    if app.running() > 0 && (slow || (seen && app.spin.is_multiple_of(4)) || app.spin.is_multiple_of(16)) {
        return refresh(app);
    }
    Vec::new()
}

pub fn failure(app: &App) -> Option<&Notice> {
    if app.runs.compare.is_some() {
        return compare::failure(app);
    }
    let report = app.runs.report.as_ref().and_then(|r| r.detail.failed().or_else(|| r.setting.failed()));
    let bin = app.runs.look.bin.as_ref().and_then(|bin| bin.list.failed());
    report
        .or(bin)
        .or_else(|| app.runs.look.edited.failed())
        .or_else(|| app.runs.asked.failed())
        .or_else(|| app.runs.rows.failed())
}

/// Shows a run's report, from wherever one is.
pub fn open_report(app: &mut App, id: &str) -> Vec<Effect> {
    let mut effects = go(app, Screen::Runs);
    app.runs.selected = Some(id.to_owned());
    app.runs.follow_selected();
    // A comparison that is still being made would go on unseen.
    effects.extend(app.runs.compare.take().and_then(|compare| compare.found.job).map(Effect::Stop));
    app.runs.report = Some(OpenReport { id: id.to_owned(), ..OpenReport::default() });
    effects.extend(load_detail(app, id));
    effects
}

fn load_detail(app: &mut App, id: &str) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(report) = &mut app.runs.report else { return Vec::new() };
    report.detail.refresh(job, now);
    vec![Effect::Runs(job, Ask::Detail(id.to_owned()))]
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    if let Some(effects) = compare::back(app) {
        return Some(effects);
    }
    if app.runs.report.as_mut().is_some_and(|r| r.prompt.take().is_some()) {
        return Some(Vec::new());
    }
    let look = &mut app.runs.look;
    if look.prompt.take().is_some() {
        return Some(Vec::new());
    }
    if app.runs.report.take().is_some() || look.bin.take().is_some() || look.choosing.take().is_some() {
        return Some(Vec::new());
    }
    if look.bar.is_some() {
        filter::leave(app);
        return Some(Vec::new());
    }
    if filter::clear(app) || !std::mem::take(&mut app.runs.marked).is_empty() {
        return Some(Vec::new());
    }
    None
}

/// A key that is not bound where text is typed.
pub fn typed(app: &mut App, key: KeyEvent) {
    match context(app) {
        Context::RunFilter => filter::typed(app, key),
        Context::ComparisonFile => compare::typed(app, key),
        Context::RunText => edit::typed(app, key),
        _ => threshold::typed(app, key),
    }
}

/// Pasted text.
pub fn pasted(app: &mut App, text: &str) {
    match context(app) {
        Context::RunFilter => filter::pasted(app, text),
        Context::ComparisonFile => compare::pasted(app, text),
        Context::RunText => edit::pasted(app, text),
        _ => threshold::pasted(app, text),
    }
}

/// Asks a run's worker to stop; the question was answered with yes.
pub fn cancel(app: &mut App, run: String) -> Vec<Effect> {
    let job = app.job();
    app.runs.asked.restart(job, app.now);
    vec![Effect::Runs(job, Ask::Cancel(run))]
}

/// Starts a worker on a run that has none.
pub fn resume(app: &mut App, id: &str, status: RunStatus) -> Vec<Effect> {
    if matches!(status, RunStatus::Running | RunStatus::Finished) {
        app.say(Tone::Plain, format!("there is nothing to resume: the run is {status}"));
        return Vec::new();
    }
    // Resumed as it is, it would fail again: whoever knows better says so.
    if app.runs.rows.ready().is_some_and(|rows| rows.iter().any(|row| row.id == id && row.unfit)) {
        app.overlay = Some(Overlay::Confirm {
            question: format!("Train run {} all the same?", short_id(id)),
            detail: "its validation failed; the run records who accepted that".to_owned(),
            decision: Decision::AcceptRun(id.to_owned()),
        });
        return Vec::new();
    }
    start_again(app, id, false)
}

/// Starts a worker on a run, whose failed validation may be accepted.
pub fn start_again(app: &mut App, id: &str, accept: bool) -> Vec<Effect> {
    let job = app.job();
    app.runs.asked.restart(job, app.now);
    app.say(Tone::Plain, "starting a worker on the run");
    vec![Effect::Runs(job, Ask::Resume(id.to_owned(), accept))]
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if app.runs.compare.is_some() {
        return compare::perform(app, action);
    }
    match context(app) {
        Context::Trash => return bin::perform(app, action),
        Context::RunFilter => return filter::perform(app, action),
        Context::Columns => return columns::perform(app, action),
        Context::RunText if action == Action::Submit => return edit::submit(app),
        Context::RunText => return Vec::new(),
        _ => {}
    }
    match action {
        Action::Note => edit::note(app),
        Action::Tags => edit::tags(app),
        action if app.runs.report.is_none() => return in_table(app, action),
        action => return on_run(app, action),
    }
    Vec::new()
}

/// What is done to the table as a whole; the rest is about the selected run.
fn in_table(app: &mut App, action: Action) -> Vec<Effect> {
    let look = &mut app.runs.look;
    match action {
        Action::Filter => filter::open(app),
        Action::Sort => {
            let (column, sort) = (look.column, look.sort);
            look.sort = Sort::by(column);
            // The same column again is turned round.
            if sort == look.sort {
                look.sort.descending = !sort.descending;
            }
            app.runs.follow_selected();
        }
        Action::Group => {
            let next = look.group.map_or(0, |by| Field::GROUPS.iter().position(|f| *f == by).map_or(0, |at| at + 1));
            look.group = Field::GROUPS.get(next).copied();
            look.folded.clear();
            app.runs.follow_selected();
        }
        Action::Columns => look.choosing = Some(Cursor::default()),
        Action::Left => columns::step(app, -1),
        Action::Right => columns::step(app, 1),
        Action::Toggle => {
            let ids = match app.runs.line() {
                Some(Line::Heading(heading)) => heading.ids,
                Some(Line::Base(run) | Line::Run(run)) => vec![run.id.clone()],
                None => Vec::new(),
            };
            app.runs.toggle_marks(&ids);
        }
        Action::MarkAll => {
            let shown: Vec<String> = app.runs.shown().into_iter().map(|run| run.id.clone()).collect();
            app.runs.toggle_marks(&shown);
        }
        Action::Baseline => {
            let id = app.runs.current().map(|run| run.id.clone());
            let same = id == app.runs.baseline;
            app.runs.baseline = id.filter(|_| !same);
            app.runs.follow_selected();
        }
        Action::Export => edit::export(app),
        Action::Delete => edit::delete(app),
        Action::Undo => return edit::undo(app),
        Action::Bin => return bin::open(app),
        Action::CopyRow => return copy_row(app),
        Action::Open => return open(app),
        action => return on_run(app, action),
    }
    Vec::new()
}

/// Opens the selected run's report, or folds the selected group.
fn open(app: &mut App) -> Vec<Effect> {
    match app.runs.line() {
        Some(Line::Heading(heading)) => {
            let folded = &mut app.runs.look.folded;
            if !folded.remove(&heading.name) {
                folded.insert(heading.name);
            }
            Vec::new()
        }
        Some(Line::Base(run) | Line::Run(run)) => {
            let id = run.id.clone();
            open_report(app, &id)
        }
        None => Vec::new(),
    }
}

/// Copies the selected run with the columns that are chosen, as a header and a line with tabs between.
fn copy_row(app: &mut App) -> Vec<Effect> {
    let Some(run) = app.runs.current() else { return Vec::new() };
    let lines = netsec::run::table::cells(&[run], &columns::chosen(app));
    let line = |cells: Vec<String>| cells.iter().map(|cell| clean(cell)).collect::<Vec<_>>().join("\t");
    let text: Vec<String> = lines.into_iter().map(line).collect();
    app.copy("the run's row", text.join("\n"))
}

fn on_run(app: &mut App, action: Action) -> Vec<Effect> {
    let current = app.runs.current().map(|r| (r.id.clone(), r.status));
    let model = report::selected(app);
    match (action, current) {
        (Action::PredictWith, Some((id, RunStatus::Finished))) => return predict_with(app, &id, model),
        (Action::PredictWith, Some((_, status))) => {
            app.say(Tone::Plain, format!("only a finished run has models to predict with; it is {status}"));
        }
        (Action::Promote, Some((id, RunStatus::Finished))) => {
            return super::models::challenge(app, Challenger::Run(id, model));
        }
        (Action::Promote, Some((_, status))) => {
            app.say(Tone::Plain, format!("only a finished run has models to promote; it is {status}"));
        }
        (Action::Cancel, Some((id, status))) => super::train::confirm_cancel(app, &id, status),
        (Action::Resume, Some((id, status))) => return resume(app, &id, status),
        (Action::Attach, Some((id, _))) => {
            app.screen = Screen::Train;
            let mut effects = super::train::attach(app, &id);
            effects.extend(super::train::entered(app));
            return effects;
        }
        (Action::CopyId, Some((id, _))) => return app.copy("the run's id", id),
        (Action::Pane, _) => report::next_facet(app),
        (Action::Compare, _) => return compare::open(app),
        (Action::Threshold, _) => threshold::ask(app),
        (Action::Submit, _) => return threshold::submit(app),
        (action, _) => {
            let (models, rows) = (models(app), app.runs.lines().len());
            if let Some(report) = &mut app.runs.report {
                if let Some(by) = motion(action, &report.cursor, models) {
                    report.cursor.step(by, models);
                }
            } else if let Some(by) = motion(action, &app.runs.cursor, rows) {
                app.runs.cursor.step(by, rows);
                app.runs.note_selected();
            }
        }
    }
    Vec::new()
}

fn models(app: &App) -> usize {
    let detail = app.runs.report.as_ref().and_then(|r| r.detail.ready());
    detail.and_then(|d| d.report.as_ref()).map_or(0, |r| r.models.len())
}

fn predict_with(app: &mut App, id: &str, family: Option<Family>) -> Vec<Effect> {
    app.screen = Screen::Predict;
    super::predict::choose(app, Some(Source::Run(id.to_owned())), family)
}

/// How many finished runs were scored on the same hold-out as this one, itself included.
pub fn same_holdout(rows: &[RunRow], run: &RunRow) -> usize {
    rows.iter().filter(|r| r.status == RunStatus::Finished).filter(|r| r.holdout == run.holdout).count()
}
