//! The terminal: what it can show, taking it over, and giving it back whatever happens.

use super::theme::{Depth, Symbols, Theme};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use netsec::settings::Console;
use netsec::{Error, Result};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long the terminal may take to tell its background. A late answer would be read as keys.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long a stop signal may take to reach every thread.
const SETTLE: Duration = Duration::from_millis(20);

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The look that fits settings and terminal. Asks the terminal, so it comes before anything reads keys.
pub fn theme(settings: &Console, env: &dyn Fn(&str) -> Option<String>) -> Theme {
    let depth = depth(&settings.theme, env);
    let light = match settings.theme.as_str() {
        "light" => true,
        "auto" | "high-contrast" if depth != Depth::Mono => is_light(env),
        _ => false,
    };
    let contrast = settings.theme == "high-contrast";
    Theme { depth, light, contrast, symbols: symbols(&settings.symbols, env) }
}

fn depth(theme: &str, env: &dyn Fn(&str) -> Option<String>) -> Depth {
    let term = env("TERM").unwrap_or_default();
    // A theme that was asked for by name stands above NO_COLOR.
    let refused = env("NO_COLOR").is_some_and(|v| !v.is_empty()) && theme == "auto";
    if theme == "mono" || refused || term == "dumb" {
        return Depth::Mono;
    }
    match env("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => Depth::True,
        _ if term.contains("256color") => Depth::Indexed,
        _ => Depth::Ansi,
    }
}

fn symbols(wanted: &str, env: &dyn Fn(&str) -> Option<String>) -> Symbols {
    match wanted {
        "braille" => return Symbols::Braille,
        "block" => return Symbols::Block,
        "ascii" => return Symbols::Ascii,
        _ => {}
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| env(name).filter(|v| !v.is_empty()));
    let locale = locale.unwrap_or_default().to_lowercase();
    if !locale.contains("utf-8") && !locale.contains("utf8") {
        return Symbols::Ascii;
    }
    // The Linux console's fonts have no Braille.
    if env("TERM").as_deref() == Some("linux") { Symbols::Block } else { Symbols::Braille }
}

fn is_light(env: &dyn Fn(&str) -> Option<String>) -> bool {
    use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};
    if let Some(ground) = env("COLORFGBG").and_then(|v| v.rsplit(';').next().and_then(|n| n.parse::<u8>().ok())) {
        return ground == 7 || ground == 15;
    }
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    matches!(theme_mode(options), Ok(ThemeMode::Light))
}

/// Collects a frame, so that it leaves in one write.
#[derive(Debug, Clone, Default)]
pub struct Frames(Arc<Mutex<Vec<u8>>>);

impl Frames {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Frames {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The terminal while the console has it. Dropping it gives it back.
pub struct Screen {
    pub terminal: Terminal<CrosstermBackend<Frames>>,
    frames: Frames,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When it cannot be put into raw mode.
    pub fn enter() -> Result<Self> {
        // Under NO_COLOR crossterm writes a bare `CSI m`, which would erase the reversed selection. The theme drops
        // colours by itself.
        crossterm::style::force_color_output(true);
        hook();
        take().map_err(|e| Error::remote("the terminal cannot be taken over").caused_by(e))?;
        let frames = Frames::default();
        let terminal = Terminal::new(CrosstermBackend::new(frames.clone()))
            .map_err(|e| Error::remote("the terminal's size is not known").caused_by(e))?;
        Ok(Self { terminal, frames })
    }

