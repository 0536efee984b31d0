use super::neighbours::{Metric, Points};
use super::*;
use proptest::prelude::*;
use serde_json::Value;

const BALANCING: [Resampling; 3] = [Resampling::Oversample, Resampling::Undersample, Resampling::Smote];

/// A row: codes of all features (those of numeric ones are derived), numbers, label, weight.
type Cells = (Vec<u8>, Vec<i32>, u8, u8);

/// Numbers are quarters; their bins are two quarters wide.
fn build(numeric: &[bool], rows: &[Cells]) -> Dataset {
    let mut data = Dataset {
        levels: numeric.iter().map(|n| if *n { 40 } else { 3 }).collect(),
        numeric: numeric.to_vec(),
        ..Dataset::default()
    };
    for (codes, quarters, label, weight) in rows {
        let mut quarters = quarters.iter();
        for (code, numeric) in codes.iter().zip(numeric) {
            let quarter = if *numeric { quarters.next() } else { None };
            data.codes.push(quarter.map_or(*code, |q| (20 + q).div_euclid(2) as u8));
            data.numbers.extend(quarter.map(|q| f64::from(*q) / 4.0));
        }
        data.label.push(*label);
        data.weight.push(f64::from(*weight));
    }
    distinct(Cow::Owned(data)).into_owned()
}

/// Folds of numeric, of categorical, of mixed features, with at least two vectors of each label.
fn folds() -> impl Strategy<Value = Dataset> {
    let forms = prop_oneof![
        Just(vec![true, true, true]),
        Just(vec![false; 6]),
        Just(vec![false, true, false, true, false]),
        Just(vec![true, false]),
    ];
    let rows = |width| {
        let row =
            (proptest::collection::vec(0u8..3, width), proptest::collection::vec(-20i32..20, width), 0u8..2, 1u8..6);
        proptest::collection::vec(row, 4..50)
    };
    forms
        .prop_flat_map(move |numeric| rows(numeric.len()).prop_map(move |rows| build(&numeric, &rows)))
        .prop_filter("two vectors of each label", |data| (0..2).all(|l| of_label(data, l).len() > 1))
}

fn of_label(data: &Dataset, label: u8) -> Vec<usize> {
    (0..data.len()).filter(|i| data.label[*i] == label).collect()
}

/// What can be compared of a label's rows, in their order.
fn rows_of(data: &Dataset, label: u8) -> Vec<(Vec<u8>, Vec<f64>, f64)> {
    let row = |i: usize| (data.row(i).codes.to_vec(), data.row(i).numbers.to_vec(), data.weight[i]);
    of_label(data, label).into_iter().map(row).collect()
}

/// The distance, written down once more in the plainest way.
fn distance(data: &Dataset, a: usize, b: usize) -> f64 {
    let (a, b) = (data.row(a), data.row(b));
    let codes = (0..data.width()).filter(|f| !data.numeric[*f] && a.codes[*f] != b.codes[*f]).count();
    codes as f64 + a.numbers.iter().zip(b.numbers).map(|(a, b)| (a - b).powi(2)).sum::<f64>()
}

fn swapped(data: &Dataset) -> Dataset {
    Dataset { label: data.label.iter().map(|l| 1 - l).collect(), ..data.clone() }
}

