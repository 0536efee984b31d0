//! The values of fields, counted where they are.

use bson::Bson;

/// A field whose values are to be counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The field.
    pub field: String,
    /// Numbers that are counted all together.
    pub plain: Option<Plain>,
    /// Documents with one of these values are left out, for all fields.
    pub without: Vec<Bson>,
    /// Documents with a list in the field are left out, for all fields.
    pub without_lists: bool,
}

/// Numbers that need no second look: of the types int and long, or double as well, within bounds, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plain {
    /// Whether doubles are among them.
    pub doubles: bool,
    /// The smallest one.
    pub low: f64,
    /// The largest one.
    pub high: f64,
}

/// A field, counted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Distinct values, each with the number of documents that have it. What is missing is null. Numbers that are
    /// equal may be one value, whatever their types.
    pub values: Vec<(Bson, u64)>,
    /// Of the plain numbers: how many there are, the smallest and the largest.
    pub plain: Option<(u64, f64, f64)>,
    /// Documents with a list in the field, which is none of the values.
    pub lists: u64,
    /// Whether any document has the field, if only with null in it.
    pub present: bool,
}

impl Tally {
    /// Documents that were counted.
    pub fn documents(&self) -> u64 {
        self.values.iter().map(|(_, n)| n).sum::<u64>() + self.plain.map_or(0, |(n, ..)| n) + self.lists
    }
}
