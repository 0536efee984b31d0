use super::*;
use crate::dataset::Row;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    repeats: u32,
    codes: Vec<[u8; 2]>,
    numbers: Vec<f64>,
    y: Vec<u8>,
    w: Vec<u32>,
    f1: f64,
    mean: Vec<f64>,
    sd: Vec<f64>,
}

/// Scores many rows by what scores one.
fn each(score: impl Fn(Row<'_>) -> f64 + Sync) -> impl Fn(&Encoded) -> Vec<f64> + Sync {
    move |rows| (0..rows.len()).map(|i| score(rows.row(i))).collect()
}

static GO: AtomicBool = AtomicBool::new(false);

#[test]
fn the_loss_is_that_of_scikit_learn() {
    let fixture: Fixture = serde_json::from_str(include_str!("../../tests/fixtures/importance.json")).unwrap();
    for case in &fixture.cases {
        let codes = case.codes.iter().zip(&case.numbers).flat_map(|(c, x)| [c[0], c[1], u8::from(*x > 0.3)]).collect();
        let rows =
            Encoded::new(vec![3, 2, 2], vec![false, false, true], codes, case.numbers.clone(), case.numbers.len());
        let counts: Vec<[u32; 2]> =
            case.y.iter().zip(&case.w).map(|(y, w)| if *y == 1 { [0, *w] } else { [*w, 0] }).collect();
        let score = |row: Row<'_>| {
            // Code and number of a shuffled feature still belong together.
            assert_eq!(row.codes[2] == 1, row.numbers[0] > 0.3);
            f64::from(u8::from(row.codes[0] == 1 || (row.numbers[0] > 0.3 && row.codes[0] != 0)))
        };
        let untouched: Vec<f64> = (0..rows.len()).map(|i| score(rows.row(i))).collect();
        assert!((metrics::f1(&counts, &untouched, 0.5) - case.f1).abs() < 1e-12);
        let lost = permutation(&each(score), &rows, &counts, 0.5, case.repeats, 3, &GO).unwrap();
        assert_eq!(lost.len(), case.mean.len());
        for (feature, (mean, sd)) in lost.into_iter().enumerate() {
            // Both means are of `repeats` draws: their difference has a standard error of sd * sqrt(2 / repeats).
            let within = 4.0 * case.sd[feature] * (2.0 / f64::from(case.repeats)).sqrt();
            assert!((mean - case.mean[feature]).abs() <= within, "{feature}: {mean} {}", case.mean[feature]);
            assert!((sd - case.sd[feature]).abs() <= 0.1 * case.sd[feature], "{feature}: {sd} {}", case.sd[feature]);
        }
    }
}

/// Rows of three categorical features, of which the second decides the label.
fn many(n: u32) -> (Encoded, Vec<[u32; 2]>) {
    let codes = (0..n).flat_map(|i| [(i % 3) as u8, (i / 3 % 2) as u8, (i / 6 % 5) as u8]).collect();
    let counts = (0..n).map(|i| if i / 3 % 2 == 1 { [0, 1 + i % 2] } else { [1, 0] }).collect();
    (Encoded::new(vec![3, 2, 5], vec![false; 3], codes, Vec::new(), n as usize), counts)
}

#[test]
fn a_feature_that_is_not_used_loses_exactly_nothing() {
    let (rows, counts) = many(300);
    let lost = permutation(&each(|row| f64::from(row.codes[1])), &rows, &counts, 0.5, 5, 1, &GO).unwrap();
    assert_eq!((lost[0], lost[2]), ((0.0, 0.0), (0.0, 0.0)));
    assert!(lost[1].0 > 0.3 && lost[1].1 > 0.0, "{lost:?}");
    let other = permutation(&each(|row| f64::from(row.codes[1])), &rows, &counts, 0.5, 5, 2, &GO).unwrap();
    assert_ne!(lost[1], other[1]);
}

#[test]
fn the_thread_count_changes_nothing_and_many_vectors_are_sampled() {
    let (rows, counts) = many(3 * MAX_VECTORS as u32);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let score = |row: Row<'_>| {
        asked.fetch_add(1, Ordering::Relaxed);
        f64::from(row.codes[1]) * 0.5 + f64::from(row.codes[2]) * 0.05
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| permutation(&each(score), &rows, &counts, 0.55, 2, 9, &GO).unwrap())
    };
    let one = on(1);
    assert_eq!(asked.load(Ordering::Relaxed), MAX_VECTORS * (1 + 3 * 2));
    assert_eq!(one, on(4));
}

#[test]
fn it_ends_early_when_asked_and_says_nothing_about_nothing() {
    let (rows, counts) = many(30);
    assert_eq!(permutation(&each(|_| 0.5), &rows, &counts, 0.5, 3, 1, &AtomicBool::new(true)), None);
    let (none, counts) = many(0);
    assert_eq!(permutation(&each(|_| 0.5), &none, &counts, 0.5, 3, 1, &GO), Some(vec![(0.0, 0.0); 3]));
}
