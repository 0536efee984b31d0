//! The keys of a comparison of runs.

use super::{Action as A, Binding, Context as C, bind};

pub static BINDINGS: &[Binding] = &[
    bind(C::Compare, &["tab"], A::Pane, Some("next pane"), "the next pane: what differs, scores, errors and so on"),
    bind(C::Compare, &["left", "h"], A::Left, Some("switch"), "the curve before; in trials, the axis before"),
    bind(C::Compare, &["right", "l"], A::Right, None, "the next curve; in trials, the next axis"),
    bind(C::Compare, &["f"], A::NextFamily, Some("family"), "trials of the next family"),
    bind(C::Compare, &["z"], A::Zoom, Some("corner"), "curves: only the corner where good models differ"),
    bind(C::Compare, &["n"], A::NextPair, Some("next run"), "hold the next run against the base"),
    bind(C::Compare, &["N"], A::PreviousPair, None, "hold the run before against the base"),
    bind(C::Compare, &["a"], A::All, Some("all"), "list what is the same, too"),
    bind(C::Compare, &["s"], A::Swap, Some("swap"), "make the other run the base"),
    bind(C::Compare, &["e"], A::Export, Some("export"), "write the comparison as Markdown, CSV or JSON"),
    bind(C::Compare, &["y"], A::CopyCommand, Some("copy command"), "copy the command that makes the same comparison"),
    bind(C::Compare, &["x"], A::Cancel, Some("stop"), "stop the comparison that is being made"),
    bind(C::ComparisonFile, &["enter"], A::Submit, Some("write"), "write the comparison into this file"),
    bind(C::ComparisonFile, &["esc"], A::Back, Some("back"), "write nothing"),
];
