//! The search for nearest rows: by brute force, feature by feature over a block of rows, so that the compiler takes
//! many at a time.

use crate::dataset::Dataset;

/// Rows whose distances are summed side by side: the sums stay in the first cache.
const BLOCK: usize = 1024;
/// Categorical features whose differences are counted before the counts of a block could leave a byte.
const COUNTED: usize = 255;

/// How far two rows are apart, squared.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Metric {
    /// A numeric difference counts its square in standard deviations, a categorical one this much.
    Difference(f64),
    /// Differences between the places of the levels, by feature and code: see [`Metric::value_difference`].
    Places(Vec<Vec<f64>>),
}

impl Metric {
    /// The value difference metric for categorical features (Cost and Salzberg 1993, as Chawla et al. 2002, section
    /// 6.2, take it for SMOTE-N): two levels differ by how differently the labels are shared out among their rows. The
    /// distance of two rows is the sum over the features of (|p - q| + |(1 - p) - (1 - q)|)^2, where p and q are the
    /// shares of positive rows at the two levels; each row of `data` counts once.
    ///
    /// That is a squared distance of points: a level stands at 2 p, so the search is the one for numbers.
    pub(super) fn value_difference(data: &Dataset) -> Self {
        let width = data.width();
        let mut rows: Vec<Vec<[f64; 2]>> = data.levels.iter().map(|n| vec![[0.0; 2]; usize::from(*n)]).collect();
        for i in 0..data.len() {
            for (feature, code) in rows.iter_mut().zip(&data.codes[i * width..(i + 1) * width]) {
                feature[usize::from(*code)][usize::from(data.label[i])] += 1.0;
            }
        }
        // No row stands at a level that was never seen.
        let place = |[negative, positive]: [f64; 2]| 2.0 * positive / (negative + positive).max(1.0);
        Metric::Places(rows.into_iter().map(|levels| levels.into_iter().map(place).collect()).collect())
    }

    /// What is compared for equality, and what by its difference.
    fn coordinates(&self, data: &Dataset, row: u32) -> (Vec<u8>, Vec<f64>) {
        let row = data.row(row as usize);
        match self {
            Metric::Difference(_) => {
                let categorical = row.codes.iter().zip(&data.numeric).filter(|(_, numeric)| !**numeric);
                (categorical.map(|(code, _)| *code).collect(), row.numbers.to_vec())
            }
            Metric::Places(places) => {
                let place = |(levels, code): (&Vec<f64>, &u8)| levels[usize::from(*code)];
                (Vec::new(), places.iter().zip(row.codes).map(place).collect())
            }
        }
    }
}

/// Rows among which neighbours are searched.
pub(super) struct Points<'a> {
    data: &'a Dataset,
    metric: Metric,
    /// The rows, ascending.
    rows: Vec<u32>,
    /// Their codes, feature by feature.
    codes: Vec<Vec<u8>>,
    /// Their numbers, feature by feature.
    numbers: Vec<Vec<f64>>,
}

impl<'a> Points<'a> {
    /// These rows (in ascending order) of the data.
    pub(super) fn new(data: &'a Dataset, metric: Metric, rows: Vec<u32>) -> Self {
        let (mut codes, mut numbers): (Vec<Vec<u8>>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
        for row in &rows {
            let (own_codes, own_numbers) = metric.coordinates(data, *row);
            codes.resize(own_codes.len(), Vec::new());
            numbers.resize(own_numbers.len(), Vec::new());
            codes.iter_mut().zip(own_codes).for_each(|(column, code)| column.push(code));
            numbers.iter_mut().zip(own_numbers).for_each(|(column, number)| column.push(number));
        }
        Self { data, metric, rows, codes, numbers }
    }

    /// The `k` (at least 1) rows nearest to a row of the data other than itself, nearest first; of equally near ones
    /// those with the lower index. Fewer if there are fewer.
    pub(super) fn nearest(&self, row: u32, k: usize) -> Vec<u32> {
        let (codes, numbers) = self.metric.coordinates(self.data, row);
        let mut near: Vec<(f64, u32)> = Vec::with_capacity(k + 1);
        let mut distances = [0.0; BLOCK];
        for (block, rows) in self.rows.chunks(BLOCK).enumerate() {
            let distances = &mut distances[..rows.len()];
            self.distances(&codes, &numbers, block * BLOCK, distances);
            for (distance, other) in distances.iter().zip(rows) {
                if (near.len() == k && *distance >= near[k - 1].0) || *other == row {
                    continue;
                }
                let at = near.partition_point(|n| n.0 <= *distance);
                near.insert(at, (*distance, *other));
                near.truncate(k);
            }
        }
        near.into_iter().map(|n| n.1).collect()
    }

    /// The squared distances to the points from `start` on.
    fn distances(&self, codes: &[u8], numbers: &[f64], start: usize, distances: &mut [f64]) {
        let block = start..start + distances.len();
        distances.fill(0.0);
        if let Metric::Difference(difference) = self.metric {
            for (columns, codes) in self.codes.chunks(COUNTED).zip(codes.chunks(COUNTED)) {
                let mut counts = [0u8; BLOCK];
                for (column, own) in columns.iter().zip(codes) {
                    for (count, code) in counts.iter_mut().zip(&column[block.clone()]) {
                        *count += u8::from(code != own);
                    }
                }
                for (sum, count) in distances.iter_mut().zip(counts) {
                    *sum += difference * f64::from(count);
                }
            }
        }
        for (column, own) in self.numbers.iter().zip(numbers) {
            for (sum, number) in distances.iter_mut().zip(&column[block.clone()]) {
                *sum += (number - own) * (number - own);
            }
        }
    }
}
