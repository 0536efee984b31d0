//! What keys do on the Data screen.

use super::answer::listed;
use super::document::{csv, json, plain};
use super::{Focus, Opened, SAMPLE, Step, fields, finished, opened, push, query, save, stop, view};
use crate::console::app::{App, Screen};
use crate::console::clean::clean;
use crate::console::format::plural;
use crate::console::keymap::Action;
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::msg::data::Source;
use crate::console::update::{go, motion};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use netsec::store::Namespace;

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if app.data.fields.is_some()
        && let Some(effects) = fields::perform(app, action)
    {
        return effects;
    }
    match action {
        Action::Fields => return show_fields(app),
        Action::Sample => return push(app, SAMPLE),
        Action::OpenFile => app.data.path = Some(Input::line("")),
        Action::NextStep => return next_step(app),
        Action::Submit => return submit(app),
        Action::Filter => query::open(app),
        Action::Earlier | Action::Later => query::recall(app, action == Action::Earlier),
        Action::Complete => query::complete(app),
        Action::Sort => return opened::sort(app),
        Action::Hide | Action::ShowAll => return opened::hide(app, action == Action::ShowAll),
        Action::AsJson => {
            if let Some(open) = &mut app.data.open {
                open.as_json = !open.as_json;
            }
        }
        Action::Export => save::begin(app),
        Action::Plan => opened::tell_plan(app),
        Action::Cancel => match stop(app) {
            Some(effects) => return effects,
            None => app.say(Tone::Plain, "nothing is being read"),
        },
        Action::Pane => pane(app),
        Action::Open => return enter(app),
        Action::NextPage => return opened::turn(app, true),
        Action::PreviousPage => return opened::turn(app, false),
        Action::CopyCell => return copy_cell(app),
        Action::CopyRow => {
            let line = app
                .data
                .open
                .as_ref()
                .and_then(|open| Some((open.columns.len(), csv(open.selected()?, &open.columns))));
            if let Some((fields, line)) = line {
                return app.copy(&format!("the row, {}, as CSV", plural(fields as u64, "field")), line);
            }
        }
        Action::CopyDocument => {
            if let Some(document) = app.data.open.as_ref().and_then(Opened::selected) {
                let text = json(document);
                return app.copy("the document as JSON", text);
            }
        }
        Action::Left | Action::Right => {
            if let Some(open) = &mut app.data.open {
                let last = open.columns.len().saturating_sub(1);
                open.column =
                    if action == Action::Left { open.column.saturating_sub(1) } else { (open.column + 1).min(last) };
            }
        }
        other => return scroll(app, other),
    }
    Vec::new()
}

fn next_step(app: &mut App) -> Vec<Effect> {
    if app.data.push.pane.is_loading() {
        app.say(Tone::Warn, "the rows are still being loaded");
        return Vec::new();
    }
    match Step::next(app) {
        Some(Step::Load) => push(app, SAMPLE),
        Some(Step::Train) => go(app, Screen::Train),
        Some(Step::Look) => match finished(app).map(str::to_owned) {
            Some(run) => crate::console::screen::runs::open_report(app, &run),
            None => go(app, Screen::Runs),
        },
        Some(Step::Predict) => go(app, Screen::Predict),
        None => {
            app.data.guide = false;
            Vec::new()
        }
    }
}

fn submit(app: &mut App) -> Vec<Effect> {
    if let Some(input) = app.data.path.take() {
        let path = input.text().trim().to_owned();
        if path.is_empty() {
            app.say(Tone::Plain, "no path given");
            return Vec::new();
        }
        return push(app, Source::File(path));
    }
    if app.data.saving.is_some() { save::submit(app) } else { query::submit(app) }
}

fn pane(app: &mut App) {
    let (wide, data) = (app.is_wide(), &mut app.data);
    if data.is_welcome() {
        data.guide = false;
        return;
    }
    data.focus = match data.focus {
        Focus::Tree => Focus::Table,
        Focus::Table if wide && view::shows_document(app.size.0) => Focus::Document,
        Focus::Table | Focus::Document => Focus::Tree,
    };
}

fn enter(app: &mut App) -> Vec<Effect> {
    match app.data.focus {
        Focus::Tree => {
            let Some(namespace) = selected(app) else { return Vec::new() };
            app.data.focus = Focus::Table;
            if app.data.open.as_ref().is_some_and(|o| o.namespace == namespace && o.page.failed().is_none()) {
                return Vec::new();
            }
            return opened::open(app, namespace);
        }
        Focus::Table => {
            app.data.focus = Focus::Document;
            if let Some(open) = &mut app.data.open {
                open.line = Cursor::default();
            }
        }
        Focus::Document => {}
    }
    Vec::new()
}

/// Shows the fields of the collection that is selected or opened.
fn show_fields(app: &mut App) -> Vec<Effect> {
    let chosen = match (app.data.focus, &app.data.open) {
        (Focus::Table | Focus::Document, Some(open)) => Some(open.namespace.clone()),
        _ => selected(app),
    };
    chosen.map_or_else(Vec::new, |namespace| fields::open(app, namespace))
}

/// The collection that is selected in the list.
pub fn selected(app: &App) -> Option<Namespace> {
    app.data.collections().get(app.data.tree.at).map(|(database, info)| listed(database, info))
}

fn copy_cell(app: &mut App) -> Vec<Effect> {
    let Some(open) = &app.data.open else { return Vec::new() };
    let cell =
        open.columns.get(open.column).zip(open.selected()).map(|(column, document)| {
            (clean(&column.title), document.get(&column.title).map(plain).unwrap_or_default())
        });
    match cell {
        Some((name, text)) => app.copy(&name, text),
        None => Vec::new(),
    }
}

fn scroll(app: &mut App, action: Action) -> Vec<Effect> {
    let data = &mut app.data;
    let collections = data.collections().len();
    match (data.focus, &mut data.open) {
        (Focus::Tree, _) => {
            if let Some(by) = motion(action, &data.tree, collections) {
                data.tree.step(by, collections);
            }
        }
        (Focus::Table, Some(open)) => {
            let len = open.documents().len();
            let Some(by) = motion(action, &open.row, len) else { return Vec::new() };
            // Paging goes on behind the last row that was fetched.
            let more = open.page.ready().is_some_and(|p| p.next.is_some());
            if action == Action::PageDown && open.row.at + 1 >= len && more {
                return opened::turn(app, true);
            }
            if action == Action::PageUp && open.row.at == 0 && !open.before.is_empty() {
                return opened::turn(app, false);
            }
            open.row.step(by, len);
            open.line = Cursor::default();
        }
        (Focus::Document, Some(open)) => {
            let len = open.lines.get();
            if let Some(by) = motion(action, &open.line, len) {
                // A text has no selected line: it scrolls by its first one.
                let last = len.saturating_sub(open.line.height.get());
                open.line.at = open.line.at.saturating_add_signed(by).min(last);
            }
        }
        _ => {}
    }
    Vec::new()
}
