//! The one table of keys. It binds them, writes the footer and the help, and feeds the palette.

mod data;
mod drift;
mod predict;
mod runs;
mod shell;
mod train;

use super::app::Screen;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Everywhere, also while text is typed.
    Always,
    /// Everywhere but while text is typed.
    Global,
    /// In whatever has rows.
    Motion,
    /// In whatever has columns or choices.
    Sideways,
    Welcome,
    Path,
    Tree,
    Table,
    Filter,
    Document,
    Fields,
    Field,
    Drift,
    Column,
    History,
    Find,
    Sides,
    Form,
    Seed,
    Live,
    Zoom,
    Log,
    Attach,
    Runs,
    Report,
    Threshold,
    Paste,
    Verdict,
    Picker,
    Confirm,
    Reason,
}

impl Context {
    /// Whether plain characters are text here.
    pub fn types(self) -> bool {
        matches!(
            self,
            Context::Path
                | Context::Filter
                | Context::Find
                | Context::Sides
                | Context::Seed
                | Context::Threshold
                | Context::Paste
                | Context::Picker
        )
    }

    /// The screen on which it is found.
    pub fn screen(self) -> Option<Screen> {
        use Context as C;
        match self {
            C::Welcome | C::Path | C::Tree | C::Table | C::Filter | C::Document | C::Fields | C::Field => {
                Some(Screen::Data)
            }
            C::Drift | C::Column | C::History | C::Find | C::Sides => Some(Screen::Drift),
            C::Form | C::Seed | C::Live | C::Zoom | C::Log | C::Attach => Some(Screen::Train),
            C::Runs | C::Report | C::Threshold => Some(Screen::Runs),
            C::Paste | C::Verdict => Some(Screen::Predict),
            _ => None,
        }
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Screen(Screen),
    NextTab,
    PreviousTab,
    Help,
    Palette,
    Refresh,
    Leave,
    Close,
    Back,
    Suspend,
    Why,
    Pane,
    Down,
    Up,
    Top,
    Bottom,
    HalfDown,
    HalfUp,
    PageDown,
    PageUp,
    Left,
    Right,
    Open,
    Toggle,
    Sample,
    OpenFile,
    NextStep,
    NextPage,
    PreviousPage,
    Fields,
    Filter,
    CopyCell,
    CopyRow,
    Submit,
    Newline,
    Clear,
    Edit,
    Reset,
    NextRun,
    NextFamily,
    Zoom,
    Log,
    Cancel,
    Resume,
    Attach,
    NewRun,
    CopyCommand,
    CopyId,
    Sort,
    PredictWith,
    Threshold,
    History,
    Reference,
    Rows,
    Export,
    Yes,
    No,
}

/// A line of the table.
#[derive(Debug, PartialEq)]
pub struct Binding {
    pub context: Context,
    pub keys: &'static [&'static str],
    pub action: Action,
    /// The word in the footer; none where it is only in the help.
    pub label: Option<&'static str>,
    pub help: &'static str,
}

const fn bind(
    context: Context,
    keys: &'static [&'static str],
    action: Action,
    label: Option<&'static str>,
    help: &'static str,
) -> Binding {
    Binding { context, keys, action, label, help }
}

use Context as C;

/// All of them. Within a context the most useful comes first: the footer is cut off at the right.
pub fn all() -> impl Iterator<Item = &'static Binding> {
    [data::BINDINGS, drift::BINDINGS, train::BINDINGS, runs::BINDINGS, predict::BINDINGS, shell::BINDINGS]
        .into_iter()
        .flatten()
}

/// A key press as written in the table.
pub fn name(key: &KeyEvent) -> String {
    let base = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => return "shift-tab".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::Left => "left".to_owned(),
        KeyCode::Right => "right".to_owned(),
        KeyCode::Up => "up".to_owned(),
        KeyCode::Down => "down".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::PageUp => "pgup".to_owned(),
        KeyCode::PageDown => "pgdn".to_owned(),
        KeyCode::F(n) => format!("f{n}"),
        _ => String::new(),
    };
    let ctrl = if key.modifiers.contains(KeyModifiers::CONTROL) { "ctrl-" } else { "" };
    let alt = if key.modifiers.contains(KeyModifiers::ALT) { "alt-" } else { "" };
    format!("{ctrl}{alt}{base}")
}

/// The bindings that hold, innermost context first.
pub fn active(stack: &[Context]) -> impl Iterator<Item = &'static Binding> {
    stack.iter().flat_map(|context| all().filter(move |b| b.context == *context))
}

/// What a key does, given where the focus is.
pub fn lookup(stack: &[Context], key: &KeyEvent) -> Option<Action> {
    let name = name(key);
    active(stack).find(|b| b.keys.contains(&name.as_str())).map(|b| b.action)
}

/// A context with those that surround it.
pub fn stack(inner: Context) -> Vec<Context> {
    match inner {
        C::Confirm | C::Reason => vec![inner],
        inner if inner.types() => vec![inner, C::Always],
        C::Tree
        | C::Fields
        | C::Field
        | C::Drift
        | C::Column
        | C::History
        | C::Live
        | C::Log
        | C::Attach
        | C::Runs
        | C::Report
        | C::Document
        | C::Zoom => {
            vec![inner, C::Motion, C::Global, C::Always]
        }
        C::Table | C::Form => vec![inner, C::Motion, C::Sideways, C::Global, C::Always],
        // Left and right are its own: they change a value.
        C::Verdict => vec![inner, C::Motion, C::Global, C::Always],
        _ => vec![inner, C::Global, C::Always],
    }
}

#[cfg(test)]
mod tests;
