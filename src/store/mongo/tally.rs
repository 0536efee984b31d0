//! Counting the values of fields by the server's aggregation: one pass over the collection for all fields.

use super::{MongoStore, failure, query};
use crate::Result;
use crate::store::{Namespace, Plain, Tally, Wanted, Window};
use bson::{Bson, Document, doc};
use futures_util::stream::TryStreamExt;
use mongodb::error::{Error as Driver, ErrorKind};
use mongodb::options::{AggregateOptions, Collation};

/// Distinct values of a field that are counted. A field with more is better read as it is.
const MOST: usize = 1_000;

impl MongoStore {
    /// Counts the values of fields. None where the server has no such stage, where the answer would be too large, and
    /// where a field cannot be named in an aggregation or has too many values.
    pub(super) async fn count_values(
        &self,
        namespace: &Namespace,
        wanted: &[Wanted],
        window: Window,
    ) -> Result<Option<Vec<Tally>>> {
        let nameable = |field: &str| !field.is_empty() && !field.contains('.') && !field.starts_with('$');
        // A regular expression would be taken for a pattern.
        let comparable = |value: &Bson| !matches!(value, Bson::RegularExpression(_));
        if !wanted.iter().all(|w| nameable(&w.field) && w.without.iter().all(comparable)) {
            return Ok(None);
        }
        let facets: Document = wanted.iter().enumerate().flat_map(|(at, wanted)| facets(at, wanted)).collect();
        let pipeline = [doc! { "$match": matched(wanted, window) }, doc! { "$facet": facets }];
        let options = AggregateOptions::builder()
            .allow_disk_use(true)
            .max_time(self.bounds.within)
            // A collection may have one that takes "a" and "A" for the same.
            .collation(Collation::builder().locale("simple").build())
            .build();
        let collection = self.collection(namespace).await?;
        let counted = async {
            let cursor = collection.aggregate(pipeline).with_options(options).with_type::<Document>().await?;
            cursor.try_collect::<Vec<_>>().await
        };
        let answer = match self.told(counted).await? {
            Ok(mut answer) => answer.pop().unwrap_or_default(),
            Err(e) if is_unable(&e) => return Ok(None),
            Err(e) => return Err(self.failed("counting values", &e)),
        };
        let tallies: Option<Vec<Tally>> = (0..wanted.len()).map(|at| tally(&answer, at)).collect();
        if tallies.as_ref().is_some_and(|all| all.iter().all(|tally| tally.documents() == 0)) {
            self.must_exist(namespace).await?;
        }
        Ok(tallies)
    }
}

/// The documents that are counted.
fn matched(wanted: &[Wanted], window: Window) -> Document {
    let conditions = |w: &Wanted| {
        let values = (!w.without.is_empty()).then(|| doc! { &w.field: { "$nin": &w.without } });
        let lists = w.without_lists.then(|| no_list(&w.field));
        [values, lists].into_iter().flatten().collect::<Vec<_>>()
    };
    wanted.iter().flat_map(conditions).fold(query::window(window), query::both)
}

/// That a field has no list in it.
fn no_list(name: &str) -> Document {
    doc! { name: { "$not": { "$type": "array" } } }
}

/// What is gathered for a field: its values, its plain numbers, and whether it is there.
fn facets(at: usize, wanted: &Wanted) -> Vec<(String, Bson)> {
    let (name, path) = (&wanted.field, format!("${}", wanted.field));
    let mut values = vec![
        doc! { "$match": no_list(name) },
        doc! { "$group": { "_id": &path, "n": { "$sum": 1 } } },
        doc! { "$limit": MOST as i64 + 1 },
    ];
    let lists =
        [doc! { "$match": { name: { "$type": "array" } } }, doc! { "$group": { "_id": null, "n": { "$sum": 1 } } }];
    let mut all = Vec::new();
    if let Some(plain) = &wanted.plain {
        let is_plain = is_plain(name, plain);
        values.insert(0, doc! { "$match": { "$nor": [is_plain.clone()] } });
        let sums = doc! { "_id": null, "n": { "$sum": 1 }, "low": { "$min": &path }, "high": { "$max": &path } };
        all.push((format!("plain{at}"), pipeline([doc! { "$match": is_plain }, doc! { "$group": sums }])));
    }
    let there =
        [doc! { "$match": { name: { "$exists": true } } }, doc! { "$limit": 1 }, doc! { "$project": { "_id": 1 } }];
    all.push((format!("values{at}"), pipeline(values)));
    all.push((format!("lists{at}"), pipeline(lists)));
    all.push((format!("there{at}"), pipeline(there)));
    all
}

fn pipeline(stages: impl IntoIterator<Item = Document>) -> Bson {
    Bson::Array(stages.into_iter().map(Bson::Document).collect())
}

/// Whether a value, and not one in a list, is a plain number.
fn is_plain(name: &str, plain: &Plain) -> Document {
    let mut types = vec!["int", "long"];
    types.extend(plain.doubles.then_some("double"));
    query::both(doc! { name: { "$type": types, "$gte": plain.low, "$lte": plain.high } }, no_list(name))
}

/// Reads a field's counts. None when there are too many values.
fn tally(answer: &Document, at: usize) -> Option<Tally> {
    let list = |name: &str| answer.get_array(format!("{name}{at}")).map(Vec::as_slice).unwrap_or_default();
    let values = list("values");
    if values.len() > MOST {
        return None;
    }
    let value = |entry: &Bson| {
        let entry = entry.as_document()?;
        Some((entry.get("_id").cloned().unwrap_or(Bson::Null), number(entry.get("n")?)? as u64))
    };
    let sum = |name: &str, key: &str| number(list(name).first()?.as_document()?.get(key)?);
    let plain = sum("plain", "n").zip(sum("plain", "low").zip(sum("plain", "high")));
    let plain = plain.map(|(n, (low, high))| (n as u64, low, high));
    let lists = sum("lists", "n").unwrap_or_default() as u64;
    let values = values.iter().map(value).collect::<Option<_>>()?;
    Some(Tally { values, plain, lists, present: !list("there").is_empty() })
}

fn number(value: &Bson) -> Option<f64> {
    match value {
        Bson::Int32(v) => Some(f64::from(*v)),
        Bson::Int64(v) => Some(*v as f64),
        Bson::Double(v) => Some(*v),
        _ => None,
    }
}

/// Whether the server cannot do it, rather than not now or not for this user.
pub(super) fn is_unable(error: &Driver) -> bool {
    // Rights, a user that is refused, no such collection, and the time limit.
    let is_other = |code: i32| matches!(code, 13 | 18 | 26 | 43 | 50 | 175 | 237 | 262 | 8000);
    matches!(error.kind.as_ref(), ErrorKind::Command(_))
        && !failure::is_passing(error)
        && !failure::code(error).is_some_and(is_other)
}

#[cfg(test)]
mod tests;
