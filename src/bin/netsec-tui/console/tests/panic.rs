//! A panic while the console has the terminal.

#[path = "../../../../../tests/it/pty.rs"]
mod pty;

use crate::console::terminal::Screen;
use pty::Pty;
use std::process::Command;

/// Tells this test that it is the one that panics.
const PANICS: &str = "NETSEC_TEST_PANICS";

#[test]
fn the_terminal_is_given_back_and_the_panic_told() {
    if std::env::var_os(PANICS).is_some() {
        let mut screen = Screen::enter().unwrap();
        screen.draw(|frame| frame.render_widget("something drawn", frame.area())).unwrap();
        panic!("on purpose");
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let name = "console::tests::panic::the_terminal_is_given_back_and_the_panic_told";
    command.args([name, "--exact", "--nocapture"]).env(PANICS, "1").env("TERM", "xterm-256color");
    let mut pty = Pty::start(command, (100, 30)).unwrap();
    let status = pty.end().unwrap();
    let text = pty.text();
    assert_eq!(status.code(), Some(101), "{text}");
    assert!(pty.seen().frames() > 0, "it had the terminal");
    assert!(text.contains("on purpose") && !text.contains("something drawn"), "{text}");
    assert!(pty.is_restored(), "{text}");
}
