//! The trash: the runs that were deleted, and how to have them back.

use super::edit;
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{plural, short_id, when};
use crate::console::keymap::Action;
use crate::console::load::Pane;
use crate::console::msg::Effect;
use crate::console::msg::runs::Ask;
use crate::console::update::motion;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{Cursor, put, rule, split_top, unready};
use netsec::run::trash::Trashed;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The trash as it is looked at.
#[derive(Debug, Default)]
pub struct Bin {
    pub list: Pane<Vec<Trashed>>,
    pub cursor: Cursor,
}

/// Shows the trash.
pub fn open(app: &mut App) -> Vec<Effect> {
    app.runs.look.bin.get_or_insert_default();
    refresh(app)
}

/// Lists it again, where it is looked at.
pub fn refresh(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(bin) = &mut app.runs.look.bin else { return Vec::new() };
    bin.list.refresh(job, now);
    vec![Effect::Runs(job, Ask::Bin)]
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(bin) = &mut app.runs.look.bin else { return Vec::new() };
    let runs = bin.list.ready().map_or(&[][..], Vec::as_slice);
    if let Some(by) = motion(action, &bin.cursor, runs.len()) {
        bin.cursor.step(by, runs.len());
        return Vec::new();
    }
    match (action, runs.get(bin.cursor.at).map(|run| run.dir.id.clone())) {
        (Action::Restore, Some(id)) => edit::restore(app, vec![id]),
        (Action::Undo, _) => edit::undo(app),
        (Action::CopyId, Some(id)) => app.copy("the run's id", id),
        _ => Vec::new(),
    }
}

pub fn draw(app: &App, bin: &Bin, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let runs = bin.list.ready().map_or(&[][..], Vec::as_slice);
    let title = if runs.is_empty() { "trash".to_owned() } else { plural(runs.len() as u64, "deleted run") };
    let body = rule(buffer, area, &title, "", true, theme);
    if unready(buffer, body, &bin.list.load, "looking into the trash", (app.now, app.spin), theme) {
        return;
    }
    if runs.is_empty() {
        put(buffer, body, 0, &Line::styled(" the trash is empty", theme.plain()));
        put(buffer, body, 1, &Line::from(vec![Span::styled(" esc", theme.key()), Span::raw("  back to the runs")]));
        return;
    }
    let (list, foot) = split_top(body, body.height.saturating_sub(2));
    let columns = [
        Column::left("run", 6, 0),
        Column::left("deleted", 11, 1),
        Column::left("by", 22, 3),
        Column::left("what", 32, 2),
    ];
    let view = Table { columns: &columns, rows: runs.len(), cursor: &bin.cursor, focused: true, marked: None };
    view.draw(buffer, list, theme, |row, column| {
        let run = &runs[row];
        let by = run.by.as_ref();
        match column {
            0 => (short_id(&run.dir.id), theme.plain()),
            1 => (by.map_or_else(String::new, |by| when(&by.at, app.now)), theme.dim()),
            2 => (by.map_or_else(String::new, |by| clean(&by.who)), theme.dim()),
            _ => (clean_short(&run.what, 80), theme.plain()),
        }
    });
    let help = " nothing is lost here: netsec-tui trash --empty removes them for good";
    put(buffer, foot, 1, &Line::styled(help, theme.dim()));
}
