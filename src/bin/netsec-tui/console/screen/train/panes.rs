//! The run in a grid, where there is room: a pane a family, two or three in a row; leaderboard, host and log beside or
//! below them.

use super::Live;
use super::charts::{dropped, score_chart, second, second_chart, second_title};
use super::host;
use super::live::{best_span, draw_log, family_word, name, tail, under_way};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{interval, score, score_sd};
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, put, put_right, rule, split_left, split_top, wrap};
use netsec::run::{FamilyState, FamilyStatus};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};

/// Rows of a pane that still say something: title, state, parameters, and a chart of three rows and its axis.
const LEAST: u16 = 7;
/// Rows of a pane below which what is left over makes no chart better.
const ENOUGH: u16 = 9;
/// Cells of the column at the right.
const SIDE: u16 = 46;

/// Panes in a row on a screen of this size; 1 is the list.
pub fn columns((width, height): (u16, u16)) -> usize {
    match (width, height) {
        (150.., 40..) => 3,
        (110.., 32..) => 2,
        _ => 1,
    }
}

/// The families in sight: rows of the grid that have room, and the first of them.
fn rows_in_sight(families: usize, across: usize, height: u16, cursor: usize) -> (usize, usize) {
    let rows = families.div_ceil(across).max(1);
    let seen = rows.min(usize::from(height / LEAST).max(1));
    // The row with the cursor is always among them.
    (seen, (cursor / across + 1).saturating_sub(seen).min(rows - seen))
}

pub fn draw(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let across = columns(app.size).max(2);
    if across == 3 {
        let (grid, side) = split_left(buffer, area, area.width.saturating_sub(SIDE), &app.theme);
        draw_grid(app, live, across, buffer, grid);
        let (board, rest) = split_top(side, live.state.families.len() as u16 + 2);
        leaderboard(app, live, buffer, board);
        let (own, log) = split_top(rest, 5);
        draw_host(app, live, buffer, own);
        return draw_log(app, live, buffer, log, false);
    }
    // What the panes leave over is the leaderboard's and the log's.
    let rows = live.state.families.len().div_ceil(across) as u16;
    let (body, last) = split_top(area, area.height.saturating_sub(1));
    let spare = body.height.saturating_sub(rows * ENOUGH).min(live.state.families.len() as u16 + 1);
    let (grid, strip) = split_top(body, if spare >= 4 { body.height - spare } else { body.height });
    draw_grid(app, live, across, buffer, grid);
    if strip.height > 0 {
        let (board, log) = split_left(buffer, strip, SIDE.min(strip.width / 2), &app.theme);
        leaderboard(app, live, buffer, board);
        draw_log(app, live, buffer, log, false);
    }
    tail(app, live, buffer, last);
    let (seen, top) = rows_in_sight(live.state.families.len(), across, grid.height, live.cursor.at);
    if seen < usize::from(rows) {
        let (from, to) = (top * across + 1, ((top + seen) * across).min(live.state.families.len()));
        let text = format!("families {from} to {to} of {}", live.state.families.len());
        put(buffer, Rect { x: last.right().saturating_sub(text.len() as u16 + 2), ..last }, 0, &Line::raw("  "));
        put_right(buffer, last, 0, 0, &Line::styled(text, app.theme.accent()));
    }
}

fn draw_grid(app: &App, live: &Live, across: usize, buffer: &mut Buffer, area: Rect) {
    let (seen, top) = rows_in_sight(live.state.families.len(), across, area.height, live.cursor.at);
    let wide = area.width / across as u16;
    let down = area.height / seen as u16;
    let shown = live.state.families.iter().enumerate().skip(top * across).take(seen * across);
    for (i, family) in shown {
        let (column, row) = ((i % across) as u16, (i / across - top) as u16);
        let pane = Rect {
            x: area.x + column * wide,
            y: area.y + row * down,
            // A column between panes, so that rules do not run into each other.
            width: if column as usize + 1 == across { area.width - column * wide } else { wide.saturating_sub(1) },
            height: if row as usize + 1 == seen { area.height - row * down } else { down },
        };
        draw_family(app, live, family, i == live.cursor.at, buffer, pane);
    }
}

