use super::*;

const PLAIN: &str = "name: t\ntarget: y\npositive: bad\nlabels: {bad: attack, good: benign}\nmissing: [na]\ncolumns:\n\
    - {name: s, type: string, values: [a, b]}\n- {name: n, type: int64, range: [0, 10]}\n\
    - {name: y, type: string, values: [bad, good]}\n";

fn schema(text: &str) -> Schema {
    Schema::parse(text, "t").unwrap()
}

/// A vector: its level, its number, its rows by label.
type Plain = (&'static str, f64, [u32; 2]);

fn vectors(schema: &Schema, rows: &[Plain]) -> Vectors {
    let mut vectors = Vectors::empty(schema);
    for (level, number, counts) in rows {
        let level = schema.features[0].parse(level).unwrap_or(Value::Missing);
        let values = [level, Value::Number(*number)];
        vectors.hash.push(hash_vector(schema, "", &values));
        vectors.counts.push(*counts);
        vectors.columns.iter_mut().zip(values).for_each(|(cells, value)| cells.push(value));
    }
    vectors
}

fn parts(text: &str, train: &[Plain], test: &[Plain]) -> Parts {
    let schema = schema(text);
    let train = vectors(&schema, train);
    Parts { train: train.hash.into_iter().zip(train.counts).collect(), test: vectors(&schema, test), schema }
}

#[test]
fn what_either_was_trained_on_is_left_out_and_the_newer_counts_win() {
    let base = parts(PLAIN, &[("a", 1.0, [1, 0])], &[("b", 1.0, [1, 0]), ("b", 2.0, [0, 1]), ("a", 9.0, [3, 0])]);
    let new = parts(PLAIN, &[("b", 2.0, [0, 1])], &[("b", 1.0, [2, 1]), ("a", 1.0, [1, 0]), ("b", 3.0, [0, 4])]);
    for (order, shared) in [([0, 1], [2, 1]), ([1, 0], [1, 0])] {
        let found = unseen(&[&base, &new], &order);
        assert_eq!((found.left_out, found.unknown), (2, vec![0, 0]));
        assert!(!found.same_data && !found.same_holdout);
        assert_eq!(found.sides[0], found.sides[1]);
        let mut counts = found.sides[0].counts.clone();
        counts.sort_unstable();
        let mut expected = vec![shared, [3, 0], [0, 4]];
        expected.sort_unstable();
        assert_eq!(counts, expected);
    }
    let found = unseen(&[&base, &base], &[0, 1]);
    assert!(found.same_data && found.same_holdout && found.left_out == 0);
    assert_eq!(found.sides[0].len(), 3);
}

#[test]
fn of_several_all_must_not_have_seen_a_vector() {
    let parts = [
        parts(PLAIN, &[("a", 1.0, [1, 0])], &[("b", 1.0, [1, 0]), ("b", 2.0, [0, 1])]),
        parts(PLAIN, &[("a", 2.0, [1, 0])], &[("b", 1.0, [2, 0]), ("a", 1.0, [5, 0])]),
        parts(PLAIN, &[("b", 2.0, [0, 1])], &[("b", 1.0, [3, 0]), ("b", 7.0, [0, 9])]),
    ];
    let all: Vec<&Parts> = parts.iter().collect();
    let found = unseen(&all, &[2, 0, 1]);
    assert_eq!((found.sides.len(), found.left_out), (3, 2), "one of each of the first two");
    let mut counts = found.sides[2].counts.clone();
    counts.sort_unstable();
    assert_eq!(counts, [[0, 9], [2, 0]], "the newest run's labels");
    assert!(found.sides.iter().all(|side| *side == found.sides[0]));
    // A pair has more in common than all three.
    assert_eq!(unseen(&all[..2], &[0, 1]).sides[0].len(), 2);
}

#[test]
fn each_model_reads_them_by_its_own_schema() {
    // Another order of the levels, and one more.
    let wider = PLAIN.replace("values: [a, b]", "values: [c, b, a]");
    let base = parts(PLAIN, &[], &[("a", 1.0, [1, 0]), ("na", 2.0, [0, 1])]);
    let new = parts(&wider, &[], &[("a", 1.0, [1, 0]), ("c", 5.0, [0, 2])]);
    let found = unseen(&[&base, &new], &[0, 1]);
    assert_eq!((found.sides[0].len(), found.unknown), (3, vec![1, 0]));
    for i in 0..3 {
        let level = |side: usize, own: &Parts| {
            own.schema.features[0].scalar(found.sides[side].columns[0].get(i)).map(|level| level.to_string())
        };
        let (one, other) = (level(0, &base), level(1, &new));
        assert!(one == other || (one.is_none() && other.as_deref() == Some("c")), "{one:?} {other:?}");
    }
}

#[test]
fn schemas_that_do_not_fit_are_told_apart() {
    let plain = schema(PLAIN);
    assert!(check_schemas(["x", "y"], [&plain, &schema(&PLAIN.replace("values: [a, b]", "values: [b]"))]).is_ok());
    let error = |text: &str| {
        let error = check_schemas(["x", "y"], [&plain, &schema(text)]).unwrap_err();
        format!("{error}: {}", error.hint_text().unwrap())
    };
    let other = error(&PLAIN.replace("name: n,", "name: m,"));
    assert!(other.contains("different columns") && other.contains("only x has n, only y has m"), "{other}");
    let kind = error(&PLAIN.replace("int64", "float64"));
    assert!(kind.contains("only x has n, only y has n"), "{kind}");
    let label = error(&PLAIN.replace("positive: bad", "positive: good"));
    assert!(label.contains("same label positive") && label.contains("x: attack, y: benign"), "{label}");
}
