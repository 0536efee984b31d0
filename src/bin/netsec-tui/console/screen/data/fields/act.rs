//! What keys do in the view of the fields.

use super::{FieldsView, command};
use crate::console::app::App;
use crate::console::keymap::Action;
use crate::console::msg::Effect;
use crate::console::update::motion;
use crate::console::widget::Cursor;

/// Does what belongs to the view; none for what does not. What belongs to the documents closes it: it is done where
/// it can be seen.
pub fn perform(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    if action == Action::CopyCommand {
        let line = command(app, app.data.fields.as_ref()?);
        return Some(app.copy("the command", line));
    }
    let view = app.data.fields.as_mut()?;
    match action {
        Action::Fields => app.data.fields = None,
        Action::Open => {
            if !view.rows().is_empty() && view.reading.is_none() {
                view.reading = Some(Cursor::default());
            }
        }
        Action::Sort => {
            view.order = view.order.next();
            // A new order is read from its top, whatever was selected.
            view.cursor = Cursor::default();
            view.remember_selected();
        }
        Action::Left => step(view, -1),
        Action::Right => step(view, 1),
        Action::OpenFile | Action::Sample | Action::NextStep | Action::Submit | Action::Cancel => return None,
        other => match motion(other, &view.cursor, 0) {
            Some(_) => scroll(view, other),
            None => {
                app.data.fields = None;
                return None;
            }
        },
    }
    Some(Vec::new())
}

/// Another field, read from its top.
fn step(view: &mut FieldsView, by: isize) {
    view.cursor.step(by, view.rows().len());
    view.remember_selected();
    if let Some(reading) = &mut view.reading {
        *reading = Cursor::default();
    }
}

fn scroll(view: &mut FieldsView, action: Action) {
    if let Some(reading) = &mut view.reading {
        let len = view.lines.get();
        if let Some(by) = motion(action, reading, len) {
            // A text has no selected line: it scrolls by its first one.
            let last = len.saturating_sub(reading.height.get());
            reading.at = reading.at.saturating_add_signed(by).min(last);
        }
        return;
    }
    let len = view.rows().len();
    if let Some(by) = motion(action, &view.cursor, len) {
        view.cursor.step(by, len);
        view.remember_selected();
    }
}
