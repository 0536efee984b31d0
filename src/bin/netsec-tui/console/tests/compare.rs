//! The comparison of runs: its looks, and ways through it.

use super::super::app::App;
use super::super::effects::Effects;
use super::super::keymap::Context;
use super::super::load::{Load, Tone};
use super::super::msg::runs::{Answer, Ask, Entrant, RunRow};
use super::super::msg::{self, Effect, JobId, Msg};
use super::super::screen::runs::compare::Part;
use super::super::theme::{Depth, Symbols};
use super::super::update::update;
use super::fake::{self, RUN};
use super::screens::{full, press_all, snapshots, snapshots_at, with};
use super::{press, screen};
use crate::context::Context as Surrounding;
use netsec::compare::Several;
use netsec::event::Family;
use netsec::run::RunStatus;
use netsec::settings::{Home, Layered};
use std::sync::Arc;
use tokio::sync::mpsc::unbounded_channel;

const OLDER: &str = "aa12beaa0003";
const THIRD: &str = "c0ffeeaa0004";
const FOURTH: &str = "d1d1d1aa0005";

/// The runs screen with four finished runs and some marked.
fn runs(width: u16, height: u16, marked: &[&str]) -> App {
    let mut app = with(&mut full(), width, height);
    press_all(&mut app, &mut full(), &["4"]);
    let mut rows = fake::rows();
    for id in [THIRD, FOURTH] {
        rows.push(RunRow { started_at: "2026-11-15T08:00:00.000Z".to_owned(), ..fake::row(id, RunStatus::Finished) });
    }
    app.runs.rows.load = Load::Ready(rows);
    app.runs.marked = marked.iter().map(|id| (*id).to_owned()).collect();
    app
}

/// A comparison that is there, after these keys.
fn compared(width: u16, height: u16, marked: &[&str], keys: &[&str]) -> App {
    let mut app = runs(width, height, marked);
    press_all(&mut app, &mut full(), &["="]);
    press_all(&mut app, &mut full(), keys);
    app
}

const TWO: [&str; 2] = [OLDER, RUN];
const FOUR: [&str; 4] = [OLDER, RUN, THIRD, FOURTH];

/// What a comparison asks for.
fn asked(effects: &[Effect]) -> Option<(JobId, Vec<Entrant>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Runs(job, Ask::Compare(entrants)) => Some((*job, entrants.clone())),
        _ => None,
    })
}

fn ids(entrants: &[Entrant]) -> Vec<&str> {
    entrants.iter().map(|(id, _)| id.as_str()).collect()
}

fn done(app: &mut App, job: JobId, result: Result<Several, super::super::load::Notice>) {
    update(app, Msg::Done(job, msg::Answer::Runs(Answer::Compared(result.map(Arc::new)))));
}

#[test]
fn looks() {
    snapshots("compare_loading", |w, h| {
        let mut app = runs(w, h, &FOUR);
        press(&mut app, "=");
        app.now += chrono::TimeDelta::seconds(5);
        app
    });
    snapshots("compare_failed", |w, h| {
        let mut app = runs(w, h, &TWO);
        let (job, _) = asked(&press(&mut app, "=")).unwrap();
        done(&mut app, job, Err(fake::failure()));
        app
    });
    snapshots("compare_stopped", |w, h| {
        let mut app = runs(w, h, &TWO);
        press(&mut app, "=");
        press(&mut app, "x");
        app
    });
    snapshots("compare_nothing", |w, h| {
        let mut app = runs(w, h, &TWO);
        let (job, _) = asked(&press(&mut app, "=")).unwrap();
        done(&mut app, job, Ok(fake::compare::nothing()));
        app
    });
    for (name, marked, keys) in [
        ("differs", &TWO[..], &[][..]),
        ("all", &TWO, &["a", "G"]),
        ("scores", &TWO, &["tab"]),
        ("errors", &TWO, &["tab", "tab"]),
        ("curves", &TWO, &["tab", "tab", "tab"]),
        ("trials", &TWO, &["tab", "tab", "tab", "tab"]),
        ("importance", &TWO, &["tab", "tab", "tab", "tab", "tab", "j"]),
        ("export", &TWO, &["e"]),
        ("export_wrong", &TWO, &["e", "x", "enter"]),
        ("four", &FOUR, &["n"]),
        ("four_scores", &FOUR, &["tab"]),
        ("four_errors", &FOUR, &["tab", "tab"]),
        ("four_near", &FOUR, &["tab", "tab", "tab", "z", "k"]),
        ("four_precision_recall", &FOUR, &["tab", "tab", "tab", "l", "G"]),
        ("four_calibration", &FOUR, &["tab", "tab", "tab", "l", "l"]),
        ("four_histogram", &FOUR, &["tab", "tab", "tab", "l", "l", "l", "g"]),
        ("four_by_trial", &FOUR, &["tab", "tab", "tab", "h"]),
        ("four_band", &FOUR, &["tab", "tab", "tab", "tab", "l", "j", "j"]),
        ("four_importance", &FOUR, &["tab", "tab", "tab", "tab", "tab"]),
    ] {
        snapshots(&format!("compare_{name}"), |w, h| compared(w, h, marked, keys));
    }
    for (name, keys) in [("differs", &[][..]), ("curves", &["tab", "tab", "tab"]), ("trials", &["tab"; 4])] {
        snapshots_at(&format!("compare_four_{name}"), &[(120, 40)], |w, h| compared(w, h, &FOUR, keys));
    }
    for (name, symbols) in [("ascii", Symbols::Ascii), ("block", Symbols::Block)] {
        for (part, keys) in [("curves", &["tab", "tab", "tab"][..]), ("trials", &["tab", "tab", "tab", "tab"])] {
            snapshots(&format!("compare_{part}_{name}"), |w, h| {
                let mut app = compared(w, h, &TWO, keys);
                (app.theme.symbols, app.theme.depth) = (symbols, Depth::Mono);
                app
            });
        }
    }
}

