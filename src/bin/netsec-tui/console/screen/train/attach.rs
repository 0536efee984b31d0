//! The list of runs to watch: of every analyst who shares the home, those under way first.

use super::{attach, confirm_cancel};
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::format::{score_sd, short_id, time, when};
use crate::console::keymap::Action;
use crate::console::msg::Effect;
use crate::console::msg::runs::RunRow;
use crate::console::screen::runs;
use crate::console::update::motion;
use crate::console::widget::table::{Column, Table};
use crate::console::widget::{Cursor, put, rule, unready};
use netsec::run::RunStatus;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The list.
#[derive(Debug, Default)]
pub struct Choice {
    pub cursor: Cursor,
    /// The selected run: it stays selected while rows arrive.
    pub selected: Option<String>,
}

/// The runs as listed.
pub fn listed(app: &App) -> Vec<&RunRow> {
    let mut rows: Vec<&RunRow> = app.runs.rows.ready().map_or(&[][..], Vec::as_slice).iter().collect();
    rows.sort_by_key(|run| run.status != RunStatus::Running);
    rows
}

/// The run with the cursor.
pub fn current(app: &App) -> Option<&RunRow> {
    let choice = app.train.attach.as_ref()?;
    listed(app).get(choice.cursor.at).copied()
}

/// Puts the cursor where the selected run is now.
pub fn follow_selected(app: &mut App) {
    let ids: Vec<String> = listed(app).into_iter().map(|run| run.id.clone()).collect();
    if let Some(choice) = &mut app.train.attach {
        let at = choice.selected.as_ref().and_then(|id| ids.iter().position(|own| own == id));
        choice.cursor.at = at.unwrap_or(choice.cursor.at);
        choice.cursor.step(0, ids.len());
    }
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    let len = listed(app).len();
    let chosen = current(app).map(|run| (run.id.clone(), run.status));
    match (action, chosen) {
        (Action::Open, Some((id, _))) => return attach(app, &id),
        (Action::Cancel, Some((id, status))) => confirm_cancel(app, &id, status),
        (Action::Resume, Some((id, status))) if !matches!(status, RunStatus::Running | RunStatus::Finished) => {
            // Watched from now on: its first events are the news.
            let mut effects = attach(app, &id);
            effects.extend(runs::resume(app, &id, status));
            return effects;
        }
        (Action::Resume, Some((id, status))) => return runs::resume(app, &id, status),
        (action, _) => {
            if let Some(choice) = &mut app.train.attach
                && let Some(by) = motion(action, &choice.cursor, len)
            {
                choice.cursor.step(by, len);
            }
            let selected = current(app).map(|run| run.id.clone());
            if let Some(choice) = &mut app.train.attach {
                choice.selected = selected;
            }
        }
    }
    Vec::new()
}

/// Whose run it is: `you`, or who and where.
pub fn whose(app: &App, who: &str) -> String {
    let (user, host) = who.split_once('@').unwrap_or((who, ""));
    match (user == app.around.user, host == app.around.host) {
        (true, true) => "you".to_owned(),
        (true, false) => format!("you@{}", clean(host)),
        _ => clean(who),
    }
}

pub fn draw(app: &App, choice: &Choice, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let rows = listed(app);
    let on = rows.iter().filter(|run| run.status == RunStatus::Running).count();
    let right = if on > 0 { format!("{on} running") } else { String::new() };
    let body = rule(buffer, area, "watch a run", &right, true, theme);
    if unready(buffer, body, &app.runs.rows.load, "reading the runs", (app.now, app.spin), theme) {
        return;
    }
    if rows.is_empty() {
        put(buffer, body, 0, &Line::styled(" no runs yet · esc back to the form", theme.dim()));
        return;
    }
    let columns = [
        Column::left("run", 6, 0),
        Column::left("state", 13, 1),
        Column::left("by", 18, 1),
        Column::right("trials", 9, 1),
        Column::left("since", 12, 2),
        Column::right("for", 7, 2),
        Column::left("collection", 16, 4),
        Column::left("best", 14, 3),
        Column::left("space", 12, 5),
        Column::right("seed", 6, 6),
    ];
    Table { columns: &columns, rows: rows.len(), cursor: &choice.cursor, focused: true, marked: None }.draw(
        buffer,
        body,
        theme,
        |row, column| {
            let run = rows[row];
            let (glyph, style) = theme.status(run.status, app.spin);
            match column {
                0 => (short_id(&run.id), theme.plain()),
                1 => (format!("{glyph} {}", run.status), style),
                2 => {
                    let whose = whose(app, &run.who);
                    // Somebody else's stands out, by its name and by being bold.
                    let style = if whose == "you" { theme.dim() } else { theme.bold() };
                    (whose, style)
                }
                3 => (format!("{}/{}", run.trials.0, run.trials.1), theme.plain()),
                4 => (when(&run.started_at, app.now), theme.dim()),
                5 => (time(run.elapsed_ms), theme.dim()),
                6 => (clean(&run.collection), theme.plain()),
                7 => match run.best {
                    Some((family, f1, sd)) => (format!("{} {}", family.code(), score_sd(f1, sd)), theme.family(family)),
                    None => (String::new(), theme.plain()),
                },
                8 => (clean(&run.space), theme.plain()),
                _ => (run.seed.to_string(), theme.dim()),
            }
        },
    );
}
