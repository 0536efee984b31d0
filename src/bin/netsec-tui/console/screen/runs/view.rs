//! How the table of runs is drawn.

use super::columns::{Shown, columns, name as column_name};
use super::look::{Heading, Line as Shelf};
use super::same_holdout;
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{count, interval, plural, score, score_sd, short_id, signed, time, when};
use crate::console::msg::runs::RunRow;
use crate::console::widget::table::Table;
use crate::console::widget::{put, rule, split_left, split_top, unready};
use netsec::run::RunStatus;
use netsec::run::query::Field;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    if let Some(compare) = &app.runs.compare {
        return super::compare::view::draw(app, compare, buffer, area);
    }
    let look = &app.runs.look;
    match (&app.runs.report, &look.bin) {
        // Wide is more: the table stays beside the report.
        (Some(report), _) if app.size.0 >= 150 => {
            let (table, detail) = split_left(buffer, area, 31, &app.theme);
            draw_table(app, buffer, table, false);
            super::report::draw(app, report, buffer, detail);
        }
        (Some(report), _) => super::report::draw(app, report, buffer, area),
        (None, Some(bin)) => super::bin::draw(app, bin, buffer, area),
        (None, None) => draw_table(app, buffer, area, true),
    }
    if let Some(prompt) = &look.prompt {
        super::edit::draw(app, prompt, buffer, area);
    } else if let Some(cursor) = look.choosing.as_ref().filter(|_| app.runs.report.is_none()) {
        super::columns::draw(app, cursor, buffer, area);
    }
}

/// How many runs there are, how many of them are shown, and how many are marked.
fn title(app: &App) -> String {
    let all = app.runs.all().len() as u64;
    if all == 0 {
        return "runs".to_owned();
    }
    let shown = app.runs.shown().len() as u64;
    let few = if app.runs.look.filter.is_all() { String::new() } else { format!("{} of ", count(shown)) };
    let marked = app.runs.marked.len();
    let marks = if marked == 0 { String::new() } else { format!(" · {marked} marked") };
    format!("{few}{}{marks}", plural(all, "run"))
}

/// The order, and the groups.
fn order(app: &App) -> String {
    let look = &app.runs.look;
    let arrow = if look.sort.descending { "▼" } else { "▲" };
    let by = look.group.map_or_else(String::new, |by| format!("by {} · ", group_name(by)));
    format!("{by}{} {arrow}", column_name(look.sort.field))
}

fn group_name(by: Field) -> &'static str {
    match by {
        Field::Who => "who",
        Field::Family => "best family",
        Field::Holdout => "hold-out",
        other => other.title(),
    }
}

fn draw_table(app: &App, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = &app.theme;
    let mut body = rule(buffer, area, &title(app), &order(app), focused, theme);
    if unready(buffer, body, &app.runs.rows.load, "reading the runs", (app.now, app.spin), theme) {
        return;
    }
    if app.runs.all().is_empty() {
        put(buffer, body, 0, &Line::styled(" no runs yet", theme.plain()));
        put(buffer, body, 1, &Line::from(vec![Span::styled(" 3", theme.key()), Span::raw("  starts one")]));
        put(buffer, body, 2, &Line::from(vec![Span::styled(" T", theme.key()), Span::raw("  shows the trash")]));
        return;
    }
    body = super::filter::draw(app, buffer, body);
    let lines = app.runs.lines();
    let foot = u16::from(focused) * (3 + u16::from(has_notes(app)));
    let (table, foot) = split_top(body, body.height.saturating_sub(foot));
    let (shown, columns) = columns(app);
    let selected = shown.iter().position(|column| *column == Shown::Field(app.runs.look.column));
    let marked = selected.filter(|_| focused);
    let view = Table { columns: &columns, rows: lines.len(), cursor: &app.runs.cursor, focused, marked };
    view.draw(buffer, table, theme, |row, column| match lines[row].run() {
        Some(run) => cell(app, run, shown[column]),
        None => (String::new(), theme.plain()),
    });
    let top = app.runs.cursor.top.get();
    for (row, line) in lines.iter().skip(top).take(usize::from(table.height.saturating_sub(1))).enumerate() {
        if let Shelf::Heading(heading) = line {
            let inside = Rect { x: table.x + 1.min(table.width), width: table.width.saturating_sub(1), ..table };
            put(buffer, inside, row as u16 + 1, &heading_line(app, heading));
        }
    }
    if app.runs.shown().is_empty() {
        let row = lines.len() as u16 + 1;
        put(buffer, table, row, &Line::raw(" no run matches"));
        let keys = vec![Span::styled(" /", theme.key()), Span::raw(" changes the filter")];
        put(buffer, table, row + 1, &Line::from(keys));
    }
    if focused {
        draw_foot(app, buffer, foot);
    }
}

/// The line over a group: what they have in common, how many there are, and how good the best is.
fn heading_line(app: &App, heading: &Heading) -> Line<'static> {
    let theme = &app.theme;
    let none = || app.runs.look.group.map_or_else(String::new, |by| format!("no {}", group_name(by)));
    let name = heading.name.as_deref().map_or_else(none, clean);
    let marked = heading.ids.iter().filter(|id| app.runs.marked.contains(id)).count();
    let marks = if marked == 0 { String::new() } else { format!(" · {marked} marked") };
    let best = heading.best.map_or_else(String::new, |f1| format!(" · best test F1 {}", score(f1)));
    let runs = plural(heading.ids.len() as u64, "run");
    Line::from(vec![
        Span::styled(if heading.folded { "▶ " } else { "▼ " }, theme.accent()),
        Span::styled(name, theme.bold()),
        Span::styled(format!("  {runs}{best}{marks}"), theme.dim()),
    ])
}

