use super::*;
use std::io::Write;

fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    File::create(&path).unwrap().write_all(content).unwrap();
    (dir, path)
}

fn all(name: &str, content: &[u8]) -> Result<(Vec<String>, Vec<Row>)> {
    let (_dir, path) = file(name, content);
    let mut rows = Rows::open(&path, None)?;
    let columns = rows.columns().to_vec();
    Ok((columns, rows.next_chunk(1_000)?))
}

fn cells(row: &Row) -> Vec<&str> {
    let Ok(Cells::Positional(cells)) = &row.cells else { panic!("{row:?}") };
    cells.iter().map(String::as_str).collect()
}

#[test]
fn csv_with_quotes_blank_lines_and_windows_line_ends() {
    let (columns, rows) = all("a.csv", b"\xef\xbb\xbfa,b\r\n1,2\r\n\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n").unwrap();
    assert_eq!(columns, ["a", "b"]);
    assert_eq!((cells(&rows[0]), rows[0].line), (vec!["1", "2"], 2));
    assert_eq!((cells(&rows[1]), rows[1].line), (vec!["x,y", "say \"hi\""], 4));
}

#[test]
fn semicolons_and_tabs_are_recognized() {
    for text in ["a;b;c\n1;2;3\n", "a\tb\tc\n1\t2\t3\n"] {
        let (columns, rows) = all("a.csv", text.as_bytes()).unwrap();
        assert_eq!((columns.len(), cells(&rows[0])), (3, vec!["1", "2", "3"]));
    }
}

#[test]
fn bad_lines_are_rows_with_a_reason_and_the_next_line_is_read() {
    let mut text = b"a,b\n1\n".to_vec();
    text.extend(b"1,\xff\n");
    text.extend(vec![b'x'; MAX_LINE + 10]);
    text.extend(b"\n1,2\n\"open,2\n3,4\n5,a\0b\n");
    let (_, rows) = all("a.csv", &text).unwrap();
    let reasons: Vec<&str> = rows.iter().map(|r| r.cells.as_ref().err().map_or("", String::as_str)).collect();
    assert!(reasons[0].contains("1 values where the header has 2"), "{reasons:?}");
    assert!(reasons[1].contains("byte 3") && reasons[1].contains("UTF-8"), "{reasons:?}");
    assert!(reasons[2].contains("longer than 1024 KiB"), "{reasons:?}");
    assert_eq!(cells(&rows[3]), ["1", "2"]);
    assert!(!reasons[4].is_empty(), "an open quote ends with its line");
    assert_eq!((cells(&rows[5]), rows[5].line), (vec!["3", "4"], 7));
    assert!(reasons[6].contains("NUL"), "{reasons:?}");
}

#[test]
fn a_cell_may_hold_line_breaks_and_a_stray_quote_takes_no_other_row() {
    let text = "a,b\n\"one\ntwo \"\"2\"\"\nthree\",1\n5,6\n\"stray,7\n8,9\n10,\"11\"\n";
    let (_, rows) = all("a.csv", text.as_bytes()).unwrap();
    assert_eq!((cells(&rows[0]), rows[0].line), (vec!["one\ntwo \"2\"\nthree", "1"], 2));
    assert_eq!((cells(&rows[1]), rows[1].line), (vec!["5", "6"], 5));
    assert!(rows[2].cells.as_ref().unwrap_err().contains("not closed"), "{:?}", rows[2]);
    assert_eq!((cells(&rows[3]), rows[3].line), (vec!["8", "9"], 7));
    assert_eq!((cells(&rows[4]), rows.len()), (vec!["10", "11"], 5));
}

#[test]
fn a_line_of_just_the_limit_is_read() {
    let mut text = b"a,b\n".to_vec();
    text.extend(vec![b'x'; MAX_LINE - 2]);
    text.extend(b",1\n");
    let (_, rows) = all("a.csv", &text).unwrap();
    assert_eq!(cells(&rows[0])[1], "1");
}

#[test]
fn arff_in_the_form_of_uci() {
    let text = "% comment\n@relation phishing\n\n@attribute having_IP_Address  { -1,1 }\n@ATTRIBUTE 'two words' numeric\n@attribute Result {-1,1}\n\n@data\n-1,1,-1\n% note\n1,?,1\n";
    let (columns, rows) = all("a.arff", text.as_bytes()).unwrap();
    assert_eq!(columns, ["having_IP_Address", "two words", "Result"]);
    assert_eq!(cells(&rows[0]), ["-1", "1", "-1"]);
    assert_eq!((cells(&rows[1]), rows[1].line), (vec!["1", "", "1"], 11));
    let no_ending = all("rows", text.as_bytes()).unwrap();
    assert_eq!(no_ending.0.len(), 3, "recognized by its beginning");
}

