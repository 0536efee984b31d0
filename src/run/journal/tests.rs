use super::*;

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.jsonl");
    (dir, path)
}

fn note(text: &str) -> Event {
    Event::Noted { text: text.to_owned() }
}

fn texts(events: &[Stamped]) -> Vec<String> {
    events
        .iter()
        .map(|e| match &e.event {
            Event::Noted { text } => text.clone(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn torn_anywhere_it_is_readable_and_goes_on() {
    let (_dir, path) = place();
    let (journal, _) = Journal::open(&path).unwrap();
    for text in ["one", "two", "three"] {
        journal.append(note(text)).unwrap();
    }
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let ends = whole[..cut].iter().filter(|b| **b == b'\n').count();
        // A reader skips the torn end and leaves it alone.
        assert_eq!(Follower::new(path.clone()).poll().unwrap().len(), ends);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), cut as u64);
        // The writer cuts it off.
        let (journal, events) = Journal::open(&path).unwrap();
        assert_eq!(events.len(), ends);
        let next = journal.append(note("next")).unwrap();
        assert_eq!(next.seq, ends as u64);
        let read = Follower::new(path.clone()).poll().unwrap();
        assert_eq!(read.len(), ends + 1);
        assert!(read.iter().enumerate().all(|(i, e)| e.seq == i as u64));
    }
}

#[test]
fn a_follower_sees_each_line_once_also_when_a_torn_end_is_replaced() {
    let (_dir, path) = place();
    let mut follower = Follower::new(path.clone());
    assert!(follower.poll().unwrap().is_empty(), "no journal yet");
    let (journal, _) = Journal::open(&path).unwrap();
    journal.append(note("one")).unwrap();
    assert_eq!(texts(&follower.poll().unwrap()), ["one"]);
    drop(journal);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"v\":1,\"seq\":1,\"at\":\"2026").unwrap();
    assert!(follower.poll().unwrap().is_empty());
    let (journal, _) = Journal::open(&path).unwrap();
    journal.append(note("two, longer than what was torn off so that the file is longer than before")).unwrap();
    journal.append(note("three")).unwrap();
    assert_eq!(follower.poll().unwrap().len(), 2);
    assert!(follower.poll().unwrap().is_empty());
}

#[test]
fn a_newer_version_is_refused_with_the_way_out() {
    let (_dir, path) = place();
    std::fs::write(&path, "{\"v\":2,\"seq\":0,\"happening\":\"unheard of\"}\n").unwrap();
    for error in [Journal::open(&path).err().unwrap(), Follower::new(path.clone()).poll().unwrap_err()] {
        assert!(error.to_string().contains("newer netsec") && error.to_string().contains("line 1"), "{error}");
        assert!(error.hint_text().is_some());
    }
}

#[test]
fn a_damaged_line_is_named() {
    let (_dir, path) = place();
    std::fs::write(&path, "{\"v\":1,\"seq\":0,\"at\":\"x\",\"event\":{\"type\":\"noted\",\"text\":\"a\"}}\nnonsense\n")
        .unwrap();
    let error = Follower::new(path).poll().unwrap_err();
    assert!(error.to_string().contains("line 2"), "{error}");
}

#[test]
fn lines_have_the_documented_form() {
    let (_dir, path) = place();
    let (journal, _) = Journal::open(&path).unwrap();
    let event = Event::FoldScored { family: crate::event::Family::AdaBoost, trial: 3, fold: 1, f1: 0.5, ms: 60 };
    journal.append(event).unwrap();
    let line: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&line["v"], &line["seq"]), (&1.into(), &0.into()));
    assert!(chrono::DateTime::parse_from_rfc3339(line["at"].as_str().unwrap()).is_ok());
    assert_eq!(
        line["event"],
        serde_json::json!({"type": "fold_scored", "family": "adaboost", "trial": 3, "fold": 1, "f1": 0.5, "ms": 60})
    );
}
