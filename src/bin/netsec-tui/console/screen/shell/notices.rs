//! What was told so far: a notice in the footer is gone with the next key.

use crate::console::app::{App, Overlay};
use crate::console::keymap::Action;
use crate::console::load::Notice;
use crate::console::msg::Effect;
use crate::console::update::motion;
use crate::console::widget::popup::popup;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{Cursor, cut, put, tone};
use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use std::collections::VecDeque;

/// Most that are kept.
const KEPT: usize = 200;

/// The notices, newest first.
#[derive(Debug, Default)]
pub struct Notices {
    pub list: VecDeque<(DateTime<Utc>, Notice)>,
}

impl Notices {
    pub fn record(&mut self, now: DateTime<Utc>, notice: &Notice) {
        self.list.truncate(KEPT - 1);
        self.list.push_front((now, notice.clone()));
    }
}

/// Does what is asked while the list is open.
pub fn act(app: &mut App, mut cursor: Cursor, action: Action) -> Vec<Effect> {
    let len = app.notices.list.len();
    let chosen = app.notices.list.get(cursor.at).map(|(_, notice)| notice.clone());
    let mut effects = Vec::new();
    match (action, chosen) {
        (Action::Back, _) => return effects,
        (Action::Open, Some(notice)) => {
            app.behind = Some(Overlay::Notices(cursor));
            app.overlay = Some(Overlay::Reason(notice));
            return effects;
        }
        (Action::CopyRow, Some(notice)) => {
            let causes = if notice.chain.is_empty() { vec![notice.headline] } else { notice.chain };
            let lines: Vec<String> = causes.into_iter().chain(notice.hint).collect();
            effects = app.copy("the notice", lines.join("\n"));
        }
        (action, _) => {
            if let Some(by) = motion(action, &cursor, len) {
                cursor.step(by, len);
            }
        }
    }
    app.overlay = Some(Overlay::Notices(cursor));
    effects
}

pub fn draw(app: &App, cursor: &Cursor, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let list = &app.notices.list;
    let inside = popup(buffer, area, 110, list.len().max(1) as u16 + 2, "notices", theme);
    if list.is_empty() {
        put(buffer, inside, 0, &Line::styled(" nothing was told yet", theme.dim()));
    }
    let top = cursor.scroll(list.len(), usize::from(inside.height));
    let shown = list.iter().enumerate().skip(top).take(usize::from(inside.height));
    for (row, (i, (when, notice))) in shown.enumerate() {
        let at = i == cursor.at;
        let room = usize::from(inside.width).saturating_sub(13);
        let line = Line::from(vec![
            mark(at, true, theme),
            Span::styled(format!("{} ", when.format("%H:%M:%S")), theme.dim()),
            Span::styled(format!("{} {}", notice.glyph(), cut(&notice.headline, room)), tone(theme, notice.tone)),
        ]);
        select(buffer, inside, row as u16, at, theme);
        put(buffer, inside, row as u16, &line);
    }
}
