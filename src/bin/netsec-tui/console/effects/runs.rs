//! What the Runs screen asks for: the list, a report, thresholds, and asking a run to stop or to go on.

use super::data::expand;
use super::{Effects, short};
use crate::console::format::plural;
use crate::console::msg::JobId;
use crate::console::msg::runs::{Answer, Ask, Detail, Edited, RunRow};
use crate::context::Context;
use netsec::event::Family;
use netsec::predict::{self, Chosen};
use netsec::run::{self, Catalog, RunDir, RunStatus, trash};
use netsec::settings::Home;
use netsec::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let home = effects.context.home.clone();
    let context = effects.context.clone();
    match ask {
        Ask::List => {
            let known = Arc::clone(&effects.known);
            effects.blocking(job, move || runs(&home, &known), Answer::List);
        }
        Ask::Cancel(id) => effects.blocking(
            job,
            move || {
                let dir = run::find(&home, &id)?;
                dir.cancel()?;
                Ok(format!("asked run {} to stop; it looks between trials, folds and trees", short(&dir.id)))
            },
            Answer::Asked,
        ),
        Ask::Resume(id, accept) => effects.blocking(
            job,
            move || {
                let dir = run::find(&home, &id)?;
                if accept {
                    dir.accept_validation()?;
                }
                dir.start_worker(&home, &context.place, &context.handover(), None)?;
                Ok(format!("run {} goes on", short(&dir.id)))
            },
            Answer::Asked,
        ),
        Ask::Compare(entrants) => super::compare::compare(effects, job, entrants),
        Ask::WriteComparison(all, path) => super::compare::write(effects, job, all, path),
        Ask::Detail(id) => {
            effects.blocking(job, move || detail(&run::find(&home, &id)?).map(Box::new), Answer::Detail);
        }
        Ask::Thresholds(id, families) => {
            effects.blocking(job, move || thresholds(&run::find(&home, &id)?, &families), Answer::Thresholds);
        }
        Ask::SetThreshold(id, family, choice) => {
            let loaded = effects.loaded.clone();
            effects.blocking(
                job,
                move || {
                    let chosen = predict::set_threshold(&run::find(&home, &id)?, Some(family), choice)?;
                    // It has the threshold of before.
                    *loaded.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    Ok(Box::new(chosen))
                },
                Answer::Threshold,
            );
        }
        Ask::Bin => effects.blocking(job, move || trash::trashed(&home), Answer::Bin),
        edit => effects.blocking(job, move || self::edit(&context, edit), Answer::Edited),
    }
}

fn runs(home: &Home, known: &Mutex<Catalog>) -> Result<Vec<RunRow>> {
    Ok(known.lock().unwrap_or_else(PoisonError::into_inner).list(home)?.into_rows())
}

/// Does what changes a run, or what is there of it.
fn edit(context: &Context, ask: Ask) -> Result<Edited> {
    let home = &context.home;
    let (mut deleted, mut restored): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let text = match ask {
        Ask::Note(id, text) => {
            let notes = run::find(home, &id)?.set_note(Some(&text))?;
            let what = if notes.note.is_some() { "is written down" } else { "is removed" };
            format!("the note of run {} {what}", short(&id))
        }
        Ask::Tags(id, change) => {
            let tags: Vec<String> = run::find(home, &id)?.retag(&change)?.tags.into_keys().collect();
            let tags = if tags.is_empty() { "no tags".to_owned() } else { tags.join(" ") };
            format!("run {} has {tags}", short(&id))
        }
        Ask::Export { path, text, rows } => {
            let path = expand(&path);
            netsec::files::write_new(&path, text.as_bytes())?;
            format!("{} written to {}", plural(rows as u64, "run"), path.display())
        }
        Ask::Trash(ids) => {
            for id in &ids {
                let moved = run::find(home, id).and_then(|dir| {
                    let promoted = Handle::current().block_on(context.has_production(&dir));
                    trash::discard(home, &dir, promoted)
                });
                if let Err(e) = moved {
                    // All or none: what was asked is one thing, and is taken back as one.
                    for id in &deleted {
                        let _ = trash::restore(home, id);
                    }
                    return Err(e);
                }
                deleted.push(id.clone());
            }
            format!("{} in the trash · u has {} back", are(&ids), if ids.len() == 1 { "it" } else { "them" })
        }
        Ask::Restore(ids) => {
            let mut failed = None;
            for id in &ids {
                match trash::restore(home, id) {
                    Ok(dir) => restored.push(dir.id),
                    Err(e) => failed = Some(e),
                }
            }
            match failed {
                // A colleague may have had one back before, or emptied the trash.
                Some(e) if restored.is_empty() => return Err(e),
                Some(e) => format!("{} of {} back; {e}", restored.len(), plural(ids.len() as u64, "run")),
                None => format!("{} back", are(&ids)),
            }
        }
        other => return Err(Error::internal(format!("{other:?} changes nothing"))),
    };
    Ok(Edited { text, deleted, restored })
}

/// The runs as the subject of a sentence.
fn are(ids: &[String]) -> String {
    match ids {
        [id] => format!("run {} is", short(id)),
        ids => format!("{} are", plural(ids.len() as u64, "run")),
    }
}

fn detail(dir: &RunDir) -> Result<Detail> {
    let entry = run::entry(dir)?;
    let report = dir.report()?.filter(|_| entry.status == RunStatus::Finished);
    let log = entry.state.log.iter().map(|l| (l.at.clone(), l.text.clone())).collect();
    Ok(Detail { row: RunRow::from(&entry), report, log })
}

/// The thresholds of models that have one that can be told: a run of an older version has kept no folds' curve.
fn thresholds(dir: &RunDir, families: &[Family]) -> Result<Vec<Chosen>> {
    Ok(families.iter().filter_map(|family| predict::threshold(dir, Some(*family)).ok()).collect())
}
