//! What keys do on the Data screen.

use super::document::{json, plain};
use super::{FilterBar, Focus, Opened, SAMPLE, Step, check_filter, fetch, fields, finished, open, push, recount, view};
use crate::console::app::{App, Screen};
use crate::console::clean::clean;
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
        Action::Filter if app.data.open.is_some() => {
            let text = app.data.open.as_ref().map_or("", |o| &o.filter_text).to_owned();
            app.data.focus = Focus::Table;
            app.data.filter = Some(FilterBar { input: Input::line(&text), error: None });
        }
        Action::Pane => pane(app),
        Action::Open => return enter(app),
        Action::NextPage => return turn(app, true),
        Action::PreviousPage => return turn(app, false),
        Action::CopyCell => return copy_cell(app),
        Action::CopyRow => {
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
    let Some(filter) = check_filter(app) else { return Vec::new() };
    let text = app.data.filter.take().map(|bar| bar.input.text().trim().to_owned()).unwrap_or_default();
    let Some(open) = &mut app.data.open else { return Vec::new() };
    let mut fresh = Opened::new(open.namespace.clone());
    (fresh.filter, fresh.filter_text) = (filter, text);
    fresh.column = open.column;
    // The page stays until the new one is there, so that a filter does not make the screen flash.
    fresh.page.load = std::mem::take(&mut open.page.load);
    fresh.columns = std::mem::take(&mut open.columns);
    *open = fresh;
    let mut effects = fetch(app);
    effects.extend(recount(app));
    effects
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
        Focus::Tree => match selected(app) {
            Some(Ok(namespace)) => {
                app.data.focus = Focus::Table;
                if app.data.open.as_ref().is_some_and(|o| o.namespace == namespace && o.page.failed().is_none()) {
                    return Vec::new();
                }
                return open(app, namespace);
            }
            Some(Err(error)) => app.notice = Some(error.into()),
            None => {}
        },
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
        (Focus::Table | Focus::Document, Some(open)) => Some(Ok(open.namespace.clone())),
        _ => selected(app),
    };
    match chosen {
        Some(Ok(namespace)) => fields::open(app, namespace),
        Some(Err(error)) => {
            app.notice = Some(error.into());
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// The collection that is selected in the list.
fn selected(app: &App) -> Option<netsec::Result<Namespace>> {
    app.data.collections().get(app.data.tree.at).map(|(database, info)| Namespace::new(database, &info.name))
}

fn turn(app: &mut App, forward: bool) -> Vec<Effect> {
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
    open.row = Cursor::default();
    fetch(app)
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
                return turn(app, true);
            }
            if action == Action::PageUp && open.row.at == 0 && !open.before.is_empty() {
                return turn(app, false);
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
