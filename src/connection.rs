//! Where the documents are: the embedded store, or a MongoDB at the end of a named connection.
//!
//! A URI holds a password. It comes from the environment, from a `.env` file, or from a file that only its owner can
//! read, and is shown as the hosts in it.

use crate::error::IoContext;
use crate::settings::{Home, Layered};
use crate::store::DocumentStore;
use crate::store::embedded::EmbeddedStore;
use crate::store::mongo::MongoStore;
use crate::{Error, Result};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The name of the embedded store among the connections.
pub const EMBEDDED: &str = "embedded";
/// Variables that alone make MongoDB the store: ours and the driver's world's name first, then those of the Python
/// projects.
pub const VARIABLES: [&str; 3] = ["MONGODB_URI", "MONGO_DB_URL", "MONGODB_URL_KEY"];

/// How a worker is handed over the connection of whoever started it.
const WORKER_URI: &str = "NETSEC_WORKER_URI";
const WORKER_API: &str = "NETSEC_WORKER_STABLE_API";

/// Looks up an environment variable.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A MongoDB URI. Shown, it is its hosts.
#[derive(Clone, PartialEq, Eq)]
pub struct Uri {
    text: String,
    hosts: String,
    database: Option<String>,
    origin: String,
    secrets: Vec<String>,
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({})", self.hosts)
    }
}

impl Uri {
    /// Takes a URI apart, as far as that is needed here. The driver checks it when it connects.
    ///
    /// # Errors
    /// When it is no MongoDB URI. The message does not repeat it.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let text = text.trim();
        let wrong = |what: &str| {
            Error::user(format!("{origin}: {what}"))
                .hint("a URI is mongodb://[USER:PASSWORD@]HOST[:PORT]/[DATABASE], or mongodb+srv://...")
        };
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("this is no URI"))?;
        if !matches!(scheme, "mongodb" | "mongodb+srv") {
            return Err(wrong("a URI of MongoDB begins with mongodb:// or mongodb+srv://"));
        }
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        // Taken as it stands, a piece of a password would be shown as a host or a database.
        if options.contains('@') || user.is_some_and(|user| user.contains(['/', '@'])) {
            return Err(wrong("the user and the password must be percent-encoded: / is %2F, @ is %40, ? is %3F"));
        }
        let (hosts, database) = match place.split_once('/') {
            Some((hosts, database)) => (hosts, Some(database).filter(|d| !d.is_empty())),
            None => (place, None),
        };
        if hosts.is_empty() {
            return Err(wrong("no host is named"));
        }
        let has_port = |host: &str| match host.rsplit_once(':') {
            Some((_, port)) if !host.ends_with(']') => port.chars().all(|c| c.is_ascii_digit()),
            _ => true,
        };
        if !hosts.split(',').all(has_port) {
            return Err(wrong("a port is no number"));
        }
        let mut secrets = Vec::new();
        let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
        let option = |option: &str| {
            let (name, value) = option.split_once('=')?;
            let name = name.to_ascii_lowercase();
            let is_secret = name == "authmechanismproperties" || name.ends_with("password");
            is_secret.then(|| value.to_owned())
        };
        for secret in password.map(str::to_owned).into_iter().chain(options.split('&').filter_map(option)) {
            let plain = unescape(&secret);
            // One letter would be found everywhere.
            secrets.extend([secret, plain].into_iter().filter(|secret| secret.len() > 1));
        }
        Ok(Self {
            text: with_absolute_paths(text),
            hosts: hosts.to_owned(),
            database: database.map(unescape),
            origin: origin.to_owned(),
            secrets,
        })
    }

    /// The whole of it, with what is secret: for the driver, and for a worker's environment.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hosts, with their ports, separated by commas.
    pub fn hosts(&self) -> &str {
        &self.hosts
    }

    /// The database that is used where none is named.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// Where it was found, in words.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What must not be shown, as it is written and as it is meant.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.secrets.clone()
    }
}

