//! What belongs to the table of runs, through the binary: filters, notes, tags, exports and the trash.

use crate::support::{Home, text};

fn ids(value: &serde_json::Value) -> Vec<&str> {
    value["runs"].as_array().unwrap().iter().map(|run| run["run"].as_str().unwrap()).collect()
}

#[test]
fn runs_are_filtered_noted_exported_and_deleted() {
    let home = Home::new().with_sample(800);
    assert_eq!(home.ok(&["runs"]), "no runs yet; netsec-tui train makes one\n");
    assert_eq!(home.ok(&["trash", "--list"]), "the trash is empty\n");
    let train = |args: &[&str]| home.json(&[&["train"], args].concat())["run"].as_str().unwrap().to_owned();
    let first = train(&["--family", "decision_tree"]);
    let second = train(&["--family", "knn", "--seed", "2"]);
    let stopped = train(&["--family", "knn", "--seed", "3", "--until", "ingest"]);

    // Filters and order.
    let list = |args: &[&str]| home.json(&[&["runs"], args].concat());
    assert_eq!(ids(&list(&[])), [&stopped, &second, &first]);
    assert_eq!(ids(&list(&["--filter", "status=finished"])), [&second, &first]);
    assert_eq!(ids(&list(&["--filter", "family=dt f1>.1"])), [&first]);
    assert_eq!(ids(&list(&["--filter", "!status=finished seed=3"])), [&stopped]);
    assert_eq!(ids(&list(&["--sort", "seed", "--limit", "2"])), [&first, &second]);
    let groups = list(&["--group", "status", "--columns", "id"]);
    assert_eq!(groups["group_by"], "status");
    assert_eq!(groups["groups"][1]["group"], "finished");
    assert_eq!(groups["groups"][0]["runs"], serde_json::json!([{"run": stopped}]));
    let (code, error) = home.fails(&["runs", "--filter", "seed=1 f2>.9"]);
    assert_eq!(code, 1);
    assert!(error.contains("at character 8: unknown field \"f2\"") && error.contains("one of id, started"), "{error}");
    assert!(home.fails(&["runs", "--group", "seed"]).1.contains("one of family, collection"));

    // Notes and tags.
    assert_eq!(home.ok(&["note", &first]), format!("run {first} has no note\n"));
    let told = home.json(&["note", &first, "monthly | first"]);
    assert_eq!(told["note"]["text"], "monthly | first");
    assert!(told["note"]["who"].as_str().unwrap().starts_with("tester@"));
    home.ok(&["tag", &first, "+baseline", "+old"]);
    let told = home.json(&["tag", &first, "-old", "+v-2"]);
    assert_eq!(told["tags"].as_object().unwrap().keys().collect::<Vec<_>>(), ["baseline", "v-2"]);
    assert!(home.fails(&["tag", &first, "+two words!"]).1.contains("is no tag"));
    assert_eq!(ids(&list(&["--filter", "tag=baseline note~MONTHLY"])), [&first]);
    let table = home.run(&["runs", "--filter", "tag=baseline"]);
    assert!(text(&table.stdout).contains("baseline v-2"), "{}", text(&table.stdout));
    assert_eq!(text(&table.stderr), "1 of 3 runs\n");
    assert!(home.ok(&["show", &first]).contains("note: monthly | first"));
    home.ok(&["note", &first, "--clear"]);
    assert_eq!(home.json(&["note", &first])["note"], serde_json::Value::Null);

    // Exports.
    let path = home.dir.path().join("runs.csv");
    let path = path.to_str().unwrap();
    assert!(home.ok(&["runs", "--columns", "id,tag", "--out", path]).contains("3 runs written to"));
    assert_eq!(
        std::fs::read_to_string(path).unwrap(),
        format!("run,tags\n{stopped},\n{second},\n{first},baseline v-2\n")
    );
    let all = home.ok(&["runs", "--format", "csv"]);
    assert!(all.starts_with("run,started_at,status,") && all.lines().count() == 4, "{all}");
    let page = home.ok(&["runs", "--format", "md", "--group", "family", "--columns", "id,seed"]);
    assert!(page.contains(&format!("**winner: decision_tree**\n\n| run | seed |\n| --- | --- |\n| {first} | 1 |\n")));
    assert!(home.fails(&["runs", "--out", "runs.txt"]).1.contains("--format"));

    // The trash. The newest finished run is the champion.
    let (code, error) = home.fails(&["trash", &second]);
    assert_eq!(code, 1);
    assert!(error.contains("is the champion"), "{error}");
    assert_eq!(home.json(&["trash", &first, &stopped])["trashed"], serde_json::json!([first, stopped]));
    assert_eq!(ids(&list(&[])), [&second]);
    assert!(home.fails(&["show", &first]).1.contains("no run begins with"));
    let trash = home.json(&["trash", "--list"]);
    assert_eq!(trash["trash"].as_array().unwrap().len(), 2);
    assert!(home.ok(&["trash", "--list"]).contains("NetworkData · small"));
    assert_eq!(home.json(&["restore", &first[..6]])["restored"], first.as_str());
    assert_eq!(ids(&list(&[])), [&second, &first]);
    assert!(home.fails(&["trash", "--empty"]).1.contains("--yes"));
    assert_eq!(home.json(&["trash", "--empty", "--older-than", "1", "--yes"])["removed"], serde_json::json!([]));
    assert_eq!(home.json(&["trash", "--empty", "--yes"])["removed"], serde_json::json!([stopped]));
    assert_eq!(home.ok(&["trash", "--list"]), "the trash is empty\n");
    assert_eq!(home.ok(&["trash", &second, "--force"]).lines().count(), 1);
}

#[test]
fn a_running_run_is_not_deleted() {
    let home = Home::new().with_sample(800);
    let run = home.json(&["train", "--until", "ingest"])["run"].as_str().unwrap().to_owned();
    // Whoever holds the lock is its worker.
    let lock = std::fs::File::options().write(true).open(home.root().join("runs").join(&run).join("lock")).unwrap();
    lock.lock().unwrap();
    let (code, error) = home.fails(&["trash", &run, "--force"]);
    assert_eq!(code, 1);
    assert!(error.contains("is running"), "{error}");
    drop(lock);
    home.ok(&["trash", &run]);
}
