//! The rows of a collection, judged and told field by field.

use crate::console::msg::data::Fields;
use crate::context::Context;
use netsec::monitor::{self, What};
use netsec::store::{DocumentStore, Namespace, Window};
use netsec::{Error, Result};

/// Reads all rows of a collection.
pub async fn read(context: &Context, store: &dyn DocumentStore, namespace: Namespace) -> Result<Fields> {
    let schema = context.schema(&namespace)?;
    let quality = context.quality()?;
    let what = What::Collection(namespace, Window::default());
    let (profile, validation) = monitor::validate(store, &schema, &what, &quality).await?;
    // Sorting numbers takes its time.
    tokio::task::spawn_blocking(move || Fields::new(schema, &profile, validation))
        .await
        .map_err(|e| Error::internal("telling the fields panicked").caused_by(e))
}
