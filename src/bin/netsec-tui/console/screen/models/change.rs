//! A change of the registry, step by step: a promotion, a rollback, a retirement, a note. One at a time, and nothing
//! waits for it but its own pane.

use super::{Aside, ModelsScreen};
use crate::console::app::{App, Overlay};
use crate::console::keymap::Action;
use crate::console::load::{Notice, Tone};
use crate::console::msg::models::{Ask, Challenger, Changed};
use crate::console::msg::{Effect, JobId};
use crate::console::widget::Cursor;
use crate::console::widget::input::Input;
use chrono::{DateTime, Utc};
use netsec::promote::{Judgement, PRODUCTION, Step};

/// What is changed.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Promote(Challenger),
    Rollback { from: u32, to: u32 },
    Retire(u32),
    Annotate(u32),
}

/// How far it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// The alias is chosen.
    Alias,
    /// The challenger is being judged.
    Gate,
    Judged,
    /// The reasons are typed: why a refusal does not stand, and why at all.
    Override,
    Reason,
    /// The name is typed that confirms it.
    Name,
    Going(Option<Step>),
    Done(Changed),
    Failed(Notice),
}

/// A change.
#[derive(Debug)]
pub struct Change {
    pub what: What,
    /// The alias that is moved; empty where none is.
    pub alias: String,
    /// Those that can be chosen.
    pub aliases: Vec<String>,
    pub cursor: Cursor,
    pub stage: Stage,
    /// The job whose answer it waits for.
    pub job: Option<JobId>,
    pub since: DateTime<Utc>,
    /// What the gate said, and to which question.
    pub judged: Option<(JobId, Judgement)>,
    pub overriding: Input,
    /// Whether the refusal is overridden.
    pub overridden: bool,
    pub reason: Input,
    pub name: Input,
    /// What is to be typed as the name.
    pub confirm: String,
    /// Why the typed text will not do.
    pub error: Option<String>,
}

impl Change {
    pub fn new(what: What, confirm: &str, now: DateTime<Utc>) -> Self {
        let stage = if matches!(what, What::Promote(_)) { Stage::Alias } else { Stage::Reason };
        Self {
            what,
            alias: String::new(),
            aliases: Vec::new(),
            cursor: Cursor::default(),
            stage,
            job: None,
            since: now,
            judged: None,
            overriding: Input::line(""),
            overridden: false,
            reason: Input::line(""),
            name: Input::line(""),
            confirm: confirm.to_owned(),
            error: None,
        }
    }

    pub fn is_going(&self) -> bool {
        matches!(self.stage, Stage::Going(_))
    }

    pub fn failed(&self) -> Option<&Notice> {
        match &self.stage {
            Stage::Failed(notice) => Some(notice),
            _ => None,
        }
    }

    pub fn fail(&mut self, notice: Notice) {
        self.job = None;
        self.stage = Stage::Failed(notice);
    }

    /// Whether the alias is on the challenger already: what was cut short is completed then.
    pub fn is_there(&self) -> bool {
        let there = |judged: &Judgement| judged.champion.is_some() && judged.subject.version == judged.champion;
        self.judged.as_ref().is_some_and(|(_, judged)| there(judged))
    }

    pub fn is_refused(&self) -> bool {
        self.judged.as_ref().is_some_and(|(_, judged)| !judged.gate.passes()) && !self.is_there()
    }

    /// The field that is typed in.
    pub fn field(&mut self) -> Option<&mut Input> {
        self.error = None;
        match self.stage {
            Stage::Override => Some(&mut self.overriding),
            Stage::Reason => Some(&mut self.reason),
            Stage::Name => Some(&mut self.name),
            _ => None,
        }
    }

    /// Whether an action does something at this step.
    pub fn applies(&self, action: Action) -> bool {
        let judged = self.stage == Stage::Judged;
        match action {
            Action::Override => judged && self.is_refused(),
            Action::Submit => match self.stage {
                Stage::Judged => !self.is_refused(),
                Stage::Done(_) | Stage::Failed(_) => true,
                _ => false,
            },
            Action::Promote => judged || self.failed().is_some(),
            _ => true,
        }
    }

