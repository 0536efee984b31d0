//! How the fields are drawn: the answer, what speaks against the rows, the fields, and the selected one.

use super::{FieldsView, Order, command, detail, named};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{count, plural, share, when};
use crate::console::msg::data::{Field, Fields};
use crate::console::widget::chart::histogram;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{below, cut, put, rule, split_left, split_top, unready, width};
use netsec::profile::Values;
use netsec::push::REJECTED;
use netsec::statistics::short;
use netsec::validation::{Status, Validation};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, view: &FieldsView, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let name = clean(&view.namespace.collection);
    let rows = view.rows();
    let selected = rows.get(view.cursor.at).copied();
    if let (false, Some(_), Some(at), Some(fields)) = (app.is_wide(), &view.reading, selected, view.listed()) {
        return detail::draw(app, view, fields, at, buffer, area);
    }
    let read = match (view.pane.ready(), view.read) {
        (Some(_), _) if view.pane.job.is_some() => "reading again".to_owned(),
        (Some(_), Some(at)) if view.pane.missed.is_some() => format!("stale, of {}", when(&at.to_rfc3339(), app.now)),
        (Some(fields), Some(at)) => {
            let how = if fields.validation.is_some() { "read" } else { "counted" };
            format!("{how} {}", when(&at.to_rfc3339(), app.now))
        }
        _ => String::new(),
    };
    let body = rule(buffer, area, &format!("fields of {name}"), &read, view.listed().is_none(), theme);
    if view.is_rejected() {
        return draw_rejected(app, view, buffer, body);
    }
    let what = format!("reading the rows of {name}");
    if unready(buffer, body, &view.pane.load, &what, (app.now, app.spin), theme) {
        return;
    }
    let Some(fields) = view.pane.ready() else { return };
    if view.listed().is_none() {
        return draw_unfit(app, view, fields, buffer, body);
    }
    let body = draw_head(app, view, fields, buffer, body);
    if !app.is_wide() {
        return draw_list(app, view, fields, &rows, buffer, body);
    }
    let (list, aside) =
        split_left(buffer, body, body.width.saturating_sub(if body.width < 150 { 44 } else { 56 }), theme);
    draw_list(app, view, fields, &rows, buffer, list);
    if let Some(at) = selected {
        detail::draw(app, view, fields, at, buffer, aside);
    }
}

/// Lines of text, and below them what to press.
fn draw_lines(app: &App, lines: &[(Style, String)], keys: &[(&str, &str)], buffer: &mut Buffer, area: Rect) {
    for (row, (style, text)) in lines.iter().enumerate() {
        put(buffer, area, row as u16, &Line::styled(cut(text, usize::from(area.width)), *style));
    }
    for (row, (key, text)) in keys.iter().enumerate() {
        let line = Line::from(vec![Span::styled(format!(" {key:<4}"), app.theme.key()), Span::raw(*text)]);
        put(buffer, area, (lines.len() + 1 + row) as u16, &line);
    }
}

/// Rows that no schema describes.
fn draw_rejected(app: &App, view: &FieldsView, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let name = clean(&view.namespace.collection);
    let pushed_to = name.strip_suffix(REJECTED).unwrap_or(&name).to_owned();
    let lines = [
        (theme.plain(), " Pushes rejected these rows: they are kept as they were, and not judged.".to_owned()),
        (theme.plain(), format!(" The fields of {pushed_to} are those of the rows that were taken.")),
        (theme.plain(), String::new()),
        (theme.dim(), " why each of them was rejected:".to_owned()),
        (theme.plain(), format!(" {}", command(app, view))),
    ];
    draw_lines(app, &lines, &[("y", "copy the command"), ("esc", "back to the collection")], buffer, area);
}

/// No row, or none that the schema has anything to say about.
fn draw_unfit(app: &App, view: &FieldsView, fields: &Fields, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let name = clean(&view.namespace.collection);
    if fields.rows == 0 {
        let lines = [(theme.plain(), format!(" there are no rows in {name}")), (theme.plain(), String::new())];
        let keys = [("o", "load a file: CSV, ARFF, Parquet, JSON lines"), ("esc", "back to the collection")];
        draw_lines(app, &lines, &keys, buffer, area);
        if let Some(rejected) = rejected(app, view) {
            put(buffer, area, 1, &rejected);
        }
        return;
    }
    let unknown = fields.validation.as_ref().map(|found| found.unknown.as_slice()).unwrap_or_default();
    let some: Vec<String> = unknown.iter().take(8).map(|name| clean(name)).collect();
    let more = if unknown.len() > 8 { format!(" and {} more", unknown.len() - 8) } else { String::new() };
    let has = if unknown.is_empty() { "no field at all".to_owned() } else { some.join(", ") + &more };
    let lines = [
        (theme.bad(), format!(" ✗ the schema {} does not fit these rows", clean(&fields.schema.name))),
        (
            theme.plain(),
            format!(
                "   none of the {} has any of its {}",
                plural(fields.rows, "row"),
                plural(fields.fields.len() as u64, "column")
            ),
        ),
        (theme.plain(), format!("   they have: {has}")),
        (theme.plain(), String::new()),
        (theme.dim(), " name the schema of these rows, here or in the settings:".to_owned()),
        (theme.plain(), " netsec-tui --schema FILE".to_owned()),
    ];
    draw_lines(app, &lines, &[("esc", "back to the collection")], buffer, area);
}

