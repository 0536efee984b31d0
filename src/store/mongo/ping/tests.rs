use crate::store::mongo::fake::{refusal, server, store, usual};
use crate::store::{DocumentStore, Namespace, Outcome, Probe};
use bson::{Document, doc};
use tokio::sync::mpsc;

const QUICK: &str = "phishing?serverSelectionTimeoutMS=500&connectTimeoutMS=500";

async fn steps(user: &str, address: &str, rest: &str) -> Vec<Probe> {
    let (out, mut steps) = mpsc::channel(20);
    let rows = Namespace::new("phishing", "rows").unwrap();
    store(user, address, rest).diagnose(&rows, &out).await;
    drop(out);
    let mut all = Vec::new();
    while let Some(step) = steps.recv().await {
        all.push(step);
    }
    all
}

fn outcomes(steps: &[Probe]) -> Vec<(&'static str, &'static str)> {
    steps.iter().map(|step| (step.name, step.outcome.name())).collect()
}

fn of<'a>(steps: &'a [Probe], name: &str) -> &'a Probe {
    steps.iter().find(|step| step.name == name).unwrap_or_else(|| panic!("no {name}: {steps:?}"))
}

/// The step at which it ends, in one text.
fn failure(steps: &[Probe]) -> String {
    let last = steps.last().unwrap();
    assert_eq!(last.outcome, Outcome::Failed, "{steps:?}");
    format!("{}: {} | {}", last.name, last.detail.join(" | "), last.hint.as_deref().unwrap())
}

#[tokio::test]
async fn a_good_server_passes_all_steps() {
    let steps = steps("", &server(|_, _| None), QUICK).await;
    let expected = [
        ("connection", "ok"),
        ("name", "ok"),
        ("network", "ok"),
        ("TLS", "skipped"),
        ("server", "ok"),
        ("user", "skipped"),
        ("rights", "ok"),
        ("latency", "ok"),
        ("abilities", "ok"),
    ];
    assert_eq!(outcomes(&steps), expected);
    assert_eq!(of(&steps, "server").detail[..2], ["MongoDB 7.0.1, wire version 21", "replica set rs0"]);
    assert!(of(&steps, "server").detail[2].ends_with(": primary"));
    assert!(of(&steps, "abilities").detail[1].starts_with("snapshot reads"));
}

#[tokio::test]
async fn nothing_there_no_name_no_tls() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    assert!(failure(&steps("", &free, QUICK).await).contains("refused"));
    let nowhere = failure(&steps("", "nowhere.invalid", QUICK).await);
    assert!(nowhere.starts_with("name: the name cannot be resolved"), "{nowhere}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let key = failure(&steps("", &address, &format!("{QUICK}&tls=true&tlsCertificateKeyFile=/nowhere.pem")).await);
    assert!(key.starts_with("TLS: a certificate") && key.contains("tlsCertificateKeyFile"), "{key}");
    let cut = failure(&steps("", &address, &format!("{QUICK}&tls=true")).await);
    assert!(cut.starts_with("TLS: ") && cut.contains("it ends the connection at once"), "{cut}");
}

#[tokio::test]
async fn a_refused_user_is_told_with_what_may_be_wrong() {
    let refused = |command: &str, _: &Document| {
        command.starts_with("sasl").then(|| refusal(18, "AuthenticationFailed", "Authentication failed."))
    };
    let steps = steps("ana:s3cret@", &server(refused), QUICK).await;
    let told = failure(&steps);
    assert!(
        told.starts_with("user: ") && told.contains("refuses the user ana") && told.contains("authSource=phishing")
    );
    assert!(!format!("{steps:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_server_without_users_is_told_from_a_wrong_password() {
    let none = |command: &str, _: &Document| {
        command.starts_with("sasl").then(|| refusal(59, "CommandNotFound", "no such command: 'saslStart'"))
    };
    assert!(failure(&steps("ana:s3cret@", &server(none), QUICK).await).contains("knows no users"));
}

#[tokio::test]
async fn a_server_that_asks_for_a_user_says_so_when_none_is_named() {
    let closed = |command: &str, _: &Document| {
        (command == "find").then(|| refusal(13, "Unauthorized", "command find requires authentication"))
    };
    let told = failure(&steps("", &server(closed), QUICK).await);
    assert!(told.starts_with("rights: ") && told.contains("asks for a user") && told.contains("USER:PASSWORD@"));
}

#[tokio::test]
async fn a_reader_is_warned_that_push_is_refused() {
    let reader = |command: &str, _: &Document| {
        let info = doc! {
            "authenticatedUsers": [{ "user": "ana", "db": "admin" }],
            "authenticatedUserRoles": [{ "role": "read", "db": "phishing" }],
            "authenticatedUserPrivileges": [
                { "resource": { "db": "phishing", "collection": "" }, "actions": ["find", "listCollections"] },
            ],
        };
        (command == "connectionStatus").then(|| doc! { "ok": 1, "authInfo": info })
    };
    let steps = steps("", &server(reader), QUICK).await;
    let rights = of(&steps, "rights");
    assert_eq!(rights.outcome, Outcome::Warned);
    assert_eq!(
        rights.detail,
        [
            "roles: read on phishing",
            "databases to read: phishing",
            "databases to write: none",
            "phishing.rows may be listed, read",
            "phishing.rows may not be written, given an index",
        ]
    );
}

#[tokio::test]
async fn a_replica_set_is_looked_at_as_a_whole() {
    let hello = |more: Document| {
        let mut hello = usual("hello", "127.0.0.1:1");
        hello.extend(doc! { "isWritablePrimary": false, "ismaster": false, "secondary": true });
        hello.extend(more);
        move |command: &str, _: &Document| {
            ["hello", "ismaster"].contains(&command.to_ascii_lowercase().as_str()).then(|| hello.clone())
        }
    };
    let no_primary = failure(&steps("", &server(hello(Document::new())), QUICK).await);
    assert!(no_primary.starts_with("server: no primary was found") && no_primary.contains("secondary"), "{no_primary}");
    let old = failure(&steps("", &server(hello(doc! { "maxWireVersion": 6 })), QUICK).await);
    assert!(old.starts_with("server: ") && old.contains("too old"), "{old}");
    let other = failure(&steps("", &server(|_, _| None), &format!("{QUICK}&replicaSet=rs1")).await);
    assert!(other.contains("belongs to the replica set rs0") && other.contains("replicaSet=rs0"), "{other}");
}
