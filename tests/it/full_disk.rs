//! A disk that fills up: a clear message, nothing lost, and the work can be taken up again.

use crate::support::{Home, text};
use std::path::Path;
use std::process::Command;

/// A small file system, unmounted at the end.
struct Small(std::path::PathBuf);

impl Small {
    fn mount(at: &Path, size: &str) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .status()
            .unwrap();
        assert!(done.success(), "mount needs root");
        Self(at.to_owned())
    }

    fn fill(&self) {
        let _ = std::fs::write(self.0.join("filler"), vec![0u8; 64 << 20]);
    }

    fn free(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
#[ignore = "needs root, to mount a small file system"]
fn push_and_train_say_so_and_go_on_when_there_is_room() {
    let home = Home::new();
    let rows = home.dir.path().join("rows.csv");
    home.ok(&["sample", "--rows", "3000", "--out", rows.to_str().unwrap()]);
    let small = Small::mount(&home.root(), "4m");
    small.fill();
    let (code, error) = home.fails(&["push", rows.to_str().unwrap()]);
    assert!(code == 1 && error.contains("the disk is full") && error.contains("hint:"), "{error}");
    small.free();
    let pushed = home.json(&["push", rows.to_str().unwrap()]);
    assert_eq!(pushed["inserted"], 3_000);

    // Full from the start, and full in the middle of a run.
    small.fill();
    let (code, error) = home.fails(&["train", "--space", "slow"]);
    assert!(code == 1 && error.contains("the disk is full"), "{error}");
    small.free();
    let child = home.command(&["train", "--space", "slow"]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let run = loop {
        let runs = home.json(&["runs"]);
        if let Some(run) = runs["runs"].as_array().unwrap().iter().find(|r| r["status"] == "running") {
            break run["run"].as_str().unwrap().to_owned();
        }
        assert!(std::time::Instant::now() < deadline, "{runs}");
    };
    small.fill();
    let output = child.wait_with_output().unwrap();
    let error = text(&output.stderr);
    assert!(output.status.code() == Some(1) && error.contains("the disk is full"), "{error}");
    small.free();
    let report = home.json(&["train", "--run", &run]);
    assert_eq!(report["status"], "finished");
}

/// The console says so in its pane, stays usable, and does the same thing once there is room.
#[test]
#[ignore = "needs root, to mount a small file system"]
fn the_console_says_so_and_stays_usable() {
    use crate::terminal::{open, wait};
    let home = Home::new();
    let small = Small::mount(&home.root(), "4m");
    let home = home.with_sample(400);
    let mut pty = open(&home, (100, 30));
    pty.send("3").unwrap();
    wait(&pty, "netsec-tui train");
    small.fill();
    pty.send("\r").unwrap();
    wait(&pty, "the disk is full");
    small.free();
    pty.send("\r").unwrap();
    wait(&pty, "winner");
    pty.send("\x03").unwrap();
    assert_eq!(pty.end().unwrap().code(), Some(0));
    assert!(pty.is_restored());
    let runs = home.json(&["runs"]);
    assert!(runs["runs"].as_array().unwrap().iter().any(|run| run["status"] == "finished"), "{runs}");
}
