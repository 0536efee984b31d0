//! What differs between the base and the shown model, and the scores of all models.

use super::Compare;
use super::legend::tag;
use crate::console::app::App;
use crate::console::clean::clean_short;
use crate::console::format::{interval, plural, score, signed};
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{fit, fit_right, put, wrap};
use netsec::compare::{Comparison, Several};
use netsec::event::TestScores;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Characters of a value that are drawn at most.
const LONGEST: usize = 200;

/// How many lines there are.
pub fn rows(pair: &Comparison, all: bool) -> usize {
    pair.differences.len() + if all { pair.same.len() } else { 0 }
}

pub fn draw(app: &App, compare: &Compare, pair: &Comparison, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let rows = rows(pair, compare.all);
    if rows == 0 {
        put(buffer, area, 0, &Line::styled(" nothing differs", theme.plain()));
        let line =
            Line::from(vec![Span::styled(" a", theme.key()), Span::styled("  lists what is the same", theme.dim())]);
        return put(buffer, area, 1, &line);
    }
    let [base, new] = pair.names();
    let room = area.width.saturating_sub(7);
    let (what, value) = (room * 28 / 100, room * 27 / 100);
    let columns = [
        Column::left("", what, 0),
        Column::left(&format!("{base} (base)"), value, 1),
        Column::left(&new, value, 2),
        Column::left("change", room.saturating_sub(what + 2 * value), 3),
    ];
    let focused = compare.part == super::Part::Differs;
    let view = Table { columns: &columns, rows, cursor: &compare.differs, focused, marked: None };
    view.draw(buffer, area, theme, |row, column| {
        let differing = pair.differences.get(row);
        let Some(line) = differing.or_else(|| pair.same.get(row - pair.differences.len())) else {
            return (String::new(), theme.plain());
        };
        let text = match column {
            0 => &line.what,
            1 => &line.base,
            2 => &line.new,
            _ if differing.is_none() => return ("same".to_owned(), theme.dim()),
            _ => line.change.as_ref().unwrap_or(&line.what),
        };
        let text = if column == 3 && line.change.is_none() { String::new() } else { clean_short(text, LONGEST) };
        let style = match column {
            _ if differing.is_none() => theme.dim(),
            0 => theme.dim(),
            3 => theme.bold(),
            _ => theme.plain(),
        };
        (text, style)
    });
}

/// What is measured, and its interval where it has one.
type Measure = (&'static str, fn(&TestScores) -> Option<f64>, fn(&TestScores) -> Option<[f64; 2]>);

const MEASURES: [Measure; 9] = [
    ("F1", |t| Some(t.f1), |t| Some(t.f1_ci)),
    ("recall", |t| Some(t.recall), |t| t.recall_ci),
    ("precision", |t| Some(t.precision), |t| t.precision_ci),
    ("accuracy", |t| Some(t.accuracy), |_| None),
    ("ROC AUC", |t| t.roc_auc, |_| None),
    ("PR AUC", |t| t.pr_auc, |_| None),
    ("log loss", |t| Some(t.log_loss), |_| None),
    ("Brier", |t| Some(t.brier), |_| None),
    ("ECE", |t| Some(t.ece), |_| None),
];

/// Rows of the table of scores, its header among them.
pub const SCORES: u16 = MEASURES.len() as u16 + 1;
/// Cells for a score with its interval, and without.
const WITH: usize = 18;
const WITHOUT: usize = 9;
/// Cells for the name of a score, and for a change with its interval.
const NAME: usize = 11;
const CHANGE: usize = 24;

/// Every model's scores on the vectors that none was trained on, and how the shown one changes them.
pub fn draw_scores(app: &App, all: &Several, pair: &Comparison, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let n = all.models.len();
    let room = usize::from(area.width).saturating_sub(NAME + 1);
    let wide = if n * WITH + CHANGE <= room || (n > 2 && n * WITH <= room) { WITH } else { WITHOUT };
    let changes = n * wide + CHANGE <= room;
    let mut header = vec![Span::raw(" ".repeat(NAME + 1))];
    for nth in 0..n {
        header.push(tag(app, nth));
        let name = if nth == 0 { " base" } else { "" };
        header.push(Span::styled(fit(name, wide - 3), theme.dim()));
    }
    if changes {
        header.push(Span::styled(format!("change to {}", pair.names()[1]), theme.dim()));
    }
    put(buffer, area, 0, &Line::from(header));
    for (row, (name, value, ends)) in MEASURES.iter().enumerate() {
        let mut spans = vec![Span::styled(format!(" {}", fit(name, NAME)), theme.dim())];
        for model in &all.models {
            let (value, ends) = (value(&model.test), ends(&model.test));
            let text = value.map_or_else(|| "-".to_owned(), score);
            let more = ends.filter(|_| wide == WITH).map_or_else(String::new, |ci| format!(" {}", interval(ci)));
            // A number without its uncertainty is quiet.
            let style = if ends.is_some() { theme.plain() } else { theme.dim() };
            spans.push(Span::styled(fit(&format!("{}{more}", fit_right(&text, 5)), wide), style));
        }
        let paired = match *name {
            "F1" => Some(&pair.f1),
            "recall" => Some(&pair.recall),
            _ => None,
        };
        let change = value(&pair.new.test).zip(value(&pair.base.test)).map(|(new, base)| new - base);
        if changes && pair.holdout.vectors > 0 {
            spans.push(match (paired, change) {
                (Some(of), _) => Span::raw(format!(
                    "{} ({} to {})",
                    signed(of.value),
                    signed(of.interval[0]),
                    signed(of.interval[1])
                )),
                (None, Some(change)) => Span::styled(signed(change), theme.dim()),
                (None, None) => Span::styled("-", theme.dim()),
            });
        }
        put(buffer, area, row as u16 + 1, &Line::from(spans));
    }
    let basis = format!("on {} that none was trained on", plural(all.holdout.vectors, "vector"));
    let text = format!("{basis}, at each model's own threshold; intervals are 95 %, of changes paired");
    for (i, part) in wrap(&text, usize::from(area.width).saturating_sub(2).max(8)).into_iter().enumerate() {
        put(buffer, area, SCORES + 1 + i as u16, &Line::styled(format!(" {part}"), theme.dim()));
    }
}
