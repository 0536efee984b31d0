//! The table of runs: filter, marks, baseline, groups, columns, notes, exports and the trash.

use super::super::app::App;
use super::super::keymap::Context;
use super::super::load::{Load, Tone};
use super::super::msg::runs::{Answer, Ask, RunRow};
use super::super::msg::{self, Effect, Msg};
use super::super::update::{start, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, snapshots_at, with};
use super::{app, press, screen};
use netsec::event::Family;
use netsec::run::RunStatus;
use netsec::run::query::Field;

/// Several runs of several days, states, families and analysts; two are noted.
fn many() -> Vec<RunRow> {
    let mut rows = fake::rows();
    rows[0].tags = vec!["baseline".to_owned(), "v2".to_owned()];
    rows[0].note = Some("monthly retrain\nwith the new salt".to_owned());
    for n in 0..30_u32 {
        let finished = n % 3 != 1;
        let status = if finished { RunStatus::Finished } else { RunStatus::Cancelled };
        let family = [Family::RandomForest, Family::Knn, Family::DecisionTree][n as usize % 3];
        let f1 = 0.9 + f64::from(n) / 1000.0;
        rows.push(RunRow {
            started_at: format!("2026-11-{:02}T08:{n:02}:00.000Z", 15 - n / 3),
            seed: u64::from(n),
            who: if n % 2 == 0 { "ana@ip-10-0-1-7" } else { "ben@ip-10-0-1-7" }.to_owned(),
            space: if n % 2 == 0 { "quick" } else { "thorough" }.to_owned(),
            best: Some((family, f1 + 0.002, 0.006)),
            test: finished.then_some((f1, [f1 - 0.012, f1 + 0.011])),
            recall: finished.then_some(f1 + 0.01),
            ..fake::row(&format!("{n:06x}bb0000"), status)
        });
    }
    rows[4].holdout = "netsec/NetworkData/0.2/netsec-2".to_owned();
    rows[7] = RunRow { trials: (20, 41), test: None, ..rows[7].clone() };
    rows[7].status = RunStatus::Running;
    rows
}

/// The screen with those runs.
fn listed(width: u16, height: u16) -> (App, World) {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["4"]);
    list(&mut app, many());
    (app, world)
}

/// These runs are there now.
fn list(app: &mut App, rows: Vec<RunRow>) {
    let job = app.job();
    app.runs.rows.refresh(job, app.now);
    update(app, Msg::Done(job, msg::Answer::Runs(Answer::List(Ok(rows)))));
}

fn type_in(app: &mut App, text: &str) {
    for c in text.chars() {
        let name = if c == ' ' { "space".to_owned() } else { c.to_string() };
        press(app, &name);
    }
}

fn ids(app: &App) -> Vec<String> {
    app.runs.lines().iter().map(|line| line.run().map_or("-".to_owned(), |run| run.id[..6].to_owned())).collect()
}

