//! The frame around the screens: header, tabs, body, footer, and what stands over them.

pub mod data;
pub mod drift;
pub mod models;
pub mod predict;
pub mod runs;
pub mod shell;
pub mod train;

use super::app::{App, Screen};
use super::clean::clean;
use super::format::plural;
use super::keymap::{Action, Context, stack};
use super::link::Link;
use super::widget::{cut, notice_line, put, put_right, split_top, width};
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
            (Some(choice), _) => train::attach::draw(app, choice, buffer, body),
            (None, Some(live)) => train::live::draw(app, live, buffer, body),
            (None, None) => train::form::draw(app, buffer, body),
        },
        Screen::Runs => runs::view::draw(app, buffer, body),
        Screen::Models => models::view::draw(app, buffer, body),
        Screen::Predict => predict::view::draw(app, buffer, body),
    }
    draw_footer(app, buffer, footer);
    shell::draw(app, buffer, body);
    app.theme.finish(buffer);
}

fn draw_header(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let store = &app.around.store;
    let mut spans = vec![Span::styled(" netsec   ", theme.bold())];
    let read_only = if app.around.read_only || store.read_only { "   read-only" } else { "" };
    // What matters most is never cut: the state.
    let state = match &app.link {
        Link::Down { since, .. } => format!(": not reachable since {}", since.format("%H:%M:%S")),
        Link::Unknown if store.remote => ": connecting".to_owned(),
        Link::Unknown | Link::Up => String::new(),
    };
    let room = usize::from(area.width).saturating_sub(width(&state) + read_only.len() + 13).max(8);
    let place = if width(&store.told()) <= room { store.told() } else { cut(&store.place, room) };
    spans.extend(match &app.link {
        Link::Down { .. } => vec![Span::styled(format!("✗ {place}{state}"), theme.bad())],
        Link::Unknown if store.remote => vec![Span::styled(format!("○ {place}{state}"), theme.dim())],
        Link::Up if store.remote => vec![Span::styled("● ", theme.good()), Span::styled(place, theme.dim())],
        Link::Unknown | Link::Up => vec![Span::styled(place, theme.dim())],
    });
    // Still here: what turns is on the screen of the run.
    let work = [(app.jobs.running(), "job"), (app.running(), "run")].into_iter().filter(|(n, _)| *n > 0);
    let work = work.map(|(n, what)| Span::styled(format!("◐ {}   ", plural(n as u64, what)), theme.accent()));
    let who = format!("{}@{}", clean(&app.around.user), clean(&app.around.host));
    let right: Vec<Span<'_>> = work.chain([Span::styled(who, theme.dim())]).collect();
    let of = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
    if !read_only.is_empty() {
        spans.push(Span::styled(read_only, theme.warn()));
    }
    // The registry in as many words as there is room for; that it is away is said in any case.
    let free = usize::from(area.width).saturating_sub(of(&spans) + of(&right) + 1);
    let (registry, away) = models::view::registry(app);
    let said = registry.into_iter().find(|text| width(text) + 3 <= free || (away && !text.contains(' ')));
    if let Some(text) = said {
        let style = if away { theme.bad() } else { theme.dim() };
        spans.extend([Span::styled(" · ", theme.dim()), Span::styled(text, style)]);
    }
    let left = Line::from(spans);
    put(buffer, area, 0, &left);
    let spans = right;
    // Who it is goes first where there is no room, then nothing but the work is left.
    let fits = |spans: &[Span<'_>]| left.width() + Line::from(spans.to_vec()).width() < usize::from(area.width);
    let shown = if fits(&spans) { &spans[..] } else { &spans[..spans.len() - 1] };
    put_right(buffer, area, 0, left.width(), &Line::from(shown.to_vec()));
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
    let hint = |at: Context, action: Action, label: &'static str| {
        let key = app.keys.all().find(|b| (b.context, b.action) == (at, action)).and_then(|b| b.keys.first());
        let key = Span::styled(key.copied().unwrap_or_default(), theme.key());
        Line::from(vec![key, Span::styled(label, theme.dim())])
    };
    if let Some(notice) = &app.notice {
        let line = notice_line(notice, theme);
        let all = hint(Context::Global, Action::Notices, " all of it");
        let room = area.width.saturating_sub(all.width() as u16 + 2);
        let reachable = app.contexts().contains(&Context::Global);
        if line.width() <= usize::from(area.width) || room < 20 || !reachable {
            return put(buffer, area, 0, &line);
        }
        put(buffer, Rect { width: room, ..area }, 0, &line);
        return put_right(buffer, area, 0, usize::from(room), &all);
    }
    let context = app.focus();
    let types = context.types();
    let more = match context {
        Context::Confirm | Context::Reason | Context::Picker => Line::default(),
        Context::Jobs | Context::Notices | Context::Settings => Line::default(),
        _ => {
            let at = if types { Context::Always } else { Context::Global };
            hint(at, Action::Help, " more")
        }
    };
    let room = usize::from(area.width).saturating_sub(more.width() + 3);
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    for binding in app.keys.active(&stack(context)) {
        let shown = applies(app, binding.action) && app.refusal(binding).is_none();
        let (Some(label), Some(key)) = (binding.label.filter(|_| shown), binding.keys.first()) else { continue };
        let key = key_text(key);
        let wide = width(&key) + width(label) + 3;
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
        Context::Attach => train::attach::current(app).map(|r| r.status),
        _ => None,
    };
    match (action, status) {
        (Action::Back, _) if matches!(context, Context::Jobs | Context::Notices) => true,
        (_, _) if context == Context::Jobs => !app.jobs.list.is_empty(),
        (_, _) if context == Context::Notices => !app.notices.list.is_empty(),
        _ if context == Context::Compare => runs::compare::applies(app, action),
        _ if app.screen == Screen::Models => models::applies(app, action),
        (Action::Cancel, _) if app.screen == Screen::Predict => app.predict.batch.job.is_some(),
        (Action::NextPage, _) if app.screen == Screen::Predict => app.predict.rows.len() > 1,
        (Action::Reset, _) if app.screen == Screen::Predict => app.predict.is_changed(),
        (Action::Cancel, Some(status)) => status == RunStatus::Running,
        (Action::Resume, Some(status)) => !matches!(status, RunStatus::Running | RunStatus::Finished),
        (Action::PredictWith | Action::Promote, Some(status)) => status == RunStatus::Finished,
        (Action::Open, Some(status)) if context == Context::Live => {
            status == RunStatus::Finished || app.train.live.as_ref().is_some_and(|l| train::reason(l).is_some())
        }
        (Action::Open | Action::Filter | Action::Sort | Action::Export, _) if context == Context::Drift => {
            app.drift.pane().ready().is_some()
        }
        (Action::Cancel, _) if matches!(context, Context::Tree | Context::Table | Context::Fields) => {
            app.data.is_waiting()
        }
        (Action::Sort | Action::Export, _) if context == Context::Table => {
            app.data.open.as_ref().is_some_and(|open| open.page.ready().is_some())
        }
        (Action::Cancel, _) if context == Context::Drift => app.drift.live.job.is_some(),
        (Action::Open, _) if context == Context::History => !drift::history::runs(app).is_empty(),
        (Action::Open | Action::Sort, _) if context == Context::Fields => {
            app.data.fields.as_ref().is_some_and(|fields| fields.listed().is_some())
        }
        (Action::Refresh, _) if context == Context::Fields => {
            app.data.fields.as_ref().is_some_and(|fields| !fields.is_rejected())
        }
        (Action::Undo, _) => !app.runs.look.deleted.is_empty(),
        (Action::Baseline | Action::Note | Action::Tags | Action::Delete | Action::Attach, None)
            if matches!(context, Context::Runs | Context::Report) =>
        {
            false
        }
        (Action::Open | Action::Cancel | Action::Resume, None) if context == Context::Attach => false,
        (Action::Open, None) if context == Context::Runs => app.runs.line().is_some(),
        (Action::Toggle | Action::Filter | Action::Sort | Action::Group | Action::Columns | Action::Export, _)
            if context == Context::Runs =>
        {
            !app.runs.all().is_empty()
        }
        (Action::Restore | Action::CopyId, _) if context == Context::Trash => {
            app.runs.look.bin.as_ref().is_some_and(|bin| bin.list.ready().is_some_and(|l| !l.is_empty()))
        }
        (Action::Back, _) if context == Context::Drift => drift::has_level(app),
        (Action::Open | Action::Cancel | Action::Resume | Action::CopyId, None) => context != Context::Runs,
        (Action::PredictWith | Action::Promote, None) => context != Context::Runs,
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
