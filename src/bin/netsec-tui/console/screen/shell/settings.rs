//! The settings, where each comes from, and the paths; to be looked at. They are changed in their files.

use super::picker::fuzzy;
use crate::console::app::{App, Overlay};
use crate::console::clean::clean;
use crate::console::keymap::Action;
use crate::console::msg::Effect;
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{Cursor, below, cut, fit, put, put_right, split_top, width, wrap};
use crate::context::Context;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A setting or a path.
#[derive(Debug, Clone)]
pub struct Setting {
    pub name: String,
    pub value: String,
    /// A file and the line, a variable, the command line, or that it is built in.
    pub origin: String,
    /// What to do to change it.
    pub advice: String,
}

/// All of them, to be looked at.
pub fn all(context: &Context) -> Vec<Setting> {
    let file = context.home.settings_file();
    let advice = |key: &str, origin: &str| match origin.split_once(", line ") {
        Some((path, _)) => format!("change it in {path}"),
        None if origin.starts_with("environment") || origin == "command line" => {
            format!("it stands above the files; without it, {key} is read from them")
        }
        None => format!("to change it, write {key} into {}", file.display()),
    };
    let setting = |(key, (value, origin)): (&String, &(String, String))| Setting {
        name: clean(key),
        value: clean(&redact(&value.replace('\n', " "))),
        origin: clean(origin),
        advice: clean(&advice(key, origin)),
    };
    let path = |(name, path): (&str, std::path::PathBuf)| Setting {
        name: format!("path of {name}"),
        value: clean(&path.display().to_string()),
        origin: if path.exists() { "there" } else { "not there yet" }.to_owned(),
        advice: "--home or NETSEC_HOME names another home".to_owned(),
    };
    let paths = crate::command::paths(&context.home).into_iter().map(path);
    context.layered.origins.iter().map(setting).chain(paths).collect()
}

/// An address without the name and the secret in it.
fn redact(value: &str) -> String {
    match value.split_once("://") {
        Some((scheme, rest)) => match rest.split_once('@') {
            Some((_, rest)) => format!("{scheme}://***@{rest}"),
            None => value.to_owned(),
        },
        None => value.to_owned(),
    }
}

/// The list with its search field.
#[derive(Debug, Clone)]
pub struct SettingsView {
    pub input: Input,
    pub cursor: Cursor,
    found: Vec<usize>,
}

impl SettingsView {
    pub fn new(app: &App) -> Self {
        Self { input: Input::line(""), cursor: Cursor::default(), found: (0..app.around.settings.len()).collect() }
    }

    /// Finds what fits the typed text, best first.
    pub fn search(&mut self, all: &[Setting]) {
        self.cursor = Cursor::default();
        let text = self.input.text();
        self.found = match text.trim() {
            "" => (0..all.len()).collect(),
            text => fuzzy(text, all.iter().map(|s| format!("{} {} {}", s.name, s.value, s.origin))),
        };
    }

    fn chosen<'a>(&self, app: &'a App) -> Option<&'a Setting> {
        app.around.settings.get(*self.found.get(self.cursor.at)?)
    }
}

/// Does what is asked while the list is open.
pub fn act(app: &mut App, mut view: SettingsView, action: Action) -> Vec<Effect> {
    let len = view.found.len();
    let mut effects = Vec::new();
    match (action, view.chosen(app).cloned()) {
        (Action::Back, _) => return effects,
        (Action::CopyCell, Some(setting)) => effects = app.copy(&setting.name, setting.value),
        (Action::CopyRow, Some(setting)) => {
            // The file alone: an editor opens it.
            let place = setting.origin.split(", line ").next().unwrap_or_default().to_owned();
            effects = app.copy("where it comes from", place);
        }
        (Action::Down, _) => view.cursor.step(1, len),
        (Action::Up, _) => view.cursor.step(-1, len),
        (Action::PageDown, _) => view.cursor.step(view.cursor.page(), len),
        (Action::PageUp, _) => view.cursor.step(-view.cursor.page(), len),
        _ => {}
    }
    app.overlay = Some(Overlay::Settings(view));
    effects
}

pub fn draw(app: &App, view: &SettingsView, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let rows = (view.found.len() as u16).saturating_add(8);
    let inside = popup(buffer, area, 120, rows.min(area.height), "settings", theme);
    let (field, rest) = split_top(inside, 1);
    view.input.draw(buffer, field, true, "type to search", theme);
    let rest = below(rest, 1);
    // Where there is room, the whole of what is selected stands below the list.
    let told = if rest.height >= 5 { 4 } else { 0 };
    let (list, detail) = split_top(rest, rest.height - told);
    if view.found.is_empty() {
        put(buffer, list, 0, &Line::styled(" nothing fits", theme.dim()));
    }
    let names = app.around.settings.iter().map(|s| width(&s.name)).max().unwrap_or(0).min(28);
    let wide = usize::from(list.width);
    let top = view.cursor.scroll(view.found.len(), usize::from(list.height));
    let shown = view.found.iter().enumerate().skip(top).take(usize::from(list.height));
    for (row, (i, at)) in shown.enumerate() {
        let Some(setting) = app.around.settings.get(*at) else { continue };
        let here = i == view.cursor.at;
        let origin = short(&setting.origin);
        let room = wide.saturating_sub(names + width(&origin) + 6);
        let line = Line::from(vec![
            mark(here, true, theme),
            Span::styled(fit(&setting.name, names), theme.key()),
            Span::raw(format!("  {}", cut(&setting.value, room))),
        ]);
        select(buffer, list, row as u16, here, theme);
        put(buffer, list, row as u16, &line);
        put_right(buffer, list, row as u16, line.width(), &Line::styled(origin, theme.dim()));
    }
    if let Some(setting) = view.chosen(app) {
        let texts = [setting.value.clone(), format!("from: {}", setting.origin), setting.advice.clone()];
        let wide = wide.saturating_sub(2).max(1);
        let lines = texts.into_iter().flat_map(|text| wrap(&text, wide)).take(usize::from(detail.height));
        for (row, text) in lines.enumerate() {
            put(buffer, detail, row as u16 + 1, &Line::raw(format!(" {text}")));
        }
    }
}

/// An origin in few cells: a file by its name.
fn short(origin: &str) -> String {
    match origin.rsplit_once('/') {
        Some((_, name)) => name.to_owned(),
        None => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(redact("mongodb://user:secret@host/db"), "mongodb://***@host/db");
        assert_eq!(redact("mongodb://host/db"), "mongodb://host/db");
        assert_eq!(redact("netsec-1"), "netsec-1");
    }

    #[test]
    fn a_file_is_shown_by_its_name() {
        assert_eq!(short("/home/a/.config/netsec/netsec.yaml, line 4"), "netsec.yaml, line 4");
        assert_eq!(short("built-in"), "built-in");
    }
}
