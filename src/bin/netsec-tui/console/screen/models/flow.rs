//! How a change of the registry is drawn, step by step.

use super::change::{Change, Stage, What};
use super::gate;
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{bytes, interval, score, short_id};
use crate::console::load::Notice;
use crate::console::msg::models::{Challenger, Changed};
use crate::console::widget::input::Input;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, failure, fit, loading, put, rule, solid, split_top, wrap};
use netsec::event::Family;
use netsec::promote::{Judgement, Step};
use netsec::registry::Scores;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// What is changed, in words.
fn title(change: &Change) -> String {
    let alias = clean(&change.alias);
    match (&change.what, alias.is_empty()) {
        (What::Promote(challenger), true) => format!("challenger {}", challenger.name()),
        (What::Promote(challenger), false) => format!("challenger {} → {alias}", challenger.name()),
        (What::Rollback { from, to }, _) => format!("roll {alias} back: v{from} → v{to}"),
        (What::Retire(n), _) => format!("retire v{n}"),
        (What::Annotate(n), _) => format!("note on v{n}"),
    }
}

pub fn draw(app: &App, change: &Change, focused: bool, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = rule(buffer, area, &title(change), step(change), focused, theme);
    let foot = match &change.stage {
        Stage::Override | Stage::Reason | Stage::Name => 4,
        Stage::Going(_) => 6,
        Stage::Done(done) => 3 + done.notes().len() as u16 * 2,
        Stage::Failed(_) => 7,
        Stage::Judged => 2,
        Stage::Alias | Stage::Gate => 0,
    };
    // What was judged stands above; the step that is next always has its room.
    let (top, bottom) = split_top(body, body.height.saturating_sub(foot.min(body.height)));
    let used = draw_facts(app, change, buffer, top);
    let bottom = Rect { y: top.y + used.min(top.height), ..bottom };
    let bottom = Rect { height: body.bottom().saturating_sub(bottom.y), ..bottom };
    match &change.stage {
        Stage::Alias => draw_aliases(app, change, buffer, below(top, used)),
        Stage::Gate => {
            loading(buffer, bottom, "holding it against the champion", change.since, app.now, app.spin, theme);
            put(buffer, bottom, 1, &Line::styled("   esc stops it; other screens can be used meanwhile", theme.dim()));
        }
        Stage::Judged => draw_judged(app, change, buffer, bottom),
        Stage::Override => {
            draw_field(app, change, "why the refusal does not stand", &change.overriding, buffer, bottom)
        }
        Stage::Reason => draw_field(app, change, "reason", &change.reason, buffer, bottom),
        Stage::Name => draw_field(app, change, "confirm", &change.name, buffer, bottom),
        Stage::Going(step) => draw_going(app, change, *step, buffer, bottom),
        Stage::Done(done) => draw_done(app, change, done, buffer, bottom),
        Stage::Failed(notice) => draw_failed(app, change, notice, buffer, bottom),
    }
}

/// The step, in a word.
fn step(change: &Change) -> &'static str {
    match &change.stage {
        Stage::Alias => "to which alias?",
        Stage::Gate => "being judged",
        Stage::Judged => "judged",
        Stage::Override => "override",
        Stage::Reason => "reason",
        Stage::Name => "confirm",
        Stage::Going(_) => "under way",
        Stage::Done(_) => "done",
        Stage::Failed(_) => "failed",
    }
}

/// What is known: both models, and what the gate says. Returns the rows that it takes.
fn draw_facts(app: &App, change: &Change, buffer: &mut Buffer, area: Rect) -> u16 {
    let wide = usize::from(area.width);
    let mut lines = match (&change.what, &change.judged) {
        (What::Promote(_), Some((_, judged))) => judgement(app, judged, change.stage == Stage::Judged, wide),
        (What::Promote(_), None) => Vec::new(),
        (What::Rollback { from, to }, _) => vec![known(app, "now", *from), known(app, "then", *to)],
        (What::Retire(n) | What::Annotate(n), _) => vec![known(app, "", *n)],
    };
    // What was typed so far.
    let typed = [("override", &change.overriding, change.overridden), ("reason", &change.reason, true)];
    if matches!(change.stage, Stage::Name | Stage::Going(_) | Stage::Done(_) | Stage::Failed(_)) {
        for (label, input, is_used) in typed.into_iter().filter(|(_, input, _)| !input.is_empty()) {
            if is_used {
                let label = Span::styled(format!(" {} ", fit(label, 8)), app.theme.dim());
                lines.push(Line::from(vec![label, Span::raw(input.text())]));
            }
        }
    }
    for (row, line) in lines.iter().enumerate().take(usize::from(area.height)) {
        put(buffer, area, row as u16, line);
    }
    lines.len().min(usize::from(area.height)) as u16
}

