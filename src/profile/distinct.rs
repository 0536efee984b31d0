//! Counting distinct vectors in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Vectors that are remembered. With more of them, only those with a hash that ends in zeros are, and counts are
/// estimates.
const REMEMBERED: usize = 1 << 20;

/// Distinct vectors, exactly while there are few enough, then by adaptive sampling (Flajolet 1990, "On adaptive
/// sampling"): half of the hashes are forgotten whenever the room is used up, and what is left counts double.
#[derive(Debug, Clone, Default)]
pub struct Distinct {
    /// The labels that were seen with each vector: 1 negative, 2 positive.
    labels: HashMap<u128, u8, BuildHasherDefault<Low>>,
    halvings: u32,
}

impl Distinct {
    pub(super) fn add(&mut self, vector: u128, label: u8) {
        if vector.trailing_zeros() < self.halvings {
            return;
        }
        let seen = if label < 2 { 1 << label } else { 0 };
        *self.labels.entry(vector).or_default() |= seen;
        while self.labels.len() > REMEMBERED {
            self.halvings += 1;
            let halvings = self.halvings;
            self.labels.retain(|vector, _| vector.trailing_zeros() >= halvings);
        }
    }

    /// Whether the counts are exact. Estimates are off by a few thousandths.
    pub fn is_exact(&self) -> bool {
        self.halvings == 0
    }

    /// Number of distinct vectors.
    pub fn vectors(&self) -> u64 {
        (self.labels.len() as u64) << self.halvings
    }

    /// Number of vectors that were seen with both labels.
    pub fn conflicting(&self) -> u64 {
        (self.labels.values().filter(|labels| **labels == 3).count() as u64) << self.halvings
    }
}

/// The keys are hashes already.
#[derive(Debug, Clone, Default)]
pub struct Low(u64);

impl Hasher for Low {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, value: u128) {
        // The low bits decide what is kept: the high ones still differ.
        self.0 = (value >> 64) as u64;
    }
}
