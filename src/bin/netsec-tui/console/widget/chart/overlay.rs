//! Several curves over each other. Each has a colour and a letter that stands on it: colour alone tells nothing apart.

use super::{LABEL, level, upright};
use crate::console::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line as Stroke, Points};

/// A curve.
pub struct Series {
    /// By rising x; a staircase has several points at one.
    pub points: Vec<(f64, f64)>,
    pub style: Style,
    pub letter: char,
}

/// The chart.
pub struct Overlay<'a> {
    pub series: &'a [Series],
    pub x: (f64, f64),
    pub y: (f64, f64),
    /// How the ends of the horizontal axis are written.
    pub label: fn(f64) -> String,
    /// What the horizontal axis counts.
    pub unit: &'a str,
    /// Where the curves are read off.
    pub at: Option<f64>,
    /// Whether a faint line goes from corner to corner.
    pub diagonal: bool,
}

/// Times that a letter stands on its curve, at most.
const LETTERS: usize = 3;

impl Overlay<'_> {
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        if area.width < LABEL + 4 || area.height < 3 {
            return;
        }
        let plot = upright(buffer, area, self.y, theme);
        let air = (self.y.1 - self.y.0) / 100.0;
        let faint = theme.dim().fg.unwrap_or(Color::Reset);
        Canvas::default()
            .marker(theme.chart_marker())
            .x_bounds([self.x.0, self.x.1.max(self.x.0 + 1e-9)])
            .y_bounds([self.y.0 - air, self.y.1 + air])
            .paint(|context| {
                if self.diagonal {
                    let dots: Vec<(f64, f64)> =
                        (0..=40).map(|i| f64::from(i) / 40.0).map(|v| (v, v)).filter(|p| self.holds(*p)).collect();
                    context.draw(&Points { coords: &dots, color: faint });
                    context.layer();
                }
                for series in self.series {
                    let color = series.style.fg.unwrap_or(Color::Reset);
                    for pair in series.points.windows(2) {
                        let Some([a, b]) = self.clip(pair[0], pair[1]) else { continue };
                        context.draw(&Stroke { x1: a.0, y1: a.1, x2: b.0, y2: b.1, color });
                    }
                    if let [point] = series.points.as_slice() {
                        context.draw(&Points { coords: std::slice::from_ref(point), color });
                    }
                    context.layer();
                }
            })
            .render(plot, buffer);
        self.draw_letters(buffer, plot);
        self.draw_cursor(buffer, plot, theme);
        level(buffer, area, plot, [self.x.0, self.x.1].map(self.label), self.unit, theme);
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.x.0..=self.x.1).contains(&x) && (self.y.0..=self.y.1).contains(&y)
    }

    /// The part of a straight line that is inside the axes (Liang and Barsky 1984).
    fn clip(&self, a: (f64, f64), b: (f64, f64)) -> Option<[(f64, f64); 2]> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let (mut from, mut to) = (0.0f64, 1.0f64);
        for (p, q) in [(-dx, a.0 - self.x.0), (dx, self.x.1 - a.0), (-dy, a.1 - self.y.0), (dy, self.y.1 - a.1)] {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
        (from <= to).then(|| [from, to].map(|t| (a.0 + dx * t, a.1 + dy * t)))
    }

    /// The cell of a point.
    fn cell(&self, plot: Rect, (x, y): (f64, f64)) -> (u16, u16) {
        let share = |at: f64, (from, to): (f64, f64)| ((at - from) / (to - from).max(1e-9)).clamp(0.0, 1.0);
        let column = share(x, self.x) * f64::from(plot.width.saturating_sub(1));
        let row = (1.0 - share(y, self.y)) * f64::from(plot.height.saturating_sub(1));
        (plot.x + column.round() as u16, plot.y + row.round() as u16)
    }

    /// Each curve's letter on it, at other places than those of the others.
    fn draw_letters(&self, buffer: &mut Buffer, plot: Rect) {
        let n = self.series.len();
        for (nth, series) in self.series.iter().enumerate() {
            for time in 0..LETTERS {
                let share = (time * n + nth + 1) as f64 / (LETTERS * n + 1) as f64;
                let x = self.x.0 + (self.x.1 - self.x.0) * share;
                let Some(y) = between(&series.points, x).filter(|y| self.holds((x, *y))) else { continue };
                let (column, row) = self.cell(plot, (x, y));
                let style = series.style.add_modifier(Modifier::BOLD);
                buffer.set_string(column, row, series.letter.to_string(), style);
            }
        }
    }

    fn draw_cursor(&self, buffer: &mut Buffer, plot: Rect, theme: &Theme) {
        let Some(at) = self.at else { return };
        let (column, _) = self.cell(plot, (at, self.y.0));
        for row in plot.y..plot.bottom() {
            if let Some(cell) = buffer.cell_mut((column, row)).filter(|cell| is_empty(cell.symbol())) {
                cell.set_symbol("│").set_style(theme.accent());
            }
        }
    }
}

