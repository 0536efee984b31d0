//! Tests of counts by category.

use crate::random::Stream;
use statrs::function::gamma::checked_gamma_ur;

/// Most tables that [`exact`] goes through one by one.
const MOST_TABLES: u64 = 2_000_000;
/// Permutations that [`exact`] draws where there are too many tables.
pub const PERMUTATIONS: u32 = 1_999;
/// Most rows, both sides together, that [`exact`] permutes.
const MOST_ROWS: u64 = 20_000;
/// A table counts as no less extreme than the observed one although its statistic is less by this share, or, where that
/// is 0 but for rounding, by this much per row: it is rounding that makes equal ones differ.
const SLACK: f64 = 1e-7;
const SLACK_PER_ROW: f64 = 1e-30;

/// Pearson's chi-square test of homogeneity of two samples over the same categories, without Yates' correction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChiSquare {
    /// Sum of (observed - expected)^2 / expected over all cells; 0 where the shares are equal.
    pub statistic: f64,
    /// Categories that some row has, less one.
    pub degrees: u32,
    /// Probability of a statistic at least as large if both sides came from one distribution, 0 to 1, after the
    /// chi-square distribution.
    pub p_value: f64,
    /// The smallest number of rows expected in a cell. The p-value is not to be trusted where this is small: 5 is the
    /// usual limit (Cochran 1954, "Some methods for strengthening the common chi-square tests", Biometrics 10, pages
    /// 417-451). [`exact`] is for these.
    pub smallest_expected: f64,
}

/// The chi-square test of two lists of counts: `reference[i]` and `current[i]` are the rows of category i. Categories
/// that are empty on both sides are left out. Where one category only is left, there is nothing to differ: statistic 0,
/// degrees 0, p-value 1.
///
/// `None` when a side has no rows or the lengths differ.
pub fn chi_square(reference: &[u64], current: &[u64]) -> Option<ChiSquare> {
    if reference.len() != current.len() {
        return None;
    }
    let sides = [reference, current].map(|counts| counts.iter().map(|n| *n as f64).sum::<f64>());
    if sides.contains(&0.0) {
        return None;
    }
    let rows = sides[0] + sides[1];
    let (mut statistic, mut smallest_expected, mut categories) = (0.0, f64::INFINITY, 0);
    for (r, c) in reference.iter().zip(current).map(|(r, c)| (*r as f64, *c as f64)).filter(|(r, c)| r + c > 0.0) {
        categories += 1;
        for (seen, side) in [r, c].into_iter().zip(sides) {
            let expected = (r + c) * side / rows;
            statistic += (seen - expected) * ((seen - expected) / expected);
            smallest_expected = expected.min(smallest_expected);
        }
    }
    let degrees = u32::try_from(categories - 1_usize).unwrap_or(u32::MAX);
    if degrees == 0 {
        statistic = 0.0;
    }
    Some(ChiSquare { statistic, degrees, p_value: chi_square_upper_tail(statistic, degrees), smallest_expected })
}

/// The probability, 0 to 1, that a chi-square variable of so many degrees of freedom is at least `statistic`. With 0
/// degrees it is always 0. Probabilities below about 1e-308 come out as 0.
pub fn chi_square_upper_tail(statistic: f64, degrees: u32) -> f64 {
    if statistic <= 0.0 {
        return 1.0;
    }
    if degrees == 0 || statistic == f64::INFINITY {
        return 0.0;
    }
    checked_gamma_ur(f64::from(degrees) / 2.0, statistic / 2.0).unwrap_or(f64::NAN).clamp(0.0, 1.0)
}

/// The statistic that a chi-square variable of so many degrees of freedom reaches or passes with probability
/// `upper_tail`, to about 12 digits: the inverse of [`chi_square_upper_tail`], by bisection. 0 from a probability of 1
/// on and with 0 degrees, infinite from 0 down, NaN for NaN.
pub fn chi_square_quantile(upper_tail: f64, degrees: u32) -> f64 {
    if upper_tail.is_nan() {
        return f64::NAN;
    }
    if upper_tail >= 1.0 || degrees == 0 {
        return 0.0;
    }
    if upper_tail <= 0.0 {
        return f64::INFINITY;
    }
    let mut high = 1.0;
    while chi_square_upper_tail(high, degrees) > upper_tail {
        high *= 2.0;
    }
    // Halved as well where the answer is nearer to 0: there the digits that matter are further down.
    let mut low = high / 2.0;
    while low > 0.0 && chi_square_upper_tail(low, degrees) <= upper_tail {
        (low, high) = (low / 2.0, low);
    }
    while high - low > 1e-13 * high {
        let middle = low + (high - low) / 2.0;
        if chi_square_upper_tail(middle, degrees) > upper_tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + (high - low) / 2.0
}

/// The p-value of a chi-square test without the chi-square distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExactP {
    /// Probability of a statistic at least as large, above 0 and at most 1.
    pub p_value: f64,
    /// Whether it was estimated from [`PERMUTATIONS`] drawn ones, rather than computed.
    pub permuted: bool,
}

