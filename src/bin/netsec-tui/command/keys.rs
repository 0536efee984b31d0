//! `keys`: the console's keys, by the names that settings know.

use crate::cli::Global;
use crate::console::keymap::Keymap;
use crate::context::Context;
use crate::output;
use netsec::Result;
use serde_json::json;
use std::process::ExitCode;

/// Lists them.
pub fn keys(context: &Context, global: &Global) -> Result<ExitCode> {
    let map = Keymap::chosen(&context.layered)?;
    if global.json {
        let line = |b: &crate::console::keymap::Binding| json!({"view": b.context.name(), "action": b.action.name(), "keys": b.keys, "help": b.help});
        output::print_json(&json!({"keys": map.all().map(line).collect::<Vec<_>>()}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let header = ["view", "action", "keys", ""].map(str::to_owned).to_vec();
    let line = |b: &crate::console::keymap::Binding| {
        vec![b.context.name(), b.action.name(), b.keys.join(" "), b.help.to_owned()]
    };
    let rows: Vec<_> = std::iter::once(header).chain(map.all().map(line)).collect();
    output::print(&output::table(&rows))?;
    Ok(ExitCode::SUCCESS)
}
