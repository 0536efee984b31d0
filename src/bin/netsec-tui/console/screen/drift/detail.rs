//! One column in full: its distributions level by level, and every measure.

use super::list::{Pick, Row, most_changed, p_value, shares, verdict};
use super::view::{estimate, fares};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{count, score, short_id, threshold};
use crate::console::msg::drift::Drifted;
use crate::console::widget::{fit, fit_right, put, rule, rule_line, solid, width, wrap};
use netsec::drift::{ColumnDrift, ModelDrift, Scores, Test, Verdict};
use netsec::schema::Schema;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Width from which both sides of a level stand in one line.
const BESIDE: usize = 70;

pub fn draw(app: &App, drifted: &Drifted, row: &Row<'_>, buffer: &mut Buffer, area: Rect) {
    let focused = app.drift.reading.is_some();
    let title = match &row.pick {
        Pick::Verdicts => "what the champion says of the rows".to_owned(),
        Pick::Column(name) => clean_short(name, 40),
    };
    let is_target = row.name() == drifted.report.target;
    let right = if is_target && row.pick != Pick::Verdicts { "the target" } else { "" };
    let body = rule(buffer, area, &title, right, focused, &app.theme);
    let lines = lines(app, drifted, row, usize::from(body.width));
    let reading = app.drift.reading.as_ref();
    let height = usize::from(body.height);
    if let Some(cursor) = reading {
        cursor.height.set(height);
        app.drift.lines.set(lines.len());
    }
    let top = reading.map_or(0, |cursor| cursor.at.min(lines.len().saturating_sub(height)));
    for (row, line) in lines.iter().skip(top).take(height).enumerate() {
        put(buffer, body, row as u16, line);
    }
}

fn lines(app: &App, drifted: &Drifted, row: &Row<'_>, wide: usize) -> Vec<Line<'static>> {
    let (theme, report) = (&app.theme, &drifted.report);
    let own = match &row.pick {
        Pick::Column(name) => Some(name.as_str()),
        Pick::Verdicts => None,
    };
    let found = row.drift;
    let style = match found.verdict {
        Verdict::Drifted => theme.warn(),
        Verdict::Steady => theme.plain(),
        Verdict::Untested | Verdict::TooSmall => theme.bold(),
    };
    let room = wide.saturating_sub(2).max(10);
    let (word, why) = (format!(" {}", verdict(found.verdict)), why(found));
    let mut lines = if width(&word) + 3 + width(&why) < wide {
        vec![Line::from(vec![Span::styled(word, style), Span::raw(format!("   {why}"))])]
    } else {
        let rest = wrap(&why, room).into_iter().map(|part| Line::raw(format!(" {part}")));
        std::iter::once(Line::styled(word, style)).chain(rest).collect()
    };
    let column = own.and_then(|name| drifted.schema.column(name));
    let meaning = column.map(|c| c.meaning.as_str()).filter(|meaning| !meaning.is_empty());
    for (text, style) in [(meaning, theme.dim()), (found.note.as_deref(), theme.plain())] {
        let parts = text.map_or_else(Vec::new, |text| wrap(&clean(text), room));
        lines.extend(parts.into_iter().map(|part| Line::styled(format!(" {part}"), style)));
    }
    let [old, new] = found.known();
    let known = format!("{} → {} with a value", count(old), count(new));
    lines.push(rule_line(wide, "distribution", &known, false, theme));
    let has_gaps = own.is_some_and(|name| name != report.target);
    lines.extend(levels(app, &drifted.schema, own, found, has_gaps, wide));
    lines.push(rule_line(wide, "measures", "", false, theme));
    lines.extend(pairs(app, &measures(found), wide));
    if let (Pick::Verdicts, Some(model)) = (&row.pick, &report.model) {
        lines.extend(champion(app, model, wide));
    }
    // Where the list stands beside it, these are below the list.
    if !app.is_wide() && !report.notes.is_empty() {
        lines.push(rule_line(wide, "about the whole report", "", false, theme));
        for note in &report.notes {
            let parts = wrap(&clean(note), room.saturating_sub(2));
            let lead = |i: usize| if i == 0 { "·" } else { " " };
            let dim = |(i, part): (usize, String)| Line::styled(format!(" {} {part}", lead(i)), theme.dim());
            lines.extend(parts.into_iter().enumerate().map(dim));
        }
    }
    lines
}

/// Why the verdict is what it is.
fn why(found: &ColumnDrift) -> String {
    let name = effect_name(found);
    let effect = found.effect().map_or_else(|| "-".to_owned(), score);
    let limit = score(found.limit);
    if found.missing.drifted && found.effect().is_none_or(|effect| effect < found.limit) {
        let number = |value: Option<f64>, of: fn(f64) -> String| value.map_or_else(|| "-".to_owned(), of);
        let (js, p) = (number(found.missing.js, score), number(found.missing.p_adjusted, p_value));
        return format!("by its missing cells: JS {js}, p adj {p}");
    }
    match (found.verdict, found.detectable, found.p_adjusted) {
        (Verdict::Untested, ..) => "there is nothing to compare".to_owned(),
        (Verdict::TooSmall, Some(detectable), _) if detectable > found.limit => {
            format!("only {name} {} and more could be told", score(detectable))
        }
        (_, _, p) => {
            let p = p.map_or_else(|| "-".to_owned(), p_value);
            format!("{name} {effect} (drifted from {limit} on), p adj {p}")
        }
    }
}

fn effect_name(found: &ColumnDrift) -> &'static str {
    match found.test {
        Test::ChiSquare => "JS",
        Test::KolmogorovSmirnov => "W",
    }
}

