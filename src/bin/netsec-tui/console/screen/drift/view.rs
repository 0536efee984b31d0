//! How the Drift screen is drawn: the answer, what was compared, the columns, and the selected one.

use super::list::{Pick, Row, most_changed, p_value, shares, verdict};
use super::{Find, Lack, Order, detail, history, is_stale, lack, named, prompt};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{count, interval, plural, score, short_id, when};
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{
    below, cut, fit, fit_right, put, put_right, rule, split_left, split_top, unready, width, wrap,
};
use netsec::drift::{DriftReport, Estimate, ModelDrift, Side, Verdict};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let drift = &app.drift;
    match &drift.history {
        Some(cursor) if drift.past.is_none() => history::draw(app, cursor, buffer, area),
        _ => draw_report(app, buffer, area),
    }
    if let Some(prompt) = &drift.prompt {
        prompt::draw(app, prompt, buffer, area);
    }
}

fn draw_report(app: &App, buffer: &mut Buffer, area: Rect) {
    let (theme, drift) = (&app.theme, &app.drift);
    let rows = drift.rows();
    let selected = rows.get(drift.cursor.at);
    if let (false, Some(_), Some(row), Some(drifted)) = (app.is_wide(), &drift.reading, selected, drift.pane().ready())
    {
        return detail::draw(app, drifted, row, buffer, area);
    }
    let title = match &drift.past {
        Some(past) => format!("drift of run {}", short_id(&past.id)),
        None => "drift".to_owned(),
    };
    let report = drift.pane().ready();
    let made = match report {
        Some(_) if drift.pane().job.is_some() => "comparing again".to_owned(),
        Some(_) if is_stale(app) => "there is a new champion · r compares again".to_owned(),
        Some(drifted) => format!("made {}", when(&drifted.report.at, app.now)),
        None => String::new(),
    };
    let body = rule(buffer, area, &title, &made, !app.is_wide() && report.is_none(), theme);
    if let Some(lack) = lack(app) {
        return draw_lack(app, lack, buffer, body);
    }
    let what = if drift.past.is_some() { "reading the report" } else { "comparing the rows" };
    if unready(buffer, body, &drift.pane().load, what, (app.now, app.spin), theme) {
        return;
    }
    let Some(drifted) = report else { return };
    let body = draw_head(app, &drifted.report, buffer, body);
    if !app.is_wide() {
        return draw_list(app, &drifted.report, &rows, buffer, body);
    }
    // At 120 columns the list keeps what it has at 80.
    let (list, aside) =
        split_left(buffer, body, body.width.saturating_sub(if body.width < 150 { 44 } else { 56 }), theme);
    draw_list(app, &drifted.report, &rows, buffer, list);
    match selected {
        Some(row) => detail::draw(app, drifted, row, buffer, aside),
        None => drop(rule(buffer, aside, "column", "", false, theme)),
    }
}

/// Nothing failed: it is only too early.
fn draw_lack(app: &App, lack: Lack, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let namespace = clean(&named(&app.around.store.namespace));
    let (what, keys): (String, [(&str, &str); 3]) = match lack {
        Lack::Rows => (
            format!("there are no rows in {namespace} yet"),
            [
                ("enter", "to Data, where rows are loaded"),
                ("w", "name other rows: a collection, a run, a file"),
                ("h", "the drift of earlier runs"),
            ],
        ),
        Lack::Champion => (
            "there is nothing to hold the rows against yet: no model is in use".to_owned(),
            [
                ("enter", "to Train: the rows of a finished run become the reference"),
                ("b", "name another reference: a collection, a time window, a file"),
                ("r", "compare again"),
            ],
        ),
    };
    put(buffer, area, 0, &Line::raw(format!(" {what}")));
    for (row, (key, text)) in keys.into_iter().enumerate() {
        let line = Line::from(vec![Span::styled(format!(" {key:<6}"), theme.key()), Span::raw(text)]);
        put(buffer, area, row as u16 + 2, &line);
    }
}

/// The answer, what was compared, and how the champion fares; the rest of the area comes back.
fn draw_head(app: &App, report: &DriftReport, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let (word, style) = history::word(app, report.dataset_drift);
    let undecided = if report.undecided > 0 { format!(", {} undecided", report.undecided) } else { String::new() };
    let mut spans = vec![
        Span::styled(format!(" {word}"), style.patch(theme.bold())),
        Span::raw(format!("   {} of {} drifted{undecided}", report.drifted, report.total)),
        Span::raw(format!("   {} → {} rows", count(report.reference.rows), count(report.current.rows))),
    ];
    let limit = format!("   (from {:.0} % on)", report.limits.share * 100.0);
    if spans.iter().map(Span::width).sum::<usize>() + width(&limit) < usize::from(area.width) {
        spans.push(Span::styled(limit, theme.dim()));
    }
    put(buffer, area, 0, &Line::from(spans));
    draw_sides(app, [&report.reference, &report.current], buffer, below(area, 1));
    let mut used = 3;
    if let Some(model) = &report.model {
        put(buffer, area, used, &champion(app, model));
        used += 1;
    }
    below(area, used)
}

