//! What the Train screen asks for: the search spaces, a new run, and the journal of a run as it grows.

use super::{Effects, blocking};
use crate::console::msg::train::{Answer, Ask, Heard, Spaces};
use crate::console::msg::{JobId, Msg};
use crate::context::Context;
use netsec::Result;
use netsec::host::Gauge;
use netsec::run::{self, Follower, Request};
use netsec::settings::Home;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedSender;

/// How often a living run's journal is read.
const FOLLOW: Duration = Duration::from_millis(150);

/// How often it is looked what the host is using.
const LOOK: Duration = Duration::from_secs(1);

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let context = effects.context.clone();
    match ask {
        Ask::Spaces => effects.blocking(job, move || spaces(&context), Answer::Spaces),
        Ask::Start(request) => effects.blocking(job, move || start(&context, &request), Answer::Started),
        Ask::Follow(id) => {
            effects.unfollow();
            effects.follower = Some(tokio::spawn(follow(context.home, id, job, effects.out.clone())));
        }
    }
}

fn start(context: &Context, request: &Request) -> Result<String> {
    let schema = context.schema(&request.namespace)?;
    let (training, quality) = (context.training()?, context.quality()?);
    let dir = run::create(&context.home, context.settings(), &schema, &training, &quality, &context.place, request)?;
    dir.start_worker(&context.home, &context.place, &context.handover(), None)?;
    Ok(dir.id)
}

fn spaces(context: &Context) -> Result<Spaces> {
    let training = context.training()?;
    let mut spaces = Vec::new();
    for name in training.spaces() {
        // Of another seed it would be other draws, but as many.
        spaces.push((name.to_owned(), training.search(name, &[], 1)?));
    }
    Ok(Spaces { default: training.default_space.clone(), folds: training.folds, spaces })
}

/// Reads a run's journal as it grows. Ends with the worker: a run without one does not move.
async fn follow(home: Home, id: String, job: JobId, out: UnboundedSender<Msg>) {
    let found = blocking(move || {
        let dir = run::find(&home, &id)?;
        let manifest = Box::new(dir.manifest()?);
        Ok((dir, manifest))
    });
    let (dir, manifest) = match found.await {
        Ok(found) => found,
        Err(notice) => {
            let _ = out.send(Msg::Done(job, Answer::Heard(Err(notice)).into()));
            return;
        }
    };
    let mut manifest = Some(manifest);
    let mut reader = (Follower::new(dir.journal()), Gauge::default());
    let mut looked: Option<Instant> = None;
    loop {
        let dir = dir.clone();
        let look = looked.is_none_or(|at| at.elapsed() >= LOOK);
        if look {
            looked = Some(Instant::now());
        }
        let polled = blocking(move || {
            // Asked in this order, what a worker wrote last is never missed.
            let alive = dir.is_alive();
            let events = reader.0.poll()?;
            let figures = (look && alive).then(|| reader.1.read(dir.worker().as_ref()));
            Ok((reader, events, alive, figures))
        });
        let alive = match polled.await {
            Ok((back, events, alive, figures)) => {
                reader = back;
                if let Some(figures) = figures {
                    let _ = out.send(Msg::Done(job, Answer::Host(figures).into()));
                }
                if manifest.is_some() || !events.is_empty() || !alive {
                    let heard = Box::new(Heard { events, alive, manifest: manifest.take() });
                    let _ = out.send(Msg::Done(job, Answer::Heard(Ok(heard)).into()));
                }
                alive
            }
            Err(notice) => {
                let _ = out.send(Msg::Done(job, Answer::Heard(Err(notice)).into()));
                return;
            }
        };
        if !alive || out.is_closed() {
            return;
        }
        tokio::time::sleep(FOLLOW).await;
    }
}
