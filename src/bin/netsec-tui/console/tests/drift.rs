//! The Drift screen: its looks, and ways through it.

use super::super::app::{App, Screen};
use super::super::clean::clean;
use super::super::effects::Effects;
use super::super::keymap::Context;
use super::super::load::{Load, Tone};
use super::super::msg::data::Source;
use super::super::msg::drift::Sides;
use super::super::msg::{self, Answer, Effect, JobId, Msg};
use super::super::screen::drift::{Lack, command, lack};
use super::super::theme::{Depth, Symbols};
use super::super::update::{go, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{app, press, screen};
use crate::context::Context as Surrounding;
use netsec::drift::DriftReport;
use netsec::run::RunStatus;
use netsec::settings::{Home, Layered};
use netsec::store::Namespace;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The screen with this report on it, after these keys.
fn shown(width: u16, height: u16, report: DriftReport, keys: &[&str]) -> App {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["2"]);
    app.drift.live.load = Load::Ready(fake::drift::drifted(report));
    press_all(&mut app, &mut world, keys);
    app
}

#[test]
fn looks() {
    snapshots("drift_loading", |w, h| {
        let mut app = with(&mut full(), w, h);
        go(&mut app, Screen::Drift);
        app.now += chrono::TimeDelta::seconds(4);
        app
    });
    snapshots("drift_failed", |w, h| {
        let mut world = full();
        let mut app = with(&mut world, w, h);
        world.broken = true;
        press_all(&mut app, &mut world, &["2"]);
        app.runs.rows.load = Load::Ready(fake::rows());
        app
    });
    for (name, rows) in [("no_rows", 0), ("no_champion", 10_000)] {
        snapshots(&format!("drift_{name}"), |w, h| {
            let mut world = World { rows, ..World::default() };
            let mut app = with(&mut world, w, h);
            press_all(&mut app, &mut world, &["2"]);
            app
        });
    }
    for (name, keys) in [
        ("report", &["j"][..]),
        ("by_psi", &["s", "s", "s", "G"]),
        ("found", &["/", "u", "r", "l", "enter"]),
        ("found_none", &["/", "q", "q"]),
        ("column", &["j", "enter"]),
        ("missing", &["j", "j", "j", "enter"]),
        ("too_few", &["j", "j", "j", "j", "j", "enter"]),
        ("verdicts", &["enter"]),
        ("history", &["h"]),
        ("past", &["h", "enter"]),
        ("prompt", &["w"]),
        ("prompt_wrong", &["b", "ctrl-l", "n", "o", "t", "h", "i", "n", "g", "enter"]),
    ] {
        snapshots(&format!("drift_{name}"), |w, h| shown(w, h, fake::drift::report(), keys));
    }
    snapshots("drift_worse", |w, h| shown(w, h, fake::drift::worse(), &["s", "s"]));
    snapshots("drift_steady", |w, h| shown(w, h, fake::drift::steady(), &["enter"]));
    snapshots("drift_number", |w, h| shown(w, h, fake::drift::worse(), &["j", "enter"]));
    snapshots("drift_untold", |w, h| shown(w, h, fake::drift::untold(), &[]));
    snapshots("drift_history_none", |w, h| {
        let mut world = World { rows: 10_000, ..World::default() };
        let mut app = with(&mut world, w, h);
        press_all(&mut app, &mut world, &["2", "h"]);
        app
    });
}

#[test]
fn a_comparison_can_be_stopped() {
    let mut app = with(&mut full(), 80, 24);
    let effects = press(&mut app, "2");
    let asked = effects.iter().find_map(|e| match e {
        Effect::Drift(job, msg::drift::Ask::Compare(_)) => Some(*job),
        _ => None,
    });
    assert!(screen(&app).contains("x stop"), "{}", screen(&app));
    assert!(matches!(press(&mut app, "x")[..], [Effect::Stop(job)] if Some(job) == asked));
    assert!(screen(&app).contains("stopped") && screen(&app).contains("r compares again"), "{}", screen(&app));
    update(&mut app, Msg::Done(asked.unwrap(), Answer::Drift(msg::drift::Answer::Compared(Err(fake::failure())))));
    assert!(screen(&app).contains("stopped"), "its answer comes too late");
    let mut world = full();
    let effects = press(&mut app, "r");
    world.answer(&mut app, effects);
    assert!(app.drift.live.ready().is_some());

    // Other rows, given up while they are compared.
    press(&mut app, "w");
    let effects = press(&mut app, "enter");
    let [Effect::Drift(first, _)] = effects[..] else { panic!("{effects:?}") };
    press(&mut app, "x");
    let effects = press(&mut app, "enter");
    assert!(matches!(effects[..], [Effect::Stop(job), Effect::Drift(..)] if job == first), "{effects:?}");
    assert!(matches!(press(&mut app, "esc")[..], [Effect::Stop(_)]));
}

