//! `note` and `tag`: what analysts say of a run.

use crate::cli::{Global, Note, Tag};
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::run::{self, Notes, Retag, RunDir};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Shows, sets or removes a run's note.
pub fn note(context: &Context, global: &Global, args: &Note) -> Result<ExitCode> {
    let dir = run::find(&context.home, &args.run)?;
    let notes = match &args.text {
        Some(text) => dir.set_note(Some(text))?,
        None if args.clear => dir.set_note(None)?,
        None => Notes::read(&dir)?,
    };
    let text = match &notes.note {
        Some(note) => format!("{}\n({}, {})\n", note.text, note.by.who, note.by.at),
        None => format!("run {} has no note\n", dir.id),
    };
    print(global, &dir, &notes, &text)
}

/// Shows or changes a run's tags.
pub fn tag(context: &Context, global: &Global, args: &Tag) -> Result<ExitCode> {
    let dir = run::find(&context.home, &args.run)?;
    let removed = args.remove.iter().map(|tag| format!("-{tag}"));
    let words: Vec<String> = args.tags.iter().cloned().chain(removed).collect();
    let change = Retag::parse(words.iter().map(String::as_str))?;
    let notes = if change == Retag::default() { Notes::read(&dir)? } else { dir.retag(&change)? };
    let lines: String = notes.tags.iter().map(|(tag, by)| format!("{tag}  ({}, {})\n", by.who, by.at)).collect();
    let text = if lines.is_empty() { format!("run {} has no tags\n", dir.id) } else { lines };
    print(global, &dir, &notes, &text)
}

fn print(global: &Global, dir: &RunDir, notes: &Notes, text: &str) -> Result<ExitCode> {
    if global.json {
        let note = notes.note.as_ref().map(|note| json!({"text": note.text, "who": note.by.who, "at": note.by.at}));
        let tags: Value =
            notes.tags.iter().map(|(tag, by)| (tag.clone(), json!({"who": by.who, "at": by.at}))).collect();
        output::print_json(&json!({"run": dir.id, "note": note, "tags": tags}))?;
    } else {
        output::print(&output::clean(text))?;
    }
    Ok(ExitCode::SUCCESS)
}
