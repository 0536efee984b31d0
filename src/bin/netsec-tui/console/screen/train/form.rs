//! How the launch form is drawn.

use super::launch::{Field, Form, complaints};
use super::live::name;
use super::plan::tried;
use super::{collection, command};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, time};
use crate::console::load::Load;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{self, below, put, rule, split_left, split_top, unready};
use netsec::run::RunStatus;
use netsec::training::FamilySearch;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Cells before a field's value.
const LABEL: u16 = 18;

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let form = &app.train.form;
    // Beside the form there is room for what is tried of the family with the cursor.
    let (area, side) = if area.width >= 120 && form.spaces.ready().is_some() {
        let (left, right) = split_left(buffer, area, 78, theme);
        (left, Some(right))
    } else {
        (area, None)
    };
    let body = rule(buffer, area, "start a run", "enter starts it", true, theme);
    if unready(buffer, body, &form.spaces.load, "reading the search spaces", (app.now, app.spin), theme) {
        return;
    }
    let foot = foot(app, usize::from(body.width));
    let height = usize::from(body.height);
    let mut lines = lines(form);
    if lines.len() + foot.len() + 1 > height {
        lines.retain(Option::is_some);
    }
    // The cost is always seen, and what has no room above it is scrolled.
    let shown = lines.len().min(height.saturating_sub(foot.len().min(3))).max(1);
    let cursor = lines.iter().position(|line| *line == Some(form.field())).unwrap_or(0);
    let top = (cursor + 1).saturating_sub(shown).min(lines.len().saturating_sub(shown));
    let wrong = complaints(app);
    let (fields, rest) = split_top(body, shown as u16);
    for (row, field) in lines.iter().skip(top).take(usize::from(fields.height)).enumerate() {
        if let Some(field) = field {
            let complaint = wrong.iter().find(|(at, _)| at == field).map(|(_, what)| what.as_str());
            draw_field(app, *field, complaint, buffer, Rect { y: fields.y + row as u16, height: 1, ..fields });
        }
    }
    let rest = if shown + foot.len() < height { below(rest, 1) } else { rest };
    draw_foot(app, foot, buffer, rest);
    if let Some(side) = side {
        draw_tried(app, buffer, side);
    }
}

/// The fields with blank lines between groups.
fn lines(form: &Form) -> Vec<Option<Field>> {
    let mut lines = Vec::new();
    for field in form.fields() {
        if matches!(field, Field::Family(0) | Field::Resampling) {
            lines.push(None);
        }
        lines.push(Some(field));
    }
    lines
}

fn draw_field(app: &App, field: Field, complaint: Option<&str>, buffer: &mut Buffer, area: Rect) {
    let (theme, form) = (&app.theme, &app.train.form);
    let at = field == form.field();
    select(buffer, area, 0, at, theme);
    let mut spans = vec![mark(at, true, theme)];
    spans.extend(row_spans(app, field, at));
    let mut used = spans.iter().map(Span::width).sum::<usize>();
    put(buffer, area, 0, &Line::from(spans));
    if field.types() {
        let (input, wide, empty) = match field {
            Field::Window => (&form.window, 44, "any time; 2026-11-01..2026-11-08, in UTC"),
            _ => (&form.seed, 22, "a whole number"),
        };
        let x = LABEL.min(area.width);
        let room = Rect { x: area.x + x, width: area.width.saturating_sub(x).min(wide), ..area };
        input.draw(buffer, room, at, empty, theme);
        used = usize::from(LABEL) + widget::width(&input.text()).clamp(1, usize::from(wide)) + 1;
    }
    if let Some(complaint) = complaint {
        let room = usize::from(area.width).saturating_sub(used + 1);
        let text = widget::cut(&format!("✗ {complaint}"), room);
        let x = (used as u16 + 1).min(area.width);
        let place = Rect { x: area.x + x, width: area.width - x, ..area };
        put(buffer, place, 0, &Line::styled(text, theme.bad()));
    }
}

fn row_spans(app: &App, field: Field, at: bool) -> Vec<Span<'static>> {
    let (theme, form) = (&app.theme, &app.train.form);
    let label = |text: &str| Span::styled(format!("{text:<14} "), theme.dim());
    let choice = |title: &str, text: String, more: String| {
        let style = if at { theme.accent() } else { theme.plain() };
        let (left, right) = if at { ("← ", " →") } else { ("  ", "") };
        vec![
            label(title),
            Span::styled(left, theme.dim()),
            Span::styled(text, style),
            Span::styled(right, theme.dim()),
            Span::styled(if more.is_empty() { more } else { format!("   {more}") }, theme.dim()),
        ]
    };
    match field {
        Field::Collection => {
            let chosen = collection(app);
            let text = match &chosen {
                Some(namespace) => clean(&namespace.to_string()),
                None if app.data.catalog.is_loading() => "reading the collections".to_owned(),
                None => String::new(),
            };
            let all = app.data.collections();
            let own = chosen.and_then(|n| {
                all.iter().find(|(d, c)| *d == n.database && c.name == n.collection).and_then(|(_, c)| c.documents)
            });
            choice("collection", text, own.map_or_else(String::new, |rows| plural(rows, "row")))
        }
        Field::Space => {
            let text = form.space_name().map(clean).unwrap_or_default();
            let is_default = form.spaces.ready().is_some_and(|s| Some(s.default.as_str()) == form.space_name());
            choice("search space", text, if is_default { "the default".to_owned() } else { String::new() })
        }
        Field::Resampling => match form.resampling {
            None => choice("balance", "as the space says".to_owned(), String::new()),
            Some(how) => choice("balance", how.name().replace('_', " "), "in every trial".to_owned()),
        },
        Field::Folds => {
            let more = if form.folds.is_none() { "the default" } else { "" };
            choice("folds", form.folds().to_string(), more.to_owned())
        }
        Field::Window => vec![label("stored in")],
        Field::Seed => vec![label("seed")],
        Field::Family(nth) => {
            let Some(own) = form.search.get(nth) else { return Vec::new() };
            let on = form.is_on(own.family);
            let style = if on { theme.plain() } else { theme.dim() };
            let code = format!("{} {} ", own.family.code(), theme.marker(own.family));
            vec![
                label(if nth == 0 { "families" } else { "" }),
                Span::styled(if on { "[x] " } else { "[ ] " }, style),
                Span::styled(code, if on { theme.family(own.family) } else { theme.dim() }),
                Span::styled(format!("{:<22}", own.family.name().replace('_', " ")), style),
                Span::styled(tries(own), theme.dim()),
            ]
        }
    }
}

