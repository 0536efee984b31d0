//! A network that breaks, and writers who meet.

use super::options;
use crate::http_proxy::{HttpProxy, When};
use crate::object::{Place, done};
use netsec::object::Put;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_write_whose_answer_is_lost_is_done() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    for when in [When::BeforeForwarding, When::AfterForwarding, When::MidAnswer] {
        proxy.cut(1, when);
        let first = done(place.store.put_if_absent("a", b"one").await.unwrap());
        proxy.cut(1, when);
        let second = done(place.store.put_if_match("a", b"two", &first).await.unwrap());
        assert_eq!(place.text("a").await.as_deref(), Some("two"));
        assert_eq!(place.store.get("a").await.unwrap().unwrap().tag, second);
        place.store.delete("a").await.unwrap();
    }
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_lost_answer_does_not_hide_that_another_one_was_first() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    place.put("a", "theirs").await;
    proxy.cut(1, When::AfterForwarding);
    assert_eq!(place.store.put_if_absent("a", b"ours").await.unwrap(), Put::Refused);
    assert_eq!(place.text("a").await.as_deref(), Some("theirs"));
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn writers_who_meet_try_again() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    proxy.on("PUT", "a").first(3).answer(409, "ConditionalRequestConflict");
    done(place.store.put_if_absent("a", b"x").await.unwrap());
    assert_eq!(proxy.count("PUT", "/a"), 4);
    proxy.on("PUT", "b").answer(409, "ConditionalRequestConflict");
    let error = place.store.put_if_absent("b", b"x").await.unwrap_err();
    assert!(error.chain().join(" ").contains("ConditionalRequestConflict"), "{error}");
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn s3_may_ask_to_slow_down_for_a_while() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    proxy.on("PUT", "a").first(2).answer(503, "SlowDown");
    done(place.store.put_if_absent("a", b"x").await.unwrap());
    proxy.on("GET", "a").first(1).answer(500, "InternalError");
    proxy.on("GET", "a").nth(2).delay(Duration::from_secs(1));
    assert_eq!(place.store.get("a").await.unwrap().unwrap().content, b"x");
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn an_end_that_stays_open_is_told() {
    let proxy = HttpProxy::to_s3();
    let store = proxy.store_with(options());
    proxy.gone_from(1);
    let error = store.put_if_absent("a", b"x").await.unwrap_err();
    assert!(error.to_string().ends_with("it is not known whether a was written"), "{error}");
    proxy.calm();
    // An early attempt may have been carried out, whatever became of the later ones.
    proxy.on("PUT", "b").nth(1).answer(500, "InternalError");
    proxy.on("PUT", "b").answer(403, "AccessDenied");
    let error = store.put_if_absent("b", b"x").await.unwrap_err();
    assert!(error.to_string().contains("s3:PutObject"), "{error}");
    assert!(error.to_string().ends_with("it is not known whether b was written"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_body_that_breaks_is_gone_on_with() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    let content: Vec<u8> = (0..3_000_000_u32).flat_map(|i| i.to_le_bytes()).collect();
    let (file, hash) = place.file("file", &content);
    done(place.store.upload("a", &file, &hash, &|_| {}).await.unwrap());
    proxy.on("GET", "a").first(3).cut(When::MidAnswer);
    let to = place.dir.path().join("to");
    assert_eq!(place.store.download("a", &to, &|_| {}).await.unwrap(), Some(hash));
    assert!(std::fs::read(to).unwrap() == content);
    let ranges: Vec<_> = proxy.requests().iter().filter_map(|seen| seen.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, ["bytes=6000000-", "bytes=9000000-", "bytes=10500000-"]);
    assert!(proxy.requests().iter().all(|seen| seen.header("range").is_none() || seen.header("if-match").is_some()));
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_body_that_breaks_again_and_again_leaves_no_file() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    place.put("a", &"content".repeat(1000)).await;
    proxy.on("GET", "a").cut(When::MidAnswer);
    let to = place.dir.path().join("to");
    let error = place.store.download("a", &to, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("broke"), "{error}");
    assert_eq!(std::fs::read_dir(place.dir.path()).unwrap().count(), 0);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn what_changes_while_it_is_read_is_not_mixed() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    place.put("a", &"content".repeat(1000)).await;
    proxy.on("GET", "a").nth(1).cut(When::MidAnswer);
    proxy.on("GET", "a").nth(2).answer(412, "PreconditionFailed");
    let error = place.store.get("a").await.unwrap_err();
    assert!(error.to_string().contains("was changed while it was read"), "{error}");
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn a_large_upload_survives_lost_parts_and_answers() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    let (file, hash) = place.file("file", &vec![3; 40 << 20]);
    // The first is HEAD, the second begins the upload, parts follow, the last one completes it.
    proxy.cut(4, When::AfterForwarding);
    done(place.store.upload("a", &file, &hash, &|_| {}).await.unwrap());
    place.store.delete("a").await.unwrap();
    proxy.on("POST", "uploadId").nth(1).cut(When::AfterForwarding);
    done(place.store.upload("a", &file, &hash, &|_| {}).await.unwrap());
    assert_eq!(place.store.list("").await.unwrap()[0].size, 40 << 20);
    place.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs S3"]
async fn an_upload_that_fails_or_is_given_up_is_ended() {
    let place = Place::s3();
    let proxy = place.proxy.as_ref().unwrap();
    let (file, hash) = place.file("file", &vec![3; 40 << 20]);
    proxy.on("PUT", "partNumber=2").answer(403, "AccessDenied");
    let error = place.store.upload("a", &file, &hash, &|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("s3:PutObject"), "{error}");
    assert_eq!(proxy.count("DELETE", "uploadId="), 1);
    proxy.calm();
    // Someone else was first, in the end.
    proxy.on("POST", "uploadId=").answer(412, "PreconditionFailed");
    assert_eq!(place.store.upload("a", &file, &hash, &|_| {}).await.unwrap(), Put::Refused);
    assert_eq!(proxy.count("DELETE", "uploadId="), 2);
    proxy.calm();
    // Whoever waited for it goes.
    proxy.on("PUT", "partNumber=3").silent();
    let upload = place.store.upload("a", &file, &hash, &|_| {});
    assert!(tokio::time::timeout(Duration::from_secs(2), upload).await.is_err());
    for _ in 0..100 {
        if proxy.count("DELETE", "uploadId=") == 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(proxy.count("DELETE", "uploadId="), 3);
    assert!(place.keys("").await.is_empty());
    place.end().await;
}
