//! The registry: which model was in use when, and why.
//!
//! Below the registry's place, each model name has
//!
//! ```text
//! NAME/versions/<n>/claim.json       written first: the number is taken
//! NAME/versions/<n>/model.json ...   the bundle's files, written once
//! NAME/versions/<n>/manifest.yaml    written last: the version is complete
//! NAME/ledger/<000001>.json          what happened, in order
//! NAME/aliases/<alias>.json          where the ledger says that an alias is, for other consumers
//! ```

mod ledger;

pub use ledger::{Action, Entry, Ledger};
