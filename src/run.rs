//! A run: its directory, its lock, its worker, and how to follow, cancel and resume it.

mod catalog;
mod describe;
mod family;
mod journal;
mod notes;
pub mod query;
mod remaining;
mod row;
mod state;
pub mod table;
pub mod trash;
mod worker;

pub use catalog::{Catalog, Listing, RunEntry, entry, find, list, newest_finished};
pub use describe::describe;
pub use family::{DoneTrial, FamilyState, FamilyStatus, RunningTrial};
pub use journal::{Follower, Journal};
pub use notes::{Hand, LONGEST_NOTE, LONGEST_TAG, Note, Notes, Retag};
pub use remaining::{Countdown, Remaining};
pub use row::RunRow;
pub use state::{LogLine, RunState, RunStatus, millis_between};
pub use worker::{Recorder, work};

use crate::connection::Place;
use crate::drift::DriftReport;
use crate::error::IoContext;
use crate::event::{Family, Stage};
use crate::host::Process;
use crate::pipeline::Report;
use crate::registry::Handover;
use crate::resample::Resampling;
use crate::schema::Schema;
use crate::settings::{Home, Settings};
use crate::store::{Namespace, Window};
use crate::training::{self, Calibration, FamilySearch, Imputation, Training};
use crate::validation::{Quality, Validation};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything a run depends on, written before it starts. Whoever has the same rows gets the same models from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format number of this file.
    pub v: u32,
    /// The run's id.
    pub run: String,
    /// When it was asked for, RFC 3339.
    pub started_at: String,
    /// Who asked.
    pub user: String,
    /// On which host.
    pub host: String,
    /// netsec's version.
    pub version: String,
    /// The hosts of the MongoDB deployment that the rows are read from; none for the embedded store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
    /// The time in which the rows were stored that it is made from.
    #[serde(default)]
    pub window: Window,
    /// SHA-256 of `schema.yaml` beside this file.
    pub schema_hash: String,
    /// SHA-256 of the rows, known once they were read.
    pub data_hash: Option<String>,
    /// Seed of folds, sampling and models.
    pub seed: u64,
    /// Cross-validation folds.
    pub folds: u32,
    /// The hold-out's salt.
    pub salt: String,
    /// The hold-out's share of the vectors.
    pub holdout: f64,
    /// How missing values are filled.
    pub imputation: Imputation,
    /// Which models are calibrated, and how.
    #[serde(default)]
    pub calibration: Calibration,
    /// The bounds of validation and drift.
    #[serde(default)]
    pub quality: Quality,
    /// Who went on, or would go on, in spite of a failed validation.
    #[serde(default)]
    pub accepted_by: Option<String>,
    /// Name of the search space.
    pub space: String,
    /// How every trial balances the classes; none where the space decides.
    #[serde(default)]
    pub resampling: Option<Resampling>,
    /// The families and their trials, in order.
    pub search: Vec<FamilySearch>,
}

impl Manifest {
    /// Names the hold-out: runs with the same name are scored on the same side of the same collection, also where they
    /// take the rows of a time window only.
    pub fn holdout_name(&self) -> String {
        format!("{}/{}/{}/{}", self.database, self.collection, self.holdout, self.salt)
    }
}

/// What a run is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The rows.
    pub namespace: Namespace,
    /// The time in which they were stored.
    pub window: Window,
    /// The families, in order; empty means all.
    pub families: Vec<Family>,
    /// The search space; the default one without it.
    pub space: Option<String>,
    /// Cross-validation folds, 2 to 20; as many as the training file says without it.
    pub folds: Option<u32>,
    /// How every trial balances the classes; as the space says without it.
    pub resampling: Option<Resampling>,
    /// Seed of folds, sampling and models.
    pub seed: u64,
    /// Go on in spite of a failed validation.
    pub accept: bool,
}

/// A run's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    /// The run's id.
    pub id: String,
    /// The directory.
    pub path: PathBuf,
}

