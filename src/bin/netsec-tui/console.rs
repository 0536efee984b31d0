//! The interactive console: one loop that waits for keys, answers and time, and draws when there is something to draw.
//!
//! `update` changes the [`app::App`] and says what is to be done; [`effects`] does it and answers with a message;
//! [`screen`] draws. Nothing else touches the state, and nothing in a key's path waits for a disk.

mod app;
pub mod clean;
mod clipboard;
mod effects;
mod format;
mod gate;
mod jobs;
pub mod keymap;
mod link;
mod load;
mod memory;
mod msg;
mod notify;
mod screen;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod update;
mod widget;

use crate::context::Context;
use app::{App, Surroundings};
use clipboard::Way;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use effects::Effects;
use gate::{Dirty, Gate};
use keymap::Keymap;
use load::Tone;
use memory::Memory;
use msg::store::Store;
use msg::{Effect, Msg};
use netsec::{Error, Result};
use notify::Notify;
use std::time::{Duration, Instant};
use terminal::Screen;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Most messages taken before a frame is due again: a flood must not starve the screen.
const DRAIN: usize = 512;

/// Runs the console until it is left. Standard output is a terminal.
///
/// # Errors
/// When the terminal cannot be taken over, or goes away.
pub async fn run(context: Context) -> Result<()> {
    let settings = context.settings().console.clone();
    let env = |name: &str| std::env::var(name).ok();
    let keymap = Keymap::chosen(&context.layered)?;
    let theme = terminal::theme(&settings, &env);
    let around = Surroundings {
        store: Store::of(&context)?,
        choices: msg::store::choices(&context),
        registry: msg::models::place(&context),
        user: netsec::who::user(),
        host: netsec::who::host(),
        version: env!("CARGO_PKG_VERSION"),
        read_only: context.settings().read_only,
        clipboard: Way::find(&settings.clipboard, &env),
        settings: screen::shell::settings::all(&context),
    };
    let mut screen = Screen::enter()?;
    let size = crossterm::terminal::size().unwrap_or((80, 24));
    let mut app = App::new(around, theme, chrono::Utc::now(), size);
    app.keys = keymap;
    match Memory::read(&context.home.console(&netsec::who::user())) {
        Ok(memory) => app.memory = memory,
        Err(error) => app.notice = Some(error.into()),
    }
    app.train.notify = Notify::named(&settings.notify);
    let (out, answers) = unbounded_channel();
    let mut effects = Effects::new(context, out);
    let (keys, inputs) = unbounded_channel();
    read_keys(keys);
    let signals = Signals::listen()?;
    for effect in update::start(&mut app) {
        effects.run(effect);
    }
    app.mark(Dirty::Input);
    let result = drive(&mut app, &mut screen, &mut effects, inputs, answers, signals, settings.fps).await;
    drop(screen);
    result.map_err(|e| Error::remote("the terminal is gone").caused_by(e))
}

/// The signals that the console answers. Runs are not touched by them.
struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    suspend: Signal,
    go_on: Signal,
}

/// What a signal asks for.
enum Asked {
    Leave,
    Suspend,
    /// The process was stopped and goes on: whoever had the terminal in between may have changed it.
    Retake,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).map_err(|e| Error::internal("signals cannot be listened to").caused_by(e));
        let number = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
            interrupt: listen(SignalKind::interrupt())?,
            suspend: listen(number(rustix::process::Signal::TSTP))?,
            go_on: listen(number(rustix::process::Signal::CONT))?,
        })
    }

    async fn any(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Leave,
            _ = self.hang_up.recv() => Asked::Leave,
            _ = self.interrupt.recv() => Asked::Leave,
            _ = self.suspend.recv() => Asked::Suspend,
            _ = self.go_on.recv() => Asked::Retake,
        }
    }
}

