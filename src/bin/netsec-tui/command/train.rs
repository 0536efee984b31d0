//! `train`: creates or resumes a run, starts its worker, and follows its journal like anyone else.

use super::{runs, status_line};
use crate::cli;
use crate::context::Context;
use crate::output;
use netsec::event::{Event, Stamped};
use netsec::run::{self, Follower, Request, RunDir, RunRow, RunState, RunStatus, describe};
use netsec::store::Query;
use netsec::training::FamilySearch;
use netsec::{Error, Result};
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often the journal is looked at.
const POLL: Duration = Duration::from_millis(100);

/// Trains.
pub async fn train(context: &Context, global: &cli::Global, args: &cli::Train) -> Result<ExitCode> {
    let dir = match &args.run {
        Some(prefix) => {
            let dir = run::find(&context.home, prefix)?;
            if dir.status()? == RunStatus::Finished {
                return Err(
                    Error::user(format!("run {} is finished", dir.id)).hint(format!("netsec-tui show {}", dir.id))
                );
            }
            if args.accept {
                dir.accept_validation()?;
            }
            dir
        }
        None => create(context, args).await?,
    };
    let mut follower = Follower::new(dir.journal());
    // What an earlier worker wrote is not news.
    let mut state = RunState::replay(&follower.poll()?);
    state.ended = None;
    // Listened to before the worker starts: from here on Ctrl-C is a request to it, not the end of this process.
    let mut interrupts =
        signal(SignalKind::interrupt()).map_err(|e| Error::internal("signals cannot be listened to").caused_by(e))?;
    dir.start_worker(&context.home, &context.place, &context.handover(), args.until)?;
    if args.detach {
        if global.json {
            output::print_json(&json!({"run": dir.id, "status": RunStatus::Running}))?;
        } else {
            output::print(&format!("{}\n", dir.id))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("run {}", dir.id);
    let interrupted = follow(&dir, &mut follower, &mut state, &mut interrupts, global.verbose).await?;
    finish(&dir, global, interrupted)
}

async fn create(context: &Context, args: &cli::Train) -> Result<RunDir> {
    let (namespace, window) = context.windowed(args.collection.as_deref())?;
    let schema = context.schema(&namespace)?;
    let training = context.training()?;
    // Said now, not by a run that fails a moment later.
    if context.store.find(&namespace, &Query { limit: 1, ..Query::default() }).await?.documents.is_empty() {
        return Err(Error::data(format!("{namespace} is empty")).hint("netsec-tui push FILE"));
    }
    let request = Request {
        namespace,
        window,
        families: args.families.clone(),
        space: args.space.clone(),
        folds: args.folds,
        resampling: args.resampling,
        seed: args.seed.unwrap_or(1),
        accept: args.accept,
    };
    run::create(&context.home, context.settings(), &schema, &training, &context.quality()?, &context.place, &request)
}

/// Shows what happens until the worker is gone. Returns whether Ctrl-C asked it to stop.
async fn follow(
    dir: &RunDir,
    follower: &mut Follower,
    state: &mut RunState,
    interrupts: &mut Signal,
    verbose: bool,
) -> Result<bool> {
    let live = output::is_live();
    let search = dir.manifest()?.search;
    let mut interrupted = false;
    loop {
        // Asked before reading: what a worker wrote before it ended is then surely read.
        let alive = dir.is_alive();
        for stamped in follower.poll()? {
            state.apply(&stamped);
            if let Some(line) = line(&stamped, verbose) {
                if live {
                    status_line("");
                }
                eprintln!("{} {}", stamped.at.get(11..19).unwrap_or(""), output::clean(&line));
            }
        }
        if !alive {
            break;
        }
        if live {
            status_line(&progress(state, &search));
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            _ = interrupts.recv() => {
                if interrupted {
                    eprintln!("run {} is still stopping; it goes on without this terminal", dir.id);
                    break;
                }
                interrupted = true;
                eprintln!("asking run {} to stop", dir.id);
                // It may have ended this very moment.
                let _ = dir.cancel();
            }
        }
    }
    if live {
        status_line("");
    }
    Ok(interrupted)
}

/// An event in words, where it is worth a line.
pub fn line(stamped: &Stamped, verbose: bool) -> Option<String> {
    match &stamped.event {
        Event::TrialFinished { params, .. } if verbose => Some(format!("{}: {params}", describe(&stamped.event)?)),
        Event::Progressed { family, trial, fold, step, of, loss: Some(loss) } if verbose => {
            Some(format!("{} trial {} fold {} step {step}/{of} loss {loss:.5}", family.code(), trial + 1, fold + 1))
        }
        Event::FoldScored { family, trial, fold, f1, .. } if verbose => {
            Some(format!("{} trial {} fold {} F1 {f1:.4}", family.code(), trial + 1, fold + 1))
        }
        Event::TrialDropped { family, trial, scores } if verbose => {
            let mean = netsec::metrics::mean_sd(scores).0;
            Some(format!("{} trial {} dropped at fold {}, F1 {mean:.4}", family.code(), trial + 1, scores.len()))
        }
        // Hundreds of them: the progress counts them.
        Event::TrialFinished { .. } | Event::TrialDropped { .. } => None,
        event => describe(event),
    }
}

/// How far a run is, in a line.
pub fn progress(state: &RunState, search: &[FamilySearch]) -> String {
    let (over, all) = state.trial_counts();
    let dropped = match state.families.iter().map(|f| f.dropped.len()).sum::<usize>() {
        0 => String::new(),
        n => format!(" ({n} dropped)"),
    };
    let best = state.leader().map_or_else(String::new, |(f, t)| format!(", best {} F1 {:.4}", f.family.code(), t.mean));
    let now = netsec::now();
    let rest = state.remaining(&now, search).map_or_else(String::new, |left| {
        let word = if left.at_least { "more than" } else { "about" };
        format!(", {word} {} s left", left.ms.div_ceil(1000))
    });
    match state.stage {
        Some(stage) if all > 0 => format!("{stage}: {over} of {all} trials{dropped}{best}{rest}"),
        Some(stage) => stage.to_string(),
        None => String::new(),
    }
}

/// Prints the result and gives the exit code.
fn finish(dir: &RunDir, global: &cli::Global, interrupted: bool) -> Result<ExitCode> {
    let entry = run::entry(dir)?;
    let report = dir.report()?;
    if global.json {
        match &report {
            Some(report) if entry.status == RunStatus::Finished => output::print_json(report)?,
            _ => output::print_json(&runs::summary(&RunRow::from(&entry)))?,
        }
    }
    match entry.status {
        RunStatus::Finished => {
            if let (false, Some(report)) = (global.json, &report) {
                output::print(&runs::report_text(report))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        RunStatus::Interrupted if entry.state.stopped_after.is_some() => {
            eprintln!("stopped as asked; netsec-tui train --run {} goes on", dir.id);
            Ok(ExitCode::SUCCESS)
        }
        RunStatus::Cancelled => {
            eprintln!("cancelled; netsec-tui train --run {} goes on with it", dir.id);
            Ok(ExitCode::from(output::INTERRUPTED))
        }
        RunStatus::Running => Ok(ExitCode::from(output::INTERRUPTED)),
        RunStatus::Failed | RunStatus::Interrupted => {
            if interrupted {
                return Ok(ExitCode::from(output::INTERRUPTED));
            }
            let error = match &entry.state.failure {
                Some((reason, hint)) => {
                    let error = Error::data(format!("run {} failed: {reason}", dir.id));
                    match hint {
                        Some(hint) => error.hint(hint.clone()),
                        None => error,
                    }
                }
                None if run::is_full(&dir.path) => Error::remote(format!("run {}: the disk is full", dir.id))
                    .hint(format!("free some space, then: netsec-tui train --run {}", dir.id)),
                None => Error::remote(format!("the worker of run {} ended without a word", dir.id)).hint(format!(
                    "netsec-tui logs {} shows what it printed; netsec-tui train --run {} goes on with it",
                    dir.id, dir.id
                )),
            };
            // Why, on one page; a file of an older version is no reason to say nothing else.
            if let Some(found) = dir.validation().ok().flatten().filter(|found| found.stops()) {
                eprintln!("{}\n", output::clean(&found.page()));
            }
            output::eprint_error(&error, global.verbose);
            Ok(ExitCode::FAILURE)
        }
    }
}
