//! What a user may do.

use crate::store::Namespace;
use crate::store::mongo::{MongoStore, failure};
use crate::store::probe::Found;
use crate::{Error, Result};
use bson::{Bson, Document, doc};
use mongodb::options::ClientOptions;
use std::collections::BTreeSet;

impl MongoStore {
    /// What may be done in a collection and elsewhere, by what the server says of the user's privileges, and where it
    /// says nothing by trying to read.
    pub(super) async fn allowed(
        &self,
        options: &ClientOptions,
        namespace: &Namespace,
        status: Option<Document>,
    ) -> Result<Found<()>> {
        self.tried(options, namespace).await?;
        let info = status.as_ref().and_then(|status| status.get_document("authInfo").ok());
        let Some(info) = info else {
            let told = format!("{namespace} may be read; the server does not tell more");
            return Ok(Found::passed(vec![told], ()));
        };
        if info.get_array("authenticatedUsers").is_ok_and(Vec::is_empty) {
            let told = "the server asks nobody for a user: whoever reaches it may read and write everything";
            return Ok(Found::passed(vec![told.to_owned()], ()));
        }
        let roles = info.get_array("authenticatedUserRoles").map(|roles| names(roles, "role")).unwrap_or_default();
        let privileges = Privileges::of(info);
        let mut detail = vec![format!("roles: {}", or_none(&roles))];
        for (what, action) in [("read", "find"), ("write", "insert")] {
            detail.push(format!("databases to {what}: {}", or_none(&privileges.databases(action))));
        }
        // What a push needs, in the order it needs it.
        let needed =
            [("listed", "listCollections"), ("read", "find"), ("written", "insert"), ("given an index", "createIndex")];
        let (may, may_not): (Vec<_>, Vec<_>) =
            needed.into_iter().partition(|(_, action)| privileges.allow(namespace, action));
        let said = |list: &[(&'static str, &str)]| list.iter().map(|(what, _)| *what).collect::<Vec<_>>().join(", ");
        if !may.is_empty() {
            detail.push(format!("{namespace} may be {}", said(&may)));
        }
        let found = Found::passed(detail, ());
        if may_not.is_empty() || (self.connection.read_only && privileges.allow(namespace, "find")) {
            return Ok(found);
        }
        let warning = Error::user(format!("{namespace} may not be {}", said(&may_not)))
            .hint(format!("push and copy need the role readWrite on {}", namespace.database));
        Ok(found.warned(&warning))
    }

    /// Reads as little as can be read.
    async fn tried(&self, options: &ClientOptions, namespace: &Namespace) -> Result<()> {
        let collection = self.collection(namespace).await?;
        match self.patiently(collection.find_one(doc! {}).into_future()).await? {
            Ok(_) => Ok(()),
            Err(e) if failure::code(&e) == Some(13) && options.credential.is_none() => {
                Err(Error::remote(format!("{} asks for a user, and the URI names none", self.hosts))
                    .hint("write mongodb://USER:PASSWORD@HOST/..., special characters percent-encoded")
                    .caused_by(failure::words(&e)))
            }
            Err(e) => Err(self.failed(&format!("reading {namespace}"), &e)),
        }
    }
}

fn or_none(names: &BTreeSet<String>) -> String {
    if names.is_empty() { "none".to_owned() } else { names.iter().cloned().collect::<Vec<_>>().join(", ") }
}

/// The names in a list of `{KEY: NAME, db: DATABASE}`.
fn names(list: &[Bson], key: &str) -> BTreeSet<String> {
    let entry = |entry: &Bson| {
        let entry = entry.as_document()?;
        Some(format!("{} on {}", entry.get_str(key).ok()?, entry.get_str("db").ok()?))
    };
    list.iter().filter_map(entry).collect()
}

/// Actions that are allowed, by what they are allowed on.
struct Privileges<'a>(Vec<(&'a Document, Vec<&'a str>)>);

impl<'a> Privileges<'a> {
    fn of(info: &'a Document) -> Self {
        let privilege = |entry: &'a Bson| {
            let entry = entry.as_document()?;
            let actions = entry.get_array("actions").ok()?.iter().filter_map(Bson::as_str).collect();
            Some((entry.get_document("resource").ok()?, actions))
        };
        let all = info.get_array("authenticatedUserPrivileges").map(|list| list.iter().filter_map(privilege).collect());
        Self(all.unwrap_or_default())
    }

    /// The resources on which an action is allowed.
    fn on<'b>(&'b self, action: &'b str) -> impl Iterator<Item = &'a Document> + 'b {
        self.0.iter().filter(move |(_, actions)| actions.contains(&action)).map(|(resource, _)| *resource)
    }

    /// The databases in which an action is allowed, all or some of their collections.
    fn databases(&self, action: &str) -> BTreeSet<String> {
        let name = |resource: &Document| {
            let collection = resource.get_str("collection").unwrap_or_default();
            match resource.get_str("db") {
                _ if resource.get_bool("anyResource").unwrap_or(false) => Some("all".to_owned()),
                // The server's own.
                _ if collection.starts_with("system.") => None,
                Ok("") if collection.is_empty() => Some("all".to_owned()),
                Ok("config" | "local") | Err(_) => None,
                Ok(database) if collection.is_empty() => Some(database.to_owned()),
                Ok(database) => Some(format!("{database}.{collection}")),
            }
        };
        self.on(action).filter_map(name).collect()
    }

    /// Whether an action is allowed on a collection.
    fn allow(&self, namespace: &Namespace, action: &str) -> bool {
        let covers = |resource: &Document, key: &str, name: &str| {
            resource.get_str(key).is_ok_and(|own| own.is_empty() || own == name)
        };
        self.on(action).any(|resource| {
            resource.get_bool("anyResource").unwrap_or(false)
                || covers(resource, "db", &namespace.database) && covers(resource, "collection", &namespace.collection)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn privileges(list: &[Document]) -> Document {
        doc! { "authenticatedUserPrivileges": list }
    }

    #[test]
    fn rights_are_those_of_the_database_the_collection_or_everything() {
        let rows = Namespace::new("phishing", "rows").unwrap();
        let other = Namespace::new("phishing", "other").unwrap();
        let info = privileges(&[
            doc! { "resource": { "db": "phishing", "collection": "" }, "actions": ["find", "listCollections"] },
            doc! { "resource": { "db": "phishing", "collection": "rows" }, "actions": ["insert"] },
            doc! { "resource": { "db": "phishing", "collection": "system.js" }, "actions": ["find"] },
            doc! { "resource": { "cluster": true }, "actions": ["insert"] },
        ]);
        let own = Privileges::of(&info);
        assert!(own.allow(&rows, "find") && own.allow(&rows, "insert") && own.allow(&other, "find"));
        assert!(!own.allow(&other, "insert") && !own.allow(&rows, "createIndex"));
        assert_eq!(or_none(&own.databases("find")), "phishing");
        assert_eq!(or_none(&own.databases("insert")), "phishing.rows");
        assert_eq!(or_none(&own.databases("createIndex")), "none");
        let root = privileges(&[doc! { "resource": { "anyResource": true }, "actions": ["insert"] }]);
        assert!(Privileges::of(&root).allow(&other, "insert"));
        let everywhere = privileges(&[doc! { "resource": { "db": "", "collection": "" }, "actions": ["insert"] }]);
        assert_eq!(or_none(&Privileges::of(&everywhere).databases("insert")), "all");
        assert!(Privileges::of(&everywhere).allow(&other, "insert"));
    }
}