#[test]
fn the_marked_runs_are_held_against_the_baseline() {
    // In the order of the marks, those that are not finished left out.
    let mut app = runs(80, 24, &[OLDER, RUN, "5be0c4aa0001", THIRD]);
    let (_, entrants) = asked(&press(&mut app, "=")).unwrap();
    assert_eq!(ids(&entrants), [OLDER, RUN, THIRD]);
    assert!(entrants.iter().all(|(_, family)| family.is_none()));
    assert!(app.notice.as_ref().unwrap().headline.contains("left out: 1 marked run"));
    assert_eq!(app.focus(), Context::Compare);
    // Pinned, it comes first, marked or not.
    for marked in [&[OLDER, RUN][..], &[OLDER, RUN, FOURTH]] {
        let mut app = runs(80, 24, marked);
        app.runs.baseline = Some(FOURTH.to_owned());
        assert_eq!(ids(&asked(&press(&mut app, "=")).unwrap().1), [FOURTH, OLDER, RUN]);
    }
}

#[test]
fn with_less_than_two_marked_the_other_is_near() {
    let under = |app: &App| app.runs.current().unwrap().id.clone();
    // One marked and another under the cursor.
    let mut app = runs(80, 24, &[THIRD]);
    assert_eq!(under(&app), RUN);
    assert_eq!(ids(&asked(&press(&mut app, "=")).unwrap().1), [THIRD, RUN]);
    // The one that is marked is under the cursor: the newest of the others.
    let mut app = runs(80, 24, &[RUN]);
    assert_eq!(ids(&asked(&press(&mut app, "=")).unwrap().1), [OLDER, RUN]);
    // None: that under the cursor against the newest.
    let mut app = runs(80, 24, &[]);
    assert_eq!(ids(&asked(&press(&mut app, "=")).unwrap().1), [OLDER, RUN]);
    // Nothing to compare with.
    let mut app = runs(80, 24, &[]);
    app.runs.rows.load = Load::Ready(vec![fake::row(RUN, RunStatus::Finished)]);
    assert!(press(&mut app, "=").is_empty() && app.runs.compare.is_none());
    assert!(app.notice.as_ref().unwrap().headline.contains("no other finished run"));
    let mut app = runs(80, 24, &[]);
    app.runs.rows.load = Load::Ready(vec![fake::row(RUN, RunStatus::Running)]);
    assert!(press(&mut app, "=").is_empty());
    assert!(app.notice.as_ref().unwrap().headline.contains("only finished runs"));
}

#[test]
fn too_many_are_not_compared() {
    let mut app = runs(80, 24, &[]);
    let many: Vec<String> = (0..8).map(|i| format!("{i}{i}{i}{i}{i}{i}aa0009")).collect();
    app.runs.rows.load = Load::Ready(many.iter().map(|id| fake::row(id, RunStatus::Finished)).collect());
    app.runs.marked = many;
    assert!(press(&mut app, "=").is_empty());
    let notice = app.notice.as_ref().unwrap();
    assert!(notice.headline.contains("8 runs are too many") && notice.tone == Tone::Warn, "{notice:?}");
    app.runs.marked.pop();
    assert_eq!(asked(&press(&mut app, "=")).unwrap().1.len(), 7);
}