/// What stands in a column of a run.
fn cell(app: &App, run: &RunRow, column: Shown) -> (String, Style) {
    let theme = &app.theme;
    let field = match column {
        Shown::Mark if app.runs.baseline.as_ref() == Some(&run.id) => return ("B".to_owned(), theme.accent()),
        Shown::Mark if app.runs.marked.contains(&run.id) => return ("✓".to_owned(), theme.accent()),
        Shown::Mark => return (String::new(), theme.plain()),
        Shown::Change => return change(app, run),
        Shown::Field(field) => field,
    };
    match field {
        Field::Id => (short_id(&run.id), theme.plain()),
        Field::Started => (when(&run.started_at, app.now), theme.dim()),
        Field::Status => {
            let (glyph, style) = theme.status(run.status, app.spin);
            let done = match (run.status, run.trials) {
                (RunStatus::Running, (over, all)) if all > 0 => format!(" {}%", (over * 100 / all).min(99)),
                _ => String::new(),
            };
            (format!("{glyph} {}{done}", run.status), style)
        }
        Field::Family => run.best.map_or((String::new(), theme.plain()), |(family, ..)| {
            (format!("{} {}", family.code(), theme.marker(family)), theme.family(family))
        }),
        Field::Cv => (run.best.map_or_else(String::new, |(_, mean, sd)| score_sd(mean, sd)), theme.dim()),
        Field::F1 => {
            (run.test.map_or_else(String::new, |(f1, ci)| format!("{} {}", score(f1), interval(ci))), theme.bold())
        }
        Field::Recall => (run.recall.map_or_else(String::new, score), theme.dim()),
        Field::Time => (time(run.elapsed_ms), theme.dim()),
        Field::Drift => match run.drift.as_ref().map(|drift| drift.dataset_drift) {
            Some(Some(true)) => ("▲ drifted".to_owned(), theme.warn()),
            Some(Some(false)) => ("steady".to_owned(), theme.dim()),
            _ => (String::new(), theme.plain()),
        },
        Field::Collection | Field::Space => (clean(&field.text(run)), theme.plain()),
        Field::Tag => (tags(run), theme.plain()),
        _ => (clean(&field.text(run)), theme.dim()),
    }
}

/// The difference of the test F1 from the baseline's; on another hold-out it would mean nothing.
fn change(app: &App, run: &RunRow) -> (String, Style) {
    let theme = &app.theme;
    match (app.runs.base(), run.test) {
        (Some(base), _) if base.id == run.id => ("base".to_owned(), theme.accent()),
        (Some(base), Some(_)) if base.test.is_some() && base.holdout != run.holdout => {
            ("other".to_owned(), theme.dim())
        }
        (Some(base), Some((f1, _))) => {
            (base.test.map_or_else(String::new, |(other, _)| signed(f1 - other)), theme.plain())
        }
        _ => (String::new(), theme.plain()),
    }
}

fn tags(run: &RunRow) -> String {
    run.tags.iter().map(|tag| format!("#{}", clean(tag))).collect::<Vec<_>>().join(" ")
}

/// Whether any run has something noted: only then is a line kept for it.
fn has_notes(app: &App) -> bool {
    app.runs.all().iter().any(|run| run.note.is_some() || !run.tags.is_empty())
}

/// What is marked, and what there is to say of the selected run.
fn draw_foot(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let marked = &app.runs.marked;
    if !marked.is_empty() {
        let names: Vec<String> = marked.iter().take(6).map(|id| short_id(id)).collect();
        let more = if marked.len() > names.len() { " …" } else { "" };
        let text = format!(" {} marked: {}{more}", count(marked.len() as u64), names.join(" "));
        put(buffer, area, 0, &Line::styled(text, theme.accent()));
    }
    let Some(run) = app.runs.current() else { return };
    let what =
        format!(" {} · {} · seed {} · by {}", clean(&run.collection), clean(&run.space), run.seed, clean(&run.who));
    put(buffer, area, 1, &Line::styled(what, theme.dim()));
    put(buffer, area, 2, &Line::styled(format!(" {}", about(app, run)), theme.dim()));
    let mut noted = vec![Span::styled(format!(" {}", tags(run)), theme.accent())];
    if let Some(note) = &run.note {
        let gap = if run.tags.is_empty() { "" } else { "  " };
        noted.push(Span::raw(format!("{gap}{}", clean_short(&note.replace('\n', " "), 300))));
    }
    put(buffer, area, 3, &Line::from(noted));
}

/// One line about the selected run.
fn about(app: &App, run: &RunRow) -> String {
    match (run.status, &run.failure) {
        (RunStatus::Failed, Some((reason, _))) => clean(reason),
        (RunStatus::Interrupted, _) => "its worker is gone; R takes it up again, finished trials are kept".to_owned(),
        (RunStatus::Cancelled, _) => "cancelled; R takes it up again, finished trials are kept".to_owned(),
        (RunStatus::Running, _) => format!("{} of {} trials are over; a watches it", run.trials.0, run.trials.1),
        _ => {
            let n = app.runs.rows.ready().map_or(0, |rows| same_holdout(rows, run));
            format!("F1 of the positive class · {} scored on this hold-out", plural(n as u64, "finished run"))
        }
    }
}
