//! MongoDB, by its own driver.
//!
//! Every answer is waited for within bounds: those of the caller ([`Bounds`]), which the server is told as
//! `maxTimeMS` and which hold here as well, and else as long as the server still answers a `ping`.

mod browse;
mod catalog;
mod columns;
mod connect;
mod failure;
#[cfg(test)]
mod fake;
mod insert;
mod ping;
mod plan;
mod query;
mod scan;
mod tally;
mod waiting;

use super::{
    Batch, Bounds, CollectionInfo, DocumentStore, Filter, Inserted, Namespace, Pace, Page, Plan, Probe, Query, Sample,
    Sort, Tally, Wanted, Window,
};
use crate::connection::Connection;
use crate::{Error, Result};
use async_trait::async_trait;
use bson::{Document, RawDocumentBuf, doc};
use mongodb::options::{CountOptions, FindOptions};
use mongodb::{Client, Collection, Database};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OnceCell, mpsc};

/// How long a server may take to show that it is there. The console asks every half second, and tells within two that
/// it is away.
const PULSE: Duration = Duration::from_millis(1_300);

/// A connection to a MongoDB deployment.
#[derive(Clone)]
pub struct MongoStore {
    connection: Arc<Connection>,
    hosts: Arc<str>,
    client: Arc<OnceCell<Client>>,
    /// Never shown, also not where the driver repeats it in a message.
    secrets: Arc<[String]>,
    facts: Arc<OnceCell<Facts>>,
    bounds: Bounds,
}

/// What a deployment says of itself.
#[derive(Debug, Clone, Default)]
struct Facts {
    /// Whether it is a replica set or a sharded cluster: both have sessions, and snapshots from MongoDB 5 on.
    replicated: bool,
    /// The newest version of the wire protocol that it speaks.
    wire: i32,
}

impl Facts {
    fn of(hello: &Document) -> Self {
        Self {
            replicated: hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|msg| msg == "isdbgrid"),
            wire: hello.get_i32("maxWireVersion").unwrap_or_default(),
        }
    }

    fn has_snapshots(&self) -> bool {
        self.replicated && self.wire >= 13
    }
}

impl MongoStore {
    /// A store at the end of a connection. Nothing is sent before the first call.
    pub fn new(connection: Connection) -> Self {
        Self {
            hosts: connection.uri.hosts().into(),
            secrets: connection.uri.secrets().into(),
            connection: Arc::new(connection),
            client: Arc::default(),
            facts: Arc::default(),
            bounds: Bounds::default(),
        }
    }

    /// The driver's client, made when it is needed first: it begins to watch the servers then.
    async fn client(&self) -> Result<&Client> {
        self.client.get_or_try_init(|| connect::client(self)).await
    }

    async fn collection(&self, namespace: &Namespace) -> Result<Collection<RawDocumentBuf>> {
        Ok(self.client().await?.database(&namespace.database).collection(&namespace.collection))
    }

    fn failed(&self, doing: &str, error: &mongodb::error::Error) -> Error {
        failure::failure(self, doing, error)
    }

    /// Runs a command that needs no rights and touches no data.
    async fn pulse(&self) -> Result<()> {
        let ping = self.client().await?.database("admin");
        match ping.run_command(doc! { "ping": 1 }).await {
            Ok(_) => Ok(()),
            Err(e) => Err(self.failed("reaching it", &e)),
        }
    }

    async fn facts(&self) -> Result<&Facts> {
        let admin = self.client().await?.database("admin");
        let ask = async { hello(&admin).await.map(|hello| Facts::of(&hello)) };
        self.facts.get_or_try_init(|| self.wait("asking what the server is", ask)).await
    }

    /// The time limit, for the server as well.
    fn find_options(&self) -> FindOptions {
        FindOptions::builder().max_time(self.bounds.within).build()
    }

    fn count_options(&self) -> CountOptions {
        CountOptions::builder().max_time(self.bounds.within).build()
    }

    fn refuse_writes(&self) -> Result<()> {
        if !self.connection.read_only {
            return Ok(());
        }
        Err(Error::user(format!("the connection to {} is read-only: nothing is written there", self.hosts))
            .hint("the settings say read_only for it; use another connection with --store NAME"))
    }
}

/// What a server says of itself. Those before 4.4.2 know only the older name of the question.
async fn hello(admin: &Database) -> mongodb::error::Result<Document> {
    match admin.run_command(doc! { "hello": 1 }).await {
        Err(e) if failure::code(&e) == Some(59) => admin.run_command(doc! { "isMaster": 1 }).await,
        answer => answer,
    }
}

#[async_trait]
impl DocumentStore for MongoStore {
    fn describe(&self) -> String {
        self.hosts.to_string()
    }

    async fn diagnose(&self, namespace: &Namespace, steps: &mpsc::Sender<Probe>) {
        self.steps(namespace, steps).await;
    }

    fn bounded(&self, bounds: Bounds) -> Arc<dyn DocumentStore> {
        Arc::new(Self { bounds, ..self.clone() })
    }

    /// A server takes 48 MB and 100,000 documents at once; smaller calls keep it and us busy at the same time.
    fn pace(&self) -> Pace {
        Pace { documents: 5_000, bytes: 8 << 20, calls: 3 }
    }

    fn is_remote(&self) -> bool {
        true
    }

    async fn ping(&self) -> Result<()> {
        match tokio::time::timeout(PULSE, self.pulse()).await {
            Ok(answer) => answer,
            Err(_) => Err(failure::silent(self, PULSE)),
        }
    }

    async fn databases(&self) -> Result<Vec<String>> {
        self.list_databases().await
    }

    async fn collections(&self, database: &str) -> Result<Vec<CollectionInfo>> {
        self.list_collections(database).await
    }

    async fn count(&self, namespace: &Namespace, filter: &Filter) -> Result<u64> {
        self.count_matching(namespace, filter).await
    }

    async fn find(&self, namespace: &Namespace, query: &Query) -> Result<Page> {
        self.page(namespace, query).await
    }

    async fn plan(&self, namespace: &Namespace, query: &Query) -> Result<Option<Plan>> {
        self.explain(namespace, query).await
    }

    async fn documents(
        &self,
        namespace: &Namespace,
        filter: &Filter,
        sort: &[Sort],
    ) -> Result<mpsc::Receiver<Result<Vec<Document>>>> {
        self.stream(namespace, filter, sort).await
    }

    async fn prepare(&self, namespace: &Namespace) -> Result<Vec<String>> {
        self.refuse_writes()?;
        self.make_index(namespace).await
    }

    async fn insert(&self, namespace: &Namespace, documents: Vec<Document>) -> Result<Inserted> {
        self.refuse_writes()?;
        self.insert_all(namespace, documents).await
    }

    async fn scan(
        &self,
        namespace: &Namespace,
        fields: &[String],
        window: Window,
    ) -> Result<mpsc::Receiver<Result<Batch>>> {
        self.read_columns(namespace, fields, window).await
    }

    async fn tally(&self, namespace: &Namespace, wanted: &[Wanted], window: Window) -> Result<Option<Vec<Tally>>> {
        self.count_values(namespace, wanted, window).await
    }

    async fn sample(&self, namespace: &Namespace, fields: &[String], most: u32) -> Result<Option<Sample>> {
        self.draw(namespace, fields, most).await.map(Some)
    }
}
