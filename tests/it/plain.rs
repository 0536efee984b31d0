//! The line mode: questions and answers through a pipe, and on a terminal.

use crate::pty::Pty;
use crate::support::{Home, text};
use std::io::Write;
use std::process::{Output, Stdio};
use std::time::Duration;

/// Answers the questions with these lines; then the input ends.
fn answered(home: &Home, lines: &[&str]) -> Output {
    let mut child =
        home.command(&["--plain"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// What it says, which must be lines that a screen reader can read.
fn said(home: &Home, lines: &[&str]) -> String {
    let output = answered(home, lines);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}\n{}", text(&output.stderr));
    let drawn = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}');
    assert!(!said.contains(drawn), "{said}");
    said
}

/// Checks that all of these were said, in this order.
fn in_order(said: &str, expected: &[&str]) {
    let mut rest = said;
    for what in expected {
        let Some((_, behind)) = rest.split_once(what) else {
            panic!("{what:?} is missing in\n{rest}\nall of it:\n{said}")
        };
        rest = behind;
    }
}

#[test]
fn every_question_of_the_data_is_answered() {
    let home = Home::new();
    let rows = home.ok(&["sample", "--rows", "3"]);
    let (head, first) = rows.split_once('\n').unwrap();
    home.file("more.csv", format!("{rows}7{}\n", &first[first.find(',').unwrap()..first.find('\n').unwrap()]));
    let lines = ["1", "3", "Sample", "2", "more.csv", "Few", "4", "Few", "0", "0"];
    let text = said(&home, &lines);
    assert!(head.starts_with("having_IP_Address,"));
    in_order(
        &text,
        &[
            "Main menu. 7 choices:",
            "0 collections.",
            "Command: netsec-tui push --collection=Sample",
            "10000 inserted",
            "3 inserted, 0 unchanged, 1 rejected of 4 rows",
            "Command: netsec-tui rejected --collection=Few",
            "having_IP_Address",
        ],
    );
    let out = home.dir.path().join("all.csv");
    let lines = [
        "1",
        "1",
        "3",
        "1",
        "1",
        "n",
        "p",
        "p",
        "1",
        "99",
        "0",
        "2",
        "Result=-1 port>=0",
        "0",
        "3",
        "4",
        "5",
        "Result=-1",
        out.to_str().unwrap(),
        "0",
        "0",
        "0",
    ];
    let text = said(&home, &lines);
    in_order(
        &text,
        &[
            "3 collections.",
            "1 netsec.Few, 3 documents",
            "3 netsec.Sample, 10,000 documents",
            "Collection netsec.Sample. 5 choices:",
            "10,000 documents match.",
            "Page 1, 10 documents.",
            "having_IP_Address ",
            "Page 2, 10 documents.",
            "Page 1, 10 documents.",
            "This is the first page.",
            "33 fields.",
            "having_IP_Address: ",
            "n, p, or a number from 1 to 10 is expected.",
            "documents match.",
            "31 fields.",
            "having_IP_Address: -1 ",
            "none missing",
            "validation passed",
            "written to",
        ],
    );
    assert!(std::fs::read_to_string(out).unwrap().lines().count() > 1_000);
}

#[test]
fn a_run_is_started_followed_read_and_asked() {
    let home = Home::new().with_sample(400);
    let row = "SSLfinal_State=-1 URL_of_Anchor=-1";
    let text = said(
        &home,
        &[
            "3",
            "",
            "",
            "decision_tree, knn",
            "2",
            "y",
            "1",
            "2",
            "3",
            "4",
            "6",
            "recall 0.9",
            "6",
            "default",
            "6",
            "",
            "7",
            "8",
            row,
            "",
            "1",
            "SSLfinal_State=1",
            "2",
            "3",
            "4",
            "5",
            "https://a-b.example/",
            "",
            "0",
            "0",
            "0",
            "0",
        ],
    );
    in_order(
        &text,
        &[
            "Search spaces: endless, slow, small",
            "Families, with commas between them [all]: decision_tree, knn",
            "--family=decision_tree --family=knn",
            "is finished.",
            "winner ",
            "family decision_tree, trials 2, cv F1 ",
            "run started: 2 families",
            "is not running",
            "for a recall of 0.9",
            "from probability 0.5",
            "2 given, 0 computed, 28 imputed, 0 out of domain.",
            "feature SSLfinal_State, value -1, given, contribution ",
            "feature SSLfinal_State, value 1, given",
            "30 features.",
            "URL_of_Anchor: -1, ",
            "nearest in training",
            "0 given, 8 computed, 22 imputed",
            "https://a-b.example/",
        ],
    );
    let log = std::fs::read_dir(home.root().join("predictions")).unwrap().count();
    assert_eq!(log, 1, "what was asked is logged");
}

#[test]
fn runs_are_found_compared_and_cancelled_and_rows_held_against_others() {
    let home = Home::new().with_sample(400);
    home.ok(&["train", "--family", "knn"]);
    home.ok(&["train", "--family", "decision_tree", "--seed", "2"]);
    let page = home.dir.path().join("drift.html");
    let endless = home.ok(&["train", "--detach", "--space", "endless"]).trim().to_owned();
    crate::contract::wait_for(&home, &endless, "running");
    let text = said(
        &home,
        &[
            "4",
            "/status=running",
            "1",
            "4",
            "n",
            "4",
            "y",
            "0",
            "/status=finished",
            "c",
            "2",
            "1",
            "/family=decision_tree",
            "7",
            "0",
            "2",
            "",
            "",
            page.to_str().unwrap(),
            "7",
            "?",
            "x",
            "0",
        ],
    );
    in_order(
        &text,
        &[
            "1 run is training.",
            "3 runs, newest first.",
            "1 run of 3, newest first.",
            ", running, netsec/NetworkData, space endless",
            "It goes on.",
            "asked run",
            "2 runs of 3, newest first.",
            "Command: netsec-tui compare",
            "against",
            "seed, ",
            " (base) 1, ",
            "McNemar's exact test",
            "1 run of 3, newest first.",
            "/, c, or a number from 1 to 1 is expected.",
            "no data set drift",
            "console.fps",
            "Type the number or the letter of a choice",
            "\"x\" is not among the choices",
        ],
    );
    crate::contract::wait_for(&home, &endless, "cancelled");
    assert!(page.is_file());
    // A cancelled run is gone on with, which a script follows to its end.
    let started = home.json(&["train", "--family", "knn", "--until", "validate"]);
    let id = started["run"].as_str().unwrap();
    let text = said(&home, &["4", &format!("/{}", &id[..6]), "1", "5"]);
    in_order(&text, &["interrupted", "is finished."]);
}

#[test]
fn what_makes_no_sense_is_told_and_the_end_of_the_input_is_the_end() {
    let home = Home::new();
    let output =
        answered(&home, &["1", "1", "nine", "2", "no-such-file.csv", "", "9", "0", "6", "2", "", "", "", "4", "1"]);
    let text = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
    in_order(
        &text,
        &[
            "0 collections.",
            "there is nothing to choose from",
            "\"nine\" is not among the choices",
            "-- no-such-file.csv",
            "\"9\" is not among the choices",
            "there is no champion yet",
            "there is no collection, run, file or version",
            "0 runs, newest first.",
            "is expected",
        ],
    );
    let failed = crate::support::text(&output.stderr);
    assert!(failed.contains("error: ") && failed.contains("no-such-file.csv"), "{failed}");
}

#[test]
fn text_from_data_cannot_reach_the_terminal() {
    let home = Home::new();
    let rows = home.ok(&["sample", "--rows", "1"]);
    let (head, row) = rows.trim_end().split_once('\n').unwrap();
    home.file("evil.csv", format!("note,{head}\n\"a\x1b[2Jb\u{202e}c\",{row}\n"));
    said(&home, &["1", "2", "evil.csv", "", "1", "0", "0"]);
    let text = said(&home, &["1", "1", "1", "1", "1", "\x1b[2J", "0"]);
    in_order(&text, &["Page 1, the last one, 1 document.", "note", "note: a", "is expected"]);
    assert!(!text.contains(['\x1b', '\u{202e}']), "{text:?}");
}

/// A terminal that is called `dumb` gets lines, and nothing else.
#[test]
fn on_a_dumb_terminal_nothing_is_drawn_and_ctrl_c_leaves() {
    let home = Home::new().with_sample(300);
    let mut command = home.command(&[]);
    command.env("TERM", "dumb").env("LANG", "C.UTF-8");
    let mut pty = Pty::start(command, (80, 60)).unwrap();
    let patience = Duration::from_secs(60);
    let wait = |pty: &Pty, what: &str| {
        assert!(pty.wait(patience, |seen| seen.text().contains(what)).is_some(), "{what:?}:\n{}", pty.text());
    };
    wait(&pty, "Main menu, choice:");
    pty.send("3\n\nendless\n\n\ny\n").unwrap();
    wait(&pty, "0 back, ? help\nRun");
    pty.send("1\n").unwrap();
    wait(&pty, "Following; enter stops that");
    // A person may stop following; the run is not touched.
    pty.send("\n").unwrap();
    wait(&pty, "Not following any more.");
    pty.send("4\ny\n").unwrap();
    wait(&pty, "asked run");
    assert!(!pty.seen().screen().alternate_screen() && !pty.is_raw());
    pty.send("\x03").unwrap();
    assert_eq!(pty.end().unwrap().code(), Some(130));
}
