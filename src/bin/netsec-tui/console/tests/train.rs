//! The Train screen: what keys, answers and time do in it.

mod states;

use super::super::app::{App, Overlay, Screen};
use super::super::gate::{Dirty, Gate};
use super::super::keymap::Context;
use super::super::load::{Load, Tone};
use super::super::msg::runs::RunRow;
use super::super::msg::train::{Answer, Ask, Heard};
use super::super::msg::{Effect, JobId, Msg, runs};
use super::super::notify::Notify;
use super::super::screen::train;
use super::super::update::{start, update};
use super::fake::{self, World};
use super::screens::{SIZES, full, live, press_all, with};
use super::{app, now, press, screen};
use netsec::event::{Event, Family, JOURNAL_VERSION, Stamped};
use netsec::resample::Resampling;
use netsec::run::RunStatus;
use std::time::{Duration, Instant};

fn form() -> World {
    World { rows: 10_000, ..World::default() }
}

fn hear(app: &mut App, job: JobId, events: Vec<Stamped>, alive: bool) -> Vec<Effect> {
    let heard = Heard { events, alive, manifest: None };
    update(app, Msg::Done(job, Answer::Heard(Ok(Box::new(heard))).into()))
}

fn watched(app: &App) -> JobId {
    app.train.live.as_ref().unwrap().job
}

/// A run that is watched from its first event.
fn follow(app: &mut App) -> JobId {
    app.screen = Screen::Train;
    train::attach(app, fake::RUN);
    watched(app)
}

/// The live view of a run of all nine families that halves.
fn wide(width: u16, height: u16) -> App {
    let mut app = with(&mut full(), width, height);
    let job = follow(&mut app);
    let (events, manifest) = fake::wide();
    let heard = Heard { events, alive: true, manifest: Some(Box::new(manifest)) };
    update(&mut app, Msg::Done(job, Answer::Heard(Ok(Box::new(heard))).into()));
    update(&mut app, Msg::Done(job, Answer::Host(fake::figures()).into()));
    app
}

/// The live view with what the host is using.
fn hosted(width: u16, height: u16, whole: bool) -> App {
    let mut app = live(width, height, whole);
    let job = watched(&app);
    update(&mut app, Msg::Done(job, Answer::Host(fake::figures()).into()));
    app
}

/// A run that ended in a way of its own.
fn ended(width: u16, height: u16, event: Option<Event>) -> App {
    let mut app = hosted(width, height, false);
    let job = watched(&app);
    let last = fake::journal(false).pop().unwrap();
    let events = event.map(|event| Stamped { v: JOURNAL_VERSION, seq: last.seq + 1, at: last.at, event });
    hear(&mut app, job, events.into_iter().collect(), false);
    app.notice = None;
    app
}

/// Runs of others and of the analyst, two of them under way.
fn shared() -> Vec<RunRow> {
    let mut rows = fake::rows();
    rows.push(RunRow { who: "user-b@ip-10-0-1-7".to_owned(), ..fake::row("c0ffee000004", RunStatus::Running) });
    rows.push(RunRow { who: "user@ip-10-0-1-9".to_owned(), ..fake::row("beef00000005", RunStatus::Running) });
    rows
}

fn attached(width: u16, height: u16, keys: &[&str]) -> App {
    let mut app = with(&mut full(), width, height);
    press_all(&mut app, &mut full(), &["3", "a"]);
    app.runs.rows.load = Load::Ready(shared());
    for name in keys {
        press(&mut app, name);
    }
    app
}