#[test]
fn the_table_in_each_state() {
    let make = |name: &str, keys: &[&str], text: &str| {
        snapshots(&format!("runs_{name}"), |w, h| {
            let (mut app, mut world) = listed(w, h);
            press_all(&mut app, &mut world, keys);
            if !text.is_empty() {
                type_in(&mut app, text);
            }
            app
        });
    };
    make("many", &["j", "j"], "");
    make("filter_typed", &["/"], "f1>=.91 fam");
    make("filter_wrong", &["/"], "f1>=.91 status=done");
    make("filter_kept_none", &["/", "9", "enter"], "");
    make("grouped", &["o", "j", "j"], "");
    make("marked_with_baseline", &["j", "space", "j", "j", "space", "j", "space", "b", "l", "l"], "");
    make("columns", &["v", "j", "j", "j", "space"], "");
    make("note", &["n"], "");
    make("tags_wrong", &["#"], " two|words");
    make("export", &["e"], "");
    make("delete", &["j", "j", "D"], "");
    make("trash_empty", &["T"], "");
    make("trash", &["j", "j", "D", "y", "T"], "");
    snapshots("runs_filtered", |w, h| {
        let (mut app, mut world) = listed(w, h);
        press_all(&mut app, &mut world, &["space", "/"]);
        type_in(&mut app, "space=quick status=finished");
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
    snapshots("runs_trash_loading", |w, h| {
        let (mut app, _) = listed(w, h);
        press(&mut app, "T");
        app.now += chrono::TimeDelta::seconds(3);
        app
    });
    snapshots("runs_trash_failed", |w, h| {
        let (mut app, mut world) = listed(w, h);
        world.broken = true;
        press_all(&mut app, &mut world, &["T"]);
        app
    });
    for (name, broken) in [("table_loading", false), ("table_failed", true), ("table_empty", false)] {
        snapshots_at(&format!("runs_{name}"), &[(120, 40)], |w, h| {
            let mut app = app(w, h);
            let effects = start(&mut app);
            if name != "table_loading" {
                World { broken, ..World::default() }.answer(&mut app, effects);
            }
            press(&mut app, "4");
            app
        });
    }
}

#[test]
fn a_filter_is_applied_as_it_is_typed_and_stays_in_sight() {
    let (mut app, mut world) = listed(80, 24);
    press(&mut app, "/");
    assert_eq!(app.view(), Context::RunFilter);
    type_in(&mut app, "family=knn");
    let some = app.runs.shown().len();
    assert!((1..34).contains(&some));
    // What cannot be read changes nothing, and is not kept.
    type_in(&mut app, " f2>1");
    assert_eq!(app.runs.shown().len(), some);
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(app.view(), Context::RunFilter);
    assert!(screen(&app).contains("unknown field \"f2\""), "{}", screen(&app));
    // Left, it is as before; kept, it is remembered and stands over the table.
    press_all(&mut app, &mut world, &["esc"]);
    assert_eq!((app.view(), app.runs.shown().len()), (Context::Runs, 34));
    press(&mut app, "/");
    type_in(&mut app, "family=knn");
    let effects = press(&mut app, "enter");
    let [Effect::Remember(_, memory)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(memory.runs.filters, ["family=knn"]);
    let text = screen(&app);
    assert!(text.contains(" / family=knn") && text.contains(&format!("{some} of 34 runs")), "{text}");
    press_all(&mut app, &mut world, &["esc"]);
    assert_eq!(app.runs.shown().len(), 34);

    // The history, and completion of fields and values.
    press_all(&mut app, &mut world, &["/", "up"]);
    assert_eq!(app.runs.look.bar.as_ref().unwrap().input.text(), "family=knn");
    press_all(&mut app, &mut world, &["down"]);
    type_in(&mut app, "!sta");
    let text = |app: &App| app.runs.look.bar.as_ref().unwrap().input.text();
    press_all(&mut app, &mut world, &["tab"]);
    assert_eq!(text(&app), "!started");
    press_all(&mut app, &mut world, &["tab"]);
    assert_eq!(text(&app), "!status");
    type_in(&mut app, "=fin");
    press_all(&mut app, &mut world, &["tab", "enter"]);
    assert_eq!(app.runs.look.text, "!status=finished");
    assert!(app.runs.shown().iter().all(|run| run.status != RunStatus::Finished));
}

#[test]
fn marks_and_selection_stay_while_runs_come_and_go() {
    let (mut app, mut world) = listed(80, 24);
    press_all(&mut app, &mut world, &["j", "space", "j", "space", "G"]);
    let marked = app.runs.marked.clone();
    assert_eq!(marked.len(), 2);
    let selected = app.runs.current().unwrap().id.clone();
    let place = |app: &App| app.runs.cursor.at - app.runs.cursor.top.get();
    screen(&app);
    let before = place(&app);
    let mut rows = many();
    rows.insert(
        0,
        RunRow { started_at: "2026-11-18T15:00:00.000Z".to_owned(), ..fake::row("ffff00aa", RunStatus::Running) },
    );
    list(&mut app, rows.clone());
    assert_eq!(app.runs.current().unwrap().id, selected);
    screen(&app);
    assert_eq!(place(&app), before, "it stays where it is on the screen");
    press(&mut app, "/");
    type_in(&mut app, "id=ffff");
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!((ids(&app), &app.runs.marked), (vec!["ffff00".to_owned()], &marked));
    // All that are shown, in addition to those that are not; then none of them.
    press_all(&mut app, &mut world, &["A"]);
    assert_eq!(app.runs.marked.len(), 3);
    press_all(&mut app, &mut world, &["A", "esc"]);
    assert_eq!(app.runs.marked, marked);
    // A marked run that is gone has no mark.
    rows.retain(|run| run.id != marked[0]);
    list(&mut app, rows);
    assert_eq!(app.runs.marked, marked[1..]);
    press_all(&mut app, &mut world, &["esc"]);
    assert_eq!(app.runs.marked.len(), 0);
}

#[test]
fn the_baseline_stands_on_top_and_the_others_are_held_against_it() {
    let (mut app, mut world) = listed(160, 50);
    press_all(&mut app, &mut world, &["G", "b"]);
    let base = app.runs.baseline.clone().unwrap();
    assert_eq!(ids(&app)[0], base[..6]);
    assert_eq!(app.runs.current().unwrap().id, base, "the selection goes with it");
    assert_eq!(ids(&app).iter().filter(|id| **id == base[..6]).count(), 1);
    let text = screen(&app);
    assert!(text.contains("to base") && text.contains("+.013") && text.contains("other"), "{text}");
    // The filter does not hide it.
    press(&mut app, "/");
    type_in(&mut app, "status=failed");
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(ids(&app), [&base[..6], "9c01d2"]);
    press_all(&mut app, &mut world, &["g", "b"]);
    assert_eq!((app.runs.baseline.clone(), ids(&app)), (None, vec!["9c01d2".to_owned()]));
}

#[test]
fn runs_are_sorted_by_any_column_and_grouped() {
    let (mut app, mut world) = listed(160, 50);
    // The selected column is the start; the next ones are state, collection, space, seed.
    press_all(&mut app, &mut world, &["l", "l", "l", "l", "s"]);
    assert_eq!((app.runs.look.sort.field, app.runs.look.sort.descending), (Field::Seed, false));
    assert!(screen(&app).contains("seed ▲"));
    press_all(&mut app, &mut world, &["s", "g"]);
    assert!(app.runs.look.sort.descending && screen(&app).contains("seed ▼"));
    assert_eq!(app.runs.current().unwrap().seed, 29);

    press_all(&mut app, &mut world, &["o", "o", "o", "g"]);
    assert_eq!(app.runs.look.group, Some(Field::Space));
    assert!(screen(&app).contains("▼ thorough  15 runs"), "{}", screen(&app));
    let lines = app.runs.lines().len();
    // On a heading: `enter` folds, `space` marks all of the group, and there is no run to act on.
    assert_eq!(app.runs.current(), None);
    press_all(&mut app, &mut world, &["enter", "space"]);
    assert_eq!(app.runs.lines().len(), lines - 15);
    assert_eq!(app.runs.marked.len(), 15);
    assert!(screen(&app).contains("▶ thorough  15 runs"), "{}", screen(&app));
    assert!(press(&mut app, "n").is_empty());
    assert!(app.runs.look.prompt.is_none());
    press_all(&mut app, &mut world, &["o", "o", "o", "o", "o"]);
    assert_eq!(app.runs.look.group, None);
}

#[test]
fn chosen_columns_are_remembered() {
    let (mut app, mut world) = listed(160, 50);
    assert!(screen(&app).contains("collection"));
    press_all(&mut app, &mut world, &["v", "j", "j", "j", "j"]);
    let effects = press(&mut app, "space");
    let [Effect::Remember(_, memory)] = &effects[..] else { panic!("{effects:?}") };
    assert!(!memory.runs.columns.iter().any(|name| name == "collection"), "{:?}", memory.runs.columns);
    press_all(&mut app, &mut world, &["enter"]);
    assert!(!screen(&app).lines().nth(3).unwrap().contains("collection"), "{}", screen(&app));
    press_all(&mut app, &mut world, &["v", "r", "esc"]);
    assert_eq!((app.view(), app.memory.runs.columns.len()), (Context::Runs, 0));
}

#[test]
fn notes_tags_and_exports_are_asked_for_as_they_are_typed() {
    let (mut app, mut world) = listed(80, 24);
    press(&mut app, "n");
    assert_eq!(app.runs.look.prompt.as_ref().unwrap().input.text(), "monthly retrain with the new salt");
    type_in(&mut app, ", again");
    let effects = press(&mut app, "enter");
    let [Effect::Runs(_, Ask::Note(run, text))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((run.as_str(), text.as_str()), (fake::RUN, "monthly retrain with the new salt, again"));
    // One change at a time: none is lost unseen.
    press(&mut app, "#");
    assert!(app.runs.look.prompt.is_none() && screen(&app).contains("still being written"));
    world.answer(&mut app, effects);
    assert_eq!(app.notice.as_ref().map(|n| n.tone), Some(Tone::Good));

    list(&mut app, many());
    press(&mut app, "#");
    type_in(&mut app, " best?");
    assert!(press(&mut app, "enter").is_empty());
    assert!(screen(&app).contains("\"best?\" is no tag"), "{}", screen(&app));
    for _ in 0..8 {
        press(&mut app, "backspace");
    }
    type_in(&mut app, " best");
    let effects = press(&mut app, "enter");
    let [Effect::Runs(_, Ask::Tags(_, change))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((change.add.as_slice(), change.remove.as_slice()), (&["best".to_owned()][..], &["v2".to_owned()][..]));
    world.broken = true;
    world.answer(&mut app, effects);
    assert_eq!(app.notice.as_ref().map(|n| n.tone), Some(Tone::Bad));
    world.broken = false;

    list(&mut app, many());
    press(&mut app, "/");
    type_in(&mut app, "tag=baseline");
    press_all(&mut app, &mut world, &["enter", "e"]);
    type_in(&mut app, ".txt");
    assert!(press(&mut app, "enter").is_empty());
    assert!(screen(&app).contains("does not name a format"), "{}", screen(&app));
    for _ in 0..7 {
        press(&mut app, "backspace");
    }
    type_in(&mut app, "md");
    let effects = press(&mut app, "enter");
    let [Effect::Runs(_, Ask::Export { path, text, rows: 1 })] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(path, "runs.md");
    assert!(text.contains("| 7f3a21bc90ef |") && text.lines().count() == 3, "{text}");

    let [Effect::Copy(text)] = &press(&mut app, "C")[..] else { panic!("nothing copied") };
    assert!(text.starts_with("run\tstarted\t") && text.contains("\n7f3a21bc90ef\t2026-11-18 14:02\t"), "{text}");
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Copy(id)] if id == fake::RUN));
}

#[test]
fn deleting_asks_and_is_undone() {
    let (mut app, mut world) = listed(80, 24);
    list(&mut app, fake::rows());
    press_all(&mut app, &mut world, &["j", "D", "n"]);
    assert_eq!(ids(&app).len(), 4);
    press_all(&mut app, &mut world, &["space", "G", "space", "D"]);
    assert!(screen(&app).contains("Delete 2 marked runs?"), "{}", screen(&app));
    press_all(&mut app, &mut world, &["y"]);
    assert_eq!((ids(&app), app.runs.marked.len()), (vec!["7f3a21".to_owned(), "5be0c4".to_owned()], 0));
    press_all(&mut app, &mut world, &["T"]);
    assert_eq!(app.view(), Context::Trash);
    // One back from the trash, the other by undoing.
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(world.trash.len(), 1);
    press_all(&mut app, &mut world, &["esc", "u"]);
    assert_eq!((ids(&app).len(), world.trash.len()), (4, 0));
    press_all(&mut app, &mut world, &["u"]);
    assert!(screen(&app).contains("nothing was deleted here"), "{}", screen(&app));

    // A running run is not asked about.
    let Load::Ready(rows) = &mut app.runs.rows.load else { panic!("no runs") };
    rows[0].status = RunStatus::Running;
    press_all(&mut app, &mut world, &["g", "D"]);
    assert!(app.overlay.is_none() && screen(&app).contains("is running: x asks it to stop"), "{}", screen(&app));
}
