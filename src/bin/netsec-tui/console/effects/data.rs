//! What the Data screen asks for: collections, documents, fields, and rows on their way into the store.

use super::{Effects, fields};
use crate::console::load::Notice;
use crate::console::msg::data::{Answer, Ask, Database, Fetched, Source};
use crate::console::msg::{JobId, Msg};
use crate::console::screen::data::saved;
use crate::context::Context;
use netsec::export::{self, Format, Target, View};
use netsec::push::Pushed;
use netsec::source::Rows;
use netsec::stop::Stop;
use netsec::store::{Bounds, DocumentStore, Namespace, Query};
use netsec::{Error, Result};
use std::path::PathBuf;
use std::sync::Arc;

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let context = effects.context.clone();
    let bounded = effects.bounded(job);
    match ask {
        Ask::Catalog => {
            effects.spawn(job, async move { Answer::Catalog(catalog(&context).await.map_err(Notice::from)) })
        }
        Ask::Fetch(namespace, query) => effects.spawn(job, async move {
            Answer::Page(
                fetch(&context, bounded.as_ref(), &namespace, &query).await.map(Box::new).map_err(Notice::from),
            )
        }),
        Ask::Count(namespace, filter) => effects
            .spawn(job, async move { Answer::Count(bounded.count(&namespace, &filter).await.map_err(Notice::from)) }),
        Ask::Plan(namespace, query) => effects
            .spawn(job, async move { Answer::Plan(bounded.plan(&namespace, &query).await.map_err(Notice::from)) }),
        Ask::Fields(namespace, every) => effects.spawn(job, async move {
            Answer::Fields(
                fields::read(&context, bounded.as_ref(), namespace, every).await.map(Box::new).map_err(Notice::from),
            )
        }),
        Ask::Export(view, path) => {
            let (stop, out) = (effects.stop(job), effects.out.clone());
            effects.spawn(job, async move {
                let progress = move |p: export::Progress| {
                    let _ = out.send(Msg::Progress(job, p.done, p.total));
                };
                Answer::Exported(save(&context, &view, &path, stop, &progress).await.map_err(Notice::from))
            });
        }
        Ask::Push(namespace, source) => {
            let out = effects.out.clone();
            effects.spawn(job, async move {
                let progress = move |p| {
                    let _ = out.send(Msg::Done(job, Answer::PushProgress(p).into()));
                };
                Answer::Pushed(push(&context, &namespace, source, &progress).await.map(Box::new).map_err(Notice::from))
            });
        }
    }
}

async fn catalog(context: &Context) -> Result<Vec<Database>> {
    let mut databases = Vec::new();
    for name in context.store.databases().await? {
        let collections = context.store.collections(&name).await?;
        databases.push(Database { name, collections });
    }
    Ok(databases)
}

async fn fetch(context: &Context, store: &dyn DocumentStore, namespace: &Namespace, query: &Query) -> Result<Fetched> {
    let schema = Arc::new(context.schema(namespace)?);
    let page = store.find(namespace, query).await?;
    Ok(Fetched { documents: page.documents, next: page.next, schema })
}

/// Writes documents to a file. It may take its time: it is listed among the jobs, and can be stopped there.
async fn save(
    context: &Context,
    view: &View,
    path: &str,
    stop: Stop,
    progress: &(dyn Fn(export::Progress) + Send + Sync),
) -> Result<Notice> {
    let store = context.store.bounded(Bounds { within: None, stop: stop.clone() });
    let target = expand(path);
    let format = Format::of(&target)?;
    if target.exists() {
        return Err(Error::user(format!("{path} is there already")).hint("e asks for another name"));
    }
    let target = Target::File { path: target, over: false };
    let exported = export::export(store.as_ref(), view, format, &target, &stop, progress).await?;
    Ok(saved(&view.namespace, path, &exported))
}

async fn push(
    context: &Context,
    namespace: &Namespace,
    source: Source,
    progress: &(dyn Fn(netsec::push::Progress) + Send + Sync),
) -> Result<Pushed> {
    let schema = context.schema(namespace)?;
    let opened = tokio::task::spawn_blocking(move || match source {
        Source::Sample { rows, seed } => netsec::sample::rows(rows, seed, &[]),
        Source::File(path) => Rows::open(&expand(&path), None),
    });
    let rows = opened.await.map_err(|e| Error::internal("the reader panicked").caused_by(e))??;
    context.remember_schema(namespace, &schema).await?;
    let pushed = netsec::push::push(context.store.as_ref(), namespace, &schema, rows, progress).await;
    if pushed.as_ref().map_or(true, |p| p.rejected == p.read) {
        context.forget_unused_schema(namespace).await?;
    }
    pushed
}

/// A path as typed: quotes from a drag and drop, and the home directory.
pub(super) fn expand(path: &str) -> PathBuf {
    let path = path.trim().trim_matches(['\'', '"']);
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(path),
    }
}
