//! The one table of keys. It binds them, writes the footer and the help, and feeds the palette.

mod chosen;
mod compare;
mod context;
mod data;
mod drift;
mod models;
mod predict;
mod runs;
mod shell;
mod train;

pub use context::Context;

use super::app::Screen;
use super::widget::input::Edit;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key does. Settings name an action as it is named here, see [`Action::name`]: another name is another setting.
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
    CopyDocument,
    Hide,
    ShowAll,
    AsJson,
    Earlier,
    Later,
    Complete,
    Submit,
    Newline,
    Clear,
    Edit,
    Reset,
    Paste,
    Url,
    Batch,
    NextRun,
    NextFamily,
    Zoom,
    Stages,
    Log,
    Notify,
    Cancel,
    Resume,
    Attach,
    NewRun,
    CopyCommand,
    CopyId,
    Sort,
    PredictWith,
    Compare,
    Swap,
    All,
    NextPair,
    PreviousPair,
    Threshold,
    History,
    Reference,
    Rows,
    Export,
    Jobs,
    Notices,
    Settings,
    Connect,
    Plan,
    /// In a text field.
    Text(Edit),
    Group,
    Columns,
    MarkAll,
    Baseline,
    Note,
    Tags,
    Delete,
    Undo,
    Bin,
    Restore,
    Promote,
    Override,
    Rollback,
    Retire,
    OnDate,
    Verify,
    Yes,
    No,
}

impl Action {
    /// The name by which settings know it: `NextPage` is `next-page`.
    pub fn name(self) -> String {
        kebab(&format!("{self:?}"))
    }
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

/// All of them, before any setting. Within a context the most useful comes first: the footer is cut off at the right.
fn built_in() -> impl Iterator<Item = &'static Binding> {
    [
        data::BINDINGS,
        drift::BINDINGS,
        train::BINDINGS,
        runs::BINDINGS,
        compare::BINDINGS,
        models::BINDINGS,
        predict::BINDINGS,
        shell::BINDINGS,
    ]
    .into_iter()
    .flatten()
}

/// The table that holds: the built-in one, with the keys that the settings name.
#[derive(Debug, Clone)]
pub struct Keymap {
    bindings: Vec<&'static Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { bindings: built_in().collect() }
    }
}

impl Keymap {
    pub fn all(&self) -> impl Iterator<Item = &'static Binding> {
        self.bindings.iter().copied()
    }

    /// The bindings that hold, innermost context first.
    pub fn active(&self, stack: &[Context]) -> impl Iterator<Item = &'static Binding> {
        stack.iter().flat_map(|context| self.all().filter(move |b| b.context == *context))
    }

    /// What a key does, given where the focus is.
    pub fn lookup(&self, stack: &[Context], key: &KeyEvent) -> Option<&'static Binding> {
        let name = name(key);
        self.active(stack).find(|b| b.keys.contains(&name.as_str()))
    }
}

/// `NextPage` as `next-page`, `Screen(Data)` as `screen-data`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().filter(|c| c.is_alphanumeric()) {
        if c.is_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// Whether a binding adds rows to the store.
pub fn pushes(binding: &Binding) -> bool {
    matches!((binding.context, binding.action), (_, Action::Sample | Action::OpenFile) | (C::Path, Action::Submit))
}

/// Whether a binding changes what is shared: rows, runs, models. In a read-only console it does nothing. What slips
/// through is stopped where effects are done.
pub fn writes(binding: &Binding) -> bool {
    let other = matches!(
        (binding.context, binding.action),
        (_, Action::Resume | Action::Threshold)
            // Elsewhere it ends a read, which changes nothing.
            | (C::Live | C::Zoom | C::Log | C::Attach | C::Runs | C::Report, Action::Cancel)
            | (C::Runs | C::Report, Action::Note | Action::Tags | Action::Delete | Action::Undo)
            | (C::Trash, Action::Restore | Action::Undo)
            | (_, Action::Promote | Action::Override | Action::Rollback | Action::Retire)
            | (C::Registry, Action::Note)
            | (C::Aliases | C::ChangeText, Action::Submit)
            | (C::Form | C::FormText | C::Threshold, Action::Submit)
    );
    other || pushes(binding)
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

/// A context with those that surround it.
pub fn stack(inner: Context) -> Vec<Context> {
    match inner {
        C::Confirm | C::Reason => vec![inner],
        C::Jobs | C::Notices | C::Connections => vec![inner, C::Motion, C::Always],
        inner if inner.types() => vec![inner, C::Text, C::Always],
        C::Versions | C::Ledger => vec![inner, C::Registry, C::Motion, C::Global, C::Always],
        C::Verified
        | C::Aliases
        | C::Change
        | C::Tree
        | C::Fields
        | C::Field
        | C::Drift
        | C::Column
        | C::History
        | C::Live
        | C::Log
        | C::Attach
        | C::Columns
        | C::Trash
        | C::Report
        | C::Compare
        | C::Document
        | C::Zoom
        | C::Past => {
            vec![inner, C::Motion, C::Global, C::Always]
        }
        C::Table | C::Form | C::Runs => vec![inner, C::Motion, C::Sideways, C::Global, C::Always],
        // Left and right are its own: they change a value.
        C::Verdict | C::Near => vec![inner, C::Around, C::Motion, C::Global, C::Always],
        _ => vec![inner, C::Global, C::Always],
    }
}

#[cfg(test)]
mod tests;
