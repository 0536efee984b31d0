//! Models held against each other: what differs between their runs, and whether one is the better one.
//!
//! Both of a pair are scored on the vectors that neither was trained on. The hold-out is chosen by a salted hash of the
//! vector, so runs with one salt have such vectors whenever they were made; of runs with different salts there may be few.

mod differences;
mod page;
mod several;
mod unseen;
mod words;

pub use differences::Difference;
pub use page::Form;
pub use several::{Curves, MOST, Profile, Search, Several, TrialScore, several};

use crate::Result;
use crate::dataset::Vectors;
use crate::event::{Family, TestScores};
use crate::form;
use crate::metrics::{self, Agreement, PairedDifference};
use crate::pipeline::Report;
use crate::predict::Predictor;
use crate::run::{Manifest, RunDir, RunState};
use crate::stop::Stop;
use serde::Serialize;
use unseen::{Parts, Unseen, unseen};
pub(crate) use unseen::{check_schemas, is_lost, read_by, row};

/// Bootstrap resamples behind the interval of a difference.
const RESAMPLES: usize = 2_000;
/// Those behind the interval of one model's score: as many as in its run's report, so that the same hold-out gives the
/// same numbers.
const OWN_RESAMPLES: usize = 1_000;

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The new model's F1 is higher by more than chance explains.
    Better,
    /// It is lower by more than chance explains.
    Worse,
    /// The interval of the difference includes 0.
    NotDistinguishable,
}

impl Verdict {
    /// By the interval of the difference in F1.
    fn of(f1: &PairedDifference) -> Self {
        match f1.interval {
            [low, _] if low > 0.0 => Verdict::Better,
            [_, high] if high < 0.0 => Verdict::Worse,
            _ => Verdict::NotDistinguishable,
        }
    }
}

/// One of the two models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Its run.
    pub run: String,
    /// Its family.
    pub family: Family,
    /// Its scores on the vectors that neither model was trained on, at its threshold.
    pub test: TestScores,
}

/// What the models were scored on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Holdout {
    /// Whether all runs read the same labelled vectors.
    pub same_data: bool,
    /// Whether all runs held out the same vectors.
    pub same_holdout: bool,
    /// Vectors that no model was trained on.
    pub vectors: u64,
    /// Their rows.
    pub rows: u64,
    /// Vectors of one hold-out that another model was trained on: they count for none.
    pub left_out: u64,
}

impl Holdout {
    fn of(common: &Unseen) -> Self {
        let side = common.sides.first();
        Self {
            same_data: common.same_data,
            same_holdout: common.same_holdout,
            vectors: side.map_or(0, |s| s.len() as u64),
            rows: side.map_or(0, Vectors::rows),
            left_out: common.left_out,
        }
    }

    /// Where the vectors came from, in a few words.
    pub fn basis(&self) -> String {
        let n = self.vectors;
        let (vectors, unseen) = (form::plural(n, "vector"), form::plural(n, "unseen vector"));
        match (self.same_data, self.same_holdout) {
            (true, true) => format!("same data, same hold-out: {vectors}"),
            (true, false) => format!("same data, other hold-out: {unseen}"),
            (false, true) => format!("other data, same hold-out: {vectors}"),
            (false, false) => format!("other data: {unseen}"),
        }
    }
}

/// Two models held against each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The model that the other is held against.
    pub base: Side,
    /// The other.
    pub new: Side,
    /// What both were scored on.
    pub holdout: Holdout,
    /// What it comes to.
    pub verdict: Verdict,
    /// The verdict and the differences in one line.
    pub headline: String,
    /// What that means.
    pub sentence: String,
    /// The difference in F1, new less base.
    pub f1: PairedDifference,
    /// The difference in recall.
    pub recall: PairedDifference,
    /// Which is right on how many vectors, and McNemar's test of it.
    pub errors: Agreement,
    /// Settings, data, parameters and scores that differ, and no others.
    pub differences: Vec<Difference>,
    /// Those that are the same.
    pub same: Vec<Difference>,
    /// What to know beside that.
    pub notes: Vec<String>,
}

/// A model that takes part: the winner of a finished run, or its model of the given family.
#[derive(Debug, Clone, PartialEq)]
pub struct Entrant {
    /// The run.
    pub dir: RunDir,
    /// The family; the winner without it.
    pub family: Option<Family>,
}

/// A model with what its run tells of it.
struct Loaded {
    manifest: Manifest,
    report: Report,
    predictor: Predictor,
    state: RunState,
}

