use super::*;
use crate::event::ReliabilityBin;
use crate::metrics::test_scores;
use crate::random::Stream;
use proptest::prelude::*;

fn policy() -> Policy {
    Policy { resamples: 400, positive_vectors: 20, ..Policy::default() }
}

/// Scores of a model that is right on 95 of 100 rows of either class, and sure of .95.
fn good() -> TestScores {
    let counts = [[5, 95], [95, 5]];
    test_scores(&counts, &[0.95, 0.05], 0.5, 1, 10)
}

fn challenger(scores: &TestScores) -> Challenger<'_> {
    Challenger { scores, vectors: 870, positive_vectors: 455, accepted_by: None, drift: Drift::Steady }
}

/// Vectors by turns positive and negative; each model is wrong on its own first ones.
fn models(vectors: usize, wrong: [usize; 2]) -> (Vec<[u32; 2]>, [Vec<bool>; 2]) {
    let counts: Vec<[u32; 2]> = (0..vectors).map(|i| if i % 2 == 0 { [0, 2] } else { [1, 0] }).collect();
    let verdicts = wrong.map(|wrong| (0..vectors).map(|i| (i % 2 == 0) == (i >= wrong)).collect());
    (counts, verdicts)
}

fn against(policy: &Policy, challenger: &Challenger<'_>, vectors: usize, wrong: [usize; 2]) -> Gate {
    let (counts, [champion, new]) = models(vectors, wrong);
    let rival = Rival { version: 4, counts: &counts, champion: &champion, challenger: &new, left_out: 3 };
    judge(policy, "phishing", challenger, Some(&rival))
}

fn check<'a>(gate: &'a Gate, name: &str) -> &'a Check {
    gate.checks.iter().find(|check| check.name == name).unwrap()
}

#[test]
fn a_first_champion_passes_on_the_minimum_scores() {
    let scores = good();
    let gate = judge(&policy(), "phishing", &challenger(&scores), None);
    assert_eq!((gate.outcome, gate.passes(), gate.champion), (Outcome::First, true, None));
    assert_eq!((gate.recall, gate.f1, gate.vectors, gate.positive_vectors), (None, None, 870, 455));
    assert_eq!(
        gate.sentence,
        "First: there is no champion, and recall .950, F1 .950 and precision .950 are as high as asked, on 870 vectors \
         that it was not trained on, 455 of them phishing."
    );
    let names: Vec<&str> = gate.checks.iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["recall", "f1", "precision", "calibration", "drift", "validation"]);
    let few = Challenger { positive_vectors: 19, ..challenger(&scores) };
    let gate = judge(&policy(), "phishing", &few, None);
    assert_eq!((gate.outcome, gate.passes()), (Outcome::TooLittleData, false));
    assert_eq!(
        gate.sentence,
        "Too little data: 19 phishing vectors that it was not trained on, at least 20 are needed to tell."
    );
}

