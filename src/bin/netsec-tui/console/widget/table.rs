//! A table whose columns have fixed widths and leave by priority when there is no room.

use super::{Cursor, fit, fit_right, put};
use crate::console::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    pub title: String,
    pub width: u16,
    /// The lowest stay longest.
    pub priority: u8,
    pub right: bool,
}

impl Column {
    pub fn left(title: &str, width: u16, priority: u8) -> Self {
        Self { title: title.to_owned(), width, priority, right: false }
    }

    pub fn right(title: &str, width: u16, priority: u8) -> Self {
        Self { right: true, ..Self::left(title, width, priority) }
    }
}

/// Which columns have room in `width` cells, in order. The most important one always has.
pub fn choose(columns: &[Column], width: u16) -> Vec<usize> {
    let mut by_priority: Vec<usize> = (0..columns.len()).collect();
    by_priority.sort_by_key(|i| (columns[*i].priority, *i));
    let mut used = 1;
    let mut chosen = Vec::new();
    for i in by_priority {
        let wide = columns[i].width + 2;
        if chosen.is_empty() || used + wide <= width.saturating_add(2) {
            used += wide;
            chosen.push(i);
        }
    }
    chosen.sort_unstable();
    chosen
}

/// A cell: text and style.
pub type Cell = (String, Style);

/// How a table is drawn.
pub struct Table<'a> {
    pub columns: &'a [Column],
    pub rows: usize,
    pub cursor: &'a Cursor,
    pub focused: bool,
    /// The column that is marked in the header, if any.
    pub marked: Option<usize>,
}

impl Table<'_> {
    /// Draws header and rows; `cell` gives row and column.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme, cell: impl Fn(usize, usize) -> Cell) {
        if area.height == 0 || area.width == 0 {
            return;
        }
        let chosen = choose(self.columns, area.width);
        let mut header = vec![Span::raw(" ")];
        for i in &chosen {
            let column = &self.columns[*i];
            let style = if self.marked == Some(*i) { theme.bold() } else { theme.dim() };
            header.push(Span::styled(aligned(&column.title, column), style));
            header.push(Span::raw("  "));
        }
        put(buffer, area, 0, &Line::from(header));
        let body = super::below(area, 1);
        let top = self.cursor.scroll(self.rows, usize::from(body.height));
        for (line, row) in (top..self.rows).take(usize::from(body.height)).enumerate() {
            let selected = row == self.cursor.at;
            let mut spans = vec![mark(selected, self.focused, theme)];
            for i in &chosen {
                let (text, style) = cell(row, *i);
                spans.push(Span::styled(aligned(&text, &self.columns[*i]), style));
                spans.push(Span::raw("  "));
            }
            select(buffer, body, line as u16, selected && self.focused, theme);
            put(buffer, body, line as u16, &Line::from(spans));
        }
    }
}

fn aligned(text: &str, column: &Column) -> String {
    let wide = usize::from(column.width);
    if column.right { fit_right(text, wide) } else { fit(text, wide) }
}

/// The mark in front of a row.
pub fn mark(selected: bool, focused: bool, theme: &Theme) -> Span<'static> {
    match (selected, focused) {
        (true, true) => Span::styled("▌", theme.accent()),
        (true, false) => Span::styled("▌", theme.dim()),
        _ => Span::raw(" "),
    }
}

/// Paints the ground of a selected row.
pub fn select(buffer: &mut Buffer, area: Rect, row: u16, selected: bool, theme: &Theme) {
    if selected && row < area.height {
        buffer.set_style(Rect { y: area.y + row, height: 1, ..area }, theme.selected(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_by_priority() {
        let columns = [Column::left("id", 6, 0), Column::left("note", 20, 2), Column::right("score", 5, 1)];
        assert_eq!(choose(&columns, 80), [0, 1, 2]);
        assert_eq!(choose(&columns, 20), [0, 2]);
        assert_eq!(choose(&columns, 10), [0]);
        assert_eq!(choose(&columns, 0), [0]);
    }
}
