//! The keys of the Predict screen.

use super::{Action as A, Binding, Context as C, bind};

pub static BINDINGS: &[Binding] = &[
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
];
