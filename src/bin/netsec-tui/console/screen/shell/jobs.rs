//! The jobs in the background: what, since when, how far, and what became of them.

use crate::console::app::{App, Decision, Overlay};
use crate::console::format::{clock, count, pace, plural};
use crate::console::jobs::{Job, State};
use crate::console::keymap::Action;
use crate::console::load::{Notice, Tone};
use crate::console::msg::{Effect, JobId};
use crate::console::screen::{data, models, predict, runs};
use crate::console::theme::Theme;
use crate::console::update::motion;
use crate::console::widget::popup::popup;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{Cursor, cut, fit, put, put_right, solid};
use netsec::run::RunStatus;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The newest first.
fn listed(app: &App) -> impl Iterator<Item = &Job> {
    app.jobs.list.iter().rev()
}

/// Does what is asked while the list is open.
pub fn act(app: &mut App, mut cursor: Cursor, action: Action) -> Vec<Effect> {
    let len = app.jobs.list.len();
    let chosen = listed(app).nth(cursor.at).cloned();
    match (action, chosen) {
        (Action::Back, _) => return Vec::new(),
        (Action::Clear, _) => {
            app.jobs.clear();
            cursor = Cursor::default();
        }
        (Action::Open, Some(job)) => {
            let notice = detail(app, &job);
            app.behind = Some(Overlay::Jobs(cursor));
            app.overlay = Some(Overlay::Reason(notice));
            return Vec::new();
        }
        (Action::Cancel, Some(job)) if job.state == State::Running => {
            app.behind = Some(Overlay::Jobs(cursor));
            app.overlay = Some(Overlay::Confirm {
                question: "Stop the job?".to_owned(),
                detail: format!("{}; what is done stays", cut(&job.what, 40)),
                decision: Decision::StopJob(job.id),
            });
            return Vec::new();
        }
        (Action::Cancel, Some(_)) => app.say(Tone::Plain, "the job has ended"),
        (action, _) => {
            if let Some(by) = motion(action, &cursor, len) {
                cursor.step(by, len);
            }
        }
    }
    app.overlay = Some(Overlay::Jobs(cursor));
    Vec::new()
}

/// Stops a job. Whoever waits for its answer is told: none comes.
pub fn stop(app: &mut App, job: JobId) -> Vec<Effect> {
    let Some(found) = app.jobs.list.iter().find(|j| j.id == job && j.state == State::Running) else {
        app.say(Tone::Plain, "the job has ended");
        return Vec::new();
    };
    let notice = Notice::new(Tone::Warn, format!("stopped: {}", found.what));
    app.jobs.end(job, State::Stopped, app.now);
    let mut effects = vec![Effect::Stop(job)];
    effects.extend(data::stopped(app, job, &notice));
    predict::batch::stopped(app, job, &notice);
    runs::compare::export::stopped(app, job, &notice);
    effects.extend(models::stopped(app, job, &notice));
    app.notice = Some(notice);
    effects
}

/// What there is to tell of a job.
fn detail(app: &App, job: &Job) -> Notice {
    let told = match &job.state {
        State::Failed(notice) => return notice.clone(),
        State::Running => Notice::new(Tone::Plain, format!("{} · running for {}", job.what, elapsed(app, job))),
        State::Done => Notice::new(Tone::Good, format!("{} · done in {}", job.what, elapsed(app, job))),
        State::Stopped => Notice::new(Tone::Warn, format!("{} · stopped after {}", job.what, elapsed(app, job))),
    };
    match far(job) {
        far if far.is_empty() => told,
        far => told.hint(format!("{far}{}, since {} UTC", pace_of(app, job), job.since.format("%H:%M:%S"))),
    }
}

fn elapsed(app: &App, job: &Job) -> String {
    clock((job.until.unwrap_or(app.now) - job.since).num_milliseconds().max(0) as u64)
}

/// How fast it is while it runs, and how long it takes yet: `  500/s  17 s left`.
fn pace_of(app: &App, job: &Job) -> String {
    let (done, total) = job.progress;
    let elapsed = (app.now - job.since).to_std().unwrap_or_default();
    let part = total.filter(|total| *total > 0).map(|total| done as f64 / total as f64);
    match pace(done, "", part, elapsed) {
        pace if pace.is_empty() || job.state != State::Running => String::new(),
        pace => format!("  {pace}"),
    }
}

/// How far it is: `1,204 of 10,000`.
fn far(job: &Job) -> String {
    match job.progress {
        (0, None) => String::new(),
        (done, None) => count(done),
        (done, Some(total)) => format!("{} of {}", count(done), count(total)),
    }
}

/// Glyph, word and style: those of a run in the same state.
fn state(job: &Job, spin: u8, theme: &Theme) -> (&'static str, &'static str, Style) {
    let (status, word) = match job.state {
        State::Running => (RunStatus::Running, "running"),
        State::Done => (RunStatus::Finished, "done"),
        State::Stopped => (RunStatus::Cancelled, "stopped"),
        State::Failed(_) => (RunStatus::Failed, "failed"),
    };
    let (glyph, style) = theme.status(status, spin);
    (glyph, word, style)
}

pub fn draw(app: &App, cursor: &Cursor, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let running = app.jobs.running();
    let title = if running > 0 { format!("jobs · {} running", count(running as u64)) } else { "jobs".to_owned() };
    let rows = app.jobs.list.len().max(2) as u16;
    let inside = popup(buffer, area, 100, rows + 2, &title, theme);
    if app.jobs.list.is_empty() {
        put(buffer, inside, 0, &Line::styled(" nothing is done in the background", theme.dim()));
        put(buffer, inside, 1, &Line::styled(" loading and exporting large data is listed here", theme.dim()));
    }
    let top = cursor.scroll(app.jobs.list.len(), usize::from(inside.height));
    let shown = listed(app).enumerate().skip(top).take(usize::from(inside.height));
    for (row, (i, job)) in shown.enumerate() {
        let at = i == cursor.at;
        let (glyph, word, style) = state(job, app.spin, theme);
        let bar = match job.progress {
            (done, Some(total)) if total > 0 => format!("{} ", solid(done as f64 / total as f64, 8)),
            _ => String::new(),
        };
        let end = |far: String| Line::styled(format!("{bar}{far}  {}", elapsed(app, job)), theme.dim());
        let mut told = far(job);
        let pace = pace_of(app, job);
        // What it is comes first where there is little room.
        if end(format!("{told}{pace}")).width() + 44 <= usize::from(inside.width) {
            told.push_str(&pace);
        }
        let end = end(told);
        let room = usize::from(inside.width).saturating_sub(end.width() + 14);
        let line = Line::from(vec![
            mark(at, true, theme),
            Span::styled(format!("{glyph} {}", fit(word, 8)), style),
            Span::raw(format!(" {}", cut(&job.what, room))),
        ]);
        select(buffer, inside, row as u16, at, theme);
        put(buffer, inside, row as u16, &line);
        put_right(buffer, inside, row as u16, line.width(), &end);
    }
}

/// What is told of the jobs that go on, when the console is to be left: they end with it.
pub fn parting(app: &App) -> Option<String> {
    let running = app.jobs.running() as u64;
    (running > 0).then(|| format!("{} will be stopped", plural(running, "job")))
}
