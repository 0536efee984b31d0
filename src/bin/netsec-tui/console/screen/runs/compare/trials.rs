//! Parallel coordinates: an axis for each parameter of a family, the score last, a line for each trial. A band of
//! one axis can be chosen: the trials that go through it stand out.

use super::Compare;
use super::legend::{letter, style, tag};
use crate::console::app::App;
use crate::console::clean::clean_short;
use crate::console::format::{plural, score_sd};
use crate::console::screen::train::live::params;
use crate::console::theme::Depth;
use crate::console::widget::{below, cut, put, width, wrap};
use axis::Axis;
use netsec::compare::{Several, TrialScore};
use netsec::event::Family;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Line as Stroke};

mod axis;

/// What is chosen.
#[derive(Debug, Default)]
pub struct Axes {
    family: usize,
    axis: usize,
    /// A band of the axis; all trials without one.
    band: Option<usize>,
}

/// A trial of one of the models' runs.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The first of the models of its run.
    model: usize,
    trial: &'a TrialScore,
    /// Whether it was scored on all folds.
    whole: bool,
    best: bool,
}

/// The families that were searched: those of the models first.
pub fn families(all: &Several) -> Vec<Family> {
    let mut found: Vec<Family> = Vec::new();
    let searched = all.models.iter().filter_map(|m| m.curves.as_ref()).flat_map(|c| &c.searches);
    let searched: Vec<Family> = searched.filter(|s| !s.trials.is_empty()).map(|s| s.family).collect();
    let own = all.models.iter().map(|m| m.family).filter(|f| searched.contains(f));
    for family in own.chain(searched.iter().copied()) {
        if !found.contains(&family) {
            found.push(family);
        }
    }
    found
}

/// A family's trials, of each run once.
fn trials(all: &Several, family: Family) -> Vec<Trial<'_>> {
    let mut found = Vec::new();
    for (model, profile) in all.models.iter().enumerate() {
        if all.models[..model].iter().any(|other| other.run == profile.run) {
            continue;
        }
        let searches = profile.curves.as_ref().map_or(&[][..], |c| c.searches.as_slice());
        for search in searches.iter().filter(|s| s.family == family) {
            let folds = search.trials.iter().map(|t| t.folds).max().unwrap_or(0);
            found.extend(search.trials.iter().map(|trial| Trial {
                model,
                trial,
                whole: trial.folds == folds,
                best: search.best == Some(trial.trial),
            }));
        }
    }
    found
}

impl Axes {
    fn family(&self, all: &Several) -> Option<Family> {
        let families = families(all);
        families.get(self.family % families.len().max(1)).copied()
    }

    pub fn next_family(&mut self, all: &Several) {
        let n = families(all).len().max(1);
        *self = Self { family: (self.family + 1) % n, ..Self::default() };
    }

    /// Another axis; the last is the score.
    pub fn step(&mut self, all: &Several, by: isize) {
        let Some(family) = self.family(all) else { return };
        let n = axis::of(&trials(all, family)).len() as isize;
        self.axis = (self.axis as isize + by).rem_euclid(n.max(1)) as usize;
        self.band = None;
    }

    /// Another band of the axis, upward with the screen; before the first are all trials.
    pub fn choose(&mut self, all: &Several, by: isize) {
        let Some(family) = self.family(all) else { return };
        let axes = axis::of(&trials(all, family));
        let n = axes.get(self.axis).map_or(0, Axis::bands) as isize;
        // Down the screen is down the axis: the highest band comes first.
        let now = self.band.map_or(0, |band| n - band as isize);
        let next = (now + by).clamp(0, n);
        self.band = (next > 0).then(|| (n - next) as usize);
    }
}

/// What is drawn: a family's trials on their axes, and what of them is chosen.
struct Sight<'a> {
    app: &'a App,
    all: &'a Several,
    family: Family,
    trials: Vec<Trial<'a>>,
    axes: Vec<Axis>,
    axis: usize,
    band: Option<usize>,
}

