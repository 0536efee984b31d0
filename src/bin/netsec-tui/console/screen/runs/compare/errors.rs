//! Which vectors base and other get right, and every model's confusion matrix.

use super::legend::tag;
use crate::console::app::App;
use crate::console::clean::clean_short;
use crate::console::format::{count, plural, score, share, short_id, threshold};
use crate::console::widget::{below, fit, fit_right, put};
use netsec::compare::{Comparison, Profile, Several};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Cells of a matrix, and its rows with the space below it.
const WIDE: u16 = 40;
const TALL: u16 = 5;
/// Rows before the matrices.
const ABOVE: u16 = 4;

fn side_by_side(wide: u16) -> u16 {
    ((wide + 1) / WIDE).max(1)
}

/// Rows that it would like to have.
pub fn rows(all: &Several, wide: u16) -> u16 {
    ABOVE + TALL * (all.models.len() as u16).div_ceil(side_by_side(wide))
}

pub fn draw(app: &App, all: &Several, pair: &Comparison, buffer: &mut Buffer, area: Rect) {
    draw_agreement(app, pair, buffer, area);
    let rest = below(area, ABOVE);
    let columns = side_by_side(area.width);
    for (nth, model) in all.models.iter().enumerate() {
        let (column, row) = (nth as u16 % columns, nth as u16 / columns);
        let place = below(rest, row * TALL);
        let place = Rect { x: place.x + column * WIDE, width: WIDE.min(place.width), ..place };
        if place.right() <= area.right() {
            draw_matrix(app, all, model, nth, buffer, place);
        }
    }
}

fn draw_agreement(app: &App, pair: &Comparison, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let [base, new] = pair.names();
    if pair.holdout.vectors == 0 {
        let text = " there is no vector that neither was trained on: errors cannot be held against each other";
        return put(buffer, area, 0, &Line::styled(text, theme.warn()));
    }
    let e = &pair.errors;
    let on = format!(" on the same {}: {new} against {base}", plural(pair.holdout.vectors, "vector"));
    put(buffer, area, 0, &Line::styled(on, theme.dim()));
    let mut spans = Vec::new();
    for (what, n, style) in [
        ("both right", e.both_right, theme.plain()),
        ("only base", e.only_base, theme.warn()),
        ("only new", e.only_new, theme.good()),
        ("both wrong", e.both_wrong, theme.plain()),
    ] {
        spans.push(Span::styled(format!(" {what} "), theme.dim()));
        spans.push(Span::styled(format!("{}    ", count(n)), style));
    }
    put(buffer, area, 1, &Line::from(spans));
    let p = if e.p_value < 0.001 { "p < .001".to_owned() } else { format!("p = {}", score(e.p_value)) };
    let ties = if e.ties == 0 { String::new() } else { format!(", {} left out: half of either label", count(e.ties)) };
    put(buffer, area, 2, &Line::styled(format!(" McNemar's exact test: {p}{ties}"), theme.dim()));
}

fn draw_matrix(app: &App, all: &Several, model: &Profile, nth: usize, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let base = if nth == 0 { " base" } else { "" };
    let title = Line::from(vec![
        Span::raw(" "),
        tag(app, nth),
        Span::raw(format!(" {} {}{base}", short_id(&model.run), model.family.code())),
        Span::styled(format!("  at {}", threshold(model.test.threshold)), theme.dim()),
    ]);
    put(buffer, area, 0, &title);
    let names = [&all.positive, &all.negative].map(|name| clean_short(name, 10));
    let header = format!(
        " {}{}{}{}",
        fit("rows called", 12),
        fit_right(&names[0], 9),
        fit_right(&names[1], 11),
        fit_right("wrong", 7)
    );
    put(buffer, area, 1, &Line::styled(header, theme.dim()));
    let c = &model.test.confusion;
    // Those called positive first, then the rest; which of them are wrong.
    let rows = [
        ([c.true_positive, c.false_negative], 1, c.false_negative),
        ([c.false_positive, c.true_negative], 0, c.false_positive),
    ];
    for (i, (cells, wrong, errors)) in rows.into_iter().enumerate() {
        let style = |cell: usize| if cell == wrong { theme.warn() } else { theme.good() };
        let rows = cells[0] + cells[1];
        let part = if rows == 0 { 0.0 } else { errors as f64 / rows as f64 };
        let line = Line::from(vec![
            Span::styled(format!(" {}", fit(&names[i], 12)), theme.dim()),
            Span::styled(fit_right(&count(cells[0]), 9), style(0)),
            Span::styled(fit_right(&count(cells[1]), 11), style(1)),
            Span::styled(fit_right(&share(part), 7), theme.dim()),
        ]);
        put(buffer, area, i as u16 + 2, &line);
    }
}
