//! What happens when search spaces, a started run and its events arrive.

use super::attach;
use crate::console::app::App;
use crate::console::format::{interval, score, short_id};
use crate::console::gate::Dirty;
use crate::console::load::{Notice, Tone};
use crate::console::msg::train::{Answer, Heard};
use crate::console::msg::{Effect, JobId};
use netsec::run::RunStatus;

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let mut effects = Vec::new();
    match answer {
        Answer::Spaces(result) => {
            let first = app.train.form.spaces.ready().is_none();
            app.train.form.spaces.accept(job, result).then_some(())?;
            let form = &mut app.train.form;
            if let Some(spaces) = form.spaces.ready() {
                if first {
                    form.space = spaces.spaces.iter().position(|(name, _)| *name == spaces.default).unwrap_or(0);
                }
                form.space = form.space.min(spaces.spaces.len().saturating_sub(1));
            }
            let rows = form.rows();
            form.cursor.step(0, rows);
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
            match result {
                Ok(heard) => hear(live, *heard),
                Err(notice) => live.failed = Some(notice),
            }
            let status = live.status();
            // Told only when it ended while it was watched.
            if before == Some(RunStatus::Running) && status != RunStatus::Running {
                app.notice = Some(ended(app));
            }
            if before.is_none_or(|b| b != status) {
                effects = crate::console::screen::runs::refresh(app);
            }
        }
    }
    app.mark(Dirty::Data);
    Some(effects)
}

fn hear(live: &mut super::Live, heard: Heard) {
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
