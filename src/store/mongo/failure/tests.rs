use super::*;
use crate::store::mongo::fake::{refusal, server, store};
use crate::store::{DocumentStore, Namespace, Query};
use bson::doc;

fn rows() -> Namespace {
    Namespace::new("phishing", "rows").unwrap()
}

/// What is said of a server that answers a find like this.
async fn said(code: i32, name: &'static str) -> Error {
    let address = server(move |command, _| (command == "find").then(|| refusal(code, name, "so it is")));
    let store = store("", &address, "phishing");
    store.find(&rows(), &Query { limit: 1, ..Query::default() }).await.unwrap_err()
}

#[tokio::test]
async fn each_code_is_a_message_of_its_own() {
    for (code, name, expected) in [
        (13, "Unauthorized", "the user has no right to do that"),
        (26, "NamespaceNotFound", "there is no such collection"),
        (43, "CursorNotFound", "the server ended the reading before it was through"),
        (50, "MaxTimeMSExpired", "the server's time limit was reached"),
        (189, "PrimarySteppedDown", "there is no primary at the moment"),
        (10107, "NotWritablePrimary", "there is no primary at the moment"),
        (11600, "InterruptedAtShutdown", "there is no primary at the moment"),
        (14031, "OutOfDiskSpace", "the server's disk is full"),
        (246, "SnapshotUnavailable", "the snapshot is no longer kept by the server"),
        (2, "BadValue", "looking for documents failed"),
    ] {
        let error = said(code, name).await;
        assert!(error.to_string().ends_with(expected), "{code}: {error}");
        assert!(error.hint_text().is_some(), "{code}");
        assert!(error.chain()[1].contains(&format!("so it is (code {code} {name})")), "{:?}", error.chain());
    }
}

#[tokio::test]
async fn atlas_refuses_users_and_actions_with_one_code() {
    for (told, expected) in [
        ("user is not allowed to do action [find] on [phishing.rows]", "the user has no right to do that"),
        ("bad auth : authentication failed", "refuses the user name or the password"),
        ("you are over your space quota", "looking for documents failed"),
    ] {
        let address = server(move |command, _| (command == "find").then(|| refusal(8000, "AtlasError", told)));
        let error = store("", &address, "").find(&rows(), &Query { limit: 1, ..Query::default() }).await.unwrap_err();
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_never_shown() {
    let address = server(|command, _| {
        command.starts_with("sasl").then(|| refusal(18, "AuthenticationFailed", "Authentication failed for s3cret."))
    });
    let store = store("ana:s3cret@", &address, "phishing");
    let error = store.find(&rows(), &Query { limit: 1, ..Query::default() }).await.unwrap_err();
    assert!(error.to_string().ends_with("refuses the user name or the password"), "{error}");
    assert_eq!(error.chain()[1], "SCRAM failure: Authentication failed for ***.");
    // The code is that of the answer that the driver has wrapped.
    let driver = store.client().await.unwrap().database("x").run_command(doc! { "ping": 1 }).await.unwrap_err();
    assert_eq!(code(&driver), Some(18));
    assert!(is_refusal(&driver) && !is_passing(&driver));
}

#[tokio::test]
async fn writes_that_are_not_confirmed_are_told() {
    let address = server(|command, _| {
        let concern =
            doc! { "code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting for replication timed out" };
        (command == "insert").then(|| doc! { "ok": 1, "n": 1, "writeConcernError": concern })
    });
    let error = store("", &address, "").insert(&rows(), vec![doc! { "_id": 1 }]).await.unwrap_err();
    assert!(error.to_string().contains("not confirmed by as many servers"), "{error}");
    assert_eq!(error.chain()[1], "waiting for replication timed out (code 64 WriteConcernFailed)");
}

#[tokio::test]
async fn an_absent_server_and_one_that_hangs_up_are_told_apart() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let quick = "?serverSelectionTimeoutMS=300";
    let error = store("", &free.to_string(), quick).ping().await.unwrap_err();
    assert!(error.to_string().ends_with("nothing listens there"), "{error}");
    assert_eq!(error.chain()[1], "I/O error: Connection refused (os error 111)");

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let error = store("", &address, quick).ping().await.unwrap_err();
    assert!(error.to_string().ends_with("it ends the connection at once"), "{error}");
}

#[test]
fn why_no_server_is_selected_is_read_from_the_drivers_words() {
    let of = |kind: &str, told: &str| {
        why(&format!(
            "Server selection timeout: No available servers. Topology: {{ Type: Unknown, Servers: [ {{ \
                      Address: dns-cert.auth.example:27017, Type: {kind}, Error: Kind: I/O error: {told}, labels: {{}} }} ] }}"
        ))
    };
    for (told, expected) in [
        ("invalid peer certificate: UnknownIssuer", Why::Issuer),
        ("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", Why::Issuer),
        ("invalid peer certificate: certificate not valid for name \"db\"; certificate is only valid for x", Why::Name),
        ("invalid peer certificate: certificate expired: verification time 2 (UNIX)", Why::Expired),
        ("invalid peer certificate: certificate not valid yet: verification time 2 (UNIX)", Why::Early),
        ("invalid peer certificate: BadEncoding", Why::Certificate),
        ("received fatal alert: CertificateRequired", Why::ClientCertificate),
        ("received fatal alert: ProtocolVersion", Why::Protocol),
        ("received corrupt message of type InvalidContentType", Why::Cut),
        ("tls handshake eof", Why::Cut),
        ("unexpected end of file", Why::Cut),
        ("Connection reset by peer (os error 104)", Why::Cut),
        ("Connection refused (os error 111)", Why::NothingThere),
        ("failed to lookup address information: Name or service not known", Why::Lookup),
        (
            "The server returned an invalid reply to a database operation: Invalid wire protocol opcode: 1",
            Why::Stranger,
        ),
        ("timed out", Why::Silent),
    ] {
        assert_eq!(of("Unknown", told), expected, "{told}");
    }
    assert_eq!(of("RsSecondary", "Connection refused"), Why::NoPrimary);
    assert_eq!(why("Topology: { Type: Unknown }"), Why::Strangers);
    assert_eq!(why("Topology: { Type: ReplicaSetNoPrimary, Set Name: rs1 }"), Why::OtherSet);
    assert_eq!(why("Topology: { Type: ReplicaSetNoPrimary, Servers: [ { Type: Unknown } ] }"), Why::Silent);
    let old = "Server at a:1 reports wire version 6, but this version of the MongoDB Rust driver requires at least 9";
    assert!(why(old) == Why::Version && is_lasting(old));
}
