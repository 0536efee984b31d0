//! Bad input: a clear message, a way out, and nothing lost.

use crate::support::Home;

const HEADER: &str = "having_IP_Address,URL_Length,Shortining_Service,having_At_Symbol,double_slash_redirecting,Prefix_Suffix,\
    having_Sub_Domain,SSLfinal_State,Domain_registeration_length,Favicon,port,HTTPS_token,Request_URL,URL_of_Anchor,Links_in_tags,SFH,\
    Submitting_to_email,Abnormal_URL,Redirect,on_mouseover,RightClick,popUpWidnow,Iframe,age_of_domain,DNSRecord,web_traffic,Page_Rank,\
    Google_Index,Links_pointing_to_page,Statistical_report,Result";
const GOOD: &str = "-1,1,1,1,-1,-1,-1,-1,-1,1,1,-1,1,-1,1,-1,-1,-1,0,1,1,1,1,-1,-1,-1,-1,1,1,-1,-1";

fn push(home: &Home, name: &str, content: impl AsRef<[u8]>) -> (i32, String, String) {
    let path = home.file(name, content);
    let output = home.run(&["push", path.to_str().unwrap()]);
    (output.status.code().unwrap_or(-1), crate::support::text(&output.stdout), crate::support::text(&output.stderr))
}

#[test]
fn files_that_cannot_be_read_are_named_with_the_way_out() {
    let home = Home::new();
    let (code, error) = home.fails(&["push", "missing.csv"]);
    assert!(code == 1 && error.contains("missing.csv: no such file") && error.contains("hint:"), "{error}");
    let (code, error) = home.fails(&["push", "."]);
    assert!(code == 1 && error.contains("is a directory"), "{error}");
    for (name, content, part) in [
        ("empty.csv", &b""[..], "is empty"),
        ("header.csv", HEADER.as_bytes(), "no rows"),
        ("binary.csv", b"\x7fELF\0\x01\0", "binary"),
        ("columns.csv", b"a,b,c\n1,2,3\n", "wants columns that are not there"),
        ("torn.parquet", b"PAR1", "not a readable Parquet file"),
    ] {
        let (code, _, error) = push(&home, name, content);
        assert!(code == 1 && error.contains(part) && error.contains(name), "{name}: {error}");
    }
}