#[test]
fn the_form_asks_for_what_it_shows_and_remembers_it() {
    let mut app = with(&mut form(), 80, 24);
    let mut world = form();
    press_all(&mut app, &mut world, &["3", "j", "j", "space"]);
    // Balance, folds, time window, seed.
    press_all(&mut app, &mut world, &["G", "backspace", "7", "up"]);
    update(&mut app, Msg::Paste("2026-11-01..\n".to_owned()));
    press_all(&mut app, &mut world, &["up", "right", "right", "up", "l", "l"]);
    let text = screen(&app);
    assert!(text.contains("38 trials x 5 folds: 190 fits"), "{text}");
    assert!(text.contains("class weights") && text.contains("--resampling class_weights"), "{text}");
    let effects = press(&mut app, "enter");
    let [Effect::Train(_, Ask::Start(request)), Effect::Remember(_, memory)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((request.folds, request.seed, request.resampling), (Some(5), 7, Some(Resampling::ClassWeights)));
    assert_eq!(request.window.suffix(), "@2026-11-01T00:00:00Z..");
    assert!(!request.families.contains(&Family::LogisticRegression) && request.families.len() == 5);

    // The next console begins with it; from the file that it is written to.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("memory.yaml");
    memory.write(&path).unwrap();
    let mut next = super::app(80, 24);
    next.memory = super::super::memory::Memory::read(&path).unwrap();
    let effects = start(&mut next);
    world.started = false;
    world.answer(&mut next, effects);
    press_all(&mut next, &mut world, &["3"]);
    let again = press(&mut next, "enter");
    let [Effect::Train(_, Ask::Start(same))] = &again[..] else { panic!("nothing new is to be written: {again:?}") };
    assert_eq!(same, request);
}

#[test]
fn what_is_wrong_stands_at_its_field_and_starts_nothing() {
    let mut app = with(&mut form(), 80, 24);
    let mut world = form();
    press_all(&mut app, &mut world, &["3", "G", "x", "backspace"]);
    assert!(screen(&app).contains("✗ a whole number"), "{}", screen(&app));
    press(&mut app, "esc");
    assert_eq!(app.view(), Context::Form, "out of the text fields");
    assert!(press(&mut app, "enter").is_empty());
    assert_eq!(app.view(), Context::FormText, "to the field that is wrong");
    press_all(&mut app, &mut world, &["3", "up"]);
    update(&mut app, Msg::Paste("yesterday..".to_owned()));
    assert!(screen(&app).contains("is no time window"), "{}", screen(&app));
    assert!(press(&mut app, "enter").is_empty());
    press(&mut app, "ctrl-l");
    assert!(!press(&mut app, "enter").is_empty());
}

#[test]
fn a_point_is_picked_on_the_curve_and_stays_while_trials_arrive() {
    let mut app = live(80, 24, false);
    let job = watched(&app);
    for name in ["z", "left"] {
        press(&mut app, name);
    }
    // From the sixth trial, which is being fitted, to the fifth.
    let picked = |app: &App| app.train.live.as_ref().unwrap().picked;
    assert_eq!(picked(&app), Some(4));
    press(&mut app, "left");
    let text = screen(&app);
    assert!(text.contains("trial 4 F1 .947 ±.006  by fold .942 .947 .953  took 400 ms"), "{text}");
    assert!(text.contains("learning_rate .2  max_depth 6"), "{text}");
    // A better one arrives above it in the list.
    let (family, trial) = (Family::GradientBoosting, 6);
    let event = Event::TrialFinished { family, trial, params: fake::params(&[]), scores: vec![0.99; 3], ms: 9 };
    let at = fake::journal(false).pop().unwrap().at;
    hear(&mut app, job, vec![Stamped { v: JOURNAL_VERSION, seq: 900, at, event }], true);
    assert_eq!(picked(&app), Some(3));
    assert!(screen(&app).contains("trial 4 F1 .947"), "{}", screen(&app));
    for _ in 0..20 {
        press(&mut app, "left");
    }
    assert_eq!(picked(&app), Some(0));
    for _ in 0..20 {
        press(&mut app, "right");
    }
    assert_eq!(picked(&app), Some(6));
    assert!(press(&mut app, "s").is_empty());
    assert!(app.notice.as_ref().unwrap().headline.contains("shares its fit with no other"));
}

#[test]
fn along_the_stages_of_one_fit() {
    let mut app = wide(160, 50);
    app.train.live.as_mut().unwrap().cursor.at = 3;
    press(&mut app, "z");
    press(&mut app, "s");
    let picked = |app: &App| app.train.live.as_ref().unwrap().picked.unwrap();
    let first = picked(&app);
    assert!(screen(&app).contains("F1 by trees of one fit"), "{}", screen(&app));
    let mut seen = vec![first];
    for _ in 0..6 {
        press(&mut app, "left");
    }
    for _ in 0..6 {
        press(&mut app, "right");
        seen.push(picked(&app));
    }
    assert!(seen.iter().all(|trial| trial / 6 == first / 6), "of one fit: {seen:?}");
    assert!(seen.windows(2).any(|pair| pair[0] != pair[1]), "{seen:?}");
}

#[test]
fn enter_tells_why_a_family_or_the_run_failed() {
    let mut app = live(80, 24, true);
    for name in ["up", "enter"] {
        press(&mut app, name);
    }
    assert!(matches!(app.overlay, Some(Overlay::Reason(_))));
    assert!(screen(&app).contains("adaboost: memory limit of 512 MB reached"), "{}", screen(&app));
    for name in ["esc", "down"] {
        press(&mut app, name);
    }
    // The others open the report, as the run is finished.
    let effects = press(&mut app, "enter");
    assert!(effects.iter().any(|e| matches!(e, Effect::Runs(_, runs::Ask::Detail(_)))), "{effects:?}");

    let failed = Event::RunFailed { reason: "no rows".to_owned(), hint: Some("push some".to_owned()) };
    let mut app = ended(80, 24, Some(failed));
    assert!(screen(&app).contains("failed: no rows") && screen(&app).contains("push some"), "{}", screen(&app));
    press(&mut app, "enter");
    assert!(screen(&app).contains("what happened"), "{}", screen(&app));
}

#[test]
fn in_a_grid_the_arrows_go_where_they_point() {
    let mut app = wide(120, 40);
    let at = |app: &App| app.train.live.as_ref().unwrap().cursor.at;
    press(&mut app, "g");
    for (name, expected) in [
        ("right", 1),
        ("down", 3),
        ("left", 2),
        ("down", 4),
        ("down", 6),
        ("down", 8),
        ("down", 8),
        ("up", 6),
        ("G", 9),
    ] {
        press(&mut app, name);
        assert_eq!(at(&app), expected, "after {name}");
    }
    let text = screen(&app);
    assert!(text.contains("▌BL") && text.contains("families 3 to 10 of 10"), "{text}");
    // At the smallest size it is a list.
    app.size = (80, 24);
    press(&mut app, "up");
    assert_eq!(at(&app), 8);
}

#[test]
fn runs_of_others_are_marked_watched_cancelled_and_resumed() {
    let mut app = attached(120, 40, &[]);
    let text = screen(&app);
    assert!(text.contains("user-b@ip-10-0-1-7") && text.contains("you@ip-10-0-1-9"), "{text}");
    let first = text.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(first.contains("c0ffee") && first.contains("running"), "those under way come first: {first}");
    // The selection stays while rows arrive.
    press(&mut app, "down");
    let mut rows = shared();
    rows.insert(0, fake::row("aaaaaa000009", RunStatus::Running));
    let job = app.job();
    app.runs.rows.refresh(job, now());
    update(&mut app, Msg::Done(job, runs::Answer::List(Ok(rows)).into()));
    assert!(screen(&app).lines().any(|line| line.starts_with("▌beef00")), "{}", screen(&app));
    // Cancelling asks first, and says whose run it is.
    press(&mut app, "up");
    assert!(press(&mut app, "x").is_empty());
    assert!(screen(&app).contains("Cancel run c0ffee of user-b@ip-10-0-1-7?"), "{}", screen(&app));
    let effects = press(&mut app, "y");
    assert!(matches!(&effects[..], [Effect::Runs(_, runs::Ask::Cancel(run))] if run == "c0ffee000004"), "{effects:?}");
    // An interrupted one is resumed and watched.
    let at = train::attach::listed(&app).iter().position(|run| run.status == RunStatus::Interrupted).unwrap();
    app.train.attach.as_mut().unwrap().cursor.at = at;
    let effects = press(&mut app, "R");
    assert!(
        matches!(&effects[..], [Effect::Train(_, Ask::Follow(one)), Effect::Runs(_, runs::Ask::Resume(other, false))]
            if one == other && one == "5be0c4aa0001"),
        "{effects:?}"
    );
    assert_eq!(app.view(), Context::Live);
}

#[test]
fn the_end_of_a_run_is_told_when_that_was_asked_for() {
    let mut app = live(80, 24, false);
    assert_eq!(app.train.notify, Notify::Off);
    let job = watched(&app);
    let rest = |seen: usize| fake::journal(true).split_off(seen);
    let seen = fake::journal(false).len();
    press(&mut app, "b");
    press(&mut app, "b");
    assert_eq!(app.train.notify, Notify::Osc9);
    let effects = hear(&mut app, job, rest(seen), false);
    let told = effects.iter().find_map(|e| if let Effect::Notify(way, text) = e { Some((*way, text)) } else { None });
    assert!(told.is_some_and(|(way, text)| way == Notify::Osc9 && text.contains("finished: winner GB")), "{effects:?}");

    // One that nobody watches, but only an own one.
    let mut app = with(&mut full(), 80, 24);
    app.train.notify = Notify::Bell;
    let on = |who: &str| RunRow { who: who.to_owned(), ..fake::row("c0ffee000004", RunStatus::Running) };
    for (who, expected) in [("user@ip-10-0-1-7", 1), ("user-b@ip-10-0-1-7", 0)] {
        app.runs.rows.load = Load::Ready(vec![on(who)]);
        app.notice = None;
        let job = app.job();
        app.runs.rows.refresh(job, now());
        let over = RunRow { status: RunStatus::Failed, ..on(who) };
        let effects = update(&mut app, Msg::Done(job, runs::Answer::List(Ok(vec![over])).into()));
        assert_eq!(effects.iter().filter(|e| matches!(e, Effect::Notify(Notify::Bell, _))).count(), expected, "{who}");
        assert_eq!(app.notice.as_ref().is_some_and(|n| n.headline.contains("run c0ffee failed")), expected == 1);
    }
    // Unasked, it is told on the screen alone.
    let mut app = live(80, 24, false);
    let job = watched(&app);
    let effects = hear(&mut app, job, rest(seen), false);
    assert!(!effects.iter().any(|e| matches!(e, Effect::Notify(..))));
    assert_eq!(app.notice.as_ref().unwrap().tone, Tone::Good);
}

#[test]
fn figures_of_the_host_go_with_the_worker_and_draw_nothing_elsewhere() {
    let mut app = hosted(80, 24, false);
    assert!(screen(&app).contains("cpu ■■■■■■  97 %  memory 13 %  worker 212.0 MB"), "{}", screen(&app));
    app.take_dirty();
    app.screen = Screen::Data;
    let job = watched(&app);
    update(&mut app, Msg::Done(job, Answer::Host(fake::figures()).into()));
    assert_eq!(app.take_dirty(), Dirty::No);
    app.screen = Screen::Train;
    hear(&mut app, job, Vec::new(), false);
    assert!(!screen(&app).contains("worker 212.0 MB"), "{}", screen(&app));
    // A machine without figures shows none.
    let mut app = live(160, 50, false);
    let job = watched(&app);
    update(&mut app, Msg::Done(job, Answer::Host(Default::default()).into()));
    assert!(screen(&app).contains("not looked at yet"), "{}", screen(&app));
}

#[test]
fn the_time_left_goes_down_and_does_not_jump() {
    let mut app = with(&mut full(), 80, 24);
    let job = follow(&mut app);
    let (events, manifest) = fake::wide();
    let heard = Heard { events: Vec::new(), alive: true, manifest: Some(Box::new(manifest)) };
    update(&mut app, Msg::Done(job, Answer::Heard(Ok(Box::new(heard))).into()));
    let left = |app: &App| {
        let countdown = app.train.live.as_ref().unwrap().countdown;
        countdown.map(|countdown| countdown.left(app.now.timestamp_millis()))
    };
    let mut before = None;
    for event in events {
        let at = chrono::DateTime::parse_from_rfc3339(&event.at).unwrap().to_utc();
        update(&mut app, Msg::Clock(at));
        hear(&mut app, job, vec![event], true);
        if let (Some(now), Some(before)) = (left(&app), before) {
            assert!(u64::abs_diff(now, before) <= 15_000, "{before} {now}");
        }
        before = left(&app).or(before);
    }
}

/// The loop's part: what 10,000 events in a second cost in frames.
#[test]
fn a_burst_of_events_costs_a_bounded_number_of_frames() {
    let mut app = live(160, 50, false);
    app.take_dirty();
    let job = watched(&app);
    let begun = Instant::now();
    let mut gate = Gate::new(30);
    gate.drawn(begun);
    let mut frames = 0;
    for n in 0..10_000u32 {
        let family = Family::GradientBoosting;
        let event =
            Event::Progressed { family, trial: 5, fold: 1, step: n, of: 10_000, loss: Some(f64::from(n).recip()) };
        let stamped = Stamped { v: JOURNAL_VERSION, seq: 1_000 + u64::from(n), at: String::new(), event };
        hear(&mut app, job, vec![stamped], true);
        let now = begun + Duration::from_micros(u64::from(n) * 100);
        gate.mark(app.take_dirty());
        if gate.due(now).is_some_and(|due| due <= now) {
            screen(&app);
            gate.drawn(now);
            frames += 1;
        }
    }
    assert!((1..=6).contains(&frames), "about five a second: {frames}");
    // What they leave behind is bounded too.
    let live = app.train.live.as_ref().unwrap();
    assert!(live.curve(Family::GradientBoosting).len() <= 242);
}

#[test]
fn every_state_of_the_screen_is_ascii_where_nothing_else_can_be_shown() {
    use super::super::theme::{Depth, Symbols};
    for (width, height) in SIZES {
        let all = [
            hosted(width, height, false),
            wide(width, height),
            ended(width, height, None),
            attached(width, height, &[]),
        ];
        for mut app in all {
            app.theme.symbols = Symbols::Ascii;
            app.theme.depth = Depth::Mono;
            for name in ["down", "z", "j", "s", "right", "esc", "enter"] {
                let text = screen(&app);
                assert!(text.is_ascii(), "before {name}: {:?}", text.chars().find(|c| !c.is_ascii()));
                press(&mut app, name);
            }
        }
    }
}

#[test]
fn a_killed_worker_is_seen_at_once_and_its_run_resumed_here() {
    let mut app = app(80, 24);
    let job = follow(&mut app);
    hear(&mut app, job, fake::journal(false), true);
    hear(&mut app, job, Vec::new(), false);
    let text = screen(&app);
    assert!(text.contains("interrupted") && text.contains("R takes it up again"), "{text}");
    let effects = press(&mut app, "R");
    let [Effect::Runs(asked, runs::Ask::Resume(run, false))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(run, fake::RUN);
    let effects = update(&mut app, Msg::Done(*asked, runs::Answer::Asked(Ok("it goes on".to_owned())).into()));
    assert!(effects.iter().any(|e| matches!(e, Effect::Train(_, Ask::Follow(run)) if run == fake::RUN)), "{effects:?}");
}

#[test]
fn trials_that_are_not_over_can_be_picked_too() {
    let mut app = wide(120, 40);
    // The neural network: its first fold is being scored.
    app.train.live.as_mut().unwrap().cursor.at = 6;
    press(&mut app, "z");
    press(&mut app, "j");
    let text = screen(&app);
    assert!(text.contains(" so far") && text.contains("over 1 fold so far"), "{text}");
    press(&mut app, "G");
    press(&mut app, "right");
    assert!(app.train.live.as_ref().unwrap().picked.is_some_and(|trial| trial < 31), "{}", screen(&app));
}
