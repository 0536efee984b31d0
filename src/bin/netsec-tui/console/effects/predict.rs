//! What the Predict screen asks for: a model, verdicts and what speaks for them, the log, and files to score.

use super::data::expand;
use super::{Effects, Loaded};
use crate::console::load::Notice;
use crate::console::msg::predict::{Answer, Ask, Batched, ModelInfo, ScoreInput, Scored};
use crate::console::msg::{JobId, Msg};
use netsec::event::Family;
use netsec::predict::{LogEntry, Predictor, append_log, history, parse_paste, to_file};
use netsec::settings::Home;
use netsec::{Error, Result, run};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

/// Training vectors that are shown beside a row.
const NEAREST: usize = 30;
/// Predictions that are listed.
const PAST: usize = 200;

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let home = effects.context.home.clone();
    let loaded = effects.loaded.clone();
    match ask {
        Ask::Model(id, family) => {
            let stop = effects.stop(job);
            effects.blocking(
                job,
                move || {
                    // Models that were passed over while others loaded are not loaded after all.
                    stop.check()?;
                    model(&home, id.as_deref(), family, &loaded).map(Box::new)
                },
                Answer::Model,
            );
        }
        Ask::Score(id, family, input) => {
            let log = !effects.context.settings().read_only;
            effects.blocking(job, move || score(&home, &id, family, input, log, &loaded).map(Box::new), Answer::Scored);
        }
        Ask::Why(id, family, record) => effects.blocking(
            job,
            move || load(&home, &id, Some(family), &loaded)?.explain(&record).map(Box::new),
            Answer::Why,
        ),
        Ask::Near(id, family, record) => effects.blocking(
            job,
            move || load(&home, &id, Some(family), &loaded)?.nearest(&record, NEAREST),
            Answer::Near,
        ),
        Ask::Past(words) => effects.blocking(job, move || history(&home, PAST, &words), Answer::Past),
        Ask::Batch { run: id, family, input, output } => {
            let (out, stop) = (effects.out.clone(), effects.stop(job));
            let log = !effects.context.settings().read_only;
            let work = move || {
                let predictor = load(&home, &id, Some(family), &loaded)?;
                let output = expand(&output);
                let summary = to_file(&predictor, &expand(&input), &output, log.then_some(&home), &|so_far, bytes| {
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

fn load(home: &Home, id: &str, family: Option<Family>, loaded: &Loaded) -> Result<Arc<Predictor>> {
    let mut slot = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(predictor) = slot.as_ref().filter(|p| p.run == id && Some(p.family) == family) {
        return Ok(predictor.clone());
    }
    let predictor = Arc::new(Predictor::load(&run::find(home, id)?, family)?);
    // What a verdict and its reasons need is read while the analyst still looks for a row.
    let ahead = predictor.clone();
    std::thread::spawn(move || ahead.read_training());
    *slot = Some(predictor.clone());
    Ok(predictor)
}

fn model(home: &Home, id: Option<&str>, family: Option<Family>, loaded: &Loaded) -> Result<ModelInfo> {
    let dir = match id {
        Some(id) => run::find(home, id)?,
        None => run::newest_finished(home)?,
    };
    let predictor = load(home, &dir.id, family, loaded)?;
    let report = dir.report()?;
    Ok(ModelInfo {
        run: dir.id.clone(),
        family: predictor.family,
        winner: report.as_ref().map_or(predictor.family, |r| r.winner),
        families: report.map_or_else(Vec::new, |r| r.models.iter().map(|m| m.family).collect()),
        schema: Arc::new(predictor.schema.clone()),
    })
}

fn score(home: &Home, id: &str, family: Family, input: ScoreInput, log: bool, loaded: &Loaded) -> Result<Scored> {
    let predictor = load(home, id, Some(family), loaded)?;
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
    let append = || append_log(home, &[LogEntry::new(&predictor, &record, verdict.probability, latency)]);
    let unlogged = match pasted {
        true if log => append().err().map(Notice::from),
        true => Some(Notice::read_only()),
        false => None,
    };
    Ok(Scored { verdict, record, rows, unlogged, pasted })
}