#[test]
fn rows_that_break_the_schema_are_counted_named_and_kept() {
    let home = Home::new();
    let domain = GOOD.replacen("-1,1", "7,1", 1);
    let word = GOOD.replacen("-1,1", "many,1", 1);
    let long = format!("{}{}", "x".repeat(1_100_000), GOOD);
    let mut content = format!("{HEADER}\n{GOOD}\n{domain}\n{word}\n{long}\n").into_bytes();
    content.extend(b"\xff\xfe,1\n");
    content.extend(format!("1,2\n{GOOD}\n").bytes());
    let (code, out, error) = push(&home, "mixed.csv", &content);
    assert_eq!(code, 0, "{error}");
    assert!(out.contains("2 inserted") && out.contains("5 rejected of 7"), "{out}");
    for part in [
        "line 3: having_IP_Address: \"7\" is not one of -1, 1",
        "line 4: having_IP_Address: \"many\" is not a number",
        "line 5: the line is longer than 1024 KiB",
        "line 6: byte 1 of the line is not valid UTF-8",
        "line 7: 2 values where the header has 31",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    let path = home.dir.path().join("mixed.csv");
    assert_eq!(home.fails(&["push", path.to_str().unwrap(), "--strict"]).0, 1);
    let (code, _, _) = push(&home, "all.csv", format!("{HEADER}\n{domain}\n{word}\n"));
    assert_eq!(code, 1, "every row rejected");
}

#[test]
fn escape_sequences_in_data_do_not_reach_the_terminal() {
    let home = Home::new();
    let evil = GOOD.replacen("-1,1", "\x1b]0;owned\x07\x1b[2J,1", 1);
    let (_, out, error) = push(&home, "evil.csv", format!("{HEADER}\n{GOOD}\n{evil}\n"));
    assert!(!out.contains('\x1b') && !error.contains('\x1b'), "{error:?}");
    assert!(error.contains("line 3"), "{error}");
}

#[test]
fn settings_and_schemas_with_mistakes_name_the_line() {
    let home = Home::new();
    home.file("settings.yaml", "training: training.yaml\nsplit:\n  holdot: 0.3\n");
    let (code, error) = home.fails(&["runs"]);
    assert!(code == 1 && error.contains("settings.yaml, line 3") && error.contains("holdot"), "{error}");
    home.file("settings.yaml", "training: training.yaml\n");
    let schema = home.file("s.yaml", "name: x\ntarget: y\npositive: 1\ncolour: red\ncolumns: []\n");
    let rows = home.file("rows.csv", "y\n1\n");
    let (code, error) = home.fails(&["push", rows.to_str().unwrap(), "--schema", schema.to_str().unwrap()]);
    assert!(code == 1 && error.contains("s.yaml") && error.contains("colour") && error.contains("hint:"), "{error}");
}

#[test]
fn a_home_that_cannot_be_written_says_so() {
    let home = Home::new();
    let file = home.file("in-the-way", "");
    let rows = home.file("rows.csv", format!("{HEADER}\n{GOOD}\n"));
    let output = std::process::Command::new(crate::support::BINARY)
        .args(["push", rows.to_str().unwrap(), "--home"])
        .arg(file.join("below"))
        .output()
        .unwrap();
    let error = crate::support::text(&output.stderr);
    assert!(output.status.code() == Some(1) && error.contains("in-the-way") && error.contains("hint:"), "{error}");
    // A home that can only be read, unless the test runs as root, whom no mode stops.
    let read_only = home.dir.path().join("read-only");
    std::fs::create_dir(&read_only).unwrap();
    std::fs::set_permissions(&read_only, std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
    if std::fs::write(read_only.join("probe"), "").is_err() {
        let output = std::process::Command::new(crate::support::BINARY)
            .args(["push", rows.to_str().unwrap(), "--home"])
            .arg(&read_only)
            .output()
            .unwrap();
        let error = crate::support::text(&output.stderr);
        assert!(
            output.status.code() == Some(1) && error.contains("permission denied") && error.contains("--home"),
            "{error}"
        );
    }
}

#[test]
fn training_needs_rows_and_labels_and_says_so() {
    let home = Home::new();
    let (code, error) = home.fails(&["train"]);
    assert!(
        code == 1 && error.contains("there is no collection netsec.NetworkData") && error.contains("push"),
        "{error}"
    );
    let (code, error) = home.fails(&["predict", "x.csv"]);
    assert!(code == 1 && error.contains("no run is finished"), "{error}");
    push(&home, "one.csv", format!("{HEADER}\n{GOOD}\n"));
    let (code, error) = home.fails(&["train"]);
    assert!(code == 1 && error.contains("no row is legitimate"), "{error}");
    let runs = home.json(&["runs"]);
    assert_eq!(runs["runs"][0]["status"], "failed");
    assert!(runs["runs"][0]["reason"].as_str().unwrap().contains("validation failed"));
    let (code, error) = home.fails(&["train", "--space", "nowhere"]);
    assert!(code == 1 && error.contains("endless, slow, small"), "{error}");
}

#[test]
fn predict_keeps_its_lines_whatever_they_hold() {
    let home = Home::new().with_sample(400);
    home.ok(&["train", "--family", "decision_tree"]);
    let row = GOOD.rsplit_once(',').unwrap().0;
    let header = HEADER.rsplit_once(',').unwrap().0;
    let odd = row.replacen("-1,1", "9,na", 1);
    let input = home.file("p.csv", format!("{header}\n{row}\n{odd}\n1,2\n{row}\n"));
    let output = home.run(&["predict", input.to_str().unwrap()]);
    let (out, error) = (crate::support::text(&output.stdout), crate::support::text(&output.stderr));
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 5, "{out}");
    assert!(lines[2].starts_with(&odd), "the input as it was: {}", lines[2]);
    assert!(lines[3].ends_with(",,error,"), "{}", lines[3]);
    assert_eq!(lines[1], lines[4]);
    assert!(error.contains("line 3: having_IP_Address: \"9\" is not one of") && error.contains("line 4"), "{error}");
    let nothing = home.file("n.csv", "foo,bar\n1,2\n");
    let (code, error) = home.fails(&["predict", nothing.to_str().unwrap()]);
    assert!(code == 1 && error.contains("no column is a feature"), "{error}");
}

#[test]
fn one_file_that_cannot_be_read_does_not_keep_the_others_out() {
    let home = Home::new();
    let a = home.file("a.csv", format!("{HEADER}\n{GOOD}\n"));
    let b = home.file("b.csv", format!("{HEADER}\n{GOOD}\n"));
    let output = home.run(&["push", a.to_str().unwrap(), "missing.csv", b.to_str().unwrap(), "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value["inserted"], value["failed"].as_array().unwrap().len()), (&2.into(), 1), "{value}");
}

#[test]
fn a_collection_keeps_to_its_columns() {
    let home = Home::new().with_sample(100);
    let flows = |name: &str| crate::support::repository(name).to_str().unwrap().to_owned();
    let (csv, schema) = (flows("tests/fixtures/flows.csv"), flows("tests/fixtures/flows.yaml"));
    let (code, error) = home.fails(&["push", &csv, "--schema", &schema]);
    assert!(code == 1 && error.contains("other columns") && error.contains("--collection"), "{error}");
    home.ok(&["push", &csv, "--schema", &schema, "--collection", "Flows"]);
    // A push that stores nothing binds nothing.
    let rows = home.dir.path().join("sample.csv");
    let rows = rows.to_str().unwrap();
    home.fails(&["push", rows, "--schema", &schema, "--collection", "Other"]);
    home.ok(&["push", rows, "--collection", "Other"]);
}

#[test]
fn large_numbers_and_rare_labels_are_no_surprise() {
    let home = Home::new();
    let schema = home.file(
        "s.yaml",
        "name: t\ntarget: y\npositive: 1\ncolumns:\n- {name: id, type: int64}\n- {name: x, type: float64}\n- {name: y, type: int64, values: [0, 1]}\n",
    );
    let schema = schema.to_str().unwrap();
    let row = |i: u64| format!("{},{},{}\n", 9_007_199_254_740_993 + i, if i == 7 { 1e200 } else { i as f64 }, i % 2);
    let rows: String = (0..120).map(row).collect();
    let big = home.file("big.csv", format!("id,x,y\n{rows}"));
    home.ok(&["push", big.to_str().unwrap(), "--schema", schema, "--collection", "Big"]);
    home.ok(&["train", "--collection", "Big"]);
    let store = netsec::store::embedded::EmbeddedStore::new(home.root().join("store"));
    let namespace = netsec::store::Namespace::new("netsec", "Big").unwrap();
    let query = netsec::store::Query { limit: 1, ..Default::default() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let page = runtime.block_on(netsec::store::DocumentStore::find(&store, &namespace, &query)).unwrap();
    assert_eq!(page.documents[0].get_i64("id").unwrap(), 9_007_199_254_740_993, "no digit is lost");

    let rows: String = (0..300).map(|i| format!("{i},{i},{}\n", u8::from(i % 150 == 0))).collect();
    let rare = home.file("rare.csv", format!("id,x,y\n{rows}"));
    home.ok(&["push", rare.to_str().unwrap(), "--schema", schema, "--collection", "Rare"]);
    let (code, error) = home.fails(&["train", "--collection", "Rare"]);
    assert!(code == 1 && (error.contains("too few") || error.contains("too small")), "{error}");
}
