//! Notes, tags, the file that the table is written to, and what is deleted and had back.

use super::columns::chosen;
use crate::console::app::{App, Decision, Overlay};
use crate::console::clean::clean;
use crate::console::format::{plural, short_id};
use crate::console::load::{Notice, Tone};
use crate::console::msg::Effect;
use crate::console::msg::runs::Ask;
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::{below, notice_line, put};
use crossterm::event::KeyEvent;
use netsec::run::table::{self, Format, Group};
use netsec::run::{LONGEST_NOTE, Retag, RunStatus};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use std::path::Path;

/// What is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The note of a run.
    Note(String),
    /// The tags of a run, and those it has.
    Tags(String, Vec<String>),
    /// The file that the table is written to.
    Export,
}

/// The field in which it is typed.
#[derive(Debug)]
pub struct Prompt {
    pub what: What,
    pub input: Input,
    /// Why the text will not do.
    pub error: Option<Notice>,
}

fn ask(app: &mut App, what: What, text: &str) {
    if app.runs.look.edited.job.is_some() {
        return app.say(Tone::Plain, "the last change is still being written");
    }
    app.runs.look.prompt = Some(Prompt { what, input: Input::line(text), error: None });
}

/// Asks for the selected run's note.
pub fn note(app: &mut App) {
    let Some(run) = app.runs.current() else { return };
    let (id, text) = (run.id.clone(), run.note.clone().unwrap_or_default().replace('\n', " "));
    ask(app, What::Note(id), &text);
}

/// Asks for the selected run's tags.
pub fn tags(app: &mut App) {
    let Some(run) = app.runs.current() else { return };
    let (id, tags) = (run.id.clone(), run.tags.clone());
    let text = tags.join(" ");
    ask(app, What::Tags(id, tags), &text);
}

/// Asks where the table is written to.
pub fn export(app: &mut App) {
    if app.runs.shown().is_empty() {
        return app.say(Tone::Plain, "no run is shown that could be written");
    }
    ask(app, What::Export, "runs.csv");
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(prompt) = &mut app.runs.look.prompt {
        prompt.input.key(key);
        prompt.error = None;
    }
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(prompt) = &mut app.runs.look.prompt {
        prompt.input.paste(text);
        prompt.error = None;
    }
}

/// Does what was typed; what will not do stays in the field.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = &app.runs.look.prompt else { return Vec::new() };
    let text = prompt.input.text();
    let wish = match &prompt.what {
        What::Note(id) if text.chars().count() > LONGEST_NOTE => {
            let e = netsec::Error::user(format!("the note of {} is too long", short_id(id)));
            Err(e.hint(format!("a note has {LONGEST_NOTE} characters at most")))
        }
        What::Note(id) => Ok(Ask::Note(id.clone(), text)),
        What::Tags(id, present) => Retag::to(present, &text).map(|change| Ask::Tags(id.clone(), change)),
        What::Export => write(app, &text),
    };
    match wish {
        Ok(wish) => {
            app.runs.look.prompt = None;
            edit(app, wish)
        }
        Err(e) => {
            if let Some(prompt) = &mut app.runs.look.prompt {
                prompt.error = Some(e.into());
            }
            Vec::new()
        }
    }
}

/// The table as it is shown: its filter, order, groups and columns, also those for which there is no room.
fn write(app: &App, path: &str) -> netsec::Result<Ask> {
    let path = path.trim();
    let format = Format::of(Path::new(path.trim_matches(['\'', '"'])))?;
    let (shown, by) = (app.runs.shown(), app.runs.look.group);
    let rows = shown.len();
    let groups = match by {
        Some(field) => table::group(shown, field),
        None => vec![Group { name: None, rows: shown }],
    };
    let text = table::write(&groups, by, &chosen(app), format)?;
    Ok(Ask::Export { path: path.to_owned(), text, rows })
}

/// Asks for a change.
fn edit(app: &mut App, wish: Ask) -> Vec<Effect> {
    let job = app.job();
    app.runs.look.edited.restart(job, app.now);
    vec![Effect::Runs(job, wish)]
}

/// Asks whether the selected run, or the marked ones, are to be deleted.
pub fn delete(app: &mut App) {
    let Some(run) = app.runs.current() else { return };
    let ids = app.runs.meant(&run.id);
    let of = |id: &String| app.runs.all().iter().find(|run| run.id == *id);
    if let Some(living) = ids.iter().filter_map(of).find(|run| run.status == RunStatus::Running) {
        let text = format!("run {} is running: x asks it to stop, then it can be deleted", short_id(&living.id));
        return app.say(Tone::Warn, text);
    }
    if app.runs.look.edited.job.is_some() {
        return app.say(Tone::Plain, "the last change is still being written");
    }
    let question = match ids.as_slice() {
        [id] => format!("Delete run {}?", short_id(id)),
        ids => format!("Delete {}?", plural(ids.len() as u64, "marked run")),
    };
    app.overlay = Some(Overlay::Confirm {
        question,
        detail: "it goes to the trash: u has it back, T shows the trash".to_owned(),
        decision: Decision::TrashRuns(ids),
    });
}

/// Moves runs to the trash; the question was answered with yes.
pub fn trash(app: &mut App, ids: Vec<String>) -> Vec<Effect> {
    edit(app, Ask::Trash(ids))
}

/// Has runs back from the trash.
pub fn restore(app: &mut App, ids: Vec<String>) -> Vec<Effect> {
    if app.runs.look.edited.job.is_some() {
        app.say(Tone::Plain, "the last change is still being written");
        return Vec::new();
    }
    edit(app, Ask::Restore(ids))
}

/// Has back what was deleted last.
pub fn undo(app: &mut App) -> Vec<Effect> {
    let ids = app.runs.look.deleted.clone();
    if ids.is_empty() {
        app.say(Tone::Plain, "nothing was deleted here since the start; T shows the trash");
        return Vec::new();
    }
    restore(app, ids)
}

/// Draws the field over the screen.
pub fn draw(app: &App, prompt: &Prompt, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (title, holder, help) = match &prompt.what {
        What::Note(id) => (
            format!("note of run {}", short_id(id)),
            "what was this run for?",
            "colleagues see it; whoever writes last wins; empty removes it".to_owned(),
        ),
        What::Tags(id, _) => (
            format!("tags of run {}", short_id(id)),
            "baseline monthly",
            "words with spaces between them; the filter finds them with tag=".to_owned(),
        ),
        What::Export => {
            let rows = app.runs.shown().len() as u64;
            (format!("write {} to", plural(rows, "run")), "runs.csv", "the ending says how: .csv .json .md".to_owned())
        }
    };
    let inside = popup(buffer, area, 72, 5, &title, theme);
    prompt.input.draw(buffer, Rect { height: inside.height.min(1), ..inside }, true, holder, theme);
    let line = match &prompt.error {
        Some(notice) => notice_line(notice, theme),
        None => Line::styled(clean(&help), theme.dim()),
    };
    put(buffer, below(inside, 2), 0, &line);
}
