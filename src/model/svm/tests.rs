use super::*;
use crate::event::Family;
use crate::model::tests::{bytes, close, fit as fit_any, fixture, floats, irregular, params};
use crate::model::{Model, check_params};
use serde_json::{Value, json};
use smartcore::svm::Kernels;

fn fit_svm(p: Value, data: &Dataset) -> Svm {
    let Model::Svm(machine) = fit_any(Family::Svm, p, data) else { panic!() };
    machine
}

/// All rows of a case; those behind its labels are negative here.
fn mixed(case: &Value) -> Dataset {
    let mut levels: Vec<u16> = bytes(&case["levels"]).into_iter().map(u16::from).collect();
    let mut numeric = vec![false; levels.len()];
    levels.extend([1, 1]);
    numeric.extend([true, true]);
    let rows = case["codes"].as_array().unwrap().len();
    let mut label = bytes(&case["y"]);
    label.resize(rows, 0);
    Dataset {
        levels,
        numeric,
        codes: case["codes"].as_array().unwrap().iter().flat_map(|r| [bytes(r), vec![0, 0]].concat()).collect(),
        numbers: case["numbers"].as_array().unwrap().iter().flat_map(floats).collect(),
        label,
        weight: vec![1.0; rows],
        class_weight: case["class_weight"].as_array().map(|w| [w[0].as_f64().unwrap(), w[1].as_f64().unwrap()]),
    }
}

/// The first rows.
fn first(data: &Dataset, rows: usize) -> Dataset {
    Dataset {
        codes: data.codes[..rows * data.width()].to_vec(),
        numbers: data.numbers[..rows * data.numeric_width()].to_vec(),
        label: data.label[..rows].to_vec(),
        weight: data.weight[..rows].to_vec(),
        ..data.clone()
    }
}

/// The inputs of each row, all written out.
fn dense(data: &Dataset) -> Vec<Vec<f64>> {
    let indicators = |codes: &[u8]| {
        let mut out = Vec::new();
        for (j, code) in codes.iter().enumerate().filter(|(j, _)| !data.numeric[*j]) {
            out.extend((0..data.levels[j]).map(|level| f64::from(u8::from(level == u16::from(*code)))));
        }
        out
    };
    (0..data.len()).map(|i| [indicators(data.row(i).codes), data.row(i).numbers.to_vec()].concat()).collect()
}

#[test]
fn decisions_are_close_to_those_of_scikit_learn() {
    for case in fixture(include_str!("../../../tests/fixtures/svm.json")) {
        let all = mixed(&case);
        let data = first(&all, case["y"].as_array().unwrap().len());
        let machine = fit_svm(case["params"].clone(), &data);
        let mut worst = 0.0f64;
        for (i, theirs) in floats(&case["decision"]).into_iter().enumerate() {
            let ours = machine.decision(all.row(i));
            worst = worst.max((ours - theirs).abs());
            assert_eq!(ours >= 0.0, machine.probability(all.row(i)) >= 0.5, "{} row {i}", case["name"]);
        }
        // smartcore ends after its passes, or where the gradients agree to 1e-3.
        assert!(worst < 1e-2, "{}: {worst}", case["name"]);
    }
}

#[test]
fn decisions_are_those_of_smartcore() {
    let case = fixture(include_str!("../../../tests/fixtures/svm.json")).remove(1);
    let data = Dataset { class_weight: None, ..mixed(&case) };
    let y: Vec<u8> = data.label.clone();
    let x = DenseMatrix::from_2d_vec(&dense(&data)).unwrap();
    for (p, kernel) in [
        (json!({"kernel": "linear", "C": 0.7}), Kernels::linear()),
        (json!({"kernel": "rbf", "C": 3, "gamma": 0.25}), Kernels::rbf().with_gamma(0.25)),
    ] {
        let seed = Stream::new(1, &["test", "svm"]).bits();
        let c = p["C"].as_f64().unwrap();
        let parameters =
            SVCParameters::default().with_epoch(PASSES).with_c(c).with_kernel(kernel).with_seed(Some(seed));
        let theirs = SVC::fit(&x, &y, &parameters).unwrap().decision_function(&x).unwrap();
        let ours = fit_svm(p, &data);
        for (i, theirs) in theirs.into_iter().enumerate() {
            close(ours.decision(data.row(i)), theirs, 1e-9, &format!("row {i}"));
        }
    }
}

