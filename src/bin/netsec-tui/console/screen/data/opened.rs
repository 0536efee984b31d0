//! A collection whose documents are shown: which of them, in which order, by which columns.

use super::document::columns;
use crate::console::app::{App, Overlay};
use crate::console::clean::clean;
use crate::console::load::{Load, Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::data::{Ask, Fetched};
use crate::console::widget::Cursor;
use crate::console::widget::table::Column;
use bson::Document;
use chrono::{DateTime, Utc};
use netsec::store::{Cursor as Place, Filter, Namespace, Plan, Query, Sort};
use std::cell::Cell;

/// Documents in a page.
const PAGE: usize = 200;
/// The same where each of them may be a piece of a file, which has 255 kB.
const PAGE_OF_CHUNKS: usize = 20;

/// A collection whose documents are shown.
#[derive(Debug, Clone)]
pub struct Opened {
    pub namespace: Namespace,
    pub filter_text: String,
    pub filter: Filter,
    pub sort: Vec<Sort>,
    pub page: Pane<Box<Fetched>>,
    pub count: Pane<u64>,
    /// How the server finds the documents, where that was asked for and it tells.
    pub plan: Pane<Option<Plan>>,
    /// Since when the page, and the number, are waited for.
    pub asked: [DateTime<Utc>; 2],
    /// Whether the page that is shown is that of an earlier question.
    pub stale: bool,
    /// Where this page begins, and where those before it did.
    pub here: Option<Place>,
    pub before: Vec<Option<Place>>,
    /// The columns that are shown, and the names of those that are not.
    pub columns: Vec<Column>,
    pub hidden: Vec<String>,
    /// Whether the first column, the label, stays where it is when the others move.
    pub pinned: bool,
    /// Whether the page is shown as JSON.
    pub as_json: bool,
    pub row: Cursor,
    pub column: usize,
    pub first_column: Cell<usize>,
    /// The first line shown of the document, and how many it has as drawn.
    pub line: Cursor,
    pub lines: Cell<usize>,
}

impl Opened {
    pub fn new(namespace: Namespace, hidden: Vec<String>) -> Self {
        Self {
            namespace,
            filter_text: String::new(),
            filter: Filter::default(),
            sort: Vec::new(),
            page: Pane::default(),
            count: Pane::default(),
            plan: Pane::default(),
            asked: [DateTime::UNIX_EPOCH; 2],
            stale: false,
            here: None,
            before: Vec::new(),
            columns: Vec::new(),
            hidden,
            pinned: false,
            as_json: false,
            row: Cursor::default(),
            column: 0,
            first_column: Cell::new(0),
            line: Cursor::default(),
            lines: Cell::new(0),
        }
    }

    /// The same from the first page on. What is shown stays until the new page is there, so that the screen does not
    /// flash.
    pub fn again(&mut self) -> Self {
        let page = Pane { load: std::mem::take(&mut self.page.load), ..Pane::default() };
        Self {
            filter_text: std::mem::take(&mut self.filter_text),
            filter: std::mem::take(&mut self.filter),
            sort: std::mem::take(&mut self.sort),
            stale: page.ready().is_some(),
            page,
            columns: std::mem::take(&mut self.columns),
            pinned: self.pinned,
            as_json: self.as_json,
            column: self.column,
            first_column: self.first_column.clone(),
            ..Self::new(self.namespace.clone(), std::mem::take(&mut self.hidden))
        }
    }

    pub fn documents(&self) -> &[Document] {
        self.page.ready().map_or(&[], |page| &page.documents)
    }

    pub fn selected(&self) -> Option<&Document> {
        self.documents().get(self.row.at)
    }

    /// Lays the page out in columns. Those of the page before keep their widths where they can: nothing jumps while
    /// paging.
    pub fn lay_out(&mut self) {
        let Some(page) = self.page.ready() else { return };
        let (mut fresh, target) = (columns(&page.schema, &page.documents), &page.schema.target.name);
        fresh.retain(|column| !self.hidden.contains(&column.title));
        let pinned = fresh.first().is_some_and(|column| column.title == *target);
        let same = fresh.len() == self.columns.len()
            && fresh.iter().zip(&self.columns).all(|(a, b)| a.title == b.title && a.width <= b.width);
        if !same {
            self.columns = fresh;
        }
        self.pinned = pinned;
        self.column = self.column.min(self.columns.len().saturating_sub(1));
        let len = self.documents().len();
        self.row.step(0, len);
    }

    /// The direction in which a column is sorted by.
    pub fn sorted(&self, name: &str) -> Option<bool> {
        self.sort.iter().find(|by| by.field == name).map(|by| by.descending)
    }

    pub fn is_waiting(&self) -> bool {
        self.page.job.is_some() || self.count.job.is_some()
    }

    /// Ends what is under way: nobody waits for it any more.
    pub fn let_go(&mut self) -> Vec<Effect> {
        [self.page.job.take(), self.count.job.take(), self.plan.job.take()]
            .into_iter()
            .flatten()
            .map(Effect::Stop)
            .collect()
    }

    /// Ends what is under way, because it is asked to: the page first, then the count.
    pub fn stop(&mut self) -> Vec<Effect> {
        let job = if self.page.job.is_some() {
            let hint = "/ changes the filter";
            let job = self.page.stop(hint);
            if self.stale {
                // What is shown is not what was asked for.
                self.page.load = Load::Failed(Notice::new(Tone::Warn, "stopped").hint(hint));
            }
            job
        } else {
            self.count.stop("ctrl-r counts again")
        };
        job.into_iter().map(Effect::Stop).collect()
    }
}

/// Opens a collection from its start.
pub fn open(app: &mut App, namespace: Namespace) -> Vec<Effect> {
    let hidden = app.memory.data.hidden.get(&namespace.to_string()).cloned().unwrap_or_default();
    let mut effects = app.data.open.as_mut().map_or_else(Vec::new, Opened::let_go);
    app.data.open = Some(Opened::new(namespace, hidden));
    effects.extend(fetch(app));
    effects.extend(recount(app));
    effects
}

/// Fetches the page that is to be shown.
pub fn fetch(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(open) = &mut app.data.open else { return Vec::new() };
    let mut effects: Vec<Effect> = open.page.job.map(Effect::Stop).into_iter().collect();
    open.page.refresh(job, now);
    open.asked[0] = now;
    let limit = if open.namespace.collection.ends_with(".chunks") { PAGE_OF_CHUNKS } else { PAGE };
    let query = Query { filter: open.filter.clone(), sort: open.sort.clone(), after: open.here.clone(), limit };
    effects.push(Effect::Data(job, Ask::Fetch(open.namespace.clone(), query)));
    effects
}

/// Counts behind the page: a count may take longer than a page, and nobody waits for it.
pub fn recount(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(open) = &mut app.data.open else { return Vec::new() };
    let mut effects: Vec<Effect> = open.count.job.map(Effect::Stop).into_iter().collect();
    open.count.refresh(job, now);
    open.asked[1] = now;
    effects.push(Effect::Data(job, Ask::Count(open.namespace.clone(), open.filter.clone())));
    effects
}

/// Asks how the server finds the documents, beside the page, where a filter or a sort may lack an index.
pub fn plan(app: &mut App) -> Vec<Effect> {
    let (job, now, remote) = (app.job(), app.now, app.around.store.remote);
    let Some(open) = app.data.open.as_mut().filter(|open| !open.filter.is_all() || !open.sort.is_empty()) else {
        return Vec::new();
    };
    if !remote {
        return Vec::new();
    }
    let before = open.plan.job.map(Effect::Stop);
    open.plan.refresh(job, now);
    let query = Query { filter: open.filter.clone(), sort: open.sort.clone(), after: None, limit: PAGE };
    before.into_iter().chain([Effect::Data(job, Ask::Plan(open.namespace.clone(), query))]).collect()
}

/// Tells how the server finds the documents, step by step.
pub fn tell_plan(app: &mut App) {
    let Some(open) = &app.data.open else { return };
    let documents = app.data.info(&open.namespace).and_then(|info| info.documents);
    let told = match &open.plan.load {
        Load::Idle if app.around.store.remote => Err("without a filter and a sort the index of _id serves"),
        Load::Idle => Err("the embedded store has no indexes: it reads what it has to"),
        Load::Loading { .. } => Err("the server has not told yet how it finds these documents"),
        Load::Ready(None) => Err("the server does not tell how it finds documents"),
        Load::Failed(notice) => Ok(notice.clone()),
        Load::Ready(Some(plan)) => {
            let tone = if plan.is_served() { Tone::Plain } else { Tone::Warn };
            let mut notice = Notice::new(tone, plan.summary(documents));
            notice.chain.push(notice.headline.clone());
            notice.chain.extend(plan.stages.iter().map(|stage| clean(&stage.to_string())));
            let fields = open.filter.fields().into_iter().chain(open.sort.iter().map(|by| by.field.clone()));
            let fields = fields.collect::<Vec<_>>().join(", ");
            Ok(if plan.is_served() { notice } else { notice.hint(format!("an index on {fields} may serve it")) })
        }
    };
    match told {
        Ok(notice) => app.overlay = Some(Overlay::Reason(notice)),
        Err(text) => app.say(Tone::Plain, text),
    }
}

/// Another page.
pub fn turn(app: &mut App, forward: bool) -> Vec<Effect> {
    let Some(open) = &mut app.data.open else { return Vec::new() };
    if open.page.job.is_some() {
        return Vec::new();
    }
    if forward {
        let Some(next) = open.page.ready().and_then(|p| p.next.clone()) else {
            app.say(Tone::Plain, "this is the last page");
            return Vec::new();
        };
        open.before.push(open.here.replace(next));
    } else {
        let Some(place) = open.before.pop() else {
            app.say(Tone::Plain, "this is the first page");
            return Vec::new();
        };
        open.here = place;
    }
    open.stale = true;
    open.row = Cursor::default();
    fetch(app)
}

/// Sorts by the selected column: smallest first, largest first, as stored.
pub fn sort(app: &mut App) -> Vec<Effect> {
    let Some(open) = &mut app.data.open else { return Vec::new() };
    let Some(column) = open.columns.get(open.column) else { return Vec::new() };
    let field = column.title.clone();
    let sort = match open.sorted(&field) {
        None => vec![Sort { field, descending: false }],
        Some(false) => vec![Sort { field, descending: true }],
        Some(true) => Vec::new(),
    };
    let asked = [open.page.job.take(), open.plan.job.take()];
    let mut effects: Vec<Effect> = asked.into_iter().flatten().map(Effect::Stop).collect();
    // The number is the same in any order.
    let (count, since) = (std::mem::take(&mut open.count), open.asked[1]);
    *open = Opened { sort, count, asked: [since; 2], ..open.again() };
    effects.extend(fetch(app));
    effects.extend(plan(app));
    effects
}

/// Hides the selected column, or shows all again; remembered for the collection.
pub fn hide(app: &mut App, all: bool) -> Vec<Effect> {
    let Some(open) = &mut app.data.open else { return Vec::new() };
    if all {
        open.hidden.clear();
    } else if open.columns.len() > 1
        && let Some(column) = open.columns.get(open.column)
    {
        open.hidden.push(column.title.clone());
    } else {
        app.say(Tone::Plain, "the last column stays");
        return Vec::new();
    }
    open.lay_out();
    let (key, hidden) = (open.namespace.to_string(), open.hidden.clone());
    let told = match (all, hidden.len()) {
        (true, _) => "all columns are shown".to_owned(),
        (false, n) => format!("{} hidden; + shows all", crate::console::format::plural(n as u64, "column")),
    };
    if hidden.is_empty() {
        app.memory.data.hidden.remove(&key);
    } else {
        app.memory.data.hidden.insert(key, hidden);
    }
    app.say(Tone::Plain, told);
    vec![app.remember()]
}
