//! The measurements.

use crate::Args;
use crate::figure::{Figures, Quantity};
use crate::ours::{SIZE, Workspace, send, wait};
use crate::pty::{self, Pty};
use crate::rival::Rival;
use netsec::connection::Place;
use netsec::event::{Event, Family};
use netsec::run::{self, Journal, Request};
use netsec::training::Training;
use netsec::validation::Quality;
use netsec::{Error, Result};
use std::time::{Duration, Instant};

/// How long a program may take to come to rest, and how long it is still when it has.
const REST: Duration = Duration::from_secs(3);
/// As long, for a program that must be quite still: threads for file work end ten seconds after their last.
const STILL: Duration = Duration::from_secs(12);
/// Events of the flood.
const EVENTS: u32 = 10_000;
/// How long a key may take to show.
const SLOW: Duration = Duration::from_secs(5);
/// Lines that are not blank on a screen that shows something.
const LINES: usize = 3;

/// What a program did in a time.
struct Watched {
    bytes: u64,
    frames: u64,
    ticks: Option<u64>,
    busy: Option<Duration>,
    seconds: f64,
}

/// Watches a program while something else goes on.
fn watched(pty: &Pty, what: impl FnOnce() -> Result<()>) -> Result<Watched> {
    let counts = |pty: &Pty| {
        let seen = pty.seen();
        (seen.bytes, seen.frames())
    };
    let (ticks, busy, (bytes, frames)) = (pty::ticks(pty.pid()), pty::busy(pty.pid()), counts(pty));
    let begun = Instant::now();
    what()?;
    let seconds = begun.elapsed().as_secs_f64();
    let after = counts(pty);
    let grown = |after: Option<u64>, before: Option<u64>| Some(after?.saturating_sub(before?));
    Ok(Watched {
        bytes: after.0 - bytes,
        frames: after.1 - frames,
        ticks: grown(pty::ticks(pty.pid()), ticks),
        busy: grown(pty::busy(pty.pid()), busy).map(Duration::from_nanos),
        seconds,
    })
}

fn pause(time: Duration) -> Result<()> {
    std::thread::sleep(time);
    Ok(())
}

/// Nothing happens.
pub fn idle(args: &Args, workspace: &Workspace, rivals: &[Rival], figures: &mut Figures) -> Result<()> {
    let seconds = args.idle().as_secs();
    figures.part("idle", format!("`idle`: nothing happens, {seconds} seconds."));
    let mut measure = |name: &str, pty: &Pty| -> Result<()> {
        std::thread::sleep(STILL);
        let watched = watched(pty, || pause(args.idle()))?;
        figures.row(
            name,
            vec![
                ("bytes", Quantity::Count(watched.bytes)),
                ("clock ticks", watched.ticks.into()),
                ("processor time", watched.busy.into()),
            ],
        );
        Ok(())
    };
    let pty = workspace.console(SIZE)?;
    wait(&pty, "NetworkData")?;
    measure("netsec", &pty)?;
    drop(pty);
    for rival in rivals {
        measure(rival.name, &rival.start(false)?)?;
    }
    Ok(())
}

/// A run is watched.
pub fn live(args: &Args, workspace: &Workspace, figures: &mut Figures) -> Result<()> {
    let seconds = args.live().as_secs();
    figures.part("live", format!("`live`: a thorough run is watched from its start, {seconds} seconds."));
    for size in [SIZE, (160, 50)] {
        let training = workspace.train()?;
        let pty = watch(workspace, size)?;
        let watched = watched(&pty, || pause(args.live()))?;
        drop(training);
        figures.row(
            format!("netsec, {} x {}", size.0, size.1),
            vec![
                ("bytes a second", Quantity::Rate(watched.bytes as f64 / watched.seconds)),
                ("frames", Quantity::Count(watched.frames)),
                ("bytes a frame", Quantity::Count(watched.bytes / watched.frames.max(1))),
                ("processor time", watched.busy.into()),
            ],
        );
    }
    Ok(())
}

/// A console that watches the newest run.
fn watch(workspace: &Workspace, size: (u16, u16)) -> Result<Pty> {
    let pty = workspace.console(size)?;
    wait(&pty, "NetworkData")?;
    send(&pty, "4")?;
    wait(&pty, "running")?;
    send(&pty, "a")?;
    wait(&pty, "trials")?;
    Ok(pty)
}

