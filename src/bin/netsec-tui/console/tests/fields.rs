//! The fields of a collection: their looks, and ways through them.

use super::super::app::{App, Screen};
use super::super::keymap::Context;
use super::super::load::Load;
use super::super::msg::data::Fields;
use super::super::msg::{self, Answer, Effect, Msg};
use super::super::theme::{Depth, Symbols};
use super::super::update::update;
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{app, press, screen};

/// The fields of these rows, after these keys.
fn shown(width: u16, height: u16, fields: Fields, keys: &[&str]) -> App {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["v"]);
    app.data.fields.as_mut().unwrap().pane.load = Load::Ready(Box::new(fields));
    press_all(&mut app, &mut world, keys);
    app
}

/// Every kind of rows.
fn kinds() -> Vec<Fields> {
    use fake::fields::*;
    vec![
        warned(),
        failed(),
        numbers(None),
        numbers(Some(50_000)),
        counted(),
        drawn(true),
        drawn(false),
        unfit(),
        empty(),
    ]
}

#[test]
fn looks() {
    snapshots("fields_loading", |w, h| {
        let mut app = with(&mut full(), w, h);
        press(&mut app, "v");
        app.now += chrono::TimeDelta::seconds(4);
        app
    });
    snapshots("fields_read_failed", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        world.broken = true;
        press_all(&mut app, &mut world, &["v"]);
        app
    });
    snapshots("fields_rejected", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["j", "v"]);
        app
    });
    for (name, keys) in [
        ("warned", &["j", "j"][..]),
        ("refused_first", &["s", "s"]),
        ("field", &["j", "enter"]),
        ("constant", &["s", "G", "s", "s", "j", "j", "j", "j", "j", "j", "j", "j", "j", "enter"]),
        ("target", &["G", "enter"]),
    ] {
        snapshots(&format!("fields_{name}"), |w, h| shown(w, h, fake::fields::warned(), keys));
    }
    snapshots("fields_failed", |w, h| shown(w, h, fake::fields::failed(), &["s"]));
    snapshots("fields_numbers", |w, h| shown(w, h, fake::fields::numbers(None), &["j"]));
    snapshots("fields_number", |w, h| shown(w, h, fake::fields::numbers(Some(50_000)), &["enter"]));
    snapshots("fields_counted", |w, h| shown(w, h, fake::fields::counted(), &["j"]));
    snapshots("fields_counted_field", |w, h| shown(w, h, fake::fields::counted(), &["j", "enter"]));
    snapshots("fields_drawn", |w, h| shown(w, h, fake::fields::drawn(true), &["j"]));
    snapshots("fields_unfit", |w, h| shown(w, h, fake::fields::unfit(), &[]));
    snapshots("fields_empty", |w, h| shown(w, h, fake::fields::empty(), &[]));
}

#[test]
fn the_fields_of_what_is_selected_or_opened_are_a_key_away() {
    let mut world = full();
    let mut app = with(&mut world, 80, 24);
    let effects = press(&mut app, "v");
    let [Effect::Data(job, msg::data::Ask::Fields(namespace, false))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(namespace.to_string(), app.data.open.as_ref().unwrap().namespace.to_string());
    assert_eq!(app.focus(), Context::Fields);
    assert!(app.pulse().is_some(), "it reads");
    // What comes after the view was left changes nothing.
    let job = *job;
    press(&mut app, "v");
    assert_eq!(app.focus(), Context::Tree);
    update(&mut app, Msg::Done(job, Answer::Data(msg::data::Answer::Fields(Ok(Box::new(fake::fields::warned()))))));
    assert!(app.data.fields.is_none());

    press_all(&mut app, &mut world, &["tab", "v"]);
    assert!(screen(&app).contains("▲ passed with warnings"), "{}", screen(&app));
    assert!(screen(&app).contains("pushes rejected 3 rows: netsec-tui rejected --collection NetworkData"));
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::Table);

    // Rows that were rejected are not judged.
    press_all(&mut app, &mut world, &["esc", "j"]);
    assert!(press(&mut app, "v").is_empty());
    assert!(screen(&app).contains("netsec-tui rejected --collection NetworkData"), "{}", screen(&app));
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Copy(text)] if text.contains("netsec-tui rejected")));
    assert!(app.pulse().is_none());
}

#[test]
fn fields_are_sorted_opened_and_left() {
    let mut app = shown(80, 24, fake::fields::warned(), &["s"]);
    let missing = |app: &App| app.data.fields.as_ref().unwrap().rows();
    assert_eq!(missing(&app)[0], 13);
    press(&mut app, "s");
    assert_eq!(missing(&app)[..2], [1, 0]);
    press(&mut app, "enter");
    assert_eq!(app.focus(), Context::Field);
    assert!(screen(&app).contains("refused because") && screen(&app).contains("\"7\" is not one of"));
    press(&mut app, "right");
    assert_eq!(app.data.fields.as_ref().unwrap().pick, 0);
    press(&mut app, "left");
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::Fields);
    press(&mut app, "s");
    assert!(missing(&app).is_sorted());
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::Tree);
    assert!(press(&mut app, "s").len() == 1, "in the list of collections it is the sample");
}

