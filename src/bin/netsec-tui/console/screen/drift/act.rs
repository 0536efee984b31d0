//! What keys do on the Drift screen.

use super::command;
use super::list::Order;
use super::prompt::{self, Side};
use super::{Find, Lack, history, lack, open_past, stop};
use crate::console::app::{App, Screen};
use crate::console::keymap::Action;
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::msg::drift::Ask;
use crate::console::update::{go, motion};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Reference => prompt::ask(app, Side::Reference),
        Action::Rows => prompt::ask(app, Side::Current),
        Action::Clear => prompt::clear(app),
        Action::Submit if app.drift.prompt.is_some() => return prompt::submit(app),
        Action::Submit => keep_found(app),
        Action::History => show_history(app),
        Action::Open if app.drift.lists_runs() => {
            let at = app.drift.history.as_ref().map_or(0, |cursor| cursor.at);
            if let Some(id) = history::runs(app).get(at).map(|run| run.id.clone()) {
                app.drift.reading = None;
                return open_past(app, id);
            }
        }
        Action::Open => return open(app),
        Action::Filter if app.drift.pane().ready().is_some() && !app.drift.lists_runs() => {
            app.drift.reading = None;
            let input = app.drift.find.take().map_or_else(|| Input::line(""), |find| find.input);
            app.drift.find = Some(Find { input, typing: true });
        }
        Action::Sort => sort(app),
        Action::Export => return export(app),
        Action::CopyCommand => match command::line(app) {
            Some(line) => return app.copy("the command", line),
            None => app.say(Tone::Plain, "there is no report yet"),
        },
        Action::Cancel => return stop(app),
        Action::Left => step(app, -1),
        Action::Right => step(app, 1),
        other => scroll(app, other),
    }
    Vec::new()
}

/// Leaves the search field; an empty one goes.
fn keep_found(app: &mut App) {
    if app.drift.wanted().is_empty() {
        app.drift.find = None;
    } else if let Some(find) = &mut app.drift.find {
        find.typing = false;
    }
    app.drift.remember_selected();
}

fn show_history(app: &mut App) {
    app.drift.history = match (&app.drift.past, app.drift.history.take()) {
        (None, Some(_)) => None,
        (_, cursor) => Some(cursor.unwrap_or_default()),
    };
    app.drift.past = None;
    app.drift.reading = None;
}

/// Shows the selected column in full, or goes where what is missing can be had.
fn open(app: &mut App) -> Vec<Effect> {
    match lack(app) {
        Some(Lack::Rows) => return go(app, Screen::Data),
        Some(Lack::Champion) => return go(app, Screen::Train),
        None => {}
    }
    if app.drift.rows().get(app.drift.cursor.at).is_some() {
        app.drift.remember_selected();
        app.drift.reading = Some(Cursor::default());
    }
    Vec::new()
}

fn sort(app: &mut App) {
    let Some(report) = app.drift.pane().ready().map(|d| &d.report) else { return };
    let numbers = report.columns.values().any(|column| column.wasserstein.is_some());
    app.drift.order = Order::next(app.drift.order, numbers);
    // A new order is read from its top, whatever was selected.
    app.drift.cursor = Cursor::default();
    app.drift.remember_selected();
}

fn export(app: &mut App) -> Vec<Effect> {
    let Some(report) = app.drift.pane().ready().map(|d| d.report.clone()) else {
        app.say(Tone::Plain, "there is no report yet");
        return Vec::new();
    };
    let job = app.job();
    app.drift.export.restart(job, app.now);
    vec![Effect::Drift(job, Ask::Export(report))]
}

/// Another column, read from its top.
fn step(app: &mut App, by: isize) {
    let len = app.drift.rows().len();
    app.drift.cursor.step(by, len);
    app.drift.remember_selected();
    if let Some(reading) = &mut app.drift.reading {
        *reading = Cursor::default();
    }
}

fn scroll(app: &mut App, action: Action) {
    if app.drift.lists_runs() {
        let len = history::runs(app).len();
        if let Some(cursor) = &mut app.drift.history
            && let Some(by) = motion(action, cursor, len)
        {
            cursor.step(by, len);
        }
        return;
    }
    let typing = app.drift.find.as_ref().is_some_and(|find| find.typing);
    if let Some(reading) = app.drift.reading.as_mut().filter(|_| !typing) {
        let len = app.drift.lines.get();
        if let Some(by) = motion(action, reading, len) {
            // A text has no selected line: it scrolls by its first one.
            let last = len.saturating_sub(reading.height.get());
            reading.at = reading.at.saturating_add_signed(by).min(last);
        }
        return;
    }
    let len = app.drift.rows().len();
    if let Some(by) = motion(action, &app.drift.cursor, len) {
        app.drift.cursor.step(by, len);
        app.drift.remember_selected();
    }
}
