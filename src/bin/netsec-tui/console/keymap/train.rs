//! The keys of the Train screen.

use super::{Action as A, Binding, Context as C, bind};

pub static BINDINGS: &[Binding] = &[
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
];