/// A model in one line.
fn model(app: &App, label: &str, name: &str, family: Family, run: &str, scores: &Scores) -> Line<'static> {
    let theme = &app.theme;
    let test = &scores.test;
    let mut spans = vec![Span::styled(format!(" {}", fit(label, 11)), theme.dim()), Span::raw(fit(name, 5))];
    spans.extend(super::super::train::live::name(app, family));
    spans.push(Span::styled(format!(" {}", short_id(run)), theme.dim()));
    spans.push(Span::raw(format!("  F1 {} {}", score(test.f1), interval(test.f1_ci))));
    spans.push(Span::raw(format!("  recall {}", score(test.recall))));
    Line::from(spans)
}

/// A version in one line, as far as it can be read.
fn known(app: &App, label: &str, n: u32) -> Line<'static> {
    let version = app.models.overview.ready().and_then(|overview| overview.version(n));
    match version.and_then(|version| version.manifest.as_ref().ok()) {
        Some(m) => model(app, label, &format!("v{n}"), m.family, &m.run, &m.scores),
        None => Line::raw(format!(" {} v{n}: cannot be read", fit(label, 10))),
    }
}

/// Both models, and what the gate says: all of it, or what is to be known later on.
fn judgement(app: &App, judged: &Judgement, whole: bool, wide: usize) -> Vec<Line<'static>> {
    let subject = &judged.subject;
    let name = subject.version.map_or_else(|| "new".to_owned(), |n| format!("v{n}"));
    let mut lines = vec![model(app, "challenger", &name, subject.family, &subject.run, &subject.scores)];
    match judged.champion {
        Some(n) => lines.push(known(app, "champion", n)),
        None => {
            lines.push(Line::styled(format!(" {} none: it would be the first", fit("champion", 10)), app.theme.dim()))
        }
    }
    lines.extend(if whole { gate::lines(app, &judged.gate, wide) } else { gate::brief(app, &judged.gate, wide) });
    lines
}

fn draw_aliases(app: &App, change: &Change, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let ledger = app.models.overview.ready().map(|overview| &overview.ledger);
    let all = &change.aliases;
    let wide = all.iter().map(|name| crate::console::widget::width(name)).max().unwrap_or(0).min(24);
    let top = change.cursor.scroll(all.len(), usize::from(area.height));
    for (row, (i, name)) in all.iter().enumerate().skip(top).take(usize::from(area.height)).enumerate() {
        let at = i == change.cursor.at;
        let on = match ledger.and_then(|ledger| ledger.holder(name)) {
            Some(entry) => format!("v{} since {}", entry.version, super::ledger::time(&entry.at)),
            None => "on nothing yet".to_owned(),
        };
        let line = Line::from(vec![
            mark(at, true, theme),
            Span::raw(fit(&clean(name), wide)),
            Span::styled(format!("  {on}"), theme.dim()),
        ]);
        select(buffer, area, row as u16, at, theme);
        put(buffer, area, row as u16, &line);
    }
}

fn keys(app: &App, pairs: &[(&str, &str)]) -> Line<'static> {
    let spans = pairs.iter().flat_map(|(key, text)| {
        [Span::styled(format!(" {key}"), app.theme.key()), Span::styled(format!(" {text}  "), app.theme.dim())]
    });
    Line::from(spans.collect::<Vec<_>>())
}

fn draw_judged(app: &App, change: &Change, buffer: &mut Buffer, area: Rect) {
    let pairs = if change.is_refused() {
        [("O", "overrides the refusal, with a reason of its own"), ("esc", "leaves")]
    } else if change.is_there() {
        [("enter", "completes what was cut short: it is there already"), ("esc", "leaves")]
    } else {
        [("enter", "promotes it: a reason is asked for"), ("esc", "leaves")]
    };
    put(buffer, area, u16::from(area.height > 1), &keys(app, &pairs));
}