fn draw_family(app: &App, live: &Live, family: &FamilyState, at: bool, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (glyph, word, style) = family_word(app, live, family);
    let title = family.family.name().replace('_', " ");
    let counts = if family.trials > 0 { format!("{}/{}", family.settled(), family.trials) } else { String::new() };
    let dropped = dropped(family);
    let both = format!("{dropped} · {counts}");
    // A rule leaves out what has no room.
    let fits = !dropped.is_empty() && title.len() + both.chars().count() + 9 <= usize::from(area.width);
    let body = rule(buffer, area, &title, if fits { &both } else { &counts }, at, theme);
    let mut spans = vec![mark(at, true, theme)];
    spans.extend(name(app, family.family));
    spans.push(Span::styled(format!("  {glyph} {word}"), style));
    spans.push(Span::raw(" "));
    spans.push(if family.best_trial().is_some() { best_span(app, family).bold() } else { best_span(app, family) });
    put(buffer, body, 0, &Line::from(spans));
    if let FamilyStatus::Failed(reason) = &family.status {
        let mut parts = wrap(&clean(reason), usize::from(body.width.saturating_sub(1)).max(1));
        parts.truncate(usize::from(body.height.saturating_sub(2)).max(1));
        for (row, part) in parts.iter().enumerate() {
            put(buffer, body, row as u16 + 1, &Line::styled(format!(" {part}"), theme.bad()));
        }
        if at {
            let line = Line::from(vec![Span::styled(" enter", theme.key()), Span::styled(" tells more", theme.dim())]);
            put(buffer, body, parts.len() as u16 + 1, &line);
        }
        return;
    }
    put(buffer, body, 1, &Line::styled(format!(" {}", under_way(live, family)), theme.dim()));
    let rest = below(body, 2);
    let second = second(live, family, family.best_trial().map(|t| t.trial));
    match second_title(family, &second).filter(|_| rest.height >= 12) {
        Some(title) => {
            let (scores, other) = split_top(rest, rest.height / 2);
            score_chart(app, family, None, buffer, scores);
            put(buffer, other, 0, &Line::styled(format!(" {title}"), theme.dim()));
            second_chart(app, family, &second, None, buffer, below(other, 1));
        }
        None => score_chart(app, family, None, buffer, rest),
    }
}

fn draw_host(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let body = rule(buffer, area, "host", &clean(&app.around.host), false, &app.theme);
    for (row, line) in host::lines(app, live).iter().enumerate() {
        put(buffer, body, row as u16, line);
    }
}

fn leaderboard(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = rule(
        buffer,
        area,
        "leaderboard",
        if live.state.winner.is_some() { "cv F1, k trials, test F1" } else { "cv F1, best of k, optimistic" },
        false,
        theme,
    );
    let mut ranked: Vec<(&FamilyState, f64, f64)> =
        live.state.families.iter().filter_map(|f| f.cv_score().map(|(mean, sd)| (f, mean, sd))).collect();
    // What has no model cannot win.
    ranked.retain(|(f, ..)| !matches!(f.status, FamilyStatus::Failed(_)));
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    if ranked.is_empty() {
        put(buffer, body, 0, &Line::styled(" no trial is over yet", theme.dim()));
    }
    for (row, (family, mean, sd)) in ranked.into_iter().enumerate() {
        let selected = live.selected().is_some_and(|f| f.family == family.family);
        let mut spans = vec![Span::styled(format!(" {} ", row + 1), theme.dim())];
        spans.extend(name(app, family.family));
        spans.push(Span::raw(format!("  {}  k {:<3}", score_sd(mean, sd), family.done.len())));
        if let Some(test) = &family.test {
            spans.push(Span::styled(format!(" {} {}", score(test.f1), interval(test.f1_ci)), theme.bold()));
        }
        select(buffer, body, row as u16, selected, theme);
        put(buffer, body, row as u16, &Line::from(spans));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grid_grows_with_the_screen() {
        let sizes = [(80, 24), (120, 40), (160, 50), (160, 24), (200, 60), (1, 1)];
        assert_eq!(sizes.map(columns), [1, 2, 3, 1, 3, 1]);
    }

    #[test]
    fn the_family_with_the_cursor_is_always_in_sight() {
        assert_eq!(rows_in_sight(6, 2, 32, 5), (3, 0));
        for cursor in 0..10 {
            let (seen, top) = rows_in_sight(10, 2, 29, cursor);
            assert_eq!(seen, 4);
            assert!((top..top + seen).contains(&(cursor / 2)) && top + seen <= 5, "{cursor}");
        }
        assert_eq!(rows_in_sight(0, 3, 0, 0), (1, 0));
    }
}
