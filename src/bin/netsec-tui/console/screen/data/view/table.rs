//! A page of documents, as a table or as JSON, and the bar over it.

use super::super::document::{cell, lines};
use super::super::query::FilterBar;
use super::super::{Focus, Opened};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::plural;
use crate::console::load::{Load, Tone};
use crate::console::widget::table::{Column, Table, mark};
use crate::console::widget::{self, below, cut, put, put_right, rule, split_top, width};
use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Draws the documents of the collection that is open.
pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = app.data.focus == Focus::Table;
    let Some(open) = &app.data.open else {
        let body = rule(buffer, area, "documents", "", focused, theme);
        put(buffer, body, 0, &Line::styled(" enter on a collection shows its documents", theme.dim()));
        return;
    };
    let title = title(app, open);
    let mut body = rule(buffer, area, &title, &told(app, open, area.width, &title), focused, theme);
    if let Some(line) = found_by(app, open) {
        // At the bottom, where it moves nothing when it comes.
        let (above, last) = split_top(body, body.height.saturating_sub(1));
        put(buffer, last, 0, &line);
        let more = Line::from(vec![Span::styled("i", theme.key()), Span::styled(" tells how", theme.dim())]);
        put_right(buffer, last, 0, line.width(), &more);
        body = above;
    }
    if let Some(bar) = &app.data.filter {
        body = draw_bar(app, bar, buffer, body);
    }
    if widget::unready(buffer, body, &open.page.load, "reading documents (x stops)", (app.now, app.spin), theme) {
        return;
    }
    if open.documents().is_empty() {
        let text = if open.filter_text.is_empty() {
            " no documents · o opens a file"
        } else {
            " no document matches · / changes the filter, esc clears it"
        };
        put(buffer, body, 0, &Line::styled(text, theme.dim()));
    } else if open.as_json {
        draw_json(app, open, buffer, body);
    } else {
        draw_table(app, open, buffer, body);
    }
}

/// Seconds since then, once there is one.
fn long(app: &App, since: DateTime<Utc>) -> Option<i64> {
    Some((app.now - since).num_seconds()).filter(|seconds| *seconds > 0)
}

/// How the server finds the documents, in a line, where it told.
fn found_by(app: &App, open: &Opened) -> Option<Line<'static>> {
    let plan = open.plan.ready()?.as_ref()?;
    let documents = app.data.info(&open.namespace).and_then(|info| info.documents);
    let summary = clean(&plan.summary(documents));
    let glyph = if plan.is_served() { " · " } else { " ▲ " };
    let style = if plan.is_served() { app.theme.dim() } else { app.theme.warn() };
    Some(Line::from(vec![Span::styled(glyph, style), Span::styled(summary, app.theme.dim())]))
}

/// How many documents there are about, while they are counted: what a server says of a whole collection.
fn estimate(app: &App, open: &Opened) -> Option<String> {
    let is_about = app.around.store.remote && open.filter.is_all();
    let about = app.data.info(&open.namespace)?.documents.filter(|_| is_about)?;
    Some(format!("~{}", plural(about, "document")))
}

fn title(app: &App, open: &Opened) -> String {
    let about = estimate(app, open);
    let number = match (&open.count.load, open.count.job.is_some()) {
        (Load::Ready(n), _) => plural(*n, "document"),
        (_, _) if about.is_some() => about.unwrap_or_default(),
        (Load::Failed(_), false) => "not counted (! says why)".to_owned(),
        _ => match long(app, open.asked[1]) {
            Some(seconds) => format!("counting {seconds} s"),
            None => "counting".to_owned(),
        },
    };
    format!("{} · {number} · page {}", clean(&open.namespace.collection), open.before.len() + 1)
}

/// What stands at the right of the title: what is waited for, else what is special about the view, as far as it fits.
fn told(app: &App, open: &Opened, wide: u16, title: &str) -> String {
    let room = usize::from(wide).saturating_sub(width(title) + 12);
    if open.page.job.is_some()
        && open.page.ready().is_some()
        && let Some(seconds) = long(app, open.asked[0])
    {
        return format!("reading {seconds} s · x stops");
    }
    if open.page.missed.is_some() {
        return "stale · ! says why".to_owned();
    }
    if open.count.job.is_some() && long(app, open.asked[1]).is_some() {
        return "x stops counting".to_owned();
    }
    let mut parts = Vec::new();
    if !open.hidden.is_empty() {
        parts.push(format!("{} hidden", open.hidden.len()));
    }
    if let Some(by) = open.sort.first() {
        let arrow = if by.descending { "▼" } else { "▲" };
        parts.push(format!("{arrow} {}", cut(&clean(&by.field), 20)));
    }
    let used: usize = parts.iter().map(|part| width(part) + 3).sum();
    let left = room.saturating_sub(used + 2).min(40);
    // The beginning of a filter says little.
    if !open.filter_text.is_empty() && left >= 8 {
        parts.push(format!("/ {}", cut(&clean(&open.filter_text), left)));
    }
    parts.join(" · ")
}

/// The columns that are in view: the label where it is pinned, then as many as fit from the first that is shown, so
/// that the selected one is among them.
fn in_view(open: &Opened, wide: u16) -> Vec<usize> {
    let pinned = usize::from(open.pinned && open.columns.len() > 1);
    let room = usize::from(wide) + 1;
    let size = |columns: &[Column]| columns.iter().map(|c| usize::from(c.width) + 2).sum::<usize>();
    let before = size(&open.columns[..pinned]);
    let last = open.columns.len().saturating_sub(1);
    let mut first = open.first_column.get().max(pinned).min(open.column.max(pinned)).min(last);
    while first < open.column && before + size(&open.columns[first..=open.column]) > room {
        first += 1;
    }
    open.first_column.set(first);
    let mut used = before;
    let fits = |i: &usize| {
        used += usize::from(open.columns[*i].width) + 2;
        used <= room || *i == first
    };
    (0..pinned).chain((first..open.columns.len()).take_while(fits)).collect()
}