#[test]
fn json_lines_plain_and_extended() {
    let text = "{\"a\": 1, \"b\": \"x\"}\n\n{\"a\": {\"$numberInt\": \"2\"}, \"_id\": {\"$oid\": \"5f43a1b2c3d4e5f601234567\"}}\nnonsense\n[1]\n";
    let (_, rows) = all("a.jsonl", text.as_bytes()).unwrap();
    let Ok(Cells::Named(first)) = &rows[0].cells else { panic!() };
    assert_eq!(first.get("a"), Some(&bson::Bson::Int32(1)));
    let Ok(Cells::Named(second)) = &rows[1].cells else { panic!() };
    assert_eq!((second.get("a"), rows[1].line), (Some(&bson::Bson::Int32(2)), 3));
    assert!(rows[2].cells.as_ref().unwrap_err().contains("not JSON"));
    assert!(rows[3].cells.as_ref().unwrap_err().contains("object"));
}

#[test]
fn parquet_with_several_types() {
    use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, Series};
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.parquet");
    let columns: Vec<Column> = vec![
        Series::new("a".into(), [Some(1i64), None, Some(3)]).into(),
        Series::new("small".into(), [-1i8, 0, 1]).into(),
        Series::new("unsigned".into(), [1u16, 2, 3]).into(),
        Series::new("b".into(), ["x", "y", "z"]).into(),
        Series::new("c".into(), [1.5f64, 2.5, 3.5]).into(),
    ];
    let mut frame = DataFrame::new(3, columns).unwrap();
    ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();
    let mut rows = Rows::open(&path, None).unwrap();
    assert_eq!(rows.columns(), ["a", "small", "unsigned", "b", "c"]);
    let rows = rows.next_chunk(10).unwrap();
    let Ok(Cells::Named(second)) = &rows[1].cells else { panic!() };
    assert_eq!(*second, bson::doc! {"a": null, "small": 0_i64, "unsigned": 2_i64, "b": "y", "c": 2.5});
    assert_eq!(rows[1].line, 2);
    let mut frame = DataFrame::new(1, vec![Series::new("raw".into(), [&b"x"[..]]).into()]).unwrap();
    ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();
    assert!(Rows::open(&path, None).err().unwrap().to_string().contains("no column of"));
    let raw = Series::new("raw".into(), [&b"x"[..]]).into();
    let mut frame = DataFrame::new(1, vec![raw, Series::new("n".into(), [1i64]).into()]).unwrap();
    ParquetWriter::new(File::create(&path).unwrap()).finish(&mut frame).unwrap();
    let mut rows = Rows::open(&path, None).unwrap();
    assert!(rows.columns() == ["n"] && rows.notes()[0].contains("\"raw\""), "{:?}", rows.notes());
    assert_eq!(rows.next_row().unwrap().unwrap().cells, Ok(Cells::Named(bson::doc! {"n": 1_i64})));
    std::fs::write(&path, b"PAR1 torn").unwrap();
    assert!(Rows::open(&path, None).err().unwrap().to_string().contains("not a readable Parquet file"));
}

#[test]
fn what_cannot_be_a_source_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Rows::open(&dir.path().join("no.csv"), None).err().unwrap();
    assert!(missing.to_string().contains("no such file"), "{missing}");
    let directory = Rows::open(dir.path(), None).err().unwrap();
    assert!(directory.to_string().contains("is a directory"), "{directory}");
    for (name, content, part) in [
        ("empty.csv", &b""[..], "is empty"),
        ("blank.csv", b"\n \n", "nothing but blank lines"),
        ("binary.csv", b"\x7fELF\0\0\0", "binary"),
        ("twice.csv", b"a,b,a\n", "twice"),
        ("latin1.csv", b"a,\xe9\n1,2\n", "UTF-8"),
        ("no.arff", b"@relation x\n@attribute a numeric\n", "no @data"),
        ("odd.arff", b"@relation x\nhello\n@data\n", "line 2"),
        ("parquet.csv", b"PAR1....", "Parquet"),
    ] {
        let error = all(name, content).err().unwrap_or_else(|| panic!("{name}"));
        assert!(error.to_string().contains(part) && error.to_string().contains(name), "{name}: {error}");
    }
}
