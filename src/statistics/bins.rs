//! Numbers made into categories.

use super::steps;

/// Most distinct values that get a bin each.
pub const MOST_VALUES: usize = 20;

/// Bins of a numeric column, rising, all four lists as long: what [`js_distance`](super::js_distance) and
/// [`psi`](super::psi) take as categories.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bins {
    /// The least value that belongs to each bin.
    pub low: Vec<f64>,
    /// Where each bin ends: equal to `low` for a bin of one value. Otherwise the first value of the next bin, which
    /// does not belong to this one, and for the last bin the largest value, which does.
    pub high: Vec<f64>,
    /// Rows of the reference in each bin.
    pub reference: Vec<u64>,
    /// Rows of the current sample in each bin.
    pub current: Vec<u64>,
}

impl Bins {
    /// What each bin holds, in words: a value, or `FROM to TO`.
    pub fn labels(&self) -> Vec<String> {
        let label =
            |low: f64, high: f64| if low == high { short(low) } else { format!("{} to {}", short(low), short(high)) };
        self.low.iter().zip(&self.high).map(|(low, high)| label(*low, *high)).collect()
    }
}

/// A number in about four digits.
pub fn short(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    if !(-4.0..9.0).contains(&digits) {
        return format!("{value:.3e}");
    }
    let places = (3.0 - digits).max(0.0) as usize;
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Cuts two sorted samples into common bins, as Evidently's `get_binned_data` does: a bin per value where both together
/// have at most [`MOST_VALUES`] distinct ones; otherwise bins of equal width from the smallest to the largest value, as
/// many as Sturges's rule has for the rows of both (Sturges 1926, "The choice of a class interval", Journal of the
/// American Statistical Association 21, pages 65-66), that is one more than log2 of the rows, rounded up. Some of these
/// may be empty. Rounding is that of `numpy.histogram_bin_edges(both, bins="sturges")` and `numpy.histogram` on floats.
///
/// `None` when a side is empty, or bins of equal width are wanted and the range is not a finite number.
pub fn bins(reference: &[f64], current: &[f64]) -> Option<Bins> {
    let (first, last) = (reference.first()?.min(*current.first()?), reference.last()?.max(*current.last()?));
    let values: Vec<f64> = steps(reference, current).map(|(value, ..)| value).take(MOST_VALUES + 1).collect();
    if values.len() <= MOST_VALUES {
        let count = |sample: &[f64]| {
            let until = values.iter().map(|value| sample.partition_point(|v| v <= value));
            differences(until.collect())
        };
        let (reference, current) = (count(reference), count(current));
        return Some(Bins { low: values.clone(), high: values, reference, current });
    }
    let range = last - first;
    if !range.is_finite() {
        return None;
    }
    let rows = (reference.len() + current.len()) as f64;
    // Through the width, as numpy has it: its rounding can make a bin more of a whole number of bins. The smallest of
    // ranges has no such width.
    let width = range / (rows.log2() + 1.0);
    let wanted = if width > 0.0 { (range / width).ceil() as usize } else { 1 };
    let step = range / wanted as f64;
    let mut edges: Vec<f64> = (0..wanted).map(|i| i as f64 * step + first).collect();
    edges.push(last);
    let count = |sample: &[f64]| {
        let inner = edges[1..wanted].iter().map(|edge| sample.partition_point(|v| v < edge));
        differences(inner.chain([sample.len()]).collect())
    };
    let (reference, current) = (count(reference), count(current));
    Some(Bins { low: edges[..wanted].to_vec(), high: edges[1..].to_vec(), reference, current })
}

/// Rows of each bin, from the rows up to its end.
fn differences(until: Vec<usize>) -> Vec<u64> {
    let mut before = 0;
    until.into_iter().map(|n| n.saturating_sub(std::mem::replace(&mut before, n)) as u64).collect()
}
