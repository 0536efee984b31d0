//! What every command and the console need: the home, the settings, the store, and the schema of a collection.

use netsec::connection::Place;
use netsec::monitor::{Champion, What};
use netsec::object::{Location, ObjectStore};
use netsec::promote::{PRODUCTION, Policy};
use netsec::registry::{self, Handover, Registry};
use netsec::run::RunDir;
use netsec::schema::{self, Schema};
use netsec::settings::{Home, Layered, Settings};
use netsec::store::{DocumentStore, Filter, Namespace, Window};
use netsec::training::Training;
use netsec::validation::Quality;
use netsec::{Error, Result};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Looks up an environment variable.
type Env = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The surroundings of a command.
#[derive(Clone)]
pub struct Context {
    /// Where everything is kept.
    pub home: Home,
    /// The settings, with their origins.
    pub layered: Arc<Layered>,
    /// Where the documents are.
    pub place: Place,
    /// The documents.
    pub store: Arc<dyn DocumentStore>,
    /// Looks up variables, also those of `.env`.
    pub env: Env,
    /// The registries that were asked for, by the name of the model: each remembers the ledger as far as it was read.
    registries: Arc<Mutex<BTreeMap<String, Arc<Registry>>>>,
}

/// What is said to whatever would change rows, runs or models where nothing may be changed.
pub fn read_only() -> Error {
    Error::user("read-only: nothing that is shared is changed")
        .hint("it is asked for by --read-only, NETSEC_READ_ONLY or read_only in a settings file")
}

/// What is said to rows that would be pushed over a connection that refuses writes.
pub fn read_only_connection(name: &str) -> Error {
    Error::user(format!("the connection {name} is read-only: no rows are pushed there"))
        .hint("read_only stands with it in the settings; another connection takes rows")
}

impl Context {
    /// Finds the store that the settings and the environment name. Nothing is connected to yet.
    ///
    /// # Errors
    /// When there is no such store, or its URI cannot be had.
    pub fn open(home: Home, layered: Layered, env: Env) -> Result<Self> {
        let place = Place::chosen(&layered, env.as_ref())?;
        let store = place.open(&home);
        Ok(Self { store, home, layered: Arc::new(layered), place, env, registries: Arc::default() })
    }

    /// The same surroundings with the documents of another connection.
    ///
    /// # Errors
    /// When there is none of this name, or its URI cannot be had.
    pub fn at(&self, name: &str) -> Result<Self> {
        let place = Place::named(name, &self.layered, self.env.as_ref())?;
        Ok(Self { store: place.open(&self.home), place, ..self.clone() })
    }

    /// The database that is meant where none is named: the one in the settings, unless only the built-in ones name it
    /// and the connection's URI names another.
    pub fn database(&self) -> &str {
        let is_chosen = self.layered.origins.get("database").is_some_and(|(_, origin)| origin != "built-in");
        self.place.database().filter(|_| !is_chosen).unwrap_or(&self.settings().database)
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.layered.settings
    }

    /// The collection that is meant where none is named; `name` may be `COLLECTION` or `DATABASE/COLLECTION`.
    pub fn namespace(&self, name: Option<&str>) -> Result<Namespace> {
        let settings = self.settings();
        let name = name.unwrap_or(&settings.collection);
        match name.split_once('/') {
            Some((database, collection)) => Namespace::new(database, collection),
            None => Namespace::new(self.database(), name),
        }
    }

    /// The collection that is meant, as [`Context::namespace`] has it, and the window behind it: `NAME@FROM..TO`.
    pub fn windowed(&self, name: Option<&str>) -> Result<(Namespace, Window)> {
        let (name, window) = name.map(Window::split).transpose()?.unzip();
        Ok((self.namespace(name)?, window.unwrap_or_default()))
    }

    /// The schema of a collection: the one in the settings, else the one it was pushed with, else the built-in one.
    pub fn schema(&self, namespace: &Namespace) -> Result<Schema> {
        if let Some(path) = &self.settings().schema {
            return Schema::read(path);
        }
        if let Some(schema) = self.remembered_schema(namespace)? {
            return Ok(schema);
        }
        Schema::parse(schema::BUILT_IN, "built-in schema.yaml")
    }

