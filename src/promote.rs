//! Promotion: a challenger is held against the champion, uploaded, verified, and recorded.

mod gate;

pub use gate::{Bounded, Check, Gate, Outcome};