#[test]
fn reading_again_keeps_the_field_and_what_is_there() {
    let mut world = full();
    let mut app = with(&mut world, 80, 24);
    press_all(&mut app, &mut world, &["v", "s", "s", "j"]);
    let pick = app.data.fields.as_ref().unwrap().pick;
    let effects = press(&mut app, "r");
    assert!(effects.iter().any(|e| matches!(e, Effect::Data(_, msg::data::Ask::Fields(..)))), "{effects:?}");
    assert!(screen(&app).contains("reading again"), "{}", screen(&app));
    world.answer(&mut app, effects);
    assert_eq!(app.data.fields.as_ref().unwrap().pick, pick);
    assert!(screen(&app).contains("read today 14:02"));
    // Rows that are pushed into the collection are read as well.
    let effects = press(&mut app, "o");
    assert!(effects.is_empty() && app.focus() == Context::Path);
    update(&mut app, Msg::Paste("rows.csv".to_owned()));
    let effects = press(&mut app, "enter");
    let Some(Effect::Data(job, msg::data::Ask::Push(..))) = effects.first() else { panic!("{effects:?}") };
    let effects =
        update(&mut app, Msg::Done(*job, Answer::Data(msg::data::Answer::Pushed(Ok(Box::new(fake::pushed()))))));
    assert!(effects.iter().any(|e| matches!(e, Effect::Data(_, msg::data::Ask::Fields(..)))), "{effects:?}");
    // A failure says why, and what is asked of it.
    world.broken = true;
    press_all(&mut app, &mut world, &["ctrl-r"]);
    assert!(screen(&app).contains("permission denied"), "{}", screen(&app));
    press(&mut app, "enter");
    assert_eq!(app.focus(), Context::Reason);
}

#[test]
fn rows_that_were_counted_are_judged_when_they_are_read() {
    let mut app = shown(80, 24, fake::fields::counted(), &[]);
    for text in ["· counted by the server", "labelled", "counted today", "r reads them all", "pushes rejected"] {
        assert!(screen(&app).contains(text), "{text}\n{}", screen(&app));
    }
    assert!(!screen(&app).contains("distinct vectors"));
    let every = |effects: &[Effect]| {
        let asked = effects.iter().find_map(|effect| match effect {
            Effect::Data(_, msg::data::Ask::Fields(_, every)) => Some(*every),
            _ => None,
        });
        asked.unwrap_or_else(|| panic!("{effects:?}"))
    };
    let effects = press(&mut app, "r");
    assert!(every(&effects));
    assert!(screen(&app).contains("reading again") && screen(&app).contains("· counted by the server"));
    full().answer(&mut app, effects);
    assert!(screen(&app).contains("distinct vectors"), "{}", screen(&app));
    // They stay read; another view begins with counts.
    assert!(every(&press(&mut app, "r")));
    press(&mut app, "v");
    assert!(!every(&press(&mut app, "v")));

    let app = shown(80, 24, fake::fields::drawn(true), &[]);
    assert!(screen(&app).contains("numbers: a random sample of 100,000 of 1,200,000 documents"), "{}", screen(&app));
    let app = shown(80, 24, fake::fields::drawn(false), &[]);
    assert!(screen(&app).contains("numbers: the first 100,000 of 1,200,000 documents"), "{}", screen(&app));
}

#[test]
fn what_belongs_to_the_documents_is_done_there() {
    let mut app = shown(80, 24, fake::fields::warned(), &[":"]);
    for c in ["f", "i", "l", "t", "e", "r"] {
        press(&mut app, c);
    }
    press(&mut app, "enter");
    assert_eq!(app.focus(), Context::Filter);
    assert!(app.data.fields.is_none());
    // Other screens leave the view as it is.
    let mut app = shown(80, 24, fake::fields::warned(), &["2", "1"]);
    assert_eq!((app.screen, app.focus()), (Screen::Data, Context::Fields));
    assert!(screen(&app).contains("fields of NetworkData"));
    press(&mut app, "y");
    assert!(app.notice.as_ref().unwrap().headline.contains("the command"));
}

#[test]
fn without_colour_and_symbols_it_still_reads() {
    for (width, height) in [(80, 24), (160, 50)] {
        for keys in [&[][..], &["enter"], &["j", "enter", "G"], &["s", "s"]] {
            for fields in kinds() {
                let mut app = shown(width, height, fields, keys);
                (app.theme.symbols, app.theme.depth) = (Symbols::Ascii, Depth::Mono);
                let text = screen(&app);
                assert!(text.is_ascii(), "after {keys:?}: {:?}", text.chars().find(|c| !c.is_ascii()));
            }
        }
    }
}

#[test]
fn nothing_panics_however_small() {
    for keys in [&[][..], &["enter"], &["j", "enter", "G"], &["s", "G"]] {
        for fields in kinds() {
            let mut app = shown(80, 24, fields, keys);
            for (width, height) in [(1, 1), (2, 3), (3, 40), (200, 1), (12, 4), (40, 9), (120, 5), (121, 24)] {
                app.size = (width, height);
                screen(&app);
            }
        }
    }
    let mut app = app(1, 1);
    let mut world = World { rows: 10_000, ..World::default() };
    press_all(&mut app, &mut world, &["v", "enter"]);
    screen(&app);
}
