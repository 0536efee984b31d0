//! The whole way through the binary, with the documents in MongoDB.

use crate::store::database;
use crate::support::{Home, mongodb, text};
use std::path::Path;
use std::process::{Command, Output};

/// A home whose documents are in a database of its own.
struct Remote {
    home: Home,
    uri: String,
    database: String,
}

impl Remote {
    fn new() -> Self {
        let (given, database) = (mongodb(), database());
        // The database stands between the hosts and the options.
        let (place, options) = given.split_once('?').unwrap_or((&given, ""));
        let hosts = place.trim_end_matches('/');
        let uri = format!("{hosts}/{database}?{options}{}authSource=admin", if options.is_empty() { "" } else { "&" });
        let uri = if hosts.contains('@') { uri } else { format!("{hosts}/{database}?{options}") };
        Self { home: Home::new(), uri, database }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.home.command(args);
        command.env("MONGODB_URI", &self.uri);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    fn json(&self, args: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(&[args, &["--json"]].concat())).unwrap()
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let (uri, database) = (self.uri.clone(), self.database.clone());
        // A test that fails leaves nothing behind either.
        let dropped = std::thread::spawn(move || {
            tokio::runtime::Runtime::new()
                .unwrap()
                .block_on(async { mongodb::Client::with_uri_str(uri).await.unwrap().database(&database).drop().await })
        });
        let _ = dropped.join();
    }
}

/// The files of a run that are made from its rows.
fn artefacts(home: &Home, run: &str) -> Vec<(String, Vec<u8>)> {
    let dir = home.root().join("runs").join(run);
    let mut files: Vec<_> = std::fs::read_dir(dir.join("models")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap());
    files.iter().map(|path| read(path)).chain([read(&dir.join("preprocessor.json"))]).collect()
}

#[test]
#[ignore = "needs MongoDB"]
fn a_run_from_mongodb_is_the_run_from_the_embedded_store() {
    let (remote, local) = (Remote::new(), Home::new());
    let csv = local.file("rows.csv", local.ok(&["sample", "--rows", "2000", "--seed", "4"]));
    let csv = csv.to_str().unwrap();
    let output = remote.run(&["push", csv]);
    assert!(text(&output.stderr).contains("made the collection"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("2000 inserted, 0 unchanged"), "{}", text(&output.stdout));
    local.ok(&["push", csv]);
    let collection = format!("{}.NetworkData", remote.database);
    assert_eq!(remote.json(&["find", "--count"])["collection"], collection);
    assert!(!remote.home.root().join("store").exists(), "nothing is stored here");

    let [there, here] = [remote.json(&["train", "--seed", "1"]), local.json(&["train", "--seed", "1"])];
    assert_eq!(there["report"]["winner"], here["report"]["winner"]);
    let ids = [&there, &here].map(|run| run["run"].as_str().unwrap().to_owned());
    assert_eq!(artefacts(&remote.home, &ids[0]), artefacts(&local, &ids[1]), "the same rows give the same bytes");
    let manifest =
        std::fs::read_to_string(remote.home.root().join("runs").join(&ids[0]).join("manifest.yaml")).unwrap();
    assert!(manifest.contains("store: 127.0.0.1") || manifest.contains("store: "), "{manifest}");
    assert!(!manifest.contains("mongodb://"));

    assert_eq!(remote.ok(&["predict", csv]), local.ok(&["predict", csv]));
    let [there, here] = [remote.json(&["validate"]), local.json(&["validate"])];
    assert_eq!(there["rows"], here["rows"]);
    assert_eq!(remote.run(&["drift"]).status.code(), Some(0));
    let out = remote.home.dir.path().join("out.csv");
    remote.ok(&["export", "--filter", "Result=-1", "--sort", "URL_Length", "--out", out.to_str().unwrap()]);
    let exported = std::fs::read_to_string(&out).unwrap().lines().count() as u64 - 1;
    assert_eq!(remote.json(&["find", "--filter", "Result=-1", "--count"])["count"], exported);
    // Another connection is no place for this run's rows: it goes on only where they are.
    let cut = remote.json(&["train", "--seed", "2", "--until", "ingest"]);
    let run = cut["run"].as_str().unwrap();
    assert!(remote.run(&["train", "--run", run]).status.success());
}

#[test]
#[ignore = "needs MongoDB"]
fn a_run_is_resumed_only_where_its_rows_are() {
    let remote = Remote::new();
    let csv = remote.home.file("rows.csv", remote.home.ok(&["sample", "--rows", "500"]));
    remote.ok(&["push", csv.to_str().unwrap()]);
    // The worker is told to stop before it has read anything.
    let run = remote.json(&["train", "--detach"])["run"].as_str().unwrap().to_owned();
    let _ = remote.run(&["cancel", &run]);
    for _ in 0..200 {
        if remote.json(&["show", &run])["status"] != "running" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let dir = remote.home.root().join("runs").join(&run);
    // As if it had not begun.
    std::fs::write(dir.join("events.jsonl"), "").unwrap();
    let output = remote.home.run(&["train", "--run", &run]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("no connection to it is chosen"), "{}", text(&output.stderr));
    std::fs::write(dir.join("events.jsonl"), "").unwrap();
    remote.ok(&["train", "--run", &run]);
}

#[test]
#[ignore = "needs MongoDB"]
fn connections_have_names_and_may_be_read_only() {
    let remote = Remote::new();
    let home = &remote.home;
    let csv = home.file("rows.csv", home.ok(&["sample", "--rows", "300"]));
    let csv = csv.to_str().unwrap();
    home.file(
        "settings.yaml",
        "training: training.yaml\nstore: prod\nconnections:\n  prod: {uri: $THE_URI, read_only: true}\n  work: {uri: $THE_URI}\n",
    );
    let run = |args: &[&str]| home.command(args).env("THE_URI", &remote.uri).output().unwrap();
    let refused = run(&["push", csv]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("read-only"), "{}", text(&refused.stderr));
    assert!(run(&["--store", "work", "push", csv]).status.success());
    assert_eq!(text(&run(&["find", "--count"]).stdout).trim(), "300");
    // A training run reads only.
    assert!(run(&["train", "--until", "validate"]).status.success());
    assert!(run(&["copy", "prod:NetworkData", "embedded:copy/NetworkData"]).status.success());
    assert_eq!(text(&run(&["--store", "embedded", "find", "copy/NetworkData", "--count"]).stdout).trim(), "300");
    assert_eq!(run(&["copy", "embedded:copy/NetworkData", "prod:Other"]).status.code(), Some(1));
    let unset = home.run(&["find", "--count"]);
    assert!(text(&unset.stderr).contains("THE_URI, which is not set"), "{}", text(&unset.stderr));
    // What stands in `.env` counts as well.
    home.file(".env", format!("THE_URI={}\n", remote.uri));
    assert_eq!(home.ok(&["find", "--count"]).trim(), "300");
}

mod tls {
    use super::*;

    fn asked(options: &str) -> Output {
        let uri = std::env::var("NETSEC_TEST_MONGODB_TLS_URI").expect("tests/run starts a server with TLS");
        let home = Home::new();
        let uri = format!("{uri}{options}&serverSelectionTimeoutMS=3000");
        home.command(&["collections"]).env("MONGODB_URI", uri).output().unwrap()
    }

    #[test]
    #[ignore = "needs MongoDB"]
    fn a_server_is_trusted_by_its_authority_alone() {
        let ca = |name: &str| format!("&tlsCAFile={}", std::env::var(name).unwrap());
        let trusted = asked(&ca("NETSEC_TEST_MONGODB_CA"));
        assert!(trusted.status.success(), "{}", text(&trusted.stderr));
        for options in [ca("NETSEC_TEST_MONGODB_OTHER_CA"), String::new()] {
            let refused = asked(&options);
            assert_eq!(refused.status.code(), Some(1));
            let said = text(&refused.stderr);
            assert!(said.contains("authority that is not trusted") && said.contains("tlsCAFile"), "{said}");
        }
        let absent = asked("&tlsCAFile=/no/such/ca.pem");
        assert!(text(&absent.stderr).contains("tlsCAFile"), "{}", text(&absent.stderr));
    }
}

/// Whether a text stands in any file below a directory.
fn holds(dir: &Path, needle: &str) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return holds(&path, needle);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
    })
}

