//! What the Runs screen asks for: the list, a report, thresholds, and asking a run to stop or to go on.

use super::{Effects, short};
use crate::console::msg::JobId;
use crate::console::msg::runs::{Answer, Ask, Detail, RunRow};
use netsec::Result;
use netsec::event::Family;
use netsec::predict::{self, Chosen};
use netsec::run::{self, Catalog, Listing, RunDir, RunStatus};
use netsec::settings::Home;
use std::sync::{Arc, Mutex, PoisonError};

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let home = effects.context.home.clone();
    match ask {
        Ask::List => {
            let known = Arc::clone(&effects.known);
            effects.blocking(job, move || runs(&home, &known), Answer::List);
        }
        Ask::Cancel(id) => effects.blocking(
            job,
            move || {
                let dir = run::find(&home, &id)?;
                dir.cancel()?;
                Ok(format!("asked run {} to stop; it looks between trials, folds and trees", short(&dir.id)))
            },
            Answer::Asked,
        ),
        Ask::Resume(id, accept) => effects.blocking(
            job,
            move || {
                let dir = run::find(&home, &id)?;
                if accept {
                    dir.accept_validation()?;
                }
                dir.start_worker(&home, None)?;
                Ok(format!("run {} goes on", short(&dir.id)))
            },
            Answer::Asked,
        ),
        Ask::Compare(entrants) => super::compare::compare(effects, job, entrants),
        Ask::WriteComparison(all, path) => super::compare::write(effects, job, all, path),
        Ask::Detail(id) => {
            effects.blocking(job, move || detail(&run::find(&home, &id)?).map(Box::new), Answer::Detail);
        }
        Ask::Thresholds(id, families) => {
            effects.blocking(job, move || thresholds(&run::find(&home, &id)?, &families), Answer::Thresholds);
        }
        Ask::SetThreshold(id, family, choice) => {
            let loaded = effects.loaded.clone();
            effects.blocking(
                job,
                move || {
                    let chosen = predict::set_threshold(&run::find(&home, &id)?, Some(family), choice)?;
                    // It has the threshold of before.
                    *loaded.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    Ok(Box::new(chosen))
                },
                Answer::Threshold,
            );
        }
    }
}

fn runs(home: &Home, known: &Mutex<Catalog>) -> Result<Vec<RunRow>> {
    let Listing { entries, unreadable } = known.lock().unwrap_or_else(PoisonError::into_inner).list(home)?;
    let mut rows: Vec<RunRow> = entries.iter().map(RunRow::from).collect();
    // What cannot be read is shown too, with the reason: a run never just disappears.
    rows.extend(unreadable.into_iter().map(|(dir, error)| RunRow {
        id: dir.id,
        started_at: String::new(),
        status: RunStatus::Failed,
        who: String::new(),
        database: String::new(),
        collection: "unreadable".to_owned(),
        space: String::new(),
        seed: 0,
        folds: 0,
        holdout: Default::default(),
        trials: (0, 0),
        best: None,
        test: None,
        elapsed_ms: 0,
        drift: None,
        models: Vec::new(),
        failure: Some((error.to_string(), error.hint_text().map(str::to_owned))),
        unfit: false,
    }));
    Ok(rows)
}

fn detail(dir: &RunDir) -> Result<Detail> {
    let entry = run::entry(dir)?;
    let report = dir.report()?.filter(|_| entry.status == RunStatus::Finished);
    let log = entry.state.log.iter().map(|l| (l.at.clone(), l.text.clone())).collect();
    Ok(Detail { row: RunRow::from(&entry), report, log })
}

/// The thresholds of models that have one that can be told: a run of an older version has kept no folds' curve.
fn thresholds(dir: &RunDir, families: &[Family]) -> Result<Vec<Chosen>> {
    Ok(families.iter().filter_map(|family| predict::threshold(dir, Some(*family)).ok()).collect())
}
