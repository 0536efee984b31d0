//! What the Train screen asks for: the search spaces, a new run, and the journal of a run as it grows.

use super::{Effects, blocking};
use crate::console::msg::train::{Answer, Ask, Heard, Plan, Spaces};
use crate::console::msg::{JobId, Msg};
use crate::context::Context;
use netsec::Result;
use netsec::run::{self, Follower, Request};
use netsec::settings::Home;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// How often a living run's journal is read.
const FOLLOW: Duration = Duration::from_millis(150);

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
    let dir =
        run::create(&context.home, context.settings(), &schema, &context.training()?, &context.quality()?, request)?;
    dir.start_worker(&context.home, None)?;
    Ok(dir.id)
}

fn spaces(context: &Context) -> Result<Spaces> {
    let training = context.training()?;
    let mut spaces = Vec::new();
    for name in training.spaces() {
        spaces.push((name.to_owned(), training.search(name, &[], 1)?.iter().map(Plan::from).collect()));
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
    let mut follower = Follower::new(dir.journal());
    loop {
        let dir = dir.clone();
        let polled = blocking(move || {
            // Asked in this order, what a worker wrote last is never missed.
            let alive = dir.is_alive();
            let events = follower.poll()?;
            Ok((follower, events, alive))
        });
        let alive = match polled.await {
            Ok((back, events, alive)) => {
                follower = back;
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
