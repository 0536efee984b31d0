//! Screen 6, Predict: paste a row or a URL, get a verdict and what speaks for it, change a value, see what it does.

mod answer;
pub mod batch;
pub mod change;
mod copy;
mod follow;
mod model;
pub mod past;
pub mod view;

pub use answer::answer;
pub use model::{again, choose, entered, refresh};

use crate::console::app::App;
use crate::console::keymap::{Action, Context};
use crate::console::load::{Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::predict::{Ask, ModelInfo, ScoreInput, Scored};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use batch::Batch;
use crossterm::event::KeyEvent;
use follow::Follow;
use netsec::explain::Explanation;
use netsec::predict::{Near, Record};
use past::Past;

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The paste area: keys are text.
    Text,
    /// The features, and what each contributes.
    Features,
    /// The nearest training rows.
    Near,
}

/// What is asked for in one line.
#[derive(Debug)]
pub enum Prompt {
    Url(Input),
    /// The value of the selected feature.
    Value(Input),
}

impl Prompt {
    fn input(&mut self) -> &mut Input {
        match self {
            Prompt::Url(input) | Prompt::Value(input) => input,
        }
    }
}

/// The screen's state.
#[derive(Debug)]
pub struct PredictScreen {
    pub model: Pane<Box<ModelInfo>>,
    /// Whether the analyst chose the run; before that it is the champion's model.
    pub chosen: bool,
    /// Whether a version was in production when that was asked last.
    pub production: bool,
    pub input: Input,
    pub focus: Focus,
    /// Whether the next paste replaces what is there: it was scored.
    pub stale: bool,
    pub scored: Pane<Box<Scored>>,
    /// The rows of the paste, and which of them is shown.
    pub rows: Vec<Record>,
    pub at: usize,
    /// The row as pasted, for `r`.
    pub pasted: Option<Record>,
    /// The row as it is wished now; the verdict follows.
    pub wanted: Option<Record>,
    pub why: Follow<Box<Explanation>>,
    pub near: Follow<Vec<Near>>,
    /// The features in the order of what they contributed when the row came. Changing a value moves no row.
    pub order: Vec<usize>,
    /// Whether they stand as in the schema instead.
    pub by_schema: bool,
    pub cursor: Cursor,
    pub near_cursor: Cursor,
    pub prompt: Option<Prompt>,
    pub past: Option<Past>,
    pub batch: Batch,
}

impl Default for PredictScreen {
    fn default() -> Self {
        Self {
            model: Pane::default(),
            chosen: false,
            production: false,
            input: Input::area(),
            focus: Focus::Text,
            stale: false,
            scored: Pane::default(),
            rows: Vec::new(),
            at: 0,
            pasted: None,
            wanted: None,
            why: Follow::default(),
            near: Follow::default(),
            order: Vec::new(),
            by_schema: false,
            cursor: Cursor::default(),
            near_cursor: Cursor::default(),
            prompt: None,
            past: None,
            batch: Batch::default(),
        }
    }
}

impl PredictScreen {
    /// Whether something on it moves on its own. A value that was changed is answered at once, or shown when it is.
    pub fn is_lively(&self) -> bool {
        self.model.is_loading()
            || self.scored.is_loading()
            || self.why.pane.is_loading()
            || self.near.pane.is_loading()
            || self.past.as_ref().is_some_and(|past| past.pane.is_loading())
            || self.batch.job.is_some()
    }

    /// Whether a value was changed by hand.
    pub fn is_changed(&self) -> bool {
        match (&self.pasted, self.scored.ready()) {
            (Some(pasted), Some(scored)) => *pasted != scored.record,
            _ => false,
        }
    }

    /// The feature of a line of the list.
    pub fn feature(&self, line: usize) -> usize {
        self.order.get(line).copied().filter(|_| !self.by_schema).unwrap_or(line)
    }
}

pub fn context(app: &App) -> Context {
    let predict = &app.predict;
    match (&predict.past, &predict.prompt, predict.focus) {
        _ if predict.batch.form.is_some() => Context::Batch,
        (Some(past), ..) if past.find.is_some() => Context::PastFind,
        (Some(_), ..) => Context::Past,
        (_, Some(Prompt::Url(_)), _) => Context::Url,
        (_, Some(Prompt::Value(_)), _) => Context::Value,
        (.., Focus::Text) => Context::Paste,
        (.., Focus::Features) => Context::Verdict,
        (.., Focus::Near) => Context::Near,
    }
}

pub fn failure(app: &App) -> Option<&Notice> {
    let predict = &app.predict;
    let unlogged = predict.scored.ready().and_then(|s| s.unlogged.as_ref());
    let past = predict.past.as_ref().and_then(|past| past.pane.failed());
    let batch = predict.batch.told.as_ref().filter(|told| told.tone == Tone::Bad);
    past.or_else(|| predict.model.failed())
        .or_else(|| predict.scored.failed())
        .or_else(|| predict.why.pane.failed())
        .or_else(|| predict.near.pane.failed())
        .or(batch)
        .or(unlogged)
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(input) = field(app) {
        input.key(key);
    }
}

/// The field that has the keys.
fn field(app: &mut App) -> Option<&mut Input> {
    let predict = &mut app.predict;
    if let Some(form) = &mut predict.batch.form {
        return Some(form.field());
    }
    if let Some(past) = &mut predict.past {
        return past.find.as_mut();
    }
    if let Some(prompt) = &mut predict.prompt {
        return Some(prompt.input());
    }
    (predict.focus == Focus::Text).then_some(&mut predict.input)
}

