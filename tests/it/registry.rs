//! One suite for the registry on a directory, and on S3 over the wire.

mod commands;
mod cuts;
mod cutting;
mod damage;
mod moving;
mod promoting;
mod racing;

use crate::object::{Place, on_both};
use crate::support;
use netsec::event::Family;
use netsec::object::ObjectStore;
use netsec::predict::{Choice, set_threshold};
use netsec::promote::{self, Candidate, Considered, PRODUCTION, Policy, Promoted};
use netsec::registry::Registry;
use netsec::run::RunDir;
use netsec::stop::Stop;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// A run that was trained once for all tests, with two families.
fn trained() -> &'static RunDir {
    static TRAINED: OnceLock<(support::Home, RunDir)> = OnceLock::new();
    let (_, run) = TRAINED.get_or_init(|| {
        let home = support::Home::new().with_sample(4_000);
        let args = ["train", "--space", "small", "--family", "gradient_boosting", "--family", "random_forest"];
        let run = home.json(&args)["run"].as_str().unwrap().to_owned();
        let path = home.root().join("runs").join(&run);
        (home, RunDir { id: run, path })
    });
    run
}

/// A registry of a test, with runs to put into it.
struct Case {
    place: Place,
    registry: Registry,
}

impl Case {
    fn new(place: Place) -> Self {
        let registry = open(Arc::clone(&place.store), &place.dir.path().join("cache"));
        Self { place, registry }
    }

    /// A colleague on another host.
    fn colleague(&self, name: &str) -> Registry {
        open(Arc::clone(&self.place.other), &self.place.dir.path().join(format!("cache of {name}")))
    }

    /// The run with another threshold: another model, as good as its threshold lets it be.
    fn run(&self, threshold: f64) -> RunDir {
        let path = self.place.dir.path().join(format!("run {threshold}"));
        if !path.is_dir() {
            copy(&trained().path, &path);
        }
        let dir = RunDir { id: trained().id.clone(), path };
        set_threshold(&dir, Some(Family::GradientBoosting), Choice::At(threshold)).unwrap();
        dir
    }

    async fn consider(&self, run: &RunDir) -> netsec::Result<Considered> {
        consider(&self.registry, run).await
    }

    async fn promote(&self, run: &RunDir, reason: &str) -> netsec::Result<Promoted> {
        promote(&self.registry, run, reason).await
    }

    /// The version in production, of which all files are as they were registered.
    async fn production(&self) -> Option<u32> {
        let version = self.registry.ledger().await.unwrap().holder(PRODUCTION)?.version;
        let bundle = self.registry.verified(version).await.unwrap();
        bundle.predictor().unwrap();
        Some(version)
    }
}

fn open(store: Arc<dyn ObjectStore>, cache: &Path) -> Registry {
    Registry::open(store, "phishing", cache.to_owned()).unwrap()
}

async fn consider(registry: &Registry, run: &RunDir) -> netsec::Result<Considered> {
    let candidate = Candidate::Run(run.clone(), Some(Family::GradientBoosting));
    promote::consider(registry, &candidate, PRODUCTION, &Policy::default(), &Stop::new()).await
}

async fn promote(registry: &Registry, run: &RunDir, reason: &str) -> netsec::Result<Promoted> {
    let considered = consider(registry, run).await?;
    promote::promote(registry, &considered, reason, None, &|_| {}).await
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Writes an object over, as nobody should.
async fn overwrite(store: &dyn ObjectStore, key: &str, content: &[u8]) {
    store.delete(key).await.unwrap();
    crate::object::done(store.put_if_absent(key, content).await.unwrap());
}
