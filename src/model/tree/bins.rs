//! What a histogram sums up over the rows with one code.

/// Sums over rows. What they are made of depends on the family: exact counts where labels are counted, doubles where
/// residuals or weights are summed.
pub(in crate::model) trait Bin: Copy + Default + Send + Sync {
    /// Adds the rows of another bin.
    fn add(&mut self, other: &Self);

    /// The rows of this bin without those of another, which is part of it.
    fn without(&self, other: &Self) -> Self;

    /// Number of observed rows; exact, so 0 means that there are none.
    fn observed(&self) -> f64;

    /// Weight and weighted target, given what a row counts by its label.
    fn mass(&self, class_weight: [f64; 2]) -> (f64, f64);
}

/// Rows and positive rows, each in one half of a word: one addition counts both, exactly.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::model) struct Counts(u64);

impl Counts {
    /// Most rows that a half can count.
    pub(in crate::model) const MOST: f64 = u32::MAX as f64;

    pub(in crate::model) fn of(rows: u32, label: u8) -> Self {
        Self((u64::from(rows) << 32) | (u64::from(rows) * u64::from(label)))
    }

    /// Number of rows.
    pub(in crate::model) fn rows(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

impl Bin for Counts {
    #[inline]
    fn add(&mut self, other: &Self) {
        self.0 += other.0;
    }

    #[inline]
    fn without(&self, other: &Self) -> Self {
        Self(self.0 - other.0)
    }

    #[inline]
    fn observed(&self) -> f64 {
        f64::from(self.rows())
    }

    #[inline]
    fn mass(&self, class_weight: [f64; 2]) -> (f64, f64) {
        let positive = f64::from(self.0 as u32);
        let sum = positive * class_weight[1];
        ((self.observed() - positive) * class_weight[0] + sum, sum)
    }
}

/// Observed rows, and a weighted target, where a row weighs as often as it was observed.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::model) struct Observed([f64; 2]);

impl Observed {
    pub(in crate::model) fn of(observed: f64, target: f64) -> Self {
        Self([observed, observed * target])
    }
}

impl Bin for Observed {
    #[inline]
    fn add(&mut self, other: &Self) {
        self.0[0] += other.0[0];
        self.0[1] += other.0[1];
    }

    #[inline]
    fn without(&self, other: &Self) -> Self {
        Self([self.0[0] - other.0[0], self.0[1] - other.0[1]])
    }

    #[inline]
    fn observed(&self) -> f64 {
        self.0[0]
    }

    #[inline]
    fn mass(&self, _: [f64; 2]) -> (f64, f64) {
        (self.0[0], self.0[1])
    }
}

/// Observed rows, their weight, and the weighted target.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::model) struct Weighted {
    observed: f64,
    weight: f64,
    sum: f64,
}

impl Weighted {
    pub(in crate::model) fn of(observed: f64, weight: f64, target: f64) -> Self {
        Self { observed, weight, sum: weight * target }
    }
}

impl Bin for Weighted {
    #[inline]
    fn add(&mut self, other: &Self) {
        self.observed += other.observed;
        self.weight += other.weight;
        self.sum += other.sum;
    }

    #[inline]
    fn without(&self, other: &Self) -> Self {
        Self { observed: self.observed - other.observed, weight: self.weight - other.weight, sum: self.sum - other.sum }
    }

    #[inline]
    fn observed(&self) -> f64 {
        self.observed
    }

    #[inline]
    fn mass(&self, _: [f64; 2]) -> (f64, f64) {
        (self.weight, self.sum)
    }
}
