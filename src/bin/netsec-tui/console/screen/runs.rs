//! Screen 4, Runs: all runs as a table, one run as a report.

mod answer;
pub mod compare;
pub mod facet;
pub mod report;
pub mod threshold;
pub mod view;

pub use answer::answer;

use crate::console::app::{App, Decision, Overlay, Screen};
use crate::console::format::short_id;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::runs::{Ask, Detail, RunRow};
use crate::console::update::{go, motion};
use crate::console::widget::Cursor;
use compare::Compare;
use crossterm::event::KeyEvent;
use facet::Facet;
use netsec::event::Family;
use netsec::predict::Chosen;
use netsec::run::RunStatus;
use threshold::Prompt;

/// The order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Newest,
    State,
    Collection,
    CvF1,
    TestF1,
    Time,
}

impl Order {
    const ALL: [Order; 6] = [Order::Newest, Order::State, Order::Collection, Order::CvF1, Order::TestF1, Order::Time];

    pub fn name(self) -> &'static str {
        match self {
            Order::Newest => "newest first",
            Order::State => "by state",
            Order::Collection => "by collection",
            Order::CvF1 => "best cv F1 first",
            Order::TestF1 => "best test F1 first",
            Order::Time => "slowest first",
        }
    }
}

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
    pub order: Order,
    pub report: Option<OpenReport>,
    pub compare: Option<Compare>,
    /// The runs that are being cancelled or resumed.
    pub asked: Pane<String>,
}

impl RunsScreen {
    /// The rows in the table's order.
    pub fn sorted(&self) -> Vec<&RunRow> {
        let mut rows: Vec<&RunRow> = self.rows.ready().map_or(&[][..], Vec::as_slice).iter().collect();
        let cv = |r: &RunRow| r.best.map_or(f64::NEG_INFINITY, |b| b.1);
        let test = |r: &RunRow| r.test.map_or(f64::NEG_INFINITY, |t| t.0);
        match self.order {
            Order::Newest => {}
            Order::State => rows.sort_by_key(|r| r.status.name()),
            Order::Collection => rows.sort_by(|a, b| a.collection.cmp(&b.collection)),
            Order::CvF1 => rows.sort_by(|a, b| cv(b).total_cmp(&cv(a))),
            Order::TestF1 => rows.sort_by(|a, b| test(b).total_cmp(&test(a))),
            Order::Time => rows.sort_by_key(|r| std::cmp::Reverse(r.elapsed_ms)),
        }
        rows
    }

    pub fn is_lively(&self) -> bool {
        self.rows.is_loading()
            || self.compare.as_ref().is_some_and(|c| c.found.job.is_some() || c.writing.is_loading())
            || self.report.as_ref().is_some_and(|r| r.detail.is_loading() || r.setting.is_loading())
    }

    /// The run that an action is about.
    pub fn current(&self) -> Option<&RunRow> {
        match &self.report {
            Some(report) => self.rows.ready()?.iter().find(|r| r.id == report.id),
            None => self.sorted().get(self.cursor.at).copied(),
        }
    }

    /// Puts the cursor where the selected run is now.
    pub fn follow_selected(&mut self) {
        let sorted: Vec<String> = self.sorted().into_iter().map(|r| r.id.clone()).collect();
        let at = self.selected.as_ref().and_then(|id| sorted.iter().position(|s| s == id));
        self.cursor.at = at.unwrap_or(self.cursor.at);
        self.cursor.step(0, sorted.len());
    }
}

pub fn context(app: &App) -> Context {
    match &app.runs.compare {
        Some(compare) if compare.prompt.is_some() => return Context::ComparisonFile,
        Some(_) => return Context::Compare,
        None => {}
    }
    match &app.runs.report {
        Some(report) if report.prompt.is_some() => Context::Threshold,
        Some(_) => Context::Report,
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

/// What `ctrl-r` fetches beside the list.
pub fn reload(app: &mut App) -> Vec<Effect> {
    if let Some(effects) = compare::reload(app) {
        return effects;
    }
    match app.runs.report.as_ref().map(|r| r.id.clone()) {
        Some(id) => load_detail(app, &id),
        None => Vec::new(),
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
    report.or_else(|| app.runs.asked.failed()).or_else(|| app.runs.rows.failed())
}

/// Shows a run's report, from wherever one is.
pub fn open_report(app: &mut App, id: &str) -> Vec<Effect> {
    let mut effects = go(app, Screen::Runs);
    app.runs.selected = Some(id.to_owned());
    app.runs.follow_selected();
    app.runs.compare = None;
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
    app.runs.report.take().map(|_| Vec::new())
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

/// A key that is text.
pub fn typed(app: &mut App, key: KeyEvent) {
    match app.runs.compare.as_mut().and_then(|c| c.prompt.as_mut()) {
        Some(prompt) => prompt.input.key(key),
        None => threshold::typed(app, key),
    }
}

/// Text that was pasted.
pub fn pasted(app: &mut App, text: &str) {
    match app.runs.compare.as_mut().and_then(|c| c.prompt.as_mut()) {
        Some(prompt) => prompt.input.paste(text),
        None => threshold::pasted(app, text),
    }
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if app.runs.compare.is_some() {
        return compare::perform(app, action);
    }
    let current = app.runs.current().map(|r| (r.id.clone(), r.status));
    let model = report::selected(app);
    match (action, current) {
        (Action::Open, Some((id, _))) if app.runs.report.is_none() => return open_report(app, &id),
        (Action::PredictWith, Some((id, RunStatus::Finished))) => return predict_with(app, &id, model),
        (Action::PredictWith, Some((_, status))) => {
            app.say(Tone::Plain, format!("only a finished run has models to predict with; it is {status}"));
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
        (Action::Sort, _) => {
            let at = Order::ALL.iter().position(|o| *o == app.runs.order).unwrap_or(0);
            app.runs.order = Order::ALL[(at + 1) % Order::ALL.len()];
            app.runs.follow_selected();
        }
        (Action::Pane, _) => report::next_facet(app),
        (Action::Compare, _) => return compare::open(app),
        (Action::Threshold, _) => threshold::ask(app),
        (Action::Submit, _) => return threshold::submit(app),
        (action, _) => {
            let (models, rows) = (models(app), app.runs.rows.ready().map_or(0, Vec::len));
            if let Some(report) = &mut app.runs.report {
                if let Some(by) = motion(action, &report.cursor, models) {
                    report.cursor.step(by, models);
                }
            } else if let Some(by) = motion(action, &app.runs.cursor, rows) {
                app.runs.cursor.step(by, rows);
                app.runs.selected = app.runs.current().map(|r| r.id.clone());
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
    super::predict::choose(app, Some(id.to_owned()), family)
}

/// How many finished runs were scored on the same hold-out as this one, itself included.
pub fn same_holdout(rows: &[RunRow], run: &RunRow) -> usize {
    rows.iter().filter(|r| r.status == RunStatus::Finished).filter(|r| r.holdout == run.holdout).count()
}
