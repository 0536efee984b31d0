use super::*;
use crate::event::{Event, Family};
use crate::run::trash::{discard, empty, older_than, restore, trashed};
use crate::run::{Journal, Notes, Retag};
use crate::training::Training;

/// A home with runs: two finished ones, the second one newer, and an interrupted one.
struct Place {
    home: Home,
    _dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path())).unwrap();
        let place = Self { home, _dir: dir };
        for (day, finished) in [(1, true), (2, true), (3, false)] {
            place.add(&format!("{day}aaa0000000{day}"), day, finished);
        }
        place
    }

    fn add(&self, id: &str, day: u32, finished: bool) -> RunDir {
        let dir = RunDir { id: id.to_owned(), path: self.home.runs().join(id) };
        std::fs::create_dir_all(&dir.path).unwrap();
        let training = Training::load(None).unwrap();
        dir.write_manifest(&Manifest {
            store: None,
            v: 1,
            run: id.to_owned(),
            started_at: format!("2026-11-{day:02}T09:00:00.000Z"),
            user: "ana".to_owned(),
            host: "host-1".to_owned(),
            version: "0.1.0".to_owned(),
            database: "netsec".to_owned(),
            collection: "NetworkData".to_owned(),
            window: Default::default(),
            resampling: None,
            schema_hash: String::new(),
            data_hash: None,
            seed: 1,
            folds: 3,
            salt: "netsec-1".to_owned(),
            holdout: 0.2,
            imputation: training.imputation.clone(),
            calibration: training.calibration.clone(),
            quality: Default::default(),
            accepted_by: None,
            space: "quick".to_owned(),
            search: training.search("quick", &[], 1).unwrap(),
        })
        .unwrap();
        let journal = Journal::open(&dir.journal()).unwrap().0;
        journal.append(Event::RunStarted { families: vec![Family::Knn], folds: 3 }).unwrap();
        if finished {
            journal.append(Event::RunFinished { winner: Family::Knn }).unwrap();
        }
        dir
    }

    fn ids(&self, catalog: &mut Catalog) -> Vec<(String, RunStatus)> {
        catalog.list(&self.home).unwrap().rows.into_iter().map(|row| (row.id[..1].to_owned(), row.status)).collect()
    }
}

#[test]
fn runs_are_listed_again_as_they_are() {
    let place = Place::new();
    let mut catalog = Catalog::default();
    use RunStatus::{Cancelled, Finished, Interrupted, Running};
    let one = |id: &str, status| (id.to_owned(), status);
    let list = [one("3", Interrupted), one("2", Finished), one("1", Finished)];
    assert_eq!(place.ids(&mut catalog), list);
    assert_eq!(place.ids(&mut catalog), list);

    // Taken up by a worker, and ended.
    let dir = find(&place.home, "3").unwrap();
    let lock = dir.lock().unwrap();
    assert_eq!(place.ids(&mut catalog)[0].1, Running);
    Journal::open(&dir.journal()).unwrap().0.append(Event::RunCancelled).unwrap();
    drop(lock);
    assert_eq!(place.ids(&mut catalog)[0].1, Cancelled);

    // A note on a finished run is seen, though its journal is not read again.
    find(&place.home, "1").unwrap().set_note(Some("monthly")).unwrap();
    let rows = catalog.list(&place.home).unwrap().rows;
    assert_eq!(rows[2].note.as_deref(), Some("monthly"));
    assert_eq!((rows[2].user(), rows[2].host(), rows[2].winner()), ("ana", "host-1", None));

    // What cannot be read is last, with the reason.
    std::fs::write(dir.file("manifest.yaml"), "v: one").unwrap();
    Journal::open(&dir.journal()).unwrap().0.append(Event::RunCancelled).unwrap();
    let rows = catalog.list(&place.home).unwrap().into_rows();
    let last = rows.last().unwrap();
    assert_eq!((last.id.as_str(), last.collection.as_str()), ("3aaa00000003", "unreadable"));
    assert!(last.failure.as_ref().unwrap().0.contains("manifest.yaml"));
}

