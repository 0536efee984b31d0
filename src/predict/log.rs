//! The log of predictions: `predictions/YYYY-MM.jsonl` below the home, only ever appended to.

use super::{Predictor, Record};
use crate::error::IoContext;
use crate::event::Family;
use crate::settings::Home;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Values that tell a row.
const SHOWN: usize = 4;
/// Bytes read at once, from the end of a log backwards.
const BLOCK: u64 = 1 << 16;
/// Most bytes that are searched: a batch of a million rows leaves half a gigabyte.
const MOST: u64 = 64 << 20;

/// One prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When, RFC 3339.
    pub at: String,
    /// Who asked.
    pub user: String,
    /// On which host.
    pub host: String,
    /// The model's run.
    pub run: String,
    /// The model's family.
    pub family: Family,
    /// The version that the model is, as in `phishing v4`; none for a run's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The URL that values were computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The values as they were given.
    pub input: serde_json::Map<String, serde_json::Value>,
    /// Probability of the positive class.
    pub probability: f64,
    /// The word of the verdict.
    pub verdict: String,
    /// How long scoring took, in microseconds.
    pub latency_us: u64,
}

impl LogEntry {
    /// The entry of a scored row.
    pub fn new(predictor: &Predictor, record: &Record, probability: f64, latency: Duration) -> Self {
        Self {
            at: crate::now(),
            user: crate::who::user(),
            host: crate::who::host(),
            run: predictor.run.clone(),
            family: predictor.family,
            version: predictor.release.as_ref().map(ToString::to_string),
            url: record.url.as_ref().map(|from| from.url.clone()),
            input: record.values.iter().map(|(n, v)| (n.clone(), v.as_str().into())).collect(),
            probability,
            verdict: predictor.schema.label(probability >= predictor.threshold()).to_owned(),
            latency_us: latency.as_micros() as u64,
        }
    }

    /// The row, to be scored again: its values as they were given, which for a URL are computed anew.
    pub fn text(&self) -> String {
        match &self.url {
            Some(url) => url.clone(),
            None => serde_json::Value::Object(self.input.clone()).to_string(),
        }
    }

    /// The row in a few words: its URL, or the first of its values.
    pub fn row(&self) -> String {
        if let Some(url) = &self.url {
            return url.clone();
        }
        let first = self.pairs().take(SHOWN).collect::<Vec<_>>().join(" ");
        match self.input.len().saturating_sub(SHOWN) {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    }

    /// Each value as `name=value`.
    fn pairs(&self) -> impl Iterator<Item = String> {
        self.input.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={value}")
        })
    }

    /// Whether it has all words of a text somewhere, in any case.
    fn has(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let [url, version] = [&self.url, &self.version].map(|text| text.as_deref().unwrap_or_default());
        let head =
            [&self.at, &self.user, &self.host, &self.run, self.family.name(), version, &self.verdict, url].join(" ");
        let text = self.pairs().fold(head, |text, pair| text + " " + &pair).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    }
}

/// Appends entries in one write each, so that several writers do not mix.
///
/// # Errors
/// When the disk refuses them.
pub fn append(home: &Home, entries: &[LogEntry]) -> Result<()> {
    let dir = home.predictions();
    let way_out = |e: Error| {
        let first = e.hint_text().map_or_else(String::new, |hint| format!("{hint}; "));
        e.hint(format!("{first}--no-log or --read-only scores without the log"))
    };
    std::fs::create_dir_all(&dir).at("creating", &dir).map_err(way_out)?;
    let path = dir.join(format!("{}.jsonl", &crate::now()[..7]));
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).open(&path).at("writing", &path).map_err(way_out)?;
    // A writer that was killed left a line without its end: that line is lost, this one must not be.
    if is_torn(&mut file).at("reading", &path)? {
        file.write_all(b"\n").at("writing", &path)?;
    }
    for entry in entries {
        let mut line = serde_json::to_vec(entry)
            .map_err(|e| Error::internal("a prediction cannot be written as JSON").caused_by(e))?;
        line.push(b'\n');
        file.write_all(&line).at("writing", &path)?;
    }
    Ok(())
}

/// Whether a file ends in the middle of a line.
fn is_torn(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// What was found in the log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// The newest first.
    pub entries: Vec<LogEntry>,
    /// Lines on the way that are no predictions of this version.
    pub unreadable: usize,
    /// Whether older ones were left unread.
    pub more: bool,
}

