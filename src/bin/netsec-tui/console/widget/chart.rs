//! Curves. Axes go in steps, so a new point seldom moves what is there.

pub mod overlay;

use super::{fit_right, put};
use crate::console::format;
use crate::console::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line as Stroke, Points};

/// The low and high end of an axis around these values: multiples of a step, with the step growing 1, 2, 5, 10.
pub fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    if low > high {
        return None;
    }
    let span = (high - low).max(1e-3);
    let raw = span / 2.0;
    let magnitude = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * magnitude).find(|s| *s >= raw * 0.999).unwrap_or(raw);
    let low_end = (low / step + 1e-9).floor() * step;
    let high_end = (high / step - 1e-9).ceil() * step;
    Some((low_end, if high_end > low_end { high_end } else { low_end + step }))
}

/// The end of a counting axis: 5, 10, 20, 50, 100 and so on.
pub fn ceiling(n: f64) -> f64 {
    let mut end = 5.0;
    for factor in [2.0, 2.0, 2.5].into_iter().cycle().take(40) {
        if end >= n {
            break;
        }
        end *= factor;
    }
    end
}

/// A chart.
pub struct Chart<'a> {
    /// The curve.
    pub line: &'a [(f64, f64)],
    /// Single points beside it.
    pub dots: &'a [(f64, f64)],
    /// Those of less weight.
    pub faint: &'a [(f64, f64)],
    /// A point that stands out.
    pub mark: Option<(f64, f64)>,
    /// The horizontal axis.
    pub x: (f64, f64),
    /// The vertical axis; around the points without it.
    pub y: Option<(f64, f64)>,
    /// How the ends of the horizontal axis are written.
    pub label: fn(f64) -> String,
    /// What the horizontal axis counts.
    pub unit: &'a str,
    pub style: Style,
}

/// A label of a counting axis.
pub fn whole(value: f64) -> String {
    format::count(value.max(0.0) as u64)
}

/// Cells before the plot: label and axis.
const LABEL: u16 = 6;

impl Chart<'_> {
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        let values = self.line.iter().chain(self.dots).chain(self.faint).map(|p| p.1);
        let Some((low, high)) = self.y.or_else(|| bounds(values)) else { return };
        if area.width < LABEL + 4 || area.height < 3 {
            return;
        }
        let plot = upright(buffer, area, (low, high), theme);
        let color = self.style.fg.unwrap_or(Color::Reset);
        let faint = theme.dim().fg.unwrap_or(Color::Reset);
        // What lies outside a given axis is not drawn.
        let inside = |p: &(f64, f64)| (low - 1e-9..=high + 1e-9).contains(&p.1);
        // Half a dot of air, so that the ends of the range are inside.
        let air = (high - low) / 100.0;
        Canvas::default()
            .marker(theme.chart_marker())
            .x_bounds([self.x.0, self.x.1.max(self.x.0 + 1e-9)])
            .y_bounds([low - air, high + air])
            .paint(|context| {
                for point in self.faint.iter().filter(|p| inside(p)) {
                    context.draw(&Points { coords: std::slice::from_ref(point), color: faint });
                }
                // What is drawn later has the colour of the cell.
                context.layer();
                for pair in self.line.windows(2).filter(|pair| pair.iter().all(inside)) {
                    context.draw(&Stroke { x1: pair[0].0, y1: pair[0].1, x2: pair[1].0, y2: pair[1].1, color });
                }
                if self.line.len() == 1 {
                    context.draw(&Points { coords: self.line, color });
                }
                if !self.dots.is_empty() {
                    context.draw(&Points { coords: self.dots, color });
                }
            })
            .render(plot, buffer);
        if let Some(mark) = self.mark.filter(inside) {
            let share = |at: f64, (from, to): (f64, f64)| ((at - from) / (to - from).max(1e-9)).clamp(0.0, 1.0);
            let column = share(mark.0, self.x) * f64::from(plot.width - 1);
            let row = (1.0 - share(mark.1, (low, high))) * f64::from(plot.height - 1);
            buffer.set_string(plot.x + column.round() as u16, plot.y + row.round() as u16, "●", theme.bold());
        }
        level(buffer, area, plot, [self.x.0, self.x.1].map(self.label), self.unit, theme);
    }
}

/// The vertical axis of a chart in this area, and the place of the plot beside it.
fn upright(buffer: &mut Buffer, area: Rect, (low, high): (f64, f64), theme: &Theme) -> Rect {
    let plot = Rect { x: area.x + LABEL, y: area.y, width: area.width - LABEL - 1, height: area.height - 2 };
    for row in 0..plot.height {
        let value = match row {
            0 => Some(high),
            r if r + 1 == plot.height => Some(low),
            r if plot.height >= 5 && plot.height % 2 == 1 && r == plot.height / 2 => Some((low + high) / 2.0),
            _ => None,
        };
        let label = value.map_or_else(String::new, axis_label);
        let tick = if value.is_some() { "┤" } else { "│" };
        put(buffer, area, row, &Line::styled(format!("{}{tick}", fit_right(&label, 5)), theme.dim()));
    }
    plot
}

