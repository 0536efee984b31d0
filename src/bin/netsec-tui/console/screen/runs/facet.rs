//! What is known of one model of a report, a pane for each question: which errors, can its probabilities be believed,
//! what another threshold would give, which features it leans on.

use super::report::shows_all;
use super::threshold;
use crate::console::app::App;
use crate::console::clean::clean_short;
use crate::console::format::{count, plural, score, share, signed};
use crate::console::screen::train::live::params;
use crate::console::widget::chart::Chart;
use crate::console::widget::{below, fit, fit_right, put, rule, split_left, split_top};
use netsec::calibrate::Method;
use netsec::metrics::{CurvePoint, Wish, threshold_for};
use netsec::pipeline::{ModelReport, Report};
use netsec::predict::Chosen;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Facet {
    #[default]
    Errors,
    Probabilities,
    Curve,
    Importance,
}

impl Facet {
    const ALL: [Facet; 4] = [Facet::Errors, Facet::Probabilities, Facet::Curve, Facet::Importance];

    pub fn name(self) -> &'static str {
        match self {
            Facet::Errors => "errors",
            Facet::Probabilities => "probabilities",
            Facet::Curve => "precision-recall",
            Facet::Importance => "importance",
        }
    }

    /// Those that the report has numbers for: an older one has fewer.
    pub fn of(model: &ModelReport) -> Vec<Facet> {
        let has = |facet: &Facet| match facet {
            Facet::Errors => true,
            Facet::Probabilities => !model.test.reliability.is_empty(),
            Facet::Curve => !model.curve.is_empty(),
            Facet::Importance => !model.importance.is_empty(),
        };
        Facet::ALL.into_iter().filter(has).collect()
    }

    /// This one where the report has it, else the errors.
    pub fn shown(self, model: &ModelReport) -> Facet {
        if Facet::of(model).contains(&self) { self } else { Facet::Errors }
    }

    /// The one after it.
    pub fn next(self, model: &ModelReport) -> Facet {
        let all = Facet::of(model);
        let at = all.iter().position(|f| *f == self).map_or(0, |at| at + 1);
        all[at % all.len()]
    }

    /// Rows that it would like to have in a place of this width, its rule among them.
    pub fn rows(self, model: &ModelReport, wide: u16) -> u16 {
        match self {
            Facet::Errors => 4 + u16::from(!fits(&facts(model), &self.title(model), wide)),
            Facet::Probabilities => 2 + model.test.reliability.len() as u16,
            Facet::Curve | Facet::Importance => 12,
        }
    }

    fn title(self, model: &ModelReport) -> String {
        format!("{}: {}", model.family.name().replace('_', " "), self.name())
    }

    /// Draws it, and above its content the line about the model's threshold, if there is one.
    pub fn draw(self, sight: &Sight<'_>, line: Option<&Line<'_>>, buffer: &mut Buffer, area: Rect) {
        let model = sight.model;
        let right = match self {
            Facet::Errors => facts(model),
            Facet::Probabilities => calibrated(model),
            Facet::Curve => model.test.pr_auc.map_or_else(String::new, |v| format!("hold-out, PR AUC {}", score(v))),
            Facet::Importance => "hold-out F1 lost when shuffled".to_owned(),
        };
        // Beside the others, one of them names the model.
        let title = match self {
            _ if shows_all(sight.app) && self != Facet::Errors => self.name().to_owned(),
            _ => self.title(model),
        };
        // Without room in the rule, the errors have it in a row of its own.
        let body = rule(
            buffer,
            area,
            &title,
            if fits(&right, &title, area.width) { &right } else { "" },
            false,
            &sight.app.theme,
        );
        let body = match line {
            Some(line) => {
                put(buffer, body, 0, line);
                below(body, 1)
            }
            None => body,
        };
        match self {
            Facet::Errors => {
                errors(sight, buffer, body);
                if !fits(&right, &title, area.width) {
                    put(buffer, body, 3, &Line::styled(format!(" {right}"), sight.app.theme.dim()));
                }
            }
            Facet::Probabilities => probabilities(sight, buffer, body),
            Facet::Curve => curve(sight, buffer, body),
            Facet::Importance => importance(sight, buffer, body),
        }
    }
}

/// What is looked at.
pub struct Sight<'a> {
    pub app: &'a App,
    pub report: &'a Report,
    pub model: &'a ModelReport,
    /// The model's present threshold, once it is read.
    pub chosen: Option<&'a Chosen>,
}

/// Whether a rule of this width has room for a text at its right.
fn fits(right: &str, title: &str, wide: u16) -> bool {
    right.chars().count() + title.chars().count() + 11 <= usize::from(wide)
}

