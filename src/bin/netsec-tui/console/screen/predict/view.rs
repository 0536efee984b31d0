//! How the Predict screen is drawn: the verdict first, then why, then what was near it in training.
//!
//! ```text
//! ── verdict ─────────────────────────────────────────────────────────────────────
//!  ✗ PHISHING   probability .981   threshold .50   GB ★ of run 7f3a21
//!  27 given · 2 imputed · 1 out of domain   seen 14: phishing 13, legitimate 1
//! ── why ──────────────────────────────────── toward legit │ toward phishing ─────
//! ▌SSLfinal_State     -1  no trusted certificate           │██████████████ +2.310
//! ── nearest in training ─────────────────────────────────────────────────────────
//!  1 differs: web_traffic 1 → -1             phishing 9   legitimate 0
//! ```

mod near;
pub mod why;

use super::{Focus, Prompt, batch, past};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{count, score, short_id, threshold};
use crate::console::load::Load;
use crate::console::msg::predict::{ModelInfo, Scored};
use crate::console::screen::train::live::name;
use crate::console::widget::{below, cut, failure, loading, put, rule, split_left, split_top, unready, width};
use netsec::predict::Origin;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Width from which the row and its neighbours stand beside the verdict.
const WIDE: u16 = 130;
/// What remarks on what was done to a defanged URL begin with.
const REFANGED: &str = "refanged";
/// Rows of the neighbours below the features.
const NEAR: u16 = 5;

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let (area, line) = split_top(area, area.height.saturating_sub(batch::height(app)));
    batch::draw_line(app, buffer, line);
    if let Some(past) = &app.predict.past {
        return past::draw(app, past, buffer, area);
    }
    if app.size.0 >= WIDE {
        let (left, right) = split_left(buffer, area, area.width * 2 / 5, &app.theme);
        let (row, neighbours) = split_top(left, if has_verdict(app) { left.height.min(14) } else { left.height });
        draw_input(app, buffer, row);
        if has_verdict(app) {
            near::draw(app, buffer, neighbours);
        }
        let rest = draw_verdict(app, buffer, right);
        return why::draw(app, buffer, rest);
    }
    let rest = draw_verdict(app, buffer, area);
    // Before the first verdict the paste area is what one looks for; afterwards it comes when it is typed in.
    if !has_verdict(app) {
        return draw_input(app, buffer, rest);
    }
    let typed = app.predict.focus == Focus::Text || app.predict.batch.form.is_some();
    if typed {
        let (input, rest) = split_top(rest, rest.height / 2);
        draw_input(app, buffer, input);
        return why::draw(app, buffer, rest);
    }
    let url = matches!(app.predict.prompt, Some(Prompt::Url(_)));
    let all = app.predict.near.pane.ready().map_or(0, |near| near.len() as u16 + 2);
    let wanted = if app.predict.focus == Focus::Near { all.max(NEAR) } else { NEAR };
    let wanted = wanted.min(rest.height * 3 / 5);
    let (features, below_them) = split_top(rest, rest.height - if url { 3.min(rest.height) } else { wanted });
    why::draw(app, buffer, features);
    if url { draw_input(app, buffer, below_them) } else { near::draw(app, buffer, below_them) }
}

fn has_verdict(app: &App) -> bool {
    app.predict.scored.ready().is_some()
}

