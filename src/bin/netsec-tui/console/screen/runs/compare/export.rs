//! The comparison as a file: the field that asks for its name.

use crate::console::app::App;
use crate::console::load::{Notice, Tone};
use crate::console::msg::runs::Ask;
use crate::console::msg::{Effect, JobId};
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::{below, put, tone, wrap};
use netsec::compare::Form;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::path::PathBuf;
use std::sync::Arc;

/// The field.
#[derive(Debug)]
pub struct Prompt {
    pub input: Input,
    /// Why this name will not do.
    pub error: Option<Notice>,
}

/// Asks for a name; one stands there.
pub fn ask(app: &mut App) {
    let Some(compare) = &mut app.runs.compare else { return };
    let Some(all) = compare.found.ready() else { return };
    let ids: Vec<String> = all.models.iter().map(|m| netsec::form::short(&m.run, 6)).collect();
    let name = format!("compare-{}.md", ids.join("-"));
    compare.prompt = Some(Prompt { input: Input::line(&name), error: None });
}

/// Writes the file, in the background.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let Some(compare) = &mut app.runs.compare else { return Vec::new() };
    let (Some(prompt), Some(all)) = (&mut compare.prompt, compare.found.ready().map(Arc::clone)) else {
        return Vec::new();
    };
    let path = PathBuf::from(prompt.input.text().trim());
    if let Err(error) = Form::of(&path) {
        prompt.error = Some(error.into());
        return Vec::new();
    }
    compare.prompt = None;
    let job = app.begin(format!("write {}", path.display()));
    let now = app.now;
    if let Some(compare) = &mut app.runs.compare {
        compare.writing.restart(job, now);
    }
    vec![Effect::Runs(job, Ask::WriteComparison(all, path))]
}

/// Takes that no answer comes any more: the job was stopped.
pub fn stopped(app: &mut App, job: JobId, why: &Notice) {
    if let Some(compare) = &mut app.runs.compare {
        compare.writing.accept(job, Err(why.clone()));
    }
}

/// Draws it over the screen.
pub fn draw(app: &App, prompt: &Prompt, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let wide = 72.min(area.width);
    let room = usize::from(wide.saturating_sub(6)).max(8);
    let forms = "The ending says what: .md a page, .csv what differs, .json everything with the curves. A bare name is \
                 put below the home's reports. What is there is never overwritten.";
    let (text, style) = match &prompt.error {
        Some(error) => (
            format!("{} {}: {}", error.glyph(), error.headline, error.hint.as_deref().unwrap_or_default()),
            tone(theme, Tone::Bad),
        ),
        None => (forms.to_owned(), theme.dim()),
    };
    let lines = wrap(&text, room);
    let inside = popup(buffer, area, wide, lines.len() as u16 + 4, "write the comparison", theme);
    let field = Rect { height: inside.height.min(1), ..inside };
    prompt.input.draw(buffer, field, true, "name.md", theme);
    let rest = below(inside, 2);
    for (row, line) in lines.into_iter().enumerate() {
        put(buffer, rest, row as u16, &Line::styled(line, style));
    }
}
