//! What a host and one process on it are using, read from `/proc`. Where that is not there, there are no figures.
//!
//! A process id says nothing about whether a run is alive: that is for its lock to say. It only tells where to read,
//! and is believed as long as the process began when the one that is meant did.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A process, named so that another one which later gets its id is not taken for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Its id on its host.
    pub pid: u32,
    /// When it began, in clock ticks since the host was started.
    pub started: u64,
    /// The host.
    pub host: String,
}

impl Process {
    /// The process that calls this; none without `/proc`.
    pub fn this() -> Option<Self> {
        let times = Times::parse(&std::fs::read_to_string("/proc/self/stat").ok()?)?;
        Some(Self { pid: std::process::id(), started: times.started, host: crate::who::host() })
    }
}

/// Memory in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// What could not be given to a program at once.
    pub used: u64,
    /// What there is.
    pub total: u64,
}

/// What a process uses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usage {
    /// Share of the host's processors, 0 to 1; none on the first look.
    pub cpu: Option<f64>,
    /// Its resident memory in bytes.
    pub memory: u64,
}

/// What a host uses, and one process of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Share of all processors that was at work since the last look, 0 to 1; none on the first one.
    pub cpu: Option<f64>,
    /// The host's memory.
    pub memory: Option<Memory>,
    /// The process that was asked for; none when it is gone or on another host.
    pub process: Option<Usage>,
}

impl Figures {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Ticks that all processors together have spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    all: u64,
}

impl Ticks {
    /// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal. What follows, the time of
    /// guests, is counted in user already.
    fn parse(stat: &str) -> Option<Self> {
        let fields = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> = fields.split_ascii_whitespace().take(8).filter_map(|field| field.parse().ok()).collect();
        let all: u64 = ticks.iter().sum();
        let idle: u64 = ticks.iter().skip(3).take(2).sum();
        (ticks.len() >= 4).then_some(Self { busy: all - idle, all })
    }
}

/// Ticks of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    busy: u64,
    started: u64,
}

impl Times {
    /// `/proc/PID/stat`. The second field is the program's name in brackets and may hold anything, brackets too.
    fn parse(stat: &str) -> Option<Self> {
        let rest: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        // Counted from the state, the third field: 14 is utime, 15 stime, 22 starttime.
        let field = |number: usize| rest.get(number - 3)?.parse::<u64>().ok();
        Some(Self { busy: field(14)? + field(15)?, started: field(22)? })
    }
}

/// The bytes behind a name in `/proc/meminfo` or `/proc/PID/status`, which count in units of 1,024.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.split_ascii_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

fn memory(meminfo: &str) -> Option<Memory> {
    let total = bytes(meminfo, "MemTotal")?;
    Some(Memory { used: total.saturating_sub(bytes(meminfo, "MemAvailable")?), total })
}

/// Looks at the host from time to time: shares of processors are of the time between two looks.
#[derive(Debug)]
pub struct Gauge {
    root: PathBuf,
    ticks: Option<Ticks>,
    times: Option<Times>,
}

impl Default for Gauge {
    fn default() -> Self {
        Self::at(Path::new("/proc"))
    }
}

