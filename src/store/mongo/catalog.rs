//! What is there: databases, collections, and what kind each is.

use super::{MongoStore, failure};
use crate::Result;
use crate::store::{CollectionInfo, CollectionKind, Namespace};
use bson::{Bson, Document, doc};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use mongodb::results::{CollectionSpecification, CollectionType};
use mongodb::{Database, IndexModel};

/// Databases of the server itself.
const OWN: [&str; 3] = ["admin", "config", "local"];
/// Collections that are asked for their size at once.
const AT_ONCE: usize = 8;

impl MongoStore {
    pub(super) async fn list_databases(&self) -> Result<Vec<String>> {
        let client = self.client().await?;
        let mut names = self.wait("listing the databases", client.list_database_names().into_future()).await?;
        names.retain(|name| !OWN.contains(&name.as_str()));
        // Whoever may use one database only may not be shown it.
        if let Some(own) = self.connection.uri.database()
            && !names.iter().any(|name| name == own)
            && !self.list_collections(own).await.unwrap_or_default().is_empty()
        {
            names.push(own.to_owned());
        }
        names.sort();
        Ok(names)
    }

    pub(super) async fn list_collections(&self, database: &str) -> Result<Vec<CollectionInfo>> {
        let database = self.client().await?.database(database);
        let specifications = async { database.list_collections().await?.try_collect::<Vec<_>>().await };
        let mut found = self.wait("listing the collections", specifications).await?;
        found.retain(|c| !c.name.starts_with("system."));
        found.sort_by(|a, b| a.name.cmp(&b.name));
        let kinds: Vec<CollectionKind> = found.iter().map(|c| kind(c, &found)).collect();
        let sized = stream::iter(found.into_iter().zip(kinds)).map(|(c, kind)| self.sized(&database, c.name, kind));
        Ok(sized.buffered(AT_ONCE).collect().await)
    }

    /// A collection with what the server knows of its size without reading it.
    async fn sized(&self, database: &Database, name: String, kind: CollectionKind) -> CollectionInfo {
        let mut info = CollectionInfo { name, documents: None, bytes: None, kind };
        if kind == CollectionKind::View {
            return info;
        }
        let number = |stats: &Document, field: &str| match stats.get(field) {
            Some(Bson::Int32(n)) => u64::try_from(*n).ok(),
            Some(Bson::Int64(n)) => u64::try_from(*n).ok(),
            Some(Bson::Double(n)) => Some(*n as u64),
            _ => None,
        };
        let stats = database.run_command(doc! { "collStats": &info.name });
        if let Ok(stats) = self.wait("asking for the size", stats.into_future()).await {
            info.documents = number(&stats, "count").filter(|_| kind != CollectionKind::TimeSeries);
            info.bytes = number(&stats, "storageSize").filter(|n| *n > 0).or_else(|| number(&stats, "size"));
        } else {
            // It takes another right than this.
            let collection = database.collection::<Document>(&info.name);
            info.documents = self.wait("counting", collection.estimated_document_count().into_future()).await.ok();
        }
        info
    }

    /// Makes the index that time windows need, and with it the collection. `_id` has an index of its own.
    pub(super) async fn make_index(&self, namespace: &Namespace) -> Result<Vec<String>> {
        let collection = self.collection(namespace).await?;
        let keys = doc! { super::query::PUSHED_AT: 1 };
        let listed = async { collection.list_indexes().await?.try_collect::<Vec<_>>().await };
        let indexes = match self.told(listed).await? {
            Ok(indexes) => Some(indexes),
            // NamespaceNotFound.
            Err(e) if failure::code(&e) == Some(26) => None,
            Err(e) => return Err(self.failed("listing the indexes", &e)),
        };
        // Whatever begins with the field serves.
        let serves = |index: &IndexModel| index.keys.keys().next() == keys.keys().next();
        if indexes.as_ref().is_some_and(|indexes| indexes.iter().any(serves)) {
            return Ok(Vec::new());
        }
        let is_new = indexes.is_none_or(|indexes| indexes.is_empty());
        let index = IndexModel::builder().keys(keys).build();
        match self.told(collection.create_index(index).into_future()).await? {
            Ok(made) if is_new => Ok(vec![format!(
                "made the collection {namespace}, with the index {} for time windows",
                made.index_name
            )]),
            Ok(made) => Ok(vec![format!("made the index {} of {namespace}, for time windows", made.index_name)]),
            // Without it windows are slower, and that is all.
            Err(e) if failure::code(&e) == Some(13) => {
                Ok(vec![format!("{namespace} has no index for time windows, and this user may not make one")])
            }
            Err(e) => Err(self.failed("making the index for time windows", &e)),
        }
    }

    /// That a collection is there. MongoDB takes one that is not for an empty one.
    ///
    /// # Errors
    /// When it is not there.
    pub(super) async fn must_exist(&self, namespace: &Namespace) -> Result<()> {
        let database = self.client().await?.database(&namespace.database);
        let listed = async {
            let named = doc! { "name": &namespace.collection };
            database.list_collections().filter(named).await?.try_collect::<Vec<_>>().await
        };
        match self.wait("looking for the collection", listed).await {
            Ok(found) if found.iter().all(|c| c.name != namespace.collection) => {
                Err(crate::store::no_collection(namespace))
            }
            // Whoever may not list collections is told that it is empty.
            _ => Ok(()),
        }
    }
}

fn kind(c: &CollectionSpecification, all: &[CollectionSpecification]) -> CollectionKind {
    let other = |from: &str, to: &str| {
        c.name.strip_suffix(from).is_some_and(|stem| all.iter().any(|c| c.name == format!("{stem}{to}")))
    };
    match c.collection_type {
        CollectionType::View => CollectionKind::View,
        CollectionType::Timeseries => CollectionKind::TimeSeries,
        _ if c.options.capped == Some(true) => CollectionKind::Capped,
        _ if other(".files", ".chunks") || other(".chunks", ".files") => CollectionKind::GridFs,
        _ => CollectionKind::Plain,
    }
}
