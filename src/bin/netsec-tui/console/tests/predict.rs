//! The Predict screen: how it looks in every state, and what it asks for.

use super::super::app::{App, Screen};
use super::super::jobs::State;
use super::super::keymap::Context;
use super::super::load::Load;
use super::super::msg::predict::{Answer, Ask, ScoreInput};
use super::super::msg::{self, Effect, JobId, Msg};
use super::super::screen::predict::Focus;
use super::super::update::{go, update};
use super::fake::{self, World, verdict};
use super::screens::{full, press_all, snapshots, with};
use super::{press, screen};
use netsec::event::Family;
use netsec::predict::Record;

const URL: &str = "hxxps://paypal.com.secure-login[.]example/a?session=0123456789";

/// The screen with a model, before the first row.
fn ready(width: u16, height: u16) -> (App, World) {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["6"]);
    (app, world)
}

/// With a row that was scored.
fn scored(width: u16, height: u16, text: &str) -> (App, World) {
    let (mut app, mut world) = ready(width, height);
    update(&mut app, Msg::Paste(text.to_owned()));
    press_all(&mut app, &mut world, &["enter"]);
    (app, world)
}

fn after(keys: &[&str]) -> impl Fn(u16, u16) -> App {
    move |w, h| {
        let (mut app, mut world) = scored(w, h, "-1,0,1,1,1,-1");
        press_all(&mut app, &mut world, keys);
        app
    }
}

/// What is asked of the Predict screen's effects.
fn asks(effects: &[Effect]) -> Vec<(JobId, Ask)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Predict(job, ask) => Some((*job, ask.clone())),
            _ => None,
        })
        .collect()
}

fn done(app: &mut App, job: JobId, answer: Answer) -> Vec<Effect> {
    update(app, Msg::Done(job, msg::Answer::Predict(answer)))
}

/// Answers the only question with a verdict, and returns what is asked next.
fn verdict_for(app: &mut App, effects: &[Effect]) -> (Record, Vec<(JobId, Ask)>) {
    let [(job, Ask::Score(_, _, input))] = &asks(effects)[..] else { panic!("{effects:?}") };
    let scored = verdict::scored(input);
    let record = scored.record.clone();
    let next = done(app, *job, Answer::Scored(Ok(Box::new(scored))));
    (record, asks(&next))
}

