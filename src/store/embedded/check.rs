//! Looking at the directory step by step.

use super::EmbeddedStore;
use crate::error::IoContext;
use crate::form::plural;
use crate::store::DocumentStore;
use crate::store::probe::{Found, Probe, take};
use crate::{Error, Result};
use std::path::Path;
use tokio::sync::mpsc;

impl EmbeddedStore {
    /// Takes all steps up to the first that fails.
    pub(super) async fn steps(&self, out: &mpsc::Sender<Probe>) -> Option<()> {
        take(out, "connection", async { Ok(self.introduced()) }).await?;
        take(out, "reading", self.listed()).await?;
        take(out, "writing", self.blocking(|store| writable(&store.root))).await
    }

    fn introduced(&self) -> Found<()> {
        let mut detail = vec![format!("the embedded store in {}", self.root.display())];
        if !self.root.exists() {
            detail.push("it is made by the first push".to_owned());
        }
        Found::passed(detail, ())
    }

    async fn listed(&self) -> Result<Found<()>> {
        let (mut collections, mut documents) = (0, 0);
        for database in self.databases().await? {
            for collection in self.collections(&database).await? {
                collections += 1;
                documents += collection.documents.unwrap_or_default();
            }
        }
        let told = format!("{} with {}", plural(collections, "collection"), plural(documents, "document"));
        Ok(Found::passed(vec![told], ()))
    }
}

/// Whether something can be written there: a file without a name, which is gone when it is closed.
fn writable(root: &Path) -> Result<Found<()>> {
    // Before the first push there is no more than the place where the directory will be.
    let dir = root.ancestors().find(|dir| dir.is_dir()).ok_or_else(|| {
        Error::remote(format!("{} cannot be made: nothing above it is there", root.display())).hint("check --home")
    })?;
    tempfile::tempfile_in(dir).at("writing in", dir)?;
    Ok(Found::passed(vec!["files can be written".to_owned()], ()))
}
