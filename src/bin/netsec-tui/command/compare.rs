//! `compare`: holds one run's model against another's.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::Result;
use netsec::compare::{self, Comparison};
use netsec::form::{count, plural, score};
use netsec::run;
use std::process::ExitCode;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of the text: that of a plain terminal.
const WIDTH: usize = 80;
/// Where the columns of what differs begin, behind a space.
const COLUMNS: [usize; 4] = [23, 20, 20, 16];

/// Compares and prints.
pub fn compare(context: &Context, global: &cli::Global, args: &cli::Compare) -> Result<ExitCode> {
    let [base, new] = [run::find(&context.home, &args.base)?, run::find(&context.home, &args.new)?];
    let comparison = compare::compare(&base, &new, [args.base_family, args.new_family])?;
    if global.json {
        output::print_json(&comparison)?;
    } else {
        output::print(&text(&comparison))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A line across, with words at its left and right.
fn rule(left: &str, right: &str) -> String {
    let right = if right.is_empty() { String::new() } else { format!(" {right} ──") };
    let room = WIDTH.saturating_sub(left.width() + right.width() + 4).max(2);
    format!("── {left} {}{right}\n", "─".repeat(room))
}

/// Text in lines that fit, after a space; `first` stands before the first one.
fn wrapped(first: &str, text: &str) -> String {
    let indent = " ".repeat(first.width());
    let (mut lines, mut line) = (String::new(), first.to_owned());
    for word in text.split(' ') {
        if line.width() + word.width() > WIDTH {
            lines += &format!("{}\n", line.trim_end());
            line = indent.clone();
        }
        line += &format!("{word} ");
    }
    lines + line.trim_end() + "\n"
}

/// Text filled up to a width, and cut where it is longer; a place is kept between columns.
fn cell(text: &str, width: usize) -> String {
    let mut cut = text.to_owned();
    if text.width() >= width {
        cut.clear();
        for c in text.chars() {
            // Room for this one, the dots, and the place.
            if cut.width() + c.width().unwrap_or(0) + 2 > width {
                break;
            }
            cut.push(c);
        }
        cut.push('…');
    }
    let fill = width.saturating_sub(cut.width());
    cut + &" ".repeat(fill)
}

fn line(cells: [&str; 4]) -> String {
    let text: String = cells.iter().zip(COLUMNS).map(|(text, width)| cell(&output::clean(text), width)).collect();
    format!(" {}\n", text.trim_end())
}

fn text(c: &Comparison) -> String {
    let [base, new] = c.names();
    let mut text = rule(&format!("{new} against {base}"), &c.basis());
    text += &wrapped(" ", &c.headline);
    text += &wrapped(" ", &c.sentence);
    text += &rule("what differs", "");
    if c.differences.is_empty() {
        text += " nothing\n";
    } else {
        text += &line(["", &format!("{base} (base)"), &new, "change"]);
    }
    for d in &c.differences {
        text += &line([&d.what, &d.base, &d.new, d.change.as_deref().unwrap_or_default()]);
    }
    if c.holdout.vectors > 0 {
        let e = &c.errors;
        text += &rule(&format!("errors on the same {}", plural(c.holdout.vectors, "vector")), "");
        text += &format!(
            " both right {}   only base right {}   only new right {}   both wrong {}\n",
            count(e.both_right),
            count(e.only_base),
            count(e.only_new),
            count(e.both_wrong)
        );
        let p = if e.p_value < 0.001 { "p < .001".to_owned() } else { format!("p = {}", score(e.p_value)) };
        let ties = match e.ties {
            0 => String::new(),
            n => format!("; {} left out, half of either label", plural(n, "vector")),
        };
        text += &wrapped(" ", &format!("McNemar's exact test: {p}{ties}"));
    }
    if !c.notes.is_empty() {
        text += &rule("notes", "");
        c.notes.iter().for_each(|note| text += &wrapped(" · ", &output::clean(note)));
    }
    text
}