proptest! {
    #[test]
    fn classes_are_level_afterwards_and_the_other_class_stays(data in folds(), seed in 0u64..50) {
        let before = label_rows(&data);
        let (small, large) = (before[0].min(before[1]), before[0].max(before[1]));
        for how in BALANCING {
            let after = resample(&data, how, seed, "test").unwrap();
            let kept = if how == Resampling::Undersample { small } else { large };
            prop_assert_eq!(label_rows(&after), [kept, kept]);
            let touched = if how == Resampling::Undersample { 1 - minority(&data) } else { minority(&data) };
            if before[0] != before[1] {
                prop_assert_eq!(rows_of(&after, 1 - touched), rows_of(&data, 1 - touched));
            }
            prop_assert_eq!(&*after, &*resample(&data, how, seed, "test").unwrap());
        }
        let weighted = resample(&data, Resampling::ClassWeights, seed, "test").unwrap();
        let mut sums = [0.0; 2];
        weighted.weights().iter().zip(&weighted.label).for_each(|(w, l)| sums[usize::from(*l)] += w);
        prop_assert!((sums[0] - sums[1]).abs() < 1e-9 && (sums[0] + sums[1] - small - large).abs() < 1e-9);
        prop_assert!(matches!(resample(&data, Resampling::None, seed, "test").unwrap(), Cow::Borrowed(_)));
    }

    #[test]
    fn drawing_rows_changes_weights_only(data in folds(), seed in 0u64..50) {
        let more = resample(&data, Resampling::Oversample, seed, "test").unwrap();
        prop_assert_eq!((&more.codes, &more.numbers, &more.label), (&data.codes, &data.numbers, &data.label));
        prop_assert!(more.weight.iter().zip(&data.weight).all(|(m, w)| m >= w && m.fract() == 0.0));
        let fewer = resample(&data, Resampling::Undersample, seed, "test").unwrap();
        for label in 0..2 {
            let (before, after) = (rows_of(&data, label), rows_of(&fewer, label));
            let was = |r: &(Vec<u8>, Vec<f64>, f64)| before.iter().any(|b| b.0 == r.0 && b.1 == r.1 && b.2 >= r.2);
            prop_assert!(after.iter().all(|r| was(r) && r.2 >= 1.0 && r.2.fract() == 0.0));
        }
    }

    #[test]
    fn synthetic_rows_are_made_of_a_seed_and_its_neighbours(data in folds(), seed in 0u64..50) {
        let after = resample(&data, Resampling::Smote, seed, "test").unwrap();
        let own = of_label(&data, minority(&data));
        let rows: Vec<u32> = own.iter().map(|i| *i as u32).collect();
        let points = Points::new(&data, smote::metric(&data, &rows), rows.clone());
        // The rows of before come first, in their order, with at least their weight.
        prop_assert_eq!(&after.label[..data.len()], &data.label[..]);
        prop_assert_eq!(&after.codes[..data.codes.len()], &data.codes[..]);
        prop_assert!(after.weight.iter().zip(&data.weight).all(|(a, b)| a >= b));
        for i in data.len()..after.len() {
            prop_assert_eq!(after.label[i], minority(&data));
            let made = after.row(i);
            let made_of = |a: u32| {
                let near = points.nearest(a, 5);
                let from = data.row(a as usize);
                near.iter().any(|b| on_the_line(from.numbers, data.row(*b as usize).numbers, made.numbers))
                    && (0..data.width()).all(|f| {
                        let has = |row: &u32| data.row(*row as usize).codes[f] == made.codes[f];
                        data.numeric[f] || near.iter().any(has) || (data.numeric_width() == 0 && has(&a))
                    })
            };
            prop_assert!(rows.iter().any(|a| made_of(*a)), "row {} comes from nowhere", i);
        }
        // Codes go on being a function of the numbers that never falls.
        for (nth, feature) in (0..data.width()).filter(|f| data.numeric[*f]).enumerate() {
            let mut pairs: Vec<(f64, u8)> =
                (0..after.len()).map(|i| (after.row(i).numbers[nth], after.row(i).codes[feature])).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            prop_assert!(pairs.windows(2).all(|w| w[0].1 <= w[1].1 && (w[0].0 != w[1].0 || w[0].1 == w[1].1)));
        }
    }

    #[test]
    fn links_are_mutual_nearest_rows_of_different_label(data in folds(), seed in 0u64..50) {
        let nearest = |i: usize| {
            let others = (0..data.len()).filter(|j| *j != i);
            others.min_by(|a, b| distance(&data, i, *a).total_cmp(&distance(&data, i, *b))).unwrap()
        };
        let expected: Vec<bool> =
            (0..data.len()).map(|i| nearest(nearest(i)) == i && data.label[i] != data.label[nearest(i)]).collect();
        prop_assert_eq!(&tomek::linked(&data), &expected);
        let small = minority(&data);
        if let Ok(after) = resample(&data, Resampling::TomekLinks, seed, "test") {
            prop_assert_eq!(rows_of(&after, small), rows_of(&data, small));
            prop_assert_eq!(data.len() - after.len(), expected.iter().filter(|l| **l).count() / 2);
        }
        let smoted = resample(&data, Resampling::Smote, seed, "test").unwrap();
        let kept: Vec<bool> = tomek::linked(&smoted).iter().map(|linked| !linked).collect();
        match resample(&data, Resampling::SmoteTomek, seed, "test") {
            Ok(after) => prop_assert_eq!(&*after, &keep(&smoted, &kept)),
            Err(reason) => {
                prop_assert!(!keep(&smoted, &kept).has_both_labels());
                prop_assert!(reason.contains("none would be left"));
            }
        }
    }

    #[test]
    fn which_label_is_the_smaller_one_makes_no_difference(data in folds(), seed in 0u64..50) {
        let before = label_rows(&data);
        prop_assume!(before[0] != before[1]);
        for how in [Resampling::Oversample, Resampling::Undersample, Resampling::TomekLinks, Resampling::Smote] {
            // Shares of positive and of negative rows do not round alike, and with them near ties.
            if how != Resampling::Smote || data.numeric_width() > 0 {
                let other_way = swapped(&data);
                let other = resample(&other_way, how, seed, "test").map(|d| swapped(&d));
                prop_assert_eq!(other, resample(&data, how, seed, "test").map(Cow::into_owned));
            }
        }
    }
}

