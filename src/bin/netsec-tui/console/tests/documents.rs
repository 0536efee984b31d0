//! The documents of a collection: asked for, waited for, stopped, sorted, cut to columns, written to a file; and what
//! hostile ones do to the screen, which is nothing.

use super::super::app::App;
use super::super::clean::clean;
use super::super::jobs::State;
use super::super::keymap::Context;
use super::super::load::{Load, Notice};
use super::super::msg::data::{Answer, Ask, Fetched};
use super::super::msg::{self, Effect, JobId, Msg};
use super::super::update::{start, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{app, press, screen};
use bson::{Document, doc};
use netsec::store::embedded::EmbeddedStore;
use netsec::store::{Bounds, DocumentStore, Namespace, Query};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The documents, after these keys.
fn shown(width: u16, height: u16, keys: &[&str]) -> App {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["enter"]);
    press_all(&mut app, &mut world, keys);
    app
}

/// Types over what stands in the field.
fn rewrite(app: &mut App, text: &str) {
    let data = &mut app.data;
    let input = data.saving.as_mut().map(|s| &mut s.input).or(data.filter.as_mut().map(|bar| &mut bar.input));
    input.unwrap().clear();
    write(app, text);
}

fn write(app: &mut App, text: &str) {
    for c in text.chars() {
        press(app, &c.to_string());
    }
}

/// Applies a filter whose answers do not come.
fn waiting(width: u16, height: u16, seconds: i64) -> App {
    let mut app = shown(width, height, &["/"]);
    write(&mut app, "Result=-1");
    press(&mut app, "enter");
    app.notice = None;
    app.now += chrono::TimeDelta::seconds(seconds);
    app
}

fn jobs(effects: &[Effect]) -> (JobId, JobId) {
    let find = |wanted: fn(&Ask) -> bool| {
        effects.iter().find_map(|e| match e {
            Effect::Data(job, ask) if wanted(ask) => Some(*job),
            _ => None,
        })
    };
    (find(|a| matches!(a, Ask::Fetch(..))).unwrap(), find(|a| matches!(a, Ask::Count(..))).unwrap())
}

fn answer(app: &mut App, job: JobId, answer: Answer) {
    update(app, Msg::Done(job, msg::Answer::Data(answer)));
}

/// What a read says that took too long.
fn too_long() -> Notice {
    Bounds::too_long(Duration::from_secs(10), Some(1_250_000)).into()
}

fn stops(effects: &[Effect]) -> usize {
    effects.iter().filter(|e| matches!(e, Effect::Stop(_))).count()
}

#[test]
fn looks() {
    snapshots("data_reading", |w, h| waiting(w, h, 4));
    snapshots("data_stopped", |w, h| {
        let mut app = waiting(w, h, 4);
        press(&mut app, "x");
        app
    });
    snapshots("data_counting", |w, h| {
        let mut app = waiting(w, h, 4);
        let job = app.data.open.as_ref().unwrap().page.job.unwrap();
        let page = Fetched { documents: fake::documents(7), next: None, schema: Arc::new(fake::schema()) };
        answer(&mut app, job, Answer::Page(Ok(Box::new(page))));
        app
    });
    snapshots("data_too_long", |w, h| {
        let mut app = waiting(w, h, 10);
        let open = app.data.open.as_ref().unwrap();
        let (page, count) = (open.page.job.unwrap(), open.count.job.unwrap());
        answer(&mut app, page, Answer::Page(Err(too_long())));
        answer(&mut app, count, Answer::Count(Err(too_long())));
        app
    });
    snapshots("data_no_match", |w, h| {
        let mut app = waiting(w, h, 0);
        let open = app.data.open.as_ref().unwrap();
        let (page, count) = (open.page.job.unwrap(), open.count.job.unwrap());
        let none = Fetched { documents: Vec::new(), next: None, schema: Arc::new(fake::schema()) };
        answer(&mut app, page, Answer::Page(Ok(Box::new(none))));
        answer(&mut app, count, Answer::Count(Ok(0)));
        app
    });
    snapshots("data_as_json", |w, h| shown(w, h, &["t", "j"]));
    snapshots("data_sorted_hidden", |w, h| {
        let mut app = shown(w, h, &["right", "right", "-", "s", "s"]);
        app.notice = None;
        app
    });
    snapshots("data_offers", |w, h| {
        let mut app = shown(w, h, &["/"]);
        write(&mut app, "Result=-1 having");
        press(&mut app, "tab");
        press(&mut app, "tab");
        app
    });
    snapshots("data_export", |w, h| shown(w, h, &["right", "-", "e"]));
    snapshots("data_export_wrong", |w, h| {
        let mut app = shown(w, h, &["e"]);
        write(&mut app, ".xlsx");
        press(&mut app, "enter");
        app
    });
    snapshots("data_hostile", |w, h| {
        let mut app = shown(w, h, &[]);
        show(&mut app, hostile());
        app
    });
    snapshots("data_hostile_document", |w, h| {
        let mut app = shown(w, h, &[]);
        show(&mut app, hostile());
        press(&mut app, "enter");
        app
    });
}