/// The glyph and style of a status; its word stands beside it.
fn glyph(app: &App, status: Status) -> (&'static str, Style) {
    match status {
        Status::Passed => ("✓", app.theme.good()),
        Status::Warned => ("▲", app.theme.warn()),
        Status::Failed => ("✗", app.theme.bad()),
    }
}

/// What is known of the rows as a whole; the rest of the area comes back.
fn draw_head(app: &App, view: &FieldsView, fields: &Fields, buffer: &mut Buffer, area: Rect) -> Rect {
    let mut lines = match &fields.validation {
        Some(found) => judged(app, view, found, area),
        None => counted(app, fields),
    };
    let has_numbers = fields.fields.iter().any(|field| matches!(field.profile.values, Values::Numbers(_)));
    if let Some(sampled) = fields.sampled.filter(|_| has_numbers) {
        let of = format!("   numbers: {} of {}", sampled.words(), plural(fields.rows, "document"));
        lines.push(Line::styled(of, app.theme.dim()));
    }
    lines.extend(rejected(app, view));
    for (row, line) in lines.iter().enumerate() {
        put(buffer, area, row as u16, line);
    }
    below(area, lines.len() as u16)
}

/// So many rows that can be trained on, that have no label, and that were refused.
fn kinds(labelled: u64, unlabelled: u64, refused: u64) -> String {
    let rows = [(labelled, "labelled"), (unlabelled, "unlabelled"), (refused, "refused")];
    rows.map(|(n, what)| format!("   {} {what}", count(n))).concat()
}

/// The rows as the server counted them, and what that does not tell.
fn counted(app: &App, fields: &Fields) -> Vec<Line<'static>> {
    let [labelled, unlabelled] =
        fields.fields.last().map_or([0; 2], |target| [target.profile.known(), target.profile.missing]);
    let rows = kinds(labelled, unlabelled, fields.refused);
    vec![
        Line::from(vec![Span::styled(" · counted by the server", app.theme.bold()), Span::raw(rows)]),
        Line::from(vec![
            Span::raw("   not judged: duplicates and contradictions need every row: "),
            Span::styled("r", app.theme.key()),
            Span::raw(" reads them all"),
        ]),
    ]
}

/// The answer, the rows behind it, and what speaks against them.
fn judged(app: &App, view: &FieldsView, found: &Validation, area: Rect) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let (sign, style) = glyph(app, found.status);
    let about = if found.exact { "" } else { "about " };
    let status = Span::styled(format!(" {sign} {}", found.status.word()), style.patch(theme.bold()));
    let rows = kinds(found.labelled, found.unlabelled, found.refused);
    let vectors = format!("   {about}{} distinct vectors", count(found.vectors));
    let vectors = format!("{vectors}   {about}{} conflicting", count(found.conflicting_vectors));
    let is_one = status.width() + width(&rows) + width(&vectors) <= usize::from(area.width);
    let mut lines = vec![if is_one {
        Line::from(vec![status, Span::raw(rows), Span::raw(vectors.clone())])
    } else {
        Line::from(vec![status, Span::raw(rows)])
    }];
    if !is_one {
        lines.push(Line::raw(vectors));
    }
    let failures = found.failures.iter().map(|text| (Status::Failed, text));
    let warnings = found.warnings.iter().map(|text| (Status::Warned, text));
    let notes: Vec<(Status, &String)> = failures.chain(warnings).collect();
    // The list keeps most of the room.
    let most = usize::from(if app.is_wide() { area.height / 4 } else { area.height / 5 }).max(1);
    let shown = if notes.len() > most { most.saturating_sub(1).max(1) } else { notes.len() };
    let room = usize::from(area.width).saturating_sub(4);
    for (status, text) in &notes[..shown] {
        let (sign, style) = glyph(app, *status);
        lines.push(Line::from(vec![Span::styled(format!(" {sign} "), style), Span::raw(cut(&clean(text), room))]));
    }
    if shown < notes.len() {
        let more = format!("   and {} more: {}", notes.len() - shown, command(app, view));
        lines.push(Line::styled(more, theme.dim()));
    }
    lines
}

