//! How far some work is, on one line of a terminal.

use super::status_line;
use crate::output;
use netsec::form;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines.
const PAUSE: Duration = Duration::from_millis(200);

/// Says how much is done, how fast it goes, and how long the rest will take. Silent where the line could not be written
/// over.
pub struct Meter {
    what: String,
    noun: &'static str,
    live: bool,
    begun: Instant,
    last: Mutex<Instant>,
}

impl Meter {
    /// Of work that begins now, and of the things that are counted in it.
    pub fn new(what: impl Into<String>, noun: &'static str) -> Self {
        let begun = Instant::now();
        Self { what: what.into(), noun, live: output::is_live(), begun, last: Mutex::new(begun) }
    }

    /// So many things are done. `part` is what is done and all there is, in whatever it is known: rows, bytes.
    pub fn show(&self, things: u64, part: Option<(u64, u64)>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if self.live && last.elapsed() >= PAUSE {
            *last = Instant::now();
            status_line(&self.line(things, part, self.begun.elapsed()));
        }
    }

    fn line(&self, things: u64, part: Option<(u64, u64)>, elapsed: Duration) -> String {
        // More than was thought at first: the whole is not known.
        let part = part.filter(|(done, all)| 0 < *done && done <= all).map(|(done, all)| done as f64 / all as f64);
        format!("{}: {}", self.what, form::progress(things, self.noun, part, elapsed))
    }

    /// Nothing more comes: the line is free again.
    pub fn end(&self) {
        if self.live {
            status_line("");
        }
    }

    /// How long it has taken.
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_rest_where_the_whole_is_known() {
        let meter = Meter::new("f.csv", "row");
        let line = |things, part, seconds| meter.line(things, part, Duration::from_secs(seconds));
        assert_eq!(line(1_000, Some((250, 1_000)), 30), "f.csv: 1,000 rows  25 %  33 rows/s  1m 30s left");
        assert_eq!(line(1, None, 1), "f.csv: 1 row  1 rows/s");
        assert_eq!(line(20, Some((20, 10)), 1), "f.csv: 20 rows  20 rows/s");
        assert_eq!(line(0, Some((0, 10)), 0), "f.csv: 0 rows");
    }
}
