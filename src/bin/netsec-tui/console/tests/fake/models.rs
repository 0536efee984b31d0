//! A made-up registry: five versions, a staging alias, a rollback, and every outcome of the gate.

use super::report::test_scores;
use super::{RUN, params};
use crate::console::msg::models::{Challenger, Changed};
use netsec::event::{DataSummary, Family};
use netsec::metrics::Wish;
use netsec::promote::{Bounded, Check, Gate, Judgement, Outcome, PRODUCTION, Promoted, Subject};
use netsec::registry::{
    Action, BundleManifest, Data, Entry, FileHash, Hashes, Holdout, Judged, Ledger, Made, Overview, Scores, Verified,
    Version,
};

pub const NAME: &str = "NetworkData";

fn made(user: &str, at: &str) -> Made {
    Made { user: user.to_owned(), host: "ip-10-0-1-7".to_owned(), at: at.to_owned() }
}

fn scores(f1: f64) -> Scores {
    Scores { cv_f1: f1 + 0.007, cv_sd: 0.006, test: test_scores(f1) }
}

fn hash(seed: u32) -> String {
    format!("{:08x}", seed.wrapping_mul(2_654_435_761)).repeat(8)
}

pub fn manifest(n: u32, family: Family, run: &str, f1: f64, at: &str) -> BundleManifest {
    let file = |name: &str| (name.to_owned(), FileHash { size: 41_000 + u64::from(n), sha256: hash(n) });
    BundleManifest {
        v: 1,
        name: NAME.to_owned(),
        version: n,
        digest: hash(n),
        family,
        params: params(&[("learning_rate", 0.1), ("max_depth", 6.0)]),
        threshold: 0.42,
        wish: Some(Wish::Recall(0.95)),
        labels: ["legitimate".to_owned(), "phishing".to_owned()],
        scores: scores(f1),
        data: Data {
            store: None,
            database: "netsec".to_owned(),
            collection: NAME.to_owned(),
            window: Default::default(),
            summary: DataSummary { rows: 10_000, vectors: 8_323, hash: hash(n), ..DataSummary::default() },
        },
        hashes: Hashes { data: hash(n + 10), schema: hash(7), settings: hash(8) },
        holdout: Holdout { salt: "netsec-1".to_owned(), share: 0.2 },
        seed: 1,
        judged: Judged { accepted_by: None, drifted: Some(false), reference: Some("run 5be0c4aa0001".to_owned()) },
        run: run.to_owned(),
        trained: made("user", at),
        registered: made("user", at),
        netsec: "0.1.0".to_owned(),
        files: ["model.json", "preprocessor.json", "reference.parquet"].map(file).into_iter().collect(),
    }
}

pub fn entry(n: u32, action: Action, version: u32, alias: Option<&str>, user: &str, at: &str, reason: &str) -> Entry {
    Entry {
        v: 1,
        n,
        id: format!("{n:032x}"),
        action,
        version,
        alias: alias.map(str::to_owned),
        previous: None,
        user: user.to_owned(),
        host: "ip-10-0-1-7".to_owned(),
        at: format!("{at}:00.000Z"),
        reason: reason.to_owned(),
        run: RUN.to_owned(),
        digest: hash(version),
        manifest: hash(version + 20),
        before: if n == 1 { String::new() } else { hash(n + 30) },
        gate: None,
        overridden: None,
    }
}

fn bounded(value: f64, lower: f64, upper: f64) -> Bounded {
    Bounded { value, lower, upper, p_worse: 0.2, p_better: 0.6 }
}

fn checks(fit: bool) -> Vec<Check> {
    let check = |name: &str, passed, detail: &str| Check { name: name.to_owned(), passed, detail: detail.to_owned() };
    vec![
        check("recall", true, ".936, at least .85"),
        check("f1", true, ".940, at least .85"),
        check("calibration", fit, if fit { ".012, at most .05" } else { ".081, at most .05" }),
        check("drift", true, "no data set drift at training"),
        check("validation", fit, if fit { "passed" } else { "failed, accepted by user" }),
    ]
}