#[test]
fn what_the_challenger_lacks_by_itself_makes_it_unfit() {
    let poor = TestScores { recall: 0.8, f1: 0.87, ..good() };
    let gate = judge(&policy(), "phishing", &challenger(&poor), None);
    assert_eq!((gate.outcome, gate.passes()), (Outcome::Unfit, false));
    assert_eq!(
        gate.sentence,
        "Unfit: it does not pass the checks of recall (.800, at least .850 is asked) and F1 (.870, at least .880 is asked)."
    );
    let judged = |scores: TestScores, accepted_by: Option<&str>, drift: Drift, policy: &Policy| {
        let challenger = Challenger { accepted_by, drift, ..challenger(&scores) };
        judge(policy, "phishing", &challenger, None)
    };
    let gate = judged(good(), Some("jane"), Drift::Drifted, &policy());
    let failed: Vec<&str> = gate.checks.iter().filter(|c| !c.passed).map(|c| c.name.as_str()).collect();
    assert_eq!((gate.outcome, failed), (Outcome::Unfit, vec!["drift", "validation"]));
    assert_eq!(check(&gate, "validation").detail, "its rows failed, and jane accepted them");
    let lenient = Policy { refuse_drift: false, refuse_override: false, ..policy() };
    let gate = judged(good(), Some("jane"), Drift::Drifted, &lenient);
    assert_eq!(gate.outcome, Outcome::First);
    assert!(check(&gate, "drift").detail.ends_with("which is allowed"), "{gate:?}");
    for drift in [Drift::None, Drift::Steady, Drift::Undecided] {
        assert!(judged(good(), None, drift, &policy()).passes(), "{drift:?}");
    }
    let unsure = TestScores { ece: 0.081, ..good() };
    let gate = judged(unsure, None, Drift::None, &policy());
    assert_eq!(check(&gate, "calibration").detail, "off by .081, at most .080 is asked");
    let older = TestScores { reliability: Vec::<ReliabilityBin>::new(), ..good() };
    assert_eq!(judged(older, None, Drift::None, &policy()).outcome, Outcome::Unfit);
    let close = TestScores { recall: 0.84996, ..good() };
    let gate = judged(close, None, Drift::None, &policy());
    assert_eq!(check(&gate, "recall").detail, ".84996, at least .85000 is asked");
}

#[test]
fn a_difference_beyond_chance_decides_and_is_told() {
    let scores = good();
    let gate = against(&policy(), &challenger(&scores), 400, [10, 50]);
    assert_eq!((gate.outcome, gate.passes(), gate.champion), (Outcome::Worse, false, Some(4)));
    assert_eq!((gate.vectors, gate.positive_vectors, gate.left_out), (400, 200, 3));
    let [recall, f1] = [gate.recall.unwrap(), gate.f1.unwrap()];
    assert!(recall.upper < 0.0 && f1.upper < 0.0);
    use crate::form::signed;
    assert_eq!(
        gate.sentence,
        format!(
            "Worse: recall {} (below {}) and F1 {} (below {}), with 95 % confidence, on 400 vectors that neither was \
             trained on, 200 of them phishing.",
            signed(recall.value),
            signed(recall.upper),
            signed(f1.value),
            signed(f1.upper)
        )
    );
    let gate = against(&policy(), &challenger(&scores), 400, [50, 10]);
    assert_eq!((gate.outcome, gate.passes()), (Outcome::Better, true));
    assert!(gate.sentence.starts_with("Better: recall +.") && gate.sentence.contains("(above +."), "{}", gate.sentence);
    let gate = against(&policy(), &challenger(&scores), 400, [20, 22]);
    assert_eq!((gate.outcome, gate.passes()), (Outcome::NotDistinguishable, true));
    assert!(gate.sentence.starts_with("Not distinguishable: chance explains recall -.005 (-."), "{}", gate.sentence);
    let gate = against(&policy(), &challenger(&scores), 400, [20, 20]);
    assert_eq!(
        gate.sentence,
        "Not distinguishable: both give the same verdict on all of 400 vectors that neither was trained on, 200 of them \
         phishing."
    );
}

#[test]
fn worse_is_said_before_unfit_and_that_before_too_little_data() {
    let poor = TestScores { recall: 0.8, ..good() };
    let gate = against(&policy(), &challenger(&poor), 400, [10, 50]);
    assert_eq!(gate.outcome, Outcome::Worse);
    let end = "phishing; nor does it pass the checks of recall (.800, at least .850 is asked).";
    assert!(gate.sentence.ends_with(end), "{}", gate.sentence);
    for wrong in [[10, 10], [50, 10]] {
        assert_eq!(against(&policy(), &challenger(&poor), 400, wrong).outcome, Outcome::Unfit);
    }
    assert_eq!(against(&policy(), &challenger(&poor), 30, [0, 20]).outcome, Outcome::Unfit);
    let scores = good();
    let gate = against(&policy(), &challenger(&scores), 30, [0, 20]);
    assert_eq!(gate.outcome, Outcome::TooLittleData);
    assert!(gate.recall.unwrap().upper < 0.0, "what was found is told all the same");
    assert_eq!(
        gate.sentence,
        "Too little data: 15 phishing vectors that neither was trained on, at least 20 are needed to tell; 3 vectors left \
         out, which one of the two may have been."
    );
    let gate = against(&policy(), &challenger(&scores), 0, [0, 0]);
    assert_eq!((gate.outcome, gate.recall, gate.f1), (Outcome::TooLittleData, None, None));
}

