//! Small objects, written on conditions.

use super::{Place, done, on_both};
use netsec::object::{Put, Tag};
use std::sync::Arc;

on_both! {
    what_is_there_is_not_written_over
    only_the_content_of_the_tag_is_written_over
    the_same_content_counts_as_done
    an_object_may_be_empty
    what_was_removed_may_be_written_again
    one_of_many_who_write_at_once_wins
    one_of_many_who_replace_at_once_wins
    counting_together_loses_nothing
}

async fn what_is_there_is_not_written_over(place: Place) {
    let tag = place.put("a/b", "one").await;
    assert_eq!(place.other.put_if_absent("a/b", b"two").await.unwrap(), Put::Refused);
    let there = place.other.get("a/b").await.unwrap().unwrap();
    assert_eq!((there.content.as_slice(), &there.tag), (b"one".as_slice(), &tag));
    place.end().await;
}

async fn only_the_content_of_the_tag_is_written_over(place: Place) {
    let first = place.put("a", "one").await;
    let second = done(place.store.put_if_match("a", b"two", &first).await.unwrap());
    assert_ne!(first, second);
    assert_eq!(place.other.put_if_match("a", b"three", &first).await.unwrap(), Put::Refused);
    assert_eq!(place.text("a").await.as_deref(), Some("two"));
    done(place.other.put_if_match("a", b"three", &second).await.unwrap());
    assert_eq!(place.text("a").await.as_deref(), Some("three"));
    let nothing = place.store.put_if_match("not/there", b"x", &second).await.unwrap();
    assert_eq!((nothing, place.text("not/there").await), (Put::Refused, None));
    place.end().await;
}

async fn the_same_content_counts_as_done(place: Place) {
    let tag = place.put("a", "one").await;
    assert_eq!(done(place.other.put_if_absent("a", b"one").await.unwrap()), tag);
    let stale = Tag("\"stale\"".to_owned());
    assert_eq!(done(place.other.put_if_match("a", b"one", &stale).await.unwrap()), tag);
    place.end().await;
}

async fn an_object_may_be_empty(place: Place) {
    let tag = place.put("empty", "").await;
    assert_eq!(place.text("empty").await.as_deref(), Some(""));
    assert_eq!(place.store.list("").await.unwrap()[0].size, 0);
    done(place.store.put_if_match("empty", b"no more", &tag).await.unwrap());
    let (file, hash) = place.file("file", b"");
    done(place.store.upload("file", &file, &hash, &|_| {}).await.unwrap());
    let to = place.dir.path().join("to");
    assert_eq!(place.other.download("file", &to, &|_| {}).await.unwrap(), Some(hash));
    assert_eq!(std::fs::read(to).unwrap(), b"");
    place.end().await;
}

async fn what_was_removed_may_be_written_again(place: Place) {
    let tag = place.put("a/b/c", "one").await;
    place.put("a/d", "stays").await;
    place.store.delete("a/b/c").await.unwrap();
    place.store.delete("a/b/c").await.unwrap();
    assert_eq!(place.keys("").await, ["a/d"]);
    assert_eq!(place.store.put_if_match("a/b/c", b"two", &tag).await.unwrap(), Put::Refused);
    place.put("a/b/c", "three").await;
    assert_eq!(place.text("a/b/c").await.as_deref(), Some("three"));
    place.end().await;
}

async fn one_of_many_who_write_at_once_wins(place: Place) {
    let tasks: Vec<_> = (0..32)
        .map(|i| {
            let store = Arc::clone(if i % 2 == 0 { &place.store } else { &place.other });
            tokio::spawn(async move { store.put_if_absent("a/b", format!("task {i}").as_bytes()).await.unwrap() })
        })
        .collect();
    let mut winners = Vec::new();
    for (i, task) in tasks.into_iter().enumerate() {
        winners.extend((task.await.unwrap() != Put::Refused).then_some(i));
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(place.text("a/b").await, Some(format!("task {}", winners[0])));
    place.end().await;
}

async fn one_of_many_who_replace_at_once_wins(place: Place) {
    let tag = place.put("a/b", "begin").await;
    let tasks: Vec<_> = (0..32)
        .map(|i| {
            let (store, tag) = (Arc::clone(if i % 2 == 0 { &place.store } else { &place.other }), tag.clone());
            tokio::spawn(async move { store.put_if_match("a/b", format!("task {i}").as_bytes(), &tag).await.unwrap() })
        })
        .collect();
    let mut winners = Vec::new();
    for (i, task) in tasks.into_iter().enumerate() {
        winners.extend((task.await.unwrap() != Put::Refused).then_some(i));
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(place.text("a/b").await, Some(format!("task {}", winners[0])));
    place.end().await;
}

async fn counting_together_loses_nothing(place: Place) {
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let store = Arc::clone(if i % 2 == 0 { &place.store } else { &place.other });
            tokio::spawn(async move {
                // Each number is one's own: written by another task it would count as done, too.
                for _ in 0..4 {
                    loop {
                        let put = match store.get("n").await.unwrap() {
                            None => store.put_if_absent("n", format!("1 by {i}").as_bytes()).await.unwrap(),
                            Some(there) => {
                                let text = String::from_utf8(there.content).unwrap();
                                let n: u32 = text.split(' ').next().unwrap().parse().unwrap();
                                let next = format!("{} by {i}", n + 1);
                                store.put_if_match("n", next.as_bytes(), &there.tag).await.unwrap()
                            }
                        };
                        if put != Put::Refused {
                            break;
                        }
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(place.text("n").await.unwrap().starts_with("32 by "));
    place.end().await;
}
