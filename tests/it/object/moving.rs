//! Files stored and fetched.

use super::{Place, done, on_both};
use netsec::object::Put;
use std::sync::Mutex;

on_both! {
    a_file_comes_back_as_it_was
    a_large_file_tells_how_far_it_is
    a_file_with_another_hash_is_not_stored
    a_file_does_not_replace_another
    a_file_is_not_fetched_over_another
}

/// Content in which every piece differs from the others.
fn content(bytes: usize) -> Vec<u8> {
    (0..bytes / 8 + 1).flat_map(|i| (i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()).take(bytes).collect()
}

async fn a_file_comes_back_as_it_was(place: Place) {
    let content = content(100_001);
    let (file, hash) = place.file("file", &content);
    done(place.store.upload("v/1/model.json", &file, &hash, &|_| {}).await.unwrap());
    assert_eq!(place.other.get("v/1/model.json").await.unwrap().unwrap().content, content);
    let to = place.dir.path().join("to");
    assert_eq!(place.other.download("v/1/model.json", &to, &|_| {}).await.unwrap(), Some(hash));
    assert!(std::fs::read(to).unwrap() == content);
    place.end().await;
}

async fn a_large_file_tells_how_far_it_is(place: Place) {
    let bytes = 40 << 20;
    let content = content(bytes);
    let (file, hash) = place.file("file", &content);
    let told = Mutex::new(Vec::new());
    let tell = |bytes| told.lock().unwrap().push(bytes);
    done(place.store.upload("large", &file, &hash, &tell).await.unwrap());
    let steps = std::mem::take(&mut *told.lock().unwrap());
    assert!(steps.len() >= 3 && steps.is_sorted() && steps.last() == Some(&(bytes as u64)), "{steps:?}");
    assert_eq!(place.store.list("").await.unwrap()[0].size, bytes as u64);

    let to = place.dir.path().join("to");
    assert_eq!(place.other.download("large", &to, &tell).await.unwrap().as_ref(), Some(&hash));
    let steps = std::mem::take(&mut *told.lock().unwrap());
    assert!(steps.len() >= 3 && steps.is_sorted() && steps.last() == Some(&(bytes as u64)), "{steps:?}");
    assert!(std::fs::read(to).unwrap() == content);

    // Once more it is there already; another file of that size is not it.
    done(place.other.upload("large", &file, &hash, &|_| {}).await.unwrap());
    let (other, hash) = place.file("other", &vec![7; bytes]);
    assert_eq!(place.other.upload("large", &other, &hash, &|_| {}).await.unwrap(), Put::Refused);
    place.end().await;
}

async fn a_file_with_another_hash_is_not_stored(place: Place) {
    for bytes in [1000, 20 << 20] {
        let (file, _) = place.file("file", &content(bytes));
        let error = place.store.upload("a", &file, &"0".repeat(64), &|_| {}).await.unwrap_err();
        assert!(error.to_string().contains("has changed since its SHA-256 was taken"), "{error}");
        assert_eq!(place.keys("").await, [""; 0]);
    }
    let missing = place.store.upload("a", &place.dir.path().join("no"), &"0".repeat(64), &|_| {}).await.unwrap_err();
    assert!(missing.to_string().contains("no such file"), "{missing}");
    place.end().await;
}

async fn a_file_does_not_replace_another(place: Place) {
    place.put("a", "there").await;
    let (file, hash) = place.file("file", b"new");
    assert_eq!(place.store.upload("a", &file, &hash, &|_| {}).await.unwrap(), Put::Refused);
    assert_eq!(place.text("a").await.as_deref(), Some("there"));
    let (file, hash) = place.file("same", b"there");
    done(place.store.upload("a", &file, &hash, &|_| {}).await.unwrap());
    place.end().await;
}

async fn a_file_is_not_fetched_over_another(place: Place) {
    place.put("a", "there").await;
    let (file, _) = place.file("file", b"mine");
    let error = place.store.download("a", &file, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    // Nothing is left beside it.
    let beside =
        std::fs::read_dir(place.dir.path()).unwrap().map(|e| e.unwrap().file_name()).filter(|n| n != "objects");
    assert_eq!(beside.collect::<Vec<_>>(), ["file"]);
    place.end().await;
}
