//! From where a model calls a row positive: the prompt that asks, and what is said about it.

use super::report::selected;
use crate::console::app::App;
use crate::console::clean::{clean, clean_short};
use crate::console::format::{score, threshold};
use crate::console::load::{Notice, Tone};
use crate::console::msg::Effect;
use crate::console::msg::runs::Ask;
use crate::console::widget::input::Input;
use crate::console::widget::{put, rule, split_top, tone};
use crossterm::event::KeyEvent;
use netsec::metrics::{THRESHOLD, Wish};
use netsec::pipeline::{ModelReport, Report};
use netsec::predict::{Choice, Chosen};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The line in which a threshold is asked for.
#[derive(Debug)]
pub struct Prompt {
    pub input: Input,
    /// Why the text is none.
    pub error: Option<&'static str>,
}

/// Rows that the prompt takes.
pub const PROMPT: u16 = 3;

/// What can be typed.
const FORMS: &str = "recall .95 · precision .98 · .37 · default";

/// What a text asks for.
pub fn parse(text: &str) -> Result<Choice, &'static str> {
    let text = text.trim().to_lowercase().replace('=', " ");
    let (word, rest) = text.split_once(' ').unwrap_or((&text, ""));
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| "a number from 0 to 1 belongs here, such as .95");
    match (word, rest) {
        ("", _) => Err("recall .95, precision .98, a number, or default"),
        ("default", "") => Ok(Choice::Default),
        ("recall", rest) => Ok(Choice::Wish(Wish::Recall(number(rest)?))),
        ("precision", rest) => Ok(Choice::Wish(Wish::Precision(number(rest)?))),
        (number, "") => number
            .parse()
            .map(Choice::At)
            .map_err(|_| "neither recall nor precision with a number, nor a number, nor default"),
        _ => Err("one wish at a time: recall .95, or precision .98"),
    }
}

/// Asks for a threshold of the selected model.
pub fn ask(app: &mut App) {
    if selected(app).is_none() {
        return app.say(Tone::Plain, "only a model of a finished run has a threshold");
    }
    if let Some(report) = &mut app.runs.report {
        report.prompt = Some(Prompt { input: Input::line(""), error: None });
    }
}

pub fn typed(app: &mut App, key: KeyEvent) {
    if let Some(prompt) = app.runs.report.as_mut().and_then(|r| r.prompt.as_mut()) {
        prompt.input.key(key);
        prompt.error = None;
    }
}

pub fn pasted(app: &mut App, text: &str) {
    if let Some(prompt) = app.runs.report.as_mut().and_then(|r| r.prompt.as_mut()) {
        prompt.input.paste(text);
        prompt.error = None;
    }
}

/// Sets what was typed; what cannot be read stays under the cursor.
pub fn submit(app: &mut App) -> Vec<Effect> {
    let (job, now) = (app.job(), app.now);
    let Some(family) = selected(app) else { return Vec::new() };
    let Some(report) = &mut app.runs.report else { return Vec::new() };
    let Some(prompt) = &mut report.prompt else { return Vec::new() };
    match parse(&prompt.input.text()) {
        Ok(choice) => {
            report.prompt = None;
            report.setting.restart(job, now);
            vec![Effect::Runs(job, Ask::SetThreshold(report.id.clone(), family, choice))]
        }
        Err(error) => {
            prompt.error = Some(error);
            Vec::new()
        }
    }
}

/// What a threshold gives, as said when it was set.
pub fn told(chosen: &Chosen, positive: &str) -> Notice {
    let from = format!("{} calls {} from {}", chosen.family.code(), clean(positive), threshold(chosen.threshold));
    let Some(folds) = chosen.folds else {
        return Notice::new(Tone::Warn, format!("{from}: no row on the folds reaches it"));
    };
    let notice = Notice::new(
        Tone::Good,
        format!("{from}: recall {}, precision {} on the folds", score(folds.recall), score(folds.precision)),
    );
    match chosen.holdout {
        Some(h) => notice.hint(format!("{} and {} on the hold-out", score(h.recall), score(h.precision))),
        None => notice,
    }
}

