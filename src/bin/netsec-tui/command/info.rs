//! `info`.

use crate::cli::Global;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::settings::Home;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is kept, and where.
pub fn paths(home: &Home) -> [(&'static str, PathBuf); 9] {
    [
        ("home", home.root().to_owned()),
        ("store", home.store()),
        ("runs", home.runs()),
        ("predictions", home.predictions()),
        ("reports", home.reports()),
        ("schemas", home.schemas()),
        ("cache", home.cache()),
        ("console", home.console(&netsec::who::user())),
        ("settings", home.settings_file()),
    ]
}

/// Shows paths, settings and versions.
pub fn info(context: &Context, global: &Global) -> Result<ExitCode> {
    let paths = paths(&context.home);
    let training = context.training()?;
    if global.json {
        let settings: serde_json::Map<_, _> = context
            .layered
            .origins
            .iter()
            .map(|(key, (value, origin))| (key.clone(), serde_json::json!({"value": value, "origin": origin})))
            .collect();
        let paths: serde_json::Map<_, _> =
            paths.iter().map(|(n, p)| ((*n).to_owned(), serde_json::json!(p.display().to_string()))).collect();
        output::print_json(&serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "store": context.store.describe(),
            "connection": context.place.name(),
            "registry": context.location()?.to_string(),
            "read_only": context.settings().read_only || context.place.is_read_only(),
            "paths": paths,
            "settings": settings,
            "spaces": training.spaces(),
            "journal_version": netsec::event::JOURNAL_VERSION,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = vec![vec!["netsec".to_owned(), env!("CARGO_PKG_VERSION").to_owned()]];
    rows.push(vec!["store".to_owned(), context.store.describe()]);
    let read_only = if context.place.is_read_only() { "(read-only)" } else { "" };
    rows.push(vec!["connection".to_owned(), context.place.name().to_owned(), read_only.to_owned()]);
    rows.push(vec!["registry".to_owned(), context.location()?.to_string()]);
    rows.push(vec!["spaces".to_owned(), training.spaces().join(", ")]);
    rows.push(Vec::new());
    rows.extend(paths.iter().map(|(name, path)| {
        let state = if path.exists() { "" } else { "(not there yet)" };
        vec![(*name).to_owned(), path.display().to_string(), state.to_owned()]
    }));
    rows.push(Vec::new());
    for (key, (value, origin)) in &context.layered.origins {
        rows.push(vec![key.clone(), value.clone(), format!("({origin})")]);
    }
    output::print(&output::aligned(&rows))?;
    if global.verbose {
        output::print("\nnetsec-tui --help lists the commands; on a terminal, netsec-tui alone opens the console.\n")?;
    }
    Ok(ExitCode::SUCCESS)
}
