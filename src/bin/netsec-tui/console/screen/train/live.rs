//! The run as it goes, at 80 columns: a headline, the best so far, a line a family, the selected one's curves.
//!
//! ```text
//! ── run 7f3a21 · NetworkData · thorough · seed 1 ─── 0m 41s, about 0m 22s left ──
//!  best  GB ★  F1 .947 ±.006   learning_rate .1  depth 6            leak 0 %
//! ▌GB ★  ◐ running   33/96  .947 ±.006  ▁▃▅▆▇▇▇▇▇▇▇  fold ■□□  .05, depth 6, .8
//! ── GB: F1 by trial ──────────────────────┬─ loss by step ───────────────────────
//! ```

use super::charts::{best_so_far, draw_charts, fitting, fold_progress, is_waiting, range, ticks};
use super::{Live, Showing, host, panes, plan};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{clock, count, interval, score, score_sd, share, short_id, time, time_of_day};
use crate::console::widget::chart::spark;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{self, fit, fit_right, put, put_right, rule, split_top, width};
use netsec::event::{Family, Params};
use netsec::run::{FamilyState, FamilyStatus, RunStatus};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = headline(app, live, buffer, area);
    if let Some(notice) = &live.failed {
        return widget::failure(buffer, body, notice, true, theme);
    }
    if !live.heard {
        put(buffer, body, 0, &Line::styled(" reading the journal", theme.dim()));
        return;
    }
    let body = best(app, live, buffer, body);
    match live.showing {
        Showing::Log => return draw_log(app, live, buffer, body, true),
        Showing::Zoom => return super::zoom::draw(app, live, buffer, body),
        Showing::All => {}
    }
    if panes::columns(app.size) > 1 {
        return panes::draw(app, live, buffer, body);
    }
    // The last line is the host's; where there is no room for all families, the list moves with the cursor.
    let (list, rest) = split_top(body, (live.state.families.len() as u16).min(body.height.saturating_sub(1)));
    let top = live.cursor.scroll(live.state.families.len(), usize::from(list.height));
    for (row, (nth, family)) in live.state.families.iter().enumerate().skip(top).enumerate() {
        family_line(app, live, family, (row as u16, nth == live.cursor.at), buffer, list);
    }
    let (charts, last) = split_top(rest, rest.height.saturating_sub(1));
    if charts.height >= 5
        && let Some(family) = live.selected()
    {
        draw_charts(app, live, family, None, buffer, charts);
    }
    tail(app, live, buffer, last);
}

/// The run in one line, with its clock.
fn headline(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) -> Rect {
    let mut title = format!("run {}", short_id(&live.id));
    if let Some(manifest) = &live.manifest {
        title =
            format!("{title} · {} · {} · seed {}", clean(&manifest.collection), clean(&manifest.space), manifest.seed);
    }
    let now = app.now.to_rfc3339();
    let status = live.status();
    let right = match status {
        RunStatus::Running => {
            let left = live.countdown.map(|countdown| {
                match (countdown.left(app.now.timestamp_millis()), countdown.at_least) {
                    (0, true) => String::new(),
                    (0, false) => ", almost done".to_owned(),
                    (ms, true) => format!(", over {} left", clock(ms)),
                    (ms, false) => format!(", about {} left", clock(ms)),
                }
            });
            let elapsed = clock(live.state.elapsed_ms(Some(&now)));
            let whole = format!("{elapsed}{}", left.unwrap_or_default());
            // Beside a long name there is room for one of the two.
            let room = usize::from(area.width).saturating_sub(width(&title) + 9);
            if width(&whole) <= room { whole } else { elapsed }
        }
        other => format!("{other} after {}", time(live.state.elapsed_ms(None))),
    };
    rule(buffer, area, &title, &right, true, &app.theme)
}

