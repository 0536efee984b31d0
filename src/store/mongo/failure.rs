//! What the driver reports, as what happened and the way out. Passwords that it repeats are taken out.

use super::MongoStore;
use crate::Error;
use crate::store::Bounds;
use mongodb::error::{Error as Driver, ErrorKind, WriteFailure};
use std::time::Duration;

/// The code of MongoDB's error, where it is one.
pub(super) fn code(error: &Driver) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(e)) => Some(e.code),
        ErrorKind::Write(WriteFailure::WriteError(e)) => Some(e.code),
        ErrorKind::InsertMany(e) => e.write_concern_error.as_ref().map(|e| e.code),
        _ => None,
    }
}

/// Codes of a primary that is one no longer, is not one yet, or is shutting down.
const NO_PRIMARY: [i32; 8] = [91, 189, 10058, 10107, 11600, 11602, 13435, 13436];

/// Whether the same call may well succeed a little later: a connection that broke, a primary that stepped down.
pub(super) fn is_passing(error: &Driver) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } => true,
        ErrorKind::ServerSelection { message, .. } => !is_lasting(message),
        // Interrupted, or timed out on the network behind a router.
        _ => code(error).is_some_and(|code| NO_PRIMARY.contains(&code) || matches!(code, 6 | 7 | 89 | 262 | 9001)),
    }
}

/// Whether a server that cannot be selected will be none later either.
fn is_lasting(message: &str) -> bool {
    ["certificate", "Authentication", "authentication", "incompatible"].iter().any(|word| message.contains(word))
}

/// That nothing was heard for so long.
pub(super) fn silent(store: &MongoStore, after: Duration) -> Error {
    Error::remote(format!("{} has not answered for {:.1} s", store.hosts, after.as_secs_f64()))
        .hint("netsec-tui ping tells where it hangs; what was stored before stays")
}

/// An error of the driver as one of ours. `doing` is a verb in its -ing form.
pub(super) fn failure(store: &MongoStore, doing: &str, error: &Driver) -> Error {
    let host = &store.hosts;
    let remote = |what: String, hint: &str| Error::remote(what).hint(hint);
    let told = scrub(&words(error), &store.secrets);
    let error = match (error.kind.as_ref(), code(error)) {
        (_, Some(50 | 262)) => match store.bounds.within {
            Some(within) => return Bounds::too_long(within, None),
            None => remote(format!("{host}: {doing}: the server's time limit was reached"), "narrow the filter"),
        },
        (_, Some(18 | 8000)) | (ErrorKind::Authentication { .. }, _) => remote(
            format!("{host} refuses the user name or the password"),
            "check the URI: the user, the password (percent-encoded), authSource, authMechanism; netsec-tui ping tries it",
        ),
        (_, Some(13)) => remote(
            format!("{host}: {doing}: the user has no right to do that"),
            "reading needs the role read on the database, push and copy need readWrite; netsec-tui ping lists the rights",
        ),
        (_, Some(26)) => Error::user(format!("{host}: {doing}: there is no such collection"))
            .hint("netsec-tui collections lists them"),
        (_, Some(43 | 237)) => remote(
            format!("{host}: {doing}: the server ended the reading before it was through"),
            "what was read is not used; repeat the command",
        ),
        (_, Some(239 | 246)) => remote(
            format!("{host}: {doing}: the snapshot is no longer kept by the server"),
            "read a shorter time window, or raise minSnapshotHistoryWindowInSeconds on the server",
        ),
        (_, Some(code)) if NO_PRIMARY.contains(&code) => remote(
            format!("{host}: {doing}: there is no primary at the moment"),
            "a replica set elects one within some seconds; repeat the command: what was stored before stays",
        ),
        (_, Some(64 | 100)) => remote(
            format!("{host}: {doing}: the writes are not confirmed by as many servers as was asked for"),
            "look at the replica set and w= in the URI; repeat the command: what was stored before stays",
        ),
        (ErrorKind::ServerSelection { message, .. }, _) => unreachable(host, message),
        (ErrorKind::DnsResolve { .. }, _) => {
            remote(format!("the name {host} cannot be resolved"), "check the name in the URI, and the network")
        }
        (ErrorKind::InvalidTlsConfig { .. }, _) => {
            Error::config(format!("{host}: the TLS settings of the URI cannot be used"))
                .hint("check tlsCAFile and tlsCertificateKeyFile: PEM files that can be read")
        }
        (ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. }, _) => remote(
            format!("{host}: {doing}: the connection broke"),
            "netsec-tui ping tells whether it is back; repeat the command: what was stored before stays",
        ),
        (ErrorKind::IncompatibleServer { .. }, _) => {
            remote(format!("{host}: the server is too old or too new"), "MongoDB 4.2 or newer is needed")
        }
        _ => Error::remote(format!("{host}: {doing} failed")).hint("netsec-tui ping looks at the connection"),
    };
    error.caused_by(told)
}

/// Why no server could be found, from what the driver has gathered about each of them.
fn unreachable(host: &str, message: &str) -> Error {
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let (what, hint) = if has(&["UnknownIssuer", "certificate signed by", "self-signed"]) {
        (
            "its certificate is signed by an authority that is not trusted",
            "name the authority's file in the URI: tlsCAFile=FILE",
        )
    } else if has(&["NotValidForName", "not valid for name"]) {
        ("its certificate is for another name", "name the host in the URI as its certificate does")
    } else if has(&["Expired", "certificate expired"]) {
        ("its certificate has expired", "renew it, and check the clocks of both hosts")
    } else if has(&["invalid peer certificate", "certificate"]) {
        ("its certificate is refused", "netsec-tui ping -v shows why")
    } else if has(&["Authentication", "authentication failed", "SCRAM failure", "bad auth"]) {
        (
            "it refuses the user name or the password",
            "check the user, the password (percent-encoded) and authSource in the URI",
        )
    } else if has(&["Connection refused"]) {
        ("nothing listens there", "check host and port in the URI, and that the server runs")
    } else if has(&["failed to lookup", "Name or service not known", "No address associated", "dns"]) {
        ("the name cannot be resolved", "check the name in the URI, and the network")
    } else if has(&["unexpected end of file", "UnexpectedEof", "InvalidContentType", "corrupt message"]) {
        ("it ends the connection at once", "check tls=true or false in the URI: one side may expect TLS, the other not")
    } else if has(&["incompatible", "wire version"]) {
        ("the server is too old or too new", "MongoDB 4.2 or newer is needed")
    } else if has(&["ReplicaSetNoPrimary"]) {
        ("there is no primary at the moment", "a replica set elects one within some seconds; look at its members")
    } else {
        ("it does not answer", "check host, port and firewall; on Atlas, the list of allowed addresses")
    };
    Error::remote(format!("{host} cannot be reached: {what}")).hint(hint)
}

/// What the driver says, without its own frame around it.
pub(super) fn words(error: &Driver) -> String {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => {
            format!("{} (code {} {})", command.message, command.code, command.code_name)
        }
        ErrorKind::Write(WriteFailure::WriteConcernError(e)) => {
            format!("{} (code {} {})", e.message, e.code, e.code_name)
        }
        kind => kind.to_string(),
    }
}

/// A text without the secrets in it.
pub(super) fn scrub(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
}
