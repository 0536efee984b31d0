//! The fields of a collection: whether its rows are fit to be trained on, and what stands in each field.
//!
//! ```text
//! ── fields of NetworkData ──────────────────────────────────── read today 14:02 ──
//!  ▲ passed with warnings   9,871 labelled   0 unlabelled   12 refused
//! ── 31 fields ───────────────────────────────────────────── in the schema's order ──
//! ▌URL_Length          3 levels        0 %       12  ██ ▁▁ ▃▃
//! ```

mod act;
mod detail;
pub mod view;

pub use act::perform;

use crate::console::app::App;
use crate::console::load::Pane;
use crate::console::msg::Effect;
use crate::console::msg::data::{Ask, Fields};
use crate::console::widget::Cursor;
use chrono::{DateTime, Utc};
use netsec::push::REJECTED;
use netsec::store::Namespace;
use std::cell::Cell;
use std::cmp::Reverse;

/// The order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Schema,
    Missing,
    Refused,
}

impl Order {
    fn next(self) -> Self {
        match self {
            Order::Schema => Order::Missing,
            Order::Missing => Order::Refused,
            Order::Refused => Order::Schema,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Order::Schema => "in the schema's order",
            Order::Missing => "missing most first",
            Order::Refused => "refused most first",
        }
    }
}

/// The fields of one collection.
#[derive(Debug)]
pub struct FieldsView {
    pub namespace: Namespace,
    pub pane: Pane<Box<Fields>>,
    /// Whether every row is read, also where the server could count.
    pub every: bool,
    /// When the rows were read or counted.
    pub read: Option<DateTime<Utc>>,
    pub order: Order,
    pub cursor: Cursor,
    /// The selected field by its place in the schema: it stays selected in another order.
    pub pick: usize,
    /// The first line shown of the selected field, while that has the focus.
    pub reading: Option<Cursor>,
    /// How many lines there are, as drawn.
    pub lines: Cell<usize>,
}

impl FieldsView {
    fn new(namespace: Namespace) -> Self {
        Self {
            namespace,
            pane: Pane::default(),
            every: false,
            read: None,
            order: Order::default(),
            cursor: Cursor::default(),
            pick: 0,
            reading: None,
            lines: Cell::new(0),
        }
    }

    /// Whether these are rows that pushes rejected, which no schema describes.
    pub fn is_rejected(&self) -> bool {
        self.namespace.collection.ends_with(REJECTED)
    }

    /// What can be told field by field: there are rows, and the schema knows some of their fields.
    pub fn listed(&self) -> Option<&Fields> {
        let is_told = |fields: &&Fields| fields.rows > 0 && fields.fields.iter().any(|f| f.profile.present);
        self.pane.ready().map(AsRef::as_ref).filter(is_told)
    }

    /// The fields in the list's order, by their places in the schema.
    pub fn rows(&self) -> Vec<usize> {
        let Some(fields) = self.listed() else { return Vec::new() };
        let mut rows: Vec<usize> = (0..fields.fields.len()).collect();
        let profile = |at: usize| &fields.fields[at].profile;
        match self.order {
            Order::Schema => {}
            Order::Missing => rows.sort_by_key(|at| Reverse(profile(*at).missing)),
            Order::Refused => rows.sort_by_key(|at| Reverse(profile(*at).refused)),
        }
        rows
    }

    /// Puts the cursor where the selected field is now.
    pub fn follow_selected(&mut self) {
        let rows = self.rows();
        self.cursor.at = rows.iter().position(|at| *at == self.pick).unwrap_or(self.cursor.at);
        self.cursor.step(0, rows.len());
        self.remember_selected();
    }

    fn remember_selected(&mut self) {
        self.pick = self.rows().get(self.cursor.at).copied().unwrap_or(self.pick);
    }
}

/// Opens the fields of a collection.
pub fn open(app: &mut App, namespace: Namespace) -> Vec<Effect> {
    app.data.fields = Some(FieldsView::new(namespace));
    read(app)
}

/// Reads every row, if it was counted before.
pub fn refresh(app: &mut App) -> Vec<Effect> {
    if let Some(view) = &mut app.data.fields {
        view.every |= view.pane.ready().is_some_and(|fields| fields.validation.is_none());
    }
    read(app)
}

/// Reads or counts the rows; what is there stays until they are read again.
pub fn read(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    match app.data.fields.as_mut().filter(|view| !view.is_rejected()) {
        Some(view) => {
            let mut effects: Vec<Effect> = view.pane.job.map(Effect::Stop).into_iter().collect();
            view.pane.refresh(job, now);
            effects.push(Effect::Data(job, Ask::Fields(view.namespace.clone(), view.every)));
            effects
        }
        None => Vec::new(),
    }
}

/// A collection as a command line names it.
fn named(app: &App, namespace: &Namespace) -> String {
    if namespace.database == app.around.store.namespace.database {
        namespace.collection.clone()
    } else {
        format!("{}/{}", namespace.database, namespace.collection)
    }
}

/// The command line that says the same.
fn command(app: &App, view: &FieldsView) -> String {
    let name = named(app, &view.namespace);
    let quoted = crate::console::screen::drift::command::quoted;
    match name.strip_suffix(REJECTED) {
        Some(pushed_to) => format!("netsec-tui rejected --collection {}", quoted(pushed_to)),
        None => format!("netsec-tui validate --collection {}", quoted(&name)),
    }
}
