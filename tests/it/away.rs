//! The console on a server that goes away and comes back, and what the server tells of how it finds documents.

mod mongo {
    use crate::proxy::Proxy;
    use crate::pty::Pty;
    use crate::support::Home;
    use crate::terminal::{PATIENCE, wait};
    use bson::{Document, doc};
    use std::process::Command;
    use std::time::{Duration, Instant};

    /// How long an analyst may look at a screen that does not tell yet.
    const TOLD: Duration = Duration::from_secs(2);

    /// Rows in a database of its own on the server, behind a proxy.
    struct Server {
        home: Home,
        proxy: Proxy,
        database: String,
    }

    impl Server {
        fn with_sample(rows: u32) -> Self {
            let (home, proxy, database) = (Home::new(), Proxy::to_mongodb(), crate::store::database());
            home.file("settings.yaml", format!("training: training.yaml\ndatabase: {database}\n"));
            let sample = home.dir.path().join("sample.csv");
            let sample = sample.to_str().unwrap();
            home.ok(&["sample", "--rows", &rows.to_string(), "--seed", "5", "--out", sample]);
            let server = Self { home, proxy, database };
            server.run(&["push", sample]);
            server
        }

        fn command(&self, args: &[&str]) -> Command {
            let mut command = self.home.command(args);
            command.env("MONGODB_URI", self.proxy.uri("")).env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
            command
        }

        fn run(&self, args: &[&str]) -> String {
            let output = self.command(args).output().unwrap();
            let [out, err] = [&output.stdout, &output.stderr].map(|bytes| crate::support::text(bytes));
            assert!(output.status.success(), "{args:?}: {err}");
            out
        }

        fn end(self) {
            self.proxy.calm();
            let drop = async {
                let client = mongodb::Client::with_uri_str(crate::support::mongodb()).await.unwrap();
                client.database(&self.database).drop().await.unwrap();
            };
            tokio::runtime::Runtime::new().unwrap().block_on(drop);
        }
    }

    /// The line that is selected.
    fn selected(text: &str) -> Option<usize> {
        text.lines().position(|line| line.starts_with('▌'))
    }

    /// Waits as long as a console may take to tell, and gives how long it took.
    fn told(pty: &Pty, what: &str) -> Duration {
        let begun = Instant::now();
        let seen = pty.wait(TOLD, |seen| seen.text().contains(what));
        assert!(seen.is_some(), "{what:?} is not told in time:\n{}", pty.text());
        begun.elapsed()
    }

    #[test]
    #[ignore = "needs MongoDB"]
    fn a_console_tells_that_its_server_is_away_answers_keys_and_recovers_by_itself() {
        let server = Server::with_sample(300);
        let pty = Pty::start(server.command(&[]), (100, 30)).unwrap();
        wait(&pty, "● MONGODB_URI · 127.0.0.1");
        wait(&pty, "NetworkData");
        pty.send("\r").unwrap();
        wait(&pty, "NetworkData · 300 documents");

        server.proxy.frozen(true);
        told(&pty, "not reachable since");
        let top = selected(&pty.text()).expect("a document is selected");
        let begun = Instant::now();
        for _ in 0..60 {
            pty.send("jk").unwrap();
            std::thread::sleep(Duration::from_millis(15));
        }
        pty.send("jjjjj").unwrap();
        let moved = pty.wait(Duration::from_millis(500), |seen| selected(&seen.text()) == Some(top + 5));
        assert!(moved.is_some(), "120 keys are not answered in {:?}:\n{}", begun.elapsed(), pty.text());
        // What is asked meanwhile is answered once the server is there again.
        pty.send("s").unwrap();
        assert!(!pty.text().contains("▲Res"), "{}", pty.text());
        server.proxy.frozen(false);
        wait(&pty, "is back after");
        assert!(!pty.text().contains("not reachable"), "{}", pty.text());
        wait(&pty, "▲Res");
        // Before the page is there, there is no next one.
        assert!(pty.wait(PATIENCE, |seen| !seen.text().contains("x stop")).is_some(), "{}", pty.text());

        // Cut, and not let in again for a while.
        server.proxy.down();
        told(&pty, "✗ MONGODB_URI");
        pty.send("n").unwrap();
        server.proxy.up();
        wait(&pty, "is back after");
        wait(&pty, "page 2");
        wait(&pty, "▌");
        server.end();
    }

    #[test]
    #[ignore = "needs MongoDB"]
    fn a_console_opens_without_its_server_and_shows_it_once_it_is_there() {
        let server = Server::with_sample(300);
        server.proxy.down();
        let pty = Pty::start(server.command(&[]), (80, 24)).unwrap();
        wait(&pty, "not reachable since");
        wait(&pty, "netsec-tui ping");
        server.proxy.up();
        wait(&pty, "NetworkData");
        server.end();
    }

    #[test]
    #[ignore = "needs MongoDB"]
    fn the_way_to_the_documents_is_told_where_the_server_tells_it() {
        let server = Server::with_sample(300);
        let explain = ["find", "--filter", "Result=-1", "--explain"];
        let reply = |answer: Document| {
            server.proxy.calm();
            server.proxy.on("explain").always().reply(answer);
        };
        reply(doc! { "ok": 1.0, "queryPlanner": { "winningPlan": {
            "stage": "FETCH",
            "inputStage": { "stage": "IXSCAN", "indexName": "Result_1", "indexBounds": { "Result": ["[-1, -1]"] } },
        } } });
        assert_eq!(server.run(&explain), "index Result_1\n  IXSCAN Result_1\n  FETCH\n");
        reply(doc! { "ok": 1.0, "queryPlanner": { "winningPlan": { "queryPlan": { "stage": "COLLSCAN" } } } });
        let told: serde_json::Value = serde_json::from_str(&server.run(&[&explain[..], &["--json"]].concat())).unwrap();
        assert_eq!(told["summary"], "no index serves this: all 300 documents are read");
        assert_eq!((&told["plan"]["reads_all"], &told["plan"]["indexes"]), (&true.into(), &serde_json::json!([])));
        reply(doc! { "ok": 0.0, "code": 59, "codeName": "CommandNotFound", "errmsg": "no such command: 'explain'" });
        assert!(server.run(&explain).ends_with("does not tell how it finds documents\n"));
        server.end();
    }
}
