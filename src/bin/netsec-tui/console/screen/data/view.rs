//! How the Data screen is drawn.

mod table;

use super::document::{cell, lines};
use super::save::Saving;
use super::{Focus, Step};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{count, plural, progress};
use crate::console::load::Load;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{self, below, put, put_right, rule, split_left, split_top};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
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
    let catalog = &app.data.catalog;
    if catalog.ready().is_none() && app.link.why().is_some() {
        return draw_away(app, buffer, area);
    }
    if widget::unready(buffer, area, &catalog.load, "reading the collections", (app.now, app.spin), theme) {
        return;
    }
    if let Some(input) = &app.data.path {
        return draw_path(app, input, buffer, area);
    }
    if let Some(saving) = &app.data.saving {
        return draw_saving(app, saving, buffer, area);
    }
    if app.data.is_welcome() {
        return draw_welcome(app, buffer, area);
    }
    if !app.is_wide() {
        match app.data.focus {
            Focus::Tree => draw_tree(app, buffer, area),
            Focus::Table => table::draw(app, buffer, area),
            Focus::Document => draw_document(app, buffer, area),
        }
        return;
    }
    let (tree, rest) = split_left(buffer, area, 34, theme);
    draw_tree(app, buffer, tree);
    if shows_document(app.size.0) {
        let (table, document) = split_left(buffer, rest, rest.width - 44, theme);
        table::draw(app, buffer, table);
        draw_document(app, buffer, document);
    } else if app.data.focus == Focus::Document {
        draw_document(app, buffer, rest);
    } else {
        table::draw(app, buffer, rest);
    }
}

/// Nothing is known of the store yet, and it cannot be reached.
fn draw_away(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    // What was asked of it may tell more than the watch does.
    let Some(notice) = app.data.catalog.failed().or(app.link.why()) else { return };
    widget::failure(buffer, area, notice, true, theme);
    let rest = below(area, 8);
    put(
        buffer,
        rest,
        0,
        &Line::from(vec![Span::styled("   m", theme.key()), Span::raw(" chooses another connection")]),
    );
    let told = notice.hint.as_ref().is_some_and(|hint| hint.contains("netsec-tui ping"));
    let ping = "   netsec-tui ping tells, step by step, where the connection hangs";
    let again = "   it is asked again and again: the collections are shown once it is there";
    for (row, text) in [again, ping].iter().take(2 - usize::from(told)).enumerate() {
        put(buffer, rest, 2 + row as u16, &Line::styled(*text, theme.dim()));
    }
}

/// A line at the bottom about rows that are or were loaded; returns how many rows it took.
fn draw_push(app: &App, buffer: &mut Buffer, area: Rect) -> u16 {
    let push = &app.data.push;
    let last = Rect { y: area.y + area.height.saturating_sub(1), height: area.height.min(1), ..area };
    match &push.pane.load {
        Load::Idle => return 0,
        Load::Loading { since } => {
            let elapsed = (app.now - *since).to_std().unwrap_or_default();
            let bar = push.progress.part().filter(|_| app.is_wide());
            let bar = bar.map_or_else(String::new, |part| format!("{}  ", widget::bar(part, 12)));
            let told = format!("{bar}{}", progress(push.progress.rows, "row", push.progress.part(), elapsed));
            // The seconds stand behind it.
            let room = usize::from(area.width).saturating_sub(widget::width(&told) + 22).max(8);
            let what = format!("loading {} · {told}", widget::cut(&push.what, room));
            widget::loading(buffer, last, &what, *since, app.now, app.spin, &app.theme);
        }
        Load::Ready(pushed) => {
            let mut notice = super::answer::told(pushed, push.into.as_ref());
            let hint = notice.hint.take();
            let said = pushed.notes.iter().map(|note| clean(note)).chain(hint);
            let said: Vec<String> =
                said.flat_map(|text| widget::wrap(&text, usize::from(area.width).max(9) - 4)).collect();
            let rows = 1 + said.len().min(4) as u16;
            let place =
                Rect { y: area.bottom().saturating_sub(rows).max(area.y), height: rows.min(area.height), ..area };
            put(buffer, place, 0, &widget::notice_line(&notice, &app.theme));
            for (row, text) in said.iter().take(4).enumerate() {
                put(buffer, place, 1 + row as u16, &Line::styled(format!("   {text}"), app.theme.dim()));
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
    let title = format!("open a file into {}", clean(&app.around.store.namespace.to_string()));
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

fn draw_saving(app: &App, saving: &Saving, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let title = format!("export {}", clean(&saving.view.namespace.to_string()));
    let body = rule(buffer, area, &title, "", true, theme);
    let (line, rest) = split_top(body, 1);
    put(buffer, line, 0, &Line::styled(" to    ", theme.dim()));
    let field = Rect { x: line.x + 7.min(line.width), width: line.width.saturating_sub(8), ..line };
    saving.input.draw(buffer, field, true, "rows.csv", theme);
    let rest = match &saving.mistake {
        Some(notice) => {
            put(buffer, rest, 0, &widget::notice_line(notice, theme));
            below(rest, 1)
        }
        None => below(rest, 1),
    };
    let said = [
        saving.what.as_str(),
        "End the name with .csv, .jsonl (JSON lines) or .parquet.",
        "It goes on in the background. A file that is there already is not written over.",
    ];
    for (row, text) in said.iter().enumerate() {
        let text = widget::cut(text, usize::from(rest.width.saturating_sub(2)));
        put(buffer, rest, row as u16, &Line::styled(format!(" {text}"), theme.dim()));
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
    let others: Vec<&str> = app.around.choices.iter().map(|choice| choice.name.as_str()).collect();
    let others: Vec<&str> = others.into_iter().filter(|name| *name != app.around.store.name).collect();
    let others = match (others.is_empty(), app.around.store.remote) {
        (true, true) => "choose another connection".to_owned(),
        (true, false) => "connect to MongoDB (MONGODB_URI is not set)".to_owned(),
        (false, _) => widget::cut(&format!("connect to {}", others.join(", ")), usize::from(area.width).max(8) - 6),
    };
    let open = ("o", "open a file: CSV, ARFF, Parquet, JSON lines");
    let offers = if next == Some(Step::Load) {
        let sample = "load 10,000 sample rows (synthetic, drawn from the real data's statistics)";
        [("s", sample), open, ("m", others.as_str())].to_vec()
    } else {
        [open, ("tab", "browse the collections")].to_vec()
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
    let stale = if app.data.catalog.missed.is_some() { "stale" } else { "" };
    let body = rule(buffer, area, "collections", stale, focused, theme);
    let collections = app.data.collections();
    // Databases are headings: lines without a place in the cursor's count.
    let mut lines: Vec<(Option<usize>, Line<'static>, String)> = Vec::new();
    let mut database = "";
    for (i, (name, info)) in collections.iter().enumerate() {
        if *name != database {
            let all = collections.iter().filter(|(of, _)| of == name).map(|(_, info)| info.documents);
            let sum = all.sum::<Option<u64>>().map_or_else(|| "?".to_owned(), count);
            lines.push((None, Line::styled(format!(" {}", clean(name)), theme.dim()), sum));
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
        let number = match (info.documents, info.kind.name()) {
            (None, "") => "?".to_owned(),
            (None, kind) => kind.to_owned(),
            (Some(n), "") => count(n),
            (Some(n), kind) => format!("{kind} {}", count(n)),
        };
        lines.push((Some(i), text, number));
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
    let lines = lines(document, usize::from(body.width.saturating_sub(2)));
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