/// The newest `limit` predictions that have all words of `find` somewhere: when, who, where, run, family, verdict, URL or
/// `feature=value`. Read from the end: neither the age nor the size of the log matters. What is no prediction is
/// skipped and counted.
///
/// # Errors
/// When a log is there and cannot be read.
pub fn history(home: &Home, limit: usize, find: &str) -> Result<History> {
    let words: Vec<String> = find.split_whitespace().map(str::to_lowercase).collect();
    let dir = home.predictions();
    let mut logs: Vec<PathBuf> = match std::fs::read_dir(&dir) {
        Ok(files) => files.flatten().map(|file| file.path()).filter(|p| is_log(p)).collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(Error::io("reading", &dir, e)),
    };
    logs.sort();
    let mut found = History::default();
    let mut budget = MOST;
    for path in logs.into_iter().rev() {
        let mut take = |line: &[u8]| {
            if line.trim_ascii().is_empty() {
                return true;
            }
            match serde_json::from_slice::<LogEntry>(line) {
                Ok(entry) if !entry.has(&words) => {}
                Ok(_) if found.entries.len() == limit => {
                    found.more = true;
                    return false;
                }
                Ok(entry) => found.entries.push(entry),
                Err(_) => found.unreadable += 1,
            }
            true
        };
        let done = backwards(&path, &mut budget, &mut take).at("reading", &path)?;
        found.more |= budget == 0;
        if !done || budget == 0 {
            break;
        }
    }
    Ok(found)
}

fn is_log(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "jsonl")
}

/// Hands over the lines of a file, the last one first, until `take` says no or the budget of bytes is used up. Returns
/// whether `take` wanted all of them.
fn backwards(path: &Path, budget: &mut u64, take: &mut dyn FnMut(&[u8]) -> bool) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let mut start = file.metadata()?.len();
    // What stands behind the last line end that was seen; the file's end is one.
    let mut rest: Vec<u8> = Vec::new();
    while start > 0 && *budget > 0 {
        let long = start.min(BLOCK).min(*budget);
        start -= long;
        *budget -= long;
        let mut block = vec![0; long as usize];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut block)?;
        block.append(&mut rest);
        let mut end = block.len();
        while let Some(at) = block[..end].iter().rposition(|b| *b == b'\n') {
            if !take(&block[at + 1..end]) {
                return Ok(false);
            }
            end = at;
        }
        block.truncate(end);
        rest = block;
    }
    Ok(start > 0 || take(&rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: usize) -> LogEntry {
        LogEntry {
            at: format!("2026-01-02T03:04:{:02}Z", n % 60),
            user: "someone".to_owned(),
            host: "host".to_owned(),
            run: "a1b2c3".to_owned(),
            family: Family::RandomForest,
            version: None,
            url: n.is_multiple_of(2).then(|| format!("https://n{n}.example/")),
            input: [("URL_Length".to_owned(), n.to_string().into())].into_iter().collect(),
            probability: 0.5,
            verdict: if n.is_multiple_of(2) { "phishing" } else { "legitimate" }.to_owned(),
            latency_us: 1,
        }
    }

    fn home() -> (tempfile::TempDir, Home) {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::locate(Some(dir.path())).unwrap();
        (dir, home)
    }

    #[test]
    fn the_newest_come_first_whatever_the_length_of_the_log() {
        let (_dir, home) = home();
        assert_eq!(history(&home, 5, "").unwrap(), History::default());
        // More than a few blocks.
        append(&home, &(0..2_000).map(entry).collect::<Vec<_>>()).unwrap();
        let found = history(&home, 3, "").unwrap();
        assert_eq!(found.entries, [1_999, 1_998, 1_997].map(entry));
        assert!(found.more);
        let all = history(&home, 10_000, "").unwrap();
        assert_eq!((all.entries.len(), all.more, all.unreadable), (2_000, false, 0));
        assert_eq!(all.entries.last(), Some(&entry(0)));
        let found = history(&home, 10, "Phishing url_length=199").unwrap();
        assert_eq!(found.entries.len(), 5, "1990 to 1998, every other one");
        assert_eq!(history(&home, 10, "n1998.example forest").unwrap().entries, [entry(1_998)]);
    }

    #[test]
    fn torn_and_foreign_lines_cost_no_other() {
        let (_dir, home) = home();
        append(&home, &[entry(1)]).unwrap();
        let path = std::fs::read_dir(home.predictions()).unwrap().next().unwrap().unwrap().path();
        let mut text = std::fs::read(&path).unwrap();
        text.extend_from_slice(b"{\"v\": 9, \"other\": true}\n\xff\xfe\n\n");
        let torn = serde_json::to_vec(&entry(2)).unwrap();
        text.extend_from_slice(&torn[..torn.len() / 2]);
        std::fs::write(&path, &text).unwrap();
        let found = history(&home, 10, "").unwrap();
        assert_eq!((found.entries, found.unreadable), (vec![entry(1)], 3));
        append(&home, &[entry(3)]).unwrap();
        let found = history(&home, 10, "").unwrap();
        assert_eq!((found.entries, found.unreadable), (vec![entry(3), entry(1)], 3));
    }

    #[test]
    fn months_follow_each_other() {
        let (_dir, home) = home();
        append(&home, &[entry(3)]).unwrap();
        let line = |n| serde_json::to_string(&entry(n)).unwrap() + "\n";
        std::fs::write(home.predictions().join("2020-02.jsonl"), line(1) + &line(2)).unwrap();
        std::fs::write(home.predictions().join("notes.txt"), "no log").unwrap();
        assert_eq!(history(&home, 10, "").unwrap().entries, [3, 2, 1].map(entry));
    }
}
