//! Watching the rows: profiles of collections, files and runs, and the drift between them, with the champion's eyes
//! as well.

mod champion;
mod counted;
mod drawn;
mod what;

pub use counted::{Counted, counted};
pub use drawn::{Drawn, drawn};
pub use what::What;

use crate::drift::{DriftReport, Limits, Side, VERSION, compare};
use crate::pipeline;
use crate::predict::Predictor;
use crate::profile::{Profile, Profiler};
use crate::run::{self, RunDir};
use crate::schema::Schema;
use crate::settings::Home;
use crate::source::{Cells, Rows};
use crate::store::{DocumentStore, Namespace, Window};
use crate::typed::Typed;
use crate::validation::{Quality, Validation, judge};
use crate::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use std::path::Path;

/// Rows of a file that are read at once.
const CHUNK: usize = 20_000;

/// The run whose model is in use: as long as no model was promoted, the newest finished one. None before the first.
pub fn champion(home: &Home) -> Option<RunDir> {
    run::newest_finished(home).ok()
}

/// Profiles rows, whatever they are.
///
/// # Errors
/// When they cannot be read.
pub async fn profile(store: &dyn DocumentStore, schema: &Schema, what: &What) -> Result<Profile> {
    match what {
        What::Run(dir) => of_run(schema, dir),
        What::Collection(namespace, window) => of_collection(store, schema, namespace, *window).await,
        What::File(path) => {
            let (path, schema) = (path.clone(), schema.clone());
            tokio::task::spawn_blocking(move || of_file(&schema, &path))
                .await
                .map_err(|e| Error::internal("the reader panicked").caused_by(e))?
        }
    }
}

fn of_run(schema: &Schema, dir: &RunDir) -> Result<Profile> {
    let path = dir.file("snapshot.parquet");
    if !path.is_file() {
        return Err(Error::user(format!("run {} has read no rows", dir.id)).hint("name a finished run"));
    }
    let vectors = pipeline::read_split(&path, schema)?.vectors;
    Ok(Profile::of_vectors(schema, &vectors))
}

async fn of_collection(
    store: &dyn DocumentStore,
    schema: &Schema,
    namespace: &Namespace,
    window: Window,
) -> Result<Profile> {
    let fields: Vec<String> = schema.columns().map(|c| c.name.clone()).collect();
    let mut batches = store.scan(namespace, &fields, window).await?;
    let mut profiler = Profiler::new(schema);
    let mut notes = Vec::new();
    while let Some(batch) = batches.recv().await {
        let batch = batch?;
        if let Some((first, last)) = batch.stored {
            profiler.note_time(first, last);
        }
        profiler.add(&Typed::of_batch(schema, &batch));
        notes.extend(batch.notes);
    }
    let mut profile = profiler.finish();
    profile.summary.notes = notes;
    profile.summary.unknown = pipeline::unknown_fields(store, namespace, schema).await?;
    Ok(profile)
}

fn of_file(schema: &Schema, path: &Path) -> Result<Profile> {
    let mut rows = Rows::open(path, None)?;
    let names = rows.columns().to_vec();
    let mut unknown = Vec::new();
    let mut profiler = Profiler::new(schema);
    loop {
        let chunk = rows.next_chunk(CHUNK)?;
        if chunk.is_empty() {
            break;
        }
        profiler.add(&Typed::of_rows(schema, &names, &chunk));
        let named = chunk.iter().filter_map(|row| match &row.cells {
            Ok(Cells::Named(fields)) => Some(fields.keys()),
            _ => None,
        });
        pipeline::note_unknown(schema, names.iter().chain(named.flatten()), &mut unknown);
    }
    let mut profile = profiler.finish();
    profile.summary.unknown = unknown;
    Ok(profile)
}

/// Judges rows, whatever they are.
///
/// # Errors
/// When they cannot be read.
pub async fn validate(
    store: &dyn DocumentStore,
    schema: &Schema,
    what: &What,
    quality: &Quality,
) -> Result<(Profile, Validation)> {
    let profile = profile(store, schema, what).await?;
    let validation = judge(schema, &profile.summary, &quality.checks);
    Ok((profile, validation))
}

/// Holds current rows against a reference. `schema` is that of the current rows; where a side is a run, its own is
/// taken, so that what is new in the other side's values is seen.
///
/// # Errors
/// When a side cannot be read or has other columns.
pub async fn drift(
    home: &Home,
    store: &dyn DocumentStore,
    schema: &Schema,
    [reference, current]: [&What; 2],
    limits: &Limits,
) -> Result<DriftReport> {
    let own = match (reference, current) {
        (What::Run(dir), _) | (_, What::Run(dir)) => Some(dir.schema()?),
        _ => None,
    };
    if let Some(own) = own.as_ref().filter(|own| !own.has_columns_of(schema)) {
        return Err(Error::user(format!(
            "{reference} and {current} cannot be compared: the schemas {} and {} have other columns",
            own.name, schema.name
        ))
        .hint("name a reference with the same columns: --reference"));
    }
    let schema = own.as_ref().unwrap_or(schema);
    let (old, new) = tokio::join!(profile(store, schema, reference), profile(store, schema, current));
    let (old, new) = (old?, new?);
    let sides = [side(reference, &old)?, side(current, &new)?];
    let champion = champion(home);
    let (schema, limits) = (schema.clone(), *limits);
    tokio::task::spawn_blocking(move || report(&schema, sides, [&old, &new], champion.as_ref(), &limits))
        .await
        .map_err(|e| Error::internal("comparing the rows panicked").caused_by(e))?
}

