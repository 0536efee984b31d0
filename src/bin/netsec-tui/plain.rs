//! The line mode, for screen readers and terminals that can only append: the console's actions as numbered choices.
//!
//! Nothing is drawn, moved or coloured; what was said stays. Whatever a subcommand does is done by that subcommand,
//! and named, so that it can be repeated in a script.

mod data;
mod dialogue;
mod follow;
mod models;
mod predict;
mod runs;
mod train;

use crate::cli::{Cli, Global};
use crate::context::Context;
use crate::output;
use clap::Parser;
use dialogue::{Dialogue, End, Step};
use netsec::form::{plural, short};
use netsec::run::{self, RunStatus};
use netsec::{Error, Result};
use std::process::ExitCode;
use std::time::Duration;

/// Most characters of a value in a line; a document's own lines have more.
const VALUE: usize = 60;

/// A session: what it works on and whom it talks to.
pub struct Session<'a> {
    context: &'a Context,
    global: &'a Global,
    runtime: &'a tokio::runtime::Runtime,
    dialogue: Dialogue,
}

/// Talks until it is left or standard input ends.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(context: &Context, global: &Global, runtime: &tokio::runtime::Runtime) -> Result<ExitCode> {
    // Runs are processes of their own: leaving touches none of them.
    runtime.spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(i32::from(output::INTERRUPTED));
        }
    });
    let mut session = Session { context, global, runtime, dialogue: Dialogue::new() };
    match session.start() {
        Ok(()) | Err(End::Back | End::Input) => {}
        Err(End::Failed(error)) => return Err(error),
    }
    Ok(ExitCode::SUCCESS)
}

impl Session<'_> {
    fn start(&mut self) -> Step {
        let (store, user, host) = (self.context.store.describe(), netsec::who::user(), netsec::who::host());
        let version = env!("CARGO_PKG_VERSION");
        self.say(format!("netsec {version}, line mode. Store {store}, {user} on {host}."))?;
        let running = run::list(&self.context.home)?.rows.iter().filter(|e| e.status == RunStatus::Running).count();
        self.say(match running {
            0 => "No run is training.".to_owned(),
            1 => "1 run is training.".to_owned(),
            n => format!("{n} runs are training."),
        })?;
        self.menu(
            "Main menu",
            &[
                ("1", "Data: collections and their documents"),
                ("2", "Drift: hold rows against a reference"),
                ("3", "Train: start a run"),
                ("4", "Runs: list, follow, compare"),
                ("5", "Models: what is in production, promote, roll back"),
                ("6", "Predict: paste a row, get a verdict and why"),
                ("7", "Settings and paths"),
            ],
            |session, key| match key {
                "1" => session.data(),
                "2" => session.drift(),
                "3" => session.train(),
                "4" => session.runs(),
                "5" => session.models(),
                "6" => session.predict(),
                _ => session.call(&["info"]),
            },
        )
    }

    fn say(&self, text: impl AsRef<str>) -> Step {
        self.dialogue.say(text.as_ref())
    }

    /// Offers choices until one goes back. A choice that fails says so, and the choices stand again.
    fn menu(&mut self, title: &str, choices: &[(&str, &str)], mut act: impl FnMut(&mut Self, &str) -> Step) -> Step {
        let list = |session: &Self| {
            session.say(format!("{title}. {}:", plural(choices.len() as u64, "choice")))?;
            choices.iter().try_for_each(|(key, what)| session.say(format!("{key} {what}")))?;
            session.say("0 back, ? help")
        };
        list(self)?;
        loop {
            let Some(key) = self.level(|session| session.dialogue.ask(&format!("{title}, choice"), ""))? else {
                return Ok(());
            };
            if key == "?" {
                self.say(
                    "Type the number or the letter of a choice, then enter. 0, b or q goes back. In lists, the \
                     number before a line selects it. An empty line takes what stands in brackets.",
                )?;
                list(self)?;
            } else if choices.iter().any(|(known, _)| *known == key) {
                self.level(|session| act(session, &key))?;
                self.say(format!("{title}. ? lists the choices."))?;
            } else if !key.is_empty() {
                self.say(format!("{:?} is not among the choices; ? lists them.", output::clean(&key)))?;
            }
        }
    }

    /// Does something on a level of its own: going back ends it, a failure is told. None when it did not get through.
    fn level<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, End>) -> Result<Option<T>, End> {
        match act(self) {
            Ok(value) => Ok(Some(value)),
            Err(End::Back) => Ok(None),
            Err(End::Failed(error)) => {
                self.say(output::error_text(&error, self.global.verbose).trim_end())?;
                Ok(None)
            }
            Err(End::Input) => Err(End::Input),
        }
    }

    /// Asks which of several things is meant.
    fn choose(&mut self, prompt: &str, count: usize) -> Result<usize, End> {
        if count == 0 {
            return Err(Error::user("there is nothing to choose from").into());
        }
        loop {
            let text = self.dialogue.ask(&format!("{prompt}, 1 to {count}"), "")?;
            match text.parse::<usize>() {
                Ok(number) if (1..=count).contains(&number) => return Ok(number - 1),
                _ => self.say(format!("A number from 1 to {count} is expected; 0 goes back."))?,
            }
        }
    }

    /// Does what a subcommand does, and names it.
    fn call(&self, arguments: &[&str]) -> Step {
        let words = std::iter::once("netsec-tui").chain(arguments.iter().copied());
        self.say(format!("Command: {}", words.clone().map(quoted).collect::<Vec<_>>().join(" ")))?;
        let cli = Cli::try_parse_from(words).map_err(|error| {
            let text = error.to_string();
            Error::user(text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned())
        })?;
        let command = cli.command.ok_or_else(|| Error::internal("a choice without a command"))?;
        // What the exit code says was said in words before.
        crate::command::execute(self.context, self.global, command)?;
        Ok(())
    }

    /// Compares rows.
    fn drift(&mut self) -> Step {
        let default = self.context.settings().collection.clone();
        self.say(
            "Rows are a collection, a run, a file, a version as in v3, or champion: the rows of the model in use.",
        )?;
        let current = self.dialogue.ask("Current rows", &default)?;
        let reference = self.dialogue.ask("Held against", "champion")?;
        let page = self.dialogue.ask("Write the report to a file ending in .html or .yaml, - for none", "-")?;
        let (current, reference) = (format!("--current={current}"), format!("--reference={reference}"));
        let flag = if page.ends_with(".html") { "html" } else { "out" };
        let file = format!("--{flag}={page}");
        let mut arguments = vec!["drift", &current, &reference];
        if page != "-" {
            arguments.push(&file);
        }
        self.call(&arguments)
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=./:@,+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How a run is called in a line.
fn name(id: &str) -> String {
    short(id, 6)
}

/// How often a run that is followed is looked at.
const LOOK: Duration = Duration::from_millis(200);