impl Sight<'_> {
    /// Whether a trial goes through the chosen band.
    fn is_chosen(&self, trial: &Trial<'_>) -> bool {
        self.band.is_none_or(|band| self.axes[self.axis].band(trial.trial) == Some(band))
    }

    /// The axes that have room, the chosen one and the score always among them.
    fn shown(&self, wide: u16) -> Vec<usize> {
        let n = self.axes.len();
        let room = (usize::from(wide) / 11).clamp(2, n.max(2));
        let first = (self.axis + 2).saturating_sub(room).min(n.saturating_sub(room));
        let mut shown: Vec<usize> = (first..n).take(room).collect();
        if let Some(last) = shown.last_mut() {
            *last = n - 1;
        }
        shown
    }
}

pub fn draw(app: &App, compare: &Compare, all: &Several, buffer: &mut Buffer, area: Rect) {
    let Some(family) = compare.axes.family(all) else {
        return put(buffer, area, 0, &Line::styled(" no trial was scored", app.theme.dim()));
    };
    let trials = trials(all, family);
    let axes = axis::of(&trials);
    let axis = compare.axes.axis.min(axes.len() - 1);
    let sight = Sight { app, all, family, trials, axes, axis, band: compare.axes.band };
    let head = head(&sight, area.width);
    let place = below(area, head.len() as u16);
    for (row, line) in head.iter().enumerate() {
        put(buffer, area, row as u16, line);
    }
    let shown = sight.shown(place.width);
    draw_lines(&sight, &shown, buffer, place);
    draw_axes(&sight, &shown, buffer, place);
}

/// Whose trials these are, and the best of the chosen ones.
fn head(sight: &Sight<'_>, wide: u16) -> Vec<Line<'static>> {
    let theme = &sight.app.theme;
    let trials = &sight.trials;
    let mut spans = vec![Span::styled(format!(" {} ", sight.family.code()), theme.bold())];
    for nth in 0..sight.all.models.len() {
        let n = trials.iter().filter(|t| t.model == nth).count();
        if n > 0 {
            spans.push(tag(sight.app, nth));
            spans.push(Span::styled(format!(" {}  ", plural(n as u64, "trial")), theme.dim()));
        }
    }
    let picked: Vec<&Trial<'_>> = trials.iter().filter(|t| sight.is_chosen(t)).collect();
    spans.push(match sight.band {
        Some(band) => {
            let axis = &sight.axes[sight.axis];
            let what = format!("{} {}: {} of {}", axis.name, axis.label(band), picked.len(), trials.len());
            Span::styled(clean_short(&what, 60), theme.accent())
        }
        None => Span::styled("←→ axis  ↑↓ value", theme.dim()),
    });
    let mut lines = vec![Line::from(spans)];
    // A mean over fewer folds is luckier: it is the best only where there is no other.
    let best = picked.iter().max_by(|a, b| {
        let rank = |t: &Trial<'_>| (t.whole, t.trial.f1);
        let (one, other) = (rank(a), rank(b));
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)).then(b.trial.trial.cmp(&a.trial.trial))
    });
    if let Some(best) = best {
        let text = format!(
            "best {} trial {}: F1 {}  {}",
            letter(best.model),
            best.trial.trial + 1,
            score_sd(best.trial.f1, best.trial.sd),
            clean_short(&params(&best.trial.params), 200)
        );
        let parts = wrap(&text, usize::from(wide).saturating_sub(2).max(8));
        lines.extend(parts.into_iter().take(2).map(|part| Line::styled(format!(" {part}"), theme.plain())));
    }
    lines
}

/// The place of the plot below the names and the highest values.
fn plot(area: Rect) -> Rect {
    let rest = below(area, 1);
    Rect { x: rest.x + 2, width: rest.width.saturating_sub(12), ..rest }
}

fn column(plot: Rect, nth: usize, of: usize) -> u16 {
    plot.x + (usize::from(plot.width.saturating_sub(1)) * nth / (of - 1).max(1)) as u16
}

