//! Keys, answers, failures and sizes in any order: nothing panics, nothing hostile reaches the terminal.

use super::super::clean::clean;
use super::super::msg::Msg;
use super::super::update::{start, update};
use super::fake::World;
use super::{app, key, screen};

/// A small generator: the same events on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

const KEYS: &[&str] = &[
    "enter",
    "esc",
    "tab",
    "space",
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pgdn",
    "pgup",
    "backspace",
    "f1",
    "ctrl-d",
    "ctrl-u",
    "ctrl-r",
    "ctrl-j",
    "ctrl-l",
    "ctrl-n",
    "ctrl-p",
    "alt-enter",
    "1",
    "2",
    "3",
    "4",
    "6",
    "[",
    "]",
    "?",
    ":",
    "/",
    "!",
    "q",
    "y",
    "n",
    "s",
    "o",
    "a",
    "c",
    "C",
    "x",
    "z",
    "l",
    "h",
    "j",
    "k",
    "g",
    "G",
    "N",
    "R",
    "p",
    "m",
    "f",
    "e",
    "i",
    "r",
    "t",
    "b",
    "w",
    "v",
    ".",
    "5",
];

#[test]
fn twenty_thousand_events_at_any_size() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut app = app(80, 24);
    let mut world = World::default();
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    let mut waiting = Vec::new();
    for step in 0..20_000 {
        let msg = match random.below(100) {
            0..=2 => Msg::Resize(1 + random.below(200) as u16, 1 + random.below(60) as u16),
            3 => Msg::Paste("a\u{1b}[2J,1,\u{202e}\n\n-1\t".to_owned()),
            4 => Msg::Tick,
            5 => {
                world.broken = random.below(4) == 0;
                Msg::Clock(app.now + chrono::TimeDelta::milliseconds(700))
            }
            _ => Msg::Key(key(KEYS[random.below(KEYS.len() as u64) as usize])),
        };
        waiting.extend(update(&mut app, msg));
        // Sometimes answers are late, and come in any order.
        if random.below(3) > 0 {
            let effects = std::mem::take(&mut waiting);
            world.answer(&mut app, effects);
        }
        if step % 20 == 0 {
            let text = screen(&app);
            for line in text.lines() {
                assert_eq!(line, clean(line), "step {step}");
            }
        }
    }
}

#[test]
fn every_screen_at_one_cell() {
    for name in ["1", "2", "3", "4", "6"] {
        for keys in [
            &[][..],
            &["enter"],
            &["?"],
            &["z"],
            &["tab", "enter"],
            &["enter", "tab", "tab", "t"],
            &["h"],
            &["w"],
            &["/", "x"],
            &["v", "enter"],
        ] {
            let mut app = app(1, 1);
            let mut world = World { rows: 10_000, started: true, ..World::default() };
            let effects = start(&mut app);
            world.answer(&mut app, effects);
            for name in std::iter::once(&name).chain(keys) {
                let effects = update(&mut app, Msg::Key(key(name)));
                world.answer(&mut app, effects);
            }
            for (width, height) in [(1, 1), (2, 2), (3, 40), (200, 1), (12, 4), (40, 9)] {
                app.size = (width, height);
                screen(&app);
            }
        }
    }
}
