use super::*;
use serde_json::{Value, json};
use smartcore::linalg::basic::matrix::DenseMatrix;

pub(super) fn params(value: Value) -> Params {
    Params(value.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.clone())).collect())
}

pub(super) fn fit(family: Family, p: Value, data: &Dataset) -> Model {
    let stop = AtomicBool::new(false);
    let control = Fit { seed: 1, purpose: "test", stop: &stop, progress: &|_, _, _| {} };
    Model::fit(family, &params(p), data, &control).unwrap()
}

pub(super) fn fixture(text: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(text).unwrap()["cases"].as_array().unwrap().clone()
}

pub(super) fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as u8).collect()
}

/// Rows of codes.
pub(super) fn coded(case: &Value) -> Dataset {
    let levels: Vec<u16> = bytes(&case["levels"]).into_iter().map(u16::from).collect();
    Dataset {
        numeric: vec![false; levels.len()],
        levels,
        codes: case["x"].as_array().unwrap().iter().flat_map(bytes).collect(),
        numbers: Vec::new(),
        label: bytes(&case["y"]),
        weight: floats(&case["w"]),
        class_weight: None,
    }
}

/// Rows of numbers.
fn numeric(x: &Value, y: &Value, w: &Value) -> Dataset {
    let rows: Vec<Vec<f64>> = x.as_array().unwrap().iter().map(floats).collect();
    let width = rows[0].len();
    Dataset {
        levels: vec![1; width],
        numeric: vec![true; width],
        codes: vec![0; width * rows.len()],
        numbers: rows.concat(),
        label: bytes(y),
        weight: floats(w),
        class_weight: None,
    }
}

pub(super) fn close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    assert!((ours - theirs).abs() <= tolerance, "{what}: {ours} where {theirs} is expected");
}