impl Gauge {
    /// A gauge that reads another directory than `/proc`.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), ticks: None, times: None }
    }

    /// The figures now, of this host and, where it runs on it, of a process. What cannot be read is none.
    pub fn read(&mut self, process: Option<&Process>) -> Figures {
        let text = |name: &str| std::fs::read_to_string(self.root.join(name)).unwrap_or_default();
        let ticks = Ticks::parse(&text("stat"));
        let own = process.filter(|process| process.host == crate::who::host()).and_then(|process| {
            let times = Times::parse(&text(&format!("{}/stat", process.pid)))?;
            let resident = bytes(&text(&format!("{}/status", process.pid)), "VmRSS")?;
            (times.started == process.started).then_some((times, resident))
        });
        let memory = memory(&text("meminfo"));
        let passed = ticks.zip(self.ticks).map(|(now, before)| now.all.saturating_sub(before.all)).filter(|n| *n > 0);
        let share =
            |now: u64, before: u64| passed.map(|all| (now.saturating_sub(before) as f64 / all as f64).clamp(0.0, 1.0));
        let figures = Figures {
            cpu: ticks.zip(self.ticks).and_then(|(now, before)| share(now.busy, before.busy)),
            memory,
            process: own.map(|(now, resident)| Usage {
                cpu: self
                    .times
                    .filter(|before| before.started == now.started)
                    .and_then(|before| share(now.busy, before.busy)),
                memory: resident,
            }),
        };
        (self.ticks, self.times) = (ticks, own.map(|(times, _)| times));
        figures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMINFO: &str =
        "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\nSwapTotal: 0 kB\n";
    const STATUS: &str = "Name:\tnetsec-tui\nVmHWM:\t  2000 kB\nVmRSS:\t    1500 kB\n";

    fn stat(user: u64, idle: u64) -> String {
        format!("cpu  {user} 0 10 {idle} 5 0 0 0 7 0\ncpu0 1 2 3 4\n")
    }

    fn own(busy: u64, started: u64) -> String {
        format!("42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 {busy} 3 0 0 20 0 8 0 {started} 3133440 383 1 2 3")
    }

    /// A directory that stands for `/proc`.
    fn place() -> (tempfile::TempDir, Gauge, Process) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("42")).unwrap();
        let gauge = Gauge::at(dir.path());
        (dir, gauge, Process { pid: 42, started: 900, host: crate::who::host() })
    }

    fn write(dir: &tempfile::TempDir, files: &[(&str, &str)]) {
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
    }

    #[test]
    fn shares_are_of_the_time_between_two_looks() {
        let (dir, mut gauge, process) = place();
        let first = own(10, 900);
        write(&dir, &[("stat", &stat(100, 800)), ("meminfo", MEMINFO), ("42/stat", &first), ("42/status", STATUS)]);
        let first = gauge.read(Some(&process));
        assert_eq!((first.cpu, first.memory), (None, Some(Memory { used: 600 * 1024, total: 1000 * 1024 })));
        assert_eq!(first.process, Some(Usage { cpu: None, memory: 1500 * 1024 }));
        // 200 ticks later 150 were at work, 50 of them for the process.
        let second = own(60, 900);
        write(&dir, &[("stat", &stat(250, 850)), ("42/stat", &second)]);
        let second = gauge.read(Some(&process));
        assert_eq!(second.cpu, Some(0.75));
        assert_eq!(second.process.unwrap().cpu, Some(0.25));
        assert_eq!(gauge.read(None).cpu, None, "no time has passed");
    }

    #[test]
    fn a_process_that_got_the_id_later_or_runs_elsewhere_is_not_meant() {
        let (dir, mut gauge, process) = place();
        let another = own(60, 901);
        write(&dir, &[("stat", &stat(100, 800)), ("42/stat", &another), ("42/status", STATUS)]);
        assert_eq!(gauge.read(Some(&process)).process, None);
        let there = Process { started: 901, ..process.clone() };
        assert!(gauge.read(Some(&there)).process.is_some());
        assert_eq!(gauge.read(Some(&Process { host: "elsewhere".to_owned(), ..there })).process, None);
    }

    #[test]
    fn without_proc_and_with_nonsense_in_it_there_are_no_figures() {
        let (dir, mut gauge, process) = place();
        assert!(gauge.read(Some(&process)).is_empty());
        let odd = [("stat", "cpu  a b"), ("meminfo", "MemTotal: x kB\n"), ("42/stat", "42 (a"), ("42/status", "")];
        write(&dir, &odd);
        assert!(gauge.read(Some(&process)).is_empty());
        assert!(Gauge::at(Path::new("/nowhere")).read(None).is_empty());
    }

    #[test]
    fn this_process_is_found_where_there_is_proc() {
        let Some(this) = Process::this() else { return assert!(!Path::new("/proc/self/stat").exists()) };
        let figures = Gauge::default().read(Some(&this));
        assert!(figures.process.is_some_and(|p| p.memory > 0) && figures.memory.is_some());
    }
}
