//! What the driver reports, as what happened and the way out. Passwords that it repeats are taken out.

use super::MongoStore;
use crate::Error;
use crate::store::Bounds;
use mongodb::error::{Error as Driver, ErrorKind, InsertManyError, WriteFailure};
use std::error::Error as _;
use std::time::Duration;

/// The code of MongoDB's error, where it is one or is caused by one.
pub(super) fn code(error: &Driver) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(e)) => Some(e.code),
        ErrorKind::Write(WriteFailure::WriteError(e)) => Some(e.code),
        ErrorKind::InsertMany(e) => e.write_concern_error.as_ref().map(|e| e.code),
        // What a server said to a wrong password.
        _ => error.source().and_then(|e| e.downcast_ref::<Box<Driver>>()).and_then(|e| code(e)),
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
    let lasting = ["invalid peer certificate", "SCRAM failure", "MONGODB-X509 failure"];
    is_other_version(message) || lasting.iter().any(|word| message.contains(word))
}

/// Whether a server is too old or too new for the driver.
pub(super) fn is_other_version(message: &str) -> bool {
    message.contains("reports wire version") || message.contains("requires wire version")
}

/// Whether a server refuses the user.
pub(super) fn is_refusal(error: &Driver) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => true,
        ErrorKind::ServerSelection { message, .. } => why(message) == Why::User,
        _ => false,
    }
}

/// Whether a connection was cut, was not answered or was answered with what makes no sense: as by a server that
/// speaks TLS where we do not, or does not where we do.
pub(super) fn is_cut(error: &Driver) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Io(_) | ErrorKind::InvalidResponse { .. } => true,
        ErrorKind::ServerSelection { message, .. } => matches!(why(message), Why::Cut | Why::Stranger | Why::Silent),
        _ => false,
    }
}

/// That nothing was heard for so long.
pub(super) fn silent(store: &MongoStore, after: Duration) -> Error {
    Error::remote(format!("{} has not answered for {:.1} s", store.hosts, after.as_secs_f64()))
        .hint("netsec-tui ping tells where it hangs; what was stored before stays")
}

/// An error of the driver as one of ours. `doing` is a verb in its -ing form.
pub(super) fn failure(store: &MongoStore, doing: &str, error: &Driver) -> Error {
    of_host(store, &store.hosts, doing, error)
}

/// The same, of one of the hosts.
pub(super) fn of_host(store: &MongoStore, host: &str, doing: &str, error: &Driver) -> Error {
    let remote = |what: String, hint: &str| Error::remote(what).hint(hint);
    let told = scrub(&words(error), &store.secrets);
    let refused = || {
        remote(
            format!("{host} refuses the user name or the password"),
            "check the URI: the user, the password (percent-encoded), authSource, authMechanism; netsec-tui ping tries it",
        )
    };
    let no_right = || {
        remote(
            format!("{host}: {doing}: the user has no right to do that"),
            "reading needs the role read on the database, push and copy need readWrite; netsec-tui ping lists the rights",
        )
    };
    let error = match (error.kind.as_ref(), code(error)) {
        (ErrorKind::Authentication { .. }, _) | (_, Some(18)) => refused(),
        // Atlas has one code for all that it refuses by itself.
        (_, Some(8000)) if told.contains("not allowed") => no_right(),
        (_, Some(8000)) if told.contains("auth") => refused(),
        (_, Some(50 | 262)) => match store.bounds.within {
            Some(within) => return Bounds::too_long(within, None),
            None => remote(format!("{host}: {doing}: the server's time limit was reached"), "narrow the filter"),
        },
        (_, Some(13)) => no_right(),
        (_, Some(26)) => Error::user(format!("{host}: {doing}: there is no such collection"))
            .hint("netsec-tui collections lists them"),
        (_, Some(43 | 175 | 237)) => remote(
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
        (_, Some(64 | 79 | 100)) => remote(
            format!("{host}: {doing}: the writes are not confirmed by as many servers as was asked for"),
            "look at the replica set, and w= and wTimeoutMS= in the URI; repeat the command: what was stored before stays",
        ),
        (_, Some(14_031)) => remote(
            format!("{host}: {doing}: the server's disk is full"),
            "make room there, and repeat the command: what was stored before stays",
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
            remote(format!("{host}: the server is too old or too new"), OLDEST)
        }
        _ => Error::remote(format!("{host}: {doing} failed")).hint("netsec-tui ping looks at the connection"),
    };
    error.caused_by(told)
}

/// What the driver can speak to.
const OLDEST: &str = "MongoDB 4.4 or newer is needed";

/// Why no server can be selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Version,
    Issuer,
    Name,
    Expired,
    Early,
    Certificate,
    ClientCertificate,
    Protocol,
    User,
    Lookup,
    NoPrimary,
    OtherSet,
    Strangers,
    NothingThere,
    Stranger,
    Cut,
    Silent,
}

