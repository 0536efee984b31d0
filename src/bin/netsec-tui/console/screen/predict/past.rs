//! What was predicted before: the newest first, found by words, scored again.

use super::score;
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, score as number, short_id, when};
use crate::console::keymap::Action;
use crate::console::load::{Load, Notice, Pane};
use crate::console::msg::predict::{Ask, ScoreInput};
use crate::console::msg::{Effect, JobId};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{put, rule, split_top, unready};
use netsec::predict::{History, LogEntry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The view.
#[derive(Debug, Default)]
pub struct Past {
    pub pane: Pane<History>,
    pub cursor: Cursor,
    /// The words that are looked for.
    pub words: String,
    /// The line in which they are typed.
    pub find: Option<Input>,
}

pub fn open(app: &mut App) -> Vec<Effect> {
    app.predict.past = Some(Past::default());
    fetch(app)
}

/// Reads the log.
pub fn fetch(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(past) = &mut app.predict.past else { return Vec::new() };
    past.pane.refresh(job, now);
    vec![Effect::Predict(job, Ask::Past(past.words.clone()))]
}

/// Takes what was found; false when nobody asks for it any more.
pub fn accept(app: &mut App, job: JobId, result: Result<History, Notice>) -> bool {
    let Some(past) = &mut app.predict.past else { return false };
    let taken = past.pane.accept(job, result);
    let len = past.pane.ready().map_or(0, |found| found.entries.len());
    past.cursor.step(0, len);
    taken
}

fn selected(app: &App) -> Option<&LogEntry> {
    let past = app.predict.past.as_ref()?;
    past.pane.ready()?.entries.get(past.cursor.at)
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Submit => {
            let Some(past) = &mut app.predict.past else { return Vec::new() };
            if let Some(input) = past.find.take() {
                past.words = input.text();
                past.cursor = Cursor::default();
            }
            return fetch(app);
        }
        Action::Filter => {
            if let Some(past) = &mut app.predict.past {
                past.find = Some(Input::line(&past.words));
            }
        }
        Action::Open => {
            let Some(text) = selected(app).map(LogEntry::text) else { return Vec::new() };
            app.predict.past = None;
            app.predict.input.clear();
            app.predict.input.paste(&text);
            return score(app, ScoreInput::Text(text));
        }
        Action::CopyRow => {
            let text = selected(app).and_then(|entry| serde_json::to_string(entry).ok());
            return text.map_or_else(Vec::new, |text| app.copy("the prediction", text));
        }
        action => {
            if let Some(past) = &mut app.predict.past {
                let len = past.pane.ready().map_or(0, |found| found.entries.len());
                if let Some(by) = motion(action, &past.cursor, len) {
                    past.cursor.step(by, len);
                }
            }
        }
    }
    Vec::new()
}

pub fn draw(app: &App, past: &Past, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let right = match past.pane.ready() {
        Some(found) if found.more => format!("the newest {}", found.entries.len()),
        Some(found) => plural(found.entries.len() as u64, "prediction"),
        None => String::new(),
    };
    let body = rule(buffer, area, "predictions", &right, true, theme);
    let (line, body) = split_top(body, 1);
    match &past.find {
        Some(input) => {
            put(buffer, line, 0, &Line::styled(" find ", theme.accent()));
            let field = Rect { x: line.x + 6.min(line.width), width: line.width.saturating_sub(7), ..line };
            input.draw(buffer, field, true, "words: phishing, a user, a URL, FEATURE=VALUE", theme);
        }
        None if past.words.trim().is_empty() => {
            put(buffer, line, 0, &Line::styled(" all · / finds", theme.dim()));
        }
        None => {
            let spans = vec![Span::styled(" with ", theme.dim()), Span::raw(clean(&past.words))];
            put(buffer, line, 0, &Line::from(spans));
        }
    }
    if unready(buffer, body, &past.pane.load, "reading the log", (app.now, app.spin), theme) {
        return;
    }
    let Load::Ready(found) = &past.pane.load else { return };
    if found.entries.is_empty() {
        let text = if past.words.trim().is_empty() {
            " nothing was predicted yet: esc, then paste a row and press enter"
        } else {
            " no prediction has these words: / changes them"
        };
        return put(buffer, body, 0, &Line::styled(text, theme.dim()));
    }
    let columns = [
        Column::left("when", 11, 0),
        Column::left("verdict", 12, 0),
        Column::right("prob", 5, 0),
        Column::left("model", 9, 3),
        Column::left("who", 12, 4),
        Column::left("row", body.width.saturating_sub(62).max(20), 1),
    ];
    let (list, foot) = split_top(body, body.height.saturating_sub(u16::from(found.unreadable > 0)));
    let view =
        Table { columns: &columns, rows: found.entries.len(), cursor: &past.cursor, focused: true, marked: None };
    let positive = app.predict.model.ready().map(|m| m.schema.label(true).to_owned());
    view.draw(buffer, list, theme, |at, column| {
        let entry = &found.entries[at];
        let bad = positive.as_ref() == Some(&entry.verdict);
        match column {
            0 => (when(&entry.at, app.now), theme.dim()),
            1 => (format!("{} {}", if bad { "✗" } else { "✓" }, clean(&entry.verdict)), theme.verdict(bad)),
            2 => (number(entry.probability), theme.plain()),
            3 => (format!("{} {}", entry.family.code(), short_id(&entry.run)), theme.dim()),
            4 => (clean(&entry.user), theme.dim()),
            _ => (clean(&entry.row()), theme.plain()),
        }
    });
    if found.unreadable > 0 {
        let text = format!(" ▲ {} of the log could not be read", plural(found.unreadable as u64, "line"));
        put(buffer, foot, 0, &Line::styled(text, theme.warn()));
    }
}
