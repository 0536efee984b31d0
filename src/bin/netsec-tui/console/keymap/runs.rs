//! The keys of the Runs screen.

use super::{Action as A, Binding, Context as C, bind};

pub static BINDINGS: &[Binding] = &[
    bind(C::Runs, &["enter"], A::Open, Some("report"), "show the run's report"),
    bind(C::Runs, &["p"], A::PredictWith, Some("predict"), "score rows with the run's winner"),
    bind(C::Runs, &["="], A::Compare, Some("compare"), "compare the marked runs with the baseline"),
    bind(C::Runs, &["s"], A::Sort, Some("sort"), "sort by the next column"),
    bind(C::Runs, &["a"], A::Attach, Some("watch"), "watch the run live"),
    bind(C::Runs, &["x"], A::Cancel, Some("cancel"), "ask the run to stop"),
    bind(C::Runs, &["R"], A::Resume, Some("resume"), "take up a run that was interrupted, failed or cancelled"),
    bind(C::Runs, &["c"], A::CopyId, Some("copy id"), "copy the run's id to your clipboard"),
    bind(C::Report, &["p"], A::PredictWith, Some("predict"), "score rows with the selected model"),
    bind(C::Report, &["tab"], A::Pane, Some("next pane"), "the next pane: errors, probabilities, curve, importance"),
    bind(C::Report, &["t"], A::Threshold, Some("threshold"), "choose from where the model calls a row positive"),
    bind(C::Report, &["="], A::Compare, Some("compare"), "compare the selected model with the baseline's"),
    bind(C::Report, &["a"], A::Attach, Some("trials"), "show the run's trials and curves"),
    bind(C::Report, &["c"], A::CopyId, Some("copy id"), "copy the run's id to your clipboard"),
    bind(C::Report, &["x"], A::Cancel, None, "ask the run to stop"),
    bind(C::Report, &["R"], A::Resume, None, "take up a run that was interrupted, failed or cancelled"),
    bind(C::Threshold, &["enter"], A::Submit, Some("set"), "store the threshold with the model"),
    bind(C::Threshold, &["esc"], A::Back, Some("back"), "leave the threshold as it is"),
];
