//! `netsec-tui`: the console, and the same actions as subcommands.
#![cfg_attr(not(test), warn(clippy::unwrap_used))]

mod cli;
mod command;
mod console;
mod context;
mod output;
mod plain;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse_from(cli::with_tags_removed(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) => {
            // Scripts that ask for JSON get one document also when they ask wrongly.
            if error.use_stderr() && std::env::args_os().any(|arg| arg == "--json") {
                let text = error.to_string();
                // The first paragraph: what follows it is the usage.
                let words: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
                let first = words.join(" ").trim_start_matches("error: ").to_owned();
                let _ = output::print_json(&serde_json::json!({"error": first, "hint": "netsec-tui --help"}));
            }
            error.exit()
        }
    };
    match command::run(cli) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
