//! The rows of a tree in the order of its nodes: what a node needs lies together, so that large data is read in
//! stretches and not row by row from all over the memory.

use super::bins::Bin;
use super::histogram::Binned;
use rayon::prelude::*;

/// Rows in node order, and room to reorder them; kept from tree to tree.
pub(in crate::model) struct Room<B> {
    /// The rows' places in the data set.
    pub(in crate::model) rows: Vec<u32>,
    payload: Vec<B>,
    words: Vec<u64>,
}

impl<B: Bin> Room<B> {
    pub(in crate::model) fn new() -> Self {
        Self { rows: Vec::new(), payload: Vec::new(), words: Vec::new() }
    }

    /// Takes in rows, given by their places in the data set, with what each adds to a histogram.
    pub(super) fn take(&mut self, sample: &[u32], binned: &Binned<'_>, payload: impl Fn(usize) -> B + Sync) {
        self.rows.clear();
        self.rows.extend_from_slice(sample);
        self.payload.resize(sample.len(), B::default());
        let own = self.payload.par_iter_mut().with_min_len(super::PIECE).zip(sample);
        own.for_each(|(own, row)| *own = payload(*row as usize));
        self.words.clear();
        let stride = binned.stride;
        if sample.len() * stride == binned.words.len() {
            self.words.extend_from_slice(&binned.words);
            return;
        }
        for row in sample {
            let start = *row as usize * stride;
            self.words.extend_from_slice(&binned.words[start..start + stride]);
        }
    }

    pub(super) fn all(&mut self) -> Rows<'_, B> {
        Rows { rows: &mut self.rows, payload: &mut self.payload, words: &mut self.words }
    }
}

/// Some rows in node order.
pub(super) struct Rows<'a, B> {
    pub(super) rows: &'a mut [u32],
    pub(super) payload: &'a mut [B],
    /// The codes of each row's bundles.
    pub(super) words: &'a mut [u64],
}

/// What goes to the right while rows are parted.
#[derive(Default)]
pub(super) struct Behind<B> {
    rows: Vec<u32>,
    payload: Vec<B>,
    words: Vec<u64>,
}

impl<B: Bin> Rows<'_, B> {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A part of these rows.
    pub(super) fn part(&mut self, range: std::ops::Range<usize>) -> Rows<'_, B> {
        let stride = self.words.len() / self.rows.len().max(1);
        Rows {
            words: &mut self.words[range.start * stride..range.end * stride],
            payload: &mut self.payload[range.clone()],
            rows: &mut self.rows[range],
        }
    }

    /// The first rows, and those behind them.
    pub(super) fn split(self, at: usize) -> (Self, Self) {
        let stride = self.words.len() / self.rows.len().max(1);
        let (rows, other_rows) = self.rows.split_at_mut(at);
        let (payload, other_payload) = self.payload.split_at_mut(at);
        let (words, other_words) = self.words.split_at_mut(at * stride);
        (Self { rows, payload, words }, Self { rows: other_rows, payload: other_payload, words: other_words })
    }

    /// The sum over all rows, in pieces that do not depend on the number of threads.
    pub(super) fn total(&self) -> B {
        let sum = |payload: &[B]| {
            payload.iter().fold(B::default(), |mut total, own| {
                total.add(own);
                total
            })
        };
        if self.len() <= super::PIECE {
            return sum(self.payload);
        }
        let pieces: Vec<B> = self.payload.par_chunks(super::PIECE).map(sum).collect();
        sum(&pieces)
    }

    /// Puts the rows that go left first, both sides in their old order. Returns how many those are.
    pub(super) fn part_at(&mut self, goes_right: impl Fn(&[u64]) -> bool, behind: &mut Behind<B>) -> usize {
        let n = self.len();
        let stride = self.words.len() / n.max(1);
        if behind.rows.len() < n {
            behind.rows.resize(n, 0);
            behind.payload.resize(n, B::default());
            behind.words.resize(n * stride, 0);
        }
        // The usual case gets a loop of its own.
        if stride == 1 { self.part_by(1, goes_right, behind) } else { self.part_by(stride, goes_right, behind) }
    }

    #[inline(always)]
    fn part_by(&mut self, stride: usize, goes_right: impl Fn(&[u64]) -> bool, behind: &mut Behind<B>) -> usize {
        let n = self.len();
        let (mut left, mut right) = (0, 0);
        let behind_rows = &mut behind.rows[..n];
        let behind_payload = &mut behind.payload[..n];
        let behind_words = &mut behind.words[..n * stride];
        for i in 0..n {
            let goes_right = goes_right(&self.words[i * stride..(i + 1) * stride]);
            let (row, own) = (self.rows[i], self.payload[i]);
            // Written to both sides and kept on one: there is no branch to guess.
            self.rows[left] = row;
            self.payload[left] = own;
            behind_rows[right] = row;
            behind_payload[right] = own;
            for w in 0..stride {
                let word = self.words[i * stride + w];
                self.words[left * stride + w] = word;
                behind_words[right * stride + w] = word;
            }
            left += usize::from(!goes_right);
            right += usize::from(goes_right);
        }
        self.rows[left..].copy_from_slice(&behind.rows[..right]);
        self.payload[left..].copy_from_slice(&behind.payload[..right]);
        self.words[left * stride..].copy_from_slice(&behind.words[..right * stride]);
        left
    }
}
