//! What happens when search spaces, a started run and its events arrive.

use super::attach;
use crate::console::app::{App, Screen};
use crate::console::format::{interval, score, short_id};
use crate::console::gate::Dirty;
use crate::console::load::{Notice, Tone};
use crate::console::msg::runs::RunRow;
use crate::console::msg::train::{Answer, Heard};
use crate::console::msg::{Effect, JobId};
use crate::console::notify::Notify;
use chrono::{DateTime, Utc};
use netsec::run::{Countdown, RunStatus};

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match answer {
        Answer::Spaces(result) => {
            let first = app.train.form.spaces.ready().is_none();
            app.train.form.spaces.accept(job, result).then_some(())?;
            let form = &mut app.train.form;
            if let Some(spaces) = form.spaces.ready() {
                form.space = form.space.min(spaces.spaces.len().saturating_sub(1));
                if first {
                    form.recall(&app.memory.train);
                }
            }
            form.lay_out();
        }
        Answer::Started(result) => {
            app.train.form.starting.accept(job, result).then_some(())?;
            if let Some(id) = app.train.form.starting.ready().cloned() {
                app.train.form.starting = Default::default();
                effects = attach(app, &id);
                effects.extend(crate::console::screen::runs::refresh(app));
            } else if let Some(notice) = app.train.form.starting.failed() {
                app.notice = Some(notice.clone());
            }
        }
        Answer::Heard(result) => {
            let live = app.train.live.as_mut().filter(|l| l.job == job)?;
            let before = live.heard.then(|| live.status());
            let now = app.now;
            match result {
                Ok(heard) => hear(live, *heard, now),
                Err(notice) => live.failed = Some(notice),
            }
            let status = live.status();
            // Told only when it ended while it was watched.
            if before == Some(RunStatus::Running) && status != RunStatus::Running {
                let notice = ended(app);
                effects.extend(told(app, &notice.headline));
                app.notice = Some(notice);
            }
            if before.is_none_or(|b| b != status) {
                effects.extend(crate::console::screen::runs::refresh(app));
            }
        }
        Answer::Host(figures) => {
            let live = app.train.live.as_mut().filter(|l| l.job == job)?;
            live.figures = Some(figures).filter(|figures| !figures.is_empty());
            if app.screen != Screen::Train {
                return Some(effects);
            }
        }
    }
    app.mark(Dirty::Data);
    Some(effects)
}

/// What the terminal is sent when a run has ended, if that was asked for.
fn told(app: &App, text: &str) -> Option<Effect> {
    (app.train.notify != Notify::Off).then(|| Effect::Notify(app.train.notify, text.to_owned()))
}

/// The rows of the runs were read again: `before` is what they were. Tells of own runs that ended unwatched.
pub fn runs_changed(app: &mut App, before: &[RunRow]) -> Vec<Effect> {
    super::attach::follow_selected(app);
    let me = format!("{}@{}", app.around.user, app.around.host);
    let watched = app.train.live.as_ref().map(|live| live.id.clone());
    let was_on = |id: &str| before.iter().any(|row| row.id == id && row.status == RunStatus::Running);
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let ended: Vec<String> = rows
        .iter()
        .filter(|row| row.status != RunStatus::Running && row.who == me && Some(&row.id) != watched.as_ref())
        .filter(|row| was_on(&row.id))
        .map(|row| format!("run {} {}", short_id(&row.id), word(row.status)))
        .collect();
    // The watcher ended with the worker: a run that was resumed, by whomever, is followed again.
    let live = app.train.live.as_ref().filter(|live| live.heard && !live.alive).map(|live| live.id.clone());
    let is_on = |id: &String| rows.iter().any(|row| row.id == *id && row.status == RunStatus::Running);
    let back = live.filter(|id| is_on(id) && !was_on(id));
    let mut effects: Vec<Effect> = ended.iter().filter_map(|text| told(app, text)).collect();
    if let Some(id) = back {
        effects.extend(super::follow(app, &id));
    }
    if let Some(text) = ended.into_iter().next() {
        app.notice = Some(Notice::new(Tone::Plain, text).hint("4 shows the runs"));
    }
    effects
}

/// How a run ended, as a verb.
fn word(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "is running",
        RunStatus::Finished => "finished",
        RunStatus::Failed => "failed",
        RunStatus::Cancelled => "was cancelled",
        RunStatus::Interrupted => "was interrupted",
    }
}

fn hear(live: &mut super::Live, heard: Heard, now: DateTime<Utc>) {
    // A log that is read at its end stays there.
    let at_end = live.log.at + 1 >= live.state.log.len();
    for event in &heard.events {
        live.apply(event);
    }
    if at_end {
        live.log.at = live.state.log.len().saturating_sub(1);
    }
    if let Some(manifest) = heard.manifest {
        live.manifest = Some(manifest);
    }
    live.alive = heard.alive;
    live.heard = true;
    live.failed = None;
    let at = now.timestamp_millis();
    let estimate = live.manifest.as_ref().and_then(|m| live.state.remaining(&now.to_rfc3339(), &m.search));
    live.countdown = match (live.countdown, estimate) {
        (_, None) => None,
        (None, Some(estimate)) => Some(Countdown::new(at, estimate)),
        (Some(mut countdown), Some(estimate)) => {
            countdown.hear(at, estimate);
            Some(countdown)
        }
    };
    if !live.alive {
        live.figures = None;
    }
    super::zoom::follow_picked(live);
    let families = live.state.families.len();
    if !live.chosen
        && let Some((leader, _)) = live.state.leader()
    {
        let leader = leader.family;
        live.cursor.at = live.state.families.iter().position(|f| f.family == leader).unwrap_or(0);
    }
    live.cursor.step(0, families);
}

/// How the watched run ended, in one line.
fn ended(app: &App) -> Notice {
    let Some(live) = &app.train.live else { return Notice::new(Tone::Plain, "") };
    let id = short_id(&live.id);
    match live.status() {
        RunStatus::Finished => {
            let winner = live.state.winner.and_then(|w| live.state.family(w));
            let test = winner.and_then(|f| f.test.as_ref());
            let scores = test.map_or_else(String::new, |t| format!(", test F1 {} {}", score(t.f1), interval(t.f1_ci)));
            let name = winner.map_or("none", |f| f.family.code());
            Notice::new(Tone::Good, format!("run {id} finished: winner {name}{scores}")).hint("enter opens the report")
        }
        RunStatus::Failed => {
            let (reason, hint) = live.state.failure.clone().unwrap_or_default();
            let notice = Notice::bad(format!("run {id} failed: {reason}"));
            hint.map_or(notice.clone(), |hint| notice.hint(hint))
        }
        RunStatus::Cancelled => Notice::new(Tone::Warn, format!("run {id} was cancelled")).hint("R takes it up again"),
        _ => {
            Notice::new(Tone::Warn, format!("run {id} was interrupted: its worker is gone")).hint("R takes it up again")
        }
    }
}
