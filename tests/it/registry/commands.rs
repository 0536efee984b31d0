//! The registry through the binary.

use crate::http_proxy::{self, HttpProxy};
use crate::support::{self, Home};
use serde_json::Value;
use std::process::Output;

/// A home, and the variables that say where its registry is.
struct At {
    home: Home,
    variables: Vec<(&'static str, String)>,
    _proxy: Option<HttpProxy>,
}

impl At {
    fn local() -> Self {
        Self { home: Home::new().with_sample(4_000), variables: Vec::new(), _proxy: None }
    }

    fn s3() -> Self {
        let proxy = HttpProxy::to_s3();
        let [_, bucket, ..] = http_proxy::s3();
        let mut variables = proxy.variables().to_vec();
        variables.push(("NETSEC_REGISTRY", format!("s3://{bucket}/{}", http_proxy::prefix())));
        Self { variables, _proxy: Some(proxy), ..Self::local() }
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.home.command(args);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }

    /// Runs a command and expects an exit code.
    fn code(&self, wanted: i32, args: &[&str]) -> (String, String) {
        let output = self.run(args);
        let [out, err] = [&output.stdout, &output.stderr].map(|bytes| support::text(bytes));
        assert_eq!(output.status.code(), Some(wanted), "{args:?}:\n{out}\n{err}");
        (out, err)
    }