/// Both sides, their parts below each other.
fn draw_sides(app: &App, sides: [&Side; 2], buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    // Name, when, how many, and whose labels are known where there is room.
    let parts = sides.map(|side| {
        let labelled = if app.is_wide() { format!("  {} labelled", count(side.labelled)) } else { String::new() };
        [name(app, &side.name), dates(side), format!("{} rows", count(side.rows)), labelled]
    });
    let most = |i: usize| parts.iter().map(|part| width(&part[i])).max().unwrap_or(0);
    let (dates, rows, labelled) = (most(1), most(2), most(3));
    let room = usize::from(area.width).saturating_sub(12 + 2 + dates + 2 + rows + labelled + 2 + 8 + 1);
    let wide = most(0).min(room);
    for (row, (label, (side, part))) in ["reference", "current"].into_iter().zip(sides.iter().zip(&parts)).enumerate() {
        let hash: String = side.hash.chars().take(8).collect();
        let line = Line::from(vec![
            Span::styled(format!(" {label:<11}"), theme.dim()),
            Span::raw(fit(&part[0], wide)),
            Span::styled(format!("  {}", fit(&part[1], dates)), theme.dim()),
            Span::raw(format!("  {}", fit_right(&part[2], rows))),
            Span::raw(fit_right(&part[3], labelled)),
            Span::styled(format!("  {}", clean(&hash)), theme.dim()),
        ]);
        put(buffer, area, row as u16, &line);
    }
}

/// The name of a side without what goes without saying: the console's database, and midnight.
fn name(app: &App, name: &str) -> String {
    let database = format!("{}/", app.around.store.namespace.database);
    clean(name.strip_prefix(&database).unwrap_or(name)).replace("T00:00:00Z", "")
}

/// When its rows were stored: a day, or two.
fn dates(side: &Side) -> String {
    let day = |time: &Option<String>| clean(time.as_deref().and_then(|t| t.get(..10)).unwrap_or_default());
    let (from, to) = (day(&side.from), day(&side.to));
    if to.is_empty() || from == to {
        return from;
    }
    match (from.get(..5), to.get(..5)) {
        (Some(year), Some(other)) if year == other => format!("{from} to {}", to.get(5..).unwrap_or_default()),
        _ => format!("{from} to {to}"),
    }
}

pub fn estimate(estimate: &Estimate) -> String {
    format!("{} {}", score(estimate.value), interval(estimate.interval))
}

/// The glyph and words of how the champion fares.
pub fn fares(model: &ModelDrift) -> &'static str {
    match (&model.now, model.worse) {
        (None, _) => "no labelled rows it has not seen",
        (Some(_), true) => "▼ worse than at training",
        (Some(_), false) => "= no worse than can be told",
    }
}

fn champion(app: &App, model: &ModelDrift) -> Line<'static> {
    let theme = &app.theme;
    let mut spans = vec![
        Span::styled(format!(" {:<11}", "champion"), theme.dim()),
        Span::raw("F1 "),
        Span::raw(estimate(&model.at_training.f1)),
    ];
    if let Some(now) = &model.now {
        spans.push(Span::raw(format!(" → {}", estimate(&now.f1))));
    }
    let style = match (model.worse, &model.now) {
        (true, _) => theme.bad(),
        (false, Some(_)) => theme.plain(),
        (false, None) => theme.dim(),
    };
    spans.push(Span::styled(format!("  {}", fares(model)), style));
    if app.is_wide() {
        spans.push(Span::raw("   "));
        spans.push(Span::styled(
            format!("{} {}", model.family.code(), theme.marker(model.family)),
            theme.family(model.family),
        ));
        let name = model.version.as_ref().map_or_else(|| format!("run {}", short_id(&model.run)), |v| clean(v));
        spans.push(Span::styled(format!("  {name}"), theme.dim()));
    }
    Line::from(spans)
}

