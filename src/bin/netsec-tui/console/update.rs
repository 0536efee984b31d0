//! `update`: what a message changes, and what is to be done about it. No input or output happens here.

use super::app::{App, Decision, Overlay, Screen};
use super::gate::Dirty;
use super::keymap::{Action, Binding, Context};
use super::link;
use super::msg::{Answer, Effect, Msg};
use super::screen::{data, drift, models, predict, runs, shell, train};
use super::widget::Cursor;
use crossterm::event::{KeyEvent, KeyEventKind};

/// What is fetched when the console starts.
pub fn start(app: &mut App) -> Vec<Effect> {
    let mut effects = data::refresh_catalog(app);
    effects.extend(runs::refresh(app));
    app.watch = app.job();
    effects.push(Effect::Watch(app.watch));
    effects
}

/// Applies a message.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
    let before = app.notice.clone();
    let effects = apply(app, msg);
    if app.notice != before
        && let Some(notice) = &app.notice
    {
        app.notices.record(app.now, notice);
        // The selected one stays selected.
        if let Some(Overlay::Notices(cursor)) = &mut app.overlay
            && cursor.at > 0
        {
            cursor.step(1, app.notices.list.len());
        }
    }
    effects
}

fn apply(app: &mut App, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Clock(now) => {
            app.now = now;
            Vec::new()
        }
        Msg::Key(key) if key.kind == KeyEventKind::Release => Vec::new(),
        Msg::Key(key) => {
            app.mark(Dirty::Input);
            app.notice = None;
            press(app, key)
        }
        Msg::Paste(text) => {
            app.mark(Dirty::Input);
            app.notice = None;
            paste(app, &text)
        }
        Msg::Resize(width, height) => {
            app.size = (width, height);
            app.mark(Dirty::Input);
            Vec::new()
        }
        Msg::Tick => {
            app.spin = app.spin.wrapping_add(1);
            app.mark(Dirty::Data);
            let mut effects = runs::tick(app);
            effects.extend(models::tick(app));
            effects
        }
        Msg::Progress(job, done, total) => {
            if app.jobs.progress(job, done, total) {
                app.mark(Dirty::Data);
            }
            Vec::new()
        }
        Msg::Done(job, answer) => {
            let effects = match answer {
                Answer::Data(answer) => data::answer(app, job, answer),
                Answer::Drift(answer) => drift::answer(app, job, answer),
                Answer::Train(answer) => train::answer(app, job, answer),
                Answer::Runs(answer) => runs::answer(app, job, answer),
                Answer::Models(answer) => models::answer(app, job, answer),
                Answer::Predict(answer) => predict::answer(app, job, answer),
                Answer::Reached(result) => Some(link::heard(app, job, result)),
                Answer::Connected(result) => {
                    if app.connecting != Some(job) {
                        return Vec::new();
                    }
                    app.connecting = None;
                    app.mark(Dirty::Data);
                    match result {
                        Ok(store) => Some(shell::connections::switched(app, job, *store)),
                        Err(notice) => {
                            app.notice = Some(notice);
                            None
                        }
                    }
                }
                Answer::Forgotten(notice) => {
                    app.mark(Dirty::Data);
                    app.notice = Some(notice);
                    None
                }
            };
            effects.unwrap_or_default()
        }
    }
}

