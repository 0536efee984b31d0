//! The nearest training rows: in what each differs, and how its rows were labelled.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::count;
use crate::console::load::Load;
use crate::console::screen::predict::Focus;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, fit, put, rule, unready, width};
use netsec::predict::{Difference, Near};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let predict = &app.predict;
    let focused = predict.focus == Focus::Near && predict.prompt.is_none();
    let labels = predict.model.ready().map(|m| [true, false].map(|l| clean(m.schema.label(l)))).unwrap_or_default();
    let right = predict.near.pane.ready().map_or_else(String::new, |near| in_all(near, &labels));
    let sampled = predict.model.ready().is_some_and(|m| m.sample.is_some());
    let title = if sampled { "nearest in a sample of training" } else { "nearest in training" };
    let body = rule(buffer, area, title, &right, focused, theme);
    if unready(buffer, body, &predict.near.pane.load, "looking for neighbours", (app.now, app.spin), theme) {
        return;
    }
    let Load::Ready(near) = &predict.near.pane.load else { return };
    if near.is_empty() {
        return put(buffer, body, 0, &Line::styled(" the training part has no rows", theme.dim()));
    }
    // One line tells what the selected one has instead, where there is room for it.
    let told = focused && body.height > 3;
    let height = usize::from(body.height) - usize::from(told);
    let top = predict.near_cursor.scroll(near.len(), height);
    let counts: Vec<[String; 2]> = near.iter().map(|n| [n.counts[1], n.counts[0]].map(|n| count(n.into()))).collect();
    let wide = [0, 1].map(|side| counts.iter().map(|c| width(&c[side])).max().unwrap_or(0));
    let tail = 1 + width(&labels[0]) + 1 + wide[0] + 3 + width(&labels[1]) + 1 + wide[1] + 1;
    let room = usize::from(body.width).saturating_sub(tail + 1);
    for (line, at) in (top..near.len()).take(height).enumerate() {
        let selected = at == predict.near_cursor.at;
        select(buffer, body, line as u16, selected && focused, theme);
        let [positive, negative] = &counts[at];
        let mut spans = vec![mark(selected && focused, focused, theme), Span::raw(fit(&what(&near[at]), room))];
        for (side, n, label, style) in
            [(0, positive, &labels[0], theme.verdict(true)), (1, negative, &labels[1], theme.verdict(false))]
        {
            let style = if n == "0" { theme.dim() } else { style };
            let gap = if side == 0 { " " } else { "   " };
            spans.push(Span::styled(format!("{gap}{label} {n:>wide$}", wide = wide[side]), style));
        }
        put(buffer, body, line as u16, &Line::from(spans));
    }
    if told && let Some(selected) = near.get(predict.near_cursor.at) {
        let text = format!(" {}", changes(selected));
        put(buffer, below(body, height as u16), 0, &Line::styled(text, theme.dim()));
    }
}

/// Rows by label over all that are shown.
fn in_all(near: &[Near], [yes, no]: &[String; 2]) -> String {
    let sum = |label: usize| near.iter().map(|n| u64::from(n.counts[label])).sum();
    format!("{} vectors: {yes} {}, {no} {}", near.len(), count(sum(1)), count(sum(0)))
}

fn what(near: &Near) -> String {
    let names: Vec<&str> = near.differs.iter().map(|d| d.feature.as_str()).collect();
    let text = match names.len() {
        0 => "the same values".to_owned(),
        1 => format!("1 differs: {}", names[0]),
        n => format!("{n} differ:  {}", names.join(", ")),
    };
    clean(&text)
}

/// What it has instead, in full.
fn changes(near: &Near) -> String {
    let one = |d: &Difference| {
        format!("{} {} → {}", d.feature, d.here, if d.there.is_empty() { "missing" } else { &d.there })
    };
    if near.differs.is_empty() {
        return "the row as it stood in training".to_owned();
    }
    clean(&near.differs.iter().map(one).collect::<Vec<_>>().join(", "))
}