/// A URI in which the paths of certificates do not depend on the current directory.
fn with_absolute_paths(text: &str) -> String {
    let Some((place, options)) = text.split_once('?') else { return text.to_owned() };
    let absolute = |option: &str| {
        let Some((name, value)) = option.split_once('=') else { return option.to_owned() };
        let is_path = ["tlscafile", "tlscertificatekeyfile"].contains(&name.to_ascii_lowercase().as_str());
        match std::path::absolute(unescape(value)) {
            Ok(path) if is_path => {
                // What ends an option must not be in a path as it is.
                let path = path.to_string_lossy().replace('%', "%25").replace('&', "%26").replace('#', "%23");
                format!("{name}={path}")
            }
            _ => option.to_owned(),
        }
    };
    format!("{place}?{}", options.split('&').map(absolute).collect::<Vec<_>>().join("&"))
}

/// Text without percent-encoding.
fn unescape(text: &str) -> String {
    crate::files::name_of(text)
}

/// A text in which the user and the password of every URI are stars.
pub fn redact(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = behind.find(|c: char| c.is_whitespace() || c == '"' || c == '\'').unwrap_or(behind.len());
        let (uri, after) = behind.split_at(end);
        match uri.rsplit_once('@') {
            Some((_, place)) => {
                shown.push_str("***@");
                shown.push_str(place);
            }
            None => shown.push_str(uri),
        }
        rest = after;
    }
    shown + rest
}

/// A way to a MongoDB deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Its name: that of the settings, or of the variable it came from.
    pub name: String,
    /// Where it leads.
    pub uri: Uri,
    /// Whether writes are refused.
    pub read_only: bool,
    /// Whether version 1 of the stable API is declared to the server.
    pub stable_api: bool,
}

/// Where the documents are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the embedded store below the home.
    Embedded,
    /// In MongoDB.
    Mongo(Connection),
}

impl Place {
    /// The place that the settings and the environment name: the setting `store`, else the first of [`VARIABLES`] that
    /// is set, else the embedded store.
    ///
    /// # Errors
    /// A name that no connection has, or a URI that cannot be had.
    pub fn chosen(layered: &Layered, env: Env<'_>) -> Result<Self> {
        match layered.settings.store.as_deref() {
            Some(name) => Self::named(name, layered, env),
            None => match VARIABLES.iter().find(|name| set(env, name).is_some()) {
                Some(name) => Self::named(name, layered, env),
                None => Ok(Self::Embedded),
            },
        }
    }

    /// The place of a name: [`EMBEDDED`], a connection of the settings, or one of [`VARIABLES`].
    ///
    /// # Errors
    /// A name that no connection has, or a URI that cannot be had.
    pub fn named(name: &str, layered: &Layered, env: Env<'_>) -> Result<Self> {
        if name == EMBEDDED {
            return Ok(Self::Embedded);
        }
        if let Some(of) = layered.settings.connections.get(name) {
            let origin = |key: &str| {
                let key = format!("connections.{name}.{key}");
                layered.origins.get(&key).map_or_else(|| key.clone(), |(_, origin)| format!("{origin}: {key}"))
            };
            let uri = match (&of.uri, &of.uri_file) {
                (Some(text), None) => from_setting(text, &origin("uri"), env)?,
                (None, Some(path)) => from_file(path)?,
                _ => {
                    return Err(Error::config(format!("the connection {name} needs either uri or uri_file"))
                        .hint("uri: $VARIABLE names an environment variable; uri_file: FILE a file of mode 0600"));
                }
            };
            let (read_only, stable_api) = (of.read_only, of.stable_api);
            return Ok(Self::Mongo(Connection { name: name.to_owned(), uri, read_only, stable_api }));
        }
        if let Some(text) = VARIABLES.contains(&name).then(|| set(env, name)).flatten() {
            let uri = Uri::parse(&text, &format!("environment {name}"))?;
            return Ok(Self::Mongo(Connection { name: name.to_owned(), uri, read_only: false, stable_api: false }));
        }
        let names = names(layered, env).join(", ");
        Err(Error::user(format!("there is no connection {name}")).hint(format!("there are: {names}")))
    }

