//! Objects found, and read.

use super::{Place, on_both};

on_both! {
    what_is_not_there_is_none
    objects_are_listed_in_the_order_of_their_keys
    names_are_those_with_objects_below
    odd_but_legal_keys_are_kept_apart
    keys_that_lead_elsewhere_are_refused
}

async fn what_is_not_there_is_none(place: Place) {
    assert_eq!(place.store.get("a/b").await.unwrap(), None);
    assert!(place.keys("").await.is_empty());
    assert!(place.store.names("").await.unwrap().is_empty());
    assert!(place.store.names("a/").await.unwrap().is_empty());
    let to = place.dir.path().join("to");
    assert_eq!(place.store.download("a/b", &to, &|_| {}).await.unwrap(), None);
    assert!(!to.exists());
    place.store.delete("a/b").await.unwrap();
    place.put("a/b", "x").await;
    // One that goes on behind it is another key.
    assert_eq!(place.store.get("a/b/c").await.unwrap(), None);
    place.end().await;
}

async fn objects_are_listed_in_the_order_of_their_keys(place: Place) {
    for key in ["b/2", "b/10", "b-c", "b/1/x", "a"] {
        place.put(key, key).await;
    }
    assert_eq!(place.keys("").await, ["a", "b-c", "b/1/x", "b/10", "b/2"]);
    assert_eq!(place.keys("b/").await, ["b/1/x", "b/10", "b/2"]);
    assert_eq!(place.keys("b/1").await, ["b/1/x", "b/10"]);
    assert_eq!(place.keys("b").await, ["b-c", "b/1/x", "b/10", "b/2"]);
    assert!(place.keys("c/").await.is_empty());
    let listed = place.store.list("b/1/").await.unwrap();
    assert_eq!((listed.len(), listed[0].size), (1, 5));
    let at = chrono::DateTime::parse_from_rfc3339(&listed[0].at).unwrap();
    let age = chrono::Utc::now().signed_duration_since(at).num_seconds();
    assert!((-5..120).contains(&age), "{}", listed[0].at);
    place.end().await;
}

async fn names_are_those_with_objects_below(place: Place) {
    for key in ["models/b/1/x", "models/b/2/x", "models/a/x", "models/c", "top"] {
        place.put(key, key).await;
    }
    assert_eq!(place.store.names("").await.unwrap(), ["models"]);
    assert_eq!(place.store.names("models/").await.unwrap(), ["a", "b"]);
    assert_eq!(place.store.names("models/b/").await.unwrap(), ["1", "2"]);
    place.end().await;
}

async fn odd_but_legal_keys_are_kept_apart(place: Place) {
    let keys = ["a=b", "a%20b", "a%2Fb/c", "A", "a", "_", "-", "0", "x..y", "z.", "a--", &"l".repeat(200)];
    for key in keys {
        place.put(key, key).await;
    }
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    assert_eq!(place.keys("").await, sorted);
    for key in keys {
        assert_eq!(place.text(key).await.as_deref(), Some(key));
    }
    assert_eq!(place.store.names("").await.unwrap(), ["a%2Fb"]);
    place.end().await;
}

async fn keys_that_lead_elsewhere_are_refused(place: Place) {
    for key in ["", "/a", "a/", "a//b", "..", "../a", "a/../b", ".", ".lock", "a/.tmp-x", "a b", "ä", "a\\b"] {
        assert!(place.store.get(key).await.is_err(), "{key:?}");
        assert!(place.store.put_if_absent(key, b"x").await.is_err(), "{key:?}");
        assert!(place.store.delete(key).await.is_err(), "{key:?}");
    }
    for prefix in ["/", "..", "../", "a//", ".a", "a/.b"] {
        assert!(place.store.list(prefix).await.is_err(), "{prefix:?}");
        assert!(place.store.names(prefix).await.is_err(), "{prefix:?}");
    }
    assert!(place.keys("").await.is_empty());
}
