//! Screen 1, Data: the first steps on an empty store; otherwise collections, documents, one document,
//! or the fields of a collection.
//!
//! ```text
//! ── collections ──────┬─ NetworkData · 10,000 documents · page 1 ─────────────────
//!  netsec              │ having_IP  URL_Length  ...
//! ▌  NetworkData 10,000│▌       -1           1  ...
//! ```

mod act;
mod answer;
mod document;
pub mod fields;
pub mod view;

pub use act::perform;
pub use answer::answer;

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::keymap::Context;
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::data::{Ask, Database, Fetched, Source};
use crate::console::msg::{Effect, JobId};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crate::console::widget::table::Column;
use bson::Document;
use crossterm::event::KeyEvent;
use fields::FieldsView;
use netsec::push::{Progress, Pushed};
use netsec::run::RunStatus;
use netsec::store::{Cursor as Place, Filter, Namespace, Query, parse_filter};
use std::cell::Cell;

/// Documents in a page.
const PAGE: usize = 200;
/// Rows of the sample, and its seed.
pub const SAMPLE: Source = Source::Sample { rows: 10_000, seed: 1 };

/// Which pane has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    #[default]
    Tree,
    Table,
    Document,
}

/// A filter being typed.
#[derive(Debug, Clone)]
pub struct FilterBar {
    pub input: Input,
    /// Where it is wrong (in characters), and why.
    pub error: Option<(usize, String)>,
}

/// A collection whose documents are shown.
#[derive(Debug, Clone)]
pub struct Opened {
    pub namespace: Namespace,
    pub filter_text: String,
    pub filter: Filter,
    pub page: Pane<Box<Fetched>>,
    pub count: Pane<u64>,
    /// Where this page begins, and where those before it did.
    pub here: Option<Place>,
    pub before: Vec<Option<Place>>,
    pub columns: Vec<Column>,
    pub row: Cursor,
    pub column: usize,
    pub first_column: Cell<usize>,
    /// The first line shown of the document, and how many it has as drawn.
    pub line: Cursor,
    pub lines: Cell<usize>,
}

impl Opened {
    fn new(namespace: Namespace) -> Self {
        Self {
            namespace,
            filter_text: String::new(),
            filter: Filter::default(),
            page: Pane::default(),
            count: Pane::default(),
            here: None,
            before: Vec::new(),
            columns: Vec::new(),
            row: Cursor::default(),
            column: 0,
            first_column: Cell::new(0),
            line: Cursor::default(),
            lines: Cell::new(0),
        }
    }

    pub fn documents(&self) -> &[Document] {
        self.page.ready().map_or(&[], |page| &page.documents)
    }

    pub fn selected(&self) -> Option<&Document> {
        self.documents().get(self.row.at)
    }
}

/// Rows on their way into a collection.
#[derive(Debug, Clone, Default)]
pub struct Push {
    pub pane: Pane<Box<Pushed>>,
    pub progress: Progress,
    pub what: String,
    pub into: Option<Namespace>,
}

/// The screen's state.
#[derive(Debug, Default)]
pub struct DataScreen {
    pub catalog: Pane<Vec<Database>>,
    /// Whether the first steps stay, though there is something to browse by now.
    pub guide: bool,
    pub focus: Focus,
    pub tree: Cursor,
    pub open: Option<Opened>,
    /// The fields of a collection, in place of its documents.
    pub fields: Option<FieldsView>,
    pub path: Option<Input>,
    pub filter: Option<FilterBar>,
    pub push: Push,
}

impl DataScreen {
    /// The collections in the order in which they are listed.
    pub fn collections(&self) -> Vec<(&str, &netsec::store::CollectionInfo)> {
        let databases = self.catalog.ready().map_or(&[][..], Vec::as_slice);
        databases.iter().flat_map(|d| d.collections.iter().map(|c| (d.name.as_str(), c))).collect()
    }

    /// Whether the store is known to hold nothing.
    pub fn is_empty(&self) -> bool {
        self.catalog.ready().is_some() && self.collections().is_empty()
    }

    pub fn is_welcome(&self) -> bool {
        self.guide || self.is_empty()
    }

    pub fn is_lively(&self) -> bool {
        let open = self.open.as_ref().is_some_and(|o| o.page.is_loading() || o.count.is_loading());
        let fields = self.fields.as_ref().is_some_and(|f| f.pane.is_loading());
        self.catalog.is_loading() || self.push.pane.is_loading() || open || fields
    }
}

/// What comes next for somebody who starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Load,
    Train,
    Look,
    Predict,
}

impl Step {
    pub const ALL: [Step; 4] = [Step::Load, Step::Train, Step::Look, Step::Predict];

    pub fn is_done(self, app: &App) -> bool {
        match self {
            Step::Load => !app.data.collections().is_empty(),
            Step::Train => finished(app).is_some(),
            Step::Look => app.looked,
            Step::Predict => app.predicted,
        }
    }

    /// The first one that is not done.
    pub fn next(app: &App) -> Option<Self> {
        Self::ALL.into_iter().find(|step| !step.is_done(app))
    }
}

/// The newest finished run.
fn finished(app: &App) -> Option<&str> {
    let rows = app.runs.rows.ready()?;
    rows.iter().find(|r| r.status == RunStatus::Finished).map(|r| r.id.as_str())
}

