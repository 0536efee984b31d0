//! Whole ways through the console, with the effects answered by a fake world.

use super::super::app::{Overlay, Screen};
use super::super::gate::Dirty;
use super::super::keymap::Context;
use super::super::load::{Load, Tone};
use super::super::msg::{self, Answer, Effect, JobId, Msg};
use super::super::screen::predict::Focus;
use super::super::screen::train::command;
use super::super::update::{start, update};
use super::fake::{self, World};
use super::{app, press, screen};
use netsec::event::Family;
use netsec::metrics::Wish;
use netsec::predict::Choice;
use netsec::run::RunStatus;

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
    update(&mut app, Msg::Done(JobId(999), Answer::Data(msg::data::Answer::Catalog(Ok(fake::catalog(5))))));
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
    for name in ["2", "3", "4", "6", "esc", "1"] {
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
    let Some(Effect::Train(job, msg::train::Ask::Follow(_))) = effects.first().cloned() else { panic!("{effects:?}") };
    let heard = msg::train::Heard { events: fake::journal(false), alive: true, manifest: None };
    update(&mut app, Msg::Done(job, Answer::Train(msg::train::Answer::Heard(Ok(Box::new(heard))))));
    assert!(press(&mut app, "x").is_empty());
    assert!(press(&mut app, "x").is_empty(), "the same key again does not confirm");
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Runs(_, msg::runs::Ask::Cancel(run))] if run == fake::RUN));
}

#[test]
fn a_run_that_loses_its_worker_is_interrupted_and_can_be_resumed() {
    let mut app = app(80, 24);
    app.screen = Screen::Train;
    let effects = super::super::screen::train::attach(&mut app, fake::RUN);
    let Some(Effect::Train(job, msg::train::Ask::Follow(_))) = effects.first().cloned() else { panic!("{effects:?}") };
    for alive in [true, false] {
        let events = if alive { fake::journal(false) } else { Vec::new() };
        let heard = msg::train::Heard { events, alive, manifest: None };
        update(&mut app, Msg::Done(job, Answer::Train(msg::train::Answer::Heard(Ok(Box::new(heard))))));
    }
    assert!(screen(&app).contains("interrupted"), "{}", screen(&app));
    assert!(
        matches!(&press(&mut app, "R")[..], [Effect::Runs(_, msg::runs::Ask::Resume(run, false))] if run == fake::RUN)
    );
}

#[test]
fn a_run_that_failed_its_validation_goes_on_when_that_is_accepted() {
    let mut app = app(80, 24);
    let mut world = World { started: true, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    app.screen = Screen::Runs;
    let Load::Ready(rows) = &mut app.runs.rows.load else { panic!("no runs") };
    rows[0].status = RunStatus::Failed;
    rows[0].unfit = true;
    let run = rows[0].id.clone();
    assert!(press(&mut app, "R").is_empty());
    assert!(screen(&app).contains("all the same?"), "{}", screen(&app));
    assert!(
        matches!(&press(&mut app, "y")[..], [Effect::Runs(_, msg::runs::Ask::Resume(asked, true))] if *asked == run)
    );
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
    if app.data.filter.as_ref().unwrap().mistake.is_some() {
        assert!(screen(&app).contains('^'));
        assert!(press(&mut app, "enter").is_empty());
    }
    press(&mut app, "esc");
    press(&mut app, "/");
    for c in "Result=-1".chars() {
        press(&mut app, &c.to_string());
    }
    let effects = press(&mut app, "enter");
    assert!(
        matches!(
            &effects[..],
            [
                Effect::Data(_, msg::data::Ask::Fetch(..)),
                Effect::Data(_, msg::data::Ask::Count(..)),
                Effect::Remember(..)
            ]
        ),
        "{effects:?}"
    );
}

#[test]
fn the_palette_finds_an_action_of_another_screen_and_does_it_there() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, started: true, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    press(&mut app, ":");
    for c in "choose the columns".chars() {
        press(&mut app, if c == ' ' { "space" } else { c.to_string().leak() });
    }
    let effects = press(&mut app, "enter");
    world.answer(&mut app, effects);
    assert_eq!(app.screen, Screen::Runs);
    assert!(app.runs.look.choosing.is_some());
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
    assert_eq!(app.predict.focus, Focus::Features);
    let effects = press(&mut app, "right");
    assert!(matches!(&effects[..], [Effect::Predict(_, msg::predict::Ask::Score(..))]));
    world.answer(&mut app, effects);
    update(&mut app, Msg::Paste("-1,-1".to_owned()));
    assert_eq!(app.predict.input.text(), "-1,-1");
    assert_eq!(app.predict.focus, Focus::Text);
}

