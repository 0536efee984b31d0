use super::*;
use std::os::unix::fs::PermissionsExt;

fn place() -> (tempfile::TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = LocalStore::new(dir.path().join("objects"));
    (dir, store)
}

fn below(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_a_killed_writer_left_is_no_object() {
    let (dir, store) = place();
    let Put::Done(tag) = store.put_if_absent("a/b", b"x").await.unwrap() else { panic!() };
    std::fs::write(dir.path().join("objects/a/.tmp-abc"), "torn").unwrap();
    std::fs::create_dir(dir.path().join("objects/empty")).unwrap();
    store.put_if_match("a/b", b"y", &tag).await.unwrap();
    let keys: Vec<_> = store.list("").await.unwrap().into_iter().map(|o| o.key).collect();
    assert_eq!((keys, store.names("").await.unwrap()), (vec!["a/b".to_owned()], vec!["a".to_owned()]));
    assert!(store.names("a/").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_is_no_object() {
    let (_dir, store) = place();
    store.put_if_absent("a/b", b"x").await.unwrap();
    assert_eq!(store.get("a").await.unwrap(), None);
    store.delete("a").await.unwrap();
    assert!(store.put_if_absent("a", b"x").await.is_err());
    assert_eq!(store.get("a/b").await.unwrap().unwrap().content, b"x");
}

#[tokio::test]
async fn the_last_object_takes_its_folders_with_it() {
    let (dir, store) = place();
    let Put::Done(tag) = store.put_if_absent("a/b/c", b"x").await.unwrap() else { panic!() };
    store.put_if_match("a/b/c", b"y", &tag).await.unwrap();
    store.put_if_absent("a/d", b"x").await.unwrap();
    store.delete("a/b/c").await.unwrap();
    assert_eq!(below(&dir.path().join("objects/a")), ["d"]);
    store.delete("a/d").await.unwrap();
    assert_eq!(below(&dir.path().join("objects")), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_and_removers_do_not_get_in_each_others_way() {
    let (_dir, store) = place();
    let tasks: Vec<_> = (0..8)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 0..50 {
                    let key = format!("a/b/{}", i % 4);
                    let put = store.put_if_absent(&key, format!("{i} {round}").as_bytes()).await.unwrap();
                    if let Put::Done(tag) = put {
                        store.put_if_match(&key, b"mine", &tag).await.unwrap();
                    }
                    store.delete(&key).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(store.list("").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_group_can_share_it() {
    let (dir, store) = place();
    let root = dir.path().join("objects");
    std::fs::create_dir(&root).unwrap();
    std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o2770)).unwrap();
    store.put_if_absent("a/b", b"x").await.unwrap();
    let plain = dir.path().join("plain");
    std::fs::write(&plain, "").unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().mode();
    assert_eq!(mode(&root.join("a/b")), mode(&plain), "as any other file");
    assert_eq!(mode(&root.join("a")) & 0o2000, 0o2000, "its folders go on with the group");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("file"), "").unwrap();
    let store = LocalStore::new(dir.path().join("file/objects"));
    assert_eq!(store.get("a").await.unwrap(), None);
    let error = store.put_if_absent("a", b"x").await.unwrap_err();
    assert!(error.to_string().contains("file/objects"), "{error}");
}

#[tokio::test]
async fn a_file_in_its_place_is_no_empty_store() {
    let (dir, store) = place();
    std::fs::write(dir.path().join("objects"), "x").unwrap();
    for told in [store.list("").await.map(|_| ()), store.get("a").await.map(|_| ()), store.delete("a").await] {
        assert!(told.unwrap_err().to_string().contains("is not a directory"));
    }
}
