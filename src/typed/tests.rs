use super::*;
use bson::{Document, doc};
use polars::prelude::{DataFrame, NamedFrom, Series as Plain};
use proptest::prelude::*;

fn schema() -> Schema {
    let text = "
name: mixed
target: Label
positive: bad
columns:
- {name: Code, type: int64, values: [-1, 0, 1, 300]}
- {name: Size, type: float64, range: [0, null]}
- {name: Count, type: int64, range: [null, null]}
- {name: Word, type: string, values: [red, green]}
- {name: Flag, type: bool}
- {name: Label, type: string, values: [good, bad]}
";
    Schema::parse(text, "mixed.yaml").unwrap()
}

fn batch(rows: &[Document], odd: &[usize]) -> Batch {
    let field = |name: &str, row: &Document| row.get(name).filter(|v| **v != Bson::Null).cloned();
    let ints = |name: &str| rows.iter().map(|r| field(name, r).and_then(|v| v.as_i64())).collect::<Vec<_>>();
    let texts = |name: &str| {
        rows.iter().map(|r| field(name, r).and_then(|v| v.as_str().map(str::to_owned))).collect::<Vec<_>>()
    };
    let columns: Vec<Series> = vec![
        Plain::new("Code".into(), ints("Code")).into(),
        Plain::new("Size".into(), rows.iter().map(|r| field("Size", r).and_then(|v| v.as_f64())).collect::<Vec<_>>())
            .into(),
        Plain::new("Count".into(), ints("Count")).into(),
        Plain::new("Word".into(), texts("Word")).into(),
        Plain::new("Flag".into(), rows.iter().map(|r| field("Flag", r).and_then(|v| v.as_bool())).collect::<Vec<_>>())
            .into(),
        Plain::new("Label".into(), texts("Label")).into(),
    ];
    let frame = DataFrame::new(rows.len(), columns).unwrap();
    // What an odd row has stands in its document alone.
    let odd = odd.iter().filter(|at| **at < rows.len()).map(|at| (*at, rows[*at].clone())).collect();
    Batch { frame, odd, ids: Vec::new(), stored: None, notes: Vec::new() }
}

/// What the schema says, cell by cell.
fn slowly(schema: &Schema, rows: &[Document]) -> (Vec<Vec<Value>>, Vec<Refused>) {
    let mut refused = Vec::new();
    let values = rows
        .iter()
        .enumerate()
        .map(|(row, document)| {
            let typed = schema.columns().enumerate().map(|(at, column)| {
                schema.parse_bson(column, document.get(&column.name).unwrap_or(&Bson::Null)).unwrap_or_else(|reason| {
                    refused.push(Refused { row, column: Some(at), reason });
                    Value::Missing
                })
            });
            typed.collect()
        })
        .collect();
    (values, refused)
}

fn cell(kind: u8, n: i64) -> Document {
    let text = ["red", "green", "blue", "na", ""][n.rem_euclid(5) as usize];
    let label = ["good", "bad", "na", "ugly"][n.rem_euclid(4) as usize];
    let size = [n as f64, -0.5, f64::NAN, f64::INFINITY, 1e308][n.rem_euclid(5) as usize];
    match kind {
        0 => doc! {},
        1 => {
            doc! { "Code": n % 3, "Size": size, "Count": n * 1_000, "Word": text, "Flag": n % 2 == 0, "Label": label }
        }
        _ => {
            doc! { "Code": n * 100, "Size": size, "Count": Bson::Null, "Word": text, "Flag": Bson::Null, "Label": label }
        }
    }
}

proptest! {
    #[test]
    fn columns_give_what_cells_give(
        kinds in proptest::collection::vec((0u8..3, -400i64..400), 0..60),
        odd in proptest::collection::btree_set(0usize..60, 0..5),
    ) {
        let schema = schema();
        let mut rows: Vec<Document> = kinds.into_iter().map(|(kind, n)| cell(kind, n)).collect();
        let odd: Vec<usize> = odd.into_iter().filter(|at| *at < rows.len()).collect();
        for at in &odd {
            rows[*at].insert("Code", Bson::Array(vec![Bson::Int32(1)]));
            rows[*at].insert("Count", Bson::Double(*at as f64 + 0.5));
        }
        let typed = Typed::of_batch(&schema, &batch(&rows, &odd));
        let (values, refused) = slowly(&schema, &rows);
        prop_assert_eq!(&typed.refused, &refused);
        for (row, values) in values.iter().enumerate() {
            let (label, features) = values.split_last().unwrap();
            prop_assert_eq!(&typed.row(row), features);
            let label = if let Value::Level(label) = label { *label } else { MISSING };
            prop_assert_eq!(typed.label[row], label);
        }
        let bad: Vec<bool> = (0..rows.len()).map(|row| !refused.iter().any(|r| r.row == row)).collect();
        prop_assert_eq!(typed.accepted(), bad);
    }
}

#[test]
fn rows_of_a_file_are_refused_with_their_place() {
    let schema = schema();
    let names: Vec<String> = schema.columns().map(|c| c.name.clone()).collect();
    let row = |cells: &[&str]| source::Row {
        line: 2,
        cells: Ok(source::Cells::Positional(cells.iter().map(|c| (*c).to_owned()).collect())),
        text: String::new(),
    };
    let broken = source::Row { line: 4, cells: Err("3 cells where 6 belong".to_owned()), text: "1,2,3".to_owned() };
    let rows = [row(&["1", "2.5", "7", "red", "true", "bad"]), row(&["5", "-1", "x", "red", "na", "good"]), broken];
    let typed = Typed::of_rows(&schema, &names, &rows);
    let texts: Vec<(usize, String)> = typed.refused.iter().map(|r| (r.row, r.text(&schema))).collect();
    assert_eq!(
        texts,
        [
            (1, "Code: \"5\" is not one of -1, 0, 1, 300".to_owned()),
            (1, "Size: -1 is outside 0 to open".to_owned()),
            (1, "Count: \"x\" is not a number".to_owned()),
            (2, "3 cells where 6 belong".to_owned()),
        ]
    );
    assert_eq!(typed.accepted(), [true, false, false]);
    assert!(typed.absent.is_empty());
}

#[test]
fn a_column_that_no_row_has_is_absent() {
    let schema = schema();
    let frame = DataFrame::new(2, vec![Plain::new("Code".into(), [1i64, 0]).into()]).unwrap();
    let typed =
        Typed::of_batch(&schema, &Batch { frame, odd: Vec::new(), ids: Vec::new(), stored: None, notes: Vec::new() });
    assert_eq!(typed.absent, [1, 2, 3, 4, 5]);
    assert_eq!(typed.row(0)[0], Value::Level(2));
    assert_eq!(typed.label, [MISSING; 2]);
}