pub fn gate(outcome: Outcome) -> Gate {
    let (recall, f1, sentence) = match outcome {
        Outcome::First => (
            None,
            None,
            "First: there is no champion, and recall .936, F1 .940 and precision .944 are as high as asked, on 1,139 vectors that it was not trained on, 498 of them phishing.",
        ),
        Outcome::Better => (
            Some(bounded(0.024, 0.008, 0.041)),
            Some(bounded(0.012, -0.002, 0.027)),
            "Better: recall +.024 (above +.008 with 95 % confidence) on 1,139 vectors that neither was trained on, 498 of them phishing.",
        ),
        Outcome::NotDistinguishable => (
            Some(bounded(0.006, -0.007, 0.019)),
            Some(bounded(0.004, -0.006, 0.014)),
            "Not distinguishable: chance explains recall +.006 (-.007 to +.019) and F1 +.004 (-.006 to +.014) on 1,139 vectors that neither was trained on, 498 of them phishing.",
        ),
        Outcome::Worse => (
            Some(bounded(-0.031, -0.048, -0.014)),
            Some(bounded(-0.018, -0.033, -0.004)),
            "Worse: recall -.031 (below -.014) and F1 -.018 (below -.004), with 95 % confidence, on 1,139 vectors that neither was trained on, 498 of them phishing.",
        ),
        Outcome::TooLittleData => (
            Some(bounded(0.02, -0.31, 0.35)),
            None,
            "Too little data: 12 phishing vectors that neither was trained on, at least 200 are needed to tell; 26 vectors left out, which one of the two may have been.",
        ),
        Outcome::Unfit => (
            Some(bounded(0.006, -0.007, 0.019)),
            Some(bounded(0.004, -0.006, 0.014)),
            "Unfit: it does not pass the checks of calibration (.081, at most .05) and validation (failed, accepted by user).",
        ),
    };
    let few = outcome == Outcome::TooLittleData;
    Gate {
        outcome,
        sentence: sentence.to_owned(),
        champion: (outcome != Outcome::First).then_some(4),
        recall,
        f1,
        vectors: if few { 31 } else { 1_139 },
        positive_vectors: if few { 12 } else { 498 },
        left_out: 26,
        checks: checks(outcome != Outcome::Unfit),
    }
}

pub fn judgement(challenger: &Challenger, alias: &str, outcome: Outcome) -> Judgement {
    let (run, family, version) = match challenger {
        Challenger::Run(run, family) => (run.clone(), family.unwrap_or(Family::GradientBoosting), None),
        Challenger::Version(n) => ("9c01d2aa0002".to_owned(), Family::RandomForest, Some(*n)),
    };
    let subject = Subject { run, family, version, scores: scores(0.92) };
    let gate = gate(outcome);
    Judgement { name: NAME.to_owned(), alias: alias.to_owned(), subject, champion: gate.champion, gate }
}

/// What happened: the newest entry promotes v4, to which a rollback would lead back from nothing else than v2.
fn ledger() -> Ledger {
    use Action::{Annotate, Promote, Register, Retire, Rollback};
    let production = Some(PRODUCTION);
    let mut entries = vec![
        entry(1, Register, 1, None, "user-a", "2026-09-30 08:02", "first model"),
        entry(2, Promote, 1, production, "user-a", "2026-09-30 08:03", "first model"),
        entry(3, Register, 2, None, "user-b", "2026-10-14 15:20", "monthly retrain"),
        entry(4, Promote, 2, production, "user-b", "2026-10-14 15:21", "monthly retrain"),
        entry(5, Retire, 1, None, "user-b", "2026-10-15 09:00", "its data had duplicates"),
        entry(6, Register, 3, None, "user-a", "2026-11-02 10:40", "deeper trees"),
        entry(7, Promote, 3, production, "user-a", "2026-11-02 10:41", "deeper trees"),
        entry(8, Rollback, 2, production, "user-b", "2026-11-03 17:40", "false alarms on the payment pages"),
        entry(9, Annotate, 3, None, "user-b", "2026-11-04 09:15", "see ticket 4711"),
        entry(10, Register, 4, None, "user", "2026-11-18 09:10", "monthly retrain"),
        entry(11, Promote, 4, production, "user", "2026-11-18 09:12", "monthly retrain"),
        entry(12, Register, 5, None, "user", "2026-11-18 11:30", "random forest, for comparison"),
        entry(13, Promote, 5, Some("staging"), "user", "2026-11-18 11:31", "to be watched for a week"),
    ];
    entries.iter_mut().for_each(|entry| entry.at = entry.at.replace(' ', "T"));
    for (n, before) in [(4, 1), (7, 2), (8, 3), (11, 2)] {
        entries[n - 1].previous = Some(before);
    }
    entries[6].gate = Some(gate(Outcome::Worse));
    entries[6].overridden = Some("the recall is measured on old pages; the new ones matter more".to_owned());
    entries[10].gate = Some(gate(Outcome::Better));
    Ledger { entries, head: hash(99) }
}

