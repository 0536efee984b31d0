//! How much room documents take.

use bson::{Bson, Document};

/// The size of a document in BSON, about, without encoding it.
pub(crate) fn weight(document: &Document) -> usize {
    fn of(value: &Bson) -> usize {
        match value {
            Bson::String(text) => text.len() + 5,
            Bson::Document(inner) => weight(inner),
            Bson::Array(items) => items.iter().map(|item| of(item) + 4).sum::<usize>() + 5,
            Bson::Binary(binary) => binary.bytes.len() + 5,
            _ => 8,
        }
    }
    document.iter().map(|(name, value)| name.len() + of(value) + 2).sum::<usize>() + 5
}
