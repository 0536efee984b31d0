//! A run as a row: what tables show, filters compare and exports write.

use super::{Manifest, Notes, RunDir, RunEntry, RunStatus};
use crate::event::{DriftSummary, Family, Stage};
use crate::resample::Resampling;
use crate::store::Window;

/// A run as a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// The run's id.
    pub id: String,
    /// When it was asked for, RFC 3339.
    pub started_at: String,
    /// How it stands.
    pub status: RunStatus,
    /// Who asked, and on which host: `user@host`.
    pub who: String,
    /// The database.
    pub database: String,
    /// The collection.
    pub collection: String,
    /// The time window of its rows.
    pub window: Window,
    /// The search space.
    pub space: String,
    /// How every trial balances the classes; none where the space decides.
    pub resampling: Option<Resampling>,
    /// Seed of folds, sampling and models.
    pub seed: u64,
    /// Cross-validation folds.
    pub folds: u32,
    /// Runs with the same one are scored on the same hold-out.
    pub holdout: String,
    /// The families that are searched.
    pub families: Vec<Family>,
    /// Trials over, and trials planned.
    pub trials: (u32, u32),
    /// The winner or, while there is none, the leader; mean and standard deviation of its cross-validated F1.
    pub best: Option<(Family, f64, f64)>,
    /// The winner's F1 on the hold-out, with its 95 % interval.
    pub test: Option<(f64, [f64; 2])>,
    /// The winner's recall on the hold-out: the share of the positive rows that it finds.
    pub recall: Option<f64>,
    /// Time worked on it, in milliseconds.
    pub elapsed_ms: u64,
    /// How its rows compared with those of the champion of its time.
    pub drift: Option<DriftSummary>,
    /// Families that have a model.
    pub models: Vec<Family>,
    /// The stage after which it was asked to stop.
    pub stopped_after: Option<Stage>,
    /// Why it failed, and the way out.
    pub failure: Option<(String, Option<String>)>,
    /// Whether its validation is what has stopped it.
    pub unfit: bool,
    /// What was noted about it.
    pub note: Option<String>,
    /// Its tags, in order of their names.
    pub tags: Vec<String>,
}

impl RunRow {
    /// The user's name in [`RunRow::who`].
    pub fn user(&self) -> &str {
        self.who.rsplit_once('@').map_or(&self.who, |(user, _)| user)
    }

    /// The host's name in [`RunRow::who`].
    pub fn host(&self) -> &str {
        self.who.rsplit_once('@').map_or("", |(_, host)| host)
    }

    /// The winner; none before the run is finished.
    pub fn winner(&self) -> Option<Family> {
        self.best.filter(|_| self.status == RunStatus::Finished).map(|(family, ..)| family)
    }

    /// Takes over what was noted. A file that cannot be read is told in the note's place.
    pub(super) fn annotate(&mut self, dir: &RunDir) {
        match Notes::read(dir) {
            Ok(notes) => {
                self.note = notes.note.map(|note| note.text);
                self.tags = notes.tags.into_keys().collect();
            }
            Err(e) => (self.note, self.tags) = (Some(e.to_string()), Vec::new()),
        }
    }

    /// A run that cannot be read, with the reason: a run never just disappears.
    pub fn unreadable(dir: &RunDir, error: &crate::Error) -> Self {
        Self {
            id: dir.id.clone(),
            started_at: String::new(),
            status: RunStatus::Failed,
            who: String::new(),
            database: String::new(),
            collection: "unreadable".to_owned(),
            window: Window::default(),
            space: String::new(),
            resampling: None,
            seed: 0,
            folds: 0,
            holdout: String::new(),
            families: Vec::new(),
            trials: (0, 0),
            best: None,
            test: None,
            recall: None,
            elapsed_ms: 0,
            drift: None,
            models: Vec::new(),
            stopped_after: None,
            failure: Some((error.to_string(), error.hint_text().map(str::to_owned))),
            unfit: false,
            note: None,
            tags: Vec::new(),
        }
    }
}

impl From<&RunEntry> for RunRow {
    fn from(entry: &RunEntry) -> Self {
        let (manifest, state): (&Manifest, _) = (&entry.manifest, &entry.state);
        let winner = state.winner.and_then(|w| state.family(w));
        let best = winner.and_then(|w| Some((w.family, w.cv_score()?))).map(|(w, (mean, sd))| (w, mean, sd));
        let leader = state.leader().map(|(family, trial)| (family.family, trial.mean, trial.sd));
        let test = winner.and_then(|w| w.test.as_ref());
        let mut row = Self {
            id: entry.dir.id.clone(),
            started_at: manifest.started_at.clone(),
            status: entry.status,
            who: format!("{}@{}", manifest.user, manifest.host),
            database: manifest.database.clone(),
            collection: manifest.collection.clone(),
            window: manifest.window,
            space: manifest.space.clone(),
            resampling: manifest.resampling,
            seed: manifest.seed,
            folds: manifest.folds,
            holdout: manifest.holdout_name(),
            families: manifest.search.iter().map(|s| s.family).collect(),
            trials: (state.trial_counts().0, manifest.search.iter().map(|s| s.trials.len() as u32).sum()),
            best: best.or(leader),
            test: test.map(|test| (test.f1, test.f1_ci)),
            recall: test.map(|test| test.recall),
            elapsed_ms: state.elapsed_ms((entry.status == RunStatus::Running).then(crate::now).as_deref()),
            drift: state.drift.clone(),
            models: state.families.iter().filter(|f| f.test.is_some()).map(|f| f.family).collect(),
            stopped_after: state.stopped_after,
            failure: state.failure.clone(),
            // Asked of those only that have not come further.
            unfit: entry.status == RunStatus::Failed
                && !state.stages.iter().any(|(stage, ..)| *stage == Stage::Validate)
                && entry.dir.validation().ok().flatten().is_some_and(|found| found.stops()),
            note: None,
            tags: Vec::new(),
        };
        row.annotate(&entry.dir);
        row
    }
}
