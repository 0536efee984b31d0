//! A text field, one line or many, over the text area widget. What enters it is cleaned first.

use crate::console::clean::clean;
use crate::console::theme::Theme;
use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;
use ratatui_textarea::{CursorMove, TextArea, WrapMode};

/// Most bytes that a field takes: a paste by mistake must not stall the console.
const MOST: usize = 1 << 20;

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
        input.area.set_cursor_line_style(Style::new());
        input.area.move_cursor(CursorMove::End);
        input
    }

    /// A field of many lines.
    pub fn area() -> Self {
        let mut input = Self { area: TextArea::default(), many: true };
        input.area.set_cursor_line_style(Style::new());
        input.area.set_wrap_mode(WrapMode::Glyph);
        input
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

    /// A key that is not bound: a character, or moving and deleting in the text.
    pub fn key(&mut self, key: KeyEvent) {
        use crossterm::event::KeyCode;
        // One line stays one line.
        if !self.many && matches!(key.code, KeyCode::Enter | KeyCode::Tab) {
            return;
        }
        if let KeyCode::Char(c) = key.code
            && clean(&c.to_string()) != c.to_string()
        {
            return;
        }
        self.area.input(key);
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
        let lines: Vec<String> =
            text.split('\n').map(|line| line.split('\t').map(clean).collect::<Vec<_>>().join("\t")).collect();
        self.area.insert_str(if self.many { lines.join("\n") } else { lines.join(" ").trim().replace('\t', " ") });
    }

    /// Draws it. The cursor is a reversed cell: it does not blink, so an idle console stays still.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, focused: bool, placeholder: &str, theme: &Theme) {
        if area.is_empty() {
            return;
        }
        let mut field = self.area.clone();
        field.set_cursor_style(if focused { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() });
        field.set_placeholder_text(placeholder);
        field.set_placeholder_style(theme.dim());
        (&field).render(area, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_text_is_cleaned() {
        let mut input = Input::area();
        input.paste("a\u{1b}[31m\r\nb\tc\u{202e}");
        assert_eq!(input.text(), "a·[31m\nb\tc·");
        let mut input = Input::line("");
        input.paste("rows/a\nb");
        assert_eq!(input.text(), "rows/a b");
    }
}
