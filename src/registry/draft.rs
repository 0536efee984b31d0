//! A bundle on its way into the registry: packed from a run, without a version yet.

use super::manifest::{
    BundleManifest, Data, FILES, FileHash, Hashes, Holdout, Judged, MODEL, Made, PREPROCESSOR, REFERENCE, REPORT,
    SCHEMA, Scores, VERSION, digest,
};
use super::reference;
use crate::error::IoContext;
use crate::event::Family;
use crate::model::ModelFile;
use crate::pipeline::{Report, read_split};
use crate::predict::{Parts, Predictor};
use crate::run::{Manifest, RunDir};
use crate::schema::Schema;
use crate::{Error, Result, files, metrics};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Bootstrap resamples behind the intervals of the scores: as many as in the run's report.
const RESAMPLES: usize = 1_000;

/// A packed bundle. Its files are in a temporary directory that goes with it.
#[derive(Debug)]
pub struct Draft {
    dir: tempfile::TempDir,
    pub(super) manifest: BundleManifest,
}

impl Draft {
    /// Packs the winner of a finished run, or its model of a family, in a directory below `cache`.
    ///
    /// # Errors
    /// When the run is not finished or lacks the family, or a file cannot be read or written.
    pub fn pack(run: &RunDir, family: Option<Family>, cache: &Path) -> Result<Self> {
        let family = crate::predict::family_of(run, family)?;
        let report = run.report()?.ok_or_else(|| Error::internal(format!("run {} has no report", run.id)))?;
        std::fs::create_dir_all(cache).at("creating", cache)?;
        let dir = tempfile::Builder::new().prefix(".draft-").tempdir_in(cache).at("creating", cache)?;
        let at = |name: &str| dir.path().join(name);
        // Copied before anything is hashed: what a colleague writes into the run meanwhile is not in the bundle.
        for (from, name) in [
            (run.model(family), MODEL),
            (run.file(PREPROCESSOR), PREPROCESSOR),
            (run.file(SCHEMA), SCHEMA),
            (run.file(REPORT), REPORT),
        ] {
            std::fs::copy(&from, at(name)).at("reading", &from)?;
        }
        let schema = Schema::read(&at(SCHEMA))?;
        reference::write(&at(REFERENCE), &schema, &run.file("snapshot.parquet"))?;
        let manifest = describe(run, &report, family, dir.path(), &schema)?;
        Ok(Self { dir, manifest })
    }

    /// Where its files are.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A file of it.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What its manifest will say; the name, the version and who registered it are not known yet.
    pub fn manifest(&self) -> &BundleManifest {
        &self.manifest
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.manifest.files.values().map(|file| file.size).sum()
    }

    /// Its model, ready to score.
    ///
    /// # Errors
    /// When a file of it cannot be read.
    pub fn predictor(&self) -> Result<Predictor> {
        predictor(self.dir.path(), &self.manifest)
    }
}

/// The model of a bundle's files, ready to score.
pub(crate) fn predictor(dir: &Path, manifest: &BundleManifest) -> Result<Predictor> {
    Predictor::of_parts(Parts {
        run: manifest.run.clone(),
        family: manifest.family,
        model: dir.join(MODEL),
        preprocessor: dir.join(PREPROCESSOR),
        schema: Schema::read(&dir.join(SCHEMA))?,
        salt: manifest.holdout.salt.clone(),
        train: dir.join(REFERENCE),
        holdout: Some(manifest.holdout.share),
        sample: reference::sample(manifest.data.summary.vectors),
    })
}

/// The hashes of the files in a directory.
pub(super) fn hashes(dir: &Path) -> Result<std::collections::BTreeMap<String, FileHash>> {
    FILES
        .into_iter()
        .map(|name| {
            let path = dir.join(name);
            let size = std::fs::metadata(&path).at("reading", &path)?.len();
            let sha256 = files::sha256_of(File::open(&path).at("reading", &path)?).at("reading", &path)?;
            Ok((name.to_owned(), FileHash { size, sha256 }))
        })
        .collect()
}

fn describe(run: &RunDir, report: &Report, family: Family, dir: &Path, schema: &Schema) -> Result<BundleManifest> {
    let of = run.manifest()?;
    let told = report.model(family).ok_or_else(|| {
        Error::data(format!("the report of run {} says nothing of its {family} model", run.id)).hint("train again")
    })?;
    let model = ModelFile::read(&dir.join(MODEL))?;
    let files = hashes(dir)?;
    let mut manifest = BundleManifest {
        v: VERSION,
        name: String::new(),
        version: 0,
        digest: digest(&files),
        family,
        params: model.params,
        threshold: model.threshold,
        wish: model.wish,
        labels: [schema.negative_label.clone(), schema.positive_label.clone()],
        scores: Scores { cv_f1: told.cv_f1, cv_sd: told.cv_sd, test: told.test.clone() },
        data: Data {
            store: of.store.clone(),
            database: of.database.clone(),
            collection: of.collection.clone(),
            window: of.window,
            summary: report.data.clone(),
        },
        hashes: Hashes {
            data: report.data.hash.clone(),
            schema: of.schema_hash.clone(),
            settings: settings_hash(&of)?,
        },
        holdout: Holdout { salt: of.salt.clone(), share: of.holdout },
        seed: of.seed,
        judged: judged(run, &of)?,
        run: run.id.clone(),
        trained: Made { user: of.user, host: of.host, at: of.started_at },
        registered: Made::now(),
        netsec: env!("CARGO_PKG_VERSION").to_owned(),
        files,
    };
    // The report's scores are for the threshold that the model had then.
    if manifest.scores.test.threshold != manifest.threshold {
        let test = read_split(&run.file("test.parquet"), schema)?.vectors;
        let probabilities = predictor(dir, &manifest)?.score_vectors(&test);
        manifest.scores.test =
            metrics::test_scores(&test.counts, &probabilities, manifest.threshold, manifest.seed, RESAMPLES);
    }
    Ok(manifest)
}

fn judged(run: &RunDir, of: &Manifest) -> Result<Judged> {
    // Whoever said "go on" accepted nothing where the validation had not failed.
    let failed = run.validation()?.is_some_and(|validation| validation.status == crate::validation::Status::Failed);
    let accepted_by = of.accepted_by.clone().filter(|_| failed);
    Ok(Judged::new(accepted_by, run.drift()?.as_ref()))
}

/// What the run's manifest says beside who, when, where and which rows.
fn settings_hash(of: &Manifest) -> Result<String> {
    let settings = Manifest {
        run: String::new(),
        started_at: String::new(),
        user: String::new(),
        host: String::new(),
        store: None,
        database: String::new(),
        collection: String::new(),
        window: crate::store::Window::default(),
        schema_hash: String::new(),
        data_hash: None,
        accepted_by: None,
        ..of.clone()
    };
    let text = serde_json::to_vec(&settings)
        .map_err(|e| Error::internal("the run's settings cannot be written as JSON").caused_by(e))?;
    Ok(files::sha256_hex(&text))
}
