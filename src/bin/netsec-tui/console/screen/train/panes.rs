//! The run at 160x50: the families as panes, three in a row, the leaderboard and the log at the right.

use super::Live;
use super::charts::{dropped, loss_chart, score_chart};
use super::live::{best_span, draw_log, family_word, name, under_way};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{interval, score, score_sd};
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, put, rule, split_left, split_top};
use netsec::run::{FamilyState, FamilyStatus};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Stylize;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (grid, side) = split_left(buffer, area, area.width - 46, theme);
    let rows = (live.state.families.len().div_ceil(3) as u16).clamp(2, 4);
    let across = grid.width / 3;
    let down = grid.height / rows;
    for (i, family) in live.state.families.iter().enumerate().take(12) {
        let (column, row) = (i as u16 % 3, i as u16 / 3);
        let pane = Rect {
            x: grid.x + column * across,
            y: grid.y + row * down,
            // A column between panes, so that rules do not run into each other.
            width: if column == 2 { grid.width - 2 * across } else { across - 1 },
            height: if row + 1 == rows { grid.height - row * down } else { down },
        };
        draw_family(app, live, family, i == live.cursor.at, buffer, pane);
    }
    let (board, log) = split_top(side, live.state.families.len() as u16 + 3);
    leaderboard(app, live, buffer, board);
    draw_log(app, live, buffer, log, false);
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
        for (row, part) in crate::console::widget::wrap(&clean(reason), usize::from(body.width)).into_iter().enumerate()
        {
            put(buffer, body, row as u16 + 1, &Line::styled(format!(" {part}"), theme.bad()));
        }
        return;
    }
    put(buffer, body, 1, &Line::styled(format!(" {}", under_way(live, family)), theme.dim()));
    let rest = below(body, 2);
    let curve = live.curve(family.family);
    if curve.len() >= 3 && rest.height >= 12 {
        let (scores, losses) = split_top(rest, rest.height / 2);
        score_chart(app, family, buffer, scores);
        put(buffer, losses, 0, &Line::styled(" loss by step", theme.dim()));
        loss_chart(app, family.family, curve, buffer, below(losses, 1));
    } else {
        score_chart(app, family, buffer, rest);
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
