//! Scoring a file into another one: the form that asks for both, and the line that tells how far it is.

use crate::console::app::{App, Decision, Overlay};
use crate::console::clean::{clean, clean_short};
use crate::console::format::{count, plural, share};
use crate::console::jobs::State;
use crate::console::keymap::Action;
use crate::console::load::{Notice, Tone};
use crate::console::msg::predict::{Ask, Batched};
use crate::console::msg::{Effect, JobId};
use crate::console::widget::input::Input;
use crate::console::widget::{below, notice_line, put, rule};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// The form.
#[derive(Debug)]
pub struct Form {
    pub input: Input,
    pub output: Input,
    /// Whether the output is typed, rather than the input.
    pub second: bool,
}

impl Form {
    pub fn field(&mut self) -> &mut Input {
        if self.second { &mut self.output } else { &mut self.input }
    }
}

/// What there is of it.
#[derive(Debug, Default)]
pub struct Batch {
    pub form: Option<Form>,
    /// The one that goes on.
    pub job: Option<JobId>,
    /// How the last one ended.
    pub told: Option<Notice>,
}

/// Where the scored rows go when no other file is named: beside the input.
fn beside(input: &str) -> String {
    let input = input.trim().trim_matches(['\'', '"']);
    let stem = match input.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') && !stem.is_empty() => stem,
        _ => input,
    };
    format!("{stem}.scored.csv")
}

pub fn ask(app: &mut App) {
    if app.predict.batch.job.is_some() {
        return app.say(Tone::Plain, "a batch is on its way: x stops it");
    }
    if app.predict.model.ready().is_none() {
        return app.say(Tone::Warn, "there is no model to score with yet");
    }
    app.predict.batch.form = Some(Form { input: Input::line(""), output: Input::line(""), second: false });
}

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    let Some(form) = &mut app.predict.batch.form else { return Vec::new() };
    match action {
        Action::Pane => form.second = !form.second,
        Action::Submit if form.input.is_empty() => {
            form.second = false;
            app.say(Tone::Plain, "type the path of the file first");
        }
        Action::Submit if !form.second => {
            if form.output.is_empty() {
                form.output = Input::line(&beside(&form.input.text()));
            }
            form.second = true;
        }
        Action::Submit => return start(app),
        _ => {}
    }
    Vec::new()
}

fn start(app: &mut App) -> Vec<Effect> {
    let Some((source, family)) = app.predict.model.ready().map(|m| (m.source(), m.family)) else { return Vec::new() };
    let Some(form) = app.predict.batch.form.take() else { return Vec::new() };
    let input = form.input.text();
    let output = if form.output.is_empty() { beside(&input) } else { form.output.text() };
    let job = app.begin(format!("score {input} into {output}"));
    app.predict.batch.job = Some(job);
    app.predict.batch.told = None;
    vec![Effect::Predict(job, Ask::Batch { source, family, input, output })]
}

/// Asks whether the batch is to be stopped.
pub fn ask_to_stop(app: &mut App) {
    match app.predict.batch.job {
        Some(job) => {
            app.overlay = Some(Overlay::Confirm {
                question: "Stop the batch?".to_owned(),
                detail: "what was scored is dropped: no file is written".to_owned(),
                decision: Decision::StopJob(job),
            });
        }
        None => app.say(Tone::Plain, "no batch is on its way"),
    }
}

/// It was stopped: no answer comes.
pub fn stopped(app: &mut App, job: JobId, notice: &Notice) {
    if app.predict.batch.job == Some(job) {
        app.predict.batch.job = None;
        app.predict.batch.told = Some(notice.clone().hint("no file was written"));
    }
}

/// Takes its end; false when it was stopped before.
pub fn ended(app: &mut App, job: JobId, result: Result<Box<Batched>, Notice>) -> bool {
    if app.predict.batch.job != Some(job) {
        return false;
    }
    app.predict.batch.job = None;
    let (state, told) = match result {
        Ok(done) => (State::Done, summary(app, &done)),
        Err(notice) => (State::Failed(notice.clone()), notice),
    };
    app.jobs.end(job, state, app.now);
    // Elsewhere the footer tells it.
    if app.screen != crate::console::app::Screen::Predict {
        app.notice = Some(told.clone());
    }
    app.predict.batch.told = Some(told);
    true
}

