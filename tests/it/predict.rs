//! URLs, the nearest training rows and the log of predictions, through the binary.

use crate::support::{Home, repository, text};
use serde_json::Value;

const URL: &str =
    "hxxp://paypal[.]com.secure-login[.]example[.]co[.]uk:8080/a//b?session=0123456789012345678901234567890";

fn trained() -> Home {
    let home = Home::new().with_sample(500);
    home.ok(&["train", "--family", "decision_tree"]);
    home
}

fn feature<'a>(row: &'a Value, name: &str) -> &'a Value {
    row["features"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn a_url_is_scored_by_what_its_text_tells() {
    let home = trained();
    let answer = home.json(&["predict", "--url", URL, "--nearest", "4"]);
    let row = &answer["rows"][0];
    assert_eq!(row["given"], URL);
    assert!(row["url"].as_str().unwrap().starts_with("http://paypal.com.secure-login.example.co.uk:8080/"));
    assert!(row["remarks"][0].as_str().unwrap().contains("refanged"), "{}", row["remarks"]);
    for (name, value, why) in [
        ("URL_Length", "-1", "over 75"),
        ("having_IP_Address", "1", "name"),
        ("double_slash_redirecting", "-1", "position"),
        ("Prefix_Suffix", "-1", "\"secure-login\""),
        ("having_Sub_Domain", "-1", "3 subdomains of example.co.uk"),
        ("port", "-1", "8080"),
    ] {
        let feature = feature(row, name);
        assert_eq!((&feature["value"], &feature["origin"]), (&value.into(), &"computed".into()), "{name}");
        assert!(feature["reason"].as_str().unwrap().contains(why), "{feature}");
        assert!(!feature["meaning"].as_str().unwrap().is_empty());
    }
    let certificate = feature(row, "SSLfinal_State");
    assert_eq!(certificate["origin"], "imputed");
    assert!(certificate["reason"].as_str().unwrap().contains("certificate"));
    let near = row["nearest"].as_array().unwrap();
    assert_eq!(near.len(), 4);
    assert!(near.is_sorted_by_key(|n| n["distance"].as_u64().unwrap()));
    for near in near {
        assert_eq!(near["distance"], near["differs"].as_array().unwrap().len());
        assert!(near["seen"]["negative"].as_u64().unwrap() + near["seen"]["positive"].as_u64().unwrap() > 0);
    }
    // What `explain` says of the same URL adds up to what was scored.
    let why = home.json(&["explain", "--url", URL, "--nearest", "4"]);
    assert_eq!((&why["probability"], &why["nearest"]), (&row["probability"], &row["nearest"]));
    assert_eq!(feature(&why, "port")["origin"], "computed");

    let out = home.ok(&["predict", "--url", URL, "--nearest", "4"]);
    for part in ["refanged", "9 of 30 features are computed", "needs the page: ", "nearest in training"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn a_row_of_the_training_part_finds_itself() {
    let home = trained();
    let train = home.json(&["runs"]);
    let run = train["runs"][0]["run"].as_str().unwrap().to_owned();
    let sample = home.ok(&["sample", "--rows", "500", "--seed", "5"]);
    let mut found = 0;
    for line in sample.lines().skip(1).take(12) {
        let why = home.json(&["explain", "--run", &run, "--nearest", "2", line.rsplit_once(',').unwrap().0]);
        let seen = &why["seen"];
        if seen["negative"].as_u64().unwrap() + seen["positive"].as_u64().unwrap() > 0 {
            found += 1;
            assert_eq!((&why["nearest"][0]["distance"], &why["nearest"][0]["seen"]), (&0.into(), seen), "{line}");
        }
    }
    assert!(found > 3, "the sample is what was trained on: {found}");
}

#[test]
fn what_is_no_url_is_said_and_the_others_are_answered() {
    let home = trained();
    let (code, error) = home.fails(&["predict", "--url", "not a url"]);
    assert_eq!(code, 1);
    assert!(error.contains("is not a URL") && error.contains("hint: "), "{error}");
    let answer = home.json(&["predict", "--url", "https://a.example/", "mailto:a@b.example"]);
    assert_eq!(answer["rows"].as_array().unwrap().len(), 2);
    assert!(answer["rows"][1]["error"].as_str().unwrap().contains("names no web host"), "{answer}");
    assert_eq!(answer["not_scored"], 1);
}

#[test]
fn predictions_are_listed_newest_first() {
    let home = trained();
    assert_eq!(home.json(&["predictions"])["predictions"], serde_json::json!([]));
    home.ok(&["predict", "--url", "https://first.example/", "https://second.example/"]);
    home.ok(&["predict", "--no-log", "--url", "https://third.example/"]);
    let file = home.file("rows.csv", "having_At_Symbol,SSLfinal_State\n1,-1\n");
    home.ok(&["predict", file.to_str().unwrap()]);
    let log = home.json(&["predictions"]);
    let entries = log["predictions"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!((&entries[0]["input"]["SSLfinal_State"], &entries[0]["url"]), (&"-1".into(), &Value::Null));
    assert_eq!(entries[1]["url"], "https://second.example/");
    assert_eq!(home.json(&["predictions", "--limit", "1"])["more"], true);
    let found = home.json(&["predictions", "--find", "FIRST.example"]);
    assert_eq!(found["predictions"].as_array().unwrap().len(), 1);
    // A torn last line and foreign ones are passed over.
    let path = std::fs::read_dir(home.root().join("predictions")).unwrap().next().unwrap().unwrap().path();
    let mut log = std::fs::read(&path).unwrap();
    log.extend(b"{\"hello\": 1}\n{\"at\": \"2026");
    std::fs::write(&path, log).unwrap();
    let output = home.run(&["predictions"]);
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!((output.status.success(), out.lines().count()), (true, 4), "{out}");
    assert!(error.contains("2 lines"), "{error}");
    home.ok(&["predict", "--url", "https://fourth.example/"]);
    assert_eq!(home.json(&["predictions"])["predictions"][0]["url"], "https://fourth.example/");
}

#[test]
fn numbers_are_near_when_they_fall_into_the_same_bin_and_urls_have_no_rule() {
    let home = Home::new();
    let (csv, schema) = (repository("tests/fixtures/flows.csv"), repository("tests/fixtures/flows.yaml"));
    let (csv, schema) = (csv.to_str().unwrap(), schema.to_str().unwrap());
    home.ok(&["push", csv, "--collection", "Flows", "--schema", schema]);
    home.ok(&["train", "--collection", "Flows", "--family", "decision_tree"]);
    let text = std::fs::read_to_string(csv).unwrap();
    let mut lines = text.lines();
    let header = lines.next().unwrap();
    let mut same = 0;
    for line in lines.take(20) {
        let why = home.json(&["explain", "--nearest", "3", &format!("{header}\n{line}")]);
        let near = why["nearest"].as_array().unwrap();
        assert!(near.is_sorted_by_key(|n| n["distance"].as_u64().unwrap()), "{why}");
        let seen = why["seen"]["negative"].as_u64().unwrap() + why["seen"]["positive"].as_u64().unwrap();
        // A row that was trained on is at no distance from itself.
        if seen > 0 {
            assert_eq!(near[0]["distance"], 0, "{line}");
            same += 1;
        }
    }
    assert!(same > 5, "{same}");
    let (code, error) = home.fails(&["predict", "--url", "https://a.example/"]);
    assert_eq!(code, 1);
    assert!(error.contains("no rule applies to the schema"), "{error}");
}
