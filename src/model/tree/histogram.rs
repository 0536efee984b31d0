//! Histograms over codes. Neighbouring features with few levels are bundled into one code of at most 256 values, so
//! that a row of thirty features with two or three levels costs six additions and not thirty; the features' own
//! histograms are the bundle's sums over the other features. A row's bundles stand in the bytes of a few words.

use super::bins::Bin;
use super::rows::Rows;
use crate::dataset::Dataset;
use rayon::prelude::*;

/// Values of a code.
const CODES: usize = 256;
/// Codes in a word.
const BYTES: usize = 8;
/// Rows that are summed up together. Larger nodes are summed in pieces of this size, whatever the number of threads,
/// and the pieces added in order: floating point sums then depend on the rows alone.
pub(in crate::model) const PIECE: usize = 1 << 15;

/// Rows from which the sums of whole bundles pay for being taken apart.
const MANY: usize = 1 << 7;

/// Codes that stay in a processor's cache, in bytes.
const CACHED: usize = 1 << 19;

/// Sums by bundle and code.
pub(super) type Tables<B> = Vec<[B; CODES]>;

/// Features that share a code.
struct Bundle {
    /// Levels of each feature; the first one varies fastest.
    levels: Vec<usize>,
    /// Number of codes.
    size: usize,
}

/// Where a feature's level stands in a row's words.
struct Place {
    bundle: usize,
    /// The level that each code of the bundle stands for.
    level: [u8; CODES],
}

/// A data set laid out for histograms.
pub(in crate::model) struct Binned<'a> {
    data: &'a Dataset,
    /// First bin of each feature, then the number of bins.
    offset: Vec<usize>,
    bundles: Vec<Bundle>,
    places: Vec<Place>,
    /// Words of a row.
    pub(super) stride: usize,
    /// Row by row.
    pub(super) words: Vec<u64>,
}

/// The code of a bundle.
#[inline]
fn code(words: &[u64], bundle: usize) -> usize {
    (words[bundle / BYTES] >> (bundle % BYTES * BYTES)) as usize % CODES
}

impl<'a> Binned<'a> {
    pub(in crate::model) fn new(data: &'a Dataset) -> Self {
        let mut offset = vec![0];
        let mut bundles: Vec<Bundle> = Vec::new();
        let mut places = Vec::new();
        for levels in &data.levels {
            let levels = usize::from(*levels).max(1);
            offset.push(offset[offset.len() - 1] + levels);
            let unit = match bundles.last_mut().filter(|b| b.size * levels <= CODES) {
                Some(bundle) => {
                    let unit = bundle.size;
                    bundle.levels.push(levels);
                    bundle.size *= levels;
                    unit
                }
                None => {
                    bundles.push(Bundle { levels: vec![levels], size: levels });
                    1
                }
            };
            places.push(Place {
                bundle: bundles.len() - 1,
                level: std::array::from_fn(|code| (code / unit % levels) as u8),
            });
        }
        let (width, stride) = (data.width(), bundles.len().div_ceil(BYTES));
        let mut words = vec![0; data.len() * stride];
        if width > 0 {
            words.par_chunks_mut(PIECE * stride).zip(data.codes.par_chunks(PIECE * width)).for_each(
                |(words, codes)| {
                    for (words, codes) in words.chunks_exact_mut(stride).zip(codes.chunks_exact(width)) {
                        let mut feature = 0;
                        for (nth, bundle) in bundles.iter().enumerate() {
                            let (mut code, mut unit) = (0, 1);
                            for levels in &bundle.levels {
                                code += usize::from(codes[feature]) * unit;
                                unit *= levels;
                                feature += 1;
                            }
                            words[nth / BYTES] |= (code as u64) << (nth % BYTES * BYTES);
                        }
                    }
                },
            );
        }
        Self { data, offset, bundles, places, stride, words }
    }

    /// Number of features.
    pub(in crate::model) fn width(&self) -> usize {
        self.places.len()
    }

    /// The bins of a feature in a histogram.
    pub(super) fn bins(&self, feature: usize) -> std::ops::Range<usize> {
        self.offset[feature]..self.offset[feature + 1]
    }

    /// Whether a row, given its words, is above a threshold of a feature.
    pub(super) fn above(&self, feature: usize, threshold: u8) -> impl Fn(&[u64]) -> bool {
        let place = &self.places[feature];
        move |words: &[u64]| place.level[code(words, place.bundle)] > threshold
    }