fn draw_lines(sight: &Sight<'_>, shown: &[usize], buffer: &mut Buffer, area: Rect) {
    let (app, plot) = (sight.app, plot(area));
    if plot.height < 2 || plot.width < 4 {
        return;
    }
    let theme = &app.theme;
    // Quiet ones first, the best last: what is drawn later has the colour of the cell.
    let mut order: Vec<&Trial<'_>> = sight.trials.iter().collect();
    order.sort_by_key(|t| (sight.is_chosen(t), t.whole, t.best));
    let places = |t: &Trial<'_>| shown.iter().map(|a| sight.axes[*a].place(t.trial)).collect::<Vec<Option<f64>>>();
    Canvas::default()
        .marker(theme.chart_marker())
        .x_bounds([0.0, (shown.len() - 1).max(1) as f64])
        .y_bounds([-0.02, 1.02])
        .paint(|context| {
            for trial in &order {
                let loud = sight.is_chosen(trial) && trial.whole;
                // Without colour there is no quiet line.
                if !loud && sight.band.is_some() && theme.depth == Depth::Mono {
                    continue;
                }
                let style = if loud { style(app, trial.model) } else { theme.dim() };
                let color = style.fg.unwrap_or(Color::Reset);
                for (nth, pair) in places(trial).windows(2).enumerate() {
                    if let [Some(from), Some(to)] = pair {
                        let (x1, x2) = (nth as f64, nth as f64 + 1.0);
                        context.draw(&Stroke { x1, y1: *from, x2, y2: *to, color });
                    }
                }
                context.layer();
            }
        })
        .render(plot, buffer);
    // The best of each run has its letter where it goes through an axis.
    for trial in order.iter().filter(|t| t.best) {
        for (nth, place) in places(trial).into_iter().enumerate() {
            let Some(place) = place else { continue };
            let row = plot.y + ((1.0 - place) * f64::from(plot.height - 1)).round() as u16;
            let style = style(app, trial.model).add_modifier(Modifier::BOLD);
            // Two runs may meet here: one stands left of the other.
            let x = column(plot, nth, shown.len()).saturating_sub(1 + trial.model as u16 % 2);
            buffer.set_string(x, row, letter(trial.model).to_string(), style);
        }
    }
}

fn draw_axes(sight: &Sight<'_>, shown: &[usize], buffer: &mut Buffer, area: Rect) {
    let theme = &sight.app.theme;
    let plot = plot(area);
    if plot.height < 2 || plot.width < 4 {
        return;
    }
    let gap = usize::from(plot.width) / (shown.len() - 1).max(1);
    for (nth, a) in shown.iter().enumerate() {
        let axis = &sight.axes[*a];
        let here = *a == sight.axis;
        let x = column(plot, nth, shown.len());
        let style = if here { theme.accent() } else { theme.dim() };
        for row in plot.y..plot.bottom() {
            buffer.set_string(x, row, "│", style);
        }
        let room = gap.saturating_sub(2).clamp(4, usize::from(area.right().saturating_sub(x + 1)).max(4));
        let name = cut(&clean_short(&axis.name, 40), room);
        let text = if here { format!("▸{name}") } else { name };
        set(buffer, area, x, plot.y.saturating_sub(1), &text, style);
        let mut label = |text: &str, place: f64, is_chosen: bool| {
            let row = plot.y + ((1.0 - place) * f64::from(plot.height - 1)).round() as u16;
            let label = cut(&clean_short(text, 30), room.saturating_sub(1));
            let text = if is_chosen { format!("◄{label}") } else { label };
            set(buffer, area, x + 1, row, &text, if is_chosen { theme.accent() } else { theme.dim() });
        };
        // The chosen axis tells every band, the others their ends.
        if here {
            (0..axis.bands()).for_each(|own| label(&axis.label(own), axis.middle(own), sight.band == Some(own)));
        } else {
            let [foot, top] = axis.ends();
            label(&foot, 0.0, false);
            label(&top, 1.0, false);
        }
    }
}

/// Writes within an area.
fn set(buffer: &mut Buffer, area: Rect, x: u16, y: u16, text: &str, style: Style) {
    if y < area.bottom() && y >= area.y && x < area.right() && width(text) > 0 {
        buffer.set_stringn(x, y, text, usize::from(area.right() - x), style);
    }
}
