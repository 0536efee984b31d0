//! The vectors of a run into a collection, as the models saw them: filled in, with their side, fold and label counts.

use super::split::{FOLD, NEGATIVE, POSITIVE, VECTOR, read_split_rows};
use crate::content::Content;
use crate::dataset::{Cells, Vectors};
use crate::preprocess::Preprocessor;
use crate::run::RunDir;
use crate::schema::{Column, Schema, Value, ValueType};
use crate::store::{DocumentStore, Inflow, META, Namespace, Portion, Step, check_target};
use crate::{Error, Result, files};
use bson::{Bson, Document, doc};
use rayon::prelude::*;

/// The run's id.
const RUN: &str = "_run";
/// `train` or `holdout`.
const SPLIT: &str = "_split";
/// The features that were filled in.
const IMPUTED: &str = "_imputed";
/// Vectors read at once.
const ROWS: usize = 50_000;

/// How far it is, and at the end what was done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Published {
    /// Vectors read.
    pub vectors: u64,
    /// Vectors of the run, where its journal tells.
    pub total: Option<u64>,
    /// Those added.
    pub inserted: u64,
    /// Those that were there already.
    pub unchanged: u64,
    /// What was made in the store, in words.
    pub notes: Vec<String>,
}

/// Writes the distinct vectors of a run's training part and hold-out into a collection. A document has the features
/// under their names, with missing values as the models saw them (null where missing is a level of its own), and
/// `_run`, `_vector` (its salted hash), `_split` (`train`, `holdout`), `_fold` (from 0; null in the hold-out),
/// `_negative` and `_positive` (rows by label) and `_imputed` (the features that were filled in, or null). The `_id` is made
/// from all of that: the same run again adds nothing, and what was cut off is completed by repeating it.
///
/// # Errors
/// A run whose rows are not split yet; a target that holds something else; a store that fails. What was stored before
/// stays.
pub async fn publish(
    dir: &RunDir,
    store: &dyn DocumentStore,
    to: &Namespace,
    progress: &(dyn Fn(&Published) + Send + Sync),
) -> Result<Published> {
    // Written last: with it the others are there.
    let preprocessor = files::read_json_if_there::<Preprocessor>(&dir.file("preprocessor.json"))?.ok_or_else(|| {
        Error::user(format!("run {} has no transformed data yet", dir.id))
            .hint(format!("netsec-tui train --run {} goes on with it", dir.id))
    })?;
    let schema = dir.schema()?;
    let total = crate::run::entry(dir)?.state.data.map(|data| data.vectors);
    check_target(store, to, &[RUN, VECTOR, SPLIT, NEGATIVE, POSITIVE], "transformed data of a run").await?;
    let mut done = Published { total, notes: store.prepare(to).await?, ..Published::default() };
    let form = Form {
        run: dir.id.clone(),
        source: format!("run {}", dir.id),
        schema,
        preprocessor,
        at: bson::DateTime::now(),
    };
    let mut portion = Portion::new(store.pace());
    let dir = dir.clone();
    let mut inflow = Inflow::new(store, to, move |out| {
        for (side, file) in [("train", "train.parquet"), ("holdout", "test.parquet")] {
            let mut from = 0;
            loop {
                let part = read_split_rows(&dir.file(file), &form.schema, Some((from, ROWS)))?;
                let rows = part.vectors.len();
                for document in form.documents(side, &part.vectors, &part.folds) {
                    if let Some(full) = portion.add(document)
                        && out.blocking_send(Ok(full)).is_err()
                    {
                        return Ok(());
                    }
                }
                from += rows;
                if rows < ROWS {
                    break;
                }
            }
        }
        let _ = out.blocking_send(Ok(portion.take()));
        Ok(())
    });
    while let Some(step) = inflow.next().await? {
        match step {
            Step::Read(documents) => {
                done.vectors += documents.len() as u64;
                if !documents.is_empty() {
                    inflow.store(documents, ());
                }
            }
            Step::Stored(stored, ()) => {
                done.inserted += stored.inserted;
                done.unchanged += stored.unchanged;
                stored.must_be_whole(to)?;
            }
        }
        progress(&done);
    }
    Ok(done)
}

/// What all vectors of a run share.
struct Form {
    run: String,
    source: String,
    schema: Schema,
    preprocessor: Preprocessor,
    at: bson::DateTime,
}

impl Form {
    fn documents(&self, side: &str, vectors: &Vectors, folds: &[u32]) -> Vec<Document> {
        let shown = self.preprocessor.shown(vectors);
        let document = |row: usize| {
            let mut fields = Document::new();
            let mut imputed = Vec::new();
            for (column, (shown, observed)) in
                self.schema.features.iter().zip(shown.columns.iter().zip(&vectors.columns))
            {
                fields.insert(column.name.as_str(), value(column, shown, row));
                if observed.is_missing(row) && !shown.is_missing(row) {
                    imputed.push(Bson::String(column.name.clone()));
                }
            }
            let [negative, positive] = vectors.counts[row].map(i64::from);
            fields.insert(RUN, self.run.as_str());
            fields.insert(VECTOR, files::hex(&vectors.hash[row]));
            fields.insert(SPLIT, side);
            fields.insert(FOLD, folds.get(row).map(|fold| i64::from(*fold)));
            fields.insert(NEGATIVE, negative);
            fields.insert(POSITIVE, positive);
            fields.insert(IMPUTED, if imputed.is_empty() { Bson::Null } else { Bson::Array(imputed) });
            let mut content = Content::of(&self.source);
            fields.iter().for_each(|(name, value)| content.add(name, value));
            let mut document = doc! { "_id": content.id() };
            document.extend(fields);
            document.insert(META, doc! { "source": &self.source, "pushed_at": self.at });
            document
        };
        (0..vectors.len()).into_par_iter().map(document).collect()
    }
}

/// A value as a field. The mean of whole numbers need not be one.
fn value(column: &Column, cells: &Cells, row: usize) -> Bson {
    match cells.get(row) {
        Value::Number(v) if column.kind == ValueType::Int64 && v.fract() != 0.0 => Bson::Double(v),
        value => column.scalar(value).map_or(Bson::Null, |scalar| scalar.to_bson()),
    }
}