#[test]
fn trees_and_boosting_are_those_of_scikit_learn() {
    let mut checked = 0;
    for case in fixture(include_str!("../../tests/fixtures/trees.json")) {
        let data = coded(&case);
        for model in case["models"].as_array().unwrap() {
            let family: Family = model["model"].as_str().unwrap().parse().unwrap();
            let ours = fit(family, model["params"].clone(), &data);
            // Down to the last rows, several features part them equally well: there only the answer is unique.
            if model["params"].get("max_depth").is_none_or(|depth| depth.is_number()) {
                for (f, (ours, theirs)) in ours.gain().unwrap().iter().zip(floats(&model["gain"])).enumerate() {
                    close(*ours, theirs, 1e-9, &format!("{} {} gain of {f}", case["name"], model["params"]));
                }
            }
            for (i, theirs) in floats(&model["proba"]).into_iter().enumerate() {
                close(
                    ours.probability(data.row(i), &mut Scratch::default()),
                    theirs,
                    1e-9,
                    &format!("{} {} row {i}", case["name"], model["params"]),
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 1_000);
}

#[test]
fn logistic_regression_is_that_of_scikit_learn() {
    for case in fixture(include_str!("../../tests/fixtures/logistic.json")) {
        let data = numeric(&case["x"], &case["y"], &case["w"]);
        let Model::LogisticRegression(model) = fit(Family::LogisticRegression, json!({"C": case["C"]}), &data) else {
            panic!()
        };
        let (intercept, coefficients) = model.weights();
        close(intercept, case["intercept"].as_f64().unwrap(), 1e-6, "intercept");
        for (ours, theirs) in coefficients.iter().zip(floats(&case["coef"])) {
            close(*ours, theirs, 1e-6, "coefficient");
        }
        for (i, theirs) in floats(&case["proba"]).into_iter().enumerate() {
            close(model.probability(data.row(i)), theirs, 1e-6, "probability");
        }
    }
}

#[test]
fn neighbours_are_those_of_scikit_learn() {
    for case in fixture(include_str!("../../tests/fixtures/knn.json")) {
        let data = numeric(&case["x"], &case["y"], &case["w"]);
        let model = fit(Family::Knn, json!({"k": case["k"], "weights": case["weights"]}), &data);
        let query = numeric(&case["query"], &json!([]), &json!([]));
        for (i, theirs) in floats(&case["proba"]).into_iter().enumerate() {
            let width = query.width();
            let row = Row {
                codes: &query.codes[i * width..(i + 1) * width],
                numbers: &query.numbers[i * width..(i + 1) * width],
            };
            close(model.probability(row, &mut Scratch::default()), theirs, 1e-9, &format!("{} row {i}", case["name"]));
        }
    }
}

/// Irregular rows of 6 features with 2 to 4 levels.
pub(super) fn irregular(rows: usize, seed: u64) -> Dataset {
    let mut stream = crate::random::Stream::new(seed, &["test rows"]);
    let levels = vec![2u16, 3, 4, 2, 3, 4];
    let mut data = Dataset { numeric: vec![false; 6], levels: levels.clone(), ..Dataset::default() };
    for _ in 0..rows {
        let codes: Vec<u8> = levels.iter().map(|l| stream.below(*l as usize) as u8).collect();
        let score = f64::from(codes[0]) + f64::from(codes[1]) * 0.7 - f64::from(codes[2]) * 0.5 + stream.unit() * 1.5;
        data.codes.extend(codes);
        data.label.push(u8::from(score > 0.9));
        data.weight.push(1.0 + stream.below(3) as f64);
    }
    data
}

/// Every row as often as it was observed.
fn expanded(data: &Dataset) -> Dataset {
    let mut out = Dataset { codes: vec![], label: vec![], weight: vec![], ..data.clone() };
    for i in 0..data.len() {
        for _ in 0..data.weight[i] as usize {
            out.codes.extend_from_slice(data.row(i).codes);
            out.label.push(data.label[i]);
            out.weight.push(1.0);
        }
    }
    out
}

#[test]
fn a_row_of_weight_three_is_three_rows() {
    let data = irregular(150, 5);
    let rows = expanded(&data);
    for (family, p) in [
        (Family::LogisticRegression, json!({"C": 1.0})),
        (Family::Knn, json!({"k": 5, "weights": "distance"})),
        (Family::DecisionTree, json!({"criterion": "entropy", "min_samples_leaf": 3})),
        (Family::AdaBoost, json!({"n_estimators": 8, "learning_rate": 0.5, "max_depth": 2})),
        (Family::GradientBoosting, json!({"n_estimators": 10, "learning_rate": 0.2, "max_depth": 3})),
        (Family::NaiveBayes, json!({"alpha": 0.5})),
        (Family::Svm, json!({"kernel": "rbf", "C": 1.0})),
    ] {
        let (a, b) = (fit(family, p.clone(), &data), fit(family, p, &rows));
        for i in 0..data.len() {
            close(
                a.probability(data.row(i), &mut Scratch::default()),
                b.probability(data.row(i), &mut Scratch::default()),
                1e-9,
                &format!("{family} row {i}"),
            );
        }
    }
}

#[test]
fn thread_count_does_not_change_a_byte() {
    let data = irregular(400, 6);
    let p = json!({"n_estimators": 24, "max_features": "sqrt"});
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| serde_json::to_vec(&fit(Family::RandomForest, p.clone(), &data)).unwrap())
    };
    assert_eq!(on(1), on(4));
}

#[test]
fn a_class_weight_of_three_is_three_times_the_rows() {
    let data = Dataset { class_weight: Some([1.0, 3.0]), ..irregular(150, 11) };
    let mut rows = Dataset { class_weight: None, ..data.clone() };
    for (weight, label) in rows.weight.iter_mut().zip(&data.label) {
        *weight *= if *label == 1 { 3.0 } else { 1.0 };
    }
    for (family, p) in [
        (Family::LogisticRegression, json!({"C": 1.0})),
        (Family::DecisionTree, json!({"criterion": "entropy"})),
        (Family::DecisionTree, json!({"criterion": "gini", "max_depth": 4})),
        (Family::AdaBoost, json!({"n_estimators": 8, "learning_rate": 0.5, "max_depth": 2})),
        (Family::GradientBoosting, json!({"n_estimators": 10, "learning_rate": 0.2, "max_depth": 3})),
    ] {
        let (a, b) = (fit(family, p.clone(), &data), fit(family, p, &rows));
        for i in 0..data.len() {
            let mut scratch = Scratch::default();
            let (a, b) = (a.probability(data.row(i), &mut scratch), b.probability(data.row(i), &mut scratch));
            close(a, b, 1e-9, &format!("{family} row {i}"));
        }
    }
}

#[test]
fn resampling_is_a_parameter_of_every_family() {
    let data = irregular(300, 12);
    let weighted = fit(Family::DecisionTree, json!({"criterion": "gini", "resampling": "class_weights"}), &data);
    let rows: f64 = data.weight.iter().sum();
    let positive: f64 = data.weight.iter().zip(&data.label).map(|(w, l)| w * f64::from(*l)).sum();
    let by_hand =
        Dataset { class_weight: Some([rows / (2.0 * (rows - positive)), rows / (2.0 * positive)]), ..data.clone() };
    assert_eq!(weighted, fit(Family::DecisionTree, json!({"criterion": "gini"}), &by_hand));
    for how in ["none", "class_weights", "oversample", "undersample", "smote", "tomek_links", "smote_tomek"] {
        let p = params(json!({"C": 1.0, "resampling": how}));
        check_params(Family::LogisticRegression, &p).unwrap();
        assert_eq!(distorts(&p), how != "none");
    }
    assert!(check_params(Family::Knn, &params(json!({"k": 1, "weights": "uniform", "resampling": "x"}))).is_err());
}

#[test]
fn a_stage_is_a_fit_that_ends_there() {
    let data = irregular(200, 13);
    let rows = Encoded::new(data.levels.clone(), data.numeric.clone(), data.codes.clone(), Vec::new(), data.len());
    let stop = AtomicBool::new(false);
    let control = Fit { seed: 1, purpose: "test", stop: &stop, progress: &|_, _, _| {} };
    for (family, name, p) in [
        (Family::RandomForest, "n_estimators", json!({"max_features": "sqrt", "resampling": "class_weights"})),
        (Family::AdaBoost, "n_estimators", json!({"learning_rate": 0.5})),
        (Family::GradientBoosting, "n_estimators", json!({"learning_rate": 0.1, "max_depth": 3, "subsample": 0.7})),
        (Family::NeuralNetwork, "epochs", json!({"hidden": [6], "learning_rate": 0.01, "alpha": 0.01, "dropout": 0.1})),
    ] {
        assert_eq!(family.staged_by(), Some(name));
        let staged = Model::staged(family, &params(p.clone()), &[2, 5, 9], &data, &rows, &control).unwrap();
        for (stage, scores) in [2, 5, 9].into_iter().zip(staged) {
            let mut p = p.clone();
            p[name] = json!(stage);
            let model = fit(family, p, &data);
            assert_eq!(scores, model.probabilities(&rows), "{family} at {stage}");
            for (i, score) in scores.iter().enumerate() {
                close(*score, model.probability(data.row(i), &mut Scratch::default()), 1e-15, "one row");
            }
        }
    }
}

/// So many rows that large nodes are summed in pieces and their branches grown side by side.
#[test]
fn thread_count_does_not_change_a_byte_of_large_trees() {
    let mut data = irregular(80_000, 14);
    // A numeric feature of many bins, so that the trees are large too.
    let mut stream = crate::random::Stream::new(15, &["bins"]);
    data.levels.push(200);
    data.numeric.push(false);
    data.codes = data
        .codes
        .chunks(6)
        .flat_map(|c| c.iter().copied().chain([stream.below(200) as u8]).collect::<Vec<_>>())
        .collect();
    for (family, p) in [
        (Family::GradientBoosting, json!({"n_estimators": 3, "learning_rate": 0.3, "max_depth": 7, "subsample": 0.9})),
        (Family::DecisionTree, json!({"criterion": "entropy", "min_samples_leaf": 2})),
        (Family::LogisticRegression, json!({"C": 1.0})),
        (Family::Knn, json!({"k": 3, "weights": "uniform", "max_rows": 50})),
    ] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| serde_json::to_vec(&fit(family, p.clone(), &data)).unwrap())
        };
        assert!(on(1) == on(3), "{family}");
    }
    let model = fit(Family::Knn, json!({"k": 3, "weights": "uniform", "max_rows": 50}), &data);
    assert_eq!(model.kept(), Some([50, 80_000]));
}

