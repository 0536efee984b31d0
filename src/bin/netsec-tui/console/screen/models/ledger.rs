//! The ledger as a timeline, newest first.

use super::{Find, Focus, ModelsScreen};
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::count;
use crate::console::widget::table::{mark, select};
use crate::console::widget::{below, fit, put, put_right, rule, split_top, width, wrap};
use netsec::registry::{Action, Entry};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The entries that are found, newest first.
pub fn listed(models: &ModelsScreen) -> Vec<&Entry> {
    let words: Vec<String> = models
        .find
        .as_ref()
        .map_or_else(Vec::new, |find| find.input.text().to_lowercase().split_whitespace().map(str::to_owned).collect());
    let all = models.overview.ready().map_or(&[][..], |overview| &overview.ledger.entries);
    let found = |entry: &&Entry| words.is_empty() || matches(entry, &words);
    all.iter().rev().filter(found).collect()
}

fn matches(entry: &Entry, words: &[String]) -> bool {
    let text = format!(
        "{:06} {} v{} {} {} {} {} {} {} {}",
        entry.n,
        entry.action.name(),
        entry.version,
        entry.alias.as_deref().unwrap_or_default(),
        entry.user,
        entry.host,
        entry.at,
        entry.run,
        entry.reason,
        entry.overridden.as_deref().map_or_else(String::new, |why| format!("override {why}")),
    );
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// `2026-11-18 09:12`.
pub fn time(at: &str) -> String {
    clean(at.get(..16).unwrap_or(at)).replace('T', " ")
}

/// The version, and where it went: `v4 → production`.
pub fn moved(entry: &Entry) -> String {
    match &entry.alias {
        Some(alias) => format!("v{} → {}", entry.version, clean_short(alias, 20)),
        None => format!("v{}", entry.version),
    }
}

/// A row as text with tabs between.
pub fn text(entry: &Entry) -> String {
    let cells = [
        format!("{:06}", entry.n),
        entry.action.name().to_owned(),
        moved(entry),
        format!("{}@{}", entry.user, entry.host),
        entry.at.clone(),
        entry.reason.clone(),
    ];
    cells.map(|cell| clean(&cell)).join("\t")
}

/// How loud an action is.
pub fn style(app: &App, action: Action) -> Style {
    match action {
        Action::Promote => app.theme.good(),
        Action::Rollback => app.theme.warn(),
        Action::Retire => app.theme.bold(),
        Action::Register | Action::Annotate => app.theme.dim(),
    }
}

pub fn draw(app: &App, buffer: &mut Buffer, area: Rect) {
    let (theme, models) = (&app.theme, &app.models);
    let focused = models.focus == Focus::Ledger && models.open.is_none();
    let (entries, all) = (listed(models), models.overview.ready().map_or(0, |o| o.ledger.last()));
    let right = match entries.len() as u32 {
        found if found < all => format!("{found} of {} entries", count(u64::from(all))),
        _ => String::new(),
    };
    let mut body = rule(buffer, area, "ledger", &right, focused, theme);
    if let Some(find) = &models.find {
        body = draw_find(app, find, buffer, body);
    }
    if let Some(told) = &models.told {
        for part in wrap(told, usize::from(body.width.saturating_sub(3)).max(10)) {
            put(buffer, body, 0, &Line::styled(format!(" {part}"), theme.accent()));
            body = below(body, 1);
        }
    }
    if entries.is_empty() {
        let text = if all > 0 { " no entry has these words · esc shows all" } else { " nothing happened yet" };
        put(buffer, body, 0, &Line::styled(text, theme.dim()));
        return;
    }
    let who = |entry: &Entry| {
        if app.is_wide() {
            clean_short(&format!("{}@{}", entry.user, entry.host), 26)
        } else {
            clean_short(&entry.user, 12)
        }
    };
    let most = |cells: &dyn Fn(&Entry) -> String| entries.iter().map(|entry| width(&cells(entry))).max().unwrap_or(0);
    let (wide_moved, wide_who) = (most(&moved).min(24), most(&who).min(26));
    let top = models.ledger.scroll(entries.len(), usize::from(body.height));
    for (line, (row, entry)) in entries.iter().enumerate().skip(top).take(usize::from(body.height)).enumerate() {
        let at = row == models.ledger.at;
        let overridden = if entry.overridden.is_some() { "! " } else { "" };
        let spans = vec![
            mark(at, focused, theme),
            Span::styled(format!("{:06} ", entry.n), theme.dim()),
            Span::styled(fit(entry.action.name(), 8), style(app, entry.action)),
            Span::raw(format!("  {}", fit(&moved(entry), wide_moved))),
            Span::styled(format!("  {}", fit(&who(entry), wide_who)), theme.dim()),
            Span::styled(format!("  {}  ", time(&entry.at)), theme.dim()),
            Span::styled(overridden, theme.warn()),
            Span::raw(clean_short(&entry.reason, 200)),
        ];
        select(buffer, body, line as u16, at && focused, theme);
        put(buffer, body, line as u16, &Line::from(spans));
    }
}

fn draw_find(app: &App, find: &Find, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let (line, rest) = split_top(area, 1);
    put(buffer, line, 0, &Line::styled(" / ", if find.typing { theme.accent() } else { theme.dim() }));
    let field = Rect { x: line.x + 3.min(line.width), width: line.width.saturating_sub(4).min(40), ..line };
    find.input.draw(buffer, field, find.typing, "words of an entry", theme);
    if !find.typing {
        put_right(buffer, line, 0, 44, &Line::styled("esc shows all entries", theme.dim()));
    }
    rest
}