fn press(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    let contexts = app.contexts();
    match app.keys.lookup(&contexts, &key) {
        Some(binding) => run(app, binding),
        None if contexts[0].types() => {
            typed(app, key);
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Does what a key, the help or the palette asks for.
pub fn run(app: &mut App, binding: &Binding) -> Vec<Effect> {
    if let Some(refusal) = app.refusal(binding) {
        app.notice = Some(refusal);
        return Vec::new();
    }
    perform(app, binding.action)
}

fn typed(app: &mut App, key: KeyEvent) {
    if shell::edit(app, |input| input.key(key)) {
        return;
    }
    match app.view() {
        Context::Path | Context::Filter | Context::Save => data::typed(app, key),
        Context::Find | Context::Sides => drift::typed(app, key),
        Context::LedgerFind | Context::LedgerDate | Context::ChangeText => models::typed(app, key),
        Context::FormText => train::typed(app, key),
        Context::Threshold | Context::RunFilter | Context::RunText | Context::ComparisonFile => runs::typed(app, key),
        Context::Paste | Context::Value | Context::Url | Context::PastFind | Context::Batch => {
            predict::typed(app, key);
        }
        _ => {}
    }
}

fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    if shell::edit(app, |input| input.paste(text)) {
        return Vec::new();
    }
    match app.view() {
        Context::Path | Context::Filter | Context::Save => data::pasted(app, text),
        Context::Find | Context::Sides => drift::pasted(app, text),
        Context::Threshold | Context::RunFilter | Context::RunText | Context::ComparisonFile => runs::pasted(app, text),
        Context::LedgerFind | Context::LedgerDate | Context::ChangeText => models::pasted(app, text),
        Context::FormText => train::pasted(app, text),
        view if view.screen() == Some(Screen::Predict) => predict::pasted(app, text),
        _ => {}
    }
    Vec::new()
}

/// Does an action, whatever it may change.
pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if let Action::Text(edit) = action {
        typed(app, edit.key());
        return Vec::new();
    }
    if app.overlay.is_some() {
        return shell::act(app, action);
    }
    if let Some(effects) = shell::open(app, action) {
        return effects;
    }
    match action {
        Action::Leave => vec![Effect::Leave],
        Action::Suspend => vec![Effect::Suspend],
        Action::Screen(screen) => go(app, screen),
        Action::NextTab | Action::PreviousTab => {
            let at = Screen::ALL.iter().position(|s| *s == app.screen).unwrap_or(0);
            let by = if action == Action::NextTab { 1 } else { Screen::ALL.len() - 1 };
            go(app, Screen::ALL[(at + by) % Screen::ALL.len()])
        }
        Action::Refresh => {
            let mut effects = match app.screen {
                Screen::Data => data::refresh(app),
                Screen::Drift => drift::refresh(app),
                Screen::Train => train::refresh(app),
                Screen::Runs => runs::reload(app),
                Screen::Models => models::refresh(app),
                Screen::Predict => predict::refresh(app),
            };
            effects.extend(runs::refresh(app));
            effects
        }
        Action::Why => {
            let notice = match app.screen {
                Screen::Data => data::failure(app),
                Screen::Drift => drift::failure(app),
                Screen::Train => train::failure(app),
                Screen::Runs => runs::failure(app),
                Screen::Models => models::failure(app),
                Screen::Predict => predict::failure(app),
            };
            // Where nothing failed, the header may tell that the store is gone.
            match notice.or(app.link.why()).cloned() {
                Some(notice) => app.overlay = Some(Overlay::Reason(notice)),
                None => app.say(super::load::Tone::Plain, "nothing failed here"),
            }
            Vec::new()
        }
        Action::Close | Action::Back => {
            let moved = match app.screen {
                Screen::Data => data::back(app),
                Screen::Drift => drift::back(app),
                Screen::Train => train::back(app),
                Screen::Runs => runs::back(app),
                Screen::Models => models::back(app),
                Screen::Predict => predict::back(app),
            };
            if let Some(effects) = moved {
                return effects;
            }
            if action == Action::Close {
                let running = app.running();
                let detail = if running > 0 {
                    format!(
                        "{} on: they are processes of their own",
                        super::format::plural(running as u64, "run") + if running == 1 { " goes" } else { " go" }
                    )
                } else {
                    "nothing is running".to_owned()
                };
                let detail = shell::jobs::parting(app).unwrap_or(detail);
                app.overlay = Some(Overlay::Confirm {
                    question: "Leave the console?".to_owned(),
                    detail,
                    decision: Decision::Leave,
                });
            }
            Vec::new()
        }
        // Where there is only a failure, `enter` tells more of it.
        Action::Open if is_blocked(app) => perform(app, Action::Why),
        other => match app.screen {
            Screen::Data => data::perform(app, other),
            Screen::Drift => drift::perform(app, other),
            Screen::Train => train::perform(app, other),
            Screen::Runs => runs::perform(app, other),
            Screen::Models => models::perform(app, other),
            Screen::Predict => predict::perform(app, other),
        },
    }
}

/// Whether a failure stands where there would be something to open.
fn is_blocked(app: &App) -> bool {
    match app.screen {
        Screen::Data => data::is_blocked(app),
        Screen::Drift => drift::is_blocked(app),
        Screen::Train => app.train.attach.is_none() && app.train.live.as_ref().is_some_and(|l| l.failed.is_some()),
        Screen::Runs => app.runs.rows.failed().is_some(),
        Screen::Models => models::is_blocked(app),
        Screen::Predict => false,
    }
}

/// Changes the screen and fetches what it shows.
pub fn go(app: &mut App, screen: Screen) -> Vec<Effect> {
    app.screen = screen;
    let mut effects = match screen {
        Screen::Data => data::entered(app),
        Screen::Drift => drift::entered(app),
        Screen::Train => train::entered(app),
        Screen::Runs => Vec::new(),
        Screen::Models => models::entered(app),
        Screen::Predict => predict::entered(app),
    };
    effects.extend(runs::refresh(app));
    effects
}

/// The rows that a motion moves by; none when the action is none.
pub fn motion(action: Action, cursor: &Cursor, len: usize) -> Option<isize> {
    let page = cursor.page();
    Some(match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::Top => -(len as isize),
        Action::Bottom => len as isize,
        Action::HalfDown => (page / 2).max(1),
        Action::HalfUp => -(page / 2).max(1),
        Action::PageDown => page,
        Action::PageUp => -page,
        _ => return None,
    })
}
