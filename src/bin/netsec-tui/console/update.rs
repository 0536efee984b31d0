//! `update`: what a message changes, and what is to be done about it. No input or output happens here.

use super::app::{App, Decision, Overlay, Picker, Screen};
use super::gate::Dirty;
use super::keymap::{self, Action, Binding, Context, active, lookup, stack};
use super::msg::{Answer, Effect, Msg};
use super::screen::{data, drift, predict, runs, train};
use super::widget::Cursor;
use super::widget::input::Input;
use crossterm::event::{KeyEvent, KeyEventKind};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// What is fetched when the console starts.
pub fn start(app: &mut App) -> Vec<Effect> {
    let mut effects = data::refresh_catalog(app);
    effects.extend(runs::refresh(app));
    effects
}

/// Applies a message.
pub fn update(app: &mut App, msg: Msg) -> Vec<Effect> {
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
            runs::tick(app)
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
                Answer::Predict(answer) => predict::answer(app, job, answer),
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
    match lookup(&contexts, &key) {
        Some(action) => perform(app, action),
        None if contexts[0].types() => {
            typed(app, key);
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn typed(app: &mut App, key: KeyEvent) {
    match &mut app.overlay {
        Some(Overlay::Help(picker) | Overlay::Palette(picker)) => {
            picker.input.key(key);
            picker.search();
        }
        _ => match app.view() {
            Context::Path | Context::Filter => data::typed(app, key),
            Context::Find | Context::Sides => drift::typed(app, key),
            Context::Seed => train::typed(app, key),
            Context::Threshold => runs::threshold::typed(app, key),
            Context::Paste => app.predict.input.key(key),
            _ => {}
        },
    }
}

fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    match &mut app.overlay {
        Some(Overlay::Help(picker) | Overlay::Palette(picker)) => {
            picker.input.paste(text);
            picker.search();
        }
        Some(_) => {}
        None => match app.view() {
            Context::Path | Context::Filter => data::pasted(app, text),
            Context::Find | Context::Sides => drift::pasted(app, text),
            Context::Paste | Context::Verdict => predict::pasted(app, text),
            Context::Threshold => runs::threshold::pasted(app, text),
            _ => {}
        },
    }
    Vec::new()
}

/// Does what a key, the help or the palette asks for.
pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if app.overlay.is_some() {
        return overlay(app, action);
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
        Action::Help => {
            let all = active(&app.contexts()).collect();
            app.overlay = Some(Overlay::Help(Picker::new(all)));
            Vec::new()
        }
        Action::Palette => {
            let here = stack(app.view());
            let rest = keymap::all().filter(|b| !here.contains(&b.context) && offered(b));
            let all = active(&here).filter(|b| b.context.screen().is_some() || offered(b)).chain(rest).collect();
            app.overlay = Some(Overlay::Palette(Picker::new(all)));
            Vec::new()
        }
        Action::Refresh => {
            let mut effects = match app.screen {
                Screen::Data => data::refresh(app),
                Screen::Drift => drift::refresh(app),
                Screen::Train => train::refresh(app),
                Screen::Runs => runs::reload(app),
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
                Screen::Predict => predict::failure(app),
            };
            match notice.cloned() {
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
        Screen::Predict => false,
    }
}

/// Whether the palette offers a binding outside its own context: those of lists and text fields mean nothing there.
fn offered(binding: &Binding) -> bool {
    !matches!(
        binding.context,
        Context::Motion
            | Context::Sideways
            | Context::Picker
            | Context::Confirm
            | Context::Reason
            | Context::Seed
            | Context::Path
            | Context::Filter
            | Context::Find
            | Context::Sides
            | Context::Threshold
            | Context::Paste
    ) && !matches!(binding.action, Action::Back | Action::Close | Action::Pane)
}

/// Changes the screen and fetches what it shows.
pub fn go(app: &mut App, screen: Screen) -> Vec<Effect> {
    app.screen = screen;
    let mut effects = match screen {
        Screen::Data => data::entered(app),
        Screen::Drift => drift::entered(app),
        Screen::Train => train::entered(app),
        Screen::Runs => Vec::new(),
        Screen::Predict => predict::entered(app),
    };
    effects.extend(runs::refresh(app));
    effects
}

fn overlay(app: &mut App, action: Action) -> Vec<Effect> {
    if action == Action::Leave {
        return vec![Effect::Leave];
    }
    if action == Action::Suspend {
        return vec![Effect::Suspend];
    }
    match app.overlay.take() {
        Some(Overlay::Help(picker)) => pick(app, picker, action, Overlay::Help),
        Some(Overlay::Palette(picker)) => pick(app, picker, action, Overlay::Palette),
        Some(Overlay::Confirm { question, detail, decision }) => match (action, decision) {
            (Action::Yes, Decision::Leave) => vec![Effect::Leave],
            (Action::Yes, Decision::CancelRun(run)) => runs::cancel(app, run),
            (Action::Yes, Decision::AcceptRun(run)) => runs::start_again(app, &run, true),
            (Action::No, _) => Vec::new(),
            (_, decision) => {
                app.overlay = Some(Overlay::Confirm { question, detail, decision });
                Vec::new()
            }
        },
        Some(Overlay::Reason(notice)) => {
            if action != Action::Back {
                app.overlay = Some(Overlay::Reason(notice));
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}

fn pick(app: &mut App, mut picker: Picker, action: Action, wrap: fn(Picker) -> Overlay) -> Vec<Effect> {
    let len = picker.found.len();
    match action {
        Action::Back => return Vec::new(),
        Action::Submit => {
            let Some(binding) = picker.found.get(picker.cursor.at).copied() else { return Vec::new() };
            let mut effects = Vec::new();
            // What belongs to another screen is done there.
            if let Some(screen) = binding.context.screen().filter(|s| *s != app.screen) {
                effects.extend(go(app, screen));
            }
            effects.extend(perform(app, binding.action));
            return effects;
        }
        Action::Down => picker.cursor.step(1, len),
        Action::Up => picker.cursor.step(-1, len),
        Action::PageDown => picker.cursor.step(picker.cursor.page(), len),
        Action::PageUp => picker.cursor.step(-picker.cursor.page(), len),
        _ => {}
    }
    app.overlay = Some(wrap(picker));
    Vec::new()
}

impl Picker {
    fn new(mut all: Vec<&'static Binding>) -> Self {
        // The same action on the same screen is offered once, by its nearest key.
        let mut seen = Vec::new();
        all.retain(|b| {
            let what = (b.action, b.context.screen());
            let new = !seen.contains(&what);
            seen.push(what);
            new
        });
        Self { input: Input::line(""), cursor: Cursor::default(), found: all.clone(), all }
    }

    /// Finds what fits the typed text, best first.
    fn search(&mut self) {
        self.cursor = Cursor::default();
        let text = self.input.text();
        if text.trim().is_empty() {
            self.found = self.all.clone();
            return;
        }
        let mut matcher = Matcher::new(Config::DEFAULT);
        let pattern = Pattern::parse(&text, CaseMatching::Ignore, Normalization::Smart);
        let mut scored: Vec<(u32, usize)> = Vec::new();
        let mut buffer = Vec::new();
        for (i, binding) in self.all.iter().enumerate() {
            let hay = format!("{} {} {}", binding.help, binding.label.unwrap_or(""), binding.keys.join(" "));
            if let Some(score) = pattern.score(Utf32Str::new(&hay, &mut buffer), &mut matcher) {
                scored.push((score, i));
            }
        }
        scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
        self.found = scored.into_iter().map(|(_, i)| self.all[i]).collect();
    }
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
