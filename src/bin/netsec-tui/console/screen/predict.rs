//! Screen 6, Predict: paste a row, get a verdict, change a value, see what it does.

mod answer;
pub mod view;

pub use answer::answer;

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::short_id;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::predict::{Ask, ModelInfo, ScoreInput, Scored};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use netsec::event::Family;
use netsec::predict::{Origin, Record};
use netsec::run::RunStatus;

/// The screen's state.
#[derive(Debug)]
pub struct PredictScreen {
    pub model: Pane<Box<ModelInfo>>,
    /// Whether the analyst chose the run; before that it is the newest finished one.
    pub chosen: bool,
    pub input: Input,
    /// Whether keys are text.
    pub typing: bool,
    /// Whether the next paste replaces what is there: it was scored.
    pub stale: bool,
    pub scored: Pane<Box<Scored>>,
    /// The row as pasted, for `r`.
    pub pasted: Option<Record>,
    pub cursor: Cursor,
}

impl Default for PredictScreen {
    fn default() -> Self {
        Self {
            model: Pane::default(),
            chosen: false,
            input: Input::area(),
            typing: true,
            stale: false,
            scored: Pane::default(),
            pasted: None,
            cursor: Cursor::default(),
        }
    }
}

impl PredictScreen {
    pub fn is_lively(&self) -> bool {
        self.model.is_loading() || self.scored.is_loading()
    }

    /// Whether a value was changed by hand.
    pub fn is_changed(&self) -> bool {
        match (&self.pasted, self.scored.ready()) {
            (Some(pasted), Some(scored)) => *pasted != scored.record,
            _ => false,
        }
    }
}

pub fn context(app: &App) -> Context {
    if app.predict.typing { Context::Paste } else { Context::Verdict }
}

/// Fetches the newest finished run's winner, unless a model is there.
pub fn entered(app: &mut App) -> Vec<Effect> {
    if app.predict.scored.ready().is_none() {
        app.predict.typing = true;
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
    let now = app.predict.model.ready().map(|m| (m.run.clone(), m.family));
    match now {
        Some((run, family)) if app.predict.chosen => choose(app, Some(run), Some(family)),
        _ => choose(app, None, None),
    }
}

/// Loads a model: of a run, or of the newest finished one; of a family, or the winner.
pub fn choose(app: &mut App, run: Option<String>, family: Option<Family>) -> Vec<Effect> {
    let job = app.job();
    app.predict.chosen = run.is_some();
    app.predict.model.refresh(job, app.now);
    if app.predict.scored.ready().is_none() {
        app.predict.typing = true;
    }
    vec![Effect::Predict(job, Ask::Model(run, family))]
}

pub fn failure(app: &App) -> Option<&Notice> {
    let unlogged = app.predict.scored.ready().and_then(|s| s.unlogged.as_ref());
    app.predict.model.failed().or_else(|| app.predict.scored.failed()).or(unlogged)
}

/// A paste begins a new row when the one before was scored.
pub fn pasted(app: &mut App, text: &str) {
    if app.predict.stale || !app.predict.typing {
        app.predict.input.clear();
        app.predict.stale = false;
    }
    app.predict.typing = true;
    app.predict.input.paste(text.trim_end_matches(['\n', '\r']));
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    if app.predict.typing {
        app.predict.typing = false;
        return Some(Vec::new());
    }
    None
}

/// Scores what is pasted, or a changed row, with the model that is loaded.
fn score(app: &mut App, input: ScoreInput) -> Vec<Effect> {
    let Some((run, family)) = app.predict.model.ready().map(|m| (m.run.clone(), m.family)) else {
        app.notice = Some(match app.predict.model.failed() {
            Some(notice) => notice.clone(),
            None => Notice::new(Tone::Warn, "the model is still being loaded"),
        });
        return Vec::new();
    };
    let job = app.job();
    app.predict.scored.refresh(job, app.now);
    vec![Effect::Predict(job, Ask::Score(run, family, input))]
}

/// Scores again what is shown, after the model changed.
pub fn again(app: &mut App) -> Vec<Effect> {
    let record = app.predict.scored.ready().map(|s| s.record.clone());
    record.map_or_else(Vec::new, |record| score(app, ScoreInput::Record(record)))
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Submit => {
            if app.predict.input.is_empty() {
                app.say(Tone::Plain, "paste a row first: comma-separated values, name=value lines, or JSON");
                return Vec::new();
            }
            let text = app.predict.input.text();
            return score(app, ScoreInput::Text(text));
        }
        Action::Newline => app.predict.input.newline(),
        Action::Clear => app.predict.input.clear(),
        Action::Pane => app.predict.typing = !app.predict.typing,
        Action::Edit => app.predict.typing = true,
        Action::Reset => {
            if let Some(record) = app.predict.pasted.clone() {
                return score(app, ScoreInput::Record(record));
            }
        }
        Action::Left | Action::Right => return change(app, action == Action::Right),
        Action::NextRun => return next_run(app),
        Action::NextFamily => {
            let next = app.predict.model.ready().and_then(|m| {
                let at = m.families.iter().position(|f| *f == m.family)?;
                Some((m.run.clone(), m.families[(at + 1) % m.families.len()]))
            });
            if let Some((run, family)) = next {
                return choose(app, Some(run), Some(family));
            }
        }
        Action::CopyRow => {
            if let Some(text) = summary(app) {
                return app.copy("the verdict", text);
            }
        }
        action => {
            let len = app.predict.scored.ready().map_or(0, |s| s.verdict.features.len());
            if let Some(by) = motion(action, &app.predict.cursor, len) {
                app.predict.cursor.step(by, len);
            }
        }
    }
    Vec::new()
}

