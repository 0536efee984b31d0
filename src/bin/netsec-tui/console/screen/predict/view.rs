//! How the Predict screen is drawn: the verdict first, then what it was made from.
//!
//! ```text
//! ── verdict ─────────────────────────────────────────────────────────────────────
//!  ✗ PHISHING   probability .981   threshold .50   GB ★ of run 7f3a21
//!  27 given · 2 imputed · 1 out of domain   seen 14: phishing 13, legitimate 1
//! ── features ────────────────────────────────────────────────────────────────────
//! ▌SSLfinal_State        -1  given          no trusted certificate
//! ```

use super::{origin_word, remark};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{count, score, short_id, threshold};
use crate::console::load::Load;
use crate::console::msg::predict::{ModelInfo, Scored};
use crate::console::screen::train::live::name;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{below, failure, loading, put, rule, split_left, split_top, unready};
use netsec::predict::Origin;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    if app.size.0 >= 130 {
        let (left, right) = split_left(buffer, area, area.width * 2 / 5, &app.theme);
        draw_paste(app, buffer, left);
        let features = draw_verdict(app, buffer, right);
        draw_features(app, buffer, features);
        return;
    }
    // Before the first verdict the paste area is what one looks for; afterwards it shrinks.
    let features = draw_verdict(app, buffer, area);
    let has_verdict = app.predict.scored.ready().is_some();
    let wanted = if has_verdict && !app.predict.typing { 4 } else { features.height.min(10).max(features.height / 2) };
    let (paste, rest) = split_top(features, if has_verdict { wanted } else { features.height });
    draw_paste(app, buffer, paste);
    if has_verdict {
        draw_features(app, buffer, rest);
    }
}

fn draw_verdict(app: &App, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let body = rule(
        buffer,
        area,
        "verdict",
        if app.predict.is_changed() { "changed by hand · r resets" } else { "" },
        false,
        theme,
    );
    let (lines, rest) = split_top(body, 2);
    let model = match &app.predict.model.load {
        Load::Ready(model) => model,
        load => {
            // A failure needs its hint and its keys.
            let (place, rest) = split_top(body, if app.predict.model.failed().is_some() { 4 } else { 2 });
            unready(buffer, place, load, "loading the model", (app.now, app.spin), theme);
            return rest;
        }
    };
    match &app.predict.scored.load {
        Load::Ready(scored) => draw_scored(app, model, scored, buffer, lines),
        Load::Idle => {
            let mut spans = vec![Span::styled(" model ", theme.dim())];
            spans.extend(name(app, model.family));
            spans.push(Span::raw(format!("  of run {}", short_id(&model.run))));
            let role = if model.family == model.winner { "its winner" } else { "not its winner" };
            spans.push(Span::styled(
                format!(
                    " · {role} · {} features · {} is positive",
                    model.schema.features.len(),
                    clean(model.schema.label(true))
                ),
                theme.dim(),
            ));
            put(buffer, lines, 0, &Line::from(spans));
            let keys = Line::from(vec![Span::raw(" paste a row, then "), Span::styled("enter", theme.key())]);
            put(buffer, lines, 1, &keys);
        }
        Load::Loading { since } => loading(buffer, lines, "scoring", *since, app.now, app.spin, theme),
        Load::Failed(notice) => {
            let (place, rest) = split_top(body, 5);
            failure(buffer, place, notice, false, theme);
            return rest;
        }
    }
    rest
}

fn draw_scored(app: &App, model: &ModelInfo, scored: &Scored, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let verdict = &scored.verdict;
    let word = clean(model.schema.label(verdict.positive)).to_uppercase();
    let glyph = if verdict.positive { "✗" } else { "✓" };
    let style = theme.verdict(verdict.positive).add_modifier(ratatui::style::Modifier::BOLD);
    let mut spans = vec![
        Span::styled(format!(" {glyph} {word}"), style),
        Span::raw("   probability "),
        Span::styled(score(verdict.probability), theme.bold()),
        Span::styled(format!("   threshold {}   ", threshold(verdict.threshold)), theme.dim()),
    ];
    spans.extend(name(app, model.family));
    spans.push(Span::styled(format!(" of run {}", short_id(&model.run)), theme.dim()));
    put(buffer, area, 0, &Line::from(spans));
    let n = verdict.origins();
    let (given, imputed, out) = (n.given + n.computed, n.imputed, n.out_of_domain);
    let [negative, positive] = verdict.seen;
    let seen = match negative + positive {
        0 => "not seen in training".to_owned(),
        n => format!(
            "seen {}: {} {positive}, {} {negative}",
            count(n.into()),
            clean(model.schema.label(true)),
            clean(model.schema.label(false))
        ),
    };
    let loud = |n: usize| if n > 0 { theme.warn() } else { theme.dim() };
    put(
        buffer,
        area,
        1,
        &Line::from(vec![
            Span::styled(format!(" {given} given · "), theme.dim()),
            Span::styled(format!("{imputed} imputed"), loud(imputed)),
            Span::styled(" · ", theme.dim()),
            Span::styled(format!("{out} out of domain"), loud(out)),
            Span::styled(format!("   {seen}"), theme.dim()),
        ]),
    );
}

fn draw_paste(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let typing = app.predict.typing;
    let right = if typing { "enter scores · esc leaves the text" } else { "e edits" };
    let body = rule(buffer, area, "row", right, typing, theme);
    let empty = app.predict.input.is_empty();
    let (field, hints) = if empty { split_top(body, 2) } else { (body, below(body, body.height)) };
    let field = Rect { x: field.x + 1.min(field.width), width: field.width.saturating_sub(2), ..field };
    app.predict.input.draw(buffer, field, typing, "", theme);
    let example = app
        .predict
        .model
        .ready()
        .map(|m| clean(&m.schema.features.iter().take(3).map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")));
    let count = app.predict.model.ready().map_or(30, |m| m.schema.features.len());
    for (row, text) in [
        "What can be pasted:".to_owned(),
        format!("  {count} values in the schema's order, separated by commas (the target may follow)"),
        format!("  a header and a row: {}, ...", example.unwrap_or_else(|| "names of the columns".to_owned())),
        "  name=value pairs, one a line".to_owned(),
        "  a JSON object, or a document copied from screen 1 with C".to_owned(),
        "Missing features are imputed, and marked.".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        put(buffer, hints, row as u16, &Line::styled(format!(" {text}"), theme.dim()));
    }
}

fn draw_features(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let focused = !app.predict.typing;
    let body = rule(buffer, area, "features", "← → change the value and score again", focused, theme);
    let Some(scored) = app.predict.scored.ready() else { return };
    let features = &scored.verdict.features;
    let columns = [
        Column::left("feature", 28, 0),
        Column::right("value", 6, 0),
        Column::left("origin", 13, 1),
        Column::left("meaning", body.width.saturating_sub(56).max(16), 2),
    ];
    let view = Table { columns: &columns, rows: features.len(), cursor: &app.predict.cursor, focused, marked: None };
    view.draw(buffer, body, theme, |row, column| {
        let feature = &features[row];
        let given = feature.origin == Origin::Given;
        let marked = if given { theme.plain() } else { theme.warn() };
        match column {
            0 => (clean(&feature.name), theme.plain()),
            1 => (clean(&feature.value), marked),
            2 => (origin_word(&feature.origin).to_owned(), if given { theme.dim() } else { marked }),
            _ => (remark(feature), theme.dim()),
        }
    });
}
