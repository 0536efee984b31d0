//! Two models held against each other: what differs between their runs, and whether one is the better one.
//!
//! Both are scored on the vectors that neither was trained on. The hold-out is chosen by a salted hash of the vector, so
//! runs with one salt have such vectors whenever they were made; of runs with different salts there may be few.

mod differences;
mod unseen;
mod words;

pub use differences::Difference;

use crate::Result;
use crate::event::{Family, TestScores};
use crate::form;
use crate::metrics::{self, Agreement, PairedDifference};
use crate::pipeline::Report;
use crate::predict::Predictor;
use crate::run::{Manifest, RunDir};
use serde::Serialize;
use unseen::{Parts, Unseen, check_schemas, unseen};

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

/// What both models were scored on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Holdout {
    /// Whether both runs read the same labelled vectors.
    pub same_data: bool,
    /// Whether both runs held out the same vectors.
    pub same_holdout: bool,
    /// Vectors that neither model was trained on.
    pub vectors: u64,
    /// Their rows.
    pub rows: u64,
    /// Vectors of one hold-out that the other model was trained on: they count for neither.
    pub left_out: u64,
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
    /// What to know beside that.
    pub notes: Vec<String>,
}

/// A model with what its run tells of it.
struct Loaded {
    manifest: Manifest,
    report: Report,
    predictor: Predictor,
    /// How long the run took, in milliseconds.
    run_ms: u64,
}

impl Loaded {
    fn read(dir: &RunDir, family: Option<Family>) -> Result<Self> {
        let predictor = Predictor::load(dir, family)?;
        let report = crate::files::read_json(&dir.file("report.json"))?;
        Ok(Self { manifest: dir.manifest()?, report, predictor, run_ms: dir.state()?.elapsed_ms(None) })
    }
}

/// Holds the `new` run's model against the one of `base`: the winners, or the given families. They may be two families
/// of one run.
///
/// # Errors
/// When a run is not finished or lacks the family, the two have different columns or labels, or a file cannot be read.
pub fn compare(base: &RunDir, new: &RunDir, families: [Option<Family>; 2]) -> Result<Comparison> {
    let loaded = [Loaded::read(base, families[0])?, Loaded::read(new, families[1])?];
    let schemas = [&loaded[0].predictor.schema, &loaded[1].predictor.schema];
    let ids = [base, new].map(|dir| form::short(&dir.id, SHORT));
    check_schemas([&ids[0], &ids[1]], schemas)?;
    let newer = usize::from(loaded[1].manifest.started_at >= loaded[0].manifest.started_at);
    let salt = &loaded[newer].manifest.salt;
    let parts = [Parts::read(base, schemas[0], salt)?, Parts::read(new, schemas[1], salt)?];
    let common = unseen([&parts[0], &parts[1]], newer);
    let counts = &common.sides[0].counts;
    let probabilities = [0, 1].map(|side| loaded[side].predictor.score_vectors(&common.sides[side]));
    let verdicts: [Vec<bool>; 2] = [0, 1].map(|side| {
        let threshold = loaded[side].predictor.threshold();
        probabilities[side].iter().map(|p| *p >= threshold).collect()
    });
    let differences = metrics::paired_differences(counts, &verdicts[0], &verdicts[1], 0, RESAMPLES);
    let [base_side, new_side] = [0, 1].map(|side| {
        let (loaded, p) = (&loaded[side], &probabilities[side]);
        let (seed, threshold) = (loaded.manifest.seed, loaded.predictor.threshold());
        let test = metrics::test_scores(counts, p, threshold, seed, OWN_RESAMPLES);
        Side { run: loaded.predictor.run.clone(), family: loaded.predictor.family, test }
    });
    let mut comparison = Comparison {
        differences: differences::differences([&loaded[0], &loaded[1]], [&base_side, &new_side], common.same_data),
        holdout: Holdout {
            same_data: common.same_data,
            same_holdout: common.same_holdout,
            vectors: counts.len() as u64,
            rows: common.sides[0].rows(),
            left_out: common.left_out,
        },
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
    comparison.notes = words::notes(&comparison, &common, [&loaded[0].manifest, &loaded[1].manifest], newer);
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
        let n = self.holdout.vectors;
        let (vectors, unseen) = (form::plural(n, "vector"), form::plural(n, "unseen vector"));
        match (self.holdout.same_data, self.holdout.same_holdout) {
            (true, true) => format!("same data, same hold-out: {vectors}"),
            (true, false) => format!("same data, other hold-out: {unseen}"),
            (false, true) => format!("other data, same hold-out: {vectors}"),
            (false, false) => format!("other data: {unseen}"),
        }
    }
}
