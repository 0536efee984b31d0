//! What is found out about the row in the background. There is one question at a time, and the next is about the row as
//! it is by then: however fast its values change, at most one answer is on its way that nobody waits for.

use crate::console::load::{Load, Notice, Pane};
use crate::console::msg::JobId;
use chrono::{DateTime, Utc};
use netsec::predict::Record;

/// An answer, and the row it is about.
#[derive(Debug)]
pub struct Follow<T> {
    pub pane: Pane<T>,
    /// The row that was asked about last.
    asked: Option<Record>,
}

impl<T> Default for Follow<T> {
    fn default() -> Self {
        Self { pane: Pane::default(), asked: None }
    }
}

impl<T> Follow<T> {
    /// Begins anew: another model, or another paste. What is on its way is dropped when it comes.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether something is to be asked about the row now.
    pub fn wants(&self, row: &Record) -> bool {
        self.pane.job.is_none() && self.asked.as_ref() != Some(row)
    }

    pub fn ask(&mut self, row: &Record, job: JobId, now: DateTime<Utc>) {
        self.asked = Some(row.clone());
        self.pane.refresh(job, now);
    }

    /// Takes an answer; false when it is to a question that is no longer asked. One about the row as it was before is
    /// dropped, and the next question is free to be asked.
    pub fn accept(&mut self, job: JobId, answer: Result<T, Notice>, row: Option<&Record>) -> bool {
        if self.asked.as_ref() == row {
            return self.pane.accept(job, answer);
        }
        let mine = self.pane.job == Some(job);
        if mine {
            (self.pane.job, self.asked) = (None, None);
            // Where nothing is asked anew, nothing is on its way.
            if self.pane.is_loading() {
                self.pane.load = Load::Idle;
            }
        }
        mine
    }

    /// Whether what is shown is about another row than this one.
    pub fn is_behind(&self, row: &Record) -> bool {
        self.pane.ready().is_some() && (self.pane.job.is_some() || self.asked.as_ref() != Some(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: &str) -> Record {
        Record::new(vec![("a".to_owned(), value.to_owned())])
    }

    #[test]
    fn one_question_at_a_time_and_only_the_last_row_counts() {
        let now = DateTime::UNIX_EPOCH;
        let mut follow = Follow::<u8>::default();
        assert!(follow.wants(&row("1")));
        follow.ask(&row("1"), JobId(1), now);
        assert!(!follow.wants(&row("2")), "one is on its way");
        assert!(follow.accept(JobId(1), Ok(1), Some(&row("3"))));
        assert!(follow.pane.ready().is_none(), "it was about another row");
        assert!(follow.wants(&row("3")));
        follow.ask(&row("3"), JobId(2), now);
        assert!(!follow.accept(JobId(1), Ok(1), Some(&row("3"))));
        assert!(follow.accept(JobId(2), Ok(3), Some(&row("3"))));
        assert_eq!(follow.pane.ready(), Some(&3));
        assert!(!follow.wants(&row("3")) && !follow.is_behind(&row("3")) && follow.is_behind(&row("1")));
    }
}
