//! The frame around the screens: header, tabs, body, footer, and what stands over them.

pub mod data;
pub mod drift;
pub mod predict;
pub mod runs;
pub mod train;

use super::app::{App, Overlay, Picker, Screen};
use super::clean::clean;
use super::format::plural;
use super::keymap::{Action, Context, active, stack};
use super::load::Notice;
use super::widget::popup::popup;
use super::widget::table::{mark, select};
use super::widget::{below, cut, notice_line, put, put_right, split_top, tone, wrap};
use netsec::run::RunStatus;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws everything.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    // Rows go by importance where there are few: body, footer, tabs, header.
    let chrome = area.height >= 4;
    let tabs = area.height >= 3;
    let foot = area.height >= 2;
    let (header, rest) = split_top(area, u16::from(chrome));
    let (tab, rest) = split_top(rest, u16::from(tabs));
    let (body, footer) = split_top(rest, rest.height - u16::from(foot).min(rest.height));
    draw_header(app, buffer, header);
    draw_tabs(app, buffer, tab);
    match app.screen {
        Screen::Data => data::view::draw(app, buffer, body),
        Screen::Drift => drift::view::draw(app, buffer, body),
        Screen::Train => match (&app.train.attach, &app.train.live) {
            (Some(cursor), _) => train::form::draw_attach(app, cursor, buffer, body),
            (None, Some(live)) => train::live::draw(app, live, buffer, body),
            (None, None) => train::form::draw(app, buffer, body),
        },
        Screen::Runs => runs::view::draw(app, buffer, body),
        Screen::Predict => predict::view::draw(app, buffer, body),
    }
    draw_footer(app, buffer, footer);
    match &app.overlay {
        Some(Overlay::Help(picker)) => {
            draw_picker(app, picker, &format!("keys · netsec {}", app.around.version), buffer, body);
        }
        Some(Overlay::Palette(picker)) => draw_picker(app, picker, "actions", buffer, body),
        Some(Overlay::Confirm { question, detail, .. }) => draw_confirm(app, question, detail, buffer, body),
        Some(Overlay::Reason(notice)) => draw_reason(app, notice, buffer, body),
        None => {}
    }
    app.theme.finish(buffer);
}

fn draw_header(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let left = Line::from(vec![
        Span::styled(" netsec", theme.bold()),
        Span::styled(format!("   {}", clean(&app.around.place)), theme.dim()),
    ]);
    put(buffer, area, 0, &left);
    let who = format!("{}@{}", clean(&app.around.user), clean(&app.around.host));
    let running = app.running();
    let mut spans = Vec::new();
    if running > 0 {
        // Still here: what turns is on the screen of the run.
        spans.push(Span::styled(format!("◐ {}", plural(running as u64, "run")), theme.accent()));
        spans.push(Span::raw("   "));
    }
    spans.push(Span::styled(who, theme.dim()));
    put_right(buffer, area, 0, left.width(), &Line::from(spans));
}

fn draw_tabs(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let mut spans = Vec::new();
    for screen in Screen::ALL {
        let here = screen == app.screen;
        spans.push(Span::styled(format!(" {}", screen.digit()), if here { theme.accent() } else { theme.key() }));
        spans.push(Span::styled(format!(" {} ", screen.name()), if here { theme.accent() } else { theme.dim() }));
    }
    put(buffer, area, 0, &Line::from(spans));
}

/// The keys that matter here, most useful first; what there is to tell instead, until the next key.
fn draw_footer(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    if let Some(notice) = &app.notice {
        return put(buffer, area, 0, &notice_line(notice, theme));
    }
    let context = app.focus();
    let types = context.types();
    let more = match context {
        Context::Confirm | Context::Reason | Context::Picker => Line::default(),
        _ if types => Line::from(vec![Span::styled("f1", theme.key()), Span::styled(" more", theme.dim())]),
        _ => Line::from(vec![Span::styled("?", theme.key()), Span::styled(" more", theme.dim())]),
    };
    let room = usize::from(area.width).saturating_sub(more.width() + 3);
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for binding in active(&stack(context)) {
        let Some(label) = binding.label.filter(|_| applies(app, binding.action)) else { continue };
        let key = key_text(binding.keys[0]);
        let wide = key.chars().count() + label.chars().count() + 3;
        if used + wide > room {
            break;
        }
        used += wide;
        spans.push(Span::styled(key, theme.key()));
        spans.push(Span::styled(format!(" {label}  "), theme.dim()));
    }
    put(buffer, area, 0, &Line::from(spans));
    put_right(buffer, area, 0, used, &more);
}

