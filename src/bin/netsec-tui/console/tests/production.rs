//! What the Predict and Drift screens say of the version in production.

use super::super::app::{App, Screen};
use super::super::load::Load;
use super::super::msg::predict::{Answer, Ask, ModelInfo, Source};
use super::super::msg::{self, Effect, JobId, Msg};
use super::super::update::{go, update};
use super::fake::{self, World};
use super::screens::{full, press_all, snapshots, with};
use super::{press, screen};
use netsec::predict::{Release, Sample};

fn release(version: u32) -> Release {
    Release { name: "phishing".to_owned(), version, alias: Some("production".to_owned()), manifest: "ab".repeat(32) }
}

/// The model of the fake run, as a version.
fn version(n: u32) -> ModelInfo {
    ModelInfo { release: Some(release(n)), families: vec![fake::model().family], ..fake::model() }
}

/// The Predict screen with a model, before the first row.
fn ready(width: u16, height: u16, model: ModelInfo) -> (App, World) {
    let mut world = full();
    let mut app = with(&mut world, width, height);
    press_all(&mut app, &mut world, &["6"]);
    app.predict.model.load = Load::Ready(Box::new(model));
    (app, world)
}

fn scored(width: u16, height: u16, model: ModelInfo) -> (App, World) {
    let (mut app, mut world) = ready(width, height, model);
    update(&mut app, Msg::Paste("-1,0,1,1,1,-1".to_owned()));
    press_all(&mut app, &mut world, &["enter"]);
    (app, world)
}

fn asks(effects: &[Effect]) -> Vec<(JobId, Ask)> {
    let of = |effect: &Effect| match effect {
        Effect::Predict(job, ask) => Some((*job, ask.clone())),
        _ => None,
    };
    effects.iter().filter_map(of).collect()
}

fn done(app: &mut App, job: JobId, model: ModelInfo) -> Vec<Effect> {
    update(app, Msg::Done(job, msg::Answer::Predict(Answer::Model(Ok(Box::new(model))))))
}

#[test]
fn the_version_that_scores_is_named() {
    snapshots("predict_production", |w, h| scored(w, h, version(4)).0);
    snapshots("predict_production_empty", |w, h| {
        let note = "the registry cannot be reached (s3://models does not answer): v4 was in production 2 h ago";
        ready(w, h, ModelInfo { note: Some(note.to_owned()), ..version(4) }).0
    });
    snapshots("predict_production_sample", |w, h| {
        let sample = Some(Sample { vectors: 50_000, of: 1_200_000 });
        scored(w, h, ModelInfo { sample, ..version(4) }).0
    });
}

#[test]
fn what_is_in_production_is_asked_again_and_the_same_model_keeps_its_verdict() {
    let (mut app, _) = scored(80, 24, version(4));
    go(&mut app, Screen::Runs);
    let [(job, Ask::Model(None, None))] = asks(&go(&mut app, Screen::Predict))[..] else { panic!() };
    assert!(done(&mut app, job, version(4)).is_empty());
    assert!(app.predict.scored.ready().is_some());
    go(&mut app, Screen::Runs);
    let [(job, Ask::Model(None, None))] = asks(&go(&mut app, Screen::Predict))[..] else { panic!() };
    let next = asks(&done(&mut app, job, version(5)));
    assert!(matches!(&next[..], [(_, Ask::Score(Source::Version(name, 5), ..))] if name == "phishing"), "{next:?}");
}

#[test]
fn behind_the_oldest_run_comes_what_is_in_production() {
    let (mut app, _) = ready(80, 24, version(4));
    let job = app.job();
    app.predict.model.refresh(job, app.now);
    done(&mut app, job, version(4));
    press(&mut app, "esc");
    assert!(asks(&press(&mut app, "f")).is_empty());
    assert!(screen(&app).contains("phishing v4 (run 7f3a21) is one model"), "{}", screen(&app));
    for wanted in [Some(fake::RUN), Some("aa12beaa0003"), None] {
        let effects = press(&mut app, "m");
        let [(job, Ask::Model(source, None))] = &asks(&effects)[..] else { panic!("{effects:?}") };
        assert_eq!(*source, wanted.map(|id| Source::Run(id.to_owned())));
        let model = match wanted {
            Some(id) => ModelInfo { run: id.to_owned(), ..fake::model() },
            None => version(4),
        };
        done(&mut app, *job, model);
    }
}

#[test]
fn a_report_is_stale_once_another_version_is_in_production() {
    use msg::drift::{Answer, Ask};
    let mut world = full();
    let mut app = with(&mut world, 80, 24);
    press_all(&mut app, &mut world, &["2"]);
    let name = app.drift.live.ready().unwrap().report.reference.name.clone();
    for (found, is_stale) in [(Some("phishing v4".to_owned()), true), (Some(name), false)] {
        go(&mut app, Screen::Runs);
        let effects = go(&mut app, Screen::Drift);
        let [Effect::Drift(job, Ask::Production)] = &effects[..] else { panic!("{effects:?}") };
        update(&mut app, Msg::Done(*job, msg::Answer::Drift(Answer::Production(found))));
        assert_eq!(screen(&app).contains("there is a new champion"), is_stale, "{}", screen(&app));
    }
}