/// The exact conditional p-value of [`chi_square`], for counts too small for the chi-square distribution: of all tables
/// with the row and column sums of this one, the probability (multivariate hypergeometric) of those whose statistic is at
/// least the observed one, ties included (Agresti 1992, "A survey of exact inference for contingency tables", Statistical
/// Science 7, pages 131-153). Of two categories it is two-sided in this order, by the statistic; Fisher's test as it is
/// usual (`scipy.stats.fisher_exact`) orders tables by their probability, and may differ where the sides are of unequal
/// size.
///
/// Where there are more than 2,000,000 such tables, the rows are dealt to the sides anew, at random, [`PERMUTATIONS`]
/// times, by the stream of `seed`: one more than those at least as extreme over one more than those dealt (Phipson and
/// Smyth 2010, "Permutation p-values should never be zero", Statistical Applications in Genetics and Molecular Biology
/// 9(1)). A p-value too small for a number comes out as the smallest normal one, about 2e-308.
///
/// `None` when a side has no rows, the lengths differ, or there are both too many tables and more than 20,000 rows.
pub fn exact(reference: &[u64], current: &[u64], seed: u64) -> Option<ExactP> {
    if reference.len() != current.len() {
        return None;
    }
    let sum = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n));
    let (r, c) = (sum(reference)?, sum(current)?);
    let rows = r.checked_add(c)?;
    if r == 0 || c == 0 {
        return None;
    }
    // The smaller side is the one dealt; the other one follows. Large categories first: there are fewest ways for the
    // rest.
    let dealt = r.min(c);
    let side = if r <= c { reference } else { current };
    let mut table: Vec<(u64, u64)> =
        reference.iter().zip(current).zip(side).map(|((r, c), s)| (r + c, *s)).filter(|(n, _)| *n > 0).collect();
    table.sort_unstable_by(|a, b| b.cmp(a));
    let margins = Margins { sizes: table.iter().map(|(n, _)| *n).collect(), dealt, rows };
    let statistic: f64 = table.iter().map(|(n, s)| margins.statistic(*n, *s)).sum();
    let limit = statistic * (1.0 - SLACK) - rows as f64 * SLACK_PER_ROW;
    if margins.few_tables() {
        let p_value = Enumeration::new(&margins, limit).p_value();
        Some(ExactP { p_value, permuted: false })
    } else if rows <= MOST_ROWS {
        Some(ExactP { p_value: margins.permute(limit, seed), permuted: true })
    } else {
        None
    }
}

/// What all tables have in common.
struct Margins {
    /// Rows of each category, on both sides.
    sizes: Vec<u64>,
    /// Rows of the side that is dealt, at most half of all.
    dealt: u64,
    /// All rows.
    rows: u64,
}

impl Margins {
    /// What a category adds to the statistic, both cells, when `n` of its rows are dealt.
    fn statistic(&self, size: u64, n: u64) -> f64 {
        let (rows, dealt) = (self.rows as f64, self.dealt as f64);
        let expected = size as f64 * dealt / rows;
        let apart = n as f64 - expected;
        // 1 / expected + 1 / expected on the other side.
        apart * (apart / expected) * (rows / (rows - dealt))
    }

    /// Whether there are at most [`MOST_TABLES`].
    fn few_tables(&self) -> bool {
        // The ways to deal so many rows from the categories so far, from the least number that the others can complete.
        let (mut least, mut ways) = (0, vec![1_u64]);
        let (mut used, mut rest) = (0, self.rows);
        for size in &self.sizes {
            used += size;
            rest -= size;
            let (from, to) = (self.dealt.saturating_sub(rest), self.dealt.min(used));
            if to - from >= MOST_TABLES {
                return false;
            }
            let mut sum = 0;
            let up_to: Vec<u64> = std::iter::once(0)
                .chain(ways.iter().map(|n| {
                    sum += n;
                    sum
                }))
                .collect();
            // The ways for sums below this one.
            let below = |bound: u64| up_to[(bound.saturating_sub(least) as usize).min(ways.len())];
            let next: Vec<u64> = (from..=to).map(|s| below(s + 1) - below(s.saturating_sub(*size))).collect();
            // Each of these is the beginning of a table at least.
            if next.iter().sum::<u64>() > MOST_TABLES {
                return false;
            }
            (least, ways) = (from, next);
        }
        true
    }

