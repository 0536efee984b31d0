//! The verification of every object against its hash, in the background.

use super::{Aside, detail};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{plural, share};
use crate::console::jobs::State;
use crate::console::load::{Load, Notice, Pane, Tone};
use crate::console::msg::models::Ask;
use crate::console::msg::{Effect, JobId};
use crate::console::widget::{Cursor, put, rule, unready, wrap};
use chrono::{DateTime, Utc};
use netsec::registry::Verified;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// What there is of it.
#[derive(Debug, Default)]
pub struct Check {
    pub found: Pane<Verified>,
    /// When it ended.
    pub at: Option<DateTime<Utc>>,
}

/// Shows what was found, and verifies where nothing was verified yet.
pub fn show(app: &mut App) -> Vec<Effect> {
    app.models.open = Some(Aside::Verified);
    app.models.reading = Cursor::default();
    if matches!(app.models.check.found.load, Load::Idle | Load::Failed(_)) { begin(app) } else { Vec::new() }
}

pub fn begin(app: &mut App) -> Vec<Effect> {
    if app.models.check.found.job.is_some() {
        app.say(Tone::Plain, "it is being verified; x stops");
        return Vec::new();
    }
    let job = app.begin("verify the registry");
    app.models.check.found.refresh(job, app.now);
    vec![Effect::Models(job, Ask::Verify)]
}

pub fn stop(app: &mut App) -> Vec<Effect> {
    match app.models.check.found.stop("v verifies again") {
        Some(job) => {
            app.jobs.end(job, State::Stopped, app.now);
            vec![Effect::Stop(job)]
        }
        None => {
            app.say(Tone::Plain, "nothing is being verified");
            Vec::new()
        }
    }
}

/// Takes its end; false when it was stopped before.
pub fn ended(app: &mut App, job: JobId, result: Result<Verified, Notice>) -> bool {
    let state = match &result {
        Ok(_) => State::Done,
        Err(notice) => State::Failed(notice.clone()),
    };
    if !app.models.check.found.accept(job, result) {
        return false;
    }
    app.jobs.end(job, state, app.now);
    app.models.check.at = app.models.check.found.ready().map(|_| app.now);
    let notice = match &app.models.check.found.load {
        Load::Ready(found) => {
            let verified = plural(found.objects, "object");
            match found.problems.len() as u64 {
                0 => Notice::new(Tone::Good, format!("{verified} verified")),
                n => Notice::bad(format!("{} in {verified}", plural(n, "problem"))).hint("v on Models lists them"),
            }
        }
        Load::Failed(notice) => notice.clone(),
        _ => return true,
    };
    // On its own pane the result is seen.
    let seen = app.screen == crate::console::app::Screen::Models && app.models.open == Some(Aside::Verified);
    if !seen {
        app.notice = Some(notice);
    }
    true
}

/// For the first line of the screen: `verified ✓ 14:02`.
pub fn brief(app: &App) -> Option<(String, Style)> {
    let (theme, check) = (&app.theme, &app.models.check);
    if let Some(job) = check.found.job {
        let far = app.jobs.list.iter().find(|known| known.id == job).map_or((0, None), |known| known.progress);
        let far = match far {
            (done, Some(all)) if all > 0 => format!(" {}", share(done as f64 / all as f64)),
            _ => String::new(),
        };
        return Some((format!("verifying{far}"), theme.accent()));
    }
    if check.found.failed().is_some() {
        return Some(("not verified".to_owned(), theme.warn()));
    }
    let found = check.found.ready()?;
    let at = check.at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default();
    Some(match found.problems.len() as u64 {
        0 => (format!("verified ✓ {at}"), theme.good()),
        n => (format!("✗ {}", plural(n, "problem")), theme.bad()),
    })
}

/// What was looked at.
fn told(found: &Verified) -> String {
    let entries = if found.entries == 1 { "entry" } else { "entries" };
    let objects = plural(found.objects, "object");
    format!("{objects} of {}, {} {entries} of the ledger", plural(found.versions.into(), "version"), found.entries)
}

fn lines(app: &App, found: &Verified, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let wide = wide.saturating_sub(4).max(10);
    let what = told(found);
    let mut lines = vec![match found.problems.len() as u64 {
        0 => Line::styled(format!(" ✓ {what}: as they were registered"), theme.good()),
        n => Line::styled(format!(" ✗ {} in {what}", plural(n, "problem")), theme.bad()),
    }];
    for problem in &found.problems {
        for (i, part) in wrap(&clean(problem), wide).into_iter().enumerate() {
            lines
                .push(Line::from(vec![Span::styled(if i == 0 { " ✗ " } else { "   " }, theme.bad()), Span::raw(part)]));
        }
    }
    if !found.stale.is_empty() {
        let names: Vec<String> = found.stale.iter().map(|alias| clean(alias)).collect();
        let text = format!("the pointer of {} for other consumers is not where the ledger says", names.join(", "));
        lines.extend(wrap(&text, wide).into_iter().map(|part| Line::styled(format!(" ▲ {part}"), theme.warn())));
    }
    if !found.leftovers.is_empty() {
        lines.push(Line::default());
        lines.push(Line::styled(" left behind by a promotion that lost or was cut: no error", theme.dim()));
        let parts = found.leftovers.iter().flat_map(|left| wrap(&clean(left), wide));
        lines.extend(parts.map(|part| Line::styled(format!(" · {part}"), theme.dim())));
    }
    lines
}

/// What was found, as text.
pub fn text(app: &App) -> Option<String> {
    let found = app.models.check.found.ready()?;
    let all = found.problems.iter().map(|line| format!("problem: {}", clean(line)));
    let all = all.chain(found.leftovers.iter().map(|line| format!("left behind: {}", clean(line))));
    let head = format!("{} verified, {}", told(found), plural(found.problems.len() as u64, "problem"));
    Some(std::iter::once(head).chain(all).collect::<Vec<_>>().join("\n"))
}

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let check = &app.models.check;
    let at = match (&check.found.job, check.at) {
        (Some(_), _) => "verifying".to_owned(),
        (None, Some(at)) => format!("at {} UTC", at.format("%H:%M")),
        (None, None) => String::new(),
    };
    let body = rule(buffer, area, "verification", &at, true, &app.theme);
    if unready(buffer, body, &check.found.load, "reading every object", (app.now, app.spin), &app.theme) {
        if let Some((text, style)) = brief(app).filter(|_| check.found.job.is_some()) {
            put(buffer, body, 1, &Line::styled(format!("   {text}"), style));
            put(buffer, body, 2, &Line::styled("   it goes on in the background when this is left", app.theme.dim()));
        }
        return;
    }
    if let Some(found) = check.found.ready() {
        detail::draw_lines(app, &lines(app, found, usize::from(body.width)), true, buffer, body);
    }
}
