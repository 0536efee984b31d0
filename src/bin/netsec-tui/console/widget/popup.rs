//! Something that stands over the screen for a moment: the only thing with a border.

use crate::console::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Clear, Widget};

/// Clears a centred area of at most this size, draws its border, and returns its inside.
pub fn popup(buffer: &mut Buffer, area: Rect, width: u16, height: u16, title: &str, theme: &Theme) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    let frame = Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 3, width, height };
    Clear.render(frame, buffer);
    if width < 4 || height < 3 {
        return frame;
    }
    let block = Block::new()
        .borders(Borders::ALL)
        .border_style(theme.dim())
        .title(Line::styled(format!(" {title} "), theme.accent()));
    let inside = block.inner(frame);
    block.render(frame, buffer);
    Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside }
}
