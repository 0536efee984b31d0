//! Objects that are not what they were.

use super::*;
use netsec::registry::{Verified, verify};

on_both!(
    every_kind_of_damage_is_found_and_refused
    a_swapped_version_is_found_and_refused
    a_changed_ledger_is_found_and_nothing_is_promoted
    a_damaged_champion_leaves_a_way_out
    what_a_lost_race_leaves_is_no_problem
    a_damaged_cache_is_fetched_anew
    a_bundle_of_another_format_is_refused
);

async fn checked(case: &Case) -> Verified {
    verify(&case.registry, &|_, _| {}).await.unwrap()
}

/// What a colleague is told who has nothing of it yet.
async fn refusal(case: &Case, name: &str, version: u32) -> String {
    let error = case.colleague(name).bundle(version).await.map(|_| ()).unwrap_err();
    format!("{error} {}", error.hint_text().unwrap_or_default())
}

const OBJECTS: [&str; 6] =
    ["manifest.yaml", "model.json", "preprocessor.json", "schema.yaml", "report.json", "reference.parquet"];

async fn every_kind_of_damage_is_found_and_refused(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    assert_eq!(checked(&case).await.problems, Vec::<String>::new());
    let store = case.place.other.as_ref();
    for name in OBJECTS {
        let key = format!("phishing/versions/1/{name}");
        let whole = store.get(&key).await.unwrap().unwrap().content;
        let mut corrupt = whole.clone();
        let middle = corrupt.len() / 2;
        corrupt[middle] ^= 1;
        let truncated = &whole[..whole.len() - 1];
        let damaged: [(&str, Option<&[u8]>); 4] =
            [("corrupt", Some(&corrupt)), ("truncated", Some(truncated)), ("empty", Some(b"")), ("missing", None)];
        for (how, content) in damaged {
            store.delete(&key).await.unwrap();
            if let Some(content) = content {
                crate::object::done(store.put_if_absent(&key, content).await.unwrap());
            }
            let found = checked(&case).await;
            assert!(found.problems.iter().any(|p| p.contains("v1")), "{how} {name}: {found:?}");
            let told = refusal(&case, &format!("{how} {name}"), 1).await;
            assert!(told.contains(name), "{how} {name}: {told}");
            assert!(case.registry.verified(1).await.is_err(), "{how} {name}");
        }
        store.delete(&key).await.unwrap();
        crate::object::done(store.put_if_absent(&key, &whole).await.unwrap());
    }
    assert_eq!(checked(&case).await.problems, Vec::<String>::new());
    overwrite(store, "phishing/versions/1/extra.json", b"{}").await;
    assert_eq!(checked(&case).await.problems, ["v1: extra.json does not belong there"]);
    case.place.end().await;
}

async fn a_swapped_version_is_found_and_refused(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    case.promote(&case.run(0.51), "second").await.unwrap();
    let store = case.place.other.as_ref();
    // All of v1 in the place of v2: every hash fits its manifest, and the manifest is not the one that was registered.
    for name in OBJECTS {
        let content = store.get(&format!("phishing/versions/1/{name}")).await.unwrap().unwrap().content;
        overwrite(store, &format!("phishing/versions/2/{name}"), &content).await;
    }
    let found = checked(&case).await;
    assert!(found.problems.len() == 1 && found.problems[0].starts_with("v2: "), "{:?}", found.problems);
    assert!(refusal(&case, "b", 2).await.contains("not what was registered"));
    assert!(case.colleague("b").bundle(1).await.is_ok());
    case.place.end().await;
}

