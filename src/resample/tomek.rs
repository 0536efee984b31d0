//! Tomek links (Tomek 1976, "Two modifications of CNN"): two rows of different label, each the other's nearest. One of
//! them is noise, or both stand at the border between the classes.
//!
//! The distance is that of [`crate::model::knn`]: a categorical difference counts 1, a numeric one its square in
//! standard deviations. Of equally near rows, which categorical data has many of, the nearest is the one with the lowest
//! index; rows come sorted by the hash of their vector, so this does not depend on the order in which they were stored.
//! A vector that carries both labels is two rows at distance 0, and always a link.

use super::neighbours::{Metric, Points};
use super::{keep, minority};
use crate::dataset::Dataset;
use rayon::prelude::*;
use std::borrow::Cow;

/// Most rows among which links are searched: the work grows with their square, and a sample has other links.
const MOST: usize = 20_000;

/// Refuses too many rows; `whose` says in the reason how they came about.
///
/// # Errors
/// The reason.
pub(super) fn check(data: &Dataset, whose: &str) -> Result<(), String> {
    if data.len() <= MOST {
        return Ok(());
    }
    Err(format!("Tomek links need at most 20,000 distinct vectors, {whose} {}", data.len()))
}

/// Without the majority's row of every link.
///
/// # Errors
/// When there are too many rows, or no row of the majority would be left.
pub(super) fn without_majority(data: Cow<'_, Dataset>) -> Result<Cow<'_, Dataset>, String> {
    check(&data, "the fold has")?;
    let minority = minority(&data);
    let kept = linked(&data).iter().zip(&data.label).map(|(linked, label)| !linked || *label == minority).collect();
    left(data, kept)
}

/// Without both rows of every link.
///
/// # Errors
/// When there are too many rows, or no row of a label would be left.
pub(super) fn without_both(balanced: Cow<'_, Dataset>) -> Result<Cow<'_, Dataset>, String> {
    check(&balanced, "with the synthetic ones the fold has")?;
    let kept = linked(&balanced).iter().map(|linked| !linked).collect();
    left(balanced, kept)
}

fn left(data: Cow<'_, Dataset>, kept: Vec<bool>) -> Result<Cow<'_, Dataset>, String> {
    if kept.iter().all(|k| *k) {
        return Ok(data);
    }
    let left = keep(&data, &kept);
    if !left.has_both_labels() {
        return Err("every row of one label is in a Tomek link: none would be left".to_owned());
    }
    Ok(Cow::Owned(left))
}

/// Whether each row is in a link.
pub(super) fn linked(data: &Dataset) -> Vec<bool> {
    let rows: Vec<u32> = (0..data.len() as u32).collect();
    let points = Points::new(data, Metric::Difference(1.0), rows.clone());
    let nearest: Vec<Option<u32>> = rows.par_iter().map(|row| points.nearest(*row, 1).first().copied()).collect();
    let linked = |row: &u32| {
        nearest[*row as usize].is_some_and(|other| {
            nearest[other as usize] == Some(*row) && data.label[other as usize] != data.label[*row as usize]
        })
    };
    rows.iter().map(linked).collect()
}