/// A password appears nowhere, whatever fails.
#[test]
fn a_password_reaches_no_screen_and_no_file() {
    let home = Home::new();
    let csv = home.file("rows.csv", home.ok(&["sample", "--rows", "100"]));
    let csv = csv.to_str().unwrap();
    let options = "serverSelectionTimeoutMS=300";
    for uri in [
        format!("mongodb://ana:geheim@127.0.0.1:1/x?{options}"),
        format!("mongodb://ana:geheim@127.0.0.1:1/x?{options}&authMechanism=NONSENSE"),
        format!("mongodb://ana:geheim@127.0.0.1:notaport/x?{options}"),
        format!("mongodb://ana:geheim/x@127.0.0.1:1/?{options}"),
        "mongodb://ana:geheim@".to_owned(),
        "ana:geheim".to_owned(),
    ] {
        for args in [
            ["push", csv, "-v"].as_slice(),
            &["collections", "--json"],
            &["info"],
            &["info", "--json"],
            &["train", "-v"],
        ] {
            let output = home.command(args).env("MONGODB_URI", &uri).output().unwrap();
            let said = text(&output.stdout) + &text(&output.stderr);
            assert!(!said.contains("geheim"), "{args:?}: {said}");
            let is_uri = uri.contains("geheim@127.0.0.1") && !uri.contains("notaport");
            let fails = !args.contains(&"info") || !is_uri;
            assert_eq!(output.status.code(), Some(i32::from(fails)), "{args:?} {said}");
        }
    }
    home.file("settings.yaml", "connections:\n  bad: {uri: 'mongodb://ana:geheim@h'}\n");
    let said = home.ok(&["info"]);
    assert!(said.contains("***@h") && !said.contains("geheim"), "{said}");
    assert!(!holds(&home.root(), "geheim"));
}
