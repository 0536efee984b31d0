//! The distribution of the one-sample Kolmogorov-Smirnov statistic, that [`super::ks_asymptotic`] borrows.
//!
//! By the methods of Simard and L'Ecuyer 2011, "Computing the two-sided Kolmogorov-Smirnov distribution", Journal of
//! Statistical Software 39(11), and with the limits between them of `scipy.stats.kstwo`, so that it answers as that
//! does. Up to [`SMALL`] rows Durbin's matrix does for Pomeranz's recursion as well.

use std::f64::consts::PI;

/// Most rows for which the matrix, or the tail of one side, is used throughout.
const SMALL: f64 = 140.0;
/// Matrices are scaled down by this when they outgrow it: two to the power of [`BIG_BITS`].
const BIG: f64 = 340_282_366_920_938_463_463_374_607_431_768_211_456.0;
const BIG_BITS: i32 = 128;

/// The probability, 0 to 1, that the empirical distribution function of `n` rows, a whole number of at least 1, comes
/// away from the true one, a continuous one, by `d` or more.
pub(super) fn upper_tail(n: f64, d: f64) -> f64 {
    let t = n * d;
    let square = t * d;
    let p = if t <= 0.5 {
        1.0
    } else if d >= 1.0 {
        0.0
    } else if t <= 1.0 {
        // Ruben and Gambino 1982: n! / n^n (2t - 1)^n.
        1.0 - ((2.0 * PI * n).sqrt().ln() - n + stirling_error(n) + n * (2.0 * t - 1.0).ln()).exp()
    } else if t >= n - 1.0 {
        2.0 * (1.0 - d).powf(n)
    } else if d >= 0.5 {
        // Only one side can come away as far.
        2.0 * one_sided(n, d)
    } else if n <= SMALL {
        if square <= 4.0 { 1.0 - durbin(n, d) } else { 2.0 * one_sided(n, d) }
    } else if square >= 370.0 {
        0.0
    } else if square >= 2.2 {
        // Miller 1956: the chance that both sides do is next to nothing, at most 5e-8 here.
        2.0 * one_sided(n, d)
    } else if n <= 1e5 && n * d.powf(1.5) <= 1.4 {
        1.0 - durbin(n, d)
    } else {
        1.0 - pelz_good(n, d)
    };
    p.clamp(0.0, 1.0)
}

/// ln n! less Stirling's (n + 1/2) ln n - n + ln(2 pi) / 2, for whole numbers of at least 1.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        let factorial: f64 = (2..=n as u32).map(f64::from).product();
        return factorial.ln() - (n + 0.5) * n.ln() + n - (2.0 * PI).sqrt().ln();
    }
    let s = 1.0 / (n * n);
    (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / n
}

/// x ln(x / (x + above)) + above for x > 0, without loss of digits where `above` is small (Loader 2000, "Fast and
/// accurate computation of binomial probabilities").
fn deviance(x: f64, above: f64) -> f64 {
    let mean = x + above;
    if above.abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() + above;
    }
    let v = -above / (x + mean);
    let (mut sum, mut power) = (-above * v, 2.0 * x * v);
    for odd in (3u32..).step_by(2) {
        power *= v * v;
        let more = sum + power / f64::from(odd);
        if more == sum {
            break;
        }
        sum = more;
    }
    sum
}

/// The probability that the empirical distribution function of `n` rows comes to lie above the true one by `d` or more
/// (Smirnov 1944; Birnbaum and Tingey 1951): the sum over j of d / a times the binomial probability of j among n with
/// chance a = d + j / n. All terms are positive.
fn one_sided(n: f64, d: f64) -> f64 {
    let t = n * d;
    let whole = stirling_error(n);
    let mut sum = (n * (-d).ln_1p()).exp();
    let mut j = 1.0;
    // The chance of the others, n - j - t over n, has to be above 0.
    while j < n && n - j - t > 0.0 {
        let others = n - j;
        let log = whole - stirling_error(j) - stirling_error(others) - deviance(j, t) - deviance(others, -t);
        sum += t / (j + t) * (n / (2.0 * PI * j * others)).sqrt() * log.exp();
        j += 1.0;
    }
    sum
}

/// A square matrix times two to the power of `bits`.
#[derive(Clone)]
struct Scaled {
    cells: Vec<f64>,
    bits: i32,
}

