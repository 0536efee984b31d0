use super::*;
use crate::error::Kind;
use proptest::prelude::*;

const PLAIN: &str = "name: t\ntarget: y\npositive: bad\nlabels: {bad: attack, good: benign}\nmissing: [na]\ncolumns:\n\
    - {name: s, type: string, values: [a, b]}\n- {name: n, type: int64, range: [0, 1000]}\n\
    - {name: y, type: string, values: [bad, good]}\n";

fn schema(text: &str) -> Schema {
    Schema::parse(text, "t").unwrap()
}

/// The hold-out of vectors `s = level` with n from 0 on, as it is chosen with this salt.
fn held_out(schema: &Schema, level: &str, vectors: u32, salt: &str, share: f64) -> Vectors {
    let mut test = Vectors::empty(schema);
    for n in 0..vectors {
        let values = [schema.features[0].parse(level).unwrap(), Value::Number(f64::from(n))];
        let hash = hash_vector(schema, salt, &values);
        if !is_holdout(&hash, share) {
            continue;
        }
        test.hash.push(hash);
        test.counts.push([n, 1]);
        test.columns.iter_mut().zip(values).for_each(|(cells, value)| cells.push(value));
    }
    test
}

fn champion<'a>(schema: &'a Schema, salt: &'a str, holdout: f64) -> ChampionSide<'a> {
    ChampionSide { name: "version 3", schema, salt, holdout }
}

#[test]
fn with_one_salt_and_share_nothing_is_left_out() {
    let plain = schema(PLAIN);
    let test = held_out(&plain, "a", 500, "s", 0.2);
    let found = common(&champion(&plain, "s", 0.2), "run 1", &plain, &test).unwrap();
    assert_eq!((found.left_out, found.unknown), (0, 0));
    assert_eq!((&found.challenger, &found.champion), (&test, &test));
    // A champion that held out less may have been trained on the others.
    let found = common(&champion(&plain, "s", 0.1), "run 1", &plain, &test).unwrap();
    assert!(found.left_out > 0 && found.left_out + found.challenger.len() as u64 == test.len() as u64);
    assert!(found.challenger.hash.iter().all(|hash| is_holdout(hash, 0.1)));
    // One that held out more is no hindrance.
    assert_eq!(common(&champion(&plain, "s", 0.4), "run 1", &plain, &test).unwrap().left_out, 0);
}

#[test]
fn another_salt_leaves_what_both_held_out() {
    let plain = schema(PLAIN);
    let test = held_out(&plain, "a", 1_000, "s", 0.5);
    let found = common(&champion(&plain, "other", 0.5), "run 1", &plain, &test).unwrap();
    let share = found.left_out as f64 / test.len() as f64;
    assert!((0.4..0.6).contains(&share), "{share}");
    for i in 0..found.challenger.len() {
        assert!(is_holdout(&hash_vector(&plain, "other", &row(&found.challenger, i)), 0.5));
    }
}

#[test]
fn each_reads_them_by_its_own_schema() {
    let plain = schema(PLAIN);
    // Another order of the levels, and one more.
    let wider = schema(&PLAIN.replace("values: [a, b]", "values: [c, b, a]"));
    for (level, unknown) in [("a", false), ("c", true)] {
        let test = held_out(&wider, level, 300, "s", 0.5);
        let found = common(&champion(&plain, "s", 0.5), "run 1", &wider, &test).unwrap();
        let kept = found.challenger.len() as u64;
        assert!(kept > 0);
        assert_eq!(found.unknown, if unknown { kept } else { 0 });
        // The side of what the champion reads counts: that of `c` is the side of a missing value.
        assert_eq!(found.left_out == 0, !unknown);
        for i in 0..found.challenger.len() {
            let own = wider.features[0].scalar(found.challenger.columns[0].get(i)).unwrap().to_string();
            assert_eq!(own, level);
            let read = plain.features[0].scalar(found.champion.columns[0].get(i));
            assert_eq!(read.map(|s| s.to_string()), (!unknown).then(|| "a".to_owned()));
            assert_eq!(found.champion.columns[1].get(i), found.challenger.columns[1].get(i));
        }
    }
}

#[test]
fn schemas_that_do_not_fit_are_named() {
    let plain = schema(PLAIN);
    let test = held_out(&plain, "a", 10, "s", 0.5);
    let error = |text: &str| {
        let other = schema(text);
        common(&champion(&other, "s", 0.5), "run 1", &plain, &test).unwrap_err()
    };
    let columns = error(&PLAIN.replace("name: n,", "name: m,"));
    assert_eq!(columns.kind(), Kind::User);
    assert!(columns.to_string().starts_with("version 3 and run 1 have schemas with different columns"), "{columns}");
    assert_eq!(columns.hint_text(), Some("only version 3 has m, only run 1 has n"));
    let label = error(&PLAIN.replace("positive: bad", "positive: good"));
    assert!(label.to_string().contains("do not call the same label positive"), "{label}");
}

proptest! {
    #[test]
    fn every_vector_is_kept_or_counted_and_none_was_seen(salts in ("[a-c]", "[a-c]"), shares in (0.05..0.95, 0.05..0.95)) {
        let plain = schema(PLAIN);
        let test = held_out(&plain, "b", 200, &salts.0, shares.0);
        let found = common(&champion(&plain, &salts.1, shares.1), "run 1", &plain, &test).unwrap();
        prop_assert_eq!(found.left_out + found.challenger.len() as u64, test.len() as u64);
        prop_assert_eq!(&found.challenger, &found.champion);
        for i in 0..found.challenger.len() {
            let hash = hash_vector(&plain, &salts.1, &row(&found.challenger, i));
            prop_assert!(is_holdout(&hash, shares.1), "a champion of these rows was trained on it");
        }
    }
}
