//! One family over the whole screen: its curves, its trials best first, and one of them in full. The same trial is
//! picked in the list (up, down) and on the curves (left, right).

use super::Live;
use super::charts::{draw_charts, fitting, is_waiting};
use super::live::params;
use super::{plan, trial};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, score, score_sd, time};
use crate::console::keymap::Action;
use crate::console::load::Notice;
use crate::console::theme::Theme;
use crate::console::update::motion;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{put, rule, split_top, wrap};
use netsec::event::Params;
use netsec::metrics::mean_sd;
use netsec::run::{DoneTrial, FamilyState, RunStatus, RunningTrial};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let Some(family) = live.selected() else { return };
    let (charts, table) = split_top(area, area.height / 2);
    let rows = Row::all(live, family);
    let picked = rows.get(live.trials.at).copied();
    draw_charts(app, live, family, picked.map(Row::trial), buffer, charts);
    let title = format!("{}: trials", family.family.name().replace('_', " "));
    let body = rule(buffer, table, &title, &counts(family), true, theme);
    let told = |row: Row<'_>| match row {
        Row::Failed(_, reason) => clean(reason),
        row => trial::params(live, family, row.trial()).map_or_else(String::new, params),
    };
    // The picked one is told in full below the list.
    let detail = picked.map_or_else(Vec::new, |row| detail(live, family, row, usize::from(area.width), theme));
    let (body, foot) = split_top(body, body.height.saturating_sub(detail.len() as u16).max(2).min(body.height));
    for (row, line) in detail.iter().enumerate() {
        put(buffer, foot, row as u16, line);
    }
    // Room for `dropped after 2`.
    let wide = (live.state.folds as u16 * 5).clamp(15, 30);
    let room = area.width.saturating_sub(wide + 36).max(24);
    let columns = [
        Column::right("trial", 5, 0),
        Column::left("F1 by cv", 10, 0),
        Column::left("folds", wide, 2),
        Column::right("time", 8, 3),
        Column::left("parameters", room, 1),
    ];
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
            (row @ Row::Running(_), 2) => (listed(&row.scores(family)), theme.dim()),
            (row @ Row::Open(_), 1) => (format!("{} so far", score(mean_sd(&row.scores(family)).0)), theme.dim()),
            (row @ Row::Open(_), 2) => (listed(&row.scores(family)), theme.dim()),
            (Row::Dropped(_, scores), 1) => (score(mean_sd(scores).0), theme.dim()),
            (Row::Dropped(_, scores), 2) => (format!("dropped after {}", scores.len()), theme.dim()),
            (Row::Failed(..), 1) => ("✗ failed".to_owned(), theme.bad()),
            (row, 4) => (told(row), row.style(theme)),
            _ => (String::new(), theme.plain()),
        },
    );
}

fn listed(scores: &[f64]) -> String {
    scores.iter().map(|s| score(*s)).collect::<Vec<_>>().join(" ")
}

/// A trial in full: its state, its scores by fold and its time in one line, its parameters by their whole names below.
fn detail(live: &Live, family: &FamilyState, row: Row<'_>, wide: usize, theme: &Theme) -> Vec<Line<'static>> {
    let (state, more) = match row {
        Row::Running(_) => ("fitting".to_owned(), String::new()),
        Row::Done(own) => (format!("F1 {}", score_sd(own.mean, own.sd)), format!("  took {}", time(own.ms))),
        Row::Open(_) => {
            let scores = row.scores(family);
            let folds = plural(scores.len() as u64, "fold");
            (format!("F1 {} over {folds} so far", score(mean_sd(&scores).0)), String::new())
        }
        Row::Dropped(_, scores) => (
            format!("F1 {} over {}", score(mean_sd(scores).0), plural(scores.len() as u64, "fold")),
            "  left behind by better ones".to_owned(),
        ),
        Row::Failed(..) => ("failed".to_owned(), "  enter tells why".to_owned()),
    };
    let scores = row.scores(family);
    let folds = if scores.is_empty() { String::new() } else { format!("  by fold {}", listed(&scores)) };
    let stages = trial::stages(live, family, row.trial()).points.len();
    let shared = if stages > 1 { format!("  · s goes along the {stages} stages of its fit") } else { String::new() };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" trial {} ", row.trial() + 1), theme.bold()),
        Span::styled(state, row.style(theme)),
        Span::styled(format!("{folds}{more}{shared}"), theme.dim()),
    ])];
    let own = trial::params(live, family, row.trial()).map_or_else(String::new, full);
    lines.extend(
        wrap(&own, wide.saturating_sub(2).max(1)).into_iter().take(2).map(|part| Line::raw(format!(" {part}"))),
    );
    lines
}

/// Parameters by their whole names.
fn full(own: &Params) -> String {
    let parts: Vec<String> =
        own.0.iter().map(|(name, value)| format!("{} {}", clean(name), clean(&plan::value(value)))).collect();
    parts.join("  ")
}

