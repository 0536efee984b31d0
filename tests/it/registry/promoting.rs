//! Registering, promoting, rolling back.

use super::*;
use netsec::promote::Outcome;
use netsec::registry::Action;

on_both!(
    a_first_model_is_promoted_and_found_by_others
    the_same_model_again_gives_its_version
    a_worse_model_is_refused_and_an_override_is_kept
    a_rollback_leads_back_step_by_step
    a_retired_version_stays_out
    a_staging_alias_has_a_life_of_its_own
    a_missing_reason_stops_everything
    a_pointer_that_is_stale_is_put_right
);

async fn a_first_model_is_promoted_and_found_by_others(place: Place) {
    let case = Case::new(place);
    let run = case.run(0.5);
    let considered = case.consider(&run).await.unwrap();
    assert_eq!((considered.judgement.gate.outcome, considered.judgement.champion), (Outcome::First, None));
    assert_eq!(case.place.keys("").await, Vec::<String>::new(), "the gate writes nothing");
    let done = promote::promote(&case.registry, &considered, "the first one", None, &|_| {}).await.unwrap();
    assert_eq!((done.version, done.already, done.notes.len()), (1, false, 0));

    let held = case.colleague("b").held(PRODUCTION).await.unwrap();
    assert!(held.since.is_none());
    assert_eq!((held.entry.reason.as_str(), held.bundle.manifest.run.as_str()), ("the first one", run.id.as_str()));
    let own = netsec::predict::Predictor::load(&run, Some(Family::GradientBoosting)).unwrap();
    let theirs = held.bundle.predictor().unwrap();
    assert_eq!((theirs.hash.as_str(), theirs.threshold()), (own.hash.as_str(), own.threshold()));
    let rows = netsec::pipeline::read_split(&run.file("test.parquet"), &own.schema).unwrap().vectors;
    assert_eq!(theirs.score_vectors(&rows), own.score_vectors(&rows));

    let profile = held.bundle.reference().unwrap();
    assert_eq!(profile.summary.labelled(), run.report().unwrap().unwrap().data.rows);
    let keys = case.place.keys("phishing/").await;
    for wanted in ["aliases/production.json", "ledger/000001.json", "ledger/000002.json", "versions/1/manifest.yaml"] {
        assert!(keys.contains(&format!("phishing/{wanted}")), "{wanted} is not among {keys:?}");
    }
    let pointer: serde_json::Value =
        serde_json::from_str(&case.place.text("phishing/aliases/production.json").await.unwrap()).unwrap();
    assert_eq!((pointer["version"].as_u64(), pointer["entry"].as_u64()), (Some(1), Some(2)));
    case.place.end().await;
}

async fn the_same_model_again_gives_its_version(place: Place) {
    let case = Case::new(place);
    let (run, other) = (case.run(0.5), case.run(0.52));
    case.promote(&run, "first").await.unwrap();
    let before = case.place.keys("").await;
    let again = case.promote(&run, "again").await.unwrap();
    assert_eq!((again.version, again.already, again.entry.reason.as_str()), (1, true, "first"));
    assert_eq!(case.place.keys("").await, before, "nothing is written twice");
    assert_eq!(promote(&case.colleague("b"), &other, "other").await.unwrap().version, 2);
    // Registered and no longer in production: the version it has is promoted again.
    let back = case.promote(&run, "back").await.unwrap();
    assert_eq!((back.version, back.already, back.entry.previous), (1, false, Some(2)));
    assert_eq!(case.registry.overview().await.unwrap().versions.len(), 2);
    case.place.end().await;
}

async fn a_worse_model_is_refused_and_an_override_is_kept(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let before = case.place.keys("").await;
    let considered = case.consider(&case.run(0.97)).await.unwrap();
    let gate = &considered.judgement.gate;
    assert_eq!((gate.outcome, gate.champion), (Outcome::Worse, Some(1)));
    assert!(gate.recall.unwrap().upper < 0.0 && gate.sentence.contains("recall"), "{}", gate.sentence);
    let refused = promote::promote(&case.registry, &considered, "try", None, &|_| {}).await.unwrap_err();
    assert!(refused.hint_text().unwrap().contains("--override"), "{refused}");
    assert_eq!(case.place.keys("").await, before, "a refusal writes nothing");

    let overridden = Some("fewer false alarms are wanted for a day");
    let done = promote::promote(&case.registry, &considered, "quiet day", overridden, &|_| {}).await.unwrap();
    assert_eq!((done.version, done.entry.overridden.as_deref()), (2, overridden));
    assert_eq!(done.entry.gate.as_ref().map(|gate| gate.outcome), Some(Outcome::Worse));
    let back = promote::rollback(&case.registry, PRODUCTION, None, "the day is over", &|_| {}).await.unwrap();
    assert_eq!((back.version, case.production().await), (1, Some(1)));
    case.place.end().await;
}