    /// Sums the rows up by feature and code. `histogram` is overwritten.
    pub(super) fn fill<B: Bin>(&self, rows: &Rows<'_, B>, tables: &mut Tables<B>, histogram: &mut Vec<B>) {
        histogram.clear();
        histogram.resize(self.offset[self.offset.len() - 1], B::default());
        // Below that many rows, taking the bundles apart again costs more than they save.
        let apart: usize = self.bundles.iter().map(|b| 4 * b.size).sum();
        if rows.len() * (self.width() - self.bundles.len()) <= apart {
            let width = self.width();
            for (row, own) in rows.rows.iter().zip(rows.payload.iter()) {
                let codes = &self.data.codes[*row as usize * width..][..width];
                for (code, start) in codes.iter().zip(&self.offset) {
                    histogram[start + usize::from(*code)].add(own);
                }
            }
            return;
        }
        if rows.len() <= PIECE {
            self.sum(rows.words, rows.payload, tables);
        } else {
            let pieces: Vec<Tables<B>> = rows
                .words
                .par_chunks(PIECE * self.stride)
                .zip(rows.payload.par_chunks(PIECE))
                .map(|(words, payload)| {
                    let mut own = Vec::new();
                    self.sum(words, payload, &mut own);
                    own
                })
                .collect();
            tables.clear();
            tables.resize(self.bundles.len(), [B::default(); CODES]);
            for piece in &pieces {
                for (sums, part) in tables.iter_mut().zip(piece) {
                    for (sum, part) in sums.iter_mut().zip(part) {
                        sum.add(part);
                    }
                }
            }
        }
        let mut feature = self.width();
        for (bundle, sums) in self.bundles.iter().zip(tables).rev() {
            // The last feature varies slowest: its bins are whole stretches. Added up, they leave the others.
            let mut size = bundle.size;
            for levels in bundle.levels.iter().rev() {
                feature -= 1;
                let stretch = size / levels;
                let own = &mut histogram[self.bins(feature)];
                for (level, slot) in own.iter_mut().enumerate() {
                    let (others, rest) = sums.split_at_mut(level * stretch);
                    let mut total = B::default();
                    for (i, bin) in rest[..stretch].iter().enumerate() {
                        total.add(bin);
                        if level > 0 {
                            others[i].add(bin);
                        }
                    }
                    *slot = total;
                }
                size = stretch;
            }
        }
    }

    fn sum<B: Bin>(&self, words: &[u64], payload: &[B], tables: &mut Tables<B>) {
        tables.clear();
        tables.resize(self.bundles.len(), [B::default(); CODES]);
        if self.stride == 1 {
            // The usual case gets a loop of its own.
            for (word, own) in words.iter().zip(payload) {
                let mut word = *word;
                for table in tables.iter_mut() {
                    table[word as usize % CODES].add(own);
                    word >>= BYTES;
                }
            }
            return;
        }
        for (words, own) in words.chunks_exact(self.stride).zip(payload) {
            for (word, tables) in words.iter().zip(tables.chunks_mut(BYTES)) {
                let mut word = *word;
                for table in tables {
                    table[word as usize % CODES].add(own);
                    word >>= BYTES;
                }
            }
        }
    }

    /// Sums the rows up for some features only. `starts` says where in `histogram` each one's bins start, and where
    /// the last one's end.
    pub(super) fn fill_some<B: Bin>(
        &self,
        rows: &Rows<'_, B>,
        features: &[usize],
        starts: &mut Vec<usize>,
        tables: &mut Tables<B>,
        histogram: &mut Vec<B>,
    ) {
        starts.clear();
        starts.push(0);
        for feature in features {
            starts.push(starts[starts.len() - 1] + self.bins(*feature).len());
        }
        histogram.clear();
        histogram.resize(starts[starts.len() - 1], B::default());
        let each = rows.words.chunks_exact(self.stride.max(1)).zip(rows.payload.iter());
        if rows.len() >= MANY {
            // Features of one bundle share its sums, which are taken apart at the end.
            let mut bundles: Vec<usize> = features.iter().map(|feature| self.places[*feature].bundle).collect();
            bundles.sort_unstable();
            bundles.dedup();
            tables.clear();
            tables.resize(bundles.len(), [B::default(); CODES]);
            for (words, own) in each {
                for (table, bundle) in tables.iter_mut().zip(&bundles) {
                    table[code(words, *bundle)].add(own);
                }
            }
            for (feature, start) in features.iter().zip(starts.iter()) {
                let place = &self.places[*feature];
                let table = &tables[bundles.partition_point(|b| *b < place.bundle)];
                for (level, sum) in place.level.iter().zip(table).take(self.bundles[place.bundle].size) {
                    histogram[start + usize::from(*level)].add(sum);
                }
            }
            return;
        }
        // What fits the cache is quicker to look up than to take apart.
        if self.data.codes.len() <= CACHED {
            let width = self.width();
            for (row, own) in rows.rows.iter().zip(rows.payload.iter()) {
                let codes = &self.data.codes[*row as usize * width..][..width];
                for (feature, start) in features.iter().zip(starts.iter()) {
                    histogram[start + usize::from(codes[*feature])].add(own);
                }
            }
            return;
        }
        for (words, own) in each {
            for (feature, start) in features.iter().zip(starts.iter()) {
                let place = &self.places[*feature];
                histogram[start + usize::from(place.level[code(words, place.bundle)])].add(own);
            }
        }
    }
}
