//! Every screen as text, at the smallest size that is meant and at a large one: empty, loading, ready, failed.

use super::super::app::{App, Screen};
use super::super::load::Load;
use super::super::msg::train::Heard;
use super::super::msg::{self, Answer, Effect, Msg};
use super::super::screen::{runs, train};
use super::super::theme::{Depth, Symbols};
use super::super::update::{go, start, update};
use super::fake::{self, World};
use super::{app, press, screen};
use netsec::pipeline::Report;
use netsec::run::RunStatus;

pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (160, 50)];

/// Snapshots of one state at all sizes.
pub fn snapshots(name: &str, make: impl Fn(u16, u16) -> App) {
    snapshots_at(name, &SIZES, make);
}

/// Snapshots of one state at some sizes.
pub fn snapshots_at(name: &str, sizes: &[(u16, u16)], make: impl Fn(u16, u16) -> App) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (width, height) in sizes.iter().copied() {
            let app = make(width, height);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), screen(&app));
        }
    });
}

pub fn with(world: &mut World, width: u16, height: u16) -> App {
    let mut app = app(width, height);
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    app
}

pub fn full() -> World {
    World { rows: 10_000, started: true, ..World::default() }
}

pub fn press_all(app: &mut App, world: &mut World, keys: &[&str]) {
    for name in keys {
        let effects = press(app, name);
        world.answer(app, effects);
    }
}

/// The live view of the fake run, not answered by the world: under way, or to its end.
pub fn live(width: u16, height: u16, whole: bool) -> App {
    let mut app = with(&mut full(), width, height);
    app.screen = Screen::Train;
    let effects = train::attach(&mut app, fake::RUN);
    let Some(Effect::Train(job, msg::train::Ask::Follow(_))) = effects.first().cloned() else { panic!("{effects:?}") };
    let heard = Heard { events: fake::journal(whole), alive: !whole, manifest: Some(Box::new(fake::manifest())) };
    update(&mut app, Msg::Done(job, Answer::Train(msg::train::Answer::Heard(Ok(Box::new(heard))))));
    let live = app.train.live.as_mut().unwrap();
    live.cursor.at = 5;
    app.notice = None;
    app
}

/// The report of the fake run, or another one in its place.
fn report(width: u16, height: u16, keys: &[&str], other: Option<Report>) -> App {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["4", "enter"]);
    if let Some(other) = other {
        let open = app.runs.report.as_mut().unwrap();
        let Load::Ready(detail) = &mut open.detail.load else { panic!() };
        detail.report = Some(other);
    }
    press_all(&mut app, &mut world, keys);
    app
}

#[test]
fn data() {
    snapshots("data_loading", |w, h| {
        let mut app = app(w, h);
        start(&mut app);
        app.now += chrono::TimeDelta::seconds(3);
        app
    });
    snapshots("data_failed", |w, h| with(&mut World { broken: true, ..World::default() }, w, h));
    snapshots("data_empty", |w, h| with(&mut World::default(), w, h));
    snapshots("data_sample_loaded", |w, h| {
        let mut world = World::default();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["s"]);
        app
    });
    snapshots("data_path", |w, h| {
        let mut world = World::default();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["o", "/", "t", "m", "p"]);
        app
    });
    snapshots("data_ready", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["tab", "j", "j", "l", "l"]);
        app
    });
    snapshots("data_document", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["tab", "enter"]);
        app
    });
    snapshots("data_filter_wrong", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["/", "R", "e", "s", "=", "1", "space", "x", "!"]);
        app
    });
}

