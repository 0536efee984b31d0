//! One run's report: the winner's test score first, then every model, then the selected one's errors.
//!
//! ```text
//! ── run 7f3a21 · NetworkData · standard · seed 1 ───────────── finished, 1m 03s ──
//!  ✓ GB ★  test F1 .947 [.935 .958]   precision .943  recall .951   (of phishing)
//! ── models ─────────────────────────── cv F1: fresh folds, still optimistic ──
//! ```

use super::facet::{Facet, Sight};
use super::{OpenReport, same_holdout, threshold};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{count, interval, plural, score, score_sd, share, short_id, time, time_of_day};
use crate::console::load::Tone;
use crate::console::msg::runs::Detail;
use crate::console::widget::chart::whisker;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{below, put, rule, split_left, split_top, unready, wrap};
use netsec::event::Family;
use netsec::pipeline::{ModelReport, Report};
use netsec::run::RunStatus;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, open: &OpenReport, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let Some(detail) = open.detail.ready() else {
        let body = rule(buffer, area, &format!("run {}", short_id(&open.id)), "", true, theme);
        unready(buffer, body, &open.detail.load, "reading the report", (app.now, app.spin), theme);
        return;
    };
    let row = &detail.row;
    let title =
        format!("run {} · {} · {} · seed {}", short_id(&row.id), clean(&row.collection), clean(&row.space), row.seed);
    // As listed now: they may have been changed since the report was read.
    let tags: String = app.runs.current().unwrap_or(row).tags.iter().map(|tag| format!(" #{}", clean(tag))).collect();
    let title = title + &tags;
    let body = rule(buffer, area, &title, &format!("{}, {}", row.status, time(row.elapsed_ms)), true, theme);
    match &detail.report {
        Some(report) => draw_report(app, open, detail, report, buffer, body),
        None => draw_without(app, detail, buffer, body),
    }
}

/// Cells for the interval of a model's test score, where there is room.
const WHISKER: u16 = 28;

/// A run without a report: why, what to press, and the end of its log.
fn draw_without(app: &App, detail: &Detail, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let row = &detail.row;
    let (glyph, style) = theme.status(row.status, app.spin);
    let reason = row.failure.as_ref().map(|(reason, _)| format!(": {}", clean(reason))).unwrap_or_default();
    let mut y = 0;
    for part in wrap(&format!("{glyph} {}{reason}", row.status), usize::from(area.width.saturating_sub(2)).max(10)) {
        put(buffer, area, y, &Line::styled(format!(" {part}"), style));
        y += 1;
    }
    let next = match (row.status, row.failure.as_ref().and_then(|(_, hint)| hint.as_ref())) {
        (_, Some(hint)) => clean(hint),
        (RunStatus::Running, _) => format!("{} of {} trials are over; a watches it", row.trials.0, row.trials.1),
        _ => "R takes it up again; finished trials are kept".to_owned(),
    };
    put(buffer, area, y, &Line::raw(format!("   {next}")));
    let body = rule(buffer, below(area, y + 2), "end of the log", "", false, theme);
    let room = usize::from(body.height);
    for (i, (at, text)) in detail.log.iter().skip(detail.log.len().saturating_sub(room)).enumerate() {
        let line = Line::from(vec![
            Span::styled(format!(" {} ", time_of_day(at)), theme.dim()),
            Span::raw(clean_short(text, 300)),
        ]);
        put(buffer, body, i as u16, &line);
    }
}

