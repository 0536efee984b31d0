//! Looking at a connection step by step: the name, the network, TLS, the server, the user and the user's rights.
//!
//! Up to the user each host is asked by a connection of its own, without the user: so what one member of a replica
//! set does wrong is seen, and what has nothing to do with the password is told apart from it.

mod hosts;
mod rights;

use super::{Facts, MongoStore, failure};
use crate::store::probe::{Found, Probe, take};
use crate::store::{DocumentStore, Namespace};
use crate::{Error, Result};
use bson::{Document, doc};
use hosts::{greeted, named, reached, secured};
use mongodb::error::{Error as Driver, ErrorKind};
use mongodb::options::{AuthMechanism, ClientOptions, Credential, ReadPreference, SelectionCriteria};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Round trips that the latency is taken from.
const PINGS: usize = 10;

impl MongoStore {
    /// Takes all steps up to the first that fails. The rights are those on `namespace`.
    pub(super) async fn steps(&self, namespace: &Namespace, out: &mpsc::Sender<Probe>) -> Option<()> {
        take(out, "connection", async { Ok(self.introduced(namespace)) }).await?;
        let options = &take(out, "name", named(self)).await?;
        let hosts = take(out, "network", reached(&self.hosts, options)).await?;
        let hosts = take(out, "TLS", secured(self, options, hosts)).await?;
        let hello = &take(out, "server", greeted(self, options, hosts)).await?;
        let status = take(out, "user", self.authenticated(options)).await?;
        take(out, "rights", self.allowed(options, namespace, status)).await?;
        take(out, "latency", self.timed()).await?;
        take(out, "abilities", async { Ok(self.abilities(hello)) }).await
    }

    /// What is going to be tried.
    fn introduced(&self, namespace: &Namespace) -> Found<()> {
        let connection = &self.connection;
        let mut detail = vec![
            format!("{}: {}, {namespace}", connection.name, self.hosts),
            format!("the URI is that of {}", connection.uri.origin()),
        ];
        if connection.read_only {
            detail.push("read-only: the settings refuse writes".to_owned());
        }
        if connection.stable_api {
            detail.push("version 1 of the stable API is declared".to_owned());
        }
        Found::passed(detail, ())
    }

    /// Waits for an answer, but not for ever.
    async fn patiently<T>(&self, answer: impl Future<Output = mongodb::error::Result<T>>) -> Result<Result<T, Driver>> {
        tokio::time::timeout(PATIENCE, answer).await.map_err(|_| failure::silent(self, PATIENCE))
    }

    /// Whether the user is let in; and what the server says of its rights, where it says anything.
    async fn authenticated(&self, options: &ClientOptions) -> Result<Found<Option<Document>>> {
        let anywhere = SelectionCriteria::ReadPreference(ReadPreference::PrimaryPreferred { options: None });
        let admin = self.client().await?.database("admin");
        let ask =
            admin.run_command(doc! { "connectionStatus": 1, "showPrivileges": true }).selection_criteria(anywhere);
        let status = match self.patiently(ask.into_future()).await? {
            Ok(status) => Some(status),
            // Let in, and then refused or not understood.
            Err(e) if matches!(e.kind.as_ref(), ErrorKind::Command(_)) => None,
            Err(e) => return Err(self.not_let_in(options, &e)),
        };
        let Some(credential) = &options.credential else {
            return Ok(Found::skipped("the URI names no user", status));
        };
        let user = credential.username.as_deref().unwrap_or("as the client certificate says");
        let mechanism = name(credential.mechanism.as_ref());
        let source = source(credential);
        Ok(Found::passed(vec![format!("user {user}, by {mechanism}, authSource={source}")], status))
    }

    /// Why a user is not let in, as far as a server tells.
    fn not_let_in(&self, options: &ClientOptions, error: &Driver) -> Error {
        let Some(credential) = options.credential.as_ref().filter(|_| failure::is_refusal(error)) else {
            return self.failed("authenticating", error);
        };
        let told = failure::scrub(&failure::words(error), &self.secrets);
        let user = credential.username.as_deref().unwrap_or("of the client certificate");
        let source = source(credential);
        let (what, hint) = match (failure::code(error), &credential.mechanism) {
            (Some(59), _) => (
                format!("{} knows no users", self.hosts),
                "leave USER:PASSWORD@ out of the URI, or turn the server's authentication on".to_owned(),
            ),
            (Some(334), mechanism) => (
                format!("{} does not let the user {user} in by {}", self.hosts, name(mechanism.as_ref())),
                "leave authMechanism out of the URI: the best that the server and the user have is taken".to_owned(),
            ),
            (_, Some(AuthMechanism::MongoDbX509)) => (
                format!("{} does not know the user {user}", self.hosts),
                "the database $external needs a user named as the subject of the certificate in tlsCertificateKeyFile"
                    .to_owned(),
            ),
            _ => (
                format!(
                    "{} refuses the user {user}: the server does not tell which is wrong of the password, the \
                         user name and authSource={source}",
                    self.hosts
                ),
                "check the password (percent-encoded), the user name, and in which database the user was made: \
                 authSource=DATABASE in the URI"
                    .to_owned(),
            ),
        };
        Error::remote(what).hint(hint).caused_by(told)
    }

    /// How long a round trip takes.
    async fn timed(&self) -> Result<Found<()>> {
        let mut times = Vec::with_capacity(PINGS);
        for _ in 0..PINGS {
            let begun = Instant::now();
            self.ping().await?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let (median, worst) = (times[PINGS / 2], times[PINGS - 1]);
        Ok(Found::passed(vec![format!("median {median:.1} ms, worst {worst:.1} ms of {PINGS}")], ()))
    }

    /// What the server can do for us.
    fn abilities(&self, hello: &Document) -> Found<()> {
        let facts = Facts::of(hello);
        let sessions = match hello.get("logicalSessionTimeoutMinutes") {
            Some(_) if facts.replicated => "sessions, and writes that the driver repeats by itself after a cut",
            Some(_) => "sessions; a write that is cut off is repeated by netsec, which knows it by its _id",
            None => "no sessions; a write that is cut off is repeated by netsec, which knows it by its _id",
        };
        let snapshots = if facts.has_snapshots() {
            "snapshot reads: a collection is read as it was at one moment"
        } else {
            "no snapshot reads: a collection that changes while it is read is noticed by its count, and said"
        };
        Found::passed(vec![sessions.to_owned(), snapshots.to_owned()], ())
    }
}

fn name(mechanism: Option<&AuthMechanism>) -> &str {
    mechanism.map_or("SCRAM", AuthMechanism::as_str)
}

/// The database in which the user is looked for.
fn source(credential: &Credential) -> &str {
    let default = if credential.mechanism == Some(AuthMechanism::MongoDbX509) { "$external" } else { "admin" };
    credential.source.as_deref().unwrap_or(default)
}

#[cfg(test)]
mod tests;