#[test]
fn a_deleted_run_can_be_had_back() {
    let place = Place::new();
    let mut catalog = Catalog::default();
    let home = &place.home;
    let dir = find(home, "1").unwrap();
    discard(home, &dir, false).unwrap();
    assert_eq!(place.ids(&mut catalog).len(), 2);
    assert!(find(home, "1").is_err());
    let bin = trashed(home).unwrap();
    assert_eq!((bin.len(), bin[0].what.as_str()), (1, "NetworkData · quick"));
    assert!(bin[0].by.as_ref().unwrap().who.contains('@'));

    // The newest finished run is the champion; a living run is never deleted.
    let champion = find(home, "2").unwrap();
    let e = discard(home, &champion, false).unwrap_err();
    assert!(e.to_string().contains("is the champion") && e.hint_text().unwrap().contains("--force"), "{e}");
    let living = find(home, "3").unwrap();
    let lock = living.lock().unwrap();
    assert!(discard(home, &living, true).unwrap_err().to_string().contains("is running"));
    drop(lock);
    discard(home, &champion, true).unwrap();

    let back = restore(home, "1aaa").unwrap();
    assert_eq!(back, dir);
    assert!(!back.file("trashed.yaml").exists());
    assert!(restore(home, "1aaa").unwrap_err().to_string().contains("no deleted run"));

    // A run of the same id is not written over.
    discard(home, &back, true).unwrap();
    place.add("1aaa00000001", 1, true);
    assert!(restore(home, "1").unwrap_err().to_string().contains("is there already"));
    assert!(discard(home, &back, true).unwrap_err().to_string().contains("is there already"));
    assert!(!back.file("trashed.yaml").exists());
    assert_eq!(place.ids(&mut catalog).len(), 2);

    // Removed for good by age, then all; what somebody else had begun to remove goes too.
    assert_eq!(older_than(home, Some(1)).unwrap(), []);
    assert_eq!(older_than(home, Some(0)).unwrap().len(), 2);
    let root = home.runs().join(".trash");
    std::fs::create_dir(root.join(".going-ffff")).unwrap();
    empty(home, &older_than(home, None).unwrap()).unwrap();
    assert_eq!(std::fs::read_dir(root).unwrap().count(), 0);
    assert_eq!(place.ids(&mut catalog).len(), 2, "runs outside the trash are left alone");
}

#[test]
fn notes_and_tags_are_kept_by_field() {
    let place = Place::new();
    let dir = find(&place.home, "1").unwrap();
    let change = |text: &str| Retag::parse([text]).unwrap();
    // Several analysts at once: no edit of one field undoes another.
    std::thread::scope(|scope| {
        for n in 0..8 {
            let dir = &dir;
            scope.spawn(move || dir.retag(&change(&format!("t{n}"))).unwrap());
        }
        scope.spawn(|| dir.set_note(Some("  one\u{1b}[31m\ntwo ")).unwrap());
    });
    let notes = Notes::read(&dir).unwrap();
    assert_eq!(notes.tags.len(), 8);
    assert_eq!(notes.note.as_ref().unwrap().text, "one[31m\ntwo");
    let first = notes.tags["t1"].clone();
    let notes = dir.retag(&change("+t1 -t0 -none new")).unwrap();
    assert_eq!(notes.tags["t1"], first, "who gave a tag first stays");
    assert_eq!(notes.tags.len(), 8);
    assert!(notes.tags.contains_key("new") && !notes.tags.contains_key("t0"));
    let present: Vec<String> = notes.tags.into_keys().collect();
    let to = Retag::to(&present, "t1 best").unwrap();
    assert_eq!((to.add.as_slice(), to.remove.len()), (&["best".to_owned()][..], 7));

    for word in ["+", "-", "a b|c", "ümlaut!", "_x", &"x".repeat(25)] {
        let parsed = Retag::parse([word]);
        assert!(parsed.is_err_and(|e| e.to_string().contains("is no tag")), "{word}");
    }
    let many: Vec<String> = (0..17).map(|n| format!("m{n}")).collect();
    assert!(dir.retag(&change(&many.join(" "))).unwrap_err().to_string().contains("would have"));
    assert!(dir.set_note(Some(&"x".repeat(2_001))).unwrap_err().hint_text().unwrap().contains("2000"));
    assert_eq!(dir.set_note(Some(" ")).unwrap().note, None);

    // A file that cannot be read is not written over, and the run is listed all the same.
    std::fs::write(dir.notes_file(), "v: 1\nnotes: x\n").unwrap();
    assert!(dir.set_note(Some("x")).is_err());
    let rows = list(&place.home).unwrap().rows;
    assert!(rows[2].note.as_ref().unwrap().contains("notes.yaml, line 2"), "{:?}", rows[2].note);
}
