//! How the launch form and the list of runs to watch are drawn.

use super::{collection, command};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, short_id, when};
use crate::console::load::Load;
use crate::console::msg::train::Plan;
use crate::console::widget::table::{Column, Table, mark, select};
use crate::console::widget::{self, below, put, rule, unready};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = rule(buffer, area, "start a run", "enter starts it", true, theme);
    let form = &app.train.form;
    if unready(buffer, body, &form.spaces.load, "reading the search spaces", (app.now, app.spin), theme) {
        return;
    }
    let rows = form.rows();
    for row in 0..rows {
        let at = row == form.cursor.at;
        // A blank line sets the families apart.
        let y = row as u16 + u16::from(row >= 2) + u16::from(row + 1 == rows);
        select(buffer, body, y, at, theme);
        let mut spans = vec![mark(at, true, theme)];
        spans.extend(row_spans(app, row, at));
        put(buffer, body, y, &Line::from(spans));
        if row + 1 == rows && y < body.height {
            let x = 16.min(body.width);
            let field = Rect { x: body.x + x, y: body.y + y, width: body.width.saturating_sub(x).min(22), height: 1 };
            form.seed.draw(buffer, field, at, "a whole number", theme);
        }
    }
    let body = below(body, rows as u16 + 3);
    draw_foot(app, buffer, body);
}

fn row_spans(app: &App, row: usize, at: bool) -> Vec<Span<'static>> {
    let (theme, form) = (&app.theme, &app.train.form);
    let label = |text: &str| Span::styled(format!("{text:<14} "), theme.dim());
    let arrows = |text: String| {
        let style = if at { theme.accent() } else { theme.plain() };
        let (left, right) = if at { ("← ", " →") } else { ("  ", "") };
        vec![Span::styled(left, theme.dim()), Span::styled(text, style), Span::styled(right, theme.dim())]
    };
    match row {
        0 => {
            let chosen = collection(app);
            let text = match &chosen {
                Some(namespace) => clean(&namespace.to_string()),
                None if app.data.catalog.is_loading() => "reading the collections".to_owned(),
                None => "no rows yet: 1 then s loads a sample".to_owned(),
            };
            let documents = chosen.and_then(|n| {
                app.data
                    .collections()
                    .iter()
                    .find(|(d, c)| *d == n.database && c.name == n.collection)
                    .and_then(|(_, c)| c.documents)
            });
            let mut spans = vec![label("collection")];
            spans.extend(arrows(text));
            if let Some(documents) = documents {
                spans.push(Span::styled(format!("   {}", plural(documents, "row")), theme.dim()));
            }
            spans
        }
        1 => {
            let trials: usize = form.chosen().map(|p| p.trials).sum();
            let fits: usize = form.chosen().map(|p| p.fits).sum();
            let at_most = if form.chosen().any(|p| p.halving) { "at most " } else { "" };
            let folds = form.spaces.ready().map_or(0, |s| s.folds);
            let mut spans = vec![label("search space")];
            spans.extend(arrows(form.space_name().map(clean).unwrap_or_default()));
            spans.push(Span::styled(
                format!(
                    "   {} x {folds} folds: {at_most}{}",
                    plural(trials as u64, "trial"),
                    plural(fits as u64 * u64::from(folds), "fit")
                ),
                theme.dim(),
            ));
            spans
        }
        row => {
            let Some(plan) = form.plans().get(row - 2) else { return vec![label("seed")] };
            let family = plan.family;
            let on = form.is_on(family);
            let text = if row == 2 { "families" } else { "" };
            let style = if on { theme.plain() } else { theme.dim() };
            vec![
                label(text),
                Span::styled(if on { "[x] " } else { "[ ] " }, style),
                Span::styled(
                    format!("{} {} ", family.code(), theme.marker(family)),
                    if on { theme.family(family) } else { theme.dim() },
                ),
                Span::styled(format!("{:<22}", family.name().replace('_', " ")), style),
                Span::styled(tried(plan), theme.dim()),
            ]
        }
    }
}

/// What is tried of a family: `24 trials of 6 fits, halving`.
fn tried(plan: &Plan) -> String {
    let fits = if plan.fits < plan.trials { format!(" of {}", plural(plan.fits as u64, "fit")) } else { String::new() };
    let halving = if plan.halving { ", halving" } else { "" };
    format!("{}{fits}{halving}", plural(plan.trials as u64, "trial"))
}

fn draw_foot(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    match &app.train.form.starting.load {
        Load::Loading { since } => {
            return widget::loading(buffer, area, "starting the worker", *since, app.now, app.spin, theme);
        }
        Load::Failed(notice) => return widget::failure(buffer, area, notice, false, theme),
        _ => {}
    }
    let mut rows = 0;
    if let Some(line) = command::line(app) {
        put(buffer, area, 0, &Line::from(vec![Span::styled(" the same without the console: ", theme.dim())]));
        let parts = widget::wrap(&line, usize::from(area.width.saturating_sub(5)).max(20));
        rows = parts.len() as u16;
        for (row, part) in parts.into_iter().enumerate() {
            put(buffer, area, 1 + row as u16, &Line::raw(format!("   {}{part}", if row > 0 { "  " } else { "" })));
        }
    }
    let text = " Families are ranked by cross-validated F1; the hold-out chooses nothing. Left and right change, space switches.";
    for (row, part) in
        widget::wrap(text.trim(), usize::from(area.width.saturating_sub(2)).max(10)).into_iter().enumerate()
    {
        put(buffer, area, 2 + rows + row as u16, &Line::styled(format!(" {part}"), theme.dim()));
    }
}

/// The list of runs to watch.
pub fn draw_attach(app: &App, cursor: &widget::Cursor, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = rule(buffer, area, "watch a run", "enter watches it", true, theme);
    if unready(buffer, body, &app.runs.rows.load, "reading the runs", (app.now, app.spin), theme) {
        return;
    }
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        put(buffer, body, 0, &Line::styled(" no runs yet · esc back to the form", theme.dim()));
        return;
    }
    let columns = [
        Column::left("run", 6, 0),
        Column::left("state", 13, 1),
        Column::left("started", 12, 2),
        Column::left("collection", 16, 3),
        Column::left("space", 10, 4),
        Column::right("trials", 9, 3),
        Column::left("by", 24, 5),
    ];
    Table { columns: &columns, rows: rows.len(), cursor, focused: true, marked: None }.draw(
        buffer,
        body,
        theme,
        |row, column| {
            let run = &rows[row];
            let (glyph, style) = theme.status(run.status, app.spin);
            match column {
                0 => (short_id(&run.id), theme.plain()),
                1 => (format!("{glyph} {}", run.status), style),
                2 => (when(&run.started_at, app.now), theme.dim()),
                3 => (clean(&run.collection), theme.plain()),
                4 => (clean(&run.space), theme.plain()),
                5 => (format!("{}/{}", run.trials.0, run.trials.1), theme.plain()),
                _ => (clean(&run.who), theme.dim()),
            }
        },
    );
}