/// The journal of a watched run grows by thousands of events at once.
pub fn flood(workspace: &Workspace, figures: &mut Figures) -> Result<()> {
    let count = netsec::form::count(u64::from(EVENTS));
    figures.part("flood", format!("`flood`: {count} events appended to the journal of a watched run."));
    let settings = netsec::settings::Settings { database: "netsec".to_owned(), ..Default::default() };
    let schema = netsec::schema::Schema::parse(netsec::schema::BUILT_IN, "schema")?;
    let request = Request {
        namespace: workspace.small()?,
        window: Default::default(),
        families: vec![Family::GradientBoosting],
        space: None,
        folds: None,
        resampling: None,
        seed: 1,
        accept: false,
    };
    let (training, quality) = (Training::load(None)?, Quality::load(None)?);
    let dir = run::create(&workspace.home, &settings, &schema, &training, &quality, &Place::Embedded, &request)?;
    let failed = |e: std::io::Error| Error::remote("the run cannot be locked").caused_by(e);
    // What a worker does: as long as the lock is held, the run is alive.
    let lock = std::fs::File::create(dir.file("lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let (journal, _) = Journal::open(&dir.journal())?;
    let family = Family::GradientBoosting;
    journal.append(Event::RunStarted { families: vec![family], folds: 3 })?;
    journal.append(Event::SearchStarted { family, trials: EVENTS })?;
    let pty = watch(workspace, SIZE)?;
    std::thread::sleep(REST);
    let mut took = Duration::ZERO;
    let watched = watched(&pty, || {
        let begun = Instant::now();
        for trial in 0..EVENTS - 1 {
            let f1 = 0.9 + f64::from(trial % 500) / 1e4;
            journal.append(Event::FoldScored { family, trial, fold: 0, f1, ms: 1 })?;
        }
        journal.append(Event::Noted { text: "the flood is over".to_owned() })?;
        took = begun.elapsed();
        wait(&pty, "the flood is over")
    })?;
    figures.row(
        "netsec",
        vec![
            ("written in", Quantity::Time(took)),
            ("shown after", Quantity::Time(Duration::from_secs_f64(watched.seconds))),
            ("frames", Quantity::Count(watched.frames)),
            ("bytes", Quantity::Count(watched.bytes)),
            ("processor time", watched.busy.into()),
        ],
    );
    Ok(())
}

/// From the start to something on the screen.
pub fn start(args: &Args, workspace: &Workspace, rivals: &[Rival], figures: &mut Figures) -> Result<()> {
    figures.part("start", format!("`start`: from the start to the first screen, {} starts.", args.starts()));
    let mut measure = |name: &str, what: &str, start: &dyn Fn() -> Result<Pty>| -> Result<()> {
        let mut times = Vec::new();
        // The first one warms the file system up.
        for _ in 0..=args.starts() {
            let begun = Instant::now();
            let pty = start()?;
            let shown = pty.wait(SLOW, |seen| {
                let text = seen.text();
                let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
                (lines >= LINES || seen.places() >= LINES as u64) && text.contains(what)
            });
            times.push(shown.map_or(SLOW, |at| at - begun));
        }
        figures.row(name, quantiles(times.split_off(1)));
        Ok(())
    };
    measure("netsec", "", &|| workspace.console(SIZE))?;
    measure("netsec, with its collections", "NetworkData", &|| workspace.console(SIZE))?;
    rivals.iter().try_for_each(|rival| measure(rival.name, "", &|| rival.start(false)))
}

fn quantiles(mut times: Vec<Duration>) -> Vec<(&'static str, Quantity)> {
    times.sort_unstable();
    let at = |share: f64| {
        let index = (times.len() as f64 * share).ceil() as usize;
        times.get(index.clamp(1, times.len().max(1)) - 1).copied().into()
    };
    vec![("p50", at(0.5)), ("p99", at(0.99)), ("longest", at(1.0))]
}

/// From a key to what it changes.
pub fn key(args: &Args, workspace: &Workspace, rivals: &[Rival], figures: &mut Figures) -> Result<()> {
    let (keys, rows) = (netsec::form::count(args.keys() as u64), netsec::form::count(args.rows()));
    figures.part("key", format!("`key`: {keys} keys, in {rows} documents or lines, while a run is training."));
    let training = workspace.train()?;
    let pty = workspace.console(SIZE)?;
    wait(&pty, "NetworkData")?;
    send(&pty, "\r")?;
    wait(&pty, "documents")?;
    std::thread::sleep(REST);
    // Down as far as the rows go and up again: every key moves the selected row.
    let deep = usize::from(SIZE.1) / 2;
    let times = pressed(args, &pty, |n| if n / deep % 2 == 0 { "j" } else { "k" }, selected)?;
    figures.row("netsec, next document", quantiles(times));
    let times = pressed(args, &pty, |n| if n % 2 == 0 { "n" } else { "p" }, page)?;
    figures.row("netsec, next page of documents", quantiles(times));
    drop(pty);
    for rival in rivals {
        let Some(key) = rival.key else { continue };
        let pty = rival.start(true)?;
        std::thread::sleep(REST);
        figures.row(rival.name, quantiles(pressed(args, &pty, |_| key, |seen| Some(seen.bytes))?));
    }
    drop(training);
    Ok(())
}

/// The line with the mark of the selected row.
fn selected(seen: &pty::Seen) -> Option<u64> {
    seen.text().lines().position(|line| line.starts_with('▌')).map(|line| line as u64)
}

/// The number of the page, once its documents are there.
fn page(seen: &pty::Seen) -> Option<u64> {
    let text = seen.text();
    let (_, rest) = text.split_once("page ")?;
    let number = rest.split(' ').next()?.parse().ok()?;
    text.lines().nth(5).filter(|line| !line.trim().is_empty()).map(|_| number)
}

/// Presses keys at uneven intervals, as a person does, and takes the time until each shows.
fn pressed(
    args: &Args,
    pty: &Pty,
    key: impl Fn(usize) -> &'static str,
    mark: impl Fn(&pty::Seen) -> Option<u64>,
) -> Result<Vec<Duration>> {
    let mut random = netsec::random::Stream::new(1, &["keys"]);
    let mut times = Vec::new();
    for n in 0..args.keys() {
        std::thread::sleep(Duration::from_millis(60 + random.below(120) as u64));
        let before = mark(&pty.seen());
        let begun = Instant::now();
        send(pty, key(n))?;
        times.push(pty.wait(SLOW, |seen| mark(seen) != before).map_or(SLOW, |at| at - begun));
    }
    Ok(times)
}
