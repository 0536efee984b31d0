use super::*;

const SMALL: &str = "name: t\ntarget: y\npositive: bad\nlabels: {bad: attack, good: benign}\nmissing: [na, '', '?']\ncolumns:\n\
    - {name: n, type: int64, range: [0, 10]}\n- {name: f, type: float64}\n- {name: b, type: bool}\n\
    - {name: s, type: string, values: [x, z], levels: {x: 'the first'}}\n- {name: y, type: string, values: [bad, good]}\n";

#[test]
fn the_built_in_schema_is_the_phishing_data() {
    let schema = Schema::parse(BUILT_IN, "built-in").unwrap();
    assert_eq!(schema.features.len(), 30);
    assert_eq!(schema.target.name, "Result");
    assert_eq!(schema.target_value(true).to_string(), "-1");
    assert_eq!((schema.label(true), schema.label(false)), ("phishing", "legitimate"));
    for name in ["Shortining_Service", "popUpWidnow", "Domain_registeration_length"] {
        assert!(schema.column(name).is_some(), "{name}");
    }
    for column in schema.columns() {
        assert!(!column.meaning.is_empty(), "{}", column.name);
        for level in column.levels() {
            assert!(
                column.name == "Result" || column.level_meaning(&level.to_string()).is_some(),
                "{} {level}",
                column.name
            );
        }
    }
}

#[test]
fn the_plain_form_is_read() {
    let text = "columns:\n  - a: int64\n  - b: float64\n  - Result: int64\nnumerical_columns:\n  - a\n  - b\n";
    let schema = Schema::parse(text, "plain").unwrap();
    assert_eq!(schema.features.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((schema.target.name.as_str(), schema.target_value(true)), ("Result", &Scalar::Int(-1)));
    let other = Schema::parse(&format!("{text}target: a\npositive: 7\nnegative: 3\n"), "plain").unwrap();
    assert_eq!((other.target.name.as_str(), other.target_value(true)), ("a", &Scalar::Int(7)));
}

#[test]
fn cells_are_typed_by_their_column() {
    let schema = Schema::parse(SMALL, "small").unwrap();
    let parse = |name: &str, text: &str| schema.parse_cell(schema.column(name).unwrap(), text);
    assert_eq!(parse("n", " 7 "), Ok(Value::Number(7.0)));
    assert_eq!(parse("n", "7.0"), Ok(Value::Number(7.0)));
    assert_eq!(parse("b", "True"), Ok(Value::Level(1)));
    assert_eq!(parse("s", "z"), Ok(Value::Level(1)));
    assert_eq!(parse("y", "bad"), Ok(Value::Level(1)), "positive stands at 1");
    for missing in ["", "na", "?", "  "] {
        assert_eq!(parse("f", missing), Ok(Value::Missing));
    }
    for (name, text, part) in [
        ("n", "11", "outside 0 to 10"),
        ("n", "1.5", "not a whole number"),
        ("n", "seven", "not a number"),
        ("f", "inf", "not a finite number"),
        ("f", "1e999", "not a finite number"),
        ("b", "maybe", "not true or false"),
        ("s", "q", "not one of x, z"),
    ] {
        let error = parse(name, text).unwrap_err();
        assert!(error.contains(part), "{name} {text}: {error}");
    }
}

#[test]
fn documents_are_typed_whatever_their_number_type() {
    let schema = Schema::parse(BUILT_IN, "built-in").unwrap();
    let column = schema.column("URL_Length").unwrap();
    let one = Ok(Value::Level(2));
    for value in [Bson::Int32(1), Bson::Int64(1), Bson::Double(1.0), Bson::String("1".into())] {
        assert_eq!(schema.parse_bson(column, &value), one);
    }
    for value in [Bson::Null, Bson::String("na".into()), Bson::Double(f64::NAN)] {
        assert_eq!(schema.parse_bson(column, &value), Ok(Value::Missing));
    }
    assert!(schema.parse_bson(column, &Bson::Array(vec![])).unwrap_err().contains("a list"));
    assert!(schema.parse_bson(column, &Bson::Int32(5)).unwrap_err().contains("not one of"));
}

#[test]
fn mistakes_name_the_file_and_the_line() {
    let line = Schema::parse(&SMALL.replace("missing:", "mising:"), "s.yaml").unwrap_err();
    assert!(line.to_string().starts_with("s.yaml, line 5"), "{line}");
    assert!(line.hint_text().is_some());
    for (from, to, part) in [
        ("positive: bad", "positive: worse", "not among the target's values"),
        ("target: y", "target: q", "not among the columns"),
        ("name: f", "name: n", "stands twice"),
        ("range: [0, 10]", "range: [10, 0]", "begins above its end"),
        ("type: bool", "type: boo", "unknown variant"),
        ("values: [x, z]", "values: [x, x]", "twice"),
        ("- {name: s, type: string, values: [x, z]", "- {name: s, type: string", "needs `values`"),
        ("name: f", "name: _id", "taken"),
    ] {
        let error = Schema::parse(&SMALL.replace(from, to), "s.yaml").unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("s.yaml"), "{from} -> {to}: {error}");
    }
}