#[test]
fn one_score_is_told_with_its_own_bound() {
    // All alarms on negative rows are the challenger's: recall is the same, F1 is not.
    let counts: Vec<[u32; 2]> = (0..400).map(|i| if i % 2 == 0 { [0, 1] } else { [1, 0] }).collect();
    let champion: Vec<bool> = (0..400).map(|i| i % 2 == 0).collect();
    let new: Vec<bool> = (0..400).map(|i| i % 2 == 0 || i < 60).collect();
    let rival = Rival { version: 1, counts: &counts, champion: &champion, challenger: &new, left_out: 0 };
    let scores = good();
    let gate = judge(&policy(), "phishing", &challenger(&scores), Some(&rival));
    assert_eq!(gate.outcome, Outcome::Worse);
    assert!(gate.recall.unwrap().upper > 0.0);
    let upper = crate::form::signed(gate.f1.unwrap().upper);
    let start = format!("Worse: F1 -.070 (below {upper} with 95 % confidence) on 400 vectors");
    assert!(gate.sentence.starts_with(&start), "{}", gate.sentence);
}

fn any_gate(vectors: usize, seed: u64, level: f64, exchange: bool) -> Gate {
    let mut stream = Stream::new(seed, &["any gate"]);
    let counts: Vec<[u32; 2]> = (0..vectors).map(|_| [0, 1].map(|_| stream.below(4) as u32)).collect();
    let skill = [stream.unit(), stream.unit()];
    let mut verdicts =
        skill.map(|skill| counts.iter().map(|n| (n[1] > n[0]) == (stream.unit() < skill)).collect::<Vec<bool>>());
    if exchange {
        verdicts.swap(0, 1);
    }
    let [champion, challenger] = &verdicts;
    let rival = Rival { version: 1, counts: &counts, champion, challenger, left_out: 0 };
    let (scores, policy) = (good(), Policy { level, positive_vectors: 5, ..policy() });
    judge(&policy, "phishing", &self::challenger(&scores), Some(&rival))
}

proptest! {
    #[test]
    fn exchanged_models_have_the_opposite_outcome(vectors in 0usize..120, seed: u64) {
        let [one, other] = [false, true].map(|exchange| any_gate(vectors, seed, 0.05, exchange));
        // One that is lower in one score and higher in the other is worse either way.
        match (one.outcome, other.outcome) {
            (Outcome::Worse, Outcome::Worse | Outcome::Better) | (Outcome::Better, Outcome::Worse) => {}
            (one, other) => prop_assert_eq!(one, other),
        }
        for (one, other) in [(one.f1, other.f1), (one.recall, other.recall)] {
            prop_assert_eq!(one.map(|of| (of.lower, of.upper)), other.map(|of| (-of.upper, -of.lower)));
        }
    }

    #[test]
    fn what_is_worse_at_one_level_is_worse_at_any_larger_one(vectors in 10usize..120, seed: u64, a in 0.01..0.2, b in 0.01..0.2) {
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        if any_gate(vectors, seed, low, false).outcome == Outcome::Worse {
            prop_assert_eq!(any_gate(vectors, seed, high, false).outcome, Outcome::Worse);
        }
    }

    #[test]
    fn a_gate_is_the_same_after_it_was_written(vectors in 0usize..60, seed: u64) {
        let gate = any_gate(vectors, seed, 0.05, false);
        let json = serde_json::to_string(&gate).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Gate>(&json).unwrap(), &gate);
        let yaml = serde_yaml::to_string(&gate).unwrap();
        prop_assert_eq!(&serde_yaml::from_str::<Gate>(&yaml).unwrap(), &gate);
    }
}
