//! The filter bar: typed with completion and history, applied as it is typed, and never out of sight while it holds.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{count, plural};
use crate::console::keymap::Action;
use crate::console::load::Tone;
use crate::console::msg::Effect;
use crate::console::theme::Theme;
use crate::console::widget::input::Input;
use crate::console::widget::{below, cut, fit_right, put, put_right, split_top, tone, width};
use crossterm::event::KeyEvent;
use netsec::run::query::{RunFilter, complete};
use netsec::store::FilterError;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Filters that are remembered.
const KEPT: usize = 50;

/// A filter being typed.
#[derive(Debug)]
pub struct Bar {
    pub input: Input,
    /// What held before: it comes back when the bar is left.
    before: String,
    pub error: Option<FilterError>,
    /// Where in the history the text comes from.
    past: Option<usize>,
    /// The words that fit the end of the text, what stands before them, and which one is there now.
    words: Option<(String, Vec<String>, usize)>,
}

/// Opens the bar over the present filter.
pub fn open(app: &mut App) {
    let before = app.runs.look.text.clone();
    let input = Input::line(&before);
    app.runs.look.bar = Some(Bar { input, before, error: None, past: None, words: None });
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(bar) = &mut app.runs.look.bar {
        bar.input.key(key);
        (bar.past, bar.words) = (None, None);
    }
    apply(app);
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(bar) = &mut app.runs.look.bar {
        bar.input.paste(text);
        (bar.past, bar.words) = (None, None);
    }
    apply(app);
}

/// Shows what the text means, as far as it means something; what cannot be read changes nothing.
fn apply(app: &mut App) {
    let Some(bar) = &mut app.runs.look.bar else { return };
    let text = bar.input.text();
    match RunFilter::parse(&text) {
        Ok(filter) => {
            bar.error = None;
            set(app, text, filter);
        }
        Err(e) => bar.error = Some(e),
    }
}

fn set(app: &mut App, text: String, filter: RunFilter) {
    app.runs.look.text = text.trim().to_owned();
    app.runs.look.filter = filter;
    app.runs.follow_selected();
}

/// Takes the filter away; false where there is none.
pub fn clear(app: &mut App) -> bool {
    let held = !app.runs.look.filter.is_all();
    if held {
        set(app, String::new(), RunFilter::default());
    }
    held
}

/// Leaves the bar; what held before holds again.
pub fn leave(app: &mut App) {
    if let Some(bar) = app.runs.look.bar.take()
        && let Ok(filter) = RunFilter::parse(&bar.before)
    {
        set(app, bar.before, filter);
    }
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Submit => return keep(app),
        Action::Complete => next_word(app),
        Action::Up => recall(app, true),
        Action::Down => recall(app, false),
        _ => {}
    }
    Vec::new()
}

/// Keeps the filter and remembers it. One that cannot be read stays in the bar.
fn keep(app: &mut App) -> Vec<Effect> {
    apply(app);
    if app.runs.look.bar.as_ref().is_some_and(|bar| bar.error.is_some()) {
        return Vec::new();
    }
    app.runs.look.bar = None;
    let text = app.runs.look.text.clone();
    if text.is_empty() {
        return Vec::new();
    }
    let filters = &mut app.memory.runs.filters;
    filters.retain(|other| *other != text);
    filters.push(text);
    filters.drain(..filters.len().saturating_sub(KEPT));
    vec![app.remember()]
}

/// Puts the next word that fits at the end of the text.
fn next_word(app: &mut App) {
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let Some(bar) = &mut app.runs.look.bar else { return };
    let (before, words, at) = match bar.words.take() {
        Some((before, words, at)) => {
            let next = (at + 1) % words.len();
            (before, words, next)
        }
        None => {
            let text = bar.input.text();
            let found = complete(&text, rows);
            if found.words.is_empty() {
                return;
            }
            (text[..found.start].to_owned(), found.words, 0)
        }
    };
    bar.input = Input::line(&format!("{before}{}", words[at]));
    // Where there is one only, the next key asks for what comes behind it.
    bar.words = (words.len() > 1).then_some((before, words, at));
    apply(app);
}