#[test]
fn a_threshold_is_asked_for_set_and_told() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, started: true, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    // A verdict of the very model, on its own screen.
    for name in ["6", "1", "enter", "4", "enter"] {
        let effects = press(&mut app, name);
        world.answer(&mut app, effects);
    }
    assert!(app.predict.scored.ready().is_some());
    assert!(app.runs.report.as_ref().unwrap().thresholds.ready().is_some());
    assert!(press(&mut app, "t").is_empty());
    for c in "recall x".chars() {
        press(&mut app, if c == ' ' { "space" } else { c.to_string().leak() });
    }
    assert!(press(&mut app, "enter").is_empty(), "what cannot be read is not sent");
    assert!(screen(&app).contains("a number from 0 to 1"), "{}", screen(&app));
    press(&mut app, "backspace");
    update(&mut app, Msg::Paste(".95".to_owned()));
    let effects = press(&mut app, "enter");
    let [Effect::Runs(job, msg::runs::Ask::SetThreshold(run, Family::GradientBoosting, choice))] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((run.as_str(), *choice), (fake::RUN, Choice::Wish(Wish::Recall(0.95))));
    let chosen = fake::chosen(Family::GradientBoosting, *choice);
    // The verdict on the other screen is asked for again: it may be another one now.
    let effects = update(&mut app, Msg::Done(*job, Answer::Runs(msg::runs::Answer::Threshold(Ok(Box::new(chosen))))));
    assert!(matches!(&effects[..], [Effect::Predict(_, msg::predict::Ask::Score(..))]), "{effects:?}");
    assert!(screen(&app).contains("GB calls phishing from .374: recall .950"), "{}", screen(&app));
    assert!(screen(&app).contains("threshold .374"), "{}", screen(&app));

    // It is left with `esc`, and a refusal is told.
    press(&mut app, "t");
    press(&mut app, "esc");
    assert!(app.runs.report.as_ref().is_some_and(|r| r.prompt.is_none()));
    press(&mut app, "t");
    update(&mut app, Msg::Paste("precision 1".to_owned()));
    world.broken = true;
    let effects = press(&mut app, "enter");
    world.answer(&mut app, effects);
    assert!(app.notice.as_ref().is_some_and(|n| n.tone == Tone::Bad));
}

#[test]
fn the_form_lists_what_the_space_has_and_the_command_does_the_same() {
    let mut app = app(80, 24);
    let mut world = World { rows: 10_000, ..World::default() };
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    let mut go = |app: &mut _, name: &str| {
        let effects = press(app, name);
        world.answer(app, effects);
    };
    go(&mut app, "3");
    assert!(!screen(&app).contains("svm"), "{}", screen(&app));
    go(&mut app, "j");
    go(&mut app, "l");
    assert!(screen(&app).contains("svm"), "{}", screen(&app));
    // In the last row is the seed, wherever that is.
    go(&mut app, "G");
    assert_eq!(app.view(), Context::FormText);
    // Up past the time window, the folds and the balance.
    for _ in 0..4 {
        go(&mut app, "up");
    }
    go(&mut app, "space");
    let line = command::line(&app).unwrap();
    assert!(line.contains("--family naive_bayes") && !line.contains("svm"), "{line}");
    let effects = press(&mut app, "enter");
    assert!(
        matches!(&effects[0], Effect::Train(_, msg::train::Ask::Start(request)) if request.families.len() == 8),
        "{effects:?}"
    );

    // A run over all that its space has names no family, one over some of them does.
    super::super::screen::train::attach(&mut app, fake::RUN);
    let (_, mut manifest) = fake::wide();
    for named in [false, true] {
        app.train.live.as_mut().unwrap().manifest = Some(Box::new(manifest.clone()));
        assert_eq!(command::line(&app).unwrap().contains("--family"), named);
        manifest.search.pop();
    }
}
