//! The selected version, or the selected entry, with all that is known of it.

use super::ledger::{moved, style, time};
use super::versions::{Row, rows, standing, who};
use super::{Focus, gate};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{count, interval, plural, score, score_sd, short_id, threshold};
use crate::console::widget::{fit, put, rule, rule_line, wrap};
use netsec::metrics::Wish;
use netsec::registry::{Action, BundleManifest, Entry, Version};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Cells of a label.
const LABEL: usize = 12;

/// Whether something is selected.
pub fn is_there(app: &App) -> bool {
    match app.models.focus {
        Focus::Versions => !rows(&app.models).is_empty(),
        Focus::Ledger => app.models.current_entry().is_some(),
    }
}

pub fn draw(app: &App, focused: bool, buffer: &mut Buffer, area: Rect) {
    let wide = usize::from(area.width);
    let (title, lines) = match app.models.focus {
        Focus::Versions => match rows(&app.models).get(app.models.versions.at) {
            Some(Row::Complete(found)) => (format!("v{}", found.n), version(app, found, wide)),
            Some(Row::Unfinished(n, made)) => {
                let told = format!("begun by {} at {}, and not finished", who(made), time(&made.at));
                let why = "its promotion was cut, or goes on now: the same run again finishes it";
                let lines = [told, why.to_owned()].map(|text| Line::raw(format!(" {text}")));
                (format!("v{n}"), lines.to_vec())
            }
            None => ("detail".to_owned(), Vec::new()),
        },
        Focus::Ledger => match app.models.current_entry() {
            Some(found) => (format!("entry {:06}", found.n), entry(app, found, wide)),
            None => ("detail".to_owned(), Vec::new()),
        },
    };
    let body = rule(buffer, area, &title, "", focused, &app.theme);
    draw_lines(app, &lines, focused, buffer, body);
}

/// Draws lines from the one that stands first; where they are not read, from the top.
pub fn draw_lines(app: &App, lines: &[Line<'static>], focused: bool, buffer: &mut Buffer, body: Rect) {
    let height = usize::from(body.height);
    let reading = &app.models.reading;
    if focused {
        reading.height.set(height);
        app.models.lines.set(lines.len());
    }
    let top = if focused { reading.at.min(lines.len().saturating_sub(height)) } else { 0 };
    for (row, line) in lines.iter().skip(top).take(height).enumerate() {
        put(buffer, body, row as u16, line);
    }
}

/// A label and a text, in as many lines as that takes.
fn pair(app: &App, label: &str, text: &str, style: Style, wide: usize) -> Vec<Line<'static>> {
    let parts = wrap(&clean(text), wide.saturating_sub(LABEL + 2).max(10)).into_iter().enumerate();
    let line = |(i, part): (usize, String)| {
        let label = fit(if i == 0 { label } else { "" }, LABEL);
        Line::from(vec![Span::styled(format!(" {label}"), app.theme.dim()), Span::styled(part, style)])
    };
    parts.map(line).collect()
}

/// A score with its interval where it has one.
fn with(value: f64, ci: Option<[f64; 2]>) -> String {
    ci.map_or_else(|| score(value), |ci| format!("{} {}", score(value), interval(ci)))
}

fn version(app: &App, found: &Version, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let ledger = app.models.overview.ready().map(|overview| &overview.ledger);
    let entries = || ledger.into_iter().flat_map(|ledger| &ledger.entries).filter(|entry| entry.version == found.n);
    let mut lines = Vec::new();
    match &found.manifest {
        Err(why) => {
            let told = wrap(&clean(why), wide.saturating_sub(4).max(10));
            lines.push(Line::styled(" ✗ its manifest cannot be read: it is not used", theme.bad()));
            lines.extend(told.into_iter().map(|part| Line::raw(format!("   {part}"))));
        }
        Ok(manifest) => lines.extend(head(app, found, manifest, wide)),
    }
    if let Some(why) = &found.retired {
        lines.extend(pair(app, "retired", why, theme.warn(), wide));
    }
    let notes = entries().filter(|entry| entry.action == Action::Annotate);
    lines.extend(notes.flat_map(|e| pair(app, "note", &format!("{} ({})", e.reason, e.user), theme.plain(), wide)));
    if let Ok(manifest) = &found.manifest {
        lines.extend(about(app, manifest, wide));
    }
    lines.push(rule_line(wide, "in the ledger", "", false, theme));
    let told = entries().map(|entry| {
        Line::from(vec![
            Span::styled(format!(" {:06} ", entry.n), theme.dim()),
            Span::styled(fit(entry.action.name(), 9), style(app, entry.action)),
            Span::raw(format!("{}  ", moved(entry))),
            Span::styled(format!("{}  {}", time(&entry.at), clean_short(&entry.user, 20)), theme.dim()),
        ])
    });
    lines.extend(told.collect::<Vec<_>>().into_iter().rev());
    lines
}