/// Holds the rows of a run that is under way against the champion's; none without a champion of the same columns.
///
/// # Errors
/// When either's rows cannot be read.
pub fn drift_of_run(home: &Home, dir: &RunDir, limits: &Limits) -> Result<Option<DriftReport>> {
    let schema = dir.schema()?;
    let Some(champion) = champion(home).filter(|champion| champion.id != dir.id) else { return Ok(None) };
    // A champion of another schema is no reference.
    let Some(own) = champion.schema().ok().filter(|own| own.has_columns_of(&schema)) else { return Ok(None) };
    let profiles = [of_run(&own, &champion)?, of_run(&own, dir)?];
    let sides = [side(&What::Run(champion.clone()), &profiles[0])?, side(&What::Run(dir.clone()), &profiles[1])?];
    let [old, new] = &profiles;
    report(&own, sides, [old, new], Some(&champion), limits).map(Some)
}

fn side(what: &What, profile: &Profile) -> Result<Side> {
    let summary = &profile.summary;
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = match what {
        What::Run(dir) => (Some(dir.manifest()?.started_at), None),
        _ => summary.stored.map_or((None, None), |(from, to)| (Some(text(from)), Some(text(to)))),
    };
    Ok(Side {
        name: what.to_string(),
        rows: summary.accepted(),
        labelled: summary.labelled(),
        refused: summary.refused,
        hash: summary.content.clone(),
        from,
        to,
        sampled: profile.is_sampled().then_some(profile.labels.len() as u64),
    })
}

fn report(
    schema: &Schema,
    [reference, current]: [Side; 2],
    profiles: [&Profile; 2],
    champion: Option<&RunDir>,
    limits: &Limits,
) -> Result<DriftReport> {
    for side in [&reference, &current] {
        if side.rows == 0 {
            return Err(match side.refused {
                0 => Error::data(format!("{} has no rows", side.name)).hint("name other rows, or another time window"),
                _ => Error::data(format!("{} has no row that the schema takes", side.name))
                    .hint("netsec-tui validate shows why"),
            });
        }
    }
    let compared = compare(schema, profiles[0], profiles[1], limits);
    let mut notes = compared.notes;
    if reference.hash == current.hash {
        notes.insert(0, "both sides are the same rows".to_owned());
    }
    for side in [&reference, &current].into_iter().filter(|side| side.refused > 0) {
        notes.push(format!("{} rows of {} are refused by the schema and left out", side.refused, side.name));
    }
    notes.extend(profiles.iter().flat_map(|profile| profile.summary.notes.iter().cloned()));
    let numeric = schema.features.iter().any(|column| !column.is_categorical());
    for side in [&reference, &current].into_iter().filter(|_| numeric) {
        if let Some(sampled) = side.sampled {
            notes.push(format!("numbers of {} are taken from a random sample of {sampled} rows", side.name));
        }
    }
    let predictor = champion.map(|dir| Predictor::load(dir, None)).transpose();
    let mut prediction = None;
    let mut model = None;
    match predictor {
        Ok(Some(predictor)) if predictor.schema.has_columns_of(schema) => {
            let scored = profiles.map(|profile| champion::Scored::new(&predictor, schema, profile));
            prediction = Some(champion::verdicts(&predictor, [&scored[0], &scored[1]], limits));
            model = champion.map(|dir| champion::fares(dir, &predictor, &scored[1])).transpose()?;
        }
        Ok(Some(_)) => notes.push("the champion's model has other columns: it says nothing here".to_owned()),
        Ok(None) => notes.push("there is no champion yet whose verdicts could be compared".to_owned()),
        Err(e) => notes.push(format!("the champion's model cannot be loaded: {e}")),
    }
    let of = |status: Option<bool>| compared.columns.values().filter(|c| c.drift_status == status).count() as u32;
    let (drifted, undecided, total) = (of(Some(true)), of(None), compared.columns.len() as u32);
    let reaches = |columns: u32| f64::from(columns) >= limits.share * f64::from(total) && columns > 0;
    Ok(DriftReport {
        v: VERSION,
        at: crate::now(),
        // What could not be told might tip the scales.
        dataset_drift: match (reaches(drifted), reaches(drifted + undecided)) {
            (true, _) => Some(true),
            (false, false) => Some(false),
            (false, true) => None,
        },
        share: f64::from(drifted) / f64::from(total.max(1)),
        drifted,
        undecided,
        total,
        limits: *limits,
        reference,
        current,
        columns: compared.columns,
        target: schema.target.name.clone(),
        prediction,
        model,
        notes,
    })
}
