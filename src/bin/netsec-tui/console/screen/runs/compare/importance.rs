//! What each feature is worth to each model, side by side.

use super::Compare;
use super::legend::{style, tag};
use crate::console::app::App;
use crate::console::clean::clean_short;
use crate::console::format::{score, short_id};
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, fit, fit_right, put, solid};
use netsec::compare::Several;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A feature, and the F1 that each model loses without it.
pub type Row = (String, Vec<Option<f64>>);

/// Every feature, that which matters most to any of the models first.
pub fn features(all: &Several) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (nth, model) in all.models.iter().enumerate() {
        for importance in &model.importance {
            let at = rows.iter().position(|(name, _)| *name == importance.feature).unwrap_or_else(|| {
                rows.push((importance.feature.clone(), vec![None; all.models.len()]));
                rows.len() - 1
            });
            rows[at].1[nth] = Some(importance.mean);
        }
    }
    // Stable: equal ones stay in the base's order.
    rows.sort_by(|a, b| most(&b.1).total_cmp(&most(&a.1)));
    rows
}

fn most(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max)
}

pub fn draw(app: &App, compare: &Compare, all: &Several, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let rows = features(all);
    if rows.is_empty() {
        let text = " these runs are of a version that did not measure importance; training again does";
        return put(buffer, area, 0, &Line::styled(text, theme.dim()));
    }
    let n = all.models.len();
    let name = (usize::from(area.width) / 4).clamp(10, 26);
    let wide = usize::from(area.width).saturating_sub(name + 2) / n;
    let bar = wide.saturating_sub(8);
    let mut header = vec![Span::styled(format!(" {}", fit("feature", name)), theme.dim())];
    for (nth, model) in all.models.iter().enumerate() {
        let who = format!(" {} {}", short_id(&model.run), model.family.code());
        header.push(tag(app, nth));
        header.push(Span::styled(fit(&who, wide.saturating_sub(3)), theme.dim()));
    }
    put(buffer, area, 0, &Line::from(header));
    let body = below(area, 1);
    // One scale for all models: bars can be held against each other.
    let scale = rows.first().map_or(0.0, |row| most(&row.1)).max(1e-9);
    let top = compare.features.scroll(rows.len(), usize::from(body.height));
    for (line, (i, (feature, values))) in rows.iter().enumerate().skip(top).take(usize::from(body.height)).enumerate() {
        let at = i == compare.features.at && compare.part == super::Part::Importance;
        let mut spans = vec![mark(at, true, theme), Span::raw(fit(&clean_short(feature, 60), name))];
        for (nth, value) in values.iter().enumerate() {
            let text = value.map_or_else(|| "-".to_owned(), score);
            spans.push(Span::raw(fit_right(&text, 5)));
            spans.push(Span::styled(format!(" {}", solid(value.unwrap_or(0.0) / scale, bar)), style(app, nth)));
            spans.push(Span::raw(" ".repeat(wide.saturating_sub(bar + 6))));
        }
        select(buffer, body, line as u16, at, theme);
        put(buffer, body, line as u16, &Line::from(spans));
    }
}
