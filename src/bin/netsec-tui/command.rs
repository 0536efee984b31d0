//! The subcommands. Each does its work through the library and prints the result.

mod compare;
mod confirm;
mod copy;
mod documents;
mod drift;
pub mod explain;
mod info;
mod keys;
mod list;
mod meter;
pub mod model;
mod notes;
mod ping;
mod predict;
mod predictions;
mod promote;
mod push;
mod registry;
mod rejected;
mod runs;
mod threshold;
pub mod train;
mod transform;
mod trash;
mod validate;
pub mod verdict;

use crate::cli::{self, Cli, Command, Global};
use crate::context::Context;
use crate::output::{self, Failure};
pub use info::paths;
use netsec::settings::{Home, Layered, Overrides};
use netsec::{Error, Result};
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Runs the command, or the console without one.
pub fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let (json, verbose) = (cli.global.json, cli.global.verbose);
    dispatch(cli).map_err(|error| Failure::new(error, json, verbose))
}

fn open(global: &Global, fps: Option<u32>) -> Result<Context> {
    let home = Home::locate(global.home.as_deref())?;
    let mut flags = Overrides::new();
    if let Some(schema) = &global.schema {
        flags.push(("schema", schema.display().to_string()));
    }
    if let Some(fps) = fps {
        flags.push(("console.fps", fps.to_string()));
    }
    if global.read_only {
        flags.push(("read_only", "true".to_owned()));
    }
    if let Some(name) = &global.store {
        flags.push(("store", name.clone()));
    }
    let env = netsec::settings::environment()?;
    let layered = Layered::load(&home, global.config.as_deref(), &env, &flags)?;
    Context::open(home, layered, Arc::new(env))
}

fn dispatch(cli: Cli) -> Result<ExitCode> {
    let Cli { global, fps, command } = cli;
    // Neither needs settings: a worker has its manifest, and a broken settings file must not stop it.
    match &command {
        Some(Command::Worker(args)) => {
            let home = Home::locate(global.home.as_deref())?;
            return netsec::run::work(&home, &args.run, args.until).map(|()| ExitCode::SUCCESS);
        }
        Some(Command::Sample(args)) => return push::sample(&global, args),
        _ => {}
    }
    let on_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    let dumb = on_terminal && std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if global.plain || dumb {
        output::be_plain();
    }
    let context = open(&global, fps)?;
    match command {
        Some(command) => execute(&context, &global, command),
        None if global.no_input || global.json => info::info(&context, &global),
        None if output::is_plain() => crate::plain::run(&context, &global, &runtime()?),
        None if !on_terminal => info::info(&context, &global),
        None => runtime()?.block_on(crate::console::run(context)).map(|()| ExitCode::SUCCESS),
    }
}

/// Does what a subcommand says.
///
/// # Errors
/// What the subcommand could not do.
pub fn execute(context: &Context, global: &Global, command: Command) -> Result<ExitCode> {
    if context.settings().read_only && command.writes() {
        return Err(crate::context::read_only());
    }
    match command {
        Command::Push(args) => runtime()?.block_on(push::push(context, global, &args)),
        Command::Rejected(args) => rejected::rejected(context, global, &args),
        Command::Ping => runtime()?.block_on(ping::ping(context, global)),
        Command::Collections => runtime()?.block_on(documents::collections(context, global)),
        Command::Find(args) => runtime()?.block_on(documents::find(context, global, &args)),
        Command::Export(args) => runtime()?.block_on(documents::export(context, global, &args)),
        Command::Copy(args) => runtime()?.block_on(copy::copy(context, global, &args)),
        Command::Train(args) if args.run.is_some() && global.schema.is_some() => {
            use clap::CommandFactory;
            // A run has its own schema. Global flags cannot be declared to conflict with a command's.
            Cli::command()
                .error(
                    clap::error::ErrorKind::ArgumentConflict,
                    "the argument '--run <RUN>' cannot be used with '--schema <FILE>'",
                )
                .exit()
        }
        Command::Train(args) => runtime()?.block_on(train::train(context, global, &args)),
        Command::Validate(args) => runtime()?.block_on(validate::validate(context, global, &args)),
        Command::Drift(args) => runtime()?.block_on(drift::drift(context, global, &args)),
        Command::Runs(cli::Runs { whole: Some(whole), .. }) => {
            runtime()?.block_on(registry::move_run(context, global, &whole))
        }
        Command::Runs(args) => list::runs(context, global, &args),
        Command::Show(args) => runs::show(context, global, &args.run),
        Command::Compare(args) => compare::compare(context, global, &args),
        Command::Threshold(args) => threshold::threshold(context, global, &args),
        Command::Cancel(args) => runs::cancel(context, global, &args.run),
        Command::Logs(args) => runs::logs(context, global, &args.run),
        Command::Note(args) => notes::note(context, global, &args),
        Command::Tag(args) => notes::tag(context, global, &args),
        Command::Trash(args) => trash::trash(context, global, &args),
        Command::Restore(args) => trash::restore(context, global, &args),
        Command::Predict(args) => predict::predict(context, global, &args),
        Command::Transform(args) => runtime()?.block_on(transform::transform(context, global, &args)),
        Command::Predictions(args) => predictions::predictions(context, global, &args),
        Command::Explain(args) => explain::explain(context, global, &args),
        Command::Models(args) => runtime()?.block_on(registry::models(context, global, &args)),
        Command::Register(args) => runtime()?.block_on(promote::register(context, global, &args)),
        Command::Promote(args) => runtime()?.block_on(promote::promote(context, global, &args)),
        Command::Rollback(args) => runtime()?.block_on(promote::rollback(context, global, &args)),
        Command::Retire(args) => runtime()?.block_on(promote::retire(context, global, &args)),
        Command::Annotate(args) => runtime()?.block_on(promote::annotate(context, global, &args)),
        Command::Ledger(args) => runtime()?.block_on(registry::ledger(context, global, &args)),
        Command::Verify(args) => runtime()?.block_on(registry::verify(context, global, &args)),
        Command::Pull(args) => runtime()?.block_on(registry::pull(context, global, &args)),
        Command::Gc(args) => runtime()?.block_on(registry::gc(context, global, &args)),
        Command::Keys => keys::keys(context, global),
        Command::Info => info::info(context, global),
        Command::Sample(args) => push::sample(global, &args),
        Command::Worker(_) => Err(Error::internal("a worker was started in a session")),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Error::remote("no thread can be started").caused_by(e))
}

/// Prints a line about progress on standard error, over the last one when that is a terminal.
fn status_line(text: &str) {
    use std::io::Write;
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "\r\x1b[K{}", output::clean(text));
    let _ = err.flush();
}

/// What comes of some work; none when a signal asks for the end first. The work is dropped then.
async fn or_interrupted<T>(work: impl Future<Output = T>) -> Result<Option<T>> {
    let listen = |kind| signal(kind).map_err(|e| Error::internal("signals cannot be listened to").caused_by(e));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hangup = listen(SignalKind::hangup())?;
    tokio::select! {
        done = work => Ok(Some(done)),
        _ = interrupt.recv() => Ok(None),
        _ = terminate.recv() => Ok(None),
        _ = hangup.recv() => Ok(None),
    }
}
