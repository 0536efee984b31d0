//! The models' curves over each other, and what they are at the cursor.

use super::Compare;
use super::legend::{letter, style, tag};
use crate::console::app::App;
use crate::console::format::{count, score, short_id};
use crate::console::screen::runs::facet::tenth;
use crate::console::widget::chart::overlay::{Overlay, Series, between};
use crate::console::widget::chart::{bounds, histogram, whole};
use crate::console::widget::{below, fit, fit_right, put, split_left, split_top, width};
use netsec::compare::{Curves, Profile, Search, Several};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Curve {
    #[default]
    Roc,
    PrecisionRecall,
    Calibration,
    Scores,
    Trials,
}

impl Curve {
    const ALL: [Curve; 5] = [Curve::Roc, Curve::PrecisionRecall, Curve::Calibration, Curve::Scores, Curve::Trials];

    fn name(self) -> &'static str {
        match self {
            Curve::Roc => "ROC",
            Curve::PrecisionRecall => "precision-recall",
            Curve::Calibration => "calibration",
            Curve::Scores => "scores",
            Curve::Trials => "F1 by trial",
        }
    }

    /// The one so many after it.
    pub fn step(self, by: isize) -> Self {
        let n = Curve::ALL.len() as isize;
        let at = Curve::ALL.iter().position(|c| *c == self).unwrap_or(0) as isize;
        Curve::ALL[((at + by).rem_euclid(n)) as usize]
    }

    /// Whether good models differ in one corner of it only.
    pub fn has_corner(self) -> bool {
        matches!(self, Curve::Roc | Curve::PrecisionRecall)
    }

    /// What its axes count: x, y.
    fn units(self) -> [&'static str; 2] {
        match self {
            Curve::Roc => ["false alarms", "recall"],
            Curve::PrecisionRecall => ["recall", "precision"],
            Curve::Calibration => ["said", "came true"],
            Curve::Scores => ["score", "rows"],
            Curve::Trials => ["trials", "best F1"],
        }
    }

    /// The points of a model's curve.
    fn points(self, model: &Profile) -> Vec<(f64, f64)> {
        let Some(curves) = &model.curves else { return Vec::new() };
        match self {
            Curve::Roc => curves.roc.iter().map(|p| (p.false_positive_rate, p.true_positive_rate)).collect(),
            Curve::PrecisionRecall => curves.precision_recall.iter().map(|p| (p.recall, p.precision)).collect(),
            Curve::Calibration => {
                model.test.reliability.iter().map(|b| (b.mean_probability, b.positive_share)).collect()
            }
            Curve::Scores => Vec::new(),
            Curve::Trials => best_so_far(model, curves),
        }
    }
}

/// The search that a model comes from.
fn search<'a>(model: &Profile, curves: &'a Curves) -> Option<&'a Search> {
    curves.searches.iter().find(|s| s.family == model.family)
}

/// The best score up to each trial that was scored on all folds, by its number from 1.
fn best_so_far(model: &Profile, curves: &Curves) -> Vec<(f64, f64)> {
    let Some(search) = search(model, curves) else { return Vec::new() };
    let folds = search.trials.iter().map(|t| t.folds).max().unwrap_or(0);
    let mut best = f64::NEG_INFINITY;
    let whole = search.trials.iter().filter(|t| t.folds == folds);
    whole
        .map(|t| {
            best = best.max(t.f1);
            (f64::from(t.trial) + 1.0, best)
        })
        .collect()
}

/// The ends of both axes: those of shares stay as they are, so that curves can be held against each other.
fn axes(curve: Curve, near: bool, series: &[Series]) -> [(f64, f64); 2] {
    let all = || series.iter().flat_map(|s| s.points.iter());
    match curve {
        Curve::Roc if near => [(0.0, 0.2), (0.8, 1.0)],
        Curve::PrecisionRecall if near => [(0.8, 1.0), (0.8, 1.0)],
        Curve::PrecisionRecall => {
            // The few rows of the highest scores make the first points jump: they do not stretch the axis.
            let settled = all().filter(|p| p.0 >= 0.1).map(|p| p.1);
            [(0.0, 1.0), (settled.fold(0.9, |low: f64, v| low.min((v * 10.0).floor() / 10.0)), 1.0)]
        }
        Curve::Trials => {
            let last = all().fold(2.0, |last: f64, p| last.max(p.0));
            [(1.0, last), bounds(all().map(|p| p.1)).unwrap_or((0.0, 1.0))]
        }
        _ => [(0.0, 1.0), (0.0, 1.0)],
    }
}