fn draw_report(app: &App, open: &OpenReport, detail: &Detail, report: &Report, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let positive = clean(&report.positive);
    if let Some(winner) = report.model(report.winner) {
        let test = &winner.test;
        let mut spans = vec![Span::styled(" ✓ ", theme.good())];
        spans.extend(crate::console::screen::train::live::name(app, winner.family));
        spans.push(Span::styled(format!("  test F1 {} {}", score(test.f1), interval(test.f1_ci)), theme.bold()));
        spans.push(Span::raw(format!("   precision {}  recall {}", score(test.precision), score(test.recall))));
        put(buffer, area, 0, &Line::from(spans));
    }
    let runs = app.runs.rows.ready().map_or(1, |rows| same_holdout(rows, &detail.row).max(1));
    let data = &report.data;
    let facts = format!(
        "scores of {positive} on {} hold-out vectors · {} scored on this hold-out",
        count(data.holdout_vectors),
        plural(runs as u64, "run")
    );
    put(buffer, area, 1, &Line::styled(format!("   {facts}"), theme.dim()));
    let Some(model) = report.models.get(open.cursor.at) else { return };
    let chosen = open.thresholds.ready().and_then(|all| all.iter().find(|c| c.family == model.family));
    let sight = Sight { app, report, model, chosen };
    let line = threshold::line(app, chosen);
    let facet = open.facet.shown(model);
    let models = report.models.len() as u16;
    // What a pane wants, the table gives, but for three models: the selected one stays in view.
    let wanted = match (shows_all(app), facet) {
        (true, _) => 0,
        (false, Facet::Errors) => facet.rows(model, area.width) + 3 + report.failed.len() as u16,
        (false, _) => facet.rows(model, area.width),
    } + if open.prompt.is_some() { threshold::PROMPT } else { 0 }
        + u16::from(line.is_some());
    let shown = area.height.saturating_sub(4 + wanted).max(3).min(models);
    let (table, mut rest) = split_top(below(area, 2), shown + 2);
    let title = if shown < models { format!("{shown} of {models} models") } else { "models".to_owned() };
    let body = rule(buffer, table, &title, "cv F1: fresh folds, still optimistic", open.prompt.is_none(), theme);
    draw_models(app, open, report, buffer, body);
    if let Some(prompt) = &open.prompt {
        rest = threshold::draw(app, prompt, model, report, buffer, rest);
    }
    // An older report has the errors only.
    if shows_all(app) && Facet::of(model).len() > 1 {
        return draw_all(&sight, line, detail, buffer, rest);
    }
    let (place, data) = match facet {
        Facet::Errors => split_top(rest, facet.rows(model, area.width) + u16::from(line.is_some())),
        _ => (rest, below(rest, rest.height)),
    };
    facet.draw(&sight, line.as_ref(), buffer, place);
    draw_data(app, report, detail, buffer, data);
}

/// The selected model's panes: all at once where there is room.
pub fn shows_all(app: &App) -> bool {
    app.size.0 >= 150 && app.size.1 >= 40
}

/// The selected model's family.
pub fn selected(app: &App) -> Option<Family> {
    model(app).map(|m| m.family)
}

fn model(app: &App) -> Option<&ModelReport> {
    let open = app.runs.report.as_ref()?;
    open.detail.ready()?.report.as_ref()?.models.get(open.cursor.at)
}

/// Whether the selected model has panes that are not shown.
pub fn has_more(app: &App) -> bool {
    !shows_all(app) && model(app).is_some_and(|m| Facet::of(m).len() > 1)
}

/// The pane after the one that is shown.
pub fn next_facet(app: &mut App) {
    if !has_more(app) {
        let text = if shows_all(app) { "every pane is shown" } else { "this report has nothing more about the model" };
        return app.say(Tone::Plain, text);
    }
    let next = model(app).zip(app.runs.report.as_ref()).map(|(m, open)| open.facet.shown(m).next(m));
    if let (Some(next), Some(open)) = (next, &mut app.runs.report) {
        open.facet = next;
    }
}

/// Every pane beside the others.
fn draw_all(sight: &Sight<'_>, line: Option<Line<'_>>, detail: &Detail, buffer: &mut Buffer, area: Rect) {
    let (app, model) = (sight.app, sight.model);
    let (left, right) = split_left(buffer, area, area.width * 3 / 5, &app.theme);
    let all = Facet::of(model);
    let mut rest = left;
    for facet in all.iter().filter(|f| **f != Facet::Curve) {
        let own = line.as_ref().filter(|_| *facet == Facet::Errors);
        let wanted = if *facet == Facet::Importance { rest.height } else { facet.rows(model, left.width) + 1 };
        let (place, after) = split_top(rest, wanted + u16::from(own.is_some()));
        facet.draw(sight, own, buffer, place);
        rest = after;
    }
    let mut rest = right;
    if all.contains(&Facet::Curve) {
        let (place, after) = split_top(right, right.height * 2 / 3);
        Facet::Curve.draw(sight, None, buffer, place);
        rest = after;
    }
    draw_data(app, sight.report, detail, buffer, rest);
}

