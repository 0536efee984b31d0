//! Tests of the whole app: keys and answers in, screens out.

mod compare;
mod documents;
mod drift;
mod fake;
mod fields;
mod fuzz;
mod models;
mod panic;
mod predict;
mod production;
mod remote;
mod runs;
mod screens;
mod shell;
mod steps;
mod train;

use super::app::{App, Surroundings};
use super::clipboard::Way;
use super::msg::store::Store;
use super::msg::{Effect, Msg};
use super::screen::shell::settings::Setting;
use super::theme::{Depth, Symbols, Theme};
use super::update::update;
use chrono::{DateTime, Utc};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use netsec::store::Namespace;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-18T14:02:41.000Z").unwrap().to_utc()
}

fn settings() -> Vec<Setting> {
    let user = "/srv/netsec/netsec.yaml";
    [
        ("collection", "NetworkData", "built-in", "to change it, write collection into /srv/netsec/netsec.yaml"),
        ("console.fps", "10", "/srv/netsec/netsec.yaml, line 4", "change it in /srv/netsec/netsec.yaml"),
        ("console.theme", "light", "environment NETSEC_CONSOLE_THEME", "it stands above the files"),
        ("path of home", "/srv/netsec", "there", "--home or NETSEC_HOME names another home"),
        ("path of settings", user, "there", "--home or NETSEC_HOME names another home"),
    ]
    .map(|(name, value, origin, advice)| Setting {
        name: name.to_owned(),
        value: value.to_owned(),
        origin: origin.to_owned(),
        advice: advice.to_owned(),
    })
    .to_vec()
}

fn embedded() -> Store {
    Store {
        name: "embedded".to_owned(),
        place: "embedded".to_owned(),
        remote: false,
        read_only: false,
        namespace: Namespace::new("netsec", "NetworkData").unwrap(),
    }
}

fn app(width: u16, height: u16) -> App {
    let around = Surroundings {
        store: embedded(),
        choices: Vec::new(),
        registry: "local",
        user: "user".to_owned(),
        host: "ip-10-0-1-7".to_owned(),
        version: "0.1.0",
        read_only: false,
        clipboard: Way::Plain,
        settings: settings(),
    };
    let theme = Theme { depth: Depth::Indexed, light: false, contrast: false, symbols: Symbols::Braille };
    App::new(around, theme, now(), (width, height))
}

/// A key as written in the table of keys.
fn key(name: &str) -> KeyEvent {
    let (name, modifiers) = match (name.strip_prefix("ctrl-"), name.strip_prefix("alt-")) {
        (Some(rest), _) => (rest, KeyModifiers::CONTROL),
        (_, Some(rest)) => (rest, KeyModifiers::ALT),
        _ => (name, KeyModifiers::NONE),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgdn" => KeyCode::PageDown,
        "pgup" => KeyCode::PageUp,
        "backspace" => KeyCode::Backspace,
        "delete" => KeyCode::Delete,
        "shift-tab" => KeyCode::BackTab,
        "f1" => KeyCode::F(1),
        other => KeyCode::Char(other.chars().next().unwrap()),
    };
    KeyEvent::new(code, modifiers)
}

/// Presses a key; what it asks for is returned, not done.
fn press(app: &mut App, name: &str) -> Vec<Effect> {
    update(app, Msg::Key(key(name)))
}

/// The screen as text, without trailing spaces.
fn screen(app: &App) -> String {
    let mut terminal = Terminal::new(TestBackend::new(app.size.0, app.size.1)).unwrap();
    terminal.draw(|frame| super::screen::draw(app, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut lines = Vec::new();
    for y in 0..buffer.area.height {
        let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}
