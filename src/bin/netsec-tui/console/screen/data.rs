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
mod opened;
mod query;
mod save;
pub mod view;

pub use act::perform;
pub use answer::answer;
pub use opened::Opened;
pub use save::done as saved;

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::keymap::Context;
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::data::{Ask, Database, Source};
use crate::console::msg::{Effect, JobId};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crossterm::event::KeyEvent;
use fields::FieldsView;
use netsec::push::{Progress, Pushed};
use netsec::run::RunStatus;
use netsec::store::{CollectionInfo, Namespace};
use query::FilterBar;
use save::Saving;

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
    pub saving: Option<Saving>,
    pub push: Push,
}

impl DataScreen {
    /// The collections in the order in which they are listed.
    pub fn collections(&self) -> Vec<(&str, &CollectionInfo)> {
        let databases = self.catalog.ready().map_or(&[][..], Vec::as_slice);
        databases.iter().flat_map(|d| d.collections.iter().map(|c| (d.name.as_str(), c))).collect()
    }

    /// Whether the store is known to hold nothing.
    pub fn is_empty(&self) -> bool {
        self.catalog.ready().is_some() && self.collections().is_empty()
    }

    /// What the list says of a collection.
    pub fn info(&self, namespace: &Namespace) -> Option<&CollectionInfo> {
        let is_it = |(database, info): &(&str, &CollectionInfo)| {
            *database == namespace.database && info.name == namespace.collection
        };
        self.collections().into_iter().find(is_it).map(|(_, info)| info)
    }

    pub fn is_welcome(&self) -> bool {
        self.guide || self.is_empty()
    }

    /// Whether documents, their number or their fields are waited for.
    pub fn is_waiting(&self) -> bool {
        match &self.fields {
            Some(fields) => fields.pane.job.is_some(),
            None => self.open.as_ref().is_some_and(Opened::is_waiting),
        }
    }

    pub fn is_lively(&self) -> bool {
        self.catalog.is_loading() || self.push.pane.is_loading() || self.is_waiting()
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
    } else if data.saving.is_some() {
        Context::Save
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

/// Ends what is read for what is shown; none when nothing is.
fn stop(app: &mut App) -> Option<Vec<Effect>> {
    match &mut app.data.fields {
        Some(fields) => Some(vec![Effect::Stop(fields.pane.stop("r reads the rows again")?)]),
        None => app.data.open.as_mut().map(Opened::stop).filter(|effects| !effects.is_empty()),
    }
}

pub fn refresh_catalog(app: &mut App) -> Vec<Effect> {
    let job = app.job();
    let before = app.data.catalog.job.map(Effect::Stop);
    app.data.catalog.refresh(job, app.now);
    before.into_iter().chain([Effect::Data(job, Ask::Catalog)]).collect()
}

/// Asks again for whatever is still waited for, or failed because the store was away.
pub fn recover(app: &mut App) -> Vec<Effect> {
    let mut effects = Vec::new();
    if app.data.catalog.is_cut_off() {
        effects.extend(refresh_catalog(app));
    }
    let open = app.data.open.as_ref();
    let cut_off = open.map(|o| [o.page.is_cut_off(), o.count.is_cut_off(), o.plan.is_cut_off()]);
    let [page, count, plan] = cut_off.unwrap_or_default();
    if page {
        effects.extend(opened::fetch(app));
    }
    if count {
        effects.extend(opened::recount(app));
    }
    if plan {
        effects.extend(opened::plan(app));
    }
    if app.data.fields.as_ref().is_some_and(|fields| fields.pane.is_cut_off()) {
        effects.extend(fields::read(app));
    }
    effects
}

/// Forgets what was shown of a store that is left, and ends what was asked of it.
pub fn forget(app: &mut App) -> Vec<Effect> {
    let mut data = std::mem::take(&mut app.data);
    let jobs = [data.catalog.job, data.fields.and_then(|fields| fields.pane.job)];
    let mut effects: Vec<Effect> = jobs.into_iter().flatten().map(Effect::Stop).collect();
    effects.extend(data.open.as_mut().map_or_else(Vec::new, Opened::let_go));
    effects
}

pub fn entered(app: &mut App) -> Vec<Effect> {
    refresh_catalog(app)
}

pub fn refresh(app: &mut App) -> Vec<Effect> {
    let mut effects = refresh_catalog(app);
    effects.extend(opened::fetch(app));
    effects.extend(opened::recount(app));
    effects.extend(fields::refresh(app));
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
        .or(app.data.catalog.missed.as_ref())
        .or_else(|| open.and_then(|o| o.page.missed.as_ref().or(o.count.missed.as_ref())))
        .or_else(|| app.data.fields.as_ref().and_then(|f| f.pane.missed.as_ref()))
}

fn push(app: &mut App, source: Source) -> Vec<Effect> {
    if app.data.push.pane.is_loading() {
        app.say(Tone::Warn, "rows are being loaded already");
        return Vec::new();
    }
    let into = app.around.store.namespace.clone();
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
pub fn stopped(app: &mut App, job: JobId, why: &Notice) -> Vec<Effect> {
    // What had been stored until then stays, and is looked at.
    if app.data.push.pane.accept(job, Err(why.clone())) { refresh(app) } else { Vec::new() }
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(input) = &mut app.data.path {
        input.key(key);
    } else if let Some(saving) = &mut app.data.saving {
        saving.input.key(key);
        saving.mistake = None;
    } else if let Some(bar) = &mut app.data.filter {
        bar.input.key(key);
        query::changed(app);
    }
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(input) = &mut app.data.path {
        input.paste(text);
    } else if let Some(saving) = &mut app.data.saving {
        saving.input.paste(text);
        saving.mistake = None;
    } else if let Some(bar) = &mut app.data.filter {
        bar.input.paste(text);
        query::changed(app);
    }
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let data = &mut app.data;
    if data.path.take().is_some() || data.saving.take().is_some() || data.filter.take().is_some() {
        return Some(Vec::new());
    }
    // What is waited for is let go of first; what is there stays.
    if let Some(effects) = stop(app) {
        return Some(effects);
    }
    let data = &mut app.data;
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
                return Some(opened::open(app, namespace));
            }
            data.focus = Focus::Tree;
        }
        Focus::Tree => return None,
    }
    Some(Vec::new())
}