/// A level on both sides, as it is drawn.
struct Level {
    label: String,
    meaning: String,
    counts: [u64; 2],
    shares: [f64; 2],
    /// Whether it stands out.
    loud: bool,
}

/// The levels, and the missing cells behind them.
fn collect(schema: &Schema, own: Option<&str>, found: &ColumnDrift, has_gaps: bool) -> Vec<Level> {
    let column = own.and_then(|name| schema.column(name));
    let loudest = most_changed(found).filter(|_| found.verdict == Verdict::Drifted);
    let mut levels: Vec<Level> = found
        .bars
        .iter()
        .map(|bar| Level {
            label: clean(&bar.label),
            meaning: column.and_then(|c| c.level_meaning(&bar.label)).map(clean).unwrap_or_default(),
            counts: [bar.reference, bar.current],
            shares: shares(found, bar),
            loud: loudest == Some(bar),
        })
        .collect();
    if has_gaps {
        levels.push(Level {
            label: "missing".to_owned(),
            meaning: String::new(),
            counts: [found.missing.reference, found.missing.current],
            shares: found.missing_shares(),
            loud: found.missing.drifted,
        });
    }
    levels
}

fn levels(
    app: &App,
    schema: &Schema,
    own: Option<&str>,
    found: &ColumnDrift,
    has_gaps: bool,
    wide: usize,
) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let levels = collect(schema, own, found, has_gaps);
    let most = levels.iter().flat_map(|level| level.shares).fold(0.0, f64::max).max(1e-9);
    let digits = levels.iter().flat_map(|level| level.counts).map(|n| count(n).len()).max().unwrap_or(1).max(5);
    let label = levels.iter().map(|level| width(&level.label)).max().unwrap_or(5).clamp(5, 20);
    let filled = |share: f64, cells: usize| solid(share / most, cells);
    let number = |level: &Level, side: usize| {
        let percent = format!("{:.1} %", level.shares[side] * 100.0);
        format!("{} {}", fit_right(&count(level.counts[side]), digits), fit_right(&percent, 7))
    };
    let change = |level: &Level| {
        let points = (level.shares[1] - level.shares[0]) * 100.0;
        let text = if points.abs() < 0.05 { "0.0".to_owned() } else { format!("{points:+.1}") };
        Span::styled(fit_right(&text, 7), if level.loud { theme.bold() } else { theme.plain() })
    };
    let mut lines = Vec::new();
    if wide >= BESIDE {
        // Space, label, two sides of bar, count and share, and the change.
        let cells = wide.saturating_sub(1 + label + 2 + 2 * (1 + digits + 1 + 7) + 3 + 2 + 7 + 1) / 2;
        let side = cells + 1 + digits + 1 + 7;
        lines.push(Line::styled(
            format!(" {}  {}   {}   change", " ".repeat(label), fit("reference", side), fit("current", side)),
            theme.dim(),
        ));
        for level in &levels {
            lines.push(Line::from(vec![
                Span::raw(format!(" {}  ", fit(&level.label, label))),
                Span::styled(filled(level.shares[0], cells), theme.dim()),
                Span::raw(format!(" {}   ", number(level, 0))),
                Span::raw(filled(level.shares[1], cells)),
                Span::raw(format!(" {}  ", number(level, 1))),
                change(level),
            ]));
            if !level.meaning.is_empty() {
                lines.push(Line::styled(format!(" {}  {}", " ".repeat(label), level.meaning), theme.dim()));
            }
        }
        return lines;
    }
    // One below the other.
    let cells = wide.saturating_sub(3 + 9 + 1 + 1 + digits + 1 + 7 + 1);
    for level in &levels {
        let head = format!(" {}  {}", fit(&level.label, label), level.meaning);
        let cut = wide.saturating_sub(8);
        lines.push(Line::from(vec![Span::raw(fit(&head, cut)), change(level)]));
        for (side, name, style) in [(0, "reference", theme.dim()), (1, "current", theme.plain())] {
            lines.push(Line::from(vec![
                Span::styled(format!("   {name:<9} "), theme.dim()),
                Span::styled(filled(level.shares[side], cells), style),
                Span::raw(format!(" {}", number(level, side))),
            ]));
        }
    }
    lines
}

