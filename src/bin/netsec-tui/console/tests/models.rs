//! The Models screen: its looks, and ways through it.

mod changes;
mod real;

use super::super::app::{App, Screen};
use super::super::clean::clean;
use super::super::keymap::Context;
use super::super::load::Load;
use super::super::msg::models::Ask;
use super::super::msg::{self, Answer, Effect, Msg};
use super::super::screen::models::Aside;
use super::super::theme::{Depth, Symbols};
use super::super::update::{go, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{app, press, screen};
use chrono::TimeDelta;
use netsec::promote::Outcome;

/// The screen after these keys; a text among them is pasted.
pub fn shown(world: &mut World, width: u16, height: u16, keys: &[&str]) -> App {
    let mut app = with(world, width, height);
    press_all(&mut app, world, &["5"]);
    type_all(&mut app, world, keys);
    app
}

/// Presses keys; what has more letters than a key's name is pasted.
pub fn type_all(app: &mut App, world: &mut World, keys: &[&str]) {
    for name in keys {
        match name.strip_prefix("type ") {
            Some(text) => {
                let effects = update(app, Msg::Paste(text.to_owned()));
                world.answer(app, effects);
            }
            None => press_all(app, world, &[name]),
        }
    }
}

/// Answers the last question about the registry so.
pub fn answered(app: &mut App, effects: &[Effect], answer: msg::models::Answer) -> Vec<Effect> {
    let job = effects.iter().rev().find_map(|effect| match effect {
        Effect::Models(job, _) => Some(*job),
        _ => None,
    });
    update(app, Msg::Done(job.unwrap(), Answer::Models(answer)))
}

/// The registry went away after it was read.
fn away(width: u16, height: u16) -> App {
    let mut app = shown(&mut full(), width, height, &[]);
    app.around.registry = "s3";
    app.now += TimeDelta::seconds(190);
    let effects = press(&mut app, "r");
    answered(&mut app, &effects, msg::models::Answer::Read(Err(fake::models::unreachable())));
    app
}

#[test]
fn looks() {
    snapshots("models_loading", |w, h| {
        let mut app = with(&mut full(), w, h);
        go(&mut app, Screen::Models);
        app.now += TimeDelta::seconds(4);
        app
    });
    snapshots("models_failed", |w, h| {
        let mut app = with(&mut full(), w, h);
        app.around.registry = "s3";
        let effects = go(&mut app, Screen::Models);
        answered(&mut app, &effects, msg::models::Answer::Read(Err(fake::models::unreachable())));
        app
    });
    snapshots("models_away", away);
    snapshots("models_empty", |w, h| shown(&mut World { rows: 10_000, ..World::default() }, w, h, &[]));
    for (name, keys) in [
        ("full", &[][..]),
        ("version", &["j", "enter"]),
        ("version_unreadable", &["j", "j", "enter"]),
        ("version_retired", &["j", "j", "j", "j", "enter", "G"]),
        ("version_unfinished", &["G", "enter"]),
        ("ledger", &["tab", "j", "j"]),
        ("entry", &["tab", "j", "j", "enter"]),
        ("entry_override", &["tab", "j", "j", "j", "j", "j", "j", "enter"]),
        ("find", &["tab", "/", "type user-b false"]),
        ("find_none", &["/", "type nobody", "enter"]),
        ("date", &["w"]),
        ("date_wrong", &["w", "type yesterday", "enter"]),
        ("date_answer", &["w", "type 2026-11-03", "enter"]),
    ] {
        snapshots(&format!("models_{name}"), |w, h| shown(&mut full(), w, h, keys));
    }
    for (name, corrupt) in [("verified", false), ("problems", true)] {
        let world = || World { corrupt, ..full() };
        snapshots(&format!("models_{name}"), |w, h| shown(&mut world(), w, h, &["v"]));
        snapshots(&format!("models_{name}_after"), |w, h| shown(&mut world(), w, h, &["v", "esc"]));
    }
    snapshots("models_verifying", |w, h| {
        let mut app = shown(&mut full(), w, h, &[]);
        let effects = press(&mut app, "v");
        let Some(Effect::Models(job, Ask::Verify)) = effects.first().cloned() else { panic!("{effects:?}") };
        update(&mut app, Msg::Progress(job, 12, Some(38)));
        app.now += TimeDelta::seconds(3);
        app
    });
}

#[test]
fn the_screen_opens_with_what_is_in_production() {
    let mut world = full();
    let app = shown(&mut world, 80, 24, &[]);
    let text = screen(&app);
    assert!(text.lines().nth(2).unwrap().contains("production: v4 since 2026-11-18 by user@ip-10-0-1-7"), "{text}");
    assert!(text.contains("staging: v5 since"), "{text}");
    assert!(text.lines().next().unwrap().contains("embedded · registry local"), "{text}");
    assert_eq!(app.focus(), Context::Versions);
}

#[test]
fn nothing_is_asked_while_idle_but_now_and_then() {
    let mut world = full();
    let mut app = shown(&mut world, 80, 24, &[]);
    assert_eq!(app.pulse().map(|pulse| pulse.as_secs()), Some(30));
    app.now += TimeDelta::seconds(29);
    assert!(update(&mut app, Msg::Tick).is_empty());
    app.now += TimeDelta::seconds(1);
    assert!(matches!(update(&mut app, Msg::Tick)[..], [Effect::Models(_, Ask::Read)]));
    assert!(update(&mut app, Msg::Tick).is_empty(), "one question at a time");
    press_all(&mut app, &mut world, &["1"]);
    assert_eq!(app.pulse(), None);
    app.now += TimeDelta::seconds(90);
    assert!(update(&mut app, Msg::Tick).is_empty(), "nobody looks");
}

#[test]
fn a_registry_that_went_away_keeps_what_was_read_and_blocks_nothing() {
    let mut app = away(80, 24);
    let text = screen(&app);
    assert!(text.contains("⊘ s3://models/netsec does not answer") && text.contains("as read 3m 10s ago"), "{text}");
    assert!(text.contains("production: v4") && text.lines().next().unwrap().contains("⊘"), "{text}");
    assert!(press(&mut app, "!").is_empty() && screen(&app).contains("is the network up?"));
    press(&mut app, "esc");
    press(&mut app, "4");
    assert!(screen(&app).contains("7f3a21"), "{}", screen(&app));
    // Back, it is read again, and the header says no more.
    let mut world = full();
    press_all(&mut app, &mut world, &["5"]);
    assert!(!screen(&app).contains('⊘'), "{}", screen(&app));
}

#[test]
fn an_empty_registry_says_what_to_press() {
    let mut world = World { rows: 10_000, ..World::default() };
    let mut app = shown(&mut world, 80, 24, &[]);
    assert!(screen(&app).contains("nothing is in production"), "{}", screen(&app));
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(app.screen, Screen::Train, "a run comes first");
    press_all(&mut app, &mut world, &["5", "b"]);
    assert!(app.notice.as_ref().unwrap().headline.contains("no alias"));
    press_all(&mut app, &mut world, &["w"]);
    assert!(app.notice.as_ref().unwrap().headline.contains("the ledger is empty"));
}

#[test]
fn what_was_in_production_on_a_day_is_told_and_selected() {
    let mut world = full();
    for (asked, told, entry) in [
        ("2026-11-03", "v2 in production since 2026-11-03 17:40, entry 000008; that day began with v3", Some(8)),
        ("2026-11-03 12:00", "2026-11-03 12:00 UTC: v3 in production", Some(7)),
        ("2026-09-01", "nothing was in production", None),
        ("staging 2026-11-18", "v5 in staging", None),
    ] {
        let mut app = shown(&mut world, 160, 50, &["w", &format!("type {asked}"), "enter"]);
        let answer = app.models.told.clone().unwrap();
        assert!(answer.contains(told), "{asked}: {answer}");
        assert_eq!(app.models.entry, entry, "{asked}: the newest one is not held on to");
        press(&mut app, "esc");
        assert!(app.models.told.is_none());
    }
}

#[test]
fn the_ledger_is_searched_and_the_selected_entry_stays() {
    let mut world = full();
    let mut app = shown(&mut world, 80, 24, &["tab", "/", "type override recall"]);
    assert!(screen(&app).contains("1 of 13 entries"), "{}", screen(&app));
    type_all(&mut app, &mut world, &["enter", "enter"]);
    assert!(screen(&app).contains("measured on old pages"), "{}", screen(&app));
    type_all(&mut app, &mut world, &["esc", "esc"]);
    assert!(app.models.find.is_none());
    assert_eq!(app.focus(), Context::Ledger);
}

#[test]
fn objects_are_verified_in_the_background() {
    let mut world = World { corrupt: true, ..full() };
    let mut app = shown(&mut world, 80, 24, &[]);
    let effects = press(&mut app, "v");
    let Some(Effect::Models(job, Ask::Verify)) = effects.first().cloned() else { panic!("{effects:?}") };
    assert_eq!(app.jobs.running(), 1);
    press(&mut app, "esc");
    update(&mut app, Msg::Progress(job, 19, Some(38)));
    assert!(screen(&app).contains("verifying 50.0 %"), "{}", screen(&app));
    press(&mut app, "1");
    world.answer(&mut app, effects);
    assert_eq!(app.jobs.running(), 0);
    assert!(screen(&app).contains("2 problems in 29 objects"), "{}", screen(&app));
    press_all(&mut app, &mut world, &["5"]);
    assert!(screen(&app).contains("✗ 2 problems"), "{}", screen(&app));
    // The list is a key away, and is not verified again for it.
    assert!(press(&mut app, "v").is_empty());
    assert!(screen(&app).contains("v2: the content of model.json"), "{}", screen(&app));
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Copy(text)] if text.contains("problem: v2: the content")));
    let effects = press(&mut app, "v");
    assert!(matches!(effects[..], [Effect::Models(_, Ask::Verify)]));
    assert!(press(&mut app, "v").is_empty(), "one at a time");
    assert!(matches!(press(&mut app, "x")[..], [Effect::Stop(_)]));
    world.answer(&mut app, effects);
    assert_eq!(app.jobs.running(), 0);
}