/// How many rows pushes rejected, and how to see them; none where there are none.
fn rejected(app: &App, view: &FieldsView) -> Option<Line<'static>> {
    let own = &view.namespace;
    let name = format!("{}{REJECTED}", own.collection);
    let collections = app.data.collections();
    let (_, info) = collections.iter().find(|(database, info)| *database == own.database && info.name == name)?;
    let rows = match info.documents {
        Some(0) => return None,
        Some(n) => plural(n, "row"),
        None => "some rows".to_owned(),
    };
    let name = crate::console::screen::drift::command::quoted(&named(app, own));
    Some(Line::from(vec![
        Span::styled(format!(" · pushes rejected {rows}: "), app.theme.dim()),
        Span::raw(format!("netsec-tui rejected --collection {name}")),
    ]))
}

/// What kinds of values a field has, and what is odd about that.
fn values(app: &App, fields: &Fields, field: &Field) -> (String, Style) {
    let theme = &app.theme;
    let profile = &field.profile;
    match &profile.values {
        _ if !profile.present => ("✗ absent".to_owned(), theme.bad()),
        _ if profile.known() == 0 => ("▲ no value".to_owned(), theme.warn()),
        _ if profile.is_constant() => ("▲ constant".to_owned(), theme.warn()),
        Values::Levels(all) if field.distinct < all.len() as u64 => {
            (format!("{} of {} levels", field.distinct, all.len()), theme.plain())
        }
        Values::Levels(all) => (plural(all.len() as u64, "level"), theme.plain()),
        // Those that are not in the sample may be others.
        Values::Numbers(_) if fields.sampled.is_some() => {
            (format!("{}+ numbers", count(field.distinct)), theme.plain())
        }
        Values::Numbers(_) => (plural(field.distinct, "number"), theme.plain()),
    }
}

/// The level that most rows have, or where the numbers lie.
fn typical(field: &Field) -> String {
    let known = field.profile.known();
    match &field.profile.values {
        _ if known == 0 => String::new(),
        Values::Numbers(numbers) => format!("{} to {}", short(numbers.low), short(numbers.high)),
        Values::Levels(_) => {
            // The first of equals.
            let most = field.bars.iter().rev().max_by_key(|(_, n)| *n);
            most.map_or_else(String::new, |(level, n)| format!("{}  {}", clean(level), share(*n as f64 / known as f64)))
        }
    }
}

/// A field's name, with what it is for.
fn title(fields: &Fields, at: usize) -> String {
    let name = fields.schema.columns().nth(at).map(|column| clean(&column.name)).unwrap_or_default();
    if at == fields.schema.features.len() { format!("{name} (target)") } else { name }
}

fn draw_list(app: &App, view: &FieldsView, fields: &Fields, rows: &[usize], buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = view.reading.is_none();
    let (head, body) = split_top(area, 1);
    rule(buffer, head, &plural(rows.len() as u64, "field"), view.order.name(), focused, theme);
    let names = rows.iter().map(|at| width(&title(fields, *at))).max().unwrap_or(0);
    let names = names.clamp(8, if area.width < 80 { 24 } else { 27 }) as u16;
    // Mark, values, missing and refused, with what stands between them; the histogram has the rest.
    let rest = area.width.saturating_sub(1 + names + 2 + 16 + 2 + 7 + 2 + 7 + 2);
    let is_roomy = rest >= 14 + 2 + 18;
    let rest = (if is_roomy { rest - 20 } else { rest }).clamp(10, 40);
    let mut columns = vec![
        Column::left("field", names, 0),
        Column::left("values", 16, 3),
        Column::right("missing", 7, 1),
        Column::right("refused", 7, 2),
        Column::left("histogram", rest, 4),
    ];
    if is_roomy {
        columns.push(Column::left("most often, range", 18, 5));
    }
    let marked = match view.order {
        Order::Schema => None,
        Order::Missing => Some(2),
        Order::Refused => Some(3),
    };
    let accepted = fields.accepted();
    let table = Table { columns: &columns, rows: rows.len(), cursor: &view.cursor, focused, marked };
    table.draw(buffer, body, theme, |row, column| {
        let at = rows[row];
        let field = &fields.fields[at];
        let profile = &field.profile;
        let loud = |n: u64| if n > 0 { theme.plain() } else { theme.dim() };
        match column {
            0 => (title(fields, at), theme.plain()),
            1 => values(app, fields, field),
            2 => (share(profile.missing as f64 / accepted.max(1) as f64), loud(profile.missing)),
            3 => (count(profile.refused), loud(profile.refused)),
            5 => (typical(field), theme.plain()),
            _ => {
                let counts: Vec<u64> = field.bars.iter().map(|(_, n)| *n).collect();
                (histogram(&counts, usize::from(rest)), theme.plain())
            }
        }
    });
}