#[test]
fn every_state_of_the_verdict() {
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
    snapshots("predict_empty", |w, h| ready(w, h).0);
    snapshots("predict_ready", after(&["j", "j"]));
    snapshots("predict_changed", after(&["right", "j", "right"]));
    snapshots("predict_wrong_paste", |w, h| {
        let (mut app, mut world) = ready(w, h);
        update(&mut app, Msg::Paste("hello".to_owned()));
        world.broken = true;
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
    snapshots("predict_url", |w, h| scored(w, h, URL).0);
    snapshots("predict_typing", after(&["tab", "tab"]));
}

#[test]
fn every_state_of_the_reasons() {
    snapshots("predict_explaining", |w, h| {
        let (mut app, _) = ready(w, h);
        update(&mut app, Msg::Paste("-1,0".to_owned()));
        let effects = press(&mut app, "enter");
        verdict_for(&mut app, &effects);
        app
    });
    snapshots("predict_unexplained", |w, h| {
        let (mut app, mut world) = ready(w, h);
        update(&mut app, Msg::Paste("-1,0".to_owned()));
        let effects = press(&mut app, "enter");
        let (_, next) = verdict_for(&mut app, &effects);
        world.broken = true;
        world.answer(&mut app, next.into_iter().map(|(job, ask)| Effect::Predict(job, ask)).collect());
        app
    });
    snapshots("predict_inexact", |w, h| {
        let (mut app, mut world) = ready(w, h);
        app.predict.model.load =
            Load::Ready(Box::new(msg::predict::ModelInfo { family: Family::Knn, ..fake::model() }));
        update(&mut app, Msg::Paste("-1,0".to_owned()));
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
    snapshots("predict_by_schema", after(&["s", "G"]));
    snapshots("predict_near", after(&["tab", "j"]));
    snapshots("predict_value", after(&["j", "enter"]));
}

#[test]
fn every_state_of_what_is_asked_for() {
    snapshots("predict_url_prompt", after(&["u"]));
    snapshots("predict_past", after(&["H", "j"]));
    snapshots("predict_past_found", after(&["H", "/", "l", "e", "g", "enter"]));
    snapshots("predict_past_none", after(&["H", "/", "x", "y", "enter"]));
    snapshots("predict_past_find", after(&["H", "/"]));
    snapshots("predict_past_loading", |w, h| {
        let (mut app, _) = scored(w, h, "-1");
        press(&mut app, "H");
        app
    });
    snapshots("predict_past_failed", |w, h| {
        let (mut app, mut world) = scored(w, h, "-1");
        world.broken = true;
        press_all(&mut app, &mut world, &["H"]);
        app
    });
    snapshots("predict_batch", |w, h| {
        let (mut app, mut world) = scored(w, h, "-1");
        press_all(&mut app, &mut world, &["b"]);
        update(&mut app, Msg::Paste("/data/rows.csv".to_owned()));
        press_all(&mut app, &mut world, &["enter"]);
        app
    });
    snapshots("predict_batch_running", |w, h| batch(w, h).0);
    snapshots("predict_batch_ended", |w, h| {
        let (mut app, job) = batch(w, h);
        done(&mut app, job, Answer::Batched(Ok(Box::new(verdict::batched("/data/rows.scored.csv")))));
        app
    });
}

/// A batch on its way.
fn batch(w: u16, h: u16) -> (App, JobId) {
    let (mut app, mut world) = scored(w, h, "-1");
    press_all(&mut app, &mut world, &["b"]);
    update(&mut app, Msg::Paste("/data/rows.csv".to_owned()));
    press(&mut app, "enter");
    let effects = press(&mut app, "enter");
    let [(job, Ask::Batch { input, output, .. })] = &asks(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((input.as_str(), output.as_str()), ("/data/rows.csv", "/data/rows.scored.csv"));
    update(&mut app, Msg::Progress(*job, 4_096, Some(12_288)));
    (app, *job)
}

#[test]
fn fast_changes_ask_for_one_verdict_at_a_time_and_for_reasons_at_the_end() {
    let (mut app, _) = scored(80, 24, "-1,0");
    // A feature of three levels.
    press(&mut app, "j");
    let first = press(&mut app, "right");
    for _ in 0..19 {
        assert!(press(&mut app, "right").is_empty(), "a verdict is on its way");
    }
    let feature = app.predict.feature(app.predict.cursor.at);
    let name = fake::schema().features[feature].name.clone();
    let wanted = app.predict.wanted.clone().unwrap();
    assert!(screen(&app).contains(wanted.get(&name).unwrap()));
    let (seen, next) = verdict_for(&mut app, &first);
    assert_ne!(seen, wanted);
    // The second question is about the row as it is by now, and about nothing in between.
    let [(job, Ask::Score(_, _, ScoreInput::Changed(asked)))] = &next[..] else { panic!("{next:?}") };
    assert_eq!(*asked, wanted);
    let last = verdict::scored(&ScoreInput::Changed(asked.clone()));
    let next = asks(&done(&mut app, *job, Answer::Scored(Ok(Box::new(last)))));
    let [(why, Ask::Why(_, _, about)), (near, Ask::Near(..))] = &next[..] else { panic!("{next:?}") };
    assert_eq!(*about, wanted);

    // Changed again while the reasons are on their way: the verdict does not wait, the old reasons are dropped.
    let effects = press(&mut app, "left");
    let (latest, next) = verdict_for(&mut app, &effects);
    assert!(next.is_empty(), "one question at a time");
    let before = format!("{:?}", app.predict.why.pane.ready());
    let next = asks(&done(&mut app, *why, Answer::Why(Ok(Box::new(verdict::why(Family::Knn, about))))));
    assert_eq!(format!("{:?}", app.predict.why.pane.ready()), before, "it was about another row");
    assert!(matches!(&next[..], [(_, Ask::Why(_, _, about))] if *about == latest), "{next:?}");
    let again = asks(&done(&mut app, *near, Answer::Near(Ok(Vec::new()))));
    assert!(matches!(&again[..], [(_, Ask::Near(_, _, about))] if *about == latest), "{again:?}");
    let (job, _) = next[0];
    assert!(done(&mut app, job, Answer::Why(Ok(Box::new(verdict::why(Family::Knn, &latest))))).is_empty());
    assert!(!app.predict.why.is_behind(&latest));
}

#[test]
fn changes_move_no_line_and_reset_undoes_them() {
    let (mut app, mut world) = scored(80, 24, "-1,0");
    let order = app.predict.order.clone();
    let pasted = app.predict.pasted.clone();
    press_all(&mut app, &mut world, &["right", "j", "j", "left"]);
    assert_eq!(app.predict.order, order);
    assert!(app.predict.is_changed() && screen(&app).contains("r resets"));
    assert_eq!(app.predict.cursor.at, 2);
    press_all(&mut app, &mut world, &["r"]);
    assert!(!app.predict.is_changed());
    assert_eq!(app.predict.scored.ready().map(|s| s.record.clone()), pasted);
    // Sorting keeps the selection on its feature.
    let feature = app.predict.feature(2);
    press_all(&mut app, &mut world, &["s"]);
    assert!(app.predict.by_schema);
    assert_eq!(app.predict.cursor.at, feature);
}

#[test]
fn a_value_is_typed_in_place_and_checked() {
    let (mut app, mut world) = scored(80, 24, "-1,0");
    press_all(&mut app, &mut world, &["enter"]);
    assert_eq!(app.view(), Context::Value);
    for _ in 0..3 {
        press(&mut app, "backspace");
    }
    update(&mut app, Msg::Paste("seven".to_owned()));
    assert!(press(&mut app, "enter").is_empty());
    assert!(screen(&app).contains("\"seven\" is not a number"), "{}", screen(&app));
    assert_eq!(app.view(), Context::Value, "it stays under the cursor");
    press(&mut app, "esc");
    assert_eq!(app.view(), Context::Verdict);
    // Nothing is unknown: it is imputed again.
    press(&mut app, "enter");
    for _ in 0..3 {
        press(&mut app, "backspace");
    }
    let effects = press(&mut app, "enter");
    let (record, _) = verdict_for(&mut app, &effects);
    let schema = fake::schema();
    let name = &schema.features[app.predict.feature(0)].name;
    assert_eq!(record.get(name), Some(""));
}

#[test]
fn urls_and_rows_are_scored_one_after_the_other() {
    let (mut app, mut world) = ready(80, 24);
    let effects = press(&mut app, "esc");
    world.answer(&mut app, effects);
    press_all(&mut app, &mut world, &["u"]);
    assert_eq!(app.view(), Context::Url);
    update(&mut app, Msg::Paste(URL.to_owned()));
    let effects = press(&mut app, "enter");
    assert!(matches!(&asks(&effects)[..], [(_, Ask::Score(_, _, ScoreInput::Text(text)))] if text == URL));
    world.answer(&mut app, effects);
    assert!(screen(&app).contains("https://paypal.com.secure-login.example/"), "{}", screen(&app));
    assert!(screen(&app).contains("refanged"), "{}", screen(&app));
    assert_eq!(app.predict.input.text(), URL);

    update(&mut app, Msg::Paste("https://a.example/\nhttps://b.example/".to_owned()));
    press_all(&mut app, &mut world, &["enter"]);
    assert!(screen(&app).contains("row 1 of 2"), "{}", screen(&app));
    let effects = press(&mut app, "n");
    let [(_, Ask::Score(_, _, ScoreInput::Row(row)))] = &asks(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(row.url.as_ref().unwrap().url, "https://b.example/");
    world.answer(&mut app, effects);
    assert!(screen(&app).contains("row 2 of 2"), "{}", screen(&app));
    assert!(press(&mut app, "n").is_empty());
    assert!(screen(&app).contains("the last row"), "{}", screen(&app));
}

#[test]
fn a_neighbours_values_can_be_taken() {
    let (mut app, mut world) = scored(80, 24, "-1,0");
    press_all(&mut app, &mut world, &["tab", "enter"]);
    assert!(screen(&app).contains("these values already"), "{}", screen(&app));
    press_all(&mut app, &mut world, &["j", "enter"]);
    let scored = app.predict.scored.ready().unwrap();
    assert_eq!(scored.record.get("web_traffic"), Some("1"));
    assert!(app.predict.is_changed());
}

#[test]
fn what_was_predicted_is_found_and_scored_again() {
    let (mut app, mut world) = scored(80, 24, "-1,0");
    press_all(&mut app, &mut world, &["H"]);
    assert_eq!(app.view(), Context::Past);
    press_all(&mut app, &mut world, &["/"]);
    update(&mut app, Msg::Paste("paypal".to_owned()));
    let effects = press(&mut app, "enter");
    assert!(matches!(&asks(&effects)[..], [(_, Ask::Past(words))] if words == "paypal"));
    world.answer(&mut app, effects);
    let effects = press(&mut app, "enter");
    let [(_, Ask::Score(_, _, ScoreInput::Text(text)))] = &asks(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(text, "http://paypal.com.secure-login.example/a?b=c");
    assert_eq!(app.view(), Context::Verdict);
    // An answer that comes when the list is closed is for nobody.
    let (job, _) = asks(&press(&mut app, "H"))[0];
    press(&mut app, "esc");
    app.take_dirty();
    done(&mut app, job, Answer::Past(Ok(verdict::past(""))));
    assert!(app.predict.past.is_none());
}

#[test]
fn a_batch_goes_on_elsewhere_and_is_stopped_after_a_question() {
    let (mut app, job) = batch(80, 24);
    assert!(screen(&app).contains("4,096 rows · about 33.3 %"), "{}", screen(&app));
    assert!(press(&mut app, "b").is_empty(), "one at a time");
    assert_eq!(app.view(), Context::Verdict);
    press(&mut app, "1");
    done(&mut app, job, Answer::Batched(Ok(Box::new(verdict::batched("/data/rows.scored.csv")))));
    assert!(screen(&app).contains("12,288 rows scored, 5,301 phishing"), "{}", screen(&app));
    assert_eq!(app.jobs.list[0].state, State::Done);

    let (mut app, job) = batch(80, 24);
    assert!(press(&mut app, "x").is_empty());
    assert!(screen(&app).contains("Stop the batch?"), "{}", screen(&app));
    assert!(matches!(&press(&mut app, "y")[..], [Effect::Stop(stopped)] if *stopped == job));
    assert_eq!(app.jobs.list[0].state, State::Stopped);
    done(&mut app, job, Answer::Batched(Ok(Box::new(verdict::batched("/data/rows.scored.csv")))));
    assert!(screen(&app).contains("stopped: score"), "{}", screen(&app));
    press(&mut app, "esc");
    assert!(!screen(&app).contains("stopped: score"), "{}", screen(&app));
}

#[test]
fn the_verdict_is_copied_with_its_reasons() {
    let (mut app, _) = scored(80, 24, URL);
    let effects = press(&mut app, "c");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    for part in [
        "https://paypal.com.secure-login.example/",
        "probability",
        "8 computed, 22 imputed",
        "why, in log-odds, exact (TreeSHAP)",
        "nearest in training:",
        "  1 differ (web_traffic): phishing 9, legitimate 0",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let effects = press(&mut app, "C");
    assert!(matches!(&effects[..], [Effect::Copy(text)] if text.contains("\"Prefix_Suffix\":\"-1\"")), "{effects:?}");
}

#[test]
fn a_model_that_is_passed_over_is_not_loaded() {
    let (mut app, _) = scored(80, 24, "-1,0");
    let [(first, Ask::Model(..))] = asks(&press(&mut app, "f"))[..] else { panic!() };
    let effects = press(&mut app, "f");
    assert!(matches!(effects[..], [Effect::Stop(job), Effect::Predict(_, Ask::Model(..))] if job == first));
    // The verdict of one model never stands beside the name of another.
    let [(job, _)] = asks(&effects)[..] else { panic!() };
    let other = msg::predict::ModelInfo { family: Family::Knn, ..fake::model() };
    done(&mut app, job, Answer::Model(Ok(Box::new(other))));
    assert!(app.predict.scored.ready().is_none());
    assert_eq!(app.predict.focus, Focus::Features);
}

/// A schema of its own: a number, and texts that mean harm to a terminal.
const NUMBERS: &str = "name: numbers\ntarget: y\npositive: 1\nlabels: {0: \"no\\e[2J\", 1: \"yes\\u202e\"}\ncolumns:\n\
- {name: rate, type: float64, range: [0, 10], meaning: \"a rate\\e]0;x\\a of things\"}\n\
- {name: y, type: int64, values: [0, 1]}\n";

#[test]
fn a_number_is_typed_and_hostile_texts_are_shown_harmlessly() {
    use netsec::predict::{Difference, FeatureUse, Near, Origin, Verdict};
    let (mut app, _) = ready(80, 24);
    let schema = std::sync::Arc::new(netsec::schema::Schema::parse(NUMBERS, "numbers").unwrap());
    app.predict.model.load = Load::Ready(Box::new(msg::predict::ModelInfo { schema, ..fake::model() }));
    update(&mut app, Msg::Paste("rate=3".to_owned()));
    let [(job, _)] = asks(&press(&mut app, "enter"))[..] else { panic!() };
    let record = Record::new(vec![("rate".to_owned(), "3".to_owned())]);
    let feature = FeatureUse {
        name: "rate".to_owned(),
        value: "3".to_owned(),
        meaning: "a rate\u{1b}]0;x\u{7}".to_owned(),
        origin: Origin::OutOfDomain("\u{1b}[31m is not \u{202e}".to_owned()),
    };
    let verdict = Verdict { probability: 0.2, positive: false, threshold: 0.5, features: vec![feature], seen: [2, 1] };
    let scored =
        msg::predict::Scored { verdict, record: record.clone(), rows: vec![record], unlogged: None, pasted: true };
    let next = asks(&done(&mut app, job, Answer::Scored(Ok(Box::new(scored)))));
    let [_, (near, Ask::Near(..))] = &next[..] else { panic!("{next:?}") };
    let there = Difference { feature: "rate".to_owned(), here: "3".to_owned(), there: "\u{1b}[2J".to_owned() };
    done(&mut app, *near, Answer::Near(Ok(vec![Near { differs: vec![there], counts: [1, 1] }])));
    for keys in [&[][..], &["tab"], &["tab", "tab"]] {
        app.predict.focus = Focus::Features;
        for name in keys {
            press(&mut app, name);
        }
        let text = screen(&app);
        for line in text.lines() {
            assert_eq!(line, super::super::clean::clean(line), "{text}");
        }
        assert!(text.contains("conflicting labels"), "{text}");
    }
    app.predict.focus = Focus::Features;
    assert!(press(&mut app, "right").is_empty());
    assert!(screen(&app).contains("enter types it"), "{}", screen(&app));
    press(&mut app, "enter");
    press(&mut app, "backspace");
    update(&mut app, Msg::Paste("11".to_owned()));
    assert!(press(&mut app, "enter").is_empty());
    assert!(screen(&app).contains("11 is outside 0 to 10"), "{}", screen(&app));
    press(&mut app, "backspace");
    press(&mut app, "backspace");
    update(&mut app, Msg::Paste("2.5".to_owned()));
    let effects = press(&mut app, "enter");
    let [(_, Ask::Score(_, _, ScoreInput::Changed(row)))] = &asks(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(row.get("rate"), Some("2.5"));
}