#[test]
fn rows_and_digests_are_copied() {
    let mut app = shown(&mut full(), 80, 24, &["j"]);
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Copy(text)] if text.starts_with("v4\t")));
    assert!(matches!(&press(&mut app, "c")[..], [Effect::Copy(text)] if text.len() == 64));
    press(&mut app, "tab");
    assert!(
        matches!(&press(&mut app, "y")[..], [Effect::Copy(text)] if text.starts_with("000013\tpromote\tv5 → staging"))
    );
}

/// Keys that lead to every view of the screen.
const WAYS: &[&[&str]] = &[
    &[],
    &["j", "enter"],
    &["j", "j", "enter"],
    &["G", "enter"],
    &["tab", "j", "j", "enter"],
    &["tab", "/", "type v4"],
    &["w", "type x", "enter"],
    &["w", "type 2026-11-03", "enter"],
    &["v"],
    &["p"],
    &["p", "enter"],
    &["p", "enter", "enter"],
    &["p", "enter", "enter", "type why", "enter"],
    &["p", "enter", "enter", "type why", "enter", "type NetworkData", "enter"],
    &["b", "type why", "enter"],
];

#[test]
fn without_colour_and_symbols_it_still_reads() {
    for (width, height) in [(80, 24), (160, 50)] {
        for outcome in [Outcome::First, Outcome::Better, Outcome::NotDistinguishable, Outcome::Worse] {
            for keys in WAYS {
                let mut world = World { outcome: Some(outcome), corrupt: true, ..full() };
                let mut app = shown(&mut world, width, height, keys);
                (app.theme.symbols, app.theme.depth) = (Symbols::Ascii, Depth::Mono);
                let text = screen(&app);
                assert!(text.is_ascii(), "after {keys:?}: {:?}", text.chars().find(|c| !c.is_ascii()));
            }
        }
    }
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let hostile = "a\u{1b}[2J\u{202e}b\nc".to_owned();
    let mut overview = fake::models::overview();
    (overview.name, overview.place, overview.at) = (hostile.clone(), hostile.clone(), hostile.clone());
    for entry in &mut overview.ledger.entries {
        for text in
            [&mut entry.user, &mut entry.host, &mut entry.reason, &mut entry.run, &mut entry.digest, &mut entry.at]
        {
            text.push_str(&hostile);
        }
        entry.overridden = Some(hostile.clone());
        entry.alias.iter_mut().filter(|alias| *alias != "production").for_each(|alias| alias.push_str(&hostile));
        if let Some(gate) = &mut entry.gate {
            gate.sentence.push_str(&hostile);
            gate.checks.iter_mut().for_each(|check| check.name = hostile.clone());
            gate.checks.iter_mut().for_each(|check| check.detail = hostile.clone());
        }
    }
    for version in &mut overview.versions {
        version.retired = Some(hostile.clone());
        version.aliases.push(hostile.clone());
        match &mut version.manifest {
            Err(why) => why.push_str(&hostile),
            Ok(manifest) => {
                (manifest.run, manifest.digest, manifest.netsec) = (hostile.clone(), hostile.clone(), hostile.clone());
                (manifest.data.collection, manifest.labels[1]) = (hostile.clone(), hostile.clone());
                manifest.registered.user = hostile.clone();
                manifest.judged.accepted_by = Some(hostile.clone());
                manifest.judged.reference = Some(hostile.clone());
            }
        }
    }
    overview.stale = vec![hostile.clone()];
    overview.unfinished[0].1.user = hostile;
    for (width, height) in [(80, 24), (120, 30), (160, 50)] {
        for keys in WAYS {
            let mut world = full();
            let mut app = shown(&mut world, width, height, &[]);
            app.models.overview.load = Load::Ready(Box::new(overview.clone()));
            type_all(&mut app, &mut world, keys);
            app.models.overview.load = Load::Ready(Box::new(overview.clone()));
            for line in screen(&app).lines() {
                assert_eq!(line, clean(line), "after {keys:?}");
            }
        }
    }
}

#[test]
fn nothing_panics_however_small() {
    for keys in WAYS {
        for outcome in [Outcome::First, Outcome::Worse, Outcome::TooLittleData] {
            let mut world = World { outcome: Some(outcome), corrupt: true, ..full() };
            let mut app = shown(&mut world, 80, 24, keys);
            for (width, height) in [(1, 1), (2, 3), (3, 40), (200, 1), (12, 4), (40, 9), (120, 5), (121, 24)] {
                app.size = (width, height);
                screen(&app);
            }
        }
    }
    let mut app = app(1, 1);
    app.models.open = Some(Aside::Change);
    screen(&app);
}
