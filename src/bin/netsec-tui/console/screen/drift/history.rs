//! What the drift of each run was, newest first: its rows against those of the champion of its time.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, short_id, when};
use crate::console::msg::runs::RunRow;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{Cursor, bar, put, rule, unready};
use netsec::event::DriftSummary;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

/// The runs that were held against a champion.
pub fn runs(app: &App) -> Vec<&RunRow> {
    app.runs.rows.ready().map_or(&[][..], Vec::as_slice).iter().filter(|run| run.drift.is_some()).collect()
}

/// Cells for the share of drifted columns.
const SHARE: u16 = 10;

pub fn draw(app: &App, cursor: &Cursor, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let runs = runs(app);
    let title = match runs.len() {
        0 => "drift over runs".to_owned(),
        n => format!("drift of {}", plural(n as u64, "run")),
    };
    let body = rule(buffer, area, &title, "against the champion of their time", true, theme);
    if unready(buffer, body, &app.runs.rows.load, "reading the runs", (app.now, app.spin), theme) {
        return;
    }
    if runs.is_empty() {
        put(buffer, body, 0, &Line::raw(" no run was held against a champion yet"));
        let text = " each run's rows are held against those of the champion of its time";
        put(buffer, body, 1, &Line::styled(text, theme.dim()));
        return;
    }
    let columns = [
        Column::left("run", 6, 0),
        Column::left("started", 11, 2),
        Column::left("data set", 19, 0),
        Column::right("columns", 9, 1),
        Column::left("", SHARE, 4),
        Column::left("reference", 12, 3),
        Column::left("collection", 24, 5),
        Column::left("who", 24, 6),
    ];
    let table = Table { columns: &columns, rows: runs.len(), cursor, focused: true, marked: None };
    table.draw(buffer, body, theme, |row, column| {
        let run = runs[row];
        let Some(drift) = &run.drift else { return (String::new(), theme.plain()) };
        match column {
            0 => (short_id(&run.id), theme.plain()),
            1 => (when(&run.started_at, app.now), theme.dim()),
            2 => word(app, drift.dataset_drift),
            3 => (format!("{} of {}", drift.drifted, drift.total), theme.plain()),
            4 => (bar(share(drift), usize::from(SHARE)), theme.dim()),
            5 => (reference(drift), theme.plain()),
            6 => (clean(&run.collection), theme.dim()),
            _ => (clean(&run.who), theme.dim()),
        }
    });
}

fn share(drift: &DriftSummary) -> f64 {
    f64::from(drift.drifted) / f64::from(drift.total.max(1))
}

/// The reference's name with a run's id in short.
fn reference(drift: &DriftSummary) -> String {
    match drift.reference.strip_prefix("run ") {
        Some(id) => format!("run {}", short_id(id)),
        None => clean(&drift.reference),
    }
}

/// The glyph and words of a data set's drift.
pub fn word(app: &App, dataset_drift: Option<bool>) -> (String, Style) {
    match dataset_drift {
        Some(true) => ("▲ data set drift".to_owned(), app.theme.bad()),
        Some(false) => ("● no data set drift".to_owned(), app.theme.good()),
        None => ("? cannot be told".to_owned(), app.theme.warn()),
    }
}