/// Takes an earlier filter, or a later one.
fn recall(app: &mut App, earlier: bool) {
    let filters = &app.memory.runs.filters;
    let Some(bar) = &mut app.runs.look.bar else { return };
    let next = match (bar.past, earlier) {
        (None, true) => filters.len().checked_sub(1),
        (Some(at), true) => Some(at.saturating_sub(1)),
        (Some(at), false) => Some(at + 1).filter(|at| *at < filters.len()),
        (None, false) => return,
    };
    bar.past = next;
    bar.words = None;
    bar.input = Input::line(next.and_then(|at| filters.get(at)).map_or("", String::as_str));
    apply(app);
}

/// Draws the bar, or the filter that holds; the rest of the area is left.
pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let look = &app.runs.look;
    let Some(bar) = &look.bar else {
        if look.filter.is_all() {
            return area;
        }
        let (line, rest) = split_top(area, 1);
        let text = cut(&clean(&look.text), usize::from(line.width.saturating_sub(16)));
        let spans = Line::from(vec![Span::styled(" / ", theme.accent()), Span::raw(text)]);
        put(buffer, line, 0, &spans);
        put_right(buffer, line, 0, spans.width(), &Line::styled("esc clears it", theme.dim()));
        return rest;
    };
    let (line, rest) = split_top(area, 1);
    put(buffer, line, 0, &Line::styled(" / ", theme.accent()));
    let field = Rect { x: line.x + 3.min(line.width), width: line.width.saturating_sub(4), ..line };
    bar.input.draw(buffer, field, true, "f1>=.94 family=random_forest status=finished", theme);
    let lines = hint(app, bar, usize::from(area.width.saturating_sub(1)));
    for (row, line) in lines.iter().enumerate() {
        put(buffer, rest, row as u16, line);
    }
    below(rest, lines.len() as u16)
}

/// What is wrong with the text, the words that fit, or how many runs are meant.
fn hint(app: &App, bar: &Bar, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    if let Some((_, words, at)) = &bar.words {
        return vec![some_words(words, Some(*at), theme)];
    }
    if let Some(e) = &bar.error {
        let text = bar.input.text();
        // What is only begun is no mistake yet.
        let begun = complete(&text, app.runs.all());
        if !begun.words.is_empty() && text.chars().count() > e.at && begun.start < text.len() {
            return vec![some_words(&begun.words, None, theme)];
        }
        let before: String = text.chars().take(e.at).collect();
        let indent = (width(&clean(&before)) + 3).min(wide.saturating_sub(1));
        let message = clean(&e.message);
        // Beside the caret, on the side where there is room.
        let caret = if indent + 2 + width(&message) <= wide {
            format!("{}^ {message}", " ".repeat(indent))
        } else {
            format!("{} ^", fit_right(&message, indent.saturating_sub(1)))
        };
        let bad = tone(theme, Tone::Bad);
        return vec![Line::styled(caret, bad), Line::styled(cut(&format!("   {}", clean(&e.hint)), wide), theme.dim())];
    }
    let all = app.runs.all().len() as u64;
    let found = count(app.runs.shown().len() as u64);
    let text = format!("   {found} of {} · tab completes, ↑ an earlier filter", plural(all, "run"));
    vec![Line::styled(text, theme.dim())]
}

/// Words that fit, and which one is there.
fn some_words(words: &[String], at: Option<usize>, theme: &Theme) -> Line<'static> {
    let mut spans = vec![Span::raw("   ")];
    for (i, word) in words.iter().enumerate().skip(at.unwrap_or(0).saturating_sub(3)).take(16) {
        let style = if Some(i) == at { theme.accent() } else { theme.dim() };
        spans.push(Span::styled(format!("{}  ", clean(word)), style));
    }
    Line::from(spans)
}
