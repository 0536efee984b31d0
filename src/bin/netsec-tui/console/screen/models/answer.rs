//! What happens when answers about the registry arrive.

use super::change::{Change, Stage};
use super::{Aside, Focus, check, reread};
use crate::console::app::{App, Screen};
use crate::console::gate::Dirty;
use crate::console::jobs::State;
use crate::console::load::{Notice, Tone};
use crate::console::msg::models::{Answer, Changed};
use crate::console::msg::{Effect, JobId};
use netsec::promote::Step;
use netsec::registry::Overview;

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let effects = match answer {
        Answer::Read(result) => {
            read(app, job, result).then_some(())?;
            Vec::new()
        }
        Answer::Considered(result) => {
            let change = waiting(app, job).filter(|change| change.stage == Stage::Gate)?;
            change.job = None;
            match result {
                Ok(judged) => {
                    change.confirm.clone_from(&judged.name);
                    change.judged = Some((job, *judged));
                    change.stage = Stage::Judged;
                }
                Err(notice) => change.fail(notice),
            }
            if app.screen != Screen::Models || app.models.open != Some(Aside::Change) {
                app.say(Tone::Plain, "the gate has judged the challenger: see Models");
            }
            Vec::new()
        }
        Answer::Step(step) => {
            let change = waiting(app, job)?;
            if !change.is_going() {
                return None;
            }
            change.stage = Stage::Going(Some(step));
            if let Step::Upload(done, all) = step {
                app.jobs.progress(job, done, Some(all));
            }
            Vec::new()
        }
        Answer::Changed(result) => changed(app, job, result)?,
        Answer::Verified(result) => {
            check::ended(app, job, result).then_some(())?;
            Vec::new()
        }
    };
    app.mark(Dirty::Data);
    Some(effects)
}

/// The change, where it waits for the answer of this job.
fn waiting(app: &mut App, job: JobId) -> Option<&mut Change> {
    app.models.change.as_mut().filter(|change| change.job == Some(job))
}

/// What was read; where that failed, what was read before stays.
fn read(app: &mut App, job: JobId, result: Result<Box<Overview>, Notice>) -> bool {
    let pane = &mut app.models.overview;
    if pane.job != Some(job) {
        return false;
    }
    match result {
        Err(notice) if pane.ready().is_some() => {
            (pane.job, pane.missed) = (None, Some(notice));
        }
        result => _ = pane.accept(job, result),
    }
    app.models.follow_selected();
    true
}

/// A change has ended. Whatever became of it, what is shown may be old now.
fn changed(app: &mut App, job: JobId, result: Result<Changed, Notice>) -> Option<Vec<Effect>> {
    let change = waiting(app, job)?;
    change.job = None;
    let (state, notice) = match &result {
        Ok(changed) => (State::Done, Notice::new(Tone::Good, change.outcome(changed))),
        Err(notice) => (State::Failed(notice.clone()), notice.clone()),
    };
    change.stage = match result {
        Ok(changed) => Stage::Done(changed),
        Err(notice) => Stage::Failed(notice),
    };
    if let Stage::Done(changed) = &change.stage {
        let entry = changed.entry();
        // The new entry stands at the top: there the cursor follows what is newest.
        (app.models.version, app.models.entry, app.models.ledger.at) = (Some(entry.version), None, 0);
    }
    app.jobs.end(job, state, app.now);
    if app.screen != Screen::Models || app.models.open != Some(Aside::Change) {
        app.notice = Some(notice);
    }
    if app.models.open.is_none() && app.models.focus == Focus::Versions {
        app.models.follow_selected();
    }
    Some(reread(app))
}
