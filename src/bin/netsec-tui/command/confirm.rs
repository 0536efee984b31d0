//! Asking before something that cannot be undone by repeating it.

use crate::cli::Global;
use crate::output;
use netsec::{Error, Result};
use std::io::{IsTerminal, Write};

/// Whether somebody is there to be asked.
pub fn can_ask(global: &Global) -> bool {
    let is_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    !global.no_input && !global.json && is_there
}

/// The answer to a question.
pub fn ask(question: &str) -> Result<String> {
    eprint!("{}", output::clean(question));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|e| Error::remote("standard input cannot be read").caused_by(e))?;
    Ok(answer.trim().to_owned())
}

/// Goes on only where the model's name is typed, or `yes` stands for it. `doing` says what would be done.
pub fn typed(global: &Global, yes: bool, doing: &str, name: &str) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !can_ask(global) {
        return Err(Error::user(format!("{doing}: this needs the model's name, typed"))
            .hint("headless, --yes says that this is meant"));
    }
    if ask(&format!("{doing}\nType the model's name, {name}, to go on: "))? == name {
        return Ok(());
    }
    Err(Error::user("that is not the model's name: nothing was done"))
}

/// Whether something is to be removed for good: asked, where somebody can answer.
pub fn removal(global: &Global, what: &str) -> Result<bool> {
    if !can_ask(global) {
        return Err(Error::user(format!("{what} would be removed for good")).hint("--yes says that this is meant"));
    }
    let answer = ask(&format!("remove {what} for good? [y/N] "))?;
    Ok(matches!(answer.as_str(), "y" | "Y" | "yes"))
}
