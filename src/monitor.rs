//! Watching the rows: profiles of collections, files and runs, and the drift between them, with the champion's eyes
//! as well.

mod champion;
mod counted;
mod drawn;
mod fares;
mod what;

pub use champion::Champion;
pub use counted::{Counted, counted};
pub use drawn::{Drawn, drawn};
pub use what::{CHAMPION, What, no_champion};

use crate::drift::{DriftReport, Limits, Side, VERSION, compare};
use crate::pipeline;
use crate::profile::{Profile, Profiler};
use crate::run::RunDir;
use crate::schema::Schema;
use crate::source::{Cells, Rows};
use crate::store::{DocumentStore, Namespace, Window};
use crate::typed::Typed;
use crate::validation::{Quality, Validation, judge};
use crate::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use std::path::Path;
use std::sync::Arc;

/// Rows of a file that are read at once.
const CHUNK: usize = 20_000;

/// Profiles rows, whatever they are.
///
/// # Errors
/// When they cannot be read.
pub async fn profile(store: &dyn DocumentStore, schema: &Schema, what: &What) -> Result<Profile> {
    match what {
        What::Run(dir) => of_run(schema, dir),
        What::Version(bundle) => {
            let bundle = Arc::clone(bundle);
            tokio::task::spawn_blocking(move || bundle.reference())
                .await
                .map_err(|e| Error::internal("the reader panicked").caused_by(e))?
        }
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

/// Holds current rows against a reference. `schema` is that of the current rows; where a side is a run or a version, its
/// own is taken, so that what is new in the other side's values is seen. The champion is asked for its verdicts; where it
/// is not known, the report says why.
///
/// # Errors
/// When a side cannot be read or has other columns.
pub async fn drift(
    store: &dyn DocumentStore,
    schema: &Schema,
    [reference, current]: [&What; 2],
    champion: Result<Option<Champion>>,
    limits: &Limits,
) -> Result<DriftReport> {
    let own = match (reference, current) {
        // A version's reference is laid out by its own schema, and by no other.
        (What::Version(bundle), _) | (_, What::Version(bundle)) => Some(bundle.schema()?),
        (What::Run(dir), _) | (_, What::Run(dir)) => Some(dir.schema()?),
        _ => None,
    };
    if let (Some(own), What::Version(_), What::Version(other)) = (&own, reference, current)
        && !own.has_levels_of(&other.schema()?)
    {
        return Err(Error::user(format!(
            "{reference} and {current} cannot be compared: their columns have other levels"
        ))
        .hint("name a run, a collection or a file for one of them"));
    }
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
    let (schema, limits) = (schema.clone(), *limits);
    tokio::task::spawn_blocking(move || {
        report(&schema, sides, [&old, &new], champion.as_ref().map(Option::as_ref), &limits)
    })
    .await
    .map_err(|e| Error::internal("comparing the rows panicked").caused_by(e))?
}

/// Holds the rows of a run that is under way against the champion's; none where that has other columns.
///
/// # Errors
/// When either's rows cannot be read.
pub fn drift_of_run(dir: &RunDir, champion: &Champion, limits: &Limits) -> Result<Option<DriftReport>> {
    // A champion of another schema is no reference.
    let Some(own) = champion.schema().ok().filter(|own| dir.schema().is_ok_and(|s| own.has_columns_of(&s))) else {
        return Ok(None);
    };
    let old = match champion {
        Champion::Run(champion) => of_run(&own, champion)?,
        Champion::Version(held) => held.bundle.reference()?,
    };
    let new = of_run(&own, dir)?;
    let sides = [side(&champion.what(), &old)?, side(&What::Run(dir.clone()), &new)?];
    report(&own, sides, [&old, &new], Ok(Some(champion)), limits).map(Some)
}

fn side(what: &What, profile: &Profile) -> Result<Side> {
    let summary = &profile.summary;
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (from, to) = match what {
        What::Run(dir) => (Some(dir.manifest()?.started_at), None),
        What::Version(bundle) => (Some(bundle.manifest.trained.at.clone()), None),
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
    champion: Result<Option<&Champion>, &Error>,
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
    let mut prediction = None;
    let mut model = None;
    match champion {
        Ok(Some(champion)) => {
            notes.extend(champion.notice());
            match champion.predictor() {
                Ok(predictor) if predictor.schema.has_columns_of(schema) => {
                    let scored = profiles.map(|profile| fares::Scored::new(&predictor, schema, profile));
                    prediction = Some(fares::verdicts(&predictor, [&scored[0], &scored[1]], limits));
                    model = Some(fares::fares(champion, &predictor, &scored[1])?);
                }
                Ok(_) => notes.push("the champion's model has other columns: it says nothing here".to_owned()),
                Err(e) => notes.push(format!("the champion's model cannot be loaded: {e}")),
            }
        }
        Ok(None) => notes.push("there is no champion yet whose verdicts could be compared".to_owned()),
        Err(e) => notes.push(format!("the champion is not known: {}", e.chain().join(": "))),
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