#[test]
fn what_is_waited_for_is_shown_and_stopped_one_after_the_other() {
    let mut app = waiting(120, 40, 3);
    assert!(screen(&app).contains("reading 3 s · x stops"), "{}", screen(&app));
    assert!(app.pulse().is_some());
    let (page, count) = {
        let open = app.data.open.as_ref().unwrap();
        (open.page.job.unwrap(), open.count.job.unwrap())
    };
    assert!(matches!(press(&mut app, "x")[..], [Effect::Stop(job)] if job == page));
    // The page of another filter does not stay as if it were that of this one.
    assert!(screen(&app).contains("stopped") && !screen(&app).contains("▌               -1"), "{}", screen(&app));
    assert!(screen(&app).contains("counting 3 s"));
    assert!(matches!(press(&mut app, "esc")[..], [Effect::Stop(job)] if job == count));
    assert!(screen(&app).contains("not counted"), "{}", screen(&app));
    assert_eq!(app.pulse(), None);
    // A late answer changes nothing.
    answer(&mut app, count, Answer::Count(Ok(5)));
    assert!(screen(&app).contains("not counted"));
    assert!(press(&mut app, "x").is_empty());
    assert!(screen(&app).contains("nothing is being read"));
    // The level behind is the filter.
    let effects = press(&mut app, "esc");
    assert_eq!(effects.len(), 2);
    assert!(app.data.open.as_ref().unwrap().filter_text.is_empty());
}

#[test]
fn a_new_question_ends_the_one_before() {
    let mut app = waiting(80, 24, 1);
    press(&mut app, "/");
    write(&mut app, " URL_Length=0");
    let effects = press(&mut app, "enter");
    assert_eq!(stops(&effects), 2, "{effects:?}");
    let (page, _) = jobs(&effects);
    let effects = press(&mut app, "s");
    assert!(matches!(effects[0], Effect::Stop(job) if job == page), "{effects:?}");
    assert_eq!(effects.len(), 2, "the number is the same in any order: {effects:?}");
    let effects = press(&mut app, "ctrl-r");
    assert_eq!(stops(&effects), 2);
    // Fields are read anew, and stopped, as well.
    let effects = press(&mut app, "v");
    let Some(Effect::Data(job, Ask::Fields(..))) = effects.last() else { panic!("{effects:?}") };
    assert!(matches!(press(&mut app, "x")[..], [Effect::Stop(stopped)] if stopped == *job));
    assert!(screen(&app).contains("stopped") && screen(&app).contains("r reads the rows again"), "{}", screen(&app));
    assert_eq!(app.focus(), Context::Fields);
}

