//! Whole runs, what nobody needs any more, and a registry that is away.

use super::cutting::Cutting;
use super::*;
use netsec::registry::{collect, runs, verify};
use netsec::settings::Home;

on_both!(
    a_run_goes_there_and_back_whole
    a_damaged_run_is_not_taken
    only_what_no_entry_needs_is_collected
    production_is_known_while_the_registry_is_away
);

fn nobody(_: u64, _: u64) {}

/// The trained run by its own name in a home of its own.
fn at_home(case: &Case, name: &str) -> (Home, RunDir) {
    let home = Home::locate(Some(&case.place.dir.path().join(name))).unwrap();
    let path = home.runs().join(&trained().id);
    copy(&trained().path, &path);
    (home, RunDir { id: trained().id.clone(), path })
}

async fn a_run_goes_there_and_back_whole(place: Place) {
    let case = Case::new(place);
    let (_, run) = at_home(&case, "home");
    let store = case.place.store.as_ref();
    let pushed = runs::push(store, &run, &nobody).await.unwrap();
    assert!(!pushed.already && pushed.files > 8 && pushed.bytes > 10_000, "{pushed:?}");
    assert!(runs::push(store, &run, &nobody).await.unwrap().already);
    assert_eq!(runs::list(store).await.unwrap(), [run.id.as_str()]);

    let there = Home::locate(Some(&case.place.dir.path().join("other home"))).unwrap();
    let pulled = runs::pull(case.place.other.as_ref(), &there, &run.id[..6], &nobody).await.unwrap();
    assert_eq!((pulled.files, pulled.already), (pushed.files, false));
    assert!(runs::pull(store, &there, &run.id, &nobody).await.unwrap().already);
    let copy = netsec::run::find(&there, &run.id).unwrap();
    let model = |run: &RunDir| std::fs::read(run.model(Family::GradientBoosting)).unwrap();
    assert_eq!(model(&copy), model(&run));
    assert_eq!(copy.state().unwrap(), run.state().unwrap());

    // Annotated since: another state of the run, which does not write over what a colleague has.
    set_threshold(&run, Some(Family::GradientBoosting), Choice::At(0.4)).unwrap();
    assert!(!runs::push(store, &run, &nobody).await.unwrap().already);
    let told = runs::pull(store, &there, &run.id, &nobody).await.unwrap_err();
    assert!(told.to_string().contains("is here already, with other files"), "{told}");
    let told = runs::pull(store, &there, "zz", &nobody).await.unwrap_err();
    assert!(told.to_string().contains("no run in"), "{told}");
    case.place.end().await;
}

async fn a_damaged_run_is_not_taken(place: Place) {
    let case = Case::new(place);
    let (_, run) = at_home(&case, "home");
    let store = case.place.store.as_ref();
    runs::push(store, &run, &nobody).await.unwrap();
    let keys = case.place.keys("runs/").await;
    let file = keys.iter().find(|key| key.contains("/files/")).unwrap();
    let there = Home::locate(Some(&case.place.dir.path().join("other home"))).unwrap();
    overwrite(store, file, b"something else").await;
    let told = runs::pull(store, &there, &run.id, &nobody).await.unwrap_err();
    assert!(told.to_string().contains("has other content than was pushed"), "{told}");
    store.delete(file).await.unwrap();
    let told = runs::pull(store, &there, &run.id, &nobody).await.unwrap_err();
    assert!(told.to_string().contains("is missing"), "{told}");
    assert!(netsec::run::list(&there).unwrap().rows.is_empty(), "half a run is no run");
    let index = format!("runs/{}/index.json", run.id);
    let text = case.place.text(&index).await.unwrap();
    overwrite(store, &index, text.replace("report.json", "../report.json").as_bytes()).await;
    let told = runs::pull(store, &there, &run.id, &nobody).await.unwrap_err();
    assert!(told.to_string().contains("not the index of this run"), "{told}");
    case.place.end().await;
}

async fn only_what_no_entry_needs_is_collected(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let draft = netsec::registry::Draft::pack(&case.run(0.51), Some(Family::GradientBoosting), case.registry.cache());
    case.registry.register(&draft.unwrap(), "for later", &|_| {}).await.unwrap();
    assert_eq!(collect(&case.registry, false).await.unwrap(), []);
    promote::retire(&case.registry, 2, "a mistake").await.unwrap();
    // Begun just now: it may be under way.
    overwrite(case.place.other.as_ref(), "phishing/versions/3/model.json", b"{}").await;
    let found = collect(&case.registry, true).await.unwrap();
    assert_eq!(found.iter().map(|of| (of.version, of.objects)).collect::<Vec<_>>(), [(2, 6)]);
    assert!(found[0].reason.contains("retired (a mistake)"), "{found:?}");
    let before = case.place.keys("phishing/").await.len();
    assert_eq!(collect(&case.registry, false).await.unwrap(), found);
    assert_eq!(case.place.keys("phishing/").await.len(), before - 6);
    assert_eq!(collect(&case.registry, true).await.unwrap(), []);
    let after = verify(&case.registry, &|_, _| {}).await.unwrap();
    assert_eq!(after.problems, Vec::<String>::new());
    assert_eq!(case.promote(&case.run(0.52), "next").await.unwrap().version, 4, "v2 is not given again");
    case.place.end().await;
}

async fn production_is_known_while_the_registry_is_away(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let cache = case.place.dir.path().join("cache of b");
    let known = open(Arc::clone(&case.place.other), &cache).held(PRODUCTION).await.unwrap();
    let away =
        |name: &str| open(Cutting::new(Arc::clone(&case.place.other), 1, false), &case.place.dir.path().join(name));
    let held = away("cache of b").held(PRODUCTION).await.unwrap();
    let (since, why) = held.since.unwrap();
    assert!(since.starts_with("20") && why.to_string().contains("gone away"), "{since} {why}");
    assert_eq!(held.bundle, known.bundle);
    let told = away("cache of c").held(PRODUCTION).await.unwrap_err();
    assert!(told.to_string().contains("gone away"), "{told}");
    // What is damaged is not used because the registry is away.
    std::fs::write(held.bundle.path().join("schema.yaml"), "x").unwrap();
    let told = away("cache of b").held(PRODUCTION).await.unwrap_err();
    assert!(told.to_string().contains("schema.yaml"), "{told}");
    case.place.end().await;
}