/// What became of the rows, in a line.
fn summary(app: &App, done: &Batched) -> Notice {
    let n = done.summary;
    let label = app.predict.model.ready().map_or("positive", |m| m.schema.label(true));
    let part = if n.rows > 0 { n.positive as f64 / n.rows as f64 } else { 0.0 };
    let mut text =
        format!("{} scored, {} {} ({})", plural(n.rows, "row"), count(n.positive), clean(label), share(part));
    if n.not_scored > 0 {
        text.push_str(&format!(", {} not scored", count(n.not_scored)));
    }
    if n.out_of_domain > 0 {
        text.push_str(&format!(", {} refused", plural(n.out_of_domain, "value")));
    }
    let tone = if n.not_scored + n.out_of_domain > 0 { Tone::Warn } else { Tone::Good };
    Notice::new(tone, text).hint(done.output.display().to_string())
}

/// Rows that the line takes.
pub fn height(app: &App) -> u16 {
    u16::from(app.predict.batch.job.is_some() || app.predict.batch.told.is_some())
}

/// The line: how far it is, or how it ended.
pub fn draw_line(app: &App, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let batch = &app.predict.batch;
    if let Some(job) = app.jobs.list.iter().find(|job| Some(job.id) == batch.job) {
        let (done, total) = job.progress;
        let part = total
            .filter(|all| *all > 0)
            .map_or_else(String::new, |all| format!(" · about {}", share(done as f64 / all as f64)));
        let line = Line::from(vec![
            Span::styled(format!(" {} ", theme.spinner(app.spin)), theme.accent()),
            Span::raw(clean_short(&job.what, usize::from(area.width.saturating_sub(46)))),
            Span::styled(format!("   {}{part}   ", plural(done, "row")), theme.dim()),
            Span::styled("x", theme.key()),
            Span::styled(" stops", theme.dim()),
        ]);
        put(buffer, area, 0, &line);
    } else if let Some(told) = &batch.told {
        put(buffer, area, 0, &notice_line(told, theme));
    }
}

/// The form, below the verdict.
pub fn draw_form(app: &App, form: &Form, buffer: &mut Buffer, area: Rect) {
    let theme = &app.theme;
    let body = rule(buffer, area, "batch: score a file", "CSV, ARFF, Parquet, JSON lines in; CSV out", true, theme);
    for (row, (label, input, at)) in
        [("from", &form.input, !form.second), ("into", &form.output, form.second)].into_iter().enumerate()
    {
        let style = if at { theme.accent() } else { theme.dim() };
        put(buffer, body, row as u16, &Line::styled(format!(" {label} "), style));
        let line = below(body, row as u16);
        let field = Rect {
            x: line.x + 6.min(line.width),
            width: line.width.saturating_sub(7),
            height: line.height.min(1),
            ..line
        };
        input.draw(buffer, field, at, if row == 0 { "path of the file" } else { "path of a new file" }, theme);
    }
    for (row, text) in [
        "Rows are written as they came, with prediction, verdict and probability.",
        if app.around.read_only {
            "What cannot be scored is marked and counted. Nothing is logged: the console is read-only."
        } else {
            "What cannot be scored is marked and counted. Predictions are logged."
        },
        "It runs in the background; the other screens can be used meanwhile.",
    ]
    .into_iter()
    .enumerate()
    {
        put(buffer, body, 3 + row as u16, &Line::styled(format!(" {text}"), theme.dim()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_lies_beside_the_input() {
        for (input, output) in [
            ("rows.csv", "rows.scored.csv"),
            ("'/data.d/rows'", "/data.d/rows.scored.csv"),
            ("a.b.parquet", "a.b.scored.csv"),
            (".csv", ".csv.scored.csv"),
        ] {
            assert_eq!(beside(input), output);
        }
    }
}
