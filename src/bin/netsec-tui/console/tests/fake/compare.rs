//! A made-up comparison.

use super::{RUN, params, report};
use crate::console::msg::runs::Entrant;
use netsec::compare::{Comparison, Curves, Difference, Holdout, Profile, Search, Several, Side, TrialScore, Verdict};
use netsec::event::{Family, TestScores};
use netsec::metrics::{Agreement, PairedDifference, RocPoint};

fn difference(what: &str, base: &str, new: &str, change: Option<&str>) -> Difference {
    Difference { what: what.to_owned(), base: base.to_owned(), new: new.to_owned(), change: change.map(str::to_owned) }
}

/// The family of the nth model: the first two are of one.
fn family(nth: usize) -> Family {
    [Family::GradientBoosting, Family::GradientBoosting, Family::RandomForest, Family::LogisticRegression][nth % 4]
}

fn test(nth: usize) -> TestScores {
    let f1 = 0.943 + 0.004 * nth as f64 - 0.02 * (nth / 2) as f64;
    TestScores {
        precision_ci: Some([f1 - 0.009, f1 + 0.016]),
        recall_ci: Some([f1 - 0.018, f1 + 0.009]),
        ..super::report::test_scores(f1)
    }
}

fn search(family: Family, nth: usize) -> Search {
    let trial = |i: u32| {
        let rate: f64 = [0.02, 0.05, 0.1, 0.2][(i / 4) as usize % 4];
        let depth = f64::from(2 + i % 4);
        let f1 = 0.91 + 0.006 * depth - (rate - 0.06).abs() * 0.12 + 0.002 * nth as f64 - f64::from(i % 5) * 0.001;
        let own = [("learning_rate", rate), ("max_depth", depth), ("n_estimators", 256.0), ("subsample", 0.8)];
        TrialScore { trial: i, params: params(&own), f1, sd: 0.006, folds: if i % 7 == 6 { 1 } else { 3 } }
    };
    let trials: Vec<TrialScore> = (0..if nth == 0 { 8 } else { 16 }).map(trial).collect();
    let whole = trials.iter().filter(|t| t.folds == 3);
    let best = whole.max_by(|a, b| a.f1.total_cmp(&b.f1)).map(|t| t.trial);
    Search { family, trials, best }
}

fn curves(nth: usize, empty: bool) -> Curves {
    let mut curve = report().models[0].curve.clone();
    curve.iter_mut().for_each(|p| p.precision -= 0.012 * nth as f64 * p.recall.powi(8));
    let power = 0.055 + 0.03 * nth as f64;
    let roc = |i: u32| {
        let x = (f64::from(i) / 100.0).powi(2);
        RocPoint {
            threshold: (i > 0).then(|| 1.0 - x.powf(0.3)),
            false_positive_rate: x,
            true_positive_rate: x.powf(power),
        }
    };
    let scores = (0..20u64).map(|i| [1_100 / (i * i + 1) + i % 3, 850 / ((19 - i) * (19 - i) + 1) + nth as u64]);
    Curves {
        roc: if empty { Vec::new() } else { (0..=100).map(roc).collect() },
        precision_recall: if empty { Vec::new() } else { curve },
        scores: scores.collect(),
        searches: vec![search(family(nth), nth), search(Family::DecisionTree, nth)],
    }
}

fn pair(entrants: &[Entrant], nth: usize) -> Comparison {
    let side = |nth: usize| Side { run: entrants[nth].0.clone(), family: family(nth), test: test(nth) };
    let verdict = [Verdict::NotDistinguishable, Verdict::Worse, Verdict::Better][(nth - 1) % 3];
    let of = |value: f64| PairedDifference { value, interval: [value - 0.010, value + 0.010] };
    let (f1, recall) = match verdict {
        Verdict::NotDistinguishable => (of(0.004), of(0.006)),
        Verdict::Worse => (of(-0.012), of(-0.031)),
        Verdict::Better => (of(0.021), of(0.003)),
    };
    let (headline, sentence) = match verdict {
        Verdict::NotDistinguishable => (
            "Not distinguishable: F1 +.004 (-.006 to +.014), recall +.006 (-.004 to +.016)",
            "On 1,139 vectors that neither was trained on, chance explains the difference in F1: its interval includes \
             0, and nothing here says that either is the better one.",
        ),
        _ => (
            "Worse: F1 -.012 (-.022 to -.002), recall -.031 (-.041 to -.021)",
            "On 1,139 vectors that neither was trained on, the base has a higher F1, by more than chance explains: by \
             .002 at least, with 95 % confidence.",
        ),
    };
    Comparison {
        base: side(0),
        new: side(nth),
        holdout: holdout(),
        verdict,
        headline: headline.to_owned(),
        sentence: sentence.to_owned(),
        f1,
        recall,
        errors: Agreement { both_right: 1_049, only_base: 21, only_new: 27, both_wrong: 42, ties: 3, p_value: 0.471 },
        differences: vec![
            difference("space", "quick", "thorough", None),
            difference("trials", "8", "96", Some("+88")),
            difference("GB learning_rate", ".1", ".05", Some("-.05")),
            difference("GB max_depth", "3", "6", Some("+3")),
            difference("test F1", ".943 [.931 .955]", ".947 [.935 .958]", Some("+.004")),
            difference("fit time", "0m 04s", "1m 03s", Some("x 15.8")),
        ],
        same: vec![difference("seed", "1", "1", None), difference("rows", "8,323", "8,323", None)],
        notes: vec!["a note\u{1b}[2J on what to know".to_owned()],
    }
}

fn holdout() -> Holdout {
    Holdout { same_data: true, same_holdout: true, vectors: 1_139, rows: 1_916, left_out: 0 }
}

/// Models of these runs held against the first of them.
pub fn several(entrants: &[Entrant]) -> Several {
    let profile = |(nth, (run, _)): (usize, &Entrant)| {
        let mut importance = report().models[0].importance.clone();
        importance.iter_mut().enumerate().for_each(|(i, f)| f.mean *= 1.0 - 0.1 * ((i * nth) % 4) as f64);
        Profile { run: run.clone(), family: family(nth), test: test(nth), importance, curves: Some(curves(nth, false)) }
    };
    let mut all = Several {
        pairs: (1..entrants.len()).map(|nth| pair(entrants, nth)).collect(),
        models: entrants.iter().enumerate().map(profile).collect(),
        holdout: holdout(),
        positive: "phishing".to_owned(),
        negative: "legitimate".to_owned(),
        notes: Vec::new(),
    };
    if entrants.len() > 2 {
        let n = all.pairs.len();
        all.notes
            .push(format!("{n} comparisons at 95 %: about one in 20 of equal models is told apart by chance alone"));
    }
    all
}

/// Two runs with nothing in common that neither has seen, of a version that measured no importance.
pub fn nothing() -> Several {
    let mut all = several(&[("5be0c4aa0001".to_owned(), None), (RUN.to_owned(), None)]);
    let pair = &mut all.pairs[0];
    pair.holdout = Holdout { same_data: false, same_holdout: false, vectors: 0, rows: 0, left_out: 2_278 };
    pair.headline = "Not distinguishable: there is no vector that neither model was trained on".to_owned();
    pair.sentence = "Nothing can be said of them: train both with one salt, and compare again.".to_owned();
    pair.differences.clear();
    all.holdout = pair.holdout.clone();
    for (nth, model) in all.models.iter_mut().enumerate() {
        let mut none = curves(nth, true);
        (none.scores, none.searches) = (Vec::new(), Vec::new());
        (model.curves, model.importance) = (Some(none), Vec::new());
        model.test.reliability.clear();
    }
    all
}
