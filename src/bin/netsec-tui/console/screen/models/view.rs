//! How the Models screen is drawn: what is in production, the versions, the ledger, and what stands beside them.

use super::{Aside, age, check, date, detail, flow, ledger, versions};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{interval, score, short_id};
use crate::console::widget::{cut, put, put_right, rule, split_left, split_top, unready, width};
use netsec::promote::PRODUCTION;
use netsec::registry::{BundleManifest, Entry, Overview};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let models = &app.models;
    match models.overview.ready() {
        Some(overview) => {
            let rest = draw_head(app, overview, buffer, area);
            draw_body(app, buffer, rest);
        }
        None => {
            let (head, rest) = match models.open {
                Some(Aside::Change | Aside::Verified) => split_top(area, 4),
                _ => (area, Rect { y: area.bottom(), height: 0, ..area }),
            };
            let body = rule(buffer, head, "models", "", models.open.is_none(), &app.theme);
            unready(buffer, body, &models.overview.load, "reading the registry", (app.now, app.spin), &app.theme);
            draw_aside(app, buffer, rest);
        }
    }
    if let Some(question) = &models.question {
        date::draw(app, question, buffer, area);
    }
}

/// The answer: what is in production, and how it stands.
fn draw_head(app: &App, overview: &Overview, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let holder = overview.ledger.holder(PRODUCTION);
    let title = match holder {
        Some(entry) => format!(
            "production: v{} since {} by {}",
            entry.version,
            entry.at.get(..10).map_or_else(|| clean_short(&entry.at, 24), clean),
            clean_short(&format!("{}@{}", entry.user, entry.host), 40)
        ),
        None => "production: nothing yet".to_owned(),
    };
    let right = clean(&overview.name);
    let mut body = rule(buffer, area, &title, &right, false, theme);
    // The answer is never dim.
    let title = cut(&title, usize::from(area.width.saturating_sub(6)));
    let place = Rect { x: area.x + 3.min(area.width), width: width(&title) as u16, height: 1.min(area.height), ..area };
    let place = place.intersection(area);
    buffer.set_style(place, Style::reset());
    put(buffer, place, 0, &Line::styled(title, theme.bold()));
    let mut line = |line: &Line<'_>| {
        put(buffer, body, 0, line);
        body = crate::console::widget::below(body, 1);
    };
    match holder {
        Some(entry) => line(&champion(app, overview, entry, usize::from(area.width))),
        None => {
            let (key, text) = match overview.versions.is_empty() {
                true => ("enter", " leads to the runs: P there promotes a finished one"),
                false => ("p", " promotes the selected version"),
            };
            line(&Line::from(vec![
                Span::raw(" nothing is in production: "),
                Span::styled(key, theme.key()),
                Span::raw(text),
            ]));
        }
    }
    let others: Vec<String> = overview
        .ledger
        .aliases()
        .into_iter()
        .filter(|alias| *alias != PRODUCTION)
        .filter_map(|alias| overview.ledger.holder(alias).map(|entry| (alias, entry)))
        .map(|(alias, entry)| {
            format!("{}: v{} since {}", clean_short(alias, 20), entry.version, ledger::time(&entry.at))
        })
        .collect();
    if !others.is_empty() {
        line(&Line::styled(format!(" {}", others.join(" · ")), theme.plain()));
    }
    if !overview.stale.is_empty() {
        let names: Vec<String> = overview.stale.iter().map(|alias| clean_short(alias, 20)).collect();
        let text = format!(" ▲ the pointer of {} is behind the ledger: the next promotion mends it", names.join(", "));
        line(&Line::styled(text, theme.warn()));
    }
    if let Some(missed) = &app.models.overview.missed {
        let age = age(app).map_or_else(String::new, |age| format!(" · as read {age} ago"));
        let hint = missed.hint.as_ref().map_or_else(String::new, |hint| format!(" · {hint}"));
        let room = usize::from(area.width).saturating_sub(width(&age) + 5).max(10);
        let told = cut(&format!("{}{hint}", missed.headline), room);
        line(&Line::from(vec![
            Span::styled(format!(" {} {told}", if missed.passing { "⊘" } else { "✗" }), theme.bad()),
            Span::styled(age, theme.dim()),
        ]));
    }
    body
}

