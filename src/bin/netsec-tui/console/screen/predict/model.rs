//! Which model scores: the newest finished run's winner, until the analyst chooses another.

use super::{Focus, past, score};
use crate::console::app::App;
use crate::console::format::short_id;
use crate::console::load::{Load, Notice, Tone};
use crate::console::msg::Effect;
use crate::console::msg::predict::{Ask, ScoreInput};
use netsec::event::Family;
use netsec::run::RunStatus;

/// Fetches the newest finished run's winner, unless a model is there.
pub fn entered(app: &mut App) -> Vec<Effect> {
    if app.predict.scored.ready().is_none() {
        app.predict.focus = Focus::Text;
    }
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let newest = rows.iter().find(|r| r.status == RunStatus::Finished).map(|r| r.id.as_str());
    let stays = match app.predict.model.ready() {
        Some(model) => app.predict.chosen || newest.is_none_or(|id| id == model.run),
        None => app.predict.model.job.is_some(),
    };
    if stays { Vec::new() } else { choose(app, None, None) }
}

pub fn refresh(app: &mut App) -> Vec<Effect> {
    if app.predict.past.is_some() {
        return past::fetch(app);
    }
    let now = app.predict.model.ready().map(|m| (m.run.clone(), m.family));
    match now {
        Some((run, family)) if app.predict.chosen => choose(app, Some(run), Some(family)),
        _ => choose(app, None, None),
    }
}

/// Loads a model: of a run, or of the newest finished one; of a family, or the winner.
pub fn choose(app: &mut App, run: Option<String>, family: Option<Family>) -> Vec<Effect> {
    let job = app.job();
    // A model that was passed over need not be loaded any more.
    let passed_over = app.predict.model.job.map(Effect::Stop);
    app.predict.chosen = run.is_some();
    app.predict.model.refresh(job, app.now);
    passed_over.into_iter().chain([Effect::Predict(job, Ask::Model(run, family))]).collect()
}

/// Scores again what is shown, after the model changed.
pub fn again(app: &mut App) -> Vec<Effect> {
    app.predict.why.forget();
    app.predict.near.forget();
    let Some(record) = app.predict.wanted.clone() else { return Vec::new() };
    // The verdict of another model is none of this one.
    app.predict.scored.load = Load::Idle;
    score(app, ScoreInput::Changed(record))
}

/// The next family of the run in use.
pub fn next_family(app: &mut App) -> Vec<Effect> {
    let next = app.predict.model.ready().and_then(|m| {
        let at = m.families.iter().position(|f| *f == m.family)?;
        Some((m.run.clone(), m.families[(at + 1) % m.families.len()]))
    });
    next.map_or_else(Vec::new, |(run, family)| choose(app, Some(run), Some(family)))
}

/// The finished run behind the one in use, newest first.
pub fn next_run(app: &mut App) -> Vec<Effect> {
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let finished: Vec<&str> = rows.iter().filter(|r| r.status == RunStatus::Finished).map(|r| r.id.as_str()).collect();
    let now = app.predict.model.ready().map(|m| m.run.as_str());
    let at = now.and_then(|now| finished.iter().position(|id| *id == now));
    let next = at.map_or(0, |at| (at + 1) % finished.len());
    match finished.get(next).map(|id| (*id).to_owned()) {
        Some(id) if Some(id.as_str()) == now => {
            app.say(Tone::Plain, format!("{} is the only finished run", short_id(&id)));
            Vec::new()
        }
        Some(id) => choose(app, Some(id), None),
        None => {
            app.notice = Some(Notice::new(Tone::Warn, "there is no finished run yet").hint("3 starts one"));
            Vec::new()
        }
    }
}
