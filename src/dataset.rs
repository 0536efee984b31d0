//! Rows as the models see them: distinct feature vectors with label counts, the split, the folds.

use crate::random::Stream;
use crate::schema::{Column, MISSING, Schema, Value};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The salted hash of a feature vector.
pub type VectorHash = [u8; 16];

/// One feature of many vectors.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Codes of a categorical feature; [`MISSING`] where there is none.
    Levels(Vec<u8>),
    /// Values of a numeric feature; NaN where there is none.
    Numbers(Vec<f64>),
}

impl Cells {
    /// An empty column of the right kind.
    pub fn of(column: &Column) -> Self {
        if column.is_categorical() { Cells::Levels(Vec::new()) } else { Cells::Numbers(Vec::new()) }
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Cells::Levels(codes) => codes.len(),
            Cells::Numbers(numbers) => numbers.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a value. A value of the wrong kind counts as missing.
    pub fn push(&mut self, value: Value) {
        match self {
            Cells::Levels(codes) => codes.push(if let Value::Level(code) = value { code } else { MISSING }),
            Cells::Numbers(numbers) => numbers.push(if let Value::Number(v) = value { v } else { f64::NAN }),
        }
    }

    /// Replaces the value at a row. A value of the wrong kind counts as missing.
    pub fn set(&mut self, row: usize, value: Value) {
        match self {
            Cells::Levels(codes) => codes[row] = if let Value::Level(code) = value { code } else { MISSING },
            Cells::Numbers(numbers) => numbers[row] = if let Value::Number(v) = value { v } else { f64::NAN },
        }
    }

    /// The value at a row.
    pub fn get(&self, row: usize) -> Value {
        match self {
            Cells::Levels(codes) if codes[row] == MISSING => Value::Missing,
            Cells::Levels(codes) => Value::Level(codes[row]),
            Cells::Numbers(numbers) if numbers[row].is_nan() => Value::Missing,
            Cells::Numbers(numbers) => Value::Number(numbers[row]),
        }
    }

    /// Whether the value at a row is missing.
    pub fn is_missing(&self, row: usize) -> bool {
        self.get(row) == Value::Missing
    }

    /// The values at these rows, in this order.
    pub fn take(&self, rows: &[usize]) -> Self {
        match self {
            Cells::Levels(codes) => Cells::Levels(rows.iter().map(|r| codes[*r]).collect()),
            Cells::Numbers(numbers) => Cells::Numbers(rows.iter().map(|r| numbers[*r]).collect()),
        }
    }
}

/// Distinct feature vectors, sorted by hash, each with its number of negative and positive rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vectors {
    /// Salted hashes.
    pub hash: Vec<VectorHash>,
    /// Rows by label: negative, positive.
    pub counts: Vec<[u32; 2]>,
    /// The features, in schema order, as observed: missing values are still missing.
    pub columns: Vec<Cells>,
}

impl Vectors {
    /// No vectors yet.
    pub fn empty(schema: &Schema) -> Self {
        Self { hash: Vec::new(), counts: Vec::new(), columns: schema.features.iter().map(Cells::of).collect() }
    }

    /// Unlabelled rows as they come, not collapsed, not sorted and not hashed: to be scored.
    pub fn from_rows(schema: &Schema, rows: &[Vec<Value>]) -> Self {
        let mut vectors = Self::empty(schema);
        vectors.hash.resize(rows.len(), VectorHash::default());
        vectors.counts.resize(rows.len(), [0, 0]);
        for row in rows {
            for (cells, value) in vectors.columns.iter_mut().zip(row) {
                cells.push(*value);
            }
        }
        vectors
    }

    /// Unlabelled rows as they come, as [`Vectors::from_rows`] has them, from the columns of their features.
    pub fn of_columns(columns: Vec<Cells>) -> Self {
        let rows = columns.first().map_or(0, Cells::len);
        Self { hash: vec![VectorHash::default(); rows], counts: vec![[0, 0]; rows], columns }
    }

    /// Number of vectors.
    pub fn len(&self) -> usize {
        self.hash.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hash.is_empty()
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.counts.iter().map(|c| u64::from(c[0]) + u64::from(c[1])).sum()
    }

    /// Rows by label: negative, positive.
    pub fn label_rows(&self) -> [u64; 2] {
        self.counts.iter().fold([0; 2], |n, c| [n[0] + u64::from(c[0]), n[1] + u64::from(c[1])])
    }

    /// Vectors that carry both labels.
    pub fn conflicting(&self) -> u64 {
        self.counts.iter().filter(|c| c[0] > 0 && c[1] > 0).count() as u64
    }

    /// The values of a vector, comparable with those of other vectors under the same schema.
    pub fn values(&self, row: usize) -> Vec<u64> {
        let bits = |cells: &Cells| match cells {
            Cells::Levels(codes) => u64::from(codes[row]),
            Cells::Numbers(numbers) => (numbers[row] + 0.0).to_bits(),
        };
        self.columns.iter().map(bits).collect()
    }

