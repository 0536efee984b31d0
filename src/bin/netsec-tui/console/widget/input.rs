//! A text field, one line or many, over the text area widget. What enters it is cleaned first.

use super::{put, width};
use crate::console::clean::{clean, is_mark};
use crate::console::theme::Theme;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui_textarea::{CursorMove, DataCursor, TextArea};

/// Most bytes that a field takes: a paste by mistake must not stall the console.
const MOST: usize = 1 << 20;

/// What is done in a text, by the keys that people know from shells and editors. The table of keys binds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edit {
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    WordLeft,
    WordRight,
    Backspace,
    Delete,
    CutWord,
    CutWordRight,
    CutLeft,
    CutRight,
    PutBack,
    Undo,
    Redo,
}

/// The keys that stand for an edit on the way from the table of keys to the field, whatever was pressed.
const KEYS: [(Edit, KeyCode, KeyModifiers); 17] = [
    (Edit::Left, KeyCode::Left, KeyModifiers::NONE),
    (Edit::Right, KeyCode::Right, KeyModifiers::NONE),
    (Edit::Up, KeyCode::Up, KeyModifiers::NONE),
    (Edit::Down, KeyCode::Down, KeyModifiers::NONE),
    (Edit::Home, KeyCode::Home, KeyModifiers::NONE),
    (Edit::End, KeyCode::End, KeyModifiers::NONE),
    (Edit::WordLeft, KeyCode::Left, KeyModifiers::CONTROL),
    (Edit::WordRight, KeyCode::Right, KeyModifiers::CONTROL),
    (Edit::Backspace, KeyCode::Backspace, KeyModifiers::NONE),
    (Edit::Delete, KeyCode::Delete, KeyModifiers::NONE),
    (Edit::CutWord, KeyCode::Backspace, KeyModifiers::ALT),
    (Edit::CutWordRight, KeyCode::Delete, KeyModifiers::CONTROL),
    (Edit::CutLeft, KeyCode::Char('u'), KeyModifiers::CONTROL),
    (Edit::CutRight, KeyCode::Char('k'), KeyModifiers::CONTROL),
    (Edit::PutBack, KeyCode::Char('y'), KeyModifiers::CONTROL),
    (Edit::Undo, KeyCode::Char('_'), KeyModifiers::CONTROL),
    (Edit::Redo, KeyCode::Char('r'), KeyModifiers::ALT),
];

impl Edit {
    /// The key that stands for it.
    pub fn key(self) -> KeyEvent {
        let found = KEYS.iter().find(|(edit, ..)| *edit == self);
        found.map_or_else(|| KeyEvent::from(KeyCode::Null), |(_, code, with)| KeyEvent::new(*code, *with))
    }

    fn of(key: &KeyEvent) -> Option<Self> {
        KEYS.iter().find(|(_, code, with)| (key.code, key.modifiers) == (*code, *with)).map(|(edit, ..)| *edit)
    }
}

/// The field.
#[derive(Debug, Clone)]
pub struct Input {
    area: TextArea<'static>,
    many: bool,
}

impl Input {
    /// A field of one line.
    pub fn line(text: &str) -> Self {
        let mut input = Self { area: TextArea::new(vec![clean(text)]), many: false };
        input.area.move_cursor(CursorMove::End);
        input
    }

    /// A field of many lines.
    pub fn area() -> Self {
        Self { area: TextArea::default(), many: true }
    }

    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn is_empty(&self) -> bool {
        self.area.lines().iter().all(String::is_empty)
    }

    pub fn clear(&mut self) {
        self.area.clear();
    }

    /// A key that is not bound, or stands for an [`Edit`]: a character, or moving and deleting in the text.
    pub fn key(&mut self, key: KeyEvent) {
        if let Some(edit) = Edit::of(&key) {
            self.edit(edit);
            return self.mend();
        }
        if let KeyCode::Char(c) = key.code
            && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
        {
            // A mark belongs to the letter before it; alone it is nothing that can be shown.
            let before = if is_mark(c) { self.before() } else { String::new() };
            if clean(&format!("{before}{c}")).ends_with(c) {
                self.area.insert_char(c);
            }
        }
    }

