//! Drift reports: made, read back, written out.

use super::Effects;
use crate::console::load::Notice;
use crate::console::msg::JobId;
use crate::console::msg::drift::{Answer, Ask, Drifted, Sides};
use crate::context::Context;
use chrono::{DateTime, Utc};
use netsec::drift::DriftReport;
use netsec::monitor::{self, CHAMPION, Champion, What};
use netsec::run::RunDir;
use netsec::settings::Home;
use netsec::store::DocumentStore;
use netsec::{Error, Result, files, run};
use std::path::PathBuf;
use std::sync::Arc;

pub fn run(effects: &mut Effects, job: JobId, ask: Ask) {
    let context = effects.context.clone();
    let home = context.home.clone();
    match ask {
        Ask::Compare(sides) => {
            let store = effects.bounded(job);
            effects.spawn(job, async move {
                Answer::Compared(compare(&context, store.as_ref(), &sides).await.map_err(Notice::from))
            })
        }
        Ask::Production => effects.spawn(job, async move {
            let schema = context.namespace(None).and_then(|namespace| context.schema(&namespace));
            Answer::Production(match schema {
                Ok(schema) => production(&context.champion(&schema).await),
                Err(_) => None,
            })
        }),
        Ask::Kept(id) => effects.blocking(job, move || kept(&run::find(&home, &id)?), Answer::Kept),
        Ask::Export(report) => effects.blocking(job, move || export(&home, &report), Answer::Exported),
    }
}

/// Holds rows against a reference: the champion's where none is named. Where the registry is in the way of knowing that
/// one, it is the newest finished run, and the report says so.
async fn compare(context: &Context, store: &dyn DocumentStore, sides: &Sides) -> Result<Drifted> {
    let current = context.rows_of(sides.current.as_deref()).await?;
    let schema = context.schema_of(&current)?;
    let champion = context.champion(&schema).await;
    let mut note = None;
    let (reference, champion) = match (sides.reference.as_deref().filter(|text| *text != CHAMPION), champion) {
        (Some(text), champion) => (context.rows_of(Some(text)).await?, champion),
        (None, Ok(champion)) => {
            let champion = champion.ok_or_else(monitor::no_champion)?;
            (champion.what(), Ok(Some(champion)))
        }
        (None, Err(e)) => {
            let Some(newest) = Champion::newest(&context.home) else { return Err(e) };
            note = Some(format!(
                "what is in production is not known, this is the newest finished run: {}",
                e.chain().join(": ")
            ));
            (newest.what(), Ok(Some(newest)))
        }
    };
    let production = production(&champion);
    let limits = context.quality()?.drift;
    let mut report = monitor::drift(store, &schema, [&reference, &current], champion, &limits).await?;
    report.notes.splice(0..0, note);
    // The columns are those of the run or the version where there is one.
    let schema = match &reference {
        What::Run(_) | What::Version(_) => context.schema_of(&reference)?,
        _ => schema,
    };
    Ok(Drifted { report: Arc::new(report), schema: Arc::new(schema), production })
}

/// The rows that a version in production is known by; none without one, or where that is not known.
fn production(champion: &Result<Option<Champion>>) -> Option<String> {
    let Ok(Some(champion @ Champion::Version(_))) = champion else { return None };
    Some(champion.what().to_string())
}

/// The report that a run has kept.
fn kept(dir: &RunDir) -> Result<Drifted> {
    let report = dir.drift()?.ok_or_else(|| Error::data(format!("run {} has kept no drift report", dir.id)))?;
    Ok(Drifted { report: Arc::new(report), schema: Arc::new(dir.schema()?), production: None })
}

/// The ending of a file, and what makes its text.
type Form = (&'static str, fn(&DriftReport) -> Result<String>);

/// What a report is written as.
const FORMS: [Form; 2] = [("yaml", DriftReport::to_yaml), ("html", |report| Ok(netsec::drift::html(report)))];

/// Writes a report below the home, named by when it was made.
fn export(home: &Home, report: &DriftReport) -> Result<Vec<PathBuf>> {
    let dir = home.reports();
    std::fs::create_dir_all(&dir).map_err(|e| Error::io("creating", &dir, e))?;
    let at = DateTime::parse_from_rfc3339(&report.at).map_or_else(|_| Utc::now(), |at| at.to_utc());
    let mut written = Vec::new();
    for (ending, text) in FORMS {
        let path = dir.join(format!("drift-{}.{ending}", at.format("%Y-%m-%d-%H%M%S")));
        files::write_atomic(&path, text(report)?.as_bytes())?;
        written.push(path);
    }
    Ok(written)
}
