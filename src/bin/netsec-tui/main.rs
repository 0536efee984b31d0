//! `netsec-tui`: the console, and the same actions as subcommands.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

mod cli;
mod command;
mod console;
mod context;
mod output;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // Asked for once, early: a panic in a worker thread of a command must not print a second page of its own.
    match command::run(cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
