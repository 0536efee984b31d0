//! Runs held against a baseline: whether they are better, what differs, and all their curves over each other.

mod answer;
mod curves;
mod differs;
mod errors;
pub mod export;
mod importance;
mod legend;
mod open;
mod trials;
pub mod view;

pub use answer::{answer, written};
pub use curves::Curve;
pub use open::{open, swap};

use crate::console::app::App;
use crate::console::keymap::Action;
use crate::console::load::{Load, Notice, Pane, Tone};
use crate::console::msg::Effect;
use crate::console::msg::runs::{Ask, Entrant};
use crate::console::update::motion;
use crate::console::widget::Cursor;
use crossterm::event::KeyEvent;
use export::Prompt;
use netsec::compare::Several;
use std::path::PathBuf;
use std::sync::Arc;
use trials::Axes;

/// The panes below the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    #[default]
    Differs,
    Scores,
    Errors,
    Curves,
    Trials,
    Importance,
}

impl Part {
    pub const ALL: [Part; 6] =
        [Part::Differs, Part::Scores, Part::Errors, Part::Curves, Part::Trials, Part::Importance];

    pub fn name(self) -> &'static str {
        match self {
            Part::Differs => "what differs",
            Part::Scores => "scores",
            Part::Errors => "errors",
            Part::Curves => "curves",
            Part::Trials => "trials",
            Part::Importance => "importance",
        }
    }

    fn next(self) -> Self {
        let at = Part::ALL.iter().position(|part| *part == self).unwrap_or(0);
        Part::ALL[(at + 1) % Part::ALL.len()]
    }
}

/// The comparison that is open.
#[derive(Debug, Default)]
pub struct Compare {
    /// Which models, the base first.
    pub entrants: Vec<Entrant>,
    pub found: Pane<Arc<Several>>,
    /// Which of the others is held against the base.
    pub pair: usize,
    pub part: Part,
    /// Whether what is the same is listed too.
    pub all: bool,
    /// The rows of the panes that are lists.
    pub differs: Cursor,
    pub features: Cursor,
    pub curve: Curve,
    /// Where the curves are read off: hundredths of the axis.
    pub at: usize,
    /// Whether the corner where good models differ is all that is shown.
    pub near: bool,
    pub axes: Axes,
    pub prompt: Option<Prompt>,
    /// The file that is being written.
    pub writing: Pane<PathBuf>,
}

impl Compare {
    fn of(entrants: Vec<Entrant>) -> Self {
        Self { entrants, at: 50, ..Self::default() }
    }

    /// The pair that is shown.
    pub fn shown(&self) -> Option<&netsec::compare::Comparison> {
        self.found.ready()?.pairs.get(self.pair)
    }
}

/// Makes the comparison; what is shown stays until it is there.
fn load(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(compare) = &mut app.runs.compare else { return Vec::new() };
    let before = compare.found.job;
    compare.found.refresh(job, now);
    // What is under way would be thrown away.
    let mut effects: Vec<Effect> = before.map(Effect::Stop).into_iter().collect();
    effects.push(Effect::Runs(job, Ask::Compare(compare.entrants.clone())));
    effects
}

/// What `ctrl-r` does here; none where no comparison is open.
pub fn reload(app: &mut App) -> Option<Vec<Effect>> {
    app.runs.compare.is_some().then(|| load(app))
}

/// Ends what is under way.
fn stop(app: &mut App) -> Vec<Effect> {
    let Some(compare) = &mut app.runs.compare else { return Vec::new() };
    let Some(job) = compare.found.job.take() else {
        app.say(Tone::Plain, "nothing is being compared");
        return Vec::new();
    };
    if compare.found.is_loading() {
        compare.found.load = Load::Failed(Notice::new(Tone::Warn, "the comparison was stopped"));
    }
    vec![Effect::Stop(job)]
}

/// One level back; none where no comparison is open.
pub fn back(app: &mut App) -> Option<Vec<Effect>> {
    let compare = app.runs.compare.as_mut()?;
    if compare.prompt.take().is_some() {
        return Some(Vec::new());
    }
    let job = app.runs.compare.take()?.found.job;
    Some(job.map(Effect::Stop).into_iter().collect())
}

