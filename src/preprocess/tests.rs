use super::*;
use crate::dataset::hash_vector;
use crate::schema::{Schema, Value};

fn numeric_schema(width: usize) -> Schema {
    let columns: String = (0..width).map(|i| format!("- {{name: x{i}, type: float64}}\n")).collect();
    Schema::parse(
        &format!("name: t\ntarget: y\npositive: 1\ncolumns:\n{columns}- {{name: y, type: int64, values: [0, 1]}}\n"),
        "test",
    )
    .unwrap()
}

fn knn() -> Imputation {
    Imputation { strategy: Strategy::Knn, neighbours: 3, reference: 5_000 }
}

fn numbers(schema: &Schema, rows: &serde_json::Value) -> Vectors {
    let rows: Vec<Vec<Value>> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row.as_array().unwrap().iter().map(|v| v.as_f64().map_or(Value::Missing, Value::Number)).collect())
        .collect();
    let mut vectors = Vectors::from_rows(schema, &rows);
    vectors.hash = rows.iter().map(|row| hash_vector(schema, "s", row)).collect();
    vectors.counts.fill([1, 0]);
    vectors
}

#[test]
fn imputation_is_that_of_scikit_learn_on_numbers_without_ties() {
    let fixture: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/fixtures/knn_imputer.json")).unwrap();
    let mut checked = 0;
    for case in fixture["cases"].as_array().unwrap() {
        let width = case["train"][0].as_array().unwrap().len();
        let schema = numeric_schema(width);
        let fitted = Preprocessor::fit(&numbers(&schema, &case["train"]), &vec![0; width], &knn(), 1);
        let filled = fitted.impute(&numbers(&schema, &case["rows"]));
        for (row, expected) in case["expected"].as_array().unwrap().iter().enumerate() {
            for (f, expected) in expected.as_array().unwrap().iter().enumerate() {
                let Cells::Numbers(column) = &filled.columns[f] else { panic!() };
                let (ours, theirs) = (column[row], expected.as_f64().unwrap());
                assert!((ours - theirs).abs() < 1e-9, "{} row {row} feature {f}: {ours} {theirs}", case["name"]);
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "{checked}");
}

fn levels_schema() -> Schema {
    Schema::parse(
        "name: t\ntarget: y\npositive: 1\ncolumns:\n\
         - {name: a, type: int64, values: [0, 1, 2]}\n- {name: b, type: int64, values: [0, 1, 2]}\n\
         - {name: c, type: int64, values: [0, 1, 2]}\n- {name: y, type: int64, values: [0, 1]}\n",
        "test",
    )
    .unwrap()
}

fn levels(rows: &[[i8; 3]]) -> Vectors {
    let schema = levels_schema();
    let value = |v: i8| u8::try_from(v).map_or(Value::Missing, Value::Level);
    let rows: Vec<Vec<Value>> = rows.iter().map(|r| r.iter().map(|v| value(*v)).collect()).collect();
    let mut vectors = Vectors::from_rows(&schema, &rows);
    vectors.hash = rows.iter().map(|row| hash_vector(&schema, "s", row)).collect();
    vectors.counts.fill([1, 0]);
    vectors
}

fn code(filled: &Vectors, feature: usize, row: usize) -> u8 {
    let Cells::Levels(codes) = &filled.columns[feature] else { panic!() };
    codes[row]
}

#[test]
fn a_categorical_hole_takes_the_mode_of_the_nearest() {
    let train = levels(&[[0, 0, 2], [0, 1, 2], [1, 0, 1], [2, 2, 0], [2, 1, 0]]);
    let fitted = Preprocessor::fit(&train, &[3, 3, 3], &knn(), 1);
    // Nearest to (0, 0, ?): one at distance 0, then (0, 1) and (1, 0): 2, 2, 1.
    assert_eq!(code(&fitted.impute(&levels(&[[0, 0, -1]])), 2, 0), 2);
}

#[test]
fn a_row_with_nothing_known_takes_the_most_frequent_values() {
    let mut train = levels(&[[0, 1, 2], [0, 1, 0], [1, 1, 2]]);
    train.counts = vec![[1, 0], [0, 1], [5, 0]];
    let fitted = Preprocessor::fit(&train, &[3, 3, 3], &knn(), 1);
    let filled = fitted.impute(&levels(&[[-1, -1, -1]]));
    assert_eq!([code(&filled, 0, 0), code(&filled, 1, 0), code(&filled, 2, 0)], [1, 1, 2]);
}

#[test]
fn the_result_does_not_depend_on_the_order_of_the_training_rows() {
    let rows = [[0, 0, 2], [0, 1, 2], [1, 0, 1], [2, 2, 0], [2, 1, 0], [1, 1, -1], [0, 2, 1]];
    let reversed: Vec<[i8; 3]> = rows.iter().rev().copied().collect();
    let a = Preprocessor::fit(&levels(&rows), &[3, 3, 3], &knn(), 1);
    let b = Preprocessor::fit(&levels(&reversed), &[3, 3, 3], &knn(), 1);
    assert_eq!(serde_json::to_string(&a).unwrap(), serde_json::to_string(&b).unwrap());
}

#[test]
fn a_column_that_is_missing_throughout_is_filled_all_the_same() {
    let train = levels(&[[0, -1, 2], [1, -1, 0], [2, -1, 1]]);
    let fitted = Preprocessor::fit(&train, &[3, 3, 3], &knn(), 1);
    let encoded = fitted.encode(&train);
    assert!((0..3).all(|i| encoded.row(i).codes[1] == 0));
}

#[test]
fn the_reference_is_a_capped_seeded_sample() {
    let rows: Vec<[i8; 3]> = (0..27).map(|i| [i / 9, i / 3 % 3, i % 3]).collect();
    let capped = Imputation { reference: 5, ..knn() };
    let fit = |seed| Preprocessor::fit(&levels(&rows), &[3, 3, 3], &capped, seed);
    assert_eq!(fit(1).reference.as_ref().unwrap().rows, 5);
    assert_eq!(fit(1), fit(1));
    assert_ne!(fit(1), fit(2));
}

#[test]
fn numbers_are_binned_and_standardized() {
    let schema = numeric_schema(1);
    let train = numbers(&schema, &serde_json::json!([[1.0], [2.0], [4.0]]));
    let fitted = Preprocessor::fit(&train, &[0], &knn(), 1);
    let encoded = fitted.encode(&numbers(&schema, &serde_json::json!([[-9.0], [1.5], [1.51], [3.0], [99.0]])));
    let codes: Vec<u8> = (0..5).map(|i| encoded.row(i).codes[0]).collect();
    assert_eq!(codes, [0, 0, 1, 1, 2]);
    let back = fitted.encode(&train);
    let mean: f64 = (0..3).map(|i| back.row(i).numbers[0]).sum();
    assert!(mean.abs() < 1e-12);
}

#[test]
fn many_values_make_at_most_255_bins_of_about_equal_weight() {
    let values: Vec<(f64, f64)> = (0..10_000).map(|i| (f64::from(i), 1.0)).collect();
    let edges = edges(&values);
    assert_eq!(edges.len(), 254);
    let widest = edges.windows(2).map(|w| w[1] - w[0]).fold(0.0, f64::max);
    assert!(widest <= 41.0, "{widest}");
}

#[test]
fn hashes_tell_missing_from_every_level() {
    let schema = levels_schema();
    let with = |v| hash_vector(&schema, "s", &[v, Value::Level(0), Value::Level(0)]);
    assert!((0..3).all(|l| with(Value::Missing) != with(Value::Level(l))));
}

#[test]
fn missing_can_be_a_level_of_its_own() {
    let own = Imputation { strategy: Strategy::OwnLevel, ..knn() };
    let train = levels(&[[0, 0, 2], [0, -1, 2], [1, 0, 1], [-1, 2, 0]]);
    let encoded = Preprocessor::fit(&train, &[3, 3, 3], &own, 1).encode(&train);
    assert_eq!(encoded.levels, [4, 4, 4]);
    assert_eq!(encoded.row(1).codes, [0, 3, 2]);
    assert_eq!(encoded.row(3).codes, [3, 2, 0]);
    // Of a numeric feature it is the bin behind all others, and the mean where a number is wanted.
    let schema = numeric_schema(2);
    let train = numbers(&schema, &serde_json::json!([[1.0, 5.0], [2.0, null], [3.0, 6.0], [null, 7.0]]));
    let encoded = Preprocessor::fit(&train, &[0, 0], &own, 1).encode(&train);
    assert_eq!(encoded.levels, [3 + 1, 3 + 1], "three values, of which one is the mean that fills, then missing");
    assert_eq!((encoded.row(3).codes[0], encoded.row(3).numbers[0]), (3, 0.0));
    assert_eq!(encoded.row(2).codes, [2, 1]);
}
