//! What the gate says of a challenger: the outcome, the differences with their bounds, the checks.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, signed};
use crate::console::widget::{fit, fit_right, width, wrap};
use netsec::promote::{Bounded, Gate, Outcome};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The glyph of an outcome; its word begins the sentence.
pub fn glyph(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::First | Outcome::Better => "✓",
        Outcome::NotDistinguishable => "=",
        Outcome::Worse | Outcome::Unfit => "✗",
        Outcome::TooLittleData => "?",
    }
}

pub fn style(app: &App, outcome: Outcome) -> Style {
    match outcome {
        Outcome::First | Outcome::Better => app.theme.good(),
        Outcome::NotDistinguishable => app.theme.bold(),
        Outcome::Worse | Outcome::Unfit => app.theme.bad(),
        Outcome::TooLittleData => app.theme.warn(),
    }
}

/// The ends of the axis that differences are drawn on: in steps, so that it rarely moves.
fn reach(all: &[&Bounded]) -> f64 {
    let most = all.iter().flat_map(|b| [b.value, b.lower, b.upper]).filter(|v| v.is_finite()).map(f64::abs);
    let most = most.fold(0.0, f64::max);
    [0.02, 0.05, 0.1, 0.2, 0.5].into_iter().find(|step| *step >= most).unwrap_or(1.0)
}

/// A difference between its bounds in one row, with a mark where nothing differs: `  ├──●─┤ │     `.
fn bar(difference: &Bounded, wide: usize, reach: f64) -> String {
    let last = wide.saturating_sub(1) as f64;
    let place = |v: f64| (((v / reach + 1.0) / 2.0).clamp(0.0, 1.0) * last).round() as usize;
    let (zero, at) = (place(0.0), place(difference.value));
    let (from, to) = (place(difference.lower), place(difference.upper));
    let cell = |cell: usize| match cell {
        c if c == at => '●',
        c if c == zero && (from..=to).contains(&c) => '┼',
        c if c == zero => '│',
        c if c == from => '├',
        c if c == to => '┤',
        c if (from..to).contains(&c) => '─',
        _ => ' ',
    };
    (0..wide).map(cell).collect()
}

/// The outcome, the sentence and the differences, in lines of so many cells.
pub fn brief(app: &App, gate: &Gate, wide: usize) -> Vec<Line<'static>> {
    let style = style(app, gate.outcome).patch(app.theme.bold());
    let parts = wrap(&clean(&gate.sentence), wide.saturating_sub(4).max(10)).into_iter().enumerate();
    // The sentence begins with the outcome's word.
    let line = |(i, part): (usize, String)| match part.split_once(':') {
        Some((word, rest)) if i == 0 => Line::from(vec![
            Span::styled(format!(" {} {word}:", glyph(gate.outcome)), style),
            Span::raw(rest.to_owned()),
        ]),
        _ if i == 0 => Line::styled(format!(" {} {part}", glyph(gate.outcome)), style),
        _ => Line::raw(format!("   {part}")),
    };
    let mut lines: Vec<Line<'static>> = parts.map(line).collect();
    let differences = [("recall", &gate.recall), ("F1", &gate.f1)];
    let known: Vec<&Bounded> = differences.iter().filter_map(|(_, found)| found.as_ref()).collect();
    let reach = reach(&known);
    for (name, found) in differences {
        let Some(found) = found else { continue };
        lines.push(difference(app, name, found, wide, reach));
    }
    lines
}

