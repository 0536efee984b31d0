//! Other rows: the field that asks which.

use super::{named, resolved};
use crate::console::app::App;
use crate::console::load::{Notice, Tone};
use crate::console::msg::drift::{Ask, Sides};
use crate::console::msg::{Effect, JobId};
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::{loading, put, tone, wrap};
use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Which of the two is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Reference,
    Current,
}

/// A question that is on its way.
#[derive(Debug)]
pub struct Asked {
    pub job: JobId,
    pub since: DateTime<Utc>,
    pub sides: Sides,
}

/// The field.
#[derive(Debug)]
pub struct Prompt {
    pub side: Side,
    pub input: Input,
    pub asked: Option<Asked>,
    /// A question that was asked before the text was changed: nobody waits for its answer.
    superseded: Option<JobId>,
    /// Why these rows are none, or cannot be compared.
    pub error: Option<Notice>,
}

impl Prompt {
    /// Another text is another question.
    pub fn changed(&mut self) {
        self.superseded = self.running();
        (self.asked, self.error) = (None, None);
    }

    /// What is under way for it.
    pub fn running(&self) -> Option<JobId> {
        self.asked.as_ref().map(|asked| asked.job).or(self.superseded)
    }
}

/// Asks which rows; what is compared now stands in the field.
pub fn ask(app: &mut App, side: Side) {
    let report = app.drift.live.ready().map(|drifted| &drifted.report);
    let around = named(&app.around.store.namespace);
    let text = match side {
        Side::Reference => app.drift.sides.reference.as_deref().unwrap_or("champion"),
        Side::Current => {
            app.drift.sides.current.as_deref().or(report.map(|r| r.current.name.as_str())).unwrap_or(&around)
        }
    };
    app.drift.prompt = Some(Prompt { side, input: Input::line(text), asked: None, superseded: None, error: None });
}

pub fn clear(app: &mut App) {
    if let Some(prompt) = &mut app.drift.prompt {
        prompt.input.clear();
        prompt.changed();
    }
}

/// Compares with what was typed; an empty field is the default.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let (job, since, mut sides) = (app.job(), app.now, app.drift.sides.clone());
    // The same question again has the same answer.
    let Some(prompt) = app.drift.prompt.as_mut().filter(|prompt| prompt.asked.is_none()) else { return Vec::new() };
    let text = Some(prompt.input.text().trim().to_owned()).filter(|text| !text.is_empty());
    match prompt.side {
        Side::Reference => sides.reference = text,
        Side::Current => sides.current = text.or_else(|| Some(named(&app.around.store.namespace))),
    }
    prompt.error = None;
    let mut effects: Vec<Effect> = prompt.superseded.take().map(Effect::Stop).into_iter().collect();
    prompt.asked = Some(Asked { job, since, sides: sides.clone() });
    effects.push(Effect::Drift(job, Ask::Compare(resolved(app, sides))));
    effects
}

/// Draws it over the screen.
pub fn draw(app: &App, prompt: &Prompt, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (title, default, forms) = match prompt.side {
        Side::Reference => {
            ("reference", "champion", "champion · v3 · staging · run ID · COLLECTION · COLLECTION@FROM..TO · a file")
        }
        Side::Current => (
            "current rows",
            app.around.store.namespace.collection.as_str(),
            "COLLECTION · COLLECTION@2026-11-01..2026-11-08 · run ID · a file",
        ),
    };
    let wide = 72.min(area.width);
    let room = usize::from(wide.saturating_sub(6)).max(8);
    let mut lines: Vec<Line<'_>> = Vec::new();
    if let Some(error) = &prompt.error {
        for (i, part) in wrap(&error.headline, room).into_iter().take(3).enumerate() {
            let glyph = if i == 0 { error.glyph() } else { " " };
            lines.push(Line::styled(format!("{glyph} {part}"), tone(theme, Tone::Bad)));
        }
        let hint = error.hint.as_deref().unwrap_or_default();
        lines.extend(wrap(hint, room).into_iter().take(3).map(|part| Line::from(format!("  {part}"))));
    } else {
        lines.extend(wrap(forms, room).into_iter().map(|part| Line::styled(part, theme.dim())));
    }
    let inside = popup(buffer, area, wide, lines.len() as u16 + 4, title, theme);
    let field = Rect { height: inside.height.min(1), ..inside };
    prompt.input.draw(buffer, field, true, default, theme);
    let rest = crate::console::widget::below(inside, 2);
    if let Some(asked) = &prompt.asked {
        return loading(buffer, rest, "comparing the rows", asked.since, app.now, app.spin, theme);
    }
    for (row, line) in lines.iter().enumerate() {
        put(buffer, rest, row as u16, line);
    }
}