/// A tree from a large data set is the one that a small one with the same shares gives.
#[test]
fn large_nodes_split_as_small_ones_do() {
    let small = irregular(3_000, 16);
    let large = Dataset {
        codes: small.codes.repeat(30),
        label: small.label.repeat(30),
        weight: small.weight.repeat(30),
        ..small.clone()
    };
    for p in [json!({"criterion": "gini", "max_depth": 9}), json!({"criterion": "entropy"})] {
        let (a, b) = (fit(Family::DecisionTree, p.clone(), &small), fit(Family::DecisionTree, p, &large));
        for i in 0..small.len() {
            let mut scratch = Scratch::default();
            let (a, b) = (a.probability(small.row(i), &mut scratch), b.probability(small.row(i), &mut scratch));
            close(a, b, 1e-12, &format!("row {i}"));
        }
    }
}

#[test]
fn models_survive_their_file() {
    let data = irregular(200, 7);
    for (family, p) in [
        (Family::LogisticRegression, json!({"C": 1.0})),
        (Family::Knn, json!({"k": 3, "weights": "uniform"})),
        (Family::DecisionTree, json!({"criterion": "gini"})),
        (Family::RandomForest, json!({"n_estimators": 5, "max_features": 0.5})),
        (Family::AdaBoost, json!({"n_estimators": 5, "learning_rate": 1.0})),
        (Family::GradientBoosting, json!({"n_estimators": 5, "learning_rate": 0.1, "max_depth": 2, "subsample": 0.7})),
        (Family::NaiveBayes, json!({"alpha": 1.0})),
        (Family::Svm, json!({"kernel": "rbf", "C": 1.0, "gamma": "scale"})),
    ] {
        let file = ModelFile::new(params(p.clone()), None, fit(family, p, &data));
        let text = serde_json::to_string(&file).unwrap();
        assert_eq!(serde_json::from_str::<ModelFile>(&text).unwrap(), file, "{family}");
    }
}

