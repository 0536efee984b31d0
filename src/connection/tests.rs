use super::*;
use crate::settings::Overrides;
use std::os::unix::fs::PermissionsExt;

fn layered(text: &str) -> (tempfile::TempDir, Layered) {
    let dir = tempfile::tempdir().unwrap();
    let home = Home::locate(Some(dir.path())).unwrap();
    std::fs::write(home.settings_file(), text).unwrap();
    let layered = Layered::load(&home, None, &|_| None, &Overrides::new()).unwrap();
    (dir, layered)
}

fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

#[test]
fn a_uri_is_shown_as_its_hosts() {
    let text = "mongodb+srv://ana:p%40ss@cluster.example.net/phishing?tlsCertificateKeyFilePassword=geheim";
    let uri = Uri::parse(text, "test").unwrap();
    assert_eq!((uri.hosts(), uri.database()), ("cluster.example.net", Some("phishing")));
    assert_eq!(format!("{uri:?}"), "Uri(cluster.example.net)");
    assert_eq!(uri.secrets(), ["p%40ss", "p@ss", "geheim", "geheim"]);
    let plain = Uri::parse("mongodb://a:1,b:2", "test").unwrap();
    assert_eq!((plain.hosts(), plain.database(), plain.secrets().len()), ("a:1,b:2", None, 0));
    let wrongs = [
        "",
        "localhost",
        "http://a",
        "mongodb://",
        "mongodb://user:secret@/db",
        "mongodb://user:secret/x@h",
        "mongodb://user:secret?x@h",
        "mongodb://user:se@secret@h",
        "mongodb://user:secret",
    ];
    for wrong in wrongs {
        let error = Uri::parse(wrong, "environment MONGODB_URI").unwrap_err();
        assert!(error.to_string().starts_with("environment MONGODB_URI: "), "{error}");
        assert!(!format!("{error:?}").contains("secret"));
    }
}

#[test]
fn certificates_are_found_from_any_directory() {
    let uri = Uri::parse("mongodb://h/?tls=true&tlsCAFile=ca.pem", "test").unwrap();
    let path = std::path::absolute("ca.pem").unwrap();
    assert_eq!(uri.text(), format!("mongodb://h/?tls=true&tlsCAFile={}", path.display()));
}

#[test]
fn users_and_passwords_are_stars() {
    for (text, shown) in [
        ("uri: mongodb://u:p@h/db, and", "uri: mongodb://***@h/db, and"),
        ("mongodb://u:p@x@h/db mongodb+srv://v:q@i", "mongodb://***@h/db mongodb+srv://***@i"),
        ("mongodb://h/db", "mongodb://h/db"),
        ("netsec-1", "netsec-1"),
    ] {
        assert_eq!(redact(text), shown);
    }
}

#[test]
fn a_variable_alone_makes_mongodb_the_store() {
    let (_dir, layered) = layered("");
    assert_eq!(Place::chosen(&layered, &env(&[])).unwrap(), Place::Embedded);
    let both = [("MONGO_DB_URL", "mongodb://old"), ("MONGODB_URI", "mongodb://new/db")];
    let place = Place::chosen(&layered, &env(&both)).unwrap();
    assert_eq!((place.name(), place.database()), ("MONGODB_URI", Some("db")));
    let place = Place::chosen(&layered, &env(&[("MONGODB_URI", " "), ("MONGODB_URL_KEY", "mongodb://key")])).unwrap();
    assert_eq!(place.name(), "MONGODB_URL_KEY");
    assert_eq!(names(&layered, &env(&both)), ["embedded", "MONGODB_URI", "MONGO_DB_URL"]);
}

#[test]
fn connections_have_names_and_secrets_elsewhere() {
    let text = "store: prod\nconnections:\n  prod: {uri: $PROD, read_only: true}\n  here: {uri: 'mongodb://localhost'}\n  \
        bad: {uri: 'mongodb://u:secret@h'}\n  file: {uri_file: my.uri}\n  none: {stable_api: true}\n";
    let (dir, layered) = layered(text);
    let place =
        Place::chosen(&layered, &env(&[("PROD", "mongodb://u:p@h/x"), ("MONGODB_URI", "mongodb://z")])).unwrap();
    assert_eq!((place.name(), place.is_read_only(), place.database()), ("prod", true, Some("x")));
    let named = |name: &str| Place::named(name, &layered, &env(&[]));
    assert_eq!(named("embedded").unwrap(), Place::Embedded);
    assert!(!named("here").unwrap().is_read_only());
    let says = |name: &str| named(name).unwrap_err().to_string();
    assert!(says("prod").contains("PROD, which is not set"), "{}", says("prod"));
    assert!(says("bad").contains("line 5") && says("bad").contains("password in it"), "{}", says("bad"));
    assert!(says("none").contains("either uri or uri_file"));
    let unknown = named("prdo").unwrap_err();
    assert_eq!(unknown.hint_text(), Some("there are: embedded, bad, file, here, none, prod"));
    // A password that stands there all the same is not shown with the settings.
    assert!(!format!("{:?}", layered.origins).contains("secret"));

    let path = dir.path().join("my.uri");
    std::fs::write(&path, "# staging\nmongodb://u:secret@h/y\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = named("file").unwrap_err();
    assert!(error.to_string().contains("0644") && error.hint_text().unwrap().contains("chmod 600"), "{error}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(named("file").unwrap().database(), Some("y"));
}
