//! Looking at a connection as a user does.

use crate::support::{Home, text};

#[test]
fn the_embedded_store_is_looked_at_too() {
    let home = Home::new();
    let told = home.json(&["ping"]);
    assert_eq!((&told["connection"], &told["ok"]), (&"embedded".into(), &true.into()));
    let names: Vec<&str> = told["steps"].as_array().unwrap().iter().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!(names, ["connection", "reading", "writing"]);
    assert!(!home.root().join("store").exists());
}

#[test]
fn an_absent_server_ends_it_at_the_network() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = Home::new();
    let uri = format!("mongodb://ana:s3cret@{free}/phishing");
    let output = home.command(&["ping"]).env("MONGODB_URI", uri).output().unwrap();
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let last = told.lines().rfind(|line| !line.starts_with(' ')).unwrap();
    assert!(last.starts_with("network     failed"), "{told}");
    assert!(told.contains("environment MONGODB_URI") && told.contains("hint: nothing listens there"), "{told}");
    assert!(!told.contains("s3cret"));
}

mod mongo {
    mod tls {
        use crate::support::{Home, text};

        fn given(name: &str) -> String {
            std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set; tests/run starts a server with TLS"))
        }

        #[test]
        #[ignore = "needs MongoDB"]
        fn a_certificate_is_accepted_or_told_apart() {
            let home = Home::new();
            let uri = given("NETSEC_TEST_MONGODB_TLS_URI");
            for (authority, code, expected) in [
                ("NETSEC_TEST_MONGODB_CA", 0, "speaks TLS, and its certificate is accepted"),
                ("NETSEC_TEST_MONGODB_OTHER_CA", 1, "signed by an authority that is not trusted"),
            ] {
                let uri = format!("{uri}&tlsCAFile={}", given(authority));
                let output = home.command(&["ping"]).env("MONGODB_URI", uri).output().unwrap();
                let told = text(&output.stdout);
                assert!(told.contains(expected), "{authority}: {told}");
                assert_eq!(output.status.code(), Some(code), "{told}");
            }
        }
    }
}