#[test]
fn a_newer_model_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.json");
    std::fs::write(&path, r#"{"v": 4, "shape": "unknown"}"#).unwrap();
    assert!(ModelFile::read(&path).unwrap_err().to_string().contains("model format 4; this netsec reads format 3"));
}

#[test]
fn fits_stop_when_asked_and_say_why_they_cannot() {
    let data = irregular(100, 8);
    let stop = AtomicBool::new(true);
    let control = Fit { seed: 1, purpose: "test", stop: &stop, progress: &|_, _, _| {} };
    for (family, p) in [
        (Family::RandomForest, json!({"n_estimators": 5, "max_features": "sqrt"})),
        (Family::AdaBoost, json!({"n_estimators": 5, "learning_rate": 1.0})),
        (Family::GradientBoosting, json!({"n_estimators": 5, "learning_rate": 0.1, "max_depth": 2})),
        (Family::NaiveBayes, json!({"alpha": 1.0})),
        (Family::Svm, json!({"kernel": "linear", "C": 1.0})),
    ] {
        assert_eq!(Model::fit(family, &params(p), &data, &control).unwrap_err(), FitError::Cancelled, "{family}");
    }
    let one = Dataset { label: vec![1; data.len()], ..data };
    let error = Model::fit(Family::Knn, &params(json!({"k": 1, "weights": "uniform"})), &one, &control).unwrap_err();
    assert!(matches!(error, FitError::Impossible(reason) if reason.contains("one label")));
}

