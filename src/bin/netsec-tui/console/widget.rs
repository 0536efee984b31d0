//! The pieces that screens are made of. They know ratatui and the theme only.

pub mod chart;
pub mod input;
pub mod popup;
pub mod table;

use super::load::{Load, Notice, Tone};
use super::theme::Theme;
use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use std::cell::Cell;
use unicode_width::UnicodeWidthStr;

/// A selected row and the first one that is shown. The latter follows when drawn: only then is the height known.
#[derive(Debug, Clone, Default)]
pub struct Cursor {
    pub at: usize,
    pub top: Cell<usize>,
    pub height: Cell<usize>,
}

impl Cursor {
    /// Moves by rows within `len`.
    pub fn step(&mut self, by: isize, len: usize) {
        self.at = self.at.saturating_add_signed(by).min(len.saturating_sub(1));
    }

    /// Rows in a page, as drawn last.
    pub fn page(&self) -> isize {
        self.height.get().max(1) as isize
    }

    /// The first row to show in `height` rows so that the selected one is among them.
    pub fn scroll(&self, len: usize, height: usize) -> usize {
        self.height.set(height);
        let mut top = self.top.get().min(len.saturating_sub(height));
        if self.at < top {
            top = self.at;
        } else if height > 0 && self.at >= top + height {
            top = self.at + 1 - height;
        }
        self.top.set(top);
        top
    }
}

/// Width of a text in cells.
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text in exactly `wide` cells: cut with `…`, or filled with spaces at the right.
pub fn fit(text: &str, wide: usize) -> String {
    let mut out = cut(text, wide);
    out.extend(std::iter::repeat_n(' ', wide.saturating_sub(width(&out))));
    out
}

/// As [`fit`], filled at the left.
pub fn fit_right(text: &str, wide: usize) -> String {
    let out = cut(text, wide);
    " ".repeat(wide.saturating_sub(width(&out))) + &out
}

/// A text in at most `wide` cells.
pub fn cut(text: &str, wide: usize) -> String {
    if width(text) <= wide {
        return text.to_owned();
    }
    if wide == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used + w + 1 > wide {
            break;
        }
        used += w;
        out.push(c);
    }
    out.push('…');
    out
}

/// Draws a line; what does not fit is cut off.
pub fn put(buffer: &mut Buffer, area: Rect, row: u16, line: &Line<'_>) {
    if row < area.height && area.width > 0 {
        buffer.set_line(area.x, area.y + row, line, area.width);
    }
}

/// Draws a line that ends at the right edge; not at all when it does not fit behind `taken` cells.
pub fn put_right(buffer: &mut Buffer, area: Rect, row: u16, taken: usize, line: &Line<'_>) {
    let wide = line.width();
    if row < area.height && wide + taken < usize::from(area.width) {
        buffer.set_line(area.right() - wide as u16 - 1, area.y + row, line, wide as u16 + 1);
    }
}

/// A titled rule, `── title ─── right ──`, and the area below it.
pub fn rule(buffer: &mut Buffer, area: Rect, title: &str, right: &str, focused: bool, theme: &Theme) -> Rect {
    if area.height == 0 || area.width == 0 {
        return area;
    }
    put(buffer, area, 0, &rule_line(usize::from(area.width), title, right, focused, theme));
    below(area, 1)
}

/// The line of a [`rule`], for texts that scroll.
pub fn rule_line(wide: usize, title: &str, right: &str, focused: bool, theme: &Theme) -> Line<'static> {
    let line_style = theme.dim();
    let mut spans = vec![Span::styled("── ", line_style)];
    let room = wide.saturating_sub(6);
    let title = cut(title, room);
    let left = room.saturating_sub(width(&title));
    let right = if width(right) + 3 <= left { right } else { "" };
    spans.push(Span::styled(title.clone(), theme.title(focused)));
    let mut fill = wide.saturating_sub(3 + width(&title) + 1);
    spans.push(Span::styled(" ", line_style));
    if !right.is_empty() {
        fill = fill.saturating_sub(width(right) + 4);
    }
    spans.push(Span::styled("─".repeat(fill), line_style));
    if !right.is_empty() {
        spans.push(Span::styled(format!(" {right} "), theme.dim()));
        spans.push(Span::styled("──", line_style));
    }
    Line::from(spans)
}

/// The area without its first rows.
pub fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect { y: area.y + rows, height: area.height - rows, ..area }
}

/// The first rows of an area, and the rest.
pub fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, below(area, rows))
}

/// Two areas side by side with a vertical rule between them.
pub fn split_left(buffer: &mut Buffer, area: Rect, left: u16, theme: &Theme) -> (Rect, Rect) {
    let left = left.min(area.width.saturating_sub(2));
    for row in 0..area.height {
        if area.width > left {
            buffer.set_string(area.x + left, area.y + row, "│", theme.dim());
        }
    }
    let right = Rect { x: area.x + left + 1, width: area.width.saturating_sub(left + 1), ..area };
    (Rect { width: left, ..area }, right)
}

/// The style of a notice.
pub fn tone(theme: &Theme, tone: Tone) -> Style {
    match tone {
        Tone::Good => theme.good(),
        Tone::Plain => theme.plain(),
        Tone::Warn => theme.warn(),
        Tone::Bad => theme.bad(),
    }
}