async fn a_changed_ledger_is_found_and_nothing_is_promoted(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    case.promote(&case.run(0.51), "second").await.unwrap();
    let store = case.place.other.as_ref();
    let key = "phishing/ledger/000002.json";
    let whole = store.get(key).await.unwrap().unwrap().content;
    let changed = String::from_utf8(whole.clone()).unwrap().replace(r#""reason": "first""#, r#""reason": "worst""#);
    assert_ne!(changed.as_bytes(), whole);
    overwrite(store, key, changed.as_bytes()).await;
    let b = case.colleague("b");
    let told = promote(&b, &case.run(0.52), "third").await.unwrap_err();
    assert!(told.to_string().contains("000003.json: the entry before it was changed"), "{told}");
    assert!(checked(&case).await.problems[0].contains("000003.json"));
    store.delete(key).await.unwrap();
    let told = case.colleague("c").ledger().await.unwrap_err();
    assert!(told.to_string().contains("entry 2 of the ledger is missing"), "{told}");
    for (content, says) in [("{", "cannot be read"), (r#"{"v": 9}"#, "ledger format 9")] {
        overwrite(store, key, content.as_bytes()).await;
        let told = case.colleague(says).ledger().await.unwrap_err();
        assert!(told.to_string().contains(says), "{told}");
    }
    overwrite(store, key, &whole).await;
    assert_eq!(checked(&case).await.problems, Vec::<String>::new());
    for n in [3, 4] {
        store.delete(&format!("phishing/ledger/00000{n}.json")).await.unwrap();
    }
    // Whoever has read the whole ledger sees it.
    let told = case.registry.ledger().await.unwrap_err();
    assert!(told.to_string().contains("the ledger has become shorter"), "{told}");
    case.place.end().await;
}

async fn a_damaged_champion_leaves_a_way_out(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    case.promote(&case.run(0.51), "second").await.unwrap();
    overwrite(case.place.other.as_ref(), "phishing/versions/2/model.json", b"{}").await;
    let b = case.colleague("b");
    let told = consider(&b, &case.run(0.52)).await.unwrap_err();
    assert!(told.to_string().contains("the champion, v2, cannot be held against"), "{told}");
    assert!(told.hint_text().unwrap().contains("rollback"), "{:?}", told.hint_text());
    assert_eq!(promote::rollback(&b, PRODUCTION, None, "v2 is damaged", &|_| {}).await.unwrap().version, 1);
    assert_eq!(promote(&b, &case.run(0.52), "third").await.unwrap().version, 3);
    let told = promote::rollback(&b, PRODUCTION, Some(2), "back", &|_| {}).await.unwrap_err();
    assert!(told.to_string().contains("model.json"), "{told}");
    case.place.end().await;
}

async fn what_a_lost_race_leaves_is_no_problem(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let claim = case.place.text("phishing/versions/1/claim.json").await.unwrap();
    let other = claim.replace(r#""digest":""#, r#""digest":"0"#);
    overwrite(case.place.other.as_ref(), "phishing/versions/2/claim.json", other.as_bytes()).await;
    let found = checked(&case).await;
    assert_eq!(found.problems, Vec::<String>::new());
    assert!(found.leftovers.len() == 1 && found.leftovers[0].contains("v2: never completed"), "{found:?}");
    assert_eq!(case.registry.overview().await.unwrap().unfinished.len(), 1);
    assert_eq!(case.promote(&case.run(0.51), "next").await.unwrap().version, 3, "the number is taken");
    case.place.end().await;
}

async fn a_damaged_cache_is_fetched_anew(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let held = case.registry.held(PRODUCTION).await.unwrap();
    std::fs::write(held.bundle.path().join("model.json"), "{}").unwrap();
    assert!(netsec::registry::Bundle::open(held.bundle.path()).is_err());
    let again = case.registry.held(PRODUCTION).await.unwrap();
    assert_eq!(again.bundle, held.bundle);
    again.bundle.predictor().unwrap();
    case.place.end().await;
}

async fn a_bundle_of_another_format_is_refused(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "first").await.unwrap();
    let into = case.place.dir.path().join("pulled");
    let bundle = case.registry.pull(1, &into).await.unwrap();
    assert_eq!(bundle.path(), into);
    assert!(case.registry.pull(1, &into).await.unwrap_err().to_string().contains("is there already"));
    let path = into.join("manifest.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    for (changed, says) in [
        (text.replacen("v: 1\n", "v: 2\n", 1), "bundle format 2"),
        (text.clone() + "command: rm\n", "unknown field"),
        (text.replace("model.json:", "model.py:"), "does not name the files"),
        (text.replacen("threshold: 0.5", "threshold: none", 1), "threshold"),
    ] {
        std::fs::write(&path, changed).unwrap();
        let told = netsec::registry::Bundle::open(&into).unwrap_err();
        assert!(told.chain().join(" ").contains(says), "{says}: {:?}", told.chain());
    }
    case.place.end().await;
}