#[test]
fn runs_screen() {
    snapshots("runs_empty", |w, h| {
        let mut world = World::default();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["4"]);
        app
    });
    snapshots("runs_loading", |w, h| {
        let mut app = app(w, h);
        go(&mut app, Screen::Runs);
        app
    });
    snapshots("runs_failed", |w, h| {
        let mut world = World { broken: true, ..World::default() };
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["4", "!"]);
        app
    });
    snapshots("runs_ready", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["4", "j"]);
        app
    });
    snapshots("runs_report", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["4", "enter"]);
        app
    });
    for (name, keys) in [
        ("probabilities", &["tab"][..]),
        ("curve", &["tab", "tab"]),
        ("importance", &["tab", "tab", "tab"]),
        ("around", &["j", "j", "j", "tab", "tab", "tab", "tab"]),
        ("prompt", &["t", "r", "e", "c"]),
        ("prompt_wrong", &["t", "m", "o", "s", "t", "enter"]),
        ("threshold_set", &["t", "r", "e", "c", "a", "l", "l", "space", ".", "9", "5", "enter"]),
        ("threshold_curve", &["t", ".", "0", "5", "enter", "tab", "tab"]),
    ] {
        snapshots(&format!("runs_report_{name}"), |w, h| report(w, h, keys, None));
    }
    snapshots("runs_report_nine", |w, h| report(w, h, &["G"], Some(fake::nine())));
    snapshots("runs_report_nine_probabilities", |w, h| report(w, h, &["G", "tab"], Some(fake::nine())));
    snapshots("runs_report_long", |w, h| report(w, h, &["G", "k", "k"], Some(fake::nine())));
    snapshots("runs_report_old", |w, h| report(w, h, &["tab"], Some(fake::old())));
    snapshots("runs_report_without", |w, h| {
        let mut app = with(&mut full(), w, h);
        let effects = runs::open_report(&mut app, "9c01d2aa0002");
        let Some(Effect::Runs(job, msg::runs::Ask::Detail(_))) = effects.last().cloned() else { panic!("{effects:?}") };
        let detail =
            msg::runs::Detail { row: fake::row("9c01d2aa0002", RunStatus::Failed), report: None, ..fake::detail() };
        update(&mut app, Msg::Done(job, Answer::Runs(msg::runs::Answer::Detail(Ok(Box::new(detail))))));
        app
    });
}

#[test]
fn predict_screen() {
    snapshots("predict_failed", |w, h| {
        let mut world = World { rows: 10_000, ..World::default() };
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["6"]);
        app
    });
    snapshots("predict_loading", |w, h| {
        let mut app = with(&mut full(), w, h);
        go(&mut app, Screen::Predict);
        app
    });
    snapshots("predict_empty", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["6"]);
        app
    });
    snapshots("predict_ready", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["6"]);
        update(&mut app, Msg::Paste("-1,0,1,1,1,-1".to_owned()));
        press_all(&mut app, &mut world, &["enter", "j", "j"]);
        app
    });
    snapshots("predict_wrong_paste", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["6"]);
        update(&mut app, Msg::Paste("hello".to_owned()));
        world.broken = true;
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
}

#[test]
fn what_stands_over_the_screen() {
    snapshots("over_help", |w, h| {
        let mut app = live(w, h, false);
        press(&mut app, "?");
        app
    });
    snapshots("over_palette", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &[":", "c", "o", "p", "y"]);
        app
    });
    snapshots("over_confirm", |w, h| {
        let mut app = live(w, h, false);
        press(&mut app, "x");
        app
    });
}

#[test]
fn ascii_screens_are_ascii() {
    for (width, height) in SIZES {
        for whole in [false, true] {
            let mut app = live(width, height, whole);
            app.theme.symbols = Symbols::Ascii;
            app.theme.depth = Depth::Mono;
            for name in [
                "?", "esc", "z", "esc", "l", "2", "h", "h", "enter", "4", "enter", "esc", "1", "5", "6", "esc", "3",
                ":",
            ] {
                let effects = press(&mut app, name);
                full().answer(&mut app, effects);
                let text = screen(&app);
                assert!(text.is_ascii(), "after {name}: {:?}", text.chars().find(|c| !c.is_ascii()));
            }
        }
    }
}

#[test]
fn a_frame_without_change_is_the_same() {
    let app = live(160, 50, false);
    assert_eq!(screen(&app), screen(&app));
}
