//! What stands over the screens: help and palette, questions, causes, jobs, notices, settings.

pub mod connections;
pub mod jobs;
pub mod notices;
pub mod picker;
pub mod settings;

use super::runs;
use crate::console::app::{App, Decision, Overlay};
use crate::console::keymap::Action;
use crate::console::load::Notice;
use crate::console::msg::Effect;
use crate::console::update::perform;
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::{put, tone, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Opens what an action asks for; none when it is no such action.
pub fn open(app: &mut App, action: Action) -> Option<Vec<Effect>> {
    app.overlay = Some(match action {
        Action::Help => Overlay::Help(picker::help(app)),
        Action::Palette => Overlay::Palette(picker::palette(app)),
        Action::Jobs => Overlay::Jobs(Default::default()),
        Action::Notices => Overlay::Notices(Default::default()),
        Action::Settings => Overlay::Settings(settings::SettingsView::new(app)),
        Action::Connect => connections::open(app),
        _ => return None,
    });
    Some(Vec::new())
}

/// Does what is asked while something stands over the screen.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::Leave => return vec![Effect::Leave],
        Action::Suspend => return vec![Effect::Suspend],
        _ => {}
    }
    match app.overlay.take() {
        Some(Overlay::Help(view)) => picker::act(app, view, action, Overlay::Help),
        Some(Overlay::Palette(view)) => picker::act(app, view, action, Overlay::Palette),
        Some(Overlay::Jobs(cursor)) => jobs::act(app, cursor, action),
        Some(Overlay::Notices(cursor)) => notices::act(app, cursor, action),
        Some(Overlay::Settings(view)) => settings::act(app, view, action),
        Some(Overlay::Connections(cursor)) => connections::act(app, cursor, action),
        Some(Overlay::Confirm { question, detail, decision }) => match action {
            Action::Yes => {
                app.overlay = app.behind.take();
                decide(app, decision)
            }
            Action::No => {
                app.overlay = app.behind.take();
                Vec::new()
            }
            _ => {
                app.overlay = Some(Overlay::Confirm { question, detail, decision });
                Vec::new()
            }
        },
        Some(Overlay::Reason(notice)) => {
            app.overlay = if action == Action::Back { app.behind.take() } else { Some(Overlay::Reason(notice)) };
            Vec::new()
        }
        None => perform(app, action),
    }
}

fn decide(app: &mut App, decision: Decision) -> Vec<Effect> {
    match decision {
        Decision::Leave => vec![Effect::Leave],
        Decision::CancelRun(run) => runs::cancel(app, run),
        Decision::AcceptRun(run) => runs::start_again(app, &run, true),
        Decision::TrashRuns(ids) => runs::edit::trash(app, ids),
        Decision::StopJob(job) => jobs::stop(app, job),
    }
}

/// Changes the text field that stands over the screen, if one does; false where nothing stands over it.
pub fn edit(app: &mut App, change: impl FnOnce(&mut Input)) -> bool {
    match &mut app.overlay {
        Some(Overlay::Help(view) | Overlay::Palette(view)) => {
            change(&mut view.input);
            view.search();
        }
        Some(Overlay::Settings(view)) => {
            change(&mut view.input);
            view.search(&app.around.settings);
        }
        overlay => return overlay.is_some(),
    }
    true
}

pub fn draw(app: &App, buffer: &mut Buffer, body: Rect) {
    match &app.overlay {
        Some(Overlay::Help(view)) => {
            picker::draw(app, view, &format!("keys · netsec {}", app.around.version), buffer, body);
        }
        Some(Overlay::Palette(view)) => picker::draw(app, view, "actions", buffer, body),
        Some(Overlay::Confirm { question, detail, .. }) => draw_confirm(app, question, detail, buffer, body),
        Some(Overlay::Reason(notice)) => draw_reason(app, notice, buffer, body),
        Some(Overlay::Jobs(cursor)) => jobs::draw(app, cursor, buffer, body),
        Some(Overlay::Notices(cursor)) => notices::draw(app, cursor, buffer, body),
        Some(Overlay::Settings(view)) => settings::draw(app, view, buffer, body),
        Some(Overlay::Connections(cursor)) => connections::draw(app, cursor, buffer, body),
        None => {}
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
