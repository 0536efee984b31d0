use super::*;
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

fn params(value: Value) -> Parameters {
    let params: Parameters = serde_json::from_value(value).unwrap();
    params.check().unwrap();
    params
}

fn with_fit<T>(stop: bool, work: impl FnOnce(&Fit<'_>) -> T) -> T {
    let stop = AtomicBool::new(stop);
    work(&Fit { seed: 1, purpose: "test", stop: &stop, progress: &|_, _, _| {} })
}

fn fitted(p: Value, data: &Dataset) -> Mlp {
    with_fit(false, |control| fit(&params(p), data, control)).unwrap()
}

fn probabilities(model: &Mlp, data: &Dataset) -> Vec<f64> {
    let mut scratch = Vec::new();
    (0..data.len()).map(|i| model.probability(data.row(i), &mut scratch)).collect()
}

/// Rows of three categorical features and two numeric ones.
fn mixed(rows: usize) -> Dataset {
    let mut stream = Stream::new(7, &["test rows"]);
    let levels = vec![2, 5, 3, 4, 5];
    let numeric = vec![false, true, false, false, true];
    let mut data = Dataset { levels: levels.clone(), numeric, ..Dataset::default() };
    for _ in 0..rows {
        let codes: Vec<u8> = levels.iter().map(|l| stream.below(*l as usize) as u8).collect();
        let numbers = [4.0 * stream.unit() - 2.0, 4.0 * stream.unit() - 2.0];
        let score = f64::from(codes[0]) - 0.5 * f64::from(codes[2]) + numbers[0] * numbers[1] + stream.unit() - 0.3;
        data.codes.extend(codes);
        data.numbers.extend(numbers);
        data.label.push(u8::from(score > 0.0));
        data.weight.push(1.0 + stream.below(3) as f64);
    }
    data
}

/// Every row as often as it was observed.
fn expanded(data: &Dataset) -> Dataset {
    let mut out = Dataset { codes: vec![], numbers: vec![], label: vec![], weight: vec![], ..data.clone() };
    for i in 0..data.len() {
        for _ in 0..data.weight[i] as usize {
            out.codes.extend_from_slice(data.row(i).codes);
            out.numbers.extend_from_slice(data.row(i).numbers);
            out.label.push(data.label[i]);
            out.weight.push(1.0);
        }
    }
    out
}

/// All weights and biases, layer by layer.
fn flat(net: &Net) -> Vec<f32> {
    net.layers().flat_map(|layer| layer.weights.iter().chain(&layer.biases).copied()).collect()
}

fn nudge(net: &mut Net, mut at: usize, by: f32) {
    for layer in net.layers_mut() {
        for values in [&mut layer.weights, &mut layer.biases] {
            if let Some(value) = values.get_mut(at) {
                *value += by;
                return;
            }
            at -= values.len();
        }
    }
    panic!("no such weight");
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    let data = mixed(6);
    let inputs = Inputs::of(&data);
    for hidden in [vec![19], vec![21, 10]] {
        let mut net = Net::zero(&data, &hidden);
        net.draw(data.width(), &mut Stream::new(3, &["gradient"]));
        // Half of the units speak twice as loud and the others not at all, as under dropout.
        let alter = |units: &mut [f32]| {
            units.iter_mut().enumerate().for_each(|(i, unit)| *unit *= if i % 2 == 0 { 2.0 } else { 0.0 });
        };
        let score =
            |net: &Net, row, scratch: &mut net::Scratch| f64::from(net.log_odds(&inputs, row, scratch.active(), alter));
        let rows = || (0..data.len()).map(|i| data.row(i));
        let loss = |net: &Net| rows().map(|row| score(net, row, &mut net.scratch()).exp().ln_1p()).sum::<f64>();
        let mut scratch = net.scratch();
        let mut gradient = Net::zero(&data, &hidden);
        for row in rows() {
            let slope = sigmoid(score(&net, row, &mut scratch)) as f32;
            net.backward(&inputs, row, slope, 2.0, &mut scratch, &mut gradient);
        }
        let gradient = flat(&gradient);
        assert!(gradient.iter().filter(|g| g.abs() > 0.05).count() > 50);
        for (at, exact) in gradient.iter().enumerate() {
            let h = 1e-3;
            let mut around = [net.clone(), net.clone()];
            nudge(&mut around[0], at, h);
            nudge(&mut around[1], at, -h);
            let slope = (loss(&around[0]) - loss(&around[1])) / (2.0 * f64::from(h));
            let off = (slope - f64::from(*exact)).abs();
            assert!(off < 2e-3 * (1.0 + slope.abs()), "{hidden:?} weight {at}: {exact}, differences give {slope}");
        }
    }
}

#[test]
fn a_row_of_weight_three_is_three_rows() {
    let data = mixed(60);
    let rows = expanded(&data);
    let p = params(json!({"hidden": [8, 5], "epochs": 1, "learning_rate": 0.01, "alpha": 0}));
    let gradient = |data: &Dataset| {
        let inputs = Inputs::of(data);
        let mut member = Member::new(&p, data, Stream::new(1, &["same"]));
        let rows = Rows::new(data, &inputs);
        let loss = with_fit(false, |control| member.batch(0..data.len(), 0.0, &rows, control)).unwrap();
        (loss / data.len() as f64, flat(member.gradient()))
    };
    let (a, b) = (gradient(&data), gradient(&rows));
    assert!((a.0 - b.0).abs() < 1e-6, "{} and {}", a.0, b.0);
    for (a, b) in a.1.iter().zip(&b.1) {
        assert!((a - b).abs() < 1e-5, "{a} and {b}");
    }
}

#[test]
fn class_weights_count_as_observations_do() {
    let data = mixed(100);
    let weight = data.weight.iter().zip(&data.label).map(|(w, l)| if *l == 1 { 3.0 * w } else { *w }).collect();
    let observed = Dataset { weight, ..data.clone() };
    let weighted = Dataset { class_weight: Some([1.0, 3.0]), ..data };
    let p = json!({"hidden": [8], "epochs": 3, "learning_rate": 0.01, "alpha": 0});
    assert_eq!(fitted(p.clone(), &observed), fitted(p, &weighted));
}

#[test]
fn exclusive_or_is_learnt() {
    let data = Dataset {
        levels: vec![2, 2],
        numeric: vec![false, false],
        codes: vec![0, 0, 0, 1, 1, 0, 1, 1],
        label: vec![0, 1, 1, 0],
        weight: vec![1.0; 4],
        ..Dataset::default()
    };
    for hidden in [json!([8]), json!([8, 3])] {
        let model = fitted(json!({"hidden": hidden, "epochs": 400, "learning_rate": 0.03, "alpha": 0}), &data);
        for (p, label) in probabilities(&model, &data).into_iter().zip(&data.label) {
            assert!((p - f64::from(*label)).abs() < 0.05, "{hidden}: {p} where {label} is expected");
        }
    }
}

#[test]
fn numbers_alone_are_enough() {
    let mut stream = Stream::new(5, &["numbers"]);
    let mut data = Dataset { levels: vec![255; 2], numeric: vec![true; 2], ..Dataset::default() };
    for _ in 0..500 {
        let (x, y) = (4.0 * stream.unit() - 2.0, 4.0 * stream.unit() - 2.0);
        data.codes.extend([200, 3]);
        data.numbers.extend([x, y]);
        data.label.push(u8::from(x * x + y * y < 2.0));
        data.weight.push(1.0);
    }
    let model = fitted(json!({"hidden": [16], "epochs": 100, "learning_rate": 0.01, "alpha": 0}), &data);
    let right =
        probabilities(&model, &data).iter().zip(&data.label).filter(|(p, l)| u8::from(**p >= 0.5) == **l).count();
    assert!(right > 480, "{right} of 500");
    // As far out as numbers get, there is still an answer.
    for wild in [f64::MAX, f64::MIN, f64::INFINITY] {
        let p = model.probability(Row { codes: &[0, 0], numbers: &[wild, 0.0] }, &mut Vec::new());
        assert!((0.0..=1.0).contains(&p), "{p}");
    }
}

#[test]
fn a_stage_is_the_fit_of_as_many_epochs() {
    let data = mixed(150);
    let p = |epochs: u32| {
        json!({"hidden": [7, 4], "epochs": epochs, "learning_rate": 0.01, "alpha": 0.1, "dropout": 0.2, "batch": 16,
            "members": 2})
    };
    let stages = [1, 4, 4, 9];
    let mut seen = Vec::new();
    with_fit(false, |control| {
        fit_staged(&params(p(1)), &stages, &data, control, &mut |nth, model| seen.push((nth, model.clone())))
    })
    .unwrap();
    assert_eq!(seen.len(), stages.len());
    for ((at, (nth, model)), stage) in seen.into_iter().enumerate().zip(stages) {
        assert_eq!(at, nth);
        assert_eq!(model, fitted(p(stage), &data), "after {stage} epochs");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_members_differ() {
    let data = mixed(150);
    let p = json!({"hidden": [13], "epochs": 3, "learning_rate": 0.01, "alpha": 0.1, "dropout": 0.5, "members": 2});
    let model = fitted(p.clone(), &data);
    let text = serde_json::to_string(&model).unwrap();
    assert_eq!(text, serde_json::to_string(&fitted(p, &data)).unwrap());
    assert_ne!(model.members[0], model.members[1]);
    let read: Mlp = serde_json::from_str(&text).unwrap();
    assert_eq!(read, model);
    assert_eq!(probabilities(&read, &data), probabilities(&model, &data));
    // Among other families a model is read through a buffer that knows doubles only.
    let tagged = crate::model::Model::NeuralNetwork(model);
    let text = serde_json::to_string(&tagged).unwrap();
    assert_eq!(serde_json::from_str::<crate::model::Model>(&text).unwrap(), tagged);
}

#[test]
fn a_vote_is_the_mean_of_the_members() {
    let data = mixed(80);
    let both = fitted(json!({"hidden": [6], "epochs": 2, "learning_rate": 0.01, "alpha": 0, "members": 2}), &data);
    let alone = |nth: usize| Mlp { inputs: both.inputs.clone(), members: vec![both.members[nth].clone()] };
    let (a, b) = (probabilities(&alone(0), &data), probabilities(&alone(1), &data));
    for ((p, a), b) in probabilities(&both, &data).into_iter().zip(a).zip(b) {
        assert_eq!(p, (a + b) / 2.0);
    }
    // The first does not depend on how many there are.
    let one = fitted(json!({"hidden": [6], "epochs": 2, "learning_rate": 0.01, "alpha": 0}), &data);
    assert_eq!(one.members[0], both.members[0]);
}

#[test]
fn a_fit_stops_when_asked() {
    let p = params(json!({"hidden": [8], "epochs": 5, "learning_rate": 0.01, "alpha": 0}));
    assert_eq!(with_fit(true, |control| fit(&p, &mixed(50), control)).unwrap_err(), FitError::Cancelled);
}

#[test]
fn every_epoch_is_reported_and_the_loss_falls() {
    let told = std::sync::Mutex::new(Vec::new());
    let stop = AtomicBool::new(false);
    let progress = |done: u32, of: u32, loss: &dyn Fn() -> Option<f64>| told.lock().unwrap().push((done, of, loss()));
    let control = Fit { seed: 1, purpose: "test", stop: &stop, progress: &progress };
    let p = params(json!({"hidden": [8], "epochs": 20, "learning_rate": 0.01, "alpha": 0}));
    fit(&p, &mixed(200), &control).unwrap();
    let told = told.into_inner().unwrap();
    assert_eq!(told.iter().map(|t| (t.0, t.1)).collect::<Vec<_>>(), (1..=20).map(|e| (e, 20)).collect::<Vec<_>>());
    assert!(told[19].2.unwrap() < 0.8 * told[0].2.unwrap(), "{told:?}");
}

#[test]
fn weights_out_of_all_bounds_are_refused() {
    let p = params(json!({"hidden": [8], "epochs": 50, "learning_rate": 1e30, "alpha": 0}));
    let error = with_fit(false, |control| fit(&p, &mixed(50), control)).unwrap_err();
    assert!(matches!(error, FitError::Impossible(reason) if reason.contains("learning_rate")));
}

#[test]
fn parameters_out_of_range_are_refused() {
    let good = json!({"hidden": [8], "epochs": 5, "learning_rate": 0.01, "alpha": 0});
    for (name, value) in [
        ("hidden", json!([])),
        ("hidden", json!([0])),
        ("hidden", json!([8, 8, 8])),
        ("hidden", json!([4096])),
        ("epochs", json!(0)),
        ("learning_rate", json!(0)),
        ("alpha", json!(-0.1)),
        ("alpha", json!(100)),
        ("dropout", json!(1)),
        ("batch", json!(0)),
        ("members", json!(0)),
    ] {
        let mut p = good.clone();
        p[name] = value;
        let reason = serde_json::from_value::<Parameters>(p.clone()).unwrap().check().unwrap_err();
        assert!(reason.contains(name), "{p}: {reason}");
    }
    let mut p = good;
    p["momentum"] = json!(0.9);
    assert!(serde_json::from_value::<Parameters>(p).is_err());
}
