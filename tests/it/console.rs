//! The console in a real terminal: tmux is the terminal, its panes are read back.

use crate::support::{BINARY, Home, text};
use std::process::Command;
use std::time::{Duration, Instant};

/// A console in a tmux session of its own.
struct Terminal {
    session: String,
    home: Home,
}

fn tmux(args: &[&str]) -> std::process::Output {
    let server = std::env::var("NETSEC_TEST_TMUX").unwrap_or_else(|_| "netsec-test".to_owned());
    Command::new("tmux").args(["-L", &server]).args(args).output().expect("tmux is installed")
}

impl Terminal {
    fn start(home: Home, name: &str, width: &str, height: &str) -> Self {
        let session = format!("{name}-{}", std::process::id());
        let command = format!(
            "env -u NETSEC_HOME USER=tester LANG=C.UTF-8 {BINARY} --home {} --config {}; echo left with $?; sleep 60",
            home.root().display(),
            home.dir.path().join("settings.yaml").display()
        );
        let out =
            tmux(&["-f", "/dev/null", "-u", "new-session", "-d", "-s", &session, "-x", width, "-y", height, &command]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        Self { session, home }
    }

    /// As someone starts it by hand, in a shell that stops and wakes what it has started.
    fn in_shell(home: Home, name: &str) -> Self {
        let session = format!("{name}-{}", std::process::id());
        let shell = "env -u NETSEC_HOME USER=tester LANG=C.UTF-8 PS1='$ ' bash --norc --noprofile -i";
        let out = tmux(&["-f", "/dev/null", "-u", "new-session", "-d", "-s", &session, "-x", "80", "-y", "24", shell]);
        assert!(out.status.success(), "{}", text(&out.stderr));
        let terminal = Self { session, home };
        terminal.wait("$");
        let root = terminal.home.root();
        for part in [BINARY, " --home ", &root.display().to_string(), "\n"] {
            assert!(tmux(&["send-keys", "-t", &terminal.session, "-l", part]).status.success());
        }
        terminal
    }

    /// Whether the other screen is shown, and the cursor.
    fn modes(&self) -> String {
        let shown = tmux(&["display-message", "-p", "-t", &self.session, "#{alternate_on} #{cursor_flag}"]);
        text(&shown.stdout).trim().to_owned()
    }

    fn screen(&self) -> String {
        text(&tmux(&["capture-pane", "-p", "-t", &self.session]).stdout)
    }

    /// Waits until the screen shows some text.
    fn wait(&self, what: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let screen = self.screen();
            if screen.contains(what) {
                return screen;
            }
            assert!(Instant::now() < deadline, "{what:?} does not come up:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn key(&self, key: &str) {
        assert!(tmux(&["send-keys", "-t", &self.session, key]).status.success());
    }

    fn paste(&self, content: &str) {
        let buffer = format!("b-{}", self.session);
        assert!(tmux(&["set-buffer", "-b", &buffer, content]).status.success());
        assert!(tmux(&["paste-buffer", "-p", "-d", "-b", &buffer, "-t", &self.session]).status.success());
    }

    /// The console's process id.
    fn pid(&self) -> String {
        let shell = text(&tmux(&["display-message", "-p", "-t", &self.session, "#{pane_pid}"]).stdout);
        let out = Command::new("pgrep").args(["-P", shell.trim()]).output().unwrap();
        text(&out.stdout).lines().next().expect("the console runs").to_owned()
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.pid()]).status().unwrap().success());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        tmux(&["kill-session", "-t", &self.session]);
    }
}

/// User and system time of a process, in clock ticks.
fn ticks(pid: &str) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let rest = stat.rsplit_once(')').unwrap().1;
    rest.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
}

#[test]
#[ignore = "needs tmux"]
fn from_an_empty_store_to_a_prediction_in_six_keys_and_a_paste() {
    let terminal = Terminal::start(Home::new(), "walk", "80", "24");
    terminal.wait("nothing here yet");
    terminal.key("s");
    terminal.wait("10,000 rows added");
    terminal.key("Enter");
    terminal.wait("netsec-tui train");
    terminal.key("Enter");
    terminal.wait("winner");
    terminal.key("Enter");
    terminal.wait("phishing");
    terminal.key("p");
    terminal.wait("6 Predict");
    let row = std::fs::read_to_string(crate::support::repository("Network_Data/phishing_sample.csv")).unwrap();
    terminal.paste(row.lines().nth(2).unwrap());
    std::thread::sleep(Duration::from_millis(300));
    terminal.key("Enter");
    let screen = terminal.wait("probability");
    assert!(screen.contains("PHISHING") || screen.contains("LEGITIMATE"), "{screen}");
    assert!(screen.contains("given") && screen.contains("imputed"), "{screen}");
}

