//! What was in use at a time: the field that asks for it, and the answer.

use super::ledger::time;
use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::load::Tone;
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::{below, put, wrap};
use netsec::promote::PRODUCTION;
use netsec::registry::{Ledger, until};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// The field.
#[derive(Debug)]
pub struct Question {
    pub input: Input,
    pub error: Option<String>,
}

impl Question {
    pub fn field(&mut self) -> &mut Input {
        self.error = None;
        &mut self.input
    }
}

pub fn ask(app: &mut App) {
    match app.models.overview.ready() {
        Some(overview) if overview.ledger.last() > 0 => {
            app.models.question = Some(Question { input: Input::line(""), error: None });
        }
        Some(_) => app.say(Tone::Plain, "the ledger is empty: nothing was ever in use"),
        None => app.say(Tone::Plain, "the registry was not read yet"),
    }
}

/// The alias and the time that a text names.
fn parse(text: &str) -> netsec::Result<(&str, String)> {
    let text = text.trim();
    match text.split_once(' ') {
        Some((word, rest)) if !word.starts_with(|c: char| c.is_ascii_digit()) => Ok((word, until(rest)?)),
        _ => Ok((PRODUCTION, until(text)?)),
    }
}

/// What was in use, in one line, and the entry that made it so.
fn told(ledger: &Ledger, alias: &str, at: &str) -> (String, Option<u32>) {
    let (day, name) = (at.get(..10).unwrap_or(at), clean(alias));
    let is_day = at.ends_with("T23:59:59.999Z");
    let when = if is_day { format!("{day}, end of day") } else { format!("{} UTC", time(at)) };
    let Some(entry) = ledger.holder_at(alias, at) else {
        return (format!("{when}: nothing was in {name}"), None);
    };
    let mut text = format!("{when}: v{} in {name} since {}, entry {:06}", entry.version, time(&entry.at), entry.n);
    // On a day with changes there is more than one answer.
    let before = ledger.holder_at(alias, &format!("{day}T00:00:00.000Z"));
    if is_day && before.is_none_or(|before| before.n != entry.n) {
        let before = before.map_or_else(|| "none".to_owned(), |before| format!("v{}", before.version));
        text.push_str(&format!("; that day began with {before}"));
    }
    (text, Some(entry.n))
}

/// Answers, and puts the cursor on the entry that made it so.
pub fn submit(app: &mut App) {
    let Some(question) = &mut app.models.question else { return };
    let text = question.input.text();
    let (alias, at) = match parse(&text) {
        Ok(found) => found,
        Err(e) => {
            let hint = e.hint_text().map_or_else(String::new, |hint| format!(": {hint}"));
            question.error = Some(clean(&format!("{e}{hint}")));
            return;
        }
    };
    let Some(overview) = app.models.overview.ready() else { return };
    if !overview.ledger.aliases().contains(alias) && alias != PRODUCTION {
        question.error = Some(format!("the ledger has no alias {}", clean(alias)));
        return;
    }
    let (text, entry) = told(&overview.ledger, alias, &at);
    let models = &mut app.models;
    (models.question, models.find, models.told) = (None, None, Some(text));
    models.open = None;
    if entry.is_some() {
        models.focus = super::Focus::Ledger;
        models.entry = entry;
        models.follow_selected();
    }
}

/// Draws the field over the screen.
pub fn draw(app: &App, question: &Question, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let told = match &question.error {
        Some(error) => format!("✗ {error}"),
        None => "2026-11-18 · 2026-11-18 09:12, in UTC · staging 2026-11-18".to_owned(),
    };
    let style = if question.error.is_some() { theme.bad() } else { theme.dim() };
    let lines = wrap(&told, usize::from(area.width.min(66).saturating_sub(4)).max(10));
    let inside = popup(buffer, area, 66, lines.len() as u16 + 4, "what was in production on", theme);
    let today = app.now.format("%Y-%m-%d").to_string();
    question.input.draw(buffer, Rect { height: inside.height.min(1), ..inside }, true, &today, theme);
    for (row, line) in lines.into_iter().enumerate() {
        put(buffer, below(inside, 2), row as u16, &Line::styled(line, style));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_may_stand_before_the_time() {
        assert_eq!(parse(" 2026-11-18 ").unwrap(), (PRODUCTION, "2026-11-18T23:59:59.999Z".to_owned()));
        for text in ["staging 2026-11-18 09:12:00Z", "staging  2026-11-18T09:12:00Z"] {
            assert_eq!(parse(text).unwrap(), ("staging", "2026-11-18T09:12:00.000Z".to_owned()));
        }
        for text in ["", "yesterday", "2026-13-01", "2026-11-18 9", "production"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
