//! Makes a server that stands alone look like the primary of a replica set, so that a driver uses sessions and repeats
//! writes by itself.

use bson::{Document, doc};
use std::net::SocketAddr;

/// The answer to a handshake, as a primary gives it, that can be reached at one address alone.
pub fn as_primary(answer: &mut Document, at: SocketAddr) {
    let at = at.to_string();
    let name = answer.get_str("setName").unwrap_or("netsec").to_owned();
    answer.extend(doc! {
        "ismaster": true, "isWritablePrimary": true, "secondary": false,
        "setName": name, "setVersion": 1, "hosts": [&at], "primary": &at, "me": &at,
        "logicalSessionTimeoutMinutes": 30,
    });
    // With it a driver would ask the server to tell of changes, which it knows nothing of.
    answer.remove("topologyVersion");
}

/// The command without what only a member of a set understands, if there is such a thing in it.
pub fn for_standalone(command: &Document) -> Option<Document> {
    let mut changed = command.clone();
    for key in ["lsid", "txnNumber", "$clusterTime", "$readPreference"] {
        changed.remove(key);
    }
    (changed.len() < command.len()).then_some(changed)
}
