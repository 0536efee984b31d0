//! The features of the row and what each contributes: bars toward one side or the other, loudest first.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::signed;
use crate::console::load::Load;
use crate::console::screen::predict::{Focus, Prompt};
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, cut, failure, fit, fit_right, loading, put, rule, split_top, width};
use netsec::explain::{Explanation, Method, Scale};
use netsec::predict::{FeatureUse, Origin};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Lines below the features: the selected one in full, and what the contributions add up to.
const FOOT: u16 = 2;
/// Most cells of a value.
const VALUE: usize = 8;

/// What contributions are measured in.
pub fn unit(why: &Explanation) -> &'static str {
    match why.scale {
        Scale::LogOdds => "log-odds",
        Scale::Probability => "probability",
    }
}

/// How they were found, and how far that can be trusted.
pub fn method(why: &Explanation) -> &'static str {
    match (why.method, why.exact) {
        (Method::TreeShap, true) => "exact (TreeSHAP)",
        (Method::Coefficients, true) => "exact (coefficients)",
        (Method::TreeShap | Method::Coefficients, false) => "not exact",
        (Method::Occlusion, _) => "not exact (occlusion)",
    }
}

/// Where the columns of a line begin.
struct Columns {
    name: usize,
    value: usize,
    meaning: usize,
    /// Cells of a bar to either side, without its number.
    bar: usize,
    number: usize,
}

impl Columns {
    fn of(app: &App, wide: usize) -> Self {
        let features = app.predict.scored.ready().map_or(&[][..], |s| s.verdict.features.as_slice());
        let why = app.predict.why.pane.ready().map_or(&[][..], |why| why.contributions.as_slice());
        let longest = features.iter().map(|f| width(&f.name)).max().unwrap_or(0);
        let name = longest.min(if wide < 90 { 20 } else { 32 });
        let value = features.iter().map(|f| width(&f.value)).max().unwrap_or(0).clamp(2, VALUE);
        let number = why.iter().map(|c| width(&signed(*c))).max().unwrap_or(0).max(6);
        let bar = (wide / 10).clamp(4, 20);
        // Both sides, their numbers, and the rule between them.
        let used = 1 + name + 1 + value + 2 + 2 * (bar + number + 1) + 1;
        Self { name, value, meaning: wide.saturating_sub(used + 1), bar, number }
    }

    fn side(&self) -> usize {
        self.bar + self.number + 1
    }
}

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let predict = &app.predict;
    let Some(scored) = predict.scored.ready() else { return };
    let features = &scored.verdict.features;
    let why = predict.why.pane.ready().filter(|why| why.contributions.len() == features.len());
    let focused = predict.focus == Focus::Features;
    let columns = Columns::of(app, usize::from(area.width));
    let height = usize::from(area.height.saturating_sub(1 + FOOT));
    let top = predict.cursor.scroll(features.len(), height);
    let shown = (top + height).min(features.len());
    let sampled = predict.model.ready().is_some_and(|m| m.sample.is_some());
    let mut title = if sampled { "why, by a sample" } else { "why" }.to_owned();
    if shown - top < features.len() {
        title.push_str(&format!(" · {}-{shown} of {}", top + 1, features.len()));
    }
    let body = rule(buffer, area, &title, "", focused, theme);
    if why.is_some() {
        sides(app, buffer, area, &columns, width(&title) + 4);
    }
    let (list, foot) = split_top(body, (shown - top).min(height) as u16);
    let largest = why.map_or(0.0, |why| why.contributions.iter().fold(0.0, |most: f64, c| most.max(c.abs())));
    for (line, at) in (top..shown).enumerate() {
        let feature = predict.feature(at);
        let selected = at == predict.cursor.at;
        select(buffer, list, line as u16, selected && focused, theme);
        let mut spans = vec![mark(selected, focused, theme)];
        spans.extend(told(app, &features[feature], &columns));
        if let Some(why) = why {
            spans.extend(bar(app, why.contributions[feature], largest, &columns));
        }
        put(buffer, list, line as u16, &Line::from(spans));
        if selected && let Some(Prompt::Value(input)) = &predict.prompt {
            let x = list.x + (columns.name as u16 + 2).min(list.width);
            let wide = (columns.value + columns.meaning) as u16;
            let field = Rect { x, y: list.y + line as u16, width: wide.min(list.right() - x), height: 1 };
            buffer.set_string(x, field.y, " ".repeat(usize::from(field.width)), Style::reset());
            input.draw(buffer, field, true, "empty: not known", theme);
        }
    }
    if let Some(feature) = features.get(predict.feature(predict.cursor.at)) {
        put(buffer, foot, 0, &Line::from(in_full(app, feature)));
    }
    let foot = below(foot, 1);
    match &predict.why.pane.load {
        Load::Loading { since } => loading(buffer, foot, "explaining", *since, app.now, app.spin, theme),
        Load::Failed(notice) => failure(buffer, foot, notice, false, theme),
        Load::Ready(why) => {
            let behind = predict.why.is_behind(&scored.record);
            put(buffer, foot, 0, &Line::from(sum(app, why, behind, usize::from(area.width))));
        }
        Load::Idle => {}
    }
}