/// The same with what it was measured on, and the checks.
pub fn lines(app: &App, gate: &Gate, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let room = wide.saturating_sub(3).max(10);
    let mut lines = brief(app, gate, wide);
    // Where there is too little data the sentence says it.
    if gate.left_out > 0 && gate.outcome != Outcome::TooLittleData {
        let told =
            format!("{} left out, which one of the two may have been trained on", plural(gate.left_out, "vector"));
        lines.extend(wrap(&told, room).into_iter().map(|part| Line::styled(format!("   {part}"), theme.dim())));
    }
    let names = gate.checks.iter().map(|check| width(&clean(&check.name))).max().unwrap_or(0).min(16);
    for check in &gate.checks {
        let (glyph, style) = if check.passed { ("✓", theme.good()) } else { ("✗", theme.bad()) };
        let detail = clean(&check.detail);
        for (i, part) in wrap(&detail, room.saturating_sub(names + 2).max(10)).into_iter().enumerate() {
            let (glyph, name) = if i == 0 { (glyph, clean(&check.name)) } else { (" ", String::new()) };
            lines.push(Line::from(vec![
                Span::styled(format!(" {glyph} "), style),
                Span::styled(fit(&name, names), if check.passed { theme.plain() } else { style }),
                Span::styled(format!("  {part}"), if check.passed { theme.dim() } else { theme.plain() }),
            ]));
        }
    }
    lines
}

/// A difference: value, bounds, bar, and the word for what they say.
fn difference(app: &App, name: &str, found: &Bounded, wide: usize, reach: f64) -> Line<'static> {
    let theme = &app.theme;
    let (word, style) = match found {
        found if found.upper < 0.0 => ("lower", theme.bad()),
        found if found.lower > 0.0 => ("higher", theme.good()),
        _ => ("= cannot be told", theme.dim()),
    };
    let bounds = format!("({} to {})", signed(found.lower), signed(found.upper));
    let mut spans = vec![
        Span::styled(format!("   {}", fit(name, 6)), theme.dim()),
        Span::styled(format!(" {} ", fit_right(&signed(found.value), 6)), style.patch(theme.bold())),
        Span::raw(fit(&bounds, 17)),
    ];
    let room = wide.saturating_sub(34 + width(word) + 3);
    if room >= 9 {
        let room = room.min(33);
        // An odd number has a middle.
        spans.push(Span::styled(format!("{}  ", bar(found, room - (1 - room % 2), reach)), style));
    }
    spans.push(Span::styled(word, style));
    Line::from(spans)
}

/// As text, to be copied.
pub fn text(gate: &Gate) -> String {
    let mut all = vec![gate.sentence.clone()];
    for (name, found) in [("recall", &gate.recall), ("F1", &gate.f1)] {
        if let Some(found) = found {
            all.push(format!("{name} {} ({} to {})", signed(found.value), signed(found.lower), signed(found.upper)));
        }
    }
    let passed = |passed: bool| if passed { "passed" } else { "failed" };
    all.extend(gate.checks.iter().map(|check| format!("{} {}: {}", check.name, passed(check.passed), check.detail)));
    all.iter().filter(|line| !line.is_empty()).map(|line| clean(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(value: f64, lower: f64, upper: f64) -> Bounded {
        Bounded { value, lower, upper, p_worse: 0.5, p_better: 0.5 }
    }

    #[test]
    fn a_bar_shows_where_nothing_differs() {
        assert_eq!(bar(&bounded(-0.03, -0.045, -0.015), 21, 0.05), " ├──●──┤  │          ");
        assert_eq!(bar(&bounded(0.01, -0.02, 0.04), 21, 0.05), "      ├───┼─●─────┤  ");
        assert_eq!(bar(&bounded(f64::NAN, f64::NEG_INFINITY, f64::INFINITY), 5, 0.05).chars().count(), 5);
        assert_eq!(bar(&bounded(0.0, 0.0, 0.0), 0, 0.05), "");
        assert_eq!(bar(&bounded(0.0, 0.0, 0.0), 1, 0.05), "●");
    }

    #[test]
    fn the_axis_goes_in_steps() {
        assert_eq!(reach(&[&bounded(0.001, -0.01, 0.012)]), 0.02);
        assert_eq!(reach(&[&bounded(0.001, -0.01, 0.012), &bounded(-0.2, -0.3, -0.1)]), 0.5);
        assert_eq!(reach(&[]), 0.02);
        assert_eq!(reach(&[&bounded(f64::NAN, f64::NEG_INFINITY, 0.3)]), 0.5);
    }
}