#[test]
fn a_report_is_held_against_the_baseline() {
    let mut world = full();
    let mut app = runs(80, 24, &[]);
    let rows = app.runs.rows.load.clone();
    press_all(&mut app, &mut world, &["enter", "j"]);
    app.runs.rows.load = rows;
    let selected = Some(Family::RandomForest);
    let (_, entrants) = asked(&press(&mut app, "=")).unwrap();
    assert_eq!(entrants, [(OLDER.to_owned(), None), (RUN.to_owned(), selected)]);
    // One level back is the report.
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::Report);
    // Of the baseline itself, its other family against its winner.
    app.runs.baseline = Some(RUN.to_owned());
    let (_, entrants) = asked(&press(&mut app, "=")).unwrap();
    assert_eq!(entrants, [(RUN.to_owned(), None), (RUN.to_owned(), selected)]);
}

#[test]
fn a_comparison_is_stopped_and_made_after_all() {
    let mut app = runs(80, 24, &TWO);
    let (job, _) = asked(&press(&mut app, "=")).unwrap();
    assert!(app.pulse().is_some(), "it turns");
    let effects = press(&mut app, "x");
    assert!(matches!(effects[..], [Effect::Stop(stopped)] if stopped == job), "{effects:?}");
    assert!(screen(&app).contains("the comparison was stopped"), "{}", screen(&app));
    assert!(press(&mut app, "x").is_empty());
    // Too late.
    done(&mut app, job, Ok(fake::compare::nothing()));
    assert!(app.runs.compare.as_ref().unwrap().found.ready().is_none());
    let (again, entrants) = asked(&press(&mut app, "ctrl-r")).unwrap();
    done(&mut app, again, Ok(fake::compare::several(&entrants)));
    assert!(screen(&app).contains("Not distinguishable"), "{}", screen(&app));
    // Made again, what is there stays; closed, it is stopped.
    let effects = press(&mut app, "ctrl-r");
    let (job, _) = asked(&effects).unwrap();
    assert!(screen(&app).contains("comparing again") && screen(&app).contains("Not distinguishable"));
    // Once more supersedes it.
    let effects = press(&mut app, "ctrl-r");
    assert!(effects.iter().any(|e| matches!(e, Effect::Stop(stopped) if *stopped == job)), "{effects:?}");
    let (job, _) = asked(&effects).unwrap();
    let effects = press(&mut app, "esc");
    assert!(matches!(effects[..], [Effect::Stop(stopped)] if stopped == job), "{effects:?}");
    assert_eq!(app.focus(), Context::Runs);
    done(&mut app, job, Err(fake::failure()));
    assert!(app.runs.compare.is_none());
}

#[test]
fn base_and_other_change_places() {
    let mut app = compared(80, 24, &FOUR, &["n"]);
    let (_, entrants) = asked(&press(&mut app, "s")).unwrap();
    assert_eq!(ids(&entrants), [THIRD, OLDER, RUN, FOURTH]);
    assert!(app.runs.compare.as_ref().unwrap().found.is_loading(), "the old base is not shown as if it still were");
}

#[test]
fn the_next_run_comes_round() {
    let mut app = compared(80, 24, &FOUR, &[]);
    let pair = |app: &App| app.runs.compare.as_ref().unwrap().pair;
    for (key, at) in [("n", 1), ("n", 2), ("n", 0), ("N", 2), ("N", 1)] {
        press(&mut app, key);
        assert_eq!(pair(&app), at);
    }
    // With two runs there is one pair, and no key for it in the footer.
    let app = compared(80, 24, &TWO, &["n"]);
    assert_eq!(pair(&app), 0);
    assert!(!screen(&app).contains("next run"));
}

#[test]
fn panes_and_curves_are_reached_by_keys_and_read_off() {
    let mut app = compared(120, 40, &TWO, &[]);
    let part = |app: &App| app.runs.compare.as_ref().unwrap().part;
    for expected in [Part::Scores, Part::Errors, Part::Curves] {
        press(&mut app, "tab");
        assert_eq!(part(&app), expected);
    }
    assert!(screen(&app).contains("at false alarms .500"), "{}", screen(&app));
    for key in ["k", "k", "pgup"] {
        press(&mut app, key);
    }
    assert!(screen(&app).contains("at false alarms .380"), "{}", screen(&app));
    press(&mut app, "z");
    assert!(screen(&app).contains("at false alarms .076"), "{}", screen(&app));
    for (key, text) in
        [("l", "at recall"), ("l", "at said"), ("l", "rows by score"), ("l", "at trial"), ("l", "at false")]
    {
        press(&mut app, key);
        assert!(screen(&app).contains(text), "{text}: {}", screen(&app));
    }
    press_all(&mut app, &mut full(), &["h", "G"]);
    // At the last trial both are at their best.
    assert!(screen(&app).contains("at trial 16"), "{}", screen(&app));
}

