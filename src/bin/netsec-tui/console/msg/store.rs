//! The store that the console works on, and the others that it could work on.

use crate::console::clean::clean;
use crate::console::load::Notice;
use crate::context::Context;
use netsec::Result;
use netsec::connection::{Place, names};
use netsec::store::Namespace;

/// The store that the documents are in.
#[derive(Debug, Clone, PartialEq)]
pub struct Store {
    /// The connection's name.
    pub name: String,
    /// `embedded`, or the hosts.
    pub place: String,
    /// Whether it is on another host.
    pub remote: bool,
    /// Whether the connection refuses writes.
    pub read_only: bool,
    /// The collection that is meant where none is named.
    pub namespace: Namespace,
}

impl Store {
    /// # Errors
    /// When the settings name a collection that cannot be one.
    pub fn of(context: &Context) -> Result<Self> {
        Ok(Self {
            name: clean(context.place.name()),
            place: clean(&context.store.describe()),
            remote: context.store.is_remote(),
            read_only: context.place.is_read_only(),
            namespace: context.namespace(None)?,
        })
    }

    /// The store as it is told: the connection's name, where that says more than the place.
    pub fn told(&self) -> String {
        if self.remote { format!("{} · {}", self.name, self.place) } else { self.place.clone() }
    }

    /// What a connection that refuses writes says to rows.
    pub fn refusal(&self) -> Notice {
        crate::context::read_only_connection(&self.name).into()
    }
}

/// A connection that can be chosen.
#[derive(Debug, Clone)]
pub struct Choice {
    pub name: String,
    /// Where it leads, or why that cannot be told.
    pub place: std::result::Result<String, Notice>,
    /// Where it is written down.
    pub origin: String,
    pub read_only: bool,
}

/// All of them: the embedded store, the connections of the settings, and the variables that are set.
pub fn choices(context: &Context) -> Vec<Choice> {
    let choice = |name: String| {
        let place = Place::named(&name, &context.layered, context.env.as_ref());
        let key = format!("connections.{name}.uri");
        let settings = [key.clone(), format!("{key}_file")];
        let setting = settings.iter().find_map(|key| context.layered.origins.get(key));
        let origin = match (&place, setting) {
            (Ok(Place::Embedded), _) => context.home.store().display().to_string(),
            (_, Some((_, origin))) => origin.clone(),
            _ => "environment".to_owned(),
        };
        Choice {
            read_only: place.as_ref().is_ok_and(Place::is_read_only),
            place: place.map(|place| clean(place.hosts().unwrap_or_default())).map_err(Notice::from),
            origin: clean(&origin),
            name: clean(&name),
        }
    };
    names(&context.layered, context.env.as_ref()).into_iter().map(choice).collect()
}
