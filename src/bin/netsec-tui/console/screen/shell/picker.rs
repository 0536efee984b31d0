//! Help and palette: actions with a search field over them. The chosen one is run.

use crate::console::app::{App, Overlay, Picker, Screen};
use crate::console::keymap::{Action, Binding, Context, stack};
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::update::{go, run};
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{Cursor, below, cut, put, put_right, split_top};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The keys of this view.
pub fn help(app: &App) -> Picker {
    Picker::new(app.keys.active(&app.contexts()).collect())
}

/// Every action, those of this view first.
pub fn palette(app: &App) -> Picker {
    let here = stack(app.view());
    let rest = app.keys.all().filter(|b| !here.contains(&b.context) && offered(b));
    Picker::new(app.keys.active(&here).filter(|b| b.context.screen().is_some() || offered(b)).chain(rest).collect())
}

/// Whether the palette offers a binding outside its own context: those of lists and text fields mean nothing there.
fn offered(binding: &Binding) -> bool {
    !matches!(binding.context, Context::Motion | Context::Sideways | Context::Text)
        && (binding.context.screen().is_some() || matches!(binding.context, Context::Global | Context::Always))
        && !binding.context.types()
        && !matches!(binding.action, Action::Back | Action::Close | Action::Pane)
}

/// What fits a typed text, best first.
pub fn fuzzy(text: &str, hays: impl Iterator<Item = String>) -> Vec<usize> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = hays
        .enumerate()
        .filter_map(|(i, hay)| Some((pattern.score(Utf32Str::new(&hay, &mut buffer), &mut matcher)?, i)))
        .collect();
    scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
    scored.into_iter().map(|(_, i)| i).collect()
}

/// Does what is asked while the list is open.
pub fn act(app: &mut App, mut picker: Picker, action: Action, wrap: fn(Picker) -> Overlay) -> Vec<Effect> {
    let len = picker.found.len();
    match action {
        Action::Back => return Vec::new(),
        Action::Submit => {
            let Some(binding) = picker.found.get(picker.cursor.at).copied() else { return Vec::new() };
            let mut effects = Vec::new();
            // What belongs to another screen is done there.
            if let Some(screen) = binding.context.screen().filter(|s| *s != app.screen) {
                effects.extend(go(app, screen));
            }
            let view = app.view();
            let done = run(app, binding);
            // Some actions belong to a view that is not open; those that can be done all the same have been.
            let is_quiet = done.is_empty() && app.view() == view && app.overlay.is_none() && app.notice.is_none();
            if is_quiet && !app.contexts().contains(&binding.context) {
                app.say(Tone::Plain, format!("not in this view: {}", binding.help));
            }
            effects.extend(done);
            return effects;
        }
        Action::Down => picker.cursor.step(1, len),
        Action::Up => picker.cursor.step(-1, len),
        Action::PageDown => picker.cursor.step(picker.cursor.page(), len),
        Action::PageUp => picker.cursor.step(-picker.cursor.page(), len),
        _ => {}
    }
    app.overlay = Some(wrap(picker));
    Vec::new()
}

impl Picker {
    fn new(mut all: Vec<&'static Binding>) -> Self {
        // The same action on the same screen is offered once, by its nearest key.
        let mut seen = Vec::new();
        all.retain(|b| {
            let what = (b.action, b.context.screen());
            let new = !seen.contains(&what);
            seen.push(what);
            new
        });
        Self { input: Input::line(""), cursor: Cursor::default(), found: all.clone(), all }
    }

    /// Finds what fits the typed text, best first.
    pub fn search(&mut self) {
        self.cursor = Cursor::default();
        let text = self.input.text();
        if text.trim().is_empty() {
            self.found = self.all.clone();
            return;
        }
        let hay = |b: &&'static Binding| format!("{} {} {}", b.help, b.label.unwrap_or(""), b.keys.join(" "));
        self.found = fuzzy(&text, self.all.iter().map(hay)).into_iter().map(|i| self.all[i]).collect();
    }
}

pub fn draw(app: &App, picker: &Picker, title: &str, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let inside = popup(buffer, area, 76, (picker.all.len() as u16 + 4).min(area.height), title, theme);
    let (field, list) = split_top(inside, 1);
    picker.input.draw(buffer, field, true, "type to search, enter runs", theme);
    let list = below(list, 1);
    if picker.found.is_empty() {
        put(buffer, list, 0, &Line::styled(" nothing fits", theme.dim()));
    }
    let top = picker.cursor.scroll(picker.found.len(), usize::from(list.height));
    for (row, (i, binding)) in picker.found.iter().enumerate().skip(top).take(usize::from(list.height)).enumerate() {
        let at = i == picker.cursor.at;
        let keys: Vec<String> = binding.keys.iter().map(|k| (*k).to_owned()).collect();
        let place = binding.context.screen().filter(|s| *s != app.screen).map_or("", Screen::name);
        let line = Line::from(vec![
            mark(at, true, theme),
            Span::styled(format!("{:<14} ", cut(&keys.join(" "), 14)), theme.key()),
            Span::raw(binding.help),
        ]);
        select(buffer, list, row as u16, at, theme);
        put(buffer, list, row as u16, &line);
        put_right(buffer, list, row as u16, line.width(), &Line::styled(place, theme.dim()));
    }
}