/// The selected model's threshold in a line; none while it is the default one.
pub fn line(app: &App, chosen: Option<&Chosen>) -> Option<Line<'static>> {
    let theme = &app.theme;
    let chosen = chosen.filter(|c| c.threshold != THRESHOLD)?;
    let holdout = chosen.holdout.map_or_else(
        || ": no row of the hold-out reaches it".to_owned(),
        |p| format!(": hold-out recall {}, precision {}", score(p.recall), score(p.precision)),
    );
    let wish = match chosen.wish {
        Some(Wish::Recall(value)) => format!(" · wished recall {}", threshold(value)),
        Some(Wish::Precision(value)) => format!(" · wished precision {}", threshold(value)),
        None => String::new(),
    };
    Some(Line::from(vec![
        Span::styled(" threshold ", theme.dim()),
        Span::styled(threshold(chosen.threshold), theme.accent()),
        Span::raw(holdout),
        Span::styled(wish, theme.dim()),
    ]))
}

/// The threshold at which the report's own numbers were counted, where the model has another one by now.
pub fn counted_at(model: &ModelReport, chosen: Option<&Chosen>) -> Option<String> {
    let differs = chosen.is_some_and(|c| c.threshold != model.test.threshold);
    differs.then(|| format!("at threshold {}", threshold(model.test.threshold)))
}

/// Draws the prompt; the rest of the area comes back.
pub fn draw(app: &App, prompt: &Prompt, model: &ModelReport, report: &Report, buffer: &mut Buffer, area: Rect) -> Rect {
    let theme = &app.theme;
    let (place, rest) = split_top(area, PROMPT);
    let title = format!("threshold of {}", model.family.name().replace('_', " "));
    let body = rule(buffer, place, &title, "chosen on the folds", true, theme);
    let label = format!(" {} from  ", clean_short(&report.positive, 14));
    let before = (label.chars().count() as u16).min(body.width);
    put(buffer, body, 0, &Line::styled(label, theme.dim()));
    let field = Rect { x: body.x + before, width: body.width.saturating_sub(before + 1), height: 1, ..body };
    prompt.input.draw(buffer, field, true, "recall .95", theme);
    let hint = match prompt.error {
        Some(error) => Line::styled(format!(" ✗ {error}"), tone(theme, Tone::Bad)),
        None => Line::styled(format!(" {FORMS}"), theme.dim()),
    };
    put(buffer, body, 1, &hint);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use netsec::event::Family;
    use netsec::metrics::CurvePoint;

    #[test]
    fn wishes_numbers_and_the_default_are_understood() {
        assert_eq!(parse("recall .95"), Ok(Choice::Wish(Wish::Recall(0.95))));
        assert_eq!(parse(" Precision=0.98 "), Ok(Choice::Wish(Wish::Precision(0.98))));
        assert_eq!(parse(".37"), Ok(Choice::At(0.37)));
        assert_eq!(parse("default"), Ok(Choice::Default));
        for wrong in ["", "recall", "recall high", "recall .9 precision .9", ".9 .8", "most", "default 3"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_threshold_that_was_set_is_told_with_what_it_gives() {
        let point = |precision, recall| Some(CurvePoint { threshold: 0.37, precision, recall });
        let chosen = Chosen {
            family: Family::GradientBoosting,
            threshold: 0.37,
            wish: None,
            folds: point(0.921, 0.951),
            holdout: point(0.917, 0.948),
        };
        let notice = told(&chosen, "phishing");
        assert_eq!(notice.headline, "GB calls phishing from .37: recall .951, precision .921 on the folds");
        assert_eq!(notice.hint.unwrap(), ".948 and .917 on the hold-out");
        let notice = told(&Chosen { threshold: 1.0, folds: None, holdout: None, ..chosen }, "phishing");
        assert_eq!(notice.tone, Tone::Warn);
    }
}