    fn permute(&self, limit: f64, seed: u64) -> f64 {
        let category = |(i, size): (usize, &u64)| std::iter::repeat_n(i, *size as usize);
        let mut rows: Vec<usize> = self.sizes.iter().enumerate().flat_map(category).collect();
        let mut stream = Stream::new(seed, &["statistics", "exact"]);
        let mut reached = 0;
        for _ in 0..PERMUTATIONS {
            let mut counts = vec![0; self.sizes.len()];
            for i in 0..self.dealt as usize {
                let other = i + stream.below(rows.len() - i);
                rows.swap(i, other);
                counts[rows[i]] += 1;
            }
            let statistic: f64 = self.sizes.iter().zip(counts).map(|(size, n)| self.statistic(*size, n)).sum();
            reached += u32::from(statistic >= limit);
        }
        f64::from(reached + 1) / f64::from(PERMUTATIONS + 1)
    }
}

/// One category in all tables.
struct Category {
    /// Fewest rows of it that can be dealt.
    least: u64,
    size: u64,
    /// By the rows dealt, from `least`: what it adds to the statistic, and to the logarithm of the probability.
    adds: Vec<(f64, f64)>,
    /// The same for none dealt of this category and all that follow.
    none: (f64, f64),
    /// Rows of all that follow.
    rest: u64,
}

impl Category {
    fn new(margins: &Margins, size: u64, rest: u64) -> Self {
        let (dealt, others) = (margins.dealt, margins.rows - margins.dealt);
        // Binomial probabilities, relative to that of the likeliest number: what they leave out is the same for all
        // tables. No factorials, whose logarithms are large and would lose digits.
        let (least, most) = (size.saturating_sub(others), size.min(dealt));
        let likeliest = (size as f64 * (dealt as f64 / margins.rows as f64)) as u64;
        let likeliest = likeliest.clamp(least, most);
        let odds = dealt as f64 / others as f64;
        // From n - 1 to n.
        let step = |n: u64| ((size - n + 1) as f64 / n as f64 * odds).ln();
        let mut adds: Vec<(f64, f64)> = (least..=most).map(|n| (margins.statistic(size, n), 0.0)).collect();
        let mut log = 0.0;
        for n in likeliest + 1..=most {
            log += step(n);
            adds[(n - least) as usize].1 = log;
        }
        log = 0.0;
        for n in (least + 1..=likeliest).rev() {
            log -= step(n);
            adds[(n - 1 - least) as usize].1 = log;
        }
        Self { least, size, adds, none: (0.0, 0.0), rest }
    }
}

/// All tables, one by one.
struct Enumeration {
    categories: Vec<Category>,
    dealt: u64,
    limit: f64,
    /// Weights, which are probabilities but for a common factor: of tables that reach the limit, and of all.
    reached: f64,
    all: f64,
}

impl Enumeration {
    fn new(margins: &Margins, limit: f64) -> Self {
        let mut rest = margins.rows;
        let category = |size: &u64| {
            rest -= size;
            Category::new(margins, *size, rest)
        };
        let mut categories: Vec<Category> = margins.sizes.iter().map(category).collect();
        let mut none = (0.0, 0.0);
        for category in categories.iter_mut().rev() {
            // One of which some rows have to be dealt is never passed over.
            let (statistic, log) = if category.least == 0 { category.adds[0] } else { (0.0, 0.0) };
            none = (none.0 + statistic, none.1 + log);
            category.none = none;
        }
        Self { categories, dealt: margins.dealt, limit, reached: 0.0, all: 0.0 }
    }

    fn p_value(mut self) -> f64 {
        let categories = std::mem::take(&mut self.categories);
        self.visit(&categories, self.dealt, 0.0, 0.0);
        (self.reached / self.all).clamp(f64::MIN_POSITIVE, 1.0)
    }

    /// Deals `left` rows from these categories in all ways. The recursion is as deep as categories have rows dealt, and
    /// each has at least two ways: few, where there are few tables.
    fn visit(&mut self, categories: &[Category], left: u64, mut statistic: f64, mut log: f64) {
        if left == 0 {
            let none = categories.first().map_or((0.0, 0.0), |category| category.none);
            let weight = (log + none.1).exp();
            self.all += weight;
            if statistic + none.0 >= self.limit {
                self.reached += weight;
            }
            return;
        }
        for (i, category) in categories.iter().enumerate() {
            // Some rows of this category; of those before it none.
            for n in left.saturating_sub(category.rest).max(1)..=left.min(category.size) {
                let (more, chance) = category.adds[(n - category.least) as usize];
                self.visit(&categories[i + 1..], left - n, statistic + more, log + chance);
            }
            if left > category.rest {
                return;
            }
            let (more, chance) = category.adds[0];
            statistic += more;
            log += chance;
        }
    }
}
