//! The registry: read, verified, and changed.

use super::Effects;
use crate::console::load::Notice;
use crate::console::msg::models::{Answer, Ask, Challenger, Changed};
use crate::console::msg::{JobId, Msg};
use crate::context::Context;
use netsec::promote::{self, Candidate, Considered, Judgement, Step};
use netsec::registry::{self, Registry};
use netsec::stop::Stop;
use netsec::{Error, Result, run};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc::UnboundedSender;

/// A challenger that was considered, and the job that asked for it.
type Packed = (JobId, Arc<Considered>);

/// What is at hand of the registry.
#[derive(Clone)]
pub struct Shelf {
    /// The surroundings at the start: another connection for the documents does not change which registry is meant.
    context: Context,
    /// It is opened when it is asked for first, and remembers what it has read.
    opened: Arc<Mutex<Option<Arc<Registry>>>>,
    /// The challenger that was considered last.
    considered: Arc<Mutex<Option<Packed>>>,
}

impl Shelf {
    pub fn new(context: Context) -> Self {
        Self { context, opened: Arc::default(), considered: Arc::default() }
    }

    async fn registry(&self) -> Result<Arc<Registry>, Notice> {
        let (context, opened) = (self.context.clone(), Arc::clone(&self.opened));
        super::blocking(move || {
            let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(registry) = opened.as_ref() {
                return Ok(Arc::clone(registry));
            }
            Ok(Arc::clone(opened.insert(context.registry_named(None)?)))
        })
        .await
    }

    /// Packs a challenger and asks the gate. What was packed is kept in place of what was packed before.
    async fn consider(
        &self,
        job: JobId,
        challenger: Challenger,
        alias: &str,
        stop: &Stop,
    ) -> Result<Judgement, Notice> {
        let registry = self.registry().await?;
        let context = self.context.clone();
        let (candidate, policy) = super::blocking(move || {
            let candidate = match challenger {
                Challenger::Run(id, family) => Candidate::Run(run::find(&context.home, &id)?, family),
                Challenger::Version(n) => Candidate::Version(n),
            };
            Ok((candidate, context.policy()?))
        })
        .await?;
        let considered = promote::consider(&registry, &candidate, alias, &policy, stop).await?;
        let judgement = considered.judgement.clone();
        *self.slot() = Some((job, Arc::new(considered)));
        Ok(judgement)
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Packed>> {
        self.considered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was packed for a job.
    pub fn forget(&self, job: JobId) {
        let mut slot = self.slot();
        if slot.as_ref().is_some_and(|(of, _)| *of == job) {
            *slot = None;
        }
    }

    /// Does what changes the registry.
    async fn change(&self, ask: Ask, tell: &(dyn Fn(Step) + Send + Sync)) -> Result<Changed, Notice> {
        let registry = self.registry().await?;
        Ok(match ask {
            Ask::Promote { judged, reason, overridden } => {
                let found = self.slot().as_ref().filter(|(of, _)| *of == judged).map(|(_, found)| Arc::clone(found));
                let considered = found.ok_or_else(|| Error::user("the challenger was not judged yet"))?;
                let done = promote::promote(&registry, &considered, &reason, overridden.as_deref(), tell).await?;
                Changed::Moved(Box::new(done))
            }
            Ask::Rollback { alias, to, reason } => {
                Changed::Moved(Box::new(promote::rollback(&registry, &alias, Some(to), &reason, tell).await?))
            }
            Ask::Retire(n, reason) => Changed::Noted(Box::new(promote::retire(&registry, n, &reason).await?)),
            Ask::Annotate(n, text) => Changed::Noted(Box::new(promote::annotate(&registry, n, &text).await?)),
            Ask::Read | Ask::Consider(..) | Ask::Verify => {
                return Err(Error::internal("a question is no change of the registry").into());
            }
        })
    }
}

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let (shelf, out) = (effects.shelf.clone(), effects.out.clone());
    match ask {
        Ask::Read => effects.spawn(job, async move {
            let read = async { Ok(Box::new(shelf.registry().await?.overview().await?)) };
            Answer::Read(read.await)
        }),
        Ask::Consider(challenger, alias) => {
            let stop = effects.stop(job);
            effects.spawn(job, async move {
                Answer::Considered(shelf.consider(job, challenger, &alias, &stop).await.map(Box::new))
            });
        }
        Ask::Verify => effects.spawn(job, async move {
            let tell = |done, all| _ = out.send(Msg::Progress(job, done, Some(all)));
            let verified = async { Ok(registry::verify(shelf.registry().await?.as_ref(), &tell).await?) };
            Answer::Verified(verified.await)
        }),
        ask => effects.spawn(job, async move {
            let tell = |step| tell(&out, job, step);
            Answer::Changed(shelf.change(ask, &tell).await)
        }),
    }
}

fn tell(out: &UnboundedSender<Msg>, job: JobId, step: Step) {
    let _ = out.send(Msg::Done(job, Answer::Step(step).into()));
}
