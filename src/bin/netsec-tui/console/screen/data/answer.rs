//! What happens when rows, pages and counts arrive.

use super::opened::{fetch, open, recount};
use crate::console::app::{App, Screen};
use crate::console::format::{count, plural};
use crate::console::gate::Dirty;
use crate::console::jobs::State;
use crate::console::load::{Load, Notice, Tone};
use crate::console::msg::data::Answer;
use crate::console::msg::{Effect, JobId};
use netsec::push::Pushed;
use netsec::store::{CollectionInfo, Namespace};

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    // What is on this host does not come back by itself.
    let keep = app.around.store.remote;
    match answer {
        Answer::Catalog(result) => {
            app.data.catalog.renew(job, result, keep).then_some(())?;
            app.data.guide |= app.data.is_empty();
            let collections = app.data.collections().len();
            app.data.tree.step(0, collections);
            if app.data.open.is_none() {
                effects = open_first(app);
            }
        }
        Answer::Page(result) => {
            let open = app.data.open.as_mut()?;
            if open.stale && open.page.job == Some(job) {
                // Where the answer does not come, what is shown is not what was asked for.
                open.page.load = Load::Idle;
            }
            open.page.renew(job, result, keep).then_some(())?;
            open.stale = false;
            open.lay_out();
        }
        Answer::Count(result) => {
            app.data.open.as_mut()?.count.renew(job, result, keep).then_some(())?;
        }
        Answer::Plan(result) => {
            app.data.open.as_mut()?.plan.accept(job, result).then_some(())?;
        }
        Answer::Fields(result) => {
            let (view, now) = (app.data.fields.as_mut()?, app.now);
            view.pane.renew(job, result, keep).then_some(())?;
            if view.pane.missed.is_none() {
                view.read = Some(now);
            }
            view.follow_selected();
        }
        Answer::Exported(result) => {
            let state = match &result {
                Ok(_) => State::Done,
                Err(notice) => State::Failed(notice.clone()),
            };
            app.jobs.end(job, state, app.now);
            app.notice = Some(result.unwrap_or_else(|notice| notice));
        }
        Answer::PushProgress(progress) => {
            (app.data.push.pane.job == Some(job)).then_some(())?;
            let about = |part: f64| (progress.rows as f64 / part).round() as u64;
            app.jobs.progress(job, progress.rows, progress.part().filter(|part| *part > 0.0).map(about));
            app.data.push.progress = progress;
        }
        Answer::Pushed(result) => {
            app.data.push.pane.accept(job, result).then_some(())?;
            let state = app.data.push.pane.failed().map_or(State::Done, |notice| State::Failed(notice.clone()));
            app.jobs.end(job, state, app.now);
            // The screen itself tells it; elsewhere the footer does.
            if app.screen != Screen::Data {
                let push = &app.data.push;
                app.notice =
                    push.pane.ready().map(|p| told(p, push.into.as_ref())).or_else(|| push.pane.failed().cloned());
            }
            effects = super::refresh_catalog(app);
            // What is shown of that collection is out of date.
            let into = app.data.push.into.clone();
            if app.data.open.as_ref().is_some_and(|o| Some(&o.namespace) == into.as_ref()) {
                effects.extend(fetch(app));
                effects.extend(recount(app));
            }
            if app.data.fields.as_ref().is_some_and(|f| Some(&f.namespace) == into.as_ref()) {
                effects.extend(super::fields::read(app));
            }
        }
    }
    app.mark(Dirty::Data);
    Some(effects)
}

/// The collection to begin with: the one that is meant where none is named, else the first.
fn open_first(app: &mut App) -> Vec<Effect> {
    let collections = app.data.collections();
    let default = &app.around.store.namespace;
    let at = collections.iter().position(|(d, c)| *d == default.database && c.name == default.collection).unwrap_or(0);
    let chosen = collections.get(at).map(|(database, info)| listed(database, info));
    app.data.tree.at = at;
    chosen.map_or_else(Vec::new, |namespace| open(app, namespace))
}

/// A collection of the list. What is there can be looked at, whatever another program has called it.
pub fn listed(database: &str, info: &CollectionInfo) -> Namespace {
    Namespace { database: database.to_owned(), collection: info.name.clone() }
}

/// What a push did, in one line.
pub fn told(pushed: &Pushed, into: Option<&Namespace>) -> Notice {
    let mut text = format!("{} added", plural(pushed.inserted, "row"));
    if let Some(into) = into {
        text.push_str(&format!(" to {}", into.collection));
    }
    if pushed.unchanged > 0 {
        text.push_str(&format!(", {} there already", count(pushed.unchanged)));
    }
    if pushed.rejected == 0 {
        return Notice::new(Tone::Good, text);
    }
    let place = into.map_or_else(String::new, |n| format!(" (kept in {}{})", n.collection, netsec::push::REJECTED));
    let first = pushed.first_rejections.first().map(|r| format!("first: line {}, {}", r.line, r.reason));
    let notice = Notice::new(Tone::Warn, format!("{text}, {} rejected{place}", count(pushed.rejected)));
    match first {
        Some(first) => notice.hint(first),
        None => notice,
    }
}