fn draw_models(app: &App, open: &OpenReport, report: &Report, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    // Hundredths, so that the scale is the same for runs that are alike.
    let ends = report.models.iter().flat_map(|m| m.test.f1_ci);
    let (low, high) = ends.fold((1.0f64, 0.0f64), |(low, high), v| (low.min(v), high.max(v)));
    let range = ((low * 100.0).floor() / 100.0, (high * 100.0).ceil() / 100.0);
    let title = format!("{:<23}{:>5}", score(range.0), score(range.1));
    let columns = [
        Column::left("", 4, 0),
        Column::left("test F1", 16, 0),
        Column::left("cv F1", 10, 2),
        Column::right("k", 3, 3),
        Column::right("prec", 5, 1),
        Column::right("recall", 6, 1),
        Column::right("ROC", 5, 4),
        Column::right("PR", 5, 5),
        Column::right("log loss", 8, 6),
        Column::right("Brier", 5, 7),
        Column::right("fit", 7, 3),
        Column::left(&title, WHISKER, 8),
        Column::left("parameters", 40, 9),
    ];
    let view =
        Table { columns: &columns, rows: report.models.len(), cursor: &open.cursor, focused: true, marked: None };
    view.draw(buffer, area, theme, |row, column| {
        let model = &report.models[row];
        let test = &model.test;
        let maybe = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), score);
        match column {
            0 => (format!("{} {}", model.family.code(), theme.marker(model.family)), theme.family(model.family)),
            1 => (
                format!("{} {}", score(test.f1), interval(test.f1_ci)),
                if model.family == report.winner { theme.bold() } else { theme.plain() },
            ),
            2 => (score_sd(model.cv_f1, model.cv_sd), theme.plain()),
            3 => (model.trials.to_string(), theme.dim()),
            4 => (score(test.precision), theme.plain()),
            5 => (score(test.recall), theme.plain()),
            6 => (maybe(test.roc_auc), theme.dim()),
            7 => (maybe(test.pr_auc), theme.dim()),
            8 => (score(test.log_loss), theme.dim()),
            9 => (score(test.brier), theme.dim()),
            10 => (time(model.fit_ms), theme.dim()),
            11 => (whisker(test.f1, test.f1_ci, usize::from(WHISKER), range), theme.family(model.family)),
            _ => (crate::console::screen::train::live::params(&model.params), theme.dim()),
        }
    });
}

fn draw_data(app: &App, report: &Report, detail: &Detail, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let at = clean(detail.row.started_at.get(..16).unwrap_or_default()).replace('T', " ");
    let area = rule(buffer, area, "data", &format!("by {} · {at}", clean(&detail.row.who)), false, theme);
    let wide = usize::from(area.width.saturating_sub(2)).max(10);
    let data = &report.data;
    let facts = format!(
        "{} rows · {} vectors · {} with both labels · {} unlabelled · {} rejected",
        count(data.rows),
        count(data.vectors),
        count(data.conflicting),
        count(data.unlabelled),
        count(data.rejected)
    );
    let leak = format!("leak {}: share of hold-out rows whose vector is in training", share(data.leak));
    let style = if data.leak > 0.0 { theme.warn() } else { theme.plain() };
    let mut y = 0;
    for (text, style) in [(facts, theme.plain()), (leak, style)] {
        for part in wrap(&text, wide) {
            put(buffer, area, y, &Line::styled(format!(" {part}"), style));
            y += 1;
        }
    }
    for (family, reason) in &report.failed {
        let mut spans = vec![Span::styled(" ✗ ", theme.bad())];
        spans.extend(crate::console::screen::train::live::name(app, *family));
        spans.push(Span::styled(format!("  {}", clean(reason)), theme.bad()));
        put(buffer, area, y, &Line::from(spans));
        y += 1;
    }
}
