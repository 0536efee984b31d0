//! `models`, `ledger`, `verify`, `pull` and `gc`: what is in the registry; and whole runs, to it and back.

use super::confirm;
use super::meter::Meter;
use super::promote::outcome;
use crate::cli::{Gc, Global, LedgerOf, Models, MoveRun, Pull, Verify};
use crate::context::Context;
use crate::output;
use netsec::form::{self, plural, score};
use netsec::registry::{self, Entry, Overview, Version, runs as stored_runs, version_number};
use netsec::{Error, Result, run};
use serde_json::{Value, json};
use std::process::ExitCode;

/// A time as people read it, to the minute.
fn minute(at: &str) -> String {
    at.get(..16).unwrap_or(at).replace('T', " ")
}

/// Lists the versions, and what the aliases are on.
pub async fn models(context: &Context, global: &Global, args: &Models) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let all = registry.overview().await?;
    let names = registry.names().await?;
    if global.json {
        output::print_json(&document(&all, &names))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{} in {}\n", all.name, all.place);
    for alias in all.ledger.aliases() {
        if let Some(entry) = all.ledger.holder(alias) {
            let (v, who) = (entry.version, format!("{}@{}", entry.user, entry.host));
            text += &format!("{alias}: v{v} since {} by {who}: {}\n", minute(&entry.at), entry.reason);
        }
    }
    if all.versions.is_empty() {
        text += "no version yet: netsec-tui promote RUN --reason TEXT\n";
    } else {
        text += &table(&all);
    }
    for (n, made) in &all.unfinished {
        text += &format!("v{n} was begun by {}@{} on {} and is not complete\n", made.user, made.host, minute(&made.at));
    }
    for alias in &all.stale {
        text += &format!("the pointer of {alias} is not where the ledger says: netsec-tui verify --repair\n");
    }
    let others: Vec<&str> = names.iter().map(String::as_str).filter(|name| *name != all.name).collect();
    if !others.is_empty() {
        text += &format!("other models: {}\n", others.join(", "));
    }
    output::print(&output::clean(&text))?;
    Ok(ExitCode::SUCCESS)
}

