//! How the table of runs is drawn.

use super::same_holdout;
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{interval, plural, score, score_sd, short_id, time, when};
use crate::console::msg::runs::RunRow;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{put, rule, split_left, split_top, unready};
use netsec::run::RunStatus;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    if let Some(compare) = &app.runs.compare {
        return super::compare::view::draw(app, compare, buffer, area);
    }
    if let Some(report) = &app.runs.report {
        // Wide is more: the table stays beside the report.
        if app.size.0 >= 150 {
            let (table, detail) = split_left(buffer, area, 31, theme);
            draw_table(app, buffer, table, false);
            return super::report::draw(app, report, buffer, detail);
        }
        return super::report::draw(app, report, buffer, area);
    }
    draw_table(app, buffer, area, true);
}

fn draw_table(app: &App, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = &app.theme;
    let rows = app.runs.sorted();
    let title = if rows.is_empty() { "runs".to_owned() } else { plural(rows.len() as u64, "run") };
    let body = rule(buffer, area, &title, app.runs.order.name(), focused, theme);
    if unready(buffer, body, &app.runs.rows.load, "reading the runs", (app.now, app.spin), theme) {
        return;
    }
    if rows.is_empty() {
        put(buffer, body, 0, &Line::styled(" no runs yet", theme.plain()));
        put(buffer, body, 1, &Line::from(vec![Span::styled(" 3", theme.key()), Span::raw("  starts one")]));
        return;
    }
    let (table, foot) = split_top(body, body.height.saturating_sub(if focused { 3 } else { 0 }));
    let columns = [
        Column::left("run", 6, 0),
        Column::left("started", 11, 3),
        Column::left("state", 13, 1),
        Column::left("collection", 16, 5),
        Column::left("space", 8, 7),
        Column::right("seed", 6, 8),
        Column::left("best", 4, 2),
        Column::left("cv F1", 10, 4),
        Column::left("test F1", 16, 2),
        Column::right("trials", 7, 9),
        Column::right("time", 7, 6),
        Column::left("by", 20, 10),
    ];
    let view = Table { columns: &columns, rows: rows.len(), cursor: &app.runs.cursor, focused, marked: None };
    view.draw(buffer, table, theme, |row, column| {
        let run = rows[row];
        let (glyph, style) = theme.status(run.status, app.spin);
        match column {
            0 => (short_id(&run.id), theme.plain()),
            1 => (when(&run.started_at, app.now), theme.dim()),
            2 => (format!("{glyph} {}", run.status), style),
            3 => (clean(&run.collection), theme.plain()),
            4 => (clean(&run.space), theme.plain()),
            5 => (run.seed.to_string(), theme.dim()),
            6 => run.best.map_or((String::new(), theme.plain()), |(f, ..)| {
                (format!("{} {}", f.code(), theme.marker(f)), theme.family(f))
            }),
            7 => (run.best.map_or_else(String::new, |(_, mean, sd)| score_sd(mean, sd)), theme.dim()),
            8 => {
                (run.test.map_or_else(String::new, |(f1, ci)| format!("{} {}", score(f1), interval(ci))), theme.bold())
            }
            9 => (format!("{}/{}", run.trials.0, run.trials.1), theme.dim()),
            10 => (time(run.elapsed_ms), theme.dim()),
            _ => (clean(&run.who), theme.dim()),
        }
    });
    if let Some(run) = app.runs.current().filter(|_| focused) {
        let what =
            format!(" {} · {} · seed {} · by {}", clean(&run.collection), clean(&run.space), run.seed, clean(&run.who));
        put(buffer, foot, 1, &Line::styled(what, theme.dim()));
        put(buffer, foot, 2, &Line::styled(format!(" {}", about(app, run)), theme.dim()));
    }
}

/// One line about the selected run.
fn about(app: &App, run: &RunRow) -> String {
    match (run.status, &run.failure) {
        (RunStatus::Failed, Some((reason, _))) => clean(reason),
        (RunStatus::Interrupted, _) => "its worker is gone; R takes it up again, finished trials are kept".to_owned(),
        (RunStatus::Cancelled, _) => "cancelled; R takes it up again, finished trials are kept".to_owned(),
        (RunStatus::Running, _) => format!("{} of {} trials are over; a watches it", run.trials.0, run.trials.1),
        _ => {
            let n = app.runs.rows.ready().map_or(0, |rows| same_holdout(rows, run));
            format!("F1 of the positive class · {} scored on this hold-out", plural(n as u64, "finished run"))
        }
    }
}
