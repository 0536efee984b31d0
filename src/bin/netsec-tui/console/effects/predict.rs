//! What the Predict screen asks for: a model, verdicts and what speaks for them, the log, and files to score.

use super::data::expand;
use super::{Effects, Loaded};
use crate::console::load::Notice;
use crate::console::msg::predict::{Answer, Ask, Batched, ModelInfo, ScoreInput, Scored, Source};
use crate::console::msg::{JobId, Msg};
use crate::context::Context;
use netsec::event::Family;
use netsec::monitor::Champion;
use netsec::predict::{LogEntry, Predictor, append_log, history, parse_paste, to_file};
use netsec::registry::{Held, Selector, Which};
use netsec::run::{self, RunDir};
use netsec::{Error, Result};
use std::sync::{Arc, PoisonError};
use std::time::Instant;
use tokio::runtime::Handle;

/// Training vectors that are shown beside a row.
const NEAREST: usize = 30;
/// Predictions that are listed.
const PAST: usize = 200;

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let context = effects.context.clone();
    let loaded = effects.loaded.clone();
    match ask {
        Ask::Model(source, family) => {
            let stop = effects.stop(job);
            effects.blocking(
                job,
                move || {
                    // Models that were passed over while others loaded are not loaded after all.
                    stop.check()?;
                    model(&context, source, family, &loaded).map(Box::new)
                },
                Answer::Model,
            );
        }
        Ask::Score(source, family, input) => {
            let log = !context.settings().read_only;
            effects.blocking(
                job,
                move || score(&context, &source, family, input, log, &loaded).map(Box::new),
                Answer::Scored,
            );
        }
        Ask::Why(source, family, record) => effects.blocking(
            job,
            move || load(&context, &source, family, &loaded)?.explain(&record).map(Box::new),
            Answer::Why,
        ),
        Ask::Near(source, family, record) => effects.blocking(
            job,
            move || load(&context, &source, family, &loaded)?.nearest(&record, NEAREST),
            Answer::Near,
        ),
        Ask::Past(words) => effects.blocking(job, move || history(&context.home, PAST, &words), Answer::Past),
        Ask::Batch { source, family, input, output } => {
            let (out, stop) = (effects.out.clone(), effects.stop(job));
            let log = !context.settings().read_only;
            let work = move || {
                let predictor = load(&context, &source, family, &loaded)?;
                let output = expand(&output);
                let log = log.then_some(&context.home);
                let summary = to_file(&predictor, &expand(&input), &output, log, &|so_far, bytes| {
                    let total = bytes.filter(|(read, _)| *read > 0).map(|(read, all)| {
                        (so_far.rows as f64 * all as f64 / read as f64).round().max(so_far.rows as f64) as u64
                    });
                    let _ = out.send(Msg::Progress(job, so_far.rows, total));
                    stop.check()
                })?;
                Ok(Box::new(Batched { output, summary }))
            };
            effects.blocking(job, work, Answer::Batched);
        }
    }
}

/// The model that is ready, where it is the one that is meant.
fn ready(loaded: &Loaded, source: &Source, family: Option<Family>) -> Option<Arc<Predictor>> {
    let slot = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    let is_meant = |p: &Predictor| match (source, &p.release) {
        (Source::Run(id), None) => p.run == *id && Some(p.family) == family,
        (Source::Version(name, n), Some(release)) => release.name == *name && release.version == *n,
        _ => false,
    };
    slot.as_ref().filter(|p| is_meant(p)).cloned()
}

/// Keeps a model for what is asked of it next.
fn keep(loaded: &Loaded, predictor: Predictor) -> Arc<Predictor> {
    let predictor = Arc::new(predictor);
    // What a verdict and its reasons need is read while the analyst still looks for a row.
    let ahead = predictor.clone();
    std::thread::spawn(move || ahead.read_training());
    *loaded.lock().unwrap_or_else(PoisonError::into_inner) = Some(predictor.clone());
    predictor
}

fn held(context: &Context, name: &str, n: u32) -> Result<Held> {
    let registry = context.registry_named(Some(name))?;
    Handle::current().block_on(registry.named(&Selector { name: None, which: Which::Version(n) }))
}