/// The best so far, or how it ended.
fn best(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let state = &live.state;
    let (lines, rest) = split_top(area, 3);
    let leak = state.data.as_ref().map(|d| {
        Line::styled(format!("leak {}", share(d.leak)), if d.leak > 0.0 { theme.warn() } else { theme.dim() })
    });
    let status = live.status();
    let (glyph, style) = theme.status(status, app.spin);
    let line = match status {
        RunStatus::Finished => winner_line(app, live),
        RunStatus::Failed => {
            let (reason, hint) = state.failure.clone().unwrap_or_default();
            if let Some(hint) = hint {
                put(buffer, lines, 1, &Line::styled(format!("   {}", clean(&hint)), theme.plain()));
            }
            Line::styled(format!(" {glyph} failed: {}", clean(&reason)), style)
        }
        RunStatus::Interrupted if state.stopped_after.is_some() => {
            let after = state.stopped_after.map(|s| s.name()).unwrap_or_default();
            Line::from(vec![
                Span::styled(format!(" {glyph} stopped after {after}, as asked  "), style),
                Span::styled("R", theme.key()),
                Span::styled(" goes on", theme.dim()),
            ])
        }
        RunStatus::Cancelled | RunStatus::Interrupted => Line::from(vec![
            Span::styled(format!(" {glyph} {status}  "), style),
            Span::styled("R", theme.key()),
            Span::styled(" takes it up again; finished trials are kept", theme.dim()),
        ]),
        RunStatus::Running => match state.leader() {
            Some((family, trial)) => {
                let mut spans = vec![Span::styled(" best  ", theme.dim())];
                spans.extend(name(app, family.family));
                spans.push(Span::styled(format!("  F1 {}", score_sd(trial.mean, trial.sd)), theme.bold()));
                spans.push(Span::raw(format!("   {}", params(&trial.params))));
                Line::from(spans)
            }
            None => {
                let stage = state.stage.map_or("starting", |s| s.name());
                Line::from(vec![Span::styled(format!(" {glyph} "), style), Span::raw(stage.to_owned())])
            }
        },
    };
    let room = usize::from(lines.width).saturating_sub(leak.as_ref().map_or(0, Line::width) + 3);
    let wide = line.width().min(room);
    put(buffer, Rect { width: room as u16, ..lines }, 0, &line);
    if let Some(leak) = &leak {
        put_right(buffer, lines, 0, wide, leak);
    }
    match (status, &state.data) {
        (RunStatus::Finished, Some(data)) => {
            let cv = state.winner.and_then(|w| state.family(w)).and_then(|f| Some((f, f.best_trial()?)));
            let text = cv.map_or_else(String::new, |(f, t)| {
                format!("cv F1 {} best of {} trials, optimistic · ", score_sd(t.mean, t.sd), f.done.len())
            });
            let text = format!("   {text}test on {} unseen vectors", count(data.holdout_vectors));
            put(buffer, lines, 1, &Line::styled(text, theme.dim()));
        }
        (RunStatus::Running, Some(data)) => {
            let (over, all) = state.trial_counts();
            let trials = if all > 0 {
                format!(" · {} of {} trials", count(over.into()), count(all.into()))
            } else {
                String::new()
            };
            let text = format!(
                " {} rows · {} vectors · {} with both labels{trials}",
                count(data.rows),
                count(data.vectors),
                count(data.conflicting)
            );
            put(buffer, lines, 1, &Line::styled(text, theme.dim()));
        }
        _ => {}
    }
    rest
}

fn winner_line(app: &App, live: &Live) -> Line<'static> {
    let theme = &app.theme;
    let Some(family) = live.state.winner.and_then(|w| live.state.family(w)) else { return Line::default() };
    let mut spans = vec![Span::styled(" ✓ winner ", theme.good())];
    spans.extend(name(app, family.family));
    if let Some(test) = &family.test {
        spans.push(Span::styled(format!("  test F1 {} {}", score(test.f1), interval(test.f1_ci)), theme.bold()));
    }
    spans.extend([Span::styled("   enter", theme.key()), Span::styled(" report", theme.dim())]);
    Line::from(spans)
}

/// Code and marker in the family's colour.
pub fn name(app: &App, family: Family) -> [Span<'static>; 1] {
    [Span::styled(format!("{} {}", family.code(), app.theme.marker(family)), app.theme.family(family))]
}

/// Parameters as short text: `rate .05  depth 6  trees 200`. The report and the journal have the full names.
pub fn params(params: &Params) -> String {
    // Nothing done to the rows is not worth a word.
    let told = params.0.iter().filter(|(name, value)| !(*name == "resampling" && *value == "none"));
    let parts: Vec<String> = told.map(|(name, value)| param(name, value)).collect();
    clean_short(&parts.join("  "), 120)
}

fn param(name: &str, value: &serde_json::Value) -> String {
    let text = plan::value(value);
    let short = match name {
        "learning_rate" => "rate",
        "n_estimators" => "trees",
        "max_depth" => "depth",
        "min_samples_leaf" => "leaf",
        "max_features" => "features",
        // The value says what it is.
        "criterion" | "weights" | "resampling" => return text,
        other => other,
    };
    format!("{short} {text}")
}

/// Glyph, word and style of a family's state.
pub fn family_word(app: &App, live: &Live, family: &FamilyState) -> (&'static str, &'static str, Style) {
    let theme = &app.theme;
    match &family.status {
        FamilyStatus::Queued => ("○", "queued", theme.dim()),
        FamilyStatus::Running if live.status() != RunStatus::Running => ("↯", "stopped", theme.warn()),
        // A search is announced before a worker thread has room for it.
        FamilyStatus::Running if family.running.is_empty() && family.settled() == 0 => ("○", "queued", theme.dim()),
        FamilyStatus::Running if family.trials > 0 && family.settled() >= family.trials => {
            (theme.spinner(app.spin), "fitting", theme.accent())
        }
        FamilyStatus::Running if is_waiting(live, family) => ("○", "waiting", theme.dim()),
        FamilyStatus::Running => (theme.spinner(app.spin), "running", theme.accent()),
        FamilyStatus::Done => ("●", "done", theme.good()),
        FamilyStatus::Failed(_) => ("✗", "failed", theme.bad()),
        FamilyStatus::Cancelled => ("⊘", "cancelled", theme.dim()),
    }
}