    fn json(&self, wanted: i32, args: &[&str]) -> Value {
        let (out, _) = self.code(wanted, &[args, &["--json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{args:?}: {e}: {out}"))
    }

    fn train(&self, seed: &str) -> String {
        let args = ["train", "--space", "small", "--family", "gradient_boosting", "--seed", seed];
        self.json(0, &args)["run"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_model_goes_into_production_and_back_on_a_directory() {
    into_production_and_back(&At::local());
}

mod s3 {
    use super::*;

    #[test]
    #[ignore = "needs S3"]
    fn a_model_goes_into_production_and_back_on_s3() {
        into_production_and_back(&At::s3());
    }
}

fn into_production_and_back(at: &At) {
    let (empty, _) = at.code(0, &["models"]);
    assert!(empty.contains("no version yet"), "{empty}");
    let (first, second) = (at.train("1"), at.train("2"));

    // Headless, nothing is promoted by accident.
    let (_, err) = at.code(1, &["promote", &first, "--reason", "first"]);
    assert!(err.contains("--yes"), "{err}");
    at.code(2, &["promote", &first, "--yes"]);
    let dry = at.json(0, &["promote", &first, "--dry-run"]);
    assert_eq!((&dry["promoted"], dry["judgement"]["gate"]["outcome"].as_str()), (&Value::Null, Some("first")));
    assert_eq!(at.json(0, &["models"])["versions"].as_array().map(Vec::len), Some(0));
    let done = at.json(0, &["promote", &first, "--reason", "first", "--yes"]);
    assert_eq!(done["promoted"]["version"], 1);

    // Registered on its own, and worse: refused, then promoted all the same, with a reason.
    at.code(0, &["threshold", &second, "--at", "0.97"]);
    assert_eq!(at.json(0, &["register", &second, "--reason", "for a look"])["entry"]["version"], 2);
    let refused = at.json(3, &["promote", "v2", "--reason", "try", "--yes"]);
    assert_eq!(refused["judgement"]["gate"]["outcome"], "worse");
    let (out, err) = at.code(3, &["promote", &second, "--reason", "try", "--yes"]);
    assert!(out.contains("Worse: recall") && err.contains("--override TEXT"), "{out}{err}");
    let why = "nobody reads the alarms today";
    at.code(0, &["promote", &second, "--reason", "quiet day", "--override", why, "--yes"]);
    let models = at.json(0, &["models"]);
    assert_eq!(
        (models["aliases"]["production"]["version"].as_u64(), models["names"][0].as_str()),
        (Some(2), Some("phishing"))
    );

    let before = netsec::now();
    std::thread::sleep(std::time::Duration::from_millis(5));
    at.code(1, &["rollback", "--reason", "the day is over"]);
    let back = at.json(0, &["rollback", "--reason", "the day is over", "--yes"]);
    assert_eq!(
        (back["promoted"]["version"].as_u64(), back["promoted"]["entry"]["previous"].as_u64()),
        (Some(1), Some(2))
    );
    let then = at.json(0, &["ledger", "--at", &before]);
    assert_eq!(then["aliases"]["production"]["version"], 2, "what was in production then");
    let (ledger, _) = at.code(0, &["ledger"]);
    let actions: Vec<&str> = ledger.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(actions, ["rollback", "promote", "register", "promote", "register"]);
    assert!(ledger.contains(&format!("quiet day (overridden: {why})")) && ledger.contains("worse"), "{ledger}");

    at.code(0, &["annotate", "v1", "--reason", "audited"]);
    at.code(0, &["retire", "v2", "--reason", "a mistake"]);
    let (_, err) = at.code(1, &["rollback", "--to", "v2", "--reason", "back", "--yes"]);
    assert!(err.contains("v2 was retired by tester@"), "{err}");
    let found = at.json(0, &["verify"]);
    assert_eq!(
        (found["found"]["versions"].as_u64(), found["found"]["problems"].as_array().map(Vec::len)),
        (Some(2), Some(0))
    );
    let none = at.json(0, &["gc", "--dry-run"]);
    assert_eq!(none["versions"].as_array().map(Vec::len), Some(0), "v2 was in production: it is kept");

    let pulled = at.home.dir.path().join("champion");
    at.code(0, &["pull", "production", pulled.to_str().unwrap()]);
    assert!(netsec::registry::Bundle::open(&pulled).is_ok());
    at.code(1, &["pull", "production", pulled.to_str().unwrap()]);

    at.code(0, &["runs", "push", &first]);
    assert_eq!(at.json(0, &["runs", "pull"])["runs"][0].as_str(), Some(first.as_str()));
    at.code(0, &["trash", &first, "--force"]);
    assert_eq!(at.json(0, &["runs", "pull", &first[..8]])["moved"]["run"].as_str(), Some(first.as_str()));
    at.code(0, &["show", &first]);
}

#[test]
fn what_cannot_be_is_said_and_changes_nothing() {
    let at = At::local();
    let run = at.train("1");
    for (args, says) in [
        (vec!["promote", "v7", "--reason", "x", "--yes"], "phishing has no version 7"),
        (vec!["promote", "nosuch", "--reason", "x", "--yes"], "no run begins with \"nosuch\""),
        (vec!["promote", &run, "--reason", "  ", "--yes"], "the reason is missing"),
        (vec!["promote", &run, "--alias", "v3", "--reason", "x", "--yes"], "\"v3\" cannot be an alias"),
        (vec!["promote", &run, "--name", "a/b", "--reason", "x", "--yes"], "\"a/b\" cannot be the name of a model"),
        (vec!["promote", &run, "--family", "svm", "--reason", "x", "--yes"], "has no svm model"),
        (vec!["rollback", "--reason", "x", "--yes"], "production is on no version"),
        (vec!["retire", "v1", "--reason", "x"], "phishing has no version 1"),
        (vec!["annotate", "one", "--reason", "x"], "\"one\" is no version"),
        (vec!["pull", "production", "there"], "no version of phishing is in production"),
        (vec!["ledger", "--at", "yesterday"], "neither a day nor a time"),
        (vec!["runs", "pull", "abc"], "begins with \"abc\""),
    ] {
        let (_, err) = at.code(1, &args);
        assert!(err.contains(says), "{args:?}: {err}");
    }
    for args in [
        vec!["promote", &run, "--reason", "x", "--yes"],
        vec!["register", &run],
        vec!["verify", "--repair"],
        vec!["gc", "--yes"],
        vec!["runs", "push", &run],
    ] {
        let (_, err) = at.code(1, &[args.as_slice(), &["--read-only"]].concat());
        assert!(err.contains("read-only"), "{args:?}: {err}");
    }
    assert!(!at.home.root().join("registry").exists());
    at.code(0, &["models", "--read-only"]);
    at.code(0, &["promote", &run, "--dry-run", "--read-only"]);
}

#[test]
fn damage_is_an_exit_code() {
    let at = At::local();
    let run = at.train("1");
    at.code(0, &["promote", &run, "--reason", "first", "--yes"]);
    let registry = at.home.root().join("registry/phishing");
    std::fs::write(registry.join("versions/1/model.json"), "{}").unwrap();
    let (out, _) = at.code(1, &["verify"]);
    assert!(out.contains("NOT WHOLE: v1: the content of model.json is not what was registered"), "{out}");
    std::fs::write(registry.join("aliases/production.json"), "{}").unwrap();
    let (out, _) = at.code(0, &["models"]);
    assert!(out.contains("the pointer of production is not where the ledger says"), "{out}");
    let entry = std::fs::read_to_string(registry.join("ledger/000001.json")).unwrap();
    std::fs::write(registry.join("ledger/000001.json"), entry.replace("first", "worst")).unwrap();
    let (_, err) = at.code(1, &["models"]);
    assert!(err.contains("000002.json: the entry before it was changed"), "{err}");
}