/// What is tried of a family: `24 trials of 6 fits, halving`.
fn tries(own: &FamilySearch) -> String {
    let fits = own.fits();
    let of = if fits < own.trials.len() { format!(" of {}", plural(fits as u64, "fit")) } else { String::new() };
    let halving = if own.halving { ", halving" } else { "" };
    format!("{}{of}{halving}", plural(own.trials.len() as u64, "trial"))
}

/// What the run will cost, by count and by what the last one like it took.
fn cost(app: &App) -> String {
    let form = &app.train.form;
    let plan = form.cost();
    let at_most = if plan.halving { "at most " } else { "" };
    let mut text = format!(
        "{} x {} folds: {at_most}{}",
        plural(plan.trials as u64, "trial"),
        form.folds(),
        plural(plan.fits as u64, "fit")
    );
    let own = collection(app);
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let alike = rows.iter().find(|run| {
        run.status == RunStatus::Finished
            && Some(run.space.as_str()) == form.space_name()
            && own.as_ref().is_some_and(|n| n.database == run.database && n.collection == run.collection)
            && (run.folds, run.trials.1 as usize) == (form.folds(), plan.trials)
    });
    if let Some(run) = alike {
        text.push_str(&format!(" · the last one like it took {}", time(run.elapsed_ms)));
    }
    text
}

/// The lines below the fields: cost, command, and a word about the ranking.
fn foot(app: &App, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {:<14} ", "cost"), theme.dim()),
        Span::raw(format!("  {}", cost(app))),
    ])];
    if let Some(line) = command::line(app) {
        lines.push(Line::from(vec![
            Span::styled(" the same without the console: ", theme.dim()),
            Span::styled("c", theme.key()),
            Span::styled(" copies", theme.dim()),
        ]));
        for (nth, part) in widget::wrap(&line, wide.saturating_sub(5).max(20)).into_iter().enumerate() {
            lines.push(Line::raw(format!("   {}{part}", if nth > 0 { "  " } else { "" })));
        }
    }
    lines
}

fn draw_foot(app: &App, lines: Vec<Line<'static>>, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    match &app.train.form.starting.load {
        Load::Loading { since } => {
            return widget::loading(buffer, area, "starting the worker", *since, app.now, app.spin, theme);
        }
        Load::Failed(notice) => return widget::failure(buffer, area, notice, false, theme),
        _ => {}
    }
    let used = lines.len() as u16 + 1;
    for (row, line) in lines.iter().enumerate() {
        put(buffer, area, row as u16, line);
    }
    let text = "Families are ranked by cross-validated F1; the hold-out chooses nothing. Left and right change a \
                choice, space switches a family.";
    let wide = usize::from(area.width.saturating_sub(2)).max(10);
    let parts = widget::wrap(text, wide);
    if usize::from(area.height) >= usize::from(used) + parts.len() {
        for (row, part) in parts.into_iter().enumerate() {
            put(buffer, area, used + row as u16, &Line::styled(format!(" {part}"), theme.dim()));
        }
    }
}

/// What the chosen space tries of the family with the cursor, or of each where the cursor is elsewhere.
fn draw_tried(app: &App, buffer: &mut Buffer, area: Rect) {
    let (theme, form) = (&app.theme, &app.train.form);
    let one = match form.field() {
        Field::Family(nth) => form.search.get(nth),
        _ => None,
    };
    let title = one.map_or_else(|| "what is tried".to_owned(), |own| own.family.name().replace('_', " "));
    let mut body = rule(buffer, area, &title, "", false, theme);
    let wide = usize::from(body.width.saturating_sub(21)).max(10);
    for own in form.search.iter().filter(|own| one.is_none_or(|one| one.family == own.family)) {
        if one.is_none() {
            let mut spans = vec![Span::raw(" ")];
            spans.extend(name(app, own.family));
            spans.push(Span::styled(if form.is_on(own.family) { "" } else { "  off" }, theme.dim()));
            put(buffer, body, 0, &Line::from(spans));
            body = below(body, 1);
        }
        for (parameter, values) in tried(&own.trials) {
            for (nth, part) in widget::wrap(&clean(&values), wide).into_iter().enumerate() {
                let label = if nth == 0 { widget::cut(&clean(&parameter), 17) } else { String::new() };
                let spans = vec![Span::styled(format!("   {label:<17} "), theme.dim()), Span::raw(part)];
                put(buffer, body, 0, &Line::from(spans));
                body = below(body, 1);
            }
        }
    }
}
