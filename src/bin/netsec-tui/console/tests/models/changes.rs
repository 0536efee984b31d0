//! Promotions, rollbacks, retirements and notes, step by step.

use super::super::super::app::{App, Overlay, Screen};
use super::super::super::jobs::State;
use super::super::super::keymap::Context;
use super::super::super::load::Tone;
use super::super::super::msg::models::{Answer, Ask, Challenger};
use super::super::super::msg::{self, Effect, Msg};
use super::super::super::screen::models::change::{Stage, What};
use super::super::super::update::update;
use super::super::fake::{self, World};
use super::super::screens::{full, press_all, snapshots, with};
use super::super::{press, screen};
use super::{answered, shown, type_all};
use netsec::event::Family;
use netsec::promote::{Outcome, Step};

const OUTCOMES: [(&str, Outcome); 6] = [
    ("first", Outcome::First),
    ("better", Outcome::Better),
    ("same", Outcome::NotDistinguishable),
    ("worse", Outcome::Worse),
    ("too_little", Outcome::TooLittleData),
    ("unfit", Outcome::Unfit),
];

/// All that is typed for a promotion up to the name.
const TYPED: &[&str] = &["p", "enter", "enter", "type monthly retrain", "enter", "type NetworkData"];

/// The promotion of a run that was asked for and is not answered.
fn going(width: u16, height: u16) -> (App, Vec<Effect>) {
    let mut world = full();
    let mut app = shown(&mut world, width, height, &["4", "P"]);
    type_all(&mut app, &mut world, &TYPED[1..]);
    let effects = press(&mut app, "enter");
    (app, effects)
}

#[test]
fn looks() {
    for (name, outcome) in OUTCOMES {
        snapshots(&format!("models_gate_{name}"), |w, h| {
            shown(&mut World { outcome: Some(outcome), ..full() }, w, h, &["p", "enter"])
        });
    }
    snapshots("models_gate_loading", |w, h| {
        let mut app = shown(&mut full(), w, h, &["p"]);
        press(&mut app, "enter");
        app.now += chrono::TimeDelta::seconds(7);
        app
    });
    snapshots("models_gate_failed", |w, h| {
        let mut app = shown(&mut full(), w, h, &["p"]);
        let effects = press(&mut app, "enter");
        answered(&mut app, &effects, Answer::Considered(Err(fake::models::unreachable())));
        app
    });
    for (name, keys) in [
        ("alias", &["p", "j"][..]),
        ("reason", &["p", "enter", "enter", "type monthly"]),
        ("reason_missing", &["p", "enter", "enter", "enter"]),
        ("name", TYPED),
        ("name_wrong", &["p", "enter", "enter", "type monthly retrain", "enter", "type Network", "enter"]),
        ("rollback", &["b"]),
        ("rollback_name", &["b", "type false alarms", "enter"]),
        ("rollback_done", &["b", "type false alarms", "enter", "type NetworkData", "enter"]),
        ("retire", &["j", "j", "R"]),
        ("annotate", &["n", "type see ticket 4711"]),
    ] {
        snapshots(&format!("models_{name}"), |w, h| shown(&mut full(), w, h, keys));
    }
    let worse = || World { outcome: Some(Outcome::Worse), ..full() };
    for (name, keys) in [
        ("override", &["p", "enter", "O", "type the old pages"][..]),
        ("override_name", &["p", "enter", "O", "type the old pages", "enter", "type monthly retrain", "enter"]),
    ] {
        snapshots(&format!("models_{name}"), |w, h| shown(&mut worse(), w, h, keys));
    }
    for (name, step) in [
        ("gate", Step::Gate),
        ("upload", Step::Upload(1_234_567, 4_100_000)),
        ("verify", Step::Verify),
        ("record", Step::Record),
    ] {
        snapshots(&format!("models_going_{name}"), |w, h| {
            let (mut app, effects) = going(w, h);
            answered(&mut app, &effects, Answer::Step(step));
            app
        });
    }
    snapshots("models_going_left", |w, h| {
        let (mut app, effects) = going(w, h);
        answered(&mut app, &effects, Answer::Step(Step::Upload(1_234_567, 4_100_000)));
        press(&mut app, "esc");
        app.notice = None;
        app
    });
    snapshots("models_done", |w, h| {
        let (mut app, effects) = going(w, h);
        full().answer(&mut app, effects);
        app
    });
    snapshots("models_conflict", |w, h| {
        let (mut app, effects) = going(w, h);
        answered(&mut app, &effects, Answer::Changed(Err(fake::models::conflict())));
        app
    });
}

