//! Balancing the classes of a training fold: by weights, by drawing rows, by synthetic rows.
//!
//! Counts of a class are of observed rows: a row of weight 3 is three of them. Where vectors are compared with their
//! neighbours, each distinct vector with its label is one point, however often it was observed. The smaller class is
//! called the minority, be it the negative or the positive one.

mod neighbours;
mod smote;
mod tomek;

use crate::dataset::Dataset;
use crate::random::Stream;
use rayon::slice::ParallelSliceMut;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cmp::Ordering;

/// How the classes of a training fold are brought into balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resampling {
    /// Not at all.
    None,
    /// The rows stay; each class counts the same in sums.
    ClassWeights,
    /// Rows of the minority are repeated.
    Oversample,
    /// Rows of the majority are left out.
    Undersample,
    /// Synthetic rows between rows of the minority (Chawla, Bowyer, Hall and Kegelmeyer 2002, JAIR 16): SMOTE for
    /// numeric, SMOTE-N for categorical, SMOTE-NC for mixed features.
    Smote,
    /// Majority rows that are mutual nearest neighbours with a row of the other label are left out (Tomek 1976).
    TomekLinks,
    /// SMOTE, then both rows of every Tomek link are left out (Batista, Prati and Monard 2004).
    SmoteTomek,
}

impl Resampling {
    /// Every way, from the mildest on.
    pub const ALL: [Resampling; 7] = [
        Resampling::None,
        Resampling::ClassWeights,
        Resampling::Oversample,
        Resampling::Undersample,
        Resampling::Smote,
        Resampling::TomekLinks,
        Resampling::SmoteTomek,
    ];

    /// The name used in settings and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Resampling::None => "none",
            Resampling::ClassWeights => "class_weights",
            Resampling::Oversample => "oversample",
            Resampling::Undersample => "undersample",
            Resampling::Smote => "smote",
            Resampling::TomekLinks => "tomek_links",
            Resampling::SmoteTomek => "smote_tomek",
        }
    }

    /// Whether this changes the class shares a model is shown, so that its probabilities must be calibrated.
    pub fn distorts(self) -> bool {
        self != Resampling::None
    }
}

impl std::str::FromStr for Resampling {
    type Err = crate::Error;

    fn from_str(text: &str) -> crate::Result<Self> {
        Resampling::ALL.into_iter().find(|how| how.name() == text).ok_or_else(|| {
            let names: Vec<_> = Resampling::ALL.iter().map(|how| how.name()).collect();
            crate::Error::user(format!("unknown resampling {text:?}")).hint(format!("one of {}", names.join(", ")))
        })
    }
}

/// A training fold in balance; borrowed where nothing had to change. Same rows, seed and purpose: same bytes.
///
/// `purpose` gives the draws a random stream of their own, for example `"trial 3 fold 1"`. Weights stay whole numbers.
///
/// - [`ClassWeights`](Resampling::ClassWeights) sets `class_weight` to scikit-learn's "balanced": all rows / (2 * rows
///   of the label).
/// - [`Oversample`](Resampling::Oversample) and [`Undersample`](Resampling::Undersample) draw observed rows, with and
///   without replacement, until both labels have equally many. Only weights change; rows left without are dropped.
/// - [`Smote`](Resampling::Smote) adds as many synthetic rows as the minority has rows less. Each weighs 1, and those
///   equal to each other or to a row of the minority become one row.
/// - [`TomekLinks`](Resampling::TomekLinks) and [`SmoteTomek`](Resampling::SmoteTomek) only drop rows (the latter
///   after SMOTE): the classes need not be level afterwards.
///
/// # Errors
/// The reason why these rows do not allow it: one label only, a minority of one vector (SMOTE), too many vectors (Tomek
/// links), or a label of which nothing would be left.
pub fn resample<'a>(data: &'a Dataset, how: Resampling, seed: u64, purpose: &str) -> Result<Cow<'a, Dataset>, String> {
    if how == Resampling::None {
        return Ok(Cow::Borrowed(data));
    }
    if !data.has_both_labels() {
        return Err("the training rows have one label only".to_owned());
    }
    match how {
        Resampling::None => Ok(Cow::Borrowed(data)),
        Resampling::ClassWeights => Ok(Cow::Owned(class_weights(data))),
        Resampling::Oversample => Ok(oversample(data, seed, purpose)),
        Resampling::Undersample => Ok(undersample(data, seed, purpose)),
        Resampling::Smote => smote::smote(distinct(Cow::Borrowed(data)), seed, purpose),
        Resampling::TomekLinks => tomek::without_majority(distinct(Cow::Borrowed(data))),
        Resampling::SmoteTomek => {
            let data = distinct(Cow::Borrowed(data));
            // Synthetic rows only make it more: refused before the work is done.
            tomek::check(&data, "the fold has")?;
            tomek::without_both(smote::smote(data, seed, purpose)?)
        }
    }
}

