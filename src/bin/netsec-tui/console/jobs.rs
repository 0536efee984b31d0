//! Work in the background that outlives a view: what is loaded, exported, scored.

use super::load::Notice;
use super::msg::JobId;
use chrono::{DateTime, Utc};

/// Ended jobs that are kept to be looked at.
const KEPT: usize = 50;

/// How far a job is.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Running,
    Done,
    Stopped,
    Failed(Notice),
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    pub id: JobId,
    pub what: String,
    pub since: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    /// What is done, and of how much where that is known.
    pub progress: (u64, Option<u64>),
    pub state: State,
}

/// The jobs, oldest first.
#[derive(Debug, Default)]
pub struct Jobs {
    pub list: Vec<Job>,
}

impl Jobs {
    pub fn begin(&mut self, id: JobId, what: String, since: DateTime<Utc>) {
        let ended = self.list.iter().filter(|job| job.until.is_some()).count();
        if ended > KEPT
            && let Some(oldest) = self.list.iter().position(|job| job.until.is_some())
        {
            self.list.remove(oldest);
        }
        self.list.push(Job { id, what, since, until: None, progress: (0, None), state: State::Running });
    }

    /// Whether the job is known and goes on.
    pub fn progress(&mut self, id: JobId, done: u64, total: Option<u64>) -> bool {
        match self.going(id) {
            Some(job) => {
                job.progress = (done, total);
                true
            }
            None => false,
        }
    }

    /// A job that is not known, or has ended, stays as it is.
    pub fn end(&mut self, id: JobId, state: State, now: DateTime<Utc>) {
        if let Some(job) = self.going(id) {
            job.state = state;
            job.until = Some(now);
        }
    }

    pub fn running(&self) -> usize {
        self.list.iter().filter(|job| job.until.is_none()).count()
    }

    /// Forgets the jobs that have ended.
    pub fn clear(&mut self) {
        self.list.retain(|job| job.until.is_none());
    }

    fn going(&mut self, id: JobId) -> Option<&mut Job> {
        self.list.iter_mut().find(|job| job.id == id && job.until.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_job_stays_as_it_ended() {
        let now = DateTime::UNIX_EPOCH;
        let mut jobs = Jobs::default();
        jobs.begin(JobId(1), "export".to_owned(), now);
        assert!(jobs.progress(JobId(1), 3, Some(10)));
        jobs.end(JobId(1), State::Stopped, now);
        jobs.end(JobId(1), State::Done, now);
        assert!(!jobs.progress(JobId(1), 4, None) && !jobs.progress(JobId(2), 4, None));
        assert_eq!((jobs.running(), &jobs.list[0].state), (0, &State::Stopped));
        assert_eq!(jobs.list[0].progress, (3, Some(10)));
    }

    #[test]
    fn old_jobs_go() {
        let mut jobs = Jobs::default();
        for id in 0..200 {
            jobs.begin(JobId(id), "export".to_owned(), DateTime::UNIX_EPOCH);
            jobs.end(JobId(id), State::Done, DateTime::UNIX_EPOCH);
        }
        assert_eq!(jobs.list.len(), KEPT + 1);
    }
}