/// A notice as one line: glyph, what, hint.
pub fn notice_line(notice: &Notice, theme: &Theme) -> Line<'static> {
    let mut spans = vec![
        Span::styled(format!(" {} ", notice.glyph()), tone(theme, notice.tone)),
        Span::styled(notice.headline.clone(), tone(theme, notice.tone)),
    ];
    if let Some(hint) = &notice.hint {
        spans.push(Span::styled(format!(" · {hint}"), theme.dim()));
    }
    Line::from(spans)
}

/// A failure in its pane: what, the hint below it, and what to press; `again` where `ctrl-r` repeats what failed.
pub fn failure(buffer: &mut Buffer, area: Rect, notice: &Notice, again: bool, theme: &Theme) {
    let mut row = 0;
    let wide = usize::from(area.width.saturating_sub(3)).max(1);
    for (i, part) in wrap(&notice.headline, wide).into_iter().take(3).enumerate() {
        let glyph = if i == 0 { format!(" {} ", notice.glyph()) } else { "   ".to_owned() };
        put(buffer, area, row, &Line::styled(format!("{glyph}{part}"), tone(theme, notice.tone)));
        row += 1;
    }
    if let Some(hint) = &notice.hint {
        for part in wrap(hint, wide).into_iter().take(3) {
            put(buffer, area, row, &Line::from(format!("   {part}")));
            row += 1;
        }
    }
    let mut keys = vec![Span::raw("   ")];
    if again {
        keys.extend([Span::styled("ctrl-r", theme.key()), Span::styled(" tries again  ", theme.dim())]);
    }
    if notice.chain.len() > 1 {
        keys.extend([Span::styled("!", theme.key()), Span::styled(" shows the causes", theme.dim())]);
    }
    put(buffer, area, row, &Line::from(keys));
}

/// Something on its way: what, and since when. Nothing is shown for what takes no time.
pub fn loading(
    buffer: &mut Buffer,
    area: Rect,
    what: &str,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
    spin: u8,
    theme: &Theme,
) {
    let seconds = (now - since).num_seconds().max(0);
    let long = if seconds > 0 { format!(" · {seconds} s") } else { String::new() };
    let line = Line::from(vec![
        Span::styled(format!(" {} ", theme.spinner(spin)), theme.accent()),
        Span::styled(format!("{what}{long}"), theme.dim()),
    ]);
    put(buffer, area, 0, &line);
}

/// Draws whatever a pane holds when it is not ready; true when it did.
pub fn unready<T>(
    buffer: &mut Buffer,
    area: Rect,
    load: &Load<T>,
    what: &str,
    clock: (DateTime<Utc>, u8),
    theme: &Theme,
) -> bool {
    match load {
        Load::Ready(_) => return false,
        Load::Idle => {}
        Load::Loading { since } => loading(buffer, area, what, *since, clock.0, clock.1, theme),
        Load::Failed(notice) => failure(buffer, area, notice, true, theme),
    }
    true
}

/// Words in lines of at most `wide` cells.
pub fn wrap(text: &str, wide: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let used = lines.last().map_or(0, |l| width(l));
        if used > 0 && used + 1 + width(word) > wide {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// A bar of `wide` cells, filled to a share of 1.
pub fn bar(share: f64, wide: usize) -> String {
    let filled = ((share.clamp(0.0, 1.0) * wide as f64).round() as usize).min(wide);
    "■".repeat(filled) + &"□".repeat(wide - filled)
}

/// A solid bar in exactly `wide` cells. A share that is there is seen, however small.
pub fn solid(share: f64, wide: usize) -> String {
    let full = (share.clamp(0.0, 1.0) * wide as f64).round() as usize;
    fit(&"█".repeat(full.max(usize::from(share > 0.0)).min(wide)), wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit_exactly() {
        assert_eq!(fit("abc", 5), "abc  ");
        assert_eq!(fit_right("abc", 5), "  abc");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(width(&fit("日本語", 4)), 4);
        assert_eq!(fit("abc", 0), "");
    }

    #[test]
    fn the_selected_row_stays_in_view() {
        let mut cursor = Cursor::default();
        cursor.step(30, 100);
        assert_eq!(cursor.scroll(100, 10), 21);
        cursor.step(-5, 100);
        assert_eq!(cursor.scroll(100, 10), 21, "it moves only when it must");
        cursor.step(-50, 100);
        assert_eq!(cursor.scroll(100, 10), 0);
        cursor.step(500, 100);
        assert_eq!((cursor.at, cursor.scroll(100, 10)), (99, 90));
        cursor.step(5, 0);
        assert_eq!(cursor.scroll(0, 10), 0);
    }

    #[test]
    fn bars_fill() {
        assert_eq!(bar(0.5, 4), "■■□□");
        assert_eq!(bar(2.0, 3), "■■■");
        assert_eq!(bar(f64::NAN, 2), "□□");
        assert_eq!([solid(0.5, 4), solid(0.001, 3), solid(0.0, 2)], ["██  ", "█  ", "  "]);
    }
}
