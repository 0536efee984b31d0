//! One family over the whole screen: its curves, and its trials best first.

use super::Live;
use super::charts::{draw_charts, fitting, is_waiting};
use super::live::params;
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{score, score_sd, time};
use crate::console::theme::Theme;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{put, split_top, width};
use netsec::metrics::mean_sd;
use netsec::run::{DoneTrial, FamilyState, RunStatus, RunningTrial};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

pub fn draw(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let Some(family) = live.selected() else { return };
    let (charts, table) = split_top(area, area.height / 2);
    draw_charts(app, live, family, buffer, charts);
    let body = crate::console::widget::rule(
        buffer,
        table,
        &format!("{}: trials", family.family.name().replace('_', " ")),
        &counts(family),
        true,
        theme,
    );
    let rows = Row::all(live, family);
    let planned = live.manifest.as_ref().and_then(|m| m.search.iter().find(|s| s.family == family.family));
    // A dropped trial is in the journal without its parameters; the manifest has them.
    let tried = |trial: u32| planned.and_then(|s| s.trials.get(trial as usize)).map_or_else(String::new, params);
    let told = |row: Row<'_>| match row {
        Row::Running(trial) => params(&trial.params),
        Row::Done(trial) => params(&trial.params),
        Row::Dropped(trial, _) => tried(trial),
        Row::Failed(_, reason) => clean(reason),
    };
    // Room for `dropped after 2`.
    let wide = (live.state.folds as u16 * 5).clamp(15, 30);
    let room = area.width.saturating_sub(wide + 36).max(24);
    // Where any row is cut off, the selected one is told in full below the list.
    let mut body = body;
    if rows.iter().any(|row| width(&told(*row)) > usize::from(room)) {
        let (list, foot) = split_top(body, body.height.saturating_sub(1));
        let text = rows.get(live.trials.at).map_or_else(String::new, |row| format!(" {}", told(*row)));
        put(buffer, foot, 0, &Line::styled(text, theme.dim()));
        body = list;
    }
    let columns = [
        Column::right("trial", 5, 0),
        Column::left("F1 by cv", 10, 0),
        Column::left("folds", wide, 2),
        Column::right("time", 8, 3),
        Column::left("parameters", room, 1),
    ];
    let listed = |scores: &[f64]| scores.iter().map(|s| score(*s)).collect::<Vec<_>>().join(" ");
    Table { columns: &columns, rows: rows.len(), cursor: &live.trials, focused: true, marked: None }.draw(
        buffer,
        body,
        theme,
        |row, column| match (rows[row], column) {
            (row, 0) => ((row.trial() + 1).to_string(), row.style(theme)),
            (Row::Done(trial), 1) => (score_sd(trial.mean, trial.sd), theme.plain()),
            (Row::Done(trial), 2) => (listed(&trial.scores), theme.dim()),
            (Row::Done(trial), 3) => (time(trial.ms), theme.dim()),
            (Row::Running(_), 1) => (format!("{} fitting", theme.spinner(app.spin)), theme.accent()),
            (Row::Running(trial), 2) => {
                (listed(&trial.folds.iter().copied().flatten().collect::<Vec<_>>()), theme.dim())
            }
            (Row::Dropped(_, scores), 1) => (score(mean_sd(scores).0), theme.dim()),
            (Row::Dropped(_, scores), 2) => (format!("dropped after {}", scores.len()), theme.dim()),
            (Row::Failed(..), 1) => ("✗ failed".to_owned(), theme.bad()),
            (row, 4) => (told(row), row.style(theme)),
            _ => (String::new(), theme.plain()),
        },
    );
}

/// A line of the list.
#[derive(Debug, Clone, Copy)]
enum Row<'a> {
    Running(&'a RunningTrial),
    Done(&'a DoneTrial),
    Dropped(u32, &'a [f64]),
    Failed(u32, &'a str),
}

impl<'a> Row<'a> {
    /// The trial being fitted, the finished ones best first, the dropped ones best first, the failed ones.
    fn all(live: &Live, family: &'a FamilyState) -> Vec<Self> {
        let mut done: Vec<&DoneTrial> = family.done.iter().collect();
        done.sort_by(|a, b| b.mean.total_cmp(&a.mean).then(a.trial.cmp(&b.trial)));
        // Those that came further stand first.
        let mut dropped: Vec<(u32, &[f64])> =
            family.dropped.iter().map(|(t, scores)| (*t, scores.as_slice())).collect();
        let rank = |scores: &[f64]| (scores.len(), mean_sd(scores).0);
        dropped.sort_by(|a, b| {
            let (a, b) = (rank(a.1), rank(b.1));
            b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        let is_on = live.status() == RunStatus::Running && !is_waiting(live, family);
        let now = fitting(family).filter(|_| is_on);
        let rows = now.map(Row::Running).into_iter().chain(done.into_iter().map(Row::Done));
        let rows = rows.chain(dropped.into_iter().map(|(trial, scores)| Row::Dropped(trial, scores)));
        rows.chain(family.failed.iter().map(|(trial, reason)| Row::Failed(*trial, reason))).collect()
    }

    fn trial(self) -> u32 {
        match self {
            Row::Running(t) => t.trial,
            Row::Done(t) => t.trial,
            Row::Dropped(trial, _) | Row::Failed(trial, _) => trial,
        }
    }

    fn style(self, theme: &Theme) -> Style {
        match self {
            Row::Dropped(..) => theme.dim(),
            Row::Failed(..) => theme.bad(),
            _ => theme.plain(),
        }
    }
}

/// The number of lines of the list.
pub fn len(live: &Live, family: &FamilyState) -> usize {
    Row::all(live, family).len()
}

/// How the trials stand: `24 done · 160 dropped · 8 to go · best first`.
fn counts(family: &FamilyState) -> String {
    let left = family.trials.saturating_sub(family.settled()) as usize;
    let parts = [
        (family.done.len(), "done"),
        (family.dropped.len(), "dropped"),
        (family.failed.len(), "failed"),
        (left, "to go"),
    ];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    format!("{} · best first", parts.join(" · "))
}