fn draw_table(app: &App, open: &Opened, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = app.data.focus == Focus::Table;
    let view = in_view(open, area.width);
    let columns: Vec<Column> = view
        .iter()
        .map(|i| {
            let column = &open.columns[*i];
            let arrow = match open.sorted(&column.title) {
                Some(true) => "▼",
                Some(false) => "▲",
                None => "",
            };
            Column { title: format!("{arrow}{}", clean(&column.title)), ..column.clone() }
        })
        .collect();
    let marked = view.iter().position(|i| *i == open.column);
    let table = Table { columns: &columns, rows: open.documents().len(), cursor: &open.row, focused, marked };
    table.draw(buffer, area, theme, |row, column| {
        let value = open.documents()[row].get(&open.columns[view[column]].title);
        let mut style = if matches!(value, None | Some(bson::Bson::Null)) { theme.dim() } else { theme.plain() };
        if focused && row == open.row.at && marked == Some(column) {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        (cell(value), style)
    });
}

/// The page as JSON, from the selected document on.
fn draw_json(app: &App, open: &Opened, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = app.data.focus == Focus::Table;
    let wide = usize::from(area.width.saturating_sub(2));
    let mut row = 0;
    for (nth, document) in open.documents().iter().enumerate().skip(open.row.at) {
        let selected = nth == open.row.at;
        for line in lines(document, wide) {
            if row >= area.height {
                // Moving goes by documents: a page of them is those that are in view.
                open.row.height.set((nth - open.row.at).max(1));
                return;
            }
            let style = if selected { theme.plain() } else { theme.dim() };
            let line = Line::from(vec![mark(selected, focused, theme), Span::styled(line, style)]);
            put(buffer, area, row, &line);
            row += 1;
        }
    }
    open.row.height.set((open.documents().len() - open.row.at).max(1));
}

fn draw_bar(app: &App, bar: &FilterBar, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let (line, rest) = split_top(area, 1);
    put(buffer, line, 0, &Line::styled(" / ", theme.accent()));
    let field = Rect { x: line.x + 3.min(line.width), width: line.width.saturating_sub(4), ..line };
    bar.input.draw(buffer, field, true, "Result=-1 URL_Length>=0", theme);
    let hint = match &bar.mistake {
        _ if !bar.offers.is_empty() => offered(app, bar, usize::from(area.width)),
        Some(mistake) => {
            let at = width(&bar.input.text().chars().take(mistake.at).collect::<String>());
            let at = at.checked_sub(bar.input.hidden(field.width)).map(|at| at + 3);
            let text = pointed(at, &mistake.message, &mistake.hint, usize::from(area.width));
            let text = text.unwrap_or_else(|| format!(" {}, at character {}", mistake.message, mistake.at + 1));
            Line::styled(text, widget::tone(theme, Tone::Bad))
        }
        None => Line::styled("   field=value, != > >= < <= ~text, or {} · tab completes · ↑ earlier", theme.dim()),
    };
    put(buffer, rest, 0, &hint);
    below(rest, 1)
}

/// A caret under a column, with what is wrong there behind it, or before it where there is more room.
fn pointed(at: Option<usize>, message: &str, hint: &str, wide: usize) -> Option<String> {
    let at = at.filter(|at| *at < wide)?;
    let behind = wide - at;
    if width(message) + width(hint) + 5 <= behind {
        return Some(format!("{}^ {message} · {hint}", " ".repeat(at)));
    }
    if width(message) + 2 <= behind {
        return Some(format!("{}^ {message}", " ".repeat(at)));
    }
    let left = at.checked_sub(width(message) + 1)?;
    Some(format!("{}{message} ^", " ".repeat(left)))
}

/// What tab offers, the chosen one marked, as many as fit.
fn offered(app: &App, bar: &FilterBar, wide: usize) -> Line<'static> {
    let theme = &app.theme;
    let mut spans = vec![Span::raw("   ")];
    let mut used = 3;
    // What comes next is in view.
    let first = bar.chosen.map_or(0, |at| at.saturating_sub(2));
    for (nth, offer) in bar.offers.iter().enumerate().skip(first) {
        let text = cut(&clean(offer), 40);
        used += width(&text) + 2;
        if used > wide {
            spans.push(Span::styled("…", theme.dim()));
            break;
        }
        let chosen = bar.chosen == Some(nth);
        let style = if chosen { theme.accent().add_modifier(Modifier::UNDERLINED) } else { theme.dim() };
        spans.push(Span::styled(text, style));
        spans.push(Span::raw("  "));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_its_character_and_the_words_where_there_is_room() {
        assert_eq!(pointed(Some(4), "wrong", "mend it", 40).unwrap(), "    ^ wrong · mend it");
        assert_eq!(pointed(Some(4), "wrong", "mend it", 12).unwrap(), "    ^ wrong");
        assert_eq!(pointed(Some(9), "wrong", "mend it", 12).unwrap(), "   wrong ^");
        assert_eq!(pointed(Some(5), "wrong", "", 8), None);
        assert_eq!(pointed(Some(8), "wrong", "", 8), None);
        assert_eq!(pointed(None, "wrong", "", 8), None);
    }
}
