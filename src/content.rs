//! Names made from content: the same content has the same name, and no two contents look alike.

use bson::Bson;
use sha2::{Digest, Sha256};

/// Content that is being named.
#[derive(Debug, Clone)]
pub(crate) struct Content(Sha256);

impl Content {
    /// The content of a source.
    pub fn of(source: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update((source.len() as u64).to_le_bytes());
        hasher.update(source.as_bytes());
        Self(hasher)
    }

    /// Adds a field.
    pub fn add(&mut self, name: &str, value: &Bson) {
        self.0.update((name.len() as u64).to_le_bytes());
        self.0.update(name.as_bytes());
        hash_value(&mut self.0, value);
    }

    /// Adds what has a length of its own.
    pub fn add_bytes<const N: usize>(&mut self, bytes: &[u8; N]) {
        self.0.update(bytes);
    }

    /// The name.
    pub fn name(self) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0.finalize()[..16]);
        half
    }

    /// The name as an `_id`.
    pub fn id(self) -> String {
        crate::files::hex(&self.name())
    }
}

/// Feeds a value with its type and, where it has one, its length, so that no two values look alike.
fn hash_value(hasher: &mut Sha256, value: &Bson) {
    let text = |hasher: &mut Sha256, tag: u8, text: &str| {
        hasher.update([tag]);
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    match value {
        Bson::Null => hasher.update([0]),
        Bson::Boolean(v) => hasher.update([1, u8::from(*v)]),
        Bson::Int64(v) => {
            hasher.update([2]);
            hasher.update(v.to_le_bytes());
        }
        Bson::Double(v) => {
            hasher.update([3]);
            hasher.update(v.to_bits().to_le_bytes());
        }
        Bson::String(v) => text(hasher, 4, v),
        other => text(hasher, 5, &other.clone().into_canonical_extjson().to_string()),
    }
}
