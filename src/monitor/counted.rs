//! The distribution of each column as the server itself counts it: the numbers that reading every row gives, without
//! the rows.

use crate::Result;
use crate::profile::ColumnProfile;
use crate::schema::{Column, Domain, Schema, Value, ValueType};
use crate::store::{DocumentStore, Namespace, Plain, Tally, Wanted, Window};
use bson::{Bson, Decimal128};

/// The columns of a collection, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The features in schema order, then the target, over the accepted rows.
    pub columns: Vec<ColumnProfile>,
    /// All rows.
    pub rows: u64,
    /// Rows that the schema refuses.
    pub refused: u64,
}

/// Counts the columns of a collection. None where the store cannot count, and where its counts do not tell what reading
/// would: too many distinct values, values that are equal for the server and not for the schema, or a collection that
/// changes meanwhile. The rows are to be read then, by [`super::profile`].
///
/// # Errors
/// When the store cannot be asked.
pub async fn counted(
    store: &dyn DocumentStore,
    schema: &Schema,
    namespace: &Namespace,
    window: Window,
) -> Result<Option<Counted>> {
    let mut wanted: Vec<Wanted> = schema.columns().map(wanted).collect();
    let Some(tallies) = store.tally(namespace, &wanted, window).await? else { return Ok(None) };
    let Some(all) = judge(schema, &tallies) else { return Ok(None) };
    let mut columns: Vec<ColumnProfile> = all.iter().map(|(profile, _)| profile.clone()).collect();
    let documents = |tallies: &[Tally]| tallies.iter().map(Tally::documents).max().unwrap_or_default();
    let rows = documents(&tallies);
    let is_accepted = |(profile, _): &(ColumnProfile, Vec<Bson>)| profile.refused == 0;
    if all.iter().all(is_accepted) {
        return Ok(Some(Counted { columns, rows, refused: 0 }));
    }
    // Distributions are those of the accepted rows: what is refused anywhere is left out everywhere.
    for ((wanted, tally), (_, refused)) in wanted.iter_mut().zip(&tallies).zip(all) {
        (wanted.without, wanted.without_lists) = (refused, tally.lists > 0);
    }
    let Some(tallies) = store.tally(namespace, &wanted, window).await? else { return Ok(None) };
    let Some(accepted) = judge(schema, &tallies) else { return Ok(None) };
    let left = documents(&tallies);
    if left > rows || !accepted.iter().all(is_accepted) {
        return Ok(None);
    }
    for (column, (accepted, _)) in columns.iter_mut().zip(accepted) {
        (column.values, column.missing) = (accepted.values, accepted.missing);
    }
    Ok(Some(Counted { columns, rows, refused: rows - left }))
}

/// What is to be counted of a column: distinct values, and of numbers that are sure to be accepted the extent alone.
fn wanted(column: &Column) -> Wanted {
    let plain = match column.domain {
        Domain::Levels(_) => None,
        Domain::Range(low, high) => Some(Plain {
            doubles: column.kind == ValueType::Float64,
            low: low.unwrap_or(f64::MIN),
            high: high.unwrap_or(f64::MAX),
        }),
    };
    Wanted { field: column.name.clone(), plain, without: Vec::new(), without_lists: false }
}

/// The profile of each column by its counts, with the values that the schema refuses. None when that cannot be told.
fn judge(schema: &Schema, tallies: &[Tally]) -> Option<Vec<(ColumnProfile, Vec<Bson>)>> {
    let each = |(column, tally): (&Column, &Tally)| {
        let mut profile = ColumnProfile::new(column);
        let mut refused = Vec::new();
        profile.present = tally.present;
        // No column takes a list.
        profile.refused = tally.lists;
        for (value, rows) in &tally.values {
            match meant(schema, column, value)? {
                Some(value) => profile.count(value, *rows),
                None => {
                    profile.refused += rows;
                    refused.push(value.clone());
                }
            }
        }
        if let Some((rows, low, high)) = tally.plain {
            // The rows between the two are within their extent.
            profile.count(Value::Number(low), 1);
            profile.count(Value::Number(high), rows - 1);
        }
        Some((profile, refused))
    };
    schema.columns().zip(tallies).map(each).collect()
}

/// What a value means to the schema; `Some(None)` is a refusal. Numbers of different types that are equal come as one of
/// them: None when it matters which.
fn meant(schema: &Schema, column: &Column, value: &Bson) -> Option<Option<Value>> {
    let of = |value: &Bson| schema.parse_bson(column, value).ok();
    let own = of(value);
    let double = match value {
        Bson::Int32(v) => f64::from(*v),
        Bson::Int64(v) => *v as f64,
        Bson::Double(v) => *v,
        Bson::Decimal128(v) => v.to_string().parse().ok()?,
        // Equal to a string.
        Bson::Symbol(_) => return None,
        _ => return Some(own),
    };
    let mut others = vec![Bson::Double(double)];
    if double.fract() == 0.0 && double.abs() < 9e15 {
        others.push(Bson::Int64(double as i64));
    }
    // With an exponent: written out, a large number has more digits than a decimal.
    let text = if let Bson::Int64(v) = value { v.to_string() } else { format!("{double:e}") };
    others.push(Bson::Decimal128(text.parse::<Decimal128>().ok()?));
    others.iter().all(|other| of(other) == own).then_some(own)
}
