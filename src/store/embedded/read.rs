//! Going through the parts of a collection: the rows that match, in their order or in another, and whole columns.

use super::{Part, SLICE};
use crate::store::bounds::Watch;
use crate::store::part::{self, ID, PUSHED_AT, RAW};
use crate::store::sort::{self, Key};
use crate::store::{Batch, Cursor, Filter, Page, Query, Window};
use crate::{Error, Result};
use bson::{Bson, Document};
use chrono::{DateTime, Utc};
use polars::prelude::{ChunkCompareIneq, DataFrame};
use std::collections::BinaryHeap;
use tokio::sync::mpsc;

/// What a row of a part holds at a top-level field.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<Bson>;

/// Goes through the rows of a part that match, from `start`, until `take` has enough. `fields` can be looked up too.
pub(super) fn each_match(
    part: &Part,
    filter: &Filter,
    fields: &[String],
    start: usize,
    watch: &Watch,
    take: &mut dyn FnMut(usize, Lookup<'_>) -> Result<bool>,
) -> Result<()> {
    let total = part.rows as usize;
    if filter.is_all() && fields.is_empty() {
        for row in start..total {
            if !take(row, &|_| None)? {
                break;
            }
        }
        return Ok(());
    }
    let columns = part::columns_for(&[filter.fields().as_slice(), fields].concat());
    let mut from = start;
    while from < total {
        watch.check()?;
        let frame = part::read(&part.path, Some(&columns), Some((from, SLICE)))?;
        for row in 0..frame.height() {
            watch.row()?;
            let odd = part::raw(&frame, row)?;
            let lookup = |name: &str| match &odd {
                Some(document) => document.get(name).cloned(),
                None => part::lookup(&frame, row, name),
            };
            if filter.matches(&lookup) && !take(from + row, &lookup)? {
                return Ok(());
            }
        }
        from += SLICE;
    }
    Ok(())
}

/// The documents at some rows of a part, which ascend.
pub(super) fn documents_at(part: &Part, rows: &[usize], watch: &Watch) -> Result<Vec<Document>> {
    let (Some(low), Some(high)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    watch.check()?;
    let frame = part::read(&part.path, None, Some((*low, high - low + 1)))?;
    rows.iter().map(|row| part::document(&frame, row - low)).collect()
}

/// A page of a sorted query: of all matching rows the smallest ones are kept, as many as a page has; only those are
/// read in full.
pub(super) fn sorted(parts: &[Part], query: &Query, watch: &Watch) -> Result<Page> {
    let fields = sort::fields(&query.sort);
    let after = query.after.as_ref().map(|cursor| Key::parse(&cursor.0, &query.sort)).transpose()?;
    // The largest is on top: it goes when a smaller one comes.
    let mut kept: BinaryHeap<Key> = BinaryHeap::new();
    for part in parts {
        each_match(part, &query.filter, &fields, 0, watch, &mut |row, lookup| {
            let key = Key::new(&query.sort, lookup, (part.number, row));
            if after.as_ref().is_none_or(|after| key > *after)
                && (kept.len() <= query.limit || kept.peek().is_some_and(|largest| key < *largest))
            {
                kept.push(key);
                if kept.len() > query.limit + 1 {
                    kept.pop();
                }
            }
            Ok(true)
        })?;
    }
    let mut kept = kept.into_sorted_vec();
    let more = kept.len() > query.limit;
    kept.truncate(query.limit);
    let next = kept.last().filter(|_| more).map(|last| Cursor(last.to_string()));
    let mut documents: Vec<Document> = vec![Document::new(); kept.len()];
    for part in parts {
        let mut rows: Vec<(usize, usize)> =
            kept.iter().enumerate().filter(|(_, k)| k.place.0 == part.number).map(|(i, k)| (k.place.1, i)).collect();
        rows.sort_unstable();
        let at: Vec<usize> = rows.iter().map(|(row, _)| *row).collect();
        for (document, (_, i)) in documents_at(part, &at, watch)?.into_iter().zip(rows) {
            documents[i] = document;
        }
    }
    Ok(Page { documents, next })
}

fn window_mask(frame: DataFrame, window: Window) -> Result<DataFrame> {
    if window.is_open() {
        return Ok(frame);
    }
    let broken = |e: polars::error::PolarsError| Error::data("a part without times").caused_by(e);
    let times = frame.column(PUSHED_AT).and_then(|c| c.i64().cloned()).map_err(broken)?;
    let mut mask = times.gt_eq(window.from.map_or(i64::MIN, |t| t.timestamp_millis()));
    if let Some(to) = window.to {
        mask = mask & times.lt(to.timestamp_millis());
    }
    frame.filter(&mask).map_err(broken)
}

/// When the first and the last row of a frame were stored.
fn stored(frame: &DataFrame) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let times = frame.column(PUSHED_AT).ok()?.i64().ok()?;
    let (first, last) = times.iter().flatten().fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(t), b.max(t)));
    DateTime::from_timestamp_millis(first).zip(DateTime::from_timestamp_millis(last)).filter(|_| first <= last)
}

/// The `_id` of each row.
fn ids(frame: &DataFrame, odd: &[(usize, Document)]) -> Vec<Bson> {
    let texts = frame.column(ID).and_then(|c| c.str().cloned());
    let mut ids: Vec<Bson> = match texts {
        Ok(texts) => texts.iter().map(|text| text.map_or(Bson::Null, Bson::from)).collect(),
        Err(_) => vec![Bson::Null; frame.height()],
    };
    for (row, document) in odd {
        ids[*row] = document.get(ID).cloned().unwrap_or(Bson::Null);
    }
    ids
}

pub(super) fn send_part(
    part: &Part,
    columns: &[String],
    window: Window,
    watch: &Watch,
    out: &mpsc::Sender<Result<Batch>>,
) -> Result<bool> {
    let mut from = 0;
    while from < part.rows as usize {
        watch.check()?;
        let frame = part::read(&part.path, Some(columns), Some((from, SLICE)))?;
        if frame.height() != SLICE.min(part.rows as usize - from) {
            return Err(Error::data(format!("{} holds fewer rows than its name says", part.path.display()))
                .hint("restore it from a backup, or move it away and push its source again"));
        }
        watch.rows(frame.height() as u64);
        let frame = window_mask(frame, window)?;
        let mut odd = Vec::new();
        for row in 0..frame.height() {
            if let Some(document) = part::raw(&frame, row)? {
                odd.push((row, document));
            }
        }
        let ids = if columns.iter().any(|c| c == ID) { ids(&frame, &odd) } else { Vec::new() };
        let frame = frame.drop(RAW).unwrap_or(frame);
        // The receiver is gone when whoever asked has lost interest.
        if out.blocking_send(Ok(Batch { stored: stored(&frame), frame, odd, ids, notes: Vec::new() })).is_err() {
            return Ok(false);
        }
        from += SLICE;
    }
    Ok(true)
}
