//! The one table of keys. It binds them, writes the footer and the help, and feeds the palette.

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

use Action as A;
use Context as C;

/// All of them. Within a context the most useful comes first: the footer is cut off at the right.
pub static BINDINGS: &[Binding] = &[
    bind(C::Welcome, &["enter"], A::NextStep, Some("next step"), "take the step that comes next"),
    bind(C::Welcome, &["s"], A::Sample, Some("sample"), "load 10,000 synthetic sample rows"),
    bind(C::Welcome, &["o"], A::OpenFile, Some("open file"), "load a file: CSV, ARFF, Parquet, JSON lines"),
    bind(C::Welcome, &["tab"], A::Pane, Some("browse"), "browse the collections"),
    bind(C::Path, &["enter"], A::Submit, Some("load"), "load the file into the collection"),
    bind(C::Path, &["esc"], A::Back, Some("back"), "back without loading"),
    bind(C::Tree, &["enter"], A::Open, Some("open"), "show the collection's documents"),
    bind(C::Tree, &["tab"], A::Pane, Some("documents"), "to the documents"),
    bind(C::Tree, &["/"], A::Filter, Some("filter"), "filter the documents"),
    bind(C::Tree, &["v"], A::Fields, Some("fields"), "what is in each field, and what is wrong with the rows"),
    bind(C::Tree, &["s"], A::Sample, None, "load 10,000 synthetic sample rows"),
    bind(C::Tree, &["o"], A::OpenFile, Some("open file"), "load a file: CSV, ARFF, Parquet, JSON lines"),
    bind(C::Table, &["enter"], A::Open, Some("document"), "show the document as JSON"),
    bind(C::Table, &["/"], A::Filter, Some("filter"), "filter: Result=-1 URL_Length>=0, or MongoDB's JSON form"),
    bind(C::Table, &["v"], A::Fields, Some("fields"), "what is in each field, and what is wrong with the rows"),
    bind(C::Table, &["n"], A::NextPage, Some("next page"), "the next page"),
    bind(C::Table, &["p"], A::PreviousPage, Some("previous"), "the page before"),
    bind(C::Table, &["c"], A::CopyCell, Some("copy cell"), "copy the cell to your clipboard"),
    bind(C::Table, &["C", "y"], A::CopyRow, Some("copy row"), "copy the document as JSON to your clipboard"),
    bind(C::Table, &["o"], A::OpenFile, None, "load a file: CSV, ARFF, Parquet, JSON lines"),
    bind(C::Table, &["tab"], A::Pane, Some("collections"), "to the collections or the document"),
    bind(C::Filter, &["enter"], A::Submit, Some("apply"), "apply the filter"),
    bind(C::Filter, &["esc"], A::Back, Some("back"), "leave the filter as it was"),
    bind(C::Document, &["C", "y", "c"], A::CopyRow, Some("copy"), "copy the document as JSON to your clipboard"),
    bind(C::Document, &["tab"], A::Pane, Some("documents"), "to the documents"),
    bind(C::Document, &["v"], A::Fields, Some("fields"), "what is in each field, and what is wrong with the rows"),
    bind(C::Fields, &["enter"], A::Open, Some("field"), "show the field's values, and what was refused"),
    bind(C::Fields, &["s"], A::Sort, Some("sort"), "sort by the next measure: the schema's order, missing, refused"),
    bind(C::Fields, &["y"], A::CopyCommand, Some("copy command"), "copy the command line that judges the same rows"),
    bind(C::Fields, &["r"], A::Refresh, Some("read again"), "read the rows again"),
    bind(C::Fields, &["v"], A::Fields, None, "back to the collection"),
    bind(C::Fields, &["o"], A::OpenFile, None, "load a file: CSV, ARFF, Parquet, JSON lines"),
    bind(C::Field, &["left", "p"], A::Left, Some("field"), "the field before"),
    bind(C::Field, &["right", "n"], A::Right, None, "the next field"),
    bind(C::Field, &["y"], A::CopyCommand, Some("copy command"), "copy the command line that judges the same rows"),
    bind(C::Field, &["r"], A::Refresh, Some("read again"), "read the rows again"),
    bind(C::Field, &["v"], A::Fields, None, "back to the collection"),
    bind(C::Drift, &["enter"], A::Open, Some("column"), "show the column's distributions and measures"),
    bind(C::Drift, &["/"], A::Filter, Some("find"), "find columns by name"),
    bind(C::Drift, &["s"], A::Sort, Some("sort"), "sort by the next measure"),
    bind(C::Drift, &["h"], A::History, Some("history"), "what the drift of each run was"),
    bind(C::Drift, &["b"], A::Reference, Some("reference"), "choose what the rows are held against"),
    bind(C::Drift, &["w"], A::Rows, Some("rows"), "choose the current rows: a collection, a time window, a file"),
    bind(C::Drift, &["e"], A::Export, Some("export"), "write the report to a file"),
    bind(C::Drift, &["y"], A::CopyCommand, None, "copy the command line that makes the same report"),
    bind(C::Drift, &["r"], A::Refresh, None, "compare again"),
    bind(C::Column, &["left", "p"], A::Left, Some("column"), "the column before"),
    bind(C::Column, &["right", "n"], A::Right, None, "the next column"),
    bind(C::Column, &["e"], A::Export, Some("export"), "write the report to a file"),
    bind(C::Column, &["y"], A::CopyCommand, None, "copy the command line that makes the same report"),
    bind(C::History, &["enter"], A::Open, Some("report"), "show the run's drift report"),
    bind(C::History, &["h"], A::History, Some("close"), "back to the present rows"),
    bind(C::Find, &["enter"], A::Submit, Some("keep"), "to the columns that were found"),
    bind(C::Find, &["esc"], A::Back, Some("all columns"), "back to all columns"),
    bind(C::Find, &["down"], A::Down, None, "down"),
    bind(C::Find, &["up"], A::Up, None, "up"),
    bind(C::Sides, &["enter"], A::Submit, Some("compare"), "compare these rows"),
    bind(C::Sides, &["esc"], A::Back, Some("back"), "leave it as it was"),
    bind(C::Sides, &["ctrl-l"], A::Clear, Some("clear"), "empty the field"),
    bind(C::Form, &["enter"], A::Submit, Some("start"), "start the run"),
    bind(C::Form, &["space"], A::Toggle, Some("on or off"), "switch the family on or off"),
    bind(C::Form, &["a"], A::Attach, Some("attach to a run"), "watch a run that is there already"),
    bind(C::Form, &["c"], A::CopyCommand, Some("copy command"), "copy the command line that does the same"),
    bind(C::Seed, &["enter"], A::Submit, Some("start"), "start the run"),
    bind(C::Seed, &["esc"], A::Back, Some("back"), "one field up"),
    bind(C::Seed, &["up", "shift-tab"], A::Up, None, "one field up"),
    bind(C::Seed, &["down", "tab"], A::Down, None, "one field down"),
    bind(C::Live, &["enter"], A::Open, Some("report"), "show the finished run's report"),
    bind(C::Live, &["x"], A::Cancel, Some("cancel"), "ask the run to stop"),
    bind(C::Live, &["z"], A::Zoom, Some("zoom"), "give the selected family the whole screen"),
    bind(C::Live, &["l"], A::Log, Some("log"), "show the run's log"),
    bind(C::Live, &["a"], A::Attach, Some("attach"), "watch another run"),
    bind(C::Live, &["N"], A::NewRun, Some("new run"), "back to the form for another run"),
    bind(C::Live, &["R"], A::Resume, Some("resume"), "take up a run that was interrupted, failed or cancelled"),
    bind(C::Live, &["c"], A::CopyCommand, None, "copy the command line that does the same"),
    bind(C::Zoom, &["z"], A::Zoom, Some("all families"), "back to all families"),
    bind(C::Zoom, &["tab"], A::Pane, Some("next family"), "the next family"),
    bind(C::Zoom, &["x"], A::Cancel, Some("cancel"), "ask the run to stop"),
    bind(C::Log, &["l"], A::Log, Some("close"), "close the log"),
    bind(C::Log, &["x"], A::Cancel, Some("cancel"), "ask the run to stop"),
    bind(C::Attach, &["enter"], A::Open, Some("watch"), "watch the run"),
    bind(C::Attach, &["a"], A::Attach, Some("close"), "close the list"),
    bind(C::Runs, &["enter"], A::Open, Some("report"), "show the run's report"),
    bind(C::Runs, &["p"], A::PredictWith, Some("predict"), "score rows with the run's winner"),
    bind(C::Runs, &["s"], A::Sort, Some("sort"), "sort by the next column"),
    bind(C::Runs, &["a"], A::Attach, Some("watch"), "watch the run live"),
    bind(C::Runs, &["x"], A::Cancel, Some("cancel"), "ask the run to stop"),
    bind(C::Runs, &["R"], A::Resume, Some("resume"), "take up a run that was interrupted, failed or cancelled"),
    bind(C::Runs, &["c"], A::CopyId, Some("copy id"), "copy the run's id to your clipboard"),
    bind(C::Report, &["p"], A::PredictWith, Some("predict"), "score rows with the selected model"),
    bind(C::Report, &["tab"], A::Pane, Some("next pane"), "the next pane: errors, probabilities, curve, importance"),
    bind(C::Report, &["t"], A::Threshold, Some("threshold"), "choose from where the model calls a row positive"),
    bind(C::Report, &["a"], A::Attach, Some("trials"), "show the run's trials and curves"),
    bind(C::Report, &["c"], A::CopyId, Some("copy id"), "copy the run's id to your clipboard"),
    bind(C::Report, &["x"], A::Cancel, None, "ask the run to stop"),
    bind(C::Report, &["R"], A::Resume, None, "take up a run that was interrupted, failed or cancelled"),
    bind(C::Threshold, &["enter"], A::Submit, Some("set"), "store the threshold with the model"),
    bind(C::Threshold, &["esc"], A::Back, Some("back"), "leave the threshold as it is"),
    bind(C::Paste, &["enter"], A::Submit, Some("score"), "score the row"),
    bind(C::Paste, &["ctrl-j", "alt-enter"], A::Newline, Some("new line"), "begin a new line"),
    bind(C::Paste, &["ctrl-l"], A::Clear, Some("clear"), "empty the paste area"),
    bind(C::Paste, &["tab"], A::Pane, Some("features"), "to the features"),
    bind(C::Paste, &["esc"], A::Back, Some("leave the text"), "to the features, where keys are commands"),
    bind(
        C::Verdict,
        &["left", "h"],
        A::Left,
        Some("change value"),
        "give the feature the level before, and score again",
    ),
    bind(C::Verdict, &["right", "l"], A::Right, None, "give the feature the next level, and score again"),
    bind(C::Verdict, &["r"], A::Reset, Some("reset"), "back to the values as pasted"),
    bind(C::Verdict, &["e", "i", "enter"], A::Edit, Some("edit"), "to the paste area"),
    bind(C::Verdict, &["m"], A::NextRun, Some("model"), "score with the next finished run"),
    bind(C::Verdict, &["f"], A::NextFamily, Some("family"), "score with the run's next family"),
    bind(C::Verdict, &["c"], A::CopyRow, Some("copy"), "copy the verdict to your clipboard"),
    bind(C::Verdict, &["tab"], A::Pane, Some("paste area"), "to the paste area"),
    bind(C::Picker, &["enter"], A::Submit, Some("run"), "run the action"),
    bind(C::Picker, &["down", "ctrl-n"], A::Down, None, "down"),
    bind(C::Picker, &["up", "ctrl-p"], A::Up, None, "up"),
    bind(C::Picker, &["pgdn", "ctrl-d"], A::PageDown, None, "a page down"),
    bind(C::Picker, &["pgup", "ctrl-u"], A::PageUp, None, "a page up"),
    bind(C::Picker, &["esc"], A::Back, Some("close"), "close"),
    bind(C::Confirm, &["y"], A::Yes, Some("yes"), "yes"),
    bind(C::Confirm, &["n", "esc", "q"], A::No, Some("no"), "no"),
    bind(C::Reason, &["esc", "enter", "q", "!"], A::Back, Some("close"), "close"),
    bind(C::Motion, &["down", "j"], A::Down, None, "down"),
    bind(C::Motion, &["up", "k"], A::Up, None, "up"),
    bind(C::Motion, &["home", "g"], A::Top, None, "to the top"),
    bind(C::Motion, &["end", "G"], A::Bottom, None, "to the bottom"),
    bind(C::Motion, &["ctrl-d"], A::HalfDown, None, "half a page down"),
    bind(C::Motion, &["ctrl-u"], A::HalfUp, None, "half a page up"),
    bind(C::Motion, &["pgdn"], A::PageDown, None, "a page down"),
    bind(C::Motion, &["pgup"], A::PageUp, None, "a page up"),
    bind(C::Sideways, &["left", "h"], A::Left, None, "left, or the choice before"),
    bind(C::Sideways, &["right", "l"], A::Right, None, "right, or the next choice"),
    bind(C::Global, &["1"], A::Screen(Screen::Data), None, "screen 1: Data"),
    bind(C::Global, &["2"], A::Screen(Screen::Drift), None, "screen 2: Drift"),
    bind(C::Global, &["3"], A::Screen(Screen::Train), None, "screen 3: Train"),
    bind(C::Global, &["4"], A::Screen(Screen::Runs), None, "screen 4: Runs"),
    bind(C::Global, &["6"], A::Screen(Screen::Predict), None, "screen 6: Predict"),
    bind(C::Global, &["]"], A::NextTab, None, "the next screen"),
    bind(C::Global, &["["], A::PreviousTab, None, "the screen before"),
    bind(C::Global, &["esc"], A::Back, Some("back"), "one level back"),
    bind(C::Global, &["?"], A::Help, None, "the keys of this view"),
    bind(C::Global, &[":"], A::Palette, None, "find an action by name"),
    bind(C::Global, &["!"], A::Why, None, "the causes of the failure that is shown"),
    bind(C::Global, &["q"], A::Close, None, "close the view; at the root, leave"),
    bind(C::Always, &["ctrl-r"], A::Refresh, None, "fetch again"),
    bind(C::Always, &["f1"], A::Help, None, "the keys of this view"),
    bind(C::Always, &["ctrl-z"], A::Suspend, None, "suspend the console; fg brings it back"),
    bind(C::Always, &["ctrl-c"], A::Leave, None, "leave the console; runs go on"),
];

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
    stack.iter().flat_map(|context| BINDINGS.iter().filter(move |b| b.context == *context))
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