/// Whether a point is on the line from `a` to `b`.
fn on_the_line(a: &[f64], b: &[f64], point: &[f64]) -> bool {
    let along = (0..a.len()).find(|i| a[*i] != b[*i]);
    let step = along.map_or(0.0, |i| (point[i] - a[i]) / (b[i] - a[i]));
    (0.0..=1.0).contains(&step) && (0..a.len()).all(|i| (a[i] + step * (b[i] - a[i]) - point[i]).abs() < 1e-9)
}

fn random(numeric: &[bool], rows: usize) -> Dataset {
    let mut stream = Stream::new(5, &["test data"]);
    let mut row = || {
        let codes = numeric.iter().map(|_| stream.below(3) as u8).collect();
        let quarters = numeric.iter().map(|_| stream.below(40) as i32 - 20).collect();
        (codes, quarters, u8::from(stream.below(3) == 0), 1 + stream.below(2) as u8)
    };
    let rows: Vec<Cells> = (0..rows).map(|_| row()).collect();
    build(numeric, &rows)
}

#[test]
fn the_number_of_threads_changes_nothing_but_seed_and_purpose_do() {
    for numeric in [vec![true; 5], vec![false; 12], vec![true, false, false, true, false, false, false]] {
        let data = random(&numeric, 1_500);
        for how in [BALANCING.as_slice(), &[Resampling::TomekLinks, Resampling::SmoteTomek]].concat() {
            let with = |threads, seed, purpose| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| resample(&data, how, seed, purpose).unwrap().into_owned())
            };
            let one = with(1, 1, "fold 1");
            assert_eq!(one, with(4, 1, "fold 1"));
            if how != Resampling::TomekLinks {
                assert_ne!(one, with(1, 2, "fold 1"));
                assert_ne!(one, with(1, 1, "fold 2"));
            }
        }
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let reason = |data: &Dataset, how| resample(data, how, 1, "test").unwrap_err();
    let row = |quarter, label, weight| (vec![0], vec![quarter], label, weight);
    let one_label = build(&[true], &[row(1, 0, 1), row(2, 0, 1)]);
    assert_eq!(reason(&one_label, Resampling::Oversample), "the training rows have one label only");
    // Two observed rows, but one vector.
    let single = build(&[true], &[row(1, 1, 2), row(5, 0, 3), row(9, 0, 1)]);
    assert!(reason(&single, Resampling::Smote).contains("one distinct vector only"));
    let bordering = build(&[true], &[row(0, 0, 9), row(1, 1, 1), row(9, 1, 1)]);
    assert!(reason(&bordering, Resampling::TomekLinks).contains("none would be left"));
    let mut large = build(&[true], &[row(0, 0, 1)]);
    large.numbers = (0..20_001).map(f64::from).collect();
    large.codes = vec![0; 20_001];
    large.label = (0..20_001).map(|i| u8::from(i % 3 == 0)).collect();
    large.weight = vec![1.0; 20_001];
    let many = "Tomek links need at most 20,000 distinct vectors, the fold has 20001";
    assert_eq!(reason(&large, Resampling::TomekLinks), many);
    assert_eq!(reason(&large, Resampling::SmoteTomek), many);
}

