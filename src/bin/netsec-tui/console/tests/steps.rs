//! Whole ways through the console, with the effects answered by a fake world.

use super::super::app::{Overlay, Screen};
use super::super::gate::Dirty;
use super::super::load::Load;
use super::super::msg::{Answer, Effect, JobId, Msg};
use super::super::update::{start, update};
use super::fake::{self, World};
use super::{app, press, screen};

/// The promise of the first screen: from nothing to a verdict in six keys and a paste.
#[test]
fn from_an_empty_store_to_a_prediction_in_six_keys() {
    let mut app = app(80, 24);
    let mut world = World::default();
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    assert!(app.data.is_welcome());
    let mut keys = 0;
    let mut go = |app: &mut _, world: &mut World, name: &str| {
        keys += 1;
        let effects = press(app, name);
        world.answer(app, effects);
    };
    go(&mut app, &mut world, "s");
    assert!(screen(&app).contains("10,000 rows added"), "{}", screen(&app));
    go(&mut app, &mut world, "enter");
    assert_eq!(app.screen, Screen::Train);
    go(&mut app, &mut world, "enter");
    assert!(screen(&app).contains("winner GB"), "{}", screen(&app));
    go(&mut app, &mut world, "enter");
    assert!(app.runs.report.is_some() && app.looked);
    go(&mut app, &mut world, "p");
    assert_eq!(app.screen, Screen::Predict);
    update(&mut app, Msg::Paste("-1,1,1\n".to_owned()));
    go(&mut app, &mut world, "enter");
    assert!(app.predicted);
    assert!(screen(&app).contains("PHISHING"), "{}", screen(&app));
    assert!(keys <= 6, "{keys}");
}

#[test]
fn enter_on_the_first_screen_always_takes_the_next_step() {
    let mut app = app(80, 24);
    let mut world = World::default();
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    for expected in [Screen::Data, Screen::Train] {
        let effects = press(&mut app, "enter");
        world.answer(&mut app, effects);
        assert_eq!(app.screen, expected);
    }
    let effects = press(&mut app, "enter");
    world.answer(&mut app, effects);
    for expected in [Screen::Runs, Screen::Predict] {
        let effects = press(&mut app, "esc");
        world.answer(&mut app, effects);
        let effects = press(&mut app, "1");
        world.answer(&mut app, effects);
        let effects = press(&mut app, "enter");
        world.answer(&mut app, effects);
        assert_eq!(app.screen, expected);
    }
}

#[test]
fn superseded_answers_change_nothing_and_draw_nothing() {
    let mut app = app(80, 24);
    start(&mut app);
    app.take_dirty();
    update(&mut app, Msg::Done(JobId(999), Answer::Catalog(Ok(fake::catalog(5)))));
    assert!(matches!(app.data.catalog.load, Load::Loading { .. }));
    assert_eq!(app.take_dirty(), Dirty::No);
}

#[test]
fn an_idle_console_sleeps() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, started: true, ..World::default() };
    let effects = start(&mut app);
    assert!(app.pulse().is_some(), "it loads");
    world.answer(&mut app, effects);
    assert_eq!(app.pulse(), None);
    for name in ["3", "4", "6", "esc", "1"] {
        let effects = press(&mut app, name);
        world.answer(&mut app, effects);
        assert_eq!(app.pulse(), None, "after {name}");
    }
}

#[test]
fn leaving_and_cancelling_ask_first() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    assert!(press(&mut app, "q").is_empty());
    assert!(matches!(app.overlay, Some(Overlay::Confirm { .. })));
    assert!(press(&mut app, "n").is_empty());
    assert!(app.overlay.is_none());
    press(&mut app, "q");
    assert!(matches!(press(&mut app, "y")[..], [Effect::Leave]));
    assert!(matches!(press(&mut app, "ctrl-c")[..], [Effect::Leave]));

    // A run under way: `x` asks, `y` does it.
    let effects = super::super::screen::train::attach(&mut app, fake::RUN);
    app.screen = Screen::Train;
    let Some(Effect::Follow(job, _)) = effects.first().cloned() else { panic!("{effects:?}") };
    let heard = super::super::msg::Heard { events: fake::journal(false), alive: true, manifest: None };
    update(&mut app, Msg::Done(job, Answer::Heard(Ok(Box::new(heard)))));
    assert!(press(&mut app, "x").is_empty());
    assert!(press(&mut app, "x").is_empty(), "the same key again does not confirm");
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Cancel(_, run)] if run == fake::RUN));
}

#[test]
fn a_run_that_loses_its_worker_is_interrupted_and_can_be_resumed() {
    let mut app = app(80, 24);
    app.screen = Screen::Train;
    let effects = super::super::screen::train::attach(&mut app, fake::RUN);
    let Some(Effect::Follow(job, _)) = effects.first().cloned() else { panic!("{effects:?}") };
    for alive in [true, false] {
        let events = if alive { fake::journal(false) } else { Vec::new() };
        let heard = super::super::msg::Heard { events, alive, manifest: None };
        update(&mut app, Msg::Done(job, Answer::Heard(Ok(Box::new(heard)))));
    }
    assert!(screen(&app).contains("interrupted"), "{}", screen(&app));
    assert!(matches!(&press(&mut app, "R")[..], [Effect::Resume(_, run)] if run == fake::RUN));
}

#[test]
fn a_wrong_filter_shows_where_and_is_not_sent() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    for name in ["tab", "/", "R", "=", ">", "1"] {
        press(&mut app, name);
    }
    if app.data.filter.as_ref().unwrap().error.is_some() {
        assert!(screen(&app).contains('^'));
        assert!(press(&mut app, "enter").is_empty());
    }
    press(&mut app, "esc");
    press(&mut app, "/");
    for c in "Result=-1".chars() {
        press(&mut app, &c.to_string());
    }
    let effects = press(&mut app, "enter");
    assert!(matches!(&effects[..], [Effect::Fetch(..), Effect::Count(..)]), "{effects:?}");
}

#[test]
fn the_palette_finds_an_action_of_another_screen_and_does_it_there() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, started: true, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    press(&mut app, ":");
    for c in "sort by".chars() {
        press(&mut app, if c == ' ' { "space" } else { c.to_string().leak() });
    }
    let effects = press(&mut app, "enter");
    world.answer(&mut app, effects);
    assert_eq!(app.screen, Screen::Runs);
    assert_ne!(app.runs.order, Default::default());
}

#[test]
fn what_is_too_long_for_a_clipboard_is_not_sent() {
    let mut app = app(80, 24);
    assert!(app.copy("it", "x".repeat(80_000)).is_empty());
    assert!(app.notice.as_ref().unwrap().headline.contains("not copied"));
    assert_eq!(app.copy("it", "x".repeat(74_994)).len(), 1);
}

#[test]
fn a_paste_after_a_verdict_begins_a_new_row() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, started: true, ..World::default() };
    app.screen = Screen::Predict;
    let effects = super::super::screen::predict::entered(&mut app);
    world.answer(&mut app, effects);
    update(&mut app, Msg::Paste("1,1,1".to_owned()));
    let effects = press(&mut app, "enter");
    world.answer(&mut app, effects);
    assert!(!app.predict.typing);
    let effects = press(&mut app, "right");
    assert!(matches!(&effects[..], [Effect::Score(..)]));
    world.answer(&mut app, effects);
    update(&mut app, Msg::Paste("-1,-1".to_owned()));
    assert_eq!(app.predict.input.text(), "-1,-1");
    assert!(app.predict.typing);
}
