//! Categorical codes in the bits of words, so that the differences between two rows are counted many features at once.

/// Features with up to four levels take a lane of two bits, the others one of eight.
const NARROW: u32 = 2;
const WIDE: u32 = 8;

/// Packed rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Packed {
    /// Place of each feature: word and shift; none for numeric ones.
    place: Vec<Option<(usize, u32)>>,
    /// Words with lanes of two bits; those of eight follow.
    narrow: usize,
    /// Words in a row.
    words: usize,
    rows: usize,
    bits: Vec<u64>,
}

impl Packed {
    /// Packs rows of codes, given row by row; each code is below its feature's number of levels.
    pub(super) fn new(codes: &[u8], levels: &[u16], numeric: &[bool], rows: usize) -> Self {
        let mut packed = Self { place: vec![None; numeric.len()], narrow: 0, words: 0, rows, bits: Vec::new() };
        for lane in [NARROW, WIDE] {
            let mut shift = u64::BITS;
            for f in (0..numeric.len()).filter(|f| !numeric[*f] && (levels[*f] <= 4) == (lane == NARROW)) {
                if shift == u64::BITS {
                    (packed.words, shift) = (packed.words + 1, 0);
                }
                packed.place[f] = Some((packed.words - 1, shift));
                shift += lane;
            }
            if lane == NARROW {
                packed.narrow = packed.words;
            }
        }
        let mut row_bits = Vec::new();
        for row in codes.chunks_exact(numeric.len().max(1)) {
            packed.pack(row, &mut row_bits);
            packed.bits.extend_from_slice(&row_bits);
        }
        packed
    }

    /// Packs one row.
    pub(super) fn pack(&self, codes: &[u8], bits: &mut Vec<u64>) {
        bits.clear();
        bits.resize(self.words, 0);
        for (code, place) in codes.iter().zip(&self.place) {
            if let Some((word, shift)) = place {
                bits[*word] |= u64::from(*code) << shift;
            }
        }
    }

    /// Calls `each` with the place of every row and the number of categorical features in which it differs.
    pub(super) fn each(&self, query: &[u64], mut each: impl FnMut(usize, u32)) {
        match query {
            // The usual case: everything in one word.
            [query] if self.narrow == 1 => {
                for (i, bits) in self.bits.iter().enumerate() {
                    each(i, narrow(bits ^ query));
                }
            }
            _ => {
                for i in 0..self.rows {
                    let own = &self.bits[i * self.words..(i + 1) * self.words];
                    let lanes = own.iter().zip(query).enumerate();
                    let differing =
                        lanes.map(|(w, (a, b))| if w < self.narrow { narrow(a ^ b) } else { wide(a ^ b) }).sum();
                    each(i, differing);
                }
            }
        }
    }
}

/// Lanes of two bits that are not zero.
fn narrow(bits: u64) -> u32 {
    ((bits | bits >> 1) & 0x5555_5555_5555_5555).count_ones()
}

/// Lanes of eight bits that are not zero.
fn wide(bits: u64) -> u32 {
    let low = 0x7f7f_7f7f_7f7f_7f7f;
    // The top bit of each lane: set by a carry from its lower seven, or there already.
    ((((bits & low) + low) | bits) & !low).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_counted_in_lanes_of_either_size() {
        let levels: Vec<u16> = (0..70).map(|f| if f % 3 == 0 { 200 } else { 4 }).collect();
        let mut numeric = vec![false; 70];
        numeric[5] = true;
        let row = |salt: usize| -> Vec<u8> {
            (0..70).map(|f| ((f * 7 + salt * (f + 3) * 31) % usize::from(levels[f])) as u8).collect()
        };
        let rows: Vec<Vec<u8>> = (0..40).map(row).collect();
        let packed = Packed::new(&rows.concat(), &levels, &numeric, rows.len());
        let mut query = Vec::new();
        packed.pack(&rows[3], &mut query);
        let mut seen = 0;
        packed.each(&query, |i, differing| {
            let expected = (0..70).filter(|f| !numeric[*f] && rows[i][*f] != rows[3][*f]).count();
            assert_eq!(differing as usize, expected, "row {i}");
            seen += 1;
        });
        assert_eq!(seen, rows.len());
    }
}