/// Whether nothing is seen in a cell: Braille without dots is drawn, but empty.
fn is_empty(symbol: &str) -> bool {
    matches!(symbol, " " | "\u{2800}")
}

/// The curve's height at x: on the straight line between its neighbours, the highest where it rises; none outside.
pub fn between(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let after = points.partition_point(|p| p.0 <= x);
    let before = points.get(after.checked_sub(1)?)?;
    match points.get(after) {
        Some(next) => Some(before.1 + (next.1 - before.1) * (x - before.0) / (next.0 - before.0)),
        None => (before.0 == x).then_some(before.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::theme::{Depth, Symbols};

    fn drawn(symbols: Symbols, at: Option<f64>) -> String {
        let theme = Theme { depth: Depth::Mono, light: false, contrast: false, symbols };
        let series = |letter, points: &[(f64, f64)]| Series { points: points.to_vec(), style: Style::new(), letter };
        let series = [series('A', &[(0.0, 0.0), (1.0, 1.0)]), series('B', &[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)])];
        let area = Rect::new(0, 0, 40, 12);
        let mut buffer = Buffer::empty(area);
        let label = |v: f64| format!("{v}");
        Overlay { series: &series, x: (0.0, 1.0), y: (0.0, 1.0), label, unit: "x", at, diagonal: false }.draw(
            &mut buffer,
            area,
            &theme,
        );
        theme.finish(&mut buffer);
        let rows = (0..area.height).map(|y| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>());
        rows.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_curve_has_its_letter_in_every_set_of_symbols() {
        for symbols in [Symbols::Braille, Symbols::Block, Symbols::Ascii] {
            let text = drawn(symbols, Some(0.5));
            assert_eq!(text.matches('A').count(), LETTERS, "{text}");
            assert_eq!(text.matches('B').count(), LETTERS, "{text}");
            let cursor = if symbols == Symbols::Ascii { '|' } else { '│' };
            assert!(text.matches(cursor).count() > drawn(symbols, None).matches(cursor).count() + 3, "{text}");
            assert!(symbols != Symbols::Ascii || text.is_ascii(), "{text}");
        }
    }

    #[test]
    fn curves_are_read_off_between_their_points() {
        let stairs = [(0.0, 0.0), (0.0, 0.6), (0.5, 0.8), (1.0, 1.0)];
        assert_eq!(between(&stairs, 0.0), Some(0.6));
        assert_eq!(between(&stairs, 0.25), Some(0.7));
        assert_eq!(between(&stairs, 1.0), Some(1.0));
        assert_eq!([between(&stairs, 1.1), between(&stairs, -0.1), between(&[], 0.0)], [None; 3]);
    }

    #[test]
    fn lines_end_at_the_axes() {
        let label = |v: f64| format!("{v}");
        let chart = Overlay { series: &[], x: (0.0, 0.5), y: (0.5, 1.0), label, unit: "", at: None, diagonal: false };
        assert_eq!(chart.clip((0.0, 0.0), (1.0, 1.0)), Some([(0.5, 0.5), (0.5, 0.5)]));
        assert_eq!(chart.clip((0.0, 0.75), (1.0, 0.75)), Some([(0.0, 0.75), (0.5, 0.75)]));
        assert_eq!(chart.clip((0.6, 0.7), (0.9, 0.8)), None);
    }
}