async fn drive(
    app: &mut App,
    screen: &mut Screen,
    effects: &mut Effects,
    mut inputs: UnboundedReceiver<Option<Msg>>,
    mut answers: UnboundedReceiver<Msg>,
    mut signals: Signals,
    fps: u32,
) -> std::io::Result<()> {
    let mut gate = Gate::new(fps);
    let mut ticked = Instant::now();
    loop {
        gate.mark(app.take_dirty());
        if gate.due(Instant::now()).is_some_and(|due| due <= Instant::now()) {
            screen.draw(|frame| screen::draw(app, frame))?;
            gate.drawn(Instant::now());
        }
        let tick = app.pulse().map(|pulse| ticked + pulse);
        let wake = [gate.due(Instant::now()), tick].into_iter().flatten().min();
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            asked = signals.any() => match asked {
                Asked::Leave => return Ok(()),
                Asked::Suspend => suspend(app, screen)?,
                Asked::Retake => {
                    screen.retake()?;
                    measure(app);
                }
            },
            input = inputs.recv() => match input.flatten() {
                Some(msg) => batch.push(msg),
                // The terminal cannot be read any more.
                None => return Ok(()),
            },
            Some(msg) = answers.recv() => batch.push(msg),
            () = sleep_until(wake) => {}
        }
        while batch.len() < DRAIN {
            match inputs.try_recv() {
                Ok(Some(msg)) => batch.push(msg),
                Ok(None) => return Ok(()),
                Err(_) => break,
            }
        }
        while batch.len() < DRAIN {
            match answers.try_recv() {
                Ok(msg) => batch.push(msg),
                Err(_) => break,
            }
        }
        let now = Instant::now();
        if app.pulse().is_some_and(|pulse| ticked + pulse <= now) {
            ticked = now;
            batch.push(Msg::Tick);
        }
        update::update(app, Msg::Clock(chrono::Utc::now()));
        for msg in batch {
            for effect in update::update(app, msg) {
                match effect {
                    Effect::Leave => return Ok(()),
                    Effect::Suspend => suspend(app, screen)?,
                    Effect::Copy(text) => screen.send(clipboard::osc52(&text, app.around.clipboard).as_bytes())?,
                    Effect::Notify(way, text) => {
                        if let Some(sequence) = way.sequence(&text, app.around.clipboard) {
                            screen.send(sequence.as_bytes())?;
                        }
                    }
                    effect => effects.run(effect),
                }
            }
        }
    }
}

fn suspend(app: &mut App, screen: &mut Screen) -> std::io::Result<()> {
    if screen.suspend()? {
        measure(app);
    } else {
        app.mark(Dirty::Input);
        app.say(Tone::Warn, "not suspended: no shell waits for this console");
    }
    Ok(())
}

/// The terminal may have another size than before: while the process is stopped it hears of none.
fn measure(app: &mut App) {
    let (width, height) = crossterm::terminal::size().unwrap_or(app.size);
    update::update(app, Msg::Resize(width, height));
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Reads the terminal on a thread of its own; `None` is the end.
fn read_keys(out: UnboundedSender<Option<Msg>>) {
    std::thread::spawn(move || {
        let mut late = LateAnswer::default();
        loop {
            let msg = match crossterm::event::read() {
                Ok(Event::Key(key)) if key.kind == KeyEventKind::Release || late.swallows(&key) => continue,
                Ok(Event::Key(key)) => Some(Msg::Key(key)),
                Ok(Event::Paste(text)) => Some(Msg::Paste(text)),
                Ok(Event::Resize(width, height)) => Some(Msg::Resize(width, height)),
                Ok(_) => continue,
                Err(_) => None,
            };
            let end = msg.is_none();
            if out.send(msg).is_err() || end {
                return;
            }
        }
    });
}

/// On a slow link the terminal's word on its background can come after we stopped waiting for it. It looks like
/// `alt-]` and some forty keys up to `ctrl-g` or `alt-\`, none of which anybody typed.
#[derive(Default)]
struct LateAnswer {
    since: Option<Instant>,
}

impl LateAnswer {
    fn swallows(&mut self, key: &KeyEvent) -> bool {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        if self.since.is_some_and(|since| since.elapsed() > Duration::from_millis(250)) {
            self.since = None;
        }
        match (self.since, key.code) {
            (None, KeyCode::Char(']')) if alt => self.since = Some(Instant::now()),
            (None, _) => return false,
            (Some(_), KeyCode::Char('g')) if ctrl => self.since = None,
            (Some(_), KeyCode::Char('\\')) if alt => self.since = None,
            (Some(_), _) => {}
        }
        true
    }
}
