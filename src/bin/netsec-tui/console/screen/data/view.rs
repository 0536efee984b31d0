//! How the Data screen is drawn.

use super::document::{cell, json};
use super::{FilterBar, Focus, Opened, Step};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{bytes, count, plural};
use crate::console::load::{Load, Tone};
use crate::console::widget::table::{Table, mark, select};
use crate::console::widget::{self, below, put, put_right, rule, split_left, split_top};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Whether the document stands beside the table.
pub fn shows_document(width: u16) -> bool {
    width >= 140
}

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let told = draw_push(app, buffer, area);
    let area = Rect { height: area.height.saturating_sub(told), ..area };
    if let Some(fields) = app.data.fields.as_ref().filter(|_| app.data.path.is_none()) {
        return super::fields::view::draw(app, fields, buffer, area);
    }
    if widget::unready(buffer, area, &app.data.catalog.load, "reading the collections", (app.now, app.spin), theme) {
        return;
    }
    if let Some(input) = &app.data.path {
        return draw_path(app, input, buffer, area);
    }
    if app.data.is_welcome() {
        return draw_welcome(app, buffer, area);
    }
    if !app.is_wide() {
        match app.data.focus {
            Focus::Tree => draw_tree(app, buffer, area),
            Focus::Table => draw_table(app, buffer, area),
            Focus::Document => draw_document(app, buffer, area),
        }
        return;
    }
    let (tree, rest) = split_left(buffer, area, 34, theme);
    draw_tree(app, buffer, tree);
    if shows_document(app.size.0) {
        let (table, document) = split_left(buffer, rest, rest.width - 44, theme);
        draw_table(app, buffer, table);
        draw_document(app, buffer, document);
    } else if app.data.focus == Focus::Document {
        draw_document(app, buffer, rest);
    } else {
        draw_table(app, buffer, rest);
    }
}

/// A line at the bottom about rows that are or were loaded; returns how many rows it took.
fn draw_push(app: &App, buffer: &mut Buffer, area: Rect) -> u16 {
    let push = &app.data.push;
    let last = Rect { y: area.y + area.height.saturating_sub(1), height: area.height.min(1), ..area };
    match &push.pane.load {
        Load::Idle => return 0,
        Load::Loading { since } => {
            let progress = match push.progress.bytes {
                Some((done, all)) if all > 0 => {
                    let share = done as f64 / all as f64;
                    format!("{} {:.0} % of {}", widget::bar(share, 12), share * 100.0, bytes(all))
                }
                _ => String::new(),
            };
            let what = format!("loading {} · {} {progress}", push.what, plural(push.progress.rows, "row"));
            widget::loading(buffer, last, &what, *since, app.now, app.spin, &app.theme);
        }
        Load::Ready(pushed) => {
            let mut notice = super::answer::told(pushed, push.into.as_ref());
            let hint = notice.hint.take();
            let rows = 1 + u16::from(hint.is_some());
            let place =
                Rect { y: area.bottom().saturating_sub(rows).max(area.y), height: rows.min(area.height), ..area };
            put(buffer, place, 0, &widget::notice_line(&notice, &app.theme));
            if let Some(hint) = hint {
                put(buffer, place, 1, &Line::styled(format!("   {hint}"), app.theme.dim()));
            }
            return rows.min(area.height);
        }
        Load::Failed(notice) => {
            let rows = area.height.min(6);
            let place = Rect { y: area.bottom() - rows, height: rows, ..area };
            let inside = rule(buffer, place, "not loaded", "", false, &app.theme);
            widget::failure(buffer, inside, notice, false, &app.theme);
            return rows;
        }
    }
    1
}

fn draw_path(app: &App, input: &widget::input::Input, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let title = format!("open a file into {}", clean(&app.around.namespace.to_string()));
    let body = rule(buffer, area, &title, "", true, theme);
    let (line, rest) = split_top(body, 1);
    put(buffer, line, 0, &Line::styled(" path  ", theme.dim()));
    let field = Rect { x: line.x + 7.min(line.width), width: line.width.saturating_sub(8), ..line };
    input.draw(buffer, field, true, "/path/to/rows.csv", theme);
    for (row, text) in [
        "CSV with a header, ARFF, Parquet, or JSON lines; the name's ending says which.",
        "Rows that the schema refuses are kept beside the collection, with the reason.",
        "The same file again adds nothing; a grown one adds what is new.",
    ]
    .iter()
    .enumerate()
    {
        put(buffer, below(rest, 1), row as u16, &Line::styled(format!(" {text}"), theme.dim()));
    }
}

