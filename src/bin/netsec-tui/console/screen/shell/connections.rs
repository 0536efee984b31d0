//! The connections that can be chosen: what each is called, where it leads, and where it is written down.

use crate::console::app::{App, Overlay, Screen};
use crate::console::format::plural;
use crate::console::jobs::State;
use crate::console::keymap::Action;
use crate::console::link::Link;
use crate::console::load::Tone;
use crate::console::msg::store::Store;
use crate::console::msg::{Effect, JobId};
use crate::console::screen::{data, drift};
use crate::console::update::{go, motion};
use crate::console::widget::popup::popup;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{Cursor, cut, fit, put, put_right, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Opens the list, on the present connection.
pub fn open(app: &App) -> Overlay {
    let at = app.around.choices.iter().position(|choice| choice.name == app.around.store.name);
    Overlay::Connections(Cursor { at: at.unwrap_or(0), ..Cursor::default() })
}

/// Does what is asked while the list is open.
pub fn act(app: &mut App, mut cursor: Cursor, action: Action) -> Vec<Effect> {
    let len = app.around.choices.len();
    let chosen = app.around.choices.get(cursor.at).map(|choice| (choice.name.clone(), choice.place.clone()));
    match (action, chosen) {
        (Action::Back, _) => return Vec::new(),
        (Action::Open, Some((name, _))) if name == app.around.store.name => {
            app.say(Tone::Plain, format!("{name} is the present connection"));
            return Vec::new();
        }
        (Action::Open, Some((_, Err(notice)))) => app.notice = Some(notice),
        (Action::Open, Some((name, Ok(_)))) => {
            let job = app.job();
            app.say(Tone::Plain, format!("connecting to {name}"));
            let before = app.connecting.replace(job);
            return before.map(Effect::Stop).into_iter().chain([Effect::Connect(job, name)]).collect();
        }
        (action, _) => {
            if let Some(by) = motion(action, &cursor, len) {
                cursor.step(by, len);
            }
        }
    }
    app.overlay = Some(Overlay::Connections(cursor));
    Vec::new()
}

/// Another connection was opened: all that was shown of the store before goes, and what was done on it ends.
pub fn switched(app: &mut App, job: JobId, store: Store) -> Vec<Effect> {
    let mut effects = end_jobs(app);
    effects.extend(data::forget(app));
    effects.extend(drift::forget(app));
    app.train.form.collection = None;
    app.link = Link::of(&store);
    app.around.store = store;
    app.watch = app.job();
    effects.extend([Effect::Switch(job), Effect::Watch(app.watch)]);
    effects.extend(data::refresh_catalog(app));
    if app.screen != Screen::Data {
        effects.extend(go(app, app.screen));
    }
    app.say(Tone::Good, format!("connected to {}", app.around.store.told()));
    effects
}

/// The jobs that use the store: all but those that read runs, files and the registry only.
fn of_store(app: &App) -> Vec<JobId> {
    let comparison = app.runs.compare.as_ref().and_then(|compare| compare.writing.job);
    let [change, check] = app.models.jobs();
    let others = [app.predict.batch.job, comparison, change, check];
    let running = app.jobs.list.iter().filter(|job| job.until.is_none()).map(|job| job.id);
    running.filter(|job| !others.contains(&Some(*job))).collect()
}

fn end_jobs(app: &mut App) -> Vec<Effect> {
    let ended = of_store(app);
    for job in &ended {
        app.jobs.end(*job, State::Stopped, app.now);
    }
    ended.into_iter().map(Effect::Stop).collect()
}

pub fn draw(app: &App, cursor: &Cursor, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let choices = &app.around.choices;
    let ending = of_store(app).len() as u64;
    let mut said = Vec::new();
    if choices.iter().all(|choice| choice.place.as_ref().is_ok_and(String::is_empty)) {
        said.push("Set MONGODB_URI and start again, or name connections in the settings:".to_owned());
        said.push("connections: {atlas: {uri: $ATLAS_URI, read_only: true}}".to_owned());
    }
    if ending > 0 {
        let of = plural(ending, "job");
        said.push(format!("{of} on {} will be stopped; what is stored stays", app.around.store.place));
    }
    let rows = choices.len() as u16 + said.len() as u16 + u16::from(!said.is_empty());
    let inside = popup(buffer, area, 100, rows + 2, "connections", theme);
    let wide = choices.iter().map(|choice| width(&choice.name)).max().unwrap_or(0).min(24);
    let list = Rect { height: inside.height.min(choices.len() as u16), ..inside };
    let top = cursor.scroll(choices.len(), usize::from(list.height));
    for (row, (i, choice)) in choices.iter().enumerate().skip(top).take(usize::from(list.height)).enumerate() {
        let at = i == cursor.at;
        let here = choice.name == app.around.store.name;
        let (glyph, style) = match (&choice.place, here) {
            (Err(_), _) => ("✗", theme.bad()),
            (Ok(_), true) => ("●", theme.accent()),
            (Ok(_), false) => ("○", theme.dim()),
        };
        let read_only = if choice.read_only { "read-only  " } else { "" };
        let place = match &choice.place {
            Ok(place) => place.clone(),
            Err(notice) => notice.headline.clone(),
        };
        let room = usize::from(list.width).saturating_sub(wide + read_only.len() + 6);
        let line = Line::from(vec![
            mark(at, true, theme),
            Span::styled(format!("{glyph} "), style),
            Span::styled(fit(&choice.name, wide), if here { theme.bold() } else { theme.plain() }),
            Span::styled(format!("  {read_only}"), theme.warn()),
            Span::styled(cut(&place, room), if choice.place.is_ok() { theme.plain() } else { theme.bad() }),
        ]);
        select(buffer, list, row as u16, at, theme);
        put(buffer, list, row as u16, &line);
        put_right(buffer, list, row as u16, line.width(), &Line::styled(choice.origin.clone(), theme.dim()));
    }
    for (row, text) in said.iter().enumerate() {
        put(buffer, inside, (choices.len() + 1 + row) as u16, &Line::styled(format!(" {text}"), theme.dim()));
    }
}
