use super::*;
use crate::schema::Value;
use crate::typed::Refused;

fn schema() -> Schema {
    let text = "
name: two
target: Label
positive: 1
columns:
- {name: Level, type: int64, values: [0, 1, 2]}
- {name: Size, type: float64, range: [null, null]}
- {name: Label, type: int64, values: [0, 1]}
";
    Schema::parse(text, "two.yaml").unwrap()
}

/// Rows of a level, a size and a label.
fn typed(schema: &Schema, rows: &[(u8, f64, u8)]) -> Typed {
    let mut features = [Cells::of(&schema.features[0]), Cells::of(&schema.features[1])];
    for (level, size, _) in rows {
        features[0].push(if *level == MISSING { Value::Missing } else { Value::Level(*level) });
        features[1].push(if size.is_nan() { Value::Missing } else { Value::Number(*size) });
    }
    let label = rows.iter().map(|r| r.2).collect();
    Typed { features: features.into(), label, refused: Vec::new(), absent: Vec::new(), lines: Vec::new() }
}

fn profile(schema: &Schema, pieces: &[&[(u8, f64, u8)]]) -> Profile {
    let mut profiler = Profiler::new(schema);
    pieces.iter().for_each(|rows| profiler.add(&typed(schema, rows)));
    profiler.finish()
}

#[test]
fn counts_are_those_of_the_rows() {
    let schema = schema();
    let rows =
        [(0, 1.5, 0), (0, 1.5, 1), (2, f64::NAN, MISSING), (MISSING, -3.0, 1), (0, 1.5, 1), (2, 0.0, 0), (2, -0.0, 0)];
    let whole = profile(&schema, &[&rows]);
    let summary = &whole.summary;
    assert_eq!(summary.columns[0].values, Values::Levels(vec![3, 0, 3]));
    assert_eq!((summary.columns[0].missing, summary.columns[1].missing), (1, 1));
    let Values::Numbers(numbers) = &summary.columns[1].values else { panic!("not numeric") };
    assert_eq!((numbers.count, numbers.low, numbers.high), (6, -3.0, 1.5));
    assert_eq!((summary.labels(), summary.labelled(), summary.accepted()), ([3, 3], 6, 7));
    // Both zeros are one value.
    assert_eq!((summary.vectors, summary.conflicting, summary.exact), (4, 1, true));
    assert_eq!(whole.numbers(1), [-3.0, 0.0, 0.0, 1.5, 1.5, 1.5].map(|v: f64| v + 0.0));
    // In pieces, and in another order.
    let pieces = profile(&schema, &[&rows[..2], &[], &rows[2..]]);
    // As text, in which a missing number equals itself.
    assert_eq!(format!("{pieces:?}"), format!("{whole:?}"));
    let mut other = rows;
    other.reverse();
    assert_eq!(profile(&schema, &[&other]).summary.content, summary.content);
    other[0].2 = 1;
    assert_ne!(profile(&schema, &[&other]).summary.content, summary.content);
}

#[test]
fn refused_rows_are_counted_once_and_left_out() {
    let schema = schema();
    let mut rows = typed(&schema, &[(0, 1.0, 0), (1, 2.0, 1), (1, 3.0, 1)]);
    let refuse = |row, column, reason: &str| Refused { row, column, reason: reason.to_owned() };
    rows.refused = vec![refuse(1, Some(0), "odd"), refuse(1, Some(1), "odder"), refuse(2, None, "no row at all")];
    let mut profiler = Profiler::new(&schema);
    profiler.add(&typed(&schema, &[(2, 0.0, 0)]));
    profiler.add(&rows);
    let summary = profiler.finish().summary;
    assert_eq!((summary.rows, summary.refused, summary.accepted()), (4, 2, 2));
    assert_eq!((summary.columns[0].refused, summary.columns[1].refused), (1, 1));
    assert_eq!(
        summary.reasons.iter().map(|(r, n)| (r.as_str(), *n)).collect::<Vec<_>>(),
        [("Level: odd", 1), ("no row at all", 1)]
    );
    assert_eq!(summary.refused_rows.iter().map(|r| r.row).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(summary.columns[0].values, Values::Levels(vec![1, 0, 1]));
}

#[test]
fn many_rows_are_sampled_evenly() {
    let schema = schema();
    let rows: Vec<(u8, f64, u8)> = (0..4 * KEPT).map(|i| (0, i as f64, u8::from(i >= 2 * KEPT))).collect();
    let profile = profile(&schema, &[&rows[..KEPT / 2], &rows[KEPT / 2..]]);
    assert!(profile.is_sampled());
    assert_eq!((profile.labels.len(), profile.kept.len()), (KEPT, KEPT));
    let late = profile.labels.iter().filter(|label| **label == 1).count();
    assert!((24_500..25_500).contains(&late), "{late}");
    let numbers = profile.numbers(1);
    assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "a row was kept twice");
    let mean = numbers.iter().sum::<f64>() / KEPT as f64;
    assert!((mean / (2 * KEPT) as f64 - 1.0).abs() < 0.02, "{mean}");
}

#[test]
fn distinct_vectors_are_counted_in_bounded_memory() {
    let mut distinct = Distinct::default();
    for nth in 0u64..3_000_000 {
        let hash = xxhash_rust::xxh3::xxh3_128(&(nth % 2_500_000).to_le_bytes());
        distinct.add(hash, u8::from(nth >= 2_500_000));
    }
    assert!(!distinct.is_exact());
    let off = distinct.vectors() as f64 / 2_500_000.0 - 1.0;
    assert!(off.abs() < 0.005, "{off}");
    let off = distinct.conflicting() as f64 / 500_000.0 - 1.0;
    assert!(off.abs() < 0.01, "{off}");
}