#[test]
fn a_challenger_takes_the_place_of_the_champion() {
    let mut world = full();
    let mut app = shown(&mut world, 80, 24, &["p"]);
    assert_eq!(app.focus(), Context::Aliases);
    let effects = press(&mut app, "enter");
    assert!(
        matches!(&effects[..], [Effect::Models(_, Ask::Consider(Challenger::Version(5), alias))] if alias == "production"),
        "{effects:?}"
    );
    let Effect::Models(judged, _) = effects[0].clone() else { panic!() };
    assert!(press(&mut app, "enter").is_empty(), "it is asked once");
    world.answer(&mut app, effects);
    assert!(screen(&app).contains("= Not distinguishable"), "{}", screen(&app));
    type_all(&mut app, &mut world, &["enter", "enter"]);
    assert!(screen(&app).contains("a reason is required"), "{}", screen(&app));
    type_all(&mut app, &mut world, &["type monthly retrain", "enter", "type production", "enter"]);
    assert!(screen(&app).contains("that is another name"), "{}", screen(&app));
    type_all(&mut app, &mut world, &["ctrl-u", "type NetworkData"]);
    let effects = press(&mut app, "enter");
    let [Effect::Models(job, Ask::Promote { judged: asked, reason, overridden: None })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((*asked, reason.as_str()), (judged, "monthly retrain"));
    assert!(press(&mut app, "enter").is_empty(), "it is done once");
    // It goes on while other things are looked at.
    let job = *job;
    press(&mut app, "esc");
    press(&mut app, "1");
    answered(&mut app, &effects, Answer::Step(Step::Upload(41_000, 82_000)));
    assert_eq!(app.jobs.list.last().unwrap().progress, (41_000, Some(82_000)));
    assert_eq!(app.jobs.list.last().unwrap().what, "promote v5 to production");
    let again = update(
        &mut app,
        Msg::Done(
            job,
            msg::Answer::Models(Answer::Changed(Ok(fake::models::promoted("production", "monthly retrain")))),
        ),
    );
    assert!(matches!(again[..], [Effect::Models(_, Ask::Read)]), "{again:?}");
    assert_eq!(app.jobs.list.last().unwrap().state, State::Done);
    assert!(screen(&app).contains("✓ v6 is in production: ledger entry 000014"), "{}", screen(&app));
}

#[test]
fn a_refusal_yields_only_to_a_reason_of_its_own() {
    let mut world = World { outcome: Some(Outcome::Worse), ..full() };
    let mut app = shown(&mut world, 80, 24, &["p", "enter", "enter"]);
    assert_eq!(app.notice.as_ref().unwrap().tone, Tone::Warn);
    assert_eq!(app.models.change.as_ref().unwrap().stage, Stage::Judged);
    type_all(&mut app, &mut world, &["O", "enter"]);
    assert_eq!(app.models.change.as_ref().unwrap().stage, Stage::Override, "a reason of its own is required");
    type_all(&mut app, &mut world, &["type old pages", "enter", "type monthly", "enter", "type NetworkData"]);
    let effects = press(&mut app, "enter");
    assert!(
        matches!(&effects[..], [Effect::Models(_, Ask::Promote { reason, overridden: Some(why), .. })]
            if reason == "monthly" && why == "old pages"),
        "{effects:?}"
    );

    // Given up on the way, nothing is overridden.
    let mut app = shown(&mut world, 80, 24, &["p", "enter", "O", "type old pages", "enter", "esc", "esc"]);
    assert_eq!(app.models.change.as_ref().unwrap().stage, Stage::Judged);
    // What was packed is forgotten with it.
    assert!(matches!(press(&mut app, "esc")[..], [Effect::Stop(_)]));
    assert!(app.models.change.is_none());
}

#[test]
fn a_gate_that_is_asked_can_be_left_and_asked_again() {
    let mut world = full();
    let mut app = shown(&mut world, 80, 24, &["p"]);
    let effects = press(&mut app, "enter");
    assert!(app.pulse().is_some_and(|pulse| pulse.as_millis() == 250));
    let Effect::Models(job, _) = effects[0] else { panic!() };
    assert!(matches!(press(&mut app, "esc")[..], [Effect::Stop(stopped)] if stopped == job));
    world.answer(&mut app, effects);
    assert_eq!(app.focus(), Context::Aliases, "its answer comes too late");
    press_all(&mut app, &mut world, &["j", "enter"]);
    assert_eq!(app.models.change.as_ref().unwrap().alias, "staging");
    let effects = press(&mut app, "p");
    assert!(matches!(effects[..], [Effect::Stop(_), Effect::Models(_, Ask::Consider(..))]), "{effects:?}");
}

#[test]
fn whoever_comes_second_is_told_who_was_first() {
    let (mut app, effects) = going(80, 24);
    let again = answered(&mut app, &effects, Answer::Changed(Err(fake::models::conflict())));
    assert!(matches!(again[..], [Effect::Models(_, Ask::Read)]), "what is shown is old now");
    let text = screen(&app);
    assert!(text.contains("user-b@ip-10-0-1-9 promoted v6") && text.contains("ask the gate again"), "{text}");
    press(&mut app, "enter");
    assert!(matches!(&app.overlay, Some(Overlay::Reason(notice)) if notice.chain.len() > 1));
    press(&mut app, "esc");
    // The reason needs not be typed again, the gate does need to be asked.
    let effects = press(&mut app, "p");
    assert!(matches!(effects.last(), Some(Effect::Models(_, Ask::Consider(..)))), "{effects:?}");
    full().answer(&mut app, effects);
    press(&mut app, "enter");
    assert_eq!(app.models.change.as_ref().unwrap().reason.text(), "monthly retrain");
}

#[test]
fn a_finished_run_is_a_challenger_too() {
    let mut world = full();
    let mut app = with(&mut world, 80, 24);
    press_all(&mut app, &mut world, &["4", "P"]);
    assert_eq!((app.screen, app.focus()), (Screen::Models, Context::Aliases));
    let what = app.models.change.as_ref().unwrap().what.clone();
    assert_eq!(what, What::Promote(Challenger::Run(fake::RUN.to_owned(), None)));
    press_all(&mut app, &mut world, &["esc", "4", "enter", "j", "P"]);
    let what = app.models.change.as_ref().unwrap().what.clone();
    assert_eq!(what, What::Promote(Challenger::Run(fake::RUN.to_owned(), Some(Family::RandomForest))));
    // One that is not finished is none.
    press_all(&mut app, &mut world, &["esc", "4", "esc", "G", "P"]);
    assert_eq!(app.screen, Screen::Runs, "{}", screen(&app));
    assert!(app.notice.as_ref().unwrap().headline.contains("only a finished run"));
}

#[test]
fn a_rollback_leads_to_the_version_before_or_the_selected_one() {
    let mut world = full();
    let mut app = shown(&mut world, 80, 24, &["b"]);
    let of = |app: &App| app.models.change.as_ref().map(|change| (change.alias.clone(), change.what.clone()));
    assert_eq!(of(&app), Some(("production".to_owned(), What::Rollback { from: 4, to: 2 })));
    type_all(&mut app, &mut world, &["type false alarms", "enter", "type NetworkData"]);
    let effects = press(&mut app, "enter");
    assert!(
        matches!(&effects[..], [Effect::Models(_, Ask::Rollback { alias, to: 2, reason })]
            if alias == "production" && reason == "false alarms"),
        "{effects:?}"
    );
    world.answer(&mut app, effects);
    assert!(screen(&app).contains("production is back on v2: ledger entry 000014"), "{}", screen(&app));
    // Another version that has been in production.
    let app = shown(&mut world, 80, 24, &["j", "j", "j", "j", "b"]);
    assert_eq!(of(&app), Some(("production".to_owned(), What::Rollback { from: 4, to: 1 })));
    // Where somebody was faster nothing is done.
    let mut app = shown(&mut world, 80, 24, &["b", "type why", "enter", "type NetworkData"]);
    let mut overview = fake::models::overview();
    overview.ledger.entries.truncate(10);
    app.models.overview.load = super::super::super::load::Load::Ready(Box::new(overview));
    assert!(press(&mut app, "enter").is_empty());
    assert!(screen(&app).contains("production was moved meanwhile: it is on v2"), "{}", screen(&app));
}

#[test]
fn versions_are_retired_and_annotated() {
    let mut world = full();
    let mut app = shown(&mut world, 80, 24, &["R"]);
    assert!(app.notice.as_ref().unwrap().headline.contains("v5 is in staging"));
    type_all(&mut app, &mut world, &["j", "j", "R", "type cannot be read", "enter", "type v3"]);
    let effects = press(&mut app, "enter");
    assert!(matches!(&effects[..], [Effect::Models(_, Ask::Retire(3, why))] if why == "cannot be read"), "{effects:?}");
    world.answer(&mut app, effects);
    assert!(screen(&app).contains("v3 is retired: ledger entry 000014"), "{}", screen(&app));
    type_all(&mut app, &mut world, &["enter", "n", "type watched"]);
    let effects = press(&mut app, "enter");
    assert!(matches!(&effects[..], [Effect::Models(_, Ask::Annotate(_, text))] if text == "watched"), "{effects:?}");
    // A retired one is not promoted, an unfinished one has nothing to promote.
    for (keys, told) in [(&["j", "j", "j", "j", "p"][..], "v1 is retired"), (&["G", "p"], "v6 is not complete")] {
        let app = shown(&mut world, 80, 24, keys);
        assert!(app.notice.as_ref().unwrap().headline.contains(told));
        assert!(app.models.change.is_none());
    }
}

#[test]
fn a_read_only_console_changes_nothing() {
    let mut world = full();
    for keys in [&["p"][..], &["b"], &["j", "j", "R"], &["n"], &["4", "P"]] {
        let mut app = shown(&mut world, 80, 24, &[]);
        app.around.read_only = true;
        press_all(&mut app, &mut world, keys);
        assert!(app.models.change.is_none(), "{keys:?}");
        assert!(app.notice.as_ref().unwrap().headline.contains("read-only"), "{keys:?}");
    }
    let asks = [
        Ask::Promote { judged: msg::JobId(1), reason: String::new(), overridden: None },
        Ask::Rollback { alias: String::new(), to: 1, reason: String::new() },
        Ask::Retire(1, String::new()),
        Ask::Annotate(1, String::new()),
    ];
    let why = super::super::super::load::Notice::read_only;
    assert!(asks.into_iter().all(|ask| Effect::Models(msg::JobId(2), ask).refused(why).is_some()));
    assert!(Effect::Models(msg::JobId(2), Ask::Verify).refused(why).is_none());
}

#[test]
fn a_promotion_that_is_stopped_says_so_and_one_change_is_made_at_a_time() {
    let (mut app, effects) = going(80, 24);
    let Effect::Models(job, _) = effects[0] else { panic!() };
    press(&mut app, "esc");
    press(&mut app, "b");
    assert!(app.models.change.as_ref().unwrap().is_going(), "it is not replaced");
    assert!(screen(&app).contains("upload"), "{}", screen(&app));
    press(&mut app, "J");
    press(&mut app, "x");
    let stopped = press(&mut app, "y");
    assert!(matches!(stopped[..], [Effect::Stop(of), Effect::Models(_, Ask::Read)] if of == job), "{stopped:?}");
    press(&mut app, "esc");
    assert!(screen(&app).contains("stopped: promote run 7f3a21 to production"), "{}", screen(&app));
    full().answer(&mut app, effects);
    assert!(app.models.change.as_ref().unwrap().failed().is_some(), "its answer comes too late");
}