    /// The schema that a collection was pushed with; none where it was filled by others.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn remembered_schema(&self, namespace: &Namespace) -> Result<Option<Schema>> {
        let path = self.remembered(namespace);
        if path.is_file() { Schema::read(&path).map(Some) } else { Ok(None) }
    }

    fn remembered(&self, namespace: &Namespace) -> std::path::PathBuf {
        let [database, collection] = [&namespace.database, &namespace.collection].map(|n| netsec::files::safe_name(n));
        // Collections of one name in two deployments are two collections.
        let of_store = match self.place.hosts() {
            Some(hosts) => self.home.schemas().join(format!("@{}", netsec::files::safe_name(hosts))),
            None => self.home.schemas(),
        };
        of_store.join(database).join(format!("{collection}.yaml"))
    }

    /// Remembers the schema that a collection is pushed with, so that later commands need not name it again. Called
    /// before the first row is stored.
    ///
    /// # Errors
    /// When the collection holds rows that were pushed with other columns.
    pub async fn remember_schema(&self, namespace: &Namespace, schema: &Schema) -> Result<()> {
        let path = self.remembered(namespace);
        if let Some(old) = self.remembered_schema(namespace)? {
            if old.text() == schema.text() {
                return Ok(());
            }
            let rows = self.rows(namespace).await?;
            if rows > 0 && !old.has_columns_of(schema) {
                return Err(Error::user(format!(
                    "{namespace} holds {rows} rows of the schema {}, which has other columns than {}",
                    old.name, schema.name
                ))
                .hint("push to a collection of its own: --collection NAME"));
            }
        }
        let dir = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir).map_err(|e| Error::io("creating", dir, e))?;
        netsec::files::write_atomic(&path, schema.text().as_bytes())
    }

    /// Forgets the schema of a collection that holds nothing: a push that stored no row, perhaps because of the very
    /// schema, must not bind the next one.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn forget_unused_schema(&self, namespace: &Namespace) -> Result<()> {
        if self.rows(namespace).await? == 0 {
            let _ = std::fs::remove_file(self.remembered(namespace));
        }
        Ok(())
    }

    /// Rows in a collection; 0 where there is none.
    async fn rows(&self, namespace: &Namespace) -> Result<u64> {
        let all = self.store.collections(&namespace.database).await?;
        let rows = match all.into_iter().find(|c| c.name == namespace.collection) {
            None => Some(0),
            Some(found) => found.documents,
        };
        match rows {
            Some(rows) => Ok(rows),
            None => self.store.count(namespace, &Filter::default()).await,
        }
    }

    /// The schema that rows are read by.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn schema_of(&self, what: &What) -> Result<Schema> {
        match what {
            What::Collection(namespace, _) => self.schema(namespace),
            What::Run(dir) => dir.schema(),
            What::Version(bundle) => bundle.schema(),
            What::File(_) => self.schema(&self.namespace(None)?),
        }
    }

    /// The rows that a text names; the default collection without one.
    ///
    /// # Errors
    /// When there is nothing of that name.
    pub async fn rows_of(&self, text: Option<&str>) -> Result<What> {
        match text {
            Some(text) => {
                let registry = || self.registry();
                What::parse(text, &self.home, self.store.as_ref(), self.database(), &registry).await
            }
            None => Ok(What::Collection(self.namespace(None)?, Window::default())),
        }
    }

    /// The registry of the default collection's model: its name is that of the schema. Nothing is connected to yet.
    ///
    /// # Errors
    /// A registry that cannot be, or a schema that cannot be read.
    pub fn registry(&self) -> Result<Arc<Registry>> {
        self.registry_named(None)
    }

    /// The registry of a model's name; that of the default collection's schema without one.
    ///
    /// # Errors
    /// A registry that cannot be, a name that no model can have, or a schema that cannot be read.
    pub fn registry_named(&self, name: Option<&str>) -> Result<Arc<Registry>> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => registry::name_of(&self.schema(&self.namespace(None)?)?),
        };
        let mut all = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(registry) = all.get(&name) {
            return Ok(Arc::clone(registry));
        }
        let registry = Arc::new(Registry::open(self.objects()?, &name, self.home.cache())?);
        all.insert(name, Arc::clone(&registry));
        Ok(registry)
    }

    /// Where the registry's objects are. Nothing is connected to yet.
    ///
    /// # Errors
    /// A registry that cannot be.
    pub fn objects(&self) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.location()?.open(self.settings(), self.env.as_ref()))
    }

    /// Where the registry is.
    ///
    /// # Errors
    /// A registry that cannot be.
    pub fn location(&self) -> Result<Location> {
        Location::chosen(self.settings(), &self.home)
    }

    /// The registry of a schema's model.
    ///
    /// # Errors
    /// As [`Context::registry_named`].
    pub fn registry_of(&self, schema: &Schema) -> Result<Arc<Registry>> {
        self.registry_named(Some(&registry::name_of(schema)))
    }

    /// The model of a schema that is in use; none before the first.
    ///
    /// # Errors
    /// When it is not known whether a version is in production, or that is damaged.
    pub async fn champion(&self, schema: &Schema) -> Result<Option<Champion>> {
        Champion::find(&self.home, &*self.registry_of(schema)?).await
    }

    /// What leads a worker to the registry.
    pub fn handover(&self) -> Handover {
        Handover::new(self.settings(), &self.home, self.env.as_ref())
    }

    /// Whether a version of a run's model is in production, as far as that is known without asking another host: no
    /// run is needed then.
    pub async fn has_production(&self, dir: &RunDir) -> bool {
        match dir.schema().and_then(|schema| self.registry_of(&schema)) {
            Ok(registry) => registry.at_hand(PRODUCTION).await.is_some(),
            Err(_) => false,
        }
    }

    /// The bounds of validation and drift.
    pub fn quality(&self) -> Result<Quality> {
        Quality::load(self.settings().validation.as_deref())
    }

    /// What is asked of a challenger.
    pub fn policy(&self) -> Result<Policy> {
        Policy::load(self.settings().promotion.as_deref())
    }

    /// The search spaces.
    pub fn training(&self) -> Result<Training> {
        Training::load(self.settings().training.as_deref())
    }
}