    /// The store at this place.
    pub fn open(&self, home: &Home) -> Arc<dyn DocumentStore> {
        match self {
            Self::Embedded => Arc::new(EmbeddedStore::new(home.store())),
            Self::Mongo(connection) => Arc::new(MongoStore::new(connection.clone())),
        }
    }

    /// The hosts of the deployment.
    pub fn hosts(&self) -> Option<&str> {
        match self {
            Self::Embedded => None,
            Self::Mongo(connection) => Some(connection.uri.hosts()),
        }
    }

    /// What is handed over to a worker in its environment, so that it finds this place.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Embedded => Vec::new(),
            Self::Mongo(connection) => {
                let stable_api = if connection.stable_api { "1" } else { "" };
                vec![(WORKER_URI, connection.uri.text().to_owned()), (WORKER_API, stable_api.to_owned())]
            }
        }
    }

    /// The place that a worker was handed over: the deployment at these hosts, or the embedded store without any.
    ///
    /// # Errors
    /// When it was handed over another one, or none.
    pub(crate) fn handed_over(hosts: Option<&str>, env: Env<'_>) -> Result<Self> {
        let Some(hosts) = hosts else { return Ok(Self::Embedded) };
        let uri = set(env, WORKER_URI).map(|text| Uri::parse(&text, "the worker's environment")).transpose()?;
        let Some(uri) = uri.filter(|uri| uri.hosts() == hosts) else {
            return Err(Error::user(format!("the run's rows are at {hosts}, and no connection to it is chosen"))
                .hint("name it with --store NAME or set MONGODB_URI, and resume the run"));
        };
        let stable_api = set(env, WORKER_API).is_some();
        Ok(Self::Mongo(Connection { name: hosts.to_owned(), uri, read_only: true, stable_api }))
    }

    /// The connection's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Embedded => EMBEDDED,
            Self::Mongo(connection) => &connection.name,
        }
    }

    /// Whether writes to it are refused.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::Mongo(connection) if connection.read_only)
    }

    /// The database that its URI names.
    pub fn database(&self) -> Option<&str> {
        match self {
            Self::Embedded => None,
            Self::Mongo(connection) => connection.uri.database(),
        }
    }
}

/// The names of all places: the embedded store, the connections of the settings, and the variables that are set.
pub fn names(layered: &Layered, env: Env<'_>) -> Vec<String> {
    let configured = layered.settings.connections.keys().cloned();
    let variables = VARIABLES.iter().filter(|name| set(env, name).is_some()).map(|name| (*name).to_owned());
    std::iter::once(EMBEDDED.to_owned()).chain(configured).chain(variables).collect()
}

fn set(env: Env<'_>, name: &str) -> Option<String> {
    env(name).filter(|text| !text.trim().is_empty())
}

/// A URI of a settings file: `$NAME` is that of a variable. One with a password in it does not belong there.
fn from_setting(text: &str, origin: &str, env: Env<'_>) -> Result<Uri> {
    if let Some(name) = text.strip_prefix('$') {
        let name = name.trim_start_matches('{').trim_end_matches('}');
        let Some(text) = set(env, name) else {
            return Err(Error::user(format!("{origin} names the environment variable {name}, which is not set"))
                .hint(format!("set {name}, or choose another connection with --store NAME")));
        };
        return Uri::parse(&text, &format!("environment {name}"));
    }
    let uri = Uri::parse(text, origin)?;
    if !uri.secrets.is_empty() {
        return Err(Error::config(format!("{origin} has a password in it, and settings files are shared"))
            .hint("write uri: $VARIABLE and set that variable, or uri_file: FILE with mode 0600"));
    }
    Ok(uri)
}

/// A URI from a file of its own, which nobody else may read.
fn from_file(path: &Path) -> Result<Uri> {
    use std::os::unix::fs::PermissionsExt;
    let name = path.display().to_string();
    let mode = std::fs::metadata(path).at("reading", path)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::config(format!("{name} can be read by others (mode {:04o})", mode & 0o7777))
            .hint(format!("it holds a password: chmod 600 {name}")));
    }
    let text = std::fs::read_to_string(path).at("reading", path)?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    Uri::parse(line.unwrap_or_default(), &name)
}

#[cfg(test)]
mod tests;
