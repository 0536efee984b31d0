use crate::dataset::Dataset;
use crate::event::Family;
use crate::model::Scratch;
use crate::model::tests::{bytes, close, coded, fit, fixture, floats, irregular};
use serde_json::json;

#[test]
fn probabilities_are_those_of_scikit_learn() {
    let mut checked = 0;
    for case in fixture(include_str!("../../../tests/fixtures/naive_bayes.json")) {
        let weight = case["class_weight"].as_array().map(|w| [w[0].as_f64().unwrap(), w[1].as_f64().unwrap()]);
        let data = Dataset { class_weight: weight, ..coded(&case) };
        let model = fit(Family::NaiveBayes, json!({"alpha": case["alpha"]}), &data);
        let query = case["query"].as_array().unwrap().iter().map(bytes);
        for (codes, theirs) in query.zip(floats(&case["proba"])) {
            let row = crate::dataset::Row { codes: &codes, numbers: &[] };
            close(
                model.probability(row, &mut Scratch::default()),
                theirs,
                1e-9,
                &format!("{} {codes:?}", case["name"]),
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 75);
}

#[test]
fn a_level_that_no_row_has_says_something_of_the_classes_only() {
    let mut data = irregular(200, 21);
    let model = |data: &Dataset| fit(Family::NaiveBayes, json!({"alpha": 1.0}), data);
    data.levels[0] = 3;
    let mut codes = data.row(0).codes.to_vec();
    codes[0] = 2;
    let row = crate::dataset::Row { codes: &codes, numbers: &[] };
    assert!((0.0..=1.0).contains(&model(&data).probability(row, &mut Scratch::default())));
    // All of alpha / (rows + 3 alpha) by class: the more rows a class has, the less likely is what it never showed.
    let rows = |label: u8| (0..data.len()).filter(|i| data.label[*i] == label).map(|i| data.weight[i]).sum::<f64>();
    let expected = (rows(0) + 3.0) / (rows(1) + 3.0);
    let odds = |p: f64| p / (1.0 - p);
    // A feature of one level says nothing: the rest of the answer is what the other features say.
    let mut rest = data.clone();
    rest.levels[0] = 1;
    for i in 0..rest.len() {
        rest.codes[i * rest.levels.len()] = 0;
    }
    codes[0] = 0;
    let others = model(&rest).probability(crate::dataset::Row { codes: &codes, numbers: &[] }, &mut Scratch::default());
    codes[0] = 2;
    let whole = model(&data).probability(crate::dataset::Row { codes: &codes, numbers: &[] }, &mut Scratch::default());
    close(odds(whole) / odds(others), expected, 1e-9, "odds");
}

#[test]
fn alpha_must_be_above_zero() {
    for alpha in [json!(0), json!(-1.0), json!(null)] {
        assert!(
            crate::model::check_params(Family::NaiveBayes, &crate::model::tests::params(json!({"alpha": alpha})))
                .is_err()
        );
    }
}
