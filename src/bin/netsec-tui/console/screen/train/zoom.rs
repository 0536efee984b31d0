//! One family over the whole screen: its curves, and its trials best first.

use super::Live;
use super::live::{draw_charts, params};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{score, score_sd, time};
use crate::console::widget::split_top;
use crate::console::widget::table::{Column, Table};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn draw(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let Some(family) = live.selected() else { return };
    let (charts, table) = split_top(area, area.height / 2);
    draw_charts(app, live, family, buffer, charts);
    let body = crate::console::widget::rule(
        buffer,
        table,
        &format!("{}: trials", family.family.name().replace('_', " ")),
        "best first",
        true,
        theme,
    );
    let mut done: Vec<_> = family.done.iter().collect();
    done.sort_by(|a, b| b.mean.total_cmp(&a.mean).then(a.trial.cmp(&b.trial)));
    let folds = family.done.first().map_or(0, |t| t.scores.len()) as u16;
    let columns = [
        Column::right("trial", 5, 0),
        Column::left("F1 by cv", 10, 0),
        Column::left("folds", (folds * 5).clamp(5, 30), 2),
        Column::right("time", 8, 3),
        Column::left("parameters", area.width.saturating_sub(folds * 5 + 36).max(24), 1),
    ];
    let rows = done.len() + family.failed.len();
    Table { columns: &columns, rows, cursor: &live.trials, focused: true, marked: None }.draw(
        buffer,
        body,
        theme,
        |row, column| {
            let Some(trial) = done.get(row) else {
                let (number, reason) = &family.failed[row - done.len()];
                return match column {
                    0 => ((number + 1).to_string(), theme.plain()),
                    1 => ("✗ failed".to_owned(), theme.bad()),
                    4 => (clean(reason), theme.bad()),
                    _ => (String::new(), theme.plain()),
                };
            };
            match column {
                0 => ((trial.trial + 1).to_string(), theme.plain()),
                1 => (score_sd(trial.mean, trial.sd), theme.plain()),
                2 => (trial.scores.iter().map(|s| score(*s)).collect::<Vec<_>>().join(" "), theme.dim()),
                3 => (time(trial.ms), theme.dim()),
                _ => (params(&trial.params), theme.plain()),
            }
        },
    );
}