/// Cells of the numbers beside the curves.
const NUMBERS: u16 = 34;

pub fn draw(app: &App, compare: &Compare, all: &Several, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    put(buffer, area, 0, &kinds(app, compare));
    let body = below(area, 1);
    if compare.curve == Curve::Scores {
        return draw_scores(app, compare, all, buffer, body);
    }
    let curve = compare.curve;
    let series: Vec<Series> = all
        .models
        .iter()
        .enumerate()
        .map(|(nth, model)| Series { points: curve.points(model), style: style(app, nth), letter: letter(nth) })
        .collect();
    if series.iter().all(|s| s.points.is_empty()) {
        let why = match curve {
            Curve::Trials => " no trial was scored on all folds",
            _ => " these vectors have rows of one label only, or there are none: there is no curve",
        };
        return put(buffer, body, 0, &Line::styled(why, theme.dim()));
    }
    let rows = all.models.len() as u16 + 2;
    let (chart, numbers) = if body.width >= 2 * NUMBERS {
        split_left(buffer, body, body.width - NUMBERS - 1, theme)
    } else {
        split_top(body, body.height.saturating_sub(rows))
    };
    let [x, y] = axes(curve, compare.near, &series);
    let at = place(x, compare.at);
    let label = if curve == Curve::Trials { whole } else { tenth };
    let [unit, _] = curve.units();
    let diagonal = matches!(curve, Curve::Roc | Curve::Calibration);
    Overlay { series: &series, x, y, label, unit, at: Some(at), diagonal }.draw(buffer, chart, theme);
    draw_numbers(app, compare, all, &series, at, buffer, numbers);
}

/// Where the cursor is on an axis; between trials there is nothing.
fn place((from, to): (f64, f64), at: usize) -> f64 {
    let place = from + (to - from) * at as f64 / 100.0;
    if to > 1.5 { place.round() } else { place }
}

/// The names of the curves; the one that is drawn is marked.
fn kinds(app: &App, compare: &Compare) -> Line<'static> {
    let theme = &app.theme;
    let mut spans = vec![Span::raw(" ")];
    for curve in Curve::ALL {
        let here = curve == compare.curve;
        let text = format!("{}{}  ", if here { "▸" } else { "" }, curve.name());
        spans.push(Span::styled(text, if here { theme.bold() } else { theme.dim() }));
    }
    spans.push(Span::styled("↑↓", theme.key()));
    spans.push(Span::styled(" reads off", theme.dim()));
    Line::from(spans)
}

/// What each curve is at the cursor.
fn draw_numbers(
    app: &App,
    compare: &Compare,
    all: &Several,
    series: &[Series],
    at: f64,
    buffer: &mut Buffer,
    area: Rect,
) {
    let theme = &app.theme;
    let curve = compare.curve;
    let [x, y] = curve.units();
    let at_text = if curve == Curve::Trials { format!("trial {at}") } else { format!("{x} {}", score(at)) };
    let last = match curve {
        Curve::Roc | Curve::PrecisionRecall => "from",
        Curve::Calibration => "rows",
        _ => "its F1",
    };
    put(buffer, area, 0, &Line::from(vec![Span::raw(" at "), Span::styled(at_text, theme.bold())]));
    let header = format!(" {}{}{}", fit("", 14), fit_right(y, 10), fit_right(last, 8));
    put(buffer, area, 1, &Line::styled(header, theme.dim()));
    for (nth, (model, own)) in all.models.iter().zip(series).enumerate() {
        let value = if curve == Curve::Trials { stepped(&own.points, at) } else { between(&own.points, at) };
        let line = Line::from(vec![
            Span::raw(" "),
            tag(app, nth),
            Span::raw(fit(&format!(" {} {}", short_id(&model.run), model.family.code()), 11)),
            Span::styled(fit_right(&value.map_or_else(|| "-".to_owned(), score), 10), theme.bold()),
            Span::styled(fit_right(&beside(curve, model, at), 8), theme.dim()),
        ]);
        put(buffer, area, nth as u16 + 2, &line);
    }
}