    fn edit(&mut self, edit: Edit) {
        match edit {
            Edit::Left => self.times(self.cluster_before(), |area| area.move_cursor(CursorMove::Back)),
            Edit::Right => self.times(self.cluster_here(), |area| area.move_cursor(CursorMove::Forward)),
            Edit::Backspace => self.times(self.cluster_before(), |area| _ = area.delete_char()),
            Edit::Delete => self.times(self.cluster_here(), |area| _ = area.delete_next_char()),
            Edit::Up => self.area.move_cursor(CursorMove::Up),
            Edit::Down => self.area.move_cursor(CursorMove::Down),
            Edit::Home => self.area.move_cursor(CursorMove::Head),
            Edit::End => self.area.move_cursor(CursorMove::End),
            Edit::WordLeft => self.area.move_cursor(CursorMove::WordBack),
            Edit::WordRight => self.area.move_cursor(CursorMove::WordForward),
            Edit::CutWord => _ = self.area.delete_word(),
            Edit::CutWordRight => _ = self.area.delete_next_word(),
            Edit::CutLeft => _ = self.area.delete_line_by_head(),
            Edit::CutRight => _ = self.area.delete_line_by_end(),
            Edit::PutBack => _ = self.area.paste(),
            Edit::Undo => _ = self.area.undo(),
            Edit::Redo => _ = self.area.redo(),
        }
    }

    /// A cut can leave a mark without its letter: it is shown as what it is, not on whatever stands before it.
    fn mend(&mut self) {
        let (line, at) = self.here();
        let whole = clean_line(line);
        if whole != line {
            self.area.move_cursor(CursorMove::Head);
            self.area.delete_line_by_end();
            self.area.insert_str(whole);
            self.area.move_cursor(CursorMove::Head);
            self.times(at, |area| area.move_cursor(CursorMove::Forward));
        }
    }