#[test]
fn trials_of_a_band_stand_out() {
    let mut app = compared(120, 40, &TWO, &["tab", "tab", "tab", "tab"]);
    // What every trial has alike is no axis.
    let text = screen(&app);
    assert!(text.contains("▸learning_rate") && text.contains("max_depth") && !text.contains("subsample  "), "{text}");
    press(&mut app, "j");
    let text = screen(&app);
    assert!(text.contains("learning_rate .2: 4 of 24"), "the highest first: {text}");
    for _ in 0..9 {
        press(&mut app, "j");
    }
    assert!(screen(&app).contains("learning_rate .02: 8 of 24"), "{}", screen(&app));
    press(&mut app, "h");
    assert!(screen(&app).contains("▸F1"), "round to the score: {}", screen(&app));
    press(&mut app, "f");
    assert!(screen(&app).contains(" DT "), "{}", screen(&app));
    press_all(&mut app, &mut full(), &["g"]);
    assert!(screen(&app).contains("←→ axis"), "{}", screen(&app));
}

#[test]
fn the_comparison_is_written_and_its_command_copied() {
    let mut world = full();
    let mut app = compared(80, 24, &TWO, &["e"]);
    assert_eq!(app.focus(), Context::ComparisonFile);
    let effects = press(&mut app, "enter");
    let Some(Effect::Runs(job, Ask::WriteComparison(_, path))) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(path.to_str().unwrap(), "compare-aa12be-7f3a21.md");
    assert!(app.jobs.list.iter().any(|j| j.id == *job && j.what.contains("compare-aa12be")), "{:?}", app.jobs);
    world.answer(&mut app, effects);
    assert!(app.notice.as_ref().unwrap().headline.contains("/srv/netsec/reports/compare-aa12be-7f3a21.md"));
    assert_eq!(app.jobs.running(), 0);
    // An ending that says nothing is told in the field.
    press_all(&mut app, &mut world, &["e", "s", "enter"]);
    assert!(screen(&app).contains("says not what to write: end the name"), "{}", screen(&app));
    press(&mut app, "esc");
    assert_eq!(app.focus(), Context::Compare);
    let effects = press(&mut app, "y");
    let Some(Effect::Copy(text)) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(text, "netsec-tui compare aa12be:gradient_boosting 7f3a21:gradient_boosting");
}

#[test]
fn it_is_drawn_at_every_size() {
    for (width, height) in [(1, 1), (7, 3), (20, 6), (40, 12), (79, 23), (149, 40), (150, 40), (400, 120)] {
        for marked in [&TWO[..], &FOUR] {
            let mut app = compared(width, height, marked, &[]);
            for _ in Part::ALL {
                press(&mut app, "tab");
                for key in ["l", "j", "j"] {
                    press(&mut app, key);
                    screen(&app);
                }
            }
            press(&mut app, "e");
            screen(&app);
        }
        let mut app = runs(width, height, &TWO);
        let (job, _) = asked(&press(&mut app, "=")).unwrap();
        done(&mut app, job, Ok(fake::compare::nothing()));
        for _ in Part::ALL {
            press_all(&mut app, &mut full(), &["tab", "l", "j", "h", "k", "f", "a"]);
            screen(&app);
        }
    }
}

#[tokio::test]
async fn files_are_written_below_the_reports_and_never_over_others() {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::locate(Some(dir.path())).unwrap();
    let layered = Layered::load(&home, None, &|_| None, &Vec::new()).unwrap();
    let (out, mut answers) = unbounded_channel();
    let mut effects = Effects::new(Surrounding::open(home.clone(), layered, Arc::new(|_| None)).unwrap(), out);
    let mut done = async |ask: Ask| {
        effects.run(Effect::Runs(JobId(1), ask));
        match answers.recv().await {
            Some(Msg::Done(_, msg::Answer::Runs(answer))) => answer,
            other => panic!("{other:?}"),
        }
    };
    let Answer::Compared(Err(notice)) = done(Ask::Compare(vec![("nope".to_owned(), None)])).await else { panic!() };
    assert!(notice.headline.contains("no run begins with"), "{notice:?}");
    let all = Arc::new(fake::compare::several(&[(OLDER.to_owned(), None), (RUN.to_owned(), None)]));
    let write = |name: &str| Ask::WriteComparison(Arc::clone(&all), name.into());
    let Answer::ComparisonWritten(Ok(path)) = done(write("one.md")).await else { panic!() };
    assert_eq!(path, home.reports().join("one.md"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# 7f3a21 against aa12be") && !text.contains('\u{1b}'), "{text}");
    let Answer::ComparisonWritten(Err(notice)) = done(write("one.md")).await else { panic!() };
    assert!(notice.headline.contains("is there already"), "{notice:?}");
    // A name with a directory is taken as it is.
    let elsewhere = dir.path().join("two.csv");
    let Answer::ComparisonWritten(Ok(path)) = done(write(elsewhere.to_str().unwrap())).await else { panic!() };
    let lines = std::fs::read_to_string(path).unwrap().lines().count();
    assert_eq!(lines, all.pairs[0].differences.len() + 1);
}
