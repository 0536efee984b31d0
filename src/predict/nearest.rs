//! The training vectors that are nearest to a row: what evidence there is beside the model's.

use super::{Predictor, Record};
use crate::Result;
use crate::dataset::{Cells, Vectors};
use crate::schema::{MISSING, Value};

/// One feature in which a training vector differs from the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The feature's name.
    pub feature: String,
    /// The row's value, as the model was shown it.
    pub here: String,
    /// The training vector's; empty where it is missing there.
    pub there: String,
}

/// A training vector near a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// In which features it differs, in schema order; none where it is the same.
    pub differs: Vec<Difference>,
    /// Its rows by label: negative, positive.
    pub counts: [u32; 2],
}

/// Training vectors that differ in the same features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Those features, in schema order.
    pub features: Vec<String>,
    /// How many of the vectors there are.
    pub vectors: usize,
    /// Their rows by label: negative, positive.
    pub counts: [u64; 2],
}

/// Puts vectors that differ in the same features together, in the order of the first of each.
pub fn groups(near: &[Near]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for near in near {
        let features: Vec<String> = near.differs.iter().map(|d| d.feature.clone()).collect();
        let found = groups.iter().position(|g| g.features == features);
        let group = match found {
            Some(at) => &mut groups[at],
            None => {
                groups.push(Group { features, vectors: 0, counts: [0; 2] });
                let last = groups.len() - 1;
                &mut groups[last]
            }
        };
        group.vectors += 1;
        for (sum, n) in group.counts.iter_mut().zip(near.counts) {
            *sum += u64::from(n);
        }
    }
    groups
}

impl Predictor {
    /// The `k` distinct training vectors that differ from a row in the fewest features (Hamming distance), of equally
    /// near ones those of which there are more rows. Levels are the same or not; numbers are the same where they fall
    /// into the same bin, as the models of trees see them. Missing values of the row are filled as
    /// [`Predictor::score`] fills them; what is missing in the training vector is the same only where it is missing in
    /// the row.
    ///
    /// # Errors
    /// When the record names no feature of the schema, or the training vectors cannot be read.
    pub fn nearest(&self, record: &Record, k: usize) -> Result<Vec<Near>> {
        let (values, _) = self.typed(record)?;
        let missing: Vec<bool> = values.iter().map(|value| *value == Value::Missing).collect();
        let row = self.preprocessor.impute(&Vectors::from_rows(&self.schema, &[values]));
        let vectors = &self.training()?.vectors;
        let mut distance = vec![0u16; vectors.len()];
        for (feature, (own, all)) in row.columns.iter().zip(&vectors.columns).enumerate() {
            match (own, all) {
                // Without branches, so that the compiler takes many at a time.
                (Cells::Levels(own), Cells::Levels(all)) => {
                    let own = own[0];
                    // The other code that is the same.
                    let same = if missing[feature] { MISSING } else { own };
                    let differs = |code: u8| u16::from((code != own) & (code != same));
                    distance.iter_mut().zip(all).for_each(|(d, code)| *d += differs(*code));
                }
                (Cells::Numbers(own), Cells::Numbers(all)) => {
                    let (low, high) = self.preprocessor.bin(feature, own[0]);
                    let missing = missing[feature];
                    let same = |v: f64| (v > low && v <= high) || (missing && v.is_nan());
                    distance.iter_mut().zip(all).for_each(|(d, v)| *d += u16::from(!same(*v)));
                }
                // The schema of a run is frozen beside its vectors.
                _ => distance.iter_mut().for_each(|d| *d += 1),
            }
        }
        let rows = |i: usize| u64::from(vectors.counts[i][0]) + u64::from(vectors.counts[i][1]);
        let near = closest(&distance, k, rows);
        Ok(near.into_iter().map(|i| self.near(&row, &missing, vectors, i)).collect())
    }

    fn near(&self, row: &Vectors, missing: &[bool], vectors: &Vectors, at: usize) -> Near {
        let differs = (self.schema.features.iter().zip(&row.columns).zip(&vectors.columns))
            .enumerate()
            .filter(|(feature, ((_, own), there))| match (own, there) {
                _ if missing[*feature] && there.is_missing(at) => false,
                (Cells::Numbers(own), Cells::Numbers(there)) => {
                    let (low, high) = self.preprocessor.bin(*feature, own[0]);
                    !(there[at] > low && there[at] <= high)
                }
                _ => own.get(0) != there.get(at),
            })
            .map(|(_, ((column, own), there))| {
                let text = |value| column.scalar(value).map_or_else(String::new, |s| s.to_string());
                Difference { feature: column.name.clone(), here: text(own.get(0)), there: text(there.get(at)) }
            })
            .collect();
        Near { differs, counts: vectors.counts[at] }
    }
}

/// The `k` with the smallest distances; of equal ones those with the most rows, then in the order they have.
fn closest(distance: &[u16], k: usize, rows: impl Fn(usize) -> u64) -> Vec<usize> {
    let mut at_distance = vec![0usize; distance.iter().max().map_or(0, |d| usize::from(*d) + 1)];
    distance.iter().for_each(|d| at_distance[usize::from(*d)] += 1);
    // The distance up to which enough are found: nothing beyond it is sorted.
    let mut found = 0;
    let last = at_distance.iter().position(|n| {
        found += n;
        found >= k
    });
    let last = last.map_or(u16::MAX, |last| last as u16);
    let mut near: Vec<usize> = (0..distance.len()).filter(|i| distance[*i] <= last).collect();
    let order = |i: &usize| (distance[*i], std::cmp::Reverse(rows(*i)), *i);
    if k < near.len() {
        near.select_nth_unstable_by_key(k, order);
        near.truncate(k);
    }
    near.sort_unstable_by_key(order);
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_come_first_and_the_more_frequent_of_equals() {
        let rows = [5, 1, 2, 9, 7];
        assert_eq!(closest(&[2, 1, 1, 3, 2], 4, |i| rows[i]), [2, 1, 4, 0]);
        assert_eq!(closest(&[2, 1, 1, 3, 2], 9, |i| rows[i]), [2, 1, 4, 0, 3]);
        assert_eq!(closest(&[0, 0], 0, |_| 1), [0usize; 0]);
        assert_eq!(closest(&[], 3, |_| 1), [0usize; 0]);
    }

    #[test]
    fn vectors_that_differ_in_the_same_features_are_counted_together() {
        let near = |features: &[&str], there: &str, counts| Near {
            differs: features
                .iter()
                .map(|f| Difference { feature: (*f).to_owned(), here: "1".to_owned(), there: there.to_owned() })
                .collect(),
            counts,
        };
        let all = [near(&["a"], "0", [1, 2]), near(&["b"], "0", [3, 0]), near(&["a"], "-1", [0, 5])];
        let found = groups(&all);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].features.as_slice(), found[0].vectors, found[0].counts),
            (&["a".to_owned()][..], 2, [1, 7])
        );
    }
}