fn draw_list(app: &App, report: &DriftReport, rows: &[Row<'_>], buffer: &mut Buffer, area: Rect) {
    let (theme, drift) = (&app.theme, &app.drift);
    let focused = drift.reading.is_none();
    let shown = rows.iter().filter(|row| row.pick != Pick::Verdicts).count();
    let all = plural(report.columns.len() as u64, "column");
    let title = if shown < report.columns.len() { format!("{shown} of {all}") } else { all };
    let mut body = rule(buffer, area, &title, drift.order.name(), focused, theme);
    if let Some(find) = &drift.find {
        body = draw_find(app, find, buffer, body);
    }
    let body = draw_notes(app, report, buffer, body);
    if rows.is_empty() {
        put(buffer, body, 0, &Line::styled(" no column is called so · esc shows all", theme.dim()));
        return;
    }
    let longest = rows.iter().map(|row| width(&clean(row.name()))).max().unwrap_or(0).max(width(&report.target) + 9);
    let numbers = report.columns.values().any(|column| column.wasserstein.is_some());
    let gaps = report.columns.values().any(|column| column.missing_shares() != [0.0; 2]);
    // What carries no news in this report has no column.
    let mut columns = vec![
        (0, Column::left("", 10, 0)),
        (1, Column::left("column", longest.clamp(8, if numbers { 25 } else { 27 }) as u16, 0)),
        (2, Column::right("JS", 5, 1)),
    ];
    if numbers {
        columns.push((3, Column::right("W", 5, 1)));
    }
    columns.extend([(4, Column::right("p adj", 5, 2)), (5, Column::right("PSI", 6, 3))]);
    if gaps {
        columns.push((6, Column::right("missing, %", 11, 4)));
    }
    columns.extend([(7, Column::left("changed most, %", 16, 5)), (8, Column::left("reference   current", 22, 6))]);
    let marked = match drift.order {
        Order::Drifted => 0,
        Order::Name => 1,
        Order::Js => 2,
        Order::Wasserstein => 3,
        Order::P => 4,
        Order::Psi => 5,
        Order::Missing => 6,
        Order::Schema => usize::MAX,
    };
    let marked = columns.iter().position(|(id, _)| *id == marked);
    let (ids, columns): (Vec<usize>, Vec<Column>) = columns.into_iter().unzip();
    let table = Table { columns: &columns, rows: rows.len(), cursor: &drift.cursor, focused, marked };
    table.draw(buffer, body, theme, |row, column| {
        let row = &rows[row];
        let found = row.drift;
        let style = match found.verdict {
            Verdict::Drifted => theme.warn(),
            Verdict::Steady => theme.dim(),
            Verdict::Untested | Verdict::TooSmall => theme.plain(),
        };
        let number = |value: Option<f64>| value.map_or_else(String::new, score);
        // The effect that decides is the number to look at.
        let beyond = found.effect().is_some_and(|effect| effect >= found.limit);
        let decides = |own: bool| if own && beyond { theme.bold() } else { theme.plain() };
        let [old, new] = found.missing_shares();
        match ids[column] {
            0 => (verdict(found.verdict), style),
            1 if row.name() == report.target => (format!("{} (target)", clean(row.name())), theme.plain()),
            1 => (clean(row.name()), if row.pick == Pick::Verdicts { theme.dim() } else { theme.plain() }),
            2 => (number(found.js), decides(found.wasserstein.is_none())),
            3 => (number(found.wasserstein), decides(true)),
            4 => (found.p_adjusted.map_or_else(String::new, p_value), theme.plain()),
            5 => (number(found.psi), theme.dim()),
            6 if [old, new] == [0.0; 2] => (String::new(), theme.dim()),
            6 => {
                let style = if found.missing.drifted { theme.bold() } else { theme.dim() };
                (format!("{:>4} → {:>4}", percent(old), percent(new)), style)
            }
            id => {
                let Some(bar) = most_changed(found) else { return (String::new(), theme.dim()) };
                let [old, new] = shares(found, bar);
                let filled = |share: f64| fit(&"█".repeat((share * 10.0).round() as usize), 10);
                let text = match id {
                    7 => {
                        let label = fit_right(&clean(&bar.label), 6);
                        format!("{label} {:>3.0} → {:>3.0}", old * 100.0, new * 100.0)
                    }
                    _ => format!("{}  {}", filled(old), filled(new)),
                };
                (text, if found.verdict == Verdict::Drifted { theme.plain() } else { theme.dim() })
            }
        }
    });
}

/// A share in per cent, in four cells.
fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0".to_owned(),
        all if all >= 99.95 => "100".to_owned(),
        some => format!("{some:.1}"),
    }
}

fn draw_find(app: &App, find: &Find, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let (line, rest) = split_top(area, 1);
    put(buffer, line, 0, &Line::styled(" / ", if find.typing { theme.accent() } else { theme.dim() }));
    let field = Rect { x: line.x + 3.min(line.width), width: line.width.saturating_sub(4).min(40), ..line };
    find.input.draw(buffer, field, find.typing, "part of a name", theme);
    if !find.typing {
        put_right(buffer, line, 0, 44, &Line::styled("esc shows all columns", theme.dim()));
    }
    rest
}

/// What to know about the whole, below the list, which keeps most of the room: a column in full has it all.
fn draw_notes(app: &App, report: &DriftReport, buffer: &mut Buffer, area: Rect) -> Rect {
    let wide = usize::from(area.width.saturating_sub(4)).max(10);
    let mut lines = Vec::new();
    for note in &report.notes {
        for (i, part) in wrap(&clean(note), wide).into_iter().enumerate() {
            lines.push(format!(" {} {part}", if i == 0 { "·" } else { " " }));
        }
    }
    let most = usize::from(if app.is_wide() { area.height / 3 } else { area.height / 4 });
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            *last = format!("{} …", cut(last, wide));
        }
    }
    let (body, foot) = split_top(area, area.height - lines.len() as u16);
    for (row, line) in lines.into_iter().enumerate() {
        put(buffer, foot, row as u16, &Line::styled(line, app.theme.dim()));
    }
    body
}
