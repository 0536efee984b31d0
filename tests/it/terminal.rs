//! The console in a pseudo-terminal: what happens to it from outside, and how it leaves the terminal.

use crate::pty::Pty;
use crate::support::{BINARY, Home};
use std::process::Command;
use std::time::Duration;

/// How long anything may take to come up on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

fn start(home: &Home, size: (u16, u16)) -> Pty {
    let mut command = home.command(&[]);
    command.env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
    Pty::start(command, size).unwrap()
}

pub fn wait(pty: &Pty, what: &str) {
    assert!(pty.wait(PATIENCE, |seen| seen.text().contains(what)).is_some(), "{what:?}:\n{}", pty.text());
}

/// A console that shows its collections.
pub fn open(home: &Home, size: (u16, u16)) -> Pty {
    let pty = start(home, size);
    wait(&pty, "NetworkData");
    // What can be stopped is still on its way.
    assert!(pty.wait(PATIENCE, |seen| !seen.text().contains("x stop")).is_some(), "{}", pty.text());
    pty
}

/// What is seen: cells that were written with nothing look like those that never were.
fn look(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

/// The one process that `pgrep` finds.
fn process(found_by: &[&str]) -> u32 {
    let out = Command::new("pgrep").args(found_by).output().unwrap();
    crate::support::text(&out.stdout).trim().parse().expect("there is one process")
}

#[test]
fn every_way_out_restores_the_terminal() {
    let home = Home::new().with_sample(300);
    for way in ["-TERM", "-HUP", "-INT", "keys"] {
        let mut pty = open(&home, (80, 24));
        assert!(pty.is_raw() && pty.seen().screen().alternate_screen(), "it has the terminal");
        if way == "keys" {
            pty.send("\x03").unwrap();
        } else {
            signal(way, pty.pid());
        }
        assert_eq!(pty.end().unwrap().code(), Some(0), "{way}");
        assert!(pty.is_restored() && !pty.text().contains("NetworkData"), "{way}:\n{}", pty.text());
    }
}

/// Stopped by ctrl-z or by a signal it leaves the terminal to the shell, and comes back to one of another size.
#[test]
fn a_stopped_console_comes_back() {
    let home = Home::new().with_sample(300);
    let (root, settings) = (home.root(), home.dir.path().join("settings.yaml"));
    // With job control, as an interactive shell has it.
    let script = format!(
        "set -m; {BINARY} --home {} --config {}; echo stopped with $?; read line; fg >/dev/null; echo left with $?",
        root.display(),
        settings.display()
    );
    for by_key in [true, false] {
        let mut command = Command::new("sh");
        command.args(["-c", &script]).env("TERM", "xterm-256color").env("LANG", "C.UTF-8").env_remove("NETSEC_HOME");
        let mut pty = Pty::start(command, (80, 24)).unwrap();
        wait(&pty, "NetworkData");
        if by_key {
            pty.send("\x1a").unwrap();
        } else {
            signal("-TSTP", process(&["-P", &pty.pid().to_string()]));
        }
        wait(&pty, "stopped with");
        assert!(pty.is_restored() && !pty.text().contains("NetworkData"), "{}", pty.text());
        pty.resize(100, 30).unwrap();
        pty.send("\n").unwrap();
        wait(&pty, "NetworkData");
        pty.wait(PATIENCE, |seen| seen.text().lines().count() == 30).expect("the new size is used");
        assert!(pty.is_raw() && pty.seen().screen().alternate_screen());
        pty.send("\x03").unwrap();
        wait(&pty, "left with 0");
        assert!(pty.end().unwrap().success() && pty.is_restored());
    }
}

#[test]
fn a_console_that_was_stopped_from_outside_draws_itself_again() {
    let home = Home::new().with_sample(300);
    let pty = open(&home, (80, 24));
    let before = pty.text();
    signal("-STOP", pty.pid());
    // A shell takes the terminal over.
    pty.scribble("\x1b[?1049l\x1b[?25h\x1b[2J$ something else");
    signal("-CONT", pty.pid());
    wait(&pty, "NetworkData");
    let same = pty.wait(PATIENCE, |seen| look(&seen.text()) == look(&before)).is_some();
    assert!(same, "expected:\n{before}\ngot:\n{}", pty.text());
    assert!(pty.seen().screen().hide_cursor() && pty.seen().screen().alternate_screen() && pty.is_raw());
}

#[test]
fn a_watched_run_whose_worker_is_killed_is_shown_as_interrupted() {
    let home = Home::new().with_sample(600);
    let id = home.ok(&["train", "--detach", "--space", "endless"]).trim().to_owned();
    crate::contract::wait_for(&home, &id, "running");
    let pty = open(&home, (100, 30));
    pty.send("4").unwrap();
    wait(&pty, &id[..6]);
    pty.send("a").unwrap();
    wait(&pty, "GB: F1 by trial");
    signal("-KILL", process(&["-f", &format!("worker {id}")]));
    wait(&pty, "interrupted");
    assert_eq!(home.json(&["show", &id])["status"], "interrupted");
    // It is there for keys as before.
    pty.send("4").unwrap();
    wait(&pty, "1 run");
    signal("-TERM", pty.pid());
}

#[test]
fn the_last_of_two_hundred_sizes_counts() {
    let home = Home::new().with_sample(300);
    let pty = open(&home, (80, 24));
    for n in 0..200u16 {
        pty.resize(20 + n * 37 % 180, 5 + n * 13 % 60).unwrap();
        std::thread::sleep(Duration::from_millis(4));
    }
    pty.resize(90, 28).unwrap();
    let calm = open(&home, (90, 28));
    let settled = |pty: &Pty| pty.wait(PATIENCE, |seen| seen.text().contains("? more")).is_some();
    assert!(settled(&calm));
    let expected = calm.text();
    let same = pty.wait(PATIENCE, |seen| look(&seen.text()) == look(&expected)).is_some();
    assert!(same, "expected:\n{expected}\ngot:\n{}", pty.text());
    // No frame for each of them: they come faster than frames may.
    assert!(pty.seen().frames() < 120, "{} frames", pty.seen().frames());
}