fn draw_welcome(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let next = Step::next(app);
    let title = match next {
        Some(Step::Load) => "nothing here yet",
        Some(_) => "rows are in",
        None => "all done once",
    };
    let body = rule(buffer, area, title, "", true, theme);
    let offers: &[(&str, &str)] = if next == Some(Step::Load) {
        &[
            ("s", "load 10,000 sample rows (synthetic, drawn from the real data's statistics)"),
            ("o", "open a file: CSV, ARFF, Parquet, JSON lines"),
        ]
    } else {
        &[("o", "open a file: CSV, ARFF, Parquet, JSON lines"), ("tab", "browse the collections")]
    };
    for (row, (key, text)) in offers.iter().enumerate() {
        let line = Line::from(vec![Span::styled(format!(" {key:<4}"), theme.key()), Span::raw(*text)]);
        put(buffer, body, row as u16, &line);
    }
    let body = below(body, offers.len() as u16 + 1);
    let body = rule(buffer, body, "first steps", "", false, theme);
    for (row, step) in Step::ALL.into_iter().enumerate() {
        let row = row as u16;
        let done = step.is_done(app);
        let is_next = next == Some(step);
        let (name, text) = step_text(app, step);
        let glyph = match (done, is_next) {
            (true, _) => Span::styled("✓", theme.good()),
            (false, true) => Span::styled("▸", theme.accent()),
            (false, false) => Span::styled("○", theme.dim()),
        };
        let style = if is_next { theme.bold() } else { theme.plain() };
        let text_style = if is_next || done { theme.plain() } else { theme.dim() };
        let line = Line::from(vec![
            mark(is_next, true, theme),
            glyph,
            Span::styled(format!(" {} {name:<9}", row + 1), style),
            Span::styled(text, text_style),
        ]);
        select(buffer, body, row, is_next, theme);
        let wide = line.width();
        put(buffer, body, row, &line);
        if is_next {
            put_right(buffer, body, row, wide, &Line::styled("enter", theme.key()));
        }
    }
    let body = below(body, 5);
    put(
        buffer,
        body,
        0,
        &Line::styled(" Runs go on when you leave; everything here can be done without the console too.", theme.dim()),
    );
}

fn step_text(app: &App, step: Step) -> (&'static str, String) {
    match step {
        Step::Load => {
            let documents: u64 = app
                .data
                .collections()
                .iter()
                .filter(|(_, c)| !c.name.ends_with(netsec::push::REJECTED))
                .filter_map(|(_, c)| c.documents)
                .sum();
            let text = if documents > 0 {
                format!("{} here", plural(documents, "row"))
            } else {
                "rows to work with".to_owned()
            };
            ("load", text)
        }
        Step::Train => ("train", "search six model families, each cross-validated".to_owned()),
        Step::Look => ("look", "the report: scores on rows that no model has seen".to_owned()),
        Step::Predict => ("predict", "paste a row, get a verdict".to_owned()),
    }
}