/// What it is worth.
fn head(app: &App, found: &Version, manifest: &BundleManifest, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let test = &manifest.scores.test;
    let standing = standing(found);
    let mut spans = vec![Span::raw(" ")];
    spans.extend(super::super::train::live::name(app, manifest.family));
    spans.push(Span::styled(format!("  run {}", short_id(&manifest.run)), theme.dim()));
    spans.push(Span::styled(
        format!("  {standing}"),
        if found.aliases.is_empty() { theme.dim() } else { theme.good().patch(theme.bold()) },
    ));
    let mut lines = vec![Line::from(spans)];
    let scores = [
        ("F1", with(test.f1, Some(test.f1_ci))),
        ("recall", with(test.recall, test.recall_ci)),
        ("precision", with(test.precision, test.precision_ci)),
        ("on folds", score_sd(manifest.scores.cv_f1, manifest.scores.cv_sd)),
        ("calibration", format!("{} expected error, Brier {}", score(test.ece), score(test.brier))),
    ];
    lines.extend(scores.iter().flat_map(|(label, text)| pair(app, label, text, theme.plain(), wide)));
    let wish = match manifest.wish {
        Some(Wish::Recall(least)) => format!(", chosen for a recall of {}", score(least)),
        Some(Wish::Precision(least)) => format!(", chosen for a precision of {}", score(least)),
        None => String::new(),
    };
    let told = format!("{} is called from {}{wish}", manifest.labels[1], threshold(manifest.threshold));
    lines.extend(pair(app, "threshold", &told, theme.plain(), wide));
    lines
}

/// Where it comes from.
fn about(app: &App, manifest: &BundleManifest, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let data = &manifest.data;
    let rows = format!(
        "{}/{}{}: {}, {}",
        data.database,
        data.collection,
        data.window.suffix(),
        plural(data.summary.rows, "row"),
        plural(data.summary.vectors, "vector"),
    );
    let drift = match (manifest.judged.drifted, &manifest.judged.reference) {
        (Some(true), Some(reference)) => format!("drifted from {reference}"),
        (Some(false), Some(reference)) => format!("no data set drift from {reference}"),
        (None, Some(reference)) => format!("could not be told, against {reference}"),
        (_, None) => "held against nothing".to_owned(),
    };
    let validation = match &manifest.judged.accepted_by {
        Some(who) => (format!("failed, accepted by {who}"), theme.warn()),
        None => ("passed".to_owned(), theme.plain()),
    };
    let by = |made: &netsec::registry::Made| format!("{} by {}", time(&made.at), who(made));
    let bytes: u64 = manifest.files.values().map(|file| file.size).sum();
    let pairs = [
        ("parameters", manifest.params.to_string(), theme.plain()),
        ("rows", rows, theme.plain()),
        ("store", data.store.clone().unwrap_or_else(|| "embedded".to_owned()), theme.plain()),
        (
            "hold-out",
            format!("{} of the vectors", crate::console::format::share(manifest.holdout.share)),
            theme.plain(),
        ),
        ("seed", count(manifest.seed), theme.plain()),
        ("validation", validation.0, validation.1),
        ("drift", drift, if manifest.judged.drifted == Some(true) { theme.warn() } else { theme.plain() }),
        ("run", manifest.run.clone(), theme.plain()),
        ("trained", by(&manifest.trained), theme.plain()),
        ("registered", by(&manifest.registered), theme.plain()),
        ("size", crate::console::format::bytes(bytes), theme.plain()),
        ("digest", manifest.digest.clone(), theme.dim()),
        ("data", manifest.hashes.data.clone(), theme.dim()),
        ("schema", manifest.hashes.schema.clone(), theme.dim()),
        ("netsec", manifest.netsec.clone(), theme.dim()),
    ];
    pairs.into_iter().flat_map(|(label, text, style)| pair(app, label, &text, style, wide)).collect()
}

fn entry(app: &App, found: &Entry, wide: usize) -> Vec<Line<'static>> {
    let theme = &app.theme;
    let before = match (&found.alias, found.previous) {
        (Some(_), Some(previous)) => format!("  (before: v{previous})"),
        (Some(_), None) => "  (before: none)".to_owned(),
        (None, _) => String::new(),
    };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!(" {}  ", found.action.name()), style(app, found.action).patch(theme.bold())),
        Span::raw(moved(found)),
        Span::styled(before, theme.dim()),
    ])];
    let when = clean(&found.at).replace('T', " ");
    lines.extend(pair(app, "when", &when, theme.plain(), wide));
    lines.extend(pair(app, "who", &format!("{}@{}", found.user, found.host), theme.plain(), wide));
    lines.extend(pair(app, "reason", &found.reason, theme.plain(), wide));
    if let Some(why) = &found.overridden {
        lines.extend(pair(app, "override", why, theme.warn(), wide));
    }
    lines.extend(pair(app, "run", &found.run, theme.plain(), wide));
    if let Some(judged) = &found.gate {
        let against = judged.champion.map_or_else(|| "no champion".to_owned(), |n| format!("against v{n}"));
        lines.push(rule_line(wide, "gate", &against, false, theme));
        lines.extend(gate::lines(app, judged, wide));
    }
    lines.push(rule_line(wide, "hashes", "", false, theme));
    for (label, text) in [("digest", &found.digest), ("manifest", &found.manifest), ("before", &found.before)] {
        let text = if text.is_empty() { "none" } else { text };
        lines.extend(pair(app, label, text, theme.dim(), wide));
    }
    lines
}
