//! What the Predict screen asks for: a model, and verdicts.

use super::{Effects, Loaded};
use crate::console::load::Notice;
use crate::console::msg::JobId;
use crate::console::msg::predict::{Answer, Ask, ModelInfo, ScoreInput, Scored};
use netsec::event::Family;
use netsec::predict::{LogEntry, Predictor, append_log, parse_paste};
use netsec::run;
use netsec::settings::Home;
use netsec::{Error, Result};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let home = effects.context.home.clone();
    let loaded = effects.loaded.clone();
    match ask {
        Ask::Model(id, family) => {
            effects.blocking(job, move || model(&home, id.as_deref(), family, &loaded).map(Box::new), Answer::Model);
        }
        Ask::Score(id, family, input) => {
            let log = !effects.context.settings().read_only;
            effects.blocking(job, move || score(&home, &id, family, input, log, &loaded).map(Box::new), Answer::Scored);
        }
    }
}

fn load(home: &Home, id: &str, family: Option<Family>, loaded: &Loaded) -> Result<Arc<Predictor>> {
    let mut slot = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(predictor) = slot.as_ref().filter(|p| p.run == id && Some(p.family) == family) {
        return Ok(predictor.clone());
    }
    let predictor = Arc::new(Predictor::load(&run::find(home, id)?, family)?);
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
    let (record, ignored, pasted) = match input {
        ScoreInput::Record(record) => (record, 0, false),
        ScoreInput::Text(text) => {
            let mut records = parse_paste(&predictor.schema, &text)?;
            if records.is_empty() {
                return Err(Error::data("there is no row in what was pasted"));
            }
            let first = records.remove(0);
            (first, records.len(), true)
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
    Ok(Scored { verdict, record, ignored, unlogged, pasted })
}