#[test]
fn a_column_is_sorted_by_in_three_steps() {
    let mut app = shown(80, 24, &["right"]);
    let name = app.data.open.as_ref().unwrap().columns[1].title.clone();
    let sorted = |app: &mut App| {
        let effects = press(app, "s");
        let query = effects.iter().find_map(|e| match e {
            Effect::Data(_, Ask::Fetch(_, query)) => Some(query.clone()),
            _ => None,
        });
        let query: Query = query.unwrap();
        assert!(query.after.is_none());
        query.sort.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(sorted(&mut app), [name.as_str()]);
    assert_eq!(sorted(&mut app), [format!("-{name}")]);
    assert!(screen(&app).contains(&format!("▼ {}", &name[..10])), "{}", screen(&app));
    assert!(sorted(&mut app).is_empty());
}

#[test]
fn hidden_columns_stay_hidden_for_the_collection() {
    let mut app = shown(80, 24, &["right"]);
    let name = app.data.open.as_ref().unwrap().columns[1].title.clone();
    let shows = |app: &App, name: &str| app.data.open.as_ref().unwrap().columns.iter().any(|c| c.title == name);
    assert!(matches!(&press(&mut app, "-")[..], [Effect::Remember(_, memory)]
        if memory.data.hidden["netsec.NetworkData"] == [name.clone()]));
    assert!(!shows(&app, &name) && screen(&app).contains("1 column hidden"));
    let mut world = full();
    press_all(&mut app, &mut world, &["tab", "j", "enter"]);
    assert!(shows(&app, &name), "another collection has its own");
    press_all(&mut app, &mut world, &["tab", "k", "enter"]);
    assert!(!shows(&app, &name));
    assert!(matches!(&press(&mut app, "+")[..], [Effect::Remember(_, memory)] if memory.data.hidden.is_empty()));
    assert!(shows(&app, &name));
    for _ in 0..40 {
        press(&mut app, "-");
    }
    assert_eq!(app.data.open.as_ref().unwrap().columns.len(), 1, "the last one stays");
}

#[test]
fn the_label_stays_in_view_and_the_selected_column_with_it() {
    let mut app = shown(80, 24, &[]);
    for _ in 0..40 {
        let text = screen(&app);
        let header = text.lines().nth(3).unwrap().to_owned();
        let open = app.data.open.as_ref().unwrap();
        let selected: String = open.columns[open.column].title.chars().take(10).collect();
        assert!(header.contains("Result") && header.contains(&selected), "{selected}: {header}");
        press(&mut app, "right");
    }
}

#[test]
fn filters_are_remembered_and_completed() {
    let mut world = full();
    let mut app = shown(80, 24, &[]);
    for text in ["Result=-1", "Result=1", "Result=-1"] {
        press(&mut app, "/");
        rewrite(&mut app, text);
        let effects = press(&mut app, "enter");
        let Some(Effect::Remember(_, memory)) = effects.last() else { panic!("{effects:?}") };
        assert_eq!(memory.data.queries["netsec.NetworkData"].last().unwrap(), text);
        world.answer(&mut app, effects);
    }
    press(&mut app, "/");
    rewrite(&mut app, "new");
    let text = |app: &App| app.data.filter.as_ref().unwrap().input.text();
    let mut seen = Vec::new();
    for key in ["up", "up", "up", "down", "down", "down"] {
        press(&mut app, key);
        seen.push(text(&app));
    }
    assert_eq!(seen, ["Result=-1", "Result=1", "Result=1", "Result=-1", "new", "new"]);

    rewrite(&mut app, "url_");
    press(&mut app, "tab");
    assert_eq!(text(&app), "URL_", "as far as they agree");
    assert!(screen(&app).contains("URL_Length  URL_of_Anchor"), "{}", screen(&app));
    press(&mut app, "tab");
    assert_eq!(text(&app), "URL_Length");
    press(&mut app, "tab");
    assert_eq!(text(&app), "URL_of_Anchor");
    write(&mut app, "=-");
    press(&mut app, "tab");
    assert_eq!(text(&app), "URL_of_Anchor=-1");
    write(&mut app, " zzz");
    press(&mut app, "tab");
    assert_eq!(text(&app), "URL_of_Anchor=-1 zzz", "nothing fits");
}

#[test]
fn the_caret_points_also_when_the_text_is_longer_than_the_bar() {
    let mut app = shown(40, 24, &["/"]);
    write(&mut app, &format!("{}größe=日本 x", "URL_Length>=0 ".repeat(5)));
    let text = screen(&app);
    let lines: Vec<&str> = text.lines().collect();
    // A wide character is followed by a cell of its own.
    let at = |line: &str, c: char| line[..line.rfind(c).unwrap()].chars().count();
    assert_eq!(at(lines[4], '^'), at(lines[3], 'x') + 1, "{text}");
    // The mistake is out of view at the left: its number says where it is.
    rewrite(&mut app, &format!("a>> {}", "URL_Length>=0 ".repeat(5)));
    assert!(screen(&app).contains("at character 3"), "{}", screen(&app));
}

#[test]
fn a_view_is_exported_in_the_background() {
    let mut app = shown(120, 40, &["/"]);
    write(&mut app, "Result=-1");
    let effects = press(&mut app, "enter");
    let mut world = full();
    world.answer(&mut app, effects);
    press_all(&mut app, &mut world, &["right", "-", "s", "e"]);
    assert_eq!(app.focus(), Context::Save);
    assert!(
        screen(&app).contains("the 10,000 documents that match Result=-1, 32 fields, sorted by"),
        "{}",
        screen(&app)
    );
    rewrite(&mut app, "out.parquet");
    let effects = press(&mut app, "enter");
    let [Effect::Data(job, Ask::Export(view, path))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((view.columns.len(), view.sort.len(), path.as_str()), (32, 1, "out.parquet"));
    assert_eq!(app.jobs.list[0].state, State::Running);
    update(&mut app, Msg::Progress(*job, 5_000, Some(10_000)));
    assert_eq!(app.jobs.list[0].progress, (5_000, Some(10_000)));
    world.answer(&mut app, effects.clone());
    assert_eq!(app.jobs.list[0].state, State::Done);
    assert!(
        screen(&app).contains("10,000 documents of NetworkData written to out.parquet (1.2 kB)"),
        "{}",
        screen(&app)
    );
    // In the list of collections it is all of the one that is selected.
    press_all(&mut app, &mut world, &["esc", "esc", "e"]);
    assert!(screen(&app).contains("all documents, all fields"), "{}", screen(&app));
    assert!(press(&mut app, "esc").is_empty() && app.focus() == Context::Tree);
}

#[test]
fn a_cell_a_row_and_a_document_are_copied_and_told() {
    let mut app = shown(120, 40, &["right"]);
    let copied = |app: &mut App, key: &str| match &press(app, key)[..] {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(copied(&mut app, "c"), "-1");
    assert!(app.notice.as_ref().unwrap().headline.contains("having_IP_Address (2 bytes) to your terminal's clipboard"));
    let row = copied(&mut app, "C");
    assert!(row.starts_with("1,-1,-1,-1,1,") && row.split(',').count() >= 33 && !row.contains('\n'), "{row}");
    assert!(app.notice.as_ref().unwrap().headline.contains("the row, 33 fields, as CSV"));
    let document: serde_json::Value = serde_json::from_str(&copied(&mut app, "y")).unwrap();
    assert_eq!(document["_netsec"]["source"], "sample");
}

/// Documents that want to harm: commands to the terminal, hidden and reordered text, ten megabytes, a hundred levels.
fn hostile() -> Vec<Document> {
    let mut deep = doc! { "end": 1 };
    for _ in 0..90 {
        deep = doc! { "d": [deep] };
    }
    (0..60)
        .map(|i| {
            doc! {
                "_id": format!("{i:032x}"),
                "escape": "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\r\n",
                "bidi": "safe\u{202e}gnp.exe\u{2066}\u{200f}",
                "hidden": "a\u{200b}\u{feff}\u{2060}b\u{e0041}\u{ad}",
                "wide": "日本語 e\u{301}\u{fe0f} 👩‍👩‍👧",
                "\u{1b}[31mname\u{202e}": i,
                "long": if i % 30 == 0 { "\u{1b}x".repeat(5 << 20) } else { String::new() },
                "deep": deep.clone(),
                "many": (0..10_000).collect::<Vec<i32>>(),
            }
        })
        .collect()
}

/// Shows a page of documents in place of those that are shown.
fn show(app: &mut App, documents: Vec<Document>) {
    let effects = press(app, "ctrl-r");
    let (page, count) = jobs(&effects);
    let fetched = Fetched { documents, next: None, schema: Arc::new(fake::schema()) };
    answer(app, page, Answer::Page(Ok(Box::new(fetched))));
    answer(app, count, Answer::Count(Ok(60)));
    app.notice = None;
}

#[tokio::test]
async fn hostile_documents_of_the_store_are_shown_harmlessly_and_fast() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::new(dir.path().to_owned());
    let namespace = Namespace::new("netsec", "NetworkData").unwrap();
    store.insert(&namespace, hostile()).await.unwrap();
    let page = store.find(&namespace, &Query { limit: 200, ..Query::default() }).await.unwrap();
    assert_eq!(page.documents, hostile());
    for (width, height) in [(80, 24), (160, 50), (400, 120), (20, 5)] {
        let mut app = shown(width, height, &[]);
        show(&mut app, page.documents.clone());
        for keys in [&[][..], &["right", "right"], &["t"], &["j", "t"], &["enter"], &["G"], &["esc", "/"]] {
            for name in keys {
                press(&mut app, name);
            }
            let begun = Instant::now();
            let text = screen(&app);
            let took = begun.elapsed();
            assert!(took < Duration::from_millis(100), "{width}x{height} after {keys:?}: {took:?}");
            for line in text.lines() {
                // The symbols of combined characters are several in a cell.
                assert_eq!(line, clean(line), "{width}x{height} after {keys:?}");
            }
        }
    }
}

#[test]
fn no_document_is_needed_for_any_key() {
    for keys in ["s", "-", "+", "t", "e", "c", "C", "y", "x", "n", "p", "/", "enter"] {
        let mut app = app(80, 24);
        let mut world = World { rows: 10_000, broken: true, ..World::default() };
        let effects = start(&mut app);
        world.answer(&mut app, effects);
        press_all(&mut app, &mut world, &["tab", keys, keys]);
        screen(&app);
    }
    let mut app = shown(80, 24, &[]);
    app.data.open.as_mut().unwrap().page.load = Load::Idle;
    screen(&app);
}