/// The height of a staircase: that of the last point at or before x.
fn stepped(points: &[(f64, f64)], x: f64) -> Option<f64> {
    points.iter().take_while(|p| p.0 <= x).last().map(|p| p.1)
}

/// The second number of a curve at x: the threshold there, the rows of the bin, the trial's own score.
fn beside(curve: Curve, model: &Profile, x: f64) -> String {
    let Some(curves) = &model.curves else { return String::new() };
    let text = match curve {
        Curve::Roc => curves.roc.iter().take_while(|p| p.false_positive_rate <= x).last().and_then(|p| p.threshold),
        Curve::PrecisionRecall => curves.precision_recall.iter().find(|p| p.recall >= x).map(|p| p.threshold),
        Curve::Calibration => {
            let bin = model.test.reliability.iter().find(|b| x <= b.high);
            return bin.map_or_else(|| "-".to_owned(), |b| count(b.rows));
        }
        _ => {
            let trials = search(model, curves).map_or(&[][..], |s| s.trials.as_slice());
            trials.iter().find(|t| f64::from(t.trial) + 1.0 == x).map(|t| t.f1)
        }
    };
    text.map_or_else(|| "-".to_owned(), score)
}

/// How the scores of each label are spread: a line for each model and label, every one by its own largest bin.
fn draw_scores(app: &App, compare: &Compare, all: &Several, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let labels = [&all.negative, &all.positive].map(|name| crate::console::clean::clean_short(name, 12));
    let bins = all.models.iter().filter_map(|m| m.curves.as_ref()).map(|c| c.scores.len()).max().unwrap_or(0);
    if bins == 0 {
        return put(buffer, area, 0, &Line::styled(" there are no scores", theme.dim()));
    }
    let at = (compare.at * bins / 101).min(bins - 1);
    let edge = |i: usize| tenth(i as f64 / bins as f64);
    let head = format!(" rows by score, from 0 to 1 · at {} to {}", edge(at), edge(at + 1));
    put(buffer, area, 0, &Line::styled(head, theme.dim()));
    let name = 28;
    // As many cells a bin as there is room for, so that a bin can be pointed at.
    let cells = (usize::from(area.width).saturating_sub(name + 10) / bins).clamp(1, 3);
    for (nth, model) in all.models.iter().enumerate() {
        let Some(curves) = &model.curves else { continue };
        for label in [1, 0] {
            let rows: Vec<u64> = curves.scores.iter().map(|n| n[label]).collect();
            let blocks = histogram(&rows, bins);
            let who =
                if label == 1 { format!(" {} {} ", short_id(&model.run), model.family.code()) } else { String::new() };
            let mut spans = vec![Span::raw(" "), tag(app, nth), Span::raw(fit(&who, 11))];
            spans.push(Span::styled(fit(&labels[label], name - 15), theme.verdict(label == 1)));
            for (bin, block) in blocks.chars().enumerate() {
                let text = block.to_string().repeat(cells);
                let style = if bin == at { style(app, nth).patch(theme.selected(true)) } else { style(app, nth) };
                spans.push(Span::styled(text, style));
            }
            let number = rows.get(at).copied().unwrap_or(0);
            spans.push(Span::raw(fit_right(&count(number), 8)));
            put(buffer, area, (nth * 2 + 2 - label) as u16, &Line::from(spans));
        }
    }
    let mark = format!("{}▲", " ".repeat(name - 1 + 1 + at * cells + cells / 2));
    let row = all.models.len() as u16 * 2 + 1;
    if width(&mark) < usize::from(area.width) {
        put(buffer, area, row, &Line::styled(mark, theme.accent()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_go_round() {
        assert_eq!(Curve::Roc.step(-1), Curve::Trials);
        assert_eq!(Curve::ALL.iter().fold(Curve::Roc, |curve, _| curve.step(1)), Curve::Roc);
    }

    #[test]
    fn the_cursor_stands_on_trials_but_anywhere_on_shares() {
        assert_eq!(place((0.0, 1.0), 37), 0.37);
        assert_eq!(place((1.0, 4.0), 50), 3.0);
        assert_eq!(stepped(&[(1.0, 0.8), (3.0, 0.9)], 2.0), Some(0.8));
        assert_eq!(stepped(&[(2.0, 0.8)], 1.0), None);
    }
}