/// Whether an action does something now: the footer's room is for those that do.
fn applies(app: &App, action: Action) -> bool {
    let context = app.focus();
    let status = match context {
        Context::Live | Context::Zoom | Context::Log => app.train.live.as_ref().map(|l| l.status()),
        Context::Runs | Context::Report => app.runs.current().map(|r| r.status),
        _ => None,
    };
    match (action, status) {
        (Action::Cancel, Some(status)) => status == RunStatus::Running,
        (Action::Resume, Some(status)) => !matches!(status, RunStatus::Running | RunStatus::Finished),
        (Action::PredictWith, Some(status)) => status == RunStatus::Finished,
        (Action::Open, Some(status)) if context == Context::Live => status == RunStatus::Finished,
        (Action::Open | Action::Filter | Action::Sort | Action::Export, _) if context == Context::Drift => {
            app.drift.pane().ready().is_some()
        }
        (Action::Cancel, _) if context == Context::Drift => app.drift.live.job.is_some(),
        (Action::Open, _) if context == Context::History => !drift::history::runs(app).is_empty(),
        (Action::Open | Action::Sort, _) if context == Context::Fields => {
            app.data.fields.as_ref().is_some_and(|fields| fields.listed().is_some())
        }
        (Action::Refresh, _) if context == Context::Fields => {
            app.data.fields.as_ref().is_some_and(|fields| !fields.is_rejected())
        }
        (Action::Back, _) if context == Context::Drift => drift::has_level(app),
        (Action::Open | Action::Cancel | Action::Resume | Action::PredictWith | Action::CopyId, None) => {
            context != Context::Runs
        }
        (Action::Back, _) => {
            !matches!(context, Context::Welcome | Context::Tree | Context::Runs | Context::Form | Context::Verdict)
        }
        (Action::Pane, _) if context == Context::Welcome => !app.data.is_empty(),
        (Action::Pane, _) if context == Context::Report => runs::report::has_more(app),
        (Action::Threshold, _) => runs::report::selected(app).is_some(),
        _ => true,
    }
}

fn key_text(key: &str) -> String {
    match key {
        "left" => "←→".to_owned(),
        "up" => "↑".to_owned(),
        "down" => "↓".to_owned(),
        other => other.to_owned(),
    }
}

fn draw_picker(app: &App, picker: &Picker, title: &str, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let inside = popup(buffer, area, 76, (picker.all.len() as u16 + 4).min(area.height), title, theme);
    let (field, list) = split_top(inside, 1);
    picker.input.draw(buffer, field, true, "type to search, enter runs", theme);
    let list = below(list, 1);
    if picker.found.is_empty() {
        put(buffer, list, 0, &Line::styled(" nothing fits", theme.dim()));
    }
    let top = picker.cursor.scroll(picker.found.len(), usize::from(list.height));
    for (row, (i, binding)) in picker.found.iter().enumerate().skip(top).take(usize::from(list.height)).enumerate() {
        let at = i == picker.cursor.at;
        let keys: Vec<String> = binding.keys.iter().map(|k| (*k).to_owned()).collect();
        let place = binding.context.screen().filter(|s| *s != app.screen).map_or("", Screen::name);
        let line = Line::from(vec![
            mark(at, true, theme),
            Span::styled(format!("{:<14} ", cut(&keys.join(" "), 14)), theme.key()),
            Span::raw(binding.help),
        ]);
        select(buffer, list, row as u16, at, theme);
        put(buffer, list, row as u16, &line);
        put_right(buffer, list, row as u16, line.width(), &Line::styled(place, theme.dim()));
    }
}

fn draw_confirm(app: &App, question: &str, detail: &str, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let inside = popup(buffer, area, 64, 5, question, theme);
    put(buffer, inside, 0, &Line::raw(detail.to_owned()));
    let keys = Line::from(vec![
        Span::styled("y", theme.key()),
        Span::raw(" yes   "),
        Span::styled("n", theme.key()),
        Span::raw(" no"),
    ]);
    put(buffer, inside, 2, &keys);
}

fn draw_reason(app: &App, notice: &Notice, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let wide = 74.min(usize::from(area.width.saturating_sub(6))).max(8);
    let mut lines: Vec<Line<'_>> = Vec::new();
    let chain = if notice.chain.is_empty() { std::slice::from_ref(&notice.headline) } else { &notice.chain };
    for (depth, cause) in chain.iter().enumerate() {
        for (i, part) in wrap(cause, wide - 3).into_iter().enumerate() {
            let lead = if depth > 0 && i == 0 { "└ " } else { "  " };
            let style = if depth == 0 { tone(theme, notice.tone) } else { theme.plain() };
            lines.push(Line::styled(format!("{}{part}", if depth == 0 { "" } else { lead }), style));
        }
    }
    if let Some(hint) = &notice.hint {
        lines.push(Line::default());
        lines.extend(wrap(hint, wide - 1).into_iter().map(Line::raw));
    }
    let inside = popup(buffer, area, wide as u16 + 4, lines.len() as u16 + 2, "what happened", theme);
    for (row, line) in lines.iter().enumerate() {
        put(buffer, inside, row as u16, line);
    }
}
