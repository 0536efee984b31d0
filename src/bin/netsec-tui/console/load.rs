//! What a pane holds: nothing yet, something on its way, the thing, or the reason why not.

use super::clean::clean;
use super::msg::JobId;
use chrono::{DateTime, Utc};
use netsec::Error;
use netsec::error::Kind;

/// How loud a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It happened as wished.
    Good,
    /// Worth knowing.
    Plain,
    /// It worked, but look.
    Warn,
    /// It did not work.
    Bad,
}

/// A line for the analyst: what, what to press or do, and the chain of causes.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub tone: Tone,
    pub headline: String,
    pub hint: Option<String>,
    pub chain: Vec<String>,
    /// Whether the store or a disk did not do its part: the same may succeed later.
    pub passing: bool,
}

impl Notice {
    pub fn new(tone: Tone, headline: impl AsRef<str>) -> Self {
        Self { tone, headline: clean(headline.as_ref()), hint: None, chain: Vec::new(), passing: false }
    }

    pub fn bad(headline: impl AsRef<str>) -> Self {
        Self::new(Tone::Bad, headline)
    }

    /// What a read-only console says to whatever would change something.
    pub fn read_only() -> Self {
        crate::context::read_only().into()
    }

    pub fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hint = Some(clean(hint.as_ref()));
        self
    }

    /// The glyph and word that say how it went without colour.
    pub fn glyph(&self) -> &'static str {
        match self.tone {
            Tone::Good => "✓",
            Tone::Plain => "·",
            Tone::Warn => "▲",
            Tone::Bad => "✗",
        }
    }
}

impl From<Error> for Notice {
    fn from(error: Error) -> Self {
        Self {
            tone: Tone::Bad,
            headline: clean(&error.to_string()),
            hint: error.hint_text().map(clean),
            chain: error.chain().iter().map(|line| clean(line)).collect(),
            passing: error.kind() == Kind::Remote,
        }
    }
}

/// The state of something that is fetched.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Load<T> {
    #[default]
    Idle,
    Loading {
        since: DateTime<Utc>,
    },
    Ready(T),
    Failed(Notice),
}

/// A [`Load`] and the job whose answer it waits for.
#[derive(Debug, Clone)]
pub struct Pane<T> {
    pub load: Load<T>,
    pub job: Option<JobId>,
    /// Why what is there could not be fetched again.
    pub missed: Option<Notice>,
}

impl<T> Default for Pane<T> {
    fn default() -> Self {
        Self { load: Load::Idle, job: None, missed: None }
    }
}

impl<T> Pane<T> {
    /// A new fetch: what is there stays visible until the answer comes.
    pub fn refresh(&mut self, job: JobId, now: DateTime<Utc>) {
        self.job = Some(job);
        if !matches!(self.load, Load::Ready(_)) {
            self.load = Load::Loading { since: now };
        }
    }

    /// A new fetch of something else: what is there goes.
    pub fn restart(&mut self, job: JobId, now: DateTime<Utc>) {
        self.job = Some(job);
        self.load = Load::Loading { since: now };
    }

    /// Takes an answer; false when it is to a question that is no longer asked.
    pub fn accept(&mut self, job: JobId, answer: Result<T, Notice>) -> bool {
        if self.job != Some(job) {
            return false;
        }
        self.job = None;
        self.missed = None;
        self.load = match answer {
            Ok(value) => Load::Ready(value),
            Err(notice) => Load::Failed(notice),
        };
        true
    }

    /// As [`Pane::accept`]; where what was asked went away, what is there stays if that is wished.
    pub fn renew(&mut self, job: JobId, answer: Result<T, Notice>, keep: bool) -> bool {
        match answer {
            Err(notice) if keep && notice.passing && self.job == Some(job) && self.ready().is_some() => {
                self.job = None;
                self.missed = Some(notice);
                true
            }
            answer => self.accept(job, answer),
        }
    }

    /// Whether it waits for an answer, or has got none because the store was away.
    pub fn is_cut_off(&self) -> bool {
        self.job.is_some() || self.missed.is_some() || self.failed().is_some_and(|notice| notice.passing)
    }

    /// Waits no longer. What was there stays; where nothing was, the pane says that it was stopped, and what to press.
    /// The job, if there is one, is to be ended.
    pub fn stop(&mut self, way_on: &str) -> Option<JobId> {
        let job = self.job.take()?;
        if self.is_loading() {
            self.load = Load::Failed(Notice::new(Tone::Warn, "stopped").hint(way_on));
        }
        Some(job)
    }

    pub fn ready(&self) -> Option<&T> {
        match &self.load {
            Load::Ready(value) => Some(value),
            _ => None,
        }
    }

    pub fn failed(&self) -> Option<&Notice> {
        match &self.load {
            Load::Failed(notice) => Some(notice),
            _ => None,
        }
    }

    pub fn is_loading(&self) -> bool {
        matches!(self.load, Load::Loading { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superseded_answer_is_dropped() {
        let mut pane = Pane::default();
        let now = DateTime::UNIX_EPOCH;
        pane.refresh(JobId(1), now);
        pane.refresh(JobId(2), now);
        assert!(!pane.accept(JobId(1), Ok(1)));
        assert!(pane.is_loading());
        assert!(pane.accept(JobId(2), Ok(2)));
        assert_eq!(pane.ready(), Some(&2));
        assert!(!pane.accept(JobId(2), Ok(3)));
    }

    #[test]
    fn a_stopped_pane_keeps_what_is_there() {
        let mut pane = Pane { load: Load::Ready(1), ..Pane::default() };
        assert_eq!(pane.stop("r reads again"), None);
        pane.refresh(JobId(1), DateTime::UNIX_EPOCH);
        assert_eq!(pane.stop("r reads again"), Some(JobId(1)));
        assert!(!pane.accept(JobId(1), Ok(2)));
        assert_eq!(pane.ready(), Some(&1));
        pane.restart(JobId(2), DateTime::UNIX_EPOCH);
        pane.stop("r reads again");
        assert_eq!(pane.failed().and_then(|n| n.hint.as_deref()), Some("r reads again"));
    }

    #[test]
    fn a_refresh_keeps_what_is_there() {
        let mut pane = Pane { load: Load::Ready(1), ..Pane::default() };
        pane.refresh(JobId(3), DateTime::UNIX_EPOCH);
        assert_eq!(pane.ready(), Some(&1));
        pane.restart(JobId(4), DateTime::UNIX_EPOCH);
        assert!(pane.is_loading());
    }
}