/// The parameters, and the rows that the model keeps.
fn facts(model: &ModelReport) -> String {
    let kept = model.kept.map(|[kept, of]| format!("keeps {} of {}", count(kept), plural(of, "row")));
    [Some(params(&model.params)).filter(|p| !p.is_empty()), kept].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How far probabilities are off, and how they were made.
fn calibrated(model: &ModelReport) -> String {
    let method = match model.calibration {
        Some(Method::Platt) => "Platt calibration",
        Some(Method::Isotonic) => "isotonic calibration",
        None => "not calibrated",
    };
    format!("ECE {} · {method}", score(model.test.ece))
}

/// The confusion matrix, with words for the classes.
fn errors(sight: &Sight<'_>, buffer: &mut Buffer, area: Rect) {
    let (theme, report) = (&sight.app.theme, sight.report);
    let (positive, negative) = (clean_short(&report.positive, 14), clean_short(&report.negative, 14));
    let c = &sight.model.test.confusion;
    let at = threshold::counted_at(sight.model, sight.chosen).unwrap_or_default();
    let header = format!(" {at:<17}{:>17}{:>19}", format!("called {positive}"), format!("called {negative}"));
    put(buffer, area, 0, &Line::styled(header, theme.dim()));
    for (row, name, right, wrong, swap, words) in [
        (1, &positive, c.true_positive, c.false_negative, false, "missed"),
        (2, &negative, c.true_negative, c.false_positive, true, "false alarms"),
    ] {
        let all = right + wrong;
        let part = if all == 0 { 0.0 } else { wrong as f64 / all as f64 };
        let cells = if swap { [wrong, right] } else { [right, wrong] };
        let styles = if swap { [theme.warn(), theme.good()] } else { [theme.good(), theme.warn()] };
        let line = Line::from(vec![
            Span::styled(format!(" {:<17}", format!("{name} rows")), theme.dim()),
            Span::styled(fit_right(&count(cells[0]), 17), styles[0]),
            Span::styled(fit_right(&count(cells[1]), 19), styles[1]),
            Span::styled(format!("  {} {words}", fit_right(&share(part), 6)), theme.plain()),
        ]);
        put(buffer, area, row, &line);
    }
}

/// Of the rows with such a probability, how many were what it said. The lowest first.
fn probabilities(sight: &Sight<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = &sight.app.theme;
    let wide = usize::from(area.width.saturating_sub(50)).min(30);
    let legend = if wide >= 18 { "■ came true  │ said" } else { "" };
    let header = format!(" {:<12}{:>9}{:>7}{:>11}{:>7}  {legend}", "probability", "rows", "said", "came true", "off");
    put(buffer, area, 0, &Line::styled(header, theme.dim()));
    for (row, bin) in sight.model.test.reliability.iter().enumerate() {
        let place = |share: f64| (share.clamp(0.0, 1.0) * wide.saturating_sub(1) as f64).round() as usize;
        let (said, filled) = (place(bin.mean_probability), (bin.positive_share * wide as f64).round() as usize);
        let bar: String = (0..wide)
            .map(|cell| match cell {
                c if c == said => '│',
                c if c < filled => '■',
                _ => '·',
            })
            .collect();
        let line = Line::from(vec![
            Span::raw(format!(" {:<12}", format!("{} to {}", tenth(bin.low), tenth(bin.high)))),
            Span::styled(fit_right(&count(bin.rows), 9), theme.dim()),
            Span::raw(fit_right(&score(bin.mean_probability), 7)),
            Span::styled(fit_right(&score(bin.positive_share), 11), theme.bold()),
            Span::raw(fit_right(&signed(bin.positive_share - bin.mean_probability), 7)),
            Span::raw("  "),
            Span::styled(bar, theme.family(sight.model.family)),
        ]);
        put(buffer, area, row as u16 + 1, &line);
    }
}

/// The end of a bin: `.3`, `1`.
pub fn tenth(value: f64) -> String {
    let text = format!("{:.2}", value);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.strip_prefix("0.") {
        Some(rest) => format!(".{rest}"),
        None => text.to_owned(),
    }
}

/// Cells for the numbers beside the curve.
const NUMBERS: u16 = 33;

/// Precision against recall on the hold-out, with the present threshold.
fn curve(sight: &Sight<'_>, buffer: &mut Buffer, area: Rect) {
    let (app, model) = (sight.app, sight.model);
    let at = sight.chosen.map_or(model.test.threshold, |c| c.threshold);
    let here = model.curve.iter().take_while(|p| p.threshold >= at).last();
    let (place, numbers) = if area.width >= 2 * NUMBERS {
        split_left(buffer, area, area.width - NUMBERS - 1, &app.theme)
    } else {
        let rows = (LEVELS.len() + 2) as u16;
        if area.height >= rows + 8 { split_top(area, area.height - rows) } else { (area, below(area, area.height)) }
    };
    let line: Vec<(f64, f64)> = model.curve.iter().map(|p| (p.recall, p.precision)).collect();
    // The few rows of the highest scores make the first points jump: they do not stretch the axis.
    let settled = line.iter().filter(|p| p.0 >= 0.1 || line.len() < 10).map(|p| p.1);
    Chart {
        line: &line,
        dots: &[],
        faint: &[],
        mark: here.map(|p| (p.recall, p.precision)),
        x: (0.0, 1.0),
        // Tenths: the axis is the same for models that are alike.
        y: Some((settled.fold(0.9, |low: f64, v| low.min((v * 10.0).floor() / 10.0)), 1.0)),
        label: tenth,
        unit: "recall",
        style: app.theme.family(model.family),
    }
    .draw(buffer, place, &app.theme);
    draw_levels(sight, here, buffer, numbers);
}

/// Recalls whose price is told.
const LEVELS: [f64; 5] = [0.8, 0.9, 0.95, 0.98, 0.99];

/// What each recall costs in precision, and what the present threshold gives.
fn draw_levels(sight: &Sight<'_>, here: Option<&CurvePoint>, buffer: &mut Buffer, area: Rect) {
    let theme = &sight.app.theme;
    let header = format!("   {:>6}{:>11}{:>11}", "recall", "precision", "threshold");
    put(buffer, area, 0, &Line::styled(header, theme.dim()));
    let level = |level: &f64| threshold_for(&sight.model.curve, Wish::Recall(*level));
    // The present one is not told twice.
    let others = LEVELS.iter().filter_map(level).filter(|p| here.is_none_or(|here| here.recall != p.recall));
    let mut points: Vec<(CurvePoint, bool)> = others.map(|p| (p, false)).collect();
    points.extend(here.map(|p| {
        let threshold = sight.chosen.map_or(sight.model.test.threshold, |c| c.threshold);
        (CurvePoint { threshold, ..*p }, true)
    }));
    points.sort_by(|a, b| a.0.recall.total_cmp(&b.0.recall));
    for (row, (point, is_here)) in points.into_iter().enumerate() {
        let style = if is_here { theme.bold() } else { theme.plain() };
        let line = Line::from(vec![
            Span::styled(if is_here { " ● " } else { "   " }, theme.bold()),
            Span::styled(fit_right(&score(point.recall), 6), style),
            Span::styled(fit_right(&score(point.precision), 11), style),
            Span::styled(fit_right(&score(point.threshold), 11), style),
        ]);
        put(buffer, area, row as u16 + 1, &line);
    }
}

/// What is lost without a feature, the most important first, and how much more of the splits' gain is its.
fn importance(sight: &Sight<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = &sight.app.theme;
    let all = &sight.model.importance;
    let has_gain = all.iter().any(|i| i.gain.is_some());
    let gain = if has_gain { 9 } else { 0 };
    let name = (usize::from(area.width) / 3).clamp(12, 28);
    let wide = usize::from(area.width).saturating_sub(name + gain + 17).min(40);
    let header =
        format!(" {:<name$}{:>12}  {:<wide$}{:>gain$}", "feature", "F1 lost", "", if has_gain { "gain" } else { "" });
    put(buffer, area, 0, &Line::styled(header, theme.dim()));
    let most = all.first().map_or(0.0, |i| i.mean).max(1e-9);
    let room = usize::from(area.height).saturating_sub(1);
    // The last row says what did not fit.
    let shown = if all.len() > room { room.saturating_sub(1) } else { all.len() };
    for (row, feature) in all.iter().take(shown).enumerate() {
        let filled = (feature.mean / most * wide as f64).round().clamp(0.0, wide as f64) as usize;
        let line = Line::from(vec![
            Span::raw(format!(" {}", fit(&clean_short(&feature.feature, 60), name))),
            Span::raw(format!("{:>6} ±{:<4}  ", score(feature.mean), score(feature.sd))),
            Span::styled(fit(&"■".repeat(filled), wide), theme.family(sight.model.family)),
            Span::styled(fit_right(&feature.gain.map_or_else(String::new, share), gain), theme.dim()),
        ]);
        put(buffer, area, row as u16 + 1, &line);
    }
    if let Some(next) = all.get(shown).filter(|_| shown < all.len()) {
        let text = format!(" {} more, {} or less each", all.len() - shown, score(next.mean));
        put(buffer, area, shown as u16 + 1, &Line::styled(text, theme.dim()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_bins_are_short() {
        assert_eq!([0.0, 0.1, 0.25, 1.0].map(tenth), ["0", ".1", ".25", "1"]);
    }
}