#[test]
fn a_report_is_made_once_and_again_when_asked() {
    let mut app = with(&mut full(), 80, 24);
    let mut world = full();
    let effects = press(&mut app, "2");
    let asked = Sides { reference: None, current: Some("netsec/NetworkData".to_owned()) };
    assert!(
        effects.iter().any(|e| matches!(e, Effect::Drift(_, msg::drift::Ask::Compare(sides)) if *sides == asked)),
        "{effects:?}"
    );
    assert!(
        !press(&mut app, "2").iter().any(|e| matches!(e, Effect::Drift(_, msg::drift::Ask::Compare(..)))),
        "it is on its way"
    );
    world.answer(&mut app, effects);
    press(&mut app, "1");
    assert!(
        !press(&mut app, "2").iter().any(|e| matches!(e, Effect::Drift(_, msg::drift::Ask::Compare(..)))),
        "it is there"
    );
    let effects = press(&mut app, "r");
    let again = effects.iter().find_map(|e| match e {
        Effect::Drift(job, msg::drift::Ask::Compare(sides)) => Some((*job, sides.clone())),
        _ => None,
    });
    let (job, sides) = again.unwrap();
    assert_eq!(sides.current.as_deref(), Some("netsec/NetworkData@2026-11-01T00:00:00Z.."), "the same rows");
    assert!(screen(&app).contains("comparing again"));
    assert!(
        !press(&mut app, "r").iter().any(|e| matches!(e, Effect::Drift(_, msg::drift::Ask::Compare(..)))),
        "one comparison at a time"
    );
    // What failed is told in place, and asked for again when the screen is entered.
    update(&mut app, Msg::Done(job, Answer::Drift(msg::drift::Answer::Compared(Err(fake::failure())))));
    assert!(screen(&app).contains("permission denied"));
    press(&mut app, "1");
    assert!(press(&mut app, "2").iter().any(|e| matches!(e, Effect::Drift(_, msg::drift::Ask::Compare(..)))));
}

#[test]
fn what_a_first_report_lacks_is_one_key_away() {
    let mut world = World::default();
    let mut app = with(&mut world, 80, 24);
    press_all(&mut app, &mut world, &["2"]);
    assert_eq!(lack(&app), Some(Lack::Rows));
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(app.screen, Screen::Data);
    press_all(&mut app, &mut world, &["s", "2"]);
    assert_eq!(lack(&app), Some(Lack::Champion));
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(app.screen, Screen::Train);
    press_all(&mut app, &mut world, &["enter", "2"]);
    assert_eq!(lack(&app), None);
    assert!(screen(&app).contains("no data set drift"), "{}", screen(&app));
}

#[test]
fn columns_are_found_sorted_and_stay_selected() {
    let mut app = shown(80, 24, fake::drift::report(), &["/", "S", "S", "L"]);
    assert_eq!(app.focus(), Context::Find);
    assert!(screen(&app).contains("1 of 31 columns"), "{}", screen(&app));
    press(&mut app, "enter");
    assert_eq!(app.focus(), Context::Drift);
    let selected = app.drift.pick.clone();
    press(&mut app, "esc");
    assert!(screen(&app).contains("── 31 columns"), "{}", screen(&app));
    assert_eq!(app.drift.rows()[app.drift.cursor.at].pick, selected.clone().unwrap());
    // The list by name begins with the champion's verdicts all the same.
    for _ in 0..5 {
        press(&mut app, "s");
    }
    let names: Vec<String> = app.drift.rows().iter().map(|row| row.name().to_lowercase()).collect();
    assert!(names[0].starts_with("(champion"));
    assert!(names[1..].is_sorted());
    assert_eq!(app.drift.cursor.at, 0);
}

#[test]
fn a_column_is_opened_and_left_and_the_next_one_is_a_key_away() {
    let mut app = shown(80, 24, fake::drift::report(), &["j", "enter"]);
    assert_eq!(app.focus(), Context::Column);
    let first = app.drift.pick.clone();
    press(&mut app, "right");
    assert_ne!(app.drift.pick, first);
    press(&mut app, "left");
    assert_eq!(app.drift.pick, first);
    press(&mut app, "G");
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::Drift);
    assert_eq!(app.drift.cursor.at, 1);
}

