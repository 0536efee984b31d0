//! How long a read may take, and how it is called off.

use crate::stop::Stop;
use crate::{Error, Result};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Rows between two looks at the clock.
const STRIDE: u64 = 256;

/// What ends a read before it is through. Without either it takes the time it takes.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    /// The longest that one call may look; MongoDB's `maxTimeMS`.
    pub within: Option<Duration>,
    /// Ends it when set.
    pub stop: Stop,
}

impl Bounds {
    /// Bounds in time, in seconds; none for 0.
    pub fn seconds(seconds: u32, stop: Stop) -> Self {
        Self { within: (seconds > 0).then(|| Duration::from_secs(seconds.into())), stop }
    }

    /// What is said when a call has taken too long, with the rows it had read by then where they are known.
    pub fn too_long(within: Duration, rows: Option<u64>) -> Error {
        let read = rows.map_or_else(String::new, |n| match n {
            1 => " and 1 row".to_owned(),
            n => format!(" and {} rows", crate::form::count(n)),
        });
        Error::user(format!("not done after {:.0} s{read}", within.as_secs_f64().max(1.0)))
            .hint("narrow the filter, or give it longer: the setting console.query_seconds")
    }
}

/// Watches one call of the embedded store: counts the rows it reads, and ends it by its bounds or when nobody waits
/// for the answer any more.
#[derive(Debug)]
pub(super) struct Watch {
    bounds: Bounds,
    left: Stop,
    begun: Instant,
    rows: Cell<u64>,
}

impl Watch {
    /// Begins now. `left` is set when whoever asked is gone.
    pub fn new(bounds: Bounds, left: Stop) -> Self {
        Self { bounds, left, begun: Instant::now(), rows: Cell::new(0) }
    }

    /// To be called for each row, so that a slow filter ends in time as well.
    pub fn row(&self) -> Result<()> {
        let rows = self.rows.get() + 1;
        self.rows.set(rows);
        if rows.is_multiple_of(STRIDE) { self.check() } else { Ok(()) }
    }

    /// Notes rows that were read together.
    pub fn rows(&self, more: u64) {
        self.rows.set(self.rows.get() + more);
    }

    /// To be called before each piece of the work.
    pub fn check(&self) -> Result<()> {
        self.bounds.stop.check()?;
        self.left.check()?;
        match self.bounds.within {
            Some(within) if self.begun.elapsed() >= within => Err(Bounds::too_long(within, Some(self.rows.get()))),
            _ => Ok(()),
        }
    }
}

/// Sets a flag when it is dropped: a future that nobody waits for any more ends what it began.
pub(super) struct SetWhenLeft(pub Stop);

impl Drop for SetWhenLeft {
    fn drop(&mut self) {
        self.0.set();
    }
}
