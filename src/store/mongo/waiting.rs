//! Waiting for a server: never for ever, and never shorter than a slow but living one needs.

use super::{MongoStore, failure};
use crate::Result;
use crate::store::{Bounds, DocumentStore};
use std::time::{Duration, Instant};

/// How long an answer may take before the server is asked whether it is still there, and again after each such time.
const LISTEN: Duration = Duration::from_secs(10);
/// How much longer than its own limit a server may take to say that it was reached.
const GRACE: Duration = Duration::from_secs(1);

impl MongoStore {
    /// Waits for an answer of the server, as [`MongoStore::told`] does.
    ///
    /// # Errors
    /// What the server or the driver refuses; `doing` is what is done, a verb in its -ing form.
    pub(super) async fn wait<T>(
        &self,
        doing: &str,
        answer: impl Future<Output = mongodb::error::Result<T>> + Send,
    ) -> Result<T> {
        self.told(answer).await?.map_err(|e| self.failed(doing, &e))
    }

    /// Waits. With a bound in time no longer than that and the grace; without one as long as the server answers a
    /// `ping`, however long the work takes.
    ///
    /// # Errors
    /// When nothing is heard in time. What the driver says of its answer is for the caller.
    pub(super) async fn told<T>(&self, answer: impl Future<Output = T> + Send) -> Result<T> {
        self.bounds.stop.check()?;
        let begun = Instant::now();
        let mut answer = std::pin::pin!(answer);
        loop {
            let patience = self.bounds.within.map_or(LISTEN, |within| (within + GRACE).saturating_sub(begun.elapsed()));
            if let Ok(answer) = tokio::time::timeout(patience, &mut answer).await {
                self.bounds.stop.check()?;
                return Ok(answer);
            }
            match self.bounds.within {
                Some(within) => {
                    // Where nobody answers, a narrower filter would not help.
                    let is_there = self.ping().await.is_ok();
                    let silent = || failure::silent(self, begun.elapsed());
                    return Err(if is_there { Bounds::too_long(within, None) } else { silent() });
                }
                // The answer that is waited for may come meanwhile: it is looked at next.
                None if matches!(tokio::time::timeout(LISTEN, self.pulse()).await, Ok(Ok(()))) => {}
                None => return Err(failure::silent(self, begun.elapsed())),
            }
        }
    }
}