/// The champion in one line; what has no room goes, the verification last.
fn champion(app: &App, overview: &Overview, entry: &Entry, wide: usize) -> Line<'static> {
    let theme = &app.theme;
    let manifest = match overview.version(entry.version).map(|version| &version.manifest) {
        Some(Ok(manifest)) => manifest,
        Some(Err(why)) => return Line::styled(format!(" ✗ v{}: {}", entry.version, clean(why)), theme.bad()),
        None => return Line::styled(format!(" ✗ v{} is not in the registry", entry.version), theme.bad()),
    };
    let test = &manifest.scores.test;
    let mut spans = vec![Span::raw(" ")];
    spans.extend(super::super::train::live::name(app, manifest.family));
    spans.push(Span::styled(format!(" {}", short_id(&manifest.run)), theme.dim()));
    spans.push(Span::styled(format!("  F1 {} {}", score(test.f1), interval(test.f1_ci)), theme.bold()));
    spans.push(Span::raw(format!("  recall {}", score(test.recall))));
    let used = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    let verified = check::brief(app).unwrap_or_else(|| ("not verified yet".to_owned(), theme.dim()));
    let (drift, style) = drift(app, manifest);
    let with_drift = used(&spans) + width(&drift) + width(&verified.0) + 7 <= wide;
    if with_drift {
        spans.push(Span::styled(format!("   {drift}"), style));
    }
    if used(&spans) + width(&verified.0) + 4 <= wide {
        spans.push(Span::styled(format!("   {}", verified.0), verified.1));
    }
    Line::from(spans)
}

/// Whether the rows of today drift from those it was trained on, where that was asked; else how it was at training.
fn drift(app: &App, manifest: &BundleManifest) -> (String, Style) {
    let theme = &app.theme;
    let since = app.drift.live.ready().map(|drifted| &drifted.report);
    let since = since.filter(|report| report.reference.name == format!("run {}", manifest.run));
    match (since.map(|report| report.dataset_drift), manifest.judged.drifted) {
        (Some(Some(true)), _) => ("▲ drift since".to_owned(), theme.bad()),
        (Some(Some(false)), _) => ("drift since: none".to_owned(), theme.plain()),
        (Some(None), _) => ("drift since: ?".to_owned(), theme.warn()),
        (None, Some(true)) => ("▲ drifted".to_owned(), theme.warn()),
        (None, Some(false)) => ("drift none".to_owned(), theme.plain()),
        (None, None) => ("drift ?".to_owned(), theme.dim()),
    }
}

fn draw_body(app: &App, buffer: &mut Buffer, area: Rect) {
    let models = &app.models;
    if !app.is_wide() {
        return match models.open {
            Some(_) => draw_aside(app, buffer, area),
            None => draw_lists(app, buffer, area),
        };
    }
    let aside = if area.width < 150 { 52 } else { 66 };
    let (lists, aside) = split_left(buffer, area, area.width.saturating_sub(aside), &app.theme);
    draw_lists(app, buffer, lists);
    draw_aside(app, buffer, aside);
}

/// The versions above, the ledger below: it has what they leave, and no less than half.
fn draw_lists(app: &App, buffer: &mut Buffer, area: Rect) {
    let rows = versions::rows(&app.models).len().max(1) as u16;
    let most = (area.height / 2).max(3.min(area.height));
    let line = draw_running(app, buffer, area);
    let area = crate::console::widget::below(area, line);
    let (top, bottom) = split_top(area, (rows + 2).min(most));
    versions::draw(app, buffer, top);
    ledger::draw(app, buffer, bottom);
}

/// A change that goes on, or has ended, while its pane is closed. Returns the rows that it takes.
fn draw_running(app: &App, buffer: &mut Buffer, area: Rect) -> u16 {
    let theme = &app.theme;
    let Some(change) = &app.models.change else { return 0 };
    if app.models.open == Some(Aside::Change) || (app.is_wide() && app.models.open.is_none()) {
        return 0;
    }
    let (glyph, style, word) = match &change.stage {
        super::Stage::Done(done) => ("✓", theme.good(), change.outcome(done)),
        super::Stage::Failed(notice) => ("✗", theme.bad(), notice.headline.clone()),
        _ => (theme.spinner(app.spin), theme.accent(), change.told()),
    };
    let line = Line::from(vec![Span::styled(format!(" {glyph} "), style), Span::raw(clean(&word))]);
    put(buffer, area, 0, &line);
    let keys = Line::from(vec![Span::styled("p", theme.key()), Span::styled(" shows it", theme.dim())]);
    put_right(buffer, area, 0, line.width(), &keys);
    1
}

fn draw_aside(app: &App, buffer: &mut Buffer, area: Rect) {
    let models = &app.models;
    match (models.open, &models.change) {
        (Some(Aside::Change), Some(change)) => flow::draw(app, change, true, buffer, area),
        (Some(Aside::Verified), _) => check::draw(app, buffer, area),
        (None, Some(change)) if app.is_wide() => flow::draw(app, change, false, buffer, area),
        (open, _) => detail::draw(app, open.is_some(), buffer, area),
    }
}

/// Where the registry is and whether it can be read, for the header: the longest text first, and whether it is away.
pub fn registry(app: &App) -> (Vec<String>, bool) {
    let place = app.around.registry;
    let Some(notice) = app.models.away() else { return (vec![format!("registry {place}")], false) };
    let (glyph, word) = if notice.passing { ("⊘", "unreachable") } else { ("✗", "not readable") };
    (vec![format!("registry {place} {glyph} {word}"), format!("{glyph} registry"), format!("{glyph}registry")], true)
}
