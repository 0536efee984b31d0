//! Many analysts at once.

use super::*;
use netsec::registry::{Action, verify};
use std::collections::BTreeSet;

on_both!(of_32_promoters_one_wins_and_the_others_are_told two_who_register_the_same_model_share_a_version);

/// How many there are.
const ANALYSTS: u32 = 32;

async fn of_32_promoters_one_wins_and_the_others_are_told(place: Place) {
    let case = Case::new(place);
    case.promote(&case.run(0.5), "before all").await.unwrap();
    let mut ready = Vec::new();
    for i in 0..ANALYSTS {
        let registry = case.colleague(&i.to_string());
        let considered = consider(&registry, &case.run(0.5 + 0.001 * f64::from(i + 1))).await.unwrap();
        assert!(considered.judgement.gate.passes());
        ready.push((format!("analyst {i}"), registry, considered));
    }
    let mut promoters = tokio::task::JoinSet::new();
    for (reason, registry, considered) in ready {
        promoters.spawn(async move {
            let done = promote::promote(&registry, &considered, &reason, None, &|_| {}).await;
            (reason, done)
        });
    }
    let (mut won, mut told) = (Vec::new(), 0);
    while let Some(joined) = promoters.join_next().await {
        match joined.unwrap() {
            (reason, Ok(done)) => won.push((reason, done)),
            (_, Err(e)) => {
                assert!(e.to_string().contains("was faster: production is on v"), "{e}");
                told += 1;
            }
        }
    }
    // All were held against v1: whoever comes second was held against another champion than the present one.
    assert_eq!((won.len(), told), (1, 31));
    let (reason, done) = won.pop().unwrap();
    let all = case.registry.overview().await.unwrap();
    let entries = &all.ledger.entries;
    assert_eq!(entries.iter().map(|entry| entry.n).collect::<Vec<_>>(), (1..=entries.len() as u32).collect::<Vec<_>>());
    let of = |action| entries.iter().filter(move |entry| entry.action == action);
    assert_eq!((of(Action::Register).count(), of(Action::Promote).count()), (33, 2));
    let versions: BTreeSet<u32> = of(Action::Register).map(|entry| entry.version).collect();
    assert_eq!(versions.len(), 33, "no version is given twice");
    let last = all.ledger.holder(PRODUCTION).unwrap();
    assert_eq!((last.version, &last.reason), (done.version, &reason));
    assert_eq!(all.stale, Vec::<String>::new());
    let keys = case.place.keys("phishing/ledger/").await;
    assert_eq!(keys.len(), entries.len(), "one object for each entry");
    let found = verify(&case.registry, &|_, _| {}).await.unwrap();
    assert_eq!((found.problems, found.leftovers), (Vec::new(), Vec::new()));
    case.place.end().await;
}

async fn two_who_register_the_same_model_share_a_version(place: Place) {
    let case = Case::new(place);
    let mut analysts = tokio::task::JoinSet::new();
    for i in 0..8 {
        let registry = case.colleague(&i.to_string());
        let considered = consider(&registry, &case.run(0.5)).await.unwrap();
        analysts.spawn(async move { promote::promote(&registry, &considered, &format!("{i}"), None, &|_| {}).await });
    }
    let done: Vec<Promoted> = analysts.join_all().await.into_iter().map(Result::unwrap).collect();
    assert!(done.iter().all(|done| done.version == 1));
    assert_eq!(done.iter().filter(|done| !done.already).count(), 1);
    assert_eq!(case.registry.ledger().await.unwrap().entries.len(), 2);
    case.place.end().await;
}
