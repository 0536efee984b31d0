//! Numbers of some rows of a collection: enough for a histogram of a collection that is too large to be read for it.

use crate::Result;
use crate::dataset::Cells;
use crate::schema::Schema;
use crate::store::{DocumentStore, Namespace};
use crate::typed::Typed;

/// Rows that were drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The numbers of the accepted ones, feature by feature; those of a categorical one are empty.
    numbers: Vec<Vec<f64>>,
    /// How many were drawn.
    pub rows: u64,
    /// Whether they were drawn at random; they are the first ones otherwise.
    pub is_random: bool,
}

impl Drawn {
    /// The numbers of a feature, sorted; empty for a categorical one.
    pub fn numbers(&self, feature: usize) -> Vec<f64> {
        let mut numbers = self.numbers.get(feature).cloned().unwrap_or_default();
        numbers.sort_unstable_by(f64::total_cmp);
        numbers
    }
}

/// Draws so many rows of a collection. None where the store does not draw, and the rows are to be read, by
/// [`super::profile`].
///
/// # Errors
/// When the store cannot be asked.
pub async fn drawn(
    store: &dyn DocumentStore,
    schema: &Schema,
    namespace: &Namespace,
    most: u32,
) -> Result<Option<Drawn>> {
    // All columns: a row is accepted as a whole.
    let fields: Vec<String> = schema.columns().map(|c| c.name.clone()).collect();
    let Some(mut sample) = store.sample(namespace, &fields, most).await? else { return Ok(None) };
    let mut drawn = Drawn { numbers: vec![Vec::new(); schema.features.len()], rows: 0, is_random: sample.is_random };
    while let Some(batch) = sample.batches.recv().await {
        let rows = Typed::of_batch(schema, &batch?);
        let accepted = rows.accepted();
        drawn.rows += rows.len() as u64;
        for (own, cells) in drawn.numbers.iter_mut().zip(&rows.features) {
            if let Cells::Numbers(values) = cells {
                let taken = values.iter().zip(&accepted).filter(|(value, accepted)| **accepted && !value.is_nan());
                own.extend(taken.map(|(value, _)| *value));
            }
        }
    }
    Ok(Some(drawn))
}