    /// These vectors, in this order.
    pub fn take(&self, rows: &[usize]) -> Self {
        Self {
            hash: rows.iter().map(|r| self.hash[*r]).collect(),
            counts: rows.iter().map(|r| self.counts[*r]).collect(),
            columns: self.columns.iter().map(|c| c.take(rows)).collect(),
        }
    }

    /// Sorts by hash, so that nothing behind depends on the order in which rows were stored.
    pub fn sorted(&self) -> Self {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_unstable_by_key(|i| self.hash[*i]);
        self.take(&order)
    }

    /// SHA-256 over hashes and counts: equal exactly when the labelled vectors are.
    pub fn content_hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (hash, counts) in self.hash.iter().zip(&self.counts) {
            hasher.update(hash);
            hasher.update(counts[0].to_le_bytes());
            hasher.update(counts[1].to_le_bytes());
        }
        crate::files::hex(&hasher.finalize())
    }
}

/// Hashes a vector on its typed values in schema order: 1 and 1.0 are equal, missing is a symbol of its own.
pub fn hash_vector(schema: &Schema, salt: &str, row: &[Value]) -> VectorHash {
    let mut bytes = Vec::with_capacity(row.len() * 9 + salt.len() + 8);
    bytes.extend((salt.len() as u64).to_le_bytes());
    bytes.extend(salt.as_bytes());
    for (column, value) in schema.features.iter().zip(row) {
        let number = match value {
            Value::Missing => {
                bytes.push(0);
                continue;
            }
            Value::Number(v) => *v,
            // The value, not its position in the schema: a level added later moves no vector to the other side.
            Value::Level(code) => match column.levels().get(*code as usize) {
                Some(crate::schema::Scalar::Int(v)) => *v as f64,
                Some(crate::schema::Scalar::Float(v)) => *v,
                Some(crate::schema::Scalar::Bool(v)) => f64::from(u8::from(*v)),
                Some(crate::schema::Scalar::Text(text)) => {
                    bytes.push(2);
                    bytes.extend((text.len() as u64).to_le_bytes());
                    bytes.extend(text.as_bytes());
                    continue;
                }
                None => f64::NAN,
            },
        };
        bytes.push(1);
        // One zero: -0.0 and 0.0 are the same value.
        bytes.extend((number + 0.0).to_bits().to_le_bytes());
    }
    let digest = Sha256::digest(&bytes);
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    hash
}

/// Whether a vector belongs to the hold-out: its hash decides, so it stays on its side when the data grows.
pub fn is_holdout(hash: &VectorHash, share: f64) -> bool {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    (u64::from_be_bytes(first) as f64) < share * 2f64.powi(64)
}

/// Assigns each vector to one of `k` folds: the rows of a vector stay together, and each fold gets about the same
/// number of rows of each label.
///
/// Greedy, largest vectors first, as scikit-learn's `StratifiedGroupKFold` does; the seed decides among equals.
pub fn assign_folds(vectors: &Vectors, k: u32, seed: u64) -> Vec<u32> {
    let k = k as usize;
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    Stream::new(seed, &["folds"]).shuffle(&mut order);
    let size = |i: usize| vectors.counts[i][0] + vectors.counts[i][1];
    order.sort_by_key(|i| std::cmp::Reverse(size(*i)));
    let totals = vectors.label_rows().map(|n| (n as f64).max(1.0));
    let mut filled = vec![[0.0f64; 2]; k];
    let mut folds = vec![0; vectors.len()];
    for i in order {
        let counts = vectors.counts[i].map(f64::from);
        // Placing where the vector's labels are scarcest keeps both shares level; ties go to the smallest fold.
        let cost = |fold: &[f64; 2]| {
            (0..2).map(|l| counts[l] * (2.0 * fold[l] + counts[l]) / (totals[l] * totals[l])).sum::<f64>()
        };
        let mut best = 0;
        for fold in 1..k {
            let (a, b) = (cost(&filled[fold]), cost(&filled[best]));
            let rows = |f: usize| filled[f][0] + filled[f][1];
            if a < b || (a == b && rows(fold) < rows(best)) {
                best = fold;
            }
        }
        for l in 0..2 {
            filled[best][l] += counts[l];
        }
        folds[i] = best as u32;
    }
    folds
}

/// A row as the models see it.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// One code per feature: the level, or the bin of a numeric value.
    pub codes: &'a [u8],
    /// The standardized values of the numeric features, in order.
    pub numbers: &'a [f64],
}

