//! K nearest neighbours. A categorical difference counts 1, a numeric one its square in standard deviations.
//!
//! Rows count as often as they were observed. Where several rows share the distance of the k-th neighbour, they share
//! its vote in proportion, so the answer does not depend on the order of the rows.

mod packed;

use super::{Fit, require};
use crate::dataset::{Dataset, Row};
use crate::random::Stream;
use packed::Packed;
use serde::{Deserialize, Serialize};

/// A fitted model: the training rows, or a sample of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Rows", into = "Rows")]
pub struct Knn {
    rows: Rows,
    packed: Packed,
}

/// The rows in their file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    k: u32,
    weights: Weights,
    /// Rows that the sample was drawn from.
    of: u64,
    /// Number of codes of each feature.
    levels: Vec<u16>,
    numeric: Vec<bool>,
    /// Row by row.
    codes: Vec<u8>,
    /// The standardized numeric values, row by row.
    numbers: Vec<f64>,
    label: Vec<u8>,
    /// How often each row was observed.
    count: Vec<u32>,
    /// What a row counts by its label.
    class_weight: [f64; 2],
}

impl From<Rows> for Knn {
    fn from(rows: Rows) -> Self {
        let packed = Packed::new(&rows.codes, &rows.levels, &rows.numeric, rows.label.len());
        Self { rows, packed }
    }
}

impl From<Knn> for Rows {
    fn from(model: Knn) -> Self {
        model.rows
    }
}

/// How neighbours vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Weights {
    /// All alike.
    Uniform,
    /// By the inverse of their distance; rows at distance 0, where there are any, decide alone.
    Distance,
}

/// Parameters of the neighbours.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    k: u32,
    weights: Weights,
    #[serde(default = "twenty_thousand")]
    max_rows: u32,
}

fn twenty_thousand() -> u32 {
    20_000
}

impl Parameters {
    pub(super) fn check(&self) -> Result<(), String> {
        require(self.k > 0, "k must be at least 1")?;
        require(self.max_rows > 0, "max_rows must be at least 1")
    }
}

/// Keeps the rows: all of them, or `max_rows` drawn without replacement.
pub(super) fn fit(params: &Parameters, data: &Dataset, fit: &Fit<'_>) -> Knn {
    let mut kept: Vec<usize> = (0..data.len()).collect();
    let most = params.max_rows as usize;
    if kept.len() > most {
        let mut stream = Stream::new(fit.seed, &[fit.purpose, "knn"]);
        for i in 0..most {
            let other = i + stream.below(kept.len() - i);
            kept.swap(i, other);
        }
        kept.truncate(most);
        kept.sort_unstable();
    }
    Knn::from(Rows {
        k: params.k,
        weights: params.weights,
        of: data.len() as u64,
        levels: data.levels.clone(),
        numeric: data.numeric.clone(),
        codes: kept.iter().flat_map(|i| data.row(*i).codes).copied().collect(),
        numbers: kept.iter().flat_map(|i| data.row(*i).numbers).copied().collect(),
        label: kept.iter().map(|i| data.label[*i]).collect(),
        count: kept.iter().map(|i| data.weight[*i] as u32).collect(),
        class_weight: data.class_weight.unwrap_or([1.0; 2]),
    })
}

/// What scoring a row needs room for.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// Packed codes of the row.
    query: Vec<u64>,
    /// Observed rows by label at each number of differences.
    at: Vec<[u64; 2]>,
    /// Distance and position of each training row.
    near: Vec<(f64, u32)>,
}

/// The votes so far.
struct Poll {
    left: f64,
    votes: f64,
    total: f64,
}

impl Knn {
    /// Rows that are kept, and rows that they were drawn from.
    pub(super) fn kept(&self) -> [u64; 2] {
        [self.rows.label.len() as u64, self.rows.of]
    }

    /// The share of positive votes among the k nearest rows.
    pub(super) fn probability(&self, row: Row<'_>, room: &mut Room) -> f64 {
        self.packed.pack(row.codes, &mut room.query);
        if row.numbers.is_empty() { self.by_differences(room) } else { self.by_distance(row, room) }
    }

    /// Without numbers a distance is a count: rows are added up by it, and nothing need be sorted.
    fn by_differences(&self, room: &mut Room) -> f64 {
        room.at.clear();
        room.at.resize(self.rows.numeric.len() + 1, [0; 2]);
        self.packed.each(&room.query, |i, differing| {
            room.at[differing as usize][usize::from(self.rows.label[i])] += u64::from(self.rows.count[i]);
        });
        let mut poll = self.poll();
        for (differing, [negative, positive]) in room.at.iter().enumerate() {
            if let Some(decided) = self.vote(&mut poll, differing as f64, *negative as f64, *positive as f64) {
                return decided;
            }
        }
        poll.votes / poll.total
    }

    fn by_distance(&self, row: Row<'_>, room: &mut Room) -> f64 {
        let width = row.numbers.len();
        room.near.clear();
        let near = &mut room.near;
        self.packed.each(&room.query, |i, differing| {
            let numbers = &self.rows.numbers[i * width..(i + 1) * width];
            let squares: f64 = row.numbers.iter().zip(numbers).map(|(a, b)| (a - b) * (a - b)).sum();
            near.push((f64::from(differing) + squares, i as u32));
        });
        // Every row has a count of at least one, so the k nearest observed rows are among the k nearest entries.
        let k = (self.rows.k as usize).min(near.len());
        let boundary = near.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0)).1.0;
        near.retain(|n| n.0 <= boundary);
        near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut poll = self.poll();
        for group in near.chunk_by(|a, b| a.0 == b.0) {
            let mut at = [0.0; 2];
            for (_, i) in group {
                at[usize::from(self.rows.label[*i as usize])] += f64::from(self.rows.count[*i as usize]);
            }
            if let Some(decided) = self.vote(&mut poll, group[0].0, at[0], at[1]) {
                return decided;
            }
        }
        poll.votes / poll.total
    }

    fn poll(&self) -> Poll {
        Poll { left: f64::from(self.rows.k), votes: 0.0, total: 0.0 }
    }

    /// Counts the votes of the rows at one squared distance; the answer, once it is certain.
    fn vote(&self, poll: &mut Poll, distance: f64, negative: f64, positive: f64) -> Option<f64> {
        let rows = negative + positive;
        if rows == 0.0 {
            return None;
        }
        let taken = rows.min(poll.left) / rows;
        let [n, p] = self.rows.class_weight;
        let weight = match self.rows.weights {
            Weights::Uniform => 1.0,
            Weights::Distance if distance == 0.0 => return Some(p * positive / (n * negative + p * positive)),
            // Above 0 also where the distance is beyond the range of doubles.
            Weights::Distance => (1.0 / distance.sqrt()).max(f64::MIN_POSITIVE),
        };
        poll.votes += weight * taken * p * positive;
        poll.total += weight * taken * (n * negative + p * positive);
        poll.left -= rows.min(poll.left);
        if poll.left > 0.0 { None } else { Some(poll.votes / poll.total) }
    }
}