fn load(context: &Context, source: &Source, family: Family, loaded: &Loaded) -> Result<Arc<Predictor>> {
    if let Some(predictor) = ready(loaded, source, Some(family)) {
        return Ok(predictor);
    }
    let predictor = match source {
        Source::Run(id) => Predictor::load(&run::find(&context.home, id)?, Some(family))?,
        Source::Version(name, n) => held(context, name, *n)?.predictor()?,
    };
    Ok(keep(loaded, predictor))
}

fn model(context: &Context, source: Option<Source>, family: Option<Family>, loaded: &Loaded) -> Result<ModelInfo> {
    match source {
        Some(Source::Run(id)) => of_run(context, &run::find(&context.home, &id)?, family, loaded),
        Some(Source::Version(name, n)) => of_version(&held(context, &name, n)?, loaded),
        None => of_champion(context, loaded),
    }
}

/// The version in production, else the newest finished run. Where the registry is in the way, that run, and why.
fn of_champion(context: &Context, loaded: &Loaded) -> Result<ModelInfo> {
    let schema = context.schema(&context.namespace(None)?)?;
    let found = Handle::current().block_on(context.champion(&schema)).and_then(|champion| match champion {
        Some(Champion::Version(held)) => of_version(&held, loaded).map(Some),
        _ => Ok(None),
    });
    let note = match found {
        Ok(Some(model)) => return Ok(model),
        Ok(None) => None,
        Err(e) => Some(format!("what is in production is not known: {}", e.chain().join(": "))),
    };
    let model = of_run(context, &run::newest_finished(&context.home)?, None, loaded)?;
    Ok(ModelInfo { note, ..model })
}

fn of_run(context: &Context, dir: &RunDir, family: Option<Family>, loaded: &Loaded) -> Result<ModelInfo> {
    let report = dir.report()?;
    let family = family.or(report.as_ref().map(|report| report.winner));
    let source = Source::Run(dir.id.clone());
    let predictor = match ready(loaded, &source, family) {
        Some(predictor) => predictor,
        None => keep(loaded, Predictor::load(&run::find(&context.home, &dir.id)?, family)?),
    };
    Ok(ModelInfo {
        run: dir.id.clone(),
        family: predictor.family,
        winner: report.as_ref().map_or(predictor.family, |r| r.winner),
        families: report.map_or_else(Vec::new, |r| r.models.iter().map(|m| m.family).collect()),
        schema: Arc::new(predictor.schema.clone()),
        hash: predictor.hash.clone(),
        release: None,
        sample: None,
        note: None,
    })
}

fn of_version(held: &Held, loaded: &Loaded) -> Result<ModelInfo> {
    let manifest = &held.bundle.manifest;
    let source = Source::Version(manifest.name.clone(), manifest.version);
    let predictor = match ready(loaded, &source, None) {
        // The alias may be on it only since it was loaded.
        Some(predictor) if predictor.release.as_ref().is_some_and(|r| r.alias == held.entry.alias) => predictor,
        _ => keep(loaded, held.predictor()?),
    };
    Ok(ModelInfo {
        run: predictor.run.clone(),
        family: predictor.family,
        winner: predictor.family,
        families: vec![predictor.family],
        schema: Arc::new(predictor.schema.clone()),
        hash: predictor.hash.clone(),
        release: predictor.release.clone(),
        sample: predictor.sample,
        note: held.notice(),
    })
}

fn score(
    context: &Context,
    source: &Source,
    family: Family,
    input: ScoreInput,
    log: bool,
    loaded: &Loaded,
) -> Result<Scored> {
    let predictor = load(context, source, family, loaded)?;
    let pasted = !matches!(input, ScoreInput::Changed(_));
    let (record, rows) = match input {
        ScoreInput::Row(record) | ScoreInput::Changed(record) => (record, Vec::new()),
        ScoreInput::Text(text) => {
            let rows = parse_paste(&predictor.schema, &text)?;
            let first = rows.first().ok_or_else(|| Error::data("there is no row in what was pasted"))?;
            (first.clone(), rows)
        }
    };
    let begun = Instant::now();
    let verdict = predictor.score(&record)?;
    let latency = begun.elapsed();
    // What was asked is logged; playing with values is not.
    let append = || append_log(&context.home, &[LogEntry::new(&predictor, &record, verdict.probability, latency)]);
    let unlogged = match pasted {
        true if log => append().err().map(Notice::from),
        true => Some(Notice::read_only()),
        false => None,
    };
    Ok(Scored { verdict, record, rows, unlogged, pasted })
}