pub fn context(app: &App) -> Context {
    let data = &app.data;
    if data.path.is_some() {
        Context::Path
    } else if data.filter.is_some() {
        Context::Filter
    } else if let Some(fields) = &data.fields {
        if fields.reading.is_some() { Context::Field } else { Context::Fields }
    } else if data.is_welcome() {
        Context::Welcome
    } else {
        match data.focus {
            Focus::Tree => Context::Tree,
            Focus::Table => Context::Table,
            Focus::Document => Context::Document,
        }
    }
}

pub fn refresh_catalog(app: &mut App) -> Vec<Effect> {
    let job = app.job();
    app.data.catalog.refresh(job, app.now);
    vec![Effect::Data(job, Ask::Catalog)]
}

pub fn entered(app: &mut App) -> Vec<Effect> {
    refresh_catalog(app)
}

pub fn refresh(app: &mut App) -> Vec<Effect> {
    let mut effects = refresh_catalog(app);
    effects.extend(fetch(app));
    effects.extend(recount(app));
    effects.extend(fields::read(app));
    effects
}

/// Whether a failure stands where there would be something to open.
pub fn is_blocked(app: &App) -> bool {
    if let Some(fields) = &app.data.fields {
        return fields.pane.failed().is_some();
    }
    let page = app.data.open.as_ref().is_some_and(|o| o.page.failed().is_some());
    app.data.catalog.failed().is_some() || (page && app.data.focus != Focus::Tree)
}

pub fn failure(app: &App) -> Option<&Notice> {
    let open = app.data.open.as_ref();
    app.data
        .push
        .pane
        .failed()
        .or_else(|| app.data.fields.as_ref().and_then(|f| f.pane.failed()))
        .or_else(|| app.data.catalog.failed())
        .or_else(|| open.and_then(|o| o.page.failed()))
        .or_else(|| open.and_then(|o| o.count.failed()))
}

/// Opens a collection from its start.
fn open(app: &mut App, namespace: Namespace) -> Vec<Effect> {
    app.data.open = Some(Opened::new(namespace));
    let mut effects = fetch(app);
    effects.extend(recount(app));
    effects
}

/// Fetches the page that is to be shown.
fn fetch(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(open) = &mut app.data.open else { return Vec::new() };
    open.page.refresh(job, now);
    let query = Query { filter: open.filter.clone(), after: open.here.clone(), limit: PAGE, ..Query::default() };
    vec![Effect::Data(job, Ask::Fetch(open.namespace.clone(), query))]
}

/// Counts behind the page: a count may take longer than a page, and nobody waits for it.
fn recount(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(open) = &mut app.data.open else { return Vec::new() };
    open.count.refresh(job, now);
    vec![Effect::Data(job, Ask::Count(open.namespace.clone(), open.filter.clone()))]
}

fn push(app: &mut App, source: Source) -> Vec<Effect> {
    if app.data.push.pane.is_loading() {
        app.say(Tone::Warn, "rows are being loaded already");
        return Vec::new();
    }
    let into = app.around.namespace.clone();
    let what = match &source {
        Source::Sample { rows, .. } => format!("{} sample rows", crate::console::format::count(*rows)),
        Source::File(path) => clean(path),
    };
    let job = app.begin(format!("load {what} into {}", into.collection));
    app.data.push = Push { what, into: Some(into.clone()), ..Push::default() };
    app.data.push.pane.restart(job, app.now);
    app.data.guide = app.data.is_welcome();
    vec![Effect::Data(job, Ask::Push(into, source))]
}

/// Takes that no answer comes any more: the job was stopped.
pub fn stopped(app: &mut App, job: JobId, why: &Notice) {
    app.data.push.pane.accept(job, Err(why.clone()));
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(input) = &mut app.data.path {
        input.key(key);
    } else if let Some(bar) = &mut app.data.filter {
        bar.input.key(key);
        check_filter(app);
    }
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(input) = &mut app.data.path {
        input.paste(text);
    } else if let Some(bar) = &mut app.data.filter {
        bar.input.paste(text);
        check_filter(app);
    }
}

/// Parses what is typed, so that a mistake shows where it is made.
fn check_filter(app: &mut App) -> Option<Filter> {
    let bar = app.data.filter.as_mut()?;
    let text = bar.input.text();
    match parse_filter(&text) {
        Ok(filter) => {
            bar.error = None;
            Some(filter)
        }
        Err(error) => {
            bar.error = Some((error.at, clean(&error.message)));
            None
        }
    }
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let data = &mut app.data;
    if data.path.take().is_some() || data.filter.take().is_some() {
        return Some(Vec::new());
    }
    if data.push.pane.ready().is_some() || data.push.pane.failed().is_some() {
        data.push = Push::default();
        return Some(Vec::new());
    }
    if let Some(fields) = &mut data.fields {
        if fields.reading.take().is_none() {
            data.fields = None;
        }
        return Some(Vec::new());
    }
    if data.is_welcome() {
        let moved = data.guide && !data.is_empty();
        data.guide = data.guide && !moved;
        return moved.then(Vec::new);
    }
    match data.focus {
        Focus::Document => data.focus = Focus::Table,
        Focus::Table => {
            // A filter is a level of its own.
            if let Some(open) = data.open.as_mut().filter(|o| !o.filter_text.is_empty()) {
                let namespace = open.namespace.clone();
                return Some(self::open(app, namespace));
            }
            data.focus = Focus::Tree;
        }
        Focus::Tree => return None,
    }
    Some(Vec::new())
}