    /// In words, for the jobs: `promote v5 to production`.
    pub fn told(&self) -> String {
        match &self.what {
            What::Promote(challenger) => format!("promote {} to {}", challenger.name(), self.alias),
            What::Rollback { from, to } => format!("roll {} back from v{from} to v{to}", self.alias),
            What::Retire(n) => format!("retire v{n}"),
            What::Annotate(n) => format!("write a note on v{n}"),
        }
    }

    /// How it ended.
    pub fn outcome(&self, changed: &Changed) -> String {
        let (version, entry) = (changed.entry().version, changed.entry().n);
        let alias = &self.alias;
        let what = match (changed, &self.what) {
            (Changed::Moved(moved), _) if moved.already => {
                return format!("v{version} was in {alias} already: nothing was recorded");
            }
            (_, What::Promote(_)) => format!("v{version} is in {alias}"),
            (_, What::Rollback { .. }) => format!("{alias} is back on v{version}"),
            (_, What::Retire(_)) => format!("v{version} is retired"),
            (_, What::Annotate(_)) => format!("noted on v{version}"),
        };
        format!("{what}: ledger entry {entry:06}")
    }
}

/// The aliases that a challenger can be promoted to.
pub fn aliases(models: &ModelsScreen) -> Vec<String> {
    let mut all = vec![PRODUCTION.to_owned(), "staging".to_owned()];
    let known = models.overview.ready().map(|overview| overview.ledger.aliases()).unwrap_or_default();
    all.extend(known.into_iter().filter(|name| *name != PRODUCTION && *name != "staging").map(str::to_owned));
    all
}

/// Does what `enter` asks for.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let Some(change) = &mut app.models.change else { return Vec::new() };
    let text = |input: &Input| input.text().trim().to_owned();
    match &change.stage {
        Stage::Alias => {
            change.alias = change.aliases.get(change.cursor.at).cloned().unwrap_or_else(|| PRODUCTION.to_owned());
            return judge(app);
        }
        Stage::Judged if change.is_refused() => {
            app.say(Tone::Warn, "the gate refuses it; O overrides that, with a reason that the ledger keeps");
        }
        Stage::Judged => change.stage = Stage::Reason,
        Stage::Override if text(&change.overriding).is_empty() => {
            change.error = Some("type why the refusal does not stand".to_owned());
        }
        Stage::Override => {
            change.overridden = true;
            change.stage = Stage::Reason;
        }
        Stage::Reason if text(&change.reason).is_empty() => {
            change.error = Some("a reason is required: the ledger keeps it".to_owned());
        }
        Stage::Reason if matches!(change.what, What::Annotate(_)) => return carry_out(app),
        Stage::Reason => {
            change.name = Input::line("");
            change.stage = Stage::Name;
        }
        Stage::Name if text(&change.name) != change.confirm => {
            change.error = Some("that is another name: nothing was done".to_owned());
        }
        Stage::Name => return carry_out(app),
        Stage::Gate | Stage::Going(_) => app.say(Tone::Plain, "it is on its way"),
        Stage::Done(_) => {
            app.models.change = None;
            app.models.open = None;
        }
        Stage::Failed(notice) => app.overlay = Some(Overlay::Reason(notice.clone())),
    }
    Vec::new()
}

/// Asks the gate, or asks it again.
pub fn judge(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(change) = app.models.change.as_mut().filter(|change| !change.is_going()) else { return Vec::new() };
    let What::Promote(challenger) = change.what.clone() else { return Vec::new() };
    let before = change.job.or(change.judged.as_ref().map(|(job, _)| *job));
    (change.job, change.since, change.stage) = (Some(job), now, Stage::Gate);
    (change.judged, change.overridden) = (None, false);
    let ask = Effect::Models(job, Ask::Consider(challenger, change.alias.clone()));
    before.map(Effect::Stop).into_iter().chain([ask]).collect()
}

