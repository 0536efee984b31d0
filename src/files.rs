//! Files that matter: written beside themselves, synced and renamed; hashed; read back.

use crate::error::IoContext;
use crate::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a file so that a reader sees the old content or the new one, also after a crash.
///
/// # Errors
/// When the disk refuses it; the old content is then still there.
pub fn write_atomic(path: &Path, content: &[u8]) -> Result<()> {
    replace(path, |file| file.write_all(content).at("writing", path))
}

/// What files are called until they are renamed.
const UNFINISHED: &str = ".tmp-";

/// Removes what a writer that was killed left in a directory. Only whoever holds the lock on it may.
pub fn remove_leftovers(dir: &Path) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// As [`write_atomic`], with the content written by `fill`.
///
/// # Errors
/// What `fill` returns, a target that is there and no regular file, or a disk that refuses the file.
pub fn replace(path: &Path, fill: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    let mut unfinished = Unfinished::begin(path)?;
    fill(unfinished.temp.as_file_mut()).map_err(|error| unfinished.blame(error))?;
    unfinished.finish(true)
}

/// Writes a file that is not there yet. Two who write the same one at once do not write over each other.
///
/// # Errors
/// A file of that name, or a disk that refuses it.
pub fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    create(path, |file| file.write_all(content).at("writing", path))
}

/// As [`write_new`], with the content written by `fill`.
///
/// # Errors
/// What `fill` returns, a file of that name, or a disk that refuses it.
pub fn create(path: &Path, fill: impl FnOnce(&mut File) -> Result<()>) -> Result<()> {
    // Told before the work as well as after it.
    if path.exists() {
        return Err(there_already(path));
    }
    let mut unfinished = Unfinished::begin(path)?;
    fill(unfinished.temp.as_file_mut()).map_err(|error| unfinished.blame(error))?;
    unfinished.finish(false)
}

/// A file on its way: nobody sees it under its name before it is whole, and dropped before that it leaves nothing.
#[derive(Debug)]
pub struct Unfinished {
    temp: tempfile::NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// Begins a file that will be at `path`.
    ///
    /// # Errors
    /// A target that is there and no regular file, or a disk that refuses the file.
    pub fn begin(path: &Path) -> Result<Self> {
        // Renamed over, a device would be one no longer, and a pipe would never see the content.
        if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            return Err(Error::user(format!("{} is not a regular file", path.display()))
                .hint("name a file, or leave the option out to write to standard output"));
        }
        let mut builder = tempfile::Builder::new();
        // The mode that a plain file would get: a shared home relies on its group being able to read.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temp = builder.prefix(UNFINISHED).tempfile_in(folder(path)).at("writing", path)?;
        Ok(Self { temp, path: path.to_owned() })
    }

    /// Why the content could not be written. Some writers hide what the disk said: it is asked once more.
    fn blame(&mut self, error: Error) -> Error {
        let file = self.temp.as_file_mut();
        match file.write_all(&[0; 1 << 16]).and_then(|()| file.sync_data()) {
            Err(e) if e.kind() == std::io::ErrorKind::StorageFull => Error::io("writing", &self.path, e),
            _ => error,
        }
    }

    /// Where the content goes. Each of these writes on where the last one ended.
    ///
    /// # Errors
    /// When the system has no more of them.
    pub fn writer(&self) -> Result<File> {
        self.temp.as_file().try_clone().at("writing", &self.path)
    }

    /// Gives the whole file its name; over a file of that name only where that is wanted.
    ///
    /// # Errors
    /// A file of that name, or a disk that refuses it.
    pub fn finish(self, over: bool) -> Result<()> {
        let path = &self.path;
        self.temp.as_file().sync_all().at("writing", path)?;
        if over {
            self.temp.persist(path).map_err(|e| Error::io("writing", path, e.error))?;
        } else {
            self.temp.persist_noclobber(path).map_err(|e| match e.error.kind() {
                std::io::ErrorKind::AlreadyExists => there_already(path),
                _ => Error::io("writing", path, e.error),
            })?;
        }
        sync_dir(folder(path))
    }
}

/// The folder of a path. The parent of a bare name is the empty path.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What is said of a file that is not to be written over.
pub(crate) fn there_already(path: &Path) -> Error {
    Error::user(format!("{} is there already", path.display())).hint("choose another name")
}

/// Makes a rename in a directory survive a power cut.
///
/// # Errors
/// When the disk refuses it.
pub fn sync_dir(dir: &Path) -> Result<()> {
    File::open(dir).and_then(|d| d.sync_all()).at("writing", dir)
}

/// Writes a value as JSON with a newline at the end.
///
/// # Errors
/// When the disk refuses it.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let mut text = serde_json::to_vec(value)
        .map_err(|e| Error::internal(format!("{} cannot be written as JSON", path.display())).caused_by(e))?;
    text.push(b'\n');
    write_atomic(path, &text)
}

/// Reads a value from JSON.
///
/// # Errors
/// When the file is missing, cannot be read, or is not what was written.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    parse_json(path, &std::fs::read(path).at("reading", path)?)
}

/// What was read from a path, taken for JSON.
pub(crate) fn parse_json<T: DeserializeOwned>(path: &Path, content: &[u8]) -> Result<T> {
    serde_json::from_slice(content).map_err(|e| {
        Error::data(format!("{}, line {}, column {}: not readable", path.display(), e.line(), e.column())).caused_by(e)
    })
}

/// As [`read_json`]; none when the file is not there.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read_json_if_there<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    if path.exists() { read_json(path).map(Some) } else { Ok(None) }
}

/// The text of a file; none when it is not there.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn read_if_there(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::io("reading", path, e)),
    }
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// SHA-256 of all that a reader gives, in lower-case hexadecimal.
///
/// # Errors
/// What the reader returns.
pub fn sha256_of(mut reader: impl std::io::Read) -> std::io::Result<String> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 16];
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(hex(&hasher.finalize())),
            n => hasher.update(&piece[..n]),
        }
    }
}

/// A name as the name of a file: bytes that are no letter, digit, `_`, `-` or inner dot are written as `%XX`.
pub fn safe_name(name: &str) -> String {
    use std::fmt::Write;
    name.bytes().enumerate().fold(String::new(), |mut safe, (at, byte)| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || (byte == b'.' && at > 0) {
            safe.push(byte.into());
        } else {
            let _ = write!(safe, "%{byte:02X}");
        }
        safe
    })
}

/// The name that [`safe_name`] was given.
pub fn name_of(safe: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = safe.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

/// Base64 with padding (RFC 4648, section 4).
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(ALPHABET[(n >> (18 - 6 * i) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

/// A failure of polars at a path: a full disk and the like as the plain error they are.
pub(crate) fn parquet_error(doing: &str, path: &Path, error: polars::error::PolarsError) -> Error {
    match error {
        polars::error::PolarsError::IO { error, .. } => {
            Error::io(doing, path, std::io::Error::new(error.kind(), error.to_string()))
        }
        other if other.to_string().contains("No space left") => {
            Error::io(doing, path, std::io::ErrorKind::StorageFull.into())
        }
        other => Error::remote(format!("{doing} {}: not possible", path.display())).caused_by(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