fn class_weights(data: &Dataset) -> Dataset {
    let rows = label_rows(data);
    let all = rows[0] + rows[1];
    Dataset { class_weight: Some(rows.map(|n| all / (2.0 * n))), ..data.clone() }
}

fn oversample<'a>(data: &'a Dataset, seed: u64, purpose: &str) -> Cow<'a, Dataset> {
    let rows = label_rows(data);
    let lacking = rows[0].max(rows[1]) - rows[0].min(rows[1]);
    if lacking == 0.0 {
        return Cow::Borrowed(data);
    }
    let observed = observed(data, minority(data));
    let mut stream = Stream::new(seed, &[purpose, "oversampling"]);
    let mut more = data.clone();
    for _ in 0..lacking as u64 {
        more.weight[observed[stream.below(observed.len())] as usize] += 1.0;
    }
    Cow::Owned(more)
}

fn undersample<'a>(data: &'a Dataset, seed: u64, purpose: &str) -> Cow<'a, Dataset> {
    let rows = label_rows(data);
    let kept = rows[0].min(rows[1]);
    if rows[0] == rows[1] {
        return Cow::Borrowed(data);
    }
    let mut observed = observed(data, 1 - minority(data));
    Stream::new(seed, &[purpose, "undersampling"]).shuffle(&mut observed);
    let mut fewer = data.clone();
    for row in &observed[kept as usize..] {
        fewer.weight[*row as usize] -= 1.0;
    }
    let left: Vec<bool> = fewer.weight.iter().map(|w| *w > 0.0).collect();
    Cow::Owned(keep(&fewer, &left))
}

/// Observed rows by label: negative, positive.
fn label_rows(data: &Dataset) -> [f64; 2] {
    let mut rows = [0.0; 2];
    for (label, weight) in data.label.iter().zip(&data.weight) {
        rows[*label as usize] += weight;
    }
    rows
}

/// The label with fewer observed rows; of equally many the positive one, whose rows are the ones to keep.
fn minority(data: &Dataset) -> u8 {
    let rows = label_rows(data);
    u8::from(rows[1] <= rows[0])
}

/// The rows of a label, each as often as it was observed.
fn observed(data: &Dataset, label: u8) -> Vec<u32> {
    let of_label = (0..data.len()).filter(|i| data.label[*i] == label);
    of_label.flat_map(|i| std::iter::repeat_n(i as u32, data.weight[i] as usize)).collect()
}

/// The rows of which `kept` says so.
fn keep(data: &Dataset, kept: &[bool]) -> Dataset {
    let mut left = Dataset {
        levels: data.levels.clone(),
        numeric: data.numeric.clone(),
        class_weight: data.class_weight,
        ..Dataset::default()
    };
    for i in (0..data.len()).filter(|i| kept[*i]) {
        let row = data.row(i);
        left.codes.extend_from_slice(row.codes);
        left.numbers.extend_from_slice(row.numbers);
        left.label.push(data.label[i]);
        left.weight.push(data.weight[i]);
    }
    left
}

/// Equal rows of one label as one row, at the place of the first. Synthetic rows may be equal to others, and so may
/// vectors that differed only where a value was missing.
fn distinct(data: Cow<'_, Dataset>) -> Cow<'_, Dataset> {
    let order = |a: usize, b: usize| -> Ordering {
        let (x, y) = (data.row(a), data.row(b));
        let numbers = || x.numbers.iter().zip(y.numbers).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne());
        data.label[a]
            .cmp(&data.label[b])
            .then_with(|| x.codes.cmp(y.codes))
            .then_with(|| numbers().unwrap_or(Ordering::Equal))
    };
    let mut sorted: Vec<u32> = (0..data.len() as u32).collect();
    sorted.par_sort_unstable_by(|a, b| order(*a as usize, *b as usize).then(a.cmp(b)));
    let mut weight = data.weight.clone();
    let mut kept = vec![true; data.len()];
    let mut first = 0;
    for i in 1..sorted.len() {
        let row = sorted[i] as usize;
        if order(sorted[first] as usize, row).is_eq() {
            weight[sorted[first] as usize] += weight[row];
            kept[row] = false;
        } else {
            first = i;
        }
    }
    if kept.iter().all(|k| *k) {
        return data;
    }
    Cow::Owned(keep(&Dataset { weight, ..data.into_owned() }, &kept))
}

#[cfg(test)]
mod tests;