/// A family's best score; dim and without a deviation while no trial has all its folds.
pub fn best_span(app: &App, family: &FamilyState) -> Span<'static> {
    let theme = &app.theme;
    match (family.best_trial(), best_so_far(family).last()) {
        (Some(best), _) => Span::raw(format!(" {}  ", score_sd(best.mean, best.sd))),
        (None, Some(early)) => Span::styled(format!(" {} so far ", score(*early)), theme.dim()),
        (None, None) => Span::styled(format!(" {}  ", fit("-", 10)), theme.dim()),
    }
}

/// What is being fitted, and how far its fold is: `fold ■□□ 31/96  rate .05  depth 6`; else the best parameters.
pub fn under_way(live: &Live, family: &FamilyState) -> String {
    let is_running = family.status == FamilyStatus::Running && live.status() == RunStatus::Running;
    let folds = live.state.folds;
    match (fitting(family).filter(|_| is_running), family.best_trial()) {
        (Some(_), _) if is_waiting(live, family) => {
            format!("fold {} waits to be halved", ticks(family, folds))
        }
        (Some(trial), _) => {
            let (_, done, all) = fold_progress(family, folds);
            format!("fold {} {done}/{all}  {}", ticks(family, folds), params(&trial.params))
        }
        (None, Some(best)) => params(&best.params),
        (None, None) => String::new(),
    }
}

fn family_line(app: &App, live: &Live, family: &FamilyState, (row, at): (u16, bool), buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let (glyph, word, style) = family_word(app, live, family);
    let mut spans = vec![mark(at, true, theme)];
    spans.extend(name(app, family.family));
    spans.push(Span::styled(format!("  {glyph} {word:<9}"), style));
    let trials = if family.trials > 0 { format!("{}/{}", family.settled(), family.trials) } else { String::new() };
    spans.push(Span::raw(format!("{} ", fit_right(&trials, 7))));
    spans.push(best_span(app, family));
    if let FamilyStatus::Failed(reason) = &family.status {
        let used: usize = spans.iter().map(Span::width).sum();
        let hint = if at { " · enter for detail" } else { "" };
        let room = usize::from(area.width).saturating_sub(used + widget::width(hint));
        spans.push(Span::styled(widget::cut(&clean(reason), room), theme.bad()));
        spans.push(Span::styled(hint, theme.dim()));
    } else {
        let curve = spark(&best_so_far(family), 10, range(live));
        spans.push(Span::styled(fit(&curve, 10), theme.family(family.family)));
        spans.push(Span::raw("  "));
        let used: usize = spans.iter().map(Span::width).sum();
        let text = widget::cut(&under_way(live, family), usize::from(area.width).saturating_sub(used));
        spans.push(Span::styled(text, theme.dim()));
    }
    select(buffer, area, row, at, theme);
    put(buffer, area, row, &Line::from(spans));
}

/// What the host is using, and the last line of the log.
pub fn tail(app: &App, live: &Live, buffer: &mut Buffer, area: Rect) {
    let mut spans = host::row(app, live);
    if let Some(line) = live.state.log.back() {
        let text = format!(" {} {}", time_of_day(&line.at), clean_short(&line.text, 300));
        spans.push(Span::styled(if spans.is_empty() { text } else { format!(" {text}") }, app.theme.dim()));
    }
    put(buffer, area, 0, &Line::from(spans));
}

/// The log, oldest first.
pub fn draw_log(app: &App, live: &Live, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = &app.theme;
    let body = rule(buffer, area, "log", "", focused, theme);
    let lines = &live.state.log;
    let end = widget::Cursor { at: lines.len().saturating_sub(1), ..Default::default() };
    let cursor = if focused { &live.log } else { &end };
    let top = cursor.scroll(lines.len(), usize::from(body.height));
    for (row, (index, line)) in lines.iter().enumerate().skip(top).take(usize::from(body.height)).enumerate() {
        let at = focused && index == cursor.at;
        select(buffer, body, row as u16, at, theme);
        let spans = vec![
            mark(at, true, theme),
            Span::styled(format!("{} ", time_of_day(&line.at)), theme.dim()),
            Span::raw(clean_short(&line.text, 300)),
        ];
        put(buffer, body, row as u16, &Line::from(spans));
    }
}