/// A paste begins a new row when the one before was scored.
pub fn pasted(app: &mut App, text: &str) {
    let text = text.trim_end_matches(['\n', '\r']);
    match context(app) {
        Context::Verdict | Context::Near | Context::Paste => {
            if app.predict.stale || app.predict.focus != Focus::Text {
                app.predict.input.clear();
                app.predict.stale = false;
            }
            app.predict.focus = Focus::Text;
            app.predict.input.paste(text);
        }
        _ => {
            if let Some(input) = field(app) {
                input.paste(text);
            }
        }
    }
}

/// One level back; none at the root.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let predict = &mut app.predict;
    let has_verdict = predict.scored.ready().is_some();
    if predict.batch.form.take().is_some() || predict.prompt.take().is_some() {
        return Some(Vec::new());
    }
    if let Some(past) = &mut predict.past {
        if past.find.take().is_none() {
            predict.past = None;
        }
        return Some(Vec::new());
    }
    if predict.focus != Focus::Features && (has_verdict || predict.focus == Focus::Text) {
        predict.focus = Focus::Features;
        return Some(Vec::new());
    }
    predict.batch.told.take().map(|_| Vec::new())
}

/// Scores a row with the model that is loaded.
fn score(app: &mut App, input: ScoreInput) -> Vec<Effect> {
    let Some((source, family)) = app.predict.model.ready().map(|m| (m.source(), m.family)) else {
        app.notice = Some(match app.predict.model.failed() {
            Some(notice) => notice.clone(),
            None => Notice::new(Tone::Warn, "the model is still being loaded"),
        });
        return Vec::new();
    };
    let job = app.job();
    app.predict.scored.refresh(job, app.now);
    vec![Effect::Predict(job, Ask::Score(source, family, input))]
}

/// Asks for what is not known yet of the row that was scored.
fn look_around(app: &mut App) -> Vec<Effect> {
    let predict = &app.predict;
    let (Some(model), Some(scored)) = (predict.model.ready(), predict.scored.ready()) else { return Vec::new() };
    if predict.scored.job.is_some() {
        return Vec::new();
    }
    let (source, family, record) = (model.source(), model.family, scored.record.clone());
    let mut effects = Vec::new();
    if predict.why.wants(&record) {
        let job = app.job();
        app.predict.why.ask(&record, job, app.now);
        effects.push(Effect::Predict(job, Ask::Why(source.clone(), family, record.clone())));
    }
    if app.predict.near.wants(&record) {
        let job = app.job();
        app.predict.near.ask(&record, job, app.now);
        effects.push(Effect::Predict(job, Ask::Near(source, family, record)));
    }
    effects
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if app.predict.batch.form.is_some() {
        return batch::perform(app, action);
    }
    if app.predict.past.is_some() {
        return past::perform(app, action);
    }
    if app.predict.prompt.is_some() {
        return if action == Action::Submit { submit(app) } else { Vec::new() };
    }
    match action {
        Action::Submit if app.predict.input.is_empty() => {
            app.say(Tone::Plain, "paste a row first: values, name=value lines, JSON, or a URL");
            return Vec::new();
        }
        Action::Submit => return score(app, ScoreInput::Text(app.predict.input.text())),
        Action::Newline => app.predict.input.newline(),
        Action::Clear => app.predict.input.clear(),
        Action::Paste => {
            app.predict.input.clear();
            app.predict.focus = Focus::Text;
        }
        Action::Pane => {
            let has_verdict = app.predict.scored.ready().is_some();
            app.predict.focus = match app.predict.focus {
                Focus::Text => Focus::Features,
                Focus::Features if has_verdict => Focus::Near,
                Focus::Features | Focus::Near => Focus::Text,
            };
        }
        Action::Edit => app.predict.focus = Focus::Text,
        Action::Url => app.predict.prompt = Some(Prompt::Url(Input::line(""))),
        Action::Batch => batch::ask(app),
        Action::Cancel => batch::ask_to_stop(app),
        Action::History => return past::open(app),
        Action::Open if app.predict.focus == Focus::Near => return change::take_values(app),
        Action::Open => change::edit(app),
        Action::Left | Action::Right => return change::step(app, action == Action::Right),
        Action::Reset => return change::reset(app),
        Action::NextPage | Action::PreviousPage => return change::row(app, action == Action::NextPage),
        Action::Sort => change::sort(app),
        Action::NextRun => return model::next_run(app),
        Action::NextFamily => return model::next_family(app),
        Action::CopyCell => return copy::verdict(app),
        Action::CopyRow => return copy::row(app),
        action if app.predict.focus == Focus::Near => {
            let len = app.predict.near.pane.ready().map_or(0, Vec::len);
            if let Some(by) = motion(action, &app.predict.near_cursor, len) {
                app.predict.near_cursor.step(by, len);
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

/// Takes what was typed into a prompt. A URL that is none stays under the cursor, in the paste area.
fn submit(app: &mut App) -> Vec<Effect> {
    match app.predict.prompt.take() {
        Some(Prompt::Url(input)) if !input.is_empty() => {
            app.predict.input.clear();
            app.predict.input.paste(&input.text());
            score(app, ScoreInput::Text(input.text()))
        }
        Some(Prompt::Value(input)) => change::set(app, input.text().trim()),
        _ => Vec::new(),
    }
}