/// A line of the list.
#[derive(Debug, Clone, Copy)]
enum Row<'a> {
    Running(&'a RunningTrial),
    Done(&'a DoneTrial),
    /// Scored on some folds, and waiting for the next one.
    Open(u32),
    Dropped(u32, &'a [f64]),
    Failed(u32, &'a str),
}

impl<'a> Row<'a> {
    /// The trial being fitted, the finished ones, those that are not over and the dropped ones, each best first, and
    /// the failed ones.
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
        let mut open: Vec<u32> = family.scored.keys().map(|(trial, _)| *trial).collect();
        open.dedup();
        open.retain(|trial| now.is_none_or(|now| now.trial != *trial));
        let mut open: Vec<(u32, f64)> =
            open.into_iter().map(|trial| (trial, mean_sd(&trial::scores(family, trial)).0)).collect();
        open.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let rows = now.map(Row::Running).into_iter().chain(done.into_iter().map(Row::Done));
        let rows = rows.chain(open.into_iter().map(|(trial, _)| Row::Open(trial)));
        let rows = rows.chain(dropped.into_iter().map(|(trial, scores)| Row::Dropped(trial, scores)));
        rows.chain(family.failed.iter().map(|(trial, reason)| Row::Failed(*trial, reason))).collect()
    }

    fn trial(self) -> u32 {
        match self {
            Row::Running(t) => t.trial,
            Row::Done(t) => t.trial,
            Row::Open(trial) | Row::Dropped(trial, _) | Row::Failed(trial, _) => trial,
        }
    }

    /// Its scores by fold, as far as it has them.
    fn scores(self, family: &FamilyState) -> Vec<f64> {
        match self {
            Row::Failed(..) => Vec::new(),
            row => trial::scores(family, row.trial()),
        }
    }

    fn style(self, theme: &Theme) -> Style {
        match self {
            Row::Open(_) | Row::Dropped(..) => theme.dim(),
            Row::Failed(..) => theme.bad(),
            _ => theme.plain(),
        }
    }
}

/// The trials in the order of the list.
fn trials(live: &Live) -> Vec<u32> {
    live.selected().map_or_else(Vec::new, |family| Row::all(live, family).into_iter().map(Row::trial).collect())
}

/// Puts the cursor of the list where the picked trial is now.
pub fn follow_picked(live: &mut Live) {
    let trials = trials(live);
    let at = live.picked.and_then(|picked| trials.iter().position(|trial| *trial == picked));
    live.trials.at = at.unwrap_or(live.trials.at);
    live.trials.step(0, trials.len());
}

/// Moves to another trial: up and down in the list, left and right along the curve.
pub fn walk(live: &mut Live, action: Action) {
    let trials = trials(live);
    let Some(now) = trials.get(live.trials.at).copied() else { return };
    match action {
        Action::Left | Action::Right => {
            let line: Vec<u32> = match live.selected().filter(|_| live.by_stage) {
                Some(family) => {
                    trial::stages(live, family, now).points.into_iter().map(|(_, trial, _)| trial).collect()
                }
                None => {
                    let mut sorted = trials;
                    sorted.sort_unstable();
                    sorted
                }
            };
            let at = line.iter().position(|trial| *trial == now).unwrap_or(0);
            let next = if action == Action::Right { at + 1 } else { at.saturating_sub(1) };
            live.picked = line.get(next.min(line.len().saturating_sub(1))).copied().or(Some(now));
            follow_picked(live);
        }
        action => {
            if let Some(by) = motion(action, &live.trials, trials.len()) {
                live.trials.step(by, trials.len());
                live.picked = trials.get(live.trials.at).copied();
                // Along the stages of another fit there would be nothing under the cursor.
                live.by_stage = false;
            }
        }
    }
}

/// Lets left and right go along the stages of the picked trial's fit, or along the trials again.
///
/// # Errors
/// Why there is nothing to go along.
pub fn turn(live: &mut Live) -> Result<(), &'static str> {
    if live.by_stage {
        live.by_stage = false;
        return Ok(());
    }
    let picked = trials(live).get(live.trials.at).copied();
    let stages =
        live.selected().zip(picked).map_or(0, |(family, trial)| trial::stages(live, family, trial).points.len());
    if stages < 2 {
        return Err("this trial shares its fit with no other that is scored");
    }
    live.picked = picked;
    live.by_stage = true;
    Ok(())
}

/// Why the picked trial failed; none where it has not.
pub fn reason(live: &Live) -> Option<Notice> {
    let family = live.selected()?;
    match Row::all(live, family).get(live.trials.at) {
        Some(Row::Failed(trial, why)) => {
            Some(Notice::bad(format!("{} trial {}: {why}", family.family.code(), trial + 1)).hint("the others go on"))
        }
        _ => None,
    }
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
