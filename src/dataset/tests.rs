use super::*;
use crate::schema::BUILT_IN;
use proptest::prelude::*;

fn schema() -> Schema {
    Schema::parse(
        "name: t\ntarget: y\npositive: 1\ncolumns:\n\
         - {name: a, type: int64, values: [-1, 0, 1]}\n\
         - {name: b, type: float64}\n\
         - {name: c, type: string, values: [x, z]}\n\
         - {name: y, type: int64, values: [0, 1]}\n",
        "test",
    )
    .unwrap()
}

/// Distinct vectors over one wide numeric feature, with the given counts.
fn vectors(counts: Vec<[u32; 2]>) -> Vectors {
    let schema = Schema::parse(
        "name: t\ntarget: y\npositive: 1\ncolumns:\n- {name: a, type: float64}\n- {name: y, type: int64, values: [0, 1]}\n",
        "test",
    )
    .unwrap();
    let rows: Vec<Vec<Value>> = (0..counts.len()).map(|i| vec![Value::Number(i as f64)]).collect();
    let mut vectors = Vectors::from_rows(&schema, &rows);
    vectors.hash = rows.iter().map(|row| hash_vector(&schema, "salt", row)).collect();
    vectors.counts = counts;
    vectors
}

proptest! {
    #[test]
    fn no_vector_is_on_both_sides_and_none_moves_when_the_data_grows(
        first in proptest::collection::vec((0u8..3, -5i32..5, 0u8..2), 1..80),
        more in proptest::collection::vec((0u8..3, -5i32..5, 0u8..2), 0..80),
        share in 0.05f64..0.95,
    ) {
        let schema = schema();
        let row = |(a, b, c): &(u8, i32, u8)| vec![Value::Level(*a), Value::Number(f64::from(*b)), Value::Level(*c)];
        let side = |rows: &[(u8, i32, u8)]| -> std::collections::HashMap<Vec<u8>, bool> {
            rows.iter().map(|r| {
                let hash = hash_vector(&schema, "s", &row(r));
                (format!("{r:?}").into_bytes(), is_holdout(&hash, share))
            }).collect()
        };
        let before = side(&first);
        let all: Vec<_> = first.iter().chain(&more).copied().collect();
        let after = side(&all);
        for (vector, held_out) in before {
            prop_assert_eq!(after[&vector], held_out);
        }
    }

    #[test]
    fn folds_keep_vectors_whole_and_class_shares_level(
        counts in proptest::collection::vec((0u32..4, 0u32..4).prop_filter("observed", |(n, p)| n + p > 0), 120..400),
        k in 2u32..6,
        seed in 0u64..1000,
    ) {
        let vectors = vectors(counts.into_iter().map(|(n, p)| [n, p]).collect());
        let folds = assign_folds(&vectors, k, seed);
        prop_assert_eq!(folds.len(), vectors.len());
        prop_assert!(folds.iter().all(|f| *f < k));
        let totals = vectors.label_rows();
        for label in 0..2 {
            let ideal = totals[label] as f64 / f64::from(k);
            for fold in 0..k {
                let rows: u32 = folds.iter().zip(&vectors.counts).filter(|(f, _)| **f == fold).map(|(_, c)| c[label]).sum();
                // A fold can be off by about one vector of the largest kind.
                prop_assert!((f64::from(rows) - ideal).abs() <= 6.0, "fold {fold} has {rows} of label {label}, ideal {ideal}");
            }
        }
        prop_assert_eq!(&folds, &assign_folds(&vectors, k, seed));
    }
}

#[test]
fn the_seed_changes_the_folds() {
    let vectors = vectors([[1, 0], [0, 1], [2, 1], [1, 1]].repeat(30));
    assert_ne!(assign_folds(&vectors, 3, 1), assign_folds(&vectors, 3, 2));
}

#[test]
fn the_hash_looks_at_values_not_at_how_they_are_written() {
    let schema = schema();
    let one = schema.column("a").unwrap().parse("1.0").unwrap();
    let row = |a| vec![a, Value::Number(2.0), Value::Level(0)];
    assert_eq!(hash_vector(&schema, "s", &row(one)), hash_vector(&schema, "s", &row(Value::Level(2))));
    let missing = hash_vector(&schema, "s", &row(Value::Missing));
    for level in 0..3 {
        assert_ne!(missing, hash_vector(&schema, "s", &row(Value::Level(level))));
    }
    assert_ne!(hash_vector(&schema, "s", &row(one)), hash_vector(&schema, "other", &row(one)), "the salt counts");
    let wider = Schema::parse(&schema.text().replace("[-1, 0, 1]", "[-2, -1, 0, 1]"), "test").unwrap();
    let moved = wider.column("a").unwrap().parse("1").unwrap();
    assert_ne!(moved, one);
    assert_eq!(
        hash_vector(&schema, "s", &row(one)),
        hash_vector(&wider, "s", &row(moved)),
        "a new level moves nothing"
    );
}

#[test]
fn the_holdout_takes_about_its_share() {
    let schema = Schema::parse(BUILT_IN, "built-in").unwrap();
    let hits = (0..20_000u32)
        .filter(|i| {
            let row: Vec<Value> = (0..30).map(|f| Value::Level((i >> (f % 15) & 1) as u8)).chain([]).collect();
            is_holdout(&hash_vector(&schema, &format!("salt {i}"), &row), 0.2)
        })
        .count();
    assert!((3_800..4_200).contains(&hits), "{hits}");
}

#[test]
fn equal_rows_become_one_weighted_row_per_label() {
    let encoded = Encoded::new(vec![2], vec![false], vec![0, 1], vec![], 2);
    let data = encoded.labelled(&[[3, 0], [1, 2]]);
    assert_eq!((data.codes, data.label, data.weight), (vec![0, 1, 1], vec![0, 0, 1], vec![3.0, 1.0, 2.0]));
}