/// The horizontal axis below the plot, with its ends and what it counts.
fn level(buffer: &mut Buffer, area: Rect, plot: Rect, [from, to]: [String; 2], unit: &str, theme: &Theme) {
    let axis = format!("     └{}", "─".repeat(usize::from(plot.width)));
    put(buffer, area, area.height - 2, &Line::styled(axis, theme.dim()));
    let to = format!("{to} {unit}");
    let gap = usize::from(plot.width).saturating_sub(from.len() + to.len());
    let spans =
        vec![Span::raw(" ".repeat(usize::from(LABEL))), Span::raw(from), Span::raw(" ".repeat(gap)), Span::raw(to)];
    put(buffer, area, area.height - 1, &Line::from(spans).style(theme.dim()));
}

fn axis_label(value: f64) -> String {
    if value.abs() < 10.0 { format::score(value) } else { format!("{value:.0}") }
}

/// Blocks of rising height.
const STEPS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A curve in one row: each cell the best value of its share of the points, between the given ends.
pub fn spark(values: &[f64], wide: usize, (low, high): (f64, f64)) -> String {
    let cells = values.len().min(wide);
    (0..cells)
        .map(|cell| {
            let from = cell * values.len() / cells;
            let to = ((cell + 1) * values.len() / cells).max(from + 1);
            let best = values[from..to].iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let share = ((best - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
            STEPS[((share * 7.0).round() as usize).min(7)]
        })
        .collect()
}

/// Counts in one row of at most `wide` cells: a block for each, two cells and a gap where there is room, neighbours
/// together where there is none. What is there is seen, however rare; what is not is left blank. No block is full, so
/// that rows below each other do not grow together.
pub fn histogram(counts: &[u64], wide: usize) -> String {
    let cells = counts.len().min(wide);
    let sums: Vec<f64> = (0..cells)
        .map(|cell| &counts[cell * counts.len() / cells..(cell + 1) * counts.len() / cells])
        .map(|part| part.iter().map(|n| *n as f64).sum())
        .collect();
    let most = sums.iter().copied().fold(1.0, f64::max);
    let block = |sum: &f64| if *sum > 0.0 { STEPS[((sum / most * 7.0).ceil() as usize).clamp(1, 7) - 1] } else { ' ' };
    let blocks = sums.iter().map(block);
    if cells * 3 <= wide + 1 {
        return blocks.map(|block| format!("{block}{block}")).collect::<Vec<_>>().join(" ");
    }
    blocks.collect()
}

/// A value and its interval in one row, between the given ends: `  ├──●───┤  `.
pub fn whisker(value: f64, ci: [f64; 2], wide: usize, (low, high): (f64, f64)) -> String {
    let place = |v: f64| {
        let share = ((v - low) / (high - low).max(1e-9)).clamp(0.0, 1.0);
        (share * wide.saturating_sub(1) as f64).round() as usize
    };
    let (from, at, to) = (place(ci[0]), place(value), place(ci[1]));
    (0..wide)
        .map(|cell| match cell {
            c if c == at => '●',
            c if c == from => '├',
            c if c == to => '┤',
            c if (from..to).contains(&c) => '─',
            _ => ' ',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_go_in_steps() {
        assert_eq!(bounds([].into_iter()), None);
        let (low, high) = bounds([0.913, 0.9471].into_iter()).unwrap();
        assert!((low - 0.9).abs() < 1e-9 && (high - 0.96).abs() < 1e-9, "{low} {high}");
        let again = bounds([0.913, 0.9472, 0.93].into_iter()).unwrap();
        assert_eq!((low, high), again, "another point does not move them");
        let (low, high) = bounds([0.5].into_iter()).unwrap();
        assert!(low < high && low <= 0.5 && high >= 0.5);
        assert!(bounds([f64::NAN].into_iter()).is_none());
    }

    #[test]
    fn counting_axes_end_at_round_numbers() {
        for (n, end) in [(3.0, 5.0), (6.0, 10.0), (11.0, 20.0), (33.0, 50.0), (212.0, 500.0)] {
            assert_eq!(ceiling(n), end);
        }
    }

    #[test]
    fn whiskers_stand_where_the_numbers_do() {
        assert_eq!(whisker(0.5, [0.25, 0.75], 9, (0.0, 1.0)), "  ├─●─┤  ");
        assert_eq!(whisker(2.0, [f64::NAN, 3.0], 3, (0.0, 1.0)), "├─●");
    }

    #[test]
    fn sparks_keep_their_peak() {
        assert_eq!(spark(&[0.0, 1.0, 0.0, 0.0], 2, (0.0, 1.0)), "█▁");
        assert_eq!(spark(&[], 5, (0.0, 1.0)), "");
    }

    #[test]
    fn histograms_show_the_rare_and_leave_out_what_is_not_there() {
        assert_eq!(histogram(&[4, 0, 8], 8), "▄▄    ▇▇");
        assert_eq!(histogram(&[1, 1000, 0], 3), "▁▇ ");
        assert_eq!(histogram(&[1, 1, 4, 4], 2), "▂▇");
        assert_eq!(histogram(&[0, 0], 4), "  ");
        assert_eq!(histogram(&[], 4), "");
        assert_eq!(histogram(&[3], 0), "");
    }
}