/// Whether an action does something now, for the footer.
pub fn applies(app: &App, action: Action) -> bool {
    let Some(compare) = &app.runs.compare else { return true };
    let there = compare.found.ready();
    match action {
        Action::Cancel => compare.found.job.is_some(),
        Action::NextPair => there.is_some_and(|all| all.pairs.len() > 1),
        Action::All => there.is_some() && compare.part == Part::Differs,
        Action::Zoom => there.is_some() && compare.part == Part::Curves && compare.curve.has_corner(),
        Action::NextFamily => compare.part == Part::Trials && there.is_some_and(|all| trials::families(all).len() > 1),
        Action::Left => there.is_some() && matches!(compare.part, Part::Curves | Part::Trials),
        Action::Pane | Action::Export | Action::Swap | Action::CopyCommand => there.is_some(),
        _ => true,
    }
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Cancel => return stop(app),
        Action::Swap => return swap(app),
        Action::Export => export::ask(app),
        Action::Submit => return export::submit(app),
        Action::CopyCommand => return copy_command(app),
        _ => {}
    }
    let Some(compare) = &mut app.runs.compare else { return Vec::new() };
    if action == Action::Pane {
        compare.part = compare.part.next();
    }
    let Some(all) = compare.found.ready().map(Arc::clone) else { return Vec::new() };
    match action {
        Action::All => {
            compare.all = !compare.all;
            compare.differs = Cursor::default();
        }
        Action::NextPair | Action::PreviousPair => {
            let by = if action == Action::NextPair { 1 } else { all.pairs.len() - 1 };
            compare.pair = (compare.pair + by) % all.pairs.len();
            compare.differs = Cursor::default();
        }
        Action::Zoom => compare.near = !compare.near,
        Action::NextFamily => compare.axes.next_family(&all),
        Action::Left | Action::Right => {
            let by = if action == Action::Right { 1 } else { -1 };
            match compare.part {
                Part::Curves => compare.curve = compare.curve.step(by),
                Part::Trials => compare.axes.step(&all, by),
                _ => {}
            }
        }
        action => moved(compare, &all, action),
    }
    Vec::new()
}

/// Moves within the pane that has the focus.
fn moved(compare: &mut Compare, all: &Several, action: Action) {
    match compare.part {
        Part::Differs => {
            let len = compare.shown().map_or(0, |pair| differs::rows(pair, compare.all));
            if let Some(by) = motion(action, &compare.differs, len) {
                compare.differs.step(by, len);
            }
        }
        Part::Importance => {
            let len = importance::features(all).len();
            if let Some(by) = motion(action, &compare.features, len) {
                compare.features.step(by, len);
            }
        }
        Part::Curves => {
            // Tens where a list moves by pages.
            let pages = Cursor::default();
            pages.height.set(10);
            let by = motion(action, &pages, 101).unwrap_or(0);
            compare.at = compare.at.saturating_add_signed(by).min(100);
        }
        Part::Trials => {
            if let Some(by) = motion(action, &Cursor::default(), 100) {
                compare.axes.choose(all, by);
            }
        }
        Part::Scores | Part::Errors => {}
    }
}

/// Hands over the command that makes the same comparison.
fn copy_command(app: &mut App) -> Vec<Effect> {
    let Some(all) = app.runs.compare.as_ref().and_then(|c| c.found.ready()) else { return Vec::new() };
    let command = format!("netsec-tui compare {}", all.arguments().join(" "));
    app.copy("the command", command)
}

/// The failure that is shown here, if any.
/// A key that is not bound where the file's name is typed.
pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(prompt) = app.runs.compare.as_mut().and_then(|c| c.prompt.as_mut()) {
        prompt.input.key(key);
        prompt.error = None;
    }
}

/// Pasted text.
pub fn pasted(app: &mut App, text: &str) {
    if let Some(prompt) = app.runs.compare.as_mut().and_then(|c| c.prompt.as_mut()) {
        prompt.input.paste(text);
        prompt.error = None;
    }
}

pub fn failure(app: &App) -> Option<&Notice> {
    let compare = app.runs.compare.as_ref()?;
    compare.found.failed().or_else(|| compare.writing.failed())
}