/// Every measure that there is.
fn measures(found: &ColumnDrift) -> Vec<(&'static str, String)> {
    let name = effect_name(found);
    let test = match (found.test, found.statistic) {
        (Test::ChiSquare, Some(statistic)) => format!("chi-square {statistic:.1}"),
        (Test::ChiSquare, None) => "chi-square".to_owned(),
        (Test::KolmogorovSmirnov, Some(statistic)) => format!("Kolmogorov-Smirnov {}", score(statistic)),
        (Test::KolmogorovSmirnov, None) => "Kolmogorov-Smirnov".to_owned(),
    };
    let gap = |value: Option<f64>| value.filter(|_| found.missing.reference + found.missing.current > 0);
    let all = [
        ("test", Some(test)),
        ("p", found.p_value.map(p_value)),
        ("exact p", found.p_exact.map(p_value)),
        ("p adj", found.p_adjusted.map(p_value)),
        ("JS", found.js.map(score)),
        ("W", found.wasserstein.map(|w| format!("{} sd", score(w)))),
        ("PSI", found.psi.map(score)),
        ("drifted", Some(format!("from {name} {} on", score(found.limit)))),
        ("detectable", found.detectable.map(|d| format!("from {name} {} on", score(d)))),
        ("missing", gap(found.missing.js).map(|js| format!("JS {}", score(js)))),
        ("missing", gap(found.missing.p_adjusted).map(|p| format!("p adj {}", p_value(p)))),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Names and values, as many in a line as there is room for.
fn pairs(app: &App, pairs: &[(&'static str, String)], wide: usize) -> Vec<Line<'static>> {
    let across = (wide / 36).clamp(1, 3);
    let cells = wide / across;
    let rows = pairs.len().div_ceil(across);
    (0..rows)
        .map(|row| {
            let mut spans = Vec::new();
            // Read downwards.
            for (name, value) in pairs.iter().skip(row).step_by(rows) {
                spans.push(Span::styled(format!(" {name:<11}"), app.theme.dim()));
                spans.push(Span::raw(fit(value, cells.saturating_sub(12))));
            }
            Line::from(spans)
        })
        .collect()
}

/// How well the champion tells the rows apart, then and now.
fn champion(app: &App, model: &ModelDrift, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let right =
        format!("{} run {}, threshold {}", model.family.code(), short_id(&model.run), threshold(model.threshold));
    let mut lines = vec![
        rule_line(wide, "champion", &right, false, theme),
        Line::from(vec![
            Span::styled(format!(" {:<11}{:<20}", "", "at training"), theme.dim()),
            Span::styled(if model.now.is_some() { "now" } else { "" }, theme.dim()),
        ]),
    ];
    let mut line = |name: &str, value: fn(&Scores) -> String| {
        lines.push(Line::from(vec![
            Span::styled(format!(" {name:<11}"), theme.dim()),
            Span::raw(format!("{:<20}", value(&model.at_training))),
            Span::raw(model.now.as_ref().map(value).unwrap_or_default()),
        ]));
    };
    line("F1", |scores| estimate(&scores.f1));
    line("recall", |scores| estimate(&scores.recall));
    line("precision", |scores| estimate(&scores.precision));
    line("vectors", |scores| count(scores.vectors));
    lines.push(Line::styled(format!(" {}", fares(model)), if model.worse { theme.bad() } else { theme.plain() }));
    if model.trained_on > 0 {
        let text = format!("{} rows are left out: it was trained on their vectors", count(model.trained_on));
        let room = wide.saturating_sub(2).max(10);
        lines.extend(wrap(&text, room).into_iter().map(|part| Line::styled(format!(" {part}"), theme.dim())));
    }
    lines
}