/// What is typed, what it is for, and why it will not do.
fn draw_field(app: &App, change: &Change, title: &str, input: &Input, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = rule(buffer, area, title, "", true, theme);
    let (line, rest) = split_top(body, 1);
    let field = Rect { x: line.x + 1.min(line.width), width: line.width.saturating_sub(2), ..line };
    let (holder, told) = match change.stage {
        Stage::Name => (change.confirm.as_str(), format!("type {} to {}", clean(&change.confirm), change.told())),
        Stage::Override => {
            ("the ledger keeps it", "whoever reads the ledger finds it beside the gate's refusal".to_owned())
        }
        _ => ("the ledger keeps it", "who did what, when and why is read there later".to_owned()),
    };
    input.draw(buffer, field, true, &clean(holder), theme);
    let (text, style) = match &change.error {
        Some(error) => (format!("✗ {error}"), theme.bad()),
        None => (clean(&told), theme.dim()),
    };
    for (row, part) in wrap(&text, usize::from(rest.width.saturating_sub(2)).max(10)).into_iter().enumerate() {
        put(buffer, rest, row as u16, &Line::styled(format!(" {part}"), style));
    }
}

/// The steps: those that are done, the one that is under way, those to come.
fn draw_going(app: &App, change: &Change, step: Option<Step>, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let steps: &[&str] = match &change.what {
        What::Promote(Challenger::Run(..)) => &["gate", "upload", "verify", "ledger entry"],
        What::Promote(Challenger::Version(_)) => &["gate", "verify", "ledger entry"],
        What::Rollback { .. } => &["verify", "ledger entry"],
        What::Retire(_) | What::Annotate(_) => &["ledger entry"],
    };
    let under_way = match step {
        None => steps[0],
        Some(Step::Gate) => "gate",
        Some(Step::Upload(..)) => "upload",
        Some(Step::Verify) => "verify",
        Some(Step::Record) => "ledger entry",
    };
    let at = steps.iter().position(|name| *name == under_way).unwrap_or(0);
    for (i, name) in steps.iter().enumerate() {
        let (glyph, style) = match i {
            i if i < at => ("✓", theme.good()),
            i if i == at => (theme.spinner(app.spin), theme.accent()),
            _ => ("○", theme.dim()),
        };
        let far = match step {
            Some(Step::Upload(done, all)) if i == at => {
                let part = if all > 0 { done as f64 / all as f64 } else { 0.0 };
                format!("{} {} of {}", solid(part, 12), bytes(done), bytes(all))
            }
            Some(Step::Verify) if i == at => "read back, and asked for the same predictions".to_owned(),
            _ => String::new(),
        };
        let line = Line::from(vec![
            Span::styled(format!(" {glyph} "), style),
            Span::styled(fit(name, 14), if i == at { theme.plain() } else { theme.dim() }),
            Span::styled(far, theme.dim()),
        ]);
        put(buffer, area, 1 + i as u16, &line);
    }
    let seconds = (app.now - change.since).num_seconds().max(0);
    let text = format!("   {seconds} s · esc leaves it to the background");
    put(buffer, area, 1 + steps.len() as u16, &Line::styled(text, theme.dim()));
}

fn draw_done(app: &App, change: &Change, done: &Changed, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    put(
        buffer,
        area,
        1,
        &Line::styled(format!(" ✓ {}", clean(&change.outcome(done))), theme.good().patch(theme.bold())),
    );
    let wide = usize::from(area.width.saturating_sub(4)).max(10);
    let notes = done.notes();
    let parts = notes.iter().flat_map(|note| wrap(note, wide).into_iter().enumerate());
    for (row, (i, part)) in parts.enumerate() {
        let lead = if i == 0 { " · " } else { "   " };
        put(buffer, area, 2 + row as u16, &Line::styled(format!("{lead}{part}"), theme.dim()));
    }
}

fn draw_failed(app: &App, change: &Change, notice: &Notice, buffer: &mut Buffer, area: Rect) {
    let body = below(area, u16::from(area.height > 6));
    failure(buffer, body, &Notice { chain: Vec::new(), ..notice.clone() }, false, &app.theme);
    let again = match (&change.what, change.alias.is_empty()) {
        (What::Promote(_), true) => "",
        (What::Promote(_), false) => "asks the gate again",
        _ => "tries again",
    };
    let mut pairs = vec![("enter", "shows the causes"), ("esc", "leaves")];
    if !again.is_empty() {
        pairs.insert(0, ("p", again));
    }
    let used = (0..body.height)
        .rev()
        .find(|row| (body.x..body.right()).any(|x| buffer[(x, body.y + row)].symbol().trim() != ""));
    put(buffer, body, used.map_or(0, |row| row + 1), &keys(app, &pairs));
}
