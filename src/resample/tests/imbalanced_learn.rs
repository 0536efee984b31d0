//! Against what imbalanced-learn answers: `tests/fixtures/make_resample.py`.

use super::*;
use std::collections::BTreeSet;

fn cases(of: &str) -> Vec<Value> {
    let fixture: Value = serde_json::from_str(include_str!("../../../tests/fixtures/resample.json")).unwrap();
    fixture[of].as_array().unwrap().clone()
}

fn list<T>(value: &Value, each: impl Fn(&Value) -> T) -> Vec<T> {
    value.as_array().unwrap().iter().map(each).collect()
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn bytes(value: &Value) -> Vec<u8> {
    list(value, |v| whole(v) as u8)
}

fn floats(value: &Value) -> Vec<f64> {
    list(value, |v| v.as_f64().unwrap())
}

/// Numeric features, then categorical ones.
fn fold(case: &Value, numbers: &str, codes: &str) -> Dataset {
    let label = bytes(&case["y"]);
    let numbers = case.get(numbers).map_or(vec![Vec::new(); label.len()], |x| list(x, floats));
    let codes = case.get(codes).map_or(vec![Vec::new(); label.len()], |x| list(x, bytes));
    let (wide, narrow) = (numbers[0].len(), codes[0].len());
    let levels = case.get("levels").map_or(Vec::new(), bytes);
    Dataset {
        levels: vec![1; wide].into_iter().chain(levels.iter().map(|n| u16::from(*n))).collect(),
        numeric: [vec![true; wide], vec![false; narrow]].concat(),
        codes: codes.into_iter().flat_map(|row| [vec![0; wide], row].concat()).collect(),
        numbers: numbers.concat(),
        weight: vec![1.0; label.len()],
        label,
        class_weight: None,
    }
}

#[test]
fn the_value_difference_metric_is_the_same() {
    for case in cases("nominal") {
        let data = fold(&case, "", "x");
        let Metric::Places(places) = Metric::value_difference(&data) else { panic!() };
        let place = |row: usize| data.row(row).codes.iter().zip(&places).map(|(code, levels)| levels[*code as usize]);
        let own = of_label(&data, minority(&data));
        for (a, expected) in own.into_iter().zip(list(&case["vdm"], floats)) {
            for (b, expected) in expected.iter().enumerate() {
                let ours: f64 = place(a).zip(place(b)).map(|(a, b)| (a - b).powi(2)).sum();
                assert!((ours - expected).abs() < 1e-11, "{} rows {a} and {b}: {ours} {expected}", case["name"]);
            }
        }
    }
}

#[test]
fn the_votes_of_smote_n_are_the_same() {
    for case in cases("nominal") {
        let mut data = fold(&case, "", "x");
        let small = minority(&data);
        let expected: BTreeSet<Vec<u8>> = list(&case["smote_n"], bytes).into_iter().collect();
        // So much to make that every seed is drawn.
        let other = of_label(&data, 1 - small)[0];
        data.weight[other] += 1_000.0;
        let after = resample(&data, Resampling::Smote, 1, "test").unwrap();
        let grown = |i: &usize| after.weight[*i] > data.weight.get(*i).copied().unwrap_or(0.0);
        let made: BTreeSet<Vec<u8>> = (0..after.len()).filter(grown).map(|i| after.row(i).codes.to_vec()).collect();
        assert_eq!(made, expected, "{}", case["name"]);
        assert!(made.len() > 4);
    }
}

#[test]
fn the_penalty_and_the_neighbours_of_smote_are_the_same() {
    for case in cases("mixed") {
        let data = fold(&case, "numbers", "codes");
        let rows: Vec<u32> = of_label(&data, minority(&data)).into_iter().map(|i| i as u32).collect();
        let metric = smote::metric(&data, &rows);
        if let Some(median) = case["median_std"].as_f64() {
            let Metric::Difference(ours) = metric else { panic!() };
            assert!((ours.sqrt() - median).abs() < 1e-12, "{}: {} {median}", case["name"], ours.sqrt());
        }
        let points = Points::new(&data, metric, rows.clone());
        let ours: Vec<Vec<usize>> =
            rows.iter().map(|row| points.nearest(*row, 5).into_iter().map(|i| i as usize).collect()).collect();
        assert_eq!(ours, list(&case["neighbours"], |near| list(near, whole)), "{}", case["name"]);
    }
}

#[test]
fn tomek_links_are_the_same() {
    for case in cases("tomek") {
        let data = fold(&case, "x", "");
        let left = |kept: &Value| -> Vec<f64> {
            list(kept, whole).into_iter().flat_map(|row| data.row(row).numbers.to_vec()).collect()
        };
        let ours = resample(&data, Resampling::TomekLinks, 1, "test").unwrap();
        assert_eq!(ours.numbers, left(&case["kept"]["auto"]), "{}", case["name"]);
        let both = tomek::without_both(Cow::Borrowed(&data)).unwrap();
        assert_eq!(both.numbers, left(&case["kept"]["all"]), "{}", case["name"]);
    }
}

#[test]
fn class_counts_and_weights_are_the_same() {
    for case in cases("sizes") {
        let [negative, positive] = [0, 1].map(|l| whole(&case["rows"][l]));
        let rows: Vec<Cells> =
            (0..negative + positive).map(|i| (vec![0], vec![i as i32 - 20], u8::from(i >= negative), 1)).collect();
        let data = build(&[true], &rows);
        let weighted = resample(&data, Resampling::ClassWeights, 1, "test").unwrap();
        let expected = floats(&case["class_weights"]);
        assert!(weighted.class_weight.unwrap().iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-15));
        for how in BALANCING {
            let name = serde_json::to_value(how).unwrap();
            let after = resample(&data, how, 1, "test").unwrap();
            assert_eq!(label_rows(&after).to_vec(), floats(&case["after"][name.as_str().unwrap()]), "{how:?}");
        }
    }
}
