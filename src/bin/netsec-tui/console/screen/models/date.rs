//! What was in use at a time: the field that asks for it, and the answer.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::load::Tone;
use crate::console::widget::input::Input;
use crate::console::widget::popup::popup;
use crate::console::widget::{below, put};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use netsec::promote::PRODUCTION;
use netsec::registry::Ledger;
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

/// The alias and the time that a text names; a day alone is the whole day: its beginning and its end.
fn parse(text: &str) -> Option<(String, Option<DateTime<Utc>>, DateTime<Utc>)> {
    let text = text.trim();
    let (alias, text) = match text.split_once(' ') {
        Some((word, rest)) if !word.starts_with(|c: char| c.is_ascii_digit()) => (word, rest.trim()),
        _ => (PRODUCTION, text),
    };
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let begin = day.and_time(NaiveTime::MIN).and_utc();
        return Some((alias.to_owned(), Some(begin), begin + TimeDelta::days(1) - TimeDelta::milliseconds(1)));
    }
    let plain = text.trim_end_matches('Z').replace('T', " ");
    let forms = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f"];
    let at = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(&plain, form).ok())?;
    Some((alias.to_owned(), None, at.and_utc()))
}

/// As the ledger writes times: they are compared as text.
fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// What was in use, in one line, and the entry that made it so.
fn told(ledger: &Ledger, alias: &str, begin: Option<DateTime<Utc>>, at: DateTime<Utc>) -> (String, Option<u32>) {
    let when = match begin {
        Some(_) => at.format("%Y-%m-%d, end of day").to_string(),
        None => at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
    };
    let name = clean(alias);
    let Some(entry) = ledger.holder_at(alias, &written(at)) else {
        return (format!("{when}: nothing was in {name}"), None);
    };
    let since = clean(entry.at.get(..16).unwrap_or(&entry.at)).replace('T', " ");
    let mut text = format!("{when}: v{} in {name} since {since}, entry {:06}", entry.version, entry.n);
    let before = begin.and_then(|begin| ledger.holder_at(alias, &written(begin)));
    if let (Some(_), true) = (begin, before.is_none_or(|before| before.n != entry.n)) {
        text.push_str(&match before {
            Some(before) => format!("; that day began with v{}", before.version),
            None => "; that day began with none".to_owned(),
        });
    }
    (text, Some(entry.n))
}

/// Answers, and puts the cursor on the entry that made it so.
pub fn submit(app: &mut App) {
    let Some(question) = &mut app.models.question else { return };
    let Some((alias, begin, at)) = parse(&question.input.text()) else {
        question.error = Some("type a day, 2026-11-18, or a time in UTC, 2026-11-18 09:12".to_owned());
        return;
    };
    let Some(overview) = app.models.overview.ready() else { return };
    if !overview.ledger.aliases().contains(alias.as_str()) && alias != PRODUCTION {
        question.error = Some(format!("the ledger has no alias {}", clean(&alias)));
        return;
    }
    let (text, entry) = told(&overview.ledger, &alias, begin, at);
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
    let inside = popup(buffer, area, 66, 5, "what was in production on", theme);
    let today = app.now.format("%Y-%m-%d").to_string();
    question.input.draw(buffer, Rect { height: inside.height.min(1), ..inside }, true, &today, theme);
    let line = match &question.error {
        Some(error) => Line::styled(format!("✗ {error}"), theme.bad()),
        None => Line::styled("2026-11-18 · 2026-11-18 09:12 in UTC · staging 2026-11-18", theme.dim()),
    };
    put(buffer, below(inside, 2), 0, &line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_as_utc() {
        let (alias, begin, at) = parse("2026-11-18").unwrap();
        assert_eq!(alias, PRODUCTION);
        assert_eq!(written(begin.unwrap()), "2026-11-18T00:00:00.000Z");
        assert_eq!(written(at), "2026-11-18T23:59:59.999Z");
        for text in ["staging 2026-11-18 09:12", "staging 2026-11-18T09:12:00Z", " staging  2026-11-18T09:12:00.000Z "]
        {
            let (alias, begin, at) = parse(text).unwrap();
            assert_eq!((alias.as_str(), begin, written(at).as_str()), ("staging", None, "2026-11-18T09:12:00.000Z"));
        }
        for text in ["", "yesterday", "2026-13-01", "2026-11-18 9", "production"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
