//! How the models of a comparison are told apart: a letter, a marker and a colour each, the same in every pane.

use crate::console::app::App;
use netsec::event::Family;
use ratatui::style::Style;
use ratatui::text::Span;

/// The letter of a model: A is the base.
pub fn letter(nth: usize) -> char {
    char::from(b'A' + (nth % 26) as u8)
}

/// The colour of a model. The set is that of the families, by place and not by family: two may be of one.
pub fn style(app: &App, nth: usize) -> Style {
    app.theme.family(hue(nth))
}

fn hue(nth: usize) -> Family {
    Family::ALL[nth % Family::ALL.len()]
}

/// Letter and marker.
pub fn tag(app: &App, nth: usize) -> Span<'static> {
    Span::styled(format!("{} {}", letter(nth), app.theme.marker(hue(nth))), style(app, nth))
}
