//! The columns of the table: which there are, which are shown, and the list they are chosen from.

use crate::console::app::App;
use crate::console::keymap::Action;
use crate::console::msg::Effect;
use crate::console::update::motion;
use crate::console::widget::popup::popup;
use crate::console::widget::table::{Column, choose, mark, select};
use crate::console::widget::{Cursor, put, put_right};
use netsec::run::query::Field;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use serde::{Deserialize, Serialize};

/// What is remembered of the screen.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The columns that were chosen, by name; the usual ones where there are none.
    pub columns: Vec<String>,
    /// Filters, the last one last.
    pub filters: Vec<String>,
}

/// What is shown beside the usual columns.
const MORE: [Field; 4] = [Field::Trials, Field::Time, Field::Who, Field::Tag];

/// The columns that are shown where there is room, in order.
pub fn chosen(app: &App) -> Vec<Field> {
    let chosen: Vec<Field> = app.memory.runs.columns.iter().filter_map(|name| Field::named(name)).collect();
    if chosen.is_empty() { Field::USUAL.into_iter().chain(MORE).collect() } else { chosen }
}

/// What a column of the table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Whether the run is marked, or the baseline.
    Mark,
    Field(Field),
    /// The difference of the test F1 from the baseline's.
    Change,
}

/// What stands over a column: a run that is on has a leader, not a winner.
pub fn name(field: Field) -> &'static str {
    if field == Field::Family { "best" } else { field.title() }
}

/// The columns with their widths. Those of the lowest priority stay longest.
pub fn columns(app: &App) -> (Vec<Shown>, Vec<Column>) {
    let mut shown = vec![Shown::Mark];
    let mut columns = vec![Column::left("", 1, 0)];
    for field in chosen(app) {
        let (width, priority, right) = match field {
            Field::Id => (6, 0, false),
            Field::Started => (11, 4, false),
            Field::Status => (13, 1, false),
            Field::Collection => (16, 6, false),
            Field::Space => (8, 8, false),
            Field::Seed => (6, 9, true),
            Field::Family => (6, 2, false),
            Field::Cv => (10, 5, false),
            Field::F1 => (16, 2, false),
            Field::Recall => (8, 5, true),
            Field::Trials => (8, 10, true),
            Field::Time => (7, 7, true),
            Field::Tag => (16, 9, false),
            Field::Note => (24, 11, false),
            Field::Database | Field::User | Field::Host => (14, 12, false),
            Field::Who => (20, 12, false),
            Field::Folds => (7, 12, true),
            Field::Drift => (9, 7, false),
            Field::Model => (14, 11, false),
            Field::Holdout => (30, 13, false),
        };
        let sort = app.runs.look.sort;
        let arrow = if sort.descending { " ▼" } else { " ▲" };
        let title = format!("{}{}", name(field), if sort.field == field { arrow } else { "" });
        shown.push(Shown::Field(field));
        columns.push(if right {
            Column::right(&title, width, priority)
        } else {
            Column::left(&title, width, priority)
        });
        if field == Field::F1 && app.runs.base().is_some() {
            shown.push(Shown::Change);
            columns.push(Column::right("to base", 7, 3));
        }
    }
    (shown, columns)
}

/// Selects another column among those that have room.
pub fn step(app: &mut App, by: isize) {
    let (shown, columns) = columns(app);
    let visible: Vec<Field> = choose(&columns, app.size.0)
        .into_iter()
        .filter_map(|at| match shown[at] {
            Shown::Field(field) => Some(field),
            _ => None,
        })
        .collect();
    let at = visible.iter().position(|field| *field == app.runs.look.column).unwrap_or(0);
    if let Some(field) = visible.get(at.saturating_add_signed(by).min(visible.len().saturating_sub(1))) {
        app.runs.look.column = *field;
    }
}

/// What a key does in the list of columns.
pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(cursor) = &mut app.runs.look.choosing else { return Vec::new() };
    let len = Field::ALL.len();
    if let Some(by) = motion(action, cursor, len) {
        cursor.step(by, len);
        return Vec::new();
    }
    let at = cursor.at;
    let usual = action == Action::Reset;
    match action {
        Action::Toggle | Action::Reset => {
            let mut now = chosen(app);
            let field = Field::ALL[at];
            if now.contains(&field) {
                now.retain(|other| *other != field);
            } else {
                now.push(field);
                // As they are listed, so that a column has one place.
                now.sort();
            }
            // Without any there would be nothing to see: the usual ones come back.
            let names = now.iter().map(|field| field.name().to_owned()).collect();
            app.memory.runs.columns = if usual { Vec::new() } else { names };
            vec![app.remember()]
        }
        Action::Submit => {
            app.runs.look.choosing = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Draws the list over the table.
pub fn draw(app: &App, cursor: &Cursor, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let inside = popup(buffer, area, 72, Field::ALL.len() as u16 + 2, "columns", theme);
    let shown = chosen(app);
    let height = usize::from(inside.height);
    let top = cursor.scroll(Field::ALL.len(), height);
    for (row, (at, field)) in Field::ALL.iter().enumerate().skip(top).take(height).enumerate() {
        let here = at == cursor.at;
        let sign = if shown.contains(field) { "✓ " } else { "  " };
        let line = Line::from(vec![
            mark(here, true, theme),
            Span::styled(sign, theme.good()),
            Span::raw(format!("{:<12}", field.title())),
        ]);
        select(buffer, inside, row as u16, here, theme);
        put(buffer, inside, row as u16, &line);
        put_right(buffer, inside, row as u16, line.width(), &Line::styled(field.help(), theme.dim()));
    }
}