fn draw_tree(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = app.data.focus == Focus::Tree;
    let body = rule(buffer, area, "collections", "", focused, theme);
    let collections = app.data.collections();
    // Databases are headings: lines without a place in the cursor's count.
    let mut lines: Vec<(Option<usize>, Line<'static>, String)> = Vec::new();
    let mut database = "";
    for (i, (name, info)) in collections.iter().enumerate() {
        if *name != database {
            lines.push((None, Line::styled(format!(" {}", clean(name)), theme.dim()), String::new()));
            database = name;
        }
        let open = app
            .data
            .open
            .as_ref()
            .is_some_and(|o| o.namespace.database == *name && o.namespace.collection == info.name);
        let style = if open { theme.bold() } else { theme.plain() };
        let text = Line::from(vec![
            mark(i == app.data.tree.at, focused, theme),
            Span::styled(format!("  {}", clean(&info.name)), style),
        ]);
        lines.push((Some(i), text, info.documents.map_or_else(|| "?".to_owned(), count)));
    }
    let at = lines.iter().position(|(i, ..)| *i == Some(app.data.tree.at)).unwrap_or(0);
    let cursor = widget::Cursor { at, ..app.data.tree.clone() };
    let top = cursor.scroll(lines.len(), usize::from(body.height));
    app.data.tree.top.set(top);
    app.data.tree.height.set(usize::from(body.height));
    for (row, (index, line, number)) in lines.iter().skip(top).take(usize::from(body.height)).enumerate() {
        select(buffer, body, row as u16, focused && *index == Some(app.data.tree.at), theme);
        put(buffer, body, row as u16, line);
        put_right(buffer, body, row as u16, line.width(), &Line::styled(number.clone(), theme.dim()));
    }
}

fn draw_table(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let Some(open) = &app.data.open else {
        let body = rule(buffer, area, "documents", "", app.data.focus == Focus::Table, theme);
        put(buffer, body, 0, &Line::styled(" enter on a collection shows its documents", theme.dim()));
        return;
    };
    let number = match &open.count.load {
        Load::Ready(n) => plural(*n, "document"),
        Load::Failed(_) => "not counted".to_owned(),
        _ => "counting".to_owned(),
    };
    let title = format!("{} · {number} · page {}", clean(&open.namespace.collection), open.before.len() + 1);
    let right = if open.filter_text.is_empty() {
        String::new()
    } else {
        format!("/ {}", widget::cut(&clean(&open.filter_text), 40))
    };
    let mut body = rule(buffer, area, &title, &right, app.data.focus == Focus::Table, theme);
    if let Some(bar) = &app.data.filter {
        body = draw_filter(app, bar, buffer, body);
    }
    if widget::unready(buffer, body, &open.page.load, "reading documents", (app.now, app.spin), theme) {
        return;
    }
    if open.documents().is_empty() {
        let text = if open.filter_text.is_empty() {
            " no documents · o opens a file"
        } else {
            " no document matches · / changes the filter, esc clears it"
        };
        put(buffer, body, 0, &Line::styled(text, theme.dim()));
        return;
    }
    let first = first_column(open, body.width);
    let columns: Vec<_> =
        open.columns[first..].iter().map(|c| widget::table::Column { title: clean(&c.title), ..c.clone() }).collect();
    let focused = app.data.focus == Focus::Table;
    let marked = open.column.checked_sub(first);
    let table = Table { columns: &columns, rows: open.documents().len(), cursor: &open.row, focused, marked };
    table.draw(buffer, body, theme, |row, column| {
        let document = &open.documents()[row];
        let value = document.get(&open.columns[first + column].title);
        let mut style = if matches!(value, None | Some(bson::Bson::Null)) { theme.dim() } else { theme.plain() };
        if focused && row == open.row.at && marked == Some(column) {
            style = style.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
        }
        (cell(value), style)
    });
}

/// The first column shown, so that the selected one is in view.
fn first_column(open: &Opened, width: u16) -> usize {
    let mut first = open.first_column.get().min(open.column).min(open.columns.len().saturating_sub(1));
    let fits = |from: usize| {
        let used: usize = open.columns[from..=open.column].iter().map(|c| usize::from(c.width) + 2).sum();
        used <= usize::from(width) + 1
    };
    while first < open.column && !fits(first) {
        first += 1;
    }
    open.first_column.set(first);
    first
}

fn draw_filter(app: &App, bar: &FilterBar, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let (line, rest) = split_top(area, 1);
    put(buffer, line, 0, &Line::styled(" / ", theme.accent()));
    let field = Rect { x: line.x + 3.min(line.width), width: line.width.saturating_sub(4), ..line };
    bar.input.draw(buffer, field, true, "Result=-1 URL_Length>=0", theme);
    let hint = match &bar.error {
        Some((at, message)) => {
            let at = (*at).min(usize::from(field.width.saturating_sub(1)));
            let caret = format!("   {}^ ", " ".repeat(at));
            let fits = caret.len() + message.len() <= usize::from(area.width);
            let text = if fits { format!("{caret}{message}") } else { format!(" {message}, at character {}", at + 1) };
            Line::styled(text, widget::tone(theme, Tone::Bad))
        }
        None => Line::styled(
            "   field=value field!=value field>value field~text, joined by spaces · {} for JSON",
            theme.dim(),
        ),
    };
    put(buffer, rest, 0, &hint);
    below(rest, 1)
}

fn draw_document(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = app.data.focus == Focus::Document;
    let open = app.data.open.as_ref();
    let Some((open, document)) = open.and_then(|o| Some((o, o.selected()?))) else {
        rule(buffer, area, "document", "", focused, theme);
        return;
    };
    let id = document.get("_id").map(|id| cell(Some(id))).unwrap_or_default();
    let body = rule(buffer, area, &format!("document {}", widget::cut(&id, 16)), "", focused, theme);
    let lines = folded(&json(document), usize::from(body.width.saturating_sub(2)).max(8));
    open.line.height.set(usize::from(body.height));
    open.lines.set(lines.len());
    let top = open.line.at.min(lines.len().saturating_sub(usize::from(body.height)));
    for (row, line) in lines.iter().skip(top).take(usize::from(body.height)).enumerate() {
        let styled = match line.split_once("\": ") {
            Some((name, value)) => {
                Line::from(vec![Span::styled(format!(" {name}\": "), theme.dim()), Span::raw(value.to_owned())])
            }
            None => Line::raw(format!(" {line}")),
        };
        put(buffer, body, row as u16, &styled);
    }
}

/// The lines of a text, cleaned, those that are too long in pieces.
fn folded(text: &str, wide: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut piece = String::new();
        let mut used = 0;
        for c in clean(line).chars() {
            let w = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
            if used + w > wide {
                lines.push(std::mem::replace(&mut piece, "    ".to_owned()));
                used = 4;
            }
            used += w;
            piece.push(c);
        }
        lines.push(piece);
    }
    lines
}
