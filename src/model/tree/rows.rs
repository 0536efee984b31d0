//! The rows of a tree in the order of its nodes: what a node needs lies together, so that large data is read in
//! stretches and not row by row from all over the memory.

use super::bins::Bin;
use super::histogram::Binned;
use crate::dataset::Dataset;
use rayon::prelude::*;

/// Rows in node order, and room to reorder them; kept from tree to tree.
pub(in crate::model) struct Room<B> {
    /// The rows' places in the data set. Filled in before a tree is grown, and reordered by it.
    pub(in crate::model) rows: Vec<u32>,
    payload: Vec<B>,
    words: Vec<u64>,
}

impl<B: Bin> Room<B> {
    pub(in crate::model) fn new() -> Self {
        Self { rows: Vec::new(), payload: Vec::new(), words: Vec::new() }
    }

    /// Every row of a data set.
    pub(in crate::model) fn take_all(&mut self, data: &Dataset) {
        self.rows.clear();
        self.rows.extend(0..data.len() as u32);
    }

    /// Puts beside each row its codes and what it adds to a histogram.
    pub(super) fn fill(&mut self, binned: &Binned<'_>, payload: impl Fn(usize) -> B + Sync) {
        self.payload.resize(self.rows.len(), B::default());
        let own = self.payload.par_iter_mut().with_min_len(super::PIECE).zip(&self.rows);
        own.for_each(|(own, row)| *own = payload(*row as usize));
        self.words.clear();
        let stride = binned.stride;
        if self.rows.len() * stride == binned.words.len() {
            self.words.extend_from_slice(&binned.words);
            return;
        }
        for row in &self.rows {
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
        let right = self.words.chunks_exact(stride.max(1)).filter(|words| goes_right(words)).count();
        // The smaller side is put aside: one row more, as every row is written to both sides.
        let room = right.min(n - right) + 1;
        if behind.rows.len() < room {
            behind.rows.resize(room, 0);
            behind.payload.resize(room, B::default());
            behind.words.resize(room * stride, 0);
        }
        // The usual case gets a loop of its own.
        match (stride, right <= n - right) {
            (1, true) => self.part_by::<true>(1, right, goes_right, behind),
            (1, false) => self.part_by::<false>(1, right, goes_right, behind),
            (_, true) => self.part_by::<true>(stride, right, goes_right, behind),
            (_, false) => self.part_by::<false>(stride, right, goes_right, behind),
        }
        n - right
    }

    /// Goes through the rows from the first to the last (`FORWARD`) or from the last to the first, so that the larger
    /// side closes up over what has been read.
    #[inline(always)]
    fn part_by<const FORWARD: bool>(
        &mut self,
        stride: usize,
        right: usize,
        goes_right: impl Fn(&[u64]) -> bool,
        behind: &mut Behind<B>,
    ) {
        let n = self.len();
        let aside = if FORWARD { right } else { n - right };
        let behind_rows = &mut behind.rows[..=aside];
        let behind_payload = &mut behind.payload[..=aside];
        let behind_words = &mut behind.words[..(aside + 1) * stride];
        let (mut kept, mut put) = (0, 0);
        for nth in 0..n {
            // The places of this row, of the next that stays and of the next that is put aside.
            let (i, stay, away) = if FORWARD { (nth, kept, put) } else { (n - 1 - nth, n - 1 - kept, aside - put) };
            let goes_away = goes_right(&self.words[i * stride..(i + 1) * stride]) == FORWARD;
            let (row, own) = (self.rows[i], self.payload[i]);
            // Written to both sides and kept on one: there is no branch to guess.
            self.rows[stay] = row;
            self.payload[stay] = own;
            behind_rows[away] = row;
            behind_payload[away] = own;
            for w in 0..stride {
                let word = self.words[i * stride + w];
                self.words[stay * stride + w] = word;
                behind_words[away * stride + w] = word;
            }
            kept += usize::from(!goes_away);
            put += usize::from(goes_away);
        }
        let (place, from) = if FORWARD { (kept..n, 0) } else { (0..aside, 1) };
        self.rows[place.clone()].copy_from_slice(&behind_rows[from..from + aside]);
        self.payload[place.clone()].copy_from_slice(&behind_payload[from..from + aside]);
        self.words[place.start * stride..place.end * stride]
            .copy_from_slice(&behind_words[from * stride..(from + aside) * stride]);
    }
}
