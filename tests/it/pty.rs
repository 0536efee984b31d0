//! A program in a pseudo-terminal of its own: every byte it writes is counted and read as a terminal reads it.
//!
//! The tests, `benches/terminal` and `examples/pictures.rs` share this file; each needs a part of it.
#![allow(dead_code)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What a terminal answers to a program that asks for its background: a dark one.
const BACKGROUND: &[u8] = b"\x1b]11;rgb:1010/1414/1c1c\x1b\\";
/// What it answers to one that asks what it is, and so when it has read everything before.
const DEVICE: &[u8] = b"\x1b[?62;22c";
/// How long a program may take to end before it is killed.
const END: Duration = Duration::from_secs(10);

/// What the terminal does besides showing text.
#[derive(Default)]
struct Asked {
    answers: Vec<u8>,
    frames: u64,
    places: u64,
}

impl vt100::Callbacks for Asked {
    fn unhandled_csi(
        &mut self,
        _: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        command: char,
    ) {
        match (first, command) {
            (None, 'c') => self.answers.extend_from_slice(DEVICE),
            // The end of a synchronized update.
            (Some(b'?'), 'l') if params == [&[2026]] => self.frames += 1,
            (None, 'f') => self.places += 1,
            _ => {}
        }
    }

    fn unhandled_osc(&mut self, _: &mut vt100::Screen, params: &[&[u8]]) {
        if params == [&b"11"[..], &b"?"[..]] {
            self.answers.extend_from_slice(BACKGROUND);
        }
    }
}

/// What came out of the program so far.
pub struct Seen {
    parser: vt100::Parser<Asked>,
    /// Bytes.
    pub bytes: u64,
    /// When the last of them came.
    pub last: Instant,
    ended: bool,
}

impl Seen {
    /// The screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// The screen's text.
    pub fn text(&self) -> String {
        self.screen().contents()
    }

    /// Synchronized updates.
    pub fn frames(&self) -> u64 {
        self.parser.callbacks().frames
    }

    /// How often text was put somewhere by a sequence that is not followed here (HVP, which btop uses).
    pub fn places(&self) -> u64 {
        self.parser.callbacks().places
    }
}

/// A program, and the terminal around it. It is ended with this.
pub struct Pty {
    child: Child,
    master: File,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Pty {
    /// Starts a program in a terminal of this many columns and rows.
    ///
    /// # Errors
    /// When there is no terminal to be had, or the program cannot be started.
    pub fn start(mut command: Command, (columns, rows): (u16, u16)) -> std::io::Result<Self> {
        let (mut master, mut slave) = (-1, -1);
        let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: both numbers and the size live over the call; the other two may be null.
        let opened = unsafe { libc::openpty(&mut master, &mut slave, std::ptr::null_mut(), std::ptr::null(), &size) };
        if opened != 0 {
            return Err(std::io::Error::last_os_error());
        }
        // SAFETY: both were opened above and belong to nobody else.
        let (master, slave) = unsafe { (File::from_raw_fd(master), File::from_raw_fd(slave)) };
        // SAFETY: sets a flag of a descriptor that is open. No other child may keep the terminal alive.
        unsafe { libc::fcntl(master.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
        command.stdin(Stdio::from(slave.try_clone()?)).stdout(Stdio::from(slave.try_clone()?));
        command.stderr(Stdio::from(slave));
        // SAFETY: between fork and exec two system calls are made, both async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                if libc::setsid() == -1 || libc::ioctl(0, libc::TIOCSCTTY as _, 0) == -1 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn()?;
        // It holds our ends of the terminal.
        drop(command);
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, Asked::default());
        let seen = Seen { parser, bytes: 0, last: Instant::now(), ended: false };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let (reader, shared) = (master.try_clone()?, Arc::clone(&seen));
        std::thread::spawn(move || read(reader, &shared));
        Ok(Self { child, master, seen })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What came out so far.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The screen's text.
    pub fn text(&self) -> String {
        self.seen().text()
    }

    /// Types.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&self, keys: impl AsRef<[u8]>) -> std::io::Result<()> {
        (&self.master).write_all(keys.as_ref())
    }

    /// Pastes, as a terminal does for a program that asked to be told.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn paste(&self, text: &str) -> std::io::Result<()> {
        self.send(format!("\x1b[200~{text}\x1b[201~"))
    }

    /// Shows something of another program's, as a shell does while this one is stopped.
    pub fn scribble(&self, text: &str) {
        self.seen().parser.process(text.as_bytes());
    }

    /// Changes the terminal's size.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn resize(&self, columns: u16, rows: u16) -> std::io::Result<()> {
        let size = libc::winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        // Locked over both: nothing drawn for the new size may be read at the old one.
        let mut seen = self.seen();
        // SAFETY: the size lives over the call, and the terminal is open.
        if unsafe { libc::ioctl(self.master.as_raw_fd(), libc::TIOCSWINSZ, &size) } != 0 {
            return Err(std::io::Error::last_os_error());
        }
        seen.parser.screen_mut().set_size(rows, columns);
        Ok(())
    }

    /// Whether the terminal hands over keys as they are, without echo and signals: a program has taken it.
    pub fn is_raw(&self) -> bool {
        // SAFETY: a zeroed termios is one, and it lives over the call.
        unsafe {
            let mut modes: libc::termios = std::mem::zeroed();
            libc::tcgetattr(self.master.as_raw_fd(), &mut modes);
            modes.c_lflag & (libc::ICANON | libc::ECHO) == 0
        }
    }

    /// Waits until what came out is as asked for. Gives when that was, or none after `patience` or at the end.
    pub fn wait(&self, patience: Duration, mut as_asked: impl FnMut(&Seen) -> bool) -> Option<Instant> {
        let deadline = Instant::now() + patience;
        let mut seen = self.seen();
        loop {
            if as_asked(&seen) {
                return Some(seen.last);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            if seen.ended {
                return None;
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for the end of the program; kills it when it takes too long.
    ///
    /// # Errors
    /// When it cannot be waited for.
    pub fn end(&mut self) -> std::io::Result<ExitStatus> {
        let deadline = Instant::now() + END;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                // What it wrote last.
                self.wait(END, |seen| seen.ended);
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Pty {
    /// Whether the terminal is as a program should leave it: its own screen, its cursor, its keys.
    pub fn is_restored(&self) -> bool {
        let seen = self.seen();
        let screen = seen.screen();
        let modes = screen.alternate_screen() || screen.hide_cursor() || screen.bracketed_paste();
        drop(seen);
        !modes && !self.is_raw()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads until the last program has closed the terminal.
fn read(mut master: File, shared: &(Mutex<Seen>, Condvar)) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = master.read(&mut buffer).unwrap_or(0);
        let mut seen = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.ended = count == 0;
        if count > 0 {
            seen.last = Instant::now();
            seen.bytes += count as u64;
            seen.parser.process(&buffer[..count]);
        }
        let answers = std::mem::take(&mut seen.parser.callbacks_mut().answers);
        drop(seen);
        shared.1.notify_all();
        if count == 0 {
            return;
        }
        let _ = master.write_all(&answers);
    }
}

/// Processor time of a process in nanoseconds, all of its threads together, where the system counts it.
pub fn busy(pid: u32) -> Option<u64> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let read = |task: std::path::PathBuf| std::fs::read_to_string(task.join("schedstat")).ok();
    tasks.flatten().map(|task| read(task.path())?.split(' ').next()?.parse::<u64>().ok()).sum()
}

/// User and system time of a process in clock ticks, where the system counts it.
pub fn ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().ok()).sum()
}
