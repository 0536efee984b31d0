//! The keys of the Drift screen.

use super::{Action as A, Binding, Context as C, bind};

pub static BINDINGS: &[Binding] = &[
    bind(C::Drift, &["enter"], A::Open, Some("column"), "show the column's distributions and measures"),
    bind(C::Drift, &["/"], A::Filter, Some("find"), "find columns by name"),
    bind(C::Drift, &["s"], A::Sort, Some("sort"), "sort by the next measure"),
    bind(C::Drift, &["h"], A::History, Some("history"), "what the drift of each run was"),
    bind(C::Drift, &["b"], A::Reference, Some("reference"), "choose what the rows are held against"),
    bind(C::Drift, &["w"], A::Rows, Some("rows"), "choose the current rows: a collection, a time window, a file"),
    bind(C::Drift, &["x"], A::Cancel, Some("stop"), "stop the comparison that is under way"),
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
];