#[test]
fn our_tree_agrees_with_smartcore() {
    use smartcore::tree::decision_tree_classifier::{
        DecisionTreeClassifier, DecisionTreeClassifierParameters, SplitCriterion,
    };
    // Every value once: among equal values smartcore passes over some of the possible splits.
    let mut stream = crate::random::Stream::new(9, &["permutations"]);
    let columns: Vec<Vec<u8>> = (0..3)
        .map(|_| {
            let mut codes: Vec<u8> = (0..200).collect();
            stream.shuffle(&mut codes);
            codes
        })
        .collect();
    let score = |i: usize| f64::from(columns[0][i]) - 0.5 * f64::from(columns[1][i]);
    let data = Dataset {
        levels: vec![200; 3],
        numeric: vec![false; 3],
        codes: (0..200).flat_map(|i| [columns[0][i], columns[1][i], columns[2][i]]).collect(),
        label: (0..200).map(|i| u8::from(score(i) + 60.0 * stream.unit() > 80.0)).collect(),
        weight: vec![1.0; 200],
        class_weight: None,
        ..Dataset::default()
    };
    let x: Vec<Vec<f64>> = (0..data.len()).map(|i| data.row(i).codes.iter().map(|c| f64::from(*c)).collect()).collect();
    let y: Vec<i32> = data.label.iter().map(|l| i32::from(*l)).collect();
    let matrix = DenseMatrix::from_2d_vec(&x).unwrap();
    // smartcore counts the root as a level.
    let parameters = DecisionTreeClassifierParameters::default().with_criterion(SplitCriterion::Gini).with_max_depth(4);
    let theirs = DecisionTreeClassifier::fit(&matrix, &y, parameters).unwrap().predict(&matrix).unwrap();
    let ours = fit(Family::DecisionTree, json!({"criterion": "gini", "max_depth": 3}), &data);
    let agree = (0..data.len())
        .filter(|i| i32::from(ours.probability(data.row(*i), &mut Scratch::default()) > 0.5) == theirs[*i])
        .count();
    assert!(agree >= 198, "{agree} of {}", data.len());
}

#[test]
fn our_regression_agrees_with_smartcore() {
    use smartcore::linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters};
    let data = expanded(&irregular(300, 10));
    // Two-level features only: one input each on both sides.
    let mut two = Dataset { levels: vec![2, 2], numeric: vec![false; 2], codes: vec![], ..data.clone() };
    two.codes = (0..data.len()).flat_map(|i| [data.row(i).codes[0], data.row(i).codes[3]]).collect();
    let x: Vec<Vec<f64>> = (0..two.len()).map(|i| two.row(i).codes.iter().map(|c| f64::from(*c)).collect()).collect();
    let y: Vec<i32> = two.label.iter().map(|l| i32::from(*l)).collect();
    let matrix = DenseMatrix::from_2d_vec(&x).unwrap();
    let theirs = LogisticRegression::fit(&matrix, &y, LogisticRegressionParameters::default().with_alpha(1.0)).unwrap();
    let Model::LogisticRegression(ours) = fit(Family::LogisticRegression, json!({"C": 1.0}), &two) else { panic!() };
    use smartcore::linalg::basic::arrays::Array;
    let (intercept, coefficients) = ours.weights();
    close(intercept, *theirs.intercept().get((0, 0)), 1e-2, "intercept");
    for (j, ours) in coefficients.iter().enumerate() {
        close(*ours, *theirs.coefficients().get((0, j)), 1e-2, "coefficient");
    }
}

#[test]
fn a_tree_that_was_changed_by_hand_is_refused() {
    let whole = r#"{"feature": [2, -1, 0, -1, -1], "threshold": [1, 0], "value": [0.1, 0.2, 0.3]}"#;
    let tree: tree::Tree = serde_json::from_str(whole).unwrap();
    assert_eq!([tree.value(&[0, 0, 1]), tree.value(&[0, 0, 2]), tree.value(&[1, 0, 2])], [0.1, 0.2, 0.3]);
    assert_eq!(serde_json::to_string(&tree).unwrap(), whole.replace(": ", ":").replace(", ", ","));
    for broken in [
        whole.replace("[1, 0]", "[1]"),
        whole.replace("0.2, ", ""),
        whole.replace("-1, 0, -1, -1", "0, -1, -1, -1, -1"),
        whole.replace("[2, -1, 0, -1, -1]", "[-1, -1, 0, 2, -1]"),
        whole.replace("[2,", "[70000,"),
    ] {
        assert!(serde_json::from_str::<tree::Tree>(&broken).is_err(), "{broken}");
    }
}
