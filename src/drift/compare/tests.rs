use super::*;
use crate::dataset::Cells;
use crate::profile::Profiler;
use crate::random::Stream;
use crate::schema::{MISSING, Value};
use crate::typed::Typed;
use proptest::prelude::*;

fn schema() -> Schema {
    let text = "
name: three
target: Label
positive: 1
columns:
- {name: Level, type: int64, values: [0, 1, 2]}
- {name: Size, type: float64, range: [null, null]}
- {name: Label, type: int64, values: [0, 1]}
";
    Schema::parse(text, "three.yaml").unwrap()
}

fn profile(schema: &Schema, rows: &[(u8, f64, u8)]) -> Profile {
    let mut features = vec![Cells::of(&schema.features[0]), Cells::of(&schema.features[1])];
    for (level, size, _) in rows {
        features[0].push(if *level == MISSING { Value::Missing } else { Value::Level(*level) });
        features[1].push(if size.is_nan() { Value::Missing } else { Value::Number(*size) });
    }
    let mut profiler = Profiler::new(schema);
    let label = rows.iter().map(|row| row.2).collect();
    profiler.add(&Typed { features, label, refused: Vec::new(), absent: Vec::new(), lines: Vec::new() });
    profiler.finish()
}

/// Random rows; `moved` of them with another level, `shift` added to sizes, `gone` of the levels missing.
fn rows(n: usize, seed: u64, moved: f64, shift: f64, gone: f64) -> Vec<(u8, f64, u8)> {
    let mut stream = Stream::new(seed, &["rows"]);
    (0..n)
        .map(|_| {
            let mut level = stream.below(3) as u8;
            if stream.unit() < moved {
                level = 2;
            }
            if stream.unit() < gone {
                level = MISSING;
            }
            (level, stream.unit() + stream.unit() + shift, stream.below(2) as u8)
        })
        .collect()
}

fn compared(old: &[(u8, f64, u8)], new: &[(u8, f64, u8)]) -> Compared {
    let schema = schema();
    compare(&schema, &profile(&schema, old), &profile(&schema, new), &Limits::default())
}

fn verdicts(compared: &Compared) -> Vec<Verdict> {
    compared.columns.values().map(|column| column.verdict).collect()
}

#[test]
fn what_was_shifted_is_found_and_nothing_else() {
    use Verdict::{Drifted, Steady};
    let old = rows(4_000, 1, 0.0, 0.0, 0.0);
    assert_eq!(verdicts(&compared(&old, &rows(2_000, 2, 0.0, 0.0, 0.0))), [Steady, Steady, Steady]);
    assert_eq!(verdicts(&compared(&old, &rows(2_000, 3, 0.3, 0.0, 0.0))), [Drifted, Steady, Steady]);
    assert_eq!(verdicts(&compared(&old, &rows(2_000, 4, 0.0, 0.2, 0.0))), [Steady, Drifted, Steady]);
    let labels: Vec<_> =
        rows(2_000, 5, 0.0, 0.0, 0.0).into_iter().map(|r| (r.0, r.1, u8::from(r.2 == 1 || r.0 == 1))).collect();
    assert_eq!(verdicts(&compared(&old, &labels)), [Steady, Steady, Drifted]);
    let gone = compared(&old, &rows(2_000, 6, 0.0, 0.0, 0.2));
    assert_eq!(verdicts(&gone), [Drifted, Steady, Steady]);
    let level = &gone.columns["Level"];
    assert!(level.missing.drifted && level.js.unwrap() < 0.05, "{level:?}");
    assert!(level.note.as_deref().unwrap().starts_with("missing in 0.0 % of the reference"), "{level:?}");
}

#[test]
fn what_could_not_be_tested_is_never_called_steady() {
    let old = rows(4_000, 1, 0.0, 0.0, 0.0);
    let none: Vec<_> = old.iter().map(|_| (MISSING, f64::NAN, MISSING)).collect();
    let against_nothing = compared(&old, &none);
    // Values that are all gone have drifted; without a label nothing can be told.
    assert_eq!(verdicts(&against_nothing), [Verdict::Drifted, Verdict::Drifted, Verdict::Untested]);
    assert_eq!(against_nothing.columns["Label"].note.as_deref(), Some("no current row has a label"));
    assert_eq!(verdicts(&compared(&none, &none)), [Verdict::Untested; 3]);
    assert_eq!(verdicts(&compared(&old, &[])), [Verdict::Untested; 3]);
    let one = compared(&old, &old[..1]);
    assert_eq!(verdicts(&one), [Verdict::TooSmall; 3]);
    assert!(one.columns.values().all(|column| column.drift_status.is_none()));
    assert!(one.notes.iter().any(|note| note.starts_with("too few rows to tell (4000 and 1)")), "{:?}", one.notes);
}

#[test]
fn many_rows_say_that_everything_is_significant() {
    let compared = compared(&rows(60_000, 1, 0.0, 0.0, 0.0), &rows(60_000, 2, 0.02, 0.0, 0.0));
    let level = &compared.columns["Level"];
    assert!(level.p_adjusted.unwrap() < 0.001 && level.verdict == Verdict::Steady, "{level:?}");
    assert!(compared.notes.iter().any(|note| note.starts_with("so many rows")), "{:?}", compared.notes);
}

#[test]
fn the_smallest_detectable_distance_is_where_chi_square_turns() {
    // Just below and just above what is said to be detectable, the test says chance and not chance.
    let n = 10_000u64;
    for degrees in [1u32, 2] {
        let detectable = detectable_js(0.05, degrees, [n, n]);
        let counts = |off: f64| {
            let moved = (n as f64 * off) as u64;
            if degrees == 1 { vec![n / 2 + moved, n / 2 - moved] } else { vec![n / 4 + moved, n / 2, n / 4 - moved] }
        };
        let significant = |off: f64| chi_square(&counts(0.0), &counts(off)).unwrap().p_value < 0.05;
        let distance = |off: f64| js_distance(&counts(0.0), &counts(off)).unwrap();
        let turn = (1..2_000).map(|i| f64::from(i) / 1e5).find(|off| significant(*off)).unwrap();
        assert!((distance(turn) / detectable - 1.0).abs() < 0.03, "{degrees}: {} {detectable}", distance(turn));
    }
}

fn some_rows() -> impl Strategy<Value = Vec<(u8, f64, u8)>> {
    let level = prop_oneof![0u8..3, Just(MISSING)];
    let size = prop_oneof![-1e3..1e3f64, Just(0.0), Just(f64::NAN), Just(1e308), Just(-1e308), Just(5e-324)];
    let label = prop_oneof![0u8..2, Just(MISSING)];
    proptest::collection::vec((level, size, label), 0..40)
}

proptest! {
    #[test]
    fn no_rows_make_it_panic_or_claim_more_than_it_knows(old in some_rows(), new in some_rows()) {
        let compared = compared(&old, &new);
        for column in compared.columns.values() {
            let [known, now] = column.known();
            prop_assert_eq!(column.drift_status == Some(false), column.verdict == Verdict::Steady);
            if column.verdict == Verdict::Steady {
                prop_assert!(known > 0 && now > 0 && column.detectable.unwrap() <= column.limit);
            }
            for share in [column.js, column.p_value, column.p_adjusted, column.p_exact, column.missing.js] {
                prop_assert!(share.is_none_or(|share| (0.0..=1.0).contains(&share)), "{:?}", column);
            }
        }
    }
}
