//! The one error type: what went wrong, of which kind, and the way out.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// Result with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whose move it is after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request itself: a name that does not exist, flags that contradict each other.
    User,
    /// A settings, schema or search-space file.
    Config,
    /// The rows: a file that cannot be read, a value the schema refuses.
    Data,
    /// The disk, or a service on another host.
    Remote,
    /// A defect of netsec.
    Internal,
}

/// A failure with a headline, an optional hint (the way out) and the chain of causes.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, source: None }
    }

    /// An error in what was asked for.
    pub fn user(message: impl Into<String>) -> Self {
        Self::new(Kind::User, message)
    }

    /// An error in a settings, schema or search-space file.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// An error in the rows or in a data file.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Kind::Data, message)
    }

    /// A disk or a service that did not do its part.
    pub fn remote(message: impl Into<String>) -> Self {
        Self::new(Kind::Remote, message)
    }

    /// A defect of netsec itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An input or output failure at a path, with a hint for the causes an analyst can mend.
    pub fn io(doing: &str, path: &Path, source: std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        let (what, hint) = match source.kind() {
            K::NotFound => ("no such file or directory", Some("check the path")),
            K::PermissionDenied => {
                ("permission denied", Some("check its owner and mode, or choose another place with --home"))
            }
            K::StorageFull | K::QuotaExceeded => {
                ("the disk is full", Some("free some space and repeat the command: what was written before is kept"))
            }
            K::ReadOnlyFilesystem => ("the file system is read-only", Some("choose another place with --home")),
            K::IsADirectory => ("it is a directory", Some("name a file")),
            K::NotADirectory => ("a part of the path is not a directory", Some("check the path")),
            _ => ("input/output error", None),
        };
        let mut error = Self::new(Kind::Remote, format!("{doing} {}: {what}", path.display()));
        error.hint = hint.map(str::to_owned);
        error.caused_by(source)
    }

    /// Whose move it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The way out, where one is known.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The headline, then each cause that says something new, one line each.
    pub fn chain(&self) -> Vec<String> {
        let mut lines = vec![self.message.clone()];
        let mut cause = self.source.as_deref().map(|e| e as &dyn StdError);
        while let Some(error) = cause {
            let text = error.to_string();
            if !lines.iter().any(|line| line.contains(&text)) {
                lines.push(text);
            }
            cause = error.source();
        }
        lines
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|e| e as &(dyn StdError + 'static))
    }
}

/// Turns an input or output failure into an [`Error`] that names the path.
pub trait IoContext<T> {
    /// `doing` is a verb in its -ing form: "reading", "writing".
    fn at(self, doing: &str, path: &Path) -> Result<T>;
}

impl<T> IoContext<T> for std::io::Result<T> {
    fn at(self, doing: &str, path: &Path) -> Result<T> {
        self.map_err(|e| Error::io(doing, path, e))
    }
}