    fn times(&mut self, n: usize, act: impl Fn(&mut TextArea<'static>)) {
        for _ in 0..n {
            act(&mut self.area);
        }
    }

    /// The line with the cursor, and the character at which it stands.
    fn here(&self) -> (&str, usize) {
        let cursor = self.area.cursor();
        (self.area.lines().get(cursor.0).map_or("", String::as_str), cursor.1)
    }

    /// What stands before the cursor, as far as a mark could belong to it.
    fn before(&self) -> String {
        let (line, at) = self.here();
        let from = at.saturating_sub(3);
        line.chars().skip(from).take(at - from).collect()
    }

    /// Characters of what is seen as one under the cursor: a letter with its marks. At the end of a line, its end.
    fn cluster_here(&self) -> usize {
        let (line, at) = self.here();
        clusters(line).into_iter().find(|c| c.end > at).map_or(1, |c| c.end - at)
    }

    /// Characters of what is seen as one before the cursor.
    fn cluster_before(&self) -> usize {
        let (line, at) = self.here();
        clusters(line).into_iter().find(|c| c.end >= at).map_or(1, |c| at - c.start.min(at)).max(1)
    }

    /// Characters before the cursor, in its line.
    pub fn cursor(&self) -> usize {
        self.here().1
    }

    /// Puts text in place of so many characters before the cursor.
    pub fn replace(&mut self, before: usize, text: &str) {
        for _ in 0..before {
            self.area.delete_char();
        }
        self.area.insert_str(clean(text));
    }

    /// Cells of the line that are out of view at the left, in a field that is so wide.
    pub fn hidden(&self, wide: u16) -> usize {
        let (line, at) = self.here();
        let all = clusters(line);
        let before: usize = all.iter().filter(|c| c.end <= at).map(|c| c.width).sum();
        let under = all.iter().find(|c| c.end > at).map_or(1, |c| c.width);
        (before + under).saturating_sub(usize::from(wide))
    }

    pub fn newline(&mut self) {
        if self.many {
            self.area.insert_newline();
        }
    }

    /// Inserts pasted text.
    pub fn paste(&mut self, text: &str) {
        let room = MOST.saturating_sub(self.area.lines().iter().map(String::len).sum());
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text[..end].replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<String> = text.split('\n').map(clean_line).collect();
        self.area.insert_str(if self.many { lines.join("\n") } else { lines.join(" ").trim().replace('\t', " ") });
    }

    /// Draws it. The cursor is a reversed cell: it does not blink, so an idle console stays still.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, focused: bool, placeholder: &str, theme: &Theme) {
        let area = area.intersection(buffer.area);
        if area.is_empty() {
            return;
        }
        let cursor = Style::new().add_modifier(if focused { Modifier::REVERSED } else { Modifier::empty() });
        if self.is_empty() && self.area.lines().len() == 1 {
            let line = Line::from(vec![Span::styled(" ", cursor), Span::styled(placeholder, theme.dim())]);
            return put(buffer, area, 0, &line);
        }
        let (wide, high) = (usize::from(area.width), usize::from(area.height));
        let DataCursor(line, at) = self.area.cursor();
        let mut rows: Vec<Vec<Cluster>> = Vec::new();
        let mut place = (0, 0);
        // No more lines than can be seen above the cursor: a paste may be long.
        let first = (line + 1).saturating_sub(high);
        for (i, text) in self.area.lines().iter().enumerate().skip(first) {
            if i > line && rows.len() > place.0 + high {
                break;
            }
            let mut row: Vec<Cluster> = Vec::new();
            let mut used = 0;
            let all = clusters(text);
            let chars = all.last().map_or(0, |c| c.end);
            // The cursor may stand behind the last one.
            let end = Cluster { text: " ".to_owned(), width: 1, start: chars, end: usize::MAX };
            for cluster in all.into_iter().chain((i == line && at >= chars).then_some(end)) {
                if self.many && used + cluster.width > wide && !row.is_empty() {
                    rows.push(std::mem::take(&mut row));
                    used = 0;
                }
                if i == line && cluster.start <= at && at < cluster.end {
                    place = (rows.len(), used);
                }
                used += cluster.width;
                row.push(cluster);
            }
            rows.push(row);
        }
        let top = (place.0 + 1).saturating_sub(high);
        let under = rows.get(place.0).map_or(1, |row| width_at(row, place.1));
        let left = if self.many { 0 } else { (place.1 + under).saturating_sub(wide) };
        for (y, row) in rows.iter().skip(top).take(high).enumerate() {
            let mut x = 0;
            for cluster in row {
                // What is cut by an edge is not drawn: half of it cannot be.
                if x >= left && x + cluster.width <= left + wide {
                    let style = if (y + top, x) == place { cursor } else { Style::new() };
                    let at = (area.x + (x - left) as u16, area.y + y as u16);
                    buffer.set_stringn(at.0, at.1, &cluster.text, cluster.width, style);
                }
                x += cluster.width;
            }
        }
    }
}

/// Characters that are drawn together: a letter with its marks, a flag.
struct Cluster {
    text: String,
    width: usize,
    /// Its characters in the line.
    start: usize,
    end: usize,
}

/// Cleans a line, in which tabs may stand.
fn clean_line(line: &str) -> String {
    line.split('\t').map(clean).collect::<Vec<_>>().join("\t")
}

/// A line as the terminal shows it.
fn clusters(line: &str) -> Vec<Cluster> {
    // A tab takes one cell: columns of what is pasted need not line up.
    let line = line.replace('\t', " ");
    let mut start = 0;
    let span = Span::raw(line);
    let graphemes = span.styled_graphemes(Style::new()).map(|g| {
        let end = start + g.symbol.chars().count();
        let cluster = Cluster { text: g.symbol.to_owned(), width: width(g.symbol).max(1), start, end };
        start = end;
        cluster
    });
    graphemes.collect()
}

/// The width of the cluster that begins in this cell of a row.
fn width_at(row: &[Cluster], cell: usize) -> usize {
    let mut x = 0;
    for cluster in row {
        if x == cell {
            return cluster.width;
        }
        x += cluster.width;
    }
    1
}

#[cfg(test)]
mod tests;