fn table(all: &Overview) -> String {
    let head = ["version", "family", "run", "F1", "95 % interval", "recall", "aliases", "registered", "by"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for version in &all.versions {
        let mut aliases = version.aliases.join(", ");
        if version.retired.is_some() {
            aliases = "retired".to_owned();
        }
        rows.push(match &version.manifest {
            Ok(of) => {
                let test = &of.scores.test;
                vec![
                    format!("v{}", version.n),
                    of.family.code().to_owned(),
                    form::short(&of.run, 6),
                    score(test.f1),
                    format!("[{} {}]", score(test.f1_ci[0]), score(test.f1_ci[1])),
                    score(test.recall),
                    aliases,
                    minute(&of.registered.at),
                    format!("{}@{}", of.registered.user, of.registered.host),
                ]
            }
            Err(why) => vec![format!("v{}", version.n), "unreadable".to_owned(), why.clone()],
        });
    }
    output::table(&rows)
}

fn document(all: &Overview, names: &[String]) -> Value {
    let version = |of: &Version| match &of.manifest {
        Ok(manifest) => json!({
            "version": of.n, "aliases": of.aliases, "retired": of.retired, "manifest": manifest,
        }),
        Err(why) => json!({"version": of.n, "aliases": of.aliases, "retired": of.retired, "unreadable": why}),
    };
    let unfinished = |(n, made): &(u32, registry::Made)| json!({"version": n, "begun": made});
    let aliases: serde_json::Map<String, Value> = all
        .ledger
        .aliases()
        .into_iter()
        .filter_map(|alias| Some((alias.to_owned(), json!(all.ledger.holder(alias)?))))
        .collect();
    json!({
        "name": all.name, "place": all.place, "names": names, "aliases": aliases,
        "versions": all.versions.iter().map(version).collect::<Vec<_>>(),
        "unfinished": all.unfinished.iter().map(unfinished).collect::<Vec<_>>(),
        "stale": all.stale,
    })
}

/// The timeline, or what was in use at a time.
pub async fn ledger(context: &Context, global: &Global, args: &LedgerOf) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let ledger = registry.ledger().await?;
    if let Some(text) = &args.at {
        let at = registry::until(text)?;
        let held: Vec<(&str, &Entry)> =
            ledger.aliases().into_iter().filter_map(|alias| Some((alias, ledger.holder_at(alias, &at)?))).collect();
        if global.json {
            let held: serde_json::Map<String, Value> =
                held.into_iter().map(|(alias, entry)| (alias.to_owned(), json!(entry))).collect();
            output::print_json(&json!({"at": at, "aliases": held}))?;
        } else if held.is_empty() {
            output::print(&format!("no alias was on a version of {} at {at}\n", registry.name()))?;
        } else {
            let told = |(alias, entry): &(&str, &Entry)| {
                let who = format!("{}@{}", entry.user, entry.host);
                let since = minute(&entry.at);
                format!("{alias}: v{} (run {}), since {since} by {who}: {}\n", entry.version, entry.run, entry.reason)
            };
            output::print(&output::clean(&held.iter().map(told).collect::<String>()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let shown: Vec<&Entry> = ledger.entries.iter().rev().take(args.limit).collect();
    if global.json {
        output::print_json(&json!({"name": registry.name(), "place": registry.place(), "entries": shown}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows =
        vec![["entry", "action", "version", "", "who", "when (UTC)", "gate", "why"].map(str::to_owned).to_vec()];
    rows.extend(shown.into_iter().map(|entry| {
        let gate = entry.gate.as_ref().map_or(String::new(), |gate| outcome(gate.outcome).to_owned());
        let why = match &entry.overridden {
            Some(text) => format!("{} (overridden: {text})", entry.reason),
            None => entry.reason.clone(),
        };
        vec![
            format!("{:06}", entry.n),
            entry.action.name().to_owned(),
            format!("v{}", entry.version),
            entry.alias.as_ref().map_or(String::new(), |alias| format!("to {alias}")),
            format!("{}@{}", entry.user, entry.host),
            minute(&entry.at),
            gate,
            output::one_line(&why),
        ]
    }));
    output::print(&output::table(&rows))?;
    Ok(ExitCode::SUCCESS)
}

/// Holds everything against its hashes.
pub async fn verify(context: &Context, global: &Global, args: &Verify) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let meter = Meter::new("verifying", "version");
    let found = registry::verify(&registry, &|done, all| meter.show(done, Some((done, all)))).await;
    meter.end();
    let mut found = found?;
    let mut repaired = Vec::new();
    // From a ledger that is whole only.
    if args.repair && found.problems.is_empty() {
        repaired = registry::repair(&registry).await?;
        found.stale.retain(|alias| !repaired.contains(alias));
    }
    if global.json {
        output::print_json(&json!({"name": registry.name(), "found": found, "repaired": repaired}))?;
    } else {
        let mut text = String::new();
        found.problems.iter().for_each(|problem| text += &format!("NOT WHOLE: {problem}\n"));
        for alias in &found.stale {
            text += &format!("the pointer of {alias} is not where the ledger says: --repair puts it right\n");
        }
        found.leftovers.iter().for_each(|left| text += &format!("left over: {left}\n"));
        repaired.iter().for_each(|alias| text += &format!("the pointer of {alias} was put right\n"));
        let what = [
            plural(found.versions.into(), "version"),
            plural(found.objects, "object"),
            match found.entries {
                1 => "1 entry".to_owned(),
                n => format!("{} entries", form::count(n.into())),
            },
        ];
        let verdict = if found.problems.is_empty() { "as they were registered" } else { "not all as registered" };
        text += &format!("{}, {}, {} of the ledger: {verdict}\n", what[0], what[1], what[2]);
        output::print(&output::clean(&text))?;
    }
    Ok(if found.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes a version's files into a directory.
pub async fn pull(context: &Context, global: &Global, args: &Pull) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let version = match version_number(&args.what) {
        Some(n) => n,
        None => {
            let ledger = registry.ledger().await?;
            ledger.holder(&args.what).map(|entry| entry.version).ok_or_else(|| {
                Error::user(format!("no version of {} is in {}", registry.name(), args.what))
                    .hint("name an alias or a version; netsec-tui models lists both")
            })?
        }
    };
    let bundle = registry.pull(version, &args.dir).await?;
    if global.json {
        output::print_json(&json!({"dir": args.dir.display().to_string(), "manifest": bundle.manifest}))?;
    } else {
        let (name, dir) = (registry.name(), args.dir.display());
        output::print(&output::clean(&format!("{name} v{version} is in {dir}, every file as it was registered\n")))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Removes what no entry of the ledger needs.
pub async fn gc(context: &Context, global: &Global, args: &Gc) -> Result<ExitCode> {
    let registry = context.registry_named(args.of.name.as_deref())?;
    let mut found = registry::collect(&registry, true).await?;
    let what = plural(found.len() as u64, "version");
    let mut removed = false;
    if !args.dry_run && !found.is_empty() && (args.yes || confirm::removal(global, &what)?) {
        found = registry::collect(&registry, false).await?;
        removed = true;
    }
    if global.json {
        output::print_json(&json!({"name": registry.name(), "removed": removed, "versions": found}))?;
    } else if found.is_empty() {
        output::print("nothing that no entry of the ledger needs\n")?;
    } else {
        let word = if removed { "removed" } else { "not needed" };
        let line = |of: &registry::Collected| {
            let size = form::count(of.bytes / 1024);
            format!("v{}: {word}: {}, {}, {size} KiB\n", of.version, of.reason, plural(of.objects, "object"))
        };
        output::print(&output::clean(&found.iter().map(line).collect::<String>()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies a whole run to the registry's storage, or back.
pub async fn move_run(context: &Context, global: &Global, what: &MoveRun) -> Result<ExitCode> {
    let store = context.objects()?;
    let place = store.place();
    let (id, back) = match what {
        MoveRun::Push { run } => (run, false),
        MoveRun::Pull { run: Some(run) } => (run, true),
        MoveRun::Pull { run: None } => {
            let all = stored_runs::list(store.as_ref()).await?;
            if global.json {
                output::print_json(&json!({"place": place, "runs": all}))?;
            } else if all.is_empty() {
                output::print(&output::clean(&format!("no run is in {place}: netsec-tui runs push RUN\n")))?;
            } else {
                output::print(&output::clean(&(all.join("\n") + "\n")))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
    };
    let meter = Meter::new(if back { "pulling" } else { "pushing" }, "byte");
    let tell = |done: u64, all: u64| meter.show(done, Some((done, all)));
    let moved = if back {
        stored_runs::pull(store.as_ref(), &context.home, id, &tell).await
    } else {
        stored_runs::push(store.as_ref(), &run::find(&context.home, id)?, &tell).await
    };
    meter.end();
    let moved = moved?;
    if global.json {
        output::print_json(&json!({"place": place, "moved": moved}))?;
        return Ok(ExitCode::SUCCESS);
    }
    let (run, files) = (&moved.run, plural(moved.files, "file"));
    let size = form::count(moved.bytes / 1024);
    let text = match (back, moved.already) {
        (false, false) => format!("run {run} is in {place}: {files}, {size} KiB, verified\n"),
        (false, true) => format!("run {run} was in {place} already, the same {files}\n"),
        (true, false) => format!("run {run} is here: {files}, {size} KiB, each as it was pushed\n"),
        (true, true) => format!("run {run} was here already, the same {files}\n"),
    };
    output::print(&output::clean(&text))?;
    Ok(ExitCode::SUCCESS)
}
