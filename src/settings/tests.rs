use super::*;

fn home(dir: &Path) -> Home {
    Home::locate(Some(dir)).unwrap()
}

fn none(_: &str) -> Option<String> {
    None
}

#[test]
fn the_built_in_file_gives_every_setting_its_default() {
    let dir = tempfile::tempdir().unwrap();
    let layered = Layered::load(&home(dir.path()), None, &none, &Overrides::new()).unwrap();
    assert_eq!((layered.settings.database.as_str(), layered.settings.collection.as_str()), ("netsec", "NetworkData"));
    assert_eq!((&layered.settings.split, &layered.settings.console), (&Split::default(), &Console::default()));
}

#[test]
fn later_layers_win_and_every_value_says_where_it_came_from() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    std::fs::write(home.settings_file(), "split: {salt: user, holdout: 0.3}\nconsole: {fps: 5}\n").unwrap();
    let given = dir.path().join("given.yaml");
    std::fs::write(&given, "split: {salt: given}\nschema: s.yaml\n").unwrap();
    let env = |name: &str| match name {
        "NETSEC_CONSOLE_FPS" => Some("7".to_owned()),
        "NETSEC_DATABASE" => Some("2024".to_owned()),
        _ => None,
    };
    let flags = vec![("collection", "Flags".to_owned())];
    let layered = Layered::load(&home, Some(&given), &env, &flags).unwrap();
    let s = &layered.settings;
    assert_eq!(
        (s.split.salt.as_str(), s.split.holdout, s.console.fps, s.collection.as_str()),
        ("given", 0.3, 7, "Flags")
    );
    assert_eq!(s.schema.as_deref(), Some(dir.path().join("s.yaml").as_path()), "relative to its file");
    let line = |path: &Path, n| format!("{}, line {n}", path.display());
    assert_eq!(layered.origins["split.salt"].1, line(&given, 1));
    assert_eq!(layered.origins["schema"].1, line(&given, 2));
    assert_eq!(layered.origins["split.holdout"].1, line(&home.settings_file(), 1));
    assert_eq!(layered.origins["console.fps"].1, "environment NETSEC_CONSOLE_FPS");
    assert_eq!(layered.origins["collection"].1, "command line");
    assert_eq!(s.database, "2024", "text stays text");
    assert_eq!(layered.origins["console.theme"].1, "built-in");
}

#[test]
fn mistakes_name_the_file_the_line_and_the_way_out() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let given = dir.path().join("given.yaml");
    for (text, part) in [
        ("database: x\ncolection: y\n", "line 2"),
        ("split:\n  holdout: many\n", "line 2"),
        ("split: {holdout: 1.5}\n", "above 0 and below 1"),
        ("console: {theme: pink}\n", "one of auto, dark, light, high-contrast, mono"),
        ("console: {notify: loud}\n", "one of off, bell, osc9"),
        ("console: {fps: 0}\n", "between 1 and 60"),
        ("console: {query_seconds: 100000}\n", "between 0 and 86400"),
        ("s3: {encryption: rot13}\n", "one of none, sse-s3, kms"),
        ("s3: {path_style: perhaps}\n", "one of auto, true, false"),
        ("s3: {path_style: 3}\n", "one of auto, true, false"),
        ("s3: {kms_key: alias/x}\n", "s3.encryption must be kms"),
        ("registry: gs://bucket\n", "line 1: registry gs://bucket: objects are not kept at gs://"),
        ("registry: s3://B\n", "no name of a bucket"),
        ("database: [\n", "given.yaml"),
    ] {
        std::fs::write(&given, text).unwrap();
        let error = Layered::load(&home, Some(&given), &none, &Overrides::new()).unwrap_err();
        assert!(error.to_string().contains(part) && error.to_string().contains("given.yaml"), "{text}: {error}");
        assert!(error.hint_text().is_some());
    }
    let missing = Layered::load(&home, Some(&dir.path().join("no.yaml")), &none, &Overrides::new()).unwrap_err();
    assert!(missing.to_string().contains("no.yaml"), "{missing}");
}

#[test]
fn keys_are_merged_action_by_action() {
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    std::fs::write(home.settings_file(), "console:\n  keys:\n    sort: [S]\n    table.sort: [ctrl-s]\n").unwrap();
    let given = dir.path().join("given.yaml");
    std::fs::write(&given, "# fps: 3\nconsole:\n  # keys: {sort: []}\n  keys:\n    \"sort\": [T, t]\n").unwrap();
    let layered = Layered::load(&home, Some(&given), &none, &Overrides::new()).unwrap();
    let keys = &layered.settings.console.keys;
    assert_eq!((keys["sort"].join(" "), keys["table.sort"].join(" ")), ("T t".to_owned(), "ctrl-s".to_owned()));
    let origin = |key: &str| layered.origins[key].1.rsplit_once(", ").unwrap().1.to_owned();
    assert_eq!(
        (origin("console.keys.sort").as_str(), origin("console.keys.table.sort").as_str()),
        ("line 5", "line 4")
    );
}

#[test]
fn a_switch_may_be_set_by_a_variable() {
    let dir = tempfile::tempdir().unwrap();
    let load = |value: &'static str| {
        let env = move |name: &str| (name == "NETSEC_READ_ONLY").then(|| value.to_owned());
        Layered::load(&home(dir.path()), None, &env, &Overrides::new()).map(|l| l.settings.read_only)
    };
    assert!(load("1").unwrap() && load("yes").unwrap() && load("true").unwrap());
    assert!(!load("0").unwrap() && !load("").unwrap());
    assert!(load("perhaps").unwrap_err().to_string().contains("read_only"));
}

#[test]
fn a_registry_may_be_a_bucket_or_a_directory() {
    use crate::object::Location;
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    let load = |text: &str, env: Option<&'static str>| {
        let given = dir.path().join("given.yaml");
        std::fs::write(&given, text).unwrap();
        let env = move |name: &str| env.filter(|_| name == "NETSEC_REGISTRY").map(str::to_owned);
        let settings = Layered::load(&home, Some(&given), &env, &Overrides::new()).unwrap().settings;
        (Location::chosen(&settings, &home).unwrap().to_string(), settings)
    };
    let below = |path: &str| dir.path().join(path).display().to_string();
    assert_eq!(load("", None).0, below("registry"));
    assert_eq!(load("registry: models\n", None).0, below("models"), "relative to its file");
    assert_eq!(load("registry: s3://models/netsec\n", None).0, "s3://models/netsec");
    assert_eq!(load("registry: models\n", Some("s3://other")).0, "s3://other");
    assert_eq!(home.cache(), dir.path().join("cache"));

    let s3 = |text: &str| load(text, None).1.s3;
    use crate::object::s3::Encryption;
    assert_eq!((s3("").encryption(), s3("").path_style()), (Encryption::Bucket, None));
    let kms = s3("s3: {encryption: kms, kms_key: alias/x, path_style: true}\n");
    assert_eq!((kms.encryption(), kms.path_style()), (Encryption::Kms(Some("alias/x".to_owned())), Some(true)));
    assert_eq!(s3("s3: {encryption: sse-s3}\n").encryption(), Encryption::S3);
}

#[test]
fn a_word_that_looks_like_a_switch_may_come_from_a_variable() {
    let dir = tempfile::tempdir().unwrap();
    let env = |name: &str| (name == "NETSEC_S3_PATH_STYLE").then(|| "false".to_owned());
    let layered = Layered::load(&home(dir.path()), None, &env, &Overrides::new()).unwrap();
    assert_eq!(layered.settings.s3.path_style(), Some(false));
}
