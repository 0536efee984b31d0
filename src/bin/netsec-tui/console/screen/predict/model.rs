//! Which model scores: the version in production, or before there is one the newest finished run's winner, until the
//! analyst chooses another.

use super::{Focus, past, score};
use crate::console::app::App;
use crate::console::format::short_id;
use crate::console::load::{Load, Notice, Tone};
use crate::console::msg::Effect;
use crate::console::msg::predict::{Ask, ScoreInput, Source};
use netsec::event::Family;
use netsec::run::RunStatus;

/// Fetches the champion's model, unless another was chosen. What is in production may have changed since the last time.
pub fn entered(app: &mut App) -> Vec<Effect> {
    if app.predict.scored.ready().is_none() {
        app.predict.focus = Focus::Text;
    }
    let model = &app.predict.model;
    let stays = model.job.is_some() || (app.predict.chosen && model.ready().is_some());
    if stays { Vec::new() } else { choose(app, None, None) }
}

pub fn refresh(app: &mut App) -> Vec<Effect> {
    if app.predict.past.is_some() {
        return past::fetch(app);
    }
    let now = app.predict.model.ready().map(|m| (m.source(), m.family));
    match now {
        Some((source, family)) if app.predict.chosen => choose(app, Some(source), Some(family)),
        _ => choose(app, None, None),
    }
}

/// Loads a model: from a source, or the champion's; of a family, or the winner.
pub fn choose(app: &mut App, source: Option<Source>, family: Option<Family>) -> Vec<Effect> {
    let job = app.job();
    // A model that was passed over need not be loaded any more.
    let passed_over = app.predict.model.job.map(Effect::Stop);
    app.predict.chosen = source.is_some();
    app.predict.model.refresh(job, app.now);
    passed_over.into_iter().chain([Effect::Predict(job, Ask::Model(source, family))]).collect()
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
    let Some(model) = app.predict.model.ready() else { return Vec::new() };
    if model.release.is_some() {
        let text = format!("{} is one model: a run has one of each family", model.name());
        app.say(Tone::Plain, text);
        return Vec::new();
    }
    let next = model.families.iter().position(|f| *f == model.family).map(|at| {
        let next = model.families[(at + 1) % model.families.len()];
        (model.source(), next)
    });
    next.map_or_else(Vec::new, |(source, family)| choose(app, Some(source), Some(family)))
}

/// The finished run behind the one in use, newest first; behind the last one the version in production again.
pub fn next_run(app: &mut App) -> Vec<Effect> {
    let rows = app.runs.rows.ready().map_or(&[][..], Vec::as_slice);
    let finished: Vec<&str> = rows.iter().filter(|r| r.status == RunStatus::Finished).map(|r| r.id.as_str()).collect();
    let model = app.predict.model.ready();
    let now = model.filter(|m| m.release.is_none()).map(|m| m.run.as_str());
    let next = now.and_then(|now| finished.iter().position(|id| *id == now)).map_or(0, |at| at + 1);
    let is_last = next == finished.len();
    if is_last && now.is_some() && app.predict.production {
        return choose(app, None, None);
    }
    match finished.get(if is_last { 0 } else { next }).map(|id| (*id).to_owned()) {
        Some(id) if Some(id.as_str()) == now => {
            app.say(Tone::Plain, format!("{} is the only finished run", short_id(&id)));
            Vec::new()
        }
        Some(id) => choose(app, Some(Source::Run(id)), None),
        None if model.is_some() => {
            app.say(Tone::Plain, "there is no finished run here to choose instead");
            Vec::new()
        }
        None => {
            app.notice = Some(Notice::new(Tone::Warn, "there is no finished run yet").hint("3 starts one"));
            Vec::new()
        }
    }
}