/// The words above the bars: which side speaks for what.
fn sides(app: &App, buffer: &mut Buffer, area: Rect, columns: &Columns, taken: usize) {
    let theme = &app.theme;
    let Some(model) = app.predict.model.ready() else { return };
    let [no, yes] = [false, true].map(|label| format!("toward {}", clean(model.schema.label(label))));
    let middle = usize::from(area.width).saturating_sub(columns.side() + 2);
    let left = format!(" {no} ");
    if middle < taken + width(&left) || area.height == 0 {
        return;
    }
    let right = format!(" {} ", cut(&yes, columns.side()));
    let line = Line::from(vec![
        Span::styled(left.clone(), theme.verdict(false)),
        Span::styled("│", theme.dim()),
        Span::styled(right, theme.verdict(true)),
    ]);
    let x = area.x + (middle - width(&left)) as u16;
    buffer.set_line(x, area.y, &line, area.right() - x);
}

/// Name, value and meaning. What was not given says so before its meaning.
fn told(app: &App, feature: &FeatureUse, columns: &Columns) -> Vec<Span<'static>> {
    let theme = &app.theme;
    // The value as it is wished already, before its verdict is there.
    let wished = app.predict.wanted.as_ref().filter(|_| app.predict.scored.job.is_some());
    let value = wished.and_then(|row| row.get(&feature.name)).filter(|v| !v.is_empty()).unwrap_or(&feature.value);
    let (text, style) = match &feature.origin {
        Origin::Given => (feature.meaning.clone(), theme.dim()),
        Origin::Computed(reason) => (format!("computed: {reason}"), theme.plain()),
        Origin::Imputed(_) => (format!("imputed: {}", feature.meaning), theme.warn()),
        Origin::OutOfDomain(reason) => (format!("refused: {reason}"), theme.warn()),
    };
    vec![
        Span::raw(fit(&clean(&feature.name), columns.name)),
        Span::raw(" "),
        Span::styled(fit_right(&clean(value), columns.value), theme.bold()),
        Span::raw("  "),
        Span::styled(fit(&clean(&text), columns.meaning), style),
    ]
}

/// The selected feature without cuts: its level, where it comes from, and what the feature looks at.
fn in_full(app: &App, feature: &FeatureUse) -> Vec<Span<'static>> {
    let theme = &app.theme;
    let origin = match &feature.origin {
        Origin::Given => "given".to_owned(),
        Origin::Computed(reason) => format!("computed: {reason}"),
        Origin::Imputed(None) => "imputed".to_owned(),
        Origin::Imputed(Some(reason)) => format!("imputed, {reason}"),
        Origin::OutOfDomain(reason) => format!("{reason}, taken as missing"),
    };
    let column = app.predict.model.ready().and_then(|m| m.schema.column(&feature.name));
    let about = column.map(|c| c.meaning.as_str()).filter(|meaning| *meaning != feature.meaning).unwrap_or_default();
    let given = feature.origin == Origin::Given;
    vec![
        Span::raw(format!(" {} {}: {}", clean(&feature.name), clean(&feature.value), clean(&feature.meaning))),
        Span::styled(format!(" · {}", clean(&origin)), if given { theme.dim() } else { theme.plain() }),
        Span::styled(format!(" · {}", clean(about)), theme.dim()),
    ]
}

/// A bar from the middle toward its side, its number at its end.
fn bar(app: &App, contribution: f64, largest: f64, columns: &Columns) -> Vec<Span<'static>> {
    let theme = &app.theme;
    let share = if largest > 0.0 { contribution.abs() / largest } else { 0.0 };
    let full = "█".repeat((share * columns.bar as f64).round() as usize);
    let number = signed(contribution);
    let side = columns.side();
    let speaks = number.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let style = if speaks { theme.verdict(contribution > 0.0) } else { theme.dim() };
    let (left, right) = if contribution < 0.0 && speaks {
        (format!("{number} {full}"), String::new())
    } else {
        (String::new(), if full.is_empty() { number } else { format!("{full} {number}") })
    };
    vec![
        Span::styled(fit_right(&left, side), style),
        Span::styled("│", theme.dim()),
        Span::styled(fit(&right, side), style),
    ]
}

/// What the contributions add up to, and how they were found. What there is no room for is left out.
fn sum(app: &App, why: &Explanation, behind: bool, wide: usize) -> Vec<Span<'static>> {
    let theme = &app.theme;
    let all: f64 = why.contributions.iter().sum();
    let silent = why.contributions.iter().all(|c| *c == 0.0);
    let before = if why.calibrated { ", before calibration" } else { "" };
    let mut spans = vec![Span::raw(" ")];
    if silent {
        let text = if why.exact { "no feature makes a difference" } else { "no single value decides" };
        spans.push(Span::styled(format!("{text} · "), theme.warn()));
    } else if why.exact {
        spans.push(Span::styled("base ", theme.dim()));
        spans.push(Span::raw(signed(why.base)));
        spans.push(Span::styled(" sum ", theme.dim()));
        spans.push(Span::raw(signed(all)));
        spans.push(Span::styled(" = ", theme.dim()));
        spans.push(Span::styled(signed(why.output), theme.bold()));
        spans.push(Span::raw(" "));
    } else {
        spans.push(Span::styled("does not add up: ", theme.warn()));
    }
    spans.push(Span::styled(format!("{} · {}{before}", unit(why), method(why)), theme.dim()));
    let against = format!(" · against {} training vectors", why.background);
    for (text, style) in
        [(if behind { " · explaining again" } else { "" }, theme.accent()), (against.as_str(), theme.dim())]
    {
        if Line::from(spans.clone()).width() + width(text) <= wide {
            spans.push(Span::styled(text.to_owned(), style));
        }
    }
    spans
}