impl RunDir {
    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join("events.jsonl")
    }

    /// What the worker printed.
    pub fn worker_log(&self) -> PathBuf {
        self.path.join("worker.log")
    }

    /// A file in the directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The model file of a family.
    pub fn model(&self, family: Family) -> PathBuf {
        self.path.join("models").join(format!("{family}.json"))
    }

    /// The precision-recall curve of a family's out-of-fold probabilities, from which thresholds are chosen.
    pub fn fold_curve(&self, family: Family) -> PathBuf {
        self.path.join("models").join(format!("{family}.curve.json"))
    }

    /// The manifest.
    ///
    /// # Errors
    /// When it is missing or not readable as this version's.
    pub fn manifest(&self) -> Result<Manifest> {
        let path = self.file("manifest.yaml");
        let text = std::fs::read_to_string(&path).at("reading", &path)?;
        serde_yaml::from_str(&text).map_err(|e| crate::settings::yaml_error(&path.display().to_string(), &e))
    }

    /// Writes the manifest.
    ///
    /// # Errors
    /// When the disk refuses it.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<()> {
        let text = serde_yaml::to_string(manifest)
            .map_err(|e| Error::internal("the manifest cannot be written as YAML").caused_by(e))?;
        crate::files::write_atomic(&self.file("manifest.yaml"), text.as_bytes())
    }

    /// The schema that the run was started with.
    ///
    /// # Errors
    /// When it is missing or not valid.
    pub fn schema(&self) -> Result<Schema> {
        Schema::read(&self.file("schema.yaml"))
    }

    /// The report; none before the run is finished.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn report(&self) -> Result<Option<Report>> {
        crate::files::read_json_if_there(&self.file("report.json"))
    }

    /// The journal, replayed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self) -> Result<RunState> {
        Ok(RunState::replay(&Follower::new(self.journal()).poll()?))
    }

    /// The worker that holds the lock or held it last, where it said who it is. Whether it is alive is not known from
    /// it.
    pub fn worker(&self) -> Option<Process> {
        serde_json::from_slice(&std::fs::read(self.file("lock")).ok()?).ok()
    }

    /// Whether a worker holds the run's lock.
    pub fn is_alive(&self) -> bool {
        let Ok(file) = File::open(self.file("lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// Takes the lock, for as long as the returned file lives. Only a worker does.
    ///
    /// # Errors
    /// When another worker holds it.
    fn lock(&self) -> Result<File> {
        let path = self.file("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).at("locking", &path)?;
        // Whoever looks whether the run is alive holds a shared lock for an instant.
        for _ in 0..40 {
            match file.try_lock() {
                Ok(()) => {
                    // For whoever wants to see what the worker costs the host. It does not matter if it fails.
                    let who = Process::this().and_then(|this| serde_json::to_vec(&this).ok()).unwrap_or_default();
                    let _ = file.set_len(0).and_then(|()| (&file).write_all(&who));
                    return Ok(file);
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(25)),
                Err(TryLockError::Error(e)) => return Err(Error::io("locking", &path, e)),
            }
        }
        Err(Error::user(format!("run {} is running already", self.id)).hint(format!("netsec-tui show {}", self.id)))
    }

    /// How the run stands.
    ///
    /// # Errors
    /// When its journal cannot be read.
    pub fn status(&self) -> Result<RunStatus> {
        // Asked in this order, a run that ends in between is not taken for an interrupted one.
        let alive = self.is_alive();
        Ok(self.state()?.status(alive))
    }

    /// Lets the run go on in spite of a failed validation, and records who said so.
    ///
    /// # Errors
    /// When the manifest cannot be read or written.
    pub fn accept_validation(&self) -> Result<()> {
        let manifest = Manifest { accepted_by: Some(crate::who::user()), ..self.manifest()? };
        self.write_manifest(&manifest)
    }

    /// How the run's rows were judged; none before they were.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn validation(&self) -> Result<Option<Validation>> {
        Validation::read(&self.file("validation.yaml"))
    }

    /// How the run's rows compare with those of the champion of its time; none where there was no champion.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn drift(&self) -> Result<Option<DriftReport>> {
        DriftReport::read(&self.file("drift.yaml"))
    }

    /// Asks the worker to stop. It looks between trials, folds and trees.
    ///
    /// # Errors
    /// When the run is not running.
    pub fn cancel(&self) -> Result<()> {
        if !self.is_alive() {
            let status = self.status()?;
            return Err(Error::user(format!("run {} is not running: it is {status}", self.id)));
        }
        let path = self.file("cancel");
        std::fs::write(&path, crate::who::user()).at("writing", &path)
    }

    /// Starts a detached worker on the run and waits until it has taken the lock or has ended. It reads rows at `place`,
    /// and the champion in the registry.
    ///
    /// # Errors
    /// When the worker cannot be started, or the run is running already.
    pub fn start_worker(&self, home: &Home, place: &Place, registry: &Handover, until: Option<Stage>) -> Result<()> {
        use std::os::unix::process::CommandExt;
        if self.is_alive() {
            return Err(
                Error::user(format!("run {} is running already", self.id)).hint(format!("netsec-tui show {}", self.id))
            );
        }
        let program =
            std::env::current_exe().map_err(|e| Error::remote("the path of this program is not known").caused_by(e))?;
        let path = self.worker_log();
        let log = OpenOptions::new().create(true).append(true).open(&path).at("writing", &path)?;
        let second = log.try_clone().at("writing", &path)?;
        let mut command = std::process::Command::new(program);
        // Absolute paths and the root directory: a worker must not pin a file system or depend on where it was started.
        command.arg("worker").arg(&self.id).arg("--home").arg(home.root()).current_dir("/");
        if let Some(stage) = until {
            command.arg("--until").arg(stage.name());
        }
        // In the environment, where the URI came from: no file and no list of processes shows it.
        for (name, value) in place.variables() {
            command.env(name, value);
        }
        command.envs(registry.variables());
        command.stdin(std::process::Stdio::null()).stdout(log).stderr(second);
        // A session of its own: neither Ctrl-C nor a hang-up of this terminal reaches the worker.
        // SAFETY: between fork and exec only the setsid system call is made, which is async-signal-safe.
        #[allow(unsafe_code)]
        unsafe {
            command.pre_exec(|| Ok(rustix::process::setsid().map(|_| ())?));
        }
        let mut child = command.spawn().map_err(|e| Error::remote("the worker cannot be started").caused_by(e))?;
        // As long as it takes: a worker that is slow to start on a busy host is not a dead one.
        while !self.is_alive() {
            match child.try_wait() {
                // Very short runs are over before they are seen alive.
                Ok(Some(_)) => return Ok(()),
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(e) => return Err(Error::remote("the worker cannot be watched").caused_by(e)),
            }
        }
        // Reaped by a thread: a console that outlives its workers must not collect zombies.
        std::thread::spawn(move || child.wait());
        Ok(())
    }
}

/// Creates a run's directory with manifest and schema. Nothing runs yet.
///
/// # Errors
/// An unknown space or family, or a disk that refuses the files.
pub fn create(
    home: &Home,
    settings: &Settings,
    schema: &Schema,
    training: &Training,
    quality: &Quality,
    place: &Place,
    request: &Request,
) -> Result<RunDir> {
    let space = request.space.as_deref().unwrap_or(&training.default_space);
    let mut search = training.search(space, &request.families, request.seed)?;
    if let Some(how) = request.resampling {
        training::resample(&mut search, how);
    }
    let folds = request.folds.unwrap_or(training.folds);
    if !training::FOLDS.contains(&folds) {
        let [from, to] = [training::FOLDS.start(), training::FOLDS.end()];
        return Err(Error::user(format!("{folds} folds are not between {from} and {to}"))
            .hint(format!("leave --folds out to take {}", training.folds)));
    }
    let id = new_id();
    let dir = RunDir { path: home.runs().join(&id), id: id.clone() };
    std::fs::create_dir_all(dir.file("models")).at("creating", &dir.path)?;
    crate::files::write_atomic(&dir.file("schema.yaml"), schema.text().as_bytes())?;
    dir.write_manifest(&Manifest {
        v: 1,
        run: id,
        started_at: crate::now(),
        user: crate::who::user(),
        host: crate::who::host(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store: place.hosts().map(str::to_owned),
        database: request.namespace.database.clone(),
        collection: request.namespace.collection.clone(),
        window: request.window,
        schema_hash: crate::files::sha256_hex(schema.text().as_bytes()),
        data_hash: None,
        seed: request.seed,
        folds,
        salt: settings.split.salt.clone(),
        holdout: settings.split.holdout,
        imputation: training.imputation.clone(),
        calibration: training.calibration.clone(),
        quality: *quality,
        accepted_by: request.accept.then(crate::who::user),
        space: space.to_owned(),
        resampling: request.resampling,
        search,
    })?;
    Ok(dir)
}

fn new_id() -> String {
    let seed =
        format!("{}/{}/{}/{:?}", crate::now(), std::process::id(), crate::who::host(), std::time::Instant::now());
    crate::files::sha256_hex(seed.as_bytes())[..12].to_owned()
}

/// Whether a path lies on a disk without room, for messages about workers that died silently.
pub fn is_full(path: &Path) -> bool {
    tempfile::NamedTempFile::new_in(path).and_then(|mut f| f.write_all(&[0; 4096])).is_err()
}