/// The finished run behind the one in use, newest first.
fn next_run(app: &mut App) -> Vec<Effect> {
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

/// Gives the selected feature its next level and scores again.
fn change(app: &mut App, forward: bool) -> Vec<Effect> {
    let (Some(model), Some(scored)) = (app.predict.model.ready(), app.predict.scored.ready()) else {
        return Vec::new();
    };
    let Some(feature) = scored.verdict.features.get(app.predict.cursor.at) else { return Vec::new() };
    let Some(column) = model.schema.column(&feature.name) else { return Vec::new() };
    let levels = column.levels();
    if levels.is_empty() {
        app.say(Tone::Plain, "a number has no levels: edit it in the paste area (e)");
        return Vec::new();
    }
    let at = levels.iter().position(|l| l.to_string() == feature.value);
    let next = match at {
        Some(at) if forward => (at + 1) % levels.len(),
        Some(at) => (at + levels.len() - 1) % levels.len(),
        None => 0,
    };
    let mut record = scored.record.clone();
    record.set(&feature.name, levels[next].to_string());
    score(app, ScoreInput::Record(record))
}

/// The verdict as a line of text.
fn summary(app: &App) -> Option<String> {
    let (model, scored) = (app.predict.model.ready()?, app.predict.scored.ready()?);
    let verdict = &scored.verdict;
    let n = verdict.origins();
    Some(format!(
        "{} probability {:.4} threshold {} model {} of run {} ({} given, {} computed, {} imputed, {} out of domain)",
        model.schema.label(verdict.positive),
        verdict.probability,
        verdict.threshold,
        model.family,
        model.run,
        n.given,
        n.computed,
        n.imputed,
        n.out_of_domain
    ))
}

/// Where a value came from, in a word.
pub fn origin_word(origin: &Origin) -> &'static str {
    match origin {
        Origin::Given => "given",
        Origin::Computed(_) => "computed",
        Origin::Imputed(_) => "imputed",
        Origin::OutOfDomain(_) => "out of domain",
    }
}

/// What a feature's row says beside its value.
pub fn remark(feature: &netsec::predict::FeatureUse) -> String {
    match &feature.origin {
        Origin::OutOfDomain(reason) => format!("{}; taken as missing", clean(reason)),
        _ => clean(&feature.meaning),
    }
}