fn draw_verdict(app: &App, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let predict = &app.predict;
    let mut right = String::new();
    if predict.is_changed() {
        // A changed value is known: what is imputed is imputed from it as well.
        let imputed = predict.scored.ready().is_some_and(|s| s.verdict.origins().imputed > 0);
        let follow = if imputed { ", imputed values follow" } else { "" };
        right = format!("changed by hand{follow} · r resets");
    } else if predict.rows.len() > 1 {
        right = format!("row {} of {} · n next", predict.at + 1, predict.rows.len());
    }
    let title =
        title(predict.model.ready().map(AsRef::as_ref), usize::from(area.width).saturating_sub(9 + width(&right)));
    let body = rule(buffer, area, &title, &right, false, theme);
    let model = match &predict.model.load {
        Load::Ready(model) => model,
        load => {
            // A failure needs its hint and its keys.
            let (place, rest) = split_top(body, if predict.model.failed().is_some() { 4 } else { 2 });
            unready(buffer, place, load, "loading the model", (app.now, app.spin), theme);
            return rest;
        }
    };
    let body = match &model.note {
        Some(note) => {
            let (line, rest) = split_top(body, 1);
            let text = cut(&clean(note), usize::from(area.width.saturating_sub(4)));
            put(buffer, line, 0, &Line::styled(format!(" ▲ {text}"), theme.warn()));
            rest
        }
        None => body,
    };
    let (lines, rest) = split_top(body, 2);
    match &predict.scored.load {
        Load::Ready(scored) => {
            draw_scored(app, model, scored, buffer, lines);
            let Some(line) = remark(app, scored) else { return rest };
            let (place, rest) = split_top(rest, 1);
            put(buffer, place, 0, &line);
            rest
        }
        Load::Idle => {
            let mut spans = vec![Span::styled(" model ", theme.dim())];
            spans.extend(name(app, model.family));
            spans.push(Span::raw(format!("  of {}", model.name())));
            let role = match &model.release {
                Some(_) => "",
                None if model.family == model.winner => " · its winner",
                None => " · not its winner",
            };
            spans.push(Span::styled(
                format!(
                    "{role} · {} features · {} is positive",
                    model.schema.features.len(),
                    clean(model.schema.label(true))
                ),
                theme.dim(),
            ));
            put(buffer, lines, 0, &Line::from(spans));
            let keys = Line::from(vec![Span::raw(" paste a row or a URL, then "), Span::styled("enter", theme.key())]);
            put(buffer, lines, 1, &keys);
            rest
        }
        Load::Loading { since } => {
            loading(buffer, lines, "scoring", *since, app.now, app.spin, theme);
            rest
        }
        Load::Failed(notice) => {
            let (place, rest) = split_top(body, 5);
            failure(buffer, place, notice, false, theme);
            rest
        }
    }
}

/// The title, which names a version where there is room.
fn title(model: Option<&ModelInfo>, room: usize) -> String {
    let short = "verdict".to_owned();
    let Some((model, release)) = model.and_then(|model| Some((model, model.release.as_ref()?))) else { return short };
    let alias = release.alias.as_ref().map_or_else(String::new, |alias| format!("{alias}: "));
    let version = clean(&format!("verdict · {alias}{release}"));
    let full = format!("{version} · {} {}", model.family.code(), short_id(&model.run));
    [full, version].into_iter().find(|title| width(title) <= room).unwrap_or(short)
}

fn draw_scored(app: &App, model: &ModelInfo, scored: &Scored, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let verdict = &scored.verdict;
    let word = clean(model.schema.label(verdict.positive)).to_uppercase();
    let glyph = if verdict.positive { "✗" } else { "✓" };
    let style = theme.verdict(verdict.positive).add_modifier(Modifier::BOLD);
    let mut spans = vec![
        Span::styled(format!(" {glyph} {word}"), style),
        Span::raw("   probability "),
        Span::styled(score(verdict.probability), theme.bold()),
        Span::styled(format!("   threshold {}   ", threshold(verdict.threshold)), theme.dim()),
    ];
    spans.extend(name(app, model.family));
    let of = model.release.as_ref().map_or_else(|| model.name(), |release| clean(&release.to_string()));
    spans.push(Span::styled(format!(" of {of}"), theme.dim()));
    put(buffer, area, 0, &Line::from(spans));
    let n = verdict.origins();
    let loud = |n: usize| if n > 0 { theme.warn() } else { theme.dim() };
    let mut spans = vec![Span::styled(format!(" {} given", n.given), theme.dim())];
    for (n, word, style) in [
        (n.computed, "computed", theme.dim()),
        (n.imputed, "imputed", loud(n.imputed)),
        (n.out_of_domain, "out of domain", loud(n.out_of_domain)),
    ] {
        if n > 0 || word == "imputed" {
            spans.push(Span::styled(" · ", theme.dim()));
            spans.push(Span::styled(format!("{n} {word}"), style));
        }
    }
    // The nearest rows then speak, not this one.
    if (n.imputed + n.out_of_domain) * 2 > verdict.features.len() {
        spans.push(Span::styled(", a guess", theme.warn()));
    }
    spans.push(Span::raw("   "));
    let [negative, positive] = verdict.seen;
    let (no, yes) = (clean(model.schema.label(false)), clean(model.schema.label(true)));
    let seen = u64::from(negative) + u64::from(positive);
    let (training, seen_as) = match model.sample {
        Some(_) => ("a sample of training", "sampled"),
        None => ("training", "seen"),
    };
    spans.push(match seen {
        // The holes belong to the vector: filled in, it may well have been seen.
        0 if n.imputed > 0 => Span::styled(format!("not seen in {training} as given"), theme.dim()),
        0 => Span::styled(format!("not seen in {training}"), theme.dim()),
        _ => Span::styled(
            format!("{seen_as} {}: {yes} {positive}, {no} {negative}", count(seen)),
            if is_conflicting(scored) { theme.warn() } else { theme.dim() },
        ),
    });
    put(buffer, area, 1, &Line::from(spans));
}

