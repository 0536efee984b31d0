//! A store on another host: it goes away and comes back, it is one of several, and it tells how it finds documents.

use super::super::app::{App, Overlay};
use super::super::gate::Dirty;
use super::super::link::Link;
use super::super::load::{Notice, Tone};
use super::super::msg::data::{Answer as Told, Ask, Fetched};
use super::super::msg::store::{Choice, Store};
use super::super::msg::{self, Answer, Effect, JobId, Msg};
use super::super::screen::data::Focus;
use super::super::update::{start, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{app, embedded, press, screen};
use bson::{Document, doc};
use netsec::store::{CollectionInfo, CollectionKind, Namespace};
use netsec::{Error, connection};
use std::sync::Arc;

/// A server.
fn atlas() -> Store {
    Store { name: "atlas".to_owned(), place: "cluster0.example.net".to_owned(), remote: true, ..embedded() }
}

fn choices() -> Vec<Choice> {
    let choice = |name: &str, place: &str, origin: &str, read_only| Choice {
        name: name.to_owned(),
        place: Ok(place.to_owned()),
        origin: origin.to_owned(),
        read_only,
    };
    let unset = Error::user("connections.lab.uri names the environment variable LAB_URI, which is not set");
    vec![
        choice(connection::EMBEDDED, "", "/srv/netsec/store", false),
        choice("atlas", "cluster0.example.net", "/srv/netsec/netsec.yaml, line 7", false),
        Choice { place: Err(unset.into()), ..choice("lab", "", "/srv/netsec/netsec.yaml, line 9", false) },
        choice("mirror", "10.0.1.8:27017", "/srv/netsec/netsec.yaml, line 11", true),
        choice("MONGODB_URI", "localhost:27017", "environment", false),
    ]
}

/// A console on a server that has answered so far.
fn remote(width: u16, height: u16) -> (App, World) {
    let mut app = app(width, height);
    (app.around.store, app.around.choices, app.link) = (atlas(), choices(), Link::Unknown);
    let mut world = full();
    let effects = start(&mut app);
    world.answer(&mut app, effects);
    reached(&mut app, Ok(()));
    (app, world)
}

/// What the watch over the store tells.
fn reached(app: &mut App, result: Result<(), Notice>) -> Vec<Effect> {
    let watch = app.watch;
    update(app, Msg::Done(watch, Answer::Reached(result)))
}

fn away() -> Notice {
    Error::remote("cluster0.example.net has not answered for 1.3 s")
        .hint("netsec-tui ping tells where it hangs; what was stored before stays")
        .into()
}

fn answer(app: &mut App, job: JobId, told: Told) -> Vec<Effect> {
    update(app, Msg::Done(job, msg::Answer::Data(told)))
}

fn header(app: &App) -> String {
    screen(app).lines().next().unwrap().to_owned()
}

/// The questions to the store among effects, with their jobs.
fn asked(effects: &[Effect]) -> Vec<(JobId, Ask)> {
    let ask = |effect: &Effect| match effect {
        Effect::Data(job, ask) => Some((*job, ask.clone())),
        _ => None,
    };
    effects.iter().filter_map(ask).collect()
}

fn later(app: &mut App, seconds: i64) {
    app.now += chrono::TimeDelta::seconds(seconds);
}

#[test]
fn looks() {
    snapshots("remote_ready", |w, h| {
        let (mut app, mut world) = remote(w, h);
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
    snapshots("remote_away", |w, h| {
        let (mut app, mut world) = remote(w, h);
        press_all(&mut app, &mut world, &["enter"]);
        reached(&mut app, Err(away()));
        let page = asked(&press(&mut app, "ctrl-r")).iter().find(|(_, a)| matches!(a, Ask::Fetch(..))).unwrap().0;
        later(&mut app, 9);
        answer(&mut app, page, Told::Page(Err(away())));
        app
    });
    snapshots("remote_never_there", |w, h| {
        let mut app = app(w, h);
        (app.around.store, app.around.choices, app.link) = (atlas(), choices(), Link::Unknown);
        start(&mut app);
        reached(&mut app, Err(away()));
        later(&mut app, 2);
        app
    });
    snapshots("remote_kinds", |w, h| kinds(w, h).0);
    snapshots("remote_plan", |w, h| {
        let (mut app, mut world) = remote(w, h);
        press_all(&mut app, &mut world, &["/", "R", "=", "1", "enter"]);
        app.notice = None;
        app
    });
    snapshots("remote_plan_told", |w, h| {
        let (mut app, mut world) = remote(w, h);
        press_all(&mut app, &mut world, &["enter", "s", "i"]);
        app
    });
    snapshots("connections_several", |w, h| {
        let (mut app, _) = remote(w, h);
        press(&mut app, "m");
        press(&mut app, "j");
        app
    });
    snapshots("connections_one", |w, h| {
        let mut app = with(&mut World::default(), w, h);
        app.around.choices = choices().drain(..1).map(|c| Choice { place: Ok(String::new()), ..c }).collect();
        press(&mut app, "m");
        app
    });
}

/// Collections of all kinds, and names that other programs give.
fn kinds(width: u16, height: u16) -> (App, JobId) {
    let (mut app, _) = remote(width, height);
    let info = |name: &str, documents, kind| CollectionInfo { name: name.to_owned(), documents, bytes: None, kind };
    let collections = vec![
        info("Zürich $2 / \"a\u{1b}[2J\"", Some(12), CollectionKind::Plain),
        info("cpu", None, CollectionKind::TimeSeries),
        info("files.chunks", Some(4_000), CollectionKind::GridFs),
        info("last_hour", Some(10_000), CollectionKind::Capped),
        info("phishing", None, CollectionKind::View),
    ];
    let job = asked(&press(&mut app, "ctrl-r"))[0].0;
    let database = msg::data::Database { name: "odd name".to_owned(), collections };
    answer(&mut app, job, Told::Catalog(Ok(vec![database])));
    (app, job)
}

#[test]
fn a_server_that_goes_away_is_told_and_what_failed_is_asked_again_when_it_is_back() {
    let (mut app, _) = remote(100, 30);
    assert!(header(&app).contains("● atlas · cluster0.example.net"), "{}", header(&app));
    let waiting = asked(&press(&mut app, "ctrl-r"));
    assert_eq!(waiting.len(), 3, "{waiting:?}");
    app.take_dirty();
    reached(&mut app, Err(away()));
    assert_eq!(app.take_dirty(), Dirty::Data);
    assert!(header(&app).contains("✗ atlas · cluster0.example.net: not reachable since 14:02:41"), "{}", header(&app));
    later(&mut app, 5);
    // The same for another reason: since when stays.
    reached(&mut app, Err(Error::remote("the connection broke").into()));
    assert!(header(&app).contains("since 14:02:41"));
    // The page and the collections fail. What is there stays, and is called stale; the count still waits.
    for (job, ask) in &waiting {
        match ask {
            Ask::Catalog => answer(&mut app, *job, Told::Catalog(Err(away()))),
            Ask::Fetch(..) => answer(&mut app, *job, Told::Page(Err(away()))),
            _ => Vec::new(),
        };
    }
    assert!(screen(&app).contains("NetworkData") && screen(&app).contains("stale"), "{}", screen(&app));
    assert_eq!(app.data.open.as_ref().unwrap().documents().len(), 40);
    later(&mut app, 37);
    let effects = reached(&mut app, Ok(()));
    let again = asked(&effects);
    assert!(matches!(&again[..], [(_, Ask::Catalog), (_, Ask::Fetch(..)), (_, Ask::Count(..))]), "{again:?}");
    assert!(effects.iter().any(|e| matches!(e, Effect::Stop(_))), "the count that hangs is let go");
    assert!(screen(&app).contains("cluster0.example.net is back after 0m 42s"), "{}", screen(&app));
    assert!(reached(&mut app, Ok(())).is_empty());
    full().answer(&mut app, effects);
    assert!(!screen(&app).contains("stale"));
}

#[test]
fn a_page_that_was_not_shown_yet_fails_and_comes_by_itself() {
    let (mut app, mut world) = remote(100, 30);
    press_all(&mut app, &mut world, &["/", "R", "=", "1"]);
    let effects = press(&mut app, "enter");
    let asked_for = asked(&effects);
    reached(&mut app, Err(away()));
    for (job, ask) in asked_for {
        match ask {
            Ask::Fetch(..) => answer(&mut app, job, Told::Page(Err(away()))),
            Ask::Count(..) => answer(&mut app, job, Told::Count(Err(away()))),
            _ => Vec::new(),
        };
    }
    // What was shown before is not what was asked for.
    assert!(app.data.open.as_ref().unwrap().page.failed().is_some());
    let effects = reached(&mut app, Ok(()));
    world.answer(&mut app, effects);
    assert_eq!(app.data.open.as_ref().unwrap().documents().len(), 40);
    // A mistake of the analyst's is not asked again.
    let job = asked(&press(&mut app, "ctrl-r")).iter().find(|(_, a)| matches!(a, Ask::Fetch(..))).unwrap().0;
    answer(&mut app, job, Told::Page(Err(Error::user("not done after 10 s").into())));
    reached(&mut app, Err(away()));
    let again = asked(&reached(&mut app, Ok(())));
    assert!(!again.iter().any(|(_, ask)| matches!(ask, Ask::Fetch(..))), "{again:?}");
}

#[test]
fn a_console_without_its_server_opens_and_fills_by_itself() {
    let mut app = app(80, 24);
    (app.around.store, app.link) = (atlas(), Link::Unknown);
    let effects = start(&mut app);
    assert!(effects.iter().any(|e| matches!(e, Effect::Watch(_))));
    assert!(header(&app).contains("○ atlas · cluster0.example.net: connecting"), "{}", header(&app));
    reached(&mut app, Err(away()));
    assert!(screen(&app).contains("netsec-tui ping"), "{}", screen(&app));
    let effects = reached(&mut app, Ok(()));
    full().answer(&mut app, effects);
    assert!(screen(&app).contains("NetworkData"), "{}", screen(&app));
}

/// Chooses a connection, and gives the question for it.
fn choose(app: &mut App, name: &str) -> JobId {
    press(app, "m");
    let Some(Overlay::Connections(cursor)) = &mut app.overlay else { panic!("{:?}", app.overlay) };
    cursor.at = choices().iter().position(|choice| choice.name == name).unwrap();
    let effects = press(app, "enter");
    let Some(Effect::Connect(job, chosen)) = effects.last() else { panic!("{effects:?}") };
    assert_eq!(chosen, name);
    *job
}

#[test]
fn another_connection_takes_the_place_of_the_present_one() {
    let (mut app, mut world) = remote(120, 40);
    press_all(&mut app, &mut world, &["2", "1", "enter"]);
    app.train.form.collection = Some(Namespace::new("netsec", "NetworkData").unwrap());
    press(&mut app, "s");
    let push = press(&mut app, ":");
    assert!(push.is_empty());
    press(&mut app, "esc");
    let job = app.begin("load rows.csv into NetworkData");
    app.data.push.pane.restart(job, app.now);
    press(&mut app, "m");
    assert!(screen(&app).contains("1 job on cluster0.example.net will be stopped"), "{}", screen(&app));
    press(&mut app, "esc");
    let old_watch = app.watch;
    let connect = choose(&mut app, "mirror");
    // The present one stays until the other is there.
    assert_eq!(app.around.store, atlas());
    let mirror = Store { name: "mirror".to_owned(), place: "10.0.1.8:27017".to_owned(), read_only: true, ..atlas() };
    let effects = update(&mut app, Msg::Done(connect, Answer::Connected(Ok(Box::new(mirror.clone())))));
    assert_eq!((&app.around.store, app.jobs.running()), (&mirror, 0));
    assert!(effects.iter().any(|e| matches!(e, Effect::Stop(stopped) if *stopped == job)));
    let place = |wanted: fn(&Effect) -> bool| effects.iter().position(wanted).unwrap();
    let switch = place(|e| matches!(e, Effect::Switch(_)));
    assert!(switch < place(|e| matches!(e, Effect::Watch(_))) && switch < place(|e| matches!(e, Effect::Data(..))));
    assert!(app.data.open.is_none() && app.drift.live.ready().is_none() && app.train.form.collection.is_none());
    // The watch over the old one is not listened to any more.
    update(&mut app, Msg::Done(old_watch, Answer::Reached(Err(away()))));
    assert_eq!(app.link, Link::Unknown);
    world.answer(&mut app, effects);
    reached(&mut app, Ok(()));
    assert!(header(&app).contains("● mirror · 10.0.1.8:27017   read-only"), "{}", header(&app));
    // Rows are refused in the connection's own words; runs may be started.
    press(&mut app, "s");
    assert!(screen(&app).contains("the connection mirror is read-only"), "{}", screen(&app));
    app.data.guide = true;
    assert!(press(&mut app, "o").is_empty() && app.data.path.is_none());
}

#[test]
fn a_connection_that_cannot_be_opened_changes_nothing() {
    let (mut app, _) = remote(120, 40);
    let before = screen(&app);
    let first = choose(&mut app, "MONGODB_URI");
    let second = choose(&mut app, "mirror");
    // Only the last choice counts.
    update(&mut app, Msg::Done(first, Answer::Connected(Ok(Box::new(embedded())))));
    assert_eq!(app.around.store, atlas());
    update(&mut app, Msg::Done(second, Answer::Connected(Err(away()))));
    assert!(screen(&app).contains("cluster0.example.net has not answered"), "{}", screen(&app));
    app.notice = None;
    assert_eq!((screen(&app), app.around.store.clone()), (before, atlas()));
    // One that is not set up says what is missing, and the list stays.
    press(&mut app, "m");
    press(&mut app, "j");
    assert!(press(&mut app, "enter").is_empty());
    assert!(matches!(app.overlay, Some(Overlay::Connections(_))));
    assert!(screen(&app).contains("LAB_URI, which is not set"), "{}", screen(&app));
}

#[test]
fn the_number_is_about_right_until_it_is_exact() {
    let (mut app, mut world) = remote(120, 40);
    press_all(&mut app, &mut world, &["enter"]);
    (app.data.focus, app.data.tree.at) = (Focus::Tree, 1);
    let effects = press(&mut app, "enter");
    later(&mut app, 3);
    assert!(screen(&app).contains("NetworkData.rejected · ~3 documents · page 1"), "{}", screen(&app));
    let count = asked(&effects).iter().find(|(_, ask)| matches!(ask, Ask::Count(..))).unwrap().0;
    answer(&mut app, count, Told::Count(Ok(4)));
    assert!(screen(&app).contains("NetworkData.rejected · 4 documents · page 1"), "{}", screen(&app));
}

#[test]
fn collections_of_other_programs_are_opened_whatever_they_are_called() {
    let (mut app, _) = kinds(120, 40);
    (app.data.focus, app.data.tree.at) = (Focus::Tree, 0);
    let opened = asked(&press(&mut app, "enter"));
    let Some((_, Ask::Fetch(namespace, _))) = opened.first() else { panic!("{opened:?}") };
    assert_eq!(namespace.collection, "Zürich $2 / \"a\u{1b}[2J\"");
    // Pieces of files are large: fewer at once, and shown by their size.
    (app.data.focus, app.data.tree.at) = (Focus::Tree, 2);
    let opened = asked(&press(&mut app, "enter"));
    let Some((job, Ask::Fetch(_, query))) = opened.first() else { panic!("{opened:?}") };
    assert_eq!(query.limit, 20);
    let bytes = bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: vec![b'A'; 261_120] };
    let documents: Vec<Document> = vec![doc! { "_id": 1, "n": 0, "data": bytes }];
    let page = Fetched { documents, next: None, schema: Arc::new(fake::schema()) };
    answer(&mut app, *job, Told::Page(Ok(Box::new(page))));
    assert!(screen(&app).contains("binary, 261.1 kB") && !screen(&app).contains("AAAA"), "{}", screen(&app));
}

#[test]
fn the_plan_is_asked_for_beside_the_page_and_only_of_a_server() {
    let mut world = full();
    let mut local = with(&mut world, 100, 30);
    press_all(&mut local, &mut world, &["enter"]);
    assert!(!asked(&press(&mut local, "s")).iter().any(|(_, ask)| matches!(ask, Ask::Plan(..))));
    press(&mut local, "i");
    assert!(screen(&local).contains("the embedded store has no indexes"), "{}", screen(&local));

    let (mut app, mut world) = remote(100, 30);
    press_all(&mut app, &mut world, &["enter", "i"]);
    assert!(screen(&app).contains("the index of _id serves"), "{}", screen(&app));
    let sorted = asked(&press(&mut app, "s"));
    let plan = sorted.iter().find(|(_, ask)| matches!(ask, Ask::Plan(..))).unwrap().0;
    let page = sorted.iter().find(|(_, ask)| matches!(ask, Ask::Fetch(..))).unwrap().0;
    assert!(app.data.is_waiting());
    let fetched = Fetched { documents: fake::documents(3), next: None, schema: Arc::new(fake::schema()) };
    answer(&mut app, page, Told::Page(Ok(Box::new(fetched))));
    assert!(!app.data.is_waiting(), "nobody waits for the plan");
    answer(&mut app, plan, Told::Plan(Ok(Some(fake::plan()))));
    assert!(screen(&app).contains("▲ no index serves the filter: up to all 10,000 documents"), "{}", screen(&app));
    press(&mut app, "i");
    let Some(Overlay::Reason(notice)) = &app.overlay else { panic!("{:?}", app.overlay) };
    assert_eq!((notice.tone, notice.chain.len()), (Tone::Warn, 3));
    press(&mut app, "esc");
    // Another order has another plan; none without a filter and a sort.
    press(&mut app, "s");
    assert!(app.data.open.as_ref().unwrap().plan.job.is_some());
    press(&mut app, "s");
    assert!(!screen(&app).contains("no index serves"));
}
