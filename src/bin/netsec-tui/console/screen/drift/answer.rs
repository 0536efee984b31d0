//! What happens when drift reports arrive.

use crate::console::app::App;
use crate::console::clean::clean;
use crate::console::gate::Dirty;
use crate::console::load::{Load, Notice, Pane, Tone};
use crate::console::msg::drift::{Answer, Drifted};
use crate::console::msg::{Effect, JobId};
use std::path::{Path, PathBuf};

/// Takes an answer; none when it is to a question that is no longer asked.
pub fn answer(app: &mut App, job: JobId, answer: Answer) -> Option<Vec<Effect>> {
    let drift = &mut app.drift;
    match answer {
        Answer::Compared(result) => {
            let asked = drift.prompt.as_ref().and_then(|prompt| prompt.asked.as_ref());
            if asked.is_some_and(|asked| asked.job == job) {
                chosen(app, result);
            } else {
                drift.live.accept(job, result).then_some(())?;
            }
            if let Some(drifted) = app.drift.live.ready() {
                app.drift.production.clone_from(&drifted.production);
            }
            app.drift.follow_selected();
        }
        Answer::Production(found) => {
            drift.asked.take_if(|asked| *asked == job)?;
            drift.production = found;
        }
        Answer::Kept(result) => {
            drift.past.as_mut()?.pane.accept(job, result).then_some(())?;
            drift.follow_selected();
        }
        Answer::Exported(result) => {
            drift.export.accept(job, result).then_some(())?;
            app.notice = match &app.drift.export.load {
                Load::Ready(paths) => Some(told(paths)),
                Load::Failed(notice) => Some(notice.clone()),
                _ => None,
            };
        }
    }
    app.mark(Dirty::Data);
    Some(Vec::new())
}

/// Other rows were asked for: they stand when they could be compared, and stay under the cursor when not.
fn chosen(app: &mut App, result: Result<Drifted, Notice>) {
    let drift = &mut app.drift;
    match (result, drift.prompt.take()) {
        (Ok(drifted), Some(prompt)) => {
            if let Some(asked) = prompt.asked {
                drift.sides = asked.sides;
            }
            drift.live = Pane { load: Load::Ready(drifted), ..Pane::default() };
            (drift.past, drift.history, drift.reading) = (None, None, None);
        }
        (Err(notice), Some(mut prompt)) => {
            (prompt.asked, prompt.error) = (None, Some(notice));
            drift.prompt = Some(prompt);
        }
        (_, None) => {}
    }
}

/// Where a report was written.
fn told(paths: &[PathBuf]) -> Notice {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let names: Vec<String> = paths.iter().map(name).collect();
    let notice = Notice::new(Tone::Good, format!("wrote {}", names.join(" and ")));
    match paths.first().and_then(|path| path.parent()).map(Path::display) {
        Some(dir) => notice.hint(clean(&format!("in {dir}"))),
        None => notice,
    }
}
