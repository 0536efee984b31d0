//! `copy`: a collection from one store to another.

use super::meter::Meter;
use super::or_interrupted;
use crate::cli::{Copy, Global};
use crate::context::Context;
use crate::output;
use netsec::connection;
use netsec::copy::{Progress, Side, copy as copy_documents};
use netsec::form;
use netsec::store::Namespace;
use netsec::{Error, Result};
use serde_json::json;
use std::process::ExitCode;

/// Copies a collection, and verifies the copy.
pub async fn copy(context: &Context, global: &Global, args: &Copy) -> Result<ExitCode> {
    let (from, source) = side(context, &args.source)?;
    let (to, target) = side(context, &args.target)?;
    if to.place.is_read_only() {
        return Err(Error::user(format!("the connection {} is read-only: nothing is written there", to.place.name()))
            .hint("the settings say so"));
    }
    // The copy is described as the collection is.
    if let Some(schema) = from.remembered_schema(&source)? {
        to.remember_schema(&target, &schema).await?;
    }
    let meter = Meter::new("copying", "document");
    let progress = |p: Progress| meter.show(p.done, Some((p.done, p.total)));
    let sides = [(&from, &source), (&to, &target)]
        .map(|(context, namespace)| Side { store: context.store.as_ref(), namespace });
    let done = or_interrupted(copy_documents(sides[0], sides[1], &progress)).await;
    meter.end();
    let Some(done) = done? else {
        eprintln!("interrupted: what was copied stays, and the same command goes on");
        return Ok(ExitCode::from(output::INTERRUPTED));
    };
    let done = done?;
    for note in &done.notes {
        eprintln!("{}", output::clean(note));
    }
    let [source, target] = [(&from, &source), (&to, &target)].map(|(c, n)| format!("{}:{n}", c.place.name()));
    if global.json {
        output::print_json(&json!({
            "source": source, "target": target, "documents": done.documents, "inserted": done.inserted,
            "unchanged": done.unchanged, "content": done.content, "verified": true,
        }))?;
    } else {
        output::print(&output::clean(&format!(
            "{} of {source} copied to {target}: {} inserted, {} unchanged; read back and compared, content {}\n",
            form::plural(done.documents, "document"),
            form::count(done.inserted),
            form::count(done.unchanged),
            &done.content[..12],
        )))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `[STORE:][DATABASE/]COLLECTION`: the store, which is the present one where none is named, and the collection.
fn side(context: &Context, text: &str) -> Result<(Context, Namespace)> {
    let names = connection::names(&context.layered, context.env.as_ref());
    let (context, name) = match text.split_once(':') {
        Some((store, name)) if names.iter().any(|known| known == store) => (context.at(store)?, name),
        Some((store, _)) => {
            return Err(Error::user(format!("there is no connection {store}"))
                .hint(format!("write [STORE:][DATABASE/]COLLECTION; the stores are {}", names.join(", "))));
        }
        None => (context.clone(), text),
    };
    let namespace = context.namespace(Some(name))?;
    Ok((context, namespace))
}
