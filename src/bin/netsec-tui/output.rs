//! What commands print: text for people, one JSON document with `--json`, failures on standard error.

use crate::console::clean::is_harmless;
use netsec::Error;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Interrupted, as shells have it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;
/// Columns of a line where nothing says how wide it may be.
const WIDTH: usize = 120;
/// The reader of a pipe is gone: 128 + SIGPIPE.
const PIPE_CLOSED: u8 = 141;

/// A command that ended with an error.
pub struct Failure {
    error: Error,
    json: bool,
    verbose: bool,
}

impl Failure {
    /// An error of a command that was run with these flags.
    pub fn new(error: Error, json: bool, verbose: bool) -> Self {
        Self { error, json, verbose }
    }

    /// Prints it and gives the exit code.
    pub fn report(&self) -> ExitCode {
        if is_closed_pipe(&self.error) {
            return ExitCode::from(PIPE_CLOSED);
        }
        eprint_error(&self.error, self.verbose);
        if self.json {
            let value = serde_json::json!({
                "error": clean(&self.error.to_string()),
                "hint": self.error.hint_text().map(clean),
                "causes": self.error.chain().iter().skip(1).map(|c| clean(c)).collect::<Vec<_>>(),
            });
            let _ = print_json(&value);
        }
        ExitCode::FAILURE
    }
}

fn is_closed_pipe(error: &Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(e) = cause {
        if e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe) {
            return true;
        }
        cause = e.source();
    }
    false
}

/// Prints an error with its way out on standard error.
pub fn eprint_error(error: &Error, verbose: bool) {
    let mut err = std::io::stderr().lock();
    let _ = writeln!(err, "error: {}", clean(&error.to_string()));
    let causes = error.chain();
    // One cause is context; a whole chain is for those who ask.
    for cause in causes.iter().skip(1).take(if verbose { usize::MAX } else { 1 }) {
        let _ = writeln!(err, "  because: {}", clean(cause));
    }
    if let Some(hint) = error.hint_text() {
        let _ = writeln!(err, "  hint: {}", clean(hint));
    }
}

/// Text without anything that a terminal would take for a command: data may end up in any message.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if is_harmless(c) || matches!(c, '\n' | '\t') { c } else { '\u{fffd}' }).collect()
}

/// Prints one JSON document on standard output.
///
/// # Errors
/// When standard output cannot be written.
pub fn print_json<T: Serialize>(value: &T) -> netsec::Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|e| Error::internal("the result cannot be written as JSON").caused_by(e))?;
    print(&format!("{text}\n"))
}

/// Prints text on standard output.
///
/// # Errors
/// When standard output cannot be written.
pub fn print(text: &str) -> netsec::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Error::remote("standard output cannot be written").caused_by(e))
}

/// Columns of text, aligned; the first row is the header.
pub fn table(rows: &[Vec<String>]) -> String {
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| clean(t).width()).max().unwrap_or(0);
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let cell = clean(cell);
            line.push_str(&cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Columns of a line.
pub fn width() -> usize {
    let terminal = std::io::stdout().is_terminal().then(crossterm::terminal::size);
    // A terminal that does not know its width says 0.
    terminal.and_then(|size| size.ok()).map(|(columns, _)| columns.into()).filter(|w| *w > 0).unwrap_or(WIDTH)
}

/// Text from data without line ends, which would break the table, and without commands to the terminal.
pub fn one_line(text: &str) -> String {
    clean(text).replace(['\n', '\t'], " ")
}

/// One line of text, of `most` columns at most.
pub fn cut(text: &str, most: usize) -> String {
    let text = one_line(text);
    if text.width() <= most {
        return text;
    }
    let mut used = 1;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= most
    };
    text.chars().take_while(fits).chain(['…']).collect()
}
