//! `compare`: holds one run's model against others.

use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::compare::{self, Comparison, Entrant, Form, Several};
use netsec::event::Family;
use netsec::form::{count, plural, score};
use netsec::run;
use netsec::stop::Stop;
use netsec::{Error, Result, files};
use std::process::ExitCode;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of the text: that of a plain terminal.
const WIDTH: usize = 80;
/// Where the columns of what differs begin, behind a space.
const COLUMNS: [usize; 4] = [23, 20, 20, 16];

/// Compares and prints.
pub fn compare(context: &Context, global: &cli::Global, args: &cli::Compare) -> Result<ExitCode> {
    if args.new_family.is_some() && args.new.len() > 1 {
        return Err(Error::user("--new-family is for one other run").hint("write RUN:FAMILY, as in 7f3a21:rf"));
    }
    // Before the work, not after it.
    let form = args.out.as_deref().map(Form::of).transpose()?;
    let mut entrants = vec![entrant(context, &args.base, args.base_family)?];
    for new in &args.new {
        entrants.push(entrant(context, new, args.new_family)?);
    }
    let stop = Stop::default();
    if let ([base, new], false, None) = (entrants.as_slice(), args.curves, &args.out) {
        let comparison = compare::compare(base, new, &stop)?;
        if global.json {
            output::print_json(&comparison)?;
        } else {
            output::print(&text(&comparison, comparison.names()))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut all = compare::several(&entrants, &stop)?;
    if let Some((path, form)) = args.out.as_deref().zip(form) {
        files::write_atomic(path, all.to_text(form)?.as_bytes())?;
    }
    if !args.curves {
        all.models.iter_mut().for_each(|model| model.curves = None);
    }
    if global.json {
        output::print_json(&all)?;
    } else if let Some(path) = &args.out {
        output::print(&format!("{}\n", path.display()))?;
    } else {
        output::print(&text_of_all(&all))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The model that `RUN` or `RUN:FAMILY` names.
fn entrant(context: &Context, text: &str, family: Option<Family>) -> Result<Entrant> {
    let (id, own) = match text.split_once(':') {
        Some((id, own)) => (id, Some(own.parse()?)),
        None => (text, None),
    };
    if own.is_some() && family.is_some() && own != family {
        return Err(Error::user(format!("{text} and the flag name two families")).hint("leave one of them out"));
    }
    Ok(Entrant { dir: run::find(&context.home, id)?, family: own.or(family) })
}

/// All models side by side, then each pair.
fn text_of_all(all: &Several) -> String {
    let names = all.names();
    let mut text = rule(&format!("{} models", all.models.len()), &all.holdout.basis());
    if let Some(summary) = all.summary() {
        text += &wrapped(" ", &summary);
    }
    let mut rows =
        vec![["", "family", "F1", "95 % interval", "recall", "precision", "ECE"].map(str::to_owned).to_vec()];
    for (nth, (name, model)) in names.iter().zip(&all.models).enumerate() {
        let t = &model.test;
        let name = if nth == 0 { format!("{name} (base)") } else { name.clone() };
        let interval = format!("[{} {}]", score(t.f1_ci[0]), score(t.f1_ci[1]));
        let [f1, recall, precision, ece] = [t.f1, t.recall, t.precision, t.ece].map(score);
        rows.push(vec![name, model.family.code().to_owned(), f1, interval, recall, precision, ece]);
    }
    text += &output::table(&rows).lines().map(|line| format!(" {line}\n")).collect::<String>();
    all.notes.iter().for_each(|note| text += &wrapped(" · ", &output::clean(note)));
    for (pair, name) in all.pairs.iter().zip(&names[1..]) {
        text += &format!("\n{}", self::text(pair, [names[0].clone(), name.clone()]));
    }
    text
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

fn columns<'a>(rows: impl Iterator<Item = [&'a str; 4]>) -> String {
    if output::is_plain() {
        return output::table(&rows.map(|row| row.map(str::to_owned).to_vec()).collect::<Vec<_>>());
    }
    rows.map(line).collect()
}

fn text(c: &Comparison, [base, new]: [String; 2]) -> String {
    let mut text = rule(&format!("{new} against {base}"), &c.basis());
    text += &wrapped(" ", &c.headline);
    text += &wrapped(" ", &c.sentence);
    text += &rule("what differs", "");
    if c.differences.is_empty() {
        text += " nothing\n";
    } else {
        let base = format!("{base} (base)");
        let rows = c.differences.iter().map(|d| [&d.what, &d.base, &d.new, d.change.as_deref().unwrap_or_default()]);
        text += &columns(std::iter::once(["", &base, &new, "change"]).chain(rows));
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