#[test]
#[ignore = "needs tmux"]
fn an_idle_console_writes_nothing_and_uses_no_time() {
    let terminal = Terminal::start(Home::new().with_sample(300), "idle", "80", "24");
    terminal.wait("NetworkData");
    std::thread::sleep(Duration::from_secs(2));
    let bytes = terminal.home.dir.path().join("bytes");
    assert!(tmux(&["pipe-pane", "-t", &terminal.session, &format!("cat > {}", bytes.display())]).status.success());
    let pid = terminal.pid();
    let before = ticks(&pid);
    std::thread::sleep(Duration::from_secs(6));
    assert!(ticks(&pid) <= before + 1, "{} ticks in six idle seconds", ticks(&pid) - before);
    assert_eq!(std::fs::metadata(&bytes).map_or(0, |m| m.len()), 0);
    // The pipe does see what is written once there is something to write.
    terminal.key("?");
    std::thread::sleep(Duration::from_secs(1));
    assert!(std::fs::metadata(&bytes).unwrap().len() > 0);
}

#[test]
#[ignore = "needs tmux"]
fn the_run_goes_on_when_the_console_is_killed_and_can_be_watched_again() {
    let terminal = Terminal::start(Home::new().with_sample(600), "killed", "100", "30");
    let id = terminal.home.ok(&["train", "--detach", "--space", "endless"]).trim().to_owned();
    crate::contract::wait_for(&terminal.home, &id, "running");
    terminal.key("4");
    terminal.wait(&id[..6]);
    terminal.signal("-KILL");
    terminal.wait("left with");
    crate::contract::wait_for(&terminal.home, &id, "running");
    terminal.home.ok(&["cancel", &id]);
    crate::contract::wait_for(&terminal.home, &id, "cancelled");
}

#[test]
#[ignore = "needs tmux"]
fn the_terminal_is_restored_after_every_way_out() {
    for signal in ["-TERM", "-HUP", "keys"] {
        let terminal = Terminal::start(Home::new().with_sample(300), &format!("restore{}", &signal[1..]), "80", "24");
        terminal.wait("NetworkData");
        if signal == "keys" {
            terminal.key("C-c")
        } else {
            terminal.signal(signal)
        }
        let screen = terminal.wait("left with");
        assert!(!screen.contains("1 Data"), "the alternate screen is gone:\n{screen}");
        assert!(screen.contains("left with 0"), "{signal}:\n{screen}");
        assert_eq!(terminal.modes(), "0 1", "{signal}");
    }
}

#[test]
#[ignore = "needs tmux"]
fn a_stopped_console_gives_the_terminal_back_until_it_goes_on() {
    for how in ["-TSTP", "keys"] {
        let terminal = Terminal::in_shell(Home::new().with_sample(300), &format!("stop{}", &how[1..]));
        terminal.wait("1 Data");
        if how == "keys" {
            terminal.key("C-z");
        } else {
            terminal.signal(how);
        }
        let screen = terminal.wait("Stopped");
        assert!(!screen.contains("1 Data"), "{how}:\n{screen}");
        assert_eq!(terminal.modes(), "0 1", "{how}");
        // Of another size when it comes back: while it is stopped it hears of none.
        tmux(&["resize-window", "-t", &terminal.session, "-x", "100", "-y", "30"]);
        assert!(tmux(&["send-keys", "-t", &terminal.session, "-l", "fg\n"]).status.success());
        terminal.wait("1 Data");
        terminal.key("?");
        let screen = terminal.wait("keys · netsec");
        assert_eq!(terminal.modes(), "1 0", "{how}");
        assert_eq!(screen.lines().next().map(|line| line.trim_end().chars().count()), Some(99), "{how}:\n{screen}");
        // Stopped by force, it can do nothing; awake again, it takes the terminal as it should be.
        terminal.signal("-STOP");
        terminal.wait("Stopped");
        assert!(tmux(&["send-keys", "-t", &terminal.session, "-l", "fg\n"]).status.success());
        let screen = terminal.wait("keys · netsec");
        assert!(!screen.contains("Stopped"), "{how}:\n{screen}");
        assert_eq!(terminal.modes(), "1 0", "{how}");
        terminal.key("Escape");
        terminal.key("3");
        terminal.wait("start a run");
    }
}

#[test]
#[ignore = "needs tmux"]
fn a_console_without_a_shell_is_not_stopped_for_ever() {
    let terminal = Terminal::start(Home::new().with_sample(300), "alone", "80", "24");
    terminal.wait("NetworkData");
    terminal.key("C-z");
    terminal.wait("not suspended");
    terminal.signal("-TSTP");
    terminal.key("3");
    terminal.wait("start a run");
}
