//! The rows that pushes rejected: shown, exported, as JSON.

use crate::support::Home;
use serde_json::Value;

/// The sample's header and first row.
fn sample(home: &Home) -> (String, String) {
    let csv = home.ok(&["sample", "--rows", "1", "--seed", "1"]);
    let (header, row) = csv.trim_end().split_once('\n').unwrap();
    (header.to_owned(), row.to_owned())
}

/// A row with another first cell.
fn with_first(row: &str, cell: &str) -> String {
    format!("{cell},{}", row.split_once(',').unwrap().1)
}

#[test]
fn rejected_rows_are_shown_exported_and_counted() {
    let home = Home::new();
    let (header, row) = sample(&home);
    let bad = [with_first(&row, "7"), with_first(&row, "\"se,\u{1b}[2Jven\"")];
    let file = home.file("mixed.csv", format!("{header}\n{row}\n{}\n{row}\n{}\n1,2\n", bad[0], bad[1]));
    home.ok(&["push", file.to_str().unwrap()]);

    let out = home.ok(&["rejected"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "3 rows of netsec.NetworkData were rejected");
    for reason in
        ["1  … values where", "1  having_IP_Address: … is not a number", "1  having_IP_Address: … is not one of"]
    {
        assert!(lines[1..4].iter().any(|line| line.trim_start().starts_with(reason)), "{reason}: {out}");
    }
    assert!(lines[5].starts_with("file") && lines[5].ends_with("row"), "{out}");
    assert!(lines[6].starts_with("mixed.csv  3     having_IP_Address: \"7\" is not one of -1, 1"), "{out}");
    assert!(lines[8].starts_with("mixed.csv  6") && lines[8].ends_with("  1,2"), "{out}");
    assert_eq!(lines.len(), 9, "{out}");
    assert!(!out.contains('\x1b') && lines.iter().all(|line| line.chars().count() <= 120), "{out}");

    let value = home.json(&["rejected"]);
    assert_eq!((&value["collection"], &value["rejected"]), (&"netsec.NetworkData".into(), &3.into()));
    assert_eq!(value["reasons"]["having_IP_Address: … is not one of -1, 1"], 1);
    let rows = value["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["line"], &rows[0]["text"]), (3, &3.into(), &bad[0].as_str().into()));

    let path = home.file("out.csv", "what was there before\n");
    let out = home.ok(&["rejected", "--out", path.to_str().unwrap()]);
    assert!(out.starts_with("3 rows") && out.ends_with(&format!("written to {}\n", path.display())), "{out}");
    let mut csv = csv::Reader::from_path(&path).unwrap();
    assert_eq!(csv.headers().unwrap().iter().collect::<Vec<_>>(), ["file", "line", "reason", "text", "pushed_at"]);
    for (record, row) in csv.records().map(Result::unwrap).zip(rows) {
        let cells: Vec<Value> = record.iter().map(Value::from).collect();
        let line = row["line"].to_string().into();
        assert_eq!(cells, [&row["file"], &line, &row["reason"], &row["text"], &row["pushed_at"]].map(Clone::clone));
    }
    let exported = home.json(&["rejected", "--out", path.to_str().unwrap()]);
    assert_eq!((&exported["rejected"], &exported["file"]), (&3.into(), &path.to_str().unwrap().into()));
    assert!(exported["rows"].is_null(), "they are in the file");
}

#[test]
fn rejected_rows_beyond_a_page_are_all_exported_and_the_last_ones_shown() {
    let home = Home::new();
    let (header, row) = sample(&home);
    let bad: String = (0..4_500).map(|i| format!("{}\n", with_first(&row, &format!("bad {i}")))).collect();
    let file = home.file("many.csv", format!("{header}\n{row}\n{bad}"));
    home.ok(&["push", file.to_str().unwrap(), "--collection", "other/Rows"]);
    let out = home.ok(&["rejected", "--collection", "other/Rows"]);
    assert!(
        out.starts_with("4500 rows of other.Rows were rejected\n  4500  having_IP_Address: … is not a nu"),
        "{out}"
    );
    assert!(!out.contains("\"bad 4449\"") && out.contains("\"bad 4450\"") && out.contains("\"bad 4499\""), "{out}");
    assert!(out.ends_with("the last 50 of 4500; --out FILE writes all of them\n"), "{out}");
    home.ok(&["rejected", "--collection", "other/Rows", "--out", "out.csv"]);
    let text = std::fs::read_to_string(home.dir.path().join("out.csv")).unwrap();
    let lines = csv::Reader::from_reader(text.as_bytes()).into_records().map(|r| r.unwrap()[1].parse::<u64>().unwrap());
    assert!(lines.eq(3..4_503), "each once, in order");
}

#[test]
fn rejected_says_so_when_there_are_none() {
    let home = Home::new().with_sample(50);
    assert_eq!(home.ok(&["rejected"]), "no row of netsec.NetworkData was rejected\n");
    let value = home.json(&["rejected"]);
    assert_eq!((&value["rejected"], value["rows"].as_array().map(Vec::len)), (&0.into(), Some(0)));
    home.ok(&["rejected", "--out", "none.csv"]);
    let text = std::fs::read_to_string(home.dir.path().join("none.csv")).unwrap();
    assert_eq!(text, "file,line,reason,text,pushed_at\n");
    let out = home.ok(&["rejected", "--collection", "Typo"]);
    assert_eq!(out, "no row of netsec.Typo was rejected: there is no such collection\n");
    let (code, error) = home.fails(&["rejected", "--out", "no/such/place.csv"]);
    assert!(code == 1 && error.contains("no such file or directory") && error.contains("hint:"), "{error}");
}
