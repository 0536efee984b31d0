//! Random streams that are the same on every machine, in every version, under every thread count.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A stream for one purpose: the seed and what it is for decide it, not the order in which streams are used.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The stream of this seed and purpose, for example `["forest", "trial 3", "fold 1"]`.
    pub fn new(seed: u64, purpose: &[&str]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(seed.to_le_bytes());
        for part in purpose {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Self(ChaCha8Rng::from_seed(hasher.finalize().into()))
    }

    /// A random 64-bit number.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Picks rows in order, each set of `wanted` out of `rows` as likely (Knuth 1997, volume 2, algorithm 3.4.2 S):
    /// those picked go to the first list, the others to the second. Chances are exact to 2^-32.
    pub fn pick(&mut self, rows: u32, wanted: u32, picked: &mut Vec<u32>, others: &mut Vec<u32>) {
        let wanted = wanted.min(rows);
        picked.resize(rows as usize, 0);
        others.resize(rows as usize, 0);
        let mut taken = 0;
        for row in 0..rows {
            let left = u64::from(rows - row);
            let take = (u64::from(self.0.next_u32()) * left) >> 32 < u64::from(wanted - taken);
            // Written to both and kept in one: there is no branch to guess.
            picked[taken as usize] = row;
            others[(row - taken) as usize] = row;
            taken += u32::from(take);
        }
        picked.truncate(wanted as usize);
        others.truncate((rows - wanted) as usize);
    }

    /// A number from 0 (inclusive) to 1 (exclusive).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `bound`, without bias (Lemire 2019, "Fast random integer generation in an interval").
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound.max(1) as u64;
        loop {
            let wide = u128::from(self.0.next_u64()) * u128::from(bound);
            let low = wide as u64;
            if low >= bound || low >= bound.wrapping_neg() % bound {
                return (wide >> 64) as usize;
            }
        }
    }

    /// Puts `items` into random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_seed_and_purpose_only() {
        let first = Stream::new(1, &["a", "b"]).bits();
        assert_eq!(first, Stream::new(1, &["a", "b"]).bits());
        assert_ne!(first, Stream::new(2, &["a", "b"]).bits());
        assert_ne!(first, Stream::new(1, &["ab"]).bits());
        // A change here changes every model: it must be on purpose.
        assert_eq!(first, 15_744_570_858_381_262_281_u64, "the stream itself has changed");
    }

    #[test]
    fn every_row_is_picked_as_often() {
        let mut stream = Stream::new(5, &["pick"]);
        let (mut picked, mut others) = (Vec::new(), Vec::new());
        let mut counts = [0u32; 10];
        for _ in 0..20_000 {
            stream.pick(10, 3, &mut picked, &mut others);
            assert_eq!((picked.len(), others.len()), (3, 7));
            assert!(picked.is_sorted() && others.is_sorted());
            picked.iter().for_each(|row| counts[*row as usize] += 1);
        }
        assert!(counts.iter().all(|c| (5_700..6_300).contains(c)), "{counts:?}");
        stream.pick(4, 9, &mut picked, &mut others);
        assert_eq!((picked.as_slice(), others.as_slice()), (&[0, 1, 2, 3][..], &[][..]));
    }

    #[test]
    fn below_is_in_range_and_even() {
        let mut stream = Stream::new(3, &["below"]);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[stream.below(7)] += 1;
        }
        assert!(counts.iter().all(|c| (9_500..10_500).contains(c)), "{counts:?}");
    }
}
