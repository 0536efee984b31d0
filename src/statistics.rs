//! Two samples of one column held against each other: tests of whether they differ, and measures of how much.
//!
//! One side is the reference (what a model was trained on), the other the current rows. Categories come as counts, one
//! per category and in the same order on both sides; numbers come as samples sorted ascending, without NaN, one value
//! per row. `None` says that there was nothing to compare. Many columns tested at once are many chances to be fooled:
//! [`benjamini_hochberg`] adjusts for that, [`holm`] more strictly.

mod adjust;
mod bins;
mod distance;
mod kolmogorov;
mod ks;
mod table;

pub use adjust::{benjamini_hochberg, holm};
pub use bins::{Bins, MOST_VALUES, bins, short};
pub use distance::{js_distance, psi, wasserstein, wasserstein_normed};
pub use ks::{EXACT_ROWS, KolmogorovSmirnov, kolmogorov_smirnov, ks_asymptotic, ks_exact};
pub use table::{ChiSquare, ExactP, PERMUTATIONS, chi_square, chi_square_quantile, chi_square_upper_tail, exact};

/// The distinct values of both samples, rising, each with the rows of either side that are at most as large.
fn steps<'a>(reference: &'a [f64], current: &'a [f64]) -> impl Iterator<Item = (f64, usize, usize)> + 'a {
    let (mut i, mut j) = (0, 0);
    std::iter::from_fn(move || {
        let value = match (reference.get(i), current.get(j)) {
            (Some(a), Some(b)) => a.min(*b),
            (Some(value), None) | (None, Some(value)) => *value,
            (None, None) => return None,
        };
        // A NaN should not be here; it must not keep us here.
        let passed = |v: &f64| *v <= value || v.is_nan();
        while reference.get(i).is_some_and(passed) {
            i += 1;
        }
        while current.get(j).is_some_and(passed) {
            j += 1;
        }
        Some((value, i, j))
    })
}

#[cfg(test)]
mod tests;