pub fn overview() -> Overview {
    let ledger = ledger();
    let family = [Family::DecisionTree, Family::RandomForest, Family::AdaBoost, Family::GradientBoosting];
    let runs = ["aa12beaa0003", "5be0c4aa0001", "c0ffee00beef", RUN, "9c01d2aa0002"];
    let version = |n: u32| {
        let at = ledger.registration(n).map(|entry| entry.at.clone()).unwrap_or_default();
        let family = family.get(n as usize - 1).copied().unwrap_or(Family::RandomForest);
        let manifest = match n {
            3 => Err("versions/3/manifest.yaml: bundle format 2; this netsec reads format 1".to_owned()),
            n => Ok(manifest(n, family, runs[n as usize - 1], 0.91 + 0.0074 * f64::from(n), &at)),
        };
        let aliases = ledger.aliases_of(n).into_iter().map(str::to_owned).collect();
        Version { n, manifest, aliases, retired: ledger.retirement(n).map(|entry| entry.reason.clone()) }
    };
    Overview {
        name: NAME.to_owned(),
        place: "/srv/netsec/registry".to_owned(),
        at: "2026-11-18T14:02:41.000Z".to_owned(),
        versions: (1..=5).rev().map(version).collect(),
        unfinished: vec![(6, made("user-b", "2026-11-18T13:58:00.000Z"))],
        ledger,
        stale: Vec::new(),
    }
}

pub fn empty() -> Overview {
    Overview { versions: Vec::new(), unfinished: Vec::new(), ledger: Ledger::default(), ..overview() }
}

pub fn promoted(alias: &str, reason: &str) -> Changed {
    let entry = Entry {
        previous: Some(4),
        gate: Some(gate(Outcome::NotDistinguishable)),
        ..entry(14, Action::Promote, 6, Some(alias), "user", "2026-11-18T14:02", reason)
    };
    let notes = vec!["v6 was registered on the way".to_owned()];
    Changed::Moved(Box::new(Promoted { version: 6, entry, already: false, notes }))
}

pub fn rolled_back(alias: &str, to: u32, reason: &str) -> Changed {
    let entry = entry(14, Action::Rollback, to, Some(alias), "user", "2026-11-18T14:02", reason);
    Changed::Moved(Box::new(Promoted { version: to, entry, already: false, notes: Vec::new() }))
}

pub fn noted(action: Action, version: u32, reason: &str) -> Changed {
    Changed::Noted(Box::new(entry(14, action, version, None, "user", "2026-11-18T14:02", reason)))
}

pub fn checked(problems: bool) -> Verified {
    let all = [
        "v2: the content of model.json is not what was registered",
        "v3: versions/3/manifest.yaml: bundle format 2; this netsec reads format 1",
    ];
    Verified {
        versions: 5,
        objects: 29,
        entries: 13,
        stale: Vec::new(),
        problems: all.iter().filter(|_| problems).map(|text| (*text).to_owned()).collect(),
        leftovers: vec!["v6: never completed (1 object, begun by user-b@ip-10-0-1-7 on 2026-11-18)".to_owned()],
    }
}

/// What is told to whoever comes second.
pub fn conflict() -> crate::console::load::Notice {
    let cause = std::io::Error::other("412 Precondition Failed");
    netsec::Error::user("ledger entry 000014 was written meanwhile: user-b@ip-10-0-1-9 promoted v6 to production")
        .hint("look at it, and ask the gate again: it may be better than yours")
        .caused_by(cause)
        .into()
}

/// What is told while the registry is away.
pub fn unreachable() -> crate::console::load::Notice {
    netsec::Error::remote("s3://models/netsec does not answer: connection refused")
        .hint("is the network up? netsec-tui models tries it from the shell")
        .into()
}