/// Begins again what has failed, with the texts as they were typed.
pub fn again(app: &mut App) -> Vec<Effect> {
    match &mut app.models.change {
        Some(change) if matches!(change.what, What::Promote(_)) => match change.stage {
            Stage::Judged | Stage::Failed(_) if change.alias.is_empty() => {}
            Stage::Judged | Stage::Failed(_) => return judge(app),
            _ => {}
        },
        Some(change) if change.failed().is_some() => change.stage = Stage::Reason,
        _ => {}
    }
    Vec::new()
}

pub fn override_refusal(app: &mut App) {
    match &mut app.models.change {
        Some(change) if change.stage == Stage::Judged && change.is_refused() => change.stage = Stage::Override,
        Some(change) if change.stage == Stage::Judged => app.say(Tone::Plain, "the gate does not refuse it"),
        _ => {}
    }
}

/// Does it. Once: a change that is under way takes no second `enter`.
fn carry_out(app: &mut App) -> Vec<Effect> {
    let holder = |alias: &str| app.models.overview.ready()?.ledger.holder(alias).map(|entry| entry.version);
    let Some(change) = &app.models.change else { return Vec::new() };
    let reason = change.reason.text().trim().to_owned();
    let ask = match (&change.what, &change.judged) {
        (What::Promote(_), Some((judged, _))) => Ask::Promote {
            judged: *judged,
            reason,
            overridden: change.overridden.then(|| change.overriding.text().trim().to_owned()),
        },
        (What::Promote(_), None) => return Vec::new(),
        (What::Rollback { from, to }, _) => {
            let now = holder(&change.alias);
            if now != Some(*from) {
                let on = now.map_or_else(|| "on nothing".to_owned(), |n| format!("on v{n}"));
                let told = Notice::new(Tone::Warn, format!("{} was moved meanwhile: it is {on}", change.alias))
                    .hint("nothing was done; esc leaves, the ledger says who moved it");
                if let Some(change) = &mut app.models.change {
                    change.fail(told);
                }
                return Vec::new();
            }
            Ask::Rollback { alias: change.alias.clone(), to: *to, reason }
        }
        (What::Retire(n), _) => Ask::Retire(*n, reason),
        (What::Annotate(n), _) => Ask::Annotate(*n, reason),
    };
    let job = app.begin(change.told());
    let now = app.now;
    if let Some(change) = &mut app.models.change {
        (change.job, change.since, change.stage) = (Some(job), now, Stage::Going(None));
    }
    vec![Effect::Models(job, ask)]
}

/// A step back. What is under way goes on.
pub fn back(app: &mut App) -> Vec<Effect> {
    let Some(change) = &mut app.models.change else {
        app.models.open = None;
        return Vec::new();
    };
    change.error = None;
    let promotes = matches!(change.what, What::Promote(_));
    change.stage = match &change.stage {
        Stage::Gate => {
            let job = change.job.take();
            change.stage = Stage::Alias;
            return job.map(Effect::Stop).into_iter().collect();
        }
        Stage::Override => Stage::Judged,
        Stage::Reason if promotes && change.overridden => Stage::Override,
        Stage::Reason if promotes => Stage::Judged,
        Stage::Name => Stage::Reason,
        Stage::Going(_) => {
            app.models.open = None;
            app.say(Tone::Plain, "it goes on; J lists the jobs");
            return Vec::new();
        }
        _ => return put_away(app),
    };
    Vec::new()
}

/// Forgets a change that is not under way, and what was packed for it.
pub fn put_away(app: &mut App) -> Vec<Effect> {
    if app.models.open == Some(Aside::Change) {
        app.models.open = None;
    }
    let Some(change) = app.models.change.take() else { return Vec::new() };
    change.job.or(change.judged.map(|(job, _)| job)).map(Effect::Stop).into_iter().collect()
}
