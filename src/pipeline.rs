//! The stages of a run, in order. Each reads what the one before left in the run's directory and leaves its own
//! output there, so a run can stop after any of them and go on later.

mod evaluate;
mod ingest;
mod publish;
mod split;
mod train;
mod transform;
mod validate;

pub use evaluate::{ModelReport, Report, evaluate};
pub use ingest::ingest;
pub(crate) use ingest::{note_unknown, unknown_fields};
pub use publish::{Published, publish};
pub use split::{SplitPart, read_split, write_split};
pub(crate) use split::{read_note, write_split_noted};
pub use train::train;
pub use transform::{Transformed, transform};
pub use validate::validate;
