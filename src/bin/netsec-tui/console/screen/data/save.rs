//! Writing the documents that are shown to a file, in the background.

use super::act::selected;
use super::{Focus, Opened};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::load::{Notice, Tone};
use crate::console::msg::Effect;
use crate::console::msg::data::Ask;
use crate::console::widget::input::Input;
use netsec::export::{Format, View};
use netsec::store::{Filter, Namespace};
use std::path::Path;

/// Where to, being typed, and what.
#[derive(Debug, Clone)]
pub struct Saving {
    pub input: Input,
    pub view: View,
    /// What is written, in words.
    pub what: String,
    pub mistake: Option<Notice>,
}

/// Asks for the path.
pub fn begin(app: &mut App) {
    let view = match (app.data.focus, &app.data.open) {
        (Focus::Table | Focus::Document, Some(open)) => Some(shown(open)),
        _ => selected(app).map(|namespace| View {
            namespace,
            filter: Filter::default(),
            sort: Vec::new(),
            columns: Vec::new(),
        }),
    };
    let Some(view) = view else { return };
    let what = told(app, &view);
    let name = format!("{}.csv", view.namespace.collection);
    app.data.saving = Some(Saving { input: Input::line(&name), view, what, mistake: None });
}

/// The view that is shown: its columns are named only where some are hidden.
fn shown(open: &Opened) -> View {
    let columns = if open.hidden.is_empty() {
        Vec::new()
    } else {
        open.columns.iter().map(|column| column.title.clone()).collect()
    };
    View { namespace: open.namespace.clone(), filter: open.filter.clone(), sort: open.sort.clone(), columns }
}

fn told(app: &App, view: &View) -> String {
    let open = app.data.open.as_ref().filter(|open| open.namespace == view.namespace);
    let documents = match open.filter(|_| app.data.focus != Focus::Tree) {
        Some(open) if !open.filter_text.is_empty() => {
            let number =
                open.count.ready().map_or_else(String::new, |n| format!("{} ", crate::console::format::count(*n)));
            format!("the {number}documents that match {}", clean(&open.filter_text))
        }
        _ => "all documents".to_owned(),
    };
    let columns = match view.columns.len() {
        0 => "all fields".to_owned(),
        n => crate::console::format::plural(n as u64, "field"),
    };
    let order = match &view.sort[..] {
        [] => String::new(),
        sort => format!(", sorted by {}", sort.iter().map(|by| clean(&by.to_string())).collect::<Vec<_>>().join(",")),
    };
    format!("{documents}, {columns}{order}")
}

/// Takes what is typed: the ending must name a format.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let Some(saving) = &mut app.data.saving else { return Vec::new() };
    let path = saving.input.text().trim().to_owned();
    if let Err(error) = Format::of(Path::new(&path)) {
        // What endings there are stands below.
        saving.mistake = Some(Notice { hint: None, ..Notice::from(error) });
        return Vec::new();
    }
    let view = saving.view.clone();
    app.data.saving = None;
    let job = app.begin(format!("export {} to {path}", view.namespace.collection));
    app.say(Tone::Plain, format!("exporting {} to {path} in the background", view.namespace.collection));
    vec![Effect::Data(job, Ask::Export(Box::new(view), path))]
}

/// What an export did, in one line.
pub fn done(namespace: &Namespace, path: &str, exported: &netsec::export::Exported) -> Notice {
    let size = exported.bytes.map_or_else(String::new, |n| format!(" ({})", crate::console::format::bytes(n)));
    let documents = crate::console::format::plural(exported.rows, "document");
    Notice::new(Tone::Good, format!("{documents} of {} written to {path}{size}", namespace.collection))
}
