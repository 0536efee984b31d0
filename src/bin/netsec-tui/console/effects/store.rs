//! The store itself: whether it can be reached, and which one it is.

use super::Effects;
use crate::console::load::Notice;
use crate::console::msg::store::Store;
use crate::console::msg::{Answer, JobId, Msg};
use crate::context::Context;
use netsec::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// Between two questions whether a server is there. With the time that it has for an answer it is within two seconds
/// that the console tells of a server that went away.
const REMOTE: Duration = Duration::from_millis(500);
/// Between two questions whether the embedded store is there.
const EMBEDDED: Duration = Duration::from_secs(30);
/// How long a store may take to list its databases.
const PATIENCE: Duration = Duration::from_secs(10);

/// The context of a connection that was opened, for the job that asked for it.
pub type Opened = Arc<Mutex<Option<(JobId, Context)>>>;

/// Asks the store again and again whether it is there, and tells when that changes.
pub async fn watch(context: Context, job: JobId, out: UnboundedSender<Msg>) {
    let remote = context.store.is_remote();
    let mut told = None;
    loop {
        let reached = if remote { context.store.ping().await.map_err(Notice::from) } else { answers(&context).await };
        let word = reached.as_ref().copied().map_err(|notice| notice.headline.clone());
        if told.as_ref() != Some(&word) {
            told = Some(word);
            if out.send(Msg::Done(job, Answer::Reached(reached))).is_err() {
                return;
            }
        }
        tokio::time::sleep(if remote { REMOTE } else { EMBEDDED }).await;
    }
}

/// Whether the store tells the names of its databases: whatever else is asked of it begins so.
async fn answers(context: &Context) -> Result<(), Notice> {
    match tokio::time::timeout(PATIENCE, context.store.databases()).await {
        Ok(result) => result.map(|_| ()).map_err(Notice::from),
        Err(_) => Err(Error::remote(format!("{} does not answer", context.store.describe()))
            .hint("netsec-tui ping tells where it hangs")
            .into()),
    }
}

impl Effects {
    /// Watches over the present store, and no longer over the one before.
    pub(super) fn watch(&mut self, job: JobId) {
        if let Some(task) = self.watcher.take() {
            task.abort();
        }
        self.watcher = Some(tokio::spawn(watch(self.context.clone(), job, self.out.clone())));
    }

    /// Opens another connection, and keeps it until it is to be used.
    pub(super) fn connect(&mut self, job: JobId, name: String) {
        let (context, opened) = (self.context.clone(), Arc::clone(&self.opened));
        self.spawn(job, async move {
            let work = super::blocking(move || {
                let context = context.at(&name)?;
                Ok((Store::of(&context)?, context))
            });
            let connected = async {
                let (store, context) = work.await?;
                answers(&context).await?;
                *opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((job, context));
                Ok(Box::new(store))
            };
            Answer::Connected(connected.await)
        });
    }

    /// Works on the connection that this job has opened.
    pub(super) fn switch(&mut self, job: JobId) {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((_, context)) = opened.filter(|(of, _)| *of == job) {
            self.context = context;
        }
    }
}