/// Tells it from what the driver has gathered about each server; what cannot be mended by waiting first.
fn why(message: &str) -> Why {
    let tells: [(Why, &[&str]); 16] = [
        (Why::Version, &["reports wire version", "requires wire version"]),
        // Some members are there, and none of them is the primary, whatever the others say.
        (Why::NoPrimary, &["Type: RsSecondary", "Type: RsArbiter", "Type: RsOther"]),
        (Why::Issuer, &["UnknownIssuer", "CaUsedAsEndEntity", "BadSignature"]),
        (Why::Name, &["not valid for name", "NotValidForName"]),
        (Why::Expired, &["certificate expired", "certificate: Expired"]),
        (Why::Early, &["certificate not valid yet", "certificate: NotValidYet"]),
        (Why::Certificate, &["invalid peer certificate"]),
        (Why::ClientCertificate, &["CertificateRequired", "alert: UnknownCA", "alert: BadCertificate"]),
        (Why::Protocol, &["peer is incompatible", "alert: ProtocolVersion", "alert: HandshakeFailure"]),
        (Why::User, &["SCRAM failure", "MONGODB-X509 failure", "PLAIN failure", "AuthenticationFailed", "bad auth"]),
        (Why::Lookup, &["failed to lookup address", "during DNS resolution"]),
        (Why::NothingThere, &["Connection refused"]),
        (Why::Stranger, &["invalid reply to a database operation"]),
        (
            Why::Cut,
            &["end of file", "handshake eof", "corrupt message", "Connection reset", "Broken pipe", "fatal alert"],
        ),
        (Why::OtherSet, &["Type: ReplicaSetNoPrimary"]),
        // The driver has struck all of them from the list.
        (Why::Strangers, &["Topology: { Type: Unknown }"]),
    ];
    let told = tells.into_iter().find(|(_, words)| words.iter().any(|word| message.contains(word)));
    match told {
        // Servers of another set are struck from the list; of this one they are there, if silent.
        Some((Why::OtherSet, _)) if message.contains("Servers: [") => Why::Silent,
        Some((why, _)) => why,
        None => Why::Silent,
    }
}

/// That no server could be found, and why.
fn unreachable(host: &str, message: &str) -> Error {
    let (what, hint) = match why(message) {
        Why::Version => ("the server is too old or too new", OLDEST),
        Why::NoPrimary => {
            ("there is no primary at the moment", "a replica set elects one within some seconds; look at its members")
        }
        Why::Issuer => (
            "its certificate is signed by an authority that is not trusted",
            "name that authority's file in the URI: tlsCAFile=FILE (PEM)",
        ),
        Why::Name => (
            "its certificate is for another name",
            "write the host in the URI as the certificate names it, or give the server one for this name",
        ),
        Why::Expired => ("its certificate has expired", "renew it on the server, and check the clocks of both hosts"),
        Why::Early => ("its certificate is not valid yet", "check the clocks of both hosts"),
        Why::Certificate => {
            ("its certificate is refused", "look at the certificate with openssl s_client -connect HOST")
        }
        Why::ClientCertificate => (
            "it wants to see a certificate of the client that it trusts",
            "name one in the URI: tlsCertificateKeyFile=FILE (PEM, certificate and key)",
        ),
        Why::Protocol => ("it speaks no TLS that is safe today", "TLS 1.2 or 1.3 must be on at the server"),
        Why::User => (
            "it refuses the user name or the password",
            "check the user, the password (percent-encoded) and authSource in the URI",
        ),
        Why::Lookup => ("the name cannot be resolved", "check the name in the URI, and the network"),
        Why::OtherSet => {
            ("no server belongs to the replica set that the URI names", "check replicaSet= in the URI, or leave it out")
        }
        Why::Strangers => {
            ("the URI names several servers, and they are no replica set", "name one server, or the members of one set")
        }
        Why::NothingThere => ("nothing listens there", "check host and port in the URI, and that the server runs"),
        Why::Stranger => (
            "what answers there speaks another language than MongoDB",
            "check host and port, and tls=true or false in the URI",
        ),
        Why::Cut => (
            "it ends the connection at once",
            "check tls=true or false in the URI: one side may expect TLS, the other not; on Atlas, the list of allowed addresses",
        ),
        Why::Silent => ("it does not answer", "check host, port and firewall; on Atlas, the list of allowed addresses"),
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
        ErrorKind::InsertMany(InsertManyError { write_concern_error: Some(e), .. }) => {
            format!("{} (code {} {})", e.message, e.code, e.code_name)
        }
        ErrorKind::ServerSelection { message, .. } => of_servers(message),
        kind => kind.to_string(),
    }
}

/// What went wrong at each server, out of the driver's account of all of them.
fn of_servers(message: &str) -> String {
    let mut told: Vec<&str> =
        message.split("Error: Kind: ").skip(1).filter_map(|part| part.split(", labels: ").next()).collect();
    told.dedup();
    if told.is_empty() { message.to_owned() } else { told.join("; ") }
}

/// A text without the secrets in it.
pub(super) fn scrub(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
}

#[cfg(test)]
mod tests;