#[test]
fn a_vector_enters_once_under_the_label_that_counts_more() {
    let mut data = irregular(300, 22);
    let p = || json!({"kernel": "rbf", "C": 1.0});
    let machine = fit_svm(p(), &data);
    let vectors: std::collections::HashSet<Vec<u8>> = (0..data.len()).map(|i| data.row(i).codes.to_vec()).collect();
    assert_eq!((machine.vectors() as usize, machine.kept()), (vectors.len(), machine.vectors()));
    // The first vector again, with the other label and a greater weight than all it has.
    let codes = data.row(0).codes.to_vec();
    let twin = |data: &mut Dataset, weight| {
        data.codes.extend_from_slice(&codes);
        data.label.push(1 - data.label[0]);
        data.weight.push(weight);
    };
    twin(&mut data, 0.5);
    assert_eq!(distinct(&data)[0], (0, data.label[0]));
    twin(&mut data, 1_000.0);
    assert_eq!(distinct(&data)[0], (0, 1 - data.label[0]));
}

#[test]
fn a_sample_keeps_to_its_size_and_to_the_class_weights() {
    let label: Vec<u8> = (0..1_000).map(|i| u8::from(i % 10 == 0)).collect();
    let rows = |by_label, most| {
        let copies = copies(&label, by_label, most, Stream::new(3, &["copies"]));
        [0, 1].map(|l| (0..label.len()).filter(|i| label[*i] == l).map(|i| copies[i]).sum::<u32>())
    };
    assert_eq!(rows([1.0, 1.0], 2_000), [900, 100]);
    assert_eq!(rows([1.0, 1.0], 500), [450, 50]);
    assert_eq!(rows([0.5, 1.5], 2_000), [900, 300]);
    assert_eq!(rows([0.1, 0.9], 600), [300, 300]);
    // Neither class goes missing.
    assert_eq!(rows([1.0, 1e-6], 500), [499, 1]);

    let data = irregular(300, 23);
    let machine = |seed| {
        let stop = std::sync::atomic::AtomicBool::new(false);
        let control = Fit { seed, purpose: "test", stop: &stop, progress: &|_, _, _| {} };
        let p = params(json!({"kernel": "linear", "C": 1.0, "max_rows": 60}));
        Model::fit(Family::Svm, &p, &data, &control).unwrap()
    };
    assert_eq!(machine(1), machine(1));
    assert_ne!(machine(1), machine(2));
    let Model::Svm(small) = machine(1) else { panic!() };
    assert!(small.kept() <= 60 && small.kept() < small.vectors());
}

#[test]
fn parameters_are_checked() {
    let check = |p: Value| check_params(Family::Svm, &params(p));
    check(json!({"kernel": "rbf", "C": 1, "gamma": 0.1, "max_rows": 500})).unwrap();
    check(json!({"kernel": "linear", "C": 0.5})).unwrap();
    for (p, word) in [
        (json!({"kernel": "rbf", "C": 0.0}), "C must"),
        (json!({"kernel": "rbf", "C": 1, "gamma": 0}), "gamma"),
        (json!({"kernel": "rbf", "C": 1, "gamma": "auto"}), "gamma"),
        (json!({"kernel": "rbf", "C": 1, "max_rows": 1}), "max_rows"),
        (json!({"kernel": "poly", "C": 1}), "poly"),
        (json!({"kernel": "rbf", "c": 1}), "c"),
    ] {
        let reason = check(p).unwrap_err();
        assert!(reason.contains(word), "{reason}");
    }
}