impl Loaded {
    fn read(entrant: &Entrant) -> Result<Self> {
        let dir = &entrant.dir;
        let predictor = Predictor::load(dir, entrant.family)?;
        let report = crate::files::read_json(&dir.file("report.json"))?;
        Ok(Self { manifest: dir.manifest()?, report, predictor, state: dir.state()? })
    }

    fn verdicts(&self, probabilities: &[f64]) -> Vec<bool> {
        let threshold = self.predictor.threshold();
        probabilities.iter().map(|p| *p >= threshold).collect()
    }

    /// Its scores on these vectors.
    fn test(&self, counts: &[[u32; 2]], probabilities: &[f64]) -> TestScores {
        let threshold = self.predictor.threshold();
        metrics::test_scores(counts, probabilities, threshold, self.manifest.seed, OWN_RESAMPLES)
    }
}

/// Holds the model of `new` against that of `base`. They may be two families of one run.
///
/// # Errors
/// When a run is not finished or lacks the family, the two have different columns or labels, a file cannot be read, or
/// `stop` was set.
pub fn compare(base: &Entrant, new: &Entrant, stop: &Stop) -> Result<Comparison> {
    let loaded = [Loaded::read(base)?, Loaded::read(new)?];
    check_pair(&loaded[0], &loaded[1])?;
    let salt = &loaded[newer([&loaded[0], &loaded[1]])].manifest.salt;
    let read = |side: usize, dir: &RunDir| {
        stop.check()?;
        Parts::read(dir, &loaded[side].predictor.schema, salt)
    };
    let parts = [read(0, &base.dir)?, read(1, &new.dir)?];
    let score = |side: usize, vectors: &Vectors| loaded[side].predictor.score_vectors(vectors);
    pair([&loaded[0], &loaded[1]], [&parts[0], &parts[1]], &score, stop)
}

/// The side whose run was asked for later.
fn newer(loaded: [&Loaded; 2]) -> usize {
    usize::from(loaded[1].manifest.started_at >= loaded[0].manifest.started_at)
}

fn check_pair(base: &Loaded, new: &Loaded) -> Result<()> {
    let [one, other] = [base, new].map(|side| format!("run {}", form::short(&side.predictor.run, SHORT)));
    check_schemas([&one, &other], [&base.predictor.schema, &new.predictor.schema])
}

/// Compares two models whose vectors were hashed with the salt of the newer one. `score` gives a side's probabilities.
fn pair(
    loaded: [&Loaded; 2],
    parts: [&Parts; 2],
    score: &dyn Fn(usize, &Vectors) -> Vec<f64>,
    stop: &Stop,
) -> Result<Comparison> {
    let newer = newer(loaded);
    let common = unseen(&parts, &[1 - newer, newer]);
    let counts = &common.sides[0].counts;
    let mut probabilities = [Vec::new(), Vec::new()];
    for (side, all) in probabilities.iter_mut().enumerate() {
        stop.check()?;
        *all = score(side, &common.sides[side]);
    }
    stop.check()?;
    let verdicts = [0, 1].map(|side| loaded[side].verdicts(&probabilities[side]));
    let differences = metrics::paired_differences(counts, &verdicts[0], &verdicts[1], 0, RESAMPLES);
    stop.check()?;
    let [base_side, new_side] = [0, 1].map(|side| {
        let predictor = &loaded[side].predictor;
        let test = loaded[side].test(counts, &probabilities[side]);
        Side { run: predictor.run.clone(), family: predictor.family, test }
    });
    let [differing, same] = differences::differences(loaded, [&base_side, &new_side], common.same_data);
    let mut comparison = Comparison {
        differences: differing,
        same,
        holdout: Holdout::of(&common),
        verdict: Verdict::of(&differences.f1),
        headline: String::new(),
        sentence: String::new(),
        f1: differences.f1,
        recall: differences.recall,
        errors: metrics::agreement(counts, &verdicts[0], &verdicts[1]),
        notes: Vec::new(),
        base: base_side,
        new: new_side,
    };
    comparison.headline = words::headline(&comparison);
    comparison.sentence = words::sentence(&comparison, verdicts[0] == verdicts[1]);
    comparison.notes = words::notes(&comparison, &common, loaded.map(|side| &side.manifest), newer);
    Ok(comparison)
}

/// Characters of an id that tell a run from others.
const SHORT: usize = 6;

impl Comparison {
    /// The names of both models, the base first: their runs, with the families where the run is the same.
    pub fn names(&self) -> [String; 2] {
        [&self.base, &self.new].map(|side| {
            let id = form::short(&side.run, SHORT);
            if self.base.run == self.new.run { format!("{id} {}", side.family.code()) } else { id }
        })
    }

    /// Where the vectors came from, in a few words.
    pub fn basis(&self) -> String {
        self.holdout.basis()
    }
}