async fn a_rollback_leads_back_step_by_step(place: Place) {
    let case = Case::new(place);
    for threshold in [0.5, 0.51, 0.52] {
        case.promote(&case.run(threshold), "a step").await.unwrap();
    }
    let back = |to: Option<u32>| promote::rollback(&case.registry, PRODUCTION, to, "back", &|_| {});
    assert_eq!(back(None).await.unwrap().version, 2);
    let done = back(None).await.unwrap();
    assert_eq!((done.version, done.entry.action, done.entry.previous), (1, Action::Rollback, Some(2)));
    let none = back(None).await.unwrap_err();
    assert!(none.to_string().contains("no version before v1"), "{none}");
    // v3 was in production: that way is open too.
    assert_eq!(back(Some(3)).await.unwrap().version, 3);
    let never = back(Some(4)).await.unwrap_err();
    assert!(never.to_string().contains("never on v4"), "{never}");
    assert_eq!(case.production().await, Some(3));
    case.place.end().await;
}

async fn a_retired_version_stays_out(place: Place) {
    let case = Case::new(place);
    let (first, second) = (case.run(0.5), case.run(0.51));
    case.promote(&first, "first").await.unwrap();
    let held = promote::retire(&case.registry, 1, "too old").await.unwrap_err();
    assert!(held.to_string().contains("v1 is in production"), "{held}");
    case.promote(&second, "second").await.unwrap();
    promote::annotate(&case.registry, 1, "seen by the auditors").await.unwrap();
    promote::retire(&case.registry, 1, "too old").await.unwrap();
    for refused in [
        case.promote(&first, "again").await.unwrap_err(),
        promote::rollback(&case.registry, PRODUCTION, None, "back", &|_| {}).await.unwrap_err(),
    ] {
        assert!(refused.to_string().contains("v1 was retired by"), "{refused}");
    }
    let all = case.registry.overview().await.unwrap();
    assert_eq!(all.version(1).unwrap().retired.as_deref(), Some("too old"));
    assert_eq!(all.ledger.entries.len(), 6);
    case.place.end().await;
}

async fn a_staging_alias_has_a_life_of_its_own(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let candidate = Candidate::Run(case.run(0.51), Some(Family::GradientBoosting));
    let considered =
        promote::consider(&case.registry, &candidate, "staging", &Policy::default(), &Stop::new()).await.unwrap();
    assert_eq!(considered.judgement.gate.outcome, Outcome::First);
    promote::promote(&case.registry, &considered, "shadow", None, &|_| {}).await.unwrap();
    let ledger = case.registry.ledger().await.unwrap();
    let holds = |alias: &str| ledger.holder(alias).map(|entry| entry.version);
    assert_eq!((holds(PRODUCTION), holds("staging")), (Some(1), Some(2)));
    // A version of the registry is held against production as its run would be.
    let version =
        promote::consider(&case.registry, &Candidate::Version(2), PRODUCTION, &Policy::default(), &Stop::new())
            .await
            .unwrap();
    let run = case.consider(&case.run(0.51)).await.unwrap();
    assert_eq!(version.judgement.gate, run.judgement.gate);
    let wrong = promote::consider(&case.registry, &candidate, "v3", &Policy::default(), &Stop::new()).await;
    assert!(wrong.unwrap_err().to_string().contains("cannot be an alias"));
    case.place.end().await;
}

async fn a_missing_reason_stops_everything(place: Place) {
    let case = Case::new(place);
    let considered = case.consider(&case.run(0.5)).await.unwrap();
    let error = promote::promote(&case.registry, &considered, " \n ", None, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("the reason is missing"), "{error}");
    assert_eq!(case.place.keys("").await, Vec::<String>::new());
    case.place.end().await;
}

async fn a_pointer_that_is_stale_is_put_right(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let key = "phishing/aliases/production.json";
    let first = case.place.text(key).await.unwrap();
    case.promote(&case.run(0.51), "second").await.unwrap();
    let second = case.place.text(key).await.unwrap();
    overwrite(case.place.other.as_ref(), key, first.as_bytes()).await;
    assert_eq!(case.registry.overview().await.unwrap().stale, ["production"]);
    assert_eq!(case.production().await, Some(2), "the ledger is the truth");
    assert_eq!(netsec::registry::repair(&case.registry).await.unwrap(), ["production"]);
    assert_eq!(case.place.text(key).await, Some(second.clone()));
    // Whoever promotes next puts it right on the way, a pointer that is gone as well.
    case.place.store.delete(key).await.unwrap();
    promote::annotate(&case.registry, 1, "a word").await.unwrap();
    let again = case.promote(&case.run(0.51), "second").await.unwrap();
    assert!(again.already && again.notes[0].contains("production was put right"), "{:?}", again.notes);
    assert_eq!(case.place.text(key).await, Some(second));
    case.place.end().await;
}