#[test]
fn other_rows_are_named_and_mistakes_stay_under_the_cursor() {
    let mut world = full();
    let mut app = shown(80, 24, fake::drift::report(), &["b", "ctrl-l"]);
    update(&mut app, Msg::Paste("nothing here".to_owned()));
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(app.focus(), Context::Sides);
    assert!(screen(&app).contains("there is no collection, run or file"), "{}", screen(&app));
    assert_eq!(app.drift.sides, Sides::default());
    press(&mut app, "ctrl-l");
    update(&mut app, Msg::Paste("Other@2026-11-01..".to_owned()));
    let effects = press(&mut app, "enter");
    assert!(
        matches!(&effects[..], [Effect::Drift(_, msg::drift::Ask::Compare(sides))] if sides.reference.as_deref() == Some("Other@2026-11-01.."))
    );
    assert!(app.pulse().is_some(), "it compares");
    assert!(press(&mut app, "enter").is_empty(), "it was asked");
    world.answer(&mut app, effects);
    assert_eq!(app.focus(), Context::Drift);
    assert_eq!(app.drift.sides.reference.as_deref(), Some("Other@2026-11-01.."));
    assert_eq!(
        command::line(&app).unwrap(),
        "netsec-tui drift --reference Other@2026-11-01.. --current netsec/NetworkData@2026-11-01T00:00:00Z.."
    );
    // A question that is left is no longer asked.
    let effects = press_after(&mut app, "w", "enter");
    press(&mut app, "esc");
    let before = app.drift.sides.clone();
    world.answer(&mut app, effects);
    assert_eq!(app.drift.sides, before);
}

fn press_after(app: &mut App, first: &str, second: &str) -> Vec<Effect> {
    press(app, first);
    press(app, second)
}

#[test]
fn a_run_has_a_report_of_its_own_and_esc_leads_back_to_the_present() {
    let mut world = full();
    let mut app = shown(80, 24, fake::drift::report(), &["h"]);
    assert_eq!(app.focus(), Context::History);
    let effects = press(&mut app, "enter");
    assert!(matches!(&effects[..], [Effect::Drift(_, msg::drift::Ask::Kept(id))] if id == fake::RUN), "{effects:?}");
    world.answer(&mut app, effects);
    assert!(screen(&app).contains("drift of run 7f3a21"), "{}", screen(&app));
    assert!(screen(&app).contains("▲ data set drift"));
    assert!(command::line(&app).unwrap().starts_with("netsec-tui drift --reference 'run 7f3a21bc90ef'"));
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::History);
    press(&mut app, "esc");
    assert!(screen(&app).contains("● no data set drift"));
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Copy(text)] if text.contains("--reference champion")));
}

#[test]
fn an_export_says_where() {
    let mut world = full();
    let mut app = shown(80, 24, fake::drift::report(), &["e"]);
    assert!(screen(&app).contains("✓ wrote drift-2026-11-18-140211.yaml"), "{}", screen(&app));
    world.broken = true;
    press_all(&mut app, &mut world, &["e"]);
    assert_eq!(app.notice.as_ref().unwrap().tone, Tone::Bad);
}