#[test]
fn a_vector_of_both_labels_is_a_link_and_equal_rows_are_one() {
    let row = |codes: [u8; 2], label, weight| (codes.to_vec(), vec![], label, weight);
    let mut data = build(&[false; 2], &[row([0, 1], 0, 4), row([1, 1], 0, 2), row([0, 1], 1, 1), row([2, 2], 1, 1)]);
    let after = resample(&data, Resampling::TomekLinks, 1, "test").unwrap().into_owned();
    assert_eq!(
        (after.codes.as_slice(), after.weight.as_slice()),
        ([1, 1, 0, 1, 2, 2].as_slice(), [2.0, 1.0, 1.0].as_slice())
    );
    // The same once more, as a filled value may have it: the twin does not shield it.
    data.codes.extend([0, 1]);
    data.label.push(0);
    data.weight.push(1.0);
    assert_eq!(*resample(&data, Resampling::TomekLinks, 1, "test").unwrap(), after);
}

#[test]
fn a_large_minority_is_searched_in_a_sample() {
    let rows = 20_500;
    let data = Dataset {
        levels: vec![1],
        numeric: vec![true],
        codes: vec![0; rows + 1],
        numbers: (0..=rows).map(|i| i as f64).collect(),
        label: (0..=rows).map(|i| u8::from(i < rows)).collect(),
        weight: (0..=rows).map(|i| if i < rows { 1.0 } else { 20_700.0 }).collect(),
        class_weight: None,
    };
    let after = resample(&data, Resampling::Smote, 1, "test").unwrap();
    assert_eq!(label_rows(&after), [20_700.0, 20_700.0]);
    let made = &after.numbers[rows + 1..];
    assert!(made.len() > 190 && made.iter().all(|v| (0.0..rows as f64).contains(v)));
    assert_eq!(after, resample(&data, Resampling::Smote, 1, "test").unwrap());
}

#[test]
fn a_number_has_the_code_the_preprocessor_would_give_it() {
    // Edges are halfway between neighbouring values; a value on an edge is in the lower bin.
    let rows: Vec<Cells> = [0, 4, 12].iter().map(|q| (vec![0], vec![*q], 1, 1)).collect();
    let data = Dataset { codes: vec![0, 1, 2], ..build(&[true], &rows) };
    let code = |value| smote::Bins::of(&data).code(0, value);
    assert_eq!([-1.0, 0.0, 0.5, 0.51, 1.0, 2.0, 2.1, 3.0, 9.0].map(code), [0, 0, 0, 1, 1, 1, 2, 2, 2]);
}

#[test]
fn names_are_those_of_the_settings() {
    let names = ["none", "class_weights", "oversample", "undersample", "smote", "tomek_links", "smote_tomek"];
    let all: Vec<Resampling> = names.map(|n| serde_json::from_value(Value::from(n)).unwrap()).to_vec();
    assert_eq!(all.iter().map(|how| how.distorts()).collect::<Vec<_>>(), [false, true, true, true, true, true, true]);
    assert_eq!(serde_json::to_value(all).unwrap(), Value::from(names.to_vec()));
}

mod imbalanced_learn;