impl Scaled {
    /// The product, scaled so that its middle cell, the one wanted in the end and about the largest, stays small.
    fn times(&self, other: &Self, size: usize) -> Self {
        let mut cells = vec![0.0; size * size];
        for (row, out) in self.cells.chunks_exact(size).zip(cells.chunks_exact_mut(size)) {
            for (factor, across) in row.iter().zip(other.cells.chunks_exact(size)) {
                out.iter_mut().zip(across).for_each(|(out, cell)| *out += factor * cell);
            }
        }
        let mut bits = self.bits + other.bits;
        while cells[size * size / 2] > BIG {
            cells.iter_mut().for_each(|cell| *cell /= BIG);
            bits += BIG_BITS;
        }
        Self { cells, bits }
    }
}

/// The probability of less than `d`, exactly, as n! / n^n times the middle cell of the nth power of a matrix (Durbin
/// 1973; Marsaglia, Tsang and Wang 2003, "Evaluating Kolmogorov's distribution", Journal of Statistical Software 8(18)).
/// The matrix is about 2 n d wide.
fn durbin(n: f64, d: f64) -> f64 {
    let t = n * d;
    let size = 2 * t.ceil() as usize - 1;
    let h = t.ceil() - t;
    // 1 / i!, i from 0.
    let mut inverse = vec![1.0; size + 1];
    for i in 1..=size {
        inverse[i] = inverse[i - 1] / i as f64;
    }
    let edge = |i: usize| (1.0 - h.powi(i as i32)) * inverse[i];
    let mut cells = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..size.min(i + 2) {
            cells[i * size + j] = inverse[i + 1 - j];
        }
    }
    for i in 0..size {
        cells[i * size] = edge(i + 1);
        cells[(size - 1) * size + i] = edge(size - i);
    }
    let last = 2.0 * h.powi(size as i32) - (2.0 * h - 1.0).max(0.0).powi(size as i32);
    cells[(size - 1) * size] = (1.0 - last) * inverse[size];

    let mut square = Scaled { cells, bits: 0 };
    let mut power: Option<Scaled> = None;
    let mut left = n as u64;
    loop {
        if left & 1 == 1 {
            power = Some(power.map_or_else(|| square.clone(), |power| power.times(&square, size)));
        }
        left >>= 1;
        if left == 0 {
            break;
        }
        square = square.times(&square, size);
    }
    let Some(power) = power else { return 1.0 };
    let (mut p, mut bits) = (power.cells[size * size / 2], power.bits);
    for i in 1..=n as u64 {
        p *= i as f64 / n;
        if p < 1.0 / BIG {
            p *= BIG;
            bits -= BIG_BITS;
        }
    }
    p * 2.0_f64.powi(bits)
}

/// The probability of less than `d`, nearly, by four terms of an expansion in 1 / sqrt(n) (Pelz and Good 1976,
/// "Approximating the lower tail-areas of the Kolmogorov-Smirnov one-sample statistic", Journal of the Royal Statistical
/// Society B 38, pages 152-156), each in the form that converges fast for small `d`.
fn pelz_good(n: f64, d: f64) -> f64 {
    let z = n.sqrt() * d;
    let [z2, z4, z6, z8] = [2, 4, 6, 8].map(|power| z.powi(power));
    let [pi2, pi4, pi6] = [2, 4, 6].map(|power| PI.powi(power));
    let mut sums = [0.0; 4];
    for k in (1u32..).step_by(2) {
        let k2 = f64::from(k).powi(2);
        let weight = (-pi2 * k2 / (8.0 * z2)).exp();
        let terms = [
            1.0,
            -z2 + pi2 / 4.0 * k2,
            6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * k2 + pi4 * (1.0 - 2.0 * z2) / 16.0 * k2 * k2,
            -30.0 * z6 - 90.0 * z8
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * k2
                + pi4 * (212.0 * z4 - 60.0 * z2) / 16.0 * k2 * k2
                + pi6 * (5.0 - 30.0 * z2) / 64.0 * k2.powi(3),
        ];
        sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
        if weight < 1e-30 {
            break;
        }
    }
    let mut all = [0.0; 2];
    for k in 1u32.. {
        let k2 = f64::from(k).powi(2);
        let weight = (-pi2 * k2 / (2.0 * z2)).exp() * k2;
        all[0] += weight;
        all[1] += weight * (3.0 * z2 - pi2 * k2);
        if weight < 1e-30 {
            break;
        }
    }
    let first = sums[0] / z;
    let second = sums[1] / (6.0 * z4);
    let third = sums[2] / (72.0 * z6 * z) - pi2 * all[0] / (36.0 * z2 * z);
    let fourth = sums[3] / (6480.0 * z8 * z2) + pi2 * all[1] / (216.0 * z6);
    (2.0 * PI).sqrt() * (first + second / n.sqrt() + third / n + fourth / n.powf(1.5))
}