/// Whether the same vector has both labels in training.
fn is_conflicting(scored: &Scored) -> bool {
    scored.verdict.seen.iter().all(|n| *n > 0)
}

/// What else there is to know of the row: both labels in training, what was refused, the URL that it comes from.
fn remark(app: &App, scored: &Scored) -> Option<Line<'static>> {
    let theme = &app.theme;
    let mut warnings: Vec<String> = Vec::new();
    if is_conflicting(scored) {
        warnings.push("conflicting labels".to_owned());
    }
    for feature in &scored.verdict.features {
        if let Origin::OutOfDomain(reason) = &feature.origin {
            warnings.push(format!("{}: {reason}, taken as missing", feature.name));
        }
    }
    let from = scored.record.url.as_ref();
    warnings.extend(from.iter().flat_map(|from| &from.remarks).filter(|r| !r.starts_with(REFANGED)).cloned());
    let mut spans: Vec<Span<'static>> =
        warnings.iter().map(|text| Span::styled(format!(" ▲ {}", clean(text)), theme.warn())).collect();
    if let Some(from) = from {
        // The refanged URL itself stands beside it.
        if from.remarks.iter().any(|r| r.starts_with(REFANGED)) {
            spans.push(Span::styled(format!(" · {REFANGED}"), theme.dim()));
        }
        spans.push(Span::raw(format!(" {}", clean(&from.url))));
    }
    (!spans.is_empty()).then(|| Line::from(spans))
}

/// What is typed: the row, a URL, or the files of a batch.
fn draw_input(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    if let Some(form) = &app.predict.batch.form {
        return batch::draw_form(app, form, buffer, area);
    }
    if let Some(Prompt::Url(input)) = &app.predict.prompt {
        let body = rule(buffer, area, "URL", "nothing is looked up: only its text is read", true, theme);
        let (line, hint) = split_top(body, 1);
        let field = Rect { x: line.x + 1.min(line.width), width: line.width.saturating_sub(2), ..line };
        input.draw(buffer, field, true, "https://..., or defanged: hxxps://example[.]com", theme);
        let text = " what needs the certificate, the page or WHOIS stays unknown and is imputed";
        return put(buffer, hint, 0, &Line::styled(text, theme.dim()));
    }
    draw_paste(app, buffer, area);
}

fn draw_paste(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let typing = app.predict.focus == Focus::Text;
    let right = if typing { "enter scores · esc leaves the text" } else { "e edits · p empties" };
    let body = rule(buffer, area, "row", right, typing, theme);
    let empty = app.predict.input.is_empty();
    let (field, hints) = if empty { split_top(body, 2) } else { (body, below(body, body.height)) };
    let field = Rect { x: field.x + 1.min(field.width), width: field.width.saturating_sub(2), ..field };
    app.predict.input.draw(buffer, field, typing, "", theme);
    let model = app.predict.model.ready();
    let example =
        model.map(|m| clean(&m.schema.features.iter().take(3).map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")));
    let count = model.map_or(30, |m| m.schema.features.len());
    for (row, text) in [
        "What can be pasted:".to_owned(),
        format!("  {count} values in the schema's order, separated by commas (the target may follow)"),
        format!("  a header and a row: {}, ...", example.unwrap_or_else(|| "names of the columns".to_owned())),
        "  name=value pairs, one a line".to_owned(),
        "  a JSON object, or a document copied from screen 1 or from mongosh".to_owned(),
        "  URLs, one a line, also defanged: hxxps://example[.]com".to_owned(),
        "Missing features are imputed, and marked.".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        put(buffer, hints, row as u16, &Line::styled(format!(" {text}"), theme.dim()));
    }
}
