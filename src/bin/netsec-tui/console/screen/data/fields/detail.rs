//! One field in full: what it means, its values level by level or bin by bin, what is missing, and what was refused.

use super::FieldsView;
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{count, plural, share};
use crate::console::msg::data::{Field, Fields};
use crate::console::widget::{fit, fit_right, put, rule, rule_line, solid, width, wrap};
use netsec::profile::Values;
use netsec::schema::Column;
use netsec::statistics::short;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::cmp::Reverse;

pub fn draw(app: &App, view: &FieldsView, fields: &Fields, at: usize, buffer: &mut Buffer, area: Rect) {
    let Some((column, field)) = fields.schema.columns().nth(at).zip(fields.fields.get(at)) else { return };
    let right = if at == fields.schema.features.len() { "the target" } else { "" };
    let focused = view.reading.is_some();
    let body = rule(buffer, area, &clean_short(&column.name, 40), right, focused, &app.theme);
    let lines = lines(app, fields, column, field, usize::from(body.width));
    let height = usize::from(body.height);
    if let Some(cursor) = &view.reading {
        cursor.height.set(height);
        view.lines.set(lines.len());
    }
    let top = view.reading.as_ref().map_or(0, |cursor| cursor.at.min(lines.len().saturating_sub(height)));
    for (row, line) in lines.iter().skip(top).take(height).enumerate() {
        put(buffer, body, row as u16, line);
    }
}

fn lines(app: &App, fields: &Fields, column: &Column, field: &Field, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let room = wide.saturating_sub(2).max(10);
    let meaning = Some(clean(&column.meaning)).filter(|meaning| !meaning.is_empty());
    let meaning = meaning.map_or_else(Vec::new, |meaning| wrap(&meaning, room));
    let mut lines: Vec<Line<'static>> =
        meaning.into_iter().map(|part| Line::styled(format!(" {part}"), theme.dim())).collect();
    lines.extend(facts(app, fields, field));
    let (title, right) = match (&field.profile.values, fields.sampled) {
        (Values::Levels(all), _) => (plural(all.len() as u64, "level"), String::new()),
        (Values::Numbers(_), None) => ("histogram".to_owned(), String::new()),
        (Values::Numbers(_), Some(sampled)) => ("histogram".to_owned(), format!("of {} rows", sampled.words())),
    };
    lines.push(rule_line(wide, &title, &right, false, theme));
    if field.bars.is_empty() {
        let why = if field.profile.known() == 0 { "there is no value" } else { "the numbers reach too far for bins" };
        lines.push(Line::styled(format!(" {why}"), theme.dim()));
    }
    lines.extend(bars(app, fields, column, field, wide));
    lines.extend(refusals(app, fields, column, field, wide));
    lines
}

/// How many cells there are of each kind, and where numbers lie.
fn facts(app: &App, fields: &Fields, field: &Field) -> Vec<Line<'static>> {
    let profile = &field.profile;
    let accepted = fields.accepted().max(1);
    let of_rows = format!("{} of accepted", share(profile.missing as f64 / accepted as f64));
    let mut facts = vec![
        ("with a value", count(profile.known()), String::new()),
        ("missing", count(profile.missing), of_rows),
        ("refused", count(profile.refused), if profile.refused == 1 { "cell" } else { "cells" }.to_owned()),
    ];
    if let Values::Numbers(numbers) = &profile.values
        && numbers.count > 0
    {
        let different = if fields.sampled.is_some() { "in the sample" } else { "" };
        facts.extend([
            ("different", count(field.distinct), different.to_owned()),
            ("lowest", short(numbers.low), String::new()),
            ("highest", short(numbers.high), String::new()),
        ]);
    }
    let digits = facts.iter().map(|(_, number, _)| width(number)).max().unwrap_or(0);
    let mut lines: Vec<Line<'static>> = facts
        .into_iter()
        .map(|(name, number, unit)| {
            Line::from(vec![
                Span::styled(format!(" {name:<14}"), app.theme.dim()),
                Span::raw(fit_right(&number, digits)),
                Span::styled(format!("  {unit}"), app.theme.dim()),
            ])
        })
        .collect();
    if !profile.present {
        lines.insert(0, Line::styled(" ✗ no row has this field", app.theme.bad()));
    } else if profile.is_constant() {
        lines.insert(0, Line::styled(" ▲ all values are the same: nothing can be learnt from it", app.theme.warn()));
    }
    lines
}

/// A bar for each level or bin; what a level means stands below it, or behind it where there is room.
fn bars(app: &App, fields: &Fields, column: &Column, field: &Field, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let all: u64 = field.bars.iter().map(|(_, n)| n).sum();
    let most = field.bars.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let digits = field.bars.iter().map(|(_, n)| count(*n).len()).max().unwrap_or(1).max(5);
    let label = field.bars.iter().map(|(label, _)| width(&clean(label))).max().unwrap_or(0).clamp(3, 20);
    let cells = wide.saturating_sub(1 + label + 2 + 1 + digits + 1 + 7 + 1).min(60);
    let is_target = column.name == fields.schema.target.name;
    let mut lines = Vec::new();
    for (at, (name, n)) in field.bars.iter().enumerate() {
        let numbers = format!(
            " {} {}",
            fit_right(&count(*n), digits),
            fit_right(&format!("{:.1} %", *n as f64 / all.max(1) as f64 * 100.0), 7)
        );
        let style = if *n > 0 { theme.plain() } else { theme.dim() };
        lines.push(Line::from(vec![
            Span::styled(format!(" {}  ", fit(&clean(name), label)), style),
            Span::raw(solid(*n as f64 / most as f64, cells)),
            Span::styled(numbers, style),
        ]));
        // What the target's levels mean are the two words for a verdict.
        let word = is_target.then(|| fields.schema.label(at == 1));
        if let Some(meaning) = column.level_meaning(name).or(word).filter(|meaning| !meaning.is_empty()) {
            lines.push(Line::styled(format!(" {}  {}", " ".repeat(label), clean(meaning)), theme.dim()));
        }
    }
    lines
}

/// Why cells of the field were refused. A row counts under the first of its reasons only.
fn refusals(app: &App, fields: &Fields, column: &Column, field: &Field, wide: usize) -> Vec<Line<'static>> {
    if field.profile.refused == 0 {
        return Vec::new();
    }
    let theme = &app.theme;
    let own = format!("{}: ", column.name);
    let title = rule_line(wide, "refused because", "", false, theme);
    let Some(found) = &fields.validation else {
        return vec![title, Line::styled(" the server does not know why: r reads every row", theme.dim())];
    };
    let reasons = found.reasons.iter();
    let mut reasons: Vec<(&str, u64)> = reasons.filter_map(|(text, n)| Some((text.strip_prefix(&own)?, *n))).collect();
    reasons.sort_by_key(|(_, n)| Reverse(*n));
    let told: u64 = reasons.iter().map(|(_, n)| n).sum();
    let digits = count(field.profile.refused).len().max(5);
    let room = wide.saturating_sub(digits + 4).max(10);
    let mut lines = vec![title];
    let rest = field.profile.refused.saturating_sub(told);
    let rest = (rest > 0).then_some(("in rows that are counted under another reason", rest));
    for (reason, n) in reasons.into_iter().chain(rest) {
        for (i, part) in wrap(&clean(reason), room).into_iter().enumerate() {
            let number = if i == 0 { count(n) } else { String::new() };
            lines.push(Line::raw(format!(" {}  {part}", fit_right(&number, digits))));
        }
    }
    lines
}
