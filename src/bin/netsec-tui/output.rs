//! What commands print: text for people, one JSON document with `--json`, failures on standard error.

use crate::console::clean::is_harmless;
use netsec::store::Namespace;
use netsec::{Error, form};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Interrupted, as shells have it: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;
/// Columns of a line where nothing says how wide it may be.
const WIDTH: usize = 120;
/// The reader of a pipe is gone: 128 + SIGPIPE.
const PIPE_CLOSED: u8 = 141;

/// Whether text is for a screen reader or a terminal that can only append.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From here on text is written line by line: nothing is drawn, nothing is written twice.
pub fn be_plain() {
    PLAIN.store(true, Ordering::Relaxed);
}

/// Whether it is.
pub fn is_plain() -> bool {
    PLAIN.load(Ordering::Relaxed)
}

/// Whether a line on standard error may be written over by the next one.
pub fn is_live() -> bool {
    std::io::stderr().is_terminal() && !is_plain()
}

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
    let _ = std::io::stderr().lock().write_all(error_text(error, verbose).as_bytes());
}

/// An error in words, with its way out.
pub fn error_text(error: &Error, verbose: bool) -> String {
    let mut text = format!("error: {}\n", clean(&error.to_string()));
    // One cause is context; a whole chain is for those who ask.
    for cause in error.chain().iter().skip(1).take(if verbose { usize::MAX } else { 1 }) {
        text += &format!("  because: {}\n", clean(cause));
    }
    if let Some(hint) = error.hint_text() {
        text += &format!("  hint: {}\n", clean(hint));
    }
    text
}

/// Text without anything that a terminal would take for a command: data may end up in any message.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if is_harmless(c) || matches!(c, '\n' | '\t') { c } else { '\u{fffd}' }).collect()
}

/// What is said when writing into a collection was interrupted. Calls that were under way may have added some more.
pub fn stays(stored: u64, to: &Namespace) -> String {
    format!("interrupted: at least {} are in {to} and stay; the same command goes on", form::plural(stored, "document"))
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
    let plain = is_plain().then(|| undrawn(text));
    let mut out = std::io::stdout().lock();
    out.write_all(plain.as_deref().unwrap_or(text).as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Error::remote("standard output cannot be written").caused_by(e))
}

/// Text without the lines that are drawn in it, which a screen reader would spell.
fn undrawn(text: &str) -> String {
    let drawn = |c: char| matches!(c, '\u{2500}'..='\u{259f}' | '\u{2800}'..='\u{28ff}');
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if !line.contains(drawn) {
            out.push_str(line);
            continue;
        }
        let words: Vec<&str> = line.split(|c| drawn(c) || c.is_whitespace()).filter(|word| !word.is_empty()).collect();
        out.push_str(&words.join(" "));
        out.push('\n');
    }
    out
}

/// Columns of text, aligned; the first row is the header. In plain text a line for each row, which says what each
/// value is.
pub fn table(rows: &[Vec<String>]) -> String {
    match rows.split_first() {
        Some((head, rows)) if is_plain() => rows.iter().map(|row| told(head, row)).collect(),
        _ => aligned(rows),
    }
}

/// A row in words. Bars are left out: the number stands beside them.
fn told(head: &[String], row: &[String]) -> String {
    let is_bar = |cell: &str| cell.chars().all(|c| matches!(c, '#' | '|' | ' '));
    let head = head.iter().map(String::as_str).chain(std::iter::repeat(""));
    let cells = head.zip(row).filter(|(_, cell)| !is_bar(cell));
    let told = cells.map(|(name, cell)| format!("{} {}", name.trim(), clean(cell).trim()).trim().to_owned());
    told.collect::<Vec<_>>().join(", ") + "\n"
}

/// Columns of text, aligned.
pub fn aligned(rows: &[Vec<String>]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_told_with_the_names_of_its_values() {
        let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let told = told(&row(["feature", "value", "", "phishing"]), &row(["port", "-1", "given", "   ### | "]));
        assert_eq!(told, "feature port, value -1, given\n");
    }

    #[test]
    fn nothing_drawn_is_left() {
        assert_eq!(undrawn("── a against b ─── 3 ──\n  indented\n"), "a against b 3\n  indented\n");
        assert_eq!(undrawn("⣀⣀ .93 │ x\n"), ".93 x\n");
    }
}