    /// Draws a frame: one synchronized update in one write.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, paint: impl FnOnce(&mut ratatui::Frame<'_>)) -> std::io::Result<()> {
        queue!(self.frames, BeginSynchronizedUpdate)?;
        self.terminal.draw(paint)?;
        queue!(self.frames, EndSynchronizedUpdate)?;
        self.send(&self.frames.take())
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Gives the terminal back, stops the process, and takes the terminal again when it goes on. False without a shell
    /// to come back to: nothing could wake us again, so nothing is done.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn suspend(&mut self) -> std::io::Result<bool> {
        if !has_shell() {
            return Ok(false);
        }
        restore();
        // The group, as the terminal's own ctrl-z would: whoever started us waits with us. Runs are in sessions of
        // their own. Every thread stops, also the one that reads keys.
        let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
        // The signal may reach another thread first: the terminal must not be taken again before all have stopped.
        std::thread::sleep(SETTLE);
        self.retake().map(|()| true)
    }

    /// Takes the terminal as if for the first time, and draws all of it the next time.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn retake(&mut self) -> std::io::Result<()> {
        // Given back first: raw mode is not set again by who believes to have it.
        let _ = disable_raw_mode();
        take()?;
        // Not `clear`, which asks where the cursor is and would wait for the thread that reads keys.
        let size = self.terminal.size()?;
        self.terminal.resize(ratatui::layout::Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Whether a process outside our group, but of our session, waits for a process of the group, as a shell with job
/// control does. Without one the system would drop `SIGTSTP`; we catch that, and stop by a signal that is never dropped.
fn has_shell() -> bool {
    use rustix::process::{Pid, getpgid, getpid, getppid, getsid};
    let parent_of = |pid: Pid| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
        // The name before it may hold anything, also brackets.
        let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
        Pid::from_raw(parent)
    };
    let (session, group) = (getsid(None).ok(), getpgid(None).ok());
    let mut parent = getppid();
    while let Some(pid) = parent.filter(|pid| *pid != getpid()) {
        if getsid(Some(pid)).ok() != session {
            return false;
        }
        if getpgid(Some(pid)).ok() != group {
            return true;
        }
        parent = parent_of(pid);
    }
    false
}

fn take() -> std::io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    // Cleared as well: a console that was killed leaves the other screen as it was.
    execute!(std::io::stdout(), EnterAlternateScreen, Clear(ClearType::All), EnableBracketedPaste, cursor::Hide)
}

/// Gives the terminal back; does nothing when it is not ours.
pub fn restore() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // Errors have nowhere to go: the terminal may be gone.
        let _ = execute!(
            std::io::stdout(),
            EndSynchronizedUpdate,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
    }
}

/// A panic in the loop gives the terminal back before it is reported. One in a background task must not be printed
/// over the screen: it comes back as that task's failure.
fn hook() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let loop_thread = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == loop_thread {
                restore();
                before(info);
            } else if !TAKEN.load(Ordering::SeqCst) {
                before(info);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn colours_are_never_assumed() {
        assert_eq!(depth("auto", &env(&[("TERM", "xterm")])), Depth::Ansi);
        assert_eq!(depth("auto", &env(&[("TERM", "tmux-256color")])), Depth::Indexed);
        assert_eq!(depth("auto", &env(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")])), Depth::True);
        assert_eq!(depth("auto", &env(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")])), Depth::Mono);
        assert_eq!(depth("dark", &env(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")])), Depth::Indexed);
        assert_eq!(depth("auto", &env(&[("TERM", "xterm"), ("NO_COLOR", "")])), Depth::Ansi);
        assert_eq!(depth("high-contrast", &env(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")])), Depth::Indexed);
        assert_eq!(depth("mono", &env(&[("TERM", "xterm-256color")])), Depth::Mono);
    }

    #[test]
    fn symbols_follow_the_locale() {
        assert_eq!(symbols("auto", &env(&[("LANG", "en_US.UTF-8")])), Symbols::Braille);
        assert_eq!(symbols("auto", &env(&[("LANG", "C.utf8"), ("TERM", "linux")])), Symbols::Block);
        assert_eq!(symbols("auto", &env(&[("LANG", "C")])), Symbols::Ascii);
        assert_eq!(symbols("auto", &env(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "C")])), Symbols::Ascii);
        assert_eq!(symbols("block", &env(&[])), Symbols::Block);
    }
}