#[test]
fn without_colour_and_symbols_it_still_reads() {
    for (width, height) in [(80, 24), (160, 50)] {
        for keys in [&[][..], &["enter"], &["j", "enter"], &["h"], &["h", "enter"], &["w"], &["/", "x"]] {
            for report in [fake::drift::report(), fake::drift::worse(), fake::drift::untold()] {
                let mut app = shown(width, height, report, keys);
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
    let mut report = fake::drift::worse();
    let columns = std::mem::take(&mut report.columns);
    report.columns = columns.into_iter().map(|(name, column)| (format!("{name}{hostile}"), column)).collect();
    for column in report.columns.values_mut() {
        column.note = Some(hostile.clone());
        column.bars.iter_mut().for_each(|bar| bar.label.push_str(&hostile));
    }
    for side in [&mut report.reference, &mut report.current] {
        (side.name, side.hash) = (hostile.clone(), hostile.clone());
        (side.from, side.to) = (Some(hostile.repeat(3)), Some(hostile.repeat(4)));
    }
    (report.at, report.target, report.notes) = (hostile.clone(), hostile.clone(), vec![hostile.clone()]);
    report.model.as_mut().unwrap().run = hostile.clone();
    for (width, height) in [(80, 24), (120, 30), (160, 50)] {
        for keys in [&[][..], &["enter"], &["j", "enter"], &["h"], &["w"], &["/", "a"]] {
            let mut app = shown(width, height, report.clone(), keys);
            if let Load::Ready(rows) = &mut app.runs.rows.load {
                let drift = fake::drift::summary(1, None);
                rows[0].drift = Some(netsec::event::DriftSummary { reference: hostile.clone(), ..drift });
            }
            for line in screen(&app).lines() {
                assert_eq!(line, clean(line), "after {keys:?}");
            }
        }
    }
}

#[test]
fn nothing_panics_however_small() {
    for keys in [&[][..], &["enter"], &["j", "enter", "G"], &["h"], &["h", "enter"], &["w"], &["/", "x"]] {
        for report in [fake::drift::report(), fake::drift::worse(), fake::drift::untold()] {
            let mut app = shown(80, 24, report, keys);
            for (width, height) in [(1, 1), (2, 3), (3, 40), (200, 1), (12, 4), (40, 9), (120, 5), (121, 24)] {
                app.size = (width, height);
                screen(&app);
            }
        }
    }
    screen(&app(1, 1));
}

#[test]
fn a_new_champion_is_told_of_and_the_report_stays() {
    let mut app = shown(80, 24, fake::drift::report(), &[]);
    assert!(screen(&app).contains("made today 14:02"));
    let Load::Ready(rows) = &mut app.runs.rows.load else { panic!() };
    rows.insert(0, fake::row("0badc0ffee01", RunStatus::Finished));
    assert!(screen(&app).contains("there is a new champion · r compares again"), "{}", screen(&app));
    assert!(screen(&app).contains("● no data set drift"));
}

/// The answer to an effect, done for real.
async fn done(effects: &mut Effects, answers: &mut UnboundedReceiver<Msg>, effect: Effect) -> Answer {
    effects.run(effect);
    loop {
        match answers.recv().await {
            Some(Msg::Done(_, Answer::Data(msg::data::Answer::PushProgress(_)))) => {}
            Some(Msg::Done(_, answer)) => return answer,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn rows_are_compared_and_the_report_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::locate(Some(dir.path())).unwrap();
    let layered = Layered::load(&home, None, &|_| None, &Vec::new()).unwrap();
    let (out, mut answers) = unbounded_channel();
    let mut effects = Effects::new(Surrounding::open(home, layered, std::sync::Arc::new(|_| None)).unwrap(), out);
    let job = JobId(1);
    for (collection, seed) in [("NetworkData", 1), ("Other", 2)] {
        let into = Namespace::new("netsec", collection).unwrap();
        let pushed = done(
            &mut effects,
            &mut answers,
            Effect::Data(job, msg::data::Ask::Push(into, Source::Sample { rows: 500, seed })),
        )
        .await;
        assert!(matches!(pushed, Answer::Data(msg::data::Answer::Pushed(Ok(_)))), "{pushed:?}");
    }
    let Answer::Drift(msg::drift::Answer::Compared(Err(notice))) =
        done(&mut effects, &mut answers, Effect::Drift(job, msg::drift::Ask::Compare(Sides::default()))).await
    else {
        panic!()
    };
    assert!(notice.headline.contains("no champion"), "{notice:?}");
    let sides = Sides {
        reference: Some("netsec/Other".to_owned()),
        current: Some("netsec/NetworkData@2026-01-01..".to_owned()),
    };
    let Answer::Drift(msg::drift::Answer::Compared(Ok(drifted))) =
        done(&mut effects, &mut answers, Effect::Drift(job, msg::drift::Ask::Compare(sides))).await
    else {
        panic!()
    };
    assert_eq!((drifted.report.reference.rows, drifted.report.current.rows), (500, 500));
    assert!(drifted.report.columns.keys().all(|name| drifted.schema.column(name).is_some()));
    let report = drifted.report.clone();
    let Answer::Drift(msg::drift::Answer::Exported(Ok(paths))) =
        done(&mut effects, &mut answers, Effect::Drift(job, msg::drift::Ask::Export(drifted.report))).await
    else {
        panic!()
    };
    assert!(paths[0].starts_with(dir.path().join("reports")));
    assert_eq!(DriftReport::read(&paths[0]).unwrap().unwrap(), *report);
}
