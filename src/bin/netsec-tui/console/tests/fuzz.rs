//! Keys, answers, failures and sizes in any order: nothing panics, nothing hostile reaches the terminal.

use super::super::app::Overlay;
use super::super::clean::clean;
use super::super::msg::train::Ask;
use super::super::msg::{Effect, JobId, Msg};
use super::super::update::{start, update};
use super::fake::World;
use super::{app, key, screen};
use crossterm::event::KeyEvent;
use netsec::promote::Outcome;

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

/// Keys, pastes, sizes and answers in any order, with the invariants of the console: the focus is one that has keys,
/// a run that is followed stays followed until it is let go, drawing changes nothing, and no cell holds what could act
/// on a terminal. `NETSEC_FUZZ` is the number of events.
#[test]
fn any_events_at_any_size() {
    let events = std::env::var("NETSEC_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let seed: u64 = std::env::var("NETSEC_FUZZ_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let keys = keys();
    let mut app = app(80, 24);
    let mut world = World::default();
    let mut waiting = start(&mut app);
    for step in 0..events {
        let msg = match random.below(100) {
            0..=2 => Msg::Resize(1 + random.below(400) as u16, 1 + random.below(120) as u16),
            3 => Msg::Paste(PASTES[random.below(PASTES.len() as u64) as usize].to_owned()),
            4 => Msg::Tick,
            5 => {
                world.broken = random.below(4) == 0;
                world.corrupt = random.below(2) == 0;
                world.outcome = Some(OUTCOMES[random.below(6) as usize]);
                Msg::Clock(app.now + chrono::TimeDelta::milliseconds(700))
            }
            // Background work, of jobs there are and of some there are not.
            6 => Msg::Progress(JobId(random.below(1 + step)), random.below(1_000), Some(random.below(1_000))),
            _ => Msg::Key(keys[random.below(keys.len() as u64) as usize]),
        };
        let shown = format!("step {step}, seed {seed}: {msg:?} at {:?}", app.focus());
        let followed = app.train.live.as_ref().map(|live| live.id.clone());
        let effects = update(&mut app, msg);
        let let_go = effects.iter().any(|e| matches!(e, Effect::Unfollow | Effect::Train(_, Ask::Follow(_))));
        if !let_go {
            assert_eq!(app.train.live.as_ref().map(|live| live.id.clone()), followed, "a run is lost: {shown}");
        }
        waiting.extend(effects);
        assert!(app.keys.active(&app.contexts()).next().is_some(), "no key does anything: {shown}");
        let (at, len) = match &app.overlay {
            Some(Overlay::Help(view) | Overlay::Palette(view)) => (view.cursor.at, view.found.len()),
            Some(Overlay::Jobs(cursor)) => (cursor.at, app.jobs.list.len()),
            Some(Overlay::Notices(cursor)) => (cursor.at, app.notices.list.len()),
            _ => (0, 0),
        };
        assert!(at < len.max(1), "{at} of {len} is selected: {shown}");
        // Sometimes answers are late, and come in any order; some never come.
        if random.below(3) > 0 {
            while !waiting.is_empty() {
                let effect = waiting.swap_remove(random.below(waiting.len() as u64) as usize);
                if random.below(50) > 0 {
                    world.answer(&mut app, vec![effect]);
                }
            }
        }
        if step % 100 == 0 {
            let text = screen(&app);
            for line in text.lines() {
                assert_eq!(line, clean(line), "{shown}");
            }
            assert_eq!(text, screen(&app), "drawing changes nothing: {shown}");
        }
    }
}

const OUTCOMES: [Outcome; 6] = [
    Outcome::First,
    Outcome::Better,
    Outcome::NotDistinguishable,
    Outcome::Worse,
    Outcome::TooLittleData,
    Outcome::Unfit,
];

const PASTES: &[&str] = &[
    "NetworkData",
    "staging 2026-11-03",
    "a\u{1b}[2J,1,\u{202e}\n\n-1\t",
    "-1,1,1,1,-1,-1",
    "{\"Result\": -1}",
    "日本語 e\u{301} 👨\u{200d}👩\u{200d}👧 \u{9b}31m",
    "http://example.test/\u{feff}a?b=1",
    "Result=-1 URL_Length>=0",
];

/// Every key of the table, with every plain character: what a cat on the keyboard may do.
fn keys() -> Vec<KeyEvent> {
    let app = app(80, 24);
    let mut names: Vec<String> = app.keys.all().flat_map(|b| b.keys).map(|k| (*k).to_owned()).collect();
    names.extend((' '..='~').filter(|c| *c != ' ').map(String::from));
    names.extend(["space", "é", "語", "\u{301}"].map(str::to_owned));
    names.sort();
    names.dedup();
    // Leaving ends nothing here, but opens nothing either.
    names.iter().filter(|n| *n != "ctrl-c").map(|n| key(n)).collect()
}

#[test]
fn every_screen_at_one_cell() {
    for name in ["1", "2", "3", "4", "5", "6"] {
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
            &["/", "tab", "tab"],
            &["v", "enter"],
            &["J"],
            &["M", "enter"],
            &[",", "f"],
            &["o", "enter", "space", "b"],
            &["n", "x"],
            &["T"],
            &["D"],
            &["p", "enter", "enter"],
            &["v", "j"],
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