/// Rows as the models see them: nothing missing, equal vectors with equal labels collapsed into one weighted row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dataset {
    /// Number of codes of each feature.
    pub levels: Vec<u16>,
    /// Whether each feature is numeric.
    pub numeric: Vec<bool>,
    /// Codes, row by row.
    pub codes: Vec<u8>,
    /// Standardized numeric values, row by row.
    pub numbers: Vec<f64>,
    /// Labels: 1 is positive.
    pub label: Vec<u8>,
    /// How often each row was observed: whole numbers.
    pub weight: Vec<f64>,
    /// What a row counts by its label beside that, where the classes are weighted.
    pub class_weight: Option<[f64; 2]>,
}

impl Dataset {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.label.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.label.is_empty()
    }

    /// Number of features.
    pub fn width(&self) -> usize {
        self.levels.len()
    }

    /// Number of numeric features.
    pub fn numeric_width(&self) -> usize {
        self.numeric.iter().filter(|n| **n).count()
    }

    /// A row.
    pub fn row(&self, i: usize) -> Row<'_> {
        let (w, m) = (self.width(), self.numeric_width());
        Row { codes: &self.codes[i * w..(i + 1) * w], numbers: &self.numbers[i * m..(i + 1) * m] }
    }

    /// Where the indicators of each categorical feature start when its levels but the first `without` have one each,
    /// and how many there are in all; numeric features have none.
    pub fn indicators(&self, without: u16) -> (Vec<Option<u32>>, u32) {
        let mut all = 0;
        let start = |(levels, numeric): (&u16, &bool)| {
            (!numeric).then(|| {
                let start = all;
                all += u32::from(levels.saturating_sub(without));
                start
            })
        };
        let starts = self.levels.iter().zip(&self.numeric).map(start).collect();
        (starts, all)
    }

    /// What each row counts in sums: observations times class weight.
    pub fn weights(&self) -> Cow<'_, [f64]> {
        match self.class_weight {
            None => Cow::Borrowed(&self.weight),
            Some(by_label) => self.weight.iter().zip(&self.label).map(|(w, l)| w * by_label[*l as usize]).collect(),
        }
    }

    /// Whether both labels occur.
    pub fn has_both_labels(&self) -> bool {
        self.label.contains(&0) && self.label.contains(&1)
    }
}

/// Encoded vectors, one row each, not yet expanded by label.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Encoded {
    /// Number of codes of each feature.
    pub levels: Vec<u16>,
    /// Whether each feature is numeric.
    pub numeric: Vec<bool>,
    codes: Vec<u8>,
    numbers: Vec<f64>,
    rows: usize,
    numeric_width: usize,
}

impl Encoded {
    /// From codes and standardized numbers, row by row.
    pub fn new(levels: Vec<u16>, numeric: Vec<bool>, codes: Vec<u8>, numbers: Vec<f64>, rows: usize) -> Self {
        let numeric_width = numeric.iter().filter(|n| **n).count();
        Self { levels, numeric, codes, numbers, rows, numeric_width }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// A row.
    pub fn row(&self, i: usize) -> Row<'_> {
        let w = self.levels.len();
        Row {
            codes: &self.codes[i * w..(i + 1) * w],
            numbers: &self.numbers[i * self.numeric_width..(i + 1) * self.numeric_width],
        }
    }

    /// These rows, in this order.
    pub fn take(&self, rows: &[usize]) -> Self {
        Self {
            levels: self.levels.clone(),
            numeric: self.numeric.clone(),
            codes: rows.iter().flat_map(|r| self.row(*r).codes).copied().collect(),
            numbers: rows.iter().flat_map(|r| self.row(*r).numbers).copied().collect(),
            rows: rows.len(),
            numeric_width: self.numeric_width,
        }
    }

    /// Replaces the values of a feature by those of another's rows, one for each row here. A numeric feature has a
    /// standardized number beside its code: both tell its value, so both are replaced.
    pub fn take_feature(&mut self, feature: usize, other: &Encoded, rows: &[usize]) {
        let (width, numbers) = (self.levels.len(), self.numeric_width);
        let nth = self.numeric[..feature].iter().filter(|n| **n).count();
        for (to, from) in rows.iter().enumerate() {
            self.codes[to * width + feature] = other.codes[from * width + feature];
            if self.numeric[feature] {
                self.numbers[to * numbers + nth] = other.numbers[from * numbers + nth];
            }
        }
    }

    /// One weighted row per vector and label that was observed.
    pub fn labelled(&self, counts: &[[u32; 2]]) -> Dataset {
        let mut data = Dataset { levels: self.levels.clone(), numeric: self.numeric.clone(), ..Dataset::default() };
        for (i, counts) in counts.iter().enumerate() {
            for label in 0..2u8 {
                let n = counts[label as usize];
                if n > 0 {
                    let row = self.row(i);
                    data.codes.extend_from_slice(row.codes);
                    data.numbers.extend_from_slice(row.numbers);
                    data.label.push(label);
                    data.weight.push(f64::from(n));
                }
            }
        }
        data
    }
}

#[cfg(test)]
mod tests;
